//! The text of a read by key. It is the same each time, and to build it anew took a quarter of the whole read.

use std::any::TypeId;
use std::collections::HashMap;
use std::sync::{Arc, LazyLock, PoisonError, RwLock};

use sea_orm::sea_query::{IntoValueTuple, Values};
use sea_orm::{DbBackend, EntityTrait, QueryFilter, QueryTrait, Statement};

use crate::repository::{KeyOf, Scope};

/// What a text depends on.
type Key = (TypeId, Scope, &'static str);

static TEXTS: LazyLock<RwLock<HashMap<Key, Arc<str>>>> = LazyLock::new(RwLock::default);

/// The query for the row with this key, among those that `there` names.
pub(crate) fn read<E: EntityTrait>(
    backend: DbBackend,
    scope: Scope,
    id: KeyOf<E>,
    there: impl FnOnce() -> sea_orm::sea_query::Condition,
) -> Statement {
    let key = (TypeId::of::<E>(), scope, name(backend));
    let known = TEXTS.read().unwrap_or_else(PoisonError::into_inner).get(&key).cloned();
    if let Some(text) = known {
        let values = Values(id.into_value_tuple().into_iter().collect());
        return Statement { sql: text.to_string(), values: Some(values), db_backend: backend };
    }
    let ids: Vec<_> = id.into_value_tuple().into_iter().collect();
    let mut select = E::find();
    for (column, value) in crate::repository::key_columns::<E>().zip(ids.clone()) {
        select = select.filter(sea_orm::ColumnTrait::eq(&column, value));
    }
    let statement = select.filter(there()).build(backend);
    // Only a text whose values are those of the key, in that order, serves for other keys.
    if statement.values.as_ref().is_some_and(|values| values.0 == ids) {
        let mut texts = TEXTS.write().unwrap_or_else(PoisonError::into_inner);
        texts.insert(key, statement.sql.as_str().into());
    }
    statement
}

fn name(backend: DbBackend) -> &'static str {
    match backend {
        DbBackend::Sqlite => "sqlite",
        DbBackend::Postgres => "postgres",
        DbBackend::MySql => "mysql",
        _ => "other",
    }
}

#[cfg(all(test, feature = "testing"))]
mod tests {
    use archirust_core::id;
    use sea_orm::ColumnTrait;
    use sea_orm::sea_query::Cond;

    use super::*;
    use crate::conformance::schema::{folder, note};

    #[test]
    fn a_text_serves_for_every_key_and_only_for_its_own_query() {
        let (first, second) = (id::new(), id::new());
        let deleted = || Cond::all().add(note::Column::DeletedAt.is_null());
        let texts = || {
            [
                read::<note::Entity>(DbBackend::Sqlite, Scope::Present, first, deleted),
                read::<note::Entity>(DbBackend::Sqlite, Scope::All, first, Cond::all),
                read::<note::Entity>(DbBackend::Postgres, Scope::Present, first, deleted),
                read::<folder::Entity>(DbBackend::Sqlite, Scope::Present, first, Cond::all),
            ]
        };
        let built = texts();
        assert_eq!(built, texts());
        for (i, one) in built.iter().enumerate() {
            assert!(built[..i].iter().all(|other| other.sql != one.sql), "{one:?}");
        }
        let other = read::<note::Entity>(DbBackend::Sqlite, Scope::Present, second, deleted);
        assert_eq!(other.sql, built[0].sql);
        assert_eq!(other.values, Some(Values(vec![second.into()])));
    }
}
