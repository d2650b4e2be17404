//! Paths of ours as URIs and back, as text. Called by `snapshot` and `lsp`. Only the scheme `file` has paths.

use std::ffi::OsString;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, percent_encode};

/// What of a path a URI may hold as it is.
const PLAIN: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~').remove(b'/');

/// The URI of an absolute path, as text.
pub fn text_from_path(path: &Path) -> String {
    format!("file://{}", percent_encode(path.as_os_str().as_bytes(), PLAIN))
}

/// The path of a `file` URI on this machine, not yet resolved.
pub fn to_path(uri: &str) -> Option<PathBuf> {
    let (scheme, rest) = uri.split_once(':')?;
    if !scheme.eq_ignore_ascii_case("file") {
        return None;
    }
    let rest = rest.split(['?', '#']).next().unwrap_or_default();
    let path = match rest.strip_prefix("//") {
        Some(rest) => {
            let start = rest.find('/')?;
            let host = &rest[..start];
            (host.is_empty() || host.eq_ignore_ascii_case("localhost")).then(|| &rest[start..])?
        }
        None => rest,
    };
    path.starts_with('/').then(|| PathBuf::from(OsString::from_vec(percent_decode_str(path).collect())))
}
