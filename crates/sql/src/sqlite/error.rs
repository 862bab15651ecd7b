//! Failures of SQLite by their extended result code (<https://www.sqlite.org/rescode.html>). SQLite names tables, columns
//! and words of the statement in its messages, and no values.

use archirust_core::ErrorKind;
use sea_orm::{DbErr, RuntimeErr};
use sqlx::error::DatabaseError;
use sqlx::sqlite::SqliteError;

use crate::constraint::{column_of_name, columns_of_list};
use crate::error::{Cause, Failure};

/// Result codes. The lower byte is the primary code, the rest says more.
pub(super) mod code {
    pub(crate) const PERM: i32 = 3;
    pub(crate) const BUSY: i32 = 5;
    pub(crate) const LOCKED: i32 = 6;
    pub(crate) const NOMEM: i32 = 7;
    pub(crate) const READONLY: i32 = 8;
    pub(crate) const INTERRUPT: i32 = 9;
    pub(crate) const IOERR: i32 = 10;
    pub(crate) const CORRUPT: i32 = 11;
    pub(crate) const FULL: i32 = 13;
    pub(crate) const CANTOPEN: i32 = 14;
    pub(crate) const CONSTRAINT: i32 = 19;
    pub(crate) const NOTADB: i32 = 26;

    pub(crate) const BUSY_SNAPSHOT: i32 = BUSY | (2 << 8);
    pub(crate) const CONSTRAINT_FOREIGNKEY: i32 = CONSTRAINT | (3 << 8);
    pub(crate) const CONSTRAINT_NOTNULL: i32 = CONSTRAINT | (5 << 8);
    pub(crate) const CONSTRAINT_PRIMARYKEY: i32 = CONSTRAINT | (6 << 8);
    pub(crate) const CONSTRAINT_UNIQUE: i32 = CONSTRAINT | (8 << 8);
    pub(crate) const CONSTRAINT_ROWID: i32 = CONSTRAINT | (10 << 8);

    /// The primary code of an extended one.
    pub(crate) fn primary(code: i32) -> i32 {
        code & 0xff
    }
}

/// What a failure means; `None` if it is not one of SQLite.
pub(crate) fn classify(error: &dyn DatabaseError) -> Option<Failure> {
    let error = error.try_downcast_ref::<SqliteError>()?;
    let code = error.code().and_then(|code| code.parse().ok()).unwrap_or(0);
    Some(judge(code, error.message()))
}

fn judge(extended: i32, message: &str) -> Failure {
    let (kind, remedy) = match code::primary(extended) {
        code::BUSY if extended == code::BUSY_SNAPSHOT => (ErrorKind::Serialization, ""),
        code::BUSY => (
            ErrorKind::DatabaseUnavailable,
            "another process held a lock on the database for longer than sql.busy_timeout",
        ),
        code::LOCKED => (ErrorKind::Serialization, ""),
        code::READONLY => {
            (ErrorKind::ReadOnly, "the database can only be read: check who owns the file and its folder (sql.path)")
        }
        code::FULL => (ErrorKind::StorageFull, "no space is left on the disk of the database (sql.path): free some"),
        code::IOERR => (ErrorKind::DatabaseUnavailable, "the disk of the database (sql.path) failed"),
        code::NOMEM => (ErrorKind::Overloaded, ""),
        code::CANTOPEN | code::PERM => (
            ErrorKind::DatabaseUnavailable,
            "the database file (sql.path) could not be opened: check that its folder exists and who owns it",
        ),
        code::CORRUPT => (ErrorKind::Database, "the database file (sql.path) is damaged: restore it from a backup"),
        code::NOTADB => (ErrorKind::Database, "the file at sql.path is not a SQLite database"),
        code::CONSTRAINT => (kind_of_constraint(extended), ""),
        _ => (ErrorKind::Database, ""),
    };
    let cause = Cause {
        engine: "sqlite",
        code: extended,
        message: message.to_owned(),
        contention: matches!(code::primary(extended), code::BUSY | code::LOCKED),
    };
    Failure { kind, fields: fields_of(extended, message), remedy, cause }
}

fn kind_of_constraint(extended: i32) -> ErrorKind {
    match extended {
        code::CONSTRAINT_UNIQUE | code::CONSTRAINT_PRIMARYKEY | code::CONSTRAINT_ROWID => ErrorKind::AlreadyExists,
        code::CONSTRAINT_FOREIGNKEY => ErrorKind::ForeignKey,
        _ => ErrorKind::CheckViolation,
    }
}

/// The columns that a constraint is about: `UNIQUE constraint failed: users.email`, or, when the index is on an expression,
/// `UNIQUE constraint failed: index 'users_email_key'`.
fn fields_of(extended: i32, message: &str) -> Vec<(String, &'static str, &'static str)> {
    let (field_code, text) = match extended {
        code::CONSTRAINT_UNIQUE | code::CONSTRAINT_PRIMARYKEY | code::CONSTRAINT_ROWID => ("taken", "exists already"),
        code::CONSTRAINT_NOTNULL => ("required", "must have a value"),
        _ => return Vec::new(),
    };
    let Some((_, what)) = message.split_once("constraint failed: ") else { return Vec::new() };
    let columns = match what.strip_prefix("index '").and_then(|rest| rest.strip_suffix('\'')) {
        Some(index) => column_of_name(None, index).into_iter().collect(),
        None => columns_of_list(what),
    };
    columns.into_iter().map(|column| (column, field_code, text)).collect()
}

/// Whether SQLite may have rolled back the whole transaction because of this failure
/// (<https://www.sqlite.org/lang_transaction.html>, section 3). What follows would run outside of it and be saved alone.
pub(super) fn ends_transaction(error: &DbErr) -> bool {
    let (DbErr::Exec(RuntimeErr::SqlxError(cause))
    | DbErr::Query(RuntimeErr::SqlxError(cause))
    | DbErr::Conn(RuntimeErr::SqlxError(cause))) = error
    else {
        return false;
    };
    let sqlx::Error::Database(cause) = cause.as_ref() else {
        return matches!(cause.as_ref(), sqlx::Error::WorkerCrashed | sqlx::Error::Io(_));
    };
    classify(cause.as_ref()).is_some_and(|failure| {
        matches!(
            code::primary(failure.cause.code),
            code::FULL | code::IOERR | code::NOMEM | code::INTERRUPT | code::CORRUPT
        ) || failure.cause.code == code::BUSY_SNAPSHOT
    })
}

/// The primary result code, where SQLite gave one.
pub(super) fn primary_code(error: &sqlx::Error) -> Option<i32> {
    let sqlx::Error::Database(cause) = error else { return None };
    classify(cause.as_ref()).map(|failure| code::primary(failure.cause.code))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(extended: i32, message: &str) -> Vec<String> {
        judge(extended, message).fields.into_iter().map(|(column, code, _)| format!("{column} {code}")).collect()
    }

    #[test]
    fn a_constraint_names_its_columns() {
        assert_eq!(fields(2067, "UNIQUE constraint failed: users.email"), ["email taken"]);
        assert_eq!(
            fields(2067, "UNIQUE constraint failed: users.tenant, users.email"),
            ["tenant taken", "email taken"]
        );
        assert_eq!(fields(2067, "UNIQUE constraint failed: index 'users_email_key'"), ["email taken"]);
        assert!(fields(2067, "UNIQUE constraint failed: index 'one_mail'").is_empty());
        assert_eq!(fields(1555, "UNIQUE constraint failed: users.id"), ["id taken"]);
        assert_eq!(fields(1299, "NOT NULL constraint failed: users.email"), ["email required"]);
        assert!(fields(787, "FOREIGN KEY constraint failed").is_empty());
        assert!(fields(275, "CHECK constraint failed: age >= 0").is_empty());
        assert!(fields(2067, "something else").is_empty());
    }

    #[test]
    fn each_code_has_its_kind() {
        let kinds = [
            (5, ErrorKind::DatabaseUnavailable),
            (261, ErrorKind::DatabaseUnavailable),
            (517, ErrorKind::Serialization),
            (6, ErrorKind::Serialization),
            (262, ErrorKind::Serialization),
            (7, ErrorKind::Overloaded),
            (8, ErrorKind::ReadOnly),
            (1032, ErrorKind::ReadOnly),
            (10, ErrorKind::DatabaseUnavailable),
            (778, ErrorKind::DatabaseUnavailable),
            (11, ErrorKind::Database),
            (13, ErrorKind::StorageFull),
            (3, ErrorKind::DatabaseUnavailable),
            (14, ErrorKind::DatabaseUnavailable),
            (26, ErrorKind::Database),
            (275, ErrorKind::CheckViolation),
            (787, ErrorKind::ForeignKey),
            (1299, ErrorKind::CheckViolation),
            (1555, ErrorKind::AlreadyExists),
            (2067, ErrorKind::AlreadyExists),
            (2579, ErrorKind::AlreadyExists),
            (3091, ErrorKind::CheckViolation),
            (1, ErrorKind::Database),
            (21, ErrorKind::Database),
        ];
        for (code, kind) in kinds {
            assert_eq!(judge(code, "").kind, kind, "{code}");
        }
    }

    #[test]
    fn only_locks_of_others_are_contention() {
        for code in [5, 6, 517, 262, 261] {
            assert!(judge(code, "").cause.contention, "{code}");
        }
        for code in [1, 7, 8, 10, 13, 19, 787, 2067] {
            assert!(!judge(code, "").cause.contention, "{code}");
        }
    }
}
