//! A secure-by-default toolkit for Rust services.
//!
//! A service built on it satisfies every line of a published hardening checklist, or refuses to start and says which line it
//! breaks and how to mend it.
//!
//! ```no_run
//! use archirust::config::Settings;
//! use archirust::{App, OpenApiRouter, Service, ServiceSettings, Start};
//!
//! /// Settings of the shop.
//! #[derive(Clone, Debug, Settings)]
//! struct ShopSettings {
//!     #[setting(flatten)]
//!     service: ServiceSettings,
//!     /// How many items a basket may hold.
//!     #[setting(default = 100, range = "1..=1000")]
//!     basket_size: u32,
//! }
//! # impl AsRef<ServiceSettings> for ShopSettings { fn as_ref(&self) -> &ServiceSettings { &self.service } }
//! # impl AsMut<ServiceSettings> for ShopSettings { fn as_mut(&mut self) -> &mut ServiceSettings { &mut self.service } }
//! # fn routes(_: archirust::sql::Database) -> OpenApiRouter { OpenApiRouter::default() }
//! # const MIGRATIONS: &[archirust::sql::Migration] = &[];
//!
//! fn main() -> std::process::ExitCode {
//!     App::new("shop", env!("CARGO_PKG_VERSION")).serve(async |start: &mut Start<ShopSettings>| {
//!         let db = start.database(MIGRATIONS).await?;
//!         Ok(Service::new(routes(db)))
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
pub use utoipa_axum::router::OpenApiRouter;

/// The code of the README, so that it stays true.
#[cfg(doctest)]
#[doc = include_str!("../../../README.md")]
struct Readme;
