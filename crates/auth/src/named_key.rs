//! A key with a name, so that what it was used on says which key that was and keys can be rotated.

use archirust_core::config::{Malformed, Raw, SettingValue, ValueType};
use archirust_core::secret::{KeyStrength, StrongKey, assess};
use zeroize::Zeroizing;

/// The longest name of a key, in bytes: what a `keyid` of Argon2 may hold (PHC string format, "Argon2 Encoding").
pub const MAX_KEY_NAME: usize = 8;

/// A key of at least 32 random bytes with a short public name, written `name:key`: `2026a:` and what
/// `openssl rand -base64 32` prints.
///
/// The name is stored beside what the key was used on. It is no secret, and is never given to another key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamedKey {
    name: String,
    key: StrongKey,
}

impl NamedKey {
    /// Reads `name:key`.
    ///
    /// # Errors
    ///
    /// [`Malformed`], which says what is wrong and never holds the value.
    pub fn parse(text: &str) -> Result<Self, Malformed> {
        let (name, key) =
            text.trim().split_once(':').ok_or_else(|| Malformed::because("has no name before its key: name:key"))?;
        Self::new(name, StrongKey::from_text(key)?)
    }

    /// A key with this name.
    ///
    /// # Errors
    ///
    /// [`Malformed`] for a name that is not one.
    pub fn new(name: impl Into<String>, key: StrongKey) -> Result<Self, Malformed> {
        let name = name.into();
        if !is_key_name(&name) {
            return Err(Malformed::because(format!(
                "has a name that is not 1 to {MAX_KEY_NAME} letters, digits, dots, hyphens or underscores"
            )));
        }
        Ok(Self { name, key })
    }

    /// The public name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The bytes of the key.
    pub fn expose(&self) -> &[u8] {
        self.key.expose()
    }
}

impl SettingValue for NamedKey {
    const SECRET: bool = true;

    fn value_type() -> ValueType {
        ValueType::text(
            "named key",
            "name:key, with a name of 1 to 8 characters and at least 32 random bytes in hex, base64 or base64url",
        )
    }

    fn from_text(text: &str) -> Result<Self, Malformed> {
        let text = Zeroizing::new(text.to_owned());
        Self::parse(&text)
    }

    fn key_strengths(raw: &Raw) -> Vec<KeyStrength> {
        let key = raw.as_text().and_then(|text| text.split_once(':'));
        key.map(|(_, key)| assess(key)).into_iter().collect()
    }

    fn to_text(&self) -> String {
        format!("{}, {} bytes", self.name, self.key.expose().len())
    }
}

/// A current key and those it replaced.
#[derive(Clone, Debug)]
pub(crate) struct NamedKeys {
    current: NamedKey,
    old: Vec<NamedKey>,
}

impl NamedKeys {
    pub(crate) fn new(current: NamedKey, old: &[NamedKey]) -> Self {
        Self { current, old: old.to_vec() }
    }

    pub(crate) fn current(&self) -> &NamedKey {
        &self.current
    }

    pub(crate) fn find(&self, name: &str) -> Option<&NamedKey> {
        std::iter::once(&self.current).chain(&self.old).find(|key| key.name == name)
    }
}

/// The first name that two keys share.
pub(crate) fn shared_name<'a>(keys: impl IntoIterator<Item = &'a NamedKey>) -> Option<&'a str> {
    let mut seen = std::collections::BTreeSet::new();
    keys.into_iter().map(NamedKey::name).find(|name| !seen.insert(*name))
}

fn is_key_name(name: &str) -> bool {
    (1..=MAX_KEY_NAME).contains(&name.len()) && name.bytes().all(|b| b.is_ascii_alphanumeric() || b"._-".contains(&b))
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "mJ8C0WvEoO1lZqzJ9dG0eQ2Yx5rTtUuN3kS7hPaVbLc=";

    fn key(name: &str) -> NamedKey {
        NamedKey::parse(&format!("{name}:{KEY}")).unwrap()
    }

    #[test]
    fn a_key_has_a_name() {
        let key = key("2026a");
        assert_eq!((key.name(), key.expose().len()), ("2026a", 32));
        assert_eq!(key.to_text(), "2026a, 32 bytes");
        for name in ["a", "12345678", "a.b_c-D"] {
            assert!(NamedKey::parse(&format!("{name}:{KEY}")).is_ok(), "{name}");
        }
        for name in ["", "123456789", "a b", "a$", "a,b", "é"] {
            assert!(NamedKey::parse(&format!("{name}:{KEY}")).is_err(), "{name}");
        }
        assert!(NamedKey::parse(KEY).is_err());
    }

    #[test]
    fn a_weak_key_is_refused_without_being_repeated() {
        let refusal = NamedKey::parse("a:kanarienvogel").unwrap_err();
        assert!(!refusal.to_string().contains("kanarienvogel"));
        assert!(!format!("{:?}", key("a")).contains(KEY));
    }

    #[test]
    fn how_strong_it_is_can_be_told_apart_from_its_name() {
        let strengths = |text: &str| NamedKey::key_strengths(&Raw::text(text));
        assert!(strengths(&format!("2026a:{KEY}"))[0].is_strong());
        assert!(!strengths("2026a:changeme")[0].is_strong());
        assert!(strengths("changeme").is_empty());
    }

    #[test]
    fn a_ring_finds_current_and_old_keys_and_no_others() {
        let ring = NamedKeys::new(key("b"), &[key("a")]);
        assert_eq!(ring.current().name(), "b");
        assert_eq!(ring.find("a").map(NamedKey::name), Some("a"));
        assert_eq!(ring.find("b").map(NamedKey::name), Some("b"));
        assert!(ring.find("c").is_none());
    }

    #[test]
    fn a_name_given_twice_is_found() {
        let keys = [key("a"), key("b"), key("a")];
        assert_eq!(shared_name(&keys), Some("a"));
        assert_eq!(shared_name(&keys[..2]), None);
    }
}
