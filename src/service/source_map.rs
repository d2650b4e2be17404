//! A place in JavaScript that a compiler wrote → the place in what it was written from, by the map beside it. Called by `run`.
//! Does not know: traces, languages.

use std::fs;
use std::path::{Component, Path, PathBuf};

use oxc_sourcemap::SourceMap;

use crate::engine::{ColumnUnit, Place, Position, Problem};

/// A larger file is neither read for its last line nor as a map.
const LARGEST: u64 = 16 * 1024 * 1024;

/// Follows every place of a problem to a source under `root`, where there is a map. Reads files.
pub(super) fn follow(problem: &mut Problem, root: &Path) {
    let related = problem.related.iter_mut().map(|related| &mut related.place);
    for place in problem.place.iter_mut().chain(related) {
        if let Some(source) = source(place, root) {
            *place = source;
        }
    }
}

fn source(place: &Place, root: &Path) -> Option<Place> {
    let is_script =
        place.path.extension().is_some_and(|kind| ["cjs", "js", "mjs"].iter().any(|js| kind == *js));
    if !is_script {
        return None;
    }
    let map_path = map_of(&place.path)?;
    let text = text(&map_path)?;
    let map = SourceMap::from_json_string(&text).ok()?;
    // Maps count from 0.
    let (line, column) =
        (place.start.line.checked_sub(1)?, place.start.column.unwrap_or(1).saturating_sub(1));
    let token = map.lookup_token(&map.generate_lookup_table(), line, column)?;
    let named = map.get_source(token.get_source_id()?)?;
    let path = resolved(named, map.get_source_root().unwrap_or_default(), &map_path, root)?;
    let start = Position {
        line: token.get_src_line() + 1,
        column: place.start.column.is_some().then(|| token.get_src_col() + 1),
    };
    Some(Place { path, start, end: None, unit: ColumnUnit::Utf16 })
}

/// The map that the last line of a script names, else the one of its own name.
fn map_of(script: &Path) -> Option<PathBuf> {
    let text = text(script)?;
    let named =
        text.trim_end().rsplit('\n').next().and_then(|last| last.strip_prefix("//# sourceMappingURL="));
    match named {
        // One that is written into the script is not read.
        Some(named) if named.starts_with("data:") => None,
        Some(named) => Some(script.parent()?.join(named.trim())),
        None => Some(PathBuf::from(format!("{}.map", script.to_str()?))),
    }
}

fn text(path: &Path) -> Option<String> {
    let is_readable = path.metadata().is_ok_and(|metadata| metadata.is_file() && metadata.len() <= LARGEST);
    if is_readable { fs::read_to_string(path).ok() } else { None }
}

/// A source as a map names it, if it is a file of the project. Bundlers name it relative to the root.
fn resolved(named: &str, source_root: &str, map: &Path, root: &Path) -> Option<PathBuf> {
    let bundled = named.strip_prefix("webpack://").and_then(|rest| rest.split_once('/'));
    let (base, relative) = match bundled {
        Some((_, rest)) => (root, Path::new(rest).to_owned()),
        None => (map.parent()?, Path::new(source_root).join(named.strip_prefix("file://").unwrap_or(named))),
    };
    let mut path = PathBuf::new();
    for part in base.join(relative).components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => drop(path.pop()),
            Component::Normal(_) | Component::RootDir | Component::Prefix(_) => path.push(part),
        }
    }
    (path.starts_with(root) && path.is_file()).then_some(path)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::Severity;

    /// What `tsc` 5.9 made of `src/main.ts` with `sourceMap`: the throw is in line 4 there.
    const SCRIPT: &str = "\"use strict\";\nfunction open(shop) {\n    throw new Error(shop.name);\n}\nopen({ name: \"corner\" });\n//# sourceMappingURL=main.js.map";
    const MAP: &str = r#"{"version":3,"file":"main.js","sourceRoot":"","sources":["../src/main.ts"],"names":[],"mappings":";AAEA,SAAS,IAAI,CAAC,IAAU;IACtB,MAAM,IAAI,KAAK,CAAC,IAAI,CAAC,IAAI,CAAC,CAAC;AAC7B,CAAC;AACD,IAAI,CAAC,EAAE,IAAI,EAAE,QAAQ,EAAE,CAAC,CAAC"}"#;

    #[test]
    fn a_place_in_a_script_is_one_in_its_source() {
        let directory = tempfile::tempdir().unwrap();
        let root = directory.path();
        for (path, text) in [("dist/main.js", SCRIPT), ("dist/main.js.map", MAP), ("src/main.ts", "")] {
            fs::create_dir_all(root.join(path).parent().unwrap()).unwrap();
            fs::write(root.join(path), text).unwrap();
        }
        let place = |path: &str, line, column| Place {
            path: root.join(path),
            start: Position { line, column: Some(column) },
            end: None,
            unit: ColumnUnit::Utf16,
        };
        let followed = |place: Place| {
            let mut problem = Problem::new(Severity::Error, "node", "Error: shop").at(place);
            follow(&mut problem, root);
            problem.place.unwrap()
        };
        assert_eq!(followed(place("dist/main.js", 3, 11)), place("src/main.ts", 4, 9));
        assert_eq!(followed(place("dist/main.js", 5, 1)), place("src/main.ts", 6, 1));
        assert_eq!(followed(place("dist/other.js", 3, 11)), place("dist/other.js", 3, 11));
        fs::remove_file(root.join("src/main.ts")).unwrap();
        assert_eq!(followed(place("dist/main.js", 3, 11)), place("dist/main.js", 3, 11), "nothing to show");
    }

    #[test]
    fn a_bundler_names_sources_by_the_root() {
        let directory = tempfile::tempdir().unwrap();
        let root = directory.path();
        fs::create_dir(root.join("src")).unwrap();
        fs::write(root.join("src/main.ts"), "").unwrap();
        let map = root.join("dist/main.js.map");
        let found = resolved("webpack://shop/./src/main.ts", "", &map, root);
        assert_eq!(found, Some(root.join("src/main.ts")));
        assert_eq!(resolved("../../outside.ts", "", &map, root), None);
    }
}
