//! What an attacker tries (RFC 8725; ARCHI-JWT-001 to 006, 008 and 011). Each token is in order but for one thing.

use archirust_auth::jwt::{Algorithm, MAX_TOKEN_BYTES, NewToken};
use archirust_core::ErrorKind;
use aws_lc_rs::hmac;
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::support::{AUDIENCE, ISSUER, Service, check, decode, encode, forge, input, key, merged, parts, refusal};

fn assert_refused(service: &Service, name: &str, token: &str) {
    let error = check(&service.verifier(), token).map(|_| ()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidToken, "{name}");
    assert_eq!(error.to_string(), "the token is not valid", "{name}");
}

fn all() -> impl Iterator<Item = Service> {
    Algorithm::ALL.into_iter().map(|algorithm| Service::with(key(algorithm)))
}

#[test]
fn alg_none_is_refused_in_every_spelling() {
    for service in all() {
        let [_, _, signature] = parts(&service.token());
        for alg in ["none", "None", "NONE", "nOnE", "", " none", "none\u{0}"] {
            let unsigned = input(&merged(service.header(), json!({ "alg": alg })), &service.claims());
            assert_refused(&service, alg, &format!("{unsigned}."));
            assert_refused(&service, alg, &format!("{unsigned}.{signature}"));
        }
        for alg in [json!(null), json!(["none"]), json!(["ES256"]), json!(0), json!({}), json!(true)] {
            let header = merged(service.header(), json!({ "alg": alg }));
            assert_refused(&service, "alg", &forge(&service.ring.current(), &header, &service.claims()));
        }
    }
}

#[test]
fn a_token_without_its_signature_is_refused() {
    for service in all() {
        let [header, payload, signature] = parts(&service.token());
        let zeros = encode(&vec![0; decode(&signature).len()]);
        for token in [
            format!("{header}.{payload}."),
            format!("{header}.{payload}"),
            format!("{header}.{payload}.{zeros}"),
            format!("{header}..{signature}"),
            format!(".{payload}.{signature}"),
            format!("{header}.{payload}.{signature}."),
            format!("{header}.{payload}.{signature}.{signature}"),
            format!(".{header}.{payload}.{signature}"),
            String::new(),
            ".".to_owned(),
            "..".to_owned(),
            "...".to_owned(),
        ] {
            assert_refused(&service, &token, &token);
        }
    }
}

#[test]
fn every_bit_of_the_signature_counts() {
    for service in all() {
        let [header, payload, signature] = parts(&service.token());
        let genuine = decode(&signature);
        for bit in 0..genuine.len().min(64) * 8 {
            let mut flipped = genuine.clone();
            flipped[bit / 8] ^= 1 << (bit % 8);
            assert!(check(&service.verifier(), &format!("{header}.{payload}.{}", encode(&flipped))).is_err(), "{bit}");
        }
        let longer = [genuine.as_slice(), &[0]].concat();
        assert_refused(&service, "longer", &format!("{header}.{payload}.{}", encode(&longer)));
        assert_refused(&service, "shorter", &format!("{header}.{payload}.{}", encode(&genuine[1..])));
    }
}

#[test]
fn claims_can_not_be_changed_under_a_signature() {
    for service in all() {
        let token = service.forge(json!({}), json!({}));
        let [header, payload, signature] = parts(&token);
        assert!(check(&service.verifier(), &token).is_ok());
        let other = encode(merged(service.claims(), json!({ "sub": "admin" })).to_string().as_bytes());
        assert_refused(&service, "sub", &format!("{header}.{other}.{signature}"));
        let other = encode(merged(service.header(), json!({ "cty": "x" })).to_string().as_bytes());
        assert_refused(&service, "header", &format!("{other}.{payload}.{signature}"));
    }
}

#[test]
fn another_key_does_not_pass_under_any_name() {
    for service in all() {
        for rogue in [Algorithm::Es256, Algorithm::EdDsa].map(key) {
            for kid in [json!(service.ring.current().kid()), json!(rogue.kid()), json!(""), Value::Null] {
                for alg in [rogue.algorithm(), service.ring.current().algorithm()] {
                    let header = merged(service.header(), json!({ "alg": alg.name(), "kid": kid }));
                    assert_refused(&service, "rogue", &forge(&rogue, &header, &service.claims()));
                }
            }
        }
    }
}

#[test]
fn the_public_key_is_no_shared_secret() {
    for service in all().filter(|service| !service.ring.current().algorithm().is_symmetric()) {
        let public = service.ring.current().verifying_key();
        let pem = public.to_pem().unwrap();
        let jwk = public.jwk().unwrap();
        let secrets: [Vec<u8>; 8] = [
            pem.clone().into(),
            pem.trim_end().into(),
            pem.replace('\n', "\r\n").into(),
            public.to_der().unwrap(),
            serde_json::to_vec(jwk).unwrap(),
            service.ring.keys().jwks(crate::support::start()).to_json().into(),
            jwk.kid.clone().into(),
            Vec::new(),
        ];
        for secret in secrets {
            for alg in ["HS256", service.ring.current().algorithm().name()] {
                let input = input(&merged(service.header(), json!({ "alg": alg })), &service.claims());
                let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, &secret), input.as_bytes());
                assert_refused(&service, alg, &format!("{input}.{}", encode(tag.as_ref())));
            }
        }
    }
}

#[test]
fn the_algorithm_is_that_of_the_key_and_never_of_the_token() {
    for service in all() {
        let own = service.ring.current().algorithm();
        for other in Algorithm::ALL.into_iter().filter(|other| *other != own) {
            let token = service.forge(json!({ "alg": other.name() }), json!({}));
            let (_, detail) = refusal(&service.verifier(), &token);
            assert_eq!(detail, "the algorithm is not that of the key", "{own} {other}");
        }
    }
}

#[test]
fn a_header_that_brings_or_names_a_key_is_refused() {
    let service = Service::new();
    let rogue = key(Algorithm::Es256);
    let jwk = json!(rogue.verifying_key().jwk());
    let der = encode(&rogue.verifying_key().to_der().unwrap());
    for brought in [
        json!({ "jwk": jwk, "kid": null }),
        json!({ "jwk": jwk }),
        json!({ "jwk": jwk, "kid": rogue.kid() }),
        json!({ "jku": "https://attacker.example/jwks.json", "kid": rogue.kid() }),
        json!({ "x5u": "https://attacker.example/x.pem" }),
        json!({ "x5c": [der] }),
        json!({ "kid": "../../../../dev/null" }),
        json!({ "kid": "' OR '1'='1" }),
        json!({ "kid": "https://attacker.example/key" }),
        json!({ "kid": 1 }),
        json!({ "kid": [rogue.kid()] }),
    ] {
        let header = merged(service.header(), brought.clone());
        assert_refused(&service, &brought.to_string(), &forge(&rogue, &header, &service.claims()));
    }
}

#[test]
fn refused_header_parameters_are_refused_even_under_a_genuine_signature() {
    let service = Service::new();
    for name in ["jwk", "jku", "x5u", "x5c", "crit", "b64", "zip", "enc"] {
        for value in [json!("x"), json!([]), json!(false), json!({})] {
            let (_, detail) = refusal(&service.verifier(), &service.forge(json!({ name: value }), json!({})));
            assert_eq!(detail, "the header has a parameter that is refused", "{name}");
        }
    }
    // RFC 7515, section 4: others are ignored.
    assert!(service.accepts(json!({ "x5t": "x", "cty": "JWT", "nonce": 1 }), json!({})));
}

#[test]
fn a_key_without_its_name_is_not_found() {
    let service = Service::new();
    let (_, detail) = refusal(&service.verifier(), &service.forge(json!({ "kid": null }), json!({})));
    assert_eq!(detail, "kid is missing");
}

#[test]
fn only_access_tokens_are_taken() {
    let service = Service::new();
    for typ in [
        json!("JWT"),
        json!("at+JWT"),
        json!("AT+JWT"),
        json!("application/at+jwt"),
        json!("rt+jwt"),
        json!("at+jwt "),
        json!(""),
        json!(["at+jwt"]),
        Value::Null,
    ] {
        let (_, detail) = refusal(&service.verifier(), &service.forge(json!({ "typ": typ }), json!({})));
        assert_eq!(detail, "the type is not at+jwt", "{typ}");
    }
}

#[test]
fn a_token_for_somebody_else_is_refused() {
    let service = Service::new();
    let similar = format!("{AUDIENCE}/");
    for aud in [
        json!("https://other.example"),
        json!(similar),
        json!(AUDIENCE.to_uppercase()),
        json!([]),
        json!(["a", "b"]),
        json!(ISSUER),
    ] {
        let (_, detail) = refusal(&service.verifier(), &service.forge(json!({}), json!({ "aud": aud })));
        assert_eq!(detail, "the audience is another one", "{aud}");
    }
}

#[test]
fn a_token_by_somebody_else_is_refused() {
    let service = Service::new();
    for iss in [
        "https://accounts.example/",
        "https://accounts.example.org",
        "https://ACCOUNTS.example",
        "http://accounts.example",
        AUDIENCE,
    ] {
        let (_, detail) = refusal(&service.verifier(), &service.forge(json!({}), json!({ "iss": iss })));
        assert_eq!(detail, "the issuer is another one", "{iss}");
    }
}

#[test]
fn an_es256_signature_has_one_form_and_is_not_zero() {
    let service = Service::new();
    let [header, payload, signature] = parts(&service.token());
    let genuine = decode(&signature);
    let (r, s) = genuine.split_at(32);
    let mut order = decode("_____wAAAAD__________7zm-q2nF56E87nKwvxjJVE");
    let der_int = |number: &[u8]| {
        let start = number.iter().position(|byte| *byte != 0).unwrap_or(31);
        let mut bytes = number[start..].to_vec();
        if bytes[0] & 0x80 != 0 {
            bytes.insert(0, 0);
        }
        [vec![2, bytes.len() as u8], bytes].concat()
    };
    let body = [der_int(r), der_int(s)].concat();
    let der = [vec![0x30, body.len() as u8], body].concat();
    order.truncate(32);
    for forged in [
        vec![0; 64],
        [vec![0; 32], s.to_vec()].concat(),
        [r.to_vec(), vec![0; 32]].concat(),
        [order.clone(), s.to_vec()].concat(),
        [order.clone(), order.clone()].concat(),
        [&[0_u8; 31][..], &[1], &[0; 31], &[1]].concat(),
        der,
    ] {
        assert_refused(&service, "signature", &format!("{header}.{payload}.{}", encode(&forged)));
    }
}

#[test]
fn there_is_one_spelling_of_a_token() {
    let service = Service::new();
    let token = service.token();
    let [header, payload, signature] = parts(&token);
    assert!(check(&service.verifier(), &token).is_ok());
    // 64 bytes leave four unused bits in the last character.
    let last = signature.chars().last().unwrap();
    let next = char::from(last as u8 + 1);
    for changed in [
        format!("{token}="),
        format!("{token}=="),
        format!(" {token}"),
        format!("{token} "),
        format!("{token}\n"),
        format!("{token}\0"),
        format!("{header}=.{payload}.{signature}"),
        format!("{header}.{payload} .{signature}"),
        format!("{header}.{payload}.{}{next}", &signature[..signature.len() - 1]),
        format!("Bearer {token}"),
        token.replace('-', "+").replace('_', "/") + "+",
        format!("{token}ü"),
    ] {
        assert_refused(&service, &changed, &changed);
    }
}

#[test]
fn a_name_that_occurs_twice_is_refused() {
    let service = Service::new();
    let key = service.ring.current();
    let sign = |header: &str, payload: &str| {
        let input = format!("{}.{}", encode(header.as_bytes()), encode(payload.as_bytes()));
        format!("{input}.{}", encode(&key.sign(input.as_bytes()).unwrap()))
    };
    let (header, claims) = (service.header().to_string(), service.claims().to_string());
    assert!(check(&service.verifier(), &sign(&header, &claims)).is_ok());
    assert!(check(&service.verifier(), &sign(&format!(" {header}\r\n"), &format!("\t{claims} "))).is_ok());

    let twice = |json: &str, member: &str| format!("{},{member}}}", json.strip_suffix('}').unwrap());
    for member in ["\"alg\":\"none\"", "\"alg\":\"ES256\"", "\"kid\":\"x\"", "\"typ\":\"at+jwt\"", "\"a\":1,\"a\":2"] {
        assert_refused(&service, member, &sign(&twice(&header, member), &claims));
    }
    for member in [
        "\"sub\":\"admin\"",
        "\"exp\":9999999999",
        "\"aud\":\"x\"",
        "\"a\":{\"b\":1,\"b\":2}",
        "\"s\\u0075b\":\"admin\"",
    ] {
        assert_refused(&service, member, &sign(&header, &twice(&claims, member)));
    }
    for payload in ["", "null", "[]", "1", "\"x\"", &format!("{claims}{claims}"), &format!("{claims}x"), "{\"sub\":"] {
        assert_refused(&service, payload, &sign(&header, payload));
        assert_refused(&service, payload, &sign(payload, &claims));
    }
}

#[test]
fn a_token_is_measured_before_it_is_read() {
    let service = Service::new();
    let sized = |filler: usize| {
        let token = service.forge(json!({}), json!({ "x": "x".repeat(filler) }));
        (token.len(), token)
    };
    // Four characters for three bytes, and some hundred for all else.
    let longest = (5_500..MAX_TOKEN_BYTES).take_while(|filler| sized(*filler).0 <= MAX_TOKEN_BYTES).last().unwrap();
    let (length, token) = sized(longest);
    assert!(length > MAX_TOKEN_BYTES - 4);
    assert!(check(&service.verifier(), &token).is_ok());
    let (_, detail) = refusal(&service.verifier(), &sized(longest + 1).1);
    assert_eq!(detail, "the token is too long");
    for length in [MAX_TOKEN_BYTES, MAX_TOKEN_BYTES + 1] {
        let too_long = refusal(&service.verifier(), &"x".repeat(length)).1 == "the token is too long";
        assert_eq!(too_long, length > MAX_TOKEN_BYTES);
    }

    // Nor is one made that no verifier takes.
    let huge = NewToken::new("alice").extra(json!({ "x": "x".repeat(MAX_TOKEN_BYTES) }));
    assert!(service.signer.sign(&huge).unwrap_err().detail().unwrap().contains("fewer extra claims"));
    for filler in longest - 8..longest + 8 {
        let new = NewToken::new("alice").extra(json!({ "x": "x".repeat(filler) }));
        if let Ok(token) = service.signer.sign(&new) {
            assert!(token.expose().len() <= MAX_TOKEN_BYTES && check(&service.verifier(), token.expose()).is_ok());
        } else {
            assert!(filler >= longest - 4);
        }
    }
}

#[test]
fn a_refusal_holds_nothing_of_the_token() {
    let service = Service::new();
    let token = service.forge(json!({}), json!({ "sub": "kanarienvogel", "aud": "kanarienvogel" }));
    let error = check(&service.verifier(), &token).unwrap_err();
    let shown = format!("{error} {error:?} {}", error.report());
    for part in parts(&token).iter().map(String::as_str).chain(["kanarienvogel"]) {
        assert!(!shown.contains(part), "{shown}");
    }
}

proptest! {
    #[test]
    fn any_text_is_refused_without_a_panic(text in ".{0,200}") {
        prop_assert!(check(&Service::new().verifier(), &text).is_err());
    }

    #[test]
    fn a_token_with_one_other_byte_is_refused(place in 0_usize..1000, byte in 0_u8..128) {
        let service = Service::new();
        let mut bytes = service.token().into_bytes();
        let place = place % bytes.len();
        prop_assume!(bytes[place] != byte);
        bytes[place] = byte;
        prop_assert!(check(&service.verifier(), std::str::from_utf8(&bytes).unwrap()).is_err());
    }

    #[test]
    fn any_signed_json_is_refused_or_read_without_a_panic(text in "[\\[\\]{}\":,0-9a-z ]{0,60}") {
        let service = Service::new();
        let key = service.ring.current();
        let input = format!("{}.{}", encode(service.header().to_string().as_bytes()), encode(text.as_bytes()));
        let token = format!("{input}.{}", encode(&key.sign(input.as_bytes()).unwrap()));
        prop_assert!(check(&service.verifier(), &token).is_err());
    }
}
