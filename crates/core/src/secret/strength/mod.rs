//! How strong a key is (ARCHI-CFG-007): decoded first, then measured.
//!
//! Every limit is set so that a random key in hex, base64 or base64url is refused less than once in a hundred million times.

mod decode;
mod patterns;
mod published;
#[cfg(test)]
mod tests;
mod words;

use std::fmt;

use zeroize::Zeroize;

use super::Secret;

pub(crate) use patterns::is_bare_placeholder;

use decode::{Decoded, decode, inner_text, is_base64_alphabet};

/// The fewest bytes of a key, after decoding (ASVS 5.0, 11.2.3: 128 bits of security at the least; HS256 asks 256).
pub const MIN_KEY_BYTES: usize = 32;

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
    /// The same part over and over.
    Repeats,
    /// Neighbours of the alphabet, the digits or the keyboard, or bytes that count up or down.
    Sequence,
    /// Words or phrases, also in `CamelCase` or with digits for letters; only letters of one case.
    Words,
    /// Too few different characters or bytes for a random value of this length.
    LowEntropy,
    /// A key from a well-known manual or tutorial.
    Published,
}

impl fmt::Display for Weakness {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("is empty"),
            Self::Short { bytes } => write!(f, "has {bytes} bytes after decoding, at least {MIN_KEY_BYTES} are needed"),
            Self::Placeholder => f.write_str("is a placeholder"),
            Self::Uuid => f.write_str("is a UUID, which is an identifier and not a key"),
            Self::Repeats => f.write_str("repeats itself"),
            Self::Sequence => f.write_str("is a sequence"),
            Self::Words => f.write_str("is made of words"),
            Self::LowEntropy => f.write_str("is not random"),
            Self::Published => f.write_str("is published in a manual"),
        }
    }
}

/// What can be said of a key without showing it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyStrength {
    /// How the text was read.
    pub encoding: Encoding,
    /// Its length after decoding, in bytes; of text that could be base64 and can't be decoded, what it could hold.
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
    assess_decoded(text.trim(), &decode(text.trim()))
}

fn assess_decoded(text: &str, decoded: &Decoded) -> KeyStrength {
    let Decoded { encoding, bytes } = decoded;
    let encoding = *encoding;
    // Characters of base64 hold six bits each, also where they can't be decoded: a key that was cut off, or letters and digits.
    let length = match bytes.len() {
        length if length >= MIN_KEY_BYTES && is_base64_alphabet(text) => length.min(text.len() * 3 / 4),
        length => length,
    };
    if text.is_empty() {
        return KeyStrength { encoding, bytes: length, weaknesses: vec![Weakness::Empty] };
    }
    let mut weaknesses = Vec::new();
    if length < MIN_KEY_BYTES {
        weaknesses.push(Weakness::Short { bytes: length });
    }
    if patterns::is_placeholder(text) {
        weaknesses.push(Weakness::Placeholder);
    }
    if patterns::is_uuid(text) {
        weaknesses.push(Weakness::Uuid);
    }
    if published::is_published(bytes) || published::is_published(text.as_bytes()) {
        weaknesses.push(Weakness::Published);
    }
    if patterns::repeats(text.as_bytes()) || patterns::repeats(bytes) {
        weaknesses.push(Weakness::Repeats);
    } else if patterns::is_sequence(text, bytes) {
        weaknesses.push(Weakness::Sequence);
    } else if encoding != Encoding::Hex && words::is_words(text) {
        weaknesses.push(Weakness::Words);
    } else if patterns::is_low_entropy(text, encoding, bytes) {
        weaknesses.push(Weakness::LowEntropy);
    }
    // An encoding makes a weak text longer and no stronger.
    if let Some(inner) = inner_text(decoded) {
        for weakness in assess(&inner).weaknesses {
            let known =
                weaknesses.iter().any(|known| std::mem::discriminant(known) == std::mem::discriminant(&weakness));
            if !known {
                weaknesses.push(weakness);
            }
        }
    }
    KeyStrength { encoding, bytes: length, weaknesses }
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
        let mut decoded = decode(text.trim());
        let strength = assess_decoded(text.trim(), &decoded);
        if strength.is_strong() {
            Ok(Self(Secret::new(std::mem::take(&mut *decoded.bytes))))
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
