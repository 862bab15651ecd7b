//! What must hold of the public listener: ARCHI-CFG-014 and ARCHI-LOG-008.

use archirust_core::hardening::{Remedy, Rule, RuleInfo, Severity};

use crate::facts::WebFacts;

/// The rules, for the gate.
pub static RULES: &[Rule<WebFacts>] = &[
    Rule {
        info: RuleInfo {
            id: "ARCHI-CFG-014",
            title: "no repository, environment, console or figures are served",
            severity: Severity::Medium,
            why: "they tell an attacker how the service is made, and often its secrets",
            check: "/.git/HEAD, /.env, /debug, /metrics, /actuator and their kin answer 404 or 401, beside a route that answers",
            remedy: "remove the routes; figures belong on the management listener",
            checklist: &[],
            references: &["ASVS 13.4.1", "ASVS 13.4.2", "ASVS 13.4.5"],
            waivable: true,
        },
        judge: |facts| {
            facts.exposed.judge(Vec::is_empty, |exposed| match exposed.as_slice() {
                [] => "none of these paths leads anywhere".to_owned(),
                exposed => exposed.join(", "),
            })
        },
        remedy: |facts| {
            Remedy::new(match facts.exposed.value().map(Vec::as_slice) {
                Some([_, ..]) => "remove these routes from the public router; /metrics is on the management listener",
                _ => "describe the routes with utoipa and pass them to WebApp::routes, so that they can be probed",
            })
        },
    },
    Rule {
        info: RuleInfo {
            id: "ARCHI-LOG-008",
            title: "errors tell clients nothing of their cause",
            severity: Severity::Medium,
            why: "statements, paths and stack traces are a map for an attacker",
            check: "an error with a detail, a panic and a bare failure are answered, and no canary in them comes back",
            remedy: "serve what WebApp::build gives, and return ApiError from handlers",
            checklist: &[],
            references: &["ASVS 16.5.1", "RFC 9457 5"],
            waivable: true,
        },
        judge: |facts| {
            facts.told.judge(Vec::is_empty, |told| match told.as_slice() {
                [] => "no answer told of its cause".to_owned(),
                told => format!("{} came back", told.join(", ")),
            })
        },
        remedy: |_| {
            Remedy::new("serve the router that WebApp::build gives, with no layer around it that turns errors to text")
        },
    },
];

#[cfg(test)]
mod tests {
    use archirust_core::hardening::Verdict;
    use axum::Router;
    use axum::routing::get;
    use http::StatusCode;

    use super::*;
    use crate::config::WebSettings;
    use crate::probe::{fault_routes, probe_routes};
    use crate::{BuiltApp, WebApp};

    fn verdicts(facts: &WebFacts) -> Vec<&'static str> {
        let verdict = |rule: &Rule<WebFacts>| match (rule.judge)(facts) {
            Verdict::Pass(_) => "pass",
            Verdict::Fail(_) => "fail",
            Verdict::Unknown(_) => "unknown",
            Verdict::NotApplicable(_) => "not applicable",
        };
        RULES.iter().map(verdict).collect()
    }

    fn hardened(routes: Router) -> BuiltApp {
        let mut settings = WebSettings { docs: true, ..WebSettings::default() };
        settings.rate_limit.enabled = false;
        WebApp::new(settings).routes(routes.into()).build().unwrap()
    }

    #[tokio::test]
    async fn what_is_built_passes() {
        let facts = hardened(Router::new().route("/", get(|| async { "hello" }))).probe().await;
        assert_eq!(verdicts(&facts), ["pass", "pass"], "{facts:?}");
    }

    #[tokio::test]
    async fn a_service_that_serves_what_it_must_not_fails() {
        for path in ["/.env", "/metrics", "/debug", "/.git/HEAD", "/actuator"] {
            let facts = hardened(Router::new().route(path, get(|| async { "SECRET=1" }))).probe().await;
            assert_eq!(verdicts(&facts)[0], "fail", "{path}");
            assert_eq!(facts.exposed.value().unwrap(), &[format!("{path} answers 200")]);
        }
        // One that asks for credentials keeps its secret.
        let facts = hardened(Router::new().route("/metrics", get(|| async { StatusCode::UNAUTHORIZED }))).probe().await;
        assert_eq!(verdicts(&facts)[0], "pass");
    }

    #[tokio::test]
    async fn a_router_without_the_edge_fails() {
        let bare = Router::new().route("/metrics", get(|| async { "1" })).route("/", get(|| async { "hello" }));
        let echo = Router::new()
            .route("/error", get(|| async { (StatusCode::INTERNAL_SERVER_ERROR, "select archi-canary-9Qz") }))
            .route("/panic", get(|| async { (StatusCode::INTERNAL_SERVER_ERROR, "archi-canary-9Qz panicked") }))
            .route("/text", get(|| async { (StatusCode::INTERNAL_SERVER_ERROR, [("x-error", "archi-canary-9Qz")]) }));
        let facts = probe_routes(&bare, &echo, Some("/")).await;
        assert_eq!(verdicts(&facts), ["fail", "fail"], "{facts:?}");
        assert_eq!(facts.told.value().unwrap().len(), 3);
    }

    #[tokio::test]
    async fn what_cannot_be_seen_is_never_a_pass() {
        let (nothing, faults) = (Router::new(), fault_routes());
        // No known route; one that is not there; a panic that nobody catches.
        for known in [None, Some("/nowhere")] {
            let facts = probe_routes(&nothing, &faults, known).await;
            assert_eq!(verdicts(&facts), ["unknown", "unknown"], "{facts:?}");
        }
        // A router that answers to everything tells nothing.
        let any = Router::new().route("/", get(|| async {})).fallback(|| async { "welcome" });
        let silent = Router::new().fallback(|| async { StatusCode::INTERNAL_SERVER_ERROR });
        assert_eq!(verdicts(&probe_routes(&any, &silent, Some("/")).await), ["unknown", "unknown"]);
    }

    #[tokio::test]
    async fn the_probe_leaves_no_trace_in_logs_and_figures() {
        let app = hardened(Router::new().route("/", get(|| async { "hello" })));
        let logs = archirust_telemetry::testing::capture();
        app.probe().await;
        assert_eq!(logs.text(), "");
        use http_body_util::BodyExt;
        use tower::ServiceExt;
        let request = http::Request::get("/metrics").body(axum::body::Body::empty()).unwrap();
        let figures = app.management_router().oneshot(request).await.unwrap().into_body().collect().await.unwrap();
        assert!(!String::from_utf8_lossy(&figures.to_bytes()).contains("http_requests_total"));
    }
}
