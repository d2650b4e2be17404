//! Any bytes as the output of a build: nothing panics, and no problem is without words. The first byte chooses the format,
//! the second how the rest is cut into chunks.
#![no_main]

use std::path::Path;

use libfuzzer_sys::fuzz_target;
use reload_lsp::build::parse::{Dirs, Hints, Parser, names};
use reload_lsp::output::Stream;

fuzz_target!(|bytes: &[u8]| {
    let [format, chunk, text @ ..] = bytes else { return };
    let names = names();
    // One more than there are: all of them at once.
    let formats: Vec<_> = names.get(*format as usize % (names.len() + 1)).map(|name| (*name).to_owned()).into_iter().collect();
    let hints = Hints { formats, ..Hints::default() };
    let dirs = Dirs { root: "/project".into(), dir: "/project/app".into() };
    let mut parser = Parser::new(&hints, dirs, |path: &Path| path.extension().is_some());
    let mut problems = Vec::new();
    for piece in text.chunks(usize::from(*chunk) + 1) {
        problems.extend(parser.feed(Stream::Stderr, piece).problems);
    }
    problems.extend(parser.finish(Stream::Stderr).problems);
    assert!(problems.iter().all(|problem| !problem.message.is_empty()), "{problems:?}");
});
