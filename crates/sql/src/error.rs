//! Errors of the database as the one error of ArchiRust. No value of a row or a parameter gets into a text: drivers put
//! them into some of their messages, so a message is only passed on where the engine is known to leave them out.

use std::fmt;
use std::time::Duration;

use archirust_core::{Error, ErrorKind, Result};
use sea_orm::sqlx::Error as SqlxError;
use sea_orm::{ConnAcquireErr, DbErr, RuntimeErr};

use crate::constraint::pointer;
use crate::sqlite;

/// Answer of a write through a handle that only reads.
pub(crate) const READ_ONLY: &str = "a write through a handle that only reads";

/// Answer of a transaction that an earlier failure has ended.
pub(crate) const ENDED: &str = "the transaction was ended by an earlier failure; nothing of it is saved";

/// Answer of a second way into the database while a unit of work is open in the same task.
pub(crate) const INSIDE: &str = "a unit of work is open in this task: use its handle, which sees its own writes";

/// Turns an error of SeaORM into the error of ArchiRust: `.map_err(archirust_sql::error)`.
///
/// A unique violation is `AlreadyExists` and names the field (`/email`); a missing row that had to be there is `NotFound`.
pub fn error(error: DbErr) -> Error {
    let internal = |detail: &'static str| Error::new(ErrorKind::Database).with_detail(detail);
    match &error {
        DbErr::ConnectionAcquire(ConnAcquireErr::Timeout) => from_sqlx(&SqlxError::PoolTimedOut),
        DbErr::ConnectionAcquire(ConnAcquireErr::ConnectionClosed) => from_sqlx(&SqlxError::PoolClosed),
        DbErr::Conn(RuntimeErr::SqlxError(cause))
        | DbErr::Exec(RuntimeErr::SqlxError(cause))
        | DbErr::Query(RuntimeErr::SqlxError(cause)) => from_sqlx(cause),
        DbErr::RecordNotFound(_) | DbErr::RecordNotUpdated => Error::new(ErrorKind::NotFound),
        DbErr::Custom(text) if text == READ_ONLY => Error::new(ErrorKind::ReadOnly).with_detail(READ_ONLY),
        DbErr::Custom(text) if text == ENDED => internal(ENDED),
        DbErr::Custom(text) if text == INSIDE => Error::internal(INSIDE),
        DbErr::RecordNotInserted => internal("no row was inserted"),
        DbErr::PrimaryKeyNotSet { .. } => Error::internal("the primary key of a row is not set"),
        DbErr::UpdateGetPrimaryKey => Error::internal("the primary key of a row is not known"),
        // The texts of these hold stored values.
        DbErr::Type(_) | DbErr::Json(_) | DbErr::TryIntoErr { .. } => {
            internal("a stored value has another type than its field")
        }
        DbErr::AttrNotSet(_) => internal("a field of a row is not set"),
        _ => internal("the query could not be run"),
    }
}

/// Turns an error of sqlx into the error of ArchiRust.
pub fn from_sqlx(error: &SqlxError) -> Error {
    let of = |kind, detail: &'static str| Error::new(kind).with_detail(detail);
    match error {
        SqlxError::Database(cause) => match sqlite::classify(cause.as_ref()) {
            Some(failure) => failure.into_error(),
            None => of(ErrorKind::Database, "the database refused a statement"),
        },
        SqlxError::PoolTimedOut => of(
            ErrorKind::PoolExhausted,
            "no connection became free within sql.pool.acquire_timeout: shorten what units of work do, or raise sql.pool.max_connections",
        )
        .with_retry_after(Duration::from_secs(1)),
        SqlxError::PoolClosed => of(ErrorKind::Unavailable, "the database is being closed"),
        SqlxError::WorkerCrashed => of(ErrorKind::DatabaseUnavailable, "the connection to the database broke"),
        SqlxError::Io(cause) => {
            Error::new(ErrorKind::DatabaseUnavailable).with_detail(format!("the connection to the database broke: {}", cause.kind()))
        }
        SqlxError::Tls(_) => of(ErrorKind::TlsFailed, "the database's certificate or handshake is not acceptable"),
        SqlxError::Configuration(_) => of(ErrorKind::Configuration, "the settings of the database are not acceptable"),
        SqlxError::RowNotFound => Error::new(ErrorKind::NotFound),
        SqlxError::ColumnNotFound(_) | SqlxError::ColumnIndexOutOfBounds { .. } | SqlxError::TypeNotFound { .. } => {
            of(ErrorKind::Database, "a column of the entity is not in the answer: are all migrations applied?")
        }
        // The texts of these hold stored values.
        SqlxError::ColumnDecode { index, .. } => {
            Error::new(ErrorKind::Database).with_detail(format!("the stored value of column {index} could not be read"))
        }
        SqlxError::Decode(_) => of(ErrorKind::Database, "a stored value could not be read"),
        SqlxError::Encode(_) => of(ErrorKind::Database, "a value could not be written"),
        _ => of(ErrorKind::Database, "the query could not be run"),
    }
}

/// What an engine makes of a failure.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) kind: ErrorKind,
    /// The columns it is about, with a code and what is accepted.
    pub(crate) fields: Vec<(String, &'static str, &'static str)>,
    /// What to do about it; empty where the cause says enough.
    pub(crate) remedy: &'static str,
    pub(crate) cause: Cause,
}

impl Failure {
    pub(crate) fn into_error(self) -> Error {
        let mut error = Error::new(self.kind);
        for (column, code, message) in self.fields {
            error = error.with_field(pointer(&column), code, message);
        }
        if !self.remedy.is_empty() {
            error = error.with_detail(self.remedy);
        }
        error.with_source(self.cause)
    }
}

/// The engine's own words, without values.
#[derive(Debug)]
pub(crate) struct Cause {
    pub(crate) engine: &'static str,
    pub(crate) code: i32,
    pub(crate) message: String,
    /// Another transaction was in the way: the same work may succeed in a new one.
    pub(crate) contention: bool,
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}: {}", self.engine, self.code, self.message)
    }
}

impl std::error::Error for Cause {}

/// Whether the work that failed may be run again in a new transaction.
pub(crate) fn may_rerun(error: &Error) -> bool {
    let contention = std::error::Error::source(error)
        .and_then(|source| source.downcast_ref::<Cause>())
        .is_some_and(|cause| cause.contention);
    contention || matches!(error.kind(), ErrorKind::Serialization | ErrorKind::Deadlock)
}

/// `.or_error()` in place of `.map_err(archirust_sql::error)`.
pub trait OrError<T> {
    /// Turns the error of SeaORM into the error of ArchiRust.
    ///
    /// # Errors
    /// That of [`error()`].
    fn or_error(self) -> Result<T>;
}

impl<T> OrError<T> for Result<T, DbErr> {
    fn or_error(self) -> Result<T> {
        self.map_err(error)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stored_values_stay_out_of_the_texts() {
        let secret = || "hunter2".to_owned();
        let cases = [
            DbErr::Type(secret()),
            DbErr::Json(secret()),
            DbErr::Custom(secret()),
            DbErr::RecordNotFound(secret()),
            DbErr::AttrNotSet(secret()),
            DbErr::Query(RuntimeErr::Internal(secret())),
            DbErr::Query(RuntimeErr::SqlxError(SqlxError::Decode(secret().into()).into())),
            DbErr::Query(RuntimeErr::SqlxError(
                SqlxError::ColumnDecode { index: "\"email\"".to_owned(), source: secret().into() }.into(),
            )),
            DbErr::Query(RuntimeErr::SqlxError(SqlxError::Protocol(secret()).into())),
        ];
        for case in cases {
            let text = format!("{:?} {case:?}", error(case.clone()));
            assert!(text.matches("hunter2").count() == 1, "{text}");
        }
    }

    #[test]
    fn each_failure_of_the_pool_has_its_kind() {
        let kind = |cause: &SqlxError| from_sqlx(cause).kind();
        assert_eq!(kind(&SqlxError::PoolTimedOut), ErrorKind::PoolExhausted);
        assert_eq!(kind(&SqlxError::PoolClosed), ErrorKind::Unavailable);
        assert_eq!(kind(&SqlxError::WorkerCrashed), ErrorKind::DatabaseUnavailable);
        assert_eq!(kind(&SqlxError::Io(std::io::Error::other("x"))), ErrorKind::DatabaseUnavailable);
        assert_eq!(kind(&SqlxError::RowNotFound), ErrorKind::NotFound);
        assert_eq!(error(DbErr::ConnectionAcquire(ConnAcquireErr::Timeout)).kind(), ErrorKind::PoolExhausted);
        assert_eq!(error(DbErr::ConnectionAcquire(ConnAcquireErr::ConnectionClosed)).kind(), ErrorKind::Unavailable);
    }

    #[test]
    fn only_collisions_may_be_run_again() {
        for kind in ErrorKind::ALL {
            let expected = matches!(kind, ErrorKind::Serialization | ErrorKind::Deadlock);
            assert_eq!(may_rerun(&Error::new(*kind)), expected, "{kind:?}");
        }
        let cause = |contention| Cause { engine: "sqlite", code: 5, message: String::new(), contention };
        assert!(may_rerun(&Error::new(ErrorKind::DatabaseUnavailable).with_source(cause(true))));
        assert!(!may_rerun(&Error::new(ErrorKind::DatabaseUnavailable).with_source(cause(false))));
    }
}
