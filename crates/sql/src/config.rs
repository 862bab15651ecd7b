//! Settings of the database.

use std::path::{Path, PathBuf};
use std::time::Duration;

use archirust_core::config::{Conflict, SettingEnum, Settings};

/// What stands in `sql.path` for a database that lives in the memory of the process.
const MEMORY: &str = "memory";

/// The database.
#[derive(Clone, Debug, Settings)]
#[settings(validate = check)]
pub struct SqlSettings {
    /// The database file (SQLite). A missing file is made, with mode 0600; a missing folder is an error. `memory` keeps
    /// everything in the process, on one connection, and loses it with the process.
    #[setting(default = "data/service.db")]
    pub path: PathBuf,
    /// Limits of the connection pool.
    #[setting(nested)]
    pub pool: PoolSettings,
    /// How long a statement waits for a lock that another process holds. 0 fails at once.
    #[setting(default = "5s", range = "0s..=60s")]
    pub busy_timeout: Duration,
    /// Write-ahead log: readers and the writer don't wait for each other.
    #[setting(default = "true")]
    pub wal: bool,
    /// When a commit is on the disk.
    #[setting(default = "full")]
    pub synchronous: Synchronous,
    /// Logs the text of every statement at the level debug. Values are bound and never part of it, except in statements that
    /// the application writes with literals.
    #[setting(default = "false")]
    pub log_statements: bool,
    /// Logs a statement that takes longer, at the level warn. 0 logs none.
    #[setting(default = "1s", range = "0s..=1h")]
    pub slow_statement: Duration,
}

impl SqlSettings {
    /// A database in the memory of the process, for tests and trials.
    pub fn memory() -> Self {
        Self { path: PathBuf::from(MEMORY), ..Self::default() }
    }

    /// A database in a file.
    pub fn file(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into(), ..Self::default() }
    }

    /// Whether the database lives in the memory of the process.
    pub fn is_memory(&self) -> bool {
        self.path == Path::new(MEMORY)
    }
}

/// Limits of the connection pool.
#[derive(Clone, Debug, Settings)]
#[settings(validate = check_pool)]
pub struct PoolSettings {
    /// The most connections. SQLite has one more, for the one writer that it allows.
    #[setting(default = "8", range = "1..=1000")]
    pub max_connections: u32,
    /// Connections that are kept open. They are opened after the start, not before.
    #[setting(default = "0", range = "0..=1000")]
    pub min_connections: u32,
    /// How long to wait for a free connection.
    #[setting(default = "5s", range = "0s..=60s")]
    pub acquire_timeout: Duration,
    /// How long a connection may be idle before it is closed.
    #[setting(default = "10m", range = "1s..=24h")]
    pub idle_timeout: Duration,
    /// How long a connection may live.
    #[setting(default = "30m", range = "1s..=24h")]
    pub max_lifetime: Duration,
}

/// When a commit of SQLite is on the disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq, SettingEnum)]
pub enum Synchronous {
    /// At each checkpoint: a power cut may take the last commits, never the integrity of the file.
    Normal,
    /// Before the commit returns.
    Full,
}

fn check(settings: &SqlSettings) -> Option<Conflict> {
    // SQLite takes an empty name for a temporary database that is gone when it is closed.
    settings.path.as_os_str().is_empty().then(|| Conflict::new("path", "is empty; name a file, or memory"))
}

fn check_pool(pool: &PoolSettings) -> Option<Conflict> {
    if pool.min_connections > pool.max_connections {
        return Some(Conflict::new("min_connections", "is larger than max_connections"));
    }
    (pool.idle_timeout > pool.max_lifetime).then(|| Conflict::new("idle_timeout", "is longer than max_lifetime"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_defaults_go_together() {
        let settings = SqlSettings::default();
        assert!(check(&settings).is_none() && check_pool(&settings.pool).is_none());
        assert!(!settings.is_memory() && SqlSettings::memory().is_memory());
    }

    #[test]
    fn an_empty_path_is_refused() {
        assert_eq!(check(&SqlSettings::file("")).map(|conflict| conflict.name), Some("path"));
    }

    #[test]
    fn limits_that_contradict_each_other_are_refused() {
        let seconds = Duration::from_secs;
        let pool = |min, max, idle, lifetime| PoolSettings {
            min_connections: min,
            max_connections: max,
            idle_timeout: seconds(idle),
            max_lifetime: seconds(lifetime),
            ..PoolSettings::default()
        };
        let conflict = |pool| check_pool(&pool).map(|conflict| conflict.name);
        assert_eq!(conflict(pool(4, 4, 10, 10)), None);
        assert_eq!(conflict(pool(5, 4, 10, 10)), Some("min_connections"));
        assert_eq!(conflict(pool(4, 4, 11, 10)), Some("idle_timeout"));
    }
}
