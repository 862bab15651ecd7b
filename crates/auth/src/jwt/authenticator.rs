//! The whole check of a request's token: verified, and not revoked.

use std::sync::Arc;

use archirust_core::Result;
use serde::de::DeserializeOwned;

use super::{CachedVerifier, Claims, NoExtra, Revocations};

/// Says who a request comes from: verifies its token, from memory if it was verified within the last minute, and asks each
/// time whether it was revoked.
#[derive(Debug)]
pub struct Authenticator<E = NoExtra> {
    verifier: CachedVerifier<E>,
    revocations: Revocations,
}

impl<E: DeserializeOwned + Send + Sync + 'static> Authenticator<E> {
    /// Joins the two.
    pub fn new(verifier: CachedVerifier<E>, revocations: Revocations) -> Self {
        Self { verifier, revocations }
    }

    /// Checks a token.
    ///
    /// # Errors
    /// `InvalidToken`, `TokenExpired`, `TokenRevoked`; those of the cache if revocation can't be looked up.
    pub async fn authenticate(&self, token: &str) -> Result<Arc<Claims<E>>> {
        let claims = self.verifier.verify(token)?;
        self.revocations.check(&claims).await?;
        Ok(claims)
    }

    /// The part that needs no cache.
    pub fn verifier(&self) -> &CachedVerifier<E> {
        &self.verifier
    }

    /// What was revoked.
    pub fn revocations(&self) -> &Revocations {
        &self.revocations
    }
}
