//! The block-list: passwords that are tried first, and what people do to them.
//!
//! zxcvbn knows some 30,000 more, which are short; it lowers the score of whatever is built on them.

use std::collections::HashSet;
use std::sync::LazyLock;

use zeroize::Zeroizing;

/// Digits around a common password that do not make it another one: a year, a date, a row.
const DIGITS_AROUND: usize = 6;

/// A run that is nothing but a short piece over and over: `abcabcabcabc`.
const SHORT_PIECE: usize = 4;

static COMMON: LazyLock<HashSet<&'static str>> = LazyLock::new(|| {
    include_str!("common.txt").lines().filter(|line| !line.starts_with('#')).flat_map(str::split_whitespace).collect()
});

/// Whether a password is a common one, whatever its case and punctuation, with digits or symbols for letters, repeated, or
/// with a few digits around it.
pub(super) fn is_common(password: &str) -> bool {
    let core = password.trim_matches(|c: char| !c.is_alphabetic());
    let around = password.chars().filter(|c| c.is_numeric()).count() - core.chars().filter(|c| c.is_numeric()).count();
    let core = (around <= DIGITS_AROUND && !core.is_empty()).then_some(core);
    std::iter::once(password)
        .chain(core)
        .any(|text| is_listed(&letters_and_digits(text, |c| c)) || is_listed(&letters_and_digits(text, letter_of)))
}

fn is_listed(folded: &str) -> bool {
    COMMON.contains(folded)
        || piece_of(folded).is_some_and(|piece| piece.chars().count() <= SHORT_PIECE || COMMON.contains(piece))
}

/// The shortest text that makes this one when it is repeated.
fn piece_of(text: &str) -> Option<&str> {
    text.char_indices().skip(1).map(|(end, _)| &text[..end]).find(|piece| {
        text.len().is_multiple_of(piece.len())
            && text.as_bytes().chunks(piece.len()).all(|part| part == piece.as_bytes())
    })
}

fn letters_and_digits(password: &str, map: impl Fn(char) -> char) -> Zeroizing<String> {
    let mut folded = Zeroizing::new(String::with_capacity(password.len() * 2));
    folded.extend(password.chars().map(map).filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase));
    folded
}

/// The letter that a digit or symbol is often put for.
fn letter_of(c: char) -> char {
    match c {
        '0' => 'o',
        '1' | '!' | '|' => 'i',
        '3' | '€' => 'e',
        '4' | '@' => 'a',
        '5' | '$' => 's',
        '7' | '+' => 't',
        c => c,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_is_folded_and_long_enough_to_matter() {
        assert!(COMMON.len() > 700, "{}", COMMON.len());
        for entry in COMMON.iter() {
            assert_eq!(*letters_and_digits(entry, |c| c), **entry);
        }
    }

    #[test]
    fn what_people_do_to_a_common_password_changes_nothing() {
        for password in [
            "correcthorsebatterystaple",
            "Correct Horse Battery Staple!",
            "123456789012",
            "password",
            "P@$$w0rd",
            "P4ssword2024!",
            "!!!Password!!!123456",
            "2024password24",
            "passwordPASSWORD",
            "letmein letmein letmein",
            "aaaaaaaaaaaaaaa",
            "abcdabcdabcd",
            "سلام سلام سلام",
            "1Q2W3E4R5T6Y7U8I",
        ] {
            assert!(is_common(password), "{password}");
        }
    }

    #[test]
    fn what_only_begins_like_one_is_not_common() {
        for password in [
            "",
            "password1234567",
            "1234567password",
            "passwords are a burden",
            "abcdeabcde",
            "correct horse battery stapler",
            "gnat kettle ambrose winch",
        ] {
            assert!(!is_common(password), "{password}");
        }
    }
}
