//! The access log: one event per request, in the target `archirust::access`.
//!
//! Failures of the service are errors, security events are warnings, everything else is information. The path as it was
//! sent, the query and the headers are never logged: they hold what clients put into them.

use std::time::Duration;

use http::StatusCode;
use tracing::field::{DisplayValue, display};

use super::flight::Flight;
use crate::problem::{Failure, is_security_event};

/// How a request ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    /// With its whole answer.
    Whole,
    /// The client left before the answer was ready.
    Cancelled,
    /// The answer broke off.
    BrokenOff,
}

/// Whether it is logged even if the access log is off.
pub(super) fn is_worth_telling(failure: &Failure) -> bool {
    let kind = failure.error().kind();
    kind.http_status() >= 500 || is_security_event(kind)
}

macro_rules! event {
    ($level:expr, $flight:ident, $status:ident, $bytes:ident, $micros:ident, $code:ident, $error:ident, $end:ident) => {{
        let context = &$flight.context.0;
        tracing::event!(
            target: "archirust::access",
            $level,
            method = $flight.method.as_str(),
            route = $flight.route.route(None),
            status = $status.as_u16(),
            latency_us = $micros,
            bytes = $bytes,
            client = context.client.map(display),
            request_id = context.id.as_str(),
            trace_id = %context.trace.trace_id(),
            user = context.user.get().map(|user| &**user),
            code = $code,
            error = $error,
            end = $end,
            "request"
        )
    }};
}

pub(super) fn record(
    flight: &Flight,
    status: StatusCode,
    bytes: u64,
    duration: Duration,
    failure: Option<&Failure>,
    end: End,
) {
    let micros = u64::try_from(duration.as_micros()).unwrap_or(u64::MAX);
    let error = failure.map(Failure::error);
    let code = error.map(|error| error.kind().code());
    let report: Option<DisplayValue<_>> = error.map(|error| display(error.report()));
    let end = match end {
        End::Whole => None,
        End::Cancelled => Some("cancelled by the client"),
        End::BrokenOff => Some("broken off"),
    };
    if status.is_server_error() {
        event!(tracing::Level::ERROR, flight, status, bytes, micros, code, report, end);
    } else if error.is_some_and(|error| is_security_event(error.kind())) {
        event!(tracing::Level::WARN, flight, status, bytes, micros, code, report, end);
    } else {
        event!(tracing::Level::INFO, flight, status, bytes, micros, code, report, end);
    }
}
