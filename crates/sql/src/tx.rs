//! The handle of a unit of work.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use archirust_core::id::Uuid;
use archirust_core::{Error, Result, Timestamp};
use async_trait::async_trait;
use sea_orm::{
    ConnectionTrait, DatabaseTransaction, DbBackend, DbErr, ExecResult, QueryResult, Statement, TransactionTrait,
};

use crate::engine::{Access, Engine};
use crate::error::{ENDED, OrError, READ_ONLY};
use crate::statement::writes;

tokio::task_local! {
    /// Set while a unit of work is open in this task.
    static INSIDE: ();
}

/// Whether a unit of work is open in this task.
pub(crate) fn is_inside() -> bool {
    INSIDE.try_with(|()| ()).is_ok()
}

type Hook = Box<dyn FnOnce() + Send>;

/// The handle of a unit of work: repositories take it, queries run on it, and nothing of it is seen by others before the
/// unit ends well.
///
/// It is a connection of SeaORM ([`ConnectionTrait`]), so everything of SeaORM runs on it: `user::Entity::find().one(tx)`.
/// Statements of concurrent futures (`tokio::join!`) wait for each other and are all part of it. It can't leave the
/// closure that it is given to.
pub struct Tx {
    inner: DatabaseTransaction,
    whole: Arc<Whole>,
    after_commit: Mutex<Vec<Hook>>,
}

/// What a unit of work and all scopes in it share.
struct Whole {
    engine: Arc<dyn Engine>,
    access: Access,
    now: Timestamp,
    actor: Mutex<Option<Uuid>>,
    /// The transaction is, or may be, gone: nothing runs on it any more.
    ended: AtomicBool,
}

impl Tx {
    /// Runs `work` in a new transaction: commits when it succeeds, rolls back when it fails, panics or is dropped.
    pub(crate) async fn run<T>(
        engine: &Arc<dyn Engine>,
        access: Access,
        now: Timestamp,
        work: impl AsyncFnOnce(&mut Self) -> Result<T>,
    ) -> Result<T> {
        if is_inside() {
            return Err(Error::internal(crate::error::INSIDE));
        }
        let connection = match access {
            Access::Read => engine.read(),
            Access::Write => engine.write(),
        };
        let inner = connection.begin_with_options(engine.transaction(access)).await.or_error()?;
        let whole =
            Whole { engine: engine.clone(), access, now, actor: Mutex::new(None), ended: AtomicBool::new(false) };
        let mut tx = Self { inner, whole: Arc::new(whole), after_commit: Mutex::default() };
        match INSIDE.scope((), work(&mut tx)).await {
            Ok(value) => tx.commit().await.map(|()| value),
            Err(error) => {
                tx.rollback().await;
                Err(error)
            }
        }
    }

    /// Runs `work` in a scope of its own (a savepoint): when it fails, what it did is undone, and the unit of work can go
    /// on. The handle is borrowed meanwhile, so nothing else can run between.
    ///
    /// # Errors
    /// Those of `work`. When the scope itself can't be opened or closed, or is dropped while that happens, the whole unit
    /// of work is undone.
    pub async fn nested<T>(&mut self, work: impl AsyncFnOnce(&mut Tx) -> Result<T>) -> Result<T> {
        let inner = self.whole.boundary(self.inner.begin()).await.or_error()?;
        let mut scope = Tx { inner, whole: self.whole.clone(), after_commit: Mutex::default() };
        let result = work(&mut scope).await;
        let Tx { inner, whole, after_commit } = scope;
        match result {
            Ok(value) => {
                whole.boundary(inner.commit()).await.or_error()?;
                self.hooks().append(&mut after_commit.into_inner().unwrap_or_else(PoisonError::into_inner));
                Ok(value)
            }
            Err(error) => {
                if let Err(cause) = whole.boundary(inner.rollback()).await {
                    tracing::debug!(cause = %crate::error::error(cause).report(), "a scope was not rolled back");
                }
                Err(error)
            }
        }
    }

    /// Calls `hook` once the unit of work is committed, and never if it is not: to forget what a cache holds, to wake a
    /// worker. A hook that fails can't undo the commit.
    pub fn after_commit(&self, hook: impl FnOnce() + Send + 'static) {
        self.hooks().push(Box::new(hook));
    }

    /// The time of this unit of work; every row that it writes gets the same.
    pub fn now(&self) -> Timestamp {
        self.whole.now
    }

    /// Says on whose behalf the unit of work acts, for `created_by` and `updated_by`.
    pub fn act_as(&self, actor: Uuid) {
        *self.whole.actor.lock().unwrap_or_else(PoisonError::into_inner) = Some(actor);
    }

    /// On whose behalf it acts.
    pub fn actor(&self) -> Option<Uuid> {
        *self.whole.actor.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The transaction of SeaORM. What runs on it directly is part of the unit of work, but a failure that ends the
    /// transaction is then not noticed, and scopes begun on it can be mixed up: prefer the handle itself.
    pub fn raw(&self) -> &DatabaseTransaction {
        &self.inner
    }

    async fn commit(self) -> Result<()> {
        if self.whole.ended.load(Ordering::Acquire) {
            self.rollback().await;
            return Err(crate::error::error(DbErr::Custom(ENDED.to_owned())));
        }
        self.inner.commit().await.or_error()?;
        for hook in self.after_commit.into_inner().unwrap_or_else(PoisonError::into_inner) {
            hook();
        }
        Ok(())
    }

    async fn rollback(self) {
        // A failure means that the transaction is gone already; the pool checks the connection before its next use.
        if let Err(cause) = self.inner.rollback().await {
            tracing::debug!(cause = %crate::error::error(cause).report(), "a unit of work was not rolled back");
        }
    }

    fn hooks(&self) -> std::sync::MutexGuard<'_, Vec<Hook>> {
        self.after_commit.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn permit(&self, statement: &str) -> Result<(), DbErr> {
        if self.whole.ended.load(Ordering::Acquire) {
            return Err(DbErr::Custom(ENDED.to_owned()));
        }
        if self.whole.access == Access::Read && writes(statement) {
            return Err(DbErr::Custom(READ_ONLY.to_owned()));
        }
        Ok(())
    }

    fn watch<T>(&self, result: Result<T, DbErr>) -> Result<T, DbErr> {
        if let Err(error) = &result
            && self.whole.engine.ends_transaction(error)
        {
            self.whole.ended.store(true, Ordering::Release);
        }
        result
    }
}

impl Whole {
    /// Opens or closes a scope. If that fails or is dropped half-way, nobody can say at which scope the connection stands
    /// (the driver would go on to roll back one level too many): then the unit of work as a whole has ended.
    async fn boundary<T>(&self, step: impl Future<Output = Result<T, DbErr>>) -> Result<T, DbErr> {
        if self.ended.swap(true, Ordering::AcqRel) {
            return Err(DbErr::Custom(ENDED.to_owned()));
        }
        let done = step.await?;
        self.ended.store(false, Ordering::Release);
        Ok(done)
    }
}

#[async_trait]
impl ConnectionTrait for Tx {
    fn get_database_backend(&self) -> DbBackend {
        self.inner.get_database_backend()
    }

    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        self.permit(&statement.sql)?;
        self.watch(self.inner.execute_raw(statement).await)
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        self.permit(sql)?;
        self.watch(self.inner.execute_unprepared(sql).await)
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        self.permit(&statement.sql)?;
        self.watch(self.inner.query_one_raw(self.whole.engine.prepare(statement)).await)
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        self.permit(&statement.sql)?;
        self.watch(self.inner.query_all_raw(self.whole.engine.prepare(statement)).await)
    }
}
