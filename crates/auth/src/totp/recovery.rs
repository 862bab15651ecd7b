//! Recovery codes: for the day the authenticator app is lost.
//!
//! A code is 120 random bits, out of reach of guessing even with the stored hashes at hand, so a fast hash is enough (ASVS
//! 6.5.2 asks a password hash below 112 bits): HMAC-SHA-256 under a key that is not in the database, over code and user.

use archirust_core::random::Random;
use archirust_core::{Result, Secret};
use aws_lc_rs::constant_time::verify_slices_are_equal;
use aws_lc_rs::hmac;
use data_encoding::BASE64URL_NOPAD;
use zeroize::Zeroizing;

use super::seal::recovery_key;
use crate::named_key::{NamedKey, NamedKeys};

/// Bytes of a code: 120 bits.
const CODE_BYTES: usize = 15;

/// Characters of a code, each of five bits.
const CODE_LETTERS: usize = CODE_BYTES * 8 / 5;

/// Digits and letters without I, L, O and U (Crockford's base32), which can't be taken for each other.
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// A user's recovery codes, at the only time that they can be seen.
#[derive(Clone, Debug)]
pub struct RecoveryCodes {
    /// To be shown once: `4F7Q-ZK2M-9XTB-0WDH-61RS-VN8E`.
    pub codes: Vec<Secret<String>>,
    /// To be stored, in the same order. Each is good for one login: delete it then.
    pub hashes: Vec<Secret<String>>,
}

pub(super) fn generate(count: u8, user: &str, key: &NamedKey, random: &dyn Random) -> Result<RecoveryCodes> {
    let mac_key = recovery_key(key)?;
    let mut made = RecoveryCodes { codes: Vec::new(), hashes: Vec::new() };
    for _ in 0..count {
        let bytes = Zeroizing::new(random.bytes::<CODE_BYTES>());
        let tag = hmac::sign(&mac_key, &message(user, &bytes));
        made.hashes.push(Secret::new(format!("{}${}", key.name(), BASE64URL_NOPAD.encode(tag.as_ref()))));
        made.codes.push(written(&bytes));
    }
    Ok(made)
}

/// The place of the stored hash that `code` belongs to. All are compared, so that time does not tell which it was.
pub(super) fn find(code: &Secret<String>, user: &str, hashes: &[&str], keys: &NamedKeys) -> Result<Option<usize>> {
    let Some(bytes) = read(code.expose()) else { return Ok(None) };
    let mut found = None;
    for (place, hash) in hashes.iter().enumerate() {
        let Some((name, stored)) = hash.split_once('$') else { continue };
        let (Some(key), Ok(stored)) = (keys.find(name), BASE64URL_NOPAD.decode(stored.as_bytes())) else { continue };
        let tag = hmac::sign(&recovery_key(key)?, &message(user, &bytes));
        if verify_slices_are_equal(tag.as_ref(), &stored).is_ok() {
            found = Some(place);
        }
    }
    Ok(found)
}

/// The code has a fixed length, so user and code can't run into each other.
fn message(user: &str, code: &[u8; CODE_BYTES]) -> Zeroizing<Vec<u8>> {
    Zeroizing::new([code.as_slice(), user.as_bytes()].concat())
}

fn written(bytes: &[u8; CODE_BYTES]) -> Secret<String> {
    let mut code = String::with_capacity(CODE_LETTERS + CODE_LETTERS / 4);
    for place in 0..CODE_LETTERS {
        if place > 0 && place % 4 == 0 {
            code.push('-');
        }
        code.push(char::from(ALPHABET[usize::from(five_bits(bytes, place))]));
    }
    Secret::new(code)
}

/// Reads a code as people type it: in any case, with any blanks and hyphens, O for 0 and I or L for 1.
fn read(text: &str) -> Option<Zeroizing<[u8; CODE_BYTES]>> {
    let mut bytes = Zeroizing::new([0; CODE_BYTES]);
    let mut place = 0;
    for c in text.chars().filter(|c| !c.is_whitespace() && *c != '-') {
        let plain = match c.to_ascii_uppercase() {
            'O' => '0',
            'I' | 'L' => '1',
            c => c,
        };
        let value =
            ALPHABET.iter().position(|&symbol| char::from(symbol) == plain).and_then(|at| u8::try_from(at).ok())?;
        if place == CODE_LETTERS {
            return None;
        }
        for bit in 0..5 {
            let at = place * 5 + bit;
            bytes[at / 8] |= ((value >> (4 - bit)) & 1) << (7 - at % 8);
        }
        place += 1;
    }
    (place == CODE_LETTERS).then_some(bytes)
}

/// The bits `5 * place` to `5 * place + 4`, the highest first.
fn five_bits(bytes: &[u8; CODE_BYTES], place: usize) -> u8 {
    (0..5).fold(0, |value, bit| {
        let at = place * 5 + bit;
        (value << 1) | ((bytes[at / 8] >> (7 - at % 8)) & 1)
    })
}

#[cfg(test)]
mod tests {
    use archirust_core::random::SystemRandom;
    use proptest::prelude::*;

    use super::*;

    const KEYS: [&str; 2] =
        ["a:mJ8C0WvEoO1lZqzJ9dG0eQ2Yx5rTtUuN3kS7hPaVbLc=", "b:Vh1sQ7mX2kRz8LbN4cYwT6pJ0dGfUe3aHi9oKqPrStA="];

    fn key(number: usize) -> NamedKey {
        NamedKey::parse(KEYS[number]).unwrap()
    }

    fn keys() -> NamedKeys {
        NamedKeys::new(key(0), &[])
    }

    fn made() -> RecoveryCodes {
        generate(10, "user-1", &key(0), &*SystemRandom::shared()).unwrap()
    }

    fn place(code: &str, user: &str, made: &RecoveryCodes, keys: &NamedKeys) -> Option<usize> {
        let hashes: Vec<&str> = made.hashes.iter().map(|hash| hash.expose().as_str()).collect();
        find(&Secret::from(code), user, &hashes, keys).unwrap()
    }

    #[test]
    fn each_code_is_found_at_its_own_place() {
        let made = made();
        assert_eq!((made.codes.len(), made.hashes.len()), (10, 10));
        for (at, code) in made.codes.iter().enumerate() {
            assert_eq!(place(code.expose(), "user-1", &made, &keys()), Some(at));
        }
    }

    #[test]
    fn a_code_whose_hash_was_deleted_is_not_found() {
        let mut made = made();
        made.hashes.remove(3);
        assert_eq!(place(made.codes[3].expose(), "user-1", &made, &keys()), None);
        made.hashes.clear();
        assert_eq!(place(made.codes[0].expose(), "user-1", &made, &keys()), None);
    }

    #[test]
    fn a_code_is_its_users_alone() {
        let made = made();
        assert_eq!(place(made.codes[0].expose(), "user-2", &made, &keys()), None);
        assert_eq!(place(made.codes[0].expose(), "", &made, &keys()), None);
    }

    #[test]
    fn an_old_key_still_knows_its_codes_and_another_does_not() {
        let made = made();
        let code = made.codes[5].expose();
        assert_eq!(place(code, "user-1", &made, &NamedKeys::new(key(1), &[key(0)])), Some(5));
        assert_eq!(place(code, "user-1", &made, &NamedKeys::new(key(1), &[])), None);
        let renamed = NamedKey::parse(&KEYS[1].replacen('b', "a", 1)).unwrap();
        assert_eq!(place(code, "user-1", &made, &NamedKeys::new(renamed, &[])), None);
    }

    #[test]
    fn a_code_is_read_as_people_type_it() {
        let bytes = [0x00, 0x44, 0x32, 0x14, 0xc7, 0x42, 0x54, 0xb6, 0x35, 0xcf, 0x84, 0x65, 0x3a, 0x56, 0xd7];
        assert_eq!(written(&bytes).expose(), "0123-4567-89AB-CDEF-GHJK-MNPQ");
        for typed in [
            "0123456789ABCDEFGHJKMNPQ",
            "0123-4567-89ab-cdef-ghjk-mnpq",
            " O123 4567 89ab cdef ghjk mnpq\n",
            "0L23-4567-89ab-cdef-ghjk-mnpq",
            "oi23456789abcdefghjkmnpq",
        ] {
            assert_eq!(read(typed).as_deref(), Some(&bytes), "{typed}");
        }
        for typed in [
            "",
            "0123-4567-89AB-CDEF-GHJK-MNP",
            "0123-4567-89AB-CDEF-GHJK-MNPQ-0",
            "U123-4567-89AB-CDEF-GHJK-MNPQ",
            "0123_4567_89AB_CDEF_GHJK_MNPQ",
            "é",
        ] {
            assert!(read(typed).is_none(), "{typed}");
        }
    }

    #[test]
    fn broken_hashes_are_passed_over() {
        let made = made();
        let hashes = ["", "$", "a", "a$", "a$!!", "x$AAAA", made.hashes[0].expose()];
        assert_eq!(find(&made.codes[0], "user-1", &hashes, &keys()).unwrap(), Some(6));
    }

    #[test]
    fn codes_are_not_shown_by_debug_nor_held_by_their_hashes() {
        let made = made();
        assert!(format!("{made:?}").starts_with("RecoveryCodes { codes: [[secret], "));
        for (code, hash) in made.codes.iter().zip(&made.hashes) {
            assert!(!hash.expose().contains(code.expose().as_str()));
            assert!(hash.expose().starts_with("a$") && hash.expose().len() == 2 + 43);
        }
    }

    proptest! {
        #[test]
        fn a_code_goes_there_and_back(bytes in any::<[u8; CODE_BYTES]>()) {
            prop_assert_eq!(*read(written(&bytes).expose()).unwrap(), bytes);
        }

        #[test]
        fn no_text_breaks_the_reader(text in "\\PC{0,40}") {
            let _ = read(&text);
        }
    }
}
