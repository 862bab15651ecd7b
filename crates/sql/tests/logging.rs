//! What gets into the log: nothing by default, texts without values where it is asked for. One test, since the subscriber
//! has to be that of the process: SQLite works on threads of its own.
#![allow(clippy::unwrap_used, reason = "a test")]

mod common;

use std::io;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use archirust_sql::SqlSettings;
use common::{add, count, folder, settings, words};

#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl Lines {
    fn take(&self) -> String {
        String::from_utf8(std::mem::take(&mut *self.0.lock().unwrap())).unwrap()
    }
}

impl io::Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

const CANARY: &str = "canary-4711";

async fn log_of(settings: SqlSettings, lines: &Lines) -> String {
    let db = words(&settings).await;
    db.unit_of_work(async |tx| add(tx, CANARY).await).await.unwrap();
    // A failure with the value in it.
    db.unit_of_work(async |tx| add(tx, CANARY).await).await.unwrap_err();
    assert_eq!(count(&db, "words").await, 1);
    db.close(Duration::from_secs(10)).await.unwrap();
    lines.take()
}

#[tokio::test]
async fn statements_are_logged_only_where_asked_for_and_never_with_values() {
    let lines = Lines::default();
    let writer = lines.clone();
    tracing_subscriber::fmt()
        .with_max_level(tracing_subscriber::filter::LevelFilter::TRACE)
        .with_span_events(tracing_subscriber::fmt::format::FmtSpan::FULL)
        .with_writer(move || writer.clone())
        .init();

    let folders = [folder(), folder(), folder()];
    let quiet = log_of(settings(folders[0].path()), &lines).await;
    assert!(!quiet.is_empty() && !quiet.contains("INSERT INTO words"), "{quiet}");
    assert!(!quiet.contains(CANARY), "{quiet}");

    let logged = log_of(SqlSettings { log_statements: true, ..settings(folders[1].path()) }, &lines).await;
    assert!(logged.contains("INSERT INTO words"), "{logged}");
    assert!(!logged.contains(CANARY), "{logged}");

    let slow = SqlSettings { slow_statement: Duration::from_nanos(1), ..settings(folders[2].path()) };
    let slow = log_of(slow, &lines).await;
    assert!(slow.contains("slow statement") && slow.contains("INSERT INTO words"), "{slow}");
    assert!(!slow.contains(CANARY), "{slow}");
}
