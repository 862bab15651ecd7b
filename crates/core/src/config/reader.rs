//! Reads typed settings from the merged sources and notes every problem on the way.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use zeroize::Zeroizing;

use crate::secret::KeyStrength;

use super::names::Names;
use super::problem::{Problem, ProblemKind};
use super::schema::{FieldSpec, accepted, join, placeholder};
use super::settings::Conflict;
use super::value::secret::{MALFORMED_SECRET, MISSING_SECRET};
use super::value::{Malformed, SettingValue};
use super::{Origin, Origins, Profile, Raw};

/// A value with its origin, as the sources left it.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    /// The value; `None` where its source is broken, which is a problem of its own that has been noted.
    pub(crate) raw: Option<Raw>,
    pub(crate) origin: Origin,
}

/// The merged sources, by dotted key.
pub(crate) type Entries = BTreeMap<String, Entry>;

/// Reads typed settings from the merged sources and notes every problem on the way. The derive calls it.
#[derive(Debug)]
pub struct Reader<'a> {
    entries: &'a Entries,
    profile: Profile,
    pub(crate) names: &'a Names,
    prefix: String,
    pub(crate) problems: Vec<Problem>,
    pub(crate) origins: Origins,
    /// Every setting of the sections that are there: its effective value as text (of a secret, only how long it is), or
    /// `None` where it has none.
    pub(crate) shown: BTreeMap<String, Option<String>>,
    /// How strong the keys are that were given, accepted or not.
    pub(crate) strengths: BTreeMap<String, Vec<KeyStrength>>,
    arguments: Option<&'a [Zeroizing<String>]>,
    /// The secrets that the command line shows.
    pub(crate) in_arguments: Option<BTreeSet<String>>,
}

/// A shorter secret is in some argument by chance.
const MIN_SOUGHT_CHARACTERS: usize = 8;

impl<'a> Reader<'a> {
    pub(crate) fn new(
        entries: &'a Entries,
        profile: Profile,
        names: &'a Names,
        arguments: Option<&'a [Zeroizing<String>]>,
    ) -> Self {
        Self {
            entries,
            profile,
            names,
            prefix: String::new(),
            problems: Vec::new(),
            origins: Origins::default(),
            shown: BTreeMap::new(),
            strengths: BTreeMap::new(),
            arguments,
            in_arguments: arguments.map(|_| BTreeSet::new()),
        }
    }

    /// One setting: what was set, or the default where nothing was or what was can't be taken.
    pub fn field<T: SettingValue>(&mut self, spec: &FieldSpec) -> Option<T> {
        self.field_checked(spec, |_| Ok::<(), String>(()))
    }

    /// One setting with a check of its own, which says what is wrong and never the value.
    pub fn field_checked<T, E>(&mut self, spec: &FieldSpec, check: impl FnOnce(&T) -> Result<(), E>) -> Option<T>
    where
        T: SettingValue,
        E: Into<Cow<'static, str>>,
    {
        let key = join(&self.prefix, spec.name);
        let entries = self.entries;
        let found = entries.get(&key);
        if let Some(Entry { raw: Some(raw), .. }) = found {
            let strengths = T::key_strengths(raw);
            if !strengths.is_empty() {
                self.strengths.insert(key.clone(), strengths);
            }
            if T::SECRET {
                self.seek_in_arguments(&key, raw);
            }
        }
        let value = match found {
            Some(Entry { raw: Some(raw), origin }) => match parse(spec, raw, check) {
                Ok(value) => {
                    self.origins.record(&key, origin.clone());
                    Some(value)
                }
                Err(refusal) => {
                    self.refused::<T>(spec, &key, origin, refusal);
                    None
                }
            },
            Some(Entry { raw: None, .. }) => None,
            None => {
                let needed = spec.default.is_none()
                    && (spec.required_in == Some(self.profile) || spec.required_in.is_none() && T::absent().is_none());
                if needed {
                    self.missing::<T>(spec, &key);
                }
                None
            }
        };
        let (value, shown) = match value {
            Some(value) => (Some(value), true),
            None => (self.default::<T>(spec, &key), spec.default.is_some()),
        };
        let shown = value.as_ref().filter(|_| shown).map(T::to_text);
        self.shown.insert(key, shown);
        value
    }

    /// One section below.
    pub fn nested<T: super::Settings>(&mut self, spec: &FieldSpec) -> Option<T> {
        let prefix = join(&self.prefix, spec.name);
        let outer = std::mem::replace(&mut self.prefix, prefix);
        let settings = T::read(self);
        self.prefix = outer;
        settings
    }

    /// How many problems there are so far. With it, a section knows whether its own values are all sound.
    pub fn problem_count(&self) -> usize {
        self.problems.len()
    }

    /// Notes what a check of the whole section found.
    pub fn conflicts(&mut self, conflicts: impl IntoIterator<Item = Conflict>) {
        for conflict in conflicts {
            let key = join(&self.prefix, conflict.name);
            let origin = self.origins.of(&key);
            let remedy = format!("set {}", self.names.ways_to_set(&key, false));
            let kind = ProblemKind::Conflict { reason: conflict.reason };
            self.problems.push(Problem { key, origin, kind, accepted: None, rule: None, remedy });
        }
    }

    pub(crate) fn is_section_set(&self) -> bool {
        let below = format!("{}.", self.prefix);
        self.entries.contains_key(&self.prefix)
            || self.entries.range(below.clone()..).next().is_some_and(|(key, _)| key.starts_with(&below))
    }

    fn seek_in_arguments(&mut self, key: &str, raw: &Raw) {
        let (Some(arguments), Some(found), Some(text)) = (self.arguments, &mut self.in_arguments, raw.as_text()) else {
            return;
        };
        let text = text.trim();
        if text.len() >= MIN_SOUGHT_CHARACTERS && arguments.iter().any(|argument| argument.contains(text)) {
            found.insert(key.to_owned());
        }
    }

    fn default<T: SettingValue>(&mut self, spec: &FieldSpec, key: &str) -> Option<T> {
        let Some(text) = spec.default else { return T::absent() };
        match parse(spec, &Raw::text(text), |_| Ok::<(), String>(())) {
            Ok(value) => Some(value),
            Err(_) => {
                self.problems.push(Problem {
                    key: key.to_owned(),
                    origin: Origin::Default,
                    kind: ProblemKind::Defect,
                    accepted: Some(accepted(&T::value_type(), spec.range)),
                    rule: None,
                    remedy: format!("correct the field `{}` of {}", spec.field, spec.owner),
                });
                None
            }
        }
    }

    fn missing<T: SettingValue>(&mut self, spec: &FieldSpec, key: &str) {
        self.problems.push(Problem {
            key: key.to_owned(),
            origin: Origin::Default,
            kind: ProblemKind::Missing,
            accepted: Some(accepted(&T::value_type(), spec.range)),
            rule: T::SECRET.then_some(MISSING_SECRET),
            remedy: format!("set {}", self.names.ways_to_set(key, T::SECRET)),
        });
    }

    fn refused<T: SettingValue>(&mut self, spec: &FieldSpec, key: &str, origin: &Origin, refusal: Refusal) {
        let mut rule = T::SECRET.then_some(MALFORMED_SECRET);
        let kind = match refusal {
            Refusal::OutOfRange => ProblemKind::OutOfRange,
            Refusal::Defect => ProblemKind::Defect,
            Refusal::Malformed(malformed) => {
                rule = malformed.rule.or(rule);
                match (malformed.found, malformed.reason) {
                    (Some(found), _) => ProblemKind::TypeMismatch { found },
                    (None, reason) => ProblemKind::Malformed { reason: reason.map(Cow::into_owned) },
                }
            }
        };
        self.problems.push(Problem {
            key: key.to_owned(),
            origin: origin.clone(),
            kind,
            accepted: Some(accepted(&T::value_type(), spec.range)),
            rule,
            remedy: format!("set {}", self.names.ways_to_set(key, T::SECRET)),
        });
    }
}

enum Refusal {
    Malformed(Malformed),
    OutOfRange,
    Defect,
}

fn parse<T, E>(spec: &FieldSpec, raw: &Raw, check: impl FnOnce(&T) -> Result<(), E>) -> Result<T, Refusal>
where
    T: SettingValue,
    E: Into<Cow<'static, str>>,
{
    // What the examples write where a value belongs.
    if raw.as_text().is_some_and(|text| text.trim() == placeholder(&T::value_type())) {
        return Err(Refusal::Malformed(Malformed::because("is the placeholder of the example")));
    }
    let value = T::from_raw(raw).map_err(Refusal::Malformed)?;
    match spec.range.map(|range| value.is_within(range)) {
        None | Some(Ok(true)) => {}
        Some(Ok(false)) => return Err(Refusal::OutOfRange),
        Some(Err(_)) => return Err(Refusal::Defect),
    }
    check(&value).map_err(|reason| Refusal::Malformed(Malformed::because(reason)))?;
    Ok(value)
}

/// The default of a field, for the `Default` that the derive writes.
///
/// # Panics
/// When the declared default is not of its own type or range: a defect of the program, which the first use shows, and which
/// loading reports as a problem instead.
pub fn default_of<T: SettingValue>(spec: &FieldSpec) -> T {
    let value = match spec.default {
        Some(text) => parse(spec, &Raw::text(text), |_: &T| Ok::<(), String>(())).ok(),
        None => T::absent(),
    };
    #[expect(clippy::panic, reason = "a literal in the source that is wrong is wrong on every run")]
    value.unwrap_or_else(|| panic!("the default of `{}` in {} is not valid", spec.field, spec.owner))
}
