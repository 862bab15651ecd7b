//! `archi jwt`

mod inspect;
mod jwks;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use archirust::auth::jwt::{
    Algorithm, JwkSet, KeyFile, KeyRing, KeySet, MAX_ACCESS_TTL, NewToken, REGISTERED_CLAIMS, Signer, SigningKey,
    Verifier,
};
use archirust::config::SettingValue;
use archirust::{Exit, Result, Secret};
use clap::Subcommand;
use serde_json::{Map, Value};

use crate::input;
use crate::output::{complain, json, say, usage, visible, words};

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Make a key file (PKCS#8 in PEM, mode 0600), and print its public key as a JWK set.
    Keygen {
        /// ES256, EdDSA, RS256 or PS256.
        #[arg(long, default_value = "ES256", value_parser = asymmetric)]
        algorithm: Algorithm,
        /// The file to make. One that exists is never replaced.
        #[arg(long, value_name = "FILE", value_parser = input::file_name)]
        out: PathBuf,
    },
    /// Show what a token says, without checking it. It is read from standard input, or asked for.
    Inspect,
    /// Sign an access token, to try a service out, and print it.
    Sign {
        /// The key file.
        #[arg(long, value_name = "FILE", value_parser = input::file_name)]
        key: PathBuf,
        /// The algorithm of the key: ES256, EdDSA, RS256 or PS256. Without it, the one that the key is for; with an RSA key,
        /// RS256.
        #[arg(long, value_parser = asymmetric)]
        algorithm: Option<Algorithm>,
        /// Who issues it.
        #[arg(long, value_name = "NAME")]
        issuer: String,
        /// For whom it is. May be repeated.
        #[arg(long, value_name = "NAME", required = true)]
        audience: Vec<String>,
        /// Whom it is about.
        #[arg(long, value_name = "ID")]
        subject: String,
        /// How long it lives: 1s to 1h.
        #[arg(long, value_name = "DURATION", default_value = "5m", value_parser = lifetime)]
        ttl: Duration,
        /// A further claim; the value is JSON, or else text. May be repeated.
        #[arg(long = "claim", value_name = "NAME=VALUE", value_parser = claim)]
        claims: Vec<(String, Value)>,
    },
    /// Check an access token as a service does. It is read from standard input, or asked for.
    ///
    /// Exits with 1 if it is not valid. Whether it was revoked is known to the service alone.
    Verify {
        /// The public keys, a JWK set: a file, or an https URL (http on this machine only).
        #[arg(long, value_name = "FILE|URL", value_parser = input::file_name)]
        jwks: PathBuf,
        /// Who must have issued it.
        #[arg(long, value_name = "NAME")]
        issuer: String,
        /// For whom it must be. May be repeated; one of them is enough.
        #[arg(long, value_name = "NAME", required = true)]
        audience: Vec<String>,
    },
}

pub(crate) fn run(command: Command) -> Result<Exit> {
    match command {
        Command::Keygen { algorithm, out } => keygen(&KeyFile::new(out, algorithm)),
        Command::Inspect => inspect::run(&token()?),
        Command::Sign { key, algorithm, issuer, audience, subject, ttl, claims } => {
            let ring = Arc::new(KeyRing::new(load(&key, algorithm)?));
            let signer = Signer::new(ring, issuer, audience)?.with_access_ttl(ttl)?;
            let extra = members(claims)?;
            say(signer.sign(&NewToken::new(subject).extra(extra))?.expose())?;
            Ok(Exit::Success)
        }
        Command::Verify { jwks, issuer, audience } => {
            let keys = Arc::new(KeySet::from_jwks(&jwks::read(&jwks)?)?);
            let builder = Verifier::builder(keys).issuer(issuer).audience(audience);
            // The command can't know what the service asks for, so it takes as long as any service may.
            verify(&builder.max_lifetime(MAX_ACCESS_TTL).build()?)
        }
    }
}

fn keygen(file: &KeyFile) -> Result<Exit> {
    let key = file.create()?;
    complain(&format!("made {} (mode 0600)", file.path().display()));
    say(&json(&JwkSet { keys: key.verifying_key().jwk().cloned().into_iter().collect() })?)?;
    Ok(Exit::Success)
}

fn load(path: &Path, algorithm: Option<Algorithm>) -> Result<SigningKey> {
    let with = |algorithm| KeyFile::new(path, algorithm).load();
    match algorithm {
        Some(algorithm) => with(algorithm),
        None => with(Algorithm::Es256)
            .or_else(|error| with(Algorithm::EdDsa).or_else(|_| with(Algorithm::Rs256)).map_err(|_| error)),
    }
}

fn verify(verifier: &Verifier) -> Result<Exit> {
    match verifier.verify::<Map<String, Value>>(token()?.expose()) {
        Ok(claims) => {
            let mut lines = vec![
                "valid".to_owned(),
                format!("iss  {}", claims.iss),
                format!("sub  {}", claims.sub),
                format!("aud  {}", claims.aud.join(", ")),
                format!("jti  {}", claims.jti),
                format!("iat  {}", claims.iat),
                format!("exp  {}", claims.exp),
            ];
            if !claims.extra.is_empty() {
                lines.push(format!("more {}", Value::Object(claims.extra)));
            }
            say(&visible(&lines.join("\n")))?;
            Ok(Exit::Success)
        }
        Err(error) => {
            say(&format!("not valid: {}", words(&error)))?;
            Ok(Exit::Failure)
        }
    }
}

/// The token on standard input. What is around it when it is copied does not belong to it.
fn token() -> Result<Secret<String>> {
    let typed = input::secret("token")?;
    let token = typed.expose().trim();
    if token.is_empty() {
        return Err(usage("the token is empty: pass it on standard input, or type it at the prompt of a terminal"));
    }
    if token.contains(|c: char| c.is_whitespace() || c.is_control()) {
        return Err(usage(
            "the token holds white space: pass it in one piece, without `Bearer` and without line breaks",
        ));
    }
    Ok(Secret::from(token))
}

/// What a token that can't be read is.
fn unreadable() -> archirust::Error {
    usage(
        "what came in is not a signed token in compact form: three parts of base64url with dots between, two of them JSON",
    )
}

fn asymmetric(text: &str) -> std::result::Result<Algorithm, String> {
    let algorithm = Algorithm::ALL.into_iter().find(|algorithm| algorithm.name().eq_ignore_ascii_case(text));
    match algorithm {
        Some(algorithm) if algorithm.is_symmetric() => {
            Err("HS256 has no key file: its secret is made with `archi secret generate`".to_owned())
        }
        Some(algorithm) => Ok(algorithm),
        None => Err("there are ES256, EdDSA, RS256 and PS256".to_owned()),
    }
}

fn lifetime(text: &str) -> std::result::Result<Duration, String> {
    match Duration::from_text(text) {
        Ok(ttl) if (Duration::from_secs(1)..=MAX_ACCESS_TTL).contains(&ttl) => Ok(ttl),
        Ok(_) => Err("a token lives 1s to 1h".to_owned()),
        Err(_) => Err("a duration is written as 30s, 5m or 1h".to_owned()),
    }
}

fn claim(text: &str) -> std::result::Result<(String, Value), String> {
    let (name, value) = text.split_once('=').ok_or("there is no `=` between name and value")?;
    if name.is_empty() {
        return Err("there is no name before the `=`".to_owned());
    }
    if REGISTERED_CLAIMS.contains(&name) {
        return Err(format!("the claim {name} is written by the signer"));
    }
    let value = serde_json::from_str(value).unwrap_or_else(|_| Value::String(value.to_owned()));
    Ok((name.to_owned(), value))
}

fn members(claims: Vec<(String, Value)>) -> Result<Map<String, Value>> {
    let mut members = Map::new();
    for (name, value) in claims {
        if members.insert(name, value).is_some() {
            return Err(usage("a name was given to --claim twice"));
        }
    }
    Ok(members)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn claims_are_json_or_text_and_never_registered_ones() {
        assert_eq!(claim("scope=a b").unwrap(), ("scope".to_owned(), Value::from("a b")));
        assert_eq!(claim("admin=true").unwrap(), ("admin".to_owned(), Value::from(true)));
        assert_eq!(claim("a=b=c").unwrap(), ("a".to_owned(), Value::from("b=c")));
        for name in REGISTERED_CLAIMS {
            assert!(claim(&format!("{name}=x")).is_err(), "{name}");
        }
        assert!(claim("scope").is_err() && claim("=x").is_err());
        assert!(members(vec![("a".to_owned(), 1.into()), ("a".to_owned(), 2.into())]).is_err());
    }

    #[test]
    fn lifetimes_are_those_of_access_tokens() {
        assert_eq!(lifetime("1s"), Ok(Duration::from_secs(1)));
        assert_eq!(lifetime("1h"), Ok(Duration::from_secs(3600)));
        for bad in ["", "5", "999ms", "0s", "3601s", "-5m", "1d"] {
            assert!(lifetime(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn algorithms_without_a_key_file_are_refused() {
        assert_eq!(asymmetric("eddsa"), Ok(Algorithm::EdDsa));
        for bad in ["HS256", "hs256", "none", "", "ES512"] {
            assert!(asymmetric(bad).is_err(), "{bad}");
        }
    }
}
