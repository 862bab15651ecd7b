//! What can be known of the log.

use archirust_core::config::Profile;
use archirust_core::hardening::Observed;

use crate::config::LogFormat;

/// What can be known of the log. What was looked for is named, never shown.
#[derive(Clone, Debug)]
pub struct LogFacts {
    /// The profile that the service runs in.
    pub profile: Observed<Profile>,
    /// How lines look, as the settings say.
    pub format: Observed<LogFormat>,
    /// Secrets that reached a line.
    pub secrets: Observed<Vec<&'static str>>,
    /// Numbers of cards and what else tells of people, that reached a line: what the settings ask to mask.
    pub people: Observed<Vec<&'static str>>,
    /// What lines lack to be read by a machine: nothing if each is a JSON object with all that is expected of it.
    pub missing: Observed<Vec<&'static str>>,
    /// What text in an event could do to the lines: nothing if it stays within its own.
    pub forged: Observed<Vec<&'static str>>,
}
