//! From a published key (RFC 7517) to the PEM that other libraries take.

use data_encoding::{BASE64, BASE64URL_NOPAD};
use serde::Deserialize;

/// What stands before the point of a P-256 key in a SubjectPublicKeyInfo (RFC 5480): the algorithm and the curve.
const P256_PREFIX: [u8; 26] = [
    0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce,
    0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00,
];
/// A point that is written with both coordinates (SEC 1, 2.3.3).
const UNCOMPRESSED: u8 = 0x04;
const COORDINATE: usize = 32;

#[derive(Deserialize)]
struct Jwks {
    keys: Vec<Jwk>,
}

#[derive(Deserialize)]
struct Jwk {
    crv: Option<String>,
    x: Option<String>,
    y: Option<String>,
}

/// The first P-256 key of a key set, as PEM.
///
/// # Errors
/// When there is none, or it is not well-formed.
pub fn public_key_pem(jwks: &str) -> Result<String, String> {
    let jwks: Jwks = serde_json::from_str(jwks).map_err(|error| format!("not a key set: {error}"))?;
    let key = jwks.keys.iter().find(|key| key.crv.as_deref() == Some("P-256"));
    let key = key.ok_or("the key set has no P-256 key (ES256)")?;
    let mut der = P256_PREFIX.to_vec();
    der.push(UNCOMPRESSED);
    for coordinate in [&key.x, &key.y] {
        let bytes = coordinate.as_deref().and_then(|text| BASE64URL_NOPAD.decode(text.as_bytes()).ok());
        let bytes = bytes.filter(|bytes| bytes.len() == COORDINATE);
        der.extend(bytes.ok_or("a coordinate of the P-256 key is not 32 bytes in base64url")?);
    }
    Ok(pem("PUBLIC KEY", &der))
}

/// Binary data as PEM (RFC 7468).
pub fn pem(label: &str, der: &[u8]) -> String {
    let text = BASE64.encode(der);
    let mut pem = format!("-----BEGIN {label}-----\n");
    let mut rest = text.as_str();
    while !rest.is_empty() {
        let (line, after) = rest.split_at(rest.len().min(64));
        pem.push_str(line);
        pem.push('\n');
        rest = after;
    }
    pem.push_str(&format!("-----END {label}-----\n"));
    pem
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The key of RFC 7515, appendix A.3.
    const X: &str = "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU";
    const Y: &str = "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0";

    #[test]
    fn the_key_of_rfc_7515_is_turned_into_pem_that_verifies_its_signature() {
        let jwks = format!(
            r#"{{"keys":[{{"kty":"OKP","crv":"Ed25519","x":"AA"}},{{"kty":"EC","crv":"P-256","x":"{X}","y":"{Y}"}}]}}"#
        );
        let pem = public_key_pem(&jwks).unwrap();
        let key = jsonwebtoken::DecodingKey::from_ec_pem(pem.as_bytes()).unwrap();
        let message = "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ";
        let signature = "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q";
        let algorithm = jsonwebtoken::Algorithm::ES256;
        assert!(jsonwebtoken::crypto::verify(signature, message.as_bytes(), &key, algorithm).unwrap());
    }

    #[test]
    fn a_key_set_without_a_whole_p_256_key_is_refused() {
        assert!(public_key_pem("[]").is_err());
        assert!(public_key_pem(r#"{"keys":[]}"#).is_err());
        let short = format!(r#"{{"keys":[{{"crv":"P-256","x":"{X}","y":"AAAA"}}]}}"#);
        assert!(public_key_pem(&short).is_err());
    }
}
