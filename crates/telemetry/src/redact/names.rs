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
    ends: Ends,
}

impl Names {
    /// The default names and some more.
    pub(super) fn with(extra: &[String]) -> Self {
        let defaults = DEFAULTS.iter().map(|&(name, shape)| (name.to_owned(), shape));
        let more = extra.iter().map(|name| (normal(name), Phrase)).filter(|(name, _)| !name.is_empty());
        Self::of(defaults.chain(more).collect())
    }

    fn of(entries: Vec<(String, Shape)>) -> Self {
        let mut ends = Ends::none();
        for (name, _) in &entries {
            ends.admit(name);
            ends.admit(&format!("{name}s"));
        }
        TAILS.iter().for_each(|tail| ends.admit(tail));
        Self { entries, ends }
    }

    /// The shape of the value that this name announces; nothing if the value is harmless.
    pub(super) fn find(&self, name: &[u8]) -> Option<Shape> {
        if self.ends.admits(name) { self.find_slowly(name) } else { None }
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
            rest = TAILS.iter().find_map(|tail| rest.strip_suffix(trim_digits(tail.as_bytes())))?;
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
    let from = name.len().saturating_sub(LONGEST);
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

/// The last three letters of all names: tells most harmless names apart at the cost of a look-up.
#[derive(Debug)]
struct Ends(Vec<u64>);

impl Ends {
    fn none() -> Self {
        Self(vec![0; 32 * 32 * 32 / 64])
    }

    fn admit(&mut self, name: &str) {
        match *trim_digits(name.as_bytes()) {
            [.., a, b, c] => self.set(a, b, c),
            [b, c] => (0..32).for_each(|a| self.set(a, b, c)),
            [c] => (0..32).for_each(|a| (0..32).for_each(|b| self.set(a, b, c))),
            [] => {}
        }
    }

    fn set(&mut self, a: u8, b: u8, c: u8) {
        let (word, bit) = Self::place(a, b, c);
        self.0[word] |= bit;
    }

    /// Whether a name with such an end is known; what follows the last letter of it does not count.
    #[inline]
    fn admits(&self, name: &[u8]) -> bool {
        let Some(last) = name.iter().rposition(u8::is_ascii_alphabetic) else { return false };
        let mut letters = name[..=last].iter().rev().filter(|byte| byte.is_ascii_alphanumeric());
        let [c, b, a] = [(); 3].map(|()| letters.next().copied().unwrap_or(0));
        let (word, bit) = Self::place(a, b, c);
        self.0[word] & bit != 0
    }

    /// The low five bits of an ASCII letter are its place in the alphabet, whatever its case.
    fn place(a: u8, b: u8, c: u8) -> (usize, u64) {
        let number = [a, b, c].iter().fold(0, |number, letter| number * 32 + usize::from(letter % 32));
        (number / 64, 1 << (number % 64))
    }
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
    fn most_names_are_told_apart_by_their_end() {
        let names = Names::with(&[]);
        for name in
            ["status", "path", "method", "request_id", "user", "duration_ms", "id", "x", "7", "", "route", "bytes_out"]
        {
            assert!(!names.ends.admits(name.as_bytes()), "{name}");
        }
        for name in ["password", "PASSWORD", "tokens", "otp_2", "password-hash", "p_i_n", "a_password_7_"] {
            assert!(names.ends.admits(name.as_bytes()), "{name}");
        }
    }

    #[test]
    fn the_bounds_of_words_are_those_that_people_see() {
        let words = |name: &str| split(name.as_bytes()).1;
        assert_eq!(words("dbPass"), 0b101);
        assert_eq!(words("db_pass"), 0b101);
        assert_eq!(words("DBPass"), 0b101);
        assert_eq!(words("DBPASS"), 0b1);
        assert_eq!(words("db2Pass"), 0b1001);
        assert_eq!(words("_a-b.c"), 0b111);
        assert_eq!(words("aB"), 0b11);
        assert_eq!(words(&format!("{}_pin", "x".repeat(60))), 1 << 60 | 1);
        assert_eq!(words(&format!("{}_pin", "x".repeat(61))), 1 << 60, "sixty-four bytes are looked at");
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
