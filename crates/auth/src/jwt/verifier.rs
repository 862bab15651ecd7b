//! What checks access tokens.

use std::sync::Arc;
use std::time::Duration;

use archirust_core::clock::{Clock, SystemClock};
use archirust_core::{Error, ErrorKind, Result, Timestamp};
use serde::de::DeserializeOwned;

use super::compact::{Compact, invalid};
use super::signer::{ACCESS_TOKEN_TYPE, MAX_ACCESS_TTL};
use super::{Claims, KeySet, names};

/// How far clocks may differ unless it is set.
pub const DEFAULT_LEEWAY: Duration = Duration::from_secs(30);

/// The most that clocks may differ.
pub const MAX_LEEWAY: Duration = Duration::from_secs(60);

/// The longest lifetime that is accepted unless it is set.
pub const DEFAULT_MAX_LIFETIME: Duration = Duration::from_secs(15 * 60);

/// Checks access tokens. It can't sign: that is [`Signer`](super::Signer).
///
/// One can't be built without an issuer and an audience:
///
/// ```
/// # use std::sync::Arc;
/// # use archirust_auth::jwt::{Algorithm, KeyRing, NewToken, Signer, SigningKey, Verifier};
/// # fn main() -> archirust_core::Result<()> {
/// let ring = Arc::new(KeyRing::new(SigningKey::generate(Algorithm::Es256)?));
/// let signer = Signer::new(Arc::clone(&ring), "https://accounts.example", ["https://api.example"])?;
/// let verifier =
///     Verifier::builder(ring.keys()).issuer("https://accounts.example").audience(["https://api.example"]).build()?;
///
/// let token = signer.sign(&NewToken::new("alice"))?;
/// assert_eq!(verifier.verify::<archirust_auth::jwt::NoExtra>(token.expose())?.sub, "alice");
/// # Ok(())
/// # }
/// ```
///
/// ```compile_fail,E0599
/// # use archirust_auth::jwt::{KeySet, Verifier};
/// # fn f(keys: std::sync::Arc<KeySet>) {
/// let verifier = Verifier::builder(keys).issuer("https://accounts.example").build();
/// # }
/// ```
///
/// ```compile_fail,E0599
/// # use archirust_auth::jwt::{KeySet, Verifier};
/// # fn f(keys: std::sync::Arc<KeySet>) {
/// let verifier = Verifier::builder(keys).audience(["https://api.example"]).build();
/// # }
/// ```
pub struct Verifier {
    keys: Arc<KeySet>,
    issuer: String,
    audience: Vec<String>,
    /// In seconds, as the claims are.
    leeway: i64,
    max_lifetime: i64,
    clock: Arc<dyn Clock>,
}

/// A token that passed, and the key that it passed with.
pub(crate) struct Verified<E> {
    pub(crate) claims: Claims<E>,
    /// When its key verifies nothing any more.
    pub(crate) key_until: Option<Timestamp>,
    /// The state of the keys before they were looked at.
    pub(crate) generation: u64,
}

impl Verifier {
    /// A builder over these keys.
    pub fn builder(keys: Arc<KeySet>) -> VerifierBuilder<(), ()> {
        VerifierBuilder {
            keys,
            issuer: (),
            audience: (),
            leeway: DEFAULT_LEEWAY,
            max_lifetime: DEFAULT_MAX_LIFETIME,
            clock: SystemClock::shared(),
        }
    }

    /// Checks everything that can be known from the token alone: form, type, key, algorithm, signature, issuer, audience,
    /// times and lifetime. Whether it was revoked is asked by [`Authenticator`](super::Authenticator).
    ///
    /// # Errors
    /// `TokenExpired` for a token that was good once; `InvalidToken` for all else. The detail has the reason, for the log.
    pub fn verify<E: DeserializeOwned>(&self, token: &str) -> Result<Claims<E>> {
        self.verify_with_key(token).map(|verified| verified.claims)
    }

    pub(crate) fn verify_with_key<E: DeserializeOwned>(&self, token: &str) -> Result<Verified<E>> {
        let jws = Compact::parse(token)?;
        if jws.parameter("typ") != Some(ACCESS_TOKEN_TYPE) {
            return Err(invalid("the type is not at+jwt"));
        }
        let kid = jws.parameter("kid").ok_or_else(|| invalid("kid is missing"))?;
        let now = self.clock.now();
        let generation = self.keys.generation();
        let (key, key_until) = self.keys.find(kid, now).ok_or_else(|| invalid("the key is not known"))?;
        let claims = Claims::parse(&jws.verify(&key)?)?;
        self.check(&claims, now)?;
        Ok(Verified { claims, key_until, generation })
    }

    fn check<E>(&self, claims: &Claims<E>, now: Timestamp) -> Result<()> {
        if claims.iss != self.issuer {
            return Err(invalid("the issuer is another one"));
        }
        if !claims.is_for(&self.audience) {
            return Err(invalid("the audience is another one"));
        }
        let lifetime = claims.exp.as_second() - claims.iat.as_second();
        if lifetime <= 0 || lifetime > self.max_lifetime {
            return Err(invalid("the lifetime is not accepted"));
        }
        if !self.has_begun(claims, now) {
            return Err(invalid("the token is not valid yet"));
        }
        if now.as_second() >= claims.exp.as_second() + self.leeway {
            return Err(ErrorKind::TokenExpired.into());
        }
        Ok(())
    }

    /// Whether neither `iat` nor `nbf` is in the future.
    pub(crate) fn has_begun<E>(&self, claims: &Claims<E>, now: Timestamp) -> bool {
        claims.iat.max(claims.nbf).as_second() <= now.as_second() + self.leeway
    }

    pub(crate) fn keys(&self) -> &KeySet {
        &self.keys
    }

    pub(crate) fn clock(&self) -> &dyn Clock {
        &*self.clock
    }
}

impl std::fmt::Debug for Verifier {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Verifier")
            .field("issuer", &self.issuer)
            .field("audience", &self.audience)
            .field("keys", &self.keys)
            .finish_non_exhaustive()
    }
}

/// Builds a [`Verifier`]. It has no `build` before issuer and audience are given.
pub struct VerifierBuilder<I, A> {
    keys: Arc<KeySet>,
    issuer: I,
    audience: A,
    leeway: Duration,
    max_lifetime: Duration,
    clock: Arc<dyn Clock>,
}

/// The issuer was given.
pub struct Issuer(String);

/// The audience was given.
pub struct Audience(Vec<String>);

impl<I, A> VerifierBuilder<I, A> {
    /// The one issuer, compared character for character.
    pub fn issuer(self, name: impl Into<String>) -> VerifierBuilder<Issuer, A> {
        let Self { keys, issuer: _, audience, leeway, max_lifetime, clock } = self;
        VerifierBuilder { keys, issuer: Issuer(name.into()), audience, leeway, max_lifetime, clock }
    }

    /// The names of this service: a token must be for at least one of them.
    pub fn audience(self, names: impl IntoIterator<Item = impl Into<String>>) -> VerifierBuilder<I, Audience> {
        let Self { keys, issuer, audience: _, leeway, max_lifetime, clock } = self;
        let audience = Audience(names.into_iter().map(Into::into).collect());
        VerifierBuilder { keys, issuer, audience, leeway, max_lifetime, clock }
    }

    /// How far the clocks of issuer and verifier may differ, in whole seconds: at most [`MAX_LEEWAY`].
    #[must_use]
    pub fn leeway(mut self, leeway: Duration) -> Self {
        self.leeway = leeway;
        self
    }

    /// The longest time between `iat` and `exp` that is accepted, in whole seconds: at most [`MAX_ACCESS_TTL`].
    #[must_use]
    pub fn max_lifetime(mut self, lifetime: Duration) -> Self {
        self.max_lifetime = lifetime;
        self
    }

    /// Takes the time from elsewhere.
    #[must_use]
    pub fn clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = clock;
        self
    }
}

impl VerifierBuilder<Issuer, Audience> {
    /// The verifier.
    ///
    /// # Errors
    /// `Configuration`: a name that is empty, has white space or is a placeholder; a leeway or lifetime out of range.
    pub fn build(self) -> Result<Verifier> {
        let Self { keys, issuer: Issuer(issuer), audience: Audience(audience), leeway, max_lifetime, clock } = self;
        let refused = |detail| Err(Error::new(ErrorKind::Configuration).with_detail(detail));
        names::check_configured("the issuer", &issuer)?;
        let audience = names::audience(audience)?;
        if leeway > MAX_LEEWAY {
            return refused(format!("the leeway is at most 60 seconds, not {leeway:?}"));
        }
        if !(Duration::from_secs(1)..=MAX_ACCESS_TTL).contains(&max_lifetime) {
            return refused(format!("the lifetime of a token is 1 second to 60 minutes, not {max_lifetime:?}"));
        }
        let seconds = |duration: Duration| i64::try_from(duration.as_secs()).unwrap_or(i64::MAX);
        Ok(Verifier { keys, issuer, audience, leeway: seconds(leeway), max_lifetime: seconds(max_lifetime), clock })
    }
}
