//! Passwords: hashed, verified, judged and made.
//!
//! * [`Hasher`] hashes and verifies on threads of its own, few and with a bounded queue, so that neither a login nor a
//!   flood of them holds up other requests. Argon2id by default, bcrypt as a choice; see [`PasswordSettings`].
//! * [`Policy`] says which passwords are accepted, after NIST SP 800-63B, with reasons that a person can use.
//! * [`generate`] makes a password that nobody has to remember.
//!
//! # What is stored
//!
//! | stored | written | of |
//! |---|---|---|
//! | `$argon2id$v=19$m=…,t=…,p=…[,keyid=…]$salt$hash` | by default | PHC string; a pepper is the secret input of Argon2, `keyid` the base64 of its name |
//! | `$2b$cost$…` | scheme `bcrypt` | up to 72 bytes, without a pepper |
//! | `$bcrypt-sha256$v=2,t=2b,r=cost[,keyid=…]$salt$hash` | scheme `bcrypt` | longer passwords, and all with a pepper: bcrypt of base64(HMAC-SHA-256(salt, password)), as passlib does |
//! | `$2a$…`, `$2y$…` | never | the same as `$2b$` |
//! | Argon2i, Argon2d, and all of the above with less cost or another pepper | never | verified, [`Verdict::ValidButRehash`] |
//! | `pbkdf2_sha256$…` and 64 characters of base64 | never | ArchiPy 5 and 4, verified, [`Verdict::ValidButRehash`] |
//!
//! New hashes are of the NFKC form of the password; see [`MAX_PASSWORD_BYTES`] for the one hard limit.
//!
//! # Who is there can't be told by time
//!
//! Verifying against nothing (an unknown user) does the work of one hash with the current settings. A hash of another cost
//! takes its own time until its owner's next login replaces it; that much can be seen until then.

mod config;
mod engine;
mod facts;
mod generate;
mod hasher;
mod kdf;
mod normal;
mod policy;
mod pool;
mod probe;
mod rules;
mod shape;
mod stored;

pub use config::{Argon2Settings, PasswordSettings, PolicySettings, Scheme};
pub use engine::Engine;
pub use facts::{PasswordFacts, StoredHashes, StoredPasswordFacts};
pub use generate::{GENERATED_LENGTH, generate};
pub use hasher::Hasher;
pub use kdf::Memory;
pub use normal::MAX_PASSWORD_BYTES;
pub use policy::{Policy, Strength, Violation, into_error, score};
pub use pool::Load;
pub use probe::probe;
pub use rules::{RULES, STORED_RULES};
pub use shape::{HashShape, MIN_BCRYPT_COST, Pbkdf2Digest};

/// What became of a verification.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use = "a verification that nobody looks at lets everybody in"]
pub enum Verdict {
    /// It is the password.
    Valid,
    /// It is the password; its hash is weaker than a new one would be, or of another scheme: hash it again and store that.
    ValidButRehash,
    /// It is not the password, there is no such user, or the stored hash is of no use.
    Invalid,
}

impl Verdict {
    /// Whether it is the password.
    pub fn is_valid(self) -> bool {
        self != Self::Invalid
    }
}
