use std::sync::Arc;
use std::time::Duration;

use archirust_auth::jwt::{
    Algorithm, Authenticator, CachedVerifier, KeyRing, NewToken, Revocations, Signer, SigningKey, Verifier,
};
use archirust_cache::{CacheSettings, MemoryCache, SharedCache};
use archirust_core::clock::{Clock, ManualClock};
use archirust_core::random::SystemRandom;
use archirust_core::{ErrorKind, Timestamp};
use archirust_telemetry::testing::capture;
use archirust_web::WebApp;
use archirust_web::auth::{Access, Role};
use archirust_web::extract::{Principal, RecentAuthentication, RequireRole};
use axum::Router;
use axum::body::Body;
use axum::routing::get;
use http::Request;

use crate::support::{Answer, send, settings};

struct Admin;

impl Role for Admin {
    const NAME: &'static str = "admin";
}

struct Service {
    router: Router,
    signer: Signer,
    clock: Arc<ManualClock>,
    revocations: Revocations,
}

async fn me(principal: Principal, again: Principal) -> String {
    assert_eq!(principal.subject(), again.subject());
    principal.subject().to_owned()
}

fn service() -> Service {
    let clock = ManualClock::at(Timestamp::from_second(1_800_000_000).unwrap());
    let ring = Arc::new(KeyRing::new(SigningKey::generate(Algorithm::Es256).unwrap()));
    let verifier =
        Verifier::builder(ring.keys()).issuer("https://issuer.example").audience(["api"]).clock(clock.clone());
    let signer = Signer::new(ring, "https://issuer.example", ["api"]).unwrap();
    let signer = signer.with_sources(clock.clone(), SystemRandom::shared());
    let cache: SharedCache = MemoryCache::shared(&CacheSettings::default(), clock.clone());
    let revocations = Revocations::new(cache, clock.clone());
    let verifier = CachedVerifier::<Access>::new(verifier.build().unwrap(), 100, Duration::from_secs(60)).unwrap();
    let authenticator = Authenticator::new(verifier, revocations.clone());
    let routes = Router::new()
        .route("/me", get(me))
        .route(
            "/maybe",
            get(|who: Option<Principal>| async move { who.map_or("nobody".into(), |p| p.subject().to_owned()) }),
        )
        .route("/recent", get(|_: RecentAuthentication<5>| async { "recent" }))
        .route("/admin", get(|admin: RequireRole<Admin>| async move { admin.principal.subject().to_owned() }))
        .route("/other-claims", get(|_: Principal<u8>| async {}));
    let app = WebApp::new(settings())
        .routes(routes.into())
        .authenticator(Arc::new(authenticator))
        .sources(clock.clone(), SystemRandom::shared())
        .build()
        .unwrap();
    Service { router: app.router(), signer, clock, revocations }
}

impl Service {
    fn token(&self, roles: &[&str]) -> archirust_auth::jwt::AccessToken {
        let access = Access { roles: roles.iter().map(|&role| role.to_owned()).collect(), ..Access::default() };
        let token = NewToken::new("user-7").authenticated(self.clock.now(), "aal1", ["pwd"]).extra(access);
        self.signer.sign(&token).unwrap()
    }

    async fn ask(&self, uri: &str, authorization: Option<&str>) -> Answer {
        let request = Request::get(uri);
        let request = authorization.into_iter().fold(request, |request, value| request.header("authorization", value));
        send(&self.router, request.body(Body::empty()).unwrap()).await
    }
}

fn told(answer: &Answer) -> (u16, String, &str) {
    let code = answer.json()["code"].as_str().unwrap().to_owned();
    (answer.status.as_u16(), code, answer.header("www-authenticate"))
}

#[tokio::test]
async fn a_good_token_names_the_caller_and_the_line_in_the_log() {
    let service = service();
    let bearer = format!("Bearer {}", service.token(&[]).expose());
    let logs = capture();
    assert_eq!(service.ask("/me", Some(&bearer)).await.text(), "user-7");
    assert_eq!(logs.event("request")["fields"]["user"], "user-7");
    logs.assert_absent(&[&bearer["Bearer ".len()..]]);
    assert_eq!(service.ask("/maybe", Some(&bearer)).await.text(), "user-7");
    assert_eq!(service.ask("/maybe", None).await.text(), "nobody");
}

#[tokio::test]
async fn each_fault_of_a_token_has_its_answer_and_its_challenge() {
    let service = service();
    let missing = service.ask("/me", None).await;
    assert_eq!(told(&missing), (401, "unauthenticated".into(), "Bearer"));
    let basic = service.ask("/me", Some("Basic dXNlcjpodW50ZXIy")).await;
    assert_eq!(told(&basic), (401, "unauthenticated".into(), "Bearer"));
    for bad in ["Bearer nonsense", "Bearer a.b.c", "Bearer"] {
        let answer = service.ask("/me", Some(bad)).await;
        let challenge = r#"Bearer error="invalid_token", error_description="the token is not valid""#;
        assert_eq!(told(&answer), (401, "invalid_token".into(), challenge), "{bad}");
        // One that is not good is refused where none would do, too.
        assert_eq!(service.ask("/maybe", Some(bad)).await.status.as_u16(), 401, "{bad}");
    }
    let token = service.token(&[]);
    let bearer = format!("Bearer {}", token.expose());
    assert_eq!(service.ask("/me", Some(&bearer)).await.status.as_u16(), 200);
    service.revocations.revoke_token(token.jti(), token.expires_at()).await.unwrap();
    let challenge = r#"Bearer error="invalid_token", error_description="the token has been revoked""#;
    assert_eq!(told(&service.ask("/me", Some(&bearer)).await), (401, "token_revoked".into(), challenge));

    let bearer = format!("Bearer {}", service.token(&[]).expose());
    service.clock.advance(Duration::from_secs(2 * 60 * 60));
    let challenge = r#"Bearer error="invalid_token", error_description="the token has expired""#;
    assert_eq!(told(&service.ask("/me", Some(&bearer)).await), (401, "token_expired".into(), challenge));
}

#[tokio::test]
async fn a_recent_authentication_is_demanded_with_its_age() {
    let service = service();
    let bearer = format!("Bearer {}", service.token(&[]).expose());
    service.clock.advance(Duration::from_secs(5 * 60));
    assert_eq!(service.ask("/recent", Some(&bearer)).await.text(), "recent");
    service.clock.advance(Duration::from_secs(1));
    let answer = service.ask("/recent", Some(&bearer)).await;
    assert_eq!(
        (answer.status.as_u16(), answer.json()["code"].as_str()),
        (401, Some("insufficient_user_authentication"))
    );
    let challenge = answer.header("www-authenticate");
    assert!(
        challenge.contains("insufficient_user_authentication") && challenge.ends_with("max_age=\"300\""),
        "{challenge}"
    );
    assert_eq!(service.ask("/me", Some(&bearer)).await.status.as_u16(), 200);
}

#[tokio::test]
async fn a_role_is_demanded() {
    let service = service();
    let logs = capture();
    let (admin, reader) = (service.token(&["reader", "admin"]), service.token(&["reader", "administrator"]));
    assert_eq!(service.ask("/admin", Some(&format!("Bearer {}", admin.expose()))).await.text(), "user-7");
    let refused = service.ask("/admin", Some(&format!("Bearer {}", reader.expose()))).await;
    assert_eq!((refused.status.as_u16(), refused.json()["code"].as_str()), (403, Some("permission_denied")));
    assert_eq!(service.ask("/admin", None).await.status.as_u16(), 401);
    let event = logs.events().into_iter().find(|event| event["fields"]["code"] == "permission_denied").unwrap();
    assert_eq!((event["level"].as_str(), event["fields"]["user"].as_str()), (Some("WARN"), Some("user-7")));
}

#[tokio::test]
async fn claims_that_nobody_can_check_are_a_defect_and_let_nobody_in() {
    let service = service();
    let bearer = format!("Bearer {}", service.token(&[]).expose());
    assert_eq!(service.ask("/other-claims", Some(&bearer)).await.status.as_u16(), 500);
}

/// A cache that can't be asked lets no token pass: it might be revoked.
#[tokio::test]
async fn what_cannot_be_checked_is_not_accepted() {
    struct Down;
    #[async_trait::async_trait]
    impl archirust_web::auth::Authenticate for Down {
        async fn authenticate(&self, _: &str) -> archirust_core::Result<Arc<archirust_auth::jwt::Claims<Access>>> {
            Err(ErrorKind::ConnectionFailed.into())
        }
    }
    let routes = Router::new().route("/me", get(me));
    let app = WebApp::new(settings()).routes(routes.into()).authenticator::<Access>(Arc::new(Down)).build().unwrap();
    let request = Request::get("/me").header("authorization", "Bearer abc").body(Body::empty()).unwrap();
    assert_eq!(send(&app.router(), request).await.status.as_u16(), 503);
}
