//! telemetry
pub mod redact;
pub use redact::Redactor;
