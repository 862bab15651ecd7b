//! Checking access tokens (RFC 9068) with jsonwebtoken.

use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use serde::Deserialize;

/// Checks ES256 access tokens of one issuer for one audience.
pub struct Verifier {
    key: DecodingKey,
    validation: Validation,
}

#[derive(Deserialize)]
struct Claims {
    sub: String,
}

impl Verifier {
    /// A verifier for a public key (PEM), an issuer and an audience.
    ///
    /// # Errors
    /// When the key is not the PEM of a public P-256 key.
    pub fn new(public_key: &[u8], issuer: &str, audience: &str) -> Result<Self, jsonwebtoken::errors::Error> {
        let mut validation = Validation::new(Algorithm::ES256);
        validation.leeway = 30;
        validation.validate_nbf = true;
        validation.set_issuer(&[issuer]);
        validation.set_audience(&[audience]);
        validation.set_required_spec_claims(&["exp", "nbf", "iss", "aud", "sub"]);
        Ok(Self { key: DecodingKey::from_ec_pem(public_key)?, validation })
    }

    /// The subject of a valid token.
    pub fn verify(&self, token: &str) -> Option<String> {
        let data = jsonwebtoken::decode::<Claims>(token, &self.key, &self.validation).ok()?;
        (data.header.typ.as_deref() == Some("at+jwt")).then_some(data.claims.sub)
    }
}
