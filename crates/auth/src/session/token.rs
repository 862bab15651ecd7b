//! Refresh tokens: opaque, and stored as hashes.

use std::fmt;

use archirust_core::Secret;
use archirust_core::id::Uuid;
use archirust_core::random::Random;
use aws_lc_rs::digest::{SHA256, digest};
use data_encoding::BASE64URL_NOPAD;
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

const ID: usize = 16;
const SECRET: usize = 32;
const BYTES: usize = ID + 2 * SECRET;

/// The SHA-256 of a secret of 256 random bits. A slow hash would add nothing: there is nothing to guess.
#[derive(Clone, Copy)]
pub struct TokenHash([u8; 32]);

impl TokenHash {
    /// As it was stored.
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// As it is stored.
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    pub(super) fn of(secret: &[u8]) -> Self {
        let mut hash = [0; 32];
        hash.copy_from_slice(digest(&SHA256, secret).as_ref());
        Self(hash)
    }
}

/// Compares in constant time.
impl PartialEq for TokenHash {
    fn eq(&self, other: &Self) -> bool {
        self.0.ct_eq(&other.0).into()
    }
}

impl Eq for TokenHash {}

/// Shows nothing: a hash is no secret, and still nobody's business.
impl fmt::Debug for TokenHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TokenHash")
    }
}

/// A refresh token, taken apart.
pub(super) struct RefreshToken {
    pub(super) session: Uuid,
    family: Zeroizing<[u8; SECRET]>,
    secret: Zeroizing<[u8; SECRET]>,
}

impl RefreshToken {
    /// The first token of a session.
    pub(super) fn first(session: Uuid, random: &dyn Random) -> Self {
        Self { session, family: Zeroizing::new(random.bytes()), secret: Zeroizing::new(random.bytes()) }
    }

    /// The token after this one.
    pub(super) fn next(&self, random: &dyn Random) -> Self {
        Self { session: self.session, family: self.family.clone(), secret: Zeroizing::new(random.bytes()) }
    }

    /// Reads a token; `None` for anything that is not exactly what [`RefreshToken::text`] writes.
    pub(super) fn parse(text: &str) -> Option<Self> {
        // 80 bytes are 107 characters; more is not even decoded.
        if text.len() != BASE64URL_NOPAD.encode_len(BYTES) {
            return None;
        }
        let bytes = Zeroizing::new(BASE64URL_NOPAD.decode(text.as_bytes()).ok()?);
        let (id, secrets) = bytes.split_at_checked(ID)?;
        let (family, secret) = secrets.split_at_checked(SECRET)?;
        Some(Self {
            session: Uuid::from_bytes(id.try_into().ok()?),
            family: Zeroizing::new(family.try_into().ok()?),
            secret: Zeroizing::new(secret.try_into().ok()?),
        })
    }

    /// The token as its owner gets it.
    pub(super) fn text(&self) -> Secret<String> {
        let mut bytes = Zeroizing::new(Vec::with_capacity(BYTES));
        bytes.extend_from_slice(self.session.as_bytes());
        bytes.extend_from_slice(&*self.family);
        bytes.extend_from_slice(&*self.secret);
        Secret::new(BASE64URL_NOPAD.encode(&bytes))
    }

    pub(super) fn family_hash(&self) -> TokenHash {
        TokenHash::of(&*self.family)
    }

    pub(super) fn hash(&self) -> TokenHash {
        TokenHash::of(&*self.secret)
    }
}

#[cfg(test)]
mod tests {
    use archirust_core::id;
    use archirust_core::random::{SequenceRandom, SystemRandom};
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_token_is_read_as_it_was_written() {
        let token = RefreshToken::first(id::new(), &*SystemRandom::shared());
        let read = RefreshToken::parse(token.text().expose()).unwrap();
        assert_eq!(read.session, token.session);
        assert_eq!(read.family_hash(), token.family_hash());
        assert_eq!(read.hash(), token.hash());
    }

    #[test]
    fn the_next_token_is_of_the_same_family_and_has_another_secret() {
        let random = SequenceRandom::seeded(1);
        let first = RefreshToken::first(id::new(), &*random);
        let next = first.next(&*random);
        assert_eq!(next.session, first.session);
        assert_eq!(next.family_hash(), first.family_hash());
        assert_ne!(next.hash(), first.hash());
        assert_ne!(next.text(), first.text());
    }

    #[test]
    fn family_and_secret_are_not_the_same_bytes() {
        let token = RefreshToken::first(id::new(), &*SystemRandom::shared());
        assert_ne!(token.family_hash(), token.hash());
    }

    #[test]
    fn another_spelling_is_another_text_and_not_a_token() {
        let text = RefreshToken::first(id::new(), &*SystemRandom::shared()).text();
        for wrong in [format!("{}=", text.expose()), format!(" {}", text.expose()), text.expose()[1..].to_owned()] {
            assert!(RefreshToken::parse(&wrong).is_none());
        }
        // The last character holds two bits that stand for nothing: they have to be zero.
        let mut wrong = text.expose().clone();
        let last = wrong.pop().unwrap();
        wrong.push(if last == 'B' { 'C' } else { 'B' });
        assert!(RefreshToken::parse(&wrong).is_none_or(|token| token.text().expose() == &wrong));
    }

    proptest! {
        #[test]
        fn nothing_makes_the_reader_panic(text in ".{0,200}") {
            let _ = RefreshToken::parse(&text);
        }
    }
}
