//! Rows: one module for each table, with the queries that the logic asks for. Nothing here decides anything.

pub(crate) mod password_history;
pub(crate) mod recovery_codes;
pub(crate) mod second_factors;
pub(crate) mod sessions;
pub(crate) mod users;

use archirust::sql::Migration;

/// The schema, step by step. A step that has been applied anywhere is never changed.
pub(crate) const MIGRATIONS: &[Migration] =
    &[Migration::new(1, "accounts", include_str!("../../migrations/0001_accounts.sql"))];
