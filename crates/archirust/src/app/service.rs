//! The last steps: everything is judged, the service listens, and in the end it stops in order.

use std::time::Duration;

use archirust_cache::SharedCache;
use archirust_core::Result;
use archirust_core::config::Profile;
use archirust_web::health::{HealthCheck, health_check};
use archirust_web::{BuiltApp, Server, StopSignal, WebApp};
use utoipa_axum::router::OpenApiRouter;

use super::gate::Refusal;
use super::{Identity, Start};
use crate::{Exit, ServiceSettings};

/// How long the database may take to answer `/readyz`, should the listener wait longer.
const CHECK: Duration = Duration::from_secs(5);

/// What a service serves.
pub struct Service {
    routes: OpenApiRouter,
    checks: Vec<Box<dyn FnOnce(WebApp) -> WebApp>>,
}

impl Service {
    /// A service with these routes, whose state is in them already.
    pub fn new(routes: OpenApiRouter) -> Self {
        Self { routes, checks: Vec::new() }
    }

    /// Adds something that the service can't work without. Database and cache are asked already.
    #[must_use]
    pub fn health(mut self, check: impl HealthCheck) -> Self {
        self.checks.push(Box::new(|app| app.health(check)));
        self
    }

    pub(super) async fn run<S: AsRef<ServiceSettings>>(self, mut start: Start<S>) -> Result<Exit> {
        let app = self.build(&mut start)?;
        let mut gate = start.gate();
        start.judge(&mut gate).await;
        gate.check("web", &app.probe().await, archirust_web::RULES);
        let report = gate.finish();
        if !report.allows_start() {
            let refusal = Refusal::of_report(start.identity.name, &report);
            start.close().await;
            let exit = Exit::of_report(&report);
            refusal.say();
            return Ok(exit);
        }
        let signal = StopSignal::system()?;
        let server = app.bind().await?;
        welcome(&start, &server, &report);
        let stopped = server.run(signal).await;
        start.close().await;
        stopped.map(|_| Exit::Success)
    }

    fn build<S: AsRef<ServiceSettings>>(self, start: &mut Start<S>) -> Result<BuiltApp> {
        let settings = start.service().clone();
        let mut app = WebApp::new(settings.web.clone())
            .management(settings.management)
            .title(start.identity.name, start.identity.version)
            .routes(self.routes)
            .metrics(start.metrics().clone())
            .sources(start.clock(), start.random());
        if let Some(tokens) = start.open_tokens() {
            app = app.authenticator(tokens.authenticator());
        }
        if settings.web.rate_limit.enabled {
            app = app.cache(start.cache());
        }
        if let Some(database) = start.open_database() {
            app = app.health(health_check("database", move || {
                let database = database.clone();
                async move { database.check(CHECK).await }
            }));
        }
        if let Some(cache) = start.open_cache() {
            app = app.health(health_check("cache", move || ping(cache.clone())));
        }
        for check in self.checks {
            app = check(app);
        }
        app.build()
    }
}

async fn ping(cache: SharedCache) -> Result<()> {
    cache.ping().await
}

/// Says where to look: to a person in development, to the log elsewhere.
fn welcome<S: AsRef<ServiceSettings>>(start: &Start<S>, server: &Server, report: &archirust_core::hardening::Report) {
    let Identity { name, version, profile } = &start.identity;
    let web = &start.service().web;
    let scheme = if web.tls.is_on() { "https" } else { "http" };
    let address = server.address();
    if *profile != Profile::Development {
        tracing::info!(
            address = %address,
            management = server.management_address().map(tracing::field::display),
            version,
            rules = report.summary(),
            "the service listens"
        );
        return;
    }
    let mut text = format!("{name} {version}, {profile}\n\n{}\n", report.table());
    for path in &start.keys.made {
        text.push_str(&format!("  made {} (mode 0600): a key of this machine, not for production\n", path.display()));
    }
    text.push_str(&format!("  API         {scheme}://{address}\n"));
    if web.docs {
        text.push_str(&format!("  docs        {scheme}://{address}/docs\n"));
    }
    if let Some(management) = server.management_address() {
        text.push_str(&format!("  management  http://{management}/readyz, /healthz, /metrics\n"));
    }
    say(&text);
}

#[expect(clippy::print_stdout, reason = "a person who has started it looks at the terminal")]
fn say(text: &str) {
    println!("{text}");
}
