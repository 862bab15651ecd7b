//! `archi password`

use std::path::PathBuf;

use archirust::auth::password::{
    Engine, GENERATED_LENGTH, HashShape, Memory, PasswordSettings, Policy, Verdict, generate, score,
};
use archirust::random::SystemRandom;
use archirust::{Exit, Result, Secret};
use clap::Subcommand;

use crate::input;
use crate::output::{say, usage};

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Hash a password as a service with default settings does. It is read from standard input, or asked for.
    Hash,
    /// Check a password against a stored hash. It is read from standard input, or asked for.
    ///
    /// Exits with 1 if it is not the one.
    Verify {
        /// The file with the stored hash: Argon2, bcrypt, or PBKDF2 of ArchiPy. A password that is hashed with a pepper can't
        /// be checked.
        #[arg(long, value_name = "FILE", value_parser = input::file_name)]
        hash: PathBuf,
    },
    /// Say how hard a password is to guess. It is read from standard input, or asked for.
    ///
    /// Exits with 1 if the default policy refuses it.
    Score {
        /// What others know of its user: name, e-mail address. May be repeated.
        #[arg(long, value_name = "TEXT")]
        about: Vec<String>,
    },
    /// Print a new random password.
    Generate {
        /// Its length in characters: 12 to 128.
        #[arg(long, value_name = "NUMBER", default_value_t = GENERATED_LENGTH, value_parser = length)]
        length: usize,
    },
}

pub(crate) fn run(command: Command) -> Result<Exit> {
    match command {
        Command::Hash => {
            let password = input::new_secret("password")?;
            say(engine()?.hash(&password, &mut Memory::default())?.expose())?;
            Ok(Exit::Success)
        }
        Command::Verify { hash } => {
            let stored = Secret::new(input::text("--hash", &hash)?);
            verify(stored.expose().trim(), &input::secret("password")?)
        }
        Command::Score { about } => rate(&input::secret("password")?, &about),
        Command::Generate { length } => {
            say(generate(&*SystemRandom::shared(), length)?.expose())?;
            Ok(Exit::Success)
        }
    }
}

fn verify(stored: &str, password: &Secret<String>) -> Result<Exit> {
    if !HashShape::of(stored).is_password_hash() {
        return Err(usage(
            "the file of --hash does not hold a hash of a known form (Argon2, bcrypt, PBKDF2 of ArchiPy)",
        ));
    }
    let verdict = engine()?.verify(Some(stored), password, &mut Memory::default());
    say(match verdict {
        Verdict::Valid => "valid",
        Verdict::ValidButRehash => "valid, and weaker than a new hash: a service replaces it at the next login",
        Verdict::Invalid => "not valid",
    })?;
    Ok(if verdict.is_valid() { Exit::Success } else { Exit::Failure })
}

fn rate(password: &Secret<String>, about: &[String]) -> Result<Exit> {
    let about: Vec<&str> = about.iter().map(String::as_str).collect();
    let violations = Policy::new(&PasswordSettings::default().policy)?.check(password, &about);
    let strength = score(password, &about);
    let mut text = format!("score {} of 4, about 10^{:.0} guesses", strength.score, strength.guesses_log10);
    for violation in &violations {
        text.push_str(&format!("\n{}: {violation}", violation.code()));
    }
    say(&text)?;
    Ok(if violations.is_empty() { Exit::Success } else { Exit::Failure })
}

fn engine() -> Result<Engine> {
    Engine::new(&PasswordSettings::default(), SystemRandom::shared())
}

fn length(text: &str) -> std::result::Result<usize, String> {
    match text.parse() {
        Ok(length @ 12..=128) => Ok(length),
        _ => Err("a password has 12 to 128 characters".to_owned()),
    }
}
