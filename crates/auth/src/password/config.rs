//! Settings of passwords.

use std::num::NonZeroUsize;

use archirust_core::config::{ByteSize, Conflict, SettingEnum, Settings};

use crate::named_key::{NamedKey, shared_name};

/// The most memory times passes of Argon2 that is ever spent on one hash: about a second of one core.
pub(super) const MAX_ARGON2_KIB: u64 = 1 << 20;

/// How passwords are hashed and which are accepted.
#[derive(Clone, Debug, Settings)]
#[settings(validate = check)]
pub struct PasswordSettings {
    /// How new passwords are hashed. Hashes made by another scheme or with less cost still verify, and are replaced at the
    /// next login.
    #[setting(default = "argon2id")]
    pub scheme: Scheme,
    /// The cost of Argon2id (RFC 9106).
    #[setting(nested)]
    pub argon2: Argon2Settings,
    /// The cost of bcrypt: 2^cost rounds. Production asks at least 12 (ARCHI-PWD-003).
    #[setting(default = 12, range = "4..=15")]
    pub bcrypt_cost: u32,
    /// Threads that hash. They are few on purpose: they compete with requests for the cores. Unset means half of the cores,
    /// at least one.
    #[setting(range = "1..=256")]
    pub threads: Option<u16>,
    /// Hashes that may wait for a thread. One more is refused with 503 and `Retry-After`.
    #[setting(default = 64, range = "1..=10000")]
    pub queue: u32,
    /// A key that goes into every new hash, so that a stolen table alone can't be searched for passwords: `name:key`. Keep it
    /// outside of the database. Lost with it are all passwords.
    pub pepper: Option<NamedKey>,
    /// Peppers of the past. Hashes made with them verify, and are replaced at the next login.
    #[setting(default = "[]", range = "..=16")]
    pub old_peppers: Vec<NamedKey>,
    /// Which passwords are accepted.
    #[setting(nested)]
    pub policy: PolicySettings,
}

/// How new passwords are hashed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, SettingEnum)]
pub enum Scheme {
    /// Argon2id, version 1.3 (RFC 9106).
    Argon2id,
    /// bcrypt, for those who must share hashes with other programs. Passwords over 72 bytes are pre-hashed, never cut.
    Bcrypt,
}

/// The cost of Argon2id. The defaults are one of the choices of the OWASP Password Storage Cheat Sheet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Settings)]
#[settings(validate = check_argon2)]
pub struct Argon2Settings {
    /// Memory for one hash; each hashing thread keeps that much. Memory times passes is at most 1 GiB.
    #[setting(default = "19 MiB", range = "64 KiB..=256 MiB")]
    pub memory: ByteSize,
    /// Passes over the memory.
    #[setting(default = 2, range = "1..=64")]
    pub passes: u32,
    /// Lanes. A hash runs on one thread whatever the number is.
    #[setting(default = 1, range = "1..=4")]
    pub lanes: u32,
}

/// Which passwords are accepted (NIST SP 800-63B, section 3.1.1.2): long ones that nobody would guess. There are no rules of
/// composition and no forced changes (ASVS 5.0, 6.2.5 and 6.2.10).
#[derive(Clone, Debug, Settings)]
#[settings(validate = check_policy)]
pub struct PolicySettings {
    /// The fewest characters.
    #[setting(default = 12, range = "8..=64")]
    pub min_length: u32,
    /// The most characters.
    #[setting(default = 128, range = "64..=256")]
    pub max_length: u32,
    /// The least score of zxcvbn: 0 (guessed at once) to 4 (over 10^10 guesses).
    #[setting(default = 3, range = "0..=4")]
    pub min_score: u8,
    /// How many of a user's earlier passwords can't be taken again. Keep that many hashes.
    #[setting(default = 5, range = "0..=24")]
    pub history: u32,
}

impl PasswordSettings {
    /// How many threads hash: those of the settings, or half of the cores and at least one.
    pub fn thread_count(&self) -> usize {
        match self.threads {
            Some(threads) => usize::from(threads.max(1)),
            None => default_threads(std::thread::available_parallelism().map_or(1, NonZeroUsize::get)),
        }
    }
}

impl Argon2Settings {
    /// The memory in KiB, as Argon2 counts it.
    pub fn memory_kib(&self) -> u32 {
        u32::try_from(self.memory.bytes() / 1024).unwrap_or(u32::MAX)
    }
}

/// What does not go together, for the loader and for settings that were made by hand.
pub(super) fn check(settings: &PasswordSettings) -> Vec<Conflict> {
    let peppers = settings.pepper.iter().chain(&settings.old_peppers);
    shared_name(peppers)
        .map(|name| Conflict::new("old_peppers", format!("has the name {name} for two peppers")))
        .into_iter()
        .collect()
}

pub(super) fn check_argon2(settings: &Argon2Settings) -> Vec<Conflict> {
    let total = u64::from(settings.memory_kib()) * u64::from(settings.passes);
    if total > MAX_ARGON2_KIB {
        return vec![Conflict::new("passes", "times memory is more than 1 GiB")];
    }
    Vec::new()
}

pub(super) fn check_policy(settings: &PolicySettings) -> Vec<Conflict> {
    if settings.min_length > settings.max_length {
        return vec![Conflict::new("min_length", "is more than max_length")];
    }
    Vec::new()
}

fn default_threads(cores: usize) -> usize {
    (cores / 2).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "mJ8C0WvEoO1lZqzJ9dG0eQ2Yx5rTtUuN3kS7hPaVbLc=";

    #[test]
    fn half_of_the_cores_hash_and_at_least_one() {
        assert_eq!([1, 2, 3, 4, 16].map(default_threads), [1, 1, 1, 2, 8]);
        assert_eq!(PasswordSettings { threads: Some(3), ..Default::default() }.thread_count(), 3);
        assert!(PasswordSettings::default().thread_count() >= 1);
    }

    #[test]
    fn the_defaults_are_those_of_owasp() {
        let settings = PasswordSettings::default();
        assert_eq!(settings.scheme, Scheme::Argon2id);
        assert_eq!((settings.argon2.memory_kib(), settings.argon2.passes, settings.argon2.lanes), (19456, 2, 1));
        assert_eq!(settings.bcrypt_cost, 12);
        let policy = settings.policy;
        assert_eq!((policy.min_length, policy.max_length, policy.min_score, policy.history), (12, 128, 3, 5));
    }

    #[test]
    fn one_hash_never_takes_more_than_a_gibibyte_of_passes() {
        let of = |mib, passes| Argon2Settings { memory: ByteSize::mib(mib), passes, lanes: 1 };
        assert!(check_argon2(&of(256, 4)).is_empty());
        assert_eq!(check_argon2(&of(256, 5)).len(), 1);
    }

    #[test]
    fn two_peppers_need_two_names() {
        let pepper = |name: &str| NamedKey::parse(&format!("{name}:{KEY}")).unwrap();
        let settings = |old: &str| PasswordSettings {
            pepper: Some(pepper("b")),
            old_peppers: vec![pepper(old)],
            ..Default::default()
        };
        assert!(check(&settings("a")).is_empty());
        assert_eq!(check(&settings("b"))[0].reason, "has the name b for two peppers");
    }

    #[test]
    fn the_shortest_is_not_longer_than_the_longest() {
        let of = |min_length, max_length| PolicySettings { min_length, max_length, ..Default::default() };
        assert!(check_policy(&of(64, 64)).is_empty());
        assert_eq!(check_policy(&of(65, 64)).len(), 1);
    }
}
