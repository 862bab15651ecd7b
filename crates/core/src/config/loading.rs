//! The result of loading.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::path::{Path, PathBuf};

use crate::error::{Error, ErrorKind};
use crate::secret::KeyStrength;

use super::names::Names;
use super::problem::{Problem, ProblemKind};
use super::reader::Reader;
use super::{Origins, Profile};

/// Settings, as far as they could be read, and all that is wrong with them.
#[derive(Debug)]
#[non_exhaustive]
pub struct Loading<T> {
    /// The settings. Where a value has a problem, its default stands; `None` when there is a setting without either.
    pub settings: Option<T>,
    /// Every problem: broken files first, then by key.
    pub problems: Vec<Problem>,
    /// Where each value comes from.
    pub origins: Origins,
    /// The profile.
    pub profile: Profile,
    /// The files that were looked into, and those that could be mistaken for one.
    pub files: Vec<SourceFile>,
    /// Every setting of the sections that are there: its effective value as text (of a secret, only how long it is), or
    /// `None` where it has none.
    pub(crate) shown: BTreeMap<String, Option<String>>,
    /// How strong the keys are that were given, accepted or not.
    pub(crate) strengths: BTreeMap<String, Vec<KeyStrength>>,
    /// The secrets that the command line shows; `None` when nobody gave it.
    pub(crate) in_arguments: Option<BTreeSet<String>>,
    names: Names,
}

impl<T> Loading<T> {
    pub(super) fn new(settings: Option<T>, profile: Profile, reader: Reader<'_>, mut problems: Vec<Problem>) -> Self {
        let Reader { problems: found, origins, shown, strengths, names, in_arguments, .. } = reader;
        problems.extend(found);
        // A broken file is the cause of others, so it comes first.
        let rank = |problem: &Problem| !matches!(problem.kind, ProblemKind::Syntax { .. });
        problems.sort_by(|a, b| (rank(a), &a.key, a.line()).cmp(&(rank(b), &b.key, b.line())));
        let names = names.clone();
        Self { settings, problems, origins, profile, files: Vec::new(), shown, strengths, in_arguments, names }
    }

    /// The ways to set a key, in words that follow "set": `ARCHI__JWT__KEY or ARCHI__JWT__KEY_FILE`.
    pub fn ways_to_set(&self, key: &str, secret: bool) -> String {
        self.names.ways_to_set(key, secret)
    }

    /// The settings, when nothing is wrong with them.
    ///
    /// # Errors
    /// Every problem.
    pub fn into_result(self) -> Result<Loaded<T>, ConfigErrors> {
        match self.settings {
            Some(settings) if self.problems.is_empty() => {
                Ok(Loaded { settings, origins: self.origins, profile: self.profile })
            }
            _ => Err(ConfigErrors { problems: self.problems }),
        }
    }
}

/// Settings with nothing wrong.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Loaded<T> {
    /// The settings.
    pub settings: T,
    /// Where each value comes from.
    pub origins: Origins,
    /// The profile.
    pub profile: Profile,
}

/// Everything that is wrong with a configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigErrors {
    /// The problems, sorted.
    pub problems: Vec<Problem>,
}

impl fmt::Display for ConfigErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let count = self.problems.len();
        write!(f, "{count} problem{} in the configuration", if count == 1 { "" } else { "s" })?;
        for problem in &self.problems {
            write!(f, "\n{problem}")?;
        }
        Ok(())
    }
}

impl std::error::Error for ConfigErrors {}

impl From<ConfigErrors> for Error {
    fn from(errors: ConfigErrors) -> Self {
        Self::new(ErrorKind::Configuration).with_source(errors)
    }
}

/// A file that was looked into.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct SourceFile {
    /// Where it is.
    pub path: PathBuf,
    /// What it is.
    pub kind: SourceKind,
    /// Whether it holds a secret; `.env` is taken to.
    pub holds_secret: bool,
}

impl SourceFile {
    pub(super) fn new(path: &Path, kind: SourceKind, holds_secret: bool) -> Self {
        Self { path: path.to_owned(), kind, holds_secret }
    }
}

/// What a file is to the configuration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SourceKind {
    /// A TOML file of settings.
    Toml,
    /// `.env`, read or not.
    Dotenv,
    /// A file that holds one value.
    Value,
}
