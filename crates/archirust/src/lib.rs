//! A secure-by-default toolkit for Rust services.
//!
//! A service built on it satisfies every line of a published hardening checklist, or refuses to start and says which line it
//! breaks and how to mend it.
//!
//! ```no_run
//! use archirust::config::Settings;
//! use archirust::{App, Service, ServiceSettings};
//! use utoipa_axum::router::OpenApiRouter;
//!
//! /// Settings of the shop.
//! #[derive(Clone, Debug, Settings)]
//! struct ShopSettings {
//!     #[setting(flatten)]
//!     service: ServiceSettings,
//! }
//!
//! impl AsMut<ServiceSettings> for ShopSettings {
//!     fn as_mut(&mut self) -> &mut ServiceSettings {
//!         &mut self.service
//!     }
//! }
//! # impl AsRef<ServiceSettings> for ShopSettings { fn as_ref(&self) -> &ServiceSettings { &self.service } }
//!
//! fn main() -> std::process::ExitCode {
//!     App::new("shop", env!("CARGO_PKG_VERSION")).serve(async |start: &mut archirust::Start<ShopSettings>| {
//!         let cache = start.cache();
//!         Ok(Service::new(OpenApiRouter::default()).rate_limited_by(cache))
//!     })
//! }
//! ```

mod app;
mod catalogue;
mod exit;
mod keys;
mod settings;

pub use archirust_core::{Clock, Error, ErrorKind, Result, Secret, Timestamp};
pub use archirust_core::{clock, config, error, hardening, id, page, random, secret};
pub use {
    archirust_auth as auth, archirust_cache as cache, archirust_sql as sql, archirust_telemetry as telemetry,
    archirust_web as web,
};

#[cfg(feature = "testing")]
pub use archirust_core::testing;

pub use app::{App, Inspection, Service, Start, Tokens};
pub use catalogue::catalogue;
pub use exit::Exit;
pub use settings::ServiceSettings;
