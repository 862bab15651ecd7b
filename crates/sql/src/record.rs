//! What an entity does by itself, said by naming columns.

use archirust_core::{Error, Result, id};
use sea_orm::sea_query::ColumnType;
use sea_orm::{
    ActiveModelTrait, ActiveValue, ColumnTrait, EntityTrait, Iterable, PrimaryKeyToColumn, PrimaryKeyTrait, Value,
};

use crate::error::OrError;
use crate::time::UtcTime;
use crate::tx::Tx;

/// An entity of SeaORM with behaviour of its own.
///
/// ```
/// use archirust_sql::{Behaviour, Record, UtcTime};
/// use sea_orm::entity::prelude::*;
///
/// #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
/// #[sea_orm(table_name = "notes")]
/// pub struct Model {
///     #[sea_orm(primary_key, auto_increment = false)]
///     pub id: Uuid,
///     pub body: String,
///     pub created_at: UtcTime,
///     pub updated_at: UtcTime,
///     pub version: i64,
/// }
/// # #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
/// # pub enum Relation {}
/// # impl ActiveModelBehavior for ActiveModel {}
///
/// impl Record for Entity {
///     const BEHAVIOUR: Behaviour<Column> =
///         Behaviour::NONE.times(Column::CreatedAt, Column::UpdatedAt).version(Column::Version);
///     const SEARCHED: &'static [Column] = &[Column::Body];
/// }
/// ```
pub trait Record: EntityTrait {
    /// What happens by itself when a row is written.
    const BEHAVIOUR: Behaviour<Self::Column> = Behaviour::NONE;

    /// The columns of text that a search of a list looks into.
    const SEARCHED: &'static [Self::Column] = &[];
}

/// What happens by itself when a row is written: the columns for it, each optional.
#[derive(Clone, Copy, Debug)]
pub struct Behaviour<C> {
    created_at: Option<C>,
    updated_at: Option<C>,
    created_by: Option<C>,
    updated_by: Option<C>,
    version: Option<C>,
    deleted_at: Option<C>,
}

impl<C: Copy> Behaviour<C> {
    /// Nothing happens by itself.
    pub const NONE: Self = Self {
        created_at: None,
        updated_at: None,
        created_by: None,
        updated_by: None,
        version: None,
        deleted_at: None,
    };

    /// Keeps when a row was made and last changed; both [`UtcTime`].
    #[must_use]
    pub const fn times(mut self, created_at: C, updated_at: C) -> Self {
        self.created_at = Some(created_at);
        self.updated_at = Some(updated_at);
        self
    }

    /// Keeps who made a row and who last changed it ([`Tx::act_as`]); both `Option<Uuid>`.
    #[must_use]
    pub const fn authors(mut self, created_by: C, updated_by: C) -> Self {
        self.created_by = Some(created_by);
        self.updated_by = Some(updated_by);
        self
    }

    /// Counts changes from 1 (`i64`). Who changes a row that was changed since they read it gets `VersionConflict`.
    #[must_use]
    pub const fn version(mut self, version: C) -> Self {
        self.version = Some(version);
        self
    }

    /// Deleting only marks a row, with an `Option<UtcTime>`; marked rows are not found unless asked for.
    #[must_use]
    pub const fn soft_delete(mut self, deleted_at: C) -> Self {
        self.deleted_at = Some(deleted_at);
        self
    }
}

impl<C: ColumnTrait> Behaviour<C> {
    pub(crate) fn version_column(&self) -> Option<C> {
        self.version
    }

    pub(crate) fn deleted_at_column(&self) -> Option<C> {
        self.deleted_at
    }

    /// What a change sets, apart from the version.
    pub(crate) fn changes(&self, tx: &Tx) -> Vec<(C, Value)> {
        let mut changes = Vec::new();
        if let Some(column) = self.updated_at {
            changes.push((column, UtcTime::from(tx.now()).into()));
        }
        if let Some(column) = self.updated_by {
            changes.push((column, Value::Uuid(tx.actor())));
        }
        changes
    }
}

/// Fills a new row: its key, times, authors and version, where the caller has not set them.
pub(crate) fn fill_new<E: Record>(tx: &Tx, row: &mut E::ActiveModel) -> Result<()> {
    let behaviour = E::BEHAVIOUR;
    let now = || Value::from(UtcTime::from(tx.now()));
    let actor = || Value::Uuid(tx.actor());
    let mut fill = |column: Option<E::Column>, value: &dyn Fn() -> Value| match column {
        Some(column) if row.is_not_set(column) => row.try_set(column, value()).or_error(),
        _ => Ok(()),
    };
    fill(uuid_key::<E>(), &|| Value::Uuid(Some(id::new())))?;
    fill(behaviour.created_at, &now)?;
    fill(behaviour.updated_at, &now)?;
    fill(behaviour.created_by, &actor)?;
    fill(behaviour.updated_by, &actor)?;
    fill(behaviour.version, &|| Value::BigInt(Some(1)))
}

/// Fills a changed row, and gives the version that it must still have in the database.
pub(crate) fn fill_changed<E: Record>(tx: &Tx, row: &mut E::ActiveModel) -> Result<Option<i64>> {
    for (column, value) in E::BEHAVIOUR.changes(tx) {
        row.try_set(column, value).or_error()?;
    }
    let Some(column) = E::BEHAVIOUR.version else { return Ok(None) };
    match row.get(column) {
        ActiveValue::Set(Value::BigInt(Some(version))) | ActiveValue::Unchanged(Value::BigInt(Some(version))) => {
            row.try_set(column, Value::BigInt(Some(version.saturating_add(1)))).or_error()?;
            Ok(Some(version))
        }
        _ => Err(Error::internal("a row with a version can only be changed with the version that was read")),
    }
}

/// The key, if it is a single UUID that the database does not make itself.
fn uuid_key<E: EntityTrait>() -> Option<E::Column> {
    let mut keys = E::PrimaryKey::iter();
    let key = keys.next()?.into_column();
    let single = keys.next().is_none() && !E::PrimaryKey::auto_increment();
    (single && *key.def().get_column_type() == ColumnType::Uuid).then_some(key)
}
