//! Hashes of earlier passwords.

use archirust::Result;
use archirust::sql::{Behaviour, OrError, Record, Repository, Tx, UtcTime};
use sea_orm::entity::prelude::*;
use sea_orm::{ActiveValue::Set, QueryOrder, QuerySelect};

/// One earlier password.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "password_history")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) id: Uuid,
    pub(crate) user_id: Uuid,
    pub(crate) password_hash: String,
    pub(crate) created_at: UtcTime,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Record for Entity {
    const BEHAVIOUR: Behaviour<Column> = Behaviour::NONE;
}

const HISTORY: Repository<Entity> = Repository::new();

/// The hashes of a user's earlier passwords, the newest first.
pub(crate) async fn of_user(on: &impl ConnectionTrait, user: Uuid, most: u64) -> Result<Vec<String>> {
    let rows = HISTORY
        .find()
        .filter(Column::UserId.eq(user))
        .order_by_desc(Column::Id)
        .limit(most)
        .all(on)
        .await
        .or_error()?;
    Ok(rows.into_iter().map(|row| row.password_hash).collect())
}

/// Adds the password that is replaced, and forgets all but the `keep` newest.
pub(crate) async fn remember(tx: &Tx, user: Uuid, hash: String, keep: u64) -> Result<()> {
    let created_at = Set(tx.now().into());
    HISTORY
        .insert(tx, ActiveModel { user_id: Set(user), password_hash: Set(hash), created_at, ..Default::default() })
        .await?;
    let rows = Entity::find().filter(Column::UserId.eq(user)).order_by_desc(Column::Id).all(tx).await.or_error()?;
    let old = rows.into_iter().skip(usize::try_from(keep).unwrap_or(usize::MAX)).map(|row| row.id);
    Entity::delete_many().filter(Column::Id.is_in(old)).exec(tx).await.or_error()?;
    Ok(())
}
