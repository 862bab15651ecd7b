//! Values that are never shown.

use crate::config::Raw;
use crate::secret::{KeyStrength, Secret, StrongKey, Weakness, assess, is_bare_placeholder};

use super::{Malformed, SettingValue, ValueType};

/// The rule that a weak key breaks.
pub(crate) const WEAK_KEY: &str = "ARCHI-CFG-007";

/// The rule that a malformed secret breaks.
pub(crate) const MALFORMED_SECRET: &str = "ARCHI-CFG-006";

/// The rule that a missing secret breaks.
pub(crate) const MISSING_SECRET: &str = "ARCHI-CFG-005";

/// A secret whose form is not ours to judge, such as a password given by somebody else: refused are nothing and placeholders.
impl SettingValue for Secret<String> {
    const SECRET: bool = true;

    fn value_type() -> ValueType {
        ValueType::text("secret", "a secret that is neither empty nor a placeholder")
    }

    fn from_text(text: &str) -> Result<Self, Malformed> {
        if text.trim().is_empty() {
            return Err(Malformed::because("is empty").breaking(MALFORMED_SECRET));
        }
        if is_bare_placeholder(text) {
            return Err(Malformed::because("is a placeholder").breaking(MALFORMED_SECRET));
        }
        Ok(Self::from(text))
    }

    fn to_text(&self) -> String {
        format!("{} characters", self.expose().chars().count())
    }
}

impl SettingValue for StrongKey {
    const SECRET: bool = true;

    fn value_type() -> ValueType {
        ValueType::text("key", "at least 32 random bytes in hex, base64 or base64url, as of `openssl rand -base64 32`")
    }

    fn from_text(text: &str) -> Result<Self, Malformed> {
        Self::parse(text).map_err(|weak| {
            let empty = weak.strength.weaknesses.contains(&Weakness::Empty);
            Malformed::because(weak.to_string()).breaking(if empty { MALFORMED_SECRET } else { WEAK_KEY })
        })
    }

    fn to_text(&self) -> String {
        format!("{} bytes", self.expose().len())
    }

    fn key_strengths(raw: &Raw) -> Vec<KeyStrength> {
        // Nothing is malformed rather than weak.
        raw.as_text().filter(|text| !text.trim().is_empty()).map(assess).into_iter().collect()
    }
}
