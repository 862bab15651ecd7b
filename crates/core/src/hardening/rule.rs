//! A rule: one checkable sentence of the checklist.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::Verdict;

/// How bad it is when a rule does not hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Worth knowing.
    Info,
    /// A weakness that needs others to hurt.
    Low,
    /// A weakness that an attacker can build on.
    Medium,
    /// A hole.
    High,
    /// An open door.
    Critical,
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Info => "info",
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Critical => "critical",
        })
    }
}

/// What is known of a rule without any facts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct RuleInfo {
    /// `ARCHI-<AREA>-<nnn>`; never reused, never renumbered.
    pub id: &'static str,
    /// What must hold, in a few words.
    pub title: &'static str,
    /// How bad it is when it does not.
    pub severity: Severity,
    /// Why it matters, in one sentence.
    pub why: &'static str,
    /// What is looked at, and what passes.
    pub check: &'static str,
    /// How to mend it, in general; [`Rule::remedy`] gives the exact change.
    pub remedy: &'static str,
    /// Lines of the published checklist that this rule answers: `JWT.a`.
    pub checklist: &'static [&'static str],
    /// Standards: `ASVS 9.2.1`, `RFC 8725 3.1`.
    pub references: &'static [&'static str],
    /// Whether a waiver may cover it.
    pub waivable: bool,
}

/// The exact change that makes a rule hold.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Remedy {
    /// What to do, with the key or the command; never a secret.
    pub text: String,
}

impl Remedy {
    /// A change in words.
    pub fn new(text: impl Into<String>) -> Self {
        Self { text: text.into() }
    }
}

/// One checkable sentence over the facts `F`.
pub struct Rule<F: 'static> {
    /// Its metadata.
    pub info: RuleInfo,
    /// Facts → verdict. Pure: all that it may look at is in the facts.
    pub judge: fn(&F) -> Verdict,
    /// Facts → the exact change.
    pub remedy: fn(&F) -> Remedy,
}

impl<F> fmt::Debug for Rule<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Rule").field(&self.info.id).finish()
    }
}
