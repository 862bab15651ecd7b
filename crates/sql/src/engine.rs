//! What an engine brings to the port.

use archirust_core::Result;
use async_trait::async_trait;
use sea_orm::{DatabaseConnection, DbErr, Statement, TransactionOptions};

use crate::facts::SqlFacts;
use crate::migrate::Migration;

/// What a transaction is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Access {
    /// It only reads, and sees one state of the data from its beginning to its end.
    Read,
    /// It reads and writes.
    Write,
}

/// One kind of database.
#[async_trait]
pub(crate) trait Engine: Send + Sync + 'static {
    /// Where reads outside of a write go. The engine refuses writes there if it can.
    fn read(&self) -> &DatabaseConnection;

    /// Where units of work go.
    fn write(&self) -> &DatabaseConnection;

    /// How a transaction begins.
    fn transaction(&self, access: Access) -> TransactionOptions;

    /// The same query in the form that suits the engine best.
    fn prepare(&self, statement: Statement) -> Statement {
        statement
    }

    /// Whether the whole transaction may be gone because of this failure, so that what follows would run outside of it.
    fn ends_transaction(&self, error: &DbErr) -> bool;

    /// Applies what is pending, on a connection (and, where there are roles, with a role) of its own; says how many steps.
    async fn migrate(&self, migrations: &[Migration]) -> Result<usize>;

    /// Asks the database something that it can't answer without its data.
    async fn ask(&self) -> Result<()>;

    /// Adds what the running database shows.
    async fn observe(&self, facts: &mut SqlFacts);

    /// Waits for what runs and closes every connection.
    async fn close(&self);
}
