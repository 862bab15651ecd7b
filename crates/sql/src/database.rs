//! The database: a pool of connections, units of work, migrations.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use archirust_core::random::{Random, SystemRandom};
use archirust_core::{Clock, Error, ErrorKind, Result};
use sea_orm::DatabaseConnection;

use crate::config::SqlSettings;
use crate::engine::{Access, Engine};
use crate::error::may_rerun;
use crate::migrate::Migration;
use crate::reader::Reader;
use crate::sqlite::Sqlite;
use crate::tx::Tx;

/// How often work that collided with another transaction is run at most.
const ATTEMPTS: u32 = 5;

/// The longest pause before the first repetition; it doubles each time.
const FIRST_PAUSE: Duration = Duration::from_millis(10);

/// The database. Cheap to clone; all clones share the connections.
#[derive(Clone)]
pub struct Database {
    reader: Reader,
    settings: Arc<SqlSettings>,
    clock: Arc<dyn Clock>,
    random: Arc<dyn Random>,
}

impl Database {
    /// Opens the database that the settings name and finds out whether it can be used.
    ///
    /// # Errors
    /// Says in its detail which path is the matter and what to do: a folder that does not exist or may not be written,
    /// a file that is no database or damaged, a lock of another process, a full disk.
    pub async fn connect(settings: &SqlSettings, clock: Arc<dyn Clock>) -> Result<Self> {
        let engine = Arc::new(Sqlite::open(settings).await?);
        let random = SystemRandom::shared();
        Ok(Self { reader: Reader(engine), settings: Arc::new(settings.clone()), clock, random })
    }

    /// Runs `work` as one unit: all of it is saved, or nothing. It is rolled back when `work` fails, panics or is dropped.
    ///
    /// ```
    /// # use archirust_sql::{Database, Tx, Result};
    /// # use sea_orm::ConnectionTrait;
    /// # async fn save(tx: &Tx, note: &str) -> Result<()> { Ok(()) }
    /// async fn keep(db: &Database, first: &str, second: &str) -> Result<()> {
    ///     db.unit_of_work(async |tx| {
    ///         save(tx, first).await?;
    ///         tx.nested(async |tx| save(tx, second).await).await
    ///     })
    ///     .await
    /// }
    /// ```
    ///
    /// # Errors
    /// Those of `work`; `PoolExhausted` or `DatabaseUnavailable` when it could not begin; why it was not committed.
    /// `Internal` when a unit of work is open in this task already: use [`Tx::nested`] of its handle.
    pub async fn unit_of_work<T>(&self, work: impl AsyncFnOnce(&mut Tx) -> Result<T>) -> Result<T> {
        Tx::run(self.engine(), Access::Write, self.clock.now(), work).await
    }

    /// As [`Database::unit_of_work`], for work that may be run again: when another transaction was in the way, it is rolled
    /// back and run anew, five times at most. The closure says that it may by being `Clone`: it only borrows what it uses,
    /// and has no effect outside of the database.
    ///
    /// # Errors
    /// As [`Database::unit_of_work`].
    pub async fn rerunnable_unit_of_work<T>(&self, work: impl AsyncFnOnce(&mut Tx) -> Result<T> + Clone) -> Result<T> {
        let mut pause = FIRST_PAUSE;
        for _ in 1..ATTEMPTS {
            match self.unit_of_work(work.clone()).await {
                Err(error) if may_rerun(&error) => {
                    // Those who collided must not meet again: each waits another part of the pause.
                    let [part] = self.random.bytes::<1>();
                    tokio::time::sleep(pause * u32::from(part) / u32::from(u8::MAX)).await;
                    pause *= 2;
                }
                done => return done,
            }
        }
        self.unit_of_work(work).await
    }

    /// Runs reads that see one state of the data from beginning to end. Writes are refused with `ReadOnly`.
    ///
    /// # Errors
    /// As [`Database::unit_of_work`].
    pub async fn snapshot<T>(&self, work: impl AsyncFnOnce(&mut Tx) -> Result<T>) -> Result<T> {
        Tx::run(self.engine(), Access::Read, self.clock.now(), work).await
    }

    /// Single reads, each of which sees the last commit.
    pub fn read(&self) -> &Reader {
        &self.reader
    }

    /// Brings the schema up to date, and says how many steps that took. Safe to be called by several processes at once; a
    /// start with nothing to do takes no lock.
    ///
    /// # Errors
    /// `Configuration` when an applied migration was changed, or when the database is newer than this program; `Database`
    /// when a migration fails, in which case none of the pending ones was applied.
    pub async fn migrate(&self, migrations: &'static [Migration]) -> Result<usize> {
        let engine = self.engine().clone();
        // In a task of its own, so that a caller who goes away does not leave it half-way.
        tokio::spawn(async move { engine.migrate(migrations).await })
            .await
            .unwrap_or_else(|_| Err(Error::internal("the migrations were interrupted")))
    }

    /// Whether the database answers within a time, for readiness.
    ///
    /// # Errors
    /// `DatabaseUnavailable`, `PoolExhausted` or what the database says.
    pub async fn check(&self, within: Duration) -> Result<()> {
        tokio::time::timeout(within, self.engine().ask()).await.unwrap_or_else(|_| {
            Err(Error::new(ErrorKind::DatabaseUnavailable)
                .with_detail(format!("the database did not answer within {within:?}")))
        })
    }

    /// Takes no new work, waits for what runs, and closes every connection; the log of SQLite goes back into its file.
    ///
    /// # Errors
    /// `DeadlineExceeded` when something still runs after `within`. What was committed is safe all the same.
    pub async fn close(&self, within: Duration) -> Result<()> {
        tokio::time::timeout(within, self.engine().close()).await.map_err(|_| {
            Error::new(ErrorKind::DeadlineExceeded)
                .with_detail(format!("the database was still in use after {within:?}"))
        })
    }

    /// The connection of SeaORM that units of work use. On an engine with a single writer it is the only one that writes.
    pub fn raw(&self) -> &DatabaseConnection {
        self.engine().write()
    }

    pub(crate) fn engine(&self) -> &Arc<dyn Engine> {
        &self.reader.0
    }

    pub(crate) fn settings(&self) -> &SqlSettings {
        &self.settings
    }
}

impl fmt::Debug for Database {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Database").field("settings", &self.settings).finish_non_exhaustive()
    }
}
