//! A service with a clock that stands still, and a pen for tokens of any kind.

use std::sync::Arc;
use std::time::Duration;

use archirust_auth::jwt::{Algorithm, Claims, KeyRing, NewToken, NoExtra, Signer, SigningKey, Verifier};
use archirust_core::clock::{Clock, ManualClock};
use archirust_core::random::SequenceRandom;
use archirust_core::secret::StrongKey;
use archirust_core::{ErrorKind, Result, Timestamp};
use data_encoding::BASE64URL_NOPAD;
use serde_json::{Map, Value, json};

pub(crate) const ISSUER: &str = "https://accounts.example";
pub(crate) const AUDIENCE: &str = "https://api.example";

/// 2026-01-01T00:00:00Z.
pub(crate) const START: i64 = 1_767_225_600;

pub(crate) fn start() -> Timestamp {
    Timestamp::from_second(START).unwrap()
}

pub(crate) fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(START + seconds).unwrap()
}

pub(crate) fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

pub(crate) struct Service {
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) ring: Arc<KeyRing>,
    pub(crate) signer: Signer,
}

impl Service {
    pub(crate) fn new() -> Self {
        Self::with(key(Algorithm::Es256))
    }

    pub(crate) fn with(key: SigningKey) -> Self {
        let clock = ManualClock::at(start());
        let ring = Arc::new(KeyRing::new(key));
        let signer = Signer::new(Arc::clone(&ring), ISSUER, [AUDIENCE])
            .unwrap()
            .with_sources(clock.clone(), SequenceRandom::seeded(1));
        Self { clock, ring, signer }
    }

    pub(crate) fn shared_clock(&self) -> Arc<dyn Clock> {
        self.clock.clone()
    }

    pub(crate) fn verifier(&self) -> Verifier {
        let builder = Verifier::builder(self.ring.keys()).issuer(ISSUER).audience([AUDIENCE]);
        builder.clock(self.shared_clock()).build().unwrap()
    }

    pub(crate) fn token(&self) -> String {
        self.signer.sign(&NewToken::new("alice")).unwrap().expose().to_owned()
    }

    /// A token of the service's own key, with changes to header and claims; `null` takes a member away.
    pub(crate) fn forge(&self, header: Value, claims: Value) -> String {
        let key = self.ring.current();
        forge(&key, &merged(self.header(), header), &merged(self.claims(), claims))
    }

    pub(crate) fn header(&self) -> Value {
        let key = self.ring.current();
        json!({ "alg": key.algorithm().name(), "kid": key.kid(), "typ": "at+jwt" })
    }

    pub(crate) fn claims(&self) -> Value {
        let now = self.clock.now().as_second();
        json!({
            "iss": ISSUER, "aud": AUDIENCE, "sub": "alice",
            "iat": now, "nbf": now, "exp": now + 300,
            "jti": "019b7672-5c00-7000-8000-000000000001",
        })
    }

    /// Whether a token of the service with these changes is accepted.
    pub(crate) fn accepts(&self, header: Value, claims: Value) -> bool {
        check(&self.verifier(), &self.forge(header, claims)).is_ok()
    }
}

pub(crate) fn check(verifier: &Verifier, token: &str) -> Result<Claims> {
    verifier.verify::<NoExtra>(token)
}

/// The kind of error that a token meets, and the reason that the log gets.
pub(crate) fn refusal(verifier: &Verifier, token: &str) -> (ErrorKind, String) {
    let error = check(verifier, token).unwrap_err();
    (error.kind(), error.detail().unwrap_or_default().to_owned())
}

pub(crate) fn key(algorithm: Algorithm) -> SigningKey {
    match algorithm {
        Algorithm::Hs256 => SigningKey::hs256_first_party(&secret()),
        // Making RSA keys takes too long for every test.
        Algorithm::Rs256 | Algorithm::Ps256 => {
            SigningKey::from_pem(algorithm, include_str!("keys/rsa-2048.pem")).unwrap()
        }
        _ => SigningKey::generate(algorithm).unwrap(),
    }
}

pub(crate) fn secret() -> StrongKey {
    StrongKey::parse("Gw5U1H3mLbXqkT9zv0sJrY8pCe2nAf6DxQ4iRlKtVhM").unwrap()
}

/// Signs any header and payload.
pub(crate) fn forge(key: &SigningKey, header: &Value, payload: &Value) -> String {
    let input = input(header, payload);
    let signature = key.sign(input.as_bytes()).unwrap();
    format!("{input}.{}", encode(&signature))
}

pub(crate) fn input(header: &Value, payload: &Value) -> String {
    format!("{}.{}", encode(header.to_string().as_bytes()), encode(payload.to_string().as_bytes()))
}

pub(crate) fn encode(bytes: &[u8]) -> String {
    BASE64URL_NOPAD.encode(bytes)
}

pub(crate) fn decode(text: &str) -> Vec<u8> {
    BASE64URL_NOPAD.decode(text.as_bytes()).unwrap()
}

/// Header, payload and signature.
pub(crate) fn parts(token: &str) -> [String; 3] {
    let parts: Vec<String> = token.split('.').map(str::to_owned).collect();
    parts.try_into().unwrap()
}

pub(crate) fn payload(token: &str) -> Map<String, Value> {
    serde_json::from_slice(&decode(&parts(token)[1])).unwrap()
}

pub(crate) fn merged(base: Value, changes: Value) -> Value {
    let (Value::Object(mut base), Value::Object(changes)) = (base, changes) else { panic!("objects") };
    for (name, value) in changes {
        if value.is_null() {
            base.remove(&name);
        } else {
            base.insert(name, value);
        }
    }
    Value::Object(base)
}
