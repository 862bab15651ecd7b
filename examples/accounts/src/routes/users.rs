//! Accounts.

use std::sync::Arc;

use archirust::OpenApiRouter;
use archirust::id::Uuid;
use archirust::page::PageQuery;
use archirust::web::ApiResult;
use archirust::web::extract::{Json, Query, Valid};
use archirust::{Error, ErrorKind};
use axum::extract::State;
use axum::http::header::{ETAG, IF_MATCH, LOCATION};
use axum::http::{HeaderMap, HeaderName, StatusCode};
use utoipa_axum::routes;

use super::{Caller, answers};
use crate::dto::{ChangePassword, Register, UpdateUser, UserAnswer, UserList};
use crate::logic::{Accounts, Client, Role};

type Service = State<Arc<Accounts>>;

pub(super) fn routes(registration: bool) -> OpenApiRouter<Arc<Accounts>> {
    let routes =
        OpenApiRouter::new().routes(routes!(list)).routes(routes!(me, update)).routes(routes!(change_password));
    if registration { routes.routes(routes!(register)) } else { routes }
}

/// Make an account
#[utoipa::path(post, path = "/v1/users", tag = "users", security(()), request_body = Register,
    responses((status = 201, description = "The account", body = UserAnswer)))]
async fn register(
    State(accounts): Service,
    Valid(Json(new)): Valid<Json<Register>>,
) -> ApiResult<(StatusCode, [(HeaderName, &'static str); 1], Json<UserAnswer>)> {
    let user = accounts.register(new, Role::User).await?;
    Ok((StatusCode::CREATED, [(LOCATION, "/v1/users/me")], Json(answers::user(user))))
}

/// Who am I
#[utoipa::path(get, path = "/v1/users/me", tag = "users",
    responses((status = 200, description = "The account; `etag` is its version", body = UserAnswer)))]
async fn me(State(accounts): Service, caller: Caller) -> ApiResult<([(HeaderName, String); 1], Json<UserAnswer>)> {
    let user = accounts.user(caller.id).await?;
    Ok(([(ETAG, version_tag(user.version))], Json(answers::user(user))))
}

/// Change one's account
#[utoipa::path(patch, path = "/v1/users/me", tag = "users", request_body = UpdateUser,
    params(("if-match" = Option<String>, Header, description = "Change it only if this is its version")),
    responses((status = 200, description = "The account as it is now", body = UserAnswer)))]
async fn update(
    State(accounts): Service,
    caller: Caller,
    headers: HeaderMap,
    Valid(Json(change)): Valid<Json<UpdateUser>>,
) -> ApiResult<([(HeaderName, String); 1], Json<UserAnswer>)> {
    let user = accounts.update(caller.id, change, expected_version(&headers)?).await?;
    Ok(([(ETAG, version_tag(user.version))], Json(answers::user(user))))
}

/// Change one's password
///
/// All other sessions end.
#[utoipa::path(put, path = "/v1/users/me/password", tag = "users", request_body = ChangePassword,
    responses((status = 204, description = "Changed")))]
async fn change_password(
    State(accounts): Service,
    caller: Caller,
    client: Client,
    Valid(Json(change)): Valid<Json<ChangePassword>>,
) -> ApiResult<StatusCode> {
    accounts.change_password(caller.id, caller.session, change, &client).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// List accounts
///
/// For administrators.
#[utoipa::path(get, path = "/v1/users", tag = "users",
    params(
        ("page_size" = Option<u64>, Query, description = "How many at most: 1 to 100"),
        ("after" = Option<String>, Query, description = "The cursor of the page before"),
        ("sort" = Option<String>, Query, description = "`created_at`, `email`, `display_name`; a minus sign in front for descending"),
        ("q" = Option<String>, Query, description = "Text in the address or the name"),
    ),
    responses((status = 200, description = "A page of accounts", body = UserList)))]
async fn list(State(accounts): Service, caller: Caller, Query(query): Query<PageQuery>) -> ApiResult<Json<UserList>> {
    accounts.admin(caller.id).await?;
    Ok(Json(answers::users(accounts.list(&query).await?)))
}

fn version_tag(version: i64) -> String {
    format!("\"{version}\"")
}

/// The version that a client expects (RFC 9110, section 13.1.1).
fn expected_version(headers: &HeaderMap) -> ApiResult<Option<i64>> {
    let Some(value) = headers.get(IF_MATCH) else { return Ok(None) };
    let text = value.to_str().unwrap_or_default().trim();
    if text == "*" {
        return Ok(None);
    }
    let version = text.strip_prefix('"').and_then(|text| text.strip_suffix('"')).and_then(|text| text.parse().ok());
    // A tag that this service never gave matches nothing.
    Ok(Some(version.ok_or_else(|| Error::new(ErrorKind::PreconditionFailed))?))
}

/// The identifier in a path; one that is none is of nothing.
pub(super) fn id(text: &str) -> ApiResult<Uuid> {
    Ok(text.parse().map_err(|_| Error::new(ErrorKind::NotFound))?)
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    #[test]
    fn a_version_is_read_as_it_was_given_out() {
        let version = |text: &'static str| {
            let headers = HeaderMap::from_iter([(IF_MATCH, HeaderValue::from_static(text))]);
            expected_version(&headers)
        };
        assert_eq!(expected_version(&HeaderMap::new()).unwrap(), None);
        assert_eq!(version("*").unwrap(), None);
        assert_eq!(
            expected_version(&HeaderMap::from_iter([(IF_MATCH, version_tag(7).parse().unwrap())])).unwrap(),
            Some(7)
        );
        for wrong in ["7", "\"x\"", "W/\"7\"", ""] {
            assert_eq!(version(wrong).unwrap_err().error().kind(), ErrorKind::PreconditionFailed, "{wrong}");
        }
    }
}
