//! What a line looks like, and what never is in one.
#![expect(clippy::unwrap_used, reason = "helpers of tests")]

use std::fmt;
use std::sync::Arc;

use archirust_core::clock::ManualClock;
use archirust_core::config::Profile;
use archirust_core::{Error, ErrorKind, Timestamp};
use archirust_telemetry::testing::{Buffer, capture};
use archirust_telemetry::{LogFormat, LogSettings, Logs};
use proptest::prelude::*;
use tracing::{debug, error, info, info_span, warn};
use tracing_subscriber::Registry;
use tracing_subscriber::layer::SubscriberExt;

const CANARY: &str = "canary-7Kq";

/// The lines of what `log` logs, in a format and at a fixed time.
fn lines_of(format: LogFormat, log: impl FnOnce()) -> String {
    let settings = LogSettings { format, ..LogSettings::default() };
    let clock = ManualClock::at(Timestamp::from_microsecond(1_700_000_000_000_042).unwrap());
    let logs = Logs::with_clock(&settings, Profile::Staging, "accounts", Arc::new(clock)).unwrap();
    let buffer = Buffer::default();
    tracing::subscriber::with_default(Registry::default().with(logs.layer(buffer.clone())), log);
    buffer.text()
}

fn log_of_everything() {
    let span = info_span!(target: "t", "request", request_id = "r-1", user = "bob b", size = 3);
    span.in_scope(|| {
        let inner = info_span!(target: "t", "query", rows = tracing::field::Empty, name = "users");
        inner.record("rows", 1);
        inner.record("rows", 2);
        inner.in_scope(|| {
            info!(
                target: "t", method = "GET", path = "/v1/users", status = 200_u64, took = 1.5, negative = -1, yes = true,
                nan = f64::NAN, big = u128::MAX, debug = ?Some("x"), display = %"y z", r#type = "raw", empty = "", trace_id = "t-1",
                "request finished"
            );
        });
    });
    warn!(target: "t", "nothing but a message");
    debug!(target: "t", only = "a field");
}

#[test]
fn a_line_of_json_has_everything_in_its_place() {
    insta::assert_snapshot!(lines_of(LogFormat::Json, log_of_everything));
}

#[test]
fn a_readable_line_has_everything_in_its_place() {
    insta::assert_snapshot!(lines_of(LogFormat::Pretty, log_of_everything));
}

#[test]
fn every_line_of_json_can_be_read_and_has_what_is_expected() {
    let text = lines_of(LogFormat::Json, log_of_everything);
    for line in text.lines() {
        let line: serde_json::Value = serde_json::from_str(line).unwrap();
        for member in ["timestamp", "level", "target", "message", "service", "profile"] {
            assert!(line[member].is_string(), "{member} in {line}");
        }
    }
}

#[test]
fn ids_come_from_the_nearest_span_and_the_event_wins() {
    let logs = capture();
    info_span!("outer", request_id = "outer", trace_id = "t").in_scope(|| {
        info!("in outer");
        let inner = info_span!("inner", request_id = tracing::field::Empty);
        inner.in_scope(|| info!("before"));
        inner.record("request_id", "inner");
        inner.in_scope(|| {
            info!("in inner");
            info!(request_id = 7, "in event");
        });
    });
    info!("outside");
    let id = |message: &str| logs.event(message)["request_id"].clone();
    assert_eq!(id("in outer"), "outer");
    assert_eq!(id("before"), "outer");
    assert_eq!(id("in inner"), "inner");
    assert_eq!(id("in event"), "7");
    assert!(id("outside").is_null());
    assert_eq!(logs.event("in inner")["trace_id"], "t");
    assert_eq!(logs.event("in event")["fields"], serde_json::Value::Null);
}

#[test]
fn a_value_that_is_recorded_again_replaces_the_older_one() {
    let logs = capture();
    let span = info_span!("s", a = 1, b = "x", c = true);
    span.record("b", "yy");
    span.record("a", 22);
    span.in_scope(|| info!("now"));
    assert_eq!(logs.event("now")["spans"][0], serde_json::json!({"name": "s", "a": 22, "b": "yy", "c": true}));
    assert_eq!(logs.text().matches("\"b\"").count(), 1);
}

#[derive(Debug)]
#[expect(dead_code, reason = "it is read by `Debug`")]
struct Login {
    password: &'static str,
}

#[test]
fn secrets_are_masked_wherever_they_are_logged() {
    let logs = capture();
    let span = info_span!("s", api_key = CANARY, note = %format_args!("token={CANARY}"), late = tracing::field::Empty);
    span.record("late", format!("Bearer {CANARY}"));
    span.in_scope(|| {
        info!(password = CANARY, user_password = ?CANARY, secret = %CANARY, otp = 123_456, has_token = true, "in fields");
        info!("in a message: password={CANARY} and {{\"password\":\"{CANARY}\"}}");
        info!(login = ?Login { password: CANARY }, "in a struct");
        info!(card = 4_111_111_111_111_111_u64, also = 4_111_111_111_111_111_i64, large = 4_111_111_111_111_111_u128, "cards");
        info!(error = &Error::new(ErrorKind::Database).with_detail(format!("dsn=postgres://u:{CANARY}@h")) as &dyn std::error::Error, "e");
        error!(error = ?Error::internal(format!("secret: {CANARY}")), "debug of an error");
    });
    logs.assert_absent(&[CANARY, "123456", "4111111111111111"]);
    let fields = &logs.event("in fields")["fields"];
    assert_eq!(fields["password"], "[redacted]");
    assert_eq!(fields["otp"], "[redacted]");
    assert_eq!(fields["has_token"], true);
    assert_eq!(logs.event("cards")["fields"]["card"], "****1111");
    assert_eq!(logs.event("in a struct")["fields"]["login"], "Login { password: \"[redacted]\" }");
}

#[test]
fn the_causes_of_an_error_are_logged_once_each() {
    #[derive(Debug)]
    struct Outer(Error);
    impl fmt::Display for Outer {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("cannot start")
        }
    }
    impl std::error::Error for Outer {
        fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
            Some(&self.0)
        }
    }
    let logs = capture();
    let disk = std::io::Error::other("disk gone");
    let error = Outer(Error::new(ErrorKind::Database).with_detail("insert: disk gone").with_source(disk));
    error!(error = &error as &dyn std::error::Error, "failed");
    assert_eq!(logs.event("failed")["fields"]["error"], "cannot start: database_error: insert: disk gone");
}

#[test]
fn a_value_that_fails_to_show_itself_does_not_lose_the_line() {
    struct Broken;
    impl fmt::Display for Broken {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("half")?;
            Err(fmt::Error)
        }
    }
    let logs = capture();
    info!(value = %Broken, "still here");
    assert_eq!(logs.event("still here")["fields"]["value"], "half (this value could not be shown)");
}

#[test]
fn a_line_that_cant_be_written_disturbs_nobody() {
    struct Full;
    impl std::io::Write for Full {
        fn write(&mut self, _: &[u8]) -> std::io::Result<usize> {
            Err(std::io::ErrorKind::StorageFull.into())
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Err(std::io::ErrorKind::StorageFull.into())
        }
    }
    let logs = Logs::new(&LogSettings::default(), Profile::Production, "x").unwrap();
    tracing::subscriber::with_default(Registry::default().with(logs.layer(|| Full)), || info!("lost"));
    assert_eq!(logs.lost(), 1);
}

#[test]
fn a_line_is_written_by_one_call() {
    #[derive(Clone, Default)]
    struct Calls(Arc<std::sync::Mutex<Vec<usize>>>);
    impl std::io::Write for Calls {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap().push(bytes.len());
            Ok(bytes.len())
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    let logs = Logs::new(&LogSettings::default(), Profile::Production, "x").unwrap();
    let calls = Calls::default();
    let writer = calls.clone();
    tracing::subscriber::with_default(Registry::default().with(logs.layer(move || writer.clone())), || {
        info!(text = "x".repeat(100_000), "long");
        info!("short");
    });
    let calls = calls.0.lock().unwrap();
    assert!(calls.len() == 2 && calls[0] > 100_000 && calls[1] < 300, "{calls:?}");
}

#[test]
fn a_filter_that_is_not_valid_is_an_error() {
    let settings = LogSettings { level: "inof".to_owned(), ..LogSettings::default() };
    let error = Logs::new(&settings, Profile::Production, "x").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Configuration);
    insta::assert_snapshot!(error.report(), @"configuration: log.level is wrong in part 1: expected a level, or `target=level`; the levels are off, error, warn, info, debug, trace");
}

#[test]
fn colours_are_never_written_to_a_file_or_a_pipe() {
    assert!(!lines_of(LogFormat::Pretty, log_of_everything).contains('\u{1b}'));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn no_text_makes_a_line_or_breaks_one(
        text in any::<String>(),
        other in "[\\x00-\\x1f\"\\\\{}:,\u{80}-\u{9f}\u{2028}\u{2029}\u{202e}]{0,20}",
    ) {
        let log = || {
            let span = info_span!("s", text = text.as_str(), other = %other);
            span.in_scope(|| info!(text = ?text, other = other.as_str(), request_id = other.as_str(), "{text}{other}"));
        };
        for format in [LogFormat::Json, LogFormat::Pretty] {
            let written = lines_of(format, log);
            let line = written.strip_suffix('\n').unwrap();
            let forbidden = |c: char| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
            prop_assert!(!line.contains(forbidden), "{line:?}");
            if format == LogFormat::Json {
                prop_assert!(serde_json::from_str::<serde_json::Value>(line).is_ok(), "{line}");
            }
        }
    }
}
