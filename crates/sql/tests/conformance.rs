//! The promises of the port, kept by each engine.
#![allow(clippy::unwrap_used, reason = "a test")]

use std::path::PathBuf;

use archirust_core::clock::SystemClock;
use archirust_sql::{Database, SqlSettings};

async fn connect(settings: &SqlSettings) -> Database {
    Database::connect(settings, SystemClock::shared()).await.unwrap()
}

/// A database file of this name that is not there yet.
fn new_file(engine: &str, name: &str) -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("sql").join(engine).join(name);
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).unwrap();
    folder.join("service.db")
}

mod memory {
    use super::*;

    async fn fresh(_: &str) -> Database {
        connect(&SqlSettings::memory()).await
    }

    archirust_sql::conformance!(fresh);
}

mod file {
    use super::*;

    async fn fresh(name: &str) -> Database {
        connect(&SqlSettings::file(new_file("file", name))).await
    }

    archirust_sql::conformance!(fresh);
}

mod file_without_write_ahead_log {
    use super::*;

    async fn fresh(name: &str) -> Database {
        connect(&SqlSettings { wal: false, ..SqlSettings::file(new_file("journal", name)) }).await
    }

    archirust_sql::conformance!(fresh);
}
