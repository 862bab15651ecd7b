//! Rows of one entity: found, written, listed.

use std::marker::PhantomData;

use archirust_core::page::{Page, PageRequest, Start};
use archirust_core::{Error, ErrorKind, Result};
use sea_orm::sea_query::{Cond, Condition, Expr, ExprTrait, ValueTuple};
use sea_orm::sea_query::{FromValueTuple, IntoValueTuple};
use sea_orm::{
    ActiveModelBehavior, ActiveModelTrait, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, FromQueryResult,
    IntoActiveModel, Iterable, PaginatorTrait, PrimaryKeyToColumn, PrimaryKeyTrait, QueryFilter, QuerySelect, Select,
    Value,
};

use crate::error::{OrError, error};
use crate::record::{Record, fill_changed, fill_new};
use crate::time::UtcTime;
use crate::tx::Tx;
use crate::{keyset, point};

/// Bound values of one statement; SQLite takes 32,766 of them, the others more.
const MAX_VALUES: usize = 30_000;

/// The type of an entity's key.
pub type KeyOf<E> = <<E as EntityTrait>::PrimaryKey as PrimaryKeyTrait>::ValueType;

/// Rows of one entity, with the behaviour that its [`Record`] names. Has no state: a constant will do.
///
/// Reads take any connection ([`Tx`], [`Database::read`](crate::Database::read)); writes take a [`Tx`]. For everything
/// else there is SeaORM: start with [`Repository::find`].
#[derive(Debug)]
pub struct Repository<E> {
    scope: Scope,
    entity: PhantomData<fn() -> E>,
}

/// Which rows are there, of those that were only marked as deleted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Scope {
    Present,
    All,
    Deleted,
}

impl<E> Clone for Repository<E> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<E> Copy for Repository<E> {}

impl<E> Default for Repository<E> {
    fn default() -> Self {
        Self::new()
    }
}

impl<E> Repository<E> {
    /// The rows that are not deleted.
    pub const fn new() -> Self {
        Self { scope: Scope::Present, entity: PhantomData }
    }

    /// All rows, deleted ones included.
    #[must_use]
    pub const fn with_deleted(self) -> Self {
        Self { scope: Scope::All, entity: PhantomData }
    }

    /// Only rows that were deleted.
    #[must_use]
    pub const fn only_deleted(self) -> Self {
        Self { scope: Scope::Deleted, entity: PhantomData }
    }
}

impl<E> Repository<E>
where
    E: Record,
    E::Model: IntoActiveModel<E::ActiveModel> + FromQueryResult + Send + Sync,
    E::ActiveModel: ActiveModelTrait<Entity = E> + ActiveModelBehavior + Send,
{
    /// A query over the rows that are there; SeaORM takes it on.
    pub fn find(&self) -> Select<E> {
        E::find().filter(self.there())
    }

    /// The row with this key.
    ///
    /// # Errors
    /// What the database says.
    pub async fn find_by_id(&self, on: &impl ConnectionTrait, id: impl Into<KeyOf<E>>) -> Result<Option<E::Model>> {
        let query = point::read::<E>(on.get_database_backend(), self.scope, id.into(), || self.there());
        E::Model::find_by_statement(query).one(on).await.or_error()
    }

    /// The row with this key, which has to be there.
    ///
    /// # Errors
    /// `NotFound`, or what the database says.
    pub async fn by_id(&self, on: &impl ConnectionTrait, id: impl Into<KeyOf<E>>) -> Result<E::Model> {
        self.find_by_id(on, id).await?.ok_or_else(|| Error::new(ErrorKind::NotFound))
    }

    /// Adds a row. A key that is not set becomes a new UUIDv7; times, authors and version are filled in.
    ///
    /// # Errors
    /// `AlreadyExists` with the field that collides, `ForeignKey`, `CheckViolation`, or what the database says.
    pub async fn insert(&self, tx: &Tx, mut row: E::ActiveModel) -> Result<E::Model> {
        fill_new::<E>(tx, &mut row)?;
        row.insert(tx).await.or_error()
    }

    /// Adds many rows with few statements, and says how many. Hooks of the entity are not called.
    ///
    /// # Errors
    /// As [`Repository::insert`]; then none of them was added, once the unit of work is rolled back.
    pub async fn insert_many(&self, tx: &Tx, rows: impl IntoIterator<Item = E::ActiveModel>) -> Result<u64> {
        let columns = E::Column::iter().count().max(1);
        let mut rows = rows.into_iter();
        let mut count = 0;
        loop {
            let mut chunk: Vec<E::ActiveModel> = rows.by_ref().take(MAX_VALUES / columns).collect();
            if chunk.is_empty() {
                return Ok(count);
            }
            for row in &mut chunk {
                fill_new::<E>(tx, row)?;
            }
            count += E::insert_many(chunk).exec_without_returning(tx).await.or_error()?;
        }
    }

    /// Changes a row: what is `Set` in `row`, and who and when. The key has to be there, and the version that was read if
    /// the entity has one (as `Model::into_active_model` gives it, or `Set` from what a client sent).
    ///
    /// # Errors
    /// `VersionConflict` when it was changed since, `NotFound` when it is not there, or as [`Repository::insert`].
    pub async fn update(&self, tx: &Tx, mut row: E::ActiveModel) -> Result<E::Model> {
        let version = fill_changed::<E>(tx, &mut row)?;
        let row = row.before_save(tx, false).await.or_error()?;
        let key = row.get_primary_key_value();
        let mut update = E::update(row).validate().or_error()?.filter(self.there());
        if let (Some(column), Some(version)) = (E::BEHAVIOUR.version_column(), version) {
            update = update.filter(column.eq(version));
        }
        match update.exec(tx).await {
            Ok(model) => E::ActiveModel::after_save(model, tx, false).await.or_error(),
            Err(DbErr::RecordNotUpdated) => Err(self.why_not_updated(tx, key, version.is_some()).await?),
            Err(cause) => Err(error(cause)),
        }
    }

    /// Deletes a row: marks it where the entity says so, or removes it.
    ///
    /// # Errors
    /// `NotFound` when it is not there, `ForeignKey` when others refer to it, or what the database says.
    pub async fn delete(&self, tx: &Tx, id: impl Into<KeyOf<E>>) -> Result<()> {
        match E::BEHAVIOUR.deleted_at_column() {
            Some(column) => self.mark(tx, id.into(), column, UtcTime::from(tx.now()).into(), column.is_null()).await,
            None => self.delete_permanently(tx, id).await,
        }
    }

    /// Takes back a deletion.
    ///
    /// # Errors
    /// `NotFound` when it is not there or not deleted; `Internal` when rows of this entity are not only marked.
    pub async fn restore(&self, tx: &Tx, id: impl Into<KeyOf<E>>) -> Result<()> {
        let column = E::BEHAVIOUR
            .deleted_at_column()
            .ok_or_else(|| Error::internal("a row that is removed can't be restored"))?;
        self.mark(tx, id.into(), column, Value::BigInt(None), column.is_not_null()).await
    }

    /// Removes a row for good, marked or not.
    ///
    /// # Errors
    /// As [`Repository::delete`].
    pub async fn delete_permanently(&self, tx: &Tx, id: impl Into<KeyOf<E>>) -> Result<()> {
        let done = E::delete_by_id(id.into()).exec(tx).await.or_error()?;
        if done.rows_affected == 0 { Err(Error::new(ErrorKind::NotFound)) } else { Ok(()) }
    }

    /// One page of the rows of `select` (start with [`Repository::find`]): searched, sorted, from where the request says.
    ///
    /// # Errors
    /// `InvalidCursor` for a cursor of another order, `Internal` when the list allows what the entity can't do.
    pub async fn page(
        &self,
        on: &impl ConnectionTrait,
        select: Select<E>,
        request: &PageRequest,
    ) -> Result<Page<E::Model>> {
        let keys = keyset::order::<E>(request.sort())?;
        let mut select = keyset::sorted(select, &keys).limit(request.rows_to_fetch());
        if let Some(search) = keyset::search_of(request, E::SEARCHED.len())? {
            select = select.filter(keyset::found(E::SEARCHED, search, on.get_database_backend()));
        }
        select = match request.start() {
            Start::Offset(0) => select,
            Start::Offset(skip) => select.offset(*skip),
            Start::After(values) => select.filter(keyset::after(&keys, values)?),
        };
        let rows = select.all(on).await.or_error()?;
        let last = usize::try_from(request.size()).unwrap_or(usize::MAX).saturating_sub(1);
        let place = match rows.get(last) {
            Some(row) if rows.len() > last + 1 => keyset::place(row, &keys)?,
            _ => Vec::new(),
        };
        request.page(rows, |_| place)
    }

    /// How many rows `select` has.
    ///
    /// # Errors
    /// What the database says.
    pub async fn count(&self, on: &impl ConnectionTrait, select: Select<E>) -> Result<u64> {
        select.count(on).await.or_error()
    }

    /// Sets the column of the soft deletion.
    async fn mark(&self, tx: &Tx, id: KeyOf<E>, column: E::Column, value: Value, only: Expr) -> Result<()> {
        let mut update = E::update_many().col_expr(column, Expr::val(value)).filter(key_is::<E>(id)).filter(only);
        for (column, value) in E::BEHAVIOUR.changes(tx) {
            update = update.col_expr(column, Expr::val(value));
        }
        if let Some(version) = E::BEHAVIOUR.version_column() {
            update = update.col_expr(version, Expr::col(version).add(1));
        }
        let done = update.exec(tx).await.or_error()?;
        if done.rows_affected == 0 { Err(Error::new(ErrorKind::NotFound)) } else { Ok(()) }
    }

    async fn why_not_updated(&self, tx: &Tx, key: Option<ValueTuple>, versioned: bool) -> Result<Error> {
        let there = match key {
            Some(key) if versioned => self.find_by_id(tx, KeyOf::<E>::from_value_tuple(key)).await?.is_some(),
            _ => false,
        };
        Ok(Error::new(if there { ErrorKind::VersionConflict } else { ErrorKind::NotFound }))
    }

    /// The rows that are there for this repository.
    fn there(&self) -> Condition {
        match (E::BEHAVIOUR.deleted_at_column(), self.scope) {
            (Some(column), Scope::Present) => Cond::all().add(column.is_null()),
            (Some(column), Scope::Deleted) => Cond::all().add(column.is_not_null()),
            // Without marks, no row is deleted and still there.
            (None, Scope::Deleted) => Cond::any(),
            _ => Cond::all(),
        }
    }
}

fn key_is<E: EntityTrait>(id: KeyOf<E>) -> Condition {
    let pairs = key_columns::<E>().zip(id.into_value_tuple());
    pairs.fold(Cond::all(), |all, (column, value)| all.add(column.eq(value)))
}

/// The columns of the primary key.
pub(crate) fn key_columns<E: EntityTrait>() -> impl Iterator<Item = E::Column> {
    E::PrimaryKey::iter().map(PrimaryKeyToColumn::into_column)
}
