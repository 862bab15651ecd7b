//! Users and their passwords.

use archirust::auth::password::{Violation, into_error};
use archirust::id::Uuid;
use archirust::page::{Page, PageQuery};
use archirust::sql::Tx;
use archirust::{Error, ErrorKind, Result, Secret};
use sea_orm::ActiveValue::Set;
use sea_orm::IntoActiveModel;

use super::{Accounts, Client};
use crate::dto::{ChangePassword, Register, UpdateUser};
use crate::repository::password_history;
use crate::repository::users::{self, ActiveModel, LISTING, Model, USERS, by_email, normal_email};

/// What a user may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    User,
    Admin,
}

impl Role {
    /// As it is stored and shown.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Admin => "admin",
        }
    }
}

impl Accounts {
    /// Makes an account.
    ///
    /// # Errors
    /// `InvalidInput` with all that speaks against the password; `AlreadyExists` at `/email`.
    pub(crate) async fn register(&self, new: Register, role: Role) -> Result<Model> {
        let email = normal_email(&new.email);
        let name = new.display_name.trim().to_owned();
        let violations = self.hasher.vet(&new.password, &[&email, &name], &[]).await?;
        accept(violations, "/password")?;
        // Found out before the expensive part; the unique index has the last word.
        if by_email(self.db.read(), &email).await?.is_some() {
            return Err(Error::new(ErrorKind::AlreadyExists).with_field("/email", "taken", "has an account already"));
        }
        let hash = self.hasher.hash(new.password).await?;
        let user = self
            .db
            .unit_of_work(async |tx| {
                let row = ActiveModel {
                    email: Set(email),
                    display_name: Set(name),
                    password_hash: Set(hash.expose().clone()),
                    role: Set(role.name().to_owned()),
                    ..Default::default()
                };
                USERS.insert(tx, row).await
            })
            .await?;
        tracing::info!(user = %user.id, role = role.name(), "an account was made");
        Ok(user)
    }

    /// The user who asks.
    ///
    /// # Errors
    /// `Unauthenticated` if the account is gone: its tokens are good for nothing any more.
    pub(crate) async fn user(&self, id: Uuid) -> Result<Model> {
        USERS.find_by_id(self.db.read(), id).await?.ok_or_else(|| ErrorKind::Unauthenticated.into())
    }

    /// The user who asks, who has to be an administrator. It is looked up each time: who is one no longer is refused at once.
    ///
    /// # Errors
    /// `PermissionDenied`, or as [`Accounts::user`].
    pub(crate) async fn admin(&self, id: Uuid) -> Result<Model> {
        let user = self.user(id).await?;
        if user.role == Role::Admin.name() {
            return Ok(user);
        }
        tracing::warn!(user = %id, "a user was refused what is for administrators");
        Err(ErrorKind::PermissionDenied.into())
    }

    /// Changes the user's own data. With `version`, only if it was not changed since.
    ///
    /// # Errors
    /// `PreconditionFailed` or `VersionConflict` if it was.
    pub(crate) async fn update(&self, id: Uuid, change: UpdateUser, version: Option<i64>) -> Result<Model> {
        let user = self.user(id).await?;
        if version.is_some_and(|version| version != user.version) {
            return Err(ErrorKind::PreconditionFailed.into());
        }
        let Some(name) = change.display_name else { return Ok(user) };
        self.db
            .unit_of_work(async |tx| {
                let mut row = user.into_active_model();
                row.display_name = Set(name.trim().to_owned());
                USERS.update(tx, row).await
            })
            .await
    }

    /// Replaces the password, and ends every other session: whoever knew the old one is out.
    ///
    /// # Errors
    /// `InvalidCredentials` if the current password is wrong, `RateLimited` after too many of these; `InvalidInput` with all
    /// that speaks against the new one.
    pub(crate) async fn change_password(
        &self,
        id: Uuid,
        session: Option<Uuid>,
        change: ChangePassword,
        client: &Client,
    ) -> Result<()> {
        let user = self.user(id).await?;
        self.check_password(&user, change.current_password, client).await?;
        let mut previous = vec![user.password_hash.clone()];
        let most = self.hasher.policy().history() as u64;
        previous.extend(password_history::of_user(self.db.read(), id, most).await?);
        let previous: Vec<&str> = previous.iter().map(String::as_str).collect();
        let about = [user.email.as_str(), user.display_name.as_str()];
        let violations = self.hasher.vet(&change.new_password, &about, &previous).await?;
        accept(violations, "/new_password")?;
        let hash = self.hasher.hash(change.new_password).await?;
        self.db
            .unit_of_work(async |tx| {
                password_history::remember(tx, id, user.password_hash.clone(), most).await?;
                store_hash(tx, user, &hash).await
            })
            .await?;
        tracing::info!(user = %id, "a password was changed");
        self.end_other_sessions(id, session).await
    }

    /// One page of all users.
    ///
    /// # Errors
    /// `InvalidInput` for a column that can't be sorted by, `InvalidCursor`.
    pub(crate) async fn list(&self, query: &PageQuery) -> Result<Page<Model>> {
        let request = LISTING.request(query, &(), &self.cursors)?;
        USERS.page(self.db.read(), USERS.find(), &request).await
    }

    /// Whether this is the user's password, counted as an attempt. A hash that is weaker than a new one is replaced.
    pub(super) async fn check_password(&self, user: &Model, password: Secret<String>, client: &Client) -> Result<()> {
        self.verify(&user.email, Some(user), password, client).await
    }

    /// Stores a stronger hash of the password that has just been verified. A failure is no reason to refuse the login.
    pub(super) async fn rehash(&self, user: &Model, password: Secret<String>) {
        let stored = async {
            let hash = self.hasher.hash(password).await?;
            let user = user.clone();
            self.db.unit_of_work(async |tx| store_hash(tx, user, &hash).await).await
        };
        match stored.await {
            Ok(()) => tracing::info!(user = %user.id, "the hash of a password was made stronger"),
            Err(error) => tracing::warn!(user = %user.id, error = %error.report(), "a weak hash could not be replaced"),
        }
    }
}

async fn store_hash(tx: &Tx, user: users::Model, hash: &Secret<String>) -> Result<()> {
    let mut row = user.into_active_model();
    row.password_hash = Set(hash.expose().clone());
    USERS.update(tx, row).await.map(drop)
}

fn accept(violations: Vec<Violation>, pointer: &str) -> Result<()> {
    if violations.is_empty() { Ok(()) } else { Err(into_error(pointer, violations)) }
}
