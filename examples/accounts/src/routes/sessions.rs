//! Logging in, staying logged in, logging out.

use std::sync::Arc;

use archirust::OpenApiRouter;
use archirust::web::ApiResult;
use archirust::web::extract::{Json, Path, Valid};
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use utoipa_axum::routes;

use super::users::id;
use super::{Caller, answers};
use crate::dto::{Authenticated, ChallengeAnswer, LogIn, Refresh, SecondFactorNeeded, SessionList};
use crate::logic::{Accounts, Client, Login};

type Service = State<Arc<Accounts>>;

pub(super) fn routes() -> OpenApiRouter<Arc<Accounts>> {
    OpenApiRouter::new()
        .routes(routes!(log_in, list, end_all))
        .routes(routes!(answer_challenge))
        .routes(routes!(refresh))
        .routes(routes!(end))
}

/// Log in
///
/// An account with a second factor answers 202 and a challenge, to be sent with a code to `/v1/sessions/totp`.
#[utoipa::path(post, path = "/v1/sessions", tag = "sessions", security(()), request_body = LogIn,
    responses(
        (status = 200, description = "The session has begun", body = Authenticated),
        (status = 202, description = "The second factor is needed", body = SecondFactorNeeded),
    ))]
async fn log_in(
    State(accounts): Service,
    client: Client,
    Valid(Json(login)): Valid<Json<LogIn>>,
) -> ApiResult<Response> {
    Ok(match accounts.log_in(login, &client).await? {
        Login::Session(issued) => Json(answers::authenticated(*issued)).into_response(),
        Login::Challenge(challenge) => (StatusCode::ACCEPTED, Json(answers::challenge(challenge))).into_response(),
    })
}

/// Log in, second step
///
/// Takes a code of the authenticator app, or a recovery code.
#[utoipa::path(post, path = "/v1/sessions/totp", tag = "sessions", security(()), request_body = ChallengeAnswer,
    responses((status = 200, description = "The session has begun", body = Authenticated)))]
async fn answer_challenge(
    State(accounts): Service,
    client: Client,
    Valid(Json(answer)): Valid<Json<ChallengeAnswer>>,
) -> ApiResult<Json<Authenticated>> {
    Ok(Json(answers::authenticated(accounts.answer_challenge(&answer, &client).await?)))
}

/// Refresh a session
///
/// A refresh token is good for one use. One that is used twice ends the session.
#[utoipa::path(post, path = "/v1/sessions/refresh", tag = "sessions", security(()), request_body = Refresh,
    responses((status = 200, description = "New tokens", body = Authenticated)))]
async fn refresh(
    State(accounts): Service,
    Valid(Json(refresh)): Valid<Json<Refresh>>,
) -> ApiResult<Json<Authenticated>> {
    Ok(Json(answers::authenticated(accounts.refresh(&refresh.refresh_token).await?)))
}

/// List one's sessions
#[utoipa::path(get, path = "/v1/sessions", tag = "sessions",
    responses((status = 200, description = "The sessions, the newest first", body = SessionList)))]
async fn list(State(accounts): Service, caller: Caller) -> ApiResult<Json<SessionList>> {
    let sessions = accounts.list_sessions(caller.id).await?;
    let items = sessions.into_iter().map(|session| answers::session(session, caller.session)).collect();
    Ok(Json(SessionList { items, next: None }))
}

/// End a session
#[utoipa::path(delete, path = "/v1/sessions/{id}", tag = "sessions",
    params(("id" = uuid::Uuid, Path, description = "The session")),
    responses((status = 204, description = "Ended, with its tokens")))]
async fn end(State(accounts): Service, caller: Caller, Path(session): Path<String>) -> ApiResult<StatusCode> {
    accounts.end_session(caller.id, id(&session)?).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// End all sessions
///
/// This one too: log out everywhere.
#[utoipa::path(delete, path = "/v1/sessions", tag = "sessions",
    responses((status = 204, description = "Ended, with their tokens")))]
async fn end_all(State(accounts): Service, caller: Caller) -> ApiResult<StatusCode> {
    accounts.end_all_sessions(caller.id).await?;
    Ok(StatusCode::NO_CONTENT)
}
