//! Logs of a whole process: `tracing`, `log` and panics in one file. One test, as a process has one log.

use std::fmt;
use std::os::unix::fs::PermissionsExt;

use archirust_core::ErrorKind;
use archirust_core::config::Profile;
use archirust_telemetry::{LogOutput, LogSettings, Metrics, init};

const CANARY: &str = "canary-7Kq";

struct Chatty;

impl fmt::Debug for Chatty {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        tracing::info!("logged by a value while it is logged, password={CANARY}");
        f.write_str("chatty")
    }
}

#[test]
fn everything_reaches_the_file_masked_and_filtered() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("log");
    let settings = LogSettings {
        level: "info,quiet=error".to_owned(),
        output: LogOutput::File(path.clone()),
        redact_fields: vec!["nickname".to_owned()],
        ..LogSettings::default()
    };
    let guard = init(&settings, Profile::Production, "accounts").unwrap();

    tracing::info!(nickname = CANARY, "from tracing");
    tracing::info!(value = ?Chatty, "with a value that logs");
    tracing::debug!("below the level");
    tracing::info!(target: "quiet", "quiet");
    log::info!("from log with password={CANARY}");
    log::warn!(target: "evil\n{\"token\":\"canary-7Kq\"}", "a target that anyone made");
    log::debug!("also below the level");
    let panicked = std::thread::Builder::new()
        .name("worker".to_owned())
        .spawn(|| panic!("token={CANARY}\nsecond line"))
        .unwrap()
        .join();
    assert!(panicked.is_err());
    assert_eq!(init(&settings, Profile::Production, "again").unwrap_err().kind(), ErrorKind::Configuration);
    assert_eq!(guard.lost(), 0);
    let metrics = Metrics::new();
    guard.register(&metrics);
    assert!(metrics.encode().unwrap().contains("\nlog_lines_lost_total 0\n"));
    assert!(guard.redactor().is_secret("nickname"));
    drop(guard);

    let text = std::fs::read_to_string(&path).unwrap();
    assert!(!text.contains(CANARY), "{text}");
    let events: Vec<serde_json::Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let messages: Vec<_> = events.iter().map(|event| event["message"].as_str().unwrap()).collect();
    assert_eq!(
        messages,
        [
            "from tracing",
            "logged by a value while it is logged, password=[redacted]",
            "with a value that logs",
            "from log with password=[redacted]",
            "a target that anyone made",
            "panicked: token=[redacted]\nsecond line",
        ]
    );
    assert_eq!(events[3]["target"], "installed");
    assert!(events[3]["fields"].is_null(), "where a record of `log` comes from is no field");
    assert_eq!(events[4]["target"], "evil\n{\"token\":\"[redacted]\"}");
    let panic = &events[5];
    assert_eq!((&panic["level"], &panic["target"]), (&"ERROR".into(), &"panic".into()));
    assert_eq!(panic["fields"]["thread"], "worker");
    assert!(panic["fields"]["location"].as_str().unwrap().contains("installed.rs:"));
    assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o137, 0);
}
