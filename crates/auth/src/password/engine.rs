//! Hashing and verification on the calling thread. [`Hasher`](super::Hasher) runs it on threads of its own.

use std::fmt;
use std::sync::Arc;

use archirust_core::random::Random;
use archirust_core::{Error, ErrorKind, Result, Secret};
use argon2::{Algorithm, Params, Version};
use data_encoding::BASE64_NOPAD;
use zeroize::Zeroizing;

use super::Verdict;
use super::config::{PasswordSettings, Scheme, check, check_argon2};
use super::kdf::{
    BCRYPT_BYTES, Memory, argon2_with, bcrypt_base64, bcrypt_parts, pbkdf2_matches, prehash, run_argon2, same,
};
use super::normal::{MAX_PASSWORD_BYTES, forms, normalize};
use super::stored::{Accepted, Argon2Hash, BcryptSha256, Stored};
use crate::named_key::NamedKey;

/// Bytes of the salts and hashes that are written.
const SALT_BYTES: usize = 16;
const OUTPUT_BYTES: usize = 32;

/// Hashes and verifies passwords on the calling thread, for command lines and tests; a service uses
/// [`Hasher`](super::Hasher), which never blocks the threads of its requests.
pub struct Engine {
    scheme: Scheme,
    params: Params,
    bcrypt_cost: u32,
    pepper: Option<NamedKey>,
    old_peppers: Vec<NamedKey>,
    random: Arc<dyn Random>,
}

impl Engine {
    /// An engine with these settings.
    ///
    /// # Errors
    ///
    /// `Configuration` for settings that do not go together; those that were loaded do.
    pub fn new(settings: &PasswordSettings, random: Arc<dyn Random>) -> Result<Self> {
        let conflicts = [check(settings), check_argon2(&settings.argon2)].concat();
        if let Some(conflict) = conflicts.first() {
            return Err(configuration(format!("password: {} {}", conflict.name, conflict.reason)));
        }
        let argon2 = &settings.argon2;
        let params = Params::new(argon2.memory_kib(), argon2.passes, argon2.lanes, Some(OUTPUT_BYTES))
            .map_err(|error| configuration(format!("password.argon2: {error}")))?;
        Ok(Self {
            scheme: settings.scheme,
            params,
            bcrypt_cost: settings.bcrypt_cost,
            pepper: settings.pepper.clone(),
            old_peppers: settings.old_peppers.clone(),
            random,
        })
    }

    /// Hashes a password for storage. The text names its scheme, cost, salt and the name of the pepper.
    ///
    /// # Errors
    ///
    /// `InvalidInput` for an empty password or one of over [`MAX_PASSWORD_BYTES`] bytes; the policy refuses both before.
    pub fn hash(&self, password: &Secret<String>, memory: &mut Memory) -> Result<Secret<String>> {
        let password = password.expose();
        if password.is_empty() || password.len() > MAX_PASSWORD_BYTES {
            return Err(Error::new(ErrorKind::InvalidInput).with_detail("a password to hash is empty or too long"));
        }
        let input = normalize(password);
        let salt = self.random.bytes::<SALT_BYTES>();
        let text = match self.scheme {
            Scheme::Argon2id => self.argon2id_text(input.as_bytes(), &salt, memory)?,
            Scheme::Bcrypt => self.bcrypt_text(input.as_bytes(), salt)?,
        };
        Ok(Secret::new(text))
    }

    /// Whether `password` is the one that `stored` was made of. `None`, and a stored text that is of no use, cost what a hash
    /// with the current settings costs, and are `Invalid`.
    pub fn verify(&self, stored: Option<&str>, password: &Secret<String>, memory: &mut Memory) -> Verdict {
        let password = password.expose();
        let usable = !password.is_empty() && password.len() <= MAX_PASSWORD_BYTES;
        let stored = stored.filter(|_| usable).and_then(|text| self.read(text));
        let password = if usable { password.as_str() } else { "" };
        for (place, form) in forms(password).enumerate() {
            let matches = match &stored {
                Some(stored) => self.matches(stored, form.as_bytes(), memory),
                None => self.spend(form.as_bytes(), memory).map(|()| false),
            };
            match (matches, &stored) {
                (Ok(true), Some(stored)) if place == 0 && self.is_current(stored, form.len()) => return Verdict::Valid,
                (Ok(true), _) => return Verdict::ValidButRehash,
                (Ok(false), _) => {}
                (Err(error), _) => tracing::error!(error = %error.report(), "a password could not be verified"),
            }
        }
        Verdict::Invalid
    }

    fn read(&self, text: &str) -> Option<Stored> {
        let accepted = Accepted { memory_kib: self.params.m_cost(), bcrypt_cost: self.bcrypt_cost };
        let stored = Stored::parse(text, accepted)
            .inspect_err(|unusable| tracing::warn!(reason = unusable.reason(), "a login was refused"))
            .ok()?;
        let key_id = match &stored {
            Stored::Argon2(hash) => hash.key_id.as_deref(),
            Stored::BcryptSha256(hash) => hash.key_id.as_deref(),
            Stored::Bcrypt(_) | Stored::Pbkdf2(_) => None,
        };
        if let Some(key_id) = key_id.filter(|key_id| self.pepper_named(key_id).is_none()) {
            tracing::warn!(pepper = key_id, "a login was refused: its pepper is not in the settings");
            return None;
        }
        Some(stored)
    }

    /// The work of a hash with the current settings, for nothing.
    fn spend(&self, input: &[u8], memory: &mut Memory) -> Result<()> {
        let salt = [0; SALT_BYTES];
        match self.scheme {
            Scheme::Argon2id => self.argon2id_text(input, &salt, memory).map(drop),
            Scheme::Bcrypt => self.bcrypt_text(input, salt).map(drop),
        }
    }

    fn matches(&self, stored: &Stored, input: &[u8], memory: &mut Memory) -> Result<bool> {
        match stored {
            Stored::Argon2(hash) => self.matches_argon2(hash, input, memory),
            Stored::Bcrypt(parts) => {
                // Whoever made it cut a longer password, so that 72 bytes of it would do. The work is done all the same.
                let made =
                    bcrypt_parts(&input[..input.len().min(BCRYPT_BYTES)], parts.get_cost(), parts.get_salt_raw())?;
                Ok(input.len() <= BCRYPT_BYTES && same(made.to_string().as_bytes(), parts.to_string().as_bytes()))
            }
            Stored::BcryptSha256(hash) => self.matches_bcrypt_sha256(hash, input),
            Stored::Pbkdf2(hash) => Ok(pbkdf2_matches(hash, input)),
        }
    }

    fn matches_argon2(&self, hash: &Argon2Hash, input: &[u8], memory: &mut Memory) -> Result<bool> {
        let params = hash.params().map_err(|unusable| Error::internal(unusable.reason()))?;
        let pepper = hash.key_id.as_deref().and_then(|key_id| self.pepper_named(key_id));
        let argon2 = argon2_with(hash.algorithm, hash.version, params, pepper)?;
        let mut output = Zeroizing::new(vec![0; hash.output.len()]);
        if hash.memory_kib <= self.params.m_cost() {
            run_argon2(&argon2, input, &hash.salt, &mut output, memory)?;
        } else {
            // A hash of costlier days: its memory is given back.
            run_argon2(&argon2, input, &hash.salt, &mut output, &mut Memory::default())?;
        }
        Ok(same(&output, hash.output.as_bytes()))
    }

    fn matches_bcrypt_sha256(&self, hash: &BcryptSha256, input: &[u8]) -> Result<bool> {
        let pepper = hash.key_id.as_deref().and_then(|key_id| self.pepper_named(key_id));
        let input = prehash(input, &hash.salt, pepper);
        let made = bcrypt_parts(input.as_bytes(), hash.parts.get_cost(), hash.parts.get_salt_raw())?;
        Ok(same(made.to_string().as_bytes(), hash.parts.to_string().as_bytes()))
    }

    /// Whether a new hash of this password would be no better: same scheme and pepper, and no less cost. More cost is left
    /// alone, so that two releases with different settings do not replace each other's hashes for ever.
    fn is_current(&self, stored: &Stored, input_bytes: usize) -> bool {
        let pepper = self.pepper.as_ref().map(NamedKey::name);
        match (self.scheme, stored) {
            (Scheme::Argon2id, Stored::Argon2(hash)) => {
                hash.algorithm == Algorithm::Argon2id
                    && hash.version == Version::V0x13
                    && hash.memory_kib >= self.params.m_cost()
                    && hash.passes >= self.params.t_cost()
                    && hash.lanes >= self.params.p_cost()
                    && hash.salt.len() >= SALT_BYTES
                    && hash.output.len() >= OUTPUT_BYTES
                    && hash.key_id.as_deref() == pepper
            }
            (Scheme::Bcrypt, Stored::Bcrypt(parts)) => {
                parts.get_cost() >= self.bcrypt_cost && pepper.is_none() && input_bytes <= BCRYPT_BYTES
            }
            (Scheme::Bcrypt, Stored::BcryptSha256(hash)) => {
                hash.parts.get_cost() >= self.bcrypt_cost && hash.key_id.as_deref() == pepper
            }
            _ => false,
        }
    }

    fn argon2id_text(&self, input: &[u8], salt: &[u8], memory: &mut Memory) -> Result<String> {
        let pepper = self.pepper.as_ref();
        let argon2 = argon2_with(Algorithm::Argon2id, Version::V0x13, self.params.clone(), pepper)?;
        let mut output = Zeroizing::new([0; OUTPUT_BYTES]);
        run_argon2(&argon2, input, salt, &mut *output, memory)?;
        let key_id =
            pepper.map_or_else(String::new, |key| format!(",keyid={}", BASE64_NOPAD.encode(key.name().as_bytes())));
        Ok(format!(
            "$argon2id$v=19$m={},t={},p={}{key_id}${}${}",
            self.params.m_cost(),
            self.params.t_cost(),
            self.params.p_cost(),
            BASE64_NOPAD.encode(salt),
            BASE64_NOPAD.encode(&*output),
        ))
    }

    fn bcrypt_text(&self, input: &[u8], salt: [u8; SALT_BYTES]) -> Result<String> {
        // NUL ends the password in most implementations, so it must not come in as it is.
        if self.pepper.is_none() && input.len() <= BCRYPT_BYTES && !input.contains(&0) {
            return Ok(bcrypt_parts(input, self.bcrypt_cost, salt)?.to_string());
        }
        let written_salt = bcrypt_base64(&salt);
        let input = prehash(input, &written_salt, self.pepper.as_ref());
        let whole = bcrypt_parts(input.as_bytes(), self.bcrypt_cost, salt)?.to_string();
        let hash = whole.get(29..).unwrap_or_default();
        let key_id = self.pepper.as_ref().map_or_else(String::new, |key| format!(",keyid={}", key.name()));
        Ok(format!("$bcrypt-sha256$v=2,t=2b,r={}{key_id}${written_salt}${hash}", self.bcrypt_cost))
    }

    fn pepper_named(&self, name: &str) -> Option<&NamedKey> {
        self.pepper.iter().chain(&self.old_peppers).find(|pepper| pepper.name() == name)
    }
}

impl fmt::Debug for Engine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Engine").field("scheme", &self.scheme).finish_non_exhaustive()
    }
}

fn configuration(detail: String) -> Error {
    Error::new(ErrorKind::Configuration).with_detail(detail)
}

#[cfg(test)]
#[path = "engine_tests.rs"]
mod tests;
