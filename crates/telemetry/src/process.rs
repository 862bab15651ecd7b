//! Figures of the process, from `/proc` (proc(5)). What can't be read is left out.

use std::fs;

use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeMetric};
use prometheus_client::metrics::MetricType;
use prometheus_client::metrics::counter::ConstCounter;
use prometheus_client::metrics::gauge::ConstGauge;
use prometheus_client::registry::Unit;

/// Clock ticks per second in `/proc`: `USER_HZ`, which Linux has fixed for programs on every architecture that Rust's tier 1
/// has.
const TICKS_PER_SECOND: f64 = 100.0;

/// Reads the figures at each scrape.
#[derive(Debug)]
pub(crate) struct ProcessCollector;

impl Collector for ProcessCollector {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> Result<(), std::fmt::Error> {
        let figures = Figures::read();
        if let Some(seconds) = figures.cpu_seconds {
            let metric = ConstCounter::new(seconds);
            let help = "User and system CPU time that the process has used";
            metric.encode(encoder.encode_descriptor(
                "process_cpu",
                help,
                Some(&Unit::Seconds),
                MetricType::Counter,
            )?)?;
        }
        let gauges = [
            (
                "process_start_time",
                "When the process started, since the epoch",
                Some(Unit::Seconds),
                figures.start_time,
            ),
            ("process_resident_memory", "Memory of the process in RAM", Some(Unit::Bytes), figures.resident_bytes),
            ("process_virtual_memory", "Address space of the process", Some(Unit::Bytes), figures.virtual_bytes),
            ("process_open_fds", "Open file descriptors", None, figures.open_fds),
            ("process_max_fds", "Open file descriptors that are allowed", None, figures.max_fds),
            ("process_threads", "Threads of the process", None, figures.threads),
        ];
        for (name, help, unit, value) in gauges {
            if let Some(value) = value {
                let metric = ConstGauge::new(value);
                metric.encode(encoder.encode_descriptor(name, help, unit.as_ref(), MetricType::Gauge)?)?;
            }
        }
        Ok(())
    }
}

#[derive(Debug, Default, PartialEq)]
struct Figures {
    cpu_seconds: Option<f64>,
    start_time: Option<f64>,
    resident_bytes: Option<f64>,
    virtual_bytes: Option<f64>,
    open_fds: Option<f64>,
    max_fds: Option<f64>,
    threads: Option<f64>,
}

impl Figures {
    fn read() -> Self {
        let text = |path: &str| fs::read_to_string(path).unwrap_or_default();
        let mut figures = Self::of(
            &text("/proc/self/stat"),
            &text("/proc/self/status"),
            &text("/proc/stat"),
            &text("/proc/self/limits"),
        );
        // The descriptor that reads the folder is among them.
        figures.open_fds = fs::read_dir("/proc/self/fd").ok().map(|open| (open.count().saturating_sub(1)) as f64);
        figures
    }

    fn of(stat: &str, status: &str, system: &str, limits: &str) -> Self {
        // The name of the program, in brackets, may hold anything.
        let after_name: Vec<&str> =
            stat.rsplit_once(')').map(|(_, rest)| rest.split_ascii_whitespace().collect()).unwrap_or_default();
        let ticks = |field: usize| {
            after_name.get(field - 3).and_then(|ticks| ticks.parse::<f64>().ok()).map(|ticks| ticks / TICKS_PER_SECOND)
        };
        let after = |text: &str, name: &str| {
            text.lines().find_map(|line| line.strip_prefix(name)?.split_ascii_whitespace().next()?.parse::<f64>().ok())
        };
        let boot = after(system, "btime ");
        Self {
            cpu_seconds: ticks(14).zip(ticks(15)).map(|(user, system)| user + system),
            start_time: ticks(22).zip(boot).map(|(since_boot, boot)| boot + since_boot),
            resident_bytes: after(status, "VmRSS:").map(|kib| kib * 1024.0),
            virtual_bytes: after(status, "VmSize:").map(|kib| kib * 1024.0),
            open_fds: None,
            max_fds: after(limits, "Max open files"),
            threads: after(status, "Threads:"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_read_from_their_places() {
        let stat = "7 (a) b (c) S 1 7 7 0 -1 4194560 1 2 3 4 250 50 0 0 20 0 3 0 12345 1000 10 18446744073709551615 1";
        let status = "Name:\ta\nVmSize:\t    2048 kB\nVmRSS:\t    1024 kB\nThreads:\t3\n";
        let limits = "Limit                     Soft Limit           Hard Limit           Units\nMax open files            1024                 4096                 files\n";
        let figures = Figures::of(stat, status, "cpu 1\nbtime 1700000000\n", limits);
        assert_eq!(
            figures,
            Figures {
                cpu_seconds: Some(3.0),
                start_time: Some(1_700_000_123.45),
                resident_bytes: Some(1_048_576.0),
                virtual_bytes: Some(2_097_152.0),
                open_fds: None,
                max_fds: Some(1024.0),
                threads: Some(3.0),
            }
        );
    }

    #[test]
    fn what_cant_be_read_is_left_out() {
        assert_eq!(Figures::of("", "nonsense", "btime x", ""), Figures::default());
    }
}
