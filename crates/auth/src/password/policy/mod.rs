//! Which passwords are accepted, after NIST SP 800-63B, section 3.1.1.2: long ones that nobody would guess. What is not
//! asked for is on purpose: no digit, no symbol, no change every ninety days.

mod common;
mod strength;
mod violation;

use archirust_core::{Error, ErrorKind, Result, Secret};
use zeroize::Zeroizing;

use super::config::{PolicySettings, check_policy};
use super::normal::{MAX_PASSWORD_BYTES, normalize};
pub use strength::{Strength, score};
pub use violation::{Violation, into_error};

/// Characters that must remain when everything is taken away that others know of the user.
const REST_BESIDE_PERSONAL: usize = 8;

/// The shortest word about the user that is looked for; shorter ones are in too many passwords by chance.
const SHORTEST_WORD: usize = 4;

/// Which passwords are accepted.
#[derive(Clone, Debug)]
pub struct Policy {
    settings: PolicySettings,
    words: Vec<String>,
}

impl Policy {
    /// A policy with these settings.
    ///
    /// # Errors
    ///
    /// `Configuration` for settings that do not go together; those that were loaded do.
    pub fn new(settings: &PolicySettings) -> Result<Self> {
        if let Some(conflict) = check_policy(settings).first() {
            return Err(Error::new(ErrorKind::Configuration)
                .with_detail(format!("password.policy: {} {}", conflict.name, conflict.reason)));
        }
        Ok(Self { settings: settings.clone(), words: Vec::new() })
    }

    /// Adds words that are as easy to guess as the user's own data: the name of the service and of who runs it.
    #[must_use]
    pub fn with_words<'a>(mut self, words: impl IntoIterator<Item = &'a str>) -> Self {
        self.words.extend(words.into_iter().map(str::to_owned));
        self
    }

    /// How many earlier passwords of a user are refused.
    pub fn history(&self) -> usize {
        usize::try_from(self.settings.history).unwrap_or(usize::MAX)
    }

    /// Everything that speaks against a password; nothing does if it is accepted. `about` is what is known of its user: e-mail
    /// address, user name, display name. Takes up to some milliseconds: [`Hasher::vet`](super::Hasher::vet) asks on a
    /// hashing thread.
    #[must_use]
    pub fn check(&self, password: &Secret<String>, about: &[&str]) -> Vec<Violation> {
        let password = password.expose();
        let (min, max) = (self.settings.min_length, self.settings.max_length);
        if password.len() > MAX_PASSWORD_BYTES {
            return vec![Violation::TooLong { max }];
        }
        let password = normalize(password);
        let length = u32::try_from(password.chars().count()).unwrap_or(u32::MAX);
        let mut violations = Vec::new();
        if length < min {
            violations.push(Violation::TooShort { min });
        }
        if length > max {
            violations.push(Violation::TooLong { max });
        }
        if password.chars().any(char::is_control) {
            violations.push(Violation::ControlCharacter);
        }
        let personal = personal_words(self.words.iter().map(String::as_str).chain(about.iter().copied()));
        if common::is_common(&password) {
            violations.push(Violation::Common);
        } else if is_personal(&password, &personal) {
            violations.push(Violation::Personal);
        } else if violations.is_empty() {
            let personal: Vec<&str> = personal.iter().map(|word| word.as_str()).collect();
            let strength = strength::of(&password, &personal);
            if strength.score < self.settings.min_score {
                violations.push(Violation::Guessable { advice: strength.advice() });
            }
        }
        violations
    }
}

/// What was said about the user, and its words: `alice.smith@example.com` is `alice`, `smith`, `example` and itself.
/// Longest first.
fn personal_words<'a>(about: impl Iterator<Item = &'a str>) -> Vec<Zeroizing<String>> {
    let mut words = Vec::new();
    for text in about {
        let text = folded(text);
        words.extend(text.split(|c: char| !c.is_alphanumeric()).map(|word| Zeroizing::new(word.to_owned())));
        words.push(text);
    }
    words.retain(|word| word.chars().count() >= SHORTEST_WORD);
    words.sort_by(|a, b| b.len().cmp(&a.len()).then_with(|| a.cmp(b)));
    words.dedup();
    words
}

/// Whether little is left of the password without the words.
fn is_personal(password: &str, words: &[Zeroizing<String>]) -> bool {
    let mut rest = folded(password);
    let whole = rest.chars().count();
    for word in words {
        // What is left keeps a gap, so that its ends do not grow together into another word.
        rest = Zeroizing::new(rest.replace(word.as_str(), "\0"));
    }
    let left = rest.chars().filter(|&c| c != '\0').count();
    left < whole && left < REST_BESIDE_PERSONAL
}

fn folded(text: &str) -> Zeroizing<String> {
    Zeroizing::new(normalize(text.trim()).to_lowercase())
}

#[cfg(test)]
mod tests;
