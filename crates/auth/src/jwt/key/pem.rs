//! Private keys in PEM (RFC 7468).

use archirust_core::Secret;
use data_encoding::BASE64;
use rustls_pki_types::pem::{PemObject, SectionKind};
use zeroize::Zeroizing;

use super::KeyError;

/// The DER of the one `PRIVATE KEY` section.
pub(super) fn private_key(text: &str) -> Result<Zeroizing<Vec<u8>>, KeyError> {
    // Not a section that the reader knows, and the usual mistake.
    if text.contains("-----BEGIN ENCRYPTED PRIVATE KEY-----") {
        return Err(KeyError::WrongKind { found: "an encrypted key" });
    }
    let mut sections = <(SectionKind, Vec<u8>)>::pem_slice_iter(text.as_bytes());
    let first = sections.next();
    let more = sections.next().is_some();
    match first {
        Some(Ok((_, der))) if more => {
            drop(Zeroizing::new(der));
            Err(KeyError::WrongKind { found: "more than one PEM section" })
        }
        Some(Ok((SectionKind::PrivateKey, der))) => Ok(Zeroizing::new(der)),
        Some(Ok((kind, der))) => {
            drop(Zeroizing::new(der));
            Err(KeyError::WrongKind {
                found: match kind {
                    SectionKind::RsaPrivateKey => "a key in PKCS#1 instead of PKCS#8",
                    SectionKind::EcPrivateKey => "a key in SEC 1 instead of PKCS#8",
                    SectionKind::PublicKey => "a public key",
                    SectionKind::Certificate => "a certificate",
                    _ => "no private key",
                },
            })
        }
        _ => Err(KeyError::Malformed),
    }
}

pub(super) fn write_private_key(der: &[u8]) -> Secret<String> {
    Secret::new(write("PRIVATE KEY", der))
}

pub(super) fn write_public_key(der: &[u8]) -> String {
    write("PUBLIC KEY", der)
}

fn write(label: &str, der: &[u8]) -> String {
    let body = Zeroizing::new(BASE64.encode(der));
    // With its whole length at once, so that no copy is left behind when it grows.
    let mut text = String::with_capacity(body.len() + body.len() / 64 + 2 * label.len() + 40);
    text.extend(["-----BEGIN ", label, "-----\n"]);
    let mut rest = body.as_str();
    while !rest.is_empty() {
        let (line, tail) = rest.split_at(rest.len().min(64));
        text.extend([line, "\n"]);
        rest = tail;
    }
    text.extend(["-----END ", label, "-----\n"]);
    text
}
