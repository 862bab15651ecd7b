//! The gate before anything is opened: the configuration, and what it shows of the rules.

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use archirust_core::clock::{Clock, SystemClock};
use archirust_core::config::{Loading, Origins, Problem, Profile, Settings};
use archirust_core::facts::ConfigFacts;
use archirust_core::hardening::{Gate, Report};
use archirust_core::random::{Random, SystemRandom};
use archirust_core::{Error, Result, probe};
use archirust_telemetry::Logs;

use super::{App, Identity, Start, checks};
use crate::keys::{self, DevelopmentKeys};
use crate::{Exit, ServiceSettings};

/// Settings that passed the gate.
pub(crate) struct Prepared<S> {
    pub(crate) app: App,
    pub(crate) identity: Identity,
    pub(crate) settings: S,
    pub(crate) origins: Origins,
    pub(crate) config: ConfigFacts,
    pub(crate) keys: DevelopmentKeys,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) random: Arc<dyn Random>,
    pub(crate) logs: Logs,
}

impl<S> Prepared<S>
where
    S: Settings + AsRef<ServiceSettings> + AsMut<ServiceSettings>,
{
    pub(crate) fn new(app: &App) -> Result<Self, Refusal> {
        let mut loading = app.loader().load::<S>();
        let (clock, random) = (SystemClock::shared(), SystemRandom::shared());
        let failed = |error: &Error| Refusal::of_error(app.name, error, Exit::of_error(error));

        // Keys are made only where nothing else is wrong, so that a start that fails leaves nothing behind.
        let keys = match &mut loading.settings {
            Some(settings) if loading.profile == Profile::Development && loading.problems.is_empty() => {
                keys::complete(settings.as_mut(), &*random).map_err(|error| failed(&error))?
            }
            _ => DevelopmentKeys::default(),
        };
        let config = facts(&loading, &keys.files);
        let report = first_report(app, &loading, &config, &*clock);
        if !loading.problems.is_empty() || !report.allows_start() {
            return Err(Refusal::of_settings(app.name, &loading.problems, &report));
        }
        let Loading { settings: Some(settings), origins, profile, .. } = loading else {
            return Err(Refusal::of_settings(app.name, &[], &report));
        };
        let logs = Logs::new(&settings.as_ref().log, profile, app.name).map_err(|error| failed(&error))?;
        let identity = Identity { name: app.name, version: app.version, profile };
        Ok(Self { app: app.clone(), identity, settings, origins, config, keys, clock, random, logs })
    }

    /// Turns the logs on; from here on every line is redacted.
    pub(crate) fn open(self) -> Result<Start<S>> {
        Start::new(self)
    }
}

/// What the settings show, with the modes of all files that hold a key.
pub(super) fn facts<S: Settings + AsRef<ServiceSettings>>(loading: &Loading<S>, made: &[PathBuf]) -> ConfigFacts {
    let named = loading.settings.as_ref().map(|settings| checks::key_files(settings.as_ref())).unwrap_or_default();
    probe::probe_with_files(loading, made.iter().cloned().chain(named))
}

/// What can be said before anything is opened. What needs a connection or a key is judged later.
pub(super) fn first_report<S>(app: &App, loading: &Loading<S>, config: &ConfigFacts, clock: &dyn Clock) -> Report
where
    S: Settings + AsRef<ServiceSettings>,
{
    let mut gate = Gate::new(loading.profile, clock).with_waivers(&app.waivers());
    gate.know(crate::catalogue());
    gate.check("settings", config, archirust_core::rules::RULES);
    if let Some(settings) = &loading.settings {
        checks::of_settings(&mut gate, settings.as_ref(), &loading.origins, loading.profile, app.name);
    }
    gate.finish()
}

/// Why a service does not start.
pub(crate) struct Refusal {
    text: String,
    exit: Exit,
}

impl Refusal {
    pub(crate) fn of_error(name: &str, error: &Error, exit: Exit) -> Self {
        Self { text: format!("{name} does not start: {}", error.report()), exit }
    }

    pub(crate) fn of_report(name: &str, report: &Report) -> Self {
        let text =
            format!("{name} does not start in {}, because rules do not hold:\n\n{}", report.profile, report.refusal());
        Self { text, exit: Exit::of_report(report) }
    }

    fn of_settings(name: &str, problems: &[Problem], report: &Report) -> Self {
        if problems.is_empty() {
            return Self::of_report(name, report);
        }
        let count = problems.len();
        let mut text = format!(
            "{name} does not start in {}: {count} problem{} in the settings",
            report.profile,
            if count == 1 { "" } else { "s" }
        );
        for problem in problems {
            text.push_str(&format!("\n\n{problem}"));
        }
        if !report.allows_start() {
            text.push_str(&format!("\n\nrules that do not hold:\n\n{}", report.refusal()));
        }
        Self { text, exit: Exit::Configuration }
    }

    /// Says it on standard error: nobody reads the logs of a service that did not start.
    #[expect(clippy::print_stderr, reason = "there are no logs yet, and an operator waits for an answer")]
    pub(crate) fn say(&self) -> ExitCode {
        eprintln!("{}", self.text);
        self.exit.into()
    }
}
