//! How hard a password is to guess, as zxcvbn estimates it.

use archirust_core::Secret;
use zxcvbn::feedback::Feedback;
use zxcvbn::zxcvbn;

use crate::password::normal::normalize;

/// Characters that are looked at. The estimate takes time that grows faster than their number, up to a second for letters that
/// could all stand for others; whoever guesses the first 64 is in any case no match for what follows.
const SCORED_CHARACTERS: usize = 64;

/// How hard a password is to guess. Holds nothing of the password.
#[derive(Clone, Debug, PartialEq)]
pub struct Strength {
    /// 0 (guessed at once) to 4 (over 10^10 guesses).
    pub score: u8,
    /// The decimal logarithm of the guesses that it takes.
    pub guesses_log10: f64,
    /// What is wrong with it.
    pub warning: Option<String>,
    /// What would make it better.
    pub suggestions: Vec<String>,
}

impl Strength {
    /// Warning and suggestions in one sentence.
    pub(super) fn advice(&self) -> String {
        let parts: Vec<String> = self.warning.iter().chain(&self.suggestions).map(|text| lower_case(text)).collect();
        if parts.is_empty() { "add another word or two".to_owned() } else { parts.join("; ") }
    }
}

/// How hard a password is to guess for somebody who knows `about` its user.
pub fn score(password: &Secret<String>, about: &[&str]) -> Strength {
    of(&normalize(password.expose()), about)
}

pub(super) fn of(password: &str, about: &[&str]) -> Strength {
    let end = password.char_indices().nth(SCORED_CHARACTERS).map_or(password.len(), |(end, _)| end);
    let entropy = zxcvbn(&password[..end], about);
    Strength {
        score: u8::from(entropy.score()),
        guesses_log10: entropy.guesses_log10(),
        warning: entropy.feedback().and_then(Feedback::warning).map(|warning| warning.to_string()),
        suggestions: entropy
            .feedback()
            .map(|feedback| feedback.suggestions().iter().map(ToString::to_string).collect())
            .unwrap_or_default(),
    }
}

/// A sentence as part of another.
fn lower_case(sentence: &str) -> String {
    let sentence = sentence.trim_end_matches('.');
    let mut letters = sentence.chars();
    letters.next().map_or_else(String::new, |first| first.to_lowercase().chain(letters).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_64_characters_decide() {
        let weak = "ab".repeat(32);
        let strong = "vK8#qm2PzL!x";
        let score = |text: &str| score(&Secret::from(text), &[]).score;
        assert!(score(&weak) < 3);
        assert_eq!(score(&format!("{weak}{strong}")), score(&weak));
        assert_eq!(score(&format!("{}{strong}", &weak[strong.len()..])), 4);
        assert_eq!(score(&format!("{strong}{weak}")), 4);
    }

    #[test]
    fn what_is_known_of_the_user_makes_it_easier() {
        let password = Secret::from("theodora quillfeather");
        let (alone, known) = (score(&password, &[]), score(&password, &["theodora", "quillfeather"]));
        assert!(known.guesses_log10 < alone.guesses_log10);
    }

    #[test]
    fn a_warning_is_part_of_a_sentence() {
        let strength =
            Strength { score: 1, guesses_log10: 1.0, warning: Some("It is Bad.".to_owned()), suggestions: vec![] };
        assert_eq!(strength.advice(), "it is Bad");
        assert_eq!(Strength { warning: None, ..strength }.advice(), "add another word or two");
    }
}
