//! What makes access tokens.

use std::sync::Arc;
use std::time::Duration;

use archirust_core::clock::{Clock, SystemClock};
use archirust_core::random::{Random, SystemRandom};
use archirust_core::{Error, ErrorKind, Result, Secret, Timestamp, id};
use serde::Serialize;
use serde_json::{Map, Value};

use super::claims::extra_members;
use super::compact::MAX_TOKEN_BYTES;
use super::{AccessToken, KeyRing, NewToken, names};

/// How long an access token lives unless it is set.
pub const DEFAULT_ACCESS_TTL: Duration = Duration::from_secs(5 * 60);

/// The longest that an access token may live.
pub const MAX_ACCESS_TTL: Duration = Duration::from_secs(60 * 60);

/// The type of an access token (RFC 9068, section 2.1), which nothing else that is signed has.
pub const ACCESS_TOKEN_TYPE: &str = "at+jwt";

/// Makes access tokens with the current key of a ring. It can't verify: that is [`Verifier`](super::Verifier).
pub struct Signer {
    ring: Arc<KeyRing>,
    issuer: String,
    audience: Vec<String>,
    access_ttl: Duration,
    clock: Arc<dyn Clock>,
    random: Arc<dyn Random>,
}

impl Signer {
    /// A signer whose tokens live five minutes.
    ///
    /// # Errors
    /// `Configuration`: issuer or audience is empty, has white space or is a placeholder.
    pub fn new(
        ring: Arc<KeyRing>,
        issuer: impl Into<String>,
        audience: impl IntoIterator<Item = impl Into<String>>,
    ) -> Result<Self> {
        let issuer = issuer.into();
        names::check_configured("the issuer", &issuer)?;
        let audience = names::audience(audience)?;
        let (clock, random) = (SystemClock::shared(), SystemRandom::shared());
        Ok(Self { ring, issuer, audience, access_ttl: DEFAULT_ACCESS_TTL, clock, random })
    }

    /// Lets tokens live so long, in whole seconds: one second to [`MAX_ACCESS_TTL`].
    ///
    /// # Errors
    /// `Configuration`: out of range.
    pub fn with_access_ttl(mut self, ttl: Duration) -> Result<Self> {
        if !(Duration::from_secs(1)..=MAX_ACCESS_TTL).contains(&ttl) {
            return Err(Error::new(ErrorKind::Configuration)
                .with_detail(format!("an access token lives 1 second to 60 minutes, not {ttl:?}")));
        }
        self.access_ttl = Duration::from_secs(ttl.as_secs());
        Ok(self)
    }

    /// Takes time and randomness from elsewhere.
    #[must_use]
    pub fn with_sources(mut self, clock: Arc<dyn Clock>, random: Arc<dyn Random>) -> Self {
        (self.clock, self.random) = (clock, random);
        self
    }

    /// How long its tokens live.
    pub fn access_ttl(&self) -> Duration {
        self.access_ttl
    }

    /// Signs a token. `iss`, `aud`, `sub`, `exp`, `nbf`, `iat`, `jti` and the type `at+jwt` are always written.
    ///
    /// # Errors
    /// `Internal`: the subject is not a name, an extra claim has a registered name, or the token would be longer than
    /// [`MAX_TOKEN_BYTES`], which no verifier takes.
    pub fn sign<E: Serialize>(&self, token: &NewToken<E>) -> Result<AccessToken> {
        if let Some(flaw) = names::flaw(&token.sub) {
            return Err(Error::internal(format!("the subject of a token {flaw}")));
        }
        let now = self.clock.now();
        let jti = id::new_from(&*self.clock, &*self.random);
        let iat = now.as_second();
        let exp = Timestamp::from_second(iat.saturating_add_unsigned(self.access_ttl.as_secs()))
            .map_err(|error| Error::internal("the clock is out of range").with_source(error))?;

        let mut claims = extra_members(&token.extra)?;
        for (name, value) in self.registered(token) {
            claims.insert(name.to_owned(), value);
        }
        for (name, seconds) in [("iat", iat), ("nbf", iat), ("exp", exp.as_second())] {
            claims.insert(name.to_owned(), seconds.into());
        }
        claims.insert("jti".to_owned(), jti.to_string().into());

        let text = self.ring.current().sign_jws(ACCESS_TOKEN_TYPE, &payload(&claims)?)?;
        if text.len() > MAX_TOKEN_BYTES {
            return Err(Error::internal(format!(
                "an access token would have {} bytes, {MAX_TOKEN_BYTES} are taken: give it fewer extra claims",
                text.len()
            )));
        }
        Ok(AccessToken { text: Secret::new(text), jti, exp, lifetime: self.access_ttl })
    }

    pub(crate) fn ring(&self) -> &KeyRing {
        &self.ring
    }

    pub(crate) fn clock(&self) -> &Arc<dyn Clock> {
        &self.clock
    }

    fn registered<E>(&self, token: &NewToken<E>) -> Vec<(&'static str, Value)> {
        let mut claims = vec![("iss", self.issuer.as_str().into()), ("sub", token.sub.as_str().into())];
        claims.push(match self.audience.as_slice() {
            [one] => ("aud", one.as_str().into()),
            several => ("aud", several.into()),
        });
        claims.extend(token.client_id.as_deref().map(|id| ("client_id", id.into())));
        claims.extend(token.sid.map(|sid| ("sid", sid.to_string().into())));
        claims.extend(token.auth_time.map(|at| ("auth_time", at.as_second().into())));
        claims.extend(token.acr.as_deref().map(|acr| ("acr", acr.into())));
        if !token.amr.is_empty() {
            claims.push(("amr", token.amr.as_slice().into()));
        }
        claims
    }
}

impl std::fmt::Debug for Signer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Signer")
            .field("issuer", &self.issuer)
            .field("audience", &self.audience)
            .field("key", &self.ring.current())
            .finish_non_exhaustive()
    }
}

fn payload(claims: &Map<String, Value>) -> Result<Vec<u8>> {
    serde_json::to_vec(claims).map_err(|error| Error::internal("claims have no JSON").with_source(error))
}
