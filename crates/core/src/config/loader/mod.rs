//! Where settings come from, and their way into a typed struct.

mod dotenv;
mod files;
mod given;
mod index;
mod run;
mod toml_file;
mod variables;

use std::fmt;
use std::path::PathBuf;

use zeroize::Zeroizing;

use super::loading::Loading;
use super::names::Names;
use super::reader::{Entry, Reader};
use super::{Profile, Raw, Settings};
use given::Layers;
use index::{Index, PROFILE_KEY};
use run::Run;

/// Collects the sources and reads settings from them.
///
/// Later sources win: the defaults, `archi.toml`, `archi.<profile>.toml`, `.env` (in `development` only), and the variables
/// `ARCHI__SECTION__KEY`. Each of the last four may name a file that holds the value instead: `ARCHI__SECTION__KEY_FILE`, or
/// `key_file = "…"` in TOML; to give both in one source (all variables are one) is an error.
///
/// A relative path of such a file is meant from the folder of the file that names it, or from the current one in a variable of
/// the process.
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
    /// The command line, to see whether it shows a secret.
    arguments: Option<Vec<Zeroizing<String>>>,
}

impl Loader {
    /// A loader for an application whose variables start with `prefix`: `ARCHI`. Files are named by the same word in lower
    /// case, see [`Loader::base_name`], and are looked for in the current folder. The environment is empty until it is given.
    pub fn new(prefix: impl AsRef<str>) -> Self {
        let prefix = prefix.as_ref();
        let names = Names::new(prefix, &prefix.to_ascii_lowercase());
        Self { names, directory: PathBuf::new(), file: None, profile: None, environment: Vec::new(), arguments: None }
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

    /// The command line, which every user of the machine can read: a secret in it breaks ARCHI-CFG-013. No setting is read
    /// from it.
    #[must_use]
    pub fn arguments(mut self, arguments: impl IntoIterator<Item = String>) -> Self {
        self.arguments = Some(arguments.into_iter().map(Zeroizing::new).collect());
        self
    }

    /// The variables and the command line of this process.
    #[must_use]
    pub fn process_environment(mut self) -> Self {
        self = self.arguments(std::env::args_os().map(|argument| argument.to_string_lossy().into_owned()));
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
        let mut run = Run::new(self, &index);
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
        let mut reader = Reader::new(&entries, profile, &self.names, self.arguments.as_deref());
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
