//! What is masked, what is kept, and what is left alone.

use std::borrow::Cow;

use archirust_telemetry::Redactor;

const JWT: &str = "eyJhbGciOiJFUzI1NiIsInR5cCI6ImF0K2p3dCJ9.\
    eyJqdGkiOiIwMTkzOWYzYi03YzAwLTcwMDAtODAwMC0wMDAwMDAwMDAwMDEiLCJzdWIiOiJib2IifQ.c2lnbmF0dXJl";
const JTI: &str = "01939f3b-7c00-7000-8000-000000000001";

#[track_caller]
fn masks(table: &[(&str, &str)]) {
    let redactor = Redactor::default();
    for (text, expected) in table {
        let masked = redactor.redact(text);
        assert_eq!(masked, *expected, "of {text}");
        assert_eq!(redactor.redact(&masked), masked, "masking {text} twice");
    }
}

#[track_caller]
fn leaves(texts: &[&str]) {
    for text in texts {
        let masked = Redactor::default().redact(text);
        assert!(matches!(masked, Cow::Borrowed(same) if same == *text), "{text} became {masked}");
    }
}

#[test]
fn pairs_in_messages_are_masked() {
    masks(&[
        ("password=hunter2", "password=[redacted]"),
        ("password: hunter2", "password: [redacted]"),
        ("password = hunter2, user = bob", "password = [redacted], user = bob"),
        ("password=hunter2 user=bob", "password=[redacted] user=bob"),
        ("password=hunter2;user=bob", "password=[redacted];user=bob"),
        ("password: correct horse battery staple", "password: [redacted]"),
        ("password=correct horse user=bob", "password=[redacted] user=bob"),
        ("(password: hunter2) refused", "(password: [redacted]) refused"),
        ("db_password=a,b;c&d", "db_password=[redacted]"),
        ("token=expired", "token=[redacted]"),
        ("token: expired-1 x", "token: [redacted] x"),
        ("\"token\": expired", "\"token\": [redacted]"),
        ("password: not a good one", "password: [redacted]"),
        ("client secret: several words", "client secret: [redacted]"),
        ("token=abc is not valid", "token=[redacted] is not valid"),
        ("token: Bearer abc is", "token: [redacted] is"),
        ("API key: abc", "API key: [redacted]"),
        ("recovery code: abcd-efgh", "recovery code: [redacted]"),
        ("secret => x", "secret => [redacted]"),
        ("password == \"x\"", "password == \"[redacted]\""),
        ("pin=0000", "pin=[redacted]"),
        ("password:\n  hunter2", "password:\n  [redacted]"),
        ("password=\tx", "password=\t[redacted]"),
        ("password=it's a secret", "password=[redacted]"),
        ("password='it''s' user='bob'", "password='[redacted]' user='bob'"),
        ("password=\"a\"b c", "password=[redacted]"),
        ("wrong password: \"hunter2\". try again", "wrong password: \"[redacted]\". try again"),
        ("password=a\\nuser=b", "password=[redacted]\\nuser=b"),
        ("password=x</a>", "password=[redacted]</a>"),
    ]);
}

#[test]
fn names_that_only_look_alike_and_values_that_say_nothing_stay() {
    leaves(&[
        "password=",
        "password: ",
        "password:\nuser: bob",
        "password=true",
        "password: None, token: null",
        "has_token=false",
        "shopping=cart",
        "auth::password::hash took 3 ms",
        "password must have at least 12 characters",
        "invalid token: signature does not match",
        "token: expired",
        "request_id=01939f3b-7c00-7000-8000-000000000001",
        "token_type=bearer",
        "x=1",
        "a=b",
        "a > b",
        " =x",
        "\"=x",
        "\":x",
        " key: x",
        "--help --password",
        "--password --help",
    ]);
}

#[test]
fn json_and_debug_output_are_masked() {
    masks(&[
        (r#"{"password":"hunter2","user":"bob"}"#, r#"{"password":"[redacted]","user":"bob"}"#),
        (r#"{"password" : "a \" b","user":"bob"}"#, r#"{"password" : "[redacted]","user":"bob"}"#),
        (r#"{\"password\":\"hunter2\",\"user\":\"bob\"}"#, r#"{\"password\":\"[redacted]\",\"user\":\"bob\"}"#),
        (r#"{"otp":123456,"user":"bob"}"#, r#"{"otp":[redacted],"user":"bob"}"#),
        (r#"{"tokens":["a","b"],"n":1}"#, r#"{"tokens":[redacted],"n":1}"#),
        (r#"{"secret":{"a":"}","b":2},"n":1}"#, r#"{"secret":[redacted],"n":1}"#),
        (r#"{"secret":{"a":"cut off"#, r#"{"secret":[redacted]"#),
        (r#"{"password":"cut off"#, r#"{"password":"[redacted]"#),
        (r#"Login { user: "bob", password: "hunter2" }"#, r#"Login { user: "bob", password: "[redacted]" }"#),
        (r#"Login { password: Some("a b"), n: 1 }"#, r#"Login { password: [redacted], n: 1 }"#),
        (r#"Login { password: Text { inner: "a b" }, n: 1 }"#, r#"Login { password: [redacted], n: 1 }"#),
        (r#"Login { token: b"a b", n: 1 }"#, r#"Login { token: [redacted], n: 1 }"#),
        (r#"Login { token: [1, 2, 3], n: 1 }"#, r#"Login { token: [redacted], n: 1 }"#),
        ("Login {\n    password: \"a b\",\n    n: 1,\n}", "Login {\n    password: \"[redacted]\",\n    n: 1,\n}"),
        (r#"{'password': 'a b', 'n': 1}"#, r#"{'password': '[redacted]', 'n': 1}"#),
        (r#"[("password", "a b"), ("n", "1")]"#, r#"[("password", "[redacted]"), ("n", "1")]"#),
        (r#"{"url":"/x?token=abc","user":"bob"}"#, r#"{"url":"/x?token=[redacted]","user":"bob"}"#),
        ("&quot;password&quot;:&quot;x&quot;", "&quot;password&quot;:[redacted];"),
        (r#"{"kty":"EC","crv":"P-256","d":"abc"}"#, r#"{"kty":"EC","crv":"P-256","d":"[redacted]"}"#),
    ]);
    leaves(&[r#"{"user":"bob","n":1}"#, r#"["password","email"]"#, r#"{"d":"abc"}"#, r#"{"password":""}"#]);
}

#[test]
fn headers_are_masked_to_the_end_of_the_line() {
    masks(&[
        ("Authorization: Bearer abc", "Authorization: [redacted]"),
        ("authorization: Digest username=\"a\", response=\"b\"\nhost: x", "authorization: [redacted]\nhost: x"),
        ("Cookie: a=b; c=d\r\nHost: x", "Cookie: [redacted]\r\nHost: x"),
        ("set-cookie=a=b; Path=/", "set-cookie=[redacted]"),
        (r#"{"cookie": "a=b; c=d", "host": "x"}"#, r#"{"cookie": "[redacted]", "host": "x"}"#),
        (r#"curl -H "Cookie: a=b; c=\"d\"; e=f" https://x"#, r#"curl -H "Cookie: [redacted]" https://x"#),
        ("X-Api-Key: abc\nHost: x", "X-Api-Key: [redacted]\nHost: x"),
        (r"Authorization: Bearer abc\r\nHost: x", r"Authorization: [redacted]\r\nHost: x"),
        ("dsn: host=db password=x user=y", "dsn: [redacted]"),
    ]);
}

#[test]
fn credentials_are_known_without_a_name() {
    masks(&[
        ("got Bearer abc.def-123", "got Bearer [redacted]"),
        ("got bearer canarycanary now", "got bearer [redacted] now"),
        ("x=bearer+abc", "x=bearer+[redacted]"),
        ("got Basic dXNlcjpwYXNz", "got Basic [redacted]"),
        ("got basic dXNlcjpwYXNzd29yZA", "got basic [redacted]"),
        ("DPoP abc", "DPoP [redacted]"),
        ("Negotiate YIIJvwYGKwYBBQUCoIIJ", "Negotiate [redacted]"),
        ("NTLM TlRMTVNTUAABAAAAB4IIogAA", "NTLM [redacted]"),
        ("xBEARER\tabc", "xBEARER\t[redacted]"),
        ("ghp_abcdefghijklmnopqrBearer abc", "[redacted] [redacted]"),
        ("Basic c2VjcmV0LWNhbmFyeQ==", "Basic [redacted]"),
        ("Basic abcdefg=", "Basic [redacted]"),
        ("Basic dTo_Pj8-Pg", "Basic [redacted]"),
        ("Basic dTo/Pj8+Pg", "Basic [redacted]"),
    ]);
    leaves(&[
        "bearer token is missing",
        "a bearer of bad news",
        "the basic settings",
        "basic authentication required",
        "Basic realm",
        "negotiate terms",
        "negotiate abcdefghijklmno",
        "negotiateYIIJvwYGKwYBBQUCoIIJ",
        "bearerabc",
        "basicdXNlcjpwYXNz",
        "basic abcdef=",
        "basic AAAAOgAA",
        "bearer",
        "bearer ",
    ]);
}

#[test]
fn tokens_keep_their_id() {
    masks(&[
        (&format!("got {JWT}."), &format!("got [redacted jti={JTI}].")),
        (&format!("Authorization: Bearer {JWT}"), &format!("Authorization: [redacted jti={JTI}]")),
        (&format!("access_token={JWT}&x=1"), &format!("access_token=[redacted jti={JTI}]&x=1")),
        (&format!("\"access_token\":\"{JWT}\""), &format!("\"access_token\":\"[redacted jti={JTI}]\"")),
        ("eyJhbGciOiJub25lIn0.eyJzdWIiOiJib2IifQ.", "[redacted]."),
        ("eyJwYXNzd29yZCI6Imh1bnRlcjIifQ==", "[redacted]"),
        ("eyJhbGciOiJF", "[redacted]"),
    ]);
    leaves(&["eyJhbGciOiJ", "eyJack", "sung long after that: heyJude"]);
}

#[test]
fn a_jti_that_is_no_identifier_is_not_shown() {
    let token = |jti: &str| {
        let payload = data_encoding::BASE64URL_NOPAD.encode(format!(r#"{{"jti":"{jti}"}}"#).as_bytes());
        format!("eyJhbGciOiJFUzI1NiJ9.{payload}.c2ln")
    };
    masks(&[
        (&token(&"a".repeat(64)), &format!("[redacted jti={}]", "a".repeat(64))),
        (&token(&"a".repeat(65)), "[redacted]"),
        (&token(""), "[redacted]"),
        (&token("a b"), "[redacted]"),
        (&token("4111111111111111"), "[redacted jti=****1111]"),
        (&format!("token={}", token("4111111111111111")), "token=[redacted]"),
    ]);
}

#[test]
fn userinfo_of_urls_is_masked() {
    masks(&[
        ("postgres://app:pw@db:5432/x", "postgres://[redacted]@db:5432/x"),
        ("redis://:p@h", "redis://[redacted]@h"),
        ("postgres://u:p@ss/w:o#r?d@db/x", "postgres://[redacted]@db/x"),
        ("postgres://u:12/3@db/x", "postgres://[redacted]@db/x"),
        ("redis://:12/3@h", "redis://[redacted]@h"),
        ("https://u:p/q@host/x", "https://[redacted]@host/x"),
        ("https://token@host/x@y", "https://[redacted]@host/x@y"),
        ("\"amqp://a:b@h1,amqp://c:d@h2\" failed", "\"amqp://[redacted]@h2\" failed"),
        (r"postgres:\/\/u:p@db\/x", r"postgres:\/\/[redacted]@db\/x"),
        ("jdbc:mysql://u:p@db", "jdbc:mysql://[redacted]@db"),
    ]);
    leaves(&[
        "https://example.com/@user",
        "https://example.com:8080/a?b=c@d",
        "https://[::1]:8080/a@b",
        "http://127.0.0.1:8080/docs",
        "s3://bucket/file@2x",
        "sqlite://data/accounts.db?mode=rwc",
        "bob@example.com",
    ]);
}

#[test]
fn query_strings_are_masked() {
    masks(&[
        ("GET /cb?code=abc&state=x", "GET /cb?code=[redacted]&state=x"),
        ("/x?a=1&key=abc", "/x?a=1&key=[redacted]"),
        ("/x?sig=a%2Bb&se=2", "/x?sig=[redacted]&se=2"),
        ("/x?access_token=abc#frag", "/x?access_token=[redacted]"),
        ("user[password]=x&a=1", "user[password]=[redacted]&a=1"),
        (r"/x?password\u003dhunter2\u0026user\u003dbob", r"/x?password\u003d[redacted]\u0026user\u003dbob"),
        ("next=%2Fx%3Fpassword%3Dhunter2%26a%3D1", "next=/x?password=[redacted]&a=1"),
        ("next=%252Fx%253Fpassword%253Dhunter2", "next=/x?password=[redacted]"),
        ("u=postgres%3A%2F%2Fu%3Ap%40h", "u=postgres://[redacted]@h"),
        ("a%0Apassword%3Dx", "a%0Apassword=[redacted]"),
        ("h=Bearer%20abc", "h=Bearer%20[redacted]"),
    ]);
    leaves(&["code=7", "key=user:1", "/x?a=%20b%2Fc", "100%", "%zz", "status code: 404"]);
}

#[test]
fn keys_of_providers_are_masked() {
    masks(&[
        ("AKIAIOSFODNN7EXAMPLE", "[redacted]"),
        ("id AKIAIOSFODNN7EXAMPLE.", "id [redacted]."),
        ("AIzaSyA-1234567890abcdefghijklmnopqrstu", "[redacted]"),
        ("ghp_abcdefghijklmnopqrstuvwxyz0123456789", "[redacted]"),
        ("x glpat-abcdefghij1234567890 y", "x [redacted] y"),
        ("xoxb-123456789012-abcdef", "[redacted]"),
        ("sk_live_abcdefghijk", "[redacted]"),
        ("$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHQ$aGFzaGhhc2g", "[redacted]"),
        ("$2b$12$abcdefghijklmnopqrstuuABCDEFGHIJKLMNOPQRSTUVWXYZ01234", "[redacted]"),
    ]);
    leaves(&[
        "ASIA-PACIFIC-REGION-EAST-1",
        "risk-assessment-of-the-quarter",
        "npm_config_user_agent_string_value",
        "ghp_short",
    ]);
}

#[test]
fn private_keys_are_masked_in_every_form() {
    let begin = "-----BEGIN";
    masks(&[
        (
            &format!("key:\n{begin} PRIVATE KEY-----\nMC4CAQ\nAwBQYD\n-----END PRIVATE KEY-----\nnext"),
            "key:\n[redacted]\nnext",
        ),
        (
            &format!(r#"{begin} EC PRIVATE KEY-----\nMC4C\n-----END EC PRIVATE KEY-----\n" next"#),
            r#"[redacted]\n" next"#,
        ),
        (&format!("{begin} OPENSSH PRIVATE KEY-----\nMC4CAQ"), "[redacted]"),
        (&format!("{begin}+PRIVATE+KEY-----MC4CAQ-----END+PRIVATE+KEY----- x"), "[redacted] x"),
        ("LS0tLS1CRUdJTiBQUklWQVRFIEtFWS0tLS0t", "[redacted]"),
    ]);
    leaves(&[&format!("{begin} CERTIFICATE-----\nMC4C\n-----END CERTIFICATE-----"), "-----", "-----BEGIN"]);
}

#[test]
fn cards_keep_their_last_four_digits() {
    masks(&[
        ("card 4111111111111111 declined", "card ****1111 declined"),
        ("4111 1111 1111 1111", "****1111"),
        ("4111-1111-1111-1111 123", "****1111 123"),
        ("378282246310005", "****0005"),
        ("3782 822463 10005", "****0005"),
        ("30569309025904", "****5904"),
        ("4222222222222", "****2222"),
        ("6304000000000000000", "****0000"),
        ("card4111111111111111x", "card****1111x"),
        (".4111111111111111", ".****1111"),
        ("x.4111111111111111", "x.****1111"),
        ("100000000000009", "****0009"),
        ("600000000000004", "****0004"),
        ("9000000000000001", "****0001"),
        ("2000000000000006", "****0006"),
        ("4000000000006", "****0006"),
        ("6000000000004", "****0004"),
        ("4111 1111 1111 1111 2", "****1111 2"),
        ("411111 1111111111", "****1111"),
        ("41111 11111 11111 1", "****1111"),
        ("4111  1111 1111 1111", "4111  1111 1111 1111"),
        ("4111111111111111 5500005555555559", "****1111 ****5559"),
        ("2026 4111 1111 1111 1111", "2026 ****1111"),
    ]);
    leaves(&[
        "4111111111111112",
        "1.4111111111111111",
        "2000000000008",
        "7000000000003",
        "40000000000002",
        "700000000000003",
        "1000000000000008",
        "1000000000000000009",
        "20000000000006",
        "3000000000007",
        "000000000000000",
        "41 11 11 11 11 11 11 11",
        "411111111111 1111",
        "00000000-4111-1111-1111-1111aaaaaaaa",
        "1732392000123456",
        "0.4111111111111111",
        "41111111111111110000",
        "0000000000000000",
        "2026-11-23 2026-11-24",
        "4bf92f3577b34da6a3ce929d0e0e4736",
        "41111111-1111-1111-8111-111111111111",
        "a4111111111111111e411111111111bb",
    ]);
}

#[test]
fn ibans_keep_country_and_end() {
    masks(&[
        ("DE89370400440532013000", "DE****3000"),
        ("to DE89 3704 0044 0532 0130 00.", "to DE****3000."),
        ("DE89 3704 0044 0532 0130 00", "DE****3000"),
        ("transfer: DE89 3704 0044 0532 0130 00", "transfer: DE****3000"),
        ("gb82west12345698765432", "gb****5432"),
        ("IBAN:NO9386011117947", "IBAN:NO****7947"),
        ("IBANNO9386011117947", "IBANNO****7947"),
        ("IR580540105180021273113007", "IR****3007"),
    ]);
    leaves(&[
        "DE88370400440532013000",
        "XX89370400440532013000",
        "DE8937040044053201300",
        "xDE89370400440532013000",
        "DE8937040044 0532013000",
        "DE89 37040044 0532 0130 00",
        "00000000-0000-0000-0000-be46cf9ea095 done",
        "DE893704004405320130001",
    ]);
}

#[test]
fn addresses_are_masked_if_asked_for() {
    let (plain, asked) = (Redactor::default(), Redactor::with(&[], true, false));
    for (text, expected) in [
        ("mail to bob.b+x@example.com now", "mail to ***@example.com now"),
        ("<bob@a.b.co>", "<***@a.b.co>"),
        ("bob@a-b.c", "***@a-b.c"),
        ("bob@_a.b", "***@_a.b"),
        ("رضا@example.com", "***@example.com"),
        ("bob@دامنه.ایران", "***@دامنه.ایران"),
        ("bob@example.com,eve@example.com", "***@example.com,***@example.com"),
    ] {
        assert_eq!(plain.redact(text), text);
        assert_eq!(asked.redact(text), expected);
        assert_eq!(asked.redact(expected), expected);
    }
    for text in [
        "root@localhost",
        "a @b.c",
        "a@ b.c",
        "@b.c",
        "a@.c",
        "a@b.",
        "a@b. c",
        "a@b c.d",
        "a@b/c.d",
        "+98 912 345 6789",
    ] {
        assert_eq!(asked.redact(text), text);
    }
    let long = format!("{}@example.com", "é".repeat(200));
    assert!(asked.redact(&long).ends_with("é***@example.com"));
}

#[test]
fn telephone_numbers_are_masked_if_asked_for() {
    let (plain, asked) = (Redactor::default(), Redactor::with(&[], false, true));
    for (text, expected) in [
        ("call +98 912 345 6789 now", "call [phone] now"),
        ("call +989123456789.", "call [phone]."),
        ("call +1 (555) 123-4567", "call [phone]"),
        ("call (0912) 345/6789", "call ([phone]"),
        ("call 09123456789", "call [phone]"),
        ("call 091234567", "call [phone]"),
        ("call 0098 912 345 6789", "call [phone]"),
        ("call 555-123-4567", "call [phone]"),
        ("+12345678", "[phone]"),
        ("+123456789012345", "[phone]"),
        ("+98 912 345 6789 2026", "[phone] 2026"),
        ("+98 912 345 6789 +98 912 345 6780", "[phone] [phone]"),
    ] {
        assert_eq!(plain.redact(text), text);
        assert_eq!(asked.redact(text), expected);
        assert_eq!(asked.redact(expected), expected);
    }
    for text in [
        "bob@example.com",
        "127.0.0.1:8080",
        "took 1234567 ns",
        "2026-11-23T21:13:13.000001Z",
        "v1.2.3",
        "20261123",
        "a09123456789",
        "-09123456789",
        ".09123456789",
        ":09123456789",
        "_09123456789",
        "/09123456789",
        "09123456789a",
        "09123456789:",
        "09123456789_",
        "+1234567",
        "+1234567890123456",
        "01234567",
        "012345678901",
        "5551234567",
        "55-512-34567",
        "5555-12-3456",
        "555-1234567",
        "555-12-345-67",
        "1-2-3",
    ] {
        assert_eq!(asked.redact(text), text);
    }
}

#[test]
fn elements_options_and_sql_are_masked() {
    masks(&[
        ("<a><Password>x y</Password></a>", "<a><Password>[redacted]</Password></a>"),
        ("<ns:pin type=\"s\">1234</ns:pin>", "<ns:pin type=\"s\">[redacted]</ns:pin>"),
        ("<secret><![CDATA[a<b]]></secret>", "<secret>[redacted]<b]]></secret>"),
        ("mysql --password hunter2 -u x", "mysql --password [redacted] -u x"),
        ("ALTER ROLE x PASSWORD 'a b'", "ALTER ROLE x PASSWORD '[redacted]'"),
        ("CREATE USER x IDENTIFIED BY 'a'", "CREATE USER x IDENTIFIED BY '[redacted]'"),
    ]);
    leaves(&["expected Option<Token> but got None", "unexpected token '}'", "<br/>", "<password/>x"]);
}

#[test]
fn more_names_can_be_added() {
    let redactor = Redactor::with(&["national-code".to_owned()], false, false);
    assert_eq!(redactor.redact("user.NationalCode=0012345678"), "user.NationalCode=[redacted]");
    assert!(redactor.is_secret("national_code") && !redactor.is_secret("country_code"));
    assert_eq!(Redactor::with(&["x".to_owned()], false, false).redact("x=y"), "x=[redacted]");
}

#[test]
fn fields_are_masked_by_name_or_by_form() {
    let redactor = Redactor::default();
    assert_eq!(redactor.redact_field("db_password", "a b c"), "[redacted]");
    assert_eq!(redactor.redact_field("db_password", ""), "");
    assert_eq!(redactor.redact_field("token", JWT), format!("[redacted jti={JTI}]"));
    assert_eq!(redactor.redact_field("note", "password=x"), "password=[redacted]");
    assert!(matches!(redactor.redact_field("path", "/v1/users"), Cow::Borrowed("/v1/users")));
}

#[test]
fn what_only_pretends_to_be_masked_is_masked() {
    masks(&[
        ("password=[redacted]hunter2", "password=[redacted]"),
        ("password=[redacted hunter2]", "password=[redacted]"),
        ("password=[redacted", "password=[redacted]"),
    ]);
}
