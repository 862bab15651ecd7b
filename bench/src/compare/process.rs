//! A server as a process: started, asked for its first answer, watched, ended.

use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal};

/// How long a server may take to its first answer.
const START_LIMIT: Duration = Duration::from_secs(30);
const STOP_LIMIT: Duration = Duration::from_secs(30);
const ANSWER_LIMIT: Duration = Duration::from_secs(5);
/// Short beside what is measured, long enough to leave the processor to the server.
const RETRY: Duration = Duration::from_micros(200);

/// A running server. It is ended when this is dropped.
pub struct Server {
    child: Child,
    first_answer: Duration,
}

impl Server {
    /// Starts `command` and waits until `GET http://{address}{path}` is answered with 200. What it prints goes to `log`.
    ///
    /// # Errors
    /// When it can't be started, ends, or does not answer in time; the end of its log tells more.
    pub fn start(mut command: Command, address: SocketAddr, path: &str, log: &Path) -> Result<Self, String> {
        let name = Path::new(command.get_program()).display().to_string();
        let file = File::create(log).and_then(|file| Ok((file.try_clone()?, file)));
        let (out, err) = file.map_err(|error| format!("could not write `{}`: {error}", log.display()))?;
        let started = Instant::now();
        let child = command.stdin(Stdio::null()).stdout(out).stderr(err).spawn();
        let child = child.map_err(|error| format!("could not start `{name}`: {error}"))?;
        let mut server = Self { child, first_answer: Duration::ZERO };
        loop {
            if is_answered(address, path).unwrap_or(false) {
                server.first_answer = started.elapsed();
                return Ok(server);
            }
            let ended = server.child.try_wait().map_err(|error| error.to_string())?;
            if ended.is_some() || started.elapsed() > START_LIMIT {
                let what = ended.map_or("did not answer in time".to_owned(), |status| format!("ended with {status}"));
                return Err(format!("`{name}` {what}; its last lines:\n{}", last_lines(log)));
            }
            std::thread::park_timeout(RETRY);
        }
    }

    /// From the start of the program to the end of the first answer's status line.
    pub fn first_answer(&self) -> Duration {
        self.first_answer
    }

    /// What it has used until now.
    ///
    /// # Errors
    /// When it has ended.
    pub fn usage(&self) -> Result<Usage, String> {
        Usage::of(self.child.id()).map_err(|error| format!("process {} can't be read: {error}", self.child.id()))
    }
}

impl Drop for Server {
    /// Lets it end in order, so that the next start finds what a deployment would leave; but not for ever.
    fn drop(&mut self) {
        let asked = Instant::now();
        if let Some(pid) = i32::try_from(self.child.id()).ok().and_then(Pid::from_raw) {
            // Errors here and below mean that it has ended already.
            let _ = rustix::process::kill_process(pid, Signal::TERM);
        }
        while matches!(self.child.try_wait(), Ok(None)) && asked.elapsed() < STOP_LIMIT {
            std::thread::park_timeout(Duration::from_millis(5));
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Processor time and memory of a process (proc(5)).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Usage {
    /// In the program and in the kernel on its behalf, all threads together, those that ended included.
    pub cpu: Duration,
    /// Memory that is present, in bytes.
    pub resident: u64,
}

impl Usage {
    fn of(pid: u32) -> io::Result<Self> {
        let stat = fs::read_to_string(format!("/proc/{pid}/stat"))?;
        let status = fs::read_to_string(format!("/proc/{pid}/status"))?;
        let unreadable = || io::Error::new(io::ErrorKind::InvalidData, "not of the form of proc(5)");
        let ticks = cpu_ticks(&stat).ok_or_else(unreadable)?;
        let resident = resident(&status).ok_or_else(unreadable)?;
        let cpu = Duration::from_secs_f64(ticks as f64 / rustix::param::clock_ticks_per_second() as f64);
        Ok(Self { cpu, resident })
    }
}

/// The fields `utime` and `stime`. The second field, a name in parentheses, may hold spaces and parentheses itself.
fn cpu_ticks(stat: &str) -> Option<u64> {
    let (_, rest) = stat.rsplit_once(')')?;
    let mut fields = rest.split_whitespace().skip(11);
    let user: u64 = fields.next()?.parse().ok()?;
    let system: u64 = fields.next()?.parse().ok()?;
    Some(user + system)
}

fn resident(status: &str) -> Option<u64> {
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kibibytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kibibytes * 1024)
}

/// One request on a connection of its own.
fn is_answered(address: SocketAddr, path: &str) -> io::Result<bool> {
    let mut stream = TcpStream::connect_timeout(&address, ANSWER_LIMIT)?;
    stream.set_read_timeout(Some(ANSWER_LIMIT))?;
    write!(stream, "GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n")?;
    let mut line = String::new();
    BufReader::new(stream).read_line(&mut line)?;
    Ok(line.starts_with("HTTP/1.1 200"))
}

fn last_lines(log: &Path) -> String {
    let text = fs::read_to_string(log).unwrap_or_default();
    let lines: Vec<&str> = text.lines().collect();
    lines[lines.len().saturating_sub(20)..].join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn processor_time_is_the_sum_of_both_fields_whatever_the_name() {
        let stat = "42 (a) b (c)) S 1 42 42 0 -1 4194560 9 0 0 0 130 27 5 6 20 0 3 0 100 0 0";
        assert_eq!(cpu_ticks(stat), Some(157));
        assert_eq!(cpu_ticks("42 (cut off) S 1 42"), None);
    }

    #[test]
    fn resident_memory_is_read_in_bytes() {
        assert_eq!(resident("Name:\ttwin\nVmHWM:\t 9000 kB\nVmRSS:\t    7168 kB\nThreads:\t3\n"), Some(7 << 20));
        assert_eq!(resident("Name:\tkernel thread\n"), None);
    }

    #[test]
    fn the_usage_of_this_process_can_be_read() {
        let usage = Usage::of(std::process::id()).unwrap();
        assert!(usage.resident > 1 << 20);
    }

    #[test]
    fn a_server_that_ends_is_an_error_that_shows_its_last_lines() {
        let folder = tempfile::tempdir().unwrap();
        let mut command = Command::new("sh");
        command.args(["-c", "echo the port is in use >&2; exit 4"]);
        let nobody = SocketAddr::from(([127, 0, 0, 1], 1));
        let error = Server::start(command, nobody, "/", &folder.path().join("log")).err().unwrap();
        assert!(error.contains("ended with exit status: 4") && error.contains("the port is in use"), "{error}");
    }
}
