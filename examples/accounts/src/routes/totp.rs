//! The second factor. What weakens the account, or shows a secret, needs a login of the last five minutes.

use std::sync::Arc;

use archirust::OpenApiRouter;
use archirust::web::ApiResult;
use archirust::web::extract::{Json, RecentAuthentication, Valid};
use axum::extract::State;
use axum::http::StatusCode;
use utoipa_axum::routes;

use super::{Caller, answers};
use crate::dto::{Confirm, Enrolment, RecoveryCodes};
use crate::logic::{Accounts, Client};

type Service = State<Arc<Accounts>>;
type Recent = RecentAuthentication<5>;

pub(super) fn routes() -> OpenApiRouter<Arc<Accounts>> {
    OpenApiRouter::new().routes(routes!(enrol, remove)).routes(routes!(confirm)).routes(routes!(recovery_codes))
}

/// Set up the second factor
///
/// Needs a login of the last five minutes. Nothing changes before it is confirmed.
#[utoipa::path(post, path = "/v1/users/me/totp", tag = "totp",
    responses((status = 201, description = "What the authenticator app needs", body = Enrolment)))]
async fn enrol(State(accounts): Service, Recent { 0: principal }: Recent) -> ApiResult<(StatusCode, Json<Enrolment>)> {
    let enrolment = accounts.enrol(Caller::of(&principal)?.id).await?;
    let answer = Enrolment { secret: enrolment.secret, otpauth_uri: enrolment.uri, qr_svg: enrolment.qr_svg };
    Ok((StatusCode::CREATED, Json(answer)))
}

/// Confirm the second factor
///
/// With the first code of the app. From now on every login needs one.
#[utoipa::path(post, path = "/v1/users/me/totp/confirm", tag = "totp", request_body = Confirm,
    responses((status = 200, description = "Codes for the day the app is lost, shown once", body = RecoveryCodes)))]
async fn confirm(
    State(accounts): Service,
    caller: Caller,
    client: Client,
    Valid(Json(confirm)): Valid<Json<Confirm>>,
) -> ApiResult<Json<RecoveryCodes>> {
    Ok(Json(answers::codes(accounts.confirm(caller.id, confirm.code, &client).await?)))
}

/// Make new recovery codes
///
/// Needs a login of the last five minutes. The old ones are worth nothing any more.
#[utoipa::path(post, path = "/v1/users/me/totp/recovery_codes", tag = "totp",
    responses((status = 200, description = "The new codes, shown once", body = RecoveryCodes)))]
async fn recovery_codes(State(accounts): Service, Recent { 0: principal }: Recent) -> ApiResult<Json<RecoveryCodes>> {
    Ok(Json(answers::codes(accounts.new_recovery_codes(Caller::of(&principal)?.id).await?)))
}

/// Remove the second factor
///
/// Needs a login of the last five minutes.
#[utoipa::path(delete, path = "/v1/users/me/totp", tag = "totp",
    responses((status = 204, description = "Removed, with its recovery codes")))]
async fn remove(State(accounts): Service, Recent { 0: principal }: Recent) -> ApiResult<StatusCode> {
    accounts.remove_second_factor(Caller::of(&principal)?.id).await?;
    Ok(StatusCode::NO_CONTENT)
}
