use std::sync::Arc;

use archirust_auth::jwt::Claims;
use archirust_core::id::Uuid;
use archirust_core::{Error, ErrorKind};
use axum::extract::{FromRequestParts, OptionalFromRequestParts};
use http::request::Parts;

use super::Access;
use super::bearer::bearer;
use crate::extract::context_of;
use crate::problem::ApiError;

/// The caller, proven by a bearer token that was verified and is not revoked. `Option<Principal>` takes a request without
/// one, too; a token that is not good is refused in any case.
#[derive(Debug)]
pub struct Principal<E = Access>(Arc<Claims<E>>);

impl<E> Principal<E> {
    /// Who it is: the id of the user.
    pub fn subject(&self) -> &str {
        &self.0.sub
    }

    /// The session that the token belongs to.
    pub fn session(&self) -> Option<Uuid> {
        self.0.sid
    }

    /// All that the token says.
    pub fn claims(&self) -> &Claims<E> {
        &self.0
    }
}

impl<E> Clone for Principal<E> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<E> From<Arc<Claims<E>>> for Principal<E> {
    fn from(claims: Arc<Claims<E>>) -> Self {
        Self(claims)
    }
}

impl<S: Send + Sync, E: Send + Sync + 'static> FromRequestParts<S> for Principal<E> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let principal = <Self as OptionalFromRequestParts<S>>::from_request_parts(parts, state).await?;
        principal.ok_or_else(|| ErrorKind::Unauthenticated.into())
    }
}

impl<S: Send + Sync, E: Send + Sync + 'static> OptionalFromRequestParts<S> for Principal<E> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Option<Self>, ApiError> {
        // A second extractor of the same handler gets what the first one found.
        if let Some(known) = parts.extensions.get::<Self>() {
            return Ok(Some(known.clone()));
        }
        let context = context_of(parts)?.clone();
        let Some(token) = bearer(&parts.headers)? else { return Ok(None) };
        let authenticator = context.0.shared.authenticator.as_ref().and_then(|any| any.of::<E>()).ok_or_else(|| {
            Error::internal(
                "a handler asks for a Principal, and WebApp::authenticator was not given one for its claims",
            )
        })?;
        let principal = Self(authenticator.authenticate(token).await?);
        context.set_user(principal.subject());
        parts.extensions.insert(principal.clone());
        Ok(Some(principal))
    }
}
