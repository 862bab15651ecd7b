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
