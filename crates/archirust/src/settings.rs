//! The settings that every service has.

use std::path::PathBuf;

use archirust_auth::jwt::JwtSettings;
use archirust_auth::password::PasswordSettings;
use archirust_auth::session::SessionSettings;
use archirust_auth::throttle::ThrottleSettings;
use archirust_auth::totp::TotpSettings;
use archirust_cache::CacheSettings;
use archirust_core::config::Settings;
use archirust_core::secret::StrongKey;
use archirust_sql::SqlSettings;
use archirust_telemetry::LogSettings;
use archirust_web::config::{ManagementSettings, WebSettings};

/// The settings that every service has. An application flattens them into its own:
///
/// ```
/// use archirust::config::Settings;
/// use archirust::ServiceSettings;
///
/// /// Settings of the shop.
/// #[derive(Clone, Debug, Settings)]
/// struct ShopSettings {
///     #[setting(flatten)]
///     service: ServiceSettings,
///     /// How many items a basket may hold.
///     #[setting(default = 100, range = "1..=1000")]
///     basket_size: u32,
/// }
///
/// impl AsRef<ServiceSettings> for ShopSettings {
///     fn as_ref(&self) -> &ServiceSettings {
///         &self.service
///     }
/// }
/// ```
#[derive(Clone, Debug, Settings)]
pub struct ServiceSettings {
    /// The key from which the service derives those of cursors, of stored second factors and of hashed cache keys. In
    /// development one is made in the data folder at the first start.
    #[setting(required = "production")]
    pub secret_key: Option<StrongKey>,
    /// The folder for what the service makes itself in development: its keys.
    #[setting(default = "data")]
    pub data: PathBuf,
    /// What is logged, and how.
    #[setting(nested)]
    pub log: LogSettings,
    /// The public HTTP server.
    #[setting(nested)]
    pub web: WebSettings,
    /// The listener for operations.
    #[setting(nested)]
    pub management: ManagementSettings,
    /// Access tokens.
    #[setting(nested)]
    pub jwt: JwtSettings,
    /// Sessions and their refresh tokens.
    #[setting(nested)]
    pub session: SessionSettings,
    /// Passwords.
    #[setting(nested)]
    pub password: PasswordSettings,
    /// Second factors.
    #[setting(nested)]
    pub totp: TotpSettings,
    /// How many attempts a login may take.
    #[setting(nested)]
    pub throttle: ThrottleSettings,
    /// The database.
    #[setting(nested)]
    pub sql: SqlSettings,
    /// The cache.
    #[setting(nested)]
    pub cache: CacheSettings,
}

impl AsRef<Self> for ServiceSettings {
    fn as_ref(&self) -> &Self {
        self
    }
}

impl AsMut<Self> for ServiceSettings {
    fn as_mut(&mut self) -> &mut Self {
        self
    }
}
