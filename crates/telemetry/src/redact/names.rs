//! Which names belong to values that nobody may see.

/// How far a value reaches when nothing encloses it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    /// To the next white space: tokens and keys have none.
    Word,
    /// Over white space, to the next `name=` or `name:`: pass phrases.
    Phrase,
    /// To the end of the line: header values and connection strings hold pairs of their own.
    Line,
}

use Shape::{Line, Phrase, Word};

/// Names in normal form: lower case, letters and digits only. A name also covers every longer one that ends with it.
#[rustfmt::skip]
const DEFAULTS: &[(&str, Shape)] = &[
    ("authorization", Line), ("cookie", Line), ("dsn", Line), ("connectionstring", Line), ("password", Phrase),
    ("passwd", Phrase), ("passphrase", Phrase), ("passcode", Phrase), ("pass", Phrase), ("pwd", Phrase),
    ("mnemonic", Phrase), ("seedphrase", Phrase), ("secret", Phrase), ("token", Word), ("bearer", Word),
    ("jwt", Word), ("credential", Word), ("apikey", Word), ("accesskey", Word), ("secretkey", Word),
    ("privatekey", Word), ("signingkey", Word), ("encryptionkey", Word), ("masterkey", Word), ("accountkey", Word),
    ("sessionkey", Word), ("hmackey", Word), ("pepper", Phrase), ("otp", Word), ("totp", Word), ("hotp", Word),
    ("pin", Word), ("recoverycode", Phrase), ("backupcode", Phrase), ("totpcode", Word), ("otpcode", Word),
    ("mfacode", Word), ("onetimecode", Word), ("verificationcode", Word), ("authorizationcode", Word),
    ("authcode", Word), ("devicecode", Word), ("securitycode", Word), ("codeverifier", Word),
    ("clientassertion", Word), ("jsessionid", Word), ("phpsessid", Word), ("xamzsignature", Word),
    ("xamzcredential", Word), ("xgoogsignature", Word), ("cvv", Word), ("cvc", Word), ("ssn", Word),
];

/// Names that are secret in a query string and mean many things elsewhere.
const IN_QUERIES: [&[u8]; 3] = [b"code", b"key", b"sig"];

/// Private members of a JWK (RFC 7518, sections 6.2.2, 6.3.2 and 6.4.1).
const IN_JWKS: [&[u8]; 7] = [b"d", b"p", b"q", b"dp", b"dq", b"qi", b"k"];

/// What may follow a name without making its value harmless: `password_hash`, `tokenValue`.
#[rustfmt::skip]
const TAILS: [&str; 16] = [
    "hash", "digest", "confirmation", "confirm", "repeat", "again", "old", "new", "value", "text", "plain",
    "raw", "hex", "base64", "bytes", "string",
];

/// Bytes of a name that are looked at, from its end.
const LONGEST: usize = 64;

/// A shorter name must be a word of its own, or `pin` would be found in `shopping`.
const SHORTEST_SUFFIX: usize = 5;

#[derive(Debug)]
pub(super) struct Names {
    entries: Vec<(String, Shape)>,
    /// One bit for each possible end of a name (three letters): tells most harmless names apart at the cost of a look-up.
    ends: Vec<u64>,
}

impl Names {
    /// The default names and some more.
    pub(super) fn with(extra: &[String]) -> Self {
        let defaults = DEFAULTS.iter().map(|&(name, shape)| (name.to_owned(), shape));
        let more = extra.iter().map(|name| (normal(name), Phrase)).filter(|(name, _)| !name.is_empty());
        Self::of(defaults.chain(more).collect())
    }

    fn of(entries: Vec<(String, Shape)>) -> Self {
        let mut names = Self { entries, ends: vec![0; 512] };
        for index in 0..names.entries.len() {
            let name = names.entries[index].0.clone();
            names.admit(name.as_bytes());
            names.admit(format!("{name}s").as_bytes());
        }
        for tail in TAILS {
            names.admit(tail.trim_end_matches(|c: char| c.is_ascii_digit()).as_bytes());
        }
        names
    }

    fn admit(&mut self, name: &[u8]) {
        let name = trim_digits(name);
        match *name {
            [.., a, b, c] => self.set(end_of(a, b, c)),
            [b, c] => (0..32).for_each(|a| self.set(end_of(0, b, c) | (a << 10))),
            [c] => (0..1024).for_each(|rest| self.set(end_of(0, 0, c) | (rest << 5))),
            [] => {}
        }
    }

    fn set(&mut self, end: usize) {
        self.ends[end / 64] |= 1 << (end % 64);
    }

    /// The shape of the value that this name announces; nothing if the value is harmless.
    pub(super) fn find(&self, name: &[u8]) -> Option<Shape> {
        let mut letters = [0; 3];
        let mut seen = 0;
        for &byte in name.iter().rev() {
            if byte.is_ascii_alphabetic() || (byte.is_ascii_digit() && seen > 0) {
                letters[2 - seen] = byte;
                seen += 1;
                if seen == 3 {
                    break;
                }
            }
        }
        let end = end_of(letters[0], letters[1], letters[2]);
        let possible = seen > 0 && self.ends[end / 64] & (1 << (end % 64)) != 0;
        if possible { self.find_slowly(name) } else { None }
    }

    #[cold]
    fn find_slowly(&self, name: &[u8]) -> Option<Shape> {
        let (letters, words) = split(name);
        let mut rest = letters.as_slice();
        for _ in 0..3 {
            if let Some(shape) = self.ending(rest, words).or_else(|| self.ending(trim_digits(rest), words)) {
                return Some(shape);
            }
            rest = trim_digits(rest);
            let tail = TAILS.iter().find(|tail| rest.ends_with(trim_digits(tail.as_bytes())))?;
            rest = &rest[..rest.len() - trim_digits(tail.as_bytes()).len()];
        }
        None
    }

    fn ending(&self, name: &[u8], words: u64) -> Option<Shape> {
        let singular = name.strip_suffix(b"s").unwrap_or(name);
        let ends = |name: &[u8], entry: &str| {
            name.ends_with(entry.as_bytes()) && {
                let start = name.len() - entry.len();
                entry.len() >= SHORTEST_SUFFIX || words & (1 << start) != 0
            }
        };
        self.entries.iter().find(|(entry, _)| ends(name, entry) || ends(singular, entry)).map(|&(_, shape)| shape)
    }
}

/// Whether a name is secret as a parameter of a query string.
pub(super) fn secret_in_query(name: &[u8]) -> bool {
    IN_QUERIES.iter().any(|known| name.eq_ignore_ascii_case(known))
}

/// Whether a name is a private member of a JSON Web Key.
pub(super) fn secret_in_jwk(name: &[u8]) -> bool {
    IN_JWKS.contains(&name)
}

/// The normal form of a name: lower case, letters and digits of ASCII only. Empty for a name without a letter.
pub(crate) fn normal(name: &str) -> String {
    if !name.bytes().any(|byte| byte.is_ascii_alphabetic()) {
        return String::new();
    }
    name.bytes().filter(u8::is_ascii_alphanumeric).map(|byte| char::from(byte.to_ascii_lowercase())).collect()
}

/// The normal form of a name's end, and one bit for each byte of it that begins a word (`db_pass`, `dbPass`, `DBPass`).
fn split(name: &[u8]) -> (Vec<u8>, u64) {
    let whole = name.iter().filter(|byte| byte.is_ascii_alphanumeric()).count() <= LONGEST;
    let from = if whole { 0 } else { name.len() - LONGEST };
    let mut letters = Vec::with_capacity(LONGEST);
    let mut words = 0_u64;
    for index in from..name.len() {
        let byte = name[index];
        if !byte.is_ascii_alphanumeric() {
            continue;
        }
        let before = index.checked_sub(1).map(|at| name[at]);
        let after = name.get(index + 1);
        let begins = match before {
            None => true,
            Some(before) if !before.is_ascii_alphanumeric() => true,
            Some(before) if byte.is_ascii_uppercase() => {
                !before.is_ascii_uppercase() || after.is_some_and(u8::is_ascii_lowercase)
            }
            Some(_) => false,
        };
        words |= u64::from(begins) << letters.len();
        letters.push(byte.to_ascii_lowercase());
    }
    (letters, words)
}

fn trim_digits(name: &[u8]) -> &[u8] {
    let digits = name.iter().rev().take_while(|byte| byte.is_ascii_digit()).count();
    &name[..name.len() - digits]
}

/// Three letters in fifteen bits. The low five bits of an ASCII letter are its place in the alphabet, whatever its case.
fn end_of(a: u8, b: u8, c: u8) -> usize {
    usize::from(a & 31) << 10 | usize::from(b & 31) << 5 | usize::from(c & 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(name: &str) -> bool {
        Names::with(&[]).find(name.as_bytes()).is_some()
    }

    #[test]
    fn case_hyphens_and_underscores_do_not_matter() {
        for name in
            ["password", "PASSWORD", "Pass-Word", "pass_word", "set-cookie", "Set-Cookie", "setCookie", "API_KEY"]
        {
            assert!(found(name), "{name}");
        }
    }

    #[test]
    fn a_longer_name_with_a_known_end_is_known() {
        for name in [
            "db_password",
            "dbPassword",
            "user.password",
            "x-api-key",
            "aws_secret_access_key",
            "refresh_token",
            "accessToken",
            "client_secret",
            "totp",
            "user_otp",
            "userPin",
            "DBPass",
            "proxy-authorization",
            "database_dsn",
        ] {
            assert!(found(name), "{name}");
        }
    }

    #[test]
    fn plurals_numbers_and_tails_do_not_hide_a_name() {
        for name in [
            "passwords",
            "recovery_codes",
            "tokens",
            "password2",
            "new_password",
            "password_new",
            "password_hash",
            "passwordConfirmation",
            "token_hash",
            "secretValue",
            "password_hash_2",
            "secret_base64",
            "api_keys",
        ] {
            assert!(found(name), "{name}");
        }
    }

    #[test]
    fn harmless_names_stay_harmless() {
        for name in [
            "",
            "_",
            "7",
            "1234",
            "user",
            "shopping",
            "bypass",
            "compass",
            "spin",
            "status",
            "request_id",
            "token_type",
            "password_policy",
            "password_changed_at",
            "public_key",
            "idempotency_key",
            "session_id",
            "path",
            "key",
            "code",
            "cookies_enabled",
            "hash",
            "value",
            "duration_ms",
            "desktop",
            "laptop",
        ] {
            assert!(!found(name), "{name}");
        }
    }

    #[test]
    fn a_short_name_must_be_a_word_and_a_longer_one_need_not() {
        let names = Names::with(&["abcd".to_owned(), "abcde".to_owned(), "x".to_owned(), "yz".to_owned()]);
        let found = |name: &str| names.find(name.as_bytes()).is_some();
        assert!(found("my_abcd") && !found("myabcd"));
        assert!(found("myabcde"));
        assert!(found("x") && found("my_x") && !found("max") && found("yz") && found("my-yz") && !found("myyz"));
    }

    #[test]
    fn very_long_names_are_judged_by_their_end() {
        assert!(found(&format!("{}_password", "x".repeat(500))));
        assert!(found(&format!("{}password", "x".repeat(500))));
        assert!(found(&format!("{}_pin", "x".repeat(100))));
        assert!(!found(&"x".repeat(500)));
    }

    #[test]
    fn a_name_without_letters_adds_nothing() {
        let names = Names::with(&["_-7".to_owned(), "رمز".to_owned()]);
        assert!(names.find(b"user").is_none());
    }

    #[test]
    fn the_shape_follows_the_kind_of_value() {
        let names = Names::with(&["nickname".to_owned()]);
        assert_eq!(names.find(b"Cookie"), Some(Line));
        assert_eq!(names.find(b"password"), Some(Phrase));
        assert_eq!(names.find(b"access_token"), Some(Word));
        assert_eq!(names.find(b"nickname"), Some(Phrase));
    }
}
