//! What a rule says of a target.

use std::fmt;

use aws_lc_rs::digest;
use data_encoding::HEXLOWER;
use serde::{Deserialize, Serialize};

use super::{Remedy, RuleInfo, Source};

/// One observation that a verdict rests on. Never holds a secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Evidence {
    /// What was seen.
    pub text: String,
    /// Where.
    pub source: Source,
}

impl fmt::Display for Evidence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} — {}", self.text, self.source)
    }
}

/// What the judge of a rule answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It holds.
    Pass(Vec<Evidence>),
    /// It does not.
    Fail(Vec<Evidence>),
    /// It could not be seen.
    Unknown(String),
    /// It says nothing of this target.
    NotApplicable(String),
}

impl Verdict {
    /// Both must hold: the worse one wins, and the evidence of equals is joined.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        use Verdict::{Fail, NotApplicable, Pass, Unknown};
        match (self, other) {
            (Fail(mut a), Fail(b)) => {
                a.extend(b);
                Fail(a)
            }
            (Fail(a), _) | (_, Fail(a)) => Fail(a),
            (Unknown(a), _) | (_, Unknown(a)) => Unknown(a),
            (Pass(mut a), Pass(b)) => {
                a.extend(b);
                Pass(a)
            }
            (Pass(a), NotApplicable(_)) | (NotApplicable(_), Pass(a)) => Pass(a),
            (NotApplicable(a), NotApplicable(_)) => NotApplicable(a),
        }
    }
}

/// What became of a rule on a target. Only [`Outcome::Pass`] counts as passed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// It holds.
    Pass,
    /// It does not.
    Fail,
    /// It could not be seen: no rights, no connection.
    Unknown,
    /// The probe itself broke.
    Error,
    /// It says nothing of this target.
    NotApplicable,
    /// It does not hold, and a waiver that is still valid says why that is borne.
    Waived,
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Pass => "pass",
            Self::Fail => "fail",
            Self::Unknown => "unknown",
            Self::Error => "error",
            Self::NotApplicable => "not applicable",
            Self::Waived => "waived",
        })
    }
}

/// One rule on one target.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The rule.
    pub rule: RuleInfo,
    /// What was inspected: `settings`, `sqlite`, a server's name.
    pub target: String,
    /// What became of it.
    pub outcome: Outcome,
    /// What it rests on.
    pub evidence: Vec<Evidence>,
    /// Why it is not a plain pass or failure: the reason of `unknown`, of `not_applicable`, of the waiver.
    pub reason: Option<String>,
    /// The exact change; present unless it passed or does not apply.
    pub remedy: Option<Remedy>,
}

impl Finding {
    /// What a waiver must name: a hash of rule, target and what was seen. It holds no line number, so that moving a line
    /// keeps it, and it holds the value that was seen, so that a worse one is not covered.
    pub fn fingerprint(&self) -> String {
        let mut hash = digest::Context::new(&digest::SHA256);
        let seen = self.evidence.iter().map(|evidence| evidence.text.as_str());
        for part in ["archi/v1", self.rule.id, &self.target].into_iter().chain(seen) {
            // Each part with its length, so that no two lists of parts read alike.
            hash.update(&(part.len() as u64).to_be_bytes());
            hash.update(part.as_bytes());
        }
        HEXLOWER.encode(&hash.finish().as_ref()[..16])
    }
}
