//! Which folders the client has open, and the session of each root. Called by `handlers` and `commands`.
//! Does not know: what sessions do.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use tokio::sync::Notify;
use tokio::task::AbortHandle;

use super::types::InitializeParams;
use super::uri;
use crate::session::Handle;

/// One root with its session.
#[derive(Debug)]
pub(super) struct Root {
    /// Symlinks resolved.
    pub path: PathBuf,
    /// The folders of the client that lead here, as the client names them.
    pub folders: Vec<PathBuf>,
    /// Its session.
    pub session: Handle,
    /// Asks the person about the plan once more.
    pub ask_again: Arc<Notify>,
    /// What tells the client of the session.
    pub worker: AbortHandle,
}

/// All roots, in the order of the client's folders.
#[derive(Debug, Default)]
pub(super) struct Roots {
    /// The living ones.
    pub open: Vec<Root>,
    /// Sessions whose folders were closed, until they have ended.
    leaving: Vec<(PathBuf, Handle)>,
    /// Folders that were opened again before the old session of their root had ended.
    returning: Vec<PathBuf>,
    /// Whether everything ends: from now on nothing is opened.
    pub is_over: bool,
}

/// The folders of an `initialize`: `workspaceFolders`, else `rootUri`, else `rootPath`, else where we were started.
pub(super) fn folders(params: &InitializeParams, cwd: &Path) -> Vec<PathBuf> {
    let folders = params.workspace_folders.iter().flatten();
    let folders: Vec<_> = folders.filter_map(|folder| uri::to_path(folder.uri.as_str())).collect();
    if !folders.is_empty() {
        return folders;
    }
    #[expect(deprecated, reason = "some clients send nothing else")]
    let (root_uri, root_path) = (params.root_uri.as_ref(), params.root_path.as_ref());
    // The top of the disk is what editors name that know of no folder (Helix).
    let is_folder = |path: &PathBuf| path.is_absolute() && path.parent().is_some();
    let root_uri = root_uri.and_then(|root| uri::to_path(root.as_str())).filter(is_folder);
    let root_path = || root_path.map(PathBuf::from).filter(is_folder);
    vec![root_uri.or_else(root_path).unwrap_or_else(|| cwd.to_owned())]
}

impl Roots {
    /// The root with this path.
    pub(super) fn at(&mut self, path: &Path) -> Option<&mut Root> {
        self.open.iter_mut().find(|root| root.path == path)
    }

    /// The innermost root that has `path` in it; symlinks of `path` resolved.
    pub(super) fn containing(&self, path: &Path) -> Option<&Root> {
        let containing = self.open.iter().filter(|root| path.starts_with(&root.path));
        containing.max_by_key(|root| root.path.components().count())
    }

    /// The roots that a save of `path` may concern: the innermost that has it in it, and those that have not, whose builds may
    /// read it all the same.
    pub(super) fn concerned(&self, path: &Path) -> impl Iterator<Item = &Root> {
        let innermost = self.containing(path).map(|root| &root.path);
        self.open.iter().filter(move |root| Some(&root.path) == innermost || !path.starts_with(&root.path))
    }

    /// The session of a root whose folder was closed and that has not ended yet: a new one has to wait for it.
    pub(super) fn leaving(&mut self, path: &Path) -> Option<Handle> {
        self.leaving.retain(|(_, session)| !session.picture().borrow().ended);
        self.leaving.iter().find(|(root, _)| root == path).map(|(_, session)| session.clone())
    }

    /// Keeps a session until it has ended.
    pub(super) fn see_off(&mut self, root: Root) {
        self.leaving.push((root.path, root.session));
    }

    /// Keeps a folder until the old session of its root has ended.
    pub(super) fn wait_to_return(&mut self, folder: PathBuf) {
        self.returning.push(folder);
    }

    /// Takes a folder that waited. False if it was closed in the meantime.
    pub(super) fn returns(&mut self, folder: &Path) -> bool {
        let at = self.returning.iter().position(|waiting| waiting == folder);
        at.map(|at| self.returning.remove(at)).is_some()
    }

    /// Takes a folder away. The root is returned when it was the last folder that leads there.
    pub(super) fn leave(&mut self, folder: &Path) -> Option<Root> {
        if self.returns(folder) {
            return None;
        }
        let at = self.open.iter().position(|root| root.folders.iter().any(|known| known == folder))?;
        let root = &mut self.open[at];
        root.folders.retain(|known| known != folder);
        root.folders.is_empty().then(|| self.open.remove(at))
    }

    /// Every session that may still live.
    pub(super) fn sessions(&self) -> Vec<Handle> {
        self.open
            .iter()
            .map(|root| root.session.clone())
            .chain(self.leaving.iter().map(|(_, session)| session.clone()))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_client_names_its_folders_in_one_of_four_ways() {
        for (params, expected) in [
            (
                json!({ "workspaceFolders": [{ "uri": "file:///a", "name": "a" }, { "uri": "file:///b", "name": "b" }],
                     "rootUri": "file:///c" }),
                vec!["/a", "/b"],
            ),
            (json!({ "workspaceFolders": null, "rootUri": "file:///c", "rootPath": "/d" }), vec!["/c"]),
            (json!({ "workspaceFolders": [], "rootUri": null, "rootPath": "/d" }), vec!["/d"]),
            (json!({ "workspaceFolders": [], "rootUri": "file:///", "rootPath": "/" }), vec!["/cwd"]),
            (json!({ "workspaceFolders": [{ "uri": "vscode-vfs://x/y", "name": "y" }] }), vec!["/cwd"]),
            (json!({}), vec!["/cwd"]),
        ] {
            let mut params = params;
            params["capabilities"] = json!({});
            let params = serde_json::from_value(params).unwrap();
            let expected: Vec<_> = expected.into_iter().map(PathBuf::from).collect();
            assert_eq!(folders(&params, Path::new("/cwd")), expected);
        }
    }
}
