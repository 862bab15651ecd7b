//! Reading of files, with a reason that a person can act upon when it fails.

use std::fs::File;
use std::io::{ErrorKind, Read};
use std::path::Path;

use zeroize::Zeroizing;

/// The largest file that holds one value.
pub(super) const MAX_VALUE_BYTES: u64 = 64 * 1024;

/// The largest file of settings.
pub(super) const MAX_SETTINGS_BYTES: u64 = 1024 * 1024;

/// Why a file can't be used, in words that follow its name.
#[derive(Debug)]
pub(super) enum Unreadable {
    /// There is none.
    NotFound,
    /// It may not be read, or reading it failed.
    Refused(String),
    /// Its content is of no use.
    Content(String),
}

impl Unreadable {
    pub(super) fn reason(&self) -> String {
        match self {
            Self::NotFound => "does not exist".to_owned(),
            Self::Refused(reason) | Self::Content(reason) => reason.clone(),
        }
    }
}

/// The text of a file of at most `max` bytes.
pub(super) fn read_text(path: &Path, max: u64) -> Result<Zeroizing<String>, Unreadable> {
    let metadata = path.metadata().map_err(|error| of_io(&error))?;
    // A pipe would be waited for, without end.
    if !metadata.is_file() {
        return Err(Unreadable::Refused("is not a regular file".to_owned()));
    }
    let too_large = || Unreadable::Content(format!("is larger than {} KiB", max / 1024));
    if metadata.len() > max {
        return Err(too_large());
    }
    // Large enough from the start: growing would leave copies behind that nobody wipes.
    let room = usize::try_from(metadata.len()).unwrap_or(usize::MAX).saturating_add(1);
    let mut bytes = Zeroizing::new(Vec::with_capacity(room));
    let file = File::open(path).map_err(|error| of_io(&error))?;
    let length = file.take(max + 1).read_to_end(&mut bytes).map_err(|error| of_io(&error))?;
    if length as u64 > max {
        return Err(too_large());
    }
    match std::str::from_utf8(&bytes) {
        Ok(text) => Ok(Zeroizing::new(text.to_owned())),
        Err(_) => Err(Unreadable::Content("is not UTF-8 text".to_owned())),
    }
}

/// The value that a file holds: its text without the newline at its end.
pub(super) fn read_value(path: &Path) -> Result<Zeroizing<String>, Unreadable> {
    let mut text = read_text(path, MAX_VALUE_BYTES)?;
    let length = text.trim_end_matches(['\n', '\r']).len();
    text.truncate(length);
    if text.trim().is_empty() { Err(Unreadable::Content("is empty".to_owned())) } else { Ok(text) }
}

fn of_io(error: &std::io::Error) -> Unreadable {
    match error.kind() {
        ErrorKind::NotFound | ErrorKind::NotADirectory => Unreadable::NotFound,
        ErrorKind::PermissionDenied => Unreadable::Refused("may not be read by this user".to_owned()),
        kind => Unreadable::Refused(format!("can't be read: {kind}")),
    }
}
