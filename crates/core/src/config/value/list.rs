//! Values that hold others: `Option` and lists.

use crate::config::Raw;

use super::{InvalidRange, Malformed, SettingValue, Shape, ValueType, within};

/// A setting that may be left out.
impl<T: SettingValue> SettingValue for Option<T> {
    const SECRET: bool = T::SECRET;

    fn value_type() -> ValueType {
        T::value_type()
    }

    fn from_text(text: &str) -> Result<Self, Malformed> {
        T::from_text(text).map(Some)
    }

    fn from_raw(raw: &Raw) -> Result<Self, Malformed> {
        T::from_raw(raw).map(Some)
    }

    fn to_text(&self) -> String {
        self.as_ref().map_or_else(String::new, T::to_text)
    }

    fn absent() -> Option<Self> {
        Some(None)
    }

    fn is_within(&self, range: &str) -> Result<bool, InvalidRange> {
        self.as_ref().map_or(Ok(true), |value| value.is_within(range))
    }
}

/// A TOML array; in a variable, entries separated by commas, or the same array in brackets. A range is one of the number of
/// entries.
impl<T: SettingValue> SettingValue for Vec<T> {
    const SECRET: bool = T::SECRET;

    fn value_type() -> ValueType {
        let item = T::value_type();
        ValueType {
            name: format!("list of {}", item.name).into(),
            accepted: format!("a list, each entry {}", item.accepted).into(),
            shape: Shape::List(Box::new(item.shape)),
            variants: item.variants,
        }
    }

    fn from_text(text: &str) -> Result<Self, Malformed> {
        let text = text.trim();
        if text.is_empty() {
            return Ok(Self::new());
        }
        if text.starts_with('[') {
            let array = toml::de::DeValue::parse(text).map_err(|_| Malformed::because("is not a list in brackets"))?;
            return match Raw::of_toml(array.get_ref()) {
                array @ Raw::Array(_) => Self::from_raw(&array),
                other => Err(Malformed::kind(&other)),
            };
        }
        numbered(text.split(',').map(|item| T::from_text(item.trim())))
    }

    fn from_raw(raw: &Raw) -> Result<Self, Malformed> {
        match raw {
            Raw::Text(text) => Self::from_text(text),
            Raw::Array(items) => numbered(items.iter().map(T::from_raw)),
            other => Err(Malformed::kind(other)),
        }
    }

    fn to_text(&self) -> String {
        if T::SECRET {
            return format!("{} entries", self.len());
        }
        let items: Vec<String> = self.iter().map(T::to_text).collect();
        items.join(", ")
    }

    fn is_within(&self, range: &str) -> Result<bool, InvalidRange> {
        within(&self.len(), range)
    }
}

/// Collects entries; a refused one is named by its place.
fn numbered<T>(items: impl Iterator<Item = Result<T, Malformed>>) -> Result<Vec<T>, Malformed> {
    items
        .enumerate()
        .map(|(place, item)| {
            item.map_err(|malformed| Malformed {
                reason: Some(format!("entry {} {malformed}", place + 1).into()),
                found: None,
                ..malformed
            })
        })
        .collect()
}
