//! Writes every text of `tests/fixtures/output` as a first input of `output`, read as the tool of its folder, into `corpus/output`.
#![allow(clippy::unwrap_used, reason = "nobody depends on it")]

use std::fs;
use std::path::Path;

use reload_lsp::build::parse::names;

fn main() {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let corpus = here.join("corpus/output");
    fs::create_dir_all(&corpus).unwrap();
    let names = names();
    let mut count = 0;
    for tool in fs::read_dir(here.join("../tests/fixtures/output")).unwrap().map(|tool| tool.unwrap()) {
        if !tool.path().is_dir() {
            continue;
        }
        let name = tool.file_name().into_string().unwrap();
        let format = names.iter().position(|known| *known == name).unwrap_or(names.len());
        for case in fs::read_dir(tool.path()).unwrap().map(|case| case.unwrap().path()) {
            if case.extension().is_some_and(|kind| kind == "txt") {
                // The second byte: in one piece, as far as 256 bytes are one.
                let mut input = vec![u8::try_from(format).unwrap(), 255];
                input.extend(fs::read(&case).unwrap());
                let file = format!("{name}-{}", case.file_stem().unwrap().display());
                fs::write(corpus.join(file), input).unwrap();
                count += 1;
            }
        }
    }
    println!("{count} inputs in {}", corpus.display());
}
