//! Every effective value with its origin.

use std::fmt;

use super::{Loading, Origin, Profile, Settings};

/// Every setting, as it is in effect.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Explanation {
    /// The profile.
    pub profile: Profile,
    /// Where the profile comes from.
    pub profile_origin: Origin,
    /// The settings, in the order of declaration.
    pub settings: Vec<Explained>,
}

/// One setting, as it is in effect.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Explained {
    /// Its dotted key.
    pub key: String,
    /// The value as text; of a secret, only how long it is. `None` when there is none.
    pub value: Option<String>,
    /// Where the value comes from.
    pub origin: Origin,
    /// Whether it is a secret.
    pub secret: bool,
    /// Whether what was set has a problem, or whether it is missing.
    pub has_problem: bool,
}

/// Tells every effective value with its origin.
pub fn explain<T: Settings>(loading: &Loading<T>) -> Explanation {
    let explained = |field: super::FieldInfo| Explained {
        value: loading.shown.get(&field.key).cloned().flatten(),
        origin: loading.origins.of(&field.key),
        secret: field.secret,
        has_problem: loading.problems.iter().any(|problem| problem.key == field.key),
        key: field.key,
    };
    Explanation {
        profile: loading.profile,
        profile_origin: loading.origins.of("profile"),
        settings: T::schema().into_iter().map(explained).collect(),
    }
}

impl Explained {
    fn shown(&self) -> String {
        let shown = match &self.value {
            Some(value) if self.secret => format!("[secret, {value}]"),
            Some(value) if value.is_empty() => "\"\"".to_owned(),
            // A line break in a value would forge a row.
            Some(value) => value.chars().flat_map(escape_control).collect(),
            None => "-".to_owned(),
        };
        if self.has_problem { format!("{shown} (!)") } else { shown }
    }
}

fn escape_control(c: char) -> impl Iterator<Item = char> {
    let escaped = c.is_control().then(|| c.escape_default());
    let plain = (!c.is_control()).then_some(c);
    escaped.into_iter().flatten().chain(plain)
}

/// A table of key, value and origin.
impl fmt::Display for Explanation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let profile = ("profile".to_owned(), self.profile.to_string(), self.profile_origin.to_string());
        let settings = self.settings.iter().map(|row| (row.key.clone(), row.shown(), row.origin.to_string()));
        let rows: Vec<(String, String, String)> = std::iter::once(profile).chain(settings).collect();
        let width = |text: fn(&(String, String, String)) -> &String| {
            rows.iter().map(|row| text(row).chars().count()).max().unwrap_or_default()
        };
        // One long value does not push the origins of all others out of sight.
        let (key, value) = (width(|row| &row.0), width(|row| &row.1).min(48));
        for (place, row) in rows.iter().enumerate() {
            if place > 0 {
                writeln!(f)?;
            }
            write!(f, "{:key$}  {:value$}  {}", row.0, row.1, row.2)?;
        }
        Ok(())
    }
}
