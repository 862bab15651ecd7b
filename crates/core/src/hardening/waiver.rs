//! Waivers: the only way to run production with a failing rule. They live in a committed file, `archi.waivers.toml`, say
//! why and who, and end.

use std::fmt;
use std::path::{Path, PathBuf};

use jiff::civil::Date;
use serde::{Deserialize, Deserializer};

use super::{Finding, RuleInfo, Severity};

/// The longest that a waiver may last, in days.
const MAX_DAYS: i32 = 180;
/// The longest that a waiver of a critical rule may last, in days.
const MAX_DAYS_CRITICAL: i32 = 30;
/// The fewest characters of a reason.
const MIN_REASON: usize = 20;
/// From this many days before its end on, a waiver is announced.
const WARN_DAYS: i32 = 14;

/// Why a failing rule is borne for a while.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Waiver {
    /// The rule: `ARCHI-JWT-007`. No pattern.
    pub rule: String,
    /// The target, `*` standing for any run of characters.
    pub target: String,
    /// The fingerprint of the finding, as the report shows it: a waiver covers this value and not the next one.
    pub fingerprint: String,
    /// Why it is borne, in at least 20 characters.
    pub reason: String,
    /// Who mends it.
    pub owner: String,
    /// Who agreed.
    pub approved_by: String,
    /// The day it was written.
    #[serde(deserialize_with = "date")]
    pub created: Date,
    /// The last day it holds: at most 180 days after `created`, 30 for a critical rule.
    #[serde(deserialize_with = "date")]
    pub expires: Date,
    /// Where the work is tracked.
    pub ticket: Option<String>,
}

impl Waiver {
    /// Whether it speaks of this finding, as it was seen.
    pub fn covers(&self, finding: &Finding) -> bool {
        self.speaks_of(finding) && self.fingerprint == finding.fingerprint()
    }

    /// Whether it speaks of this rule and target, whatever was seen.
    pub(super) fn speaks_of(&self, finding: &Finding) -> bool {
        self.rule == finding.rule.id && matches(&self.target, &finding.target)
    }

    /// Whether its last day is over.
    pub fn is_expired(&self, today: Date) -> bool {
        today > self.expires
    }

    /// Whether its last day is near.
    pub fn expires_soon(&self, today: Date) -> bool {
        !self.is_expired(today) && days(today, self.expires) < WARN_DAYS
    }

    fn defects(&self, rule: Option<&RuleInfo>, today: Date) -> Vec<String> {
        let mut defects = Vec::new();
        let mut say = |text: String| defects.push(text);
        match rule {
            None => say("names a rule that does not exist".to_owned()),
            Some(rule) if !rule.waivable => say("names a rule that can't be waived".to_owned()),
            Some(rule) => {
                let most = if rule.severity == Severity::Critical { MAX_DAYS_CRITICAL } else { MAX_DAYS };
                if days(self.created, self.expires) > most {
                    say(format!("lasts longer than the {most} days that a {} rule allows", rule.severity));
                }
            }
        }
        if self.reason.trim().chars().count() < MIN_REASON {
            say(format!("needs a reason of at least {MIN_REASON} characters"));
        }
        for (field, value) in [("owner", &self.owner), ("approved_by", &self.approved_by), ("target", &self.target)] {
            if value.trim().is_empty() {
                say(format!("needs `{field}`"));
            }
        }
        if self.expires < self.created {
            say("expires before it was created".to_owned());
        }
        if self.created > today {
            say("was created in the future".to_owned());
        }
        defects
    }
}

/// The waivers of a project.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WaiverFile {
    path: PathBuf,
    waivers: Vec<Waiver>,
}

impl WaiverFile {
    /// The name of the file.
    pub const NAME: &str = "archi.waivers.toml";

    /// Reads the file. One that does not exist holds no waiver.
    ///
    /// # Errors
    /// When the file can't be read, or is not what it should be, with the line.
    pub fn read(path: &Path) -> Result<Self, WaiverError> {
        match std::fs::read_to_string(path) {
            Ok(text) => Self::parse(path, &text),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                Ok(Self { path: path.to_owned(), waivers: Vec::new() })
            }
            Err(error) => Err(WaiverError { path: path.to_owned(), defects: vec![error.to_string()] }),
        }
    }

    /// Reads the text of a file.
    ///
    /// # Errors
    /// When it is not TOML of this form, with the line.
    pub fn parse(path: &Path, text: &str) -> Result<Self, WaiverError> {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Document {
            #[serde(default)]
            waiver: Vec<Waiver>,
        }
        toml::from_str::<Document>(text)
            .map(|document| Self { path: path.to_owned(), waivers: document.waiver })
            .map_err(|error| WaiverError {
                path: path.to_owned(),
                defects: vec![error.to_string().trim_end().to_owned()],
            })
    }

    /// Checks every waiver against the rules there are.
    ///
    /// # Errors
    /// All that is wrong, at once.
    pub fn validate<'r>(
        &self,
        rules: impl IntoIterator<Item = &'r RuleInfo> + Clone,
        today: Date,
    ) -> Result<(), WaiverError> {
        let defects: Vec<String> = self
            .waivers
            .iter()
            .flat_map(|waiver| {
                let rule = rules.clone().into_iter().find(|rule| rule.id == waiver.rule);
                waiver
                    .defects(rule, today)
                    .into_iter()
                    .map(|defect| format!("the waiver of {} for {} {defect}", waiver.rule, waiver.target))
            })
            .collect();
        if defects.is_empty() { Ok(()) } else { Err(WaiverError { path: self.path.clone(), defects }) }
    }

    /// The waivers, in the order of the file.
    pub fn waivers(&self) -> &[Waiver] {
        &self.waivers
    }
}

/// A waiver file that is not valid: nothing is waived by it, and production does not start.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WaiverError {
    /// The file.
    pub path: PathBuf,
    /// All that is wrong with it.
    pub defects: Vec<String>,
}

impl fmt::Display for WaiverError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.path.display(), self.defects.join("; "))
    }
}

impl std::error::Error for WaiverError {}

fn days(from: Date, to: Date) -> i32 {
    from.until(to).map_or(i32::MAX, |span| span.get_days())
}

/// Whether `text` is of the form `pattern`, in which `*` stands for any run of characters.
fn matches(pattern: &str, text: &str) -> bool {
    let Some((head, tail)) = pattern.split_once('*') else { return pattern == text };
    let Some(rest) = text.strip_prefix(head) else { return false };
    rest.char_indices().map(|(i, _)| i).chain([rest.len()]).any(|i| matches(tail, &rest[i..]))
}

/// A TOML date, or the same as a string.
fn date<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Date, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Either {
        Date(toml::value::Datetime),
        Text(String),
    }
    let text = match Either::deserialize(deserializer)? {
        Either::Date(date) => date.to_string(),
        Either::Text(text) => text,
    };
    text.parse().map_err(|_| serde::de::Error::custom("expected a date such as 2027-01-31"))
}
