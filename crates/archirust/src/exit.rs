//! What a process says to whoever started it.

use std::process::ExitCode;

use archirust_core::hardening::{Outcome, Report, WaiverNote};
use archirust_core::{Error, ErrorKind};

/// How a service or tool ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Exit {
    /// All is well.
    Success = 0,
    /// A rule does not hold, or the work failed.
    Failure = 1,
    /// The configuration or the command line is not right.
    Configuration = 2,
    /// A rule could not be judged.
    Incomplete = 3,
    /// The waivers are not valid, or one has expired.
    Waivers = 4,
}

impl Exit {
    /// What a report comes to: the waivers first, since nothing is waived by a broken file.
    pub fn of_report(report: &Report) -> Self {
        if report.notes.iter().any(|note| matches!(note, WaiverNote::Invalid(_) | WaiverNote::Expired(_))) {
            Self::Waivers
        } else if report.count(Outcome::Fail) > 0 {
            Self::Failure
        } else if report.holds() {
            Self::Success
        } else {
            Self::Incomplete
        }
    }

    /// What an error comes to.
    pub fn of_error(error: &Error) -> Self {
        if error.kind() == ErrorKind::Configuration { Self::Configuration } else { Self::Failure }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}
