//! One error type for every layer: a kind that decides status and retry, a message that is safe to show, and an internal
//! detail and source that are kept apart from it and only ever reach the log.

mod kind;

use std::borrow::Cow;
use std::fmt;
use std::time::Duration;

use serde::Serialize;

pub use kind::{ErrorKind, Family, GrpcStatus};

/// A result whose error is [`Error`].
pub type Result<T, E = Error> = std::result::Result<T, E>;

type Source = Box<dyn std::error::Error + Send + Sync>;

/// One value of the request that is not valid. Never holds the value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FieldError {
    /// Where it is: a JSON pointer (RFC 6901) into the body, or the name of a parameter.
    pub pointer: String,
    /// A stable code: `too_short`, `taken`.
    pub code: Cow<'static, str>,
    /// What is accepted.
    pub message: String,
}

/// What went wrong.
///
/// `Display` shows the public message only, so that an error that is printed by mistake gives nothing away; `Debug` and
/// [`Error::report`] show the detail and the chain of sources, for logs.
pub struct Error(Box<Inner>);

struct Inner {
    kind: ErrorKind,
    message: Option<Cow<'static, str>>,
    fields: Vec<FieldError>,
    retry_after: Option<Duration>,
    detail: Option<Cow<'static, str>>,
    source: Option<Source>,
}

impl Error {
    /// An error of this kind, with the kind's own message.
    pub fn new(kind: ErrorKind) -> Self {
        Self(Box::new(Inner { kind, message: None, fields: Vec::new(), retry_after: None, detail: None, source: None }))
    }

    /// A defect of the service, with what is known of it.
    pub fn internal(detail: impl Into<Cow<'static, str>>) -> Self {
        Self::new(ErrorKind::Internal).with_detail(detail)
    }

    /// Values that are not valid.
    pub fn invalid(fields: impl IntoIterator<Item = FieldError>) -> Self {
        Self::new(ErrorKind::InvalidInput).with_fields(fields)
    }

    /// Replaces the public message. It is shown to clients: no value, no name of a table, a host or a type.
    #[must_use]
    pub fn with_message(mut self, message: impl Into<Cow<'static, str>>) -> Self {
        self.0.message = Some(message.into());
        self
    }

    /// Adds what only the log may know. Still no secret: logs are redacted, and this is the second line, not the first.
    #[must_use]
    pub fn with_detail(mut self, detail: impl Into<Cow<'static, str>>) -> Self {
        self.0.detail = Some(detail.into());
        self
    }

    /// Adds the error that caused this one.
    #[must_use]
    pub fn with_source(mut self, source: impl Into<Source>) -> Self {
        self.0.source = Some(source.into());
        self
    }

    /// Adds a value that is not valid.
    #[must_use]
    pub fn with_field(mut self, pointer: impl Into<String>, code: &'static str, message: impl Into<String>) -> Self {
        self.0.fields.push(FieldError { pointer: pointer.into(), code: code.into(), message: message.into() });
        self
    }

    /// Adds values that are not valid.
    #[must_use]
    pub fn with_fields(mut self, fields: impl IntoIterator<Item = FieldError>) -> Self {
        self.0.fields.extend(fields);
        self
    }

    /// Says when the caller may try again.
    #[must_use]
    pub fn with_retry_after(mut self, after: Duration) -> Self {
        self.0.retry_after = Some(after);
        self
    }

    /// The kind.
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// The message that a client sees.
    pub fn message(&self) -> &str {
        self.0.message.as_deref().unwrap_or_else(|| self.0.kind.message())
    }

    /// The values that are not valid.
    pub fn fields(&self) -> &[FieldError] {
        &self.0.fields
    }

    /// When the caller may try again.
    pub fn retry_after(&self) -> Option<Duration> {
        self.0.retry_after
    }

    /// Whether the same call may succeed later.
    pub fn is_retryable(&self) -> bool {
        self.0.kind.is_retryable()
    }

    /// What only the log may know.
    pub fn detail(&self) -> Option<&str> {
        self.0.detail.as_deref()
    }

    /// Code, message where it is not the usual one, detail and the chain of sources in one line, for logs.
    pub fn report(&self) -> impl fmt::Display + '_ {
        Report(self)
    }
}

struct Report<'a>(&'a Error);

impl fmt::Display for Report<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.kind().code())?;
        if let Some(message) = self.0.0.message.as_deref().filter(|message| *message != self.0.kind().message()) {
            write!(f, ": {message}")?;
        }
        if let Some(detail) = self.0.detail() {
            write!(f, ": {detail}")?;
        }
        let mut source = std::error::Error::source(self.0);
        while let Some(cause) = source {
            write!(f, ": {cause}")?;
            source = cause.source();
        }
        Ok(())
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.message())
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Error({})", self.report())
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.0.source.as_deref().map(|source| source as _)
    }
}

impl From<ErrorKind> for Error {
    fn from(kind: ErrorKind) -> Self {
        Self::new(kind)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn codes_are_unique_and_statuses_are_errors() {
        let codes: HashSet<_> = ErrorKind::ALL.iter().map(|kind| kind.code()).collect();
        assert_eq!(codes.len(), ErrorKind::ALL.len());
        for kind in ErrorKind::ALL {
            assert!((400..600).contains(&kind.http_status()), "{kind:?}");
            assert!(!kind.message().is_empty() && kind.message().is_ascii(), "{kind:?}");
        }
    }

    #[test]
    fn every_family_has_a_kind() {
        let families: HashSet<_> = ErrorKind::ALL.iter().map(|kind| kind.family()).collect();
        assert_eq!(families.len(), 10);
    }

    /// The codes are a promise to clients: this list may grow and never change.
    #[test]
    fn codes_and_statuses_are_stable() {
        let table: String = ErrorKind::ALL
            .iter()
            .map(|k| format!("{} {} {}\n", k.code(), k.http_status(), k.grpc_status().code()))
            .collect();
        insta::assert_snapshot!(table);
    }

    #[test]
    fn what_is_shown_and_what_is_logged_are_kept_apart() {
        let error = Error::new(ErrorKind::Database)
            .with_detail("insert into users")
            .with_source(std::io::Error::other("disk gone"));
        assert_eq!(error.to_string(), "an internal error occurred");
        assert_eq!(error.report().to_string(), "database_error: insert into users: disk gone");
        assert_eq!(format!("{error:?}"), "Error(database_error: insert into users: disk gone)");
        // What was said instead of the usual message is told in both places.
        let error = Error::new(ErrorKind::Configuration).with_message("port 80 is taken").with_detail("web");
        assert_eq!(error.to_string(), "port 80 is taken");
        assert_eq!(error.report().to_string(), "configuration: port 80 is taken: web");
    }
}
