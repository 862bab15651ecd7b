use aws_lc_rs::encoding::{AsDer, PublicKeyX509Der};
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair};
use axum::body::Body;
use axum::http::Request;
use http_body_util::BodyExt;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::{Value, json};
use tower::ServiceExt;

use super::*;

const ID: &str = "01890a5d-ac96-774b-bcce-b302099a8057";

/// What is changed in valid claims; the second argument is the time now, in seconds.
type Change = fn(&mut Value, u64);

struct Rig {
    router: Router,
    key: EncodingKey,
    _folder: tempfile::TempDir,
}

impl Rig {
    async fn new() -> Self {
        let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap();
        let private = pair.to_pkcs8v1().unwrap();
        let public: PublicKeyX509Der<'_> = pair.public_key().as_der().unwrap();
        let pem = crate::compare::pem("PUBLIC KEY", public.as_ref());

        let folder = tempfile::tempdir().unwrap();
        let pool = connect(&folder.path().join("twin.db")).await.unwrap();
        let user = User {
            id: ID.into(),
            email: "ada@example.org".into(),
            display_name: "Ada".into(),
            created_at: "2026-01-01T00:00:00Z".into(),
            updated_at: "2026-01-01T00:00:00Z".into(),
        };
        create(&pool, &user).await.unwrap();
        let verifier = Verifier::new(pem.as_bytes(), "https://issuer.example", "accounts").unwrap();
        Self {
            router: router(Twin { verifier, pool, metrics: Metrics::default() }),
            key: EncodingKey::from_ec_der(private.as_ref()),
            _folder: folder,
        }
    }

    fn token(&self, typ: &str, change: impl FnOnce(&mut Value)) -> String {
        let now = jsonwebtoken::get_current_timestamp();
        let mut claims = json!({
            "sub": ID, "iss": "https://issuer.example", "aud": "accounts", "iat": now, "nbf": now, "exp": now + 300,
        });
        change(&mut claims);
        let header = Header { typ: Some(typ.into()), ..Header::new(Algorithm::ES256) };
        jsonwebtoken::encode(&header, &claims, &self.key).unwrap()
    }

    async fn me(&self, token: &str) -> Response {
        let request = Request::get("/v1/users/me").header("authorization", format!("Bearer {token}"));
        self.router.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap()
    }
}

#[tokio::test]
async fn a_valid_token_gets_its_user_and_a_request_id() {
    let rig = Rig::new().await;
    let response = rig.me(&rig.token("at+jwt", |_| {})).await;
    assert_eq!(response.status(), 200);
    assert!(response.headers().contains_key("x-request-id"));
    let body = response.into_body().collect().await.unwrap().to_bytes();
    let user: Value = serde_json::from_slice(&body).unwrap();
    assert_eq!(user["id"], ID);
    assert_eq!(user["email"], "ada@example.org");
}

#[tokio::test]
async fn a_token_is_checked_in_full() {
    let rig = Rig::new().await;
    let now = jsonwebtoken::get_current_timestamp();
    let wrong: [(&str, Change); 6] = [
        ("issuer", |claims, _| claims["iss"] = json!("https://other.example")),
        ("audience", |claims, _| claims["aud"] = json!("other")),
        ("expiry", |claims, now| claims["exp"] = json!(now - 31)),
        ("not before", |claims, now| claims["nbf"] = json!(now + 60)),
        ("no expiry", |claims, _| drop(claims.as_object_mut().unwrap().remove("exp"))),
        ("no audience", |claims, _| drop(claims.as_object_mut().unwrap().remove("aud"))),
    ];
    for (what, change) in wrong {
        assert_eq!(rig.me(&rig.token("at+jwt", |claims| change(claims, now))).await.status(), 401, "{what}");
    }
    assert_eq!(rig.me(&rig.token("JWT", |_| {})).await.status(), 401, "type");

    let mut forged = rig.token("at+jwt", |_| {});
    let last = forged.pop().unwrap();
    forged.insert(forged.len() - 10, if last == 'A' { 'B' } else { 'A' });
    assert_eq!(rig.me(&forged).await.status(), 401, "signature");
}

#[tokio::test]
async fn an_unknown_user_is_not_found() {
    let rig = Rig::new().await;
    let token = rig.token("at+jwt", |claims| claims["sub"] = json!("nobody"));
    assert_eq!(rig.me(&token).await.status(), 404);
}

#[tokio::test]
async fn requests_are_counted() {
    let rig = Rig::new().await;
    rig.me("nonsense").await;
    let request = Request::get("/metrics").body(Body::empty()).unwrap();
    let body = rig.router.clone().oneshot(request).await.unwrap().into_body().collect().await.unwrap().to_bytes();
    let text = String::from_utf8_lossy(&body).into_owned();
    let line = r#"http_requests_total{method="GET",route="/v1/users/me",status="401"} 1"#;
    assert!(text.contains(line), "{text}");
}
