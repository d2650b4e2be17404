//! URIs of the client and paths of ours. Called by all of `lsp`. Only the scheme `file` has paths.
//! Does not know: sessions.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use serde_json::Value;

use super::types::Uri;
pub use crate::snapshot::uri::{text_from_path, to_path};

/// The members of LSP's objects that hold URIs.
const MEMBERS: [&str; 5] = ["uri", "rootUri", "scopeUri", "oldUri", "newUri"];

/// The URI of an absolute path.
pub(super) fn from_path(path: &Path) -> Uri {
    Uri::from_str(&text_from_path(path)).expect("every byte that a URI cannot hold is encoded")
}

/// The path with every symlink resolved; of a file that is gone, that of its directory with its name.
pub fn canonical(path: &Path) -> PathBuf {
    if let Ok(path) = path.canonicalize() {
        return path;
    }
    match (path.parent(), path.file_name()) {
        (Some(parent), Some(name)) => {
            parent.canonicalize().map_or_else(|_| path.to_owned(), |parent| parent.join(name))
        }
        _ => path.to_owned(),
    }
}

/// Encodes what clients leave unencoded in URIs (a space, a bracket), wherever a message has one. Otherwise the message
/// would be refused for it.
pub fn encode_all(value: &mut Value) {
    match value {
        Value::Object(members) => {
            for (name, value) in members.iter_mut() {
                match value {
                    Value::String(text) if MEMBERS.contains(&name.as_str()) => {
                        if let Some(encoded) = encode(text) {
                            *text = encoded;
                        }
                    }
                    Value::Object(_) | Value::Array(_) => encode_all(value),
                    Value::String(_) | Value::Null | Value::Bool(_) | Value::Number(_) => {}
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(encode_all),
        Value::String(_) | Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// The URI with everything encoded that a URI cannot hold; `None` if there is nothing to do.
fn encode(uri: &str) -> Option<String> {
    let bytes = uri.as_bytes();
    let is_escape =
        |at: usize| bytes.get(at + 1..at + 3).is_some_and(|two| two.iter().all(u8::is_ascii_hexdigit));
    let is_kept = |at: usize| match bytes[at] {
        b'%' => is_escape(at),
        byte => byte.is_ascii_alphanumeric() || b"-._~:/?#@!$&'()*+,;=".contains(&byte),
    };
    if (0..bytes.len()).all(is_kept) {
        return None;
    }
    let mut text = String::new();
    for (at, &byte) in bytes.iter().enumerate() {
        if is_kept(at) {
            text.push(char::from(byte));
        } else {
            let _ = write!(text, "%{byte:02X}");
        }
    }
    Some(text)
}

#[cfg(test)]
mod tests {
    use std::ffi::OsString;
    use std::os::unix::ffi::OsStringExt;

    use super::*;
    use serde_json::json;

    #[test]
    fn only_files_of_this_machine_have_paths() {
        for (uri, path) in [
            ("file:///a/b%20c", Some("/a/b c")),
            ("file:///a/b c", Some("/a/b c")),
            ("FILE://localhost/a", Some("/a")),
            ("file:/a", Some("/a")),
            ("file:///a%2", Some("/a%2")),
            ("file:///%C3%A4", Some("/ä")),
            ("file://elsewhere/a", None),
            ("git:/a/b.rs?ref", None),
            ("oil:///a/", None),
            ("vscode-notebook-cell:/a/b.ipynb#C1", None),
            ("untitled:Untitled-1", None),
            ("", None),
        ] {
            assert_eq!(to_path(uri), path.map(PathBuf::from), "{uri}");
        }
    }

    #[test]
    fn every_path_survives_the_way_to_the_client_and_back() {
        for path in ["/a/b c", "/ä/😀", "/[x]/{y}", "/a%20b", "/a#b?c"] {
            let uri = from_path(Path::new(path));
            assert_eq!(to_path(uri.as_str()), Some(PathBuf::from(path)));
        }
        let bytes = PathBuf::from(OsString::from_vec(b"/a\xff".to_vec()));
        assert_eq!(to_path(from_path(&bytes).as_str()), Some(bytes));
    }

    #[test]
    fn an_unencoded_space_is_encoded_before_anything_is_parsed() {
        let mut message = json!({ "textDocument": { "uri": "file:///a b/[c].rs" }, "text": "a b" });
        encode_all(&mut message);
        let uri = message["textDocument"]["uri"].as_str().unwrap();
        assert_eq!(uri, "file:///a%20b/%5Bc%5D.rs");
        assert!(Uri::from_str(uri).is_ok());
        assert_eq!(message["text"], "a b");
    }
}
