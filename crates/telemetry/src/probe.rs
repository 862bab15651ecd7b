//! How the facts are learnt: canaries are logged, and looked for in what would have been written.

use std::fmt;
use std::sync::LazyLock;

use archirust_core::config::{Origins, Profile};
use archirust_core::hardening::{Observed, Source};
use data_encoding::{BASE64, BASE64URL_NOPAD};
use serde_json::Value;
use tracing::{Dispatch, error, info, info_span};
use tracing_core::Subscriber;

use crate::config::LogSettings;
use crate::facts::LogFacts;
use crate::logs::log_panic;
use crate::testing::Buffer;

/// The positive control: it must arrive, or nothing was learnt.
const CONTROL: &str = "01900000-0000-7000-8000-0000a7c41000";

const SECRET: &str = "archi-canary-5Yd";
const CARD: &str = "4000056655665556";
const IBAN: &str = "GB33BUKB20201555555555";
const EMAIL_ADDRESS: &str = "archi-canary@example.com";
const PHONE: &str = "912 000 4321";
const FORGED: &str = "archi-forged";

/// Lines that [`log_canaries`] makes, but for those that are asked for.
const LINES: usize = 10;

struct Canaries {
    /// A token whose payload is a canary.
    jwt: String,
    /// What must not be seen of it.
    payload: String,
    basic: String,
}

static CANARIES: LazyLock<Canaries> = LazyLock::new(|| {
    let payload = BASE64URL_NOPAD.encode(format!(r#"{{"jti":"archi","sub":"{SECRET}"}}"#).as_bytes());
    Canaries {
        jwt: format!(
            "{}.{payload}.{}",
            BASE64URL_NOPAD.encode(br#"{"alg":"ES256"}"#),
            BASE64URL_NOPAD.encode(&[7; 64])
        ),
        payload,
        basic: BASE64.encode(format!("archi:{SECRET}").as_bytes()),
    }
});

/// Logs canaries through any subscriber that writes to the buffer which `subscriber` is given, and tells what became of
/// them. [`Logs::probe`](crate::Logs::probe) does it for the logs that will be installed.
pub fn probe_subscriber<S>(
    settings: &LogSettings,
    profile: Profile,
    origins: &Origins,
    subscriber: impl FnOnce(Buffer) -> S,
) -> LogFacts
where
    S: Subscriber + Send + Sync + 'static,
{
    let buffer = Buffer::default();
    let dispatch = Dispatch::new(subscriber(buffer.clone()));
    tracing::dispatcher::with_default(&dispatch, || log_canaries(settings));
    let text = buffer.text();
    let arrived = text.contains(CONTROL);
    let seen = |found: Vec<&'static str>, attempt: &str| {
        if arrived {
            let control = "the request id arrived".to_owned();
            Observed::Seen(found, Source::Attempt { attempt: attempt.to_owned(), control })
        } else {
            Observed::not_seen("the request id, which had to arrive in the log, did not")
        }
    };
    LogFacts {
        profile: Observed::system(profile, "the profile"),
        format: Observed::setting(settings.format.effective(profile), origins, "log.format"),
        secrets: seen(secrets_in(&text), "logging canary secrets"),
        people: seen(people_in(&text, settings), "logging canary numbers and addresses"),
        missing: seen(missing_in(&text), "reading the lines as JSON"),
        forged: seen(
            forged_in(&text, LINES + usize::from(settings.redact_email || settings.redact_phone)),
            "logging line ends and escapes",
        ),
    }
}

fn log_canaries(settings: &LogSettings) {
    let Canaries { jwt, basic, .. } = &*CANARIES;
    let span = info_span!("probe", request_id = CONTROL, db_password = SECRET);
    let _entered = span.enter();
    info!(password = SECRET, "a field");
    info!("headers: Authorization: Custom {SECRET}");
    info!("bearer: sent Bearer {SECRET}");
    info!("basic: sent Basic {basic}");
    info!(note = %format_args!("a token {jwt} in a text"), "a token");
    let unavailable = Unavailable(std::io::Error::other(format!("no answer of redis://:{SECRET}@127.0.0.1:6379/0")));
    error!(error = &unavailable as &dyn std::error::Error, "an error");
    info!(login = ?Login { user: "archi", password: SECRET }, query = %format_args!("/cb?x=1&access_token={SECRET}"), "a struct");
    info!(card = 4_000_056_655_665_556_u64, "paid with 4000 0566 5566 5556 from {IBAN}, not {CARD}");
    info!("a\r\n{{\"level\":\"ERROR\",\"message\":\"{FORGED}\"}}\u{1b}[2K\u{2028}{FORGED}");
    log_panic(&format!("called with {{\"secret\":\"{SECRET}\"}}"), "probe.rs:1:1", None);
    if settings.redact_email || settings.redact_phone {
        info!("call +98 {PHONE} or write to {EMAIL_ADDRESS}");
    }
}

#[derive(Debug)]
#[expect(dead_code, reason = "they are read by `Debug`")]
struct Login {
    user: &'static str,
    password: &'static str,
}

/// An error whose cause holds a secret.
#[derive(Debug)]
struct Unavailable(std::io::Error);

impl fmt::Display for Unavailable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the cache is not available")
    }
}

impl std::error::Error for Unavailable {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.0)
    }
}

fn secrets_in(text: &str) -> Vec<&'static str> {
    let Canaries { payload, basic, .. } = &*CANARIES;
    let mut found = Vec::new();
    for line in text.lines().filter(|line| line.contains(SECRET)) {
        // The place tells what was not masked. Each line has one.
        let place = [
            ("a field", "a password in a field"),
            ("a struct", "a password in a struct or a token in a query"),
            ("headers", "a header"),
            ("bearer", "a bearer token"),
            ("an error", "a password in a URL in the cause of an error"),
            ("panicked", "a secret in a panic"),
        ];
        let place =
            place.iter().find(|(message, _)| line.contains(message)).map_or("a secret in a span", |(_, place)| *place);
        if !found.contains(&place) {
            found.push(place);
        }
    }
    found.extend(
        [(payload, "a token"), (basic, "basic credentials")]
            .iter()
            .filter(|(canary, _)| text.contains(*canary))
            .map(|(_, name)| name),
    );
    found
}

fn people_in(text: &str, settings: &LogSettings) -> Vec<&'static str> {
    [
        (true, CARD, "a card number"),
        (true, "4000 0566 5566 5556", "a card number in groups"),
        (true, IBAN, "an IBAN"),
        (settings.redact_email, EMAIL_ADDRESS, "an e-mail address"),
        (settings.redact_phone, PHONE, "a telephone number"),
    ]
    .iter()
    .filter(|(asked, canary, _)| *asked && text.contains(canary))
    .map(|(_, _, name)| *name)
    .collect()
}

fn missing_in(text: &str) -> Vec<&'static str> {
    let mut missing = Vec::new();
    for line in text.lines() {
        let Ok(Value::Object(line)) = serde_json::from_str(line) else {
            return vec!["JSON"];
        };
        for member in ["timestamp", "level", "message", "service", "request_id"] {
            if !line.get(member).is_some_and(Value::is_string) && !missing.contains(&member) {
                missing.push(member);
            }
        }
        let timestamp = line.get("timestamp").and_then(Value::as_str);
        if timestamp.is_some_and(|at| at.parse::<archirust_core::Timestamp>().is_err()) && !missing.contains(&"offset")
        {
            missing.push("an offset in the timestamp");
        }
    }
    missing
}

fn forged_in(text: &str, lines: usize) -> Vec<&'static str> {
    let mut found = Vec::new();
    if text.split('\n').filter(|line| !line.is_empty()).count() != lines || text.contains('\r') {
        found.push("an end of line");
    }
    if text.contains("\u{1b}[2K") {
        found.push("an escape sequence");
    }
    if text.contains('\u{2028}') {
        found.push("a line separator");
    }
    found
}
