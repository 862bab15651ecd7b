//! Opening SQLite: one pool to read and one connection to write.
//!
//! SQLite lets one connection write at a time. With a pool of equal connections the others wait in `sqlite3_busy_timeout`,
//! which is not fair and gives up with "database is locked", and a transaction that reads first and writes later fails at
//! once when another one has written in between. So writers queue for the one writing connection, first come first
//! served, and each of their transactions takes the lock at its beginning (`BEGIN IMMEDIATE`). Readers never wait for
//! them: with the write-ahead log they see the last commit.

use std::path::Path;
use std::time::{Duration, Instant};

use archirust_core::Result;
use log::LevelFilter;
use sqlx::pool::PoolConnectionMetadata;
use sqlx::sqlite::{
    Sqlite, SqliteConnectOptions, SqliteConnection, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous,
};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, Database, Executor};
use sqlx_core::transaction::TransactionManager;

use super::error::{code, primary_code};
use super::file;
use crate::config::{PoolSettings, SqlSettings, Synchronous};

type Transactions = <Sqlite as Database>::TransactionManager;

/// An idle connection is only asked whether it lives when it was idle for longer: a question to each acquire would be the
/// dearest part of a point read.
const PING_AFTER: Duration = Duration::from_secs(1);

/// Between two attempts to open a file that is locked: the change to the write-ahead log does not wait by itself.
const OPEN_PAUSE: Duration = Duration::from_millis(20);

/// How long migrations wait for those of another process.
const MIGRATION_BUSY_TIMEOUT: Duration = Duration::from_secs(60);

/// Options for a connection that reads and writes.
pub(super) fn options(settings: &SqlSettings, path: Option<&Path>) -> SqliteConnectOptions {
    let options = SqliteConnectOptions::new()
        .foreign_keys(true)
        // A file from elsewhere gets no say: its views and triggers can't call what is not known to be harmless.
        .pragma("trusted_schema", "OFF")
        .busy_timeout(settings.busy_timeout)
        .synchronous(match settings.synchronous {
            Synchronous::Normal => SqliteSynchronous::Normal,
            Synchronous::Full => SqliteSynchronous::Full,
        })
        .log_statements(if settings.log_statements { LevelFilter::Debug } else { LevelFilter::Off });
    let options = match settings.slow_statement {
        Duration::ZERO => options.log_slow_statements(LevelFilter::Off, Duration::MAX),
        limit => options.log_slow_statements(LevelFilter::Warn, limit),
    };
    match path {
        // The file is there already, made with the right mode.
        Some(path) => options.filename(path),
        None => options.in_memory(true),
    }
}

/// Options of the connection for migrations: statements may be long and hold literals, so none is logged.
pub(super) fn migration_options(settings: &SqlSettings, path: &Path) -> SqliteConnectOptions {
    options(settings, Some(path)).busy_timeout(MIGRATION_BUSY_TIMEOUT).disable_statement_logging()
}

/// The one connection to write, opened and tried: the schema is read, which fails on a file that is damaged or no
/// database at all.
pub(super) async fn writer(settings: &SqlSettings, path: &Path) -> Result<SqlitePool> {
    let journal = if settings.wal { SqliteJournalMode::Wal } else { SqliteJournalMode::Delete };
    let pool = pool(&settings.pool, 0, 1).connect_lazy_with(options(settings, Some(path)).journal_mode(journal));
    let deadline = Instant::now() + settings.busy_timeout;
    loop {
        match sqlx::raw_sql("SELECT count(*) FROM sqlite_schema").execute(&pool).await {
            Ok(_) => return Ok(pool),
            Err(cause) if primary_code(&cause) == Some(code::BUSY) && Instant::now() < deadline => {
                tokio::time::sleep(OPEN_PAUSE).await;
            }
            Err(cause) => return Err(file::unusable(path, settings.busy_timeout, &cause)),
        }
    }
}

/// The connections to read: SQLite itself refuses what would write.
pub(super) fn readers(settings: &SqlSettings, path: &Path) -> SqlitePool {
    let limits = &settings.pool;
    pool(limits, limits.min_connections, limits.max_connections)
        .connect_lazy_with(options(settings, Some(path)).pragma("query_only", "ON"))
}

/// The one connection of a database in memory, which must never be closed: its end is the end of the data.
pub(super) fn memory(settings: &SqlSettings) -> SqlitePool {
    pool(&settings.pool, 1, 1).idle_timeout(None).max_lifetime(None).connect_lazy_with(options(settings, None))
}

fn pool(limits: &PoolSettings, min: u32, max: u32) -> SqlitePoolOptions {
    SqlitePoolOptions::new()
        .min_connections(min)
        .max_connections(max)
        .acquire_timeout(limits.acquire_timeout)
        .idle_timeout(limits.idle_timeout)
        .max_lifetime(limits.max_lifetime)
        .test_before_acquire(false)
        .before_acquire(|connection, seen| Box::pin(make_clean(connection, seen)))
}

async fn make_clean(connection: &mut SqliteConnection, seen: PoolConnectionMetadata) -> Result<bool, sqlx::Error> {
    if Transactions::get_transaction_depth(connection) > 0 && forget_transactions(connection).await.is_err() {
        return Ok(false);
    }
    if seen.idle_for > PING_AFTER {
        connection.ping().await?;
    }
    Ok(true)
}

/// When SQLite rolls back by itself (a full disk, an I/O error), the driver's own rollback fails and it goes on to count
/// a transaction that is none. The next one would then begin as a savepoint and never be committed. So there is made
/// what it counts, and rolled back.
async fn forget_transactions(connection: &mut SqliteConnection) -> Result<(), sqlx::Error> {
    let depth = Transactions::get_transaction_depth(connection);
    // Fails when there is no transaction, which is how it should be.
    let _ = connection.execute("ROLLBACK").await;
    connection.execute("BEGIN").await?;
    for level in 1..depth {
        // The names that the driver gives.
        connection.execute(AssertSqlSafe(format!("SAVEPOINT _sqlx_savepoint_{level}"))).await?;
    }
    for _ in 0..depth {
        Transactions::rollback(connection).await?;
    }
    Ok(())
}
