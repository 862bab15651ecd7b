//! The parts of a service that is starting. Each is made once, with its live rules.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use archirust_auth::password::Hasher;
use archirust_auth::session::{Challenges, SessionManager, SessionStore};
use archirust_auth::throttle::Throttle;
use archirust_auth::totp::SecondFactors;
use archirust_cache::{MemoryCache, SharedCache};
use archirust_core::clock::Clock;
use archirust_core::config::{Origins, Profile};
use archirust_core::facts::ConfigFacts;
use archirust_core::hardening::Gate;
use archirust_core::random::Random;
use archirust_core::secret::StrongKey;
use archirust_core::{Error, ErrorKind, Result};
use archirust_sql::{Database, Migration};
use archirust_telemetry::{LogFacts, Metrics, TelemetryGuard};

use super::gate::Prepared;
use super::{App, Identity, Tokens};
use crate::ServiceSettings;
use crate::keys::DevelopmentKeys;

/// How long the parts may take to end.
const CLOSE: Duration = Duration::from_secs(5);

/// The rule that speaks of refresh tokens alone.
const REFRESH_ROTATION: &str = "ARCHI-JWT-012";

/// A service that is starting: its settings are right and its logs are on. It hands out the parts that the service is made
/// of, each according to the settings, and remembers what they show of the rules.
pub struct Start<S> {
    pub(crate) app: App,
    pub(crate) identity: Identity,
    pub(crate) settings: S,
    pub(crate) origins: Origins,
    pub(crate) keys: DevelopmentKeys,
    pub(crate) metrics: Metrics,
    config: ConfigFacts,
    log: LogFacts,
    clock: Arc<dyn Clock>,
    random: Arc<dyn Random>,
    telemetry: TelemetryGuard,
    cache: Option<SharedCache>,
    database: Option<Database>,
    hasher: Option<Hasher>,
    tokens: Option<Tokens>,
    sessions: Option<SessionManager>,
}

impl<S: AsRef<ServiceSettings>> Start<S> {
    pub(crate) fn new(prepared: Prepared<S>) -> Result<Self> {
        let Prepared { app, identity, settings, origins, config, keys, clock, random, logs } = prepared;
        let log = logs.probe(&origins);
        let telemetry = logs.install()?;
        Ok(Self {
            app,
            identity,
            settings,
            origins,
            keys,
            metrics: Metrics::new(),
            config,
            log,
            clock,
            random,
            telemetry,
            cache: None,
            database: None,
            hasher: None,
            tokens: None,
            sessions: None,
        })
    }

    /// The settings of the application.
    pub fn settings(&self) -> &S {
        &self.settings
    }

    /// The settings that every service has.
    pub fn service(&self) -> &ServiceSettings {
        self.settings.as_ref()
    }

    /// How strict the service is with itself.
    pub fn profile(&self) -> Profile {
        self.identity.profile
    }

    /// The clock.
    pub fn clock(&self) -> Arc<dyn Clock> {
        self.clock.clone()
    }

    /// The randomness.
    pub fn random(&self) -> Arc<dyn Random> {
        self.random.clone()
    }

    /// The metrics that the management listener shows.
    pub fn metrics(&self) -> &Metrics {
        &self.metrics
    }

    /// What masks the logs, for whatever else leaves the service.
    pub fn redactor(&self) -> &archirust_telemetry::Redactor {
        self.telemetry.redactor()
    }

    /// The secret key of the service, to derive keys for single purposes from.
    ///
    /// # Errors
    /// `Configuration` if there is none, which only staging allows.
    pub fn secret_key(&self) -> Result<&StrongKey> {
        self.service().secret_key.as_ref().ok_or_else(|| {
            Error::new(ErrorKind::Configuration)
                .with_detail("secret_key is not set: make one with `archi secret generate`")
        })
    }

    /// The cache.
    pub fn cache(&mut self) -> SharedCache {
        let settings = &self.settings.as_ref().cache;
        let clock = &self.clock;
        self.cache.get_or_insert_with(|| MemoryCache::shared(settings, clock.clone())).clone()
    }

    /// The database, with its schema brought up to date.
    ///
    /// # Errors
    /// Those of [`Database::connect`] and [`Database::migrate`], which name path and remedy.
    pub async fn database(&mut self, migrations: &'static [Migration]) -> Result<Database> {
        if let Some(database) = &self.database {
            return Ok(database.clone());
        }
        let settings = &self.settings.as_ref().sql;
        if self.identity.profile == Profile::Development {
            make_folder_of(&settings.path)?;
        }
        let database = Database::connect(settings, self.clock.clone()).await?;
        let steps = database.migrate(migrations).await?;
        if steps > 0 {
            tracing::info!(steps, "the schema was brought up to date");
        }
        self.database = Some(database.clone());
        Ok(database)
    }

    /// What hashes passwords, and says which are accepted: not the name of the service, among others.
    ///
    /// # Errors
    /// Those of [`Hasher::start`].
    pub fn hasher(&mut self) -> Result<Hasher> {
        if self.hasher.is_none() {
            let settings = &self.settings.as_ref().password;
            let hasher = Hasher::start(settings, self.random.clone(), self.clock.clone())?;
            self.hasher = Some(hasher.with_words([self.identity.name]));
        }
        self.hasher.clone().ok_or_else(|| Error::internal("the hasher is gone"))
    }

    /// What checks second factors.
    ///
    /// # Errors
    /// Those of [`SecondFactors::new`].
    pub fn second_factors(&self) -> Result<SecondFactors> {
        SecondFactors::new(&self.service().totp, self.random.clone(), self.clock.clone())
    }

    /// What limits guesses.
    ///
    /// # Errors
    /// Those of [`Throttle::new`].
    pub fn throttle(&mut self) -> Result<Throttle> {
        let cache = self.cache();
        Throttle::new(&self.service().throttle, cache, self.random.clone())
    }

    /// What begins, refreshes and ends sessions, kept in this store.
    ///
    /// # Errors
    /// Those of [`Start::tokens`], and of the store, which is asked what ended a moment ago.
    pub async fn sessions(&mut self, store: Arc<dyn SessionStore>) -> Result<SessionManager> {
        let tokens = self.tokens()?;
        let (signer, revocations) = (tokens.signer(), tokens.authenticator().revocations().clone());
        let (clock, random) = (self.clock.clone(), self.random.clone());
        let manager = SessionManager::new(&self.service().session, store, signer, revocations, clock, random);
        manager.resume().await?;
        self.sessions = Some(manager.clone());
        Ok(manager)
    }

    /// What holds the time between the two steps of a login.
    pub fn challenges(&mut self) -> Challenges {
        let cache = self.cache();
        Challenges::new(&self.service().session, cache, self.random.clone())
    }

    /// What signs and checks access tokens.
    ///
    /// # Errors
    /// Those of [`JwtSettings::load_keys`](archirust_auth::jwt::JwtSettings::load_keys), which name file and remedy.
    pub fn tokens(&mut self) -> Result<Tokens> {
        if let Some(tokens) = &self.tokens {
            return Ok(tokens.clone());
        }
        let cache = self.cache();
        let tokens = Tokens::new(self.service(), cache, self.clock.clone(), self.random.clone())?;
        self.tokens = Some(tokens.clone());
        Ok(tokens)
    }

    /// Judges all that the parts show.
    pub(crate) async fn judge(&self, gate: &mut Gate) {
        let settings = self.service();
        gate.check("settings", &self.config, archirust_core::rules::RULES);
        gate.check("log", &self.log, archirust_telemetry::RULES);
        gate.check(
            "password",
            &archirust_auth::password::probe(&settings.password, &self.origins, "password"),
            archirust_auth::password::RULES,
        );
        if let Some(database) = &self.database {
            gate.check("sqlite", &database.probe(&self.origins).await, archirust_sql::RULES);
        }
        if let Some(tokens) = &self.tokens {
            let mut facts = tokens.probe(settings, &self.origins);
            // A service that hands out no refresh tokens has none to rotate.
            let rotates = self.sessions.is_some();
            if let Some(sessions) = &self.sessions {
                facts.rotation = sessions.probe().await;
            }
            let rules = archirust_auth::jwt::RULES.iter().filter(|rule| rotates || rule.info.id != REFRESH_ROTATION);
            gate.check("jwt", &facts, rules);
        }
    }

    pub(crate) fn gate(&self) -> Gate {
        let mut gate = Gate::new(self.identity.profile, &*self.clock).with_waivers(&self.app.waivers());
        gate.know(crate::catalogue());
        gate
    }

    pub(crate) fn open_database(&self) -> Option<Database> {
        self.database.clone()
    }

    pub(crate) fn open_tokens(&self) -> Option<Tokens> {
        self.tokens.clone()
    }

    pub(crate) fn open_cache(&self) -> Option<SharedCache> {
        self.cache.clone()
    }

    /// Ends every part that was handed out.
    pub(crate) async fn close(self) {
        if let Some(hasher) = &self.hasher {
            // A login that waits for nobody is not worth more than this.
            if tokio::time::timeout(CLOSE, hasher.shutdown()).await.is_err() {
                tracing::warn!("passwords were still being hashed at the end");
            }
        }
        if let Some(database) = &self.database
            && let Err(error) = database.close(CLOSE).await
        {
            tracing::warn!(error = %error.report(), "the database was not closed in order");
        }
        drop(self.telemetry);
    }
}

/// The folder of the database, in development only: elsewhere a missing folder is a volume that was not mounted.
fn make_folder_of(file: &Path) -> Result<()> {
    match file.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        Some(folder) if file.file_name().is_some_and(|name| name != "memory") => crate::keys::make_folder(folder),
        _ => Ok(()),
    }
}
