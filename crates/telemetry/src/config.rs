//! Settings of the log.

use std::convert::Infallible;
use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use archirust_core::config::{Profile, SettingEnum, Settings};

use crate::logs::filter;
use crate::redact::normal_name;

/// What is logged, how, and what is masked in it.
#[derive(Clone, Debug, Settings)]
pub struct LogSettings {
    /// How a line looks.
    #[setting(default = "auto")]
    pub format: LogFormat,
    /// What is logged: a level (`off`, `error`, `warn`, `info`, `debug`, `trace`), or levels by target: `info,sqlx=warn`.
    #[setting(default = "info", validate = check_level)]
    pub level: String,
    /// Names of more fields whose values are masked. A name covers every longer one that ends with it; case, hyphens and
    /// underscores don't matter.
    #[setting(default = "[]", validate = check_names)]
    pub redact_fields: Vec<String>,
    /// Whether e-mail addresses are masked; the domain is left.
    #[setting(default = false)]
    pub redact_email: bool,
    /// Whether telephone numbers are masked.
    #[setting(default = false)]
    pub redact_phone: bool,
    /// Where lines go: `stdout`, or the path of a file, which is appended to and has mode 0640. The file
    /// is kept open: rotate it by copy and truncate.
    #[setting(default = "stdout")]
    pub output: LogOutput,
}

/// How a line looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, SettingEnum)]
pub enum LogFormat {
    /// Readable in the profile `development`, JSON in all others.
    Auto,
    /// One JSON object per line, for machines.
    Json,
    /// For people.
    Pretty,
}

impl LogFormat {
    /// The format in a profile: [`LogFormat::Json`] or [`LogFormat::Pretty`].
    #[must_use]
    pub fn effective(self, profile: Profile) -> Self {
        match (self, profile) {
            (Self::Auto, Profile::Development) => Self::Pretty,
            (Self::Auto, _) => Self::Json,
            (format, _) => format,
        }
    }
}

/// Where lines go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LogOutput {
    /// The standard output.
    Stdout,
    /// A file.
    File(PathBuf),
}

impl FromStr for LogOutput {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Infallible> {
        Ok(if text.is_empty() || text == "stdout" { Self::Stdout } else { Self::File(text.into()) })
    }
}

impl fmt::Display for LogOutput {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Stdout => f.write_str("stdout"),
            Self::File(path) => write!(f, "{}", path.display()),
        }
    }
}

archirust_core::setting_from_str!(LogOutput, "log output", "stdout or the path of a file");

#[expect(clippy::ptr_arg, reason = "the derive hands over what the field holds")]
fn check_level(level: &String) -> Result<(), String> {
    filter::parse(level).map(|_| ())
}

#[expect(clippy::ptr_arg, reason = "the derive hands over what the field holds")]
fn check_names(names: &Vec<String>) -> Result<(), &'static str> {
    if names.iter().any(|name| normal_name(name).is_empty()) {
        return Err("has a name without a letter a to z, which would mask nothing");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_profile_decides_on_the_format_unless_it_is_set() {
        assert_eq!(LogFormat::Auto.effective(Profile::Development), LogFormat::Pretty);
        assert_eq!(LogFormat::Auto.effective(Profile::Staging), LogFormat::Json);
        assert_eq!(LogFormat::Auto.effective(Profile::Production), LogFormat::Json);
        assert_eq!(LogFormat::Pretty.effective(Profile::Production), LogFormat::Pretty);
        assert_eq!(LogFormat::Json.effective(Profile::Development), LogFormat::Json);
    }

    #[test]
    fn the_output_is_stdout_or_a_path() {
        assert_eq!("stdout".parse(), Ok(LogOutput::Stdout));
        assert_eq!("".parse(), Ok(LogOutput::Stdout));
        assert_eq!("/var/log/x".parse(), Ok(LogOutput::File("/var/log/x".into())));
        assert_eq!(LogOutput::File("/var/log/x".into()).to_string(), "/var/log/x");
        assert_eq!(LogSettings::default().output.to_string(), "stdout");
    }

    #[test]
    fn a_name_that_masks_nothing_is_refused() {
        assert!(check_names(&vec!["national-code".to_owned()]).is_ok());
        assert!(check_names(&vec!["ok".to_owned(), "_1".to_owned()]).is_err());
    }
}
