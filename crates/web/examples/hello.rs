//! The smallest service: `cargo run -p archirust-web --example hello`, then open <http://127.0.0.1:8080/docs>.

use archirust_cache::{CacheSettings, MemoryCache};
use archirust_core::clock::SystemClock;
use archirust_web::config::WebSettings;
use archirust_web::extract::{Json, Query, Valid};
use archirust_web::{ApiResult, StopSignal, WebApp};
use garde::Validate;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

#[derive(Deserialize, Validate, IntoParams)]
#[into_params(parameter_in = Query)]
struct Greet {
    /// Who is greeted.
    #[garde(length(chars, min = 1, max = 40))]
    name: String,
}

#[derive(Serialize, Deserialize, ToSchema, Validate)]
struct Greeting {
    /// What is said.
    #[garde(length(chars, max = 100))]
    text: String,
}

/// Says hello.
#[utoipa::path(get, path = "/hello", params(Greet), security(()), responses((status = 200, body = Greeting)))]
async fn hello(Valid(Query(greet)): Valid<Query<Greet>>) -> Json<Greeting> {
    Json(Greeting { text: format!("hello, {}", greet.name) })
}

/// Repeats what it is told.
#[utoipa::path(post, path = "/echo", request_body = Greeting, responses((status = 200, body = Greeting)))]
async fn echo(Valid(body): Valid<Json<Greeting>>) -> ApiResult<Json<Greeting>> {
    Ok(body)
}

#[tokio::main]
async fn main() -> archirust_core::Result<()> {
    let settings = WebSettings { docs: true, public_health: true, ..WebSettings::default() };
    let server = WebApp::new(settings)
        .title("hello", env!("CARGO_PKG_VERSION"))
        .cache(MemoryCache::shared(&CacheSettings::default(), SystemClock::shared()))
        .routes(OpenApiRouter::new().routes(routes!(hello)).routes(routes!(echo)))
        .build()?
        .bind()
        .await?;
    server.run(StopSignal::system()?).await?;
    Ok(())
}
