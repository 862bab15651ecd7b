//! The real binary, in a folder of its own.

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Condvar, Mutex};
use std::time::{Duration, Instant};

use archirust::auth::jwt::{Algorithm, KeyFile};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use tempfile::TempDir;

/// How long anything may take, on a machine that does other things too.
pub const DEADLINE: Duration = Duration::from_secs(60);

/// Two sound keys, for tests only.
pub const SECRET_KEY: &str = "8ef1c2a95d0b7346e19f84a2c05d7b63f1a8e92c4470bd5396ce1f07a3d2b85c";
pub const TOTP_KEY: &str = "k1:3c9e51f7a2d80b64975fe1c03ad86b29f47e05c1d93ab8620fe47d5b18c2960a";

/// A folder and an environment in which the service is run.
pub struct Setup {
    folder: TempDir,
    variables: BTreeMap<String, String>,
}

impl Setup {
    /// An empty folder and an empty environment.
    pub fn empty() -> Self {
        Self { folder: tempfile::tempdir().unwrap(), variables: BTreeMap::new() }
    }

    /// As a newcomer has it: the settings that come with the service, on free ports.
    pub fn development() -> Self {
        let setup = Self::empty().on_free_ports();
        fs::copy(concat!(env!("CARGO_MANIFEST_DIR"), "/archi.toml"), setup.path("archi.toml")).unwrap();
        setup
    }

    /// As an operator has it who filled everything in: keys, names, a key file and a folder for the database.
    pub fn production() -> Self {
        let setup = Self::empty().on_free_ports();
        fs::create_dir(setup.path("state")).unwrap();
        set_mode(&setup.path("state"), 0o700);
        KeyFile::new(setup.path("state/jwt.pem"), Algorithm::Es256).create().unwrap();
        let path = |name: &str| setup.path(name).display().to_string();
        let (key_file, database) = (path("state/jwt.pem"), path("state/accounts.db"));
        setup
            .set("PROFILE", "production")
            .set("SECRET_KEY", SECRET_KEY)
            .set("TOTP__KEY", TOTP_KEY)
            .set("JWT__ISSUER", "https://accounts.example.org")
            .set("JWT__AUDIENCE", "accounts")
            .set("JWT__KEY_FILE", key_file)
            .set("SQL__PATH", database)
            .set("WEB__BEHIND_HTTPS", "true")
    }

    /// No port that another program could have.
    pub fn on_free_ports(self) -> Self {
        self.set("WEB__BIND", "127.0.0.1:0").set("MANAGEMENT__BIND", "127.0.0.1:0")
    }

    /// Sets a variable: `PROFILE`, or a key such as `WEB__BIND`.
    pub fn set(mut self, key: &str, value: impl Into<String>) -> Self {
        self.variables.insert(variable(key), value.into());
        self
    }

    pub fn unset(mut self, key: &str) -> Self {
        assert!(self.variables.remove(&variable(key)).is_some(), "{key} is not set");
        self
    }

    /// A path in the folder.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn write(&self, name: &str, content: &str) {
        fs::write(self.path(name), content).unwrap();
    }

    /// Starts the service and waits until it listens.
    pub fn start(&self) -> Service {
        let mut service = self.spawn(&[], Stdio::null());
        let found = service.output.wait_for(addresses);
        let Some((api, management)) = found else {
            panic!("the service does not listen:\n{}", service.output.text());
        };
        (service.api, service.management) = (api, management);
        service
    }

    /// Runs a command to its end.
    pub fn run(&self, arguments: &[&str], input: &str) -> Finished {
        let mut service = self.spawn(arguments, Stdio::piped());
        if let Some(mut stdin) = service.child.stdin.take() {
            // A command that does not read it is at its end already.
            let _ = stdin.write_all(input.as_bytes());
        }
        service.finish()
    }

    /// Runs what is expected to end by itself: a start that is refused.
    pub fn refused(&self) -> Finished {
        let finished = self.run(&[], "");
        assert_ne!(finished.code, Some(0), "it started:\n{}", finished.text());
        assert!(!finished.text().contains("panicked"), "{}", finished.text());
        finished
    }

    fn spawn(&self, arguments: &[&str], stdin: Stdio) -> Service {
        let mut child = Command::new(env!("CARGO_BIN_EXE_accounts"))
            .args(arguments)
            .current_dir(self.folder.path())
            .env_clear()
            .envs(&self.variables)
            .stdin(stdin)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let output = Output::default();
        output.collect(child.stdout.take().unwrap(), false);
        output.collect(child.stderr.take().unwrap(), true);
        Service { child, output, api: String::new(), management: String::new() }
    }
}

fn variable(key: &str) -> String {
    if key == "PROFILE" { "ARCHI_PROFILE".to_owned() } else { format!("ARCHI__{key}") }
}

/// The addresses of API and management, as the service says them.
fn addresses(lines: &[Line]) -> Option<(String, String)> {
    let banner = |name: &str| {
        lines.iter().find_map(|line| {
            let url = line.text.trim_start().strip_prefix(name)?.trim_start();
            url.starts_with("http").then(|| url.split(['/', ',']).take(3).collect::<Vec<_>>().join("/"))
        })
    };
    if let (Some(api), Some(management)) = (banner("API"), banner("management")) {
        return Some((api, management));
    }
    let event: Value = lines
        .iter()
        .find(|line| line.text.contains("the service listens"))
        .and_then(|line| serde_json::from_str(&line.text).ok())?;
    let member = |name: &str| Some(format!("http://{}", event["fields"][name].as_str()?));
    Some((member("address")?, member("management")?))
}

/// A service that runs. It is ended when this is dropped.
pub struct Service {
    child: Child,
    output: Output,
    /// The URL of the API, without a slash at the end.
    pub api: String,
    /// The URL of the management listener.
    pub management: String,
}

impl Service {
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Where the API listens.
    pub fn address(&self) -> &str {
        self.api.strip_prefix("http://").unwrap()
    }

    /// All that it has printed so far.
    pub fn text(&self) -> String {
        self.output.text()
    }

    /// Waits for a line that holds this, and gives it.
    pub fn wait_for_line(&self, part: &str) -> String {
        let found =
            self.output.wait_for(|lines| Some(lines.iter().find(|line| line.text.contains(part))?.text.clone()));
        found.unwrap_or_else(|| panic!("{part:?} does not appear:\n{}", self.text()))
    }

    /// Asks it to stop, as a platform does.
    pub fn terminate(&self) {
        self.signal(Signal::TERM);
    }

    /// Asks it to stop and waits for the end, which is in order.
    pub fn stop(self) -> Finished {
        self.terminate();
        let finished = self.finish();
        assert_eq!(finished.code, Some(0), "{}", finished.text());
        finished
    }

    /// Ends it as a power cut does.
    pub fn kill(self) -> Finished {
        self.signal(Signal::KILL);
        self.finish()
    }

    /// Waits for its end.
    pub fn finish(mut self) -> Finished {
        // Both pipes are closed when the process ends, and not before.
        if !self.output.wait_for_end() {
            panic!("the service does not end:\n{}", self.text());
        }
        let status: ExitStatus = self.child.wait().unwrap();
        let part = |is_error| self.output.part(is_error);
        Finished { code: status.code(), stdout: part(false), stderr: part(true) }
    }

    fn signal(&self, signal: Signal) {
        // It was not waited for, so the number is still its own.
        kill_process(Pid::from_child(&self.child), signal).unwrap();
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What a process that has ended left behind.
#[derive(Debug)]
pub struct Finished {
    pub code: Option<i32>,
    pub stdout: String,
    pub stderr: String,
}

impl Finished {
    pub fn text(&self) -> String {
        format!("exit code {:?}\n--- stdout\n{}\n--- stderr\n{}", self.code, self.stdout, self.stderr)
    }

    /// Asserts that all of these are said on standard error.
    #[track_caller]
    pub fn says(&self, parts: &[&str]) -> &Self {
        for part in parts {
            assert!(self.stderr.contains(part), "{part:?} is not said:\n{}", self.text());
        }
        self
    }

    #[track_caller]
    pub fn never_shows(&self, secret: &str) -> &Self {
        assert!(
            !self.stdout.contains(secret) && !self.stderr.contains(secret),
            "{secret:?} is shown:\n{}",
            self.text()
        );
        self
    }

    #[track_caller]
    pub fn ends_with(&self, code: i32) -> &Self {
        assert_eq!(self.code, Some(code), "{}", self.text());
        self
    }
}

struct Line {
    text: String,
    is_error: bool,
}

#[derive(Default)]
struct Printed {
    lines: Vec<Line>,
    closed: usize,
}

/// What a process prints, while it does.
#[derive(Clone, Default)]
struct Output(Arc<(Mutex<Printed>, Condvar)>);

impl Output {
    fn collect(&self, pipe: impl Read + Send + 'static, is_error: bool) {
        let output = self.clone();
        std::thread::spawn(move || {
            let mut reader = BufReader::new(pipe);
            let mut bytes = Vec::new();
            while reader.read_until(b'\n', &mut bytes).is_ok_and(|count| count > 0) {
                let text = String::from_utf8_lossy(&bytes).trim_end_matches('\n').to_owned();
                output.change(|printed| printed.lines.push(Line { text, is_error }));
                bytes.clear();
            }
            output.change(|printed| printed.closed += 1);
        });
    }

    fn change(&self, change: impl FnOnce(&mut Printed)) {
        change(&mut self.0.0.lock().unwrap());
        self.0.1.notify_all();
    }

    /// Waits until something is found, the process has ended, or the time is over.
    fn wait_for<T>(&self, mut find: impl FnMut(&[Line]) -> Option<T>) -> Option<T> {
        let deadline = Instant::now() + DEADLINE;
        let mut printed = self.0.0.lock().unwrap();
        loop {
            let found = find(&printed.lines);
            let left = deadline.saturating_duration_since(Instant::now());
            if found.is_some() || printed.closed == 2 || left.is_zero() {
                return found;
            }
            printed = self.0.1.wait_timeout(printed, left).unwrap().0;
        }
    }

    fn wait_for_end(&self) -> bool {
        self.wait_for(|_| None::<()>);
        self.0.0.lock().unwrap().closed == 2
    }

    fn text(&self) -> String {
        let lines: Vec<String> = self.0.0.lock().unwrap().lines.iter().map(|line| line.text.clone()).collect();
        lines.join("\n")
    }

    fn part(&self, is_error: bool) -> String {
        let printed = self.0.0.lock().unwrap();
        let lines = printed.lines.iter().filter(|line| line.is_error == is_error);
        lines.map(|line| line.text.as_str()).collect::<Vec<_>>().join("\n")
    }
}

/// The mode of a file.
pub fn mode(path: &Path) -> u32 {
    use std::os::unix::fs::PermissionsExt;
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

pub fn set_mode(path: &Path, mode: u32) {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}
