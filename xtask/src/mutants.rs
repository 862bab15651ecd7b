//! `cargo xtask mutants`: does a test notice when the code is changed?

use crate::run::{self, Limits};
use crate::{tools, workspace};

/// The code on which an attacker would lean.
const FILES: &[&str] = &[
    "crates/auth/src/jwt/**",
    "crates/auth/src/session/**",
    "crates/auth/src/totp/**",
    "crates/telemetry/src/redact/**",
];

/// Runs cargo-mutants on those files. True if every change was noticed.
pub(crate) fn run(rest: &[String]) -> Result<bool, String> {
    let program = tools::cargo_tool(&tools::CARGO_MUTANTS)?;
    let output = workspace::target_dir()?.join("mutants");
    std::fs::create_dir_all(&output).map_err(|error| format!("could not make `{}`: {error}", output.display()))?;

    let mut command = std::process::Command::new(program);
    command.current_dir(workspace::root()).args(["mutants", "--output"]).arg(&output);
    for file in FILES {
        command.args(["--file", file]);
    }
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
