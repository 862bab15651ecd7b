//! TLS of the server: rustls with aws-lc-rs, versions 1.2 and 1.3, and certificates that change while it runs.

mod files;
mod reload;

use std::sync::Arc;

use arc_swap::ArcSwap;
use archirust_core::{Error, Result};
use rustls::ServerConfig;
use rustls::crypto::aws_lc_rs;
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use tokio_rustls::TlsAcceptor;

use crate::config::TlsSettings;
use files::Files;
pub(crate) use reload::Reloader;

/// The acceptor and what keeps its certificate fresh; `None` while TLS is off.
///
/// # Errors
/// `Configuration`, naming the file and what to do, for a certificate or key that can't be used.
pub(crate) fn acceptor(settings: &TlsSettings) -> Result<Option<(TlsAcceptor, Reloader)>> {
    let (Some(certificate), Some(key)) = (&settings.certificate, &settings.key) else { return Ok(None) };
    let files = Files { certificate: certificate.clone(), key: key.clone() };
    let content = files.read()?;
    let current = Arc::new(Current(ArcSwap::from_pointee(files.load(&content)?)));
    let provider = Arc::new(aws_lc_rs::default_provider());
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&rustls::version::TLS13, &rustls::version::TLS12])
        .map_err(|error| Error::internal("no TLS versions").with_source(error))?
        .with_no_client_auth()
        .with_cert_resolver(current.clone());
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    config.ticketer =
        aws_lc_rs::Ticketer::new().map_err(|error| Error::internal("no ticket key").with_source(error))?;
    let reloader = Reloader::new(files, content, current, settings.reload);
    Ok(Some((TlsAcceptor::from(Arc::new(config)), reloader)))
}

/// The certificate that new connections get.
pub(crate) struct Current(ArcSwap<CertifiedKey>);

impl ResolvesServerCert for Current {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(self.0.load_full())
    }
}

impl std::fmt::Debug for Current {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Current")
    }
}
