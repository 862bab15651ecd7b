//! The start-up sequence: configuration ⇒ gate ⇒ logs ⇒ adapters with their live rules ⇒ routes ⇒ ready.

mod checks;
mod gate;
mod inspect;
mod service;
mod start;
mod tokens;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use archirust_core::config::{Loader, Profile, Settings};
use archirust_core::{Error, ErrorKind, Result};

use crate::{Exit, ServiceSettings};

pub use inspect::Inspection;
pub use service::Service;
pub use start::Start;
pub use tokens::Tokens;

use gate::Prepared;

/// A service: what it is called, and where its settings are.
#[derive(Clone, Debug)]
pub struct App {
    name: &'static str,
    version: &'static str,
    prefix: &'static str,
    directory: Option<PathBuf>,
}

impl App {
    /// A service with this name and version. Its variables start with `ARCHI`.
    pub fn new(name: &'static str, version: &'static str) -> Self {
        Self { name, version, prefix: "ARCHI", directory: None }
    }

    /// Gives its variables, and in lower case its files, another prefix.
    #[must_use]
    pub fn prefix(mut self, prefix: &'static str) -> Self {
        self.prefix = prefix;
        self
    }

    /// Names the folder of `archi.toml`. Otherwise it is the current one; under `cargo run`, the one of the package where the
    /// current one has no such file.
    #[must_use]
    pub fn directory(mut self, directory: Option<PathBuf>) -> Self {
        self.directory = directory;
        self
    }

    /// What reads its settings.
    pub fn loader(&self) -> Loader {
        Loader::new(self.prefix).directory(self.settings_folder()).process_environment()
    }

    /// Serves until the process is told to stop: `build` makes the routes and takes from [`Start`] what they need.
    ///
    /// Nothing is opened before the configuration is right, and nothing listens before every rule was judged with what the
    /// running parts show; in production, one that does not hold ends the start here. Whatever goes wrong is said on standard
    /// error, with the remedy, and in the exit code ([`Exit`]).
    pub fn serve<S>(self, build: impl AsyncFnOnce(&mut Start<S>) -> Result<Service>) -> ExitCode
    where
        S: Settings + AsRef<ServiceSettings> + AsMut<ServiceSettings>,
    {
        self.enter(async |mut start: Start<S>| {
            let service = build(&mut start).await?;
            service.run(start).await
        })
    }

    /// Does one piece of work with the parts of the service, without serving: a command for its administrator. The settings
    /// and what the configuration alone shows are checked as for [`App::serve`].
    pub fn perform<S>(self, work: impl AsyncFnOnce(&mut Start<S>) -> Result<()>) -> ExitCode
    where
        S: Settings + AsRef<ServiceSettings> + AsMut<ServiceSettings>,
    {
        self.enter(async |mut start: Start<S>| {
            let done = work(&mut start).await;
            start.close().await;
            done.map(|()| Exit::Success)
        })
    }

    fn enter<S>(self, work: impl AsyncFnOnce(Start<S>) -> Result<Exit>) -> ExitCode
    where
        S: Settings + AsRef<ServiceSettings> + AsMut<ServiceSettings>,
    {
        // First thing: without it, the first use of TLS would panic, long after the start.
        if rustls::crypto::aws_lc_rs::default_provider().install_default().is_err() {
            tracing::debug!("a provider for TLS was installed already");
        }
        let prepared = match Prepared::<S>::new(&self) {
            Ok(prepared) => prepared,
            Err(refusal) => return refusal.say(),
        };
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().thread_name(self.name).build();
        let done = runtime
            .map_err(|error| Error::new(ErrorKind::Internal).with_detail("no runtime").with_source(error))
            .and_then(|runtime| runtime.block_on(async { work(prepared.open()?).await }));
        match done {
            Ok(exit) => exit.into(),
            Err(error) => {
                let exit = Exit::of_error(&error);
                gate::Refusal::of_error(self.name, &error, exit).say()
            }
        }
    }

    fn settings_folder(&self) -> PathBuf {
        let file = format!("{}.toml", self.prefix.to_ascii_lowercase());
        match &self.directory {
            Some(directory) => directory.clone(),
            None if Path::new(&file).exists() => PathBuf::new(),
            // Set by `cargo run` for the program it starts.
            None => std::env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from).unwrap_or_default(),
        }
    }

    fn waivers(&self) -> PathBuf {
        self.settings_folder().join(archirust_core::hardening::WaiverFile::NAME)
    }
}

/// What a service is to everything that it starts.
#[derive(Clone, Debug)]
pub(crate) struct Identity {
    pub(crate) name: &'static str,
    pub(crate) version: &'static str,
    pub(crate) profile: Profile,
}
