//! Which facts of a service are judged by which rules.

use std::path::PathBuf;

use archirust_core::config::{Origins, Profile};
use archirust_core::hardening::{Evidence, Finding, Gate, Outcome, Remedy, Source};
use archirust_telemetry::Logs;

use crate::ServiceSettings;

/// The rule on secrets that are not there.
const MISSING_SECRET: &str = "ARCHI-CFG-005";

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
    // In development a start makes it.
    if profile != Profile::Development {
        gate.add(missing_key(settings, origins));
    }
    // A filter that is not valid is an error of its own, a moment later.
    if let Ok(logs) = Logs::new(&settings.log, profile, name) {
        gate.check("log", &logs.probe(origins), archirust_telemetry::RULES);
    }
}

/// The files of keys that the settings name and that are there, for the rule on modes.
pub(crate) fn key_files(settings: &ServiceSettings) -> Vec<PathBuf> {
    let named = settings.jwt.previous_key_files.iter().chain([&settings.jwt.key_file]);
    if settings.jwt.algorithm.is_symmetric() {
        return Vec::new();
    }
    named.filter(|path| path.exists()).cloned().collect()
}

/// A key that signs is a required secret too, though its setting is a path with a default.
fn missing_key(settings: &ServiceSettings, origins: &Origins) -> Option<Finding> {
    let path = &settings.jwt.key_file;
    if settings.jwt.algorithm.is_symmetric() || path.exists() {
        return None;
    }
    let rule = archirust_core::rules::RULES.iter().find(|rule| rule.info.id == MISSING_SECRET)?;
    let key = "jwt.key_file".to_owned();
    let source = Source::Setting { origin: origins.of(&key), key };
    Some(Finding {
        rule: rule.info,
        target: "jwt".to_owned(),
        outcome: Outcome::Fail,
        evidence: vec![Evidence { text: format!("{} does not exist", path.display()), source }],
        reason: None,
        remedy: Some(Remedy::new(format!(
            "make a key with `archi jwt keygen --out {0}`, or name the file of another one in jwt.key_file",
            path.display()
        ))),
    })
}
