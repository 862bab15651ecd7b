//! What can be seen of SQLite: the modes of its file, and the answers of a connection.

use std::io::ErrorKind;
use std::time::Duration;

use archirust_core::hardening::{Observed, Source};
use sqlx::sqlite::SqlitePool;

use super::file;
use crate::config::SqlSettings;
use crate::facts::{FileFacts, SqlFacts};

/// The permission bits of the database file and its folder.
pub(crate) fn modes(settings: &SqlSettings) -> Observed<FileFacts> {
    if settings.is_memory() {
        return Observed::system(FileFacts::Memory, "a database in memory");
    }
    let unseen =
        |cause: &std::io::Error| Observed::not_seen(format!("the file system refused to tell: {}", cause.kind()));
    let path = match std::path::absolute(&settings.path) {
        Ok(path) => path,
        Err(cause) => return unseen(&cause),
    };
    let folder_mode = match file::mode(path.parent().unwrap_or(&path)) {
        Ok(mode) => mode,
        Err(cause) => return unseen(&cause),
    };
    let file_mode = match file::mode(&path) {
        Ok(mode) => mode,
        Err(cause) if cause.kind() == ErrorKind::NotFound => Some(file::NEW_FILE_MODE),
        Err(cause) => return unseen(&cause),
    };
    match (file_mode, folder_mode) {
        (Some(file_mode), Some(folder_mode)) => {
            let seen = format!("modes of {}", path.display());
            Observed::system(FileFacts::File { path, file_mode, folder_mode }, seen)
        }
        _ => Observed::not_seen("this system has no permission bits"),
    }
}

/// Asks a connection.
pub(super) async fn live(pool: &SqlitePool, facts: &mut SqlFacts) {
    const QUESTION: &str = "PRAGMA busy_timeout";
    facts.live_busy_timeout = match sqlx::query_scalar::<_, i64>(QUESTION).fetch_one(pool).await {
        Ok(millis) => {
            let limit = Duration::from_millis(u64::try_from(millis).unwrap_or(0));
            Observed::Seen(limit, Source::Query(QUESTION.to_owned()))
        }
        Err(_) => Observed::not_seen("the database did not answer"),
    };
}
