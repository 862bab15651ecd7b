//! Who is calling: bearer tokens, demanded by the signature of a handler.

mod bearer;
mod guards;
mod principal;

use std::any::Any;
use std::sync::Arc;

use archirust_auth::jwt::{Authenticator, Claims};
use archirust_core::Result;
use async_trait::async_trait;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

pub(crate) use bearer::mark_credentials;
pub use guards::{HasRoles, RecentAuthentication, RequireRole, Role};
pub use principal::Principal;

/// Says whose a token is. [`Authenticator`] does it for tokens of this service.
#[async_trait]
pub trait Authenticate<E = Access>: Send + Sync + 'static {
    /// Checks a token in full, revocation included.
    ///
    /// # Errors
    /// `InvalidToken`, `TokenExpired`, `TokenRevoked`; or that it can't be told for the moment.
    async fn authenticate(&self, token: &str) -> Result<Arc<Claims<E>>>;
}

#[async_trait]
impl<E: DeserializeOwned + Send + Sync + 'static> Authenticate<E> for Authenticator<E> {
    async fn authenticate(&self, token: &str) -> Result<Arc<Claims<E>>> {
        Self::authenticate(self, token).await
    }
}

/// What a service says in its tokens about what the caller may do.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Access {
    /// Roles of the user.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub roles: Vec<String>,
    /// Scopes that the user granted to the client, with spaces between them (RFC 6749, section 3.3).
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub scope: String,
}

/// The authenticator of an application, whatever its claims are.
#[derive(Clone)]
pub(crate) struct AnyAuthenticator(Arc<dyn Any + Send + Sync>);

impl AnyAuthenticator {
    pub(crate) fn new<E: 'static>(authenticator: Arc<dyn Authenticate<E>>) -> Self {
        Self(Arc::new(authenticator))
    }

    /// It, if its claims are these.
    pub(crate) fn of<E: 'static>(&self) -> Option<&dyn Authenticate<E>> {
        self.0.downcast_ref::<Arc<dyn Authenticate<E>>>().map(|found| &**found)
    }
}
