//! What can be told of a stored hash without keeping any of it: its scheme and cost.

use std::fmt;

use super::stored::{ARCHIPY_4_ROUNDS, Unusable};

/// The least bcrypt cost of the checklist; OWASP and ASVS ask 10.
pub const MIN_BCRYPT_COST: u32 = 12;

/// Memory (KiB) and passes of Argon2id that OWASP calls equal; one pair must be met.
const ARGON2ID: [(u32, u32); 5] = [(47104, 1), (19456, 2), (12288, 3), (9216, 4), (7168, 5)];

/// The same for scrypt with r = 8: log2 N and p.
const SCRYPT: [(u32, u32); 5] = [(17, 1), (16, 2), (15, 3), (14, 5), (13, 10)];

/// Scheme and cost of a stored hash. It holds neither salt nor hash, so it may be counted and shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum HashShape {
    /// Argon2id.
    Argon2id {
        /// Memory in KiB.
        memory_kib: u32,
        /// Passes.
        passes: u32,
        /// Lanes.
        lanes: u32,
    },
    /// Argon2i or Argon2d, which are no longer recommended for passwords.
    OtherArgon2,
    /// bcrypt, pre-hashed or not.
    Bcrypt {
        /// The logarithm of the rounds.
        cost: u32,
    },
    /// scrypt.
    Scrypt {
        /// log2 N.
        log_n: u32,
        /// Block size.
        r: u32,
        /// Parallelism.
        p: u32,
    },
    /// PBKDF2.
    Pbkdf2 {
        /// The hash function.
        digest: Pbkdf2Digest,
        /// Rounds.
        rounds: u32,
    },
    /// A bare digest (MD5, SHA-1, SHA-2), or an old `crypt(3)` scheme.
    FastHash,
    /// Of no known scheme: perhaps the password itself.
    Unknown,
}

/// The hash function of PBKDF2.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(missing_docs, reason = "the names are those of the functions")]
pub enum Pbkdf2Digest {
    Sha1,
    Sha256,
    Sha512,
}

impl HashShape {
    /// Looks at a stored hash, or at what comes before its salt.
    pub fn of(stored: &str) -> Self {
        Self::of_known(stored).unwrap_or_else(|_| if is_fast_hash(stored) { Self::FastHash } else { Self::Unknown })
    }

    /// Whether it is a function made for passwords (ARCHI-PWD-001).
    pub fn is_password_hash(self) -> bool {
        !matches!(self, Self::FastHash | Self::Unknown)
    }

    /// Whether it costs enough (ARCHI-PWD-002 and 003).
    pub fn costs_enough(self) -> bool {
        match self {
            Self::Argon2id { memory_kib, passes, .. } => ARGON2ID.iter().any(|&(m, t)| memory_kib >= m && passes >= t),
            Self::Bcrypt { cost } => cost >= MIN_BCRYPT_COST,
            Self::Scrypt { log_n, r, p } => {
                r >= 8 && SCRYPT.iter().any(|&(least_n, least_p)| log_n >= least_n && p >= least_p)
            }
            Self::Pbkdf2 { digest: Pbkdf2Digest::Sha1, rounds } => rounds >= 1_300_000,
            Self::Pbkdf2 { digest: Pbkdf2Digest::Sha256, rounds } => rounds >= 600_000,
            Self::Pbkdf2 { digest: Pbkdf2Digest::Sha512, rounds } => rounds >= 210_000,
            Self::OtherArgon2 | Self::FastHash | Self::Unknown => false,
        }
    }

    fn of_known(stored: &str) -> Result<Self, Unusable> {
        let fields: Vec<&str> = stored.split('$').collect();
        match fields.as_slice() {
            ["", "argon2id", version, params, ..] if version.starts_with("v=") => argon2id(params),
            ["", "argon2id", params, ..] => argon2id(params),
            ["", "argon2i" | "argon2d", ..] => Ok(Self::OtherArgon2),
            ["", "2a" | "2b" | "2y", cost, ..] => Ok(Self::Bcrypt { cost: number(cost)? }),
            ["", "bcrypt-sha256", params, ..] => Ok(Self::Bcrypt { cost: parameter(params, "r")? }),
            ["", "scrypt", params, ..] => Ok(Self::Scrypt {
                log_n: parameter(params, "ln")?,
                r: parameter(params, "r")?,
                p: parameter(params, "p")?,
            }),
            // PHC strings and passlib: `$pbkdf2-sha256$i=600000,…$` and `$pbkdf2-sha256$600000$`.
            ["", name, params, ..] if name.starts_with("pbkdf2") => {
                Ok(Self::Pbkdf2 { digest: digest(name)?, rounds: number(params).or_else(|_| parameter(params, "i"))? })
            }
            // ArchiPy 5 and Django.
            [name, rounds, ..] if name.starts_with("pbkdf2") => {
                Ok(Self::Pbkdf2 { digest: digest(name)?, rounds: number(rounds)? })
            }
            [text] if is_archipy_4(text) => Ok(Self::Pbkdf2 { digest: Pbkdf2Digest::Sha256, rounds: ARCHIPY_4_ROUNDS }),
            _ => Err(Unusable::Unreadable),
        }
    }
}

fn argon2id(params: &str) -> Result<HashShape, Unusable> {
    Ok(HashShape::Argon2id {
        memory_kib: parameter(params, "m")?,
        passes: parameter(params, "t")?,
        lanes: parameter(params, "p")?,
    })
}

fn digest(name: &str) -> Result<Pbkdf2Digest, Unusable> {
    match name {
        "pbkdf2" | "pbkdf2_sha1" | "pbkdf2-sha1" => Ok(Pbkdf2Digest::Sha1),
        "pbkdf2_sha256" | "pbkdf2-sha256" => Ok(Pbkdf2Digest::Sha256),
        "pbkdf2_sha512" | "pbkdf2-sha512" => Ok(Pbkdf2Digest::Sha512),
        _ => Err(Unusable::Unreadable),
    }
}

fn parameter(params: &str, name: &str) -> Result<u32, Unusable> {
    let pair = params.split(',').filter_map(|pair| pair.split_once('=')).find(|(found, _)| *found == name);
    pair.ok_or(Unusable::Unreadable).and_then(|(_, value)| number(value))
}

fn number(text: &str) -> Result<u32, Unusable> {
    text.parse().map_err(|_| Unusable::Unreadable)
}

fn is_archipy_4(text: &str) -> bool {
    text.len() == 64
        && !text.bytes().all(|byte| byte.is_ascii_hexdigit())
        && data_encoding::BASE64.decode(text.as_bytes()).is_ok()
}

fn is_fast_hash(text: &str) -> bool {
    let hex = text.bytes().all(|byte| byte.is_ascii_hexdigit()) && matches!(text.len(), 32 | 40 | 56 | 64 | 96 | 128);
    let old = ["$1$", "$5$", "$6$", "$apr1$", "{SHA}", "{SSHA}", "{MD5}", "md5$", "sha1$", "sha256$", "sha512$"];
    hex || old.iter().any(|prefix| text.starts_with(prefix))
}

impl fmt::Display for HashShape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Argon2id { memory_kib, passes, lanes } => write!(f, "argon2id m={memory_kib} t={passes} p={lanes}"),
            Self::OtherArgon2 => f.write_str("argon2i or argon2d"),
            Self::Bcrypt { cost } => write!(f, "bcrypt cost={cost}"),
            Self::Scrypt { log_n, r, p } => write!(f, "scrypt ln={log_n} r={r} p={p}"),
            Self::Pbkdf2 { digest, rounds } => {
                let digest = match digest {
                    Pbkdf2Digest::Sha1 => "sha1",
                    Pbkdf2Digest::Sha256 => "sha256",
                    Pbkdf2Digest::Sha512 => "sha512",
                };
                write!(f, "pbkdf2-{digest} rounds={rounds}")
            }
            Self::FastHash => f.write_str("a bare digest"),
            Self::Unknown => f.write_str("no known scheme"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shape(text: &str) -> String {
        let shape = HashShape::of(text);
        format!("{shape} {} {}", shape.is_password_hash(), shape.costs_enough())
    }

    #[test]
    fn scheme_and_cost_are_told_from_what_is_stored() {
        for (stored, expected) in [
            ("$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHQ$aGFzaA", "argon2id m=19456 t=2 p=1 true true"),
            ("$argon2id$v=19$m=19456,t=2,p=1$", "argon2id m=19456 t=2 p=1 true true"),
            ("$argon2id$m=8,t=1,p=1$c29tZXNhbHQ$aGFzaA", "argon2id m=8 t=1 p=1 true false"),
            ("$argon2i$v=19$m=65536,t=3,p=4$c29tZXNhbHQ$aGFzaA", "argon2i or argon2d true false"),
            ("$2b$12$abcdefghijklmnopqrstuO", "bcrypt cost=12 true true"),
            ("$2a$10$", "bcrypt cost=10 true false"),
            ("$2y$11$", "bcrypt cost=11 true false"),
            ("$bcrypt-sha256$v=2,t=2b,r=12$abcdefghijklmnopqrstuO$x", "bcrypt cost=12 true true"),
            ("$scrypt$ln=17,r=8,p=1$c2FsdA$aGFzaA", "scrypt ln=17 r=8 p=1 true true"),
            ("$pbkdf2-sha512$210000$c2FsdA$aGFzaA", "pbkdf2-sha512 rounds=210000 true true"),
            ("$pbkdf2-sha256$i=600000,l=32$c2FsdA$aGFzaA", "pbkdf2-sha256 rounds=600000 true true"),
            ("pbkdf2_sha256$600000$AAEC$7xdx", "pbkdf2-sha256 rounds=600000 true true"),
            ("pbkdf2_sha256$1$AAEC$7xdx", "pbkdf2-sha256 rounds=1 true false"),
            ("pbkdf2_sha1$1300000$AAEC$7xdx", "pbkdf2-sha1 rounds=1300000 true true"),
            (
                "AAECAwQFBgcICQoLDA0OD0nUnCX1l4RiCfDZLndwq2Thx16UtM5sUJJl7mcXXSoe",
                "pbkdf2-sha256 rounds=100000 true false",
            ),
            ("5f4dcc3b5aa765d61d8327deb882cf99", "a bare digest false false"),
            ("5baa61e4c9b93f3f0682250b6cf8331b7ee68fd8", "a bare digest false false"),
            ("5e884898da28047151d0e56f8dc6292773603d0d6aabbd62a11ef721d1542d8a", "a bare digest false false"),
            ("$1$salt$hash", "a bare digest false false"),
            ("{SSHA}abcd", "a bare digest false false"),
            ("correct horse battery staple", "no known scheme false false"),
            ("5f4dcc3b5aa765d61d8327deb882cf9", "no known scheme false false"),
            ("$argon2id$v=19$m=19456$", "no known scheme false false"),
            ("", "no known scheme false false"),
        ] {
            assert_eq!(shape(stored), expected, "{stored}");
        }
    }

    #[test]
    fn every_choice_of_owasp_is_enough_and_a_bit_less_is_not() {
        let argon2id = |memory_kib, passes| HashShape::Argon2id { memory_kib, passes, lanes: 1 };
        for (memory_kib, passes) in ARGON2ID {
            assert!(argon2id(memory_kib, passes).costs_enough());
            assert!(!argon2id(memory_kib - 1, passes).costs_enough());
        }
        assert!(!argon2id(19456, 1).costs_enough());
        assert!(argon2id(7168, 6).costs_enough());
        for (log_n, p) in SCRYPT {
            assert!(HashShape::Scrypt { log_n, r: 8, p }.costs_enough());
            assert!(!HashShape::Scrypt { log_n, r: 7, p }.costs_enough());
            assert!(!HashShape::Scrypt { log_n: log_n - 1, r: 8, p }.costs_enough());
        }
        for (digest, least) in
            [(Pbkdf2Digest::Sha1, 1_300_000), (Pbkdf2Digest::Sha256, 600_000), (Pbkdf2Digest::Sha512, 210_000)]
        {
            assert!(HashShape::Pbkdf2 { digest, rounds: least }.costs_enough());
            assert!(!HashShape::Pbkdf2 { digest, rounds: least - 1 }.costs_enough());
        }
        assert!(HashShape::Bcrypt { cost: 12 }.costs_enough() && !HashShape::Bcrypt { cost: 11 }.costs_enough());
    }
}
