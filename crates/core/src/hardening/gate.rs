//! The gate: the rules over the loaded configuration, before anything is opened.

use std::path::Path;

use jiff::civil::Date;
use jiff::tz::Offset;

use crate::clock::Clock;
use crate::config::Profile;

use super::report::WaiverNote;
use super::waiver::WaiverError;
use super::{Finding, Outcome, Report, Rule, RuleInfo, Verdict, WaiverFile};

/// Collects what the rules say and decides whether the service may start.
#[derive(Debug)]
pub struct Gate {
    profile: Profile,
    today: Date,
    waivers: Result<WaiverFile, WaiverError>,
    catalogue: Vec<RuleInfo>,
    findings: Vec<Finding>,
}

impl Gate {
    /// A gate for this profile, without waivers.
    pub fn new(profile: Profile, clock: &dyn Clock) -> Self {
        let today = Offset::UTC.to_datetime(clock.now()).date();
        Self { profile, today, waivers: Ok(WaiverFile::default()), catalogue: Vec::new(), findings: Vec::new() }
    }

    /// Takes the waivers of a file. A broken file waives nothing, and the report says so.
    #[must_use]
    pub fn with_waivers(mut self, path: &Path) -> Self {
        self.waivers = WaiverFile::read(path);
        self
    }

    /// Judges the facts of one target by the rules that speak of it.
    pub fn check<'r, F: 'static>(&mut self, target: &str, facts: &F, rules: impl IntoIterator<Item = &'r Rule<F>>) {
        for rule in rules {
            self.catalogue.push(rule.info);
            self.findings.push(judge(rule, target, facts));
        }
    }

    /// As [`Gate::check`], leaving out what can't be seen yet: for the settings alone, before anything is opened. What was
    /// left out has to be judged before the service serves.
    ///
    /// So is a failure that a waiver speaks of: its fingerprint is that of all that is seen in the end.
    pub fn preview<'r, F: 'static>(&mut self, target: &str, facts: &F, rules: impl IntoIterator<Item = &'r Rule<F>>) {
        let seen = self.findings.len();
        self.check(target, facts, rules);
        let previewed = self.findings.split_off(seen);
        let waivers = self.waivers.as_ref().map(WaiverFile::waivers).unwrap_or_default();
        let is_left_out = |finding: &Finding| match finding.outcome {
            Outcome::Unknown => true,
            Outcome::Fail => waivers.iter().any(|waiver| !waiver.is_expired(self.today) && waiver.speaks_of(finding)),
            _ => false,
        };
        self.findings.extend(previewed.into_iter().filter(|finding| !is_left_out(finding)));
    }

    /// Takes findings that were made elsewhere: by a probe that has no facts to give because it broke, or by loading the
    /// configuration.
    pub fn add(&mut self, findings: impl IntoIterator<Item = Finding>) {
        for finding in findings {
            self.catalogue.push(finding.rule);
            self.findings.push(finding);
        }
    }

    /// Names rules that exist without judging anything here, so that a waiver for them is not taken for a mistake.
    pub fn know(&mut self, rules: impl IntoIterator<Item = RuleInfo>) {
        self.catalogue.extend(rules);
    }

    /// Applies the waivers and closes the list.
    pub fn finish(mut self) -> Report {
        let waivers = self.waivers.and_then(|file| file.validate(&self.catalogue, self.today).map(|()| file));
        let (waivers, mut notes) = match waivers {
            Ok(file) => (file, Vec::new()),
            Err(error) => (WaiverFile::default(), vec![WaiverNote::Invalid(error)]),
        };
        for waiver in waivers.waivers() {
            let mut used = false;
            for finding in self.findings.iter_mut().filter(|f| f.outcome == Outcome::Fail && waiver.covers(f)) {
                used = true;
                if waiver.is_expired(self.today) {
                    finding.reason = Some(format!("the waiver expired on {}", waiver.expires));
                } else {
                    finding.outcome = Outcome::Waived;
                    finding.reason = Some(format!("until {} by {}: {}", waiver.expires, waiver.owner, waiver.reason));
                }
            }
            let note = match (waiver.is_expired(self.today), used) {
                (true, _) => Some(WaiverNote::Expired(waiver.clone())),
                (false, false) => Some(WaiverNote::Stale(waiver.clone())),
                (false, true) => waiver.expires_soon(self.today).then(|| WaiverNote::ExpiresSoon(waiver.clone())),
            };
            notes.extend(note);
        }
        // The worst first; rules of equal weight in the order of their ids.
        self.findings.sort_by(|a, b| b.rule.severity.cmp(&a.rule.severity).then_with(|| a.rule.id.cmp(b.rule.id)));
        Report { profile: self.profile, findings: self.findings, notes }
    }
}

fn judge<F>(rule: &Rule<F>, target: &str, facts: &F) -> Finding {
    let (outcome, evidence, reason) = match (rule.judge)(facts) {
        Verdict::Pass(evidence) => (Outcome::Pass, evidence, None),
        Verdict::Fail(evidence) => (Outcome::Fail, evidence, None),
        Verdict::Unknown(reason) => (Outcome::Unknown, Vec::new(), Some(reason)),
        Verdict::NotApplicable(reason) => (Outcome::NotApplicable, Vec::new(), Some(reason)),
    };
    let remedy = matches!(outcome, Outcome::Fail | Outcome::Unknown).then(|| (rule.remedy)(facts));
    Finding { rule: rule.info, target: target.to_owned(), outcome, evidence, reason, remedy }
}
