//! Typed settings from layered sources, every value with its origin.
//!
//! A section is a struct that derives [`Settings`](macro@Settings); its fields are [`SettingValue`]s or sections below it. A
//! [`Loader`] reads it from files and variables into a [`Loading`]: the settings, every [`Problem`] and the [`Origins`]. From the
//! schema of the same struct come [`example_toml`], [`example_env`] and [`json_schema`]; [`explain`] tells what is in effect.
//!
//! Whether a value must never be seen is a matter of its type: [`Secret<String>`](crate::Secret) for one that others made,
//! [`StrongKey`](crate::secret::StrongKey) for one that has to be random.
//!
//! ```
//! use std::time::Duration;
//!
//! use archirust_core::config::{Loader, Profile, Settings};
//! use archirust_core::secret::StrongKey;
//!
//! /// Settings of tokens.
//! #[derive(Clone, Debug, Settings)]
//! struct TokenSettings {
//!     /// How long a token is valid.
//!     #[setting(default = "15m", range = "1m..=60m")]
//!     ttl: Duration,
//!     /// The key that signs tokens.
//!     #[setting(required = "production")]
//!     key: Option<StrongKey>,
//! }
//!
//! let environment = [("SHOP__TTL".to_owned(), "2h".to_owned())];
//! let loading = Loader::new("SHOP").environment(environment).load::<TokenSettings>();
//! assert_eq!(loading.profile, Profile::Production);
//! let problems: Vec<String> = loading.problems.iter().map(|problem| format!("{} {}", problem.key, problem.what())).collect();
//! assert_eq!(problems, ["key is missing", "ttl is out of range"]);
//! ```

mod example;
mod explain;
mod json_schema;
mod loader;
mod loading;
mod names;
mod origin;
mod problem;
mod profile;
mod raw;
mod reader;
mod schema;
mod settings;
mod value;

pub use archirust_macros::{SettingEnum, Settings};

pub use example::{example_env, example_toml};
pub use explain::{Explained, Explanation, explain};
pub use json_schema::json_schema;
pub use loader::Loader;
pub use loading::{ConfigErrors, Loaded, Loading, SourceFile, SourceKind};
pub use origin::{Origin, Origins};
pub use problem::{Problem, ProblemKind};
pub use profile::{Profile, UnknownProfile};
pub use raw::Raw;
pub use reader::{Reader, default_of};
pub use schema::{Describer, FieldInfo, FieldSpec, Required, SectionInfo};
pub use settings::{Conflict, Settings};
pub use value::{
    ByteSize, InvalidByteSize, InvalidRange, Malformed, SettingValue, Shape, ValueType, Variant, bounds, is_name,
    within,
};

pub(crate) use value::secret::{MISSING_SECRET, WEAK_KEY};
