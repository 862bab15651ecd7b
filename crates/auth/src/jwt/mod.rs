//! Access tokens: signed JSON Web Tokens (RFC 7519) after the profile of RFC 9068 and the advice of RFC 8725.
//!
//! | type | does |
//! |---|---|
//! | [`SigningKey`], [`VerifyingKey`], [`KeyFile`] | keys, each for one algorithm |
//! | [`KeyRing`], [`KeySet`], [`JwkSet`] | rotation with overlap, and the keys as they are published |
//! | [`Signer`] | makes an [`AccessToken`] from a [`NewToken`] |
//! | [`Verifier`], [`CachedVerifier`] | give the [`Claims`] of a token that is genuine, for us, and good now |
//! | [`Revocations`], [`Authenticator`] | ends tokens early; the whole check of a request |
//! | [`JwtSettings`], [`JwtFacts`], [`probe`], [`RULES`] | settings, and proof that the check in use refuses what it must |
//!
//! The signature primitives are those of aws-lc, keys are parsed once, and time is injected. Around them a token is read by
//! the strictest reading of the standards: see [`Verifier::verify`].

mod algorithm;
mod authenticator;
mod base64url;
mod cached;
mod claims;
mod compact;
mod config;
mod facts;
mod json;
mod key;
mod names;
mod probe;
mod revocation;
mod ring;
mod rules;
mod signer;
mod token;
mod verifier;

pub use algorithm::{Algorithm, UnknownAlgorithm};
pub use authenticator::Authenticator;
pub use cached::{CachedVerifier, DEFAULT_VERIFIED_ENTRIES, MAX_VERIFIED_TTL};
pub use claims::{Claims, NoExtra, REGISTERED_CLAIMS};
pub use compact::MAX_TOKEN_BYTES;
pub use config::{Deadline, JwtSettings};
pub use facts::{Attempts, JwtFacts, PublishedKey, RotationTrial};
pub use key::{
    Jwk, JwkSet, KeyError, KeyFile, MAX_KEY_FILE_BYTES, MAX_RSA_BITS, MIN_RSA_BITS, PublicParameters, SigningKey,
    VerifyingKey,
};
pub use probe::{TokenCheck, from_settings, probe};
pub(crate) use revocation::LONGEST_ACCEPTED;
pub use revocation::Revocations;
pub use ring::{KeyRing, KeySet};
pub use rules::RULES;
pub use signer::{ACCESS_TOKEN_TYPE, DEFAULT_ACCESS_TTL, MAX_ACCESS_TTL, Signer};
pub use token::{AccessToken, NewToken};
pub use verifier::{Audience, DEFAULT_LEEWAY, DEFAULT_MAX_LIFETIME, Issuer, MAX_LEEWAY, Verifier, VerifierBuilder};
