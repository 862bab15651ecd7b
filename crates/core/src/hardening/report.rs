//! What became of every rule, for people and for programs.

use std::fmt;

use serde::Serialize;
use serde_json::{Value, json};

use crate::config::Profile;

use super::waiver::WaiverError;
use super::{Finding, Outcome, Waiver};

/// Something to know of the waivers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WaiverNote {
    /// The file is not valid; nothing is waived.
    Invalid(WaiverError),
    /// Its last day is over.
    Expired(Waiver),
    /// Its last day is near.
    ExpiresSoon(Waiver),
    /// It covers nothing (any more).
    Stale(Waiver),
}

impl WaiverNote {
    /// Whether production must not start with it.
    fn blocks(&self) -> bool {
        matches!(self, Self::Invalid(_) | Self::Expired(_))
    }
}

impl fmt::Display for WaiverNote {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Invalid(error) => write!(f, "the waivers are not valid, so none is applied: {error}"),
            Self::Expired(w) => write!(
                f,
                "the waiver of {} for {} expired on {}: mend the finding, or renew the waiver with its owner, {}",
                w.rule, w.target, w.expires, w.owner
            ),
            Self::ExpiresSoon(w) => write!(f, "the waiver of {} for {} expires on {}", w.rule, w.target, w.expires),
            Self::Stale(w) => {
                write!(f, "the waiver of {} for {} covers no finding: remove it", w.rule, w.target)
            }
        }
    }
}

/// What became of every rule.
#[derive(Clone, Debug)]
pub struct Report {
    /// The profile under which it was made.
    pub profile: Profile,
    /// One for each rule and target, the most severe first.
    pub findings: Vec<Finding>,
    /// What there is to know of the waivers.
    pub notes: Vec<WaiverNote>,
}

/// Version of the JSON form.
const SCHEMA: &str = "archi.report/v1";

impl Report {
    /// The findings that are neither passed, waived nor not applicable: unknown is not a pass.
    pub fn failures(&self) -> impl Iterator<Item = &Finding> {
        self.findings.iter().filter(|f| matches!(f.outcome, Outcome::Fail | Outcome::Unknown | Outcome::Error))
    }

    /// Whether every rule holds or is waived by a valid waiver.
    pub fn holds(&self) -> bool {
        self.failures().next().is_none() && !self.notes.iter().any(WaiverNote::blocks)
    }

    /// Whether the service may start: in production only if the report [holds](Self::holds).
    pub fn allows_start(&self) -> bool {
        self.holds() || !self.profile.enforces()
    }

    /// How many findings came to this outcome.
    pub fn count(&self, outcome: Outcome) -> usize {
        self.findings.iter().filter(|f| f.outcome == outcome).count()
    }

    /// One line: how many of each outcome.
    pub fn summary(&self) -> String {
        let counts: Vec<String> =
            [Outcome::Pass, Outcome::Fail, Outcome::Unknown, Outcome::Error, Outcome::Waived, Outcome::NotApplicable]
                .into_iter()
                .map(|outcome| (outcome, self.count(outcome)))
                .filter(|(outcome, n)| *n > 0 || *outcome == Outcome::Pass)
                .map(|(outcome, n)| format!("{n} {outcome}"))
                .collect();
        format!("{} rules under {}: {}", self.findings.len(), self.profile, counts.join(", "))
    }

    /// A short table, one line a rule.
    pub fn table(&self) -> String {
        let width = |f: fn(&Finding) -> &str| self.findings.iter().map(|x| f(x).len()).max().unwrap_or(0);
        let (ids, targets) = (width(|f| f.rule.id), width(|f| &f.target));
        let mut table = String::new();
        for finding in &self.findings {
            table.push_str(&format!(
                "  {:14} {:8} {:ids$}  {:targets$}  {}\n",
                finding.outcome, finding.rule.severity, finding.rule.id, finding.target, finding.rule.title
            ));
        }
        table.push_str(&format!("  {}\n", self.summary()));
        for note in &self.notes {
            table.push_str(&format!("  {note}\n"));
        }
        table
    }

    /// Every failure with evidence and remedy: what a service that does not start has to say.
    pub fn refusal(&self) -> String {
        let mut text = String::new();
        for finding in self.failures() {
            text.push_str(&format!("{finding}\n"));
        }
        for note in &self.notes {
            text.push_str(&format!("{note}\n"));
        }
        text.push_str(&self.summary());
        text
    }

    /// The report for programs. The schema is versioned; fields may be added.
    pub fn to_json(&self) -> Value {
        #[derive(Serialize)]
        struct Line<'a> {
            text: &'a str,
            source: String,
        }
        let findings: Vec<Value> = self
            .findings
            .iter()
            .map(|f| {
                let evidence: Vec<Line<'_>> =
                    f.evidence.iter().map(|e| Line { text: &e.text, source: e.source.to_string() }).collect();
                json!({
                    "rule": f.rule, "target": f.target, "outcome": f.outcome, "evidence": evidence,
                    "reason": f.reason, "remedy": f.remedy, "fingerprint": f.fingerprint(),
                })
            })
            .collect();
        let notes: Vec<String> = self.notes.iter().map(ToString::to_string).collect();
        json!({ "schema": SCHEMA, "profile": self.profile, "holds": self.holds(), "findings": findings, "notes": notes })
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} {} [{}] on {}: {}",
            self.outcome, self.rule.id, self.rule.severity, self.target, self.rule.title
        )?;
        for evidence in &self.evidence {
            write!(f, "\n  seen    {evidence}")?;
        }
        if let Some(reason) = &self.reason {
            write!(f, "\n  because {reason}")?;
        }
        if let Some(remedy) = &self.remedy {
            write!(f, "\n  remedy  {}", remedy.text)?;
        }
        if self.outcome == Outcome::Fail {
            write!(f, "\n  waiver  fingerprint {}", self.fingerprint())?;
        }
        Ok(())
    }
}
