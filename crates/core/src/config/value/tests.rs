use std::net::SocketAddr;
use std::num::NonZeroU32;
use std::path::PathBuf;
use std::time::Duration;

use ipnet::IpNet;
use proptest::prelude::*;
use url::Url;

use super::*;
use crate::Secret;
use crate::config::Profile;
use crate::secret::StrongKey;

/// Reads the TOML value as a file would give it.
fn toml<T: SettingValue>(value: &str) -> Result<T, Malformed> {
    T::from_raw(&Raw::of_toml(toml::de::DeValue::parse(value).unwrap().get_ref()))
}

#[test]
fn amounts_of_bytes_have_binary_and_decimal_units() {
    for (text, bytes) in [
        ("0", 0),
        ("512", 512),
        ("1B", 1),
        ("1 kB", 1000),
        ("1KiB", 1024),
        ("64 MiB", 64 << 20),
        (" 10 MB ", 10_000_000),
        ("2 gib", 2 << 30),
        ("1 TiB", 1 << 40),
        ("3 TB", 3_000_000_000_000),
        ("18446744073709551615", u64::MAX),
    ] {
        assert_eq!(ByteSize::from_text(text), Ok(ByteSize(bytes)), "{text}");
    }
    for text in ["", "MiB", "1.5 MiB", "-1", "1 M", "1 parsec", "18446744073709551616", "16777216 TiB", "1 Mi B", "١"]
    {
        assert!(ByteSize::from_text(text).is_err(), "{text}");
    }
    assert_eq!(toml("1024"), Ok(ByteSize::kib(1)));
    assert_eq!(toml("'1 GiB'"), Ok(ByteSize::gib(1)));
    assert!(toml::<ByteSize>("-1").is_err() && toml::<ByteSize>("1.5").is_err());
}

#[test]
fn amounts_of_bytes_are_written_in_the_largest_unit_that_is_whole() {
    for (bytes, text) in [
        (0, "0 B"),
        (1, "1 B"),
        (1000, "1 kB"),
        (1024, "1 KiB"),
        (1536, "1536 B"),
        (1_024_000, "1000 KiB"),
        (2 << 30, "2 GiB"),
        (5_000_000_000, "5 GB"),
    ] {
        assert_eq!(ByteSize(bytes).to_string(), text);
    }
    assert_eq!((ByteSize::kib(2).bytes(), ByteSize::mib(1).as_usize()), (2048, 1 << 20));
}

#[test]
fn durations_always_have_a_unit() {
    for (text, duration) in [
        ("500ms", Duration::from_millis(500)),
        ("30s", Duration::from_secs(30)),
        ("15m", Duration::from_secs(900)),
        ("1h 30m", Duration::from_secs(5400)),
        ("1h30m", Duration::from_secs(5400)),
        ("2 hours", Duration::from_secs(7200)),
        ("1d", Duration::from_secs(86_400)),
        ("2w", Duration::from_secs(14 * 86_400)),
        ("0", Duration::ZERO),
        ("0s", Duration::ZERO),
    ] {
        assert_eq!(Duration::from_text(text), Ok(duration), "{text}");
    }
    for text in ["", "15", "-5m", "5m ago", "soon", "1mo", "1y", "m", "99999999999999999999s"] {
        assert!(Duration::from_text(text).is_err(), "{text}");
    }
    assert_eq!(toml("'15m'"), Ok(Duration::from_secs(900)));
    assert_eq!(toml::<Duration>("15").unwrap_err().found, Some("an integer"));
}

#[test]
fn numbers_keep_within_their_types() {
    assert_eq!((u8::from_text("255"), toml("255")), (Ok(255), Ok(255_u8)));
    assert!(u8::from_text("256").is_err() && toml::<u8>("256").is_err() && toml::<u8>("-1").is_err());
    assert_eq!((i64::from_text(" -3 "), toml("0x10")), (Ok(-3), Ok(16_i64)));
    assert_eq!(toml("18446744073709551615"), Ok(u64::MAX));
    assert_eq!(toml::<u16>("'80'").unwrap_err().found, Some("a string"));
    assert_eq!(toml::<u16>("80.0").unwrap_err().found, Some("a float"));
    assert!(NonZeroU32::from_text("0").is_err() && toml::<NonZeroU32>("0").is_err());
    assert_eq!(toml("1"), Ok(NonZeroU32::MIN));
    assert_eq!((f64::from_text("1e3"), toml("2")), (Ok(1000.0), Ok(2.0)));
    assert!(f64::from_text("inf").is_err() && f64::from_text("NaN").is_err() && toml::<f64>("inf").is_err());
    assert_eq!(u64::value_type().accepted, "a whole number, 0 or more");
    assert_eq!(i8::value_type().accepted, "a whole number from -128 to 127");
    assert_eq!(NonZeroU32::value_type().shape, Shape::Integer { min: 1, max: u32::MAX.into() });
}

#[test]
fn booleans_are_true_or_false_and_nothing_else() {
    assert_eq!((bool::from_text("true"), toml("false")), (Ok(true), Ok(false)));
    for text in ["", "1", "yes", "True", "on"] {
        assert!(bool::from_text(text).is_err(), "{text}");
    }
    assert!(toml::<bool>("'true'").is_err() && toml::<bool>("1").is_err());
}

#[test]
fn text_is_not_made_of_other_kinds() {
    assert_eq!(toml("'8080'"), Ok("8080".to_owned()));
    for value in ["8080", "true", "1.5", "2026-01-01", "[]", "{ a = 1 }"] {
        assert!(toml::<String>(value).unwrap_err().found.is_some(), "{value}");
    }
}

#[test]
fn addresses_and_paths_are_checked() {
    assert!(SocketAddr::from_text("127.0.0.1:8080").is_ok() && SocketAddr::from_text("[::1]:1").is_ok());
    assert!(SocketAddr::from_text("localhost:8080").is_err() && SocketAddr::from_text("127.0.0.1").is_err());
    assert!(IpNet::from_text("10.0.0.0/8").is_ok() && IpNet::from_text("10.0.0.0/33").is_err());
    assert!(PathBuf::from_text("").is_err() && PathBuf::from_text(" ").is_err() && PathBuf::from_text("a\0b").is_err());
    assert_eq!(PathBuf::from_text("data/x"), Ok("data/x".into()));
    assert_eq!(Profile::from_text("staging"), Ok(Profile::Staging));
    assert!(Profile::from_text("Staging").is_err() && Profile::from_text("").is_err());
}

#[test]
fn a_url_holds_no_credentials() {
    assert_eq!(Url::from_text("https://example.org/a").unwrap().to_text(), "https://example.org/a");
    for text in ["https://user:pass@example.org", "https://user@example.org", "redis://:pass@example.org"] {
        assert_eq!(Url::from_text(text), Err(Malformed::because("holds credentials")), "{text}");
    }
    assert!(Url::from_text("example.org").is_err() && Url::from_text("").is_err());
}

#[test]
fn lists_name_the_entry_that_is_refused_and_never_show_it() {
    assert_eq!(Vec::<u8>::from_text("1, 2,3"), Ok(vec![1, 2, 3]));
    assert_eq!(Vec::<u8>::from_text("[1, 2]"), Ok(vec![1, 2]));
    assert_eq!(Vec::<String>::from_text("['a, b', \"c\"]"), Ok(vec!["a, b".to_owned(), "c".to_owned()]));
    assert_eq!(Vec::<u8>::from_text(" "), Ok(vec![]));
    assert_eq!(toml("[]"), Ok(Vec::<u8>::new()));
    let refused = |text: &str| Vec::<u8>::from_text(text).unwrap_err().to_string();
    assert_eq!(refused("1,xyz"), "entry 2 is not accepted");
    assert_eq!(refused("1,,3"), "entry 2 is not accepted");
    assert_eq!(refused("[1, 'xyz']"), "entry 2 is a string");
    assert_eq!(refused("[1, xyz"), "is not a list in brackets");
    assert_eq!(refused("[1] xyz"), "is not a list in brackets");
    assert_eq!(toml::<Vec<u8>>("1").unwrap_err().found, Some("an integer"));
    assert_eq!(toml::<Vec<u8>>("'1,2'").unwrap_err().found, Some("a string"));
}

#[test]
fn secrets_are_neither_empty_nor_placeholders_and_show_their_length_only() {
    for text in
        ["", " \n", "changeme", "CHANGE-ME", "change_me_123", "<password>", "${PASSWORD}", "{{ password }}", "todo"]
    {
        assert_eq!(Secret::<String>::from_text(text).unwrap_err().rule, Some("ARCHI-CFG-006"), "{text}");
    }
    for text in ["hunter2", "<", "{}", "p@/:#ss", " padded ", "changeme but not only"] {
        assert_eq!(Secret::<String>::from_text(text).unwrap().expose(), text);
    }
    assert_eq!(Secret::<String>::from_text("گذرواژه").unwrap().to_text(), "7 characters");
    assert_eq!(Vec::<Secret<String>>::from_text("a1,b2").unwrap().to_text(), "2 entries");
    assert_eq!(Vec::<Secret<String>>::from_text("a1").unwrap().to_text(), "1 entry");
    let key = StrongKey::from_text("O5oOcdRc8hiG408nuWDNlRJ-qFPfBGv5McaNQuofdLA").unwrap();
    assert_eq!(key.to_text(), "32 bytes");
    assert_eq!(StrongKey::from_text(" ").unwrap_err().rule, Some("ARCHI-CFG-006"));
    assert_eq!(StrongKey::from_text("short").unwrap_err().rule, Some("ARCHI-CFG-007"));
    let strengths = Vec::<StrongKey>::key_strengths(&Raw::text("changeme,O5oOcdRc8hiG408nuWDNlRJ-qFPfBGv5McaNQuofdLA"));
    assert_eq!(strengths.iter().map(crate::secret::KeyStrength::is_strong).collect::<Vec<_>>(), [false, true]);
    const { assert!(Vec::<StrongKey>::SECRET && Option::<Secret<String>>::SECRET && !Vec::<String>::SECRET) };
}

#[test]
fn a_raw_value_never_shows_in_debug_output() {
    for raw in [Raw::text("hunter2"), Raw::Integer(1234), Raw::Array(vec![Raw::text("hunter2")])] {
        let debug = format!("{raw:?}");
        assert!(!debug.contains("hunter2") && !debug.contains("1234"), "{debug}");
    }
}

#[test]
fn ranges_include_both_ends_and_may_be_open() {
    let within = |value: u8, range: &str| within(&value, range);
    for (value, range, expected) in [
        (1, "1..=3", true),
        (3, "1..=3", true),
        (0, "1..=3", false),
        (4, "1..=3", false),
        (1, " 1 ..= 1 ", true),
        (2, "2..", true),
        (1, "2..", false),
        (2, "..=2", true),
        (3, "..=2", false),
    ] {
        assert_eq!(within(value, range), Ok(expected), "{value} in {range}");
    }
    for range in ["", "..", "..=", "1..3", "3..=1", "a..=b", "1-3", "1..=256"] {
        assert_eq!(within(1, range), Err(InvalidRange), "{range}");
    }
    assert_eq!(true.is_within("0..=1"), Err(InvalidRange));
    assert_eq!(Some(4_u8).is_within("1..=3"), Ok(false));
    assert_eq!(None::<u8>.is_within("1..=3"), Ok(true));
    assert_eq!("äöü".to_owned().is_within("..=3"), Ok(true));
    assert_eq!(vec![1_u8; 4].is_within("..=3"), Ok(false));
}

proptest! {
    #[test]
    fn durations_are_read_back_as_they_are_written(millis in 0_u64..100_000_000_000) {
        let duration = Duration::from_millis(millis);
        prop_assert_eq!(Duration::from_text(&duration.to_text()), Ok(duration));
    }

    #[test]
    fn amounts_of_bytes_are_read_back_as_they_are_written(bytes in any::<u64>()) {
        prop_assert_eq!(ByteSize::from_text(&ByteSize(bytes).to_text()), Ok(ByteSize(bytes)));
    }

    #[test]
    fn any_text_is_read_without_a_panic_and_no_refusal_shows_it(text in "\\PC{4,40}") {
        prop_assume!(text.trim().len() > 3);
        fn refusal<T: SettingValue>(text: &str) -> String {
            T::from_text(text).err().map(|malformed| malformed.to_string()).unwrap_or_default()
        }
        for message in [
            refusal::<Duration>(&text),
            refusal::<ByteSize>(&text),
            refusal::<u32>(&text),
            refusal::<f64>(&text),
            refusal::<Url>(&text),
            refusal::<Vec<IpNet>>(&text),
            refusal::<StrongKey>(&text),
        ] {
            prop_assert!(!message.contains(text.trim()), "{message}");
        }
    }
}
