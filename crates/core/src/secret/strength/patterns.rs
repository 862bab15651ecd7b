//! Patterns that no random value has.

use std::collections::BTreeSet;

use zeroize::Zeroizing;

use super::Encoding;

/// Words that stand where a secret should. The long ones count wherever they are: that a random base64 key has one of them is
/// too improbable to matter.
const PLACEHOLDERS: [&str; 9] =
    ["changeme", "change_me", "change-me", "changethis", "placeholder", "replace", "example", "secret", "password"];

/// Those that count at the start only, where the whole is of words.
const SHORT_PLACEHOLDERS: [&str; 6] = ["insert", "todo", "your", "dummy", "test", "xxx"];

/// Whether a password is one that only holds the place of another: `changeme`, `${PASSWORD}`. Whether it is a good one is for
/// the server that it opens to say.
pub(crate) fn is_bare_placeholder(text: &str) -> bool {
    let letters: String = text.chars().filter(char::is_ascii_alphabetic).map(|c| c.to_ascii_lowercase()).collect();
    let letters = Zeroizing::new(letters);
    let bare = ["changeme", "changethis", "changeit", "placeholder", "replaceme", "todo", "yourpassword", "yoursecret"];
    is_bracketed(text.trim()) || bare.contains(&letters.as_str())
}

fn is_bracketed(text: &str) -> bool {
    let brackets = [("<", ">"), ("${", "}"), ("{{", "}}"), ("[", "]"), ("%", "%"), ("$(", ")")];
    brackets.iter().any(|(open, close)| text.len() > 2 && text.starts_with(open) && text.ends_with(close))
}

pub(super) fn is_placeholder(text: &str) -> bool {
    let lower = Zeroizing::new(text.to_ascii_lowercase());
    let plain = lower.chars().all(|c| c.is_ascii_alphabetic() || "-_. ".contains(c));
    let starts = SHORT_PLACEHOLDERS.iter().any(|word| lower.starts_with(word)) && (plain || lower.len() < 24);
    is_bracketed(text) || starts || PLACEHOLDERS.iter().any(|word| holds_word(text, word))
}

/// Whether the word is in the text in lower case, in upper case or with a capital.
fn holds_word(text: &str, word: &str) -> bool {
    let upper = word.to_ascii_uppercase();
    text.contains(word) || text.contains(&upper) || text.contains(&format!("{}{}", &upper[..1], &word[1..]))
}

/// A UUID anywhere in its form with hyphens, or the whole without them: 32 hex digits with its version and variant.
pub(super) fn is_uuid(text: &str) -> bool {
    let is_hex = |bytes: &[u8]| bytes.iter().all(u8::is_ascii_hexdigit);
    let hyphened = text.as_bytes().windows(36).any(|window| {
        [8, 13, 18, 23].iter().all(|&place| window[place] == b'-')
            && [0..8, 9..13, 14..18, 19..23, 24..36].into_iter().all(|group| is_hex(&window[group]))
    });
    let bytes = text.as_bytes();
    let bare = bytes.len() == 32
        && is_hex(bytes)
        && matches!(bytes[12], b'1'..=b'8')
        && matches!(bytes[16].to_ascii_lowercase(), b'8' | b'9' | b'a' | b'b');
    hyphened || bare
}

/// Whether the whole is one part over and over, the last time perhaps not to its end.
pub(super) fn repeats(bytes: &[u8]) -> bool {
    (1..=bytes.len() / 2).any(|period| bytes.iter().zip(&bytes[period..]).all(|(a, b)| a == b))
}

/// Rows along which people walk.
const ROWS: [&[u8]; 7] = [
    b"abcdefghijklmnopqrstuvwxyz",
    b"01234567890",
    b"qwertyuiop",
    b"asdfghjkl",
    b"zxcvbnm",
    b"qazwsxedcrfvtgbyhnujmikolp",
    b"1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik9ol0p",
];

/// The neighbours in [`ROWS`], in both directions, by their characters.
static NEAR: [[bool; 128]; 128] = {
    let mut near = [[false; 128]; 128];
    let mut row = 0;
    while row < ROWS.len() {
        let mut place = 1;
        while place < ROWS[row].len() {
            let (a, b) = (ROWS[row][place - 1] as usize, ROWS[row][place] as usize);
            near[a][b] = true;
            near[b][a] = true;
            place += 1;
        }
        row += 1;
    }
    near
};

/// Whether most neighbours in the text are equal or neighbours in a row too, or most bytes follow by the same step.
pub(super) fn is_sequence(text: &str, bytes: &[u8]) -> bool {
    let near = |pair: &[u8]| {
        let (a, b) = (pair[0].to_ascii_lowercase(), pair[1].to_ascii_lowercase());
        a == b || (a.is_ascii() && b.is_ascii() && NEAR[usize::from(a)][usize::from(b)])
    };
    let pairs = text.as_bytes().windows(2);
    let (total, walked) = (pairs.len(), pairs.filter(|pair| near(pair)).count());

    let mut steps = [0_usize; 256];
    for pair in bytes.windows(2) {
        steps[usize::from(pair[1].wrapping_sub(pair[0]))] += 1;
    }
    let same_step = steps.into_iter().max().unwrap_or(0);
    (total > 0 && walked * 5 >= total * 3) || (bytes.len() > 2 && same_step * 2 >= bytes.len() - 1)
}

/// Shannon entropy in bits per character, as the catalogue has it: 3.5 for hex and 4.0 for the rest. A short sample falls short
/// of its own alphabet by chance, so the limit is never above what all but one in 10^9 random samples of its length reach.
pub(super) fn is_low_entropy(text: &str, encoding: Encoding, bytes: &[u8]) -> bool {
    let length = text.len().max(1) as f64;
    let distinct = |bytes: &[u8]| bytes.iter().collect::<BTreeSet<_>>().len();
    let (limit, too_few) = match encoding {
        // 64 random digits have all but 5 of the 16 as good as always; digits without letters are decimal, not hex.
        Encoding::Hex => (3.5_f64.min(4.0 - 54.0 / length), text.len() >= 64 && distinct(text.as_bytes()) <= 10),
        Encoding::Base64 | Encoding::Base64Url | Encoding::Text => (4.0_f64.min(length.log2() * 0.75), false),
    };
    too_few || shannon(text.as_bytes()) < limit || distinct(bytes) * 2 < bytes.len().min(64)
}

fn shannon(bytes: &[u8]) -> f64 {
    let mut counts = [0_u32; 256];
    for &byte in bytes {
        counts[usize::from(byte)] += 1;
    }
    let total = bytes.len().max(1) as f64;
    counts.iter().filter(|&&count| count > 0).map(|&count| f64::from(count) / total).map(|p| -p * p.log2()).sum()
}
