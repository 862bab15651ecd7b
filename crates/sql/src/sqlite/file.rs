//! The database file: made with mode 0600, and every reason why it can't be used in words that help.

use std::fs::{self, OpenOptions};
use std::io::{self, ErrorKind as Io};
use std::path::{Path, PathBuf};
use std::time::Duration;

use archirust_core::{Error, ErrorKind, Result};

use super::error::{code, primary_code};

/// Makes the file if there is none, and finds out early what would keep SQLite from using it.
pub(super) fn prepare(path: &Path) -> Result<PathBuf> {
    // An absolute path is also never taken for a `file:` URI, whose parameters would change how it is opened.
    let path = std::path::absolute(path).map_err(|cause| refused(path, &cause))?;
    let folder = path.parent().unwrap_or(Path::new("/"));
    match fs::metadata(folder) {
        Ok(found) if found.is_dir() => {}
        Ok(_) => return Err(configuration(format!("sql.path: {} is not a folder", folder.display()))),
        Err(cause) if cause.kind() == Io::NotFound => {
            return Err(configuration(format!(
                "sql.path: the folder {} does not exist: make it (mkdir -p {}), or set another path",
                folder.display(),
                folder.display()
            )));
        }
        Err(cause) => return Err(refused(folder, &cause)),
    }
    if path.is_dir() {
        return Err(configuration(format!("sql.path: {} is a folder: name a file in it", path.display())));
    }
    match create(&path) {
        Ok(()) => Ok(path),
        Err(cause) if cause.kind() == Io::AlreadyExists => {
            match OpenOptions::new().read(true).write(true).open(&path) {
                Ok(_) => Ok(path),
                Err(cause) => Err(refused(&path, &cause)),
            }
        }
        Err(cause) => Err(refused(&path, &cause)),
    }
}

/// Only the user of the service may read the file; SQLite gives its log and index files the same mode.
pub(super) const NEW_FILE_MODE: u32 = 0o600;

fn create(path: &Path) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, NEW_FILE_MODE);
    options.open(path).map(|_| ())
}

/// The permission bits of a file or folder, where the system has any.
#[cfg(unix)]
pub(super) fn mode(path: &Path) -> io::Result<Option<u32>> {
    use std::os::unix::fs::PermissionsExt;
    Ok(Some(fs::metadata(path)?.permissions().mode() & 0o7777))
}

/// The permission bits of a file or folder, where the system has any.
#[cfg(not(unix))]
pub(super) fn mode(path: &Path) -> io::Result<Option<u32>> {
    fs::metadata(path).map(|_| None)
}

/// What the system says when it refuses a file.
fn refused(path: &Path, cause: &io::Error) -> Error {
    let path = path.display();
    match cause.kind() {
        Io::PermissionDenied => configuration(format!(
            "sql.path: {path} may not be written by the user of this process: change its owner or mode, and those of its folder"
        )),
        Io::ReadOnlyFilesystem => {
            configuration(format!("sql.path: {path} is on a file system that can only be read: set another path"))
        }
        Io::StorageFull | Io::QuotaExceeded => Error::new(ErrorKind::StorageFull)
            .with_detail(format!("sql.path: no space is left for {path}: free some, or set another path")),
        kind => configuration(format!("sql.path: {path} can't be opened: {kind}")),
    }
}

/// What SQLite says when it opens a file that the system lets it open.
pub(super) fn unusable(path: &Path, busy_timeout: Duration, cause: &sqlx::Error) -> Error {
    let path = path.display();
    let of = |kind, detail: String| Error::new(kind).with_detail(detail);
    match primary_code(cause) {
        Some(code::NOTADB) => of(
            ErrorKind::Configuration,
            format!(
                "sql.path: {path} is not a SQLite database, or is encrypted: set another path, or move it away for a new one to be made"
            ),
        ),
        Some(code::CORRUPT) => of(
            ErrorKind::Database,
            format!(
                "sql.path: {path} is damaged: restore it from a backup, or rescue what is left (sqlite3 {path} .recover)"
            ),
        ),
        Some(code::BUSY | code::LOCKED) => of(
            ErrorKind::DatabaseUnavailable,
            format!(
                "sql.path: {path} is locked by another process for longer than sql.busy_timeout ({busy_timeout:?}): end that process (fuser {path} names it)"
            ),
        ),
        Some(code::READONLY | code::PERM | code::CANTOPEN) => of(
            ErrorKind::Configuration,
            format!(
                "sql.path: {path} or its folder may not be written by the user of this process: change owner or mode"
            ),
        ),
        Some(code::FULL) => {
            of(ErrorKind::StorageFull, format!("sql.path: no space is left for {path}: free some, or set another path"))
        }
        Some(code::IOERR) => of(
            ErrorKind::DatabaseUnavailable,
            format!("sql.path: the disk under {path} failed: check it, and restore from a backup"),
        ),
        _ => crate::error::from_sqlx(cause),
    }
}

fn configuration(detail: String) -> Error {
    Error::new(ErrorKind::Configuration).with_detail(detail)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_refusal_of_the_system_names_the_path_and_the_remedy() {
        let table: String =
            [Io::PermissionDenied, Io::ReadOnlyFilesystem, Io::StorageFull, Io::QuotaExceeded, Io::NotADirectory]
                .into_iter()
                .map(|kind| format!("{}\n", refused(Path::new("/data/service.db"), &kind.into()).report()))
                .collect();
        insta::assert_snapshot!(table);
    }

    #[cfg(unix)]
    #[test]
    fn a_new_file_belongs_to_its_user_alone_and_an_old_one_is_left_as_it_is() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("service.db");
        prepare(&path).unwrap();
        assert_eq!(mode(&path).unwrap(), Some(0o600));

        fs::write(&path, "kept").unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
        prepare(&path).unwrap();
        assert_eq!((mode(&path).unwrap(), fs::read_to_string(&path).unwrap().as_str()), (Some(0o640), "kept"));
    }

    #[test]
    fn a_relative_path_becomes_absolute() {
        let folder = Path::new("file:no-such-folder?mode=memory");
        let error = prepare(&folder.join("service.db")).unwrap_err();
        assert!(error.detail().unwrap().contains("the folder /"), "{error:?}");
    }
}
