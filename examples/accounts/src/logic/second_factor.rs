//! The second factor: enrolled with a code that proves that the app has it, and with recovery codes for the day it is lost.

use archirust::auth::throttle::Action;
use archirust::auth::totp::RecoveryCodes;
use archirust::id::Uuid;
use archirust::sql::Tx;
use archirust::{Error, ErrorKind, Result, Secret};

use super::{Accounts, Client};
use crate::repository::{recovery_codes, second_factors};

/// What an authenticator app needs.
pub(crate) struct Enrolment {
    pub(crate) secret: Secret<String>,
    pub(crate) uri: Secret<String>,
    pub(crate) qr_svg: Secret<String>,
}

impl Accounts {
    /// Begins an enrolment. Nothing changes for the next login before it is confirmed.
    ///
    /// # Errors
    /// `InvalidState` if a second factor is in use.
    pub(crate) async fn enrol(&self, id: Uuid) -> Result<Enrolment> {
        let user = self.user(id).await?;
        let totp = self.factors.enrol();
        let sealed = self.factors.seal(&totp, &id.to_string())?;
        let begun = self.db.unit_of_work(async |tx| second_factors::begin(tx, id, sealed).await).await?;
        if !begun {
            return Err(Error::new(ErrorKind::InvalidState)
                .with_message("a second factor is in use; remove it before you set up another one"));
        }
        Ok(Enrolment {
            secret: totp.secret().to_base32(),
            uri: totp.uri(&self.issuer, &user.email),
            qr_svg: totp.qr_svg(&self.issuer, &user.email)?,
        })
    }

    /// Takes the second factor into use, once its first code has come back, and gives the recovery codes.
    ///
    /// # Errors
    /// `InvalidState` if there is nothing to confirm; `InvalidCredentials` for a wrong code, `RateLimited` after too many.
    pub(crate) async fn confirm(&self, id: Uuid, code: Secret<String>, client: &Client) -> Result<RecoveryCodes> {
        let factor = second_factors::of_user(self.db.read(), id).await?.filter(|factor| factor.confirmed_at.is_none());
        let Some(factor) = factor else {
            return Err(Error::new(ErrorKind::InvalidState).with_message("there is no second factor to confirm"));
        };
        let attempt = self.throttle.attempt(Action::SecondFactor, &id.to_string(), client.address()).await?;
        let totp = self.factors.open(&factor.secret, &id.to_string())?.totp;
        let step = self.factors.verify(&totp, &code, factor.last_step).ok_or(ErrorKind::InvalidCredentials)?;
        let codes = self.factors.recovery_codes(&id.to_string())?;
        self.db
            .unit_of_work(async |tx| {
                if !second_factors::use_step(tx, id, step).await? {
                    return Err(ErrorKind::InvalidCredentials.into());
                }
                second_factors::confirm(tx, id).await?;
                store_codes(tx, id, &codes).await
            })
            .await?;
        attempt.succeeded().await?;
        tracing::info!(user = %id, "a second factor was taken into use");
        Ok(codes)
    }

    /// Makes new recovery codes; the old ones are worth nothing any more.
    ///
    /// # Errors
    /// `InvalidState` without a second factor.
    pub(crate) async fn new_recovery_codes(&self, id: Uuid) -> Result<RecoveryCodes> {
        if !self.has_second_factor(id).await? {
            return Err(Error::new(ErrorKind::InvalidState).with_message("there is no second factor"));
        }
        let codes = self.factors.recovery_codes(&id.to_string())?;
        self.db.unit_of_work(async |tx| store_codes(tx, id, &codes).await).await?;
        tracing::info!(user = %id, "recovery codes were replaced");
        Ok(codes)
    }

    /// Removes the second factor and its recovery codes.
    ///
    /// # Errors
    /// `NotFound` if there is none.
    pub(crate) async fn remove_second_factor(&self, id: Uuid) -> Result<()> {
        self.db
            .unit_of_work(async |tx| {
                recovery_codes::remove(tx, id).await?;
                second_factors::remove(tx, id).await
            })
            .await?;
        tracing::warn!(user = %id, "a second factor was removed");
        Ok(())
    }

    /// Whether a login needs a second factor.
    pub(super) async fn has_second_factor(&self, id: Uuid) -> Result<bool> {
        Ok(second_factors::of_user(self.db.read(), id).await?.is_some_and(|factor| factor.confirmed_at.is_some()))
    }

    /// Uses up a code of the app or a recovery code. Says whether it was good.
    pub(super) async fn use_code(&self, id: Uuid, code: &Secret<String>) -> Result<bool> {
        let read = self.db.read();
        let Some(factor) = second_factors::of_user(read, id).await?.filter(|factor| factor.confirmed_at.is_some())
        else {
            return Ok(false);
        };
        let user = id.to_string();
        let totp = self.factors.open(&factor.secret, &user)?.totp;
        if let Some(step) = self.factors.verify(&totp, code, factor.last_step) {
            return self.db.unit_of_work(async |tx| second_factors::use_step(tx, id, step).await).await;
        }
        let codes = recovery_codes::of_user(read, id).await?;
        let hashes: Vec<&str> = codes.iter().map(|code| code.hash.as_str()).collect();
        let Some(place) = self.factors.find_recovery_code(&user, code, &hashes)? else { return Ok(false) };
        let used = self.db.unit_of_work(async |tx| recovery_codes::use_up(tx, codes[place].id).await).await?;
        if used {
            tracing::warn!(user = %id, left = codes.len() - 1, "a recovery code was used");
        }
        Ok(used)
    }
}

async fn store_codes(tx: &Tx, user: Uuid, codes: &RecoveryCodes) -> Result<()> {
    recovery_codes::replace(tx, user, codes.hashes.iter().map(|hash| hash.expose().clone()).collect()).await
}
