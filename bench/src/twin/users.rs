//! The table of users, in SQLite.

use std::path::Path;

use serde::Serialize;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{Row, SqlitePool};

/// A user, as the service shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct User {
    /// A UUID.
    pub id: String,
    /// The address to log in with.
    pub email: String,
    /// The name to show.
    pub display_name: String,
    /// RFC 3339.
    pub created_at: String,
    /// RFC 3339.
    pub updated_at: String,
}

/// Opens the database and makes its table.
///
/// # Errors
/// When SQLite says so.
pub async fn connect(path: &Path) -> sqlx::Result<SqlitePool> {
    let options = SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Normal);
    let pool = SqlitePoolOptions::new().max_connections(8).test_before_acquire(false).connect_with(options).await?;
    sqlx::query(
        "CREATE TABLE IF NOT EXISTS users (
            id TEXT PRIMARY KEY, email TEXT NOT NULL UNIQUE, display_name TEXT NOT NULL,
            created_at TEXT NOT NULL, updated_at TEXT NOT NULL
        ) STRICT, WITHOUT ROWID",
    )
    .execute(&pool)
    .await?;
    Ok(pool)
}

/// Adds a user.
///
/// # Errors
/// When SQLite says so, as for an id or an address that exists.
pub async fn create(pool: &SqlitePool, user: &User) -> sqlx::Result<()> {
    sqlx::query("INSERT INTO users (id, email, display_name, created_at, updated_at) VALUES (?, ?, ?, ?, ?)")
        .bind(&user.id)
        .bind(&user.email)
        .bind(&user.display_name)
        .bind(&user.created_at)
        .bind(&user.updated_at)
        .execute(pool)
        .await?;
    Ok(())
}

pub(super) async fn by_id(pool: &SqlitePool, id: &str) -> sqlx::Result<Option<User>> {
    let row = sqlx::query("SELECT id, email, display_name, created_at, updated_at FROM users WHERE id = ?")
        .bind(id)
        .fetch_optional(pool)
        .await?;
    let Some(row) = row else { return Ok(None) };
    Ok(Some(User {
        id: row.try_get(0)?,
        email: row.try_get(1)?,
        display_name: row.try_get(2)?,
        created_at: row.try_get(3)?,
        updated_at: row.try_get(4)?,
    }))
}
