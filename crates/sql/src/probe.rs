//! Collects the facts: from the settings and the file system alone, or with what the running database shows.

use archirust_core::config::Origins;
use archirust_core::hardening::Observed;

use crate::config::SqlSettings;
use crate::database::Database;
use crate::facts::{PoolFacts, SqlFacts, Transport};
use crate::sqlite;

/// The section of the settings.
const SECTION: &str = "sql";

/// Facts that need no connection. `origins` says where each setting comes from.
pub fn from_settings(settings: &SqlSettings, origins: &Origins) -> SqlFacts {
    let key = |name: &str| format!("{SECTION}.{name}");
    let pool = PoolFacts {
        max_connections: settings.pool.max_connections,
        min_connections: settings.pool.min_connections,
        idle_timeout: settings.pool.idle_timeout,
        max_lifetime: settings.pool.max_lifetime,
    };
    SqlFacts {
        transport: Observed::setting(Transport::Embedded, origins, &key("path")),
        pool: Observed::setting(pool, origins, &key("pool.max_connections")),
        acquire_timeout: Observed::setting(settings.pool.acquire_timeout, origins, &key("pool.acquire_timeout")),
        busy_timeout: Observed::setting(settings.busy_timeout, origins, &key("busy_timeout")),
        live_busy_timeout: Observed::not_seen("the database was not asked"),
        statements_logged: Observed::setting(settings.log_statements, origins, &key("log_statements")),
        file: sqlite::modes(settings),
    }
}

impl Database {
    /// Facts of the settings, and what the running database shows.
    pub async fn probe(&self, origins: &Origins) -> SqlFacts {
        let mut facts = from_settings(self.settings(), origins);
        self.engine().observe(&mut facts).await;
        facts
    }
}
