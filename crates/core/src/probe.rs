//! How the facts of a configuration are learnt: from what loading saw, and from the file system.

use std::path::{Path, PathBuf};

use crate::config::{FieldInfo, Loading, Problem, ProblemKind, Settings, SourceKind};
use crate::config::{MISSING_SECRET, WEAK_KEY};
use crate::facts::{ConfigFacts, RefusedSetting, SecretFacts, SecretFileFacts, SecretFileKind, SecretState};
use crate::hardening::{Observed, Source};

/// The facts of a configuration, as it was loaded, with the modes of the files that hold its secrets.
pub fn probe<T: Settings>(loading: &Loading<T>) -> ConfigFacts {
    probe_with_files(loading, std::iter::empty::<PathBuf>())
}

/// As [`probe`], with further files that hold a secret, such as keys that the service made itself.
pub fn probe_with_files<T: Settings>(
    loading: &Loading<T>,
    secret_files: impl IntoIterator<Item = impl Into<PathBuf>>,
) -> ConfigFacts {
    let schema = T::schema();
    let secrets = schema.iter().filter(|field| field.secret).map(|field| secret(loading, field));
    let refused = loading
        .problems
        .iter()
        .filter(|problem| is_refusal(problem) && !schema.iter().any(|field| field.secret && field.key == problem.key));
    let mut files: Vec<(PathBuf, SecretFileKind)> = Vec::new();
    let mut add = |path: PathBuf, kind| {
        if !files.iter().any(|(known, _)| *known == path) {
            files.push((path, kind));
        }
    };
    for file in loading.files.iter().filter(|file| file.holds_secret) {
        let kind = match file.kind {
            SourceKind::Value => SecretFileKind::Secret,
            SourceKind::Toml | SourceKind::Dotenv => SecretFileKind::Settings,
        };
        add(file.path.clone(), kind);
    }
    let named =
        schema.iter().filter(|field| field.secret_file).filter_map(|field| loading.shown.get(&field.key)?.as_ref());
    named.for_each(|path| add(path.into(), SecretFileKind::Secret));
    secret_files.into_iter().for_each(|path| add(path.into(), SecretFileKind::Secret));

    ConfigFacts {
        profile: loading.profile,
        secrets: secrets.collect(),
        refused: refused.map(refusal).collect(),
        files: files.into_iter().map(|(path, kind)| file(path, kind)).collect(),
    }
}

fn secret<T>(loading: &Loading<T>, field: &FieldInfo) -> SecretFacts {
    let problem = loading.problems.iter().find(|problem| problem.key == field.key);
    let shown = loading.shown.get(&field.key);
    let state = match problem {
        // A key that is too weak is there; how weak it is, is a fact of its own.
        Some(problem) if problem.rule == Some(WEAK_KEY) => SecretState::Present,
        Some(problem) if problem.rule == Some(MISSING_SECRET) => SecretState::Missing,
        Some(problem) => SecretState::Refused { reason: problem.what().into_owned() },
        None if shown.is_some_and(Option::is_some) => SecretState::Present,
        None => SecretState::Missing,
    };
    let origin = problem.map_or_else(|| loading.origins.of(&field.key), |problem| problem.origin.clone());
    let source = Source::Setting { key: field.key.clone(), origin };
    let strengths = loading.strengths.get(&field.key).into_iter().flatten();
    SecretFacts {
        key: field.key.clone(),
        ways_to_set: loading.ways_to_set(&field.key, true),
        // A section that is left out needs nothing.
        required: shown.is_some() && field.required.applies_in(loading.profile),
        state: Observed::Seen(state, source.clone()),
        strengths: strengths.map(|strength| Observed::Seen(strength.clone(), source.clone())).collect(),
        in_arguments: loading
            .in_arguments
            .as_ref()
            .map(|shown| Observed::system(shown.contains(&field.key), "command line of this process")),
    }
}

fn is_refusal(problem: &Problem) -> bool {
    use ProblemKind::{Conflict, Malformed, OutOfRange, TypeMismatch, Unreadable, ValueAndFile};
    matches!(
        problem.kind,
        Malformed { .. } | OutOfRange | TypeMismatch { .. } | Unreadable { .. } | ValueAndFile { .. } | Conflict { .. }
    )
}

fn refusal(problem: &Problem) -> RefusedSetting {
    RefusedSetting {
        key: problem.key.clone(),
        reason: problem.what().into_owned(),
        source: Source::Setting { key: problem.key.clone(), origin: problem.origin.clone() },
    }
}

fn file(path: PathBuf, kind: SecretFileKind) -> SecretFileFacts {
    let folder = match path.parent() {
        Some(folder) if folder.as_os_str().is_empty() => Path::new("."),
        Some(folder) => folder,
        None => Path::new("/"),
    };
    let folder_mode = mode(folder);
    SecretFileFacts { mode: mode(&path), folder_mode, path, kind }
}

/// The permission bits, links followed.
#[cfg(unix)]
fn mode(path: &Path) -> Observed<u32> {
    use std::os::unix::fs::PermissionsExt;

    match path.metadata() {
        Ok(metadata) => Observed::system(metadata.permissions().mode() & 0o7777, format!("mode of {}", path.display())),
        Err(error) => Observed::not_seen(format!("the mode of {}: {}", path.display(), error.kind())),
    }
}

/// The permission bits, which this system does not have.
#[cfg(not(unix))]
fn mode(path: &Path) -> Observed<u32> {
    Observed::not_seen(format!("{} has no mode on this system", path.display()))
}
