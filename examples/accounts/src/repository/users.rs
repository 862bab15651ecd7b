//! Users.

use archirust::Result;
use archirust::page::Listing;
use archirust::sql::{Behaviour, OrError, Record, Repository, UtcTime};
use sea_orm::entity::prelude::*;

/// A user.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "users")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) id: Uuid,
    pub(crate) email: String,
    pub(crate) display_name: String,
    pub(crate) password_hash: String,
    pub(crate) role: String,
    pub(crate) version: i64,
    pub(crate) created_at: UtcTime,
    pub(crate) updated_at: UtcTime,
    pub(crate) deleted_at: Option<UtcTime>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Record for Entity {
    const BEHAVIOUR: Behaviour<Column> = Behaviour::NONE
        .times(Column::CreatedAt, Column::UpdatedAt)
        .version(Column::Version)
        .soft_delete(Column::DeletedAt);
    const SEARCHED: &'static [Column] = &[Column::Email, Column::DisplayName];
}

/// What a client may ask of the list of users.
pub(crate) const LISTING: Listing =
    Listing::new("users", &["created_at", "email", "display_name"], "-created_at").searchable();

/// The users that are not deleted.
pub(crate) const USERS: Repository<Entity> = Repository::new();

/// The form in which an address is stored and looked for.
///
/// Only the case of the letters is dropped: what the mail host makes of dots and tags is its own affair.
pub(crate) fn normal_email(email: &str) -> String {
    email.trim().to_lowercase()
}

/// The user with this address, in any case of letters.
pub(crate) async fn by_email(on: &impl ConnectionTrait, email: &str) -> Result<Option<Model>> {
    USERS.find().filter(Column::Email.eq(normal_email(email))).one(on).await.or_error()
}
