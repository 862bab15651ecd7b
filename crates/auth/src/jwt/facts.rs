//! What can be known of the access tokens of a service.

use std::fmt;
use std::time::Duration;

use archirust_core::hardening::Observed;

use super::Algorithm;

/// What is known of the access tokens of a service.
#[derive(Clone, Debug)]
pub struct JwtFacts {
    /// The algorithm of the key that signs now.
    pub algorithm: Observed<Algorithm>,
    /// Tokens without a signature.
    pub unsigned: Observed<Attempts>,
    /// Tokens whose signature is wrong, or by another key.
    pub forged: Observed<Attempts>,
    /// Tokens signed with HS256, the public key being the secret.
    pub key_confusion: Observed<Attempts>,
    /// Tokens whose header brings its own key, or a name that leads elsewhere.
    pub header_keys: Observed<Attempts>,
    /// Genuine tokens for somebody else.
    pub audience: Observed<Attempts>,
    /// Genuine tokens by somebody else.
    pub issuer: Observed<Attempts>,
    /// Genuine tokens that are over, not good yet, or without an end.
    pub times: Observed<Attempts>,
    /// Genuine tokens of another type.
    pub token_type: Observed<Attempts>,
    /// How long access tokens are to live.
    pub access_ttl: Observed<Duration>,
    /// How long a fresh one lives: `exp` − `iat`.
    pub lifetime: Observed<Duration>,
    /// How far clocks may differ.
    pub leeway: Observed<Duration>,
    /// The keys that are published.
    pub published: Observed<Vec<PublishedKey>>,
    /// What became of refresh tokens in a trial; see [`SessionManager::probe`](crate::session::SessionManager::probe).
    pub rotation: Observed<RotationTrial>,
}

/// What was tried and had to be refused.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Attempts {
    /// How many tokens were tried.
    pub tried: usize,
    /// Those that were accepted, in words.
    pub accepted: Vec<&'static str>,
}

impl Attempts {
    /// Whether there were attempts and all were refused.
    pub fn all_refused(&self) -> bool {
        self.tried > 0 && self.accepted.is_empty()
    }
}

impl fmt::Display for Attempts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.accepted.is_empty() {
            write!(f, "{} tokens were refused", self.tried)
        } else {
            write!(f, "{} of {} tokens were accepted: {}", self.accepted.len(), self.tried, self.accepted.join(", "))
        }
    }
}

/// A key of the JWKS, as far as it is judged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublishedKey {
    /// Its name.
    pub kid: String,
    /// Its kind: `EC`, `OKP`, `RSA`, `oct`.
    pub kty: String,
    /// The bits of an RSA modulus.
    pub rsa_bits: Option<usize>,
}

/// What became of refresh tokens that were tried out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RotationTrial {
    /// A token that was used is not accepted again.
    pub used_token_refused: bool,
    /// Once it is used again, its successor is not accepted either.
    pub family_revoked: bool,
    /// The access tokens of that session were revoked.
    pub access_tokens_revoked: bool,
    /// After the end of a session its token is not accepted.
    pub ended_session_refused: bool,
}

impl RotationTrial {
    /// What does not hold, in words.
    pub fn flaws(&self) -> Vec<&'static str> {
        [
            (self.used_token_refused, "a used refresh token was accepted again"),
            (self.family_revoked, "after its reuse the successor was still accepted"),
            (self.access_tokens_revoked, "after its reuse the access tokens were still accepted"),
            (self.ended_session_refused, "after the end of a session its refresh token was accepted"),
        ]
        .into_iter()
        .filter_map(|(holds, flaw)| (!holds).then_some(flaw))
        .collect()
    }
}
