//! Relational data: units of work, repositories and migrations, over SeaORM and sqlx. The embedded engine is SQLite.
//!
//! ```
//! use std::sync::Arc;
//! use archirust_core::clock::SystemClock;
//! use archirust_sql::{Database, Migration, OrError, Result, SqlSettings};
//! use sea_orm::ConnectionTrait;
//!
//! const MIGRATIONS: &[Migration] =
//!     &[Migration::new(1, "create notes", "CREATE TABLE notes (id INTEGER PRIMARY KEY, body TEXT NOT NULL) STRICT")];
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<()> {
//! let db = Database::connect(&SqlSettings::memory(), SystemClock::shared()).await?;
//! db.migrate(MIGRATIONS).await?;
//! db.unit_of_work(async |tx| {
//!     tx.execute_unprepared("INSERT INTO notes (body) VALUES ('hello')").await.or_error()?;
//!     Ok(())
//! })
//! .await?;
//! # Ok(())
//! # }
//! ```
//!
//! - [`Database::unit_of_work`] saves all or nothing; [`Tx::nested`] is a scope in it. Repositories take the handle:
//!   `&Tx` to write, any [`ConnectionTrait`](sea_orm::ConnectionTrait) to read.
//! - [`Database::read`] is for single reads, [`Database::snapshot`] for reads that belong together.
//! - [`Repository`] gives entities the behaviour that [`Record`] names: times, authors, version, soft delete, pages.
//! - Keys are UUIDv7 as 16 bytes (`BLOB` in SQLite, `uuid` elsewhere), so they sort by the time they were made; a point in
//!   time is [`UtcTime`], microseconds in a 64-bit integer.

mod config;
#[cfg(feature = "testing")]
pub mod conformance;
mod constraint;
mod database;
mod engine;
mod error;
mod facts;
mod filter;
mod keyset;
mod migrate;
mod point;
mod probe;
mod reader;
mod record;
mod repository;
mod rules;
mod sqlite;
mod statement;
mod time;
mod tx;

pub use archirust_core::Result;
pub use config::{PoolSettings, SqlSettings, Synchronous};
pub use database::Database;
pub use error::{OrError, error, from_sqlx};
pub use facts::{FileFacts, PoolFacts, SqlFacts, Transport};
pub use filter::in_range;
pub use migrate::Migration;
pub use probe::from_settings;
pub use reader::Reader;
pub use record::{Behaviour, Record};
pub use repository::{KeyOf, Repository};
pub use rules::RULES;
pub use time::UtcTime;
pub use tx::Tx;
