//! Values of events and spans as text: masked, escaped, and each in one place.

use std::error::Error;
use std::fmt::{self, Write};

use tracing_core::Field;
use tracing_core::field::Visit;

use super::escape::{self, Escape};
use crate::redact::Redactor;

/// Sources of an error that are shown.
const DEEPEST_CHAIN: usize = 32;

/// How a line looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Style {
    Json,
    Pretty { ansi: bool },
}

impl Style {
    fn value(self) -> Escape {
        if self == Self::Json { Escape::Json } else { Escape::Quoted }
    }

    /// How a message is written.
    pub(super) fn message(self) -> Escape {
        if self == Self::Json { Escape::Json } else { Escape::Bare }
    }
}

/// What correlates a line with others; found in the event or the spans around it.
#[derive(Debug, Default)]
pub(super) struct Ids {
    pub(super) request: String,
    pub(super) trace: String,
}

impl Ids {
    fn named(&mut self, name: &str) -> Option<&mut String> {
        match name {
            "request_id" => Some(&mut self.request),
            "trace_id" => Some(&mut self.trace),
            _ => None,
        }
    }

    /// Takes what is newer or nearer.
    pub(super) fn inherit(&mut self, other: &Self) {
        for (id, other) in [(&mut self.request, &other.request), (&mut self.trace, &other.trace)] {
            if !other.is_empty() {
                id.clone_from(other);
            }
        }
    }

    pub(super) fn clear(&mut self) {
        self.request.clear();
        self.trace.clear();
    }
}

/// Whose values they are.
pub(super) enum Owner<'a> {
    /// An event: its message and ids stand apart from the fields.
    Event { message: &'a mut String, from_log: bool },
    /// A span: where each field begins is noted, so that a later value can replace it.
    Span { starts: &'a mut Vec<(&'static str, usize)> },
}

/// Appends fields: `,"name":value` in JSON, ` name=value` in a readable line.
pub(super) struct Fields<'a> {
    pub(super) redactor: &'a Redactor,
    pub(super) style: Style,
    pub(super) out: &'a mut String,
    pub(super) ids: &'a mut Ids,
    pub(super) scratch: &'a mut String,
    pub(super) owner: Owner<'a>,
}

impl Fields<'_> {
    fn text(&mut self, name: &'static str, text: &str) {
        if let Owner::Event { message, .. } = &mut self.owner
            && name == "message"
        {
            escape::push(message, &self.redactor.redact(text), self.style.message());
            return;
        }
        let shown = self.redactor.redact_field(name, text);
        if let Some(id) = self.ids.named(name) {
            id.clear();
            escape::push(id, &shown, self.style.value());
            if matches!(self.owner, Owner::Event { .. }) {
                return;
            }
        }
        self.name(name);
        let plain = matches!(self.style, Style::Pretty { .. }) && is_plain(&shown);
        let quote = if plain { "" } else { "\"" };
        self.out.push_str(quote);
        escape::push(self.out, &shown, self.style.value());
        self.out.push_str(quote);
    }

    /// A number or a truth value, which needs neither quotes nor escapes.
    fn literal(&mut self, name: &'static str, literal: &str) {
        let is_bool = matches!(literal, "true" | "false");
        if matches!(name, "message" | "request_id" | "trace_id") || (!is_bool && self.redactor.is_secret(name)) {
            return self.text(name, literal);
        }
        self.name(name);
        self.out.push_str(literal);
    }

    fn name(&mut self, name: &'static str) {
        if let Owner::Span { starts } = &mut self.owner {
            starts.push((name, self.out.len()));
        }
        let name = name.strip_prefix("r#").unwrap_or(name);
        if self.style == Style::Json {
            // The name of a span stands among its fields.
            let is_taken = name == "name" && matches!(self.owner, Owner::Span { .. });
            self.out.push_str(if is_taken { ",\"field." } else { ",\"" });
            escape::push(self.out, name, Escape::Json);
            self.out.push_str("\":");
        } else {
            self.out.push(' ');
            escape::push(self.out, name, Escape::Quoted);
            self.out.push('=');
        }
    }

    /// Lets `write` make the text of a value.
    fn written(&mut self, name: &'static str, write: impl FnOnce(&mut String) -> fmt::Result) {
        let mut text = std::mem::take(self.scratch);
        text.clear();
        if write(&mut text).is_err() {
            text.push_str(" (this value could not be shown)");
        }
        self.text(name, &text);
        *self.scratch = text;
    }

    fn is_of_log(&self, name: &str) -> bool {
        matches!(self.owner, Owner::Event { from_log: true, .. }) && name.starts_with("log.")
    }
}

impl Visit for Fields<'_> {
    fn record_str(&mut self, field: &Field, value: &str) {
        if !self.is_of_log(field.name()) {
            self.text(field.name(), value);
        }
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.written(field.name(), |out| write!(out, "{value:?}"));
    }

    fn record_error(&mut self, field: &Field, value: &(dyn Error + 'static)) {
        self.written(field.name(), |out| chain(out, value));
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        if self.is_of_log(field.name()) {
            return;
        }
        match self.redactor.mask_number(value) {
            Some(masked) => self.text(field.name(), &masked),
            None => self.literal(field.name(), itoa::Buffer::new().format(value)),
        }
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        match u64::try_from(value) {
            Ok(value) => self.record_u64(field, value),
            Err(_) => self.literal(field.name(), itoa::Buffer::new().format(value)),
        }
    }

    fn record_u128(&mut self, field: &Field, value: u128) {
        // Most readers of JSON lose digits of such a number.
        self.text(field.name(), itoa::Buffer::new().format(value));
    }

    fn record_i128(&mut self, field: &Field, value: i128) {
        self.text(field.name(), itoa::Buffer::new().format(value));
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        if value.is_finite() {
            self.literal(field.name(), &format!("{value:?}"));
        } else {
            self.text(field.name(), &value.to_string());
        }
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.literal(field.name(), if value { "true" } else { "false" });
    }
}

/// An error and what caused it, in one line.
fn chain(out: &mut String, error: &(dyn Error + 'static)) -> fmt::Result {
    let mut next = Some(error);
    for depth in 0..DEEPEST_CHAIN {
        let Some(error) = next else { break };
        let before = out.len();
        if depth > 0 {
            out.push_str(": ");
        }
        let start = out.len();
        match error.downcast_ref::<archirust_core::Error>() {
            // Its `Display` is for clients.
            Some(ours) => {
                out.push_str(ours.kind().code());
                if let Some(detail) = ours.detail() {
                    write!(out, ": {detail}")?;
                }
            }
            None => write!(out, "{error}")?,
        }
        // Many errors end their own text with that of their source.
        if depth > 0 && out[..before].ends_with(&out[start..]) {
            out.truncate(before);
        }
        next = error.source();
    }
    Ok(())
}

/// Whether a value can be told from what follows without quotes.
fn is_plain(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_graphic() && !matches!(byte, b'"' | b'\\' | b'='))
}
