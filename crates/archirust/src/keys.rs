//! The keys that a service makes for itself in development, so that a newcomer has nothing to configure.
//!
//! In any other profile nothing is made: a key that nobody knows of is not backed up, and differs on each machine.

use std::fs::{self, DirBuilder, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use archirust_auth::NamedKey;
use archirust_core::random::Random;
use archirust_core::secret::StrongKey;
use archirust_core::{Error, ErrorKind, Result};
use zeroize::Zeroizing;

use crate::ServiceSettings;

/// The name of the key that seals second factors in development.
const TOTP_KEY_NAME: &str = "dev";

/// What was made, and where all of them are.
#[derive(Debug, Default)]
pub(crate) struct DevelopmentKeys {
    /// The files that hold a key.
    pub(crate) files: Vec<PathBuf>,
    /// Those of them that were made just now.
    pub(crate) made: Vec<PathBuf>,
}

/// Fills in the keys that are not set, from the data folder, making those that are not there.
///
/// # Errors
/// `Configuration`, naming the file and the remedy: the folder can't be written, a file is damaged or open to others.
pub(crate) fn complete(settings: &mut ServiceSettings, random: &dyn Random) -> Result<DevelopmentKeys> {
    let mut keys = DevelopmentKeys::default();
    make_folder(&settings.data)?;
    if settings.secret_key.is_none() {
        let path = settings.data.join("secret.key");
        settings.secret_key = Some(keys.read_or_make(path, random)?);
    }
    if settings.totp.key.is_none() {
        let path = settings.data.join("totp.key");
        let key: StrongKey = keys.read_or_make(path, random)?;
        settings.totp.key = Some(NamedKey::new(TOTP_KEY_NAME, key).map_err(|error| refused(&error.to_string()))?);
    }
    if !settings.jwt.algorithm.is_symmetric() {
        if let Some(folder) = settings.jwt.key_file.parent().filter(|folder| !folder.as_os_str().is_empty()) {
            make_folder(folder)?;
        }
        let (_, made) = settings.jwt.load_or_create_keys()?;
        keys.add(settings.jwt.key_file.clone(), made);
    }
    Ok(keys)
}

impl DevelopmentKeys {
    fn add(&mut self, path: PathBuf, made: bool) {
        if made {
            self.made.push(path.clone());
        }
        self.files.push(path);
    }

    fn read_or_make(&mut self, path: PathBuf, random: &dyn Random) -> Result<StrongKey> {
        let made = match make(&path, random) {
            Ok(()) => true,
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => false,
            Err(error) => {
                return Err(refused(&format!(
                    "{} can't be made ({}): let the user of the service write to its folder, or set `data` to another one",
                    path.display(),
                    error.kind()
                )));
            }
        };
        let key = read(&path)?;
        self.add(path, made);
        Ok(key)
    }
}

/// Makes the file with a new key, readable by its owner alone; never replaces one.
fn make(path: &Path, random: &dyn Random) -> io::Result<()> {
    let key = Zeroizing::new(random.bytes::<32>());
    let text = Zeroizing::new(data_encoding::BASE64.encode(&*key));
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}

fn read(path: &Path) -> Result<StrongKey> {
    let text = fs::read_to_string(path).map(Zeroizing::new).map_err(|error| {
        refused(&format!("{} can't be read ({}): let its owner run the service", path.display(), error.kind()))
    })?;
    StrongKey::parse(&text).map_err(|weak| {
        refused(&format!(
            "the key in {} {weak}: restore it from a backup, or move it away to have a new one made; \
             what was sealed with it can't be read then",
            path.display()
        ))
    })
}

pub(crate) fn make_folder(folder: &Path) -> Result<()> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder).map_err(|error| {
        refused(&format!(
            "the folder {} can't be made ({}): let the user of the service write to its parent, or set `data` to another one",
            folder.display(),
            error.kind()
        ))
    })
}

fn refused(detail: &str) -> Error {
    Error::new(ErrorKind::Configuration).with_detail(detail.to_owned())
}
