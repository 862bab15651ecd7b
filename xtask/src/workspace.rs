//! Where things are, and how cargo is called.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The root of the workspace.
pub(crate) fn root() -> &'static Path {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().unwrap_or(here)
}

/// Where cargo puts what it builds: this program lies in `<target>/<profile>`.
pub(crate) fn target_dir() -> Result<PathBuf, String> {
    let own = std::env::current_exe().map_err(|error| format!("could not find this program's own path: {error}"))?;
    own.ancestors().nth(2).map(Path::to_owned).ok_or_else(|| format!("`{}` is in no target folder", own.display()))
}

/// A call of cargo at the root of the workspace.
pub(crate) fn cargo(args: &[&str]) -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(root()).args(args);
    // What `cargo run` tells about xtask is no business of other packages: it would only make cargo build again.
    for (name, _) in std::env::vars_os() {
        let of_xtask =
            name.to_str().is_some_and(|name| name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_"));
        if of_xtask {
            command.env_remove(name);
        }
    }
    command
}

/// The names of all integration tests of the workspace, found as cargo finds them.
pub(crate) fn integration_tests(root: &Path) -> BTreeSet<String> {
    let members = ["crates", "examples"].into_iter().flat_map(|group| children(&root.join(group)));
    members
        .chain(["bench", "xtask"].map(|member| root.join(member)))
        .flat_map(|member| children(&member.join("tests")))
        .filter(|path| path.extension().is_some_and(|kind| kind == "rs") || path.join("main.rs").is_file())
        .filter_map(|path| Some(path.file_stem()?.to_str()?.to_owned()))
        .collect()
}

fn children(folder: &Path) -> Vec<PathBuf> {
    fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integration_tests_are_files_and_folders_with_a_main() {
        let folder = tempfile::tempdir().unwrap();
        for file in [
            "crates/a/tests/rules.rs",
            "crates/a/tests/ui/not_a_target.rs",
            "crates/b/tests/rules.rs",
            "crates/b/tests/big/main.rs",
            "crates/b/tests/snapshots/text.snap",
            "examples/c/tests/browser_flow.rs",
            "xtask/tests/own.rs",
            "crates/b/src/lib.rs",
        ] {
            let path = folder.path().join(file);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, "").unwrap();
        }
        let found: Vec<String> = integration_tests(folder.path()).into_iter().collect();
        assert_eq!(found, ["big", "browser_flow", "own", "rules"]);
    }

    #[test]
    fn the_root_holds_the_workspace() {
        assert!(root().join("deny.toml").is_file());
    }
}
