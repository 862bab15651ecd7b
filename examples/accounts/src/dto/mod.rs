//! What travels over the wire: one type for each body, checked before a handler sees it.

mod sessions;
mod totp;
mod users;

pub(crate) use sessions::{
    Authenticated, ChallengeAnswer, LogIn, Refresh, SecondFactorNeeded, SessionAnswer, SessionList,
};
pub(crate) use totp::{Confirm, Enrolment, RecoveryCodes};
pub(crate) use users::{ChangePassword, Register, UpdateUser, UserAnswer, UserList};

use archirust::Secret;
use serde::Serializer;

/// A secret that is made to be given to this client, and to nobody else.
fn hand_out<S: Serializer>(secret: &Secret<String>, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(secret.expose())
}

fn hand_out_all<S: Serializer>(secrets: &[Secret<String>], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(secrets.iter().map(|secret| secret.expose().as_str()))
}
