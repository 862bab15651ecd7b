//! The examples of the standards. That of HS256 is beside the key, since its secret is published and so refused from outside.

use archirust_auth::jwt::{Algorithm, Jwk, KeyError, SigningKey, VerifyingKey};
use archirust_core::ErrorKind;
use data_encoding::HEXLOWER;

use crate::support::{decode, encode, parts, secret};

const PAYLOAD: &[u8] = b"{\"iss\":\"joe\",\r\n \"exp\":1300819380,\r\n \"http://example.com/is_root\":true}";

const RFC7515_A2: &str = "eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw";
const RFC7515_A2_JWK: &str = r#"{"kty":"RSA","alg":"RS256","e":"AQAB","n":"ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ"}"#;
const RFC7515_A3: &str = "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q";
const RFC7515_A3_JWK: &str = r#"{"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}"#;
const RFC7515_A4_JWK: &str = r#"{"kty":"EC","crv":"P-521","x":"AekpBQ8ST8a8VcfVOTNl353vSrDCLLJXmPk06wTjxrrjcBpXp5EOnYG_NjFZ6OvLFV1jSfS9tsz4qUxcWceqwQGk","y":"ADSmRA43Z1DSNx_RvcLI87cdL07l6jQyyBXMoxVg_l2Th-x3S1WDhjDly79ajL4Kkd0AZMaZmh9ubmf63e3kyMj2"}"#;
const RFC7519_6_1: &str = "eyJhbGciOiJub25lIn0.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.";
const RFC8037_A4: &str = "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc.hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg";
const RFC8037_A2_JWK: &str = r#"{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#;
const RFC8037_SEED: &str = "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A";
const RFC7638_JWK: &str = r#"{"kty":"RSA","n":"0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw","e":"AQAB","alg":"RS256","kid":"2011-04-29"}"#;

fn public(jwk: &str) -> VerifyingKey {
    VerifyingKey::from_jwk(Jwk::parse(jwk).unwrap()).unwrap()
}

#[test]
fn rfc_7515_a_2_rs256() {
    assert_eq!(public(RFC7515_A2_JWK).verify_jws(RFC7515_A2).unwrap(), PAYLOAD);
}

#[test]
fn rfc_7515_a_3_es256() {
    assert_eq!(public(RFC7515_A3_JWK).verify_jws(RFC7515_A3).unwrap(), PAYLOAD);
}

#[test]
fn rfc_7515_a_4_a_curve_that_is_not_supported_is_refused() {
    assert_eq!(Jwk::parse(RFC7515_A4_JWK), Err(KeyError::Unsupported { parameter: "crv" }));
}

#[test]
fn rfc_7515_a_5_and_rfc_7519_6_1_unsecured_tokens_are_refused_by_every_key() {
    let hmac = SigningKey::hs256_first_party(&secret()).verifying_key();
    let keys = [public(RFC7515_A2_JWK), public(RFC7515_A3_JWK), public(RFC8037_A2_JWK)];
    for key in keys.iter().chain([&*hmac]) {
        assert_eq!(key.verify_jws(RFC7519_6_1).unwrap_err().kind(), ErrorKind::InvalidToken, "{key:?}");
    }
}

#[test]
fn rfc_8037_a_4_and_a_5_ed25519() {
    assert_eq!(public(RFC8037_A2_JWK).verify_jws(RFC8037_A4).unwrap(), b"Example of Ed25519 signing");

    // The seed in PKCS#8 (RFC 8410, section 7).
    let pkcs8 = [HEXLOWER.decode(b"302e020100300506032b657004220420").unwrap(), decode(RFC8037_SEED)].concat();
    let key = SigningKey::from_pkcs8(Algorithm::EdDsa, &pkcs8).unwrap();
    let [header, payload, signature] = parts(RFC8037_A4);
    assert_eq!(encode(&key.sign(format!("{header}.{payload}").as_bytes()).unwrap()), signature);
    assert_eq!(key.verifying_key().jwk().unwrap().parameters, Jwk::parse(RFC8037_A2_JWK).unwrap().parameters);
}

#[test]
fn rfc_7638_3_1_and_rfc_8037_a_3_thumbprints() {
    let key = Jwk::parse(RFC7638_JWK).unwrap();
    assert_eq!(key.parameters.thumbprint(), "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs");
    assert_eq!(key.kid, "2011-04-29");

    let key = Jwk::parse(RFC8037_A2_JWK).unwrap();
    assert_eq!(key.kid, "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
}

#[test]
fn a_changed_example_is_refused() {
    for (jwk, token) in [(RFC7515_A2_JWK, RFC7515_A2), (RFC7515_A3_JWK, RFC7515_A3), (RFC8037_A2_JWK, RFC8037_A4)] {
        let key = public(jwk);
        let [header, payload, signature] = parts(token);
        for place in [0, 7, decode(&signature).len() - 1] {
            let mut changed = decode(&signature);
            changed[place] ^= 1;
            assert!(key.verify_jws(&format!("{header}.{payload}.{}", encode(&changed))).is_err(), "{place}");
        }
        let mut changed = decode(&payload);
        changed[0] ^= 1;
        assert!(key.verify_jws(&format!("{header}.{}.{signature}", encode(&changed))).is_err());
    }
}
