//! Settings of the service.

use archirust::ServiceSettings;
use archirust::config::Settings;

/// Settings of the accounts service.
#[derive(Clone, Debug, Settings)]
pub(crate) struct AccountsSettings {
    #[setting(flatten)]
    pub(crate) service: ServiceSettings,
    /// What is special about accounts.
    #[setting(nested)]
    pub(crate) accounts: Accounts,
}

/// What is special about accounts.
#[derive(Clone, Debug, Settings)]
pub(crate) struct Accounts {
    /// What authenticator apps show beside the codes.
    #[setting(default = "Accounts", range = "1..=40")]
    pub(crate) issuer: String,
    /// Whether strangers may make an account.
    #[setting(default = true)]
    pub(crate) registration: bool,
}

impl AsRef<ServiceSettings> for AccountsSettings {
    fn as_ref(&self) -> &ServiceSettings {
        &self.service
    }
}

impl AsMut<ServiceSettings> for AccountsSettings {
    fn as_mut(&mut self) -> &mut ServiceSettings {
        &mut self.service
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use archirust::testing::{assert_all_settings_are_read, assert_well_declared};

    use super::*;

    #[test]
    fn the_settings_are_well_declared() {
        assert_well_declared::<AccountsSettings>();
    }

    #[test]
    fn every_setting_is_read_by_some_code() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let crates = ["archirust", "auth", "cache", "core", "sql", "telemetry", "web"];
        let sources = crates.map(|name| root.join("crates").join(name).join("src"));
        assert_all_settings_are_read::<AccountsSettings>(
            sources.into_iter().chain([root.join("examples/accounts/src")]),
        );
    }
}
