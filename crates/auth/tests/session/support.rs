//! A service with sessions, a clock that stands still, and parts that can be exchanged.

use std::sync::Arc;

use archirust_auth::jwt::{
    Algorithm, Authenticator, CachedVerifier, KeyRing, Revocations, Signer, SigningKey, Verifier,
};
use archirust_auth::session::{
    Acr, Authentication, Client, Issued, MemorySessions, SessionManager, SessionSettings, SessionStore,
};
use archirust_cache::{CacheSettings, MemoryCache, SharedCache};
use archirust_core::clock::ManualClock;
use archirust_core::id::{self, Uuid};
use archirust_core::random::SystemRandom;
use archirust_core::{ErrorKind, Secret, Timestamp};
use serde_json::Value;

pub(crate) const PASSWORD: Authentication<'static> = Authentication { acr: Acr::Aal1, amr: &["pwd"] };

pub(crate) struct Service {
    pub(crate) manager: SessionManager,
    pub(crate) authenticator: Authenticator<Value>,
    pub(crate) store: Arc<dyn SessionStore>,
    pub(crate) clock: Arc<ManualClock>,
}

impl Service {
    pub(crate) fn new() -> Self {
        Self::with(SessionSettings::default(), Arc::new(MemorySessions::default()), |cache| cache)
    }

    pub(crate) fn with(
        settings: SessionSettings,
        store: Arc<dyn SessionStore>,
        revocations_in: impl FnOnce(SharedCache) -> SharedCache,
    ) -> Self {
        let clock = ManualClock::at("2026-11-23T12:00:00Z".parse::<Timestamp>().unwrap());
        let cache = revocations_in(MemoryCache::shared(&CacheSettings::default(), clock.clone()));
        let ring = Arc::new(KeyRing::new(SigningKey::generate(Algorithm::Es256).unwrap()));
        let verifier = Verifier::builder(ring.keys()).issuer("https://a.example").audience(["api"]);
        let verifier =
            CachedVerifier::new(verifier.clock(clock.clone()).build().unwrap(), 0, Default::default()).unwrap();
        let signer = Signer::new(ring, "https://a.example", ["api"]).unwrap();
        let signer = Arc::new(signer.with_sources(clock.clone(), SystemRandom::shared()));
        let revocations = Revocations::new(cache, clock.clone());
        let random = SystemRandom::shared();
        let manager = SessionManager::new(&settings, store.clone(), signer, revocations.clone(), clock.clone(), random);
        Self { manager, authenticator: Authenticator::new(verifier, revocations), store, clock }
    }

    pub(crate) async fn begin(&self) -> Issued {
        self.begin_for(id::new()).await
    }

    pub(crate) async fn begin_for(&self, user: Uuid) -> Issued {
        self.manager.begin(user, PASSWORD, &Client::default()).await.unwrap()
    }

    pub(crate) async fn refused(&self, token: &Secret<String>) -> ErrorKind {
        self.manager.refresh(token).await.unwrap_err().kind()
    }

    /// What the API says to the access token.
    pub(crate) async fn api(&self, issued: &Issued) -> Result<(), ErrorKind> {
        self.authenticator.authenticate(issued.access.expose()).await.map(drop).map_err(|error| error.kind())
    }
}
