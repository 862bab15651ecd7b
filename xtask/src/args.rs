//! The command line.

/// What `cargo xtask help` prints.
pub(crate) const HELP: &str = "\
Tasks of ArchiRust

  cargo xtask test [--only STEP]... [--fast] [--list]
      Installs what is missing (Debian packages chromium and chromium-driver; cargo-deny), runs every check and
      test, and ends with a summary. A failed step does not stop the later ones. Exits with 0 when all is well.
        --only STEP   run this step only; may be repeated
        --fast        leave out the steps that need servers or a browser
        --list        list the steps and stop

  cargo xtask bench [ARGUMENT]...
      Builds the reference service and its hand-written twin in release mode, installs wrk when it is missing,
      and compares the two on loopback. Arguments go to the comparison (`cargo xtask bench --help`).

  cargo xtask mutants [ARGUMENT]...
      Changes the code of tokens, one-time passwords, sessions and redaction, one place at a time, and reports
      each change that no test notices. Arguments go to cargo-mutants.

  cargo xtask help
      Prints this text.
";

/// What the caller asked for.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Task {
    Help,
    List,
    Test(Choice),
    Bench(Vec<String>),
    Mutants(Vec<String>),
}

/// Which steps of the test to run.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Choice {
    /// Names of steps; empty means all of them.
    pub(crate) only: Vec<String>,
    /// Leave out what needs servers or a browser.
    pub(crate) fast: bool,
}

/// Reads the arguments; `steps` are the names that `--only` accepts.
pub(crate) fn parse(args: impl IntoIterator<Item = String>, steps: &[&str]) -> Result<Task, String> {
    let mut args = args.into_iter();
    match args.next().as_deref() {
        None | Some("help" | "--help" | "-h") => Ok(Task::Help),
        Some("test") => parse_test(args, steps),
        Some("bench") => Ok(Task::Bench(args.collect())),
        Some("mutants") => Ok(Task::Mutants(args.collect())),
        Some(other) => Err(unknown("task", other, &["test", "bench", "mutants", "help"])),
    }
}

fn parse_test(mut args: impl Iterator<Item = String>, steps: &[&str]) -> Result<Task, String> {
    let mut choice = Choice::default();
    let mut list = false;
    while let Some(arg) = args.next() {
        let (flag, attached) = match arg.split_once('=') {
            Some((flag, value)) => (flag, Some(value.to_owned())),
            None => (arg.as_str(), None),
        };
        match (flag, attached) {
            ("--only", attached) => {
                let name = attached
                    .or_else(|| args.next())
                    .ok_or_else(|| format!("--only needs the name of a step: {}", steps.join(", ")))?;
                if !steps.contains(&name.as_str()) {
                    return Err(unknown("step", &name, steps));
                }
                choice.only.push(name);
            }
            ("--fast", None) => choice.fast = true,
            ("--list", None) => list = true,
            ("--help" | "-h", None) => return Ok(Task::Help),
            _ => return Err(unknown("option", &arg, &["--only", "--fast", "--list", "--help"])),
        }
    }
    Ok(if list { Task::List } else { Task::Test(choice) })
}

fn unknown(what: &str, given: &str, accepted: &[&str]) -> String {
    let nearest = accepted
        .iter()
        .map(|name| (strsim::damerau_levenshtein(given, name), *name))
        .min()
        .filter(|(distance, name)| *distance <= name.len().div_ceil(3));
    let hint = nearest.map(|(_, name)| format!("; did you mean `{name}`?")).unwrap_or_default();
    format!("unknown {what} `{given}`{hint} (there are: {})", accepted.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    const STEPS: &[&str] = &["format", "clippy", "unit"];

    fn read(line: &str) -> Result<Task, String> {
        parse(line.split_whitespace().map(str::to_owned), STEPS)
    }

    fn test(only: &[&str], fast: bool) -> Result<Task, String> {
        Ok(Task::Test(Choice { only: only.iter().map(|name| (*name).to_owned()).collect(), fast }))
    }

    #[test]
    fn a_bare_test_runs_everything() {
        assert_eq!(read("test"), test(&[], false));
    }

    #[test]
    fn only_may_be_repeated_and_attached() {
        assert_eq!(read("test --only unit --only=clippy --fast"), test(&["unit", "clippy"], true));
    }

    #[test]
    fn an_unknown_step_is_refused_with_the_list_and_the_nearest_name() {
        let error = read("test --only clipy").unwrap_err();
        assert_eq!(error, "unknown step `clipy`; did you mean `clippy`? (there are: format, clippy, unit)");
        let error = read("test --only zebra").unwrap_err();
        assert_eq!(error, "unknown step `zebra` (there are: format, clippy, unit)");
    }

    #[test]
    fn only_without_a_name_is_refused() {
        assert_eq!(read("test --only").unwrap_err(), "--only needs the name of a step: format, clippy, unit");
    }

    #[test]
    fn an_unknown_option_or_task_is_refused() {
        assert!(read("test --fats").unwrap_err().contains("did you mean `--fast`?"));
        assert!(read("test --fast=yes").is_err());
        assert!(read("tset").unwrap_err().contains("did you mean `test`?"));
    }

    #[test]
    fn help_and_list_are_found() {
        for line in ["", "help", "--help", "test --help"] {
            assert_eq!(read(line), Ok(Task::Help), "{line}");
        }
        assert_eq!(read("test --list"), Ok(Task::List));
    }

    #[test]
    fn the_arguments_of_other_tasks_are_passed_on() {
        assert_eq!(read("mutants --list -j 2"), Ok(Task::Mutants(vec!["--list".into(), "-j".into(), "2".into()])));
    }
}
