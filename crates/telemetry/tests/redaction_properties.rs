//! What holds for every text.

use archirust_telemetry::Redactor;
use proptest::prelude::*;

/// A secret, in the ways in which it can be written down.
fn secrets() -> impl Strategy<Value = (String, String)> {
    let canary = "[a-z]{3}CANARY[0-9]{3}";
    (canary, 0..24_usize).prop_map(|(canary, form)| {
        let base64 = |text: String| data_encoding::BASE64.encode(text.as_bytes());
        let text = match form {
            0 => format!("password={canary}"),
            1 => format!("password: {canary}"),
            2 => format!("\"password\":\"{canary}\""),
            3 => format!("\\\"secret\\\": \\\"{canary}\\\""),
            4 => format!("db_password = 'a {canary}'"),
            5 => format!("Bearer {canary}"),
            6 => format!("authorization: Custom x={canary}, y=\"{canary}\""),
            7 => format!("postgres://app:{canary}@db/x"),
            8 => format!("redis://:a@b/{canary}@h"),
            9 => format!("x?access_token={canary}&a=1"),
            10 => format!("password%3D{canary}%26a%3D1"),
            11 => format!("password: Some(\"{canary} {canary}\")"),
            12 => format!("cookie: a={canary}; b={canary}"),
            13 => format!("ghp_{canary}0123456789"),
            14 => format!("eyJhbGciOiJub25lIn0.{canary}.{canary}"),
            15 => format!("-----BEGIN PRIVATE KEY-----\n{canary}\n-----END PRIVATE KEY-----"),
            16 => format!("password: {canary} {canary}"),
            17 => format!("(\"set-cookie\", \"a={canary}\")"),
            18 => format!("<password>{canary}</password>"),
            19 => format!("--password {canary}"),
            20 => format!("tokens: [\"{canary}\", \"{canary}\"]"),
            21 => format!("token=token={canary}"),
            22 => format!("sk_live_{canary}"),
            _ => {
                let pair = base64(format!("user:{canary}"));
                return (format!("Basic {pair}"), pair);
            }
        };
        (text, canary)
    })
}

/// What a secret may stand between. No quote, bracket or value is left open before it by chance: what that does is
/// covered by [`no_text_breaks_it`].
fn surroundings() -> impl Strategy<Value = String> {
    proptest::collection::vec(
        prop_oneof![
            Just(" ".to_owned()),
            Just("\n".to_owned()),
            Just(", ".to_owned()),
            Just("; ".to_owned()),
            Just("user=bob ".to_owned()),
            Just("token=abc ".to_owned()),
            Just("password: ".to_owned()),
            Just("{\"a\": 1} ".to_owned()),
            Just("http://h/p?q=1 ".to_owned()),
            Just("[redacted] ".to_owned()),
            Just("é\u{202e} ".to_owned()),
            Just("bearer ".to_owned()),
            Just("a@b.c ".to_owned()),
            Just("100% ".to_owned()),
            "[a-zA-Z0-9]{0,12} ",
        ],
        0..6,
    )
    .prop_map(|parts| parts.concat())
}

/// Text that is dense in everything that means something here.
fn nasty() -> impl Strategy<Value = String> {
    proptest::collection::vec(
        prop_oneof![
            proptest::sample::select(vec![
                "password",
                "token",
                "cookie",
                "=",
                ":",
                "\"",
                "'",
                "\\",
                "\\\"",
                "[",
                "]",
                "(",
                ")",
                "{",
                "}",
                ",",
                ";",
                "&",
                "|",
                "<",
                ">",
                "</",
                "<secret>",
                "%",
                "%3D",
                "%25",
                "%22",
                "://",
                "@",
                "-----BEGIN PRIVATE KEY",
                "-----END",
                "eyJ",
                ".",
                "Bearer ",
                "basic ",
                " ",
                "\n",
                "\t",
                "[redacted",
                "[redacted]",
                "[redacted jti=",
                "4111",
                "1111",
                "-",
                "--pin",
                "DE89",
                "3704",
                "ghp_",
                "$argon2",
                "é",
                "\u{202e}",
                "\u{1f600}",
                "\u{1b}[31m",
                "&quot;",
                "\\u003d",
                "code",
                "?",
                "+98",
                "0",
                "`",
                "r#",
                "b",
                "true",
                "\"kty\"",
                "\"d\"",
                "\\n",
            ])
            .prop_map(str::to_owned),
            "\\PC{0,3}",
            "[0-9]{1,9}",
        ],
        0..40,
    )
    .prop_map(|parts| parts.concat())
}

/// A hostile text may not stop a service: each of these takes minutes if any part looks at the whole text again and again.
#[test]
fn hostile_texts_take_time_linear_in_their_length() {
    let redactor = Redactor::with(&[], true, true);
    // CPU time of this thread: that of the clock says more about what else runs.
    let cpu_seconds = || {
        let stat = std::fs::read_to_string("/proc/thread-self/stat").unwrap();
        let fields: Vec<&str> = stat.rsplit_once(')').unwrap().1.split_ascii_whitespace().collect();
        let ticks = |field: usize| fields[field - 3].parse::<f64>().unwrap();
        (ticks(14) + ticks(15)) / 100.0
    };
    for part in [
        "password=",
        "password: ",
        "secret=[",
        "secret=\"",
        "token=a,",
        "cookie: ",
        "cookie: \"",
        "(\"pin\",",
        "://",
        "x://a:b",
        "x://a@",
        "eyJ",
        "eyJ.",
        "-----BEGIN PRIVATE KEY-----",
        "-----BEGIN PRIVATE KEY-----x-----END",
        "%41",
        "%25",
        "%3D",
        "\\",
        "\\\"",
        "\"d\":",
        "<secret>",
        "<secret",
        "Bearer ",
        "Bearer x",
        "Bearer x,",
        "Basic dXNlcjpwYXNz",
        "4111-",
        "4111 1111 ",
        "1",
        "DE89",
        "DE89 3704 ",
        "a@",
        "@",
        "a@b.",
        "+98 ",
        "0 ",
        "--pin ",
        "'",
        "password '",
        "ghp_",
        "$argon2",
        "[redacted",
        "password=[redacted]",
        "a b:",
        "é=",
        "a_",
        "AKIA",
        "\\u003d",
        ", ",
        "&",
        "&quot;",
        "password=&quot;",
        "\t",
        "\n",
        "password:\n",
        "password=\t\t",
    ] {
        let text = part.repeat(100_000 / part.len());
        let masked = redactor.redact(&text).into_owned();
        assert_eq!(redactor.redact(&masked), masked, "{part}");
        assert!(cpu_seconds() < 20.0, "{part}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    #[test]
    fn no_secret_passes_in_any_position((secret, canary) in secrets(), before in surroundings(), after in surroundings()) {
        let text = format!("{before}{secret} {after}");
        let masked = Redactor::default().redact(&text).into_owned();
        prop_assert!(!masked.contains(&canary), "{text:?} became {masked:?}");
    }

    #[test]
    fn no_text_breaks_it(text in prop_oneof![nasty(), any::<String>()]) {
        for redactor in [Redactor::default(), Redactor::with(&["x".to_owned()], true, true)] {
            let once = redactor.redact(&text).into_owned();
            let twice = redactor.redact(&once).into_owned();
            prop_assert_eq!(&once, &twice, "{:?}", text);
        }
    }

    #[test]
    fn ordinary_text_is_borrowed(words in proptest::collection::vec("[a-z]{1,4}[abdfghiklnostuvwxyz]", 0..20)) {
        let text = words.join(" ");
        prop_assert!(matches!(Redactor::default().redact(&text), std::borrow::Cow::Borrowed(_)));
    }

    #[test]
    fn identifiers_are_never_taken_for_numbers_of_people(bytes in any::<[u8; 16]>()) {
        let hex = data_encoding::HEXLOWER.encode(&bytes);
        let uuid = format!("{}-{}-{}-{}-{}", &hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]);
        let redactor = Redactor::default();
        prop_assert_eq!(redactor.redact(&uuid), uuid.as_str());
        let text = format!("request_id={uuid} done");
        prop_assert_eq!(redactor.redact(&text), text.as_str());
        if hex.bytes().any(|byte| byte.is_ascii_alphabetic()) {
            prop_assert_eq!(redactor.redact(&hex), hex.as_str());
        }
    }
}
