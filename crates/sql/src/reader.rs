//! Reads outside of a unit of work.

use std::sync::Arc;

use async_trait::async_trait;
use sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend, DbErr, ExecResult, QueryResult, Statement};

use crate::engine::Engine;
use crate::error::{INSIDE, READ_ONLY};
use crate::statement::writes;
use crate::tx::is_inside;

/// Reads outside of a unit of work: each query sees the last commit, on whatever connection is free. Writes are refused.
///
/// Within a unit of work it is refused too, since it would not see what the unit has written.
#[derive(Clone)]
pub struct Reader(pub(crate) Arc<dyn Engine>);

impl Reader {
    /// The connection of SeaORM.
    pub fn raw(&self) -> &DatabaseConnection {
        self.0.read()
    }

    fn permit(&self, sql: &str) -> Result<&DatabaseConnection, DbErr> {
        if is_inside() {
            return Err(DbErr::Custom(INSIDE.to_owned()));
        }
        if writes(sql) {
            return Err(DbErr::Custom(READ_ONLY.to_owned()));
        }
        Ok(self.0.read())
    }
}

#[async_trait]
impl ConnectionTrait for Reader {
    fn get_database_backend(&self) -> DbBackend {
        self.0.read().get_database_backend()
    }

    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        self.permit(&statement.sql)?.execute_raw(statement).await
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        self.permit(sql)?.execute_unprepared(sql).await
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        self.permit(&statement.sql)?.query_one_raw(self.0.prepare(statement)).await
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        self.permit(&statement.sql)?.query_all_raw(self.0.prepare(statement)).await
    }
}
