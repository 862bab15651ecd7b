//! Numbers that are known by their check digits: payment cards (ISO/IEC 7812-1, Luhn) and IBANs (ISO 13616, mod 97).

use std::ops::Range;

/// Digits of a card number.
const CARD: std::ops::RangeInclusive<usize> = 13..=19;

/// A text with fewer digits holds neither.
pub(super) const FEWEST_DIGITS: usize = 12;

/// Length of an IBAN by country (SWIFT IBAN Registry).
#[rustfmt::skip]
const IBAN: &[(&[u8; 2], usize)] = &[
    (b"AD", 24), (b"AE", 23), (b"AL", 28), (b"AT", 20), (b"AZ", 28), (b"BA", 20), (b"BE", 16), (b"BG", 22), (b"BH", 22),
    (b"BI", 27), (b"BR", 29), (b"BY", 28), (b"CH", 21), (b"CR", 22), (b"CY", 28), (b"CZ", 24), (b"DE", 22), (b"DJ", 27),
    (b"DK", 18), (b"DO", 28), (b"EE", 20), (b"EG", 29), (b"ES", 24), (b"FI", 18), (b"FK", 18), (b"FO", 18), (b"FR", 27),
    (b"GB", 22), (b"GE", 22), (b"GI", 23), (b"GL", 18), (b"GR", 27), (b"GT", 28), (b"HN", 28), (b"HR", 21), (b"HU", 28),
    (b"IE", 22), (b"IL", 23), (b"IQ", 23), (b"IR", 26), (b"IS", 26), (b"IT", 27), (b"JO", 30), (b"KW", 30), (b"KZ", 20),
    (b"LB", 28), (b"LC", 32), (b"LI", 21), (b"LT", 20), (b"LU", 20), (b"LV", 21), (b"LY", 25), (b"MC", 27), (b"MD", 24),
    (b"ME", 22), (b"MK", 19), (b"MN", 20), (b"MR", 27), (b"MT", 31), (b"MU", 30), (b"NI", 28), (b"NL", 18), (b"NO", 15),
    (b"OM", 23), (b"PK", 24), (b"PL", 28), (b"PS", 29), (b"PT", 25), (b"QA", 29), (b"RO", 24), (b"RS", 22), (b"RU", 33),
    (b"SA", 24), (b"SC", 31), (b"SD", 18), (b"SE", 24), (b"SI", 19), (b"SK", 24), (b"SM", 27), (b"SO", 23), (b"ST", 25),
    (b"SV", 28), (b"TL", 23), (b"TN", 24), (b"TR", 26), (b"UA", 29), (b"VA", 22), (b"VG", 24), (b"XK", 20), (b"YE", 30),
];

/// The card number whose first digit is at `start`, the first of its run; groups may stand apart by a space or a hyphen.
pub(super) fn card(text: &[u8], start: usize) -> Option<Range<usize>> {
    if start > 1 && text[start - 1] == b'.' && text[start - 2].is_ascii_digit() {
        return None; // the fraction of a number
    }
    let mut digits = Vec::with_capacity(*CARD.end());
    let mut next = start;
    while digits.len() <= *CARD.end() {
        let group = text[next..].iter().take(CARD.end() + 1).take_while(|byte| byte.is_ascii_digit()).count();
        let end = next + group;
        digits.extend(text[next..end].iter().map(|digit| digit - b'0'));
        if is_card(&digits) && !within_identifier(text, start, end) {
            return Some(start..end);
        }
        if !(4..=6).contains(&group) || !matches!(text.get(end), Some(b' ' | b'-')) {
            break;
        }
        next = end + 1;
    }
    None
}

/// Whether these digits are a card number: length, issuer and check digit.
pub(super) fn is_card(digits: &[u8]) -> bool {
    let issued = match (digits.len(), digits.first()) {
        (13, Some(first)) => (4..=6).contains(first),
        (14, Some(first)) => matches!(first, 3 | 5 | 6),
        (15, Some(first)) => (1..=6).contains(first),
        (length, Some(first)) => CARD.contains(&length) && (2..=9).contains(first),
        _ => false,
    };
    issued && luhn(digits)
}

fn luhn(digits: &[u8]) -> bool {
    let doubled = |digit: u8| if digit > 4 { digit * 2 - 9 } else { digit * 2 };
    let sum: u32 = digits
        .iter()
        .rev()
        .enumerate()
        .map(|(place, digit)| u32::from(if place % 2 == 1 { doubled(*digit) } else { *digit }))
        .sum();
    sum.is_multiple_of(10)
}

/// Whether the digits belong to a UUID or to an identifier in hexadecimal: masking those would break correlation.
fn within_identifier(text: &[u8], start: usize, end: usize) -> bool {
    let in_word = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'-';
    let from = start - text[..start].iter().rev().take(40).take_while(|byte| in_word(byte)).count();
    let to = end + text[end..].iter().take(40).take_while(|byte| in_word(byte)).count();
    let word = &text[from..to];
    let hexadecimal = matches!(word.len(), 16 | 32 | 40 | 64)
        && word.iter().all(|byte| byte.is_ascii_digit() || matches!(byte, b'a'..=b'f'))
        && word.iter().any(|byte| byte.is_ascii_alphabetic());
    hexadecimal || is_uuid(word)
}

/// Whether a text is a UUID in its usual form (RFC 9562, section 4).
pub(super) fn is_uuid(text: &[u8]) -> bool {
    text.len() == 36
        && text.iter().enumerate().all(|(place, byte)| match place {
            8 | 13 | 18 | 23 => *byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        })
}

/// The IBAN whose check digits begin at `at`, in one piece or in groups of four.
pub(super) fn iban(text: &[u8], at: usize) -> Option<Range<usize>> {
    let start = at.checked_sub(2)?;
    let begins =
        text[start..at].iter().all(u8::is_ascii_alphabetic) && text.get(at + 1).is_some_and(u8::is_ascii_digit);
    if !begins {
        return None;
    }
    let country = [text[start].to_ascii_uppercase(), text[start + 1].to_ascii_uppercase()];
    let length = IBAN.iter().find(|(code, _)| **code == country)?.1;
    let inside_word = start > 0 && text[start - 1].is_ascii_alphanumeric();
    if inside_word && !text[..start].to_ascii_uppercase_tail().ends_with(b"IBAN") {
        return None;
    }
    let grouped = text.get(start + 4) == Some(&b' ');
    let mut end = start;
    let (mut head, mut remainder) = (0, 0);
    for place in 0..length {
        if grouped && place > 0 && place % 4 == 0 {
            if text.get(end) != Some(&b' ') {
                return None;
            }
            end += 1;
        }
        let is_check_digit = (2..4).contains(&place);
        let value = char::from(*text.get(end)?).to_digit(if is_check_digit { 10 } else { 36 })?;
        // The first four characters count last.
        let sum = if place < 4 { &mut head } else { &mut remainder };
        *sum = (*sum * if value > 9 { 100 } else { 10 } + value) % 97;
        end += 1;
    }
    // Two letters and two digits are six digits, and 1,000,000 mod 97 is 27.
    let check = (remainder * 27 + head) % 97;
    let complete = !text.get(end).is_some_and(u8::is_ascii_alphanumeric);
    (check == 1 && complete && !within_identifier(text, start, at)).then_some(start..end)
}

/// The last characters of a number, which tell it from others and give nothing away.
pub(super) fn last_four(number: &[u8]) -> String {
    let mut last: Vec<u8> = number.iter().rev().filter(|byte| byte.is_ascii_alphanumeric()).take(4).copied().collect();
    last.reverse();
    last.into_iter().map(char::from).collect()
}

trait UppercaseTail {
    fn to_ascii_uppercase_tail(&self) -> [u8; 4];
}

impl UppercaseTail for [u8] {
    fn to_ascii_uppercase_tail(&self) -> [u8; 4] {
        let mut tail = [0; 4];
        for (to, from) in tail.iter_mut().rev().zip(self.iter().rev()) {
            *to = from.to_ascii_uppercase();
        }
        tail
    }
}
