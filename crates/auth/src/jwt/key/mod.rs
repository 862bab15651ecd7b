//! Keys: what signs, what verifies, how they are published and kept in files.

pub(crate) mod file;
mod jwk;
mod pem;
mod signing;
mod verifying;

pub use file::{KeyFile, MAX_KEY_FILE_BYTES};
pub use jwk::{Jwk, JwkSet, PublicParameters};
pub use signing::SigningKey;
pub use verifying::{MAX_RSA_BITS, MIN_RSA_BITS, VerifyingKey};

use std::fmt;

/// Why a key is not taken. Says what is wrong and nothing of the key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum KeyError {
    /// Not a key, or only a part of one.
    Malformed,
    /// A key of another kind than the algorithm needs.
    WrongKind {
        /// What it is: `an RSA key`.
        found: &'static str,
    },
    /// An RSA modulus that is not within 2048 to 8192 bits.
    RsaSize {
        /// How many bits it has; unknown when only a library could have said so.
        bits: Option<usize>,
    },
    /// A private or shared key where a public one belongs.
    NotPublic,
    /// A parameter that is missing or that this crate does not know.
    Unsupported {
        /// Which one.
        parameter: &'static str,
    },
}

impl fmt::Display for KeyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Malformed => f.write_str("is damaged or not a key"),
            Self::WrongKind { found } => write!(f, "holds {found}"),
            Self::RsaSize { bits: Some(bits) } => {
                write!(f, "has {bits} bits, an RSA key needs {MIN_RSA_BITS} to {MAX_RSA_BITS}")
            }
            Self::RsaSize { bits: None } => write!(f, "is an RSA key outside of {MIN_RSA_BITS} to {MAX_RSA_BITS} bits"),
            Self::NotPublic => f.write_str("holds a private or shared key"),
            Self::Unsupported { parameter } => write!(f, "has a missing or unknown parameter {parameter}"),
        }
    }
}

impl std::error::Error for KeyError {}
