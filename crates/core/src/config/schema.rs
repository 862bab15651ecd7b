//! What can be known of settings without any values.

use super::value::{SettingValue, ValueType};
use super::{Profile, Settings};

/// When a setting has to be given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Required {
    /// It may be left out.
    Never,
    /// It has no default.
    Always,
    /// It may be left out in other profiles.
    In(Profile),
    /// It has no default, but belongs to a section that may be left out.
    WithSection,
}

impl Required {
    /// Whether it has to be given in this profile, if its section is there.
    pub fn applies_in(self, profile: Profile) -> bool {
        match self {
            Self::Never => false,
            Self::Always | Self::WithSection => true,
            Self::In(only) => only == profile,
        }
    }
}

/// What the derive knows of a field.
#[derive(Clone, Copy, Debug)]
pub struct FieldSpec {
    /// The struct that declares it.
    pub owner: &'static str,
    /// Its name in Rust.
    pub field: &'static str,
    /// Its name in a key.
    pub name: &'static str,
    /// Its documentation.
    pub doc: &'static str,
    /// Its default, as text.
    pub default: Option<&'static str>,
    /// The values that are allowed, both ends included.
    pub range: Option<&'static str>,
    /// The profile in which it must be given although its type is an `Option`.
    pub required_in: Option<Profile>,
    /// Whether it is the path of a file that holds a secret.
    pub secret_file: bool,
}

/// What is known of one setting.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct FieldInfo {
    /// Its dotted key: `cache.max_bytes`.
    pub key: String,
    /// Its documentation.
    pub doc: &'static str,
    /// Its type.
    pub value_type: ValueType,
    /// Its default, as text.
    pub default: Option<&'static str>,
    /// The values that are allowed, both ends included.
    pub range: Option<&'static str>,
    /// Whether `range` can be read as one of its type; if not, that is a defect of the program.
    pub is_range_valid: bool,
    /// Whether its value must never be seen.
    pub secret: bool,
    /// When it has to be given.
    pub required: Required,
    /// Whether it belongs to a section that may be left out.
    pub optional_section: bool,
    /// Whether it is the path of a file that holds a secret.
    pub secret_file: bool,
    /// The struct that declares it, and its name there.
    pub declared: (&'static str, &'static str),
}

impl FieldInfo {
    /// What is accepted, range included, in words that follow "accepted is".
    pub fn accepted(&self) -> String {
        accepted(&self.value_type, self.range)
    }

    /// The key of its section, empty at the top, and its name in it.
    pub fn split_key(&self) -> (&str, &str) {
        self.key.rsplit_once('.').unwrap_or(("", &self.key))
    }
}

pub(crate) fn accepted(value_type: &ValueType, range: Option<&str>) -> String {
    let Some(range) = range else { return value_type.accepted.to_string() };
    let (min, max) = range.split_once("..").unwrap_or((range, ""));
    let (min, max) = (min.trim(), max.trim_start_matches('=').trim());
    let bounds = match (min, max) {
        (min, "") => format!("at least {min}"),
        ("", max) => format!("at most {max}"),
        (min, max) => format!("from {min} to {max}"),
    };
    let counted = value_type.counted.map(|counted| format!(" {counted}")).unwrap_or_default();
    format!("{}, {bounds}{counted}", value_type.accepted)
}

/// What examples write in place of a value; loading refuses it.
pub(crate) fn placeholder(value_type: &ValueType) -> String {
    format!("<{}>", value_type.name)
}

/// What is known of one section.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct SectionInfo {
    /// Its dotted key; empty for the top.
    pub key: String,
    /// Its documentation: of its field, or of its type where the field has none.
    pub doc: &'static str,
    /// Whether it may be left out as a whole.
    pub optional: bool,
    /// The struct that declares it, and its name there; nothing for the top.
    pub declared: Option<(&'static str, &'static str)>,
}

/// Collects what [`Settings::describe`] tells.
#[derive(Debug, Default)]
pub struct Describer {
    prefix: String,
    optional: bool,
    /// The field that leads to the section that speaks next.
    field: Option<FieldSpec>,
    fields: Vec<FieldInfo>,
    sections: Vec<SectionInfo>,
}

impl Describer {
    /// All that is known of `T`.
    pub(crate) fn of<T: Settings>() -> (Vec<SectionInfo>, Vec<FieldInfo>) {
        let mut describer = Self::default();
        T::describe(&mut describer);
        (describer.sections, describer.fields)
    }

    /// The struct that speaks now, with the documentation of its type.
    pub fn section(&mut self, type_doc: &'static str) {
        if self.sections.iter().any(|section| section.key == self.prefix) {
            return; // flattened into one that has spoken
        }
        let doc = self.field.map(|field| field.doc).filter(|doc| !doc.is_empty()).unwrap_or(type_doc);
        let declared = self.field.map(|field| (field.owner, field.field));
        self.sections.push(SectionInfo { key: self.prefix.clone(), doc, optional: self.optional, declared });
    }

    /// One setting of it.
    pub fn field<T: SettingValue>(&mut self, spec: &FieldSpec) {
        let required = match (spec.required_in, spec.default, T::absent()) {
            (Some(profile), None, _) => Required::In(profile),
            (None, None, None) if self.optional => Required::WithSection,
            (None, None, None) => Required::Always,
            _ => Required::Never,
        };
        self.fields.push(FieldInfo {
            key: join(&self.prefix, spec.name),
            doc: spec.doc,
            value_type: T::value_type(),
            default: spec.default,
            range: spec.range,
            is_range_valid: spec.range.is_none_or(|range| T::check_range(range).is_ok()),
            secret: T::SECRET,
            required,
            optional_section: self.optional,
            secret_file: spec.secret_file,
            declared: (spec.owner, spec.field),
        });
    }

    /// One section below it.
    pub fn nested<T: Settings>(&mut self, spec: &FieldSpec) {
        let prefix = join(&self.prefix, spec.name);
        let (prefix, optional) = (std::mem::replace(&mut self.prefix, prefix), self.optional);
        self.field = Some(*spec);
        T::describe(self);
        (self.prefix, self.optional) = (prefix, optional);
    }

    /// A struct whose settings are those of this section.
    pub fn flattened<T: Settings>(&mut self) {
        T::describe(self);
    }

    pub(crate) fn as_optional(&mut self) {
        self.optional = true;
    }
}

/// A dotted key.
pub(crate) fn join(prefix: &str, name: &str) -> String {
    if prefix.is_empty() { name.to_owned() } else { format!("{prefix}.{name}") }
}
