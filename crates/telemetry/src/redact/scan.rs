//! One pass over a text: a table look-up per byte finds the few places where a secret can begin, and only there is
//! looked closer.

use std::borrow::Cow;
use std::ops::Range;

use super::names::Names;
use super::{MARK, contact, credential, mask, number, pair, percent, provider, url};

/// Levels of percent-encoding that are looked through.
const LEVELS: u8 = 3;

/// Names that are looked for within values of other names, where one value can reach further than the other. A bound
/// keeps the time linear.
const NESTED: u8 = 32;

/// Bits of [`TRIGGERS`].
const ALWAYS: u8 = 1;
const DIGIT: u8 = 2;
const AT_SIGN: u8 = 4;

/// Where a closer look may be worth it.
static TRIGGERS: [u8; 256] = {
    let mut table = [0; 256];
    let always = b"=:,>'\"%\\JbBpPgG";
    let mut index = 0;
    while index < always.len() {
        table[always[index] as usize] = ALWAYS;
        index += 1;
    }
    index = 0;
    while index < provider::ANCHORS.len() {
        table[provider::ANCHORS[index] as usize] = ALWAYS;
        index += 1;
    }
    index = 0;
    while index < 10 {
        table[b'0' as usize + index] = DIGIT;
        index += 1;
    }
    table[b'@' as usize] = AT_SIGN;
    table
};

/// What is looked for.
#[derive(Debug)]
pub(super) struct Targets {
    pub(super) names: Names,
    pub(super) email: bool,
    pub(super) phone: bool,
}

/// A place to mask, and by what.
struct Hit {
    range: Range<usize>,
    mask: Cow<'static, str>,
    /// Where it ends is a guess: something that reaches further may begin within.
    open: bool,
}

impl Hit {
    fn new(range: Range<usize>, mask: impl Into<Cow<'static, str>>) -> Self {
        Self { range, mask: mask.into(), open: false }
    }
}

pub(super) struct Scan<'a> {
    text: &'a str,
    bytes: &'a [u8],
    targets: &'a Targets,
    level: u8,
    /// Behind the last place that was masked.
    done: usize,
    is_jwk: Option<bool>,
    /// The word that was searched for `@` last: its end, and the last one in it.
    word: (usize, Option<usize>),
    /// The end of the word that was decoded last.
    decoded: usize,
    /// Names seen within places that were masked already.
    nested: u8,
}

impl<'a> Scan<'a> {
    pub(super) fn new(text: &'a str, targets: &'a Targets) -> Self {
        Self {
            text,
            bytes: text.as_bytes(),
            targets,
            level: 0,
            done: 0,
            is_jwk: None,
            word: (0, None),
            decoded: 0,
            nested: 0,
        }
    }

    /// The text with everything masked that was found; nothing if that changes nothing.
    pub(super) fn run(mut self) -> Option<String> {
        let digits = self.bytes.iter().filter(|byte| byte.is_ascii_digit()).count();
        let numbers = digits >= number::FEWEST_DIGITS || (self.targets.phone && digits > 0);
        let triggers = ALWAYS | if numbers { DIGIT } else { 0 } | if self.targets.email { AT_SIGN } else { 0 };
        let mut out = String::new();
        let mut at = 0;
        while let Some(place) = find(self.bytes, at, triggers) {
            at = place;
            if !self.is_plausible(at) {
                at += 1;
                continue;
            }
            let by_name = if at < self.done && self.nested == NESTED { None } else { self.pair(at) };
            let Some(Hit { range, mask, open }) = by_name.or_else(|| self.hit(at)) else {
                at += 1;
                continue;
            };
            self.nested += u8::from(open && at < self.done && self.nested < NESTED);
            // The end may be that of a word which announces what follows.
            let next = if open { 0 } else { range.end.saturating_sub(credential::LONGEST_SCHEME) }.max(at + 1);
            if range.end <= self.done {
                at = next;
                continue;
            }
            let start = range.start.max(self.done);
            let (Some(before), true) = (self.text.get(self.done..start), self.text.is_char_boundary(range.end)) else {
                // A range that cuts a character is a defect; then nothing may be seen at all.
                return Some(MARK.to_owned());
            };
            out.push_str(before);
            if range.start >= self.done {
                out.push_str(&mask);
            }
            self.done = range.end;
            at = next;
        }
        if self.done == 0 {
            return None;
        }
        out.push_str(&self.text[self.done..]);
        (out != self.text).then_some(out)
    }

    /// A cheap look at the neighbours of a trigger, which is in vain most of the time.
    #[inline]
    fn is_plausible(&self, at: usize) -> bool {
        let before = if at > 0 { self.bytes[at - 1] } else { 0 };
        let after = || self.bytes.get(at + 1).copied().unwrap_or(0);
        match self.bytes[at] {
            // bearer, basic, dpop, negotiate
            b'b' | b'B' => matches!(after() | 0x20, b'e' | b'a'),
            b'p' | b'P' => before | 0x20 == b'd' && after() | 0x20 == b'o',
            b'g' | b'G' => at > 1 && before | 0x20 == b'e' && after() | 0x20 == b'o',
            b',' => matches!(before, b'"' | b'\''),
            b'"' | b'\'' => before == b' ',
            b'\\' => after() == b'u',
            b'%' => after().is_ascii_hexdigit(),
            b'0'..=b'9' => !before.is_ascii_digit(),
            b'J' => before == b'y',
            b'-' => after() == b'-' || provider::is_possible(b'-', before),
            b'=' | b':' | b'>' | b'@' => at > 0,
            anchor => provider::is_possible(anchor, before),
        }
    }

    /// What a name announces at `at`.
    fn pair(&mut self, at: usize) -> Option<Hit> {
        let text = self.bytes;
        let names = &self.targets.names;
        let range = match text[at] {
            b'=' | b':' => self.after_separator(at, 1),
            b',' => pair::in_tuple(text, at, names),
            b'>' => pair::in_element(text, at, names),
            b'\'' | b'"' => pair::after_word(text, at, names),
            b'-' => pair::after_option(text, at, names),
            b'\\' if matches!(text.get(at + 1..at + 6), Some(b"u003d" | b"u003D" | b"u003a" | b"u003A")) => {
                self.after_separator(at, 6)
            }
            _ => None,
        }?;
        let mask = mask(&text[range.clone()]);
        Some(Hit { range, mask, open: true })
    }

    /// What has the form of a secret at `at`.
    fn hit(&mut self, at: usize) -> Option<Hit> {
        let text = self.bytes;
        let range = match text[at] {
            b':' => self.userinfo(at),
            b'%' => return self.encoded(at),
            b'b' | b'B' => credential::after_scheme(text, at),
            b'p' | b'P' => credential::after_scheme(text, at - 1),
            b'g' | b'G' => credential::after_scheme(text, at - 2),
            b'J' if text[..at].ends_with(b"ey") => credential::jwt(text, at - 2),
            b'-' => credential::private_key(text, at).or_else(|| provider::key_around(text, at)),
            b'0'..=b'9' => return self.number(at),
            b'@' => return contact::local_part(text, at).map(|range| Hit::new(range, "***")),
            byte if provider::ANCHORS.contains(&byte) => provider::key_around(text, at),
            _ => None,
        }?;
        let mask = mask(&text[range.clone()]);
        Some(Hit { range, mask, open: matches!(text[at] | 0x20, b'b' | b'p' | b'g') })
    }

    fn after_separator(&mut self, at: usize, width: usize) -> Option<Range<usize>> {
        let bytes = self.bytes;
        let is_jwk = &mut self.is_jwk;
        let is_jwk = || *is_jwk.get_or_insert_with(|| bytes.windows(4).any(|window| window == b"\"kty"));
        pair::after_separator(bytes, at, width, &self.targets.names, is_jwk)
    }

    fn userinfo(&mut self, colon: usize) -> Option<Range<usize>> {
        if !matches!(self.bytes.get(colon + 1), Some(b'/' | b'\\')) {
            return None;
        }
        if colon >= self.word.0 {
            let end = self.word_end(colon);
            let last_at = self.bytes[colon..end].iter().rposition(|byte| *byte == b'@').map(|place| colon + place);
            self.word = (end, last_at);
        }
        url::userinfo(self.bytes, colon, self.word.1?)
    }

    fn number(&self, at: usize) -> Option<Hit> {
        let text = self.bytes;
        let iban = number::iban(text, at);
        if let Some(range) = iban {
            let mask =
                format!("{}****{}", &self.text[range.start..range.start + 2], number::last_four(&text[range.clone()]));
            return Some(Hit::new(range, mask));
        }
        if let Some(range) = number::card(text, at) {
            let mask = format!("****{}", number::last_four(&text[range.clone()]));
            return Some(Hit::new(range, mask));
        }
        let phone = if self.targets.phone { contact::phone(text, at) } else { None };
        phone.map(|range| Hit::new(range, "[phone]"))
    }

    /// Looks into a percent-encoded word. What is found there is shown decoded.
    fn encoded(&mut self, at: usize) -> Option<Hit> {
        if at < self.decoded.max(self.done) || self.level >= LEVELS || !percent::is_encoded(self.bytes, at) {
            return None;
        }
        let end = self.word_end(at);
        self.decoded = end;
        let start = self.bytes[self.done..at]
            .iter()
            .rposition(|byte| url::ends_url(*byte))
            .map_or(self.done, |place| self.done + place + 1);
        let plain = percent::decode(self.text.get(start..end)?);
        let masked = Scan { level: self.level + 1, ..Scan::new(&plain, self.targets) }.run()?;
        Some(Hit::new(start..end, percent::encode_space(&masked)))
    }

    fn word_end(&self, at: usize) -> usize {
        at + self.bytes[at..].iter().take_while(|byte| !url::ends_url(**byte)).count()
    }
}

/// The first trigger from `at` on.
#[inline]
fn find(bytes: &[u8], mut at: usize, triggers: u8) -> Option<usize> {
    // Eight at a time, as most bytes are no triggers.
    while let Some(chunk) = bytes.get(at..at + 8) {
        if chunk.iter().fold(0, |kinds, byte| kinds | TRIGGERS[usize::from(*byte)]) & triggers != 0 {
            break;
        }
        at += 8;
    }
    Some(at + bytes[at..].iter().position(|byte| TRIGGERS[usize::from(*byte)] & triggers != 0)?)
}
