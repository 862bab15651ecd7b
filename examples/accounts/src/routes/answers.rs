//! What the logic gives, in the form of the wire.

use archirust::auth::session::{Challenge, Issued, Session};
use archirust::auth::totp::RecoveryCodes as Codes;
use archirust::id::Uuid;
use archirust::page::Page;
use archirust::sql::UtcTime;
use archirust::{Secret, Timestamp};

use crate::dto::{Authenticated, RecoveryCodes, SecondFactorNeeded, SessionAnswer, UserAnswer, UserList};
use crate::logic::Role;
use crate::repository::users::Model;

pub(super) fn user(user: Model) -> UserAnswer {
    UserAnswer {
        id: user.id,
        email: user.email,
        display_name: user.display_name,
        role: if user.role == Role::Admin.name() { Role::Admin.name() } else { Role::User.name() },
        created_at: time(user.created_at),
        updated_at: time(user.updated_at),
    }
}

pub(super) fn users(page: Page<Model>) -> UserList {
    let Page { items, next } = page.map(user);
    UserList { items, next }
}

pub(super) fn session(session: Session, current: Option<Uuid>) -> SessionAnswer {
    SessionAnswer {
        current: Some(session.id) == current,
        id: session.id,
        created_at: session.created_at.to_string(),
        last_used_at: session.last_used_at.to_string(),
        address: session.address.map(|address| address.to_string()),
        user_agent: session.user_agent,
    }
}

pub(super) fn authenticated(issued: Issued) -> Authenticated {
    Authenticated {
        access_token: Secret::from(issued.access.expose()),
        token_type: "Bearer",
        expires_in: issued.access.expires_in().as_secs(),
        refresh_token: issued.refresh,
    }
}

pub(super) fn challenge(challenge: Challenge) -> SecondFactorNeeded {
    SecondFactorNeeded { challenge: challenge.text, expires_in: challenge.expires_in.as_secs() }
}

pub(super) fn codes(codes: Codes) -> RecoveryCodes {
    RecoveryCodes { recovery_codes: codes.codes }
}

fn time(time: UtcTime) -> String {
    Timestamp::from(time).to_string()
}
