//! What `cargo xtask test` does, step by step.
//!
//! Every step that compiles names the whole workspace and the same features, so that nothing is compiled twice.

use std::process::Command;
use std::time::Instant;

use crate::args::Choice;
use crate::report::{Outcome, Report};
use crate::run::{self, Limits, Tests};
use crate::{tools, workspace};

/// One thing to check.
struct Step {
    name: &'static str,
    about: &'static str,
    /// Needs a real server or a browser: left out by `--fast`.
    slow: bool,
    /// Installs what it needs and says what to run.
    prepare: fn() -> Result<Command, String>,
}

const STEPS: &[Step] = &[
    Step { name: "format", about: "the code is formatted", slow: false, prepare: format },
    Step { name: "clippy", about: "no warning in any target", slow: false, prepare: clippy },
    Step { name: "unit", about: "tests beside the code", slow: false, prepare: unit },
    Step { name: "integration", about: "tests of a crate from outside", slow: false, prepare: integration },
    Step { name: "conformance", about: "one suite per port, every engine", slow: false, prepare: conformance },
    Step { name: "doc", about: "examples in the documentation", slow: false, prepare: doc },
    Step { name: "deny", about: "bans, licences and sources of dependencies", slow: false, prepare: deny },
    Step { name: "end-to-end", about: "the reference service over the network", slow: true, prepare: end_to_end },
    Step { name: "browser", about: "the reference service in headless Chromium", slow: true, prepare: browser },
];

/// Tests whose names begin so run in a step of their own.
const CONFORMANCE: &str = "conformance";
const END_TO_END: &str = "e2e";
const BROWSER: &str = "browser";

/// Enables the tests that start the reference service; part of every build, so that there is only one.
const FEATURES: &str = "--features=accounts/browser-tests";

/// The names that `--only` accepts.
pub(crate) fn names() -> Vec<&'static str> {
    STEPS.iter().map(|step| step.name).collect()
}

/// The steps as text, one a line.
pub(crate) fn listing() -> String {
    let line = |step: &Step| {
        let slow = if step.slow { " (not with --fast)" } else { "" };
        format!("{:12} {}{slow}\n", step.name, step.about)
    };
    STEPS.iter().map(line).collect()
}

/// Runs the chosen steps, all of them even if one fails, and prints the report. True if all is well.
pub(crate) fn run(choice: &Choice) -> bool {
    let mut report = Report::default();
    for step in STEPS.iter().filter(|step| chosen(step, choice)) {
        println!("\n=== {}: {}", step.name, step.about);
        let started = Instant::now();
        let (tests, result) = match (step.prepare)() {
            Ok(mut command) => run::run(&mut command, Limits::default()),
            Err(message) => (Tests::default(), Err(message)),
        };
        if let Err(message) = &result {
            eprintln!("error: step {}: {message}", step.name);
        }
        report.add(Outcome { step: step.name, took: started.elapsed(), tests, result });
    }
    print!("{report}");
    report.is_well()
}

fn chosen(step: &Step, choice: &Choice) -> bool {
    let named = choice.only.is_empty() || choice.only.iter().any(|name| name == step.name);
    named && !(choice.fast && step.slow)
}

fn format() -> Result<Command, String> {
    Ok(workspace::cargo(&["fmt", "--all", "--check"]))
}

fn clippy() -> Result<Command, String> {
    let args = ["clippy", "--locked", "--workspace", "--all-targets", FEATURES, "--", "--deny=warnings"];
    Ok(workspace::cargo(&args))
}

fn unit() -> Result<Command, String> {
    Ok(cargo_test(&["--lib", "--bins"]))
}

fn integration() -> Result<Command, String> {
    tests_named("integration tests", |name| {
        ![CONFORMANCE, END_TO_END, BROWSER].iter().any(|special| name.starts_with(special))
    })
}

fn conformance() -> Result<Command, String> {
    tests_named("`conformance` tests", |name| name.starts_with(CONFORMANCE))
}

fn doc() -> Result<Command, String> {
    Ok(cargo_test(&["--doc"]))
}

fn deny() -> Result<Command, String> {
    let mut command = Command::new(tools::cargo_tool(&tools::CARGO_DENY)?);
    // The advisories need the network and change by the day; they are checked on their own.
    command.current_dir(workspace::root()).args(["--workspace", "--locked", "check", "bans", "licenses", "sources"]);
    Ok(command)
}

fn end_to_end() -> Result<Command, String> {
    tests_named("`e2e` tests", |name| name.starts_with(END_TO_END))
}

fn browser() -> Result<Command, String> {
    tools::debian(&tools::BROWSER)?;
    tests_named("`browser` tests", |name| name.starts_with(BROWSER))
}

/// Runs the integration tests whose names fit. That there is none is an error: a check that checks nothing has not passed.
fn tests_named(what: &str, fits: fn(&str) -> bool) -> Result<Command, String> {
    let names: Vec<String> = workspace::integration_tests(workspace::root())
        .into_iter()
        .filter(|name| fits(name))
        .map(|name| format!("--test={name}"))
        .collect();
    if names.is_empty() {
        return Err(format!("the workspace has no {what}"));
    }
    Ok(cargo_test(&names.iter().map(String::as_str).collect::<Vec<_>>()))
}

fn cargo_test(targets: &[&str]) -> Command {
    let mut command = workspace::cargo(&["test", "--locked", "--workspace", "--no-fail-fast", FEATURES]);
    command.args(targets);
    command
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chosen_names(only: &[&str], fast: bool) -> Vec<&'static str> {
        let choice = Choice { only: only.iter().map(|name| (*name).to_owned()).collect(), fast };
        STEPS.iter().filter(|step| chosen(step, &choice)).map(|step| step.name).collect()
    }

    #[test]
    fn everything_is_chosen_by_default_and_fast_leaves_out_servers_and_browser() {
        assert_eq!(chosen_names(&[], false), names());
        let fast = chosen_names(&[], true);
        assert_eq!(fast, ["format", "clippy", "unit", "integration", "conformance", "doc", "deny"]);
    }

    #[test]
    fn only_chooses_by_name() {
        assert_eq!(chosen_names(&["doc", "unit"], false), ["unit", "doc"]);
        assert!(chosen_names(&["browser"], true).is_empty());
    }

    #[test]
    fn every_step_is_listed() {
        let listing = listing();
        for step in STEPS {
            assert!(listing.contains(&format!("{:12} {}", step.name, step.about)));
        }
    }
}
