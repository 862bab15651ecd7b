//! How far a secret value reaches: behind quotes, in brackets, or bare. When in doubt it reaches further.

use std::ops::Range;

use super::MARK_START;
use super::names::Shape;
use super::pair::Enclosure;

/// Bytes of a word that are looked at when asking whether it is a name.
const NAME: usize = 64;

/// Words that announce a credential in the next word (RFC 9110, section 11.4).
const SCHEMES: [&[u8]; 9] =
    [b"bearer", b"basic", b"digest", b"dpop", b"negotiate", b"ntlm", b"token", b"apikey", b"aws4-hmac-sha256"];

/// What stands before the quotes of a literal: `b"…"`, `r#"…"#`.
const LITERALS: [&[u8]; 7] = [b"b", b"r", b"br", b"c", b"u", b"r#", b"br#"];

/// Values that say only that there is none.
const HARMLESS: [&[u8]; 6] = [b"true", b"false", b"null", b"none", b"nil", b"undefined"];

/// The bytes of the value that begins at `from`, white space skipped. Nothing if there is none to hide.
pub(super) fn extent(text: &[u8], from: usize, shape: Shape, enclosed_by: Option<Enclosure>) -> Option<Range<usize>> {
    let start = skip_space(text, from)?;
    if let Some(after) = mark_end(text, start) {
        // Already masked, unless more is glued to it.
        return if ends_value(text, after) { None } else { Some(start..bare_end(text, after, shape, enclosed_by)) };
    }
    if let Some(quoted) = Quoted::at(text, start) {
        let Range { start: inner, end } = quoted.inner;
        if !ends_value(text, quoted.after) {
            return Some(start..bare_end(text, quoted.after, shape, enclosed_by));
        }
        return (inner < end).then_some(inner..end);
    }
    let word = start + text[start..].iter().take(NAME).take_while(|byte| in_type_name(**byte)).count();
    let end = match text.get(word) {
        Some(b'"' | b'\'') if LITERALS.contains(&&text[start..word]) => {
            Quoted::at(text, word).map(|quoted| quoted.after)
        }
        Some(b'(' | b'[' | b'{') => Some(enclosed_end(text, word)),
        Some(b' ') if text.get(word + 1) == Some(&b'{') && word > start => Some(enclosed_end(text, word + 1)),
        _ => None,
    };
    let end = match end {
        Some(end) if ends_value(text, end) => end,
        Some(end) => bare_end(text, end, shape, enclosed_by),
        None => bare_end(text, start, shape, enclosed_by),
    };
    (start < end && !harmless(&text[start..end])).then_some(start..end)
}

/// The end of a bare value.
pub(super) fn bare_end(text: &[u8], start: usize, shape: Shape, enclosed_by: Option<Enclosure>) -> usize {
    let mut at = start;
    let mut scheme_seen = false;
    while let Some(&byte) = text.get(at) {
        match byte {
            b'\n' | b'\r' => break,
            b'\\' if matches!(text.get(at + 1), Some(b'n' | b'r')) && starts_pair(text, at + 2) => break,
            b'\\' if text[at..].starts_with(br"\u0026") && starts_pair(text, at + 6) => break,
            b'\\' if matches!(text.get(at + 1), Some(b'"' | b'\'')) && closes(text, at + 1, shape, enclosed_by) => {
                break;
            }
            b'"' | b'\'' | b'`' if closes(text, at, shape, enclosed_by) => break,
            b'<' if text.get(at + 1) == Some(&b'/') => break,
            b' ' | b'\t' => {
                let next = at + text[at..].iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
                let more = match shape {
                    Shape::Line => next < text.len(),
                    Shape::Phrase => next < text.len() && !starts_pair(text, next),
                    Shape::Word => !scheme_seen && is_scheme(&text[start..at]),
                };
                if !more || next >= text.len() {
                    break;
                }
                scheme_seen = true;
                at = next;
                continue;
            }
            b',' | b';' | b'|' | b'&' | b')' | b']' | b'}' | b'>' if shape != Shape::Line && ends_here(text, at) => {
                break;
            }
            _ => {}
        }
        at += 1;
    }
    at.min(text.len())
}

/// Whether the delimiter at `at` really ends a value, rather than being a part of it.
fn ends_here(text: &[u8], at: usize) -> bool {
    ends_value(text, at + 1) || starts_pair(text, at + 1)
}

fn closes(text: &[u8], at: usize, shape: Shape, enclosed_by: Option<Enclosure>) -> bool {
    match shape {
        Shape::Line => enclosed_by.is_some_and(|by| by.quote == text[at] && (by.escaped || text[at - 1] != b'\\')),
        _ => ends_here(text, at),
    }
}

/// Whether nothing is glued to the value that ends before `at`.
pub(super) fn ends_value(text: &[u8], at: usize) -> bool {
    text.get(at).is_none_or(|byte| match byte {
        b'.' | b':' | b'!' | b'?' => text.get(at + 1).is_none_or(u8::is_ascii_whitespace),
        b',' | b';' | b'|' | b'&' | b')' | b']' | b'}' | b'>' | b'<' | b'"' | b'\'' | b'`' | b'\\' => true,
        byte => byte.is_ascii_whitespace(),
    })
}

/// Whether `name=` or `name:` stands at `at`, the name perhaps behind white space and in quotes.
fn starts_pair(text: &[u8], at: usize) -> bool {
    let mut at =
        at + text[at.min(text.len())..].iter().take(NAME).take_while(|byte| matches!(byte, b' ' | b'\t')).count();
    at += quotes(text, at);
    if !text.get(at).is_some_and(|byte| byte.is_ascii_alphabetic() || *byte == b'_') {
        return false;
    }
    at += text[at..].iter().take(NAME).take_while(|byte| in_name(**byte) || matches!(byte, b'[' | b']')).count();
    if text[at..].starts_with(br"\u003d") || text[at..].starts_with(br"\u003a") {
        return true;
    }
    at += quotes(text, at);
    match text.get(at) {
        Some(b'=') => true,
        Some(b':') => {
            text.get(at + 1).is_none_or(|byte| byte.is_ascii_whitespace() || matches!(byte, b'"' | b'\'' | b'\\'))
        }
        _ => false,
    }
}

/// A few quotes, escaped or not.
fn quotes(text: &[u8], at: usize) -> usize {
    text[at.min(text.len())..].iter().take(8).take_while(|byte| matches!(byte, b'"' | b'\'' | b'\\' | b'?')).count()
}

/// A byte of a name.
pub(super) fn in_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.')
}

fn in_type_name(byte: u8) -> bool {
    in_name(byte) || matches!(byte, b':' | b'#')
}

fn is_scheme(word: &[u8]) -> bool {
    SCHEMES.iter().any(|scheme| word.eq_ignore_ascii_case(scheme))
}

fn harmless(value: &[u8]) -> bool {
    HARMLESS.iter().any(|word| value.eq_ignore_ascii_case(word))
}

fn skip_space(text: &[u8], from: usize) -> Option<usize> {
    let rest = text.get(from..)?;
    let start = from + rest.iter().take_while(|byte| byte.is_ascii_whitespace()).count();
    let crosses_line = text[from..start].iter().any(|byte| matches!(byte, b'\n' | b'\r'));
    (start < text.len() && !(crosses_line && starts_pair(text, start))).then_some(start)
}

/// The end of a mask that stands at `at`.
pub(super) fn mark_end(text: &[u8], at: usize) -> Option<usize> {
    let rest = text.get(at..)?.strip_prefix(MARK_START.as_bytes())?;
    let inner = rest.iter().take(80).take_while(|byte| in_name(**byte) || matches!(byte, b' ' | b'=')).count();
    (rest.get(inner) == Some(&b']') && (inner == 0 || rest.starts_with(b" jti=")))
        .then(|| at + MARK_START.len() + inner + 1)
}

/// A value in quotes, which are perhaps escaped themselves (JSON within JSON).
struct Quoted {
    inner: Range<usize>,
    /// Behind the closing quote; the end of the text if there is none.
    after: usize,
}

impl Quoted {
    fn at(text: &[u8], start: usize) -> Option<Self> {
        let depth = text[start..].iter().take_while(|byte| **byte == b'\\').count();
        let quote = *text.get(start + depth)?;
        if !matches!(quote, b'"' | b'\'' | b'`') {
            return None;
        }
        let inner = start + depth + 1;
        let mut at = inner;
        while at < text.len() {
            let slashes = text[at..].iter().take_while(|byte| **byte == b'\\').count();
            let end = at + slashes;
            if text.get(end) == Some(&quote) && if depth == 0 { slashes % 2 == 0 } else { slashes <= depth } {
                if text.get(end + 1) == Some(&quote) && end > inner {
                    at = end + 2; // SQL doubles a quote to escape it
                    continue;
                }
                let close = if depth == 0 { end } else { at };
                return Some(Self { inner: inner..close, after: end + 1 });
            }
            at = end + 1;
        }
        Some(Self { inner: inner..text.len(), after: text.len() })
    }
}

/// Behind the bracket that closes the one at `open`; the end of the text if none does.
fn enclosed_end(text: &[u8], open: usize) -> usize {
    let mut depth = 0_usize;
    let mut at = open;
    while let Some(&byte) = text.get(at) {
        match byte {
            b'(' | b'[' | b'{' => depth += 1,
            b')' | b']' | b'}' => {
                depth -= 1;
                if depth == 0 {
                    return at + 1;
                }
            }
            b'"' => {
                at = Quoted::at(text, at).map_or(text.len(), |quoted| quoted.after);
                continue;
            }
            b'\\' if matches!(text.get(at + 1), Some(b'"' | b'\\')) => {
                let slashes = text[at..].iter().take_while(|byte| **byte == b'\\').count();
                at = Quoted::at(text, at).map_or(at + slashes, |quoted| quoted.after);
                continue;
            }
            _ => {}
        }
        at += 1;
    }
    text.len()
}
