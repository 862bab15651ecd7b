//! Migrations on SQLite.
#![allow(clippy::unwrap_used, reason = "a test")]

mod common;

use std::process::Command;
use std::time::{Duration, Instant};

use archirust_core::ErrorKind;
use archirust_sql::{Database, Migration, SqlSettings};
use common::{connect, count, detail, execute, folder, number, settings};
use sea_orm::ConnectionTrait;

const FIRST: Migration =
    Migration::new(1, "create authors", "CREATE TABLE authors (id INTEGER PRIMARY KEY, name TEXT) STRICT");
const SECOND: Migration = Migration::new(
    2,
    "create books",
    "CREATE TABLE books (id INTEGER PRIMARY KEY, author INTEGER NOT NULL REFERENCES authors (id)) STRICT;
     INSERT INTO authors VALUES (1, 'Ada');
     INSERT INTO books VALUES (1, 1);",
);
const BOTH: &[Migration] = &[FIRST, SECOND];

async fn migrated(settings: &SqlSettings) -> Database {
    let db = connect(settings).await.unwrap();
    assert_eq!(db.migrate(BOTH).await.unwrap(), 2);
    db
}

#[tokio::test]
async fn steps_are_applied_once_and_in_order() {
    let folder = folder();
    for settings in [settings(folder.path()), SqlSettings::memory()] {
        let db = connect(&settings).await.unwrap();
        assert_eq!(db.migrate(&[FIRST]).await.unwrap(), 1);
        assert_eq!(db.migrate(BOTH).await.unwrap(), 1);
        assert_eq!(db.migrate(BOTH).await.unwrap(), 0);
        assert_eq!(count(&db, "books").await, 1);
        // Foreign keys are enforced again, on whatever connection comes next.
        let error = execute(&db, "INSERT INTO books VALUES (2, 77)").await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::ForeignKey);
    }
}

#[tokio::test]
async fn a_changed_or_lost_step_is_named() {
    let folder = folder();
    let db = migrated(&settings(folder.path())).await;
    const CHANGED: Migration =
        Migration::new(1, "create authors", "CREATE TABLE authors (id INTEGER PRIMARY KEY) STRICT");
    let error = db.migrate(&[CHANGED, SECOND]).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Configuration);
    assert!(detail(&error).contains("migration 1 (create authors) was changed"), "{error:?}");

    let error = db.migrate(&[FIRST]).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Configuration);
    assert!(detail(&error).contains("newer than this program: it has migration 2"), "{error:?}");

    const OTHER: Migration = Migration::new(3, "third", "SELECT 1");
    let error = db.migrate(&[FIRST, OTHER]).await.unwrap_err();
    assert!(detail(&error).contains("migration 2 was applied"), "{error:?}");
    assert_eq!(number(db.read(), "SELECT count(*) FROM _sqlx_migrations").await, 2);
}

#[tokio::test]
async fn a_step_that_fails_undoes_all_that_were_pending() {
    let folder = folder();
    for settings in [settings(folder.path()), SqlSettings::memory()] {
        const BROKEN: Migration =
            Migration::new(3, "break", "CREATE TABLE new (id INTEGER); INSERT INTO nowhere VALUES (1)");
        let db = connect(&settings).await.unwrap();
        db.migrate(&[FIRST]).await.unwrap();
        let error = db.migrate(&[FIRST, SECOND, BROKEN]).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Database);
        assert!(detail(&error).contains("migration 3 (break) failed; nothing was changed"), "{error:?}");
        assert!(error.report().to_string().contains("no such table: nowhere"), "{error:?}");
        assert_eq!(number(db.read(), "SELECT count(*) FROM sqlite_schema WHERE name IN ('books', 'new')").await, 0);
        assert_eq!(db.migrate(BOTH).await.unwrap(), 1);
    }
}

/// The way of SQLite to change a table: a new one, the rows, the old one away, the name.
#[tokio::test]
async fn a_table_that_others_refer_to_can_be_rebuilt() {
    const REBUILD: Migration = Migration::new(
        3,
        "names are required",
        "CREATE TABLE new_authors (id INTEGER PRIMARY KEY, name TEXT NOT NULL) STRICT;
         INSERT INTO new_authors SELECT id, name FROM authors;
         DROP TABLE authors;
         ALTER TABLE new_authors RENAME TO authors;",
    );
    let folder = folder();
    for settings in [settings(folder.path()), SqlSettings::memory()] {
        let db = migrated(&settings).await;
        assert_eq!(db.migrate(&[FIRST, SECOND, REBUILD]).await.unwrap(), 1);
        assert_eq!((count(&db, "books").await, count(&db, "authors").await), (1, 1));
        assert_eq!(number(db.raw(), "PRAGMA foreign_keys").await, 1);
    }
}

#[tokio::test]
async fn steps_that_leave_rows_without_their_owner_are_undone() {
    const ORPHANS: Migration = Migration::new(3, "drop authors", "DELETE FROM authors");
    let folder = folder();
    let db = migrated(&settings(folder.path())).await;
    let error = db.migrate(&[FIRST, SECOND, ORPHANS]).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ForeignKey);
    assert!(detail(&error).contains("books"), "{error:?}");
    assert_eq!(count(&db, "authors").await, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_start_with_nothing_to_do_waits_for_no_lock_and_is_quick() {
    let folder = folder();
    let settings = settings(folder.path());
    let (db, writer) = (migrated(&settings).await, connect(&settings).await.unwrap());
    writer.raw().execute_unprepared("BEGIN IMMEDIATE").await.unwrap();
    let mut fastest = Duration::MAX;
    for _ in 0..20 {
        let start = Instant::now();
        assert_eq!(db.migrate(BOTH).await.unwrap(), 0);
        fastest = fastest.min(start.elapsed());
    }
    writer.raw().execute_unprepared("ROLLBACK").await.unwrap();
    assert!(fastest < Duration::from_millis(20), "{fastest:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_caller_who_goes_away_does_not_leave_it_half_done() {
    let folder = folder();
    for settings in [settings(folder.path()), SqlSettings::memory()] {
        let db = connect(&settings).await.unwrap();
        // Polled once, and dropped.
        let _ = tokio::time::timeout(Duration::ZERO, db.migrate(BOTH)).await;
        let applied = db.migrate(BOTH).await.unwrap();
        assert!(applied == 0 || applied == 2, "{applied}");
        assert_eq!(count(&db, "books").await, 1);
        assert_eq!(number(db.raw(), "PRAGMA foreign_keys").await, 1);
    }
}

/// Names the database to the child processes of the test below.
const CHILD: &str = "ARCHIRUST_SQL_TEST_DATABASE";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn processes_that_start_at_once_apply_each_step_once() {
    if let Some(path) = std::env::var_os(CHILD) {
        let db = connect(&SqlSettings::file(path)).await.unwrap();
        let applied = db.migrate(BOTH).await.unwrap();
        assert!(applied == 0 || applied == 2, "{applied}");
        assert_eq!(count(&db, "books").await, 1);
        return;
    }
    let folder = folder();
    let path = settings(folder.path()).path;
    let children: Vec<_> = (0..6)
        .map(|_| {
            Command::new(std::env::current_exe().unwrap())
                .args(["--exact", "processes_that_start_at_once_apply_each_step_once"])
                .env(CHILD, &path)
                .stdout(std::process::Stdio::piped())
                .stderr(std::process::Stdio::piped())
                .spawn()
                .unwrap()
        })
        .collect();
    for child in children {
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    }
    let db = connect(&SqlSettings::file(path)).await.unwrap();
    assert_eq!(db.migrate(BOTH).await.unwrap(), 0);
    assert_eq!((count(&db, "books").await, count(&db, "authors").await), (1, 1));
}
