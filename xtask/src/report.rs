//! The summary of a test run.

use std::fmt;
use std::time::Duration;

use crate::run::Tests;

/// How one step went.
pub(crate) struct Outcome {
    pub(crate) step: &'static str,
    pub(crate) took: Duration,
    pub(crate) tests: Tests,
    pub(crate) result: Result<(), String>,
}

/// How all steps went. Its text ends with `N passed, N failed` alone on a line.
#[derive(Default)]
pub(crate) struct Report {
    outcomes: Vec<Outcome>,
}

impl Report {
    pub(crate) fn add(&mut self, outcome: Outcome) {
        self.outcomes.push(outcome);
    }

    /// True when something ran and nothing failed.
    pub(crate) fn is_well(&self) -> bool {
        !self.outcomes.is_empty() && self.outcomes.iter().all(|outcome| outcome.result.is_ok())
    }

    fn total(&self) -> Tests {
        let mut total = Tests::default();
        for outcome in &self.outcomes {
            total.add(outcome.tests.clone());
            // A step that failed without a failed test, such as one that did not compile, counts as one.
            if outcome.result.is_err() && outcome.tests.failed == 0 {
                total.failed += 1;
            }
        }
        total
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "\n=== summary")?;
        if self.outcomes.is_empty() {
            writeln!(f, "no step was chosen")?;
        }
        for Outcome { step, took, tests, result } in &self.outcomes {
            let word = if result.is_ok() { "ok" } else { "FAILED" };
            write!(f, "{step:12} {word:6} {:>7.1} s", took.as_secs_f64())?;
            if tests.passed + tests.failed + tests.ignored > 0 {
                write!(f, "  {} passed, {} failed", tests.passed, tests.failed)?;
            }
            if tests.ignored > 0 {
                write!(f, ", {} ignored", tests.ignored)?;
            }
            writeln!(f)?;
            if let Err(message) = result {
                writeln!(f, "    {message}")?;
            }
            for name in &tests.failures {
                writeln!(f, "    test {name}")?;
            }
        }
        let total = self.total();
        writeln!(f, "\n{} passed, {} failed", total.passed, total.failed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outcome(step: &'static str, passed: u64, failures: &[&str], result: Result<(), &str>) -> Outcome {
        let failures: Vec<String> = failures.iter().map(|name| (*name).to_owned()).collect();
        let tests = Tests { passed, failed: failures.len() as u64, ignored: 0, failures };
        Outcome { step, took: Duration::from_millis(1_234), tests, result: result.map_err(str::to_owned) }
    }

    fn report(outcomes: impl IntoIterator<Item = Outcome>) -> Report {
        let mut report = Report::default();
        outcomes.into_iter().for_each(|outcome| report.add(outcome));
        report
    }

    #[test]
    fn the_report_names_each_step_and_ends_with_the_sum() {
        let report = report([
            outcome("format", 0, &[], Ok(())),
            outcome("unit", 40, &["a::b"], Err("ended with exit status: 101")),
            outcome("doc", 2, &[], Ok(())),
        ]);
        let expected = "
=== summary
format       ok         1.2 s
unit         FAILED     1.2 s  40 passed, 1 failed
    ended with exit status: 101
    test a::b
doc          ok         1.2 s  2 passed, 0 failed

42 passed, 1 failed
";
        assert_eq!(report.to_string(), expected);
        assert!(!report.is_well());
    }

    #[test]
    fn a_step_that_fails_without_a_test_counts_as_one_failure() {
        let report = report([outcome("clippy", 0, &[], Err("ended with exit status: 101"))]);
        assert!(report.to_string().ends_with("\n0 passed, 1 failed\n"));
        assert!(!report.is_well());
    }

    #[test]
    fn a_run_without_a_step_is_not_well() {
        assert!(!Report::default().is_well());
    }

    #[test]
    fn a_run_in_which_all_passed_is_well() {
        assert!(report([outcome("unit", 1, &[], Ok(()))]).is_well());
    }
}
