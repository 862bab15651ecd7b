//! Passwords that nobody has to remember.

use archirust_core::random::Random;
use archirust_core::{Error, ErrorKind, Result, Secret};
use zeroize::Zeroizing;

/// Letters and digits that can be told apart in any typeface and typed on any keyboard: no `0 O o 1 l I`.
const ALPHABET: &[u8; 56] = b"23456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnpqrstuvwxyz";

/// Characters of a generated password unless another number is asked for: 116 bits.
pub const GENERATED_LENGTH: usize = 20;

/// A random password of `length` letters and digits (5.8 bits each), every character as likely as any other.
///
/// # Errors
///
/// `InvalidInput` for fewer than 12 characters or more than 128.
pub fn generate(random: &dyn Random, length: usize) -> Result<Secret<String>> {
    if !(12..=128).contains(&length) {
        return Err(Error::new(ErrorKind::InvalidInput).with_detail("a generated password has 12 to 128 characters"));
    }
    // The full room from the start: growing would leave copies behind.
    let mut password = String::with_capacity(length);
    // What is above the last whole run of the alphabet is thrown away, or its first letters would come more often.
    let fair = 256 - 256 % ALPHABET.len();
    while password.len() < length {
        let mut bytes = Zeroizing::new([0; 32]);
        random.fill(&mut *bytes);
        let letters = bytes.iter().map(|&byte| usize::from(byte)).filter(|&byte| byte < fair);
        let missing = length - password.len();
        password.extend(letters.take(missing).map(|byte| char::from(ALPHABET[byte % ALPHABET.len()])));
    }
    Ok(Secret::new(password))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::sync::atomic::{AtomicU8, Ordering};

    use archirust_core::random::{SequenceRandom, SystemRandom};

    use super::*;
    use crate::password::{Policy, PolicySettings};

    /// Every byte in turn.
    struct EveryByte(AtomicU8);

    impl Random for EveryByte {
        fn fill(&self, buffer: &mut [u8]) {
            buffer.fill_with(|| self.0.fetch_add(1, Ordering::Relaxed));
        }
    }

    #[test]
    fn every_character_is_as_likely_as_any_other() {
        let random = EveryByte(AtomicU8::new(0));
        // Of the 256 bytes the first 224 are four runs of the alphabet; the rest is thrown away, and it begins again.
        let text = [(); 2].map(|()| generate(&random, 128).unwrap().expose().clone()).concat();
        let mut counts = BTreeMap::new();
        for c in text[..224].chars() {
            *counts.entry(c).or_insert(0) += 1;
        }
        assert_eq!(counts.len(), ALPHABET.len());
        assert!(counts.values().all(|&count| count == 4), "{counts:?}");
        assert_eq!(text.as_bytes()[224..], ALPHABET[..32]);
    }

    #[test]
    fn no_character_is_taken_for_another() {
        let alphabet = std::str::from_utf8(ALPHABET).unwrap();
        assert!(!alphabet.contains(['0', 'O', 'o', '1', 'l', 'I']));
        assert!(alphabet.chars().all(|c| c.is_ascii_alphanumeric()));
    }

    #[test]
    fn it_has_the_length_that_was_asked_for() {
        let random = SequenceRandom::seeded(1);
        for length in [12, 20, 33, 128] {
            assert_eq!(generate(&*random, length).unwrap().expose().len(), length);
        }
        for length in [0, 11, 129] {
            assert_eq!(generate(&*random, length).unwrap_err().kind(), ErrorKind::InvalidInput);
        }
    }

    #[test]
    fn the_policy_accepts_it_and_no_two_are_alike() {
        let (random, policy) = (SystemRandom::shared(), Policy::new(&PolicySettings::default()).unwrap());
        let (one, two) = (generate(&*random, GENERATED_LENGTH).unwrap(), generate(&*random, GENERATED_LENGTH).unwrap());
        assert_ne!(one, two);
        assert!(policy.check(&one, &[]).is_empty());
    }
}
