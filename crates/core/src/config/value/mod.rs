//! Types that can be a setting.

mod byte_size;
mod duration;
mod list;
mod scalar;
pub(crate) mod secret;
#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::fmt;

use super::Raw;
use crate::secret::KeyStrength;

pub use byte_size::{ByteSize, InvalidByteSize};

/// A type that can be the value of one setting.
///
/// Most types read text and need three methods; for one with `FromStr` and `Display`, [`setting_from_str!`](crate::setting_from_str)
/// writes them. For an enum of plain names, derive [`SettingEnum`](super::SettingEnum).
#[diagnostic::on_unimplemented(
    message = "`{Self}` can't be a setting",
    note = "for one value: implement `SettingValue`, call `setting_from_str!`, or derive `SettingEnum` for an enum of names",
    note = "for a struct of settings: derive `Settings` and mark the field with `#[setting(nested)]`"
)]
pub trait SettingValue: Sized {
    /// Whether the value must never be seen.
    const SECRET: bool = false;

    /// The name of the type and what it accepts, for documentation and messages.
    fn value_type() -> ValueType;

    /// Reads the text of a variable, a file or a default.
    ///
    /// # Errors
    /// [`Malformed`], which says what is accepted and never holds the value.
    fn from_text(text: &str) -> Result<Self, Malformed>;

    /// Reads a value of any source. By default, the text of a variable or a TOML string.
    ///
    /// # Errors
    /// [`Malformed`], which says what is accepted and never holds the value.
    fn from_raw(raw: &Raw) -> Result<Self, Malformed> {
        match raw.as_text() {
            Some(text) => Self::from_text(text),
            None => Err(Malformed::kind(raw)),
        }
    }

    /// The value as text that [`SettingValue::from_text`] reads again; of a secret, only how long it is.
    fn to_text(&self) -> String;

    /// The value that holds when nobody set one: `None` for `Option`, and nothing for all other types.
    fn absent() -> Option<Self> {
        None
    }

    /// How strong the keys in it are, where it holds keys.
    fn key_strengths(raw: &Raw) -> Vec<KeyStrength> {
        let _ = raw;
        Vec::new()
    }

    /// Whether the value is within `range`, which is `min..=max`, `min..` or `..=max` in the text of the type.
    ///
    /// # Errors
    /// [`InvalidRange`] when the type has no order or `range` can't be read: a defect of the program.
    fn is_within(&self, range: &str) -> Result<bool, InvalidRange> {
        let _ = range;
        Err(InvalidRange)
    }

    /// Whether `range` is one of this type, whatever the value.
    ///
    /// # Errors
    /// [`InvalidRange`], as [`SettingValue::is_within`] has it.
    fn check_range(range: &str) -> Result<(), InvalidRange> {
        let _ = range;
        Err(InvalidRange)
    }
}

/// What is known of a type of setting.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct ValueType {
    /// Its name: `duration`.
    pub name: Cow<'static, str>,
    /// What is accepted, in words that follow "accepted is".
    pub accepted: Cow<'static, str>,
    /// How it is written in TOML.
    pub shape: Shape,
    /// The names that are accepted and what each means, where there is a closed list.
    pub variants: &'static [Variant],
    /// What a range counts, where it is not the value itself: `characters`.
    pub counted: Option<&'static str>,
}

impl ValueType {
    /// A type that is written as a string.
    pub fn text(name: impl Into<Cow<'static, str>>, accepted: impl Into<Cow<'static, str>>) -> Self {
        Self { name: name.into(), accepted: accepted.into(), shape: Shape::Text, variants: &[], counted: None }
    }

    /// A closed list of names.
    pub fn one_of(name: impl Into<Cow<'static, str>>, variants: &'static [Variant]) -> Self {
        let names: Vec<&str> = variants.iter().map(|variant| variant.name).collect();
        Self { variants, ..Self::text(name, format!("one of {}", names.join(", "))) }
    }

    /// The same type, written in another way.
    #[must_use]
    pub fn with_shape(mut self, shape: Shape) -> Self {
        self.shape = shape;
        self
    }

    /// The same type, whose ranges are not of the value but of what it consists of.
    #[must_use]
    pub fn counted_in(mut self, counted: &'static str) -> Self {
        self.counted = Some(counted);
        self
    }
}

/// One name of a closed list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Variant {
    /// As it is written.
    pub name: &'static str,
    /// What it means.
    pub doc: &'static str,
}

/// How a value is written in TOML.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Shape {
    /// `true` or `false`.
    Boolean,
    /// A whole number between two others.
    Integer {
        /// The smallest.
        min: i128,
        /// The largest.
        max: i128,
    },
    /// A number.
    Number,
    /// A string.
    Text,
    /// A string, or a whole number that is not negative.
    TextOrInteger,
    /// An array of equal things.
    List(Box<Shape>),
}

/// Why a value is not accepted. Never holds the value, nor text made by another library, which might.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Malformed {
    /// The kind that was found, where another one is expected: `an integer`.
    pub found: Option<&'static str>,
    /// What is wrong with it, in words that follow the key: `has 31 bytes, at least 32 are needed`.
    pub reason: Option<Cow<'static, str>>,
    /// The rule of the checklist that it breaks.
    pub rule: Option<&'static str>,
}

impl Malformed {
    /// Not of the form that the type accepts.
    pub fn value() -> Self {
        Self::default()
    }

    /// Of another kind than the type is written as.
    pub fn kind(raw: &Raw) -> Self {
        Self { found: Some(raw.kind()), ..Self::default() }
    }

    /// Not accepted for a reason that helps. It is shown: never put the value into it.
    pub fn because(reason: impl Into<Cow<'static, str>>) -> Self {
        Self { reason: Some(reason.into()), ..Self::default() }
    }

    /// Names the rule that the value breaks.
    #[must_use]
    pub fn breaking(mut self, rule: &'static str) -> Self {
        self.rule = Some(rule);
        self
    }
}

impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.reason, self.found) {
            (Some(reason), _) => f.write_str(reason),
            (None, Some(found)) => write!(f, "is {found}"),
            (None, None) => f.write_str("is not accepted"),
        }
    }
}

impl std::error::Error for Malformed {}

/// A range that can't be read, or that is given to a type without an order: a defect of the program, not of a setting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InvalidRange;

impl fmt::Display for InvalidRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the range is not of the form `min..=max`, `min..` or `..=max`, or the type has none")
    }
}

impl std::error::Error for InvalidRange {}

/// [`SettingValue::is_within`] for a type with an order.
///
/// # Errors
/// [`InvalidRange`] when a bound can't be read or the range is empty.
pub fn within<T: SettingValue + PartialOrd>(value: &T, range: &str) -> Result<bool, InvalidRange> {
    let (min, max) = bounds::<T>(range)?;
    Ok(min.is_none_or(|min| *value >= min) && max.is_none_or(|max| *value <= max))
}

/// The bounds of a range of a type with an order, the missing one of an open range as `None`.
///
/// # Errors
/// [`InvalidRange`] when a bound can't be read or the range is empty.
pub fn bounds<T: SettingValue + PartialOrd>(range: &str) -> Result<(Option<T>, Option<T>), InvalidRange> {
    let bound = |text: &str| match text.trim() {
        "" => Ok(None),
        text => T::from_text(text).map(Some).map_err(|_| InvalidRange),
    };
    let (min, max) = match range.split_once("..=") {
        Some((min, max)) => (bound(min)?, bound(max)?),
        None => match range.split_once("..") {
            Some((min, "")) => (bound(min)?, None),
            _ => return Err(InvalidRange),
        },
    };
    match (&min, &max) {
        (None, None) => Err(InvalidRange),
        (Some(low), Some(high)) if low > high => Err(InvalidRange),
        _ => Ok((min, max)),
    }
}

/// Makes a type with `FromStr` and `Display` a [`SettingValue`]: `setting_from_str!(Issuer, "issuer", "an https:// URL")`.
#[macro_export]
macro_rules! setting_from_str {
    ($type:ty, $name:literal, $accepted:literal) => {
        impl $crate::config::SettingValue for $type {
            fn value_type() -> $crate::config::ValueType {
                $crate::config::ValueType::text($name, $accepted)
            }

            fn from_text(text: &str) -> ::core::result::Result<Self, $crate::config::Malformed> {
                // The error of the type is dropped: it might hold the value.
                ::core::str::FromStr::from_str(text.trim()).map_err(|_| $crate::config::Malformed::value())
            }

            fn to_text(&self) -> ::std::string::String {
                ::std::string::ToString::to_string(self)
            }
        }
    };
}

/// Whether `text` is `name`, with `_` and `-` taken for the same.
pub fn is_name(text: &str, name: &str) -> bool {
    text.len() == name.len()
        && text.bytes().zip(name.bytes()).all(|(a, b)| a == b || (matches!(a, b'_' | b'-') && matches!(b, b'_' | b'-')))
}
