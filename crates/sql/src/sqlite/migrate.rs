//! Migrations of SQLite: all that is pending in one transaction, under the write lock.

use std::collections::BTreeMap;

use archirust_core::{Error, ErrorKind, Result};
use sqlx::migrate::{Migrate, MigrateError, Migrator};
use sqlx::{Connection, Executor, Row, SqliteConnection};

use crate::error::from_sqlx;
use crate::migrate::{Migration, pending};

/// Where sqlx keeps what was applied.
const TABLE: &str = "_sqlx_migrations";

/// Applies what is pending, and says how many steps that were.
///
/// Foreign keys are not enforced meanwhile, as the way to rebuild a table asks (<https://www.sqlite.org/lang_altertable.html>,
/// section 7); they are checked as a whole before the commit.
pub(super) async fn run(connection: &mut SqliteConnection, migrations: &[Migration]) -> Result<usize> {
    // First a look without any lock: most starts have nothing to do, and must not wait for a writer.
    if pending(migrations, &applied(connection).await?)?.is_empty() {
        return Ok(0);
    }
    connection.execute("PRAGMA foreign_keys = OFF").await.map_err(|cause| from_sqlx(&cause))?;
    let result = apply(connection, migrations).await;
    connection.execute("PRAGMA foreign_keys = ON").await.map_err(|cause| from_sqlx(&cause))?;
    result
}

async fn apply(connection: &mut SqliteConnection, migrations: &[Migration]) -> Result<usize> {
    let from_sqlx = |cause: sqlx::Error| from_sqlx(&cause);
    let mut transaction = connection.begin_with("BEGIN IMMEDIATE").await.map_err(from_sqlx)?;
    // Another process may have been faster while this one waited for the lock.
    let steps = pending(migrations, &applied(&mut transaction).await?)?;
    let count = steps.len();
    if count > 0 {
        let all = migrations.iter().map(|migration| migration.to_sqlx()).collect();
        Migrator::with_migrations(all)
            .run_direct(None, &mut *transaction, false)
            .await
            .map_err(|cause| failed(cause, migrations))?;
        let broken = transaction.fetch_optional("PRAGMA foreign_key_check").await.map_err(from_sqlx)?;
        if let Some(row) = broken {
            let table: String = row.try_get(0).unwrap_or_default();
            return Err(Error::new(ErrorKind::ForeignKey).with_detail(format!(
                "the migrations leave rows in {table} that refer to nothing; nothing was changed"
            )));
        }
    }
    transaction.commit().await.map_err(from_sqlx)?;
    Ok(count)
}

async fn applied(connection: &mut SqliteConnection) -> Result<BTreeMap<i64, Vec<u8>>> {
    let table = sqlx::query("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = ?")
        .bind(TABLE)
        .fetch_optional(&mut *connection)
        .await
        .map_err(|cause| from_sqlx(&cause))?;
    if table.is_none() {
        return Ok(BTreeMap::new());
    }
    let rows = connection.list_applied_migrations(TABLE).await.map_err(|cause| failed(cause, &[]))?;
    Ok(rows.into_iter().map(|row| (row.version, row.checksum.into_owned())).collect())
}

fn failed(cause: MigrateError, migrations: &[Migration]) -> Error {
    match cause {
        MigrateError::ExecuteMigration(cause, version) => {
            let name = migrations.iter().find(|m| m.version() == version).map_or("", Migration::name);
            let detail = format!("migration {version} ({name}) failed; nothing was changed");
            match from_sqlx(&cause) {
                // The kind of a full disk or a lock says more than that a migration failed.
                error if error.is_retryable() => error,
                error => Error::new(ErrorKind::Database).with_detail(detail).with_source(error),
            }
        }
        MigrateError::Execute(cause) => from_sqlx(&cause),
        other => Error::new(ErrorKind::Database).with_detail("the migrations could not be run").with_source(other),
    }
}
