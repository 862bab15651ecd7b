//! Migrations: numbered SQL texts that are part of the program, applied once and in order, and never changed afterwards.

use std::collections::BTreeMap;

use archirust_core::{Error, ErrorKind, Result};
use sqlx::migrate::{Migration as SqlxMigration, MigrationType};
use sqlx::{AssertSqlSafe, SqlSafeStr};

/// One step of the schema.
///
/// ```
/// use archirust_sql::Migration;
///
/// const MIGRATIONS: &[Migration] = &[
///     Migration::new(1, "create notes", "CREATE TABLE notes (id BLOB NOT NULL PRIMARY KEY, body TEXT NOT NULL) STRICT"),
///     // In a service the text is in a file of its own: include_str!("../migrations/0002_index_notes.sql")
/// ];
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Migration {
    version: i64,
    name: &'static str,
    sql: &'static str,
}

impl Migration {
    /// A step. Versions grow; the text is fixed once it has been applied anywhere.
    pub const fn new(version: i64, name: &'static str, sql: &'static str) -> Self {
        Self { version, name, sql }
    }

    /// Its number.
    pub fn version(&self) -> i64 {
        self.version
    }

    /// What it does, in a few words.
    pub fn name(&self) -> &'static str {
        self.name
    }

    pub(crate) fn to_sqlx(self) -> SqlxMigration {
        // Part of the program, like any literal.
        let sql = AssertSqlSafe(self.sql).into_sql_str();
        SqlxMigration::new(self.version, self.name.into(), MigrationType::Simple, sql, false)
    }
}

/// The steps that are still to be applied, after comparing those that were: version and checksum of each.
///
/// # Errors
/// `Configuration` when the database and the program do not belong together.
pub(crate) fn pending(migrations: &[Migration], applied: &BTreeMap<i64, Vec<u8>>) -> Result<Vec<SqlxMigration>> {
    let wrong = |detail: String| Err(Error::new(ErrorKind::Configuration).with_detail(detail));
    for pair in migrations.windows(2) {
        if pair[0].version >= pair[1].version {
            return wrong(format!("migration {} must come after {}", pair[1].version, pair[0].version));
        }
    }
    let newest = migrations.last().map_or(0, Migration::version);
    if let Some((&version, _)) = applied.last_key_value().filter(|(version, _)| **version > newest) {
        return wrong(format!(
            "the database is newer than this program: it has migration {version}, the program ends at {newest}: \
             start a newer program, or restore the backup from before that migration"
        ));
    }
    if let Some(version) = applied.keys().find(|version| migrations.iter().all(|m| m.version != **version)) {
        return wrong(format!(
            "migration {version} was applied to the database, and is not part of this program any more"
        ));
    }
    let mut pending = Vec::new();
    for migration in migrations {
        let step = migration.to_sqlx();
        match applied.get(&migration.version) {
            None => pending.push(step),
            Some(checksum) if *checksum == *step.checksum => {}
            Some(_) => {
                return wrong(format!(
                    "migration {} ({}) was changed after it was applied: restore its text, and put the change into a new migration",
                    migration.version, migration.name
                ));
            }
        }
    }
    Ok(pending)
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIRST: Migration = Migration::new(1, "first", "CREATE TABLE a (id INTEGER)");
    const SECOND: Migration = Migration::new(2, "second", "CREATE TABLE b (id INTEGER)");
    const THIRD: Migration = Migration::new(3, "third", "CREATE TABLE c (id INTEGER)");

    fn applied(migrations: &[Migration]) -> BTreeMap<i64, Vec<u8>> {
        migrations.iter().map(|m| (m.version, m.to_sqlx().checksum.to_vec())).collect()
    }

    fn versions(migrations: &[Migration], done: &[Migration]) -> Vec<i64> {
        pending(migrations, &applied(done)).unwrap().iter().map(|step| step.version).collect()
    }

    fn detail(migrations: &[Migration], done: &[Migration]) -> String {
        let error = pending(migrations, &applied(done)).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Configuration);
        error.detail().unwrap().to_owned()
    }

    #[test]
    fn what_was_not_applied_is_pending_in_order() {
        assert_eq!(versions(&[FIRST, SECOND, THIRD], &[]), [1, 2, 3]);
        assert_eq!(versions(&[FIRST, SECOND, THIRD], &[FIRST, THIRD]), [2]);
        assert!(versions(&[FIRST, SECOND], &[FIRST, SECOND]).is_empty());
        assert!(versions(&[], &[]).is_empty());
    }

    #[test]
    fn what_does_not_belong_together_is_named() {
        let changed = Migration::new(1, "first", "CREATE TABLE a (id TEXT)");
        let table = [
            detail(&[changed, SECOND], &[FIRST]),
            detail(&[FIRST, SECOND], &[FIRST, SECOND, THIRD]),
            detail(&[FIRST, THIRD], &[FIRST, SECOND]),
            detail(&[SECOND, FIRST], &[]),
            detail(&[FIRST, FIRST], &[]),
        ];
        insta::assert_snapshot!(table.join("\n"));
    }
}
