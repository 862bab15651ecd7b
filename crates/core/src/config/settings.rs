//! Structs of settings.

use super::reader::Reader;
use super::schema::{Describer, FieldInfo, SectionInfo};

/// A struct of settings, one section of the configuration. Made by the derive of the same name.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no struct of settings",
    note = "derive `archirust_core::config::Settings` for it, or leave `nested` away if it is one value"
)]
pub trait Settings: Sized {
    /// Tells what settings and sections there are.
    fn describe(to: &mut Describer);

    /// Reads them. Every problem goes to the reader; `None` when there is a setting without value and default.
    fn read(from: &mut Reader<'_>) -> Option<Self>;

    /// What is known of every setting, sections below included, in the order of declaration.
    fn schema() -> Vec<FieldInfo> {
        Describer::of::<Self>().1
    }

    /// What is known of every section, itself first.
    fn sections() -> Vec<SectionInfo> {
        Describer::of::<Self>().0
    }
}

/// A section that may be left out: `None` unless a source sets one of its keys.
impl<T: Settings> Settings for Option<T> {
    fn describe(to: &mut Describer) {
        to.as_optional();
        T::describe(to);
    }

    fn read(from: &mut Reader<'_>) -> Option<Self> {
        if from.is_section_set() { T::read(from).map(Some) } else { Some(None) }
    }
}

/// Two settings that do not go together, as a check of a whole section finds it (`#[settings(validate = …)]`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Conflict {
    /// The name of the setting that has to change, within the section.
    pub name: &'static str,
    /// What is wrong, in words that follow the key: `is larger than max_size`. It is shown: never put a secret into it.
    pub reason: String,
}

impl Conflict {
    /// A conflict at the setting `name`.
    pub fn new(name: &'static str, reason: impl Into<String>) -> Self {
        Self { name, reason: reason.into() }
    }
}
