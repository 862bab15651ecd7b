//! Keys: what is taken, what is refused and why.

use archirust_auth::jwt::{Algorithm, Jwk, JwkSet, KeyError, SigningKey, VerifyingKey};
use archirust_core::ErrorKind;
use serde_json::{Value, json};

use crate::support::{encode, key, merged, secret};

const MESSAGE: &[u8] = b"message";

#[test]
fn a_key_verifies_what_its_own_pair_signed_and_nothing_else() {
    for algorithm in Algorithm::ALL {
        let signing = key(algorithm);
        let verifying = signing.verifying_key();
        let signature = signing.sign(MESSAGE).unwrap();
        assert!(verifying.verify(MESSAGE, &signature).is_ok(), "{algorithm}");
        assert!(verifying.verify(b"massage", &signature).is_err(), "{algorithm}");
        assert!(verifying.verify(MESSAGE, &[]).is_err(), "{algorithm}");
        for other in Algorithm::ALL.into_iter().filter(|other| *other != algorithm) {
            assert!(key(other).verifying_key().verify(MESSAGE, &signature).is_err(), "{algorithm} {other}");
        }
        assert_eq!((signing.algorithm(), signing.kid()), (verifying.algorithm(), verifying.kid()));
    }
}

#[test]
fn a_pair_is_written_and_read_again() {
    for algorithm in [Algorithm::Es256, Algorithm::EdDsa, Algorithm::Rs256, Algorithm::Ps256] {
        let key = key(algorithm);
        let again = SigningKey::from_pem(algorithm, key.to_pem().unwrap().expose()).unwrap();
        assert_eq!(key.kid(), again.kid());
        assert!(key.verifying_key().verify(MESSAGE, &again.sign(MESSAGE).unwrap()).is_ok());
    }
}

#[test]
fn a_new_rsa_key_has_3072_bits() {
    let key = SigningKey::generate(Algorithm::Ps256).unwrap();
    assert_eq!(key.verifying_key().jwk().unwrap().rsa_bits(), Some(3072));
    assert_eq!(key.sign(MESSAGE).unwrap().len(), 384);
}

#[test]
fn a_shared_key_is_never_published_or_written() {
    let shared = SigningKey::hs256_first_party(&secret());
    assert_eq!(shared.to_pem().unwrap_err().kind(), ErrorKind::Configuration);
    let verifying = shared.verifying_key();
    assert!(verifying.jwk().is_none() && verifying.to_der().is_none() && verifying.to_pem().is_none());
    assert_eq!(SigningKey::generate(Algorithm::Hs256).unwrap_err().kind(), ErrorKind::Configuration);
    let pair = include_str!("keys/p-256.pem");
    assert_eq!(SigningKey::from_pem(Algorithm::Hs256, pair).unwrap_err(), KeyError::WrongKind { found: "a key pair" });
}

#[test]
fn the_name_of_a_shared_key_is_stable_and_no_hash_of_it() {
    let name = |key: &SigningKey| key.kid().to_owned();
    let (first, second) = (SigningKey::hs256_first_party(&secret()), SigningKey::hs256_first_party(&secret()));
    assert_eq!(name(&first), name(&second));
    assert_eq!(name(&first).len(), 22);
    let hash = encode(aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, secret().expose()).as_ref());
    assert!(!hash.starts_with(&name(&first)));
}

#[test]
fn debug_shows_no_key() {
    for algorithm in Algorithm::ALL {
        let key = key(algorithm);
        assert_eq!(format!("{key:?}"), format!("SigningKey({algorithm} {})", key.kid()));
        assert_eq!(format!("{:?}", key.verifying_key()), format!("VerifyingKey({algorithm} {})", key.kid()));
    }
}

#[test]
fn a_key_of_another_kind_is_named() {
    let es256 = |pem: &str| SigningKey::from_pem(Algorithm::Es256, pem).unwrap_err().to_string();
    assert_eq!(es256(include_str!("keys/p-384.pem")), "holds a P-384 key");
    assert_eq!(es256(include_str!("keys/ed25519.pem")), "holds an Ed25519 key");
    assert_eq!(es256(include_str!("keys/x25519.pem")), "holds a key of another kind");
    assert_eq!(es256(include_str!("keys/rsa-2048.pem")), "holds an RSA key");
    assert_eq!(es256(include_str!("keys/rsa-1024.pem")), "holds an RSA key");
    assert_eq!(es256(include_str!("keys/p-256-sec1.pem")), "holds a key in SEC 1 instead of PKCS#8");
    assert_eq!(es256(include_str!("keys/p-256-public.pem")), "holds a public key");
    assert_eq!(es256(include_str!("keys/p-256-encrypted.pem")), "holds an encrypted key");
    assert_eq!(es256(include_str!("keys/rsa-2048-pkcs1.pem")), "holds a key in PKCS#1 instead of PKCS#8");
    let two = include_str!("keys/p-256.pem").repeat(2);
    assert_eq!(es256(&two), "holds more than one PEM section");
    let certificate = include_str!("keys/p-256-public.pem").replace("PUBLIC KEY", "CERTIFICATE");
    assert_eq!(es256(&certificate), "holds a certificate");
    let request = include_str!("keys/p-256-public.pem").replace("PUBLIC KEY", "CERTIFICATE REQUEST");
    assert_eq!(es256(&request), "holds no private key");

    for algorithm in [Algorithm::EdDsa, Algorithm::Rs256, Algorithm::Ps256] {
        let error = SigningKey::from_pem(algorithm, include_str!("keys/p-256.pem")).unwrap_err();
        assert_eq!(error, KeyError::WrongKind { found: "a P-256 key" }, "{algorithm}");
    }
}

#[test]
fn keys_that_openssl_made_are_taken() {
    assert!(SigningKey::from_pem(Algorithm::Es256, include_str!("keys/p-256.pem")).is_ok());
    assert!(SigningKey::from_pem(Algorithm::EdDsa, include_str!("keys/ed25519.pem")).is_ok());
    assert!(SigningKey::from_pem(Algorithm::Rs256, include_str!("keys/rsa-2048.pem")).is_ok());
}

#[test]
fn a_small_rsa_key_is_refused() {
    for algorithm in [Algorithm::Rs256, Algorithm::Ps256] {
        let error = SigningKey::from_pem(algorithm, include_str!("keys/rsa-1024.pem")).unwrap_err();
        assert_eq!(error.to_string(), "is an RSA key outside of 2048 to 8192 bits");
    }
}

#[test]
fn damaged_text_is_refused_wherever_it_ends() {
    let pem = include_str!("keys/p-256.pem").trim_end();
    for length in 0..pem.len() {
        assert_eq!(
            SigningKey::from_pem(Algorithm::Es256, &pem[..length]).unwrap_err(),
            KeyError::Malformed,
            "{length}"
        );
    }
    for other in ["garbage", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"] {
        assert_eq!(SigningKey::from_pem(Algorithm::Es256, other).unwrap_err(), KeyError::Malformed);
    }
}

fn rsa(modulus_bits: usize) -> Value {
    let mut modulus = vec![0xff; modulus_bits.div_ceil(8)];
    if !modulus_bits.is_multiple_of(8) {
        modulus[0] = (1 << (modulus_bits % 8)) - 1;
    }
    json!({ "kty": "RSA", "alg": "RS256", "e": "AQAB", "n": encode(&modulus) })
}

#[test]
fn a_public_rsa_key_has_2048_to_8192_bits() {
    let take = |bits| VerifyingKey::from_jwk(Jwk::parse(&rsa(bits).to_string()).unwrap()).map(|_| ());
    for bits in [2048, 2049, 3072, 8192] {
        assert_eq!(take(bits), Ok(()), "{bits}");
    }
    for bits in [1, 8, 1024, 2047, 8193, 16384] {
        assert_eq!(take(bits), Err(KeyError::RsaSize { bits: Some(bits) }), "{bits}");
    }
    assert_eq!(KeyError::RsaSize { bits: Some(2047) }.to_string(), "has 2047 bits, an RSA key needs 2048 to 8192");
}

#[test]
fn a_public_key_that_breaks_the_mathematics_is_refused() {
    let with_exponent = |e: &[u8]| {
        let jwk = Jwk::parse(&merged(rsa(2048), json!({ "e": encode(e) })).to_string())?;
        VerifyingKey::from_jwk(jwk).map(|_| ())
    };
    assert_eq!(with_exponent(&[3]), Ok(()));
    for e in [&[][..], &[0], &[0, 3], &[1], &[2], &[1, 0, 0]] {
        assert!(with_exponent(e).is_err(), "{e:?}");
    }
    // Not on the curve.
    let point = json!({ "kty": "EC", "crv": "P-256", "x": encode(&[1; 32]), "y": encode(&[1; 32]) });
    assert_eq!(VerifyingKey::from_jwk(Jwk::parse(&point.to_string()).unwrap()).unwrap_err(), KeyError::Malformed);
}

fn ec() -> Value {
    json!(key(Algorithm::Es256).verifying_key().jwk())
}

#[test]
fn a_jwk_says_what_it_is() {
    let parse = |changes: Value| Jwk::parse(&merged(ec(), changes).to_string());
    let unsupported = |parameter| Err(KeyError::Unsupported { parameter });
    assert!(parse(json!({})).is_ok());
    let bare = parse(json!({ "kid": null, "alg": null, "use": null })).unwrap();
    assert_eq!((bare.kid, bare.alg, bare.usage), (bare.parameters.thumbprint(), Algorithm::Es256, "sig"));
    assert_eq!(parse(json!({ "use": "enc" })), unsupported("use"));
    assert_eq!(parse(json!({ "use": 1 })), unsupported("use"));
    assert_eq!(parse(json!({ "kty": "oct" })), unsupported("kty"));
    assert_eq!(parse(json!({ "kty": null })), unsupported("kty"));
    assert_eq!(parse(json!({ "crv": "P-384" })), unsupported("crv"));
    assert_eq!(parse(json!({ "crv": "Ed25519" })), unsupported("crv"));
    assert_eq!(parse(json!({ "kid": 1 })), unsupported("kid"));
    for alg in [json!("EdDSA"), json!("RS256"), json!("HS256"), json!("ES384"), json!("none"), json!(1)] {
        assert_eq!(parse(json!({ "alg": alg })), unsupported("alg"), "{alg}");
    }
    for x in [json!(null), json!(1), json!("AA"), json!("%"), json!(encode(&[0; 33]))] {
        assert_eq!(parse(json!({ "x": x })), Err(KeyError::Malformed), "{x}");
    }
    // An RSA key fits two algorithms: it must say which.
    let rsa_with = |alg: Value| Jwk::parse(&merged(rsa(2048), json!({ "alg": alg })).to_string());
    assert!(rsa_with(json!("PS256")).is_ok());
    assert_eq!(rsa_with(Value::Null), unsupported("alg"));
    assert_eq!(rsa_with(json!("ES256")), unsupported("alg"));
    assert_eq!(Jwk::parse("[]"), Err(KeyError::Malformed));
    assert_eq!(Jwk::parse(r#"{"kty":"EC","kty":"RSA"}"#), Err(KeyError::Malformed));
}

#[test]
fn a_private_key_is_not_read_as_a_public_one() {
    for private in ["d", "k", "p", "q", "dp", "dq", "qi", "oth"] {
        let jwk = merged(ec(), json!({ private: "AA" })).to_string();
        assert_eq!(Jwk::parse(&jwk), Err(KeyError::NotPublic), "{private}");
        assert_eq!(
            JwkSet::parse(&json!({ "keys": [merged(ec(), json!({ private: "AA" }))] }).to_string()),
            Err(KeyError::NotPublic)
        );
    }
}

#[test]
fn a_set_leaves_out_what_it_can_not_use() {
    let set = json!({ "keys": [ec(), merged(ec(), json!({ "use": "enc" })), { "kty": "new" }, rsa(2048)], "more": 1 });
    let set = JwkSet::parse(&set.to_string()).unwrap();
    assert_eq!(set.keys.iter().map(|key| key.alg).collect::<Vec<_>>(), [Algorithm::Es256, Algorithm::Rs256]);
    for other in ["", "{}", "[]", r#"{"keys":{}}"#, r#"{"keys":[1]}"#] {
        assert_eq!(JwkSet::parse(other), Err(KeyError::Malformed), "{other}");
    }
}

#[test]
fn a_published_set_is_read_again() {
    let keys: Vec<Jwk> = [Algorithm::Es256, Algorithm::EdDsa, Algorithm::Rs256, Algorithm::Ps256]
        .map(|algorithm| key(algorithm).verifying_key().jwk().unwrap().clone())
        .into();
    let set = JwkSet { keys };
    assert_eq!(JwkSet::parse(&set.to_json()), Ok(set));
}
