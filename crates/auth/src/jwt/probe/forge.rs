//! Puts tokens together, genuine and forged.

use std::sync::Arc;

use archirust_core::random::SystemRandom;
use archirust_core::secret::StrongKey;
use archirust_core::{Error, Result};
use aws_lc_rs::hmac;
use serde::Serialize;
use serde_json::{Map, Value};

use crate::jwt::compact::unsigned_jws;
use crate::jwt::{Algorithm, NewToken, Signer, SigningKey, base64url, json};

/// The parts of a genuine token, the key that signed it, and one that nobody knows.
pub(super) struct Forge {
    pub(super) key: Arc<SigningKey>,
    pub(super) rogue: SigningKey,
    pub(super) header: Map<String, Value>,
    pub(super) claims: Map<String, Value>,
    /// Of the genuine token.
    pub(super) signature: Vec<u8>,
    /// The clock of the service, in seconds.
    pub(super) now: i64,
}

impl Forge {
    pub(super) fn new<E: Serialize>(signer: &Signer, sample: &NewToken<E>) -> Result<Self> {
        let broken = || Error::internal("the signer's own token can't be read");
        let key = signer.ring().current();
        let token = signer.sign(sample)?;
        let mut parts = token.expose().split('.').map(base64url::decode);
        let mut part = || parts.next().flatten().ok_or_else(broken);
        let (header, claims, signature) = (part()?, part()?, part()?);
        Ok(Self {
            rogue: rogue_for(key.algorithm())?,
            key,
            header: json::object(&header).ok_or_else(broken)?,
            claims: json::object(&claims).ok_or_else(broken)?,
            signature,
            now: signer.clock().now().as_second(),
        })
    }

    /// A token as good as the signer's.
    pub(super) fn genuine(&self) -> Result<String> {
        self.with_claims(&[])
    }

    /// Signed with the genuine key, with other claims: `null` takes one away.
    pub(super) fn with_claims(&self, changes: &[(&str, Value)]) -> Result<String> {
        self.signed_by(&self.key, &[], changes)
    }

    /// Signed with the genuine key, with another header.
    pub(super) fn with_header(&self, changes: &[(&str, Value)]) -> Result<String> {
        self.signed_by(&self.key, changes, &[])
    }

    /// Signed with a key that is not the service's, with its algorithm and the name of the genuine one.
    pub(super) fn by_rogue(&self, header: &[(&str, Value)], claims: &[(&str, Value)]) -> Result<String> {
        let alg = [("alg", self.rogue.algorithm().name().into())];
        self.signed_by(&self.rogue, &[&alg, header].concat(), claims)
    }

    /// Signed with HS256 and any secret.
    pub(super) fn by_secret(&self, secret: &[u8], header: &[(&str, Value)]) -> Result<String> {
        let alg = [("alg", Algorithm::Hs256.name().into())];
        let input = self.unsigned(&[&alg, header].concat(), &[])?;
        let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, secret), input.as_bytes());
        Ok(format!("{input}.{}", base64url::encode(tag.as_ref())))
    }

    /// With any signature.
    pub(super) fn with_signature(
        &self,
        header: &[(&str, Value)],
        claims: &[(&str, Value)],
        signature: &[u8],
    ) -> Result<String> {
        Ok(format!("{}.{}", self.unsigned(header, claims)?, base64url::encode(signature)))
    }

    /// Header and payload alone.
    pub(super) fn unsigned(&self, header: &[(&str, Value)], claims: &[(&str, Value)]) -> Result<String> {
        unsigned_jws(&changed(&self.header, header), changed_claims(&self.claims, claims)?.as_bytes())
    }

    fn signed_by(&self, key: &SigningKey, header: &[(&str, Value)], claims: &[(&str, Value)]) -> Result<String> {
        key.sign_raw_jws(&changed(&self.header, header), changed_claims(&self.claims, claims)?.as_bytes())
    }
}

/// A key of the same algorithm; for RSA, whose keys take too long to make, a P-256 one.
fn rogue_for(algorithm: Algorithm) -> Result<SigningKey> {
    match algorithm {
        Algorithm::Es256 | Algorithm::Rs256 | Algorithm::Ps256 => SigningKey::generate(Algorithm::Es256),
        Algorithm::EdDsa => SigningKey::generate(Algorithm::EdDsa),
        Algorithm::Hs256 => {
            let secret = base64url::encode(&SystemRandom::shared().bytes::<32>());
            let key = StrongKey::parse(&secret)
                .map_err(|error| Error::internal("a random key is weak").with_source(error))?;
            Ok(SigningKey::hs256_first_party(&key))
        }
    }
}

fn changed(members: &Map<String, Value>, changes: &[(&str, Value)]) -> Map<String, Value> {
    let mut members = members.clone();
    for (name, value) in changes {
        match value {
            Value::Null => members.remove(*name),
            value => members.insert((*name).to_owned(), value.clone()),
        };
    }
    members
}

fn changed_claims(claims: &Map<String, Value>, changes: &[(&str, Value)]) -> Result<String> {
    serde_json::to_string(&changed(claims, changes))
        .map_err(|error| Error::internal("claims have no JSON").with_source(error))
}
