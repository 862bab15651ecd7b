//! What a log line costs, beside the JSON of `tracing-subscriber`, which masks nothing.

use std::fmt;
use std::fs::{File, OpenOptions};
use std::hint::black_box;
use std::io;
use std::sync::Arc;
use std::time::Instant;

use archirust_core::config::Profile;
use archirust_telemetry::{LogSettings, Logs};
use tracing::Dispatch;
use tracing_subscriber::Registry;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::layer::SubscriberExt;

use crate::compare::Series;

/// Events of one kind, so many of them.
type Log = fn(u64);

/// What is logged. All but the last have nothing to mask.
pub const CASES: [(&str, Log); 5] = [
    ("access log, fields on the event", access_log),
    ("access log, half of it on a span", access_log_in_span),
    ("a message alone", message),
    ("a message of 1 KiB", long_message),
    ("a password and a bearer token", secrets),
];

fn access_log(events: u64) {
    for number in 0..events {
        tracing::info!(
            request_id = black_box("019ab1f2-7c3e-7a51-9d1f-3b5e8c2a4f60"),
            method = black_box("GET"),
            path = black_box("/v1/users/me"),
            route = black_box("/v1/users/{id}"),
            status = black_box(200_u64),
            duration_us = black_box(number % 5000),
            bytes_out = black_box(512_u64),
            client = black_box("192.0.2.44"),
            user_agent = black_box("Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"),
            protocol = black_box("HTTP/1.1"),
            "request finished"
        );
    }
}

fn access_log_in_span(events: u64) {
    for number in 0..events {
        let span = tracing::info_span!(
            "request",
            request_id = black_box("019ab1f2-7c3e-7a51-9d1f-3b5e8c2a4f60"),
            method = black_box("GET"),
            path = black_box("/v1/users/me"),
            client = black_box("192.0.2.44"),
        );
        span.in_scope(|| {
            tracing::info!(
                status = black_box(200_u64),
                duration_us = black_box(number % 5000),
                bytes_out = black_box(512_u64),
                user_agent = black_box("Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"),
                protocol = black_box("HTTP/1.1"),
                "request finished"
            );
        });
    }
}

fn message(events: u64) {
    for number in 0..events {
        tracing::info!("cache holds {} entries", black_box(number));
    }
}

fn long_message(events: u64) {
    const TEXT: &str = "The quick brown fox jumps over the lazy dog; pack my box with five dozen liquor jugs.\n";
    let text = TEXT.repeat(12);
    for _ in 0..events {
        tracing::info!("{}", black_box(&text));
    }
}

fn secrets(events: u64) {
    for _ in 0..events {
        tracing::info!(
            password = black_box("correct horse"),
            "sent Authorization: Bearer {}",
            black_box("abcdefghijklmnop")
        );
    }
}

/// Where lines go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sink {
    /// Nowhere: what is measured is the making of lines.
    Nowhere,
    /// To the system, by one `write` for each line.
    DevNull,
}

impl fmt::Display for Sink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Nowhere => "nowhere",
            Self::DevNull => "/dev/null",
        })
    }
}

/// Nanoseconds per event, ours and those of `tracing-subscriber`.
#[derive(Debug)]
pub struct Row {
    /// What was logged.
    pub case: &'static str,
    /// Where it went.
    pub sink: Sink,
    /// ArchiRust.
    pub ours: Series,
    /// `tracing-subscriber`.
    pub plain: Series,
    /// Ours divided by theirs in the same round.
    pub ratio: Series,
}

/// Measures every case, in turns: what disturbs the machine disturbs both.
///
/// # Errors
/// If logs can't be set up or `/dev/null` can't be opened.
pub fn measure(rounds: usize, events: u64) -> Result<Vec<Row>, Box<dyn std::error::Error>> {
    let null = Arc::new(OpenOptions::new().write(true).open("/dev/null")?);
    let mut rows = Vec::new();
    for sink in [Sink::Nowhere, Sink::DevNull] {
        let (ours, plain) = match sink {
            Sink::Nowhere => (ours(io::sink)?, plain(io::sink)),
            Sink::DevNull => (ours(Arc::<File>::clone(&null))?, plain(Arc::<File>::clone(&null))),
        };
        for (case, log) in CASES {
            let mut row =
                Row { case, sink, ours: Series::default(), plain: Series::default(), ratio: Series::default() };
            for round in 0..=rounds {
                let (our, their) = if round % 2 == 0 {
                    let our = nanoseconds(&ours, log, events);
                    (our, nanoseconds(&plain, log, events))
                } else {
                    let their = nanoseconds(&plain, log, events);
                    (nanoseconds(&ours, log, events), their)
                };
                // The first round warms up.
                if round > 0 {
                    row.ours.add(our);
                    row.plain.add(their);
                    row.ratio.add(our / their);
                }
            }
            rows.push(row);
        }
    }
    Ok(rows)
}

fn ours<W>(writer: W) -> archirust_core::Result<Dispatch>
where
    W: for<'a> MakeWriter<'a> + Send + Sync + 'static,
{
    let logs = Logs::new(&LogSettings::default(), Profile::Production, "accounts")?;
    Ok(Dispatch::new(Registry::default().with(logs.layer(writer))))
}

fn plain<W>(writer: W) -> Dispatch
where
    W: for<'a> MakeWriter<'a> + Send + Sync + 'static,
{
    Dispatch::new(Registry::default().with(tracing_subscriber::fmt::layer().json().with_writer(writer)))
}

fn nanoseconds(dispatch: &Dispatch, log: Log, events: u64) -> f64 {
    tracing::dispatcher::with_default(dispatch, || {
        let start = Instant::now();
        log(events);
        start.elapsed().as_secs_f64() * 1e9 / events as f64
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_case_is_measured_with_both_sinks() {
        let rows = measure(1, 10).unwrap();
        assert_eq!(rows.len(), 2 * CASES.len());
        assert!(rows.iter().all(|row| row.ours.median() > 0.0 && row.ratio.median() > 0.0));
    }
}
