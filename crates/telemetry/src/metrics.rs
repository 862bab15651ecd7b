//! Metrics: one registry for the whole process, in the text format of OpenMetrics.

use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};

use archirust_core::{Error, Result};
use prometheus_client::encoding::text::encode;
use prometheus_client::registry::Registry;

use crate::process::ProcessCollector;

/// The registry that everything in a process shares. Cheap to clone.
///
/// ```
/// use archirust_telemetry::Metrics;
/// use prometheus_client::metrics::counter::Counter;
///
/// let metrics = Metrics::new();
/// let logins = metrics.register(|registry| {
///     let logins: Counter = Counter::default();
///     registry.register("logins", "Logins that succeeded", logins.clone());
///     logins
/// });
/// logins.inc();
/// assert!(metrics.encode().unwrap().contains("logins_total 1"));
/// ```
#[derive(Clone, Default)]
pub struct Metrics(Arc<RwLock<Registry>>);

impl Metrics {
    /// The media type of [`Metrics::encode`].
    pub const CONTENT_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

    /// A registry with figures of the process, which are read at each scrape: start, CPU time, memory, open files.
    pub fn new() -> Self {
        let metrics = Self::default();
        metrics.register(|registry| registry.register_collector(Box::new(ProcessCollector)));
        metrics
    }

    /// Registers metrics; what `register` makes is handed on. Labels are shown to whoever scrapes: no secret, and nothing
    /// of which there are many, such as users or paths.
    pub fn register<T>(&self, register: impl FnOnce(&mut Registry) -> T) -> T {
        register(&mut self.0.write().unwrap_or_else(PoisonError::into_inner))
    }

    /// All metrics in the text format of OpenMetrics 1.0.
    ///
    /// # Errors
    /// [`archirust_core::ErrorKind::Internal`] if a collector fails.
    pub fn encode(&self) -> Result<String> {
        let mut text = String::new();
        encode(&mut text, &self.0.read().unwrap_or_else(PoisonError::into_inner))
            .map_err(|error| Error::internal("metrics could not be written").with_source(error))?;
        Ok(text)
    }
}

impl fmt::Debug for Metrics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Metrics")
    }
}
