//! Which facts of a service are judged by which rules.

use archirust_core::config::{Origins, Profile};
use archirust_core::hardening::Gate;
use archirust_telemetry::Logs;

use crate::ServiceSettings;

/// What the settings alone show, leaving out what can't be seen yet.
pub(crate) fn of_settings(
    gate: &mut Gate,
    settings: &ServiceSettings,
    origins: &Origins,
    profile: Profile,
    name: &str,
) {
    gate.check(
        "password",
        &archirust_auth::password::probe(&settings.password, origins, "password"),
        archirust_auth::password::RULES,
    );
    gate.preview("jwt", &archirust_auth::jwt::from_settings(&settings.jwt, origins, "jwt"), archirust_auth::jwt::RULES);
    gate.preview("sqlite", &archirust_sql::from_settings(&settings.sql, origins), archirust_sql::RULES);
    // A filter that is not valid is an error of its own, a moment later.
    if let Ok(logs) = Logs::new(&settings.log, profile, name) {
        gate.check("log", &logs.probe(origins), archirust_telemetry::RULES);
    }
}
