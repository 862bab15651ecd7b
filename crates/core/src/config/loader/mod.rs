//! Where settings come from, and their way into a typed struct.

mod dotenv;
mod files;
mod given;
mod index;
mod toml_file;
mod variables;

use std::fmt;
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use super::loading::{Loading, SourceFile, SourceKind};
use super::names::Names;
use super::problem::{Problem, ProblemKind};
use super::reader::{Entries, Entry, Reader};
use super::value::secret::{MALFORMED_SECRET, MISSING_SECRET};
use super::{Origin, Profile, Raw, SettingValue, Settings};
use files::{MAX_SETTINGS_BYTES, Unreadable, read_text, read_value};
use given::{Form, Given, Layers};
use index::{Index, PROFILE_KEY};
use toml_file::TomlFile;
use variables::Variable;

/// Collects the sources and reads settings from them.
///
/// Later sources win: the defaults, `archi.toml`, `archi.<profile>.toml`, `.env` (in `development` only), and the variables
/// `ARCHI__SECTION__KEY`. Each of the last four may name a file that holds the value instead: `ARCHI__SECTION__KEY_FILE`, or
/// `key_file = "…"` in TOML; to give both in one source (all variables are one) is an error.
///
/// The profile is that of [`Loader::profile`], of the variable `ARCHI_PROFILE`, of `profile = "…"` at the top of
/// `archi.toml`, or `production`. `.env` can't choose it, since it is read in one profile only.
///
/// ```
/// use archirust_core::config::{Loader, Settings};
///
/// /// Settings of the service.
/// #[derive(Debug, Settings)]
/// struct ServiceSettings {
///     /// How long a request may take.
///     #[setting(default = "30s", range = "1s..=5m")]
///     timeout: std::time::Duration,
/// }
///
/// let environment = [("ARCHI__TIMEOUT".to_owned(), "10s".to_owned())];
/// let loaded = Loader::new("ARCHI").environment(environment).load::<ServiceSettings>().into_result()?;
/// assert_eq!(loaded.settings.timeout.as_secs(), 10);
/// assert_eq!(loaded.origins.of("timeout").to_string(), "variable ARCHI__TIMEOUT");
/// # Ok::<(), archirust_core::config::ConfigErrors>(())
/// ```
#[derive(Clone)]
pub struct Loader {
    names: Names,
    directory: PathBuf,
    file: Option<PathBuf>,
    profile: Option<Profile>,
    /// Only those with the prefix: the others are none of our business and may be secrets.
    environment: Vec<(String, Option<Zeroizing<String>>)>,
}

impl Loader {
    /// A loader for an application whose variables start with `prefix`: `ARCHI`. Files are named by the same word in lower
    /// case, see [`Loader::base_name`], and are looked for in the current folder. The environment is empty until it is given.
    pub fn new(prefix: impl AsRef<str>) -> Self {
        let prefix = prefix.as_ref();
        let names = Names::new(prefix, &prefix.to_ascii_lowercase());
        Self { names, directory: PathBuf::new(), file: None, profile: None, environment: Vec::new() }
    }

    /// The first part of the names of files: `archi` for `archi.toml` and `archi.production.toml`.
    #[must_use]
    pub fn base_name(mut self, base: impl AsRef<str>) -> Self {
        self.names = self.names.with_base(base.as_ref());
        self
    }

    /// The folder of `archi.toml`, `archi.<profile>.toml` and `.env`.
    #[must_use]
    pub fn directory(mut self, directory: impl Into<PathBuf>) -> Self {
        self.directory = directory.into();
        self
    }

    /// The file to read in place of `archi.toml`. One that is named like this must exist.
    #[must_use]
    pub fn file(mut self, path: impl Into<PathBuf>) -> Self {
        self.file = Some(path.into());
        self
    }

    /// The variables. Only those that start with the prefix are kept.
    #[must_use]
    pub fn environment(mut self, variables: impl IntoIterator<Item = (String, String)>) -> Self {
        for (name, value) in variables {
            let value = Zeroizing::new(value);
            self.keep_variable(name, Some(value));
        }
        self
    }

    /// The variables of this process.
    #[must_use]
    pub fn process_environment(mut self) -> Self {
        for (name, value) in std::env::vars_os() {
            if let Ok(name) = name.into_string() {
                self.keep_variable(name, value.into_string().ok().map(Zeroizing::new));
            }
        }
        self
    }

    /// The profile, whatever the sources say: for tools that look at another one's settings.
    #[must_use]
    pub fn profile(mut self, profile: Profile) -> Self {
        self.profile = Some(profile);
        self
    }

    /// Reads the settings and everything that is wrong with them.
    ///
    /// Lenient by design: a setting with a problem has its default in [`Loading::settings`], so that rules can judge the rest
    /// and one list shows it all. [`Loading::into_result`] is the strict end.
    pub fn load<T: Settings>(&self) -> Loading<T> {
        let index = Index::of::<T>();
        let mut run = Run { loader: self, index: &index, problems: Vec::new(), files: Vec::new() };
        let mut layers = Layers::default();

        let base = self.file.clone().unwrap_or_else(|| self.directory.join(self.names.base_file()));
        let mut file = run.toml(&base, self.file.is_some());
        let (profile, profile_origin) = run.profile(file.profile.take());
        run.lay(&mut layers, file.given);

        let mut file = run.toml(&self.directory.join(self.names.profile_file(profile)), false);
        run.refuse_profile(file.profile.take().map(|(_, origin)| origin));
        run.lay(&mut layers, file.given);

        let variables = run.variables(profile);
        run.lay(&mut layers, variables);

        let mut entries = run.entries(layers);
        // A struct may have the profile as its first field; the loader has already read it.
        if index.field(PROFILE_KEY).is_some() {
            let raw = Some(Raw::text(profile.name()));
            entries.insert(PROFILE_KEY.to_owned(), Entry { raw, origin: profile_origin.clone() });
        }
        let mut reader = Reader::new(&entries, profile, &self.names);
        let settings = T::read(&mut reader);

        reader.origins.record(PROFILE_KEY, profile_origin);
        let mut loading = Loading::new(settings, profile, reader, run.problems);
        loading.files = run.files;
        loading
    }

    fn keep_variable(&mut self, name: String, value: Option<Zeroizing<String>>) {
        if name.starts_with(&self.names.single_prefix()) {
            self.environment.retain(|(former, _)| *former != name);
            self.environment.push((name, value));
        }
    }
}

/// Names the prefix and the folder; the environment stays out of it.
impl fmt::Debug for Loader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Loader").field("names", &self.names).field("directory", &self.directory).finish_non_exhaustive()
    }
}

/// One run of [`Loader::load`].
struct Run<'a> {
    loader: &'a Loader,
    index: &'a Index,
    problems: Vec<Problem>,
    files: Vec<SourceFile>,
}

impl Run<'_> {
    fn lay(&mut self, layers: &mut Layers, given: Vec<Given>) {
        layers.lay(given, &mut self.problems);
    }

    fn toml(&mut self, path: &Path, must_exist: bool) -> TomlFile {
        let Some(text) = self.read_settings(path, must_exist) else { return TomlFile::default() };
        let file = toml_file::read(&text, path, self.index, &self.loader.names, &mut self.problems);
        self.files.push(SourceFile::new(path, SourceKind::Toml, file.holds_secret));
        file
    }

    /// The variables of `.env` and, over them, those of the environment.
    fn variables(&mut self, profile: Profile) -> Vec<Given> {
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
                self.problems.push(Problem {
                    key: path.display().to_string(),
                    origin: Origin::Default,
                    kind: ProblemKind::Unreadable { reason: unreadable.reason() },
                    accepted: None,
                    rule: None,
                    remedy: format!("make it a text file that this user may read, or move {} away", path.display()),
                });
                None
            }
        }
    }

    /// The profile and its origin. An unknown one is a problem and counts as production, the strictest.
    fn profile(&mut self, in_file: Option<(Raw, Origin)>) -> (Profile, Origin) {
        if let Some(profile) = self.loader.profile {
            return (profile, Origin::Default);
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
                    kind: ProblemKind::Malformed { reason: Some("is not a profile".to_owned()) },
                    accepted: Some(Profile::value_type().accepted.into_owned()),
                    rule: None,
                    remedy: format!("set {}", names.ways_to_set_profile()),
                });
                (Profile::Production, origin)
            }
        }
    }

    fn refuse_profile(&mut self, origin: Option<Origin>) {
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
    fn entries(&mut self, layers: Layers) -> Entries {
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
        self.files.push(SourceFile::new(&path, SourceKind::Value, secret));
        let read = read_value(&path);
        let origin = Origin::SecretFile { path, named_by: Box::new(named_by) };
        match read {
            Ok(text) => Entry { raw: Some(Raw::Text(text)), origin },
            Err(unreadable) => {
                let rule = match unreadable {
                    Unreadable::Content(_) => MALFORMED_SECRET,
                    Unreadable::NotFound | Unreadable::Refused(_) => MISSING_SECRET,
                };
                self.problems.push(Problem {
                    key: key.to_owned(),
                    origin: origin.clone(),
                    kind: ProblemKind::Unreadable { reason: format!("has a file that {}", unreadable.reason()) },
                    accepted: None,
                    rule: secret.then_some(rule),
                    remedy: format!("mend the file, or set {}", self.loader.names.ways_to_set(key, secret)),
                });
                Entry { raw: None, origin }
            }
        }
    }
}
