//! `archi secret`

use archirust::auth::NamedKey;
use archirust::random::SystemRandom;
use archirust::secret::MIN_KEY_BYTES;
use archirust::{Exit, Result};
use clap::{Subcommand, ValueEnum};
use data_encoding::{BASE64, BASE64URL_NOPAD, HEXLOWER};
use zeroize::Zeroizing;

use crate::output::{say, usage};

/// The longest secret, in bytes.
const MAX_BYTES: usize = 1024;

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Print a new random secret, as `secret_key` needs it.
    Generate {
        /// Its length in bytes: 32 to 1024.
        #[arg(long, value_name = "NUMBER", default_value_t = MIN_KEY_BYTES, value_parser = length)]
        bytes: usize,
        /// How it is written.
        #[arg(long, value_enum, default_value_t = Encoding::Base64)]
        encoding: Encoding,
        /// Put a name of up to 8 characters in front, as `totp.key` and `password.pepper` need it so that they can be
        /// rotated. Never give a name twice.
        #[arg(long, value_name = "NAME")]
        named: Option<String>,
    },
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum Encoding {
    Base64,
    Base64url,
    Hex,
}

pub(crate) fn run(command: &Command) -> Result<Exit> {
    let Command::Generate { bytes, encoding, named } = command;
    let mut secret = Zeroizing::new(vec![0; *bytes]);
    SystemRandom::shared().fill(&mut secret);
    let text = Zeroizing::new(match encoding {
        Encoding::Base64 => BASE64.encode(&secret),
        Encoding::Base64url => BASE64URL_NOPAD.encode(&secret),
        Encoding::Hex => HEXLOWER.encode(&secret),
    });
    match named {
        None => say(&text)?,
        Some(name) => {
            let named = Zeroizing::new(format!("{name}:{}", *text));
            let key = NamedKey::parse(&named).map_err(|error| usage(format!("the secret {error}")))?;
            // A colon would end the name.
            if key.name() != name {
                return Err(usage("the secret has a name with a colon, which ends it"));
            }
            say(&named)?;
        }
    }
    Ok(Exit::Success)
}

fn length(text: &str) -> std::result::Result<usize, String> {
    match text.parse() {
        Ok(bytes @ MIN_KEY_BYTES..=MAX_BYTES) => Ok(bytes),
        _ => Err(format!("a secret has {MIN_KEY_BYTES} to {MAX_BYTES} bytes")),
    }
}
