//! Values that hold others: `Option` and lists.

use std::borrow::Cow;

use crate::config::Raw;
use crate::secret::KeyStrength;

use super::{InvalidRange, Malformed, SettingValue, Shape, ValueType, bounds, within};

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

    fn key_strengths(raw: &Raw) -> Vec<KeyStrength> {
        T::key_strengths(raw)
    }

    fn is_within(&self, range: &str) -> Result<bool, InvalidRange> {
        self.as_ref().map_or(Ok(true), |value| value.is_within(range))
    }

    fn check_range(range: &str) -> Result<(), InvalidRange> {
        T::check_range(range)
    }
}

/// A TOML array; in a variable, entries separated by commas, or the same array in brackets. A range is one of the number of
/// entries.
impl<T: SettingValue> SettingValue for Vec<T> {
    const SECRET: bool = T::SECRET;

    fn value_type() -> ValueType {
        let item = T::value_type();
        let accepted = format!("a list, each entry {}", item.accepted);
        let list = ValueType::text(format!("{} list", item.name), accepted).counted_in("entries");
        ValueType { variants: item.variants, ..list.with_shape(Shape::List(Box::new(item.shape))) }
    }

    fn from_text(text: &str) -> Result<Self, Malformed> {
        Self::from_raw(&Raw::text(text))
    }

    fn from_raw(raw: &Raw) -> Result<Self, Malformed> {
        let read = |(place, item): (usize, &Raw)| {
            T::from_raw(item).map_err(|malformed| Malformed {
                reason: Some(format!("entry {} {malformed}", place + 1).into()),
                found: None,
                ..malformed
            })
        };
        entries(raw)?.iter().enumerate().map(read).collect()
    }

    fn to_text(&self) -> String {
        if T::SECRET {
            return format!("{} {}", self.len(), if self.len() == 1 { "entry" } else { "entries" });
        }
        let items: Vec<String> = self.iter().map(T::to_text).collect();
        items.join(", ")
    }

    fn is_within(&self, range: &str) -> Result<bool, InvalidRange> {
        within(&self.len(), range)
    }

    fn check_range(range: &str) -> Result<(), InvalidRange> {
        bounds::<usize>(range).map(drop)
    }

    fn key_strengths(raw: &Raw) -> Vec<KeyStrength> {
        entries(raw).map_or_else(|_| Vec::new(), |entries| entries.iter().flat_map(T::key_strengths).collect())
    }
}

/// The entries of a list, each still without a type.
fn entries(raw: &Raw) -> Result<Cow<'_, [Raw]>, Malformed> {
    let text = match raw {
        Raw::Array(entries) => return Ok(Cow::Borrowed(entries)),
        Raw::Text(text) => text.trim(),
        other => return Err(Malformed::kind(other)),
    };
    if text.is_empty() {
        return Ok(Cow::Borrowed(&[]));
    }
    if !text.starts_with('[') {
        return Ok(Cow::Owned(text.split(',').map(|entry| Raw::text(entry.trim())).collect()));
    }
    match toml::de::DeValue::parse(text).map(|value| Raw::of_toml(value.get_ref())) {
        Ok(Raw::Array(entries)) => Ok(Cow::Owned(entries)),
        _ => Err(Malformed::because("is not a list in brackets")),
    }
}
