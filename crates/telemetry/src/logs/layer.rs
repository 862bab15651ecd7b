//! The layer of a subscriber that writes lines.

use std::io::Write;
use std::sync::Arc;

use prometheus_client::metrics::counter::Counter;
use tracing_core::span::{Attributes, Id, Record};
use tracing_core::{Event, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::layer::Context;
use tracing_subscriber::registry::LookupSpan;

use super::format::{Format, SpanText};

/// Writes each event as one line with one `write`, everything in it masked and escaped.
///
/// Made by [`Logs::layer`](crate::Logs::layer). An event that can't be written is counted and lost; the caller is never
/// disturbed.
#[derive(Debug)]
pub struct LogLayer<W> {
    format: Arc<Format>,
    writer: W,
    lost: Counter,
}

/// Its events repeat the whole address of a request, query included, where no name tells what is secret. What there is to
/// know of a request is in the line of the access log.
const REPEATS_ADDRESSES: &str = "tower_http";

impl<W> LogLayer<W> {
    pub(crate) fn new(format: Arc<Format>, writer: W, lost: Counter) -> Self {
        Self { format, writer, lost }
    }
}

impl<S, W> Layer<S> for LogLayer<W>
where
    S: Subscriber + for<'span> LookupSpan<'span>,
    W: for<'writer> MakeWriter<'writer> + 'static,
{
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        if let Some(span) = context.span(id) {
            // Made before the lock is taken: a `Debug` may log.
            let text = self.format.span(attributes);
            span.extensions_mut().replace(text);
        }
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, context: Context<'_, S>) {
        if let Some(span) = context.span(id) {
            let newer = self.format.recorded(values);
            let mut extensions = span.extensions_mut();
            match extensions.get_mut::<SpanText>() {
                Some(text) => text.update(&newer),
                None => {
                    extensions.replace(newer);
                }
            }
        }
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        if event.metadata().target().starts_with(REPEATS_ADDRESSES) {
            return;
        }
        self.format.event(event, context.event_scope(event), |line| {
            if self.writer.make_writer_for(event.metadata()).write_all(line).is_err() {
                self.lost.inc();
            }
        });
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn events_that_repeat_addresses_are_not_written() {
        let logs = crate::testing::capture();
        tracing::trace!(target: "tower_http::csrf::service", uri = "/reset/canary-9f3c", "request passed");
        tracing::info!("something else");
        logs.assert_absent(&["canary-9f3c"]);
        assert_eq!(logs.text().lines().count(), 1);
    }
}
