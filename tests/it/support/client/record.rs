//! What a client and its server said. Called by `client` only.

use std::collections::VecDeque;
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::{Value, json};

/// The conversation: its last messages for failures, and all of it in a file if somebody wants that.
pub(super) struct Record {
    file: Option<Mutex<std::fs::File>>,
    last: Mutex<VecDeque<String>>,
}

impl Record {
    pub(super) fn open() -> Self {
        static NUMBER: AtomicUsize = AtomicUsize::new(0);
        let file = std::env::var_os("RELOAD_LSP_RECORD").map(|directory| {
            let test = std::thread::current().name().unwrap_or("test").replace("::", "-");
            let number = NUMBER.fetch_add(1, Ordering::Relaxed);
            let path = Path::new(&directory).join(format!("{test}-{number}.jsonl"));
            Mutex::new(std::fs::File::create(path).expect("the directory for recordings exists"))
        });
        Self { file, last: Mutex::default() }
    }

    pub(super) fn add(&self, direction: &str, message: &Value) {
        let line = json!({ "dir": direction, "msg": message }).to_string();
        if let Some(file) = &self.file {
            let mut file = file.lock().expect("no test panics in there");
            writeln!(file, "{line}").expect("a recording can be written");
        }
        let mut last = self.last.lock().expect("no test panics in there");
        last.push_back(line.chars().take(2000).collect());
        if last.len() > 40 {
            last.pop_front();
        }
    }

    /// The last messages, for people.
    pub(super) fn tail(&self) -> String {
        let mut text = String::from("the last messages were:\n");
        for line in self.last.lock().expect("no test panics in there").iter() {
            let _ = writeln!(text, "{line}");
        }
        text
    }
}
