//! Settings of the second factor.

use archirust_core::config::{Conflict, Settings};

use super::code::{Algorithm, Digits};
use crate::named_key::{NamedKey, shared_name};

/// One-time codes and recovery codes.
#[derive(Clone, Debug, Settings)]
#[settings(validate = check)]
pub struct TotpSettings {
    /// The hash function of new enrolments. Many authenticator apps know SHA-1 only, which is sound here: what breaks SHA-1
    /// as a signature does not break HMAC.
    #[setting(default = "sha1")]
    pub algorithm: Algorithm,
    /// The digits of new enrolments: 6 or 8. Those that exist keep theirs.
    #[setting(default = 6, validate = six_or_eight)]
    pub digits: u8,
    /// How many steps of 30 seconds a code may be early or late, for clocks that are not quite right.
    #[setting(default = 1, range = "0..=1")]
    pub window: u8,
    /// The key that seals the secrets in the database and goes into the hashes of recovery codes: `name:key`. Keep it outside
    /// of the database, so that a stolen table is no second factor. Lost with it are all enrolments.
    #[setting(required = "production")]
    pub key: Option<NamedKey>,
    /// Keys of the past. What they sealed still opens.
    #[setting(default = "[]", range = "..=16")]
    pub old_keys: Vec<NamedKey>,
    /// Recovery codes for one user.
    #[setting(default = 10, range = "4..=20")]
    pub recovery_codes: u8,
}

pub(super) fn check(settings: &TotpSettings) -> Vec<Conflict> {
    shared_name(settings.key.iter().chain(&settings.old_keys))
        .map(|name| Conflict::new("old_keys", format!("has the name {name} for two keys")))
        .into_iter()
        .collect()
}

fn six_or_eight(digits: &u8) -> Result<(), &'static str> {
    Digits::of(*digits).map(drop).ok_or("is neither 6 nor 8")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_defaults_are_what_every_authenticator_app_knows() {
        let settings = TotpSettings::default();
        assert_eq!((settings.algorithm, settings.digits, settings.window), (Algorithm::Sha1, 6, 1));
        assert_eq!(settings.recovery_codes, 10);
    }

    #[test]
    fn codes_have_six_or_eight_digits() {
        for (digits, good) in [(0, false), (1, false), (5, false), (6, true), (7, false), (8, true), (9, false)] {
            assert_eq!(six_or_eight(&digits).is_ok(), good, "{digits}");
        }
    }

    #[test]
    fn two_keys_need_two_names() {
        let key = NamedKey::parse("a:mJ8C0WvEoO1lZqzJ9dG0eQ2Yx5rTtUuN3kS7hPaVbLc=").unwrap();
        let settings = TotpSettings { key: Some(key.clone()), old_keys: vec![key], ..Default::default() };
        assert_eq!(check(&settings)[0].reason, "has the name a for two keys");
        assert!(check(&TotpSettings { old_keys: vec![], ..settings }).is_empty());
    }
}
