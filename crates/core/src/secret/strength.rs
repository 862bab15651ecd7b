//! How strong a key is: ARCHI-CFG-005, 006 and 007 in one judgement.

use std::collections::BTreeSet;
use std::fmt;

use data_encoding::{BASE64, BASE64_NOPAD, BASE64URL, BASE64URL_NOPAD, HEXLOWER_PERMISSIVE};
use zeroize::{Zeroize, Zeroizing};

use super::Secret;

/// The fewest bytes of a key, after decoding (ASVS 5.0, 11.2.3: 128 bits of security at the least; HS256 asks 256).
pub const MIN_KEY_BYTES: usize = 32;

/// Parts of values that people put in place of a secret.
const PLACEHOLDERS: [&str; 12] = [
    "changeme",
    "change_me",
    "change-me",
    "placeholder",
    "example",
    "replace",
    "secret",
    "password",
    "insert",
    "todo",
    "your",
    "dummy",
];

/// How the text of a key stands for its bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    /// Hexadecimal (RFC 4648, section 8).
    Hex,
    /// Base64 (RFC 4648, section 4), with or without padding.
    Base64,
    /// Base64url (RFC 4648, section 5), with or without padding.
    Base64Url,
    /// The characters are the bytes.
    Text,
}

impl fmt::Display for Encoding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Hex => "hex",
            Self::Base64 => "base64",
            Self::Base64Url => "base64url",
            Self::Text => "text",
        })
    }
}

/// One reason not to trust a key. Says what is wrong and nothing of the value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Weakness {
    /// Nothing, or only white space.
    Empty,
    /// Fewer than [`MIN_KEY_BYTES`] bytes after decoding.
    Short {
        /// How many bytes there are.
        bytes: usize,
    },
    /// A value that stands where a secret should: `changeme`, `<secret>`, `${SECRET}`.
    Placeholder,
    /// A UUID: an identifier with at most 122 random bits (ASVS 5.0, 11.5.1).
    Uuid,
    /// The same few bytes over and over.
    Repeats,
    /// Words or phrases: only letters and separators, or mostly dictionary text.
    Words,
    /// Too few different bytes for a random value of this length.
    LowEntropy,
}

impl fmt::Display for Weakness {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("is empty"),
            Self::Short { bytes } => write!(f, "has {bytes} bytes after decoding, at least {MIN_KEY_BYTES} are needed"),
            Self::Placeholder => f.write_str("is a placeholder"),
            Self::Uuid => f.write_str("is a UUID, which is an identifier and not a key"),
            Self::Repeats => f.write_str("repeats itself"),
            Self::Words => f.write_str("is made of words"),
            Self::LowEntropy => f.write_str("is not random"),
        }
    }
}

/// What can be said of a key without showing it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyStrength {
    /// How the text was read.
    pub encoding: Encoding,
    /// Its length after decoding, in bytes.
    pub bytes: usize,
    /// Why it is weak; empty when it is strong.
    pub weaknesses: Vec<Weakness>,
}

impl KeyStrength {
    /// Whether nothing speaks against the key.
    pub fn is_strong(&self) -> bool {
        self.weaknesses.is_empty()
    }
}

/// Judges the text of a key: decodes it first, then measures.
pub fn assess(text: &str) -> KeyStrength {
    let text = text.trim();
    let (encoding, bytes) = decode(text);
    let mut weaknesses = Vec::new();
    if text.is_empty() {
        weaknesses.push(Weakness::Empty);
    } else {
        if bytes.len() < MIN_KEY_BYTES {
            weaknesses.push(Weakness::Short { bytes: bytes.len() });
        }
        if is_placeholder(text) {
            weaknesses.push(Weakness::Placeholder);
        }
        if is_uuid(text) {
            weaknesses.push(Weakness::Uuid);
        }
        if has_period(text.as_bytes()) || has_period(&bytes) {
            weaknesses.push(Weakness::Repeats);
        } else if is_words(text) || is_words_bytes(&bytes) {
            weaknesses.push(Weakness::Words);
        } else if is_low_entropy(text, encoding, &bytes) {
            weaknesses.push(Weakness::LowEntropy);
        }
    }
    KeyStrength { encoding, bytes: bytes.len(), weaknesses }
}

/// Reads the text as the densest encoding that it is.
fn decode(text: &str) -> (Encoding, Zeroizing<Vec<u8>>) {
    let raw = text.as_bytes();
    let read = |encoding, engine: &data_encoding::Encoding| engine.decode(raw).ok().map(|bytes| (encoding, bytes));
    // Short words are valid base64 by chance, so it is only believed from the length of a real key on.
    let (encoding, bytes) = read(Encoding::Hex, &HEXLOWER_PERMISSIVE)
        .or_else(|| {
            (raw.len() >= 20)
                .then(|| {
                    read(Encoding::Base64, &BASE64)
                        .or_else(|| read(Encoding::Base64, &BASE64_NOPAD))
                        .or_else(|| read(Encoding::Base64Url, &BASE64URL))
                        .or_else(|| read(Encoding::Base64Url, &BASE64URL_NOPAD))
                })
                .flatten()
        })
        .unwrap_or_else(|| (Encoding::Text, raw.to_vec()));
    (encoding, Zeroizing::new(bytes))
}

fn is_placeholder(text: &str) -> bool {
    let lower = Zeroizing::new(text.to_ascii_lowercase());
    let bracketed = [("<", ">"), ("${", "}"), ("{{", "}}"), ("[", "]"), ("%", "%")]
        .iter()
        .any(|(open, close)| lower.starts_with(open) && lower.ends_with(close));
    let letters = lower.chars().all(|c| c.is_ascii_alphabetic() || "-_. ".contains(c));
    bracketed
        || PLACEHOLDERS.iter().any(|word| lower.starts_with(word) && (letters || lower.len() < 24))
        || (letters && PLACEHOLDERS.iter().any(|word| lower.contains(word)))
}

fn is_uuid(text: &str) -> bool {
    let hex = |s: &str| s.chars().all(|c| c.is_ascii_hexdigit());
    let bare = text.trim_start_matches("urn:uuid:").trim_matches(['{', '}']);
    let groups: Vec<&str> = bare.split('-').collect();
    (groups.iter().map(|g| g.len()).eq([8, 4, 4, 4, 12]) && groups.iter().all(|g| hex(g)))
        || (bare.len() == 32 && hex(bare) && matches!(bare.as_bytes()[12], b'1'..=b'8') && {
            // Without hyphens a UUID is 32 hex digits: told from a 16-byte key by its variant.
            matches!(bare.as_bytes()[16], b'8' | b'9' | b'a' | b'b' | b'A' | b'B')
        })
}

/// Whether a period of at most 8 explains the whole value.
fn has_period(bytes: &[u8]) -> bool {
    (1..=8).any(|period| bytes.len() >= period * 2 && bytes.iter().zip(&bytes[period..]).all(|(a, b)| a == b))
}

/// Letters of one case with separators, or runs of letters too long and too pronounceable for chance.
fn is_words(text: &str) -> bool {
    let letters = text.chars().filter(char::is_ascii_alphabetic).count();
    let digits = text.chars().filter(char::is_ascii_digit).count();
    let others = text.chars().count() - letters - digits;
    let one_case = !text.chars().any(|c| c.is_ascii_uppercase()) || !text.chars().any(|c| c.is_ascii_lowercase());
    let hex = text.chars().all(|c| c.is_ascii_hexdigit());
    !hex && letters > 0
        && digits * 8 <= letters
        && (one_case || others * 4 >= text.split_whitespace().count() && text.contains(' '))
}

/// Decoded bytes that are themselves readable text.
fn is_words_bytes(bytes: &[u8]) -> bool {
    bytes.len() >= 8 && bytes.iter().all(|b| b.is_ascii_lowercase() || b" -_.".contains(b))
}

/// Shannon entropy per character, as the catalogue has it: 3.5 bits for hex, 4.0 for the rest. Short samples can't reach
/// them by their nature, so the limit is lowered to what a random sample of the same length still reaches.
fn is_low_entropy(text: &str, encoding: Encoding, bytes: &[u8]) -> bool {
    let limit: f64 = if encoding == Encoding::Hex { 3.5 } else { 4.0 };
    let distinct: BTreeSet<u8> = bytes.iter().copied().collect();
    let reachable = (text.len().max(1) as f64).log2() * 0.75;
    shannon(text.as_bytes()) < limit.min(reachable) || distinct.len() * 2 < bytes.len().min(64)
}

fn shannon(bytes: &[u8]) -> f64 {
    let mut counts = [0_u32; 256];
    for &byte in bytes {
        counts[usize::from(byte)] += 1;
    }
    let total = bytes.len().max(1) as f64;
    counts.iter().filter(|&&n| n > 0).map(|&n| f64::from(n) / total).map(|p| -p * p.log2()).sum()
}

/// A key of at least 32 random bytes, given as hex, base64, base64url or text. Its bytes are the decoded ones.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StrongKey(pub(super) Secret<Vec<u8>>);

impl StrongKey {
    /// Reads the text of a key.
    ///
    /// # Errors
    /// [`WeakKey`] with every weakness found; never the value.
    pub fn parse(text: &str) -> Result<Self, WeakKey> {
        let strength = assess(text);
        if strength.is_strong() {
            Ok(Self(Secret::new(decode(text.trim()).1.to_vec())))
        } else {
            Err(WeakKey { strength })
        }
    }

    /// The bytes of the key.
    pub fn expose(&self) -> &[u8] {
        self.0.expose()
    }
}

impl Zeroize for StrongKey {
    fn zeroize(&mut self) {
        self.0.0.zeroize();
    }
}

/// A key that was refused, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WeakKey {
    /// What was found.
    pub strength: KeyStrength,
}

impl fmt::Display for WeakKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, weakness) in self.strength.weaknesses.iter().enumerate() {
            if i > 0 {
                f.write_str(", ")?;
            }
            weakness.fmt(f)?;
        }
        Ok(())
    }
}

impl std::error::Error for WeakKey {}
