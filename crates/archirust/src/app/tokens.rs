//! Access tokens of a service: what signs them, what checks them, and what is published of their keys.

use std::sync::Arc;

use archirust_auth::jwt::{Authenticator, JwkSet, JwtFacts, KeyRing, NewToken, Revocations, Signer};
use archirust_cache::SharedCache;
use archirust_core::Result;
use archirust_core::clock::Clock;
use archirust_core::config::Origins;
use archirust_core::random::Random;
use archirust_web::auth::Access;

use crate::ServiceSettings;

/// Access tokens of a service. Cloning is cheap and shares the keys.
#[derive(Clone)]
pub struct Tokens {
    signer: Arc<Signer>,
    authenticator: Arc<Authenticator<Access>>,
    ring: Arc<KeyRing>,
    clock: Arc<dyn Clock>,
}

impl Tokens {
    pub(super) fn new(
        settings: &ServiceSettings,
        cache: SharedCache,
        clock: Arc<dyn Clock>,
        random: Arc<dyn Random>,
    ) -> Result<Self> {
        let jwt = &settings.jwt;
        let ring = Arc::new(jwt.load_keys()?);
        let signer = jwt.signer(ring.clone(), clock.clone(), random)?;
        let verifier = jwt.cached_verifier(ring.keys(), clock.clone())?;
        let authenticator = Authenticator::new(verifier, Revocations::new(cache, clock.clone()));
        Ok(Self { signer: Arc::new(signer), authenticator: Arc::new(authenticator), ring, clock })
    }

    /// What signs.
    pub fn signer(&self) -> Arc<Signer> {
        self.signer.clone()
    }

    /// What checks the token of a request.
    pub fn authenticator(&self) -> Arc<Authenticator<Access>> {
        self.authenticator.clone()
    }

    /// The public keys, for `/.well-known/jwks.json`.
    pub fn jwks(&self) -> JwkSet {
        self.ring.keys().jwks(self.clock.now())
    }

    /// Attacks the very verifier that serves, and tells what it refused.
    pub(super) fn probe(&self, settings: &ServiceSettings, origins: &Origins) -> JwtFacts {
        let sample = NewToken::new("probe");
        let check = self.authenticator.verifier();
        archirust_auth::jwt::probe(&self.signer, &sample, check, &self.jwks(), (&settings.jwt, origins, "jwt"))
    }
}
