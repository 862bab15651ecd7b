//! A value as a source gave it, before it has a type.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;

use zeroize::Zeroizing;

/// A value as a source gave it. It may be a secret, so it is wiped when it is dropped and its `Debug` says its kind only.
#[derive(Clone, PartialEq)]
#[non_exhaustive]
pub enum Raw {
    /// Text whose type is still open: of a variable, a line of `.env`, a file, a default.
    Text(Zeroizing<String>),
    /// A TOML string.
    String(Zeroizing<String>),
    /// A TOML integer.
    Integer(i128),
    /// A TOML float.
    Float(f64),
    /// A TOML boolean.
    Boolean(bool),
    /// A TOML date or time, as text.
    Datetime(String),
    /// A TOML array.
    Array(Vec<Raw>),
    /// A TOML table.
    Table(BTreeMap<String, Raw>),
}

impl Raw {
    /// Text of an open type.
    pub fn text(text: impl Into<String>) -> Self {
        Self::Text(Zeroizing::new(text.into()))
    }

    /// What kind of value it is, for a message.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Text(_) => "text",
            Self::String(_) => "a string",
            Self::Integer(_) => "an integer",
            Self::Float(_) => "a float",
            Self::Boolean(_) => "a boolean",
            Self::Datetime(_) => "a date or time",
            Self::Array(_) => "an array",
            Self::Table(_) => "a table",
        }
    }

    /// The text, where it is text of an open type or a string.
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(text) | Self::String(text) => Some(text),
            _ => None,
        }
    }

    /// Takes over a parsed TOML value.
    pub(crate) fn of_toml(value: &toml::de::DeValue<'_>) -> Self {
        use toml::de::DeValue;
        match value {
            DeValue::String(text) => Self::String(Zeroizing::new(Cow::as_ref(text).to_owned())),
            // The parser has seen the digits; what does not even fit 128 bits fits no setting.
            DeValue::Integer(integer) => {
                Self::Integer(i128::from_str_radix(integer.as_str(), integer.radix()).unwrap_or(i128::MAX))
            }
            DeValue::Float(float) => Self::Float(float.as_str().parse().unwrap_or(f64::NAN)),
            DeValue::Boolean(boolean) => Self::Boolean(*boolean),
            DeValue::Datetime(datetime) => Self::Datetime(datetime.to_string()),
            DeValue::Array(array) => Self::Array(array.iter().map(|item| Self::of_toml(item.get_ref())).collect()),
            DeValue::Table(table) => Self::Table(
                table.iter().map(|(key, item)| (key.get_ref().to_string(), Self::of_toml(item.get_ref()))).collect(),
            ),
        }
    }
}

impl fmt::Debug for Raw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Raw({})", self.kind())
    }
}
