//! Logs that give nothing away, and metrics.
//!
//! [`init`] installs the logs of a process: JSON lines, or readable ones in development. Masking is part of the subscriber
//! and not a habit: whatever is logged through `tracing` or `log`, in messages, fields, spans, errors or panics, passes a
//! [`Redactor`], and no text in it can end a line or command a terminal.
//!
//! ```no_run
//! use archirust_core::config::Profile;
//! use archirust_telemetry::{LogSettings, init};
//!
//! # fn main() -> archirust_core::Result<()> {
//! let _guard = init(&LogSettings::default(), Profile::Production, "accounts")?;
//! tracing::info!(user = "bob", password = "hunter2", "logged in"); // password: [redacted]
//! # Ok(())
//! # }
//! ```
//!
//! One line of JSON has `timestamp`, `level`, `target`, `message`, `service`, `profile`, then `request_id` and `trace_id`
//! if the event or a span around it has them, and `fields` and `spans` if there are any.
//!
//! | module | holds |
//! |---|---|
//! | [`config`] | settings of the section `log` |
//! | [`redact`] | finding secrets in text, and masking them |
//! | [`metrics`] | a shared registry, and figures of the process |
//! | [`testing`] | logs within tests |
//! | [`facts`], [`rules`] | ARCHI-LOG-001, 002, 006 and 007 |

pub mod config;
pub mod facts;
mod logs;
pub mod metrics;
mod probe;
mod process;
pub mod redact;
pub mod rules;
pub mod testing;

pub use config::{LogFormat, LogOutput, LogSettings};
pub use facts::LogFacts;
pub use logs::{LogLayer, Logs, TelemetryGuard, init, panic_hook};
pub use metrics::Metrics;
pub use probe::probe_subscriber;
pub use redact::Redactor;
pub use rules::RULES;
