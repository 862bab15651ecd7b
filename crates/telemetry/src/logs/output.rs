//! Where lines go.

use std::fs::{File, OpenOptions, Permissions};
use std::io::{self, IsTerminal, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::Path;
use std::sync::Arc;

use archirust_core::{Error, ErrorKind, Result};
use tracing_subscriber::fmt::MakeWriter;

use crate::config::LogOutput;

/// Read and written by the owner, read by its group: shippers of logs run under it.
const MODE: u32 = 0o640;

/// An open output.
#[derive(Clone, Debug)]
pub(crate) enum Output {
    Stdout,
    File(Arc<File>),
}

impl Output {
    /// Opens the output; a file is made if there is none, appended to if there is, and nobody else may read it.
    pub(crate) fn open(output: &LogOutput) -> Result<Self> {
        match output {
            LogOutput::Stdout => Ok(Self::Stdout),
            LogOutput::File(path) => open(path).map(|file| Self::File(Arc::new(file))).map_err(|error| {
                let why = match error.kind() {
                    io::ErrorKind::NotFound => "its folder does not exist: create it, or",
                    io::ErrorKind::PermissionDenied => "it may not be written: give its owner the right, or",
                    io::ErrorKind::IsADirectory => "it is a folder: name a file in it, or",
                    _ => "it can't be opened:",
                };
                Error::new(ErrorKind::Configuration)
                    .with_detail(format!("log.output is the file {}, {why} set log.output to stdout", path.display()))
                    .with_source(error)
            }),
        }
    }

    /// Whether colours are welcome: a terminal, and `NO_COLOR` (no-color.org) is not set.
    pub(crate) fn wants_colour(output: &LogOutput) -> bool {
        *output == LogOutput::Stdout
            && io::stdout().is_terminal()
            && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
    }
}

fn open(path: &Path) -> io::Result<File> {
    let file = OpenOptions::new().append(true).create(true).mode(MODE).open(path)?;
    let metadata = file.metadata()?;
    if metadata.is_file() && metadata.permissions().mode() & 0o7777 & !MODE != 0 {
        file.set_permissions(Permissions::from_mode(metadata.permissions().mode() & MODE))?;
    }
    Ok(file)
}

impl<'a> MakeWriter<'a> for Output {
    type Writer = Writer<'a>;

    fn make_writer(&'a self) -> Writer<'a> {
        match self {
            Self::Stdout => Writer::Stdout(io::stdout().lock()),
            Self::File(file) => Writer::File(file),
        }
    }
}

/// A lock on the output for one line.
#[derive(Debug)]
pub(crate) enum Writer<'a> {
    Stdout(io::StdoutLock<'a>),
    File(&'a File),
}

impl Write for Writer<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Stdout(stdout) => stdout.write(bytes),
            Self::File(file) => file.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Stdout(stdout) => stdout.flush(),
            Self::File(file) => file.flush(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mode_of(path: &Path) -> u32 {
        std::fs::metadata(path).unwrap().permissions().mode() & 0o7777
    }

    #[test]
    fn a_file_is_appended_to_and_never_readable_by_others() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("log");
        std::fs::write(&path, "old\n").unwrap();
        std::fs::set_permissions(&path, Permissions::from_mode(0o666)).unwrap();
        let output = Output::open(&LogOutput::File(path.clone())).unwrap();
        output.make_writer().write_all(b"new\n").unwrap();
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "old\nnew\n");
        assert_eq!(mode_of(&path), 0o640);
    }

    #[test]
    fn a_new_file_is_never_wider_and_a_narrower_one_stays() {
        let folder = tempfile::tempdir().unwrap();
        let (new, narrow) = (folder.path().join("new"), folder.path().join("narrow"));
        std::fs::write(&narrow, "").unwrap();
        std::fs::set_permissions(&narrow, Permissions::from_mode(0o600)).unwrap();
        for path in [&new, &narrow] {
            Output::open(&LogOutput::File(path.clone())).unwrap();
        }
        assert_eq!(mode_of(&new) & !MODE, 0);
        assert_eq!(mode_of(&narrow), 0o600);
    }

    #[test]
    fn a_file_that_cant_be_opened_is_named_with_what_to_do() {
        let folder = tempfile::tempdir().unwrap();
        let of = |path: &Path| {
            let error = Output::open(&LogOutput::File(path.to_owned())).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Configuration);
            error.detail().unwrap().replace(&folder.path().display().to_string(), "…")
        };
        insta::assert_snapshot!([of(&folder.path().join("none/log")), of(folder.path())].join("\n"));
    }
}
