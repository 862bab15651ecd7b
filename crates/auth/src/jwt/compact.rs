//! Compact serialization (RFC 7515, section 7.1): three parts, checked in the order that costs least.

use archirust_core::{Error, ErrorKind, Result};
use serde_json::{Map, Value};

use super::key::{SigningKey, VerifyingKey};
use super::{base64url, json};

/// The longest token that is looked at, in bytes.
pub const MAX_TOKEN_BYTES: usize = 8 * 1024;

/// Header parameters that name a key of the sender's choice, change what is signed, or ask for something unknown.
const REFUSED_PARAMETERS: [&str; 8] = ["jwk", "jku", "x5u", "x5c", "crit", "b64", "zip", "enc"];

/// A token that is well formed, and nothing more: nothing in it may be believed before [`Compact::verify`].
pub(crate) struct Compact<'a> {
    header: Map<String, Value>,
    signing_input: &'a str,
    payload: &'a str,
    signature: &'a str,
}

impl<'a> Compact<'a> {
    pub(crate) fn parse(token: &'a str) -> Result<Self> {
        if token.len() > MAX_TOKEN_BYTES {
            return Err(invalid("the token is too long"));
        }
        let malformed = || invalid("the token is not of three parts");
        let (signing_input, signature) = token.rsplit_once('.').ok_or_else(malformed)?;
        let (header, payload) = signing_input.split_once('.').ok_or_else(malformed)?;
        if payload.contains('.') {
            return Err(malformed());
        }
        let header = base64url::decode(header)
            .and_then(|bytes| json::object(&bytes))
            .ok_or_else(|| invalid("the header is not base64url of a JSON object without repeated names"))?;
        if REFUSED_PARAMETERS.iter().any(|name| header.contains_key(*name)) {
            return Err(invalid("the header has a parameter that is refused"));
        }
        Ok(Self { header, signing_input, payload, signature })
    }

    /// A text of the header; one of another type is as good as none.
    pub(crate) fn parameter(&self, name: &str) -> Option<&str> {
        self.header.get(name).and_then(Value::as_str)
    }

    /// The payload, once the signature is verified with the algorithm of the key.
    pub(crate) fn verify(&self, key: &VerifyingKey) -> Result<Vec<u8>> {
        if self.parameter("alg") != Some(key.algorithm().name()) {
            return Err(invalid("the algorithm is not that of the key"));
        }
        let signature = base64url::decode(self.signature).ok_or_else(|| invalid("the signature is not base64url"))?;
        key.verify(self.signing_input.as_bytes(), &signature)?;
        base64url::decode(self.payload).ok_or_else(|| invalid("the payload is not base64url"))
    }
}

impl VerifyingKey {
    /// Verifies a compact JWS (RFC 7515, section 5.2) and gives its payload. This says who signed it and nothing else: for
    /// access tokens use [`Verifier`](super::Verifier), which also checks for whom, of what type and until when.
    ///
    /// # Errors
    /// `InvalidToken`.
    pub fn verify_jws(&self, token: &str) -> Result<Vec<u8>> {
        Compact::parse(token)?.verify(self)
    }
}

impl SigningKey {
    /// Signs any payload as a compact JWS, with `typ` (RFC 8725, section 3.11), `alg` and `kid` in the header. For access
    /// tokens use [`Signer`](super::Signer).
    ///
    /// # Errors
    /// `Internal` if the library fails.
    pub fn sign_jws(&self, typ: &str, payload: &[u8]) -> Result<String> {
        let header = [("alg", self.algorithm().name()), ("kid", self.kid()), ("typ", typ)];
        self.sign_raw_jws(&header.map(|(name, value)| (name.to_owned(), value.into())).into_iter().collect(), payload)
    }

    /// The same with any header, for the attacks of the probe.
    pub(crate) fn sign_raw_jws(&self, header: &Map<String, Value>, payload: &[u8]) -> Result<String> {
        let input = unsigned_jws(header, payload)?;
        let signature = self.sign(input.as_bytes())?;
        Ok(format!("{input}.{}", base64url::encode(&signature)))
    }
}

/// Header and payload, without the second dot.
pub(crate) fn unsigned_jws(header: &Map<String, Value>, payload: &[u8]) -> Result<String> {
    let header =
        serde_json::to_vec(header).map_err(|error| Error::internal("a header has no JSON").with_source(error))?;
    Ok(format!("{}.{}", base64url::encode(&header), base64url::encode(payload)))
}

/// A token that is refused, with the reason for the log. Never holds a part of the token.
pub(crate) fn invalid(reason: &'static str) -> Error {
    Error::new(ErrorKind::InvalidToken).with_detail(reason)
}
