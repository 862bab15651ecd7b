//! HTTP on one side, the logic on the other: a handler reads a checked request, calls one function, and writes its answer.

mod answers;
mod sessions;
mod totp;
mod users;
mod well_known;

use std::sync::Arc;

use archirust::OpenApiRouter;
use archirust::id::Uuid;
use archirust::web::extract::{ClientAddress, Principal, UserAgent};
use archirust::web::{ApiError, ApiResult};
use archirust::{Error, ErrorKind};
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use utoipa::OpenApi;

use crate::logic::{Accounts, Client};

/// Accounts, sessions and second factors.
#[derive(OpenApi)]
#[openapi(
    info(title = "Accounts", description = "Register, log in with a second factor, and look after one's account."),
    tags(
        (name = "sessions", description = "Logging in, staying logged in, logging out"),
        (name = "users", description = "Accounts"),
        (name = "totp", description = "The second factor"),
        (name = "keys", description = "Public keys"),
    )
)]
struct Description;

/// All routes, over this service.
pub(crate) fn all(accounts: Arc<Accounts>, registration: bool) -> OpenApiRouter {
    OpenApiRouter::with_openapi(Description::openapi())
        .merge(users::routes(registration))
        .merge(sessions::routes())
        .merge(totp::routes())
        .merge(well_known::routes())
        .with_state(accounts)
}

/// The user who asks.
pub(crate) struct Caller {
    id: Uuid,
    session: Option<Uuid>,
}

impl Caller {
    fn of(principal: &Principal) -> ApiResult<Self> {
        // Tokens of this service are about users; one that is not was made by a defect.
        let id = principal.subject().parse().map_err(|_| Error::new(ErrorKind::InvalidToken))?;
        Ok(Self { id, session: principal.session() })
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Caller {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let principal = <Principal as FromRequestParts<S>>::from_request_parts(parts, state).await?;
        Self::of(&principal)
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Client {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let ClientAddress(address) = ClientAddress::from_request_parts(parts, state).await?;
        let Ok(UserAgent(user_agent)) = UserAgent::from_request_parts(parts, state).await;
        Ok(Self { address, user_agent })
    }
}
