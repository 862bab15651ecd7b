//! Secrets at rest: AES-256-GCM (NIST SP 800-38D) under a key that is not in the database.

use archirust_core::random::Random;
use archirust_core::{Error, ErrorKind, Result};
use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use aws_lc_rs::{hkdf, hmac};
use data_encoding::BASE64URL_NOPAD;
use zeroize::Zeroizing;

use super::code::{Algorithm, Digits, Totp};
use super::secret::TotpSecret;
use crate::named_key::NamedKey;

/// The form of a sealed enrolment: `totp1$<name of the key>$<base64url of nonce, ciphertext and tag>`.
const FORM: &str = "totp1";

/// What keys are derived for (RFC 5869), so that one key in the settings is never used for two things.
const SEALING: &[u8] = b"archirust totp seal 1";
const RECOVERY: &[u8] = b"archirust recovery code 1";

/// Seals an enrolment for `user`; for anybody else it does not open.
pub(super) fn seal(totp: &Totp, user: &str, key: &NamedKey, random: &dyn Random) -> Result<String> {
    let nonce = random.bytes::<NONCE_LEN>();
    let mut text = Zeroizing::new(vec![tag_of(totp.algorithm), totp.digits.count()]);
    text.extend_from_slice(totp.secret.expose());
    let tag = sealing_key(key)?
        .seal_in_place_separate_tag(Nonce::assume_unique_for_key(nonce), bound_to(key.name(), user), &mut text)
        .map_err(|_| Error::internal("an enrolment could not be sealed"))?;
    let sealed = [&nonce, text.as_slice(), tag.as_ref()].concat();
    Ok(format!("{FORM}${}${}", key.name(), BASE64URL_NOPAD.encode(&sealed)))
}

/// Opens what [`seal`] made, with the key that `find` knows by its name.
pub(super) fn open<'k>(
    sealed: &str,
    user: &str,
    find: impl FnOnce(&str) -> Option<&'k NamedKey>,
) -> Result<(Totp, &'k NamedKey)> {
    let mut fields = sealed.split('$');
    let (Some(FORM), Some(name), Some(text), None) = (fields.next(), fields.next(), fields.next(), fields.next())
    else {
        return Err(broken("a sealed enrolment is not of the form that it was written in"));
    };
    let key = find(name).ok_or_else(|| {
        Error::new(ErrorKind::Configuration)
            .with_detail("the key of a sealed enrolment is neither in totp.key nor in totp.old_keys")
    })?;
    let mut bytes = BASE64URL_NOPAD
        .decode(text.as_bytes())
        .map(Zeroizing::new)
        .map_err(|_| broken("a sealed enrolment is not base64url"))?;
    let nonce = bytes
        .first_chunk::<NONCE_LEN>()
        .map(|nonce| Nonce::assume_unique_for_key(*nonce))
        .ok_or_else(|| broken("a sealed enrolment is cut short"))?;
    let plain = sealing_key(key)?
        .open_in_place(nonce, bound_to(name, user), &mut bytes[NONCE_LEN..])
        .map_err(|_| broken("a sealed enrolment was changed, is another user's, or was sealed by another key"))?;
    let totp = match plain {
        [algorithm, digits, secret @ ..] => {
            algorithm_of(*algorithm).zip(Digits::of(*digits)).map(|(algorithm, digits)| {
                TotpSecret::new(secret.to_vec()).map(|secret| Totp::new(secret, algorithm, digits))
            })
        }
        _ => None,
    };
    Ok((totp.ok_or_else(|| broken("a sealed enrolment holds what this release does not know"))??, key))
}

/// The key of the hashes of recovery codes.
pub(super) fn recovery_key(key: &NamedKey) -> Result<hmac::Key> {
    derive(key, RECOVERY, hmac::HMAC_SHA256)
}

fn sealing_key(key: &NamedKey) -> Result<LessSafeKey> {
    derive::<_, UnboundKey>(key, SEALING, &AES_256_GCM).map(LessSafeKey::new)
}

fn derive<L: hkdf::KeyType, K: for<'a> From<hkdf::Okm<'a, L>>>(key: &NamedKey, purpose: &[u8], length: L) -> Result<K> {
    let extracted = hkdf::Salt::new(hkdf::HKDF_SHA256, &[]).extract(key.expose());
    let purpose = [purpose];
    let expanded = extracted.expand(&purpose, length).map_err(|_| Error::internal("a key could not be derived"))?;
    Ok(expanded.into())
}

/// Name and user are authenticated with the text. The length keeps them apart.
fn bound_to(name: &str, user: &str) -> Aad<Vec<u8>> {
    Aad::from(format!("{FORM}${}${name}${user}", name.len()).into_bytes())
}

fn tag_of(algorithm: Algorithm) -> u8 {
    match algorithm {
        Algorithm::Sha1 => 1,
        Algorithm::Sha256 => 2,
        Algorithm::Sha512 => 3,
    }
}

fn algorithm_of(tag: u8) -> Option<Algorithm> {
    [Algorithm::Sha1, Algorithm::Sha256, Algorithm::Sha512].into_iter().find(|&algorithm| tag_of(algorithm) == tag)
}

fn broken(detail: &'static str) -> Error {
    Error::internal(detail)
}
