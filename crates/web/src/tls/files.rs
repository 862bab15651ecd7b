use std::io;
use std::path::{Path, PathBuf};

use archirust_core::{Error, ErrorKind, Result, Secret};
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::pem::{Error as PemError, PemObject};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::sign::CertifiedKey;

/// More than any certificate chain or key has.
const MAX_FILE: u64 = 256 * 1024;

/// The files of a certificate.
#[derive(Clone, Debug)]
pub(super) struct Files {
    pub(super) certificate: PathBuf,
    pub(super) key: PathBuf,
}

/// What is in them.
#[derive(PartialEq, Eq)]
pub(super) struct Content {
    certificate: Vec<u8>,
    key: Secret<Vec<u8>>,
}

impl Files {
    /// Reads both.
    ///
    /// # Errors
    /// `Configuration`, naming file, key and remedy.
    pub(super) fn read(&self) -> Result<Content> {
        let certificate = read(&self.certificate, "web.tls.certificate")?;
        let key = Secret::new(read(&self.key, "web.tls.key")?);
        must_be_private(&self.key)?;
        Ok(Content { certificate, key })
    }

    /// Makes a certificate of them.
    ///
    /// # Errors
    /// `Configuration`: no PEM, no certificate or key in it, a key that does not fit.
    pub(super) fn load(&self, content: &Content) -> Result<CertifiedKey> {
        let chain: Vec<CertificateDer<'static>> = CertificateDer::pem_slice_iter(&content.certificate)
            .collect::<Result<_, PemError>>()
            .map_err(|_| wrong(&self.certificate, "web.tls.certificate", "is not valid PEM"))?;
        if chain.is_empty() {
            return Err(wrong(&self.certificate, "web.tls.certificate", "holds no certificate in PEM"));
        }
        let key = PrivateKeyDer::from_pem_slice(content.key.expose())
            .map_err(|_| wrong(&self.key, "web.tls.key", "holds no private key in PEM, or is cut off"))?;
        let certified = CertifiedKey::from_der(chain, key, &aws_lc_rs::default_provider()).map_err(|error| {
            let why = match error {
                rustls::Error::InconsistentKeys(_) => "is not the key of the certificate in web.tls.certificate",
                _ => "holds a key or a certificate that can't be used",
            };
            wrong(&self.key, "web.tls.key", why).with_source(error)
        })?;
        Ok(certified)
    }
}

fn read(path: &Path, key: &str) -> Result<Vec<u8>> {
    let unreadable = |error: io::Error| {
        let why = match error.kind() {
            io::ErrorKind::NotFound => "does not exist",
            io::ErrorKind::PermissionDenied => "can't be read by the user that runs the service",
            _ => "can't be read",
        };
        wrong(path, key, why).with_source(error)
    };
    let size = std::fs::metadata(path).map_err(unreadable)?.len();
    if size > MAX_FILE {
        return Err(wrong(path, key, "is too large to be a certificate or key"));
    }
    std::fs::read(path).map_err(unreadable)
}

/// A key that anybody on the machine can read is no secret. The group may: secrets of Kubernetes are mounted that way.
#[cfg(unix)]
fn must_be_private(path: &Path) -> Result<()> {
    use std::os::unix::fs::PermissionsExt;
    let mode = std::fs::metadata(path).map(|metadata| metadata.permissions().mode()).unwrap_or(0);
    if mode & 0o007 != 0 {
        let text = format!("can be read by every user of the machine; run: chmod 600 {}", path.display());
        return Err(wrong(path, "web.tls.key", &text));
    }
    Ok(())
}

#[cfg(not(unix))]
fn must_be_private(_: &Path) -> Result<()> {
    Ok(())
}

fn wrong(path: &Path, key: &str, why: &str) -> Error {
    Error::new(ErrorKind::Configuration).with_message(format!("{key}: the file {} {why}", path.display()))
}

#[cfg(test)]
mod tests;
