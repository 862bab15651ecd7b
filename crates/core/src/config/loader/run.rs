//! One run over all sources.

use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use crate::config::loading::{SourceFile, SourceKind};
use crate::config::problem::{Problem, ProblemKind};
use crate::config::reader::{Entries, Entry};
use crate::config::value::secret::{MALFORMED_SECRET, MISSING_SECRET};
use crate::config::{Origin, Profile, Raw, SettingValue};

use super::Loader;
use super::dotenv;
use super::files::{MAX_SETTINGS_BYTES, Unreadable, read_text, read_value};
use super::given::{Form, Given, Layers};
use super::index::{Index, PROFILE_KEY};
use super::toml_file::{self, TomlFile};
use super::variables::{self, Variable};

/// One run of [`Loader::load`].
pub(super) struct Run<'a> {
    loader: &'a Loader,
    index: &'a Index,
    pub(super) problems: Vec<Problem>,
    pub(super) files: Vec<SourceFile>,
}

impl<'a> Run<'a> {
    pub(super) fn new(loader: &'a Loader, index: &'a Index) -> Self {
        Self { loader, index, problems: Vec::new(), files: Vec::new() }
    }

    pub(super) fn lay(&mut self, layers: &mut Layers, given: Vec<Given>) {
        layers.lay(given, &mut self.problems);
    }

    pub(super) fn toml(&mut self, path: &Path, must_exist: bool) -> TomlFile {
        let Some(text) = self.read_settings(path, must_exist) else { return TomlFile::default() };
        let file = toml_file::read(&text, path, self.index, &self.loader.names, &mut self.problems);
        self.files.push(SourceFile::new(path, SourceKind::Toml, file.holds_secret));
        file
    }

    /// The variables of `.env` and, over them, those of the environment.
    pub(super) fn variables(&mut self, profile: Profile) -> Vec<Given> {
        let mut dotenv = Layers::default();
        let path = self.loader.directory.join(".env");
        if profile == Profile::Development {
            let given = self.dotenv(&path, profile);
            self.lay(&mut dotenv, given);
        } else if path.is_file() {
            self.files.push(SourceFile::new(&path, SourceKind::Dotenv, true));
        }
        let names = &self.loader.names;
        let mut given = Vec::new();
        for (name, value) in &self.loader.environment {
            let variable = Variable { name, value: value.clone(), origin: Origin::Variable(name.clone()) };
            given.extend(variables::read(variable, self.index, names, &mut self.problems));
        }
        // A variable of the environment replaces the one of the same form in `.env`; one of the other form contradicts it.
        for former in dotenv.into_values() {
            let same_form = |other: &Given| {
                other.key == former.key && matches!(former.form, Form::File(_)) == matches!(other.form, Form::File(_))
            };
            if !given.iter().any(same_form) {
                given.push(former);
            }
        }
        given
    }

    fn dotenv(&mut self, path: &Path, profile: Profile) -> Vec<Given> {
        let Some(text) = self.read_settings(path, false) else { return Vec::new() };
        self.files.push(SourceFile::new(path, SourceKind::Dotenv, true));
        let (assignments, errors) = dotenv::parse(&text);
        for error in errors {
            self.problems.push(Problem {
                key: path.display().to_string(),
                origin: Origin::File { path: path.to_owned(), line: error.line },
                kind: ProblemKind::Syntax { reason: error.reason, column: error.column },
                accepted: None,
                rule: None,
                remedy: format!("correct line {} of {}", error.line, path.display()),
            });
        }
        let names = &self.loader.names;
        let mut given = Vec::new();
        for assignment in assignments {
            let origin = Origin::File { path: path.to_owned(), line: assignment.line };
            if assignment.name == names.profile_variable() {
                if assignment.value.as_str() != profile.name() {
                    self.refuse_profile(Some(origin));
                }
                continue;
            }
            let variable = Variable { name: &assignment.name, value: Some(assignment.value), origin };
            let mut read = variables::read(variable, self.index, names, &mut self.problems);
            if let Some(Given { form: Form::File(file), .. }) = &mut read
                && !file.as_os_str().is_empty()
            {
                *file = self.loader.directory.join(&*file);
            }
            given.extend(read);
        }
        given
    }

    fn read_settings(&mut self, path: &Path, must_exist: bool) -> Option<Zeroizing<String>> {
        match read_text(path, MAX_SETTINGS_BYTES) {
            Ok(text) => Some(text),
            Err(Unreadable::NotFound) if !must_exist => None,
            Err(unreadable) => {
                let remedy = match unreadable {
                    Unreadable::NotFound => "write it, or name another file",
                    _ => "make it a text file that this user may read, or move it away",
                };
                self.problems.push(Problem {
                    key: path.display().to_string(),
                    origin: Origin::Default,
                    kind: ProblemKind::Unreadable { reason: unreadable.reason() },
                    accepted: None,
                    rule: None,
                    remedy: remedy.to_owned(),
                });
                None
            }
        }
    }

    /// The profile and its origin. An unknown one is a problem and counts as production, the strictest.
    pub(super) fn profile(&mut self, in_file: Option<(Raw, Origin)>) -> (Profile, Origin) {
        if let Some(profile) = self.loader.profile {
            return (profile, Origin::Caller);
        }
        let names = &self.loader.names;
        let variable = names.profile_variable();
        let given = self.loader.environment.iter().find(|(name, _)| *name == variable);
        let (raw, origin) = match (given, in_file) {
            (Some((_, value)), _) => (value.clone().map(Raw::Text), Origin::Variable(variable)),
            (None, Some((raw, origin))) => (Some(raw), origin),
            (None, None) => return (Profile::Production, Origin::Default),
        };
        match raw.map(|raw| Profile::from_raw(&raw)) {
            Some(Ok(profile)) => (profile, origin),
            _ => {
                self.problems.push(Problem {
                    key: PROFILE_KEY.to_owned(),
                    origin: origin.clone(),
                    kind: ProblemKind::Malformed { reason: Some("is unknown".to_owned()) },
                    accepted: Some(Profile::value_type().accepted.into_owned()),
                    rule: None,
                    remedy: format!("set {}", names.ways_to_set_profile()),
                });
                (Profile::Production, origin)
            }
        }
    }

    pub(super) fn refuse_profile(&mut self, origin: Option<Origin>) {
        let Some(origin) = origin else { return };
        self.problems.push(Problem {
            key: PROFILE_KEY.to_owned(),
            origin,
            kind: ProblemKind::Conflict { reason: "can't be chosen here".to_owned() },
            accepted: None,
            rule: None,
            remedy: format!("set {}", self.loader.names.ways_to_set_profile()),
        });
    }

    /// Reads the files that hold values, and only those that no later source replaced.
    pub(super) fn entries(&mut self, layers: Layers) -> Entries {
        let mut entries = Entries::new();
        for Given { key, form, origin } in layers.into_values() {
            let entry = match form {
                Form::Value(raw) => Entry { raw: Some(raw), origin },
                Form::Broken => Entry { raw: None, origin },
                Form::File(path) => self.value_file(&key, path, origin),
            };
            entries.insert(key, entry);
        }
        entries
    }

    fn value_file(&mut self, key: &str, path: PathBuf, named_by: Origin) -> Entry {
        let secret = self.index.field(key).is_some_and(|field| field.secret);
        let (read, origin) = if path.as_os_str().is_empty() {
            (Err(Unreadable::Content("has no name".to_owned())), named_by)
        } else {
            self.files.push(SourceFile::new(&path, SourceKind::Value, secret));
            (read_value(&path), Origin::SecretFile { path, named_by: Box::new(named_by) })
        };
        let raw = match read {
            Ok(text) => Some(Raw::Text(text)),
            Err(unreadable) => {
                let rule = match unreadable {
                    Unreadable::Content(_) => MALFORMED_SECRET,
                    Unreadable::NotFound | Unreadable::Refused(_) => MISSING_SECRET,
                };
                self.problems.push(Problem {
                    key: key.to_owned(),
                    origin: origin.clone(),
                    kind: ProblemKind::Unreadable {
                        reason: format!("is given as a file that {}", unreadable.reason()),
                    },
                    accepted: None,
                    rule: secret.then_some(rule),
                    remedy: format!("mend the file, or set {}", self.loader.names.ways_to_set(key, secret)),
                });
                None
            }
        };
        Entry { raw, origin }
    }
}
