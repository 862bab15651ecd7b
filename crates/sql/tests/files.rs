//! What the file of SQLite may do to a service, each with an error that names the path and helps.
#![allow(clippy::unwrap_used, reason = "a test")]

mod common;

use std::fs;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use archirust_core::{Error, ErrorKind};
use archirust_sql::{OrError, SqlSettings};
use common::{add, connect, count, detail, execute, folder, settings, words};
use sea_orm::ConnectionTrait;
use tokio::sync::Notify;

async fn refused(settings: &SqlSettings) -> Error {
    let error = connect(settings).await.map(|_| ()).unwrap_err();
    assert!(detail(&error).contains(settings.path.file_name().unwrap().to_str().unwrap()), "{error:?}");
    error
}

#[tokio::test]
async fn a_missing_folder_is_named_with_the_way_to_make_it() {
    let folder = folder();
    let missing = folder.path().join("data");
    let error = connect(&settings(&missing)).await.map(|_| ()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Configuration);
    assert!(detail(&error).contains(&format!("mkdir -p {}", missing.display())), "{error:?}");
    assert!(!missing.exists());
}

#[tokio::test]
async fn a_path_that_is_a_folder_or_leads_through_a_file_is_refused() {
    let folder = folder();
    let error = refused(&SqlSettings::file(folder.path())).await;
    assert!(detail(&error).contains("is a folder"), "{error:?}");

    fs::write(folder.path().join("file"), "").unwrap();
    let error = connect(&settings(&folder.path().join("file"))).await.map(|_| ()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Configuration);
    assert!(detail(&error).contains("is not a folder"), "{error:?}");
}

/// In `/proc` nobody may make a file, not even root.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_folder_that_can_not_be_written_is_refused() {
    let error = refused(&SqlSettings::file("/proc/service.db")).await;
    assert_eq!(error.kind(), ErrorKind::Configuration);
}

/// Nor may anyone write this file, not even root.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_file_that_can_only_be_read_is_refused() {
    let error = refused(&SqlSettings::file("/proc/version")).await;
    assert_eq!(error.kind(), ErrorKind::Configuration);
}

#[tokio::test]
async fn a_file_that_is_no_database_is_refused_and_left_alone() {
    let folder = folder();
    let settings = settings(folder.path());
    let text = "this is a letter, and not a database\n".repeat(100);
    fs::write(&settings.path, &text).unwrap();
    let error = refused(&settings).await;
    assert_eq!(error.kind(), ErrorKind::Configuration);
    assert!(detail(&error).contains("is not a SQLite database"), "{error:?}");
    assert_eq!(fs::read_to_string(&settings.path).unwrap(), text);
}

#[tokio::test]
async fn a_truncated_file_is_damaged() {
    let folder = folder();
    let settings = settings(folder.path());
    let db = words(&settings).await;
    for i in 0..200 {
        db.unit_of_work(async |tx| add(tx, &format!("{i:0100}")).await).await.unwrap();
    }
    db.close(Duration::from_secs(10)).await.unwrap();
    let bytes = fs::read(&settings.path).unwrap();
    fs::write(&settings.path, &bytes[..bytes.len() / 2]).unwrap();

    let error = refused(&settings).await;
    assert_eq!(error.kind(), ErrorKind::Database);
    assert!(detail(&error).contains("is damaged") && detail(&error).contains("backup"), "{error:?}");
}

#[tokio::test]
async fn a_page_that_is_damaged_later_is_an_error_and_no_panic() {
    let folder = folder();
    let settings = settings(folder.path());
    let db = words(&settings).await;
    db.unit_of_work(async |tx| {
        for i in 0..2000 {
            add(tx, &format!("{i:0100}")).await?;
        }
        Ok(())
    })
    .await
    .unwrap();
    db.close(Duration::from_secs(10)).await.unwrap();
    let mut bytes = fs::read(&settings.path).unwrap();
    let length = bytes.len();
    // Everything but the first page, which holds the schema.
    bytes[4096..length].fill(0xAA);
    fs::write(&settings.path, &bytes).unwrap();

    let db = connect(&settings).await.unwrap();
    let error = execute(&db, "UPDATE words SET word = word || 'x'").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Database);
    assert!(detail(&error).contains("damaged"), "{error:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_that_another_process_locks_is_named() {
    let folder = folder();
    let settings = SqlSettings { busy_timeout: Duration::from_millis(50), wal: false, ..settings(folder.path()) };
    let holder = words(&settings).await;
    holder.raw().execute_unprepared("BEGIN EXCLUSIVE").await.unwrap();
    let error = refused(&settings).await;
    assert_eq!(error.kind(), ErrorKind::DatabaseUnavailable);
    assert!(detail(&error).contains("locked by another process") && detail(&error).contains("50ms"), "{error:?}");

    holder.raw().execute_unprepared("ROLLBACK").await.unwrap();
    connect(&settings).await.unwrap();
}

/// The change to the write-ahead log is refused at once while another one reads; it is tried again.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_start_waits_for_others_within_the_busy_timeout() {
    let folder = folder();
    let plain = SqlSettings { wal: false, ..settings(folder.path()) };
    let reader = words(&plain).await;
    let set = settings(folder.path());
    let mut connecting = Box::pin(connect(&set));
    reader
        .snapshot(async |tx| {
            common::number(tx, "SELECT count(*) FROM words").await;
            assert!(tokio::time::timeout(Duration::from_millis(60), &mut connecting).await.is_err());
            Ok(())
        })
        .await
        .unwrap();
    reader.close(Duration::from_secs(10)).await.unwrap();
    let db = connecting.await.unwrap();
    db.unit_of_work(async |tx| add(tx, "a").await).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lock_of_another_process_at_run_time_is_unavailable_and_may_be_run_again() {
    let folder = folder();
    let settings = SqlSettings { busy_timeout: Duration::from_millis(20), ..settings(folder.path()) };
    let (db, other) = (words(&settings).await, connect(&settings).await.unwrap());
    other.raw().execute_unprepared("BEGIN IMMEDIATE").await.unwrap();
    let error = db.unit_of_work(async |tx| add(tx, "a").await).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::DatabaseUnavailable);
    assert!(error.is_retryable() && detail(&error).contains("sql.busy_timeout"), "{error:?}");

    other.raw().execute_unprepared("ROLLBACK").await.unwrap();
    let runs = AtomicU32::new(0);
    db.rerunnable_unit_of_work(async |tx| {
        add(tx, "a").await?;
        match runs.fetch_add(1, Ordering::SeqCst) {
            // The other one finds the lock of this one, which is a collision like any.
            0 => other.raw().execute_unprepared("BEGIN IMMEDIATE").await.or_error().map(|_| ()),
            _ => Ok(()),
        }
    })
    .await
    .unwrap();
    assert_eq!((runs.load(Ordering::SeqCst), count(&db, "words").await), (2, 1));
}

#[tokio::test]
async fn a_full_disk_saves_nothing_and_the_service_goes_on() {
    let folder = folder();
    for settings in [settings(folder.path()), SqlSettings::memory()] {
        let db = words(&settings).await;
        // As many pages as there are: the next one does not fit on this "disk".
        let pages = common::number(db.raw(), "PRAGMA page_count").await;
        let limited = common::number(db.raw(), &format!("PRAGMA max_page_count = {}", pages + 2)).await;
        assert_eq!(limited, pages + 2);

        let error = db
            .unit_of_work(async |tx| {
                add(tx, "first").await?;
                tx.nested(async |tx| {
                    // The failure is not heeded: SQLite has rolled back by itself, and what follows would be saved alone.
                    let full = add(tx, &"x".repeat(100_000)).await.unwrap_err();
                    assert_eq!(full.kind(), ErrorKind::StorageFull);
                    assert!(detail(&full).contains("sql.path"), "{full:?}");
                    let _ = add(tx, "inner").await;
                    Ok(())
                })
                .await
                .ok();
                let after = add(tx, "last").await.unwrap_err();
                assert_eq!(after.kind(), ErrorKind::Database);
                Ok(())
            })
            .await
            .unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Database, "{error:?}");
        assert_eq!(count(&db, "words").await, 0);

        // The connection counts its transactions right again: what is committed is there for others.
        db.unit_of_work(async |tx| add(tx, "small").await).await.unwrap();
        assert_eq!(count(&db, "words").await, 1);
        let failed = db.unit_of_work(async |tx| {
            add(tx, "other").await?;
            add(tx, "small").await
        });
        assert_eq!(failed.await.unwrap_err().kind(), ErrorKind::AlreadyExists);
        db.unit_of_work(async |tx| add(tx, "third").await).await.unwrap();
        assert_eq!(count(&db, "words").await, 2);
        db.close(Duration::from_secs(10)).await.unwrap();
    }
}

#[tokio::test]
async fn a_commit_that_fails_is_told_and_leaves_the_connection_clean() {
    let folder = folder();
    let db = words(&settings(folder.path())).await;
    let table = "CREATE TABLE uses (word TEXT REFERENCES words (word) DEFERRABLE INITIALLY DEFERRED) STRICT";
    execute(&db, table).await.unwrap();
    let error = execute(&db, "INSERT INTO uses VALUES ('nowhere')").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ForeignKey);
    assert_eq!(count(&db, "uses").await, 0);
    db.unit_of_work(async |tx| add(tx, "a").await).await.unwrap();
    assert_eq!(count(&db, "words").await, 1);
}

#[cfg(unix)]
#[tokio::test]
async fn the_file_and_its_companions_are_for_their_user_alone() {
    use std::os::unix::fs::PermissionsExt;
    let folder = folder();
    let db = words(&settings(folder.path())).await;
    count(&db, "words").await;
    let mut seen = Vec::new();
    for entry in fs::read_dir(folder.path()).unwrap() {
        let entry = entry.unwrap();
        assert_eq!(entry.metadata().unwrap().permissions().mode() & 0o777, 0o600, "{entry:?}");
        seen.push(entry.file_name().into_string().unwrap());
    }
    seen.sort();
    assert_eq!(seen, ["service.db", "service.db-shm", "service.db-wal"]);
}

#[tokio::test]
async fn closing_leaves_one_whole_file() {
    let folder = folder();
    let settings = settings(folder.path());
    let db = words(&settings).await;
    db.unit_of_work(async |tx| add(tx, "a").await).await.unwrap();
    assert_eq!(count(&db, "words").await, 1);
    db.close(Duration::from_secs(10)).await.unwrap();
    let names: Vec<_> = fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(names, ["service.db"]);

    // The file alone, elsewhere, is the database.
    let copy = common::folder();
    let moved = SqlSettings::file(copy.path().join("copy.db"));
    fs::copy(&settings.path, &moved.path).unwrap();
    assert_eq!(count(&connect(&moved).await.unwrap(), "words").await, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn closing_does_not_wait_for_ever() {
    let folder = folder();
    let db = words(&settings(folder.path())).await;
    let begun = Notify::new();
    let busy = db.unit_of_work(async |_| {
        begun.notify_one();
        std::future::pending::<archirust_sql::Result<()>>().await
    });
    let error = tokio::select! {
        _ = busy => unreachable!("it waits for ever"),
        closed = async {
            begun.notified().await;
            db.close(Duration::from_millis(20)).await
        } => closed.unwrap_err(),
    };
    assert_eq!(error.kind(), ErrorKind::DeadlineExceeded);
}

#[tokio::test]
async fn a_name_that_looks_like_a_uri_is_a_name() {
    let folder = folder();
    let settings = SqlSettings::file(folder.path().join("file:service.db?mode=memory"));
    let db = words(&settings).await;
    db.unit_of_work(async |tx| add(tx, "a").await).await.unwrap();
    db.close(Duration::from_secs(10)).await.unwrap();
    assert!(PathBuf::from(&settings.path).is_file());
    assert_eq!(count(&connect(&settings).await.unwrap(), "words").await, 1);
}
