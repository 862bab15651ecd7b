//! What others need to check the tokens of this service.

use std::sync::Arc;

use archirust::OpenApiRouter;
use archirust::web::extract::Json;
use axum::extract::State;
use axum::http::HeaderName;
use axum::http::header::CACHE_CONTROL;
use serde_json::Value;
use utoipa_axum::routes;

use crate::logic::Accounts;

pub(super) fn routes() -> OpenApiRouter<Arc<Accounts>> {
    OpenApiRouter::new().routes(routes!(jwks))
}

/// The public keys
///
/// A JSON Web Key Set (RFC 7517).
#[utoipa::path(get, path = "/.well-known/jwks.json", tag = "keys", security(()),
    responses((status = 200, description = "The keys that verify now", body = Value)))]
async fn jwks(State(accounts): State<Arc<Accounts>>) -> ([(HeaderName, &'static str); 1], Json<Value>) {
    let keys = serde_json::to_value(accounts.tokens().jwks()).unwrap_or_default();
    ([(CACHE_CONTROL, "public, max-age=300")], Json(keys))
}
