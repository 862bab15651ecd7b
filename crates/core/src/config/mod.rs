//! Typed settings from layered sources, every value with its origin.

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
