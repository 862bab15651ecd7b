//! Keyset pagination: the order, the condition that continues after a row, and the place of a row.
//!
//! Rows without a value of a column come last, in both directions, so that every engine sorts alike.

use std::str::FromStr;

use archirust_core::page::{CursorValue, LIKE_ESCAPE, PageRequest, Search, Sort};
use archirust_core::{Error, ErrorKind, Result};
use sea_orm::sea_query::{Cond, Condition, ExprTrait, Func, LikeExpr, Order};
use sea_orm::{
    ColumnTrait, DbBackend, EntityTrait, IdenStatic, Iterable, ModelTrait, PrimaryKeyToColumn, QueryOrder, Select,
    Value,
};

/// One column of the order.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Key<C> {
    column: C,
    descending: bool,
    nullable: bool,
}

/// The columns of a request, and the primary key after them, which makes the order unique.
///
/// # Errors
/// `Internal` when the allow-list of the list names a column that the entity does not have.
pub(crate) fn order<E: EntityTrait>(sort: &[Sort]) -> Result<Vec<Key<E::Column>>> {
    let mut keys = Vec::with_capacity(sort.len() + 1);
    for sort in sort {
        let column = E::Column::from_str(sort.column).map_err(|_| {
            Error::internal(format!("a list is to be sorted by {}, which its entity does not have", sort.column))
        })?;
        keys.push(Key { column, descending: sort.descending, nullable: column.def().is_null() });
    }
    let descending = sort.last().is_some_and(|sort| sort.descending);
    for key in E::PrimaryKey::iter() {
        let column = key.into_column();
        if keys.iter().all(|earlier| earlier.column.as_str() != column.as_str()) {
            // In the direction of the column before it, one index serves both.
            keys.push(Key { column, descending, nullable: false });
        }
    }
    Ok(keys)
}

/// Sorts a query.
pub(crate) fn sorted<E: EntityTrait>(mut select: Select<E>, keys: &[Key<E::Column>]) -> Select<E> {
    for key in keys {
        if key.nullable {
            select = select.order_by(key.column.is_null(), Order::Asc);
        }
        select = select.order_by(key.column, if key.descending { Order::Desc } else { Order::Asc });
    }
    select
}

/// The rows that come after the one with these values.
///
/// # Errors
/// `InvalidCursor` when the values are not those of this order.
pub(crate) fn after<C: ColumnTrait>(keys: &[Key<C>], values: &[CursorValue]) -> Result<Condition> {
    if keys.len() != values.len() {
        return Err(Error::new(ErrorKind::InvalidCursor));
    }
    let pairs: Vec<(Key<C>, &CursorValue)> = keys.iter().copied().zip(values).collect();
    let mut any = Cond::any();
    for (i, (key, value)) in pairs.iter().enumerate() {
        let Some(beyond) = beyond(*key, value) else { continue };
        let mut all = Cond::all();
        for (earlier, value) in &pairs[..i] {
            all = all.add(earlier.column.eq(to_sql(value)));
        }
        any = any.add(all.add(beyond));
    }
    // What the rest says of the first column already, in a form that finds the index on it.
    Ok(match pairs.first() {
        Some((first, value)) if pairs.len() > 1 && !first.nullable => {
            let from = if first.descending { first.column.lte(to_sql(value)) } else { first.column.gte(to_sql(value)) };
            Cond::all().add(from).add(any)
        }
        _ => any,
    })
}

/// The rows whose value of this column comes after; nothing comes after no value.
fn beyond<C: ColumnTrait>(key: Key<C>, value: &CursorValue) -> Option<Condition> {
    if *value == CursorValue::Null {
        return None;
    }
    let beyond = if key.descending { key.column.lt(to_sql(value)) } else { key.column.gt(to_sql(value)) };
    let mut any = Cond::any().add(beyond);
    if key.nullable {
        any = any.add(key.column.is_null());
    }
    Some(any)
}

/// The place of a row in the order.
///
/// # Errors
/// `Internal` for a type that no cursor holds, such as a float.
pub(crate) fn place<M: ModelTrait>(
    row: &M,
    keys: &[Key<<M::Entity as EntityTrait>::Column>],
) -> Result<Vec<CursorValue>> {
    keys.iter()
        .map(|key| {
            from_sql(row.get(key.column)).ok_or_else(|| {
                Error::internal(format!("{} has a type that no list can be sorted by", key.column.as_str()))
            })
        })
        .collect()
}

fn from_sql(value: Value) -> Option<CursorValue> {
    let int = |n: Option<i64>| Some(n.map_or(CursorValue::Null, CursorValue::Int));
    match value {
        Value::Bool(value) => Some(value.map_or(CursorValue::Null, CursorValue::Bool)),
        Value::TinyInt(n) => int(n.map(i64::from)),
        Value::SmallInt(n) => int(n.map(i64::from)),
        Value::Int(n) => int(n.map(i64::from)),
        Value::BigInt(n) => int(n),
        Value::TinyUnsigned(n) => int(n.map(i64::from)),
        Value::SmallUnsigned(n) => int(n.map(i64::from)),
        Value::Unsigned(n) => int(n.map(i64::from)),
        Value::BigUnsigned(n) => int(n.map(i64::try_from).transpose().ok()?),
        Value::String(text) => Some(text.map_or(CursorValue::Null, CursorValue::Text)),
        Value::Bytes(bytes) => Some(bytes.map_or(CursorValue::Null, CursorValue::Bytes)),
        Value::Uuid(id) => Some(id.map_or(CursorValue::Null, CursorValue::Uuid)),
        _ => None,
    }
}

fn to_sql(value: &CursorValue) -> Value {
    match value {
        // Compared with `IS`, whatever the type.
        CursorValue::Null => Value::BigInt(None),
        CursorValue::Bool(value) => Value::Bool(Some(*value)),
        CursorValue::Int(n) => Value::BigInt(Some(*n)),
        CursorValue::Text(text) => Value::String(Some(text.clone())),
        CursorValue::Bytes(bytes) => Value::Bytes(Some(bytes.clone())),
        CursorValue::Uuid(id) => Value::Uuid(Some(*id)),
    }
}

/// The rows that hold the text in one of the columns, without regard to the case of (at least ASCII) letters.
pub(crate) fn found<C: ColumnTrait>(columns: &[C], search: &Search, backend: DbBackend) -> Condition {
    let mut any = Cond::any();
    for column in columns {
        let like = |pattern: String| LikeExpr::new(pattern).escape(LIKE_ESCAPE);
        any = any.add(match backend {
            // Elsewhere LIKE takes no notice of case by itself.
            DbBackend::Postgres => {
                let lower = Func::lower(sea_orm::sea_query::Expr::col(column.as_column_ref()));
                lower.like(like(search.pattern().to_lowercase()))
            }
            _ => column.like(like(search.pattern())),
        });
    }
    any
}

/// The request's number of rows, from where it starts.
pub(crate) fn search_of(request: &PageRequest, searched: usize) -> Result<Option<&Search>> {
    match request.search() {
        Some(_) if searched == 0 => Err(Error::internal("a list is searched whose entity names no columns for it")),
        search => Ok(search),
    }
}
