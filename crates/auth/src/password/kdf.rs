//! The password hash functions themselves, as their libraries give them.

use std::fmt;

use archirust_core::{Error, Result};
use argon2::{Algorithm, Argon2, Block, Params, Version};
use aws_lc_rs::constant_time::verify_slices_are_equal;
use aws_lc_rs::{hmac, pbkdf2};
use bcrypt::HashParts;
use data_encoding::{BASE64, BASE64_NOPAD};
use zeroize::Zeroizing;

use super::stored::Pbkdf2Hash;
use crate::named_key::NamedKey;

/// What bcrypt takes; the rest it would ignore.
pub(super) const BCRYPT_BYTES: usize = 72;

/// The memory of Argon2, kept between hashes: it is neither given back nor asked for again, so a flood of logins leaves the
/// process no larger than one hash for each thread, and a hash costs a fifth less.
#[derive(Default)]
pub struct Memory {
    blocks: Vec<Block>,
}

impl fmt::Debug for Memory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Memory({} KiB)", self.blocks.len())
    }
}

/// Argon2 whose secret input (RFC 9106, section 3.1) is the pepper.
pub(super) fn argon2_with(
    algorithm: Algorithm,
    version: Version,
    params: Params,
    pepper: Option<&NamedKey>,
) -> Result<Argon2<'_>> {
    match pepper {
        None => Ok(Argon2::new(algorithm, version, params)),
        Some(pepper) => Argon2::new_with_secret(pepper.expose(), algorithm, version, params).map_err(failed),
    }
}

pub(super) fn run_argon2(
    argon2: &Argon2<'_>,
    input: &[u8],
    salt: &[u8],
    output: &mut [u8],
    memory: &mut Memory,
) -> Result<()> {
    let needed = argon2.params().block_count();
    if memory.blocks.len() < needed {
        memory.blocks.resize(needed, Block::new());
    }
    argon2.hash_password_into_with_memory(input, salt, output, &mut memory.blocks[..needed]).map_err(failed)
}

/// bcrypt of at most [`BCRYPT_BYTES`] bytes.
pub(super) fn bcrypt_parts(input: &[u8], cost: u32, salt: [u8; 16]) -> Result<HashParts> {
    if input.len() > BCRYPT_BYTES {
        return Err(Error::internal("bcrypt would cut a password"));
    }
    bcrypt::hash_with_salt(input, cost, salt).map_err(failed)
}

/// What bcrypt is given in place of a password that it can't take whole, or that has a pepper: text of 44 characters. The
/// salt is the key, so that a table of plain SHA-256 hashes of passwords is of no use against it.
pub(super) fn prehash(input: &[u8], written_salt: &str, pepper: Option<&NamedKey>) -> Zeroizing<String> {
    let peppered = pepper.map(|pepper| hmac_base64(pepper.expose(), input));
    hmac_base64(written_salt.as_bytes(), peppered.as_ref().map_or(input, |text| text.as_bytes()))
}

fn hmac_base64(key: &[u8], input: &[u8]) -> Zeroizing<String> {
    let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key), input);
    Zeroizing::new(BASE64.encode(tag.as_ref()))
}

pub(super) fn pbkdf2_matches(hash: &Pbkdf2Hash, input: &[u8]) -> bool {
    pbkdf2::verify(pbkdf2::PBKDF2_HMAC_SHA256, hash.rounds, &hash.salt, input, &hash.output).is_ok()
}

/// Equal, found out in a time that depends on the length alone.
pub(super) fn same(a: &[u8], b: &[u8]) -> bool {
    verify_slices_are_equal(a, b).is_ok()
}

/// The base64 of bcrypt: no padding, and another order of the same letters.
pub(super) fn bcrypt_base64(bytes: &[u8]) -> String {
    BASE64_NOPAD
        .encode(bytes)
        .chars()
        .map(|symbol| match symbol {
            'A' => '.',
            'B' => '/',
            // C…Z, a…b → A…Z and so on: both alphabets run through the letters and then the digits, two places apart.
            'C'..='Z' | 'c'..='z' | '2'..='9' => char::from(symbol as u8 - 2),
            'a' => 'Y',
            'b' => 'Z',
            '0' => 'y',
            '1' => 'z',
            '+' => '8',
            _ => '9',
        })
        .collect()
}

fn failed(error: impl fmt::Display) -> Error {
    Error::internal(format!("a password could not be hashed: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_base64_of_bcrypt_is_that_of_its_library() {
        let all: Vec<u8> = (0..=255).collect();
        for salt in all.as_chunks::<16>().0 {
            assert_eq!(bcrypt_base64(salt), bcrypt_parts(b"", 4, *salt).unwrap().get_salt());
        }
    }

    #[test]
    fn bcrypt_is_never_given_more_than_it_takes() {
        assert!(bcrypt_parts(&[b'a'; BCRYPT_BYTES], 4, [0; 16]).is_ok());
        assert!(bcrypt_parts(&[b'a'; BCRYPT_BYTES + 1], 4, [0; 16]).is_err());
    }

    #[test]
    fn used_memory_gives_the_same_hash_as_fresh_memory() {
        let hash = |input: &[u8], kib: u32, memory: &mut Memory| {
            let params = Params::new(kib, 2, 1, Some(32)).unwrap();
            let argon2 = argon2_with(Algorithm::Argon2id, Version::V0x13, params, None).unwrap();
            let mut output = [0; 32];
            run_argon2(&argon2, input, b"saltsaltsaltsalt", &mut output, memory).unwrap();
            output
        };
        let mut used = Memory::default();
        hash(b"another", 128, &mut used);
        assert_eq!(hash(b"one", 64, &mut used), hash(b"one", 64, &mut Memory::default()));
        assert_eq!(used.blocks.len(), 128);
    }
}
