//! What can be known of a target, and where it was learnt.

use std::fmt;

use crate::config::{Origin, Origins};

use super::{Evidence, Verdict};

/// Where an observation comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Source {
    /// A configuration key and the origin of its value.
    Setting {
        /// The dotted key: `jwt.access_ttl`.
        key: String,
        /// Where its value comes from.
        origin: Origin,
    },
    /// What the running program or the file system showed.
    System(String),
    /// A question to a server.
    Query(String),
    /// An attempt that had to be refused, beside a positive control that had to succeed.
    Attempt {
        /// What was tried.
        attempt: String,
        /// What proved that the door opens for a legitimate call.
        control: String,
    },
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Setting { key, origin } => write!(f, "{key} ({origin})"),
            Self::System(what) => f.write_str(what),
            Self::Query(query) => write!(f, "query {query}"),
            Self::Attempt { attempt, control } => write!(f, "attempt {attempt} (control: {control})"),
        }
    }
}

/// A fact: seen, with its source; or not seen, with the reason. What was not seen is never a pass.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Observed<T> {
    /// The value and where it was seen.
    Seen(T, Source),
    /// Why it could not be seen.
    NotSeen(String),
}

impl<T> Observed<T> {
    /// A value read from the configuration, with the origin of `key`.
    pub fn setting(value: T, origins: &Origins, key: &str) -> Self {
        Self::Seen(value, Source::Setting { key: key.to_owned(), origin: origins.of(key) })
    }

    /// A value seen in the running program or the file system.
    pub fn system(value: T, what: impl Into<String>) -> Self {
        Self::Seen(value, Source::System(what.into()))
    }

    /// A value that could not be seen.
    pub fn not_seen(reason: impl Into<String>) -> Self {
        Self::NotSeen(reason.into())
    }

    /// The value, if it was seen.
    pub fn value(&self) -> Option<&T> {
        match self {
            Self::Seen(value, _) => Some(value),
            Self::NotSeen(_) => None,
        }
    }

    /// Turns the value into another, keeping the source.
    pub fn map<U>(self, f: impl FnOnce(T) -> U) -> Observed<U> {
        match self {
            Self::Seen(value, source) => Observed::Seen(f(value), source),
            Self::NotSeen(reason) => Observed::NotSeen(reason),
        }
    }

    /// Judges the value: `holds` decides, `says` puts the observation in words. Not seen is [`Verdict::Unknown`].
    pub fn judge(&self, holds: impl FnOnce(&T) -> bool, says: impl FnOnce(&T) -> String) -> Verdict {
        match self {
            Self::NotSeen(reason) => Verdict::Unknown(reason.clone()),
            Self::Seen(value, source) => {
                let evidence = Evidence { text: says(value), source: source.clone() };
                if holds(value) { Verdict::Pass(vec![evidence]) } else { Verdict::Fail(vec![evidence]) }
            }
        }
    }
}
