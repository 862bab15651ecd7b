//! Settings and a folder to load them from.
#![allow(dead_code, reason = "every test file uses its own part")]
#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests")]

use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use archirust_core::Secret;
use archirust_core::config::{ByteSize, Conflict, Loader, Loading, SettingEnum, Settings};
use archirust_core::secret::StrongKey;
use ipnet::IpNet;

/// 32 random bytes in base64url.
pub(crate) const KEY: &str = "O5oOcdRc8hiG408nuWDNlRJ-qFPfBGv5McaNQuofdLA";
/// Another one.
pub(crate) const OTHER_KEY: &str = "f3c19a5e07d4826b9f10e5c83a7b2d64915ecf380ab7d2465f8c1e93b70a4d26";

/// Settings of the service.
#[derive(Clone, Debug, Settings)]
pub(crate) struct ServiceSettings {
    /// The name of the service in logs.
    #[setting(default = "accounts", range = "1..=20")]
    pub(crate) name: String,
    #[setting(nested)]
    pub(crate) cache: CacheSettings,
    #[setting(nested)]
    pub(crate) jwt: JwtSettings,
    /// The database of the service.
    #[setting(nested)]
    pub(crate) database: Option<DatabaseSettings>,
}

/// Settings of the cache.
#[derive(Clone, Debug, Settings)]
#[settings(validate = check_cache)]
pub(crate) struct CacheSettings {
    /// Bytes that the memory engine may hold.
    #[setting(default = "64 MiB", range = "1 MiB..=64 GiB")]
    pub(crate) max_bytes: ByteSize,
    /// How long an entry lives.
    #[setting(default = "15m", range = "1s..=60m")]
    pub(crate) ttl: Duration,
    /// How long an entry lives at the least.
    #[setting(default = "1s")]
    pub(crate) min_ttl: Duration,
    /// Where entries are kept.
    #[setting(default = "memory")]
    pub(crate) engine: Engine,
    /// Who may connect.
    #[setting(default = "[]", range = "..=3")]
    pub(crate) allowed: Vec<IpNet>,
    /// How many shards there are.
    #[setting(default = 4, validate = power_of_two)]
    pub(crate) shards: u16,
    /// Whether values are compressed.
    #[setting(default = false)]
    pub(crate) compress: bool,
    /// Share of entries that are looked at for expiry.
    #[setting(default = 0.25, range = "0..=1")]
    pub(crate) sample: f64,
}

/// Where entries are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, SettingEnum)]
pub(crate) enum Engine {
    /// In this process.
    Memory,
    /// In a Redis cluster.
    RedisCluster,
}

/// Settings of tokens.
#[derive(Clone, Debug, Settings)]
pub(crate) struct JwtSettings {
    /// The key that signs.
    #[setting(required = "production")]
    pub(crate) key: Option<StrongKey>,
    /// Keys that still verify.
    #[setting(default = "")]
    pub(crate) former_keys: Vec<StrongKey>,
    /// The certificate's private key.
    #[setting(secret_file)]
    pub(crate) private_key: Option<PathBuf>,
}

/// Settings of the database.
#[derive(Clone, Debug, Settings)]
pub(crate) struct DatabaseSettings {
    /// The host.
    pub(crate) host: String,
    /// The port.
    #[setting(default = 5432, range = "1..")]
    pub(crate) port: u16,
    /// The password.
    pub(crate) password: Secret<String>,
}

fn power_of_two(shards: &u16) -> Result<(), &'static str> {
    if shards.is_power_of_two() { Ok(()) } else { Err("is not a power of two") }
}

fn check_cache(settings: &CacheSettings) -> Vec<Conflict> {
    let too_long = settings.min_ttl > settings.ttl;
    too_long.then(|| Conflict::new("min_ttl", "is longer than ttl")).into_iter().collect()
}

/// A folder with files of settings, and variables.
pub(crate) struct Site {
    pub(crate) folder: tempfile::TempDir,
    variables: Vec<(String, String)>,
}

impl Site {
    pub(crate) fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap(), variables: Vec::new() }
    }

    pub(crate) fn file(self, name: &str, text: impl AsRef<[u8]>) -> Self {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
        self
    }

    pub(crate) fn variable(mut self, name: &str, value: impl AsRef<str>) -> Self {
        self.variables.push((name.to_owned(), value.as_ref().to_owned()));
        self
    }

    /// In the profile development, where nothing is required.
    pub(crate) fn development(self) -> Self {
        self.variable("ARCHI_PROFILE", "development")
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn loader(&self) -> Loader {
        Loader::new("ARCHI").directory(self.folder.path()).environment(self.variables.clone())
    }

    pub(crate) fn load(&self) -> Loading<ServiceSettings> {
        self.loader().load()
    }

    /// The settings, which have no problem.
    pub(crate) fn settings(&self) -> ServiceSettings {
        self.load().into_result().unwrap_or_else(|errors| panic!("{errors}")).settings
    }

    /// All problems as text, with the folder written as `…`.
    pub(crate) fn problems(&self) -> String {
        let problems: Vec<String> = self.load().problems.iter().map(ToString::to_string).collect();
        self.without_folder(&problems.join("\n"))
    }

    pub(crate) fn without_folder(&self, text: &str) -> String {
        text.replace(self.folder.path().to_str().unwrap(), "…")
    }
}
