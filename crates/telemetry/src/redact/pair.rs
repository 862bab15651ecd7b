//! Pairs within a text: `password=x`, `"token": "x"`, `?code=x`, `("cookie", "x")`, `<secret>x</secret>`, `--password x`.

use std::ops::Range;

use super::credential::is_prose;
use super::names::{Names, Shape, secret_in_jwk, secret_in_query};
use super::value::{bare_end, extent, in_name};

/// Bytes before a separator that may belong to the name, quotes and white space included.
const REACH: usize = 96;

/// The name that ends before a separator.
struct Name<'a> {
    bytes: &'a [u8],
    start: usize,
    quoted: bool,
}

impl<'a> Name<'a> {
    fn before(text: &'a [u8], end: usize) -> Self {
        let floor = end.saturating_sub(REACH);
        let mut at = end;
        while at > floor && matches!(text[at - 1], b' ' | b'\t') {
            at -= 1;
        }
        let mut quoted = false;
        if text[..at].ends_with(b"&quot;") {
            at -= 6;
        }
        while at > floor && matches!(text[at - 1], b'"' | b'\'' | b'`' | b'\\' | b']') {
            at -= 1;
            quoted |= text[at] != b']';
        }
        let last = at;
        while at > floor && in_name(text[at - 1]) {
            at -= 1;
        }
        Self { bytes: &text[at..last], start: at, quoted }
    }

    /// The shape of the value, by this name or by it and the word before (`API key: …`).
    fn shape(&self, text: &'a [u8], names: &Names) -> Option<Shape> {
        if self.bytes.is_empty() {
            return None;
        }
        names.find(self.bytes).or_else(|| {
            let spaced = self.start > 1 && text[self.start - 1] == b' ' && in_name(text[self.start - 2]);
            let two_words = if spaced && !self.quoted { Self::before(text, self.start).start } else { return None };
            names.find(&text[two_words..self.start + self.bytes.len()])
        })
    }
}

/// The value after the separator (`=`, `:` and their escaped forms) at `at`, `width` bytes wide.
pub(super) fn after_separator(
    text: &[u8],
    at: usize,
    width: usize,
    names: &Names,
    is_jwk: impl FnOnce() -> bool,
) -> Option<Range<usize>> {
    if text[at] == b':' && (text.get(at + 1) == Some(&b':') || (at > 0 && text[at - 1] == b':')) {
        return None; // a path of Rust
    }
    let name = Name::before(text, at);
    let shape = name.shape(text, names).or_else(|| by_context(text, &name, text[at] == b':', is_jwk))?;
    if shape == Shape::Word && !name.quoted && text[at..].starts_with(b": ") {
        let word = &text[at + 2..];
        let word = &word[..word.iter().position(|byte| byte.is_ascii_whitespace()).unwrap_or(word.len())];
        if is_prose(word) {
            return None; // `invalid token: signature does not match`
        }
    }
    let after = text[at + width..].iter().take_while(|byte| matches!(byte, b'=' | b':' | b'>' | b'~')).count();
    let enclosed_by = if shape == Shape::Line { Enclosure::around(text, &name) } else { None };
    extent(text, at + width + after, shape, enclosed_by)
}

/// Names that are secret only where they stand: parameters of a query string, members of a JSON Web Key.
fn by_context(text: &[u8], name: &Name<'_>, colon: bool, is_jwk: impl FnOnce() -> bool) -> Option<Shape> {
    let secret = if colon {
        name.quoted && secret_in_jwk(name.bytes) && is_jwk()
    } else {
        matches!(name.start.checked_sub(1).map(|before| text[before]), Some(b'?' | b'&' | b';'))
            && secret_in_query(name.bytes)
    };
    secret.then_some(Shape::Word)
}

/// A quote that was opened before a name and not closed yet.
#[derive(Clone, Copy)]
pub(super) struct Enclosure {
    pub(super) quote: u8,
    pub(super) escaped: bool,
}

impl Enclosure {
    /// Looks back to the start of the line, but not for ever.
    fn around(text: &[u8], name: &Name<'_>) -> Option<Self> {
        let before = &text[..name.start];
        let before = if name.quoted { before.trim_suffix_quotes() } else { before };
        let near = &before[before.len().saturating_sub(1024)..];
        let line = near.rsplit(|byte| *byte == b'\n').next().unwrap_or_default();
        [b'"', b'\''].into_iter().find_map(|quote| {
            let mut places = line.iter().enumerate().filter(|(_, byte)| **byte == quote).map(|(place, _)| place);
            let last = places.next_back().filter(|_| places.count() % 2 == 0)?;
            Some(Self { quote, escaped: last > 0 && line[last - 1] == b'\\' })
        })
    }
}

/// The second element of a tuple whose first is a name, as headers are printed; `at` is the comma.
pub(super) fn in_tuple(text: &[u8], at: usize, names: &Names) -> Option<Range<usize>> {
    if at == 0 || !matches!(text[at - 1], b'"' | b'\'') {
        return None;
    }
    let name = Name::before(text, at);
    let opened = text[..name.start].trim_suffix_quotes();
    let shape = if opened.ends_with(b"(") { name.shape(text, names)? } else { return None };
    extent(text, at + 1, shape, None)
}

/// The content of an XML element; `at` is the `>` of its start tag.
pub(super) fn in_element(text: &[u8], at: usize, names: &Names) -> Option<Range<usize>> {
    let floor = at.saturating_sub(256);
    let open = floor + text[floor..at].iter().rposition(|byte| *byte == b'<')?;
    let tag = &text[open + 1..at];
    let name = &tag[..tag.iter().take_while(|byte| in_name(**byte) || **byte == b':').count()];
    let local = name.rsplit(|byte| *byte == b':').next().unwrap_or_default();
    if local.is_empty() || tag.ends_with(b"/") {
        return None;
    }
    names.find(local)?;
    let rest = &text[at + 1..];
    let cdata = if rest.starts_with(b"<![CDATA[") { 9 } else { 0 };
    let end = rest[cdata..].iter().position(|byte| *byte == b'<').map_or(text.len(), |length| at + 1 + cdata + length);
    let generic = open > 0 && in_name(text[open - 1]) && text.get(end + 1) != Some(&b'/'); // Vec<Token>
    (at + 1 < end && !generic).then_some(at + 1..end)
}

/// The word after an option of a command line; `at` is the first hyphen of `--name value`.
pub(super) fn after_option(text: &[u8], at: usize, names: &Names) -> Option<Range<usize>> {
    let name = text[at..].strip_prefix(b"--")?;
    let length = name.iter().take(REACH).take_while(|byte| in_name(**byte)).count();
    names.find(&name[..length])?;
    let after = at + 2 + length;
    if text.get(after) != Some(&b' ')
        || text.get(after + 1).is_none_or(|byte| matches!(byte, b'-' | b' ' | b'=' | b':'))
    {
        return None;
    }
    extent(text, after, Shape::Word, None)
}

/// A quoted word after a name that stands alone, as SQL has it (`PASSWORD 'x'`); `at` is the quote.
pub(super) fn after_word(text: &[u8], at: usize, names: &Names) -> Option<Range<usize>> {
    if at == 0 || text[at - 1] != b' ' {
        return None;
    }
    let name = Name::before(text, at);
    let by = text[..at].trim_ascii_end().to_ascii_lowercase_tail::<13>();
    let phrase = !name.quoted && name.shape(text, names) == Some(Shape::Phrase);
    if phrase || by.ends_with(b"identified by") { extent(text, at, Shape::Word, None) } else { None }
}

/// The end of a credential that begins at `start` with no name before it.
pub(super) fn credential_end(text: &[u8], start: usize) -> usize {
    bare_end(text, start, Shape::Word, None)
}

trait Tail {
    fn trim_suffix_quotes(&self) -> &[u8];
    fn to_ascii_lowercase_tail<const N: usize>(&self) -> [u8; N];
}

impl Tail for [u8] {
    fn trim_suffix_quotes(&self) -> &[u8] {
        let quotes = self.iter().rev().take(4).take_while(|byte| matches!(byte, b'"' | b'\'' | b'\\')).count();
        &self[..self.len() - quotes]
    }

    fn to_ascii_lowercase_tail<const N: usize>(&self) -> [u8; N] {
        let mut tail = [0; N];
        for (to, from) in tail.iter_mut().rev().zip(self.iter().rev()) {
            *to = from.to_ascii_lowercase();
        }
        tail
    }
}
