//! `cargo xtask mutants`: does a test notice when the code is changed?

use crate::run::{self, Limits};
use crate::{tools, workspace};

/// The code on which an attacker would lean.
const MODULES: &[&str] =
    &["crates/auth/src/jwt", "crates/auth/src/session", "crates/auth/src/totp", "crates/telemetry/src/redact"];

/// Runs cargo-mutants on those modules. True if every change was noticed.
pub(crate) fn run(rest: &[String]) -> Result<bool, String> {
    let program = tools::cargo_tool(&tools::CARGO_MUTANTS)?;
    let output = workspace::target_dir()?.join("mutants");
    std::fs::create_dir_all(&output).map_err(|error| format!("could not make `{}`: {error}", output.display()))?;

    let mut command = std::process::Command::new(program);
    command
        .current_dir(workspace::root())
        .env("INSTA_UPDATE", "no")
        .args(["mutants", "--workspace", "--output"])
        .arg(&output);
    for module in MODULES {
        // One that was moved would otherwise go unmutated without a word.
        if !workspace::root().join(module).is_dir() {
            return Err(format!("there is no module `{module}` any more: mend the list in xtask/src/mutants.rs"));
        }
        command.args(["--file", &format!("{module}/**")]);
    }
    // Examples in the documentation show the way; they are not there to notice a change.
    command.args(["--cargo-test-arg=--lib", "--cargo-test-arg=--tests"]);
    let time = std::time::Duration::from_secs(12 * 60 * 60);
    let (_, result) = run::run(command.args(rest), Limits { time, ..Limits::default() });
    match result {
        Ok(()) => Ok(true),
        Err(message) => {
            eprintln!("cargo-mutants {message}; its report is in `{}`", output.display());
            Ok(false)
        }
    }
}
