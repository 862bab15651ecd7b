//! Second factors: at most one authenticator app for each user.

use archirust::Result;
use archirust::sql::{Behaviour, OrError, Record, Repository, Tx, UtcTime};
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::OnConflict;
use sea_orm::{ActiveValue::Set, Condition};

/// A user's authenticator app.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "second_factors")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) user_id: Uuid,
    /// Sealed; see `logic::second_factor`.
    pub(crate) secret: String,
    pub(crate) confirmed_at: Option<UtcTime>,
    /// The last time step that a code was accepted of; none of it or before is accepted again.
    pub(crate) last_step: Option<i64>,
    pub(crate) created_at: UtcTime,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Record for Entity {
    const BEHAVIOUR: Behaviour<Column> = Behaviour::NONE;
}

const FACTORS: Repository<Entity> = Repository::new();

/// The second factor of a user, confirmed or not.
pub(crate) async fn of_user(on: &impl ConnectionTrait, user: Uuid) -> Result<Option<Model>> {
    FACTORS.find_by_id(on, user).await
}

/// Begins an enrolment, in place of one that was begun and never confirmed. Says whether it could: a factor that is
/// confirmed is never replaced.
pub(crate) async fn begin(tx: &Tx, user: Uuid, sealed: String) -> Result<bool> {
    let row = ActiveModel {
        user_id: Set(user),
        secret: Set(sealed),
        confirmed_at: Set(None),
        last_step: Set(None),
        created_at: Set(tx.now().into()),
    };
    let replace = OnConflict::column(Column::UserId)
        .update_columns([Column::Secret, Column::LastStep, Column::CreatedAt])
        .action_and_where(Column::ConfirmedAt.is_null())
        .to_owned();
    let rows = Entity::insert(row).on_conflict(replace).exec_without_returning(tx).await.or_error()?;
    Ok(rows > 0)
}

/// Takes the factor into use.
pub(crate) async fn confirm(tx: &Tx, user: Uuid) -> Result<()> {
    let now: UtcTime = tx.now().into();
    Entity::update_many()
        .col_expr(Column::ConfirmedAt, Expr::value(now))
        .filter(Column::UserId.eq(user))
        .exec(tx)
        .await
        .or_error()?;
    Ok(())
}

/// Uses up a time step; false if it, or a later one, was used before. One statement, so that of two requests with the same
/// code only one gets through.
pub(crate) async fn use_step(tx: &Tx, user: Uuid, step: i64) -> Result<bool> {
    let unused = Condition::any().add(Column::LastStep.is_null()).add(Column::LastStep.lt(step));
    let done = Entity::update_many()
        .col_expr(Column::LastStep, Expr::value(step))
        .filter(Condition::all().add(Column::UserId.eq(user)).add(unused))
        .exec(tx)
        .await
        .or_error()?;
    Ok(done.rows_affected == 1)
}

/// Removes the factor of a user.
pub(crate) async fn remove(tx: &Tx, user: Uuid) -> Result<()> {
    FACTORS.delete_permanently(tx, user).await
}
