//! What is signed and what comes out.

use std::fmt;
use std::time::Duration;

use archirust_core::id::Uuid;
use archirust_core::{Secret, Timestamp};

use super::NoExtra;

/// What an access token is to say. Issuer, audience, times and identifier are the signer's.
#[derive(Clone)]
pub struct NewToken<E = NoExtra> {
    pub(crate) sub: String,
    pub(crate) client_id: Option<String>,
    pub(crate) sid: Option<Uuid>,
    pub(crate) auth_time: Option<Timestamp>,
    pub(crate) acr: Option<String>,
    pub(crate) amr: Vec<String>,
    pub(crate) extra: E,
}

impl NewToken {
    /// A token about `subject`: 1 to 255 bytes without white space, the same for the same user for ever.
    pub fn new(subject: impl Into<String>) -> Self {
        Self {
            sub: subject.into(),
            client_id: None,
            sid: None,
            auth_time: None,
            acr: None,
            amr: Vec::new(),
            extra: NoExtra {},
        }
    }
}

impl<E> NewToken<E> {
    /// Names the session that the token ends with.
    #[must_use]
    pub fn session(mut self, id: Uuid) -> Self {
        self.sid = Some(id);
        self
    }

    /// Says when and how the user proved who they are.
    #[must_use]
    pub fn authenticated(
        mut self,
        at: Timestamp,
        acr: impl Into<String>,
        amr: impl IntoIterator<Item = impl Into<String>>,
    ) -> Self {
        self.auth_time = Some(at);
        self.acr = Some(acr.into());
        self.amr = amr.into_iter().map(Into::into).collect();
        self
    }

    /// Names the OAuth client that asks for the token (RFC 8693, section 4.3).
    #[must_use]
    pub fn client(mut self, id: impl Into<String>) -> Self {
        self.client_id = Some(id.into());
        self
    }

    /// Adds the claims of the service: a struct or map that becomes a JSON object. One with a registered name is an error
    /// when the token is signed.
    pub fn extra<F>(self, extra: F) -> NewToken<F> {
        let Self { sub, client_id, sid, auth_time, acr, amr, extra: _ } = self;
        NewToken { sub, client_id, sid, auth_time, acr, amr, extra }
    }
}

/// A signed access token. `Debug` shows its `jti` alone.
#[derive(Clone)]
pub struct AccessToken {
    pub(crate) text: Secret<String>,
    pub(crate) jti: Uuid,
    pub(crate) exp: Timestamp,
    pub(crate) lifetime: Duration,
}

impl AccessToken {
    /// The token itself, for the answer to its owner.
    pub fn expose(&self) -> &str {
        self.text.expose()
    }

    /// Its identifier: what may be logged.
    pub fn jti(&self) -> Uuid {
        self.jti
    }

    /// From when on it is not accepted.
    pub fn expires_at(&self) -> Timestamp {
        self.exp
    }

    /// How long it lives from its issue: `expires_in` of OAuth (RFC 6749, section 5.1).
    pub fn expires_in(&self) -> Duration {
        self.lifetime
    }
}

impl fmt::Debug for AccessToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "AccessToken(jti: {})", self.jti)
    }
}
