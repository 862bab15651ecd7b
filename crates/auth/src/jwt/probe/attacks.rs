//! The attacks, by what they attack. Each leaves all else in order, so that a check that accepts it lacks exactly that.

use archirust_core::Result;
use serde_json::{Value, json};

use crate::jwt::base64url;

use super::forge::Forge;

/// What it is, and the token.
pub(super) type Attack = (&'static str, String);

/// Where no key is: the port of the discard service.
const ELSEWHERE: &str = "http://127.0.0.1:9/keys.json";

pub(super) fn unsigned(forge: &Forge) -> Result<Vec<Attack>> {
    let none = |alg: &'static str| forge.with_signature(&[("alg", alg.into())], &[], &[]);
    Ok(vec![
        ("alg none", none("none")?),
        ("alg None", none("None")?),
        ("alg NONE", none("NONE")?),
        ("alg nOnE", none("nOnE")?),
        ("alg none with the old signature", forge.with_signature(&[("alg", "none".into())], &[], &forge.signature)?),
        ("no alg and no signature", forge.with_signature(&[("alg", Value::Null)], &[], &[])?),
        ("an empty signature", forge.with_signature(&[], &[], &[])?),
        ("no third part", forge.unsigned(&[], &[])?),
        ("a signature of zeros", forge.with_signature(&[], &[], &vec![0; forge.signature.len()])?),
    ])
}

pub(super) fn forged(forge: &Forge) -> Result<Vec<Attack>> {
    let genuine = &forge.signature;
    let mut flipped = genuine.clone();
    if let Some(last) = flipped.last_mut() {
        *last ^= 1;
    }
    let somebody_else = [("sub", json!("somebody-else"))];
    Ok(vec![
        ("one flipped bit in the signature", forge.with_signature(&[], &[], &flipped)?),
        ("another subject under the old signature", forge.with_signature(&[], &somebody_else, genuine)?),
        ("a longer signature", forge.with_signature(&[], &[], &[genuine, &[0_u8][..]].concat())?),
        ("a shorter signature", forge.with_signature(&[], &[], genuine.split_last().map_or(&[], |(_, rest)| rest))?),
        ("another key of the same name", forge.by_rogue(&[], &[])?),
        ("another key of its own name", forge.by_rogue(&[("kid", forge.rogue.kid().into())], &[])?),
        ("another key without a name", forge.by_rogue(&[("kid", Value::Null)], &[])?),
    ])
}

pub(super) fn key_confusion(forge: &Forge) -> Result<Vec<Attack>> {
    let public = forge.key.verifying_key();
    // A shared key has no public part to be confused with.
    let (Some(jwk), Some(der), Some(pem)) = (public.jwk(), public.to_der(), public.to_pem()) else {
        return Ok(Vec::new());
    };
    let jwk_text = serde_json::to_string(jwk).unwrap_or_default();
    let set = serde_json::to_string(&json!({ "keys": [jwk] })).unwrap_or_default();
    let signed = |secret: &[u8]| forge.by_secret(secret, &[]);
    Ok(vec![
        ("HS256 with the PEM", signed(pem.as_bytes())?),
        ("HS256 with the PEM without its last newline", signed(pem.trim_end().as_bytes())?),
        ("HS256 with the DER", signed(&der)?),
        ("HS256 with the JWK", signed(jwk_text.as_bytes())?),
        ("HS256 with the JWKS", signed(set.as_bytes())?),
        ("HS256 with the name of the key", signed(jwk.kid.as_bytes())?),
    ])
}

pub(super) fn header_keys(forge: &Forge) -> Result<Vec<Attack>> {
    let rogue = forge.rogue.verifying_key();
    let jwk = json!(rogue.jwk());
    let certificate = base64url::encode(&rogue.to_der().unwrap_or_default());
    let named = |name: &'static str| forge.by_secret(b"", &[("kid", name.into())]);
    Ok(vec![
        ("an own key in jwk", forge.by_rogue(&[("jwk", jwk.clone())], &[])?),
        ("an own key in jwk, without a name", forge.by_rogue(&[("jwk", jwk), ("kid", Value::Null)], &[])?),
        ("an address in jku", forge.by_rogue(&[("jku", ELSEWHERE.into()), ("kid", rogue.kid().into())], &[])?),
        ("an address in x5u", forge.by_rogue(&[("x5u", ELSEWHERE.into()), ("kid", rogue.kid().into())], &[])?),
        ("a chain in x5c", forge.by_rogue(&[("x5c", json!([certificate]))], &[])?),
        ("an address in kid", forge.by_rogue(&[("kid", ELSEWHERE.into())], &[])?),
        ("a path in kid, signed with an empty secret", named("../../../../../../dev/null")?),
        ("SQL in kid, signed with an empty secret", named("' OR '1'='1")?),
        ("SQL in kid that brings the secret", forge.by_secret(b"a", &[("kid", "' UNION SELECT 'a' --".into())])?),
    ])
}

pub(super) fn audience(forge: &Forge) -> Result<Vec<Attack>> {
    let is = |value: Value| forge.with_claims(&[("aud", value)]);
    let longer = format!("{}.example", first(&forge.claims["aud"]));
    Ok(vec![
        ("another audience", is("https://somebody-else.example".into())?),
        ("no audience", is(Value::Null)?),
        ("a list without us", is(json!(["https://a.example", "https://b.example"]))?),
        ("an empty list", is(json!([]))?),
        ("a longer name that begins as ours", is(longer.into())?),
    ])
}

pub(super) fn issuer(forge: &Forge) -> Result<Vec<Attack>> {
    let is = |value: Value| forge.with_claims(&[("iss", value)]);
    let ours = first(&forge.claims["iss"]);
    Ok(vec![
        ("another issuer with our key", is("https://somebody-else.example".into())?),
        ("no issuer", is(Value::Null)?),
        ("our issuer with a slash behind it", is(format!("{ours}/").into())?),
        ("a list of issuers", is(json!([ours, "https://somebody-else.example"]))?),
        (
            "another issuer whose key has the same name",
            forge.by_rogue(&[], &[("iss", json!("https://other.example"))])?,
        ),
    ])
}

pub(super) fn times(forge: &Forge) -> Result<Vec<Attack>> {
    let now = forge.now;
    // Always a lifetime of a minute, so that only the time itself is wrong.
    let lived =
        |from: i64| forge.with_claims(&[("iat", from.into()), ("nbf", from.into()), ("exp", (from + 60).into())]);
    let end = |exp: Value| forge.with_claims(&[("exp", exp)]);
    Ok(vec![
        ("over for 61 seconds", lived(now - 121)?),
        ("over for an hour", lived(now - 3660)?),
        ("not good for two minutes", forge.with_claims(&[("nbf", (now + 120).into()), ("exp", (now + 180).into())])?),
        ("not good for an hour", lived(now + 3600)?),
        ("no end", end(Value::Null)?),
        ("an end that is a text", end((now + 60).to_string().into())?),
        ("an end in a thousand years", end((now + 31_557_600_000).into())?),
    ])
}

pub(super) fn token_type(forge: &Forge) -> Result<Vec<Attack>> {
    let is = |typ: Value| forge.with_header(&[("typ", typ)]);
    Ok(vec![
        ("an ID token", is("JWT".into())?),
        ("a refresh token", is("rt+jwt".into())?),
        ("a logout token", is("logout+jwt".into())?),
        ("a token without a type", is(Value::Null)?),
    ])
}

/// The name, or the first of a list of names.
fn first(names: &Value) -> &str {
    names.as_str().or_else(|| names.get(0)?.as_str()).unwrap_or_default()
}
