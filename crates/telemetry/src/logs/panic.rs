//! Panics as events: one line like any other, masked like any other.

use std::any::Any;
use std::backtrace::{Backtrace, BacktraceStatus};
use std::panic::PanicHookInfo;

use super::filter::PANIC_TARGET;

/// A panic hook that logs, for [`std::panic::set_hook`]. Nothing is printed beside the log.
///
/// The backtrace is added when `RUST_BACKTRACE` asks for one.
pub fn panic_hook() -> Box<dyn Fn(&PanicHookInfo<'_>) + Send + Sync + 'static> {
    Box::new(|info| {
        let location = info.location().map(|at| format!("{}:{}:{}", at.file(), at.line(), at.column()));
        let backtrace = Backtrace::capture();
        let backtrace = (backtrace.status() == BacktraceStatus::Captured).then_some(&backtrace);
        log_panic(message_of(info.payload()), location.as_deref().unwrap_or("unknown"), backtrace);
    })
}

/// Resolving the names of a backtrace takes many milliseconds, so the probe does without.
pub(crate) fn log_panic(message: &str, location: &str, backtrace: Option<&Backtrace>) {
    let thread = std::thread::current();
    let thread = thread.name().unwrap_or("unnamed");
    match backtrace {
        Some(backtrace) => tracing::error!(target: PANIC_TARGET, location, thread, %backtrace, "panicked: {message}"),
        None => tracing::error!(target: PANIC_TARGET, location, thread, "panicked: {message}"),
    }
}

fn message_of(payload: &(dyn Any + Send)) -> &str {
    payload
        .downcast_ref::<&'static str>()
        .copied()
        .or_else(|| payload.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("(no message)")
}
