//! The embedded engine: SQLite in a file, or in the memory of the process.

mod connect;
mod error;
mod file;
mod limit;
mod migrate;
mod observe;

use std::path::PathBuf;

use archirust_core::Result;
use async_trait::async_trait;
use sea_orm::{DatabaseConnection, DbErr, SqliteTransactionMode, SqlxSqliteConnector, Statement, TransactionOptions};
use sqlx::sqlite::SqlitePool;
use sqlx::{ConnectOptions, Connection};

pub(crate) use error::classify;
pub(crate) use observe::modes;

use crate::config::SqlSettings;
use crate::engine::{Access, Engine};
use crate::error::from_sqlx;
use crate::facts::SqlFacts;
use crate::migrate::Migration;

/// SQLite.
pub(crate) struct Sqlite {
    settings: SqlSettings,
    /// None in memory, where both pools are the same single connection.
    path: Option<PathBuf>,
    read_pool: SqlitePool,
    write_pool: SqlitePool,
    read: DatabaseConnection,
    write: DatabaseConnection,
}

impl Sqlite {
    /// Opens the database, and finds out whether it can be used.
    pub(crate) async fn open(settings: &SqlSettings) -> Result<Self> {
        let (path, read_pool, write_pool) = if settings.is_memory() {
            let pool = connect::memory(settings);
            (None, pool.clone(), pool)
        } else {
            let path = file::prepare(&settings.path)?;
            let writer = connect::writer(settings, &path).await?;
            (Some(path.clone()), connect::readers(settings, &path), writer)
        };
        Ok(Self {
            settings: settings.clone(),
            path,
            read: SqlxSqliteConnector::from_sqlx_sqlite_pool(read_pool.clone()),
            write: SqlxSqliteConnector::from_sqlx_sqlite_pool(write_pool.clone()),
            read_pool,
            write_pool,
        })
    }
}

#[async_trait]
impl Engine for Sqlite {
    fn read(&self) -> &DatabaseConnection {
        &self.read
    }

    fn write(&self) -> &DatabaseConnection {
        &self.write
    }

    fn transaction(&self, access: Access) -> TransactionOptions {
        let mode = match access {
            Access::Read => SqliteTransactionMode::Deferred,
            Access::Write => SqliteTransactionMode::Immediate,
        };
        TransactionOptions { sqlite_transaction_mode: Some(mode), ..TransactionOptions::default() }
    }

    fn prepare(&self, statement: Statement) -> Statement {
        limit::literal(statement)
    }

    fn ends_transaction(&self, error: &DbErr) -> bool {
        error::ends_transaction(error)
    }

    async fn migrate(&self, migrations: &[Migration]) -> Result<usize> {
        let Some(path) = &self.path else {
            let mut connection = self.write_pool.acquire().await.map_err(|cause| from_sqlx(&cause))?;
            return migrate::run(&mut connection, migrations).await;
        };
        let options = connect::migration_options(&self.settings, path);
        let mut connection = options.connect().await.map_err(|cause| from_sqlx(&cause))?;
        let result = migrate::run(&mut connection, migrations).await;
        connection.close().await.map_err(|cause| from_sqlx(&cause))?;
        result
    }

    async fn ask(&self) -> Result<()> {
        // Reads the first page of the file, unlike `SELECT 1`.
        sqlx::query("PRAGMA schema_version").fetch_one(&self.read_pool).await.map_err(|cause| from_sqlx(&cause))?;
        Ok(())
    }

    async fn observe(&self, facts: &mut SqlFacts) {
        observe::live(&self.write_pool, facts).await;
    }

    async fn close(&self) {
        // The last connection to close writes the log back into the file and removes it.
        tokio::join!(self.read_pool.close(), self.write_pool.close());
    }
}
