//! Keys that are known by the prefix which their provider gives them.

use std::ops::Range;

/// A prefix, and what must follow it.
struct Key {
    prefix: &'static str,
    alphabet: fn(u8) -> bool,
    /// Bytes of the alphabet that must follow.
    min: usize,
    /// A short prefix counts only at the start of a word.
    word: bool,
}

const fn key(prefix: &'static str, alphabet: fn(u8) -> bool, min: usize) -> Key {
    Key { prefix, alphabet, min, word: false }
}

const fn word(prefix: &'static str, alphabet: fn(u8) -> bool, min: usize) -> Key {
    Key { prefix, alphabet, min, word: true }
}

/// Every prefix holds one of [`ANCHORS`], by which it is found.
#[rustfmt::skip]
const KEYS: &[Key] = &[
    // AWS access keys
    key("AKIA", upper, 16), key("ASIA", upper, 16), key("ABIA", upper, 16),
    // Google API keys, client secrets, access tokens
    key("AIza", token, 30), key("GOCSPX-", token, 10), word("ya29.", dotted, 10),
    // GitHub
    key("ghp_", token, 10), key("gho_", token, 10), key("ghu_", token, 10), key("ghs_", token, 10), key("ghr_", token, 10),
    key("github_pat_", token, 10),
    // GitLab
    key("glpat-", dotted, 10), key("gldt-", dotted, 10), key("glrt-", dotted, 10), key("glcbt-", dotted, 10),
    key("glptt-", dotted, 10), key("glft-", dotted, 10), key("glsoat-", dotted, 10), key("glimt-", dotted, 10),
    key("glagent-", dotted, 10), key("gloas-", dotted, 10),
    // Slack
    key("xoxb-", token, 10), key("xoxp-", token, 10), key("xoxa-", token, 10), key("xoxr-", token, 10),
    key("xoxs-", token, 10), key("xoxe-", token, 10), key("xoxe.xox", token, 10), key("xapp-", token, 10),
    // Stripe
    key("sk_live_", token, 8), key("sk_test_", token, 8), key("rk_live_", token, 8), key("rk_test_", token, 8),
    key("whsec_", base64, 10),
    // Language models
    key("sk-ant-", token, 10), key("sk-proj-", token, 10), word("sk-", token, 20), word("hf_", alphanumeric, 20),
    // Package and image registries
    word("npm_", alphanumeric, 20), key("pypi-AgEI", token, 10), key("dckr_pat_", token, 10), key("rubygems_", alphanumeric, 20),
    // Infrastructure
    word("hvs.", token, 10), word("hvb.", token, 10), word("hvr.", token, 10), key("dop_v1_", token, 10),
    key("doo_v1_", token, 10), key("dor_v1_", token, 10), key("tskey-", token, 10), key("glsa_", token, 20),
    key("glc_eyJ", base64, 10), word("dp.pt.", token, 20), key("ATATT3", base64, 20), key("AGE-SECRET-KEY-1", upper, 20),
    // Mail, messages, shops and tools
    word("SG.", dotted, 20), word("SK", hexadecimal, 32), word("key-", hexadecimal, 32), key("shpat_", token, 10),
    key("shpca_", token, 10), key("shppa_", token, 10), key("shpss_", token, 10), key("sq0atp-", token, 10),
    key("sq0csp-", token, 10), key("lin_api_", token, 10), word("ntn_", alphanumeric, 20), key("PMAK-", token, 20),
    // Password hashes: PHC strings and crypt(3)
    key("$argon2", hash, 16), key("$pbkdf2", hash, 16), key("$scrypt$", hash, 16), key("pbkdf2_sha256$", hash, 16),
    key("$2a$", hash, 20), key("$2b$", hash, 20), key("$2y$", hash, 20), key("$5$", hash, 20), key("$6$", hash, 20),
    key("$y$", hash, 20), key("$1$", hash, 20),
    // PEM in base64; NTLM (MS-NLMP, section 2.2.1)
    key("LS0tLS1CRUdJTi", base64, 10), key("TlRMTVNTUAA", base64, 10),
];

/// Bytes that are rare in text. A prefix is looked for where its first one occurs.
pub(super) const ANCHORS: &[u8] = b"_-.$KIT";

/// The key whose prefix has its anchor at `at`.
pub(super) fn key_around(text: &[u8], at: usize) -> Option<Range<usize>> {
    let mut candidates = INDEX.candidates(text[at], at.checked_sub(1).map_or(0, |before| text[before]));
    while candidates != 0 {
        let number = candidates.trailing_zeros() as usize;
        candidates &= candidates - 1;
        let found = at.checked_sub(INDEX.starts[number]).and_then(|start| KEYS[number].at(text, start));
        if found.is_some() {
            return found;
        }
    }
    None
}

impl Key {
    fn at(&self, text: &[u8], start: usize) -> Option<Range<usize>> {
        let rest = text[start..].strip_prefix(self.prefix.as_bytes())?;
        if self.word && start > 0 && text[start - 1].is_ascii_alphanumeric() {
            return None;
        }
        let length = rest.iter().take_while(|byte| (self.alphabet)(**byte)).count();
        (length >= self.min).then(|| start..start + self.prefix.len() + length)
    }
}

/// For each anchor and the byte before it, the keys that are possible: one bit each.
struct Index {
    slots: [u8; 256],
    sets: [[u128; 256]; ANCHORS.len()],
    /// Where in its prefix the anchor of each key is.
    starts: [usize; KEYS.len()],
}

static INDEX: Index = Index::of_keys();

impl Index {
    const fn of_keys() -> Self {
        let mut index = Self { slots: [0; 256], sets: [[0; 256]; ANCHORS.len()], starts: [0; KEYS.len()] };
        let mut slot = 0;
        while slot < ANCHORS.len() {
            index.slots[ANCHORS[slot] as usize] = slot as u8;
            slot += 1;
        }
        let mut number = 0;
        while number < KEYS.len() {
            let prefix = KEYS[number].prefix.as_bytes();
            let mut at = 0;
            while !is_anchor(prefix[at]) {
                at += 1;
            }
            let slot = index.slots[prefix[at] as usize] as usize;
            let mut before = if at == 0 { 0 } else { prefix[at - 1] as usize };
            let last = if at == 0 { 255 } else { before };
            while before <= last {
                index.sets[slot][before] |= 1 << number;
                before += 1;
            }
            index.starts[number] = at;
            number += 1;
        }
        index
    }

    fn candidates(&self, anchor: u8, before: u8) -> u128 {
        self.sets[usize::from(self.slots[usize::from(anchor)])][usize::from(before)]
    }
}

const fn is_anchor(byte: u8) -> bool {
    let mut index = 0;
    while index < ANCHORS.len() {
        if ANCHORS[index] == byte {
            return true;
        }
        index += 1;
    }
    false
}

/// Whether any key has this anchor behind this byte.
pub(super) fn is_possible(anchor: u8, before: u8) -> bool {
    INDEX.candidates(anchor, before) != 0
}

fn upper(byte: u8) -> bool {
    byte.is_ascii_uppercase() || byte.is_ascii_digit()
}

fn hexadecimal(byte: u8) -> bool {
    byte.is_ascii_hexdigit()
}

fn alphanumeric(byte: u8) -> bool {
    byte.is_ascii_alphanumeric()
}

fn token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-')
}

fn dotted(byte: u8) -> bool {
    token(byte) || byte == b'.'
}

fn base64(byte: u8) -> bool {
    super::credential::in_base64(byte)
}

fn hash(byte: u8) -> bool {
    base64(byte) || matches!(byte, b'$' | b'.' | b',')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_prefix_is_found_wherever_it_stands() {
        for key in KEYS {
            let sample = format!("{}{}", key.prefix, "7".repeat(key.min));
            for text in [sample.clone(), format!("at ({sample})"), format!("é{sample}\n")] {
                let hit = (0..text.len())
                    .filter(|at| ANCHORS.contains(&text.as_bytes()[*at]))
                    .find_map(|at| key_around(text.as_bytes(), at));
                let start = text.find(&sample).unwrap();
                assert_eq!(hit, Some(start..start + sample.len()), "{text}");
            }
        }
    }

    #[test]
    fn a_prefix_with_too_little_behind_it_is_a_word() {
        for key in KEYS {
            let text = format!("{}{} ", key.prefix, "7".repeat(key.min - 1));
            let at = key.prefix.bytes().position(|byte| ANCHORS.contains(&byte)).unwrap();
            assert_eq!(key_around(text.as_bytes(), at), None, "{text}");
        }
    }

    #[test]
    fn a_short_prefix_within_a_word_is_no_key() {
        let text = format!("risk-{}", "a".repeat(30));
        assert_eq!(key_around(text.as_bytes(), 4), None);
    }

    #[test]
    fn the_index_has_room_and_every_prefix_an_anchor() {
        assert!(KEYS.len() <= 128);
        assert!(KEYS.iter().all(|key| key.prefix.bytes().any(|byte| ANCHORS.contains(&byte))));
    }
}
