//! Running one command: its output is passed on as it comes, its tests are counted, nothing of it stays behind.

use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

use crate::processes;

/// What is known of tests: the sum over all test programs of a command.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Tests {
    pub(crate) passed: u64,
    pub(crate) failed: u64,
    pub(crate) ignored: u64,
    /// Names of those that failed.
    pub(crate) failures: Vec<String>,
}

impl Tests {
    pub(crate) fn add(&mut self, other: Tests) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.ignored += other.ignored;
        self.failures.extend(other.failures);
    }

    /// Takes one line of a test program's output into account.
    fn read(&mut self, line: &str) {
        if let Some(rest) = line.strip_prefix("test result: ") {
            let count = |what: &str| {
                rest.split([';', '.'])
                    .find_map(|part| part.trim().strip_suffix(what)?.trim().parse::<u64>().ok())
                    .unwrap_or(0)
            };
            self.passed += count(" passed");
            self.failed += count(" failed");
            self.ignored += count(" ignored");
        } else if let Some(name) = line.strip_prefix("test ").and_then(|rest| rest.strip_suffix(" ... FAILED")) {
            self.failures.push(name.to_owned());
        }
    }
}

/// How long a command may run, and how long what it started may outlive it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    pub(crate) time: Duration,
    pub(crate) grace: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self { time: Duration::from_secs(60 * 60), grace: processes::GRACE }
    }
}

/// Runs a command to its end.
///
/// # Errors
/// When it can't be started, fails, takes too long, or leaves processes behind. The tests counted until then are
/// returned in any case.
pub(crate) fn run(command: &mut Command, limits: Limits) -> (Tests, Result<(), String>) {
    println!("$ {}", display(command));
    run_into(std::io::stdout(), command, limits)
}

fn run_into(sink: impl Write + Send + 'static, command: &mut Command, limits: Limits) -> (Tests, Result<(), String>) {
    // Out of the terminal's foreground group: an interrupt reaches us alone, and we end the children in order.
    let child = command.stdin(Stdio::null()).stdout(Stdio::piped()).process_group(0).spawn();
    let mut child = match child {
        Ok(child) => child,
        Err(error) => {
            let program = command.get_program().to_string_lossy().into_owned();
            return (Tests::default(), Err(format!("`{program}` could not be started: {error}")));
        }
    };
    let output = child.stdout.take();
    let reader = std::thread::spawn(move || output.map(|output| pass_on(output, sink)).unwrap_or_default());

    let (ended, wait) = mpsc::channel::<()>();
    let watch = std::thread::spawn(move || {
        let late = matches!(wait.recv_timeout(limits.time), Err(mpsc::RecvTimeoutError::Timeout));
        if late {
            processes::end_all();
        }
        late
    });
    let status = child.wait();
    drop(ended);
    let late = watch.join().unwrap_or(false);
    // Before the reader is joined: who outlives the command may hold the pipe open.
    let left = processes::settle(limits.grace);
    let tests = reader.join().unwrap_or_default();

    processes::stop_if_interrupted();

    let mut complaints = Vec::new();
    match status {
        _ if late => complaints.push(format!("took longer than {} minutes and was ended", limits.time.as_secs() / 60)),
        Ok(status) if status.success() => {}
        Ok(status) => complaints.push(format!("ended with {status}")),
        Err(error) => complaints.push(format!("could not be waited for: {error}")),
    }
    if !left.is_empty() {
        let names: Vec<String> = left.iter().map(|left| format!("{} ({})", left.name, left.pid)).collect();
        complaints.push(format!("left processes behind: {}", names.join(", ")));
    }
    (tests, if complaints.is_empty() { Ok(()) } else { Err(complaints.join("; ")) })
}

/// Copies lines as they come and counts tests on the way.
fn pass_on(output: impl Read, mut sink: impl Write) -> Tests {
    let mut tests = Tests::default();
    let mut output = BufReader::new(output);
    let mut line = Vec::new();
    while output.read_until(b'\n', &mut line).is_ok_and(|read| read > 0) {
        // A closed terminal is no reason to stop counting.
        let _ = sink.write_all(&line).and_then(|()| sink.flush());
        tests.read(String::from_utf8_lossy(&line).trim_end());
        line.clear();
    }
    tests
}

fn display(command: &Command) -> String {
    let program = Path::new(command.get_program());
    std::iter::once(program.file_name().unwrap_or(program.as_os_str()))
        .chain(command.get_args())
        .map(|part| part.to_string_lossy())
        .collect::<Vec<_>>()
        .join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::processes::tests::alone;

    fn run_quietly(command: &mut Command, limits: Limits) -> (Tests, Result<(), String>) {
        run_into(std::io::sink(), command, limits)
    }

    fn shell(script: &str) -> Command {
        let mut command = Command::new("sh");
        command.args(["-c", script]);
        command
    }

    #[test]
    fn tests_are_summed_over_all_programs() {
        let output = "\
running 3 tests
test a ... ok
test b::c ... FAILED
test d ... ignored
test result: FAILED. 1 passed; 1 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.00s
test result: ok. 40 passed; 0 failed; 2 ignored; 0 measured; 7 filtered out; finished in 1.20s
";
        let tests = pass_on(output.as_bytes(), std::io::sink());
        assert_eq!(tests, Tests { passed: 41, failed: 1, ignored: 3, failures: vec!["b::c".into()] });
    }

    #[test]
    fn a_failed_or_missing_command_is_an_error() {
        let _turn = alone();
        assert_eq!(run_quietly(&mut shell("true"), Limits::default()).1, Ok(()));
        assert_eq!(run_quietly(&mut shell("exit 3"), Limits::default()).1, Err("ended with exit status: 3".into()));
        let missing = run_quietly(&mut Command::new("no-such-program-here"), Limits::default()).1.unwrap_err();
        assert!(missing.starts_with("`no-such-program-here` could not be started"), "{missing}");
    }

    #[test]
    fn a_command_that_leaves_a_process_behind_fails_and_the_process_is_ended() {
        let _turn = alone();
        rustix::process::set_child_subreaper(Some(rustix::process::getpid())).unwrap();
        let limits = Limits { grace: Duration::ZERO, ..Limits::default() };
        let (tests, result) =
            run_quietly(&mut shell("echo 'test result: ok. 1 passed;'; setsid sleep 600 & exit 0"), limits);
        assert_eq!(tests.passed, 1, "what was counted is kept");
        let message = result.unwrap_err();
        assert!(message.starts_with("left processes behind: s"), "{message}");
        assert_eq!(processes::descendants(), []);
    }

    #[test]
    fn a_command_that_takes_too_long_is_ended_with_all_that_it_started() {
        let _turn = alone();
        let limits = Limits { time: Duration::ZERO, ..Limits::default() };
        let (_, result) = run_quietly(&mut shell("sleep 600 & sleep 601"), limits);
        assert_eq!(result, Err("took longer than 0 minutes and was ended".into()));
        assert_eq!(processes::descendants(), []);
    }
}
