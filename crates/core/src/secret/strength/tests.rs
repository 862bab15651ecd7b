use data_encoding::{BASE64, BASE64_NOPAD, BASE64URL, BASE64URL_NOPAD, HEXLOWER, HEXUPPER};
use proptest::prelude::*;

use super::Weakness::{Empty, LowEntropy, Placeholder, Published, Repeats, Sequence, Short, Uuid, Words};
use super::*;

/// 32 bytes without any pattern.
const GOOD: [u8; 32] = [
    0x3b, 0x9a, 0x0e, 0x71, 0xd4, 0x5c, 0xf2, 0x18, 0x86, 0xe3, 0x4f, 0x27, 0xb9, 0x60, 0xcd, 0x95, 0x12, 0x7e, 0xa8,
    0x53, 0xdf, 0x04, 0x6b, 0xf9, 0x31, 0xc6, 0x8d, 0x42, 0xea, 0x1f, 0x74, 0xb0,
];

fn encodings(bytes: &[u8]) -> [(Encoding, String); 6] {
    [
        (Encoding::Hex, HEXLOWER.encode(bytes)),
        (Encoding::Hex, HEXUPPER.encode(bytes)),
        (Encoding::Base64, BASE64.encode(bytes)),
        (Encoding::Base64, BASE64_NOPAD.encode(bytes)),
        (Encoding::Base64Url, BASE64URL.encode(bytes)),
        (Encoding::Base64Url, BASE64URL_NOPAD.encode(bytes)),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(2000) })]

    #[test]
    fn random_keys_are_never_refused(bytes in prop::collection::vec(any::<u8>(), 32..=64)) {
        // Few random bytes repeat, but proptest likes to try the same byte over and over.
        prop_assume!(bytes.iter().collect::<std::collections::BTreeSet<_>>().len() * 4 > bytes.len() * 3);
        for (encoding, text) in encodings(&bytes) {
            let strength = assess(&text);
            prop_assert!(strength.is_strong(), "{text}: {strength:?}");
            prop_assert_eq!(strength.bytes, bytes.len());
            // Where a text has neither of their own characters, the two alphabets of base64 are one.
            let shared = text.chars().all(|c| c.is_ascii_alphanumeric() || c == '=');
            prop_assert!(strength.encoding == encoding || shared && strength.encoding == Encoding::Base64);
            let key = StrongKey::parse(&text).unwrap();
            prop_assert_eq!(key.expose(), bytes.as_slice());
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(400) })]

    #[test]
    fn random_text_of_all_characters_is_not_refused(text in "[!-~]{40,64}") {
        prop_assume!(decode(&text).encoding == Encoding::Text);
        prop_assume!(!patterns::is_placeholder(&text));
        let distinct = text.bytes().collect::<std::collections::BTreeSet<_>>().len();
        prop_assume!(distinct * 2 > text.len());
        prop_assert!(assess(&text).is_strong(), "{text}: {:?}", assess(&text));
    }

    #[test]
    fn one_byte_too_few_is_refused_in_every_encoding(bytes in prop::collection::vec(any::<u8>(), 0..32)) {
        for (_, text) in encodings(&bytes) {
            prop_assert!(!assess(&text).is_strong(), "{text}");
        }
    }

    #[test]
    fn any_text_is_judged_without_a_panic_and_no_verdict_shows_it(text in "\\PC{6,80}") {
        let parsed = StrongKey::parse(&text);
        let debug = format!("{parsed:?}");
        prop_assert!(!debug.contains(&text));
        if let Err(weak) = parsed {
            prop_assert!(!weak.to_string().is_empty() && !weak.to_string().contains(&text));
        }
    }

    #[test]
    fn words_do_not_get_stronger_by_encoding(words in prop::collection::vec("(correct|horse|battery|staple|Winter|garden)", 7..12)) {
        let phrase = words.join("-");
        for (_, text) in encodings(phrase.as_bytes()) {
            prop_assert!(!assess(&text).is_strong(), "{phrase}: {text}");
        }
    }
}

#[test]
fn thirty_two_bytes_are_enough_and_thirty_one_are_not() {
    for (_, text) in encodings(&GOOD) {
        assert_eq!(assess(&text).weaknesses, []);
    }
    for (_, text) in encodings(&GOOD[..31]) {
        assert_eq!(assess(&text).weaknesses, [Short { bytes: 31 }], "{text}");
    }
    let text = "m!8(Zq)2#vL@x5^Rt&0*Kd{7}Wn|3;Ge";
    assert_eq!((text.len(), assess(text).weaknesses), (32, vec![]));
    assert_eq!(assess(&text[..31]).weaknesses, [Short { bytes: 31 }]);
}

/// What each weak value is called at the least; others may be found too.
#[test]
fn weak_keys_are_refused_for_what_they_are() {
    let hex = |text: &str| HEXLOWER.encode(text.as_bytes());
    let base64 = |text: &str| BASE64.encode(text.as_bytes());
    let counting: Vec<u8> = (0..32).collect();
    let stepping: Vec<u8> = (0..40).map(|i: u8| i.wrapping_mul(17)).collect();
    let doubled = [&GOOD[..16], &GOOD[..16]].concat();
    let cases: Vec<(String, Weakness)> = vec![
        (String::new(), Empty),
        (" \t\n".into(), Empty),
        ("changeme".into(), Placeholder),
        ("changeme-changeme-changeme-changeme-1".into(), Placeholder),
        ("CHANGE_ME_BEFORE_GOING_LIVE_0123456".into(), Placeholder),
        ("<at least 32 random bytes, base64>".into(), Placeholder),
        ("${JWT_SIGNING_KEY_OF_THE_ACCOUNTS}".into(), Placeholder),
        ("{{ .Values.accounts.jwtSigningKey }}".into(), Placeholder),
        ("$(openssl rand -base64 32 | tr -d x)".into(), Placeholder),
        ("my-super-secret-key-123456789012345".into(), Placeholder),
        ("django-insecure-Secret0b8x7q2m5k1v9z".into(), Placeholder),
        ("your-256-bit-key".into(), Placeholder),
        (hex("changeme-changeme-please-0451-7788"), Placeholder),
        (base64("my-secret-signing-key-2024-do-not-use"), Placeholder),
        ("67e55044-10b1-426f-9247-bb680e5fe0c8".into(), Uuid),
        ("67e5504410b1426f9247bb680e5fe0c8".into(), Uuid),
        ("67E5504410B1426FA247BB680E5FE0C8".into(), Uuid),
        ("urn:uuid:67e55044-10b1-426f-9247-bb680e5fe0c8".into(), Uuid),
        ("67e55044-10b1-426f-9247-bb680e5fe0c8a1b0c4d2-7f3e-4c5d-9e8f-001122334455".into(), Uuid),
        (base64("67e55044-10b1-426f-9247-bb680e5fe0c8"), Uuid),
        ("a".repeat(64), Repeats),
        ("xY7".repeat(20), Repeats),
        (HEXLOWER.encode(&doubled), Repeats),
        (BASE64.encode(&doubled), Repeats),
        (HEXLOWER.encode(&[0xa7; 32]), Repeats),
        (BASE64.encode(&[0; 32]), Repeats),
        (HEXLOWER.encode(&counting), Sequence),
        (BASE64.encode(&counting), Sequence),
        (HEXLOWER.encode(&stepping), Sequence),
        ("abcdefghijklmnopqrstuvwxyz0123456789".into(), Sequence),
        ("zyxwvutsrqponmlkjihgfedcba9876543210".into(), Sequence),
        ("qwertyuiopasdfghjklzxcvbnm123456".into(), Sequence),
        ("1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik9".into(), Sequence),
        ("P@ssw0rd123456789012345678901234".into(), Sequence),
        ("aabbccddeeffgghhiijjkkllmmnnooppqq".into(), Sequence),
        ("correct horse battery staple and some more".into(), Words),
        ("Correct Horse Battery Staple And Some More".into(), Words),
        ("correct-horse-battery-staple-and-more".into(), Words),
        ("CorrectHorseBatteryStapleAndEvenMore".into(), Words),
        ("THIS_IS_A_VERY_LONG_KEY_FOR_JWT_SIGNING".into(), Words),
        ("thisisaverylongandsecurejwtkey123".into(), Words),
        ("c0rr3ct-h0rs3-b4tt3ry-st4pl3-2024".into(), Words),
        ("mySuperLongJwtSigningKeyForTheProjectTeam".into(), Words),
        ("minhasenhasuperseguradoservidor2024".into(), Words),
        ("gozarvazheyeamnebarayeserviseman".into(), Words),
        (hex("CorrectHorseBatteryStapleAndEvenMore"), Words),
        ("3141592653589793238462643383279502884197169399375105820974944592".into(), LowEntropy),
        ("Aq9Aq9zAq9Aq9zzAq9Aq9zA9qAq99zzAq9qA".into(), LowEntropy),
        ("09d25e094faa6ca2556c818166b7a9563b93f7099f6f0f4caa6cf63b88e8d3e7".into(), Published),
        ("404E635266556A586E3272357538782F413F4428472B4B6250645367566B5970".into(), Published),
        ("a-string-secret-at-least-256-bits-long".into(), Published),
    ];
    for (text, expected) in cases {
        let strength = assess(&text);
        assert!(strength.weaknesses.contains(&expected), "{text}: {:?}", strength.weaknesses);
        assert!(StrongKey::parse(&text).is_err());
    }
}

#[test]
fn letters_and_digits_that_are_no_whole_base64_count_as_what_they_could_hold() {
    let text = "f3Kq9ZtB7mXw2RvN8cLpJ5hYdG4sQeUaTi6oWb1Vx0";
    assert_eq!(decode(text).encoding, Encoding::Text);
    assert_eq!(assess(text).weaknesses, [Short { bytes: 31 }]);
    assert_eq!(assess(&format!("{text}M")).weaknesses, []);
    // Each of these characters holds more.
    assert_eq!(assess("f3Kq9!tB7mXw2Rv#8cLpJ5hYdG4sQe?a").weaknesses, []);
}

#[test]
fn a_pattern_in_one_half_does_not_condemn_a_strong_key() {
    let long = [&GOOD[..], &[7; 16]].concat();
    assert!(assess(&HEXLOWER.encode(&long)).is_strong());
}

#[test]
fn a_wrapped_line_and_white_space_around_are_no_part_of_a_key() {
    let bytes = [GOOD, GOOD.map(|byte| byte.wrapping_mul(77) ^ 0x5a)].concat();
    let text = BASE64.encode(&bytes);
    let wrapped = format!("  {}\r\n{}\n", &text[..64], &text[64..]);
    assert_eq!(StrongKey::parse(&wrapped).unwrap().expose(), bytes);
}

#[test]
fn a_key_that_is_encoded_twice_is_judged_by_what_it_is() {
    assert!(assess(&BASE64.encode(BASE64.encode(&GOOD).as_bytes())).is_strong());
    assert!(!assess(&BASE64.encode(BASE64.encode(&GOOD[..24]).as_bytes())).is_strong());
}

#[test]
fn the_reason_names_every_weakness_and_never_the_key() {
    let weak = StrongKey::parse("changeme").unwrap_err();
    assert_eq!(
        weak.to_string(),
        "has 8 bytes after decoding, at least 32 are needed, is a placeholder, is made of words"
    );
    assert_eq!(StrongKey::parse("").unwrap_err().to_string(), "is empty");
    let key = StrongKey::parse(&HEXLOWER.encode(&GOOD)).unwrap();
    assert_eq!(format!("{key:?}"), "StrongKey([secret])");
}

#[test]
fn encodings_are_told_apart() {
    let encoding = |text: &str| assess(text).encoding;
    assert_eq!(encoding("0123456789abcdef"), Encoding::Hex);
    assert_eq!(encoding("0123456789abcde"), Encoding::Hex);
    assert_eq!(assess("0123456789abcde").bytes, 7);
    assert_eq!(encoding("3q2-7wAAAAAAAAAAAAA_"), Encoding::Base64Url);
    assert_eq!(encoding("3q2+7wAAAAAAAAAAAAA/"), Encoding::Base64);
    // One character below the shortest text that is taken for base64.
    assert_eq!(encoding("3q2+7wAAAAAAAAAAAA"), Encoding::Text);
    assert_eq!(encoding("3q2+7wAAAAAAAAA="), Encoding::Text);
}
