//! Stored hashes, read. Anything may stand in a database: what can't be read, or would take forever, is refused here.

use std::num::NonZeroU32;
use std::str::FromStr;

use argon2::{Algorithm, Params, Version};
use bcrypt::HashParts;
use data_encoding::BASE64;
use password_hash::phc;

/// The rounds of ArchiPy 4, which are not in its hashes.
pub(super) const ARCHIPY_4_ROUNDS: u32 = 100_000;

/// The most a stored hash may ask for; each is about a second of one core. Settings can't ask for more either.
const MAX_BCRYPT_COST: u32 = 15;
const MAX_PBKDF2_ROUNDS: u32 = 5_000_000;
const MAX_ARGON2_LANES: u32 = 16;
const MAX_ARGON2_KIB: u32 = 256 << 10;
const MAX_ARGON2_TOTAL_KIB: u64 = super::config::MAX_ARGON2_KIB;

/// Below this a stored hash proves nothing: it may have been reversed already (one round of PBKDF2 is a plain HMAC). It is
/// refused, unless the settings ask for as little.
const MIN_BCRYPT_COST: u32 = 8;
const MIN_PBKDF2_ROUNDS: u32 = ARCHIPY_4_ROUNDS;
const MIN_ARGON2_KIB: u32 = 4 << 10;

/// Bytes of the salts that ArchiPy writes, and of its hashes.
const ARCHIPY_SALT: usize = 16;
const PBKDF2_OUTPUT: usize = 32;

/// A stored hash.
pub(super) enum Stored {
    Argon2(Argon2Hash),
    /// `$2a$`, `$2b$` or `$2y$` of the password itself.
    Bcrypt(HashParts),
    BcryptSha256(BcryptSha256),
    /// PBKDF2-HMAC-SHA256, as both versions of ArchiPy wrote it.
    Pbkdf2(Pbkdf2Hash),
}

/// `$argon2id$v=19$m=19456,t=2,p=1[,keyid=…]$salt$hash` (PHC string format).
pub(super) struct Argon2Hash {
    pub(super) algorithm: Algorithm,
    pub(super) version: Version,
    pub(super) memory_kib: u32,
    pub(super) passes: u32,
    pub(super) lanes: u32,
    /// The name of the pepper.
    pub(super) key_id: Option<String>,
    pub(super) salt: phc::Salt,
    pub(super) output: phc::Output,
}

/// `$bcrypt-sha256$v=2,t=2b,r=12[,keyid=…]$salt$hash`: bcrypt of the base64 of HMAC-SHA-256 of the password under the salt,
/// the format that passlib made known. No byte of the input is lost, and none is NUL.
pub(super) struct BcryptSha256 {
    pub(super) parts: HashParts,
    /// The salt as it is written, which is the key of the HMAC.
    pub(super) salt: String,
    /// The name of the pepper.
    pub(super) key_id: Option<String>,
}

/// Rounds, salt and hash.
pub(super) struct Pbkdf2Hash {
    pub(super) rounds: NonZeroU32,
    pub(super) salt: Vec<u8>,
    pub(super) output: Vec<u8>,
}

/// Why a stored hash is of no use. Holds nothing of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unusable {
    /// Of no known scheme, or broken.
    Unreadable,
    /// It asks for more work than any login is worth.
    TooCostly,
    /// It was made with so little work that it proves nothing.
    TooCheap,
}

impl Unusable {
    pub(super) fn reason(self) -> &'static str {
        match self {
            Self::Unreadable => "a stored password hash is of no known scheme or broken",
            Self::TooCostly => "a stored password hash asks for too much work",
            Self::TooCheap => "a stored password hash was made with too little work",
        }
    }
}

/// The least cost that is accepted besides the fixed limits: that of the settings.
#[derive(Clone, Copy, Debug)]
pub(super) struct Accepted {
    pub(super) memory_kib: u32,
    pub(super) bcrypt_cost: u32,
}

impl Stored {
    pub(super) fn parse(text: &str, accepted: Accepted) -> Result<Self, Unusable> {
        if text.starts_with("$argon2") {
            Argon2Hash::parse(text, accepted).map(Self::Argon2)
        } else if text.starts_with("$2") {
            // `$2x$` marks hashes of a broken implementation and is not read.
            if !["$2a$", "$2b$", "$2y$"].iter().any(|prefix| text.starts_with(prefix)) {
                return Err(Unusable::Unreadable);
            }
            bcrypt_parts(text, accepted).map(Self::Bcrypt)
        } else if let Some(rest) = text.strip_prefix("$bcrypt-sha256$v=2,t=2b,") {
            BcryptSha256::parse(rest, accepted).map(Self::BcryptSha256)
        } else if let Some(rest) = text.strip_prefix("pbkdf2_sha256$") {
            Pbkdf2Hash::parse_archipy_5(rest).map(Self::Pbkdf2)
        } else {
            Pbkdf2Hash::parse_archipy_4(text).map(Self::Pbkdf2)
        }
    }
}

impl Argon2Hash {
    fn parse(text: &str, accepted: Accepted) -> Result<Self, Unusable> {
        let hash = phc::PasswordHash::new(text).map_err(|_| Unusable::Unreadable)?;
        let number = |name: &str| hash.params.get_decimal(name).ok_or(Unusable::Unreadable);
        let (memory_kib, passes, lanes) = (number("m")?, number("t")?, number("p")?);
        let known = ["m", "t", "p", "keyid"];
        if !hash.params.iter().all(|(name, _)| known.contains(&name.as_str())) {
            return Err(Unusable::Unreadable);
        }
        let total = u64::from(memory_kib) * u64::from(passes);
        if memory_kib > MAX_ARGON2_KIB || total > MAX_ARGON2_TOTAL_KIB || lanes > MAX_ARGON2_LANES {
            return Err(Unusable::TooCostly);
        }
        if memory_kib < MIN_ARGON2_KIB.min(accepted.memory_kib) {
            return Err(Unusable::TooCheap);
        }
        let key_id = match hash.params.get("keyid") {
            None => None,
            Some(value) => {
                let mut bytes = [0; 64];
                let bytes = value.b64_decode(&mut bytes).map_err(|_| Unusable::Unreadable)?;
                Some(std::str::from_utf8(bytes).map_err(|_| Unusable::Unreadable)?.to_owned())
            }
        };
        // An absent version is 1.0, in which nothing is written any more.
        let version = hash.version.unwrap_or(Version::V0x10.into());
        let stored = Self {
            algorithm: Algorithm::from_str(hash.algorithm.as_str()).map_err(|_| Unusable::Unreadable)?,
            version: Version::try_from(version).map_err(|_| Unusable::Unreadable)?,
            memory_kib,
            passes,
            lanes,
            key_id,
            salt: hash.salt.ok_or(Unusable::Unreadable)?,
            output: hash.hash.ok_or(Unusable::Unreadable)?,
        };
        stored.params().map(|_| stored)
    }

    pub(super) fn params(&self) -> Result<Params, Unusable> {
        Params::new(self.memory_kib, self.passes, self.lanes, Some(self.output.len())).map_err(|_| Unusable::Unreadable)
    }
}

impl BcryptSha256 {
    /// What follows `v=2,t=2b,`.
    fn parse(text: &str, accepted: Accepted) -> Result<Self, Unusable> {
        let mut fields = text.split('$');
        let (Some(params), Some(salt), Some(hash), None) = (fields.next(), fields.next(), fields.next(), fields.next())
        else {
            return Err(Unusable::Unreadable);
        };
        let (cost, key_id) = match params.split_once(",keyid=") {
            Some((cost, name)) => (cost, Some(name.to_owned())),
            None => (params, None),
        };
        let cost = cost.strip_prefix("r=").ok_or(Unusable::Unreadable)?;
        if salt.len() != 22 || cost.is_empty() || cost.len() > 2 {
            return Err(Unusable::Unreadable);
        }
        let parts = bcrypt_parts(&format!("$2b${cost:0>2}${salt}{hash}"), accepted)?;
        Ok(Self { parts, salt: salt.to_owned(), key_id })
    }
}

fn bcrypt_parts(text: &str, accepted: Accepted) -> Result<HashParts, Unusable> {
    let parts = HashParts::from_str(text).map_err(|_| Unusable::Unreadable)?;
    match parts.get_cost() {
        cost if cost > MAX_BCRYPT_COST => Err(Unusable::TooCostly),
        cost if cost < MIN_BCRYPT_COST.min(accepted.bcrypt_cost) => Err(Unusable::TooCheap),
        _ => Ok(parts),
    }
}

impl Pbkdf2Hash {
    /// What follows `pbkdf2_sha256$`: `<rounds>$<base64 salt>$<base64 hash>`.
    fn parse_archipy_5(text: &str) -> Result<Self, Unusable> {
        let mut fields = text.split('$');
        let (Some(rounds), Some(salt), Some(hash), None) = (fields.next(), fields.next(), fields.next(), fields.next())
        else {
            return Err(Unusable::Unreadable);
        };
        if rounds.is_empty() || !rounds.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(Unusable::Unreadable);
        }
        let rounds = rounds.parse().map_err(|_| Unusable::TooCostly)?;
        let decode = |text: &str| BASE64.decode(text.as_bytes()).map_err(|_| Unusable::Unreadable);
        Self::new(rounds, decode(salt)?, decode(hash)?)
    }

    /// The base64 of 16 bytes of salt and 32 of hash.
    fn parse_archipy_4(text: &str) -> Result<Self, Unusable> {
        // 64 hex digits are base64 too, but nobody's salted hash: they are a bare SHA-256.
        if text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Err(Unusable::Unreadable);
        }
        let bytes = BASE64.decode(text.as_bytes()).map_err(|_| Unusable::Unreadable)?;
        let (salt, output) = bytes.split_at_checked(ARCHIPY_SALT).ok_or(Unusable::Unreadable)?;
        Self::new(ARCHIPY_4_ROUNDS, salt.to_vec(), output.to_vec())
    }

    fn new(rounds: u32, salt: Vec<u8>, output: Vec<u8>) -> Result<Self, Unusable> {
        if salt.len() < ARCHIPY_SALT || output.len() != PBKDF2_OUTPUT {
            return Err(Unusable::Unreadable);
        }
        match NonZeroU32::new(rounds) {
            Some(rounds) if rounds.get() > MAX_PBKDF2_ROUNDS => Err(Unusable::TooCostly),
            Some(rounds) if rounds.get() >= MIN_PBKDF2_ROUNDS => Ok(Self { rounds, salt, output }),
            _ => Err(Unusable::TooCheap),
        }
    }
}

#[cfg(test)]
#[path = "stored_tests.rs"]
mod tests;
