//! One event as one line.

use std::cell::Cell;
use std::fmt;
use std::sync::Arc;

use archirust_core::Clock;
use archirust_core::config::Profile;
use tracing_core::span::{Attributes, Record};
use tracing_core::{Event, Level, Metadata};
use tracing_log::NormalizeEvent;
use tracing_subscriber::registry::{LookupSpan, Scope};

use super::escape::{self, Escape};
use super::fields::{Fields, Ids, Owner, Style};
use super::stamp;
use crate::redact::Redactor;

/// Buffers that grew larger for one line are not kept.
const LARGEST_KEPT: usize = 64 * 1024;

/// Makes lines of events.
pub(crate) struct Format {
    style: Style,
    redactor: Redactor,
    clock: Arc<dyn Clock>,
    /// `,"service":"…","profile":"…"`, which is the same in each line.
    service: String,
}

impl fmt::Debug for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Format").field("style", &self.style).finish_non_exhaustive()
    }
}

/// What a span adds to the lines within it.
#[derive(Debug, Default)]
pub(super) struct SpanText {
    fields: String,
    starts: Vec<(&'static str, usize)>,
    ids: Ids,
}

impl SpanText {
    /// Takes over fields that were recorded later: a newer value of a name replaces the older one.
    pub(super) fn update(&mut self, newer: &Self) {
        for (index, &(name, start)) in newer.starts.iter().enumerate() {
            if let Some(old) = self.starts.iter().position(|(known, _)| *known == name) {
                self.remove(old);
            }
            let end = newer.starts.get(index + 1).map_or(newer.fields.len(), |(_, next)| *next);
            self.starts.push((name, self.fields.len()));
            self.fields.push_str(&newer.fields[start..end]);
        }
        self.ids.inherit(&newer.ids);
    }

    fn remove(&mut self, index: usize) {
        let (_, start) = self.starts.remove(index);
        let end = self.starts.get(index).map_or(self.fields.len(), |(_, next)| *next);
        self.fields.drain(start..end);
        for (_, later) in &mut self.starts[index..] {
            *later -= end - start;
        }
    }
}

/// The texts that a line is put together from.
#[derive(Default)]
struct Buffers {
    line: String,
    message: String,
    fields: String,
    spans: String,
    scratch: String,
    ids: Ids,
}

impl Buffers {
    fn clear(&mut self) {
        for text in [&mut self.line, &mut self.message, &mut self.fields, &mut self.spans, &mut self.scratch] {
            text.clear();
            text.shrink_to(LARGEST_KEPT);
        }
        self.ids.clear();
    }
}

thread_local! {
    /// Taken while a line is made: an event within the `Debug` of a value finds none and makes its own.
    static BUFFERS: Cell<Option<Box<Buffers>>> = const { Cell::new(None) };
}

impl Format {
    pub(super) fn new(
        style: Style,
        redactor: Redactor,
        clock: Arc<dyn Clock>,
        service: &str,
        profile: Option<Profile>,
    ) -> Self {
        let mut text = String::new();
        if style == Style::Json {
            text.push_str(",\"service\":\"");
            escape::push(&mut text, service, Escape::Json);
            text.push('"');
            if let Some(profile) = profile {
                text.push_str(",\"profile\":\"");
                text.push_str(profile.name());
                text.push('"');
            }
        }
        Self { style, redactor, clock, service: text }
    }

    pub(super) fn redactor(&self) -> &Redactor {
        &self.redactor
    }

    /// The text of a new span.
    pub(super) fn span(&self, attributes: &Attributes<'_>) -> SpanText {
        self.span_text(|fields| attributes.record(fields))
    }

    /// What is to be added to the text of a span.
    pub(super) fn recorded(&self, values: &Record<'_>) -> SpanText {
        self.span_text(|fields| values.record(fields))
    }

    fn span_text(&self, record: impl FnOnce(&mut Fields<'_>)) -> SpanText {
        let mut span = SpanText::default();
        let mut scratch = String::new();
        record(&mut Fields {
            redactor: &self.redactor,
            style: self.style,
            out: &mut span.fields,
            ids: &mut span.ids,
            scratch: &mut scratch,
            owner: Owner::Span { starts: &mut span.starts },
        });
        span
    }

    /// Makes the line of an event and hands it over, line feed included.
    pub(super) fn event<'a, S>(&self, event: &Event<'_>, scope: Option<Scope<'a, S>>, write: impl FnOnce(&[u8]))
    where
        S: LookupSpan<'a>,
    {
        let mut buffers = BUFFERS.try_with(Cell::take).ok().flatten().unwrap_or_default();
        buffers.clear();
        let of_log = event.normalized_metadata();
        self.fill(&mut buffers, event, of_log.is_some(), scope);
        let metadata = of_log.as_ref().unwrap_or_else(|| event.metadata());
        // The target of a record of `log` is text that anyone may have made.
        let target = of_log.as_ref().map(|of_log| self.redactor.redact(of_log.target()));
        let target = target.as_deref().unwrap_or(metadata.target());
        match self.style {
            Style::Json => self.put_json(&mut buffers, metadata, target),
            Style::Pretty { ansi } => self.put_pretty(&mut buffers, metadata, target, ansi),
        }
        write(buffers.line.as_bytes());
        let _ = BUFFERS.try_with(|cell| cell.set(Some(buffers)));
    }

    /// Message, fields, spans and ids, each in its buffer.
    fn fill<'a, S>(&self, buffers: &mut Buffers, event: &Event<'_>, from_log: bool, scope: Option<Scope<'a, S>>)
    where
        S: LookupSpan<'a>,
    {
        let Buffers { message, fields, spans, scratch, ids, .. } = buffers;
        for span in scope.into_iter().flat_map(Scope::from_root) {
            let extensions = span.extensions();
            let text = extensions.get::<SpanText>();
            self.push_span(spans, span.name(), text.map_or("", |text| &text.fields));
            if let Some(text) = text {
                ids.inherit(&text.ids);
            }
        }
        event.record(&mut Fields {
            redactor: &self.redactor,
            style: self.style,
            out: fields,
            ids,
            scratch,
            owner: Owner::Event { message, from_log },
        });
    }

    fn push_span(&self, spans: &mut String, name: &str, fields: &str) {
        if self.style == Style::Json {
            spans.push_str(",{\"name\":\"");
            escape::push(spans, name, Escape::Json);
            spans.push('"');
            spans.push_str(fields);
            spans.push('}');
        } else {
            spans.push_str(if spans.is_empty() { " (in " } else { " > " });
            escape::push(spans, name, Escape::Bare);
            spans.push_str(fields);
        }
    }

    fn put_json(&self, buffers: &mut Buffers, metadata: &Metadata<'_>, target: &str) {
        let Buffers { line, message, fields, spans, ids, .. } = buffers;
        line.push_str("{\"timestamp\":\"");
        stamp::push(line, self.clock.now());
        line.push_str("\",\"level\":\"");
        line.push_str(metadata.level().as_str());
        line.push_str("\",\"target\":\"");
        escape::push(line, target, Escape::Json);
        line.push_str("\",\"message\":\"");
        line.push_str(message);
        line.push('"');
        line.push_str(&self.service);
        for (name, id) in [(",\"request_id\":\"", &ids.request), (",\"trace_id\":\"", &ids.trace)] {
            if !id.is_empty() {
                line.push_str(name);
                line.push_str(id);
                line.push('"');
            }
        }
        if let Some(fields) = fields.get(1..) {
            line.push_str(",\"fields\":{");
            line.push_str(fields);
            line.push('}');
        }
        if let Some(spans) = spans.get(1..) {
            line.push_str(",\"spans\":[");
            line.push_str(spans);
            line.push(']');
        }
        line.push_str("}\n");
    }

    fn put_pretty(&self, buffers: &mut Buffers, metadata: &Metadata<'_>, target: &str, ansi: bool) {
        let Buffers { line, message, fields, spans, ids, .. } = buffers;
        let (dim, bold, plain) = if ansi { ("\x1b[2m", "\x1b[1m", "\x1b[0m") } else { ("", "", "") };
        let colour = match *metadata.level() {
            _ if !ansi => "",
            Level::ERROR => "\x1b[31m",
            Level::WARN => "\x1b[33m",
            Level::INFO => "\x1b[32m",
            Level::DEBUG => "\x1b[34m",
            Level::TRACE => "\x1b[35m",
        };
        line.push_str(dim);
        stamp::push(line, self.clock.now());
        line.push_str(plain);
        line.push(' ');
        line.push_str(colour);
        let level = metadata.level().as_str();
        line.extend(std::iter::repeat_n(' ', 5_usize.saturating_sub(level.len())));
        line.push_str(level);
        line.push_str(plain);
        line.push(' ');
        line.push_str(dim);
        escape::push(line, target, Escape::Bare);
        line.push(':');
        line.push_str(plain);
        if !message.is_empty() {
            line.push(' ');
            line.push_str(bold);
            line.push_str(message);
            line.push_str(plain);
        }
        line.push_str(fields);
        line.push_str(dim);
        for (name, id) in [("request_id=", &ids.request), ("trace_id=", &ids.trace)] {
            if !id.is_empty() && !spans.contains(name) {
                line.push(' ');
                line.push_str(name);
                line.push_str(id);
            }
        }
        if !spans.is_empty() {
            line.push_str(spans);
            line.push(')');
        }
        line.push_str(plain);
        line.push('\n');
    }
}
