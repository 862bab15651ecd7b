//! Driving wrk and reading what it prints.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use tokio::process::Command;

use super::write_private;

/// A run of wrk.
#[derive(Clone, Debug)]
pub struct Wrk {
    /// Its threads.
    pub threads: u32,
    /// Connections that it keeps open, each with one request under way.
    pub connections: u32,
    /// How long it runs.
    pub time: Duration,
    /// A Lua script that makes the requests.
    pub script: Option<PathBuf>,
}

/// What wrk found.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct WrkReport {
    /// Answers received.
    pub requests: u64,
    /// Answers per second.
    pub rate: f64,
    /// The time that half of the requests took at most.
    pub p50: Duration,
    /// The time that 99 of 100 requests took at most.
    pub p99: Duration,
    /// Answers with a status of 400 or more.
    pub refused: u64,
    /// Connections that failed, and requests that timed out.
    pub broken: u64,
}

impl Wrk {
    /// Runs it. All requests must be answered well: what a refusal costs is not what is measured.
    ///
    /// # Errors
    /// When wrk is missing or fails, or requests were not answered well.
    pub async fn run(&self, url: &str) -> Result<WrkReport, String> {
        let mut command = Command::new("wrk");
        command
            .arg(format!("--threads={}", self.threads))
            .arg(format!("--connections={}", self.connections))
            .arg(format!("--duration={}s", self.time.as_secs()))
            .arg("--latency")
            .stdin(Stdio::null())
            .kill_on_drop(true);
        if let Some(script) = &self.script {
            command.arg("--script").arg(script);
        }
        let output = command.arg(url).output().await.map_err(|error| format!("could not run wrk: {error}"))?;
        let text = String::from_utf8_lossy(&output.stdout);
        let report = WrkReport::parse(&text).filter(|_| output.status.success());
        let report = report.ok_or_else(|| {
            format!("wrk on {url} ended with {}:\n{text}{}", output.status, String::from_utf8_lossy(&output.stderr))
        })?;
        if report.refused > 0 || report.broken > 0 {
            return Err(format!(
                "of {} requests to {url}, {} were refused and {} broke off",
                report.requests, report.refused, report.broken
            ));
        }
        Ok(report)
    }
}

impl WrkReport {
    /// Reads what wrk 4 prints with `--latency`.
    pub fn parse(text: &str) -> Option<Self> {
        let mut report = Self::default();
        let mut seen = 0;
        for line in text.lines().map(str::trim) {
            let words: Vec<&str> = line.split_whitespace().collect();
            match words.as_slice() {
                ["50%", time] => (report.p50, seen) = (duration(time)?, seen + 1),
                ["99%", time] => (report.p99, seen) = (duration(time)?, seen + 1),
                [count, "requests", "in", ..] => (report.requests, seen) = (count.parse().ok()?, seen + 1),
                ["Requests/sec:", rate] => (report.rate, seen) = (rate.parse().ok()?, seen + 1),
                ["Non-2xx", .., count] => report.refused = count.parse().ok()?,
                ["Socket", "errors:", counts @ ..] => {
                    report.broken =
                        counts.iter().filter_map(|word| word.trim_end_matches(',').parse::<u64>().ok()).sum();
                }
                _ => {}
            }
        }
        (seen == 4).then_some(report)
    }
}

/// A time as wrk writes it: `870.00us`, `1.21ms`, `2.50s`, `1.10m`.
fn duration(text: &str) -> Option<Duration> {
    let unit = text.find(|c: char| c.is_ascii_alphabetic())?;
    let (number, unit) = text.split_at(unit);
    let seconds = match unit {
        "us" => 1e-6,
        "ms" => 1e-3,
        "s" => 1.0,
        "m" => 60.0,
        "h" => 3600.0,
        _ => return None,
    };
    Duration::try_from_secs_f64(number.parse::<f64>().ok()? * seconds).ok()
}

/// A script for wrk that asks with each of these bearer tokens in turn. Keep the file to yourself.
pub(super) fn bearer_script(tokens: &[String]) -> String {
    let list: String = tokens.iter().map(|token| format!("  \"{token}\",\n")).collect();
    format!(
        "local tokens = {{\n{list}}}\n\
         local requests = {{}}\n\
         local at = 0\n\
         function init(args)\n\
         \x20 for i, token in ipairs(tokens) do\n\
         \x20   requests[i] = wrk.format(\"GET\", nil, {{ Authorization = \"Bearer \" .. token }})\n\
         \x20 end\n\
         end\n\
         function request()\n\
         \x20 at = at % #requests + 1\n\
         \x20 return requests[at]\n\
         end\n"
    )
}

impl Wrk {
    /// The same run, asking with each of these bearer tokens in turn. They go into a file that only its owner can
    /// read: a command line can be read by everyone.
    ///
    /// # Errors
    /// When the file can't be written.
    pub fn with_tokens(&self, tokens: &[String], folder: &Path) -> Result<Self, String> {
        let path = folder.join("requests.lua");
        write_private(&path, &bearer_script(tokens))
            .map_err(|error| format!("could not write `{}`: {error}", path.display()))?;
        Ok(Self { script: Some(path), ..self.clone() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = "\
Running 1s test @ http://127.0.0.1:8999/
  1 threads and 2 connections
  Thread Stats   Avg      Stdev     Max   +/- Stdev
    Latency     2.12ms    1.79ms   9.02ms   82.09%
    Req/Sec     1.05k   129.55     1.20k    50.00%
  Latency Distribution
     50%  870.00us
     75%    3.01ms
     90%    4.73ms
     99%    7.95ms
  1040 requests in 1.00s, 347.34KB read
Requests/sec:   1035.06
Transfer/sec:    345.69KB
";

    #[test]
    fn the_counts_and_times_are_read() {
        let report = WrkReport::parse(GOOD).unwrap();
        let expected = WrkReport {
            requests: 1040,
            rate: 1035.06,
            p50: Duration::from_micros(870),
            p99: Duration::from_micros(7950),
            refused: 0,
            broken: 0,
        };
        assert_eq!(report, expected);
    }

    #[test]
    fn refusals_and_broken_connections_are_read() {
        let bad = GOOD.replace(
            "Requests/sec",
            "  Socket errors: connect 1, read 20, write 300, timeout 4000\n  Non-2xx or 3xx responses: 911\nRequests/sec",
        );
        let report = WrkReport::parse(&bad).unwrap();
        assert_eq!((report.refused, report.broken), (911, 4321));
    }

    #[test]
    fn half_a_report_is_none() {
        assert_eq!(WrkReport::parse("unable to connect to 127.0.0.1:8999 Connection refused"), None);
        assert_eq!(WrkReport::parse(&GOOD.replace("99%", "98%")), None);
        assert_eq!(WrkReport::parse(&GOOD.replace("7.95ms", "7.95 parsecs")), None);
    }

    #[test]
    fn every_unit_is_understood() {
        assert_eq!(duration("1.50us"), Some(Duration::from_nanos(1500)));
        assert_eq!(duration("2.50s"), Some(Duration::from_millis(2500)));
        assert_eq!(duration("1.50m"), Some(Duration::from_secs(90)));
        assert_eq!(duration("1.00h"), Some(Duration::from_secs(3600)));
        assert_eq!(duration("12"), None);
    }

    #[test]
    fn tokens_are_kept_in_a_file_of_ones_own() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let wrk = Wrk { threads: 1, connections: 1, time: Duration::from_secs(1), script: None };
        let script = wrk.with_tokens(&["a.b.c".into(), "d.e.f".into()], folder.path()).unwrap().script.unwrap();
        assert_eq!(std::fs::metadata(&script).unwrap().permissions().mode() & 0o777, 0o600);
        let text = std::fs::read_to_string(&script).unwrap();
        assert!(text.starts_with("local tokens = {\n  \"a.b.c\",\n  \"d.e.f\",\n}\n"), "{text}");
    }
}
