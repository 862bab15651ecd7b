//! Keys of the cache that give nothing away.

use std::net::{IpAddr, Ipv6Addr};

use aws_lc_rs::hmac;
use data_encoding::BASE64URL_NOPAD;
use icu_normalizer::ComposingNormalizerBorrowed;

use super::Action;

/// Bytes of a hash that are kept: enough that nobody finds two accounts with one key.
const HASH_BYTES: usize = 16;

/// Makes keys.
#[derive(Clone)]
pub(super) struct Keys(hmac::Key);

impl Keys {
    pub(super) fn new(key: &[u8]) -> Self {
        Self(hmac::Key::new(hmac::HMAC_SHA256, key))
    }

    /// The count of an account, wherever from.
    pub(super) fn account(&self, action: Action, account: &str) -> String {
        self.hashed("a", action, &[&folded(account)])
    }

    /// The count of an address, at whatever account.
    pub(super) fn address(&self, action: Action, address: IpAddr) -> String {
        self.hashed("n", action, &[&network(address)])
    }

    /// The count of an account from an address that it is known from.
    pub(super) fn pair(&self, action: Action, account: &str, address: IpAddr) -> String {
        self.hashed("p", action, &[&network(address), &folded(account)])
    }

    /// Whether an account is known from an address.
    pub(super) fn known(&self, action: Action, account: &str, address: IpAddr) -> String {
        self.hashed("k", action, &[&network(address), &folded(account)])
    }

    fn hashed(&self, kind: &str, action: Action, parts: &[&str]) -> String {
        let mut context = hmac::Context::with_key(&self.0);
        for part in parts {
            // The length first, so that two parts can't run into each other.
            context.update(&(part.len() as u64).to_be_bytes());
            context.update(part.as_bytes());
        }
        let tag = context.sign();
        let hash = BASE64URL_NOPAD.encode(tag.as_ref().get(..HASH_BYTES).unwrap_or_default());
        format!("throttle:{}:{kind}:{hash}", action.name())
    }
}

/// Different spellings of one account are one account here, whatever the service makes of them: no guesses more for capitals.
fn folded(account: &str) -> String {
    ComposingNormalizerBorrowed::new_nfkc().normalize(account.trim()).to_lowercase()
}

/// What one customer of a provider has to themselves: an IPv4 address, or the /64 of an IPv6 address.
fn network(address: IpAddr) -> String {
    match address.to_canonical() {
        IpAddr::V4(address) => address.to_string(),
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            format!("{}/64", Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
        }
    }
}

#[cfg(test)]
mod tests {
    use archirust_cache::check_key;

    use super::*;

    fn network_of(address: &str) -> String {
        network(address.parse().unwrap())
    }

    #[test]
    fn ipv6_counts_by_64_bits_and_ipv4_by_address() {
        assert_eq!(network_of("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2::/64");
        assert_eq!(network_of("2001:db8:1:2::"), network_of("2001:db8:1:2:ffff:ffff:ffff:ffff"));
        assert_ne!(network_of("2001:db8:1:2::"), network_of("2001:db8:1:3::"));
        assert_eq!(network_of("192.0.2.1"), "192.0.2.1");
        assert_ne!(network_of("192.0.2.1"), network_of("192.0.2.2"));
        assert_eq!(network_of("::ffff:192.0.2.1"), "192.0.2.1");
    }

    #[test]
    fn keys_hold_no_name_and_no_address() {
        let keys = Keys::new(&[7; 32]);
        let address = "192.0.2.1".parse().unwrap();
        let account = "Alice@example.com";
        let all = [
            keys.account(Action::Login, account),
            keys.address(Action::Login, address),
            keys.pair(Action::Login, account, address),
            keys.known(Action::Login, account, address),
            keys.account(Action::SecondFactor, account),
            keys.account(Action::PasswordReset, account),
        ];
        for (place, key) in all.iter().enumerate() {
            assert!(check_key(key).is_ok(), "{key}");
            assert!(!key.to_lowercase().contains("alice") && !key.contains("192"), "{key}");
            assert!(!all[..place].contains(key), "{key}");
        }
        assert_ne!(Keys::new(&[8; 32]).account(Action::Login, account), all[0]);
    }

    #[test]
    fn a_pair_is_one_account_at_one_address() {
        let keys = Keys::new(&[7; 32]);
        let (here, there) = ("192.0.2.1".parse().unwrap(), "192.0.2.2".parse().unwrap());
        for key in [Keys::pair, Keys::known] {
            let alice = key(&keys, Action::Login, "alice", here);
            assert_eq!(alice, key(&keys, Action::Login, "Alice", here));
            assert_ne!(alice, key(&keys, Action::Login, "bob", here));
            assert_ne!(alice, key(&keys, Action::Login, "alice", there));
            assert_ne!(alice, key(&keys, Action::SecondFactor, "alice", here));
        }
    }

    #[test]
    fn spellings_of_one_account_share_a_key_and_others_do_not() {
        let keys = Keys::new(&[7; 32]);
        let key = |account: &str| keys.account(Action::Login, account);
        for same in ["ALICE@EXAMPLE.COM", " alice@example.com\n", "\u{ff41}lice@example.com"] {
            assert_eq!(key(same), key("alice@example.com"), "{same}");
        }
        for other in ["", "alice@example.org", "alice", "bob@example.com"] {
            assert_ne!(key(other), key("alice@example.com"), "{other}");
        }
        let endless = "a".repeat(100_000);
        assert!(check_key(&key(&endless)).is_ok());
    }
}
