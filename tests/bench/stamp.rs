//! The build and the service of the benchmark: a program that does nothing but say when it began, and with what.
//! Compiled by `project`, started by reload-lsp. Not a part of the benchmark's own binary.
//!
//! `stamp build LOG SOURCE OUT` copies SOURCE to OUT; `stamp look LOG SOURCE` does not even that.
//! `stamp run LOG OUT` says that it is ready and stays; so does `stamp serve LOG SOURCE`. Each appends one line to LOG: `build|run CONTENT BEGAN READY`, the times in nanoseconds since 1970.

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::time::{SystemTime, UNIX_EPOCH};

fn nanoseconds() -> u128 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_nanos())
}

fn main() -> io::Result<()> {
    let began = nanoseconds();
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words[..] {
        ["build", log, source, out] => {
            let content = fs::read_to_string(source)?;
            fs::write(out, &content)?;
            note(log, "build", &content, began)
        }
        ["look", log, source] => note(log, "build", &fs::read_to_string(source)?, began),
        ["run" | "serve", log, out] => {
            note(log, "run", &fs::read_to_string(out)?, began)?;
            println!("ready");
            loop {
                std::thread::park();
            }
        }
        _ => Err(io::Error::other("usage: stamp build LOG SOURCE OUT | look LOG SOURCE | run LOG OUT | serve LOG SOURCE")),
    }
}

/// One line in one write, so that lines of several processes never mix.
fn note(log: &str, what: &str, content: &str, began: u128) -> io::Result<()> {
    let line = format!("{what} {} {began} {}\n", content.trim(), nanoseconds());
    OpenOptions::new().append(true).create(true).open(log)?.write_all(line.as_bytes())
}
