//! What the tests of SQLite share.
#![allow(clippy::unwrap_used, dead_code, reason = "each test file uses some of it")]

use std::path::Path;

use archirust_core::clock::SystemClock;
use archirust_core::{Error, Result};
use archirust_sql::{Database, OrError, SqlSettings, Synchronous};
use sea_orm::ConnectionTrait;
use tempfile::TempDir;

pub(crate) const TABLE: &str = "CREATE TABLE words (word TEXT NOT NULL UNIQUE) STRICT";

pub(crate) fn folder() -> TempDir {
    tempfile::tempdir().unwrap()
}

pub(crate) fn settings(folder: &Path) -> SqlSettings {
    // Nobody pulls the plug of a test.
    SqlSettings { synchronous: Synchronous::Normal, ..SqlSettings::file(folder.join("service.db")) }
}

pub(crate) async fn connect(settings: &SqlSettings) -> Result<Database> {
    Database::connect(settings, SystemClock::shared()).await
}

/// A database with a table of words.
pub(crate) async fn words(settings: &SqlSettings) -> Database {
    let db = connect(settings).await.unwrap();
    execute(&db, TABLE).await.unwrap();
    db
}

pub(crate) async fn execute(db: &Database, sql: &str) -> Result<()> {
    db.unit_of_work(async |tx| tx.execute_unprepared(sql).await.or_error().map(|_| ())).await
}

pub(crate) async fn add(on: &impl ConnectionTrait, word: &str) -> Result<()> {
    let insert = sea_orm::Statement::from_sql_and_values(
        on.get_database_backend(),
        "INSERT INTO words (word) VALUES (?)",
        [word.into()],
    );
    on.execute_raw(insert).await.or_error().map(|_| ())
}

pub(crate) async fn count(db: &Database, table: &str) -> i64 {
    number(db.read(), &format!("SELECT count(*) FROM {table}")).await
}

pub(crate) async fn number(on: &impl ConnectionTrait, sql: &str) -> i64 {
    let statement = sea_orm::Statement::from_string(on.get_database_backend(), sql);
    on.query_one_raw(statement).await.unwrap().unwrap().try_get_by_index(0).unwrap()
}

pub(crate) fn detail(error: &Error) -> &str {
    error.detail().unwrap_or_default()
}
