//! Settings of access tokens.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use archirust_core::clock::Clock;
use archirust_core::config::{Conflict, Settings};
use archirust_core::random::Random;
use archirust_core::secret::StrongKey;
use archirust_core::{Error, ErrorKind, Result, Timestamp, setting_from_str};
use serde::de::DeserializeOwned;

use super::{
    Algorithm, CachedVerifier, DEFAULT_MAX_LIFETIME, KeyFile, KeyRing, KeySet, Signer, SigningKey, Verifier, names,
};

/// Settings of access tokens.
#[derive(Clone, Debug, Settings)]
#[settings(validate = conflicts)]
pub struct JwtSettings {
    /// Who issues the tokens: the public URL of the service, compared character for character.
    #[setting(required = "production", validate = is_a_name)]
    pub issuer: Option<String>,
    /// For whom the tokens are: the names of the services that take them, of which this service takes any. With none given
    /// they are for the issuer itself.
    #[setting(default = "[]", range = "0..=16", validate = are_names)]
    pub audience: Vec<String>,
    /// How long an access token lives. Minutes: it can be stolen, and whoever has it is believed until it ends.
    #[setting(default = "5m", range = "1s..=60m")]
    pub access_ttl: Duration,
    /// How far the clocks of issuer and verifier may differ.
    #[setting(default = "30s", range = "0s..=60s")]
    pub leeway: Duration,
    /// The algorithm of the key. HS256 is for first-party use only: whoever can verify a token can also make one.
    #[setting(default = "ES256")]
    pub algorithm: Algorithm,
    /// The file of the key that signs: unencrypted PKCS#8 in PEM with mode 0600. Not used with HS256.
    #[setting(default = "data/jwt.pem")]
    pub key_file: PathBuf,
    /// The files of keys that signed before the last rotation. Their tokens are taken until `previous_until`.
    #[setting(default = "[]", range = "0..=8")]
    pub previous_key_files: Vec<PathBuf>,
    /// Until when tokens of the previous keys are taken, as in 2026-01-31T12:00:00Z: the time of the rotation and the
    /// lifetime of a token are enough.
    pub previous_until: Option<Deadline>,
    /// The secret of HS256, shared by all first-party services that verify.
    pub secret: Option<StrongKey>,
    /// How many verified tokens are remembered, so that the signature of one that comes again is not computed again. 0 turns it off.
    #[setting(default = 10000, range = "0..=1000000")]
    pub verified_entries: u64,
    /// How long a verified token is remembered; never longer than it or its key lives. 0s turns it off.
    #[setting(default = "60s", range = "0s..=60s")]
    pub verified_ttl: Duration,
}

impl JwtSettings {
    /// The defaults, for this issuer and audience.
    pub fn new(issuer: impl Into<String>, audience: impl IntoIterator<Item = impl Into<String>>) -> Self {
        let audience = audience.into_iter().map(Into::into).collect();
        Self { issuer: Some(issuer.into()), audience, ..Self::default() }
    }

    /// Reads the keys. Blocks: it belongs into start-up.
    ///
    /// # Errors
    /// `Configuration`, naming the file and the remedy.
    pub fn load_keys(&self) -> Result<KeyRing> {
        self.ring(match &self.secret {
            Some(secret) if self.algorithm.is_symmetric() => SigningKey::hs256_first_party(secret),
            _ => self.file(&self.key_file).load()?,
        })
    }

    /// Reads the keys, and makes the current one if its file does not exist; says whether it was made.
    ///
    /// # Errors
    /// As [`JwtSettings::load_keys`].
    pub fn load_or_create_keys(&self) -> Result<(KeyRing, bool)> {
        if self.algorithm.is_symmetric() {
            return Ok((self.load_keys()?, false));
        }
        let (key, made) = self.file(&self.key_file).load_or_create()?;
        Ok((self.ring(key)?, made))
    }

    /// The signer.
    ///
    /// # Errors
    /// `Configuration`: a value that [`JwtSettings`] would not have read from a source.
    pub fn signer(&self, ring: Arc<KeyRing>, clock: Arc<dyn Clock>, random: Arc<dyn Random>) -> Result<Signer> {
        let (issuer, audience) = self.names()?;
        let signer = Signer::new(ring, issuer, audience)?.with_access_ttl(self.access_ttl)?;
        Ok(signer.with_sources(clock, random))
    }

    /// The verifier. It takes tokens that live up to 15 minutes also where `access_ttl` is less, so that a change of that
    /// setting refuses nobody.
    ///
    /// # Errors
    /// As [`JwtSettings::signer`].
    pub fn verifier(&self, keys: Arc<KeySet>, clock: Arc<dyn Clock>) -> Result<Verifier> {
        let (issuer, audience) = self.names()?;
        Verifier::builder(keys)
            .issuer(issuer)
            .audience(audience)
            .leeway(self.leeway)
            .max_lifetime(self.access_ttl.max(DEFAULT_MAX_LIFETIME))
            .clock(clock)
            .build()
    }

    /// The verifier with its memory.
    ///
    /// # Errors
    /// As [`JwtSettings::signer`].
    pub fn cached_verifier<E>(&self, keys: Arc<KeySet>, clock: Arc<dyn Clock>) -> Result<CachedVerifier<E>>
    where
        E: DeserializeOwned + Send + Sync + 'static,
    {
        CachedVerifier::new(self.verifier(keys, clock)?, self.verified_entries, self.verified_ttl)
    }

    /// Issuer and audience.
    fn names(&self) -> Result<(&String, Vec<&String>)> {
        let issuer = self.issuer.as_ref().ok_or_else(|| {
            Error::new(ErrorKind::Configuration).with_detail(
                "jwt.issuer is missing: set it to the public URL of the service, such as https://accounts.example.org",
            )
        })?;
        let audience = if self.audience.is_empty() { vec![issuer] } else { self.audience.iter().collect() };
        Ok((issuer, audience))
    }

    fn ring(&self, current: SigningKey) -> Result<KeyRing> {
        let mut ring = KeyRing::new(current);
        for path in &self.previous_key_files {
            let until = self.previous_until.ok_or_else(|| {
                Error::new(ErrorKind::Configuration).with_detail(
                    "jwt.previous_key_files needs jwt.previous_until: say until when their tokens are taken",
                )
            })?;
            ring = ring.with_previous(self.file(path).load()?.verifying_key(), until.0)?;
        }
        Ok(ring)
    }

    fn file(&self, path: &std::path::Path) -> KeyFile {
        KeyFile::new(path, self.algorithm)
    }
}

#[expect(clippy::ptr_arg, reason = "the loader hands out what is stored")]
fn is_a_name(name: &String) -> std::result::Result<(), &'static str> {
    names::configured_flaw(name).map_or(Ok(()), Err)
}

#[expect(clippy::ptr_arg, reason = "the loader hands out what is stored")]
fn are_names(names: &Vec<String>) -> std::result::Result<(), &'static str> {
    names.iter().try_for_each(is_a_name)
}

/// Settings that are each sound and do not go together.
fn conflicts(settings: &JwtSettings) -> Vec<Conflict> {
    let symmetric = settings.algorithm.is_symmetric();
    let found = [
        (symmetric && settings.secret.is_none()).then(|| Conflict::new("secret", "is needed with HS256")),
        (!symmetric && settings.secret.is_some()).then(|| {
            Conflict::new("secret", format!("is only for HS256, and the algorithm is {}", settings.algorithm))
        }),
        (symmetric && !settings.previous_key_files.is_empty())
            .then(|| Conflict::new("previous_key_files", "is not for HS256, which has no key files")),
        (!settings.previous_key_files.is_empty() && settings.previous_until.is_none())
            .then(|| Conflict::new("previous_until", "is needed with previous_key_files")),
        settings
            .previous_key_files
            .contains(&settings.key_file)
            .then(|| Conflict::new("previous_key_files", "names key_file, which signs now")),
    ];
    found.into_iter().flatten().collect()
}

/// A moment at which something ends (RFC 3339): `2026-01-31T12:00:00Z`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Deadline(pub Timestamp);

impl fmt::Display for Deadline {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for Deadline {
    type Err = jiff::Error;

    fn from_str(text: &str) -> std::result::Result<Self, jiff::Error> {
        text.parse().map(Self)
    }
}

setting_from_str!(Deadline, "moment", "a moment such as 2026-01-31T12:00:00Z");
