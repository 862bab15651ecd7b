//! What can be known of a configuration and its secrets.

use std::path::PathBuf;

use crate::config::Profile;
use crate::hardening::{Observed, Source};
use crate::secret::KeyStrength;

/// What is known of a loaded configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigFacts {
    /// The profile it was loaded for.
    pub profile: Profile,
    /// Every setting that is a secret.
    pub secrets: Vec<SecretFacts>,
    /// Every other setting whose value was refused.
    pub refused: Vec<RefusedSetting>,
    /// Every file that holds a secret.
    pub files: Vec<SecretFileFacts>,
}

/// What is known of one secret. Never the secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SecretFacts {
    /// Its dotted key.
    pub key: String,
    /// The ways to set it, for a remedy.
    pub ways_to_set: String,
    /// Whether it has to be given in this profile.
    pub required: bool,
    /// How it stands.
    pub state: Observed<SecretState>,
    /// How strong the keys in it are, where it holds keys.
    pub strengths: Vec<Observed<KeyStrength>>,
    /// Whether the command line shows it, which every user of the machine can read; `None` where there is no command line to
    /// look at.
    pub in_arguments: Option<Observed<bool>>,
}

/// How a secret stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SecretState {
    /// Given, and of the form that is accepted.
    Present,
    /// Not given, or given as a file that can't be read.
    Missing,
    /// Given and refused.
    Refused {
        /// What is wrong, in words that follow its key.
        reason: String,
    },
}

/// A setting whose value was refused, secret or not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefusedSetting {
    /// Its dotted key.
    pub key: String,
    /// What is wrong, in words that follow its key.
    pub reason: String,
    /// Where its value comes from.
    pub source: Source,
}

/// What is known of a file that holds a secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SecretFileFacts {
    /// Where it is.
    pub path: PathBuf,
    /// What it is.
    pub kind: SecretFileKind,
    /// Its permission bits, links followed.
    pub mode: Observed<u32>,
    /// The permission bits of its folder.
    pub folder_mode: Observed<u32>,
}

/// What a file that holds a secret is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SecretFileKind {
    /// A file of settings, among them a secret: `archi.toml`, `.env`. It lies in a folder with other things.
    Settings,
    /// A file of its own: a key, or a value that a `…_FILE` variable names.
    Secret,
}
