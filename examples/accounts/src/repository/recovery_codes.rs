//! Recovery codes, as hashes.

use archirust::Result;
use archirust::sql::{Behaviour, OrError, Record, Repository, Tx};
use sea_orm::ActiveValue::Set;
use sea_orm::entity::prelude::*;

/// One code.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "recovery_codes")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) id: Uuid,
    pub(crate) user_id: Uuid,
    pub(crate) hash: String,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Record for Entity {
    const BEHAVIOUR: Behaviour<Column> = Behaviour::NONE;
}

const CODES: Repository<Entity> = Repository::new();

/// The codes that a user has left.
pub(crate) async fn of_user(on: &impl ConnectionTrait, user: Uuid) -> Result<Vec<Model>> {
    CODES.find().filter(Column::UserId.eq(user)).all(on).await.or_error()
}

/// Replaces all codes of a user.
pub(crate) async fn replace(tx: &Tx, user: Uuid, hashes: Vec<String>) -> Result<()> {
    remove(tx, user).await?;
    let rows = hashes.into_iter().map(|hash| ActiveModel { user_id: Set(user), hash: Set(hash), ..Default::default() });
    CODES.insert_many(tx, rows).await?;
    Ok(())
}

/// Uses up a code; false if someone else was faster.
pub(crate) async fn use_up(tx: &Tx, code: Uuid) -> Result<bool> {
    let done = Entity::delete_by_id(code).exec(tx).await.or_error()?;
    Ok(done.rows_affected == 1)
}

/// Removes all codes of a user.
pub(crate) async fn remove(tx: &Tx, user: Uuid) -> Result<()> {
    Entity::delete_many().filter(Column::UserId.eq(user)).exec(tx).await.or_error()?;
    Ok(())
}
