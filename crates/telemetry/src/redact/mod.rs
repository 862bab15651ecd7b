//! Finding what nobody may see in text, and masking it.
//!
//! A value is secret by the **name** that it goes by (`password`, `X-Api-Key`, `db_token` and what the settings add) or by
//! its **form**: tokens, credentials of HTTP and URLs, private keys, keys of cloud and other providers, password hashes,
//! card numbers, IBANs; e-mail addresses and telephone numbers if asked for. Names are seen wherever a text holds pairs:
//! in messages, JSON, `Debug` output, query strings, headers, XML and command lines, percent-encoded too.
//!
//! What helps is kept: the `jti` of a token, the last four digits of a card, the country and end of an IBAN, host and path
//! of a URL. In doubt more is masked, never less.

mod contact;
mod credential;
mod names;
mod number;
mod pair;
mod percent;
mod provider;
mod scan;
mod url;
mod value;

use std::borrow::Cow;
use std::sync::Arc;

use names::Names;
use scan::{Scan, Targets};

pub(crate) use names::normal as normal_name;

/// What stands in the place of a secret.
pub const MARK: &str = "[redacted]";

const MARK_START: &str = "[redacted";

/// A text that needs more passes than this is masked as a whole.
const PASSES: usize = 8;

/// Masks secrets in text. Cheap to clone and to share; nothing about it changes after it was made.
///
/// ```
/// let redactor = archirust_telemetry::Redactor::default();
/// assert_eq!(redactor.redact("login with password=hunter2"), "login with password=[redacted]");
/// assert_eq!(redactor.redact("GET /v1/users/me"), "GET /v1/users/me");
/// ```
#[derive(Clone, Debug)]
pub struct Redactor(Arc<Targets>);

impl Redactor {
    /// Masks the default names and forms.
    pub fn new() -> Self {
        Self::with(&[], false, false)
    }

    /// Masks the default names and forms, values of more names, and addresses and numbers of people if asked for.
    ///
    /// A name covers every longer one that ends with it; case, hyphens and underscores don't matter. A name without an
    /// ASCII letter covers nothing.
    pub fn with(fields: &[String], email: bool, phone: bool) -> Self {
        Self(Arc::new(Targets { names: Names::with(fields), email, phone }))
    }

    /// The text with every secret in it masked: borrowed when there is none.
    ///
    /// Masking a masked text changes nothing. Takes time linear in the length of the text, and never panics.
    pub fn redact<'a>(&self, text: &'a str) -> Cow<'a, str> {
        // Identifiers are frequent and never secret.
        if number::is_uuid(text.as_bytes()) {
            return Cow::Borrowed(text);
        }
        let Some(mut masked) = Scan::new(text, &self.0).run() else {
            return Cow::Borrowed(text);
        };
        // A mask can bring things together that were apart.
        for _ in 1..PASSES {
            match Scan::new(&masked, &self.0).run() {
                Some(again) => masked = again,
                None => return Cow::Owned(masked),
            }
        }
        Cow::Borrowed(MARK)
    }

    /// The value of a field: masked as a whole if the name says so, and otherwise as any text.
    pub fn redact_field<'a>(&self, name: &str, value: &'a str) -> Cow<'a, str> {
        if self.is_secret(name) { self.mask(value) } else { self.redact(value) }
    }

    /// Whether the value of a field with this name is masked whatever it is.
    pub fn is_secret(&self, name: &str) -> bool {
        self.0.names.find(name.as_bytes()).is_some()
    }

    /// The mask of a whole value, with the `jti` if it is a token. An empty value stays empty.
    pub(crate) fn mask(&self, value: &str) -> Cow<'static, str> {
        if value.is_empty() {
            return Cow::Borrowed("");
        }
        let masked = mask(value.as_bytes());
        // A `jti` is not secret, but what claims to be one may be.
        if matches!(self.redact(&masked), Cow::Borrowed(_)) { masked } else { Cow::Borrowed(MARK) }
    }

    /// The masked form of a number, if its digits are those of a card.
    pub(crate) fn mask_number(&self, number: u64) -> Option<String> {
        const SHORTEST_CARD: u64 = 1_000_000_000_000;
        if number < SHORTEST_CARD {
            return None;
        }
        let text = number.to_string();
        match self.redact(&text) {
            Cow::Borrowed(_) => None,
            Cow::Owned(masked) => Some(masked),
        }
    }
}

impl Default for Redactor {
    fn default() -> Self {
        Self::new()
    }
}

fn mask(value: &[u8]) -> Cow<'static, str> {
    if value::mark_end(value, 0) == Some(value.len()) {
        // Masked before: its `jti` is kept.
        return Cow::Owned(String::from_utf8_lossy(value).into_owned());
    }
    credential::jti(value).map_or(Cow::Borrowed(MARK), |jti| Cow::Owned(format!("{MARK_START} jti={jti}]")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_masked_if_they_are_those_of_cards() {
        let redactor = Redactor::default();
        assert_eq!(redactor.mask_number(4_111_111_111_111_111).as_deref(), Some("****1111"));
        assert_eq!(redactor.mask_number(4_222_222_222_222).as_deref(), Some("****2222"));
        assert_eq!(redactor.mask_number(4_111_111_111_111_112), None);
        assert_eq!(redactor.mask_number(0), None);
        assert_eq!(redactor.mask_number(u64::MAX), None);
    }
}
