//! Logging in, and what follows.

use archirust::Secret;
use archirust::id::Uuid;
use garde::Validate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::hand_out;

/// A login.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct LogIn {
    /// The e-mail address.
    #[garde(length(max = 254))]
    #[schema(example = "ada@example.org")]
    pub(crate) email: String,
    /// The password.
    #[garde(skip)]
    #[schema(value_type = String, format = Password, write_only)]
    pub(crate) password: Secret<String>,
}

/// The second step of a login: a code of the authenticator app, or one of the recovery codes.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ChallengeAnswer {
    /// What the first step answered.
    #[garde(skip)]
    #[schema(value_type = String)]
    pub(crate) challenge: Secret<String>,
    /// The code that the authenticator app shows, or a recovery code.
    #[garde(skip)]
    #[schema(value_type = String, write_only, example = "123456")]
    pub(crate) code: Secret<String>,
}

/// A refresh token in exchange for new ones.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Refresh {
    /// The refresh token that came last. It is good for one use.
    #[garde(skip)]
    #[schema(value_type = String, write_only)]
    pub(crate) refresh_token: Secret<String>,
}

/// A session, as OAuth 2.0 answers it (RFC 6749, section 5.1).
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Authenticated {
    /// The token for the API, to be sent as `authorization: Bearer …`.
    #[serde(serialize_with = "hand_out")]
    #[schema(value_type = String)]
    pub(crate) access_token: Secret<String>,
    /// Always `Bearer`.
    #[schema(example = "Bearer")]
    pub(crate) token_type: &'static str,
    /// How long the access token lives, in seconds.
    #[schema(example = 300)]
    pub(crate) expires_in: u64,
    /// The token for the next pair, good for one use.
    #[serde(serialize_with = "hand_out")]
    #[schema(value_type = String)]
    pub(crate) refresh_token: Secret<String>,
}

/// The password was right, and the account has a second factor.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SecondFactorNeeded {
    /// To be sent to `/v1/sessions/totp` together with a code.
    #[serde(serialize_with = "hand_out")]
    #[schema(value_type = String)]
    pub(crate) challenge: Secret<String>,
    /// How long the challenge can be answered, in seconds.
    #[schema(example = 300)]
    pub(crate) expires_in: u64,
}

/// One session.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SessionAnswer {
    /// The identifier.
    pub(crate) id: Uuid,
    /// When it began (RFC 3339).
    pub(crate) created_at: String,
    /// When it was last refreshed (RFC 3339).
    pub(crate) last_used_at: String,
    /// The network address that it was begun from.
    pub(crate) address: Option<String>,
    /// The program that it was begun with.
    pub(crate) user_agent: Option<String>,
    /// Whether it is the one that asks.
    pub(crate) current: bool,
}

/// The sessions of a user.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SessionList {
    /// The sessions, the newest first.
    pub(crate) items: Vec<SessionAnswer>,
    /// Always null: a user's sessions fit on one page.
    pub(crate) next: Option<String>,
}
