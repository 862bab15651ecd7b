use std::marker::PhantomData;
use std::time::Duration;

use archirust_core::{Error, ErrorKind};
use axum::extract::FromRequestParts;
use http::HeaderValue;
use http::request::Parts;

use super::{Access, Principal};
use crate::extract::context_of;
use crate::problem::ApiError;

/// The caller, who proved who they are at most `MINUTES` ago. An older session is answered with 401 and how recent it has to
/// be (RFC 9470).
#[derive(Clone, Debug)]
pub struct RecentAuthentication<const MINUTES: u64, E = Access>(pub Principal<E>);

impl<S, const MINUTES: u64, E> FromRequestParts<S> for RecentAuthentication<MINUTES, E>
where
    S: Send + Sync,
    E: Send + Sync + 'static,
{
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let principal = <Principal<E> as FromRequestParts<S>>::from_request_parts(parts, state).await?;
        let now = context_of(parts)?.0.shared.clock.now();
        let seconds = MINUTES.saturating_mul(60);
        match principal.claims().authenticated_within(Duration::from_secs(seconds), now) {
            Ok(()) => Ok(Self(principal)),
            Err(error) => {
                let challenge = format!(
                    "Bearer error=\"insufficient_user_authentication\", error_description=\"a recent authentication is \
                     required\", max_age=\"{seconds}\""
                );
                let error = ApiError::from(error);
                Err(match HeaderValue::try_from(challenge) {
                    Ok(challenge) => error.with_challenge(challenge),
                    Err(_) => error,
                })
            }
        }
    }
}

/// A role that handlers can ask for: `struct Admin; impl Role for Admin { const NAME: &'static str = "admin"; }`
pub trait Role: Send + Sync + 'static {
    /// As it stands in tokens.
    const NAME: &'static str;
}

/// Claims that name roles.
pub trait HasRoles {
    /// Whether the caller has this one.
    fn has_role(&self, role: &str) -> bool;
}

impl HasRoles for Access {
    fn has_role(&self, role: &str) -> bool {
        self.roles.iter().any(|own| own == role)
    }
}

/// The caller, who has the role `R`. Others are answered with 403.
#[derive(Clone, Debug)]
pub struct RequireRole<R, E = Access> {
    /// The caller.
    pub principal: Principal<E>,
    role: PhantomData<R>,
}

impl<S, R, E> FromRequestParts<S> for RequireRole<R, E>
where
    S: Send + Sync,
    R: Role,
    E: HasRoles + Send + Sync + 'static,
{
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let principal = <Principal<E> as FromRequestParts<S>>::from_request_parts(parts, state).await?;
        if principal.claims().extra.has_role(R::NAME) {
            return Ok(Self { principal, role: PhantomData });
        }
        let detail = format!("the role {} is missing", R::NAME);
        Err(Error::new(ErrorKind::PermissionDenied).with_detail(detail).into())
    }
}
