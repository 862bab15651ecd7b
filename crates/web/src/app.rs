//! The builder: from settings and routes to a service that can be served.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;

use archirust_cache::SharedCache;
use archirust_core::clock::{Clock, SystemClock};
use archirust_core::random::{Random, SystemRandom};
use archirust_core::{Error, ErrorKind, Result};
use archirust_telemetry::Metrics;
use axum::routing::get;
use axum::{Extension, Router};
use bytes::Bytes;
use tower::util::option_layer;
use tower_http::cors::CorsLayer;
use tower_http::csrf::CsrfLayer;
use utoipa::openapi::{Info, OpenApi};
use utoipa_axum::router::OpenApiRouter;

use crate::auth::{AnyAuthenticator, Authenticate};
use crate::config::{ManagementSettings, WebSettings};
use crate::context::Peer;
use crate::cross_site::Refusal;
use crate::edge::EdgeLayer;
use crate::facts::WebFacts;
use crate::forwarded::Proxies;
use crate::headers::SecureHeaders;
use crate::health::HealthCheck;
use crate::metrics::HttpMetrics;
use crate::probe::{fault_routes, probe_routes};
use crate::rate_limit::RateLimit;
use crate::request_id::Ids;
use crate::server::{Listener, Server, Terms};
use crate::shared::{Lifecycle, Shared};
use crate::{cross_site, docs, management, openapi, tls};

/// A service in the making: routes and settings go in, what every service needs is put around them.
pub struct WebApp {
    settings: WebSettings,
    management: ManagementSettings,
    routes: OpenApiRouter,
    info: Info,
    cache: Option<SharedCache>,
    authenticator: Option<AnyAuthenticator>,
    metrics: Metrics,
    checks: Vec<Arc<dyn HealthCheck>>,
    clock: Arc<dyn Clock>,
    random: Arc<dyn Random>,
}

impl WebApp {
    /// An empty service.
    pub fn new(settings: WebSettings) -> Self {
        Self {
            settings,
            management: ManagementSettings::default(),
            routes: OpenApiRouter::default(),
            info: Info::new("API", "0.0.0"),
            cache: None,
            authenticator: None,
            metrics: Metrics::new(),
            checks: Vec::new(),
            clock: SystemClock::shared(),
            random: SystemRandom::shared(),
        }
    }

    /// Settings of the management listener.
    #[must_use]
    pub fn management(mut self, settings: ManagementSettings) -> Self {
        self.management = settings;
        self
    }

    /// Adds routes, with the state they need already in them (`.with_state(state)`).
    #[must_use]
    pub fn routes(mut self, routes: OpenApiRouter) -> Self {
        self.routes = self.routes.merge(routes);
        self
    }

    /// The title and version of the API, in its description: `env!("CARGO_PKG_NAME")` and `env!("CARGO_PKG_VERSION")`.
    #[must_use]
    pub fn title(mut self, title: impl Into<String>, version: impl Into<String>) -> Self {
        self.info = Info::new(title.into(), version.into());
        self
    }

    /// Where the requests of clients are counted for the rate limit.
    #[must_use]
    pub fn cache(mut self, cache: SharedCache) -> Self {
        self.cache = Some(cache);
        self
    }

    /// What says whose a bearer token is; needed as soon as a handler asks for a [`Principal`](crate::extract::Principal).
    #[must_use]
    pub fn authenticator<E: 'static>(mut self, authenticator: Arc<dyn Authenticate<E>>) -> Self {
        self.authenticator = Some(AnyAuthenticator::new(authenticator));
        self
    }

    /// The registry that `/metrics` shows, and that the figures of requests are added to. Without it they have one of their
    /// own.
    #[must_use]
    pub fn metrics(mut self, metrics: Metrics) -> Self {
        self.metrics = metrics;
        self
    }

    /// Adds something that the service can't work without, asked by `/readyz`.
    #[must_use]
    pub fn health(mut self, check: impl HealthCheck) -> Self {
        self.checks.push(Arc::new(check));
        self
    }

    /// The clock and the randomness that ids of requests are made from.
    #[must_use]
    pub fn sources(mut self, clock: Arc<dyn Clock>, random: Arc<dyn Random>) -> Self {
        (self.clock, self.random) = (clock, random);
        self
    }

    /// Puts the edge around the routes.
    ///
    /// # Errors
    /// `Configuration`, naming the key, for settings that can't be kept.
    pub fn build(self) -> Result<BuiltApp> {
        let lifecycle = Arc::new(Lifecycle::default());
        let metrics = Arc::new(HttpMetrics::default());
        let shared = Arc::new(self.shared(lifecycle.clone(), metrics.clone())?);
        let around = Around {
            cors: cross_site::cors(&self.settings.cors)?,
            csrf: cross_site::csrf(&self.settings.cors)?,
            shared: shared.clone(),
        };

        let (mut router, description) = self.routes.split_for_parts();
        let description = openapi::complete(description, self.info);
        let description_json = openapi::to_json(&description)?;
        if self.settings.docs {
            router = router.merge(docs::routes(description_json.clone()));
        }
        let mut public = around.put(router.clone(), shared.clone());
        if self.settings.public_health {
            router = router.merge(management::liveness());
            // A load balancer that is refused takes the service for dead, and answering is cheaper than refusing.
            let health = EdgeLayer::new(Arc::new(shared.without_rate_limit()));
            public = public.route("/healthz", get(management::alive).layer(health));
        }

        self.metrics.register(|registry| metrics.register(registry));
        let management = management::liveness()
            .merge(management::readiness(self.checks.clone(), self.management.check_timeout, lifecycle.clone()))
            .merge(management::metrics(self.metrics.clone()))
            .layer(EdgeLayer::new(Arc::new(shared.for_management())));
        Ok(BuiltApp {
            public,
            routes: router,
            around,
            management,
            description,
            description_json,
            lifecycle,
            settings: self.settings,
            management_settings: self.management,
        })
    }

    fn shared(&self, lifecycle: Arc<Lifecycle>, metrics: Arc<HttpMetrics>) -> Result<Shared> {
        let settings = &self.settings;
        let rate_limit = match (&self.cache, settings.rate_limit.enabled) {
            (_, false) => None,
            (Some(cache), true) => Some(RateLimit::new(&settings.rate_limit, cache.clone())?),
            (None, true) => {
                return Err(Error::new(ErrorKind::Configuration).with_message(
                    "the rate limit needs a cache: pass one to the builder, or set web.rate_limit.enabled = false",
                ));
            }
        };
        Ok(Shared {
            ids: Ids::new(self.clock.clone(), self.random.clone()),
            clock: self.clock.clone(),
            authenticator: self.authenticator.clone(),
            proxies: Proxies::new(settings.trusted_proxies.clone(), settings.forwarded_header),
            headers: SecureHeaders::new(&settings.content_security_policy, settings.behind_https)?,
            limits: settings.limits.clone(),
            timeouts: settings.timeouts.clone(),
            rate_limit,
            metrics,
            problem_types: settings.problem_types.clone().into(),
            access_log: settings.access_log,
            request_span: settings.request_span,
            compression: settings.compression,
            in_flight: AtomicUsize::new(0),
            lifecycle,
        })
    }
}

/// What every route of the public listener is behind.
struct Around {
    cors: Option<CorsLayer>,
    csrf: CsrfLayer<Refusal>,
    shared: Arc<Shared>,
}

impl Around {
    fn put(&self, routes: Router, shared: Arc<Shared>) -> Router {
        routes.layer((EdgeLayer::new(shared), option_layer(self.cors.clone()), self.csrf.clone()))
    }
}

/// A service that is complete and not served yet.
pub struct BuiltApp {
    public: Router,
    routes: Router,
    around: Around,
    management: Router,
    description: OpenApi,
    description_json: Bytes,
    lifecycle: Arc<Lifecycle>,
    settings: WebSettings,
    management_settings: ManagementSettings,
}

impl BuiltApp {
    /// The public routes with everything around them, to be called without a server in tests and by the probe.
    pub fn router(&self) -> Router {
        self.public.clone()
    }

    /// The same, called as if by a connection from this address.
    pub fn router_seen_from(&self, address: SocketAddr) -> Router {
        self.public.clone().layer(Extension(Peer { address, tls: false }))
    }

    /// The routes of the management listener.
    pub fn management_router(&self) -> Router {
        self.management.clone()
    }

    /// The description of the API.
    pub fn openapi(&self) -> &OpenApi {
        &self.description
    }

    /// The same as `/openapi.json` serves it.
    pub fn openapi_json(&self) -> &[u8] {
        &self.description_json
    }

    /// Learns what can be known of the public listener, by asking its routes without a socket. Neither logged nor counted.
    pub async fn probe(&self) -> WebFacts {
        let shared = Arc::new(self.around.shared.for_management());
        let routes = self.around.put(self.routes.clone(), shared.clone());
        let faults = self.around.put(fault_routes(), shared);
        let described = self.description.paths.paths.keys().next().cloned();
        let known = described.or_else(|| self.settings.docs.then(|| "/openapi.json".to_owned()));
        // Any value for the parameters: no handler runs.
        let known = known.map(|path| path.replace(['{', '}'], "").replace('*', ""));
        probe_routes(&routes, &faults, known.as_deref()).await
    }

    /// Reads the certificate and binds the addresses.
    ///
    /// # Errors
    /// `Configuration`, naming the address or file, its key, and what to do.
    pub async fn bind(self) -> Result<Server> {
        let Self { public, management, lifecycle, settings, management_settings, .. } = self;
        let (acceptor, reloader) = tls::acceptor(&settings.tls)?.unzip();
        warn_of_open_doors(&settings, &management_settings);
        let terms = |router, lifecycle, tls| {
            Terms::new(router, lifecycle, settings.limits.clone(), settings.timeouts.clone(), tls)
        };
        let public = Listener::bind(settings.bind, "web.bind", terms(public, lifecycle.clone(), acceptor)).await?;
        let management = if management_settings.enabled {
            // It goes on answering while the service stops.
            let terms = terms(management, Arc::new(Lifecycle::default()), None);
            Some(Listener::bind(management_settings.bind, "management.bind", terms).await?)
        } else {
            None
        };
        Ok(Server { public, management, lifecycle, stop: settings.stop, reloader })
    }
}

/// What is not wrong in every network, and should not be so by accident.
fn warn_of_open_doors(web: &WebSettings, management: &ManagementSettings) {
    if !web.bind.ip().is_loopback() && !web.tls.is_on() && !web.behind_https {
        tracing::warn!(
            target: "archirust::web",
            address = %web.bind,
            "other machines can connect without TLS: set web.tls.certificate and web.tls.key, or web.behind_https if a proxy \
             ends TLS"
        );
    }
    if management.enabled && !management.bind.ip().is_loopback() {
        tracing::warn!(
            target: "archirust::web",
            address = %management.bind,
            "other machines can read health and figures: make sure that only the platform reaches management.bind"
        );
    }
}
