//! The measurements: rounds in turns, so that what else happens on the machine hits both services alike.

use std::time::Duration;

use reqwest::Client;

use super::{Flood, FloodOutcome, Program, Series, Server, Wrk};

/// The same figures of several rounds of load.
#[derive(Clone, Debug, Default)]
pub struct Load {
    /// Processor time of the server per request, in microseconds.
    pub cpu_us: Series,
    /// Answers per second.
    pub rate: Series,
    /// The time that 99 of 100 requests took at most, in milliseconds.
    pub p99_ms: Series,
}

/// The same figures of several starts.
#[derive(Clone, Debug, Default)]
pub struct Starts {
    /// From the start of the program to its first answer with 200, in milliseconds.
    pub first_answer_ms: Series,
    /// Memory that is present when it has nothing to do, in MiB.
    pub resident_mib: Series,
}

impl Load {
    /// Runs one more round against a server.
    ///
    /// # Errors
    /// When the load could not be run, or not all requests were answered well.
    pub async fn round(&mut self, server: &Server, wrk: &Wrk, url: &str) -> Result<(), String> {
        let before = server.usage()?;
        let report = wrk.run(url).await?;
        let cpu = server.usage()?.cpu.saturating_sub(before.cpu);
        self.cpu_us.add(per_request_us(cpu, report.requests));
        self.rate.add(report.rate);
        self.p99_ms.add(report.p99.as_secs_f64() * 1e3);
        Ok(())
    }
}

impl Starts {
    /// Starts the program once more, and ends it.
    ///
    /// # Errors
    /// When it does not come up.
    pub fn round(&mut self, program: &Program) -> Result<(), String> {
        let server = program.start()?;
        self.first_answer_ms.add(server.first_answer().as_secs_f64() * 1e3);
        self.resident_mib.add(mebibytes(server.usage()?.resident));
        Ok(())
    }
}

/// Measures two services under the same load, in turns, after a short run of each that does not count.
///
/// # Errors
/// When a round failed.
pub async fn in_turns(rounds: usize, wrk: &Wrk, targets: [(&Server, &str); 2]) -> Result<[Load; 2], String> {
    let mut loads = [Load::default(), Load::default()];
    for (server, url) in targets {
        let mut warm_up = Load::default();
        warm_up.round(server, &Wrk { time: Duration::from_secs(1), ..wrk.clone() }, url).await?;
    }
    for _ in 0..rounds {
        for (load, (server, url)) in loads.iter_mut().zip(targets) {
            load.round(server, wrk, url).await?;
        }
    }
    Ok(loads)
}

/// Measures a service alone and beside a flood of logins, in turns. Returns both, and how the last flood was answered.
///
/// # Errors
/// When a round failed.
pub async fn beside_a_flood(
    rounds: usize,
    wrk: &Wrk,
    (server, url): (&Server, &str),
    (client, sessions_url, flood): (&Client, &str, Flood),
) -> Result<([Load; 2], FloodOutcome), String> {
    let mut loads = [Load::default(), Load::default()];
    let mut outcome = FloodOutcome::default();
    for _ in 0..rounds {
        loads[0].round(server, wrk, url).await?;
        let (round, answered) = tokio::join!(loads[1].round(server, wrk, url), flood.run(client, sessions_url));
        round?;
        outcome = answered;
    }
    Ok((loads, outcome))
}

/// Bytes as MiB.
pub fn mebibytes(bytes: u64) -> f64 {
    bytes as f64 / f64::from(1 << 20)
}

fn per_request_us(cpu: Duration, requests: u64) -> f64 {
    cpu.as_secs_f64() * 1e6 / requests as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn processor_time_is_divided_among_the_requests() {
        assert_eq!(per_request_us(Duration::from_secs(2), 100_000), 20.0);
    }

    #[test]
    fn memory_is_shown_in_mebibytes() {
        assert_eq!(mebibytes(7 << 20), 7.0);
    }
}
