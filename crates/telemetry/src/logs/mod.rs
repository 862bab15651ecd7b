//! Logs: a subscriber of `tracing` that masks and escapes everything it writes.

mod escape;
mod fields;
pub(crate) mod filter;
mod format;
mod layer;
mod output;
mod panic;
mod stamp;

use std::io::Write;
use std::sync::Arc;

use archirust_core::clock::SystemClock;
use archirust_core::config::{Origins, Profile};
use archirust_core::{Clock, Error, ErrorKind, Result};
use prometheus_client::metrics::counter::Counter;
use tracing_core::LevelFilter;
use tracing_log::{AsLog, LogTracer};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::{EnvFilter, Registry};

use crate::config::{LogFormat, LogSettings};
use crate::facts::LogFacts;
use crate::metrics::Metrics;
use crate::redact::Redactor;
use fields::Style;
use format::Format;
use output::Output;

pub use layer::LogLayer;
pub(crate) use panic::log_panic;
pub use panic::panic_hook;

/// Installs logs for the whole process. The same as [`Logs::new`] and [`Logs::install`].
///
/// # Errors
/// [`ErrorKind::Configuration`] if the filter is not valid, the output can't be opened, or logs are installed already.
pub fn init(settings: &LogSettings, profile: Profile, service: &str) -> Result<TelemetryGuard> {
    Logs::new(settings, profile, service)?.install()
}

/// Logs that are set up and not yet installed: so that they can be probed first.
#[derive(Debug)]
pub struct Logs {
    settings: LogSettings,
    profile: Profile,
    filter: EnvFilter,
    format: Arc<Format>,
    lost: Counter,
}

impl Logs {
    /// Sets up logs with the clock of the system.
    ///
    /// # Errors
    /// [`ErrorKind::Configuration`] if the filter is not valid.
    pub fn new(settings: &LogSettings, profile: Profile, service: &str) -> Result<Self> {
        Self::with_clock(settings, profile, service, SystemClock::shared())
    }

    /// Sets up logs whose timestamps come from a clock.
    ///
    /// # Errors
    /// As [`Logs::new`].
    pub fn with_clock(settings: &LogSettings, profile: Profile, service: &str, clock: Arc<dyn Clock>) -> Result<Self> {
        let filter = filter::parse(&settings.level)
            .map_err(|why| Error::new(ErrorKind::Configuration).with_detail(format!("log.level {why}")))?;
        let style = match settings.format.effective(profile) {
            LogFormat::Pretty => Style::Pretty { ansi: Output::wants_colour(&settings.output) },
            _ => Style::Json,
        };
        let redactor = Redactor::with(&settings.redact_fields, settings.redact_email, settings.redact_phone);
        let format = Arc::new(Format::new(style, redactor, clock, service, Some(profile)));
        Ok(Self { settings: settings.clone(), profile, filter, format, lost: Counter::default() })
    }

    /// What masks the lines; for what else leaves the service, such as reports of errors.
    pub fn redactor(&self) -> &Redactor {
        self.format.redactor()
    }

    /// A layer that writes the same lines elsewhere, without the filter.
    pub fn layer<W>(&self, writer: W) -> LogLayer<W> {
        LogLayer::new(Arc::clone(&self.format), writer, self.lost.clone())
    }

    /// How many events could not be written.
    pub fn lost(&self) -> u64 {
        self.lost.get()
    }

    /// Sends canaries through the lines as they will be written, and tells what became of them. Takes well under a
    /// millisecond, and writes nothing to the output.
    pub fn probe(&self, origins: &Origins) -> LogFacts {
        crate::probe_subscriber(&self.settings, self.profile, origins, |writer| {
            Registry::default().with(self.layer(writer))
        })
    }

    /// Makes these the logs of the process: events of `tracing`, records of `log`, and panics.
    ///
    /// # Errors
    /// [`ErrorKind::Configuration`] if the output can't be opened, or logs are installed already.
    pub fn install(self) -> Result<TelemetryGuard> {
        let output = Output::open(&self.settings.output)?;
        let twice = |what: &'static str| {
            Error::new(ErrorKind::Configuration)
                .with_detail(format!("{what} are installed already; install logs once, at the start"))
        };
        let level = self.filter.max_level_hint().unwrap_or(LevelFilter::TRACE);
        let layer = self.layer(output.clone());
        let guard = TelemetryGuard { redactor: self.redactor().clone(), output, lost: self.lost.clone() };
        tracing::subscriber::set_global_default(Registry::default().with(self.filter).with(layer))
            .map_err(|error| twice("logs of `tracing`").with_source(error))?;
        LogTracer::builder()
            .with_max_level(level.as_log())
            .init()
            .map_err(|error| twice("logs of `log`").with_source(error))?;
        std::panic::set_hook(panic_hook());
        Ok(guard)
    }
}

/// A layer that writes JSON, outside of any [`Logs`].
pub(crate) fn json_layer<W>(
    redactor: Redactor,
    clock: Arc<dyn Clock>,
    service: &str,
    profile: Profile,
    writer: W,
) -> LogLayer<W> {
    let format = Format::new(Style::Json, redactor, clock, service, Some(profile));
    LogLayer::new(Arc::new(format), writer, Counter::default())
}

/// Keeps the logs; hold it as long as the process runs. What was written is flushed when it is dropped.
#[derive(Debug)]
#[must_use = "hold it as long as the process runs"]
pub struct TelemetryGuard {
    redactor: Redactor,
    output: Output,
    lost: Counter,
}

impl TelemetryGuard {
    /// What masks the lines; for what else leaves the service, such as reports of errors.
    pub fn redactor(&self) -> &Redactor {
        &self.redactor
    }

    /// How many events could not be written.
    pub fn lost(&self) -> u64 {
        self.lost.get()
    }

    /// Adds the count of lines that could not be written to the metrics: `log_lines_lost_total`.
    pub fn register(&self, metrics: &Metrics) {
        let lost = self.lost.clone();
        metrics.register(|registry| {
            registry.register("log_lines_lost", "Lines of the log that could not be written", lost)
        });
    }
}

impl Drop for TelemetryGuard {
    fn drop(&mut self) {
        use tracing_subscriber::fmt::MakeWriter;

        let _ = self.output.make_writer().flush();
    }
}
