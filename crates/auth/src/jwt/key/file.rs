//! Key files: PKCS#8 in PEM, readable by their owner alone.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use archirust_core::{Error, ErrorKind, Result, id};
use zeroize::Zeroizing;

use crate::jwt::Algorithm;

use super::{KeyError, SigningKey};

/// The largest file that is read as a key.
pub const MAX_KEY_FILE_BYTES: u64 = 64 * 1024;

/// A file that holds one signing key. Its errors name the file and the remedy, and nothing of what is in it.
///
/// These calls block: they belong into start-up.
#[derive(Clone, Debug)]
pub struct KeyFile {
    path: PathBuf,
    algorithm: Algorithm,
}

impl KeyFile {
    /// The file at `path`, with a key for `algorithm`.
    pub fn new(path: impl Into<PathBuf>, algorithm: Algorithm) -> Self {
        Self { path: path.into(), algorithm }
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Reads the key.
    ///
    /// # Errors
    /// `Configuration`: there is no such file, others may read it, it is truncated, damaged or of another kind, its RSA key
    /// is too small.
    pub fn load(&self) -> Result<SigningKey> {
        self.read().map_err(|problem| self.refused(&problem))
    }

    /// Makes a new key and its file, with mode 0600. The file is there with its whole content or not at all, and one that
    /// exists is never replaced.
    ///
    /// # Errors
    /// `AlreadyExists` if there is a file; `Configuration` if the folder is missing or can't be written to.
    pub fn create(&self) -> Result<SigningKey> {
        let key = SigningKey::generate(self.algorithm)?;
        let text = key.to_pem()?;
        match self.write_new(text.expose().as_bytes()) {
            Ok(()) => Ok(key),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                let detail = format!("key file {} exists: move it away first, it is not replaced", self.path.display());
                Err(Error::new(ErrorKind::AlreadyExists).with_detail(detail))
            }
            Err(error) => Err(self.refused(&Problem::Unwritable(error))),
        }
    }

    /// Reads the key, or makes it if there is no file; says whether it was made.
    ///
    /// Of several processes that start at the same time one makes it and the others read it.
    ///
    /// # Errors
    /// As [`KeyFile::load`] and [`KeyFile::create`].
    pub fn load_or_create(&self) -> Result<(SigningKey, bool)> {
        match self.read() {
            Ok(key) => Ok((key, false)),
            Err(Problem::Missing) => match self.create() {
                Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok((self.load()?, false)),
                made => Ok((made?, true)),
            },
            Err(problem) => Err(self.refused(&problem)),
        }
    }

    fn read(&self) -> Result<SigningKey, Problem> {
        let file = File::open(&self.path).map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => Problem::Missing,
            _ => Problem::Unreadable(error),
        })?;
        let metadata = file.metadata().map_err(Problem::Unreadable)?;
        if !metadata.is_file() {
            return Err(Problem::NotAFile);
        }
        if let Some(mode) = open_mode(&metadata) {
            return Err(Problem::Open(mode));
        }
        let mut bytes = Zeroizing::new(Vec::with_capacity(8 * 1024));
        file.take(MAX_KEY_FILE_BYTES + 1).read_to_end(&mut bytes).map_err(Problem::Unreadable)?;
        if bytes.len() as u64 > MAX_KEY_FILE_BYTES {
            return Err(Problem::Key(KeyError::Malformed));
        }
        let text = std::str::from_utf8(&bytes).map_err(|_| Problem::Key(KeyError::Malformed))?;
        SigningKey::from_pem(self.algorithm, text).map_err(Problem::Key)
    }

    fn write_new(&self, content: &[u8]) -> io::Result<()> {
        let folder = self.path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let draft = folder.join(format!(".{}.tmp", id::new()));
        let written = write_draft(&draft, content)
            // Unlike a rename, a link never replaces what is there.
            .and_then(|()| fs::hard_link(&draft, &self.path));
        let removed = fs::remove_file(&draft);
        written.and(removed)?;
        File::open(folder)?.sync_all()
    }

    fn refused(&self, problem: &Problem) -> Error {
        let (file, algorithm) = (self.path.display(), self.algorithm);
        let make = "make one with `archi jwt keygen`";
        let detail = match problem {
            Problem::Missing => format!("key file {file} does not exist: {make}"),
            Problem::Unreadable(error) => {
                format!("key file {file} can't be read ({error}): let its owner run the service")
            }
            Problem::NotAFile => format!("key file {file} is not a file: name a file, or {make}"),
            Problem::Open(mode) => {
                format!(
                    "key file {file} is open to others (mode {mode:04o}): run `chmod 600 {file}`, and replace the key if others have access to this machine"
                )
            }
            Problem::Unwritable(error) => {
                format!("key file {file} can't be made ({error}): create its folder, owned by the user of the service")
            }
            Problem::Key(KeyError::Malformed) => {
                format!(
                    "key file {file} is truncated, damaged or not a key: restore it from a backup, or move it away and {make}"
                )
            }
            Problem::Key(error @ KeyError::RsaSize { .. }) => {
                format!("key file {file} {error}: move it away and {make}")
            }
            Problem::Key(error @ KeyError::WrongKind { .. }) => {
                format!(
                    "key file {file} {error}, and {algorithm} needs {}: name another file, or {make}",
                    needed(algorithm)
                )
            }
            Problem::Key(error) => format!("key file {file} {error}: move it away and {make}"),
        };
        Error::new(ErrorKind::Configuration).with_detail(detail)
    }
}

/// What is wrong with a key file.
#[derive(Debug)]
enum Problem {
    Missing,
    Unreadable(io::Error),
    NotAFile,
    Open(u32),
    Unwritable(io::Error),
    Key(KeyError),
}

fn needed(algorithm: Algorithm) -> &'static str {
    match algorithm {
        Algorithm::Es256 => "an unencrypted P-256 key in PKCS#8",
        Algorithm::EdDsa => "an unencrypted Ed25519 key in PKCS#8",
        Algorithm::Rs256 | Algorithm::Ps256 => "an unencrypted RSA key in PKCS#8",
        Algorithm::Hs256 => "a secret instead of a file",
    }
}

fn write_draft(path: &Path, content: &[u8]) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    file.write_all(content)?;
    file.sync_all()
}

/// The mode of a file that its group or others may use in any way.
#[cfg(unix)]
fn open_mode(metadata: &fs::Metadata) -> Option<u32> {
    let mode = std::os::unix::fs::PermissionsExt::mode(&metadata.permissions()) & 0o7777;
    (mode & 0o077 != 0).then_some(mode)
}

#[cfg(not(unix))]
fn open_mode(_: &fs::Metadata) -> Option<u32> {
    None
}
