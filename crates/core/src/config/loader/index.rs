//! The settings there are, by key, and what a name that a source uses stands for.

use std::collections::BTreeMap;

use crate::config::schema::{Describer, join};
use crate::config::{FieldInfo, SectionInfo, Settings};

/// The key that chooses the profile; it belongs to the loader and to no section.
pub(super) const PROFILE_KEY: &str = "profile";

/// The settings there are, by key.
pub(super) struct Index {
    fields: BTreeMap<String, FieldInfo>,
    sections: BTreeMap<String, SectionInfo>,
}

/// What a dotted name stands for.
pub(super) enum Target<'a> {
    /// A setting.
    Value(&'a FieldInfo),
    /// The file that holds a setting's value: its key with `_file`.
    File(&'a FieldInfo),
    /// A section.
    Section(&'a SectionInfo),
}

impl Index {
    pub(super) fn of<T: Settings>() -> Self {
        let (sections, fields) = Describer::of::<T>();
        Self {
            fields: fields.into_iter().map(|field| (field.key.clone(), field)).collect(),
            sections: sections.into_iter().map(|section| (section.key.clone(), section)).collect(),
        }
    }

    pub(super) fn locate(&self, key: &str) -> Option<Target<'_>> {
        if let Some(field) = self.fields.get(key) {
            return Some(Target::Value(field));
        }
        if let Some(section) = self.sections.get(key) {
            return Some(Target::Section(section));
        }
        key.strip_suffix("_file").and_then(|key| self.fields.get(key)).map(Target::File)
    }

    pub(super) fn field(&self, key: &str) -> Option<&FieldInfo> {
        self.fields.get(key)
    }

    pub(super) fn keys(&self) -> impl Iterator<Item = &str> {
        self.fields.keys().map(String::as_str)
    }

    /// The key or section that was probably meant by one that does not exist.
    pub(super) fn suggest(&self, unknown: &str) -> Option<String> {
        let (section, name) = split(unknown);
        let sections = self.sections.keys().map(String::as_str).filter(|key| !key.is_empty());
        let known: Vec<&str> = self.keys().chain(sections).chain([PROFILE_KEY]).collect();
        let likeness = |key: &&str| {
            let (other_section, other_name) = split(key);
            let whole = strsim::normalized_damerau_levenshtein(unknown, key);
            if section == other_section {
                whole.max(strsim::normalized_damerau_levenshtein(name, other_name))
            } else if name == other_name {
                // The right name in the wrong place.
                whole.max(0.75)
            } else {
                whole
            }
        };
        let best = known.into_iter().map(|key| (likeness(&key), key)).max_by(|(a, _), (b, _)| a.total_cmp(b));
        let (likeness, best) = best?;
        let best = match name.strip_suffix("_file") {
            // `kay_file` is nearer to `key_file` than to `key`.
            Some(stem) => match self.suggest_file(&join(section, stem)) {
                Some((file_likeness, file)) if file_likeness > likeness => return Some(file),
                _ => best,
            },
            None => best,
        };
        (likeness >= 0.6).then(|| best.to_owned())
    }

    fn suggest_file(&self, stem: &str) -> Option<(f64, String)> {
        let (section, name) = split(stem);
        self.keys()
            .filter(|key| split(key).0 == section)
            .map(|key| (strsim::normalized_damerau_levenshtein(name, split(key).1), format!("{key}_file")))
            .filter(|(likeness, _)| *likeness >= 0.6)
            .max_by(|(a, _), (b, _)| a.total_cmp(b))
    }
}

fn split(key: &str) -> (&str, &str) {
    key.rsplit_once('.').unwrap_or(("", key))
}
