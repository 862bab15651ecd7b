use std::path::PathBuf;
use std::time::Duration;

use archirust_core::config::{Conflict, Settings};

/// TLS of this listener: 1.2 and 1.3, with HTTP/2.
#[derive(Clone, Debug, Settings)]
#[settings(validate = both_or_none)]
pub struct TlsSettings {
    /// The certificate chain in PEM, the service's own certificate first. With `key`, turns TLS on.
    pub certificate: Option<PathBuf>,
    /// The private key in PEM (PKCS #8, PKCS #1 or SEC1). Others must not be able to read the file.
    #[setting(secret_file)]
    pub key: Option<PathBuf>,
    /// How often the files are looked at for a new certificate; `SIGHUP` does it at once. A new one that is not valid is
    /// reported, and the old one stays.
    #[setting(default = "30s", range = "10ms..=1h")]
    pub reload: Duration,
}

impl TlsSettings {
    /// Whether this listener speaks TLS.
    pub fn is_on(&self) -> bool {
        self.certificate.is_some() && self.key.is_some()
    }
}

fn both_or_none(tls: &TlsSettings) -> Option<Conflict> {
    match (&tls.certificate, &tls.key) {
        (Some(_), None) => Some(Conflict::new("key", "is missing: a certificate needs its key")),
        (None, Some(_)) => Some(Conflict::new("certificate", "is missing: a key needs its certificate")),
        _ => None,
    }
}
