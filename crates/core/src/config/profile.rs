//! The profile: how strict the service is with itself.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// How strict the service is with itself. None given means [`Profile::Production`]; an unknown one is an error.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Profile {
    /// A developer's machine: failing rules are shown, `.env` is read, logs are for people.
    Development,
    /// As production, but failing rules are only shown.
    Staging,
    /// A failing rule stops the start.
    #[default]
    Production,
}

impl Profile {
    /// The names that [`FromStr`] takes.
    pub const NAMES: [&str; 3] = ["development", "staging", "production"];

    /// Whether a failing rule stops the start.
    pub fn enforces(self) -> bool {
        self == Self::Production
    }

    /// The name, as it is written in file names and settings.
    pub fn name(self) -> &'static str {
        match self {
            Self::Development => "development",
            Self::Staging => "staging",
            Self::Production => "production",
        }
    }
}

impl fmt::Display for Profile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for Profile {
    type Err = UnknownProfile;

    fn from_str(name: &str) -> Result<Self, UnknownProfile> {
        match name {
            "development" => Ok(Self::Development),
            "staging" => Ok(Self::Staging),
            "production" => Ok(Self::Production),
            _ => Err(UnknownProfile),
        }
    }
}

/// A profile that does not exist. An unknown one is never taken for development.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnknownProfile;

impl fmt::Display for UnknownProfile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "is not a profile; the profiles are {}", Profile::NAMES.join(", "))
    }
}

impl std::error::Error for UnknownProfile {}
