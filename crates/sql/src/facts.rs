//! What can be known of a database and of the way to it.

use std::path::PathBuf;
use std::time::Duration;

use archirust_core::hardening::Observed;

/// What can be known of a database and of the way to it.
#[derive(Clone, Debug)]
pub struct SqlFacts {
    /// How statements reach the database.
    pub transport: Observed<Transport>,
    /// The limits of the connection pool.
    pub pool: Observed<PoolFacts>,
    /// How long to wait for a free connection.
    pub acquire_timeout: Observed<Duration>,
    /// How long a statement waits for a lock, as it is set.
    pub busy_timeout: Observed<Duration>,
    /// How long a statement waits for a lock, as the running database answers.
    pub live_busy_timeout: Observed<Duration>,
    /// Whether the texts of statements are logged.
    pub statements_logged: Observed<bool>,
    /// Who may read the database file.
    pub file: Observed<FileFacts>,
}

/// How statements reach the database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Transport {
    /// The database is part of the process: there is no connection to protect.
    Embedded,
    /// Over a network.
    Network {
        /// Whether the connection is encrypted.
        encrypted: bool,
        /// Whether the server's certificate and name are checked.
        verified: bool,
    },
}

/// The limits of the connection pool.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PoolFacts {
    /// The most connections.
    pub max_connections: u32,
    /// Connections that are kept open.
    pub min_connections: u32,
    /// How long a connection may be idle.
    pub idle_timeout: Duration,
    /// How long a connection may live.
    pub max_lifetime: Duration,
}

/// Who may read the database file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FileFacts {
    /// There is no file: the data is in the memory of the process.
    Memory,
    /// A file, with the permission bits of it and of its folder.
    File {
        /// Where it is.
        path: PathBuf,
        /// Bits of the file; those it will be made with when there is none yet.
        file_mode: u32,
        /// Bits of the folder.
        folder_mode: u32,
    },
}
