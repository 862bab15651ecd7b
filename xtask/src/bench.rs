//! `cargo xtask bench`: the reference service against its hand-written twin.

use crate::run::{self, Limits};
use crate::{tools, workspace};

/// Builds both services as they would be shipped and runs the comparison.
pub(crate) fn run(rest: &[String]) -> Result<bool, String> {
    tools::debian(&tools::WRK)?;
    // One by one, or the needs of one would switch on features in the other.
    for package in ["accounts", "archirust-bench"] {
        run::run(&mut workspace::cargo(&["build", "--locked", "--release", "--package", package]), Limits::default())
            .1
            .map_err(|error| format!("could not build {package}: cargo {error}"))?;
    }
    let mut compare = std::process::Command::new(workspace::target_dir()?.join("release").join("compare"));
    let (_, result) = run::run(compare.current_dir(workspace::root()).args(rest), Limits::default());
    result.map(|()| true).map_err(|error| format!("the comparison {error}"))
}
