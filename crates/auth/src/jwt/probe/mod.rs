//! Learns the facts in process: a battery of forged tokens against the very check that the service uses, beside genuine
//! tokens of its own signer, which must pass. With ES256 it takes about two milliseconds, so that it can run at each start.

mod attacks;
mod forge;

use std::time::Duration;

use archirust_core::config::Origins;
use archirust_core::hardening::{Observed, Source};
use archirust_core::{Result, Timestamp};

use super::facts::{Attempts, JwtFacts, PublishedKey};
use super::{CachedVerifier, Claims, JwkSet, JwtSettings, NewToken, NoExtra, PublicParameters, Signer, Verifier};

use forge::Forge;

/// What a service checks tokens with, as far as the battery needs it: accepted or not.
pub trait TokenCheck {
    /// Whether a token is accepted.
    fn accepts(&self, token: &str) -> bool;
}

impl TokenCheck for Verifier {
    fn accepts(&self, token: &str) -> bool {
        self.verify::<serde_json::Value>(token).is_ok()
    }
}

impl<E: serde::de::DeserializeOwned + Send + Sync + 'static> TokenCheck for CachedVerifier<E> {
    fn accepts(&self, token: &str) -> bool {
        self.verify(token).is_ok()
    }
}

impl<F: Fn(&str) -> bool> TokenCheck for F {
    fn accepts(&self, token: &str) -> bool {
        self(token)
    }
}

/// What the settings alone tell, for a preview before anything is opened. `prefix` is the key of their section: `jwt`.
pub fn from_settings(settings: &JwtSettings, origins: &Origins, prefix: &str) -> JwtFacts {
    fn later<T>() -> Observed<T> {
        Observed::not_seen("it is tried when the service starts")
    }
    let key = |name: &str| format!("{prefix}.{name}");
    JwtFacts {
        algorithm: Observed::setting(settings.algorithm, origins, &key("algorithm")),
        unsigned: later(),
        forged: later(),
        key_confusion: later(),
        header_keys: later(),
        audience: later(),
        issuer: later(),
        times: later(),
        token_type: later(),
        access_ttl: Observed::setting(settings.access_ttl, origins, &key("access_ttl")),
        lifetime: later(),
        leeway: Observed::setting(settings.leeway, origins, &key("leeway")),
        published: later(),
        rotation: later(),
    }
}

/// Learns everything about access tokens but the rotation of refresh tokens.
///
/// `sample` is a token of the service, with whatever extra claims its check demands. `keys` are the keys as they are
/// published, and `prefix` is the key of the section that the settings come from: `jwt`.
pub fn probe<E: serde::Serialize>(
    signer: &Signer,
    sample: &NewToken<E>,
    check: &dyn TokenCheck,
    keys: &JwkSet,
    (settings, origins, prefix): (&JwtSettings, &Origins, &str),
) -> JwtFacts {
    let trial = Forge::new(signer, sample).map(|forge| (Control::of(signer, sample, &forge, check), forge));
    let battery = |attempt: &str, attacks: fn(&Forge) -> Result<Vec<attacks::Attack>>| match &trial {
        Ok((Control::Accepted, forge)) => run(attempt, attacks(forge), check),
        Ok((Control::Refused, _)) => {
            Observed::not_seen("a genuine token was refused too, so that nothing is known of the others")
        }
        Err(error) => Observed::not_seen(format!("no token could be made: {}", error.report())),
    };
    JwtFacts {
        algorithm: Observed::system(signer.ring().current().algorithm(), "key ring"),
        unsigned: battery("tokens without a signature", attacks::unsigned),
        forged: battery("tokens with a wrong signature or by another key", attacks::forged),
        key_confusion: battery("HS256 tokens with the public key as the secret", attacks::key_confusion),
        header_keys: battery("tokens that bring or name their own key", attacks::header_keys),
        audience: battery("genuine tokens for another audience", attacks::audience),
        issuer: battery("tokens of another issuer", attacks::issuer),
        times: battery("genuine tokens out of their time", attacks::times),
        token_type: battery("genuine tokens of another type", attacks::token_type),
        lifetime: lifetime(signer, sample),
        published: Observed::system(keys.keys.iter().map(published).collect(), "JWKS"),
        rotation: Observed::not_seen("refresh tokens were not tried"),
        ..from_settings(settings, origins, prefix)
    }
}

enum Control {
    Accepted,
    Refused,
}

impl Control {
    /// A token of the signer, and one that was put together as the forged ones are.
    fn of<E: serde::Serialize>(signer: &Signer, sample: &NewToken<E>, forge: &Forge, check: &dyn TokenCheck) -> Self {
        let signed = signer.sign(sample).is_ok_and(|token| check.accepts(token.expose()));
        let forged = forge.genuine().is_ok_and(|token| check.accepts(&token));
        if signed && forged { Self::Accepted } else { Self::Refused }
    }
}

fn run(attempt: &str, attacks: Result<Vec<attacks::Attack>>, check: &dyn TokenCheck) -> Observed<Attempts> {
    let attacks = match attacks {
        Ok(attacks) => attacks,
        Err(error) => return Observed::not_seen(format!("no token could be made: {}", error.report())),
    };
    let tried = attacks.len();
    let accepted = attacks.into_iter().filter_map(|(name, token)| check.accepts(&token).then_some(name)).collect();
    let source = Source::Attempt { attempt: attempt.to_owned(), control: "a genuine token was accepted".to_owned() };
    Observed::Seen(Attempts { tried, accepted }, source)
}

fn lifetime<E: serde::Serialize>(signer: &Signer, sample: &NewToken<E>) -> Observed<Duration> {
    let lifetime = || -> Result<Duration> {
        let token = signer.sign(sample)?;
        let payload = signer.ring().current().verifying_key().verify_jws(token.expose())?;
        let claims: Claims<NoExtra> = Claims::parse(&payload)?;
        Ok(seconds_between(claims.iat, claims.exp))
    };
    match lifetime() {
        Ok(lifetime) => Observed::system(lifetime, "a fresh token"),
        Err(error) => Observed::not_seen(format!("no token could be made: {}", error.report())),
    }
}

fn seconds_between(from: Timestamp, to: Timestamp) -> Duration {
    Duration::from_secs(u64::try_from(to.as_second() - from.as_second()).unwrap_or(0))
}

fn published(key: &super::Jwk) -> PublishedKey {
    let kty = match key.parameters {
        PublicParameters::Ec { .. } => "EC",
        PublicParameters::Okp { .. } => "OKP",
        PublicParameters::Rsa { .. } => "RSA",
    };
    PublishedKey { kid: key.kid.clone(), kty: kty.to_owned(), rsa_bits: key.rsa_bits() }
}
