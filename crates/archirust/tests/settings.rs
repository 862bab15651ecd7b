//! The settings that every service has keep what they promise.

#![allow(clippy::unwrap_used, reason = "a failure ends the test")]

use std::path::{Path, PathBuf};

use archirust::ServiceSettings;
use archirust_core::testing::{assert_all_settings_are_read, assert_well_declared};

#[test]
fn settings_are_well_declared() {
    assert_well_declared::<ServiceSettings>();
}

/// A setting that no code looks at is a promise that nobody keeps.
#[test]
fn every_setting_is_read() {
    assert_all_settings_are_read::<ServiceSettings>(sources());
}

/// The sources of all crates. Those of tests lie elsewhere.
fn sources() -> Vec<PathBuf> {
    let crates = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let folders = crates.read_dir().unwrap().map(|entry| entry.unwrap().path().join("src"));
    let sources: Vec<PathBuf> = folders.filter(|folder| folder.is_dir()).collect();
    assert!(sources.len() > 5, "{sources:?}");
    sources
}
