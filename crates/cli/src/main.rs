//! `archi`: makes and checks what the hardening of a service rests on.

mod config;
mod input;
mod jwt;
mod misuse;
mod output;
mod password;
mod rules;
mod secret;

use std::process::ExitCode;

use archirust::Exit;
use clap::{Parser, Subcommand};

/// Make and check what the hardening of a service rests on.
///
/// Secrets are read from standard input or asked for, and are never arguments: those are seen by every user of the machine.
#[derive(Debug, Parser)]
#[command(name = "archi", version, max_term_width = 120, after_help = EXIT_CODES)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

const EXIT_CODES: &str = "Exit codes:
  0  all is well
  1  a rule does not hold, or what was checked is not valid
  2  the settings, the command line or the input is not right
  3  a rule could not be judged
  4  the waivers are not valid, or one has expired";

#[derive(Debug, Subcommand)]
enum Command {
    /// List the rules, or explain one.
    Rules(rules::Arguments),
    /// Look at the settings of a service.
    #[command(subcommand)]
    Config(config::Command),
    /// Make secrets.
    #[command(subcommand)]
    Secret(secret::Command),
    /// Make keys for tokens; look at, sign and check tokens.
    #[command(subcommand)]
    Jwt(jwt::Command),
    /// Hash, check and rate passwords.
    #[command(subcommand)]
    Password(password::Command),
}

fn main() -> ExitCode {
    // Before the first use of TLS. A second call, which there is none of, would be refused and change nothing.
    drop(rustls::crypto::aws_lc_rs::default_provider().install_default());
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => return misuse::answer(error).into(),
    };
    let done = match arguments.command {
        Command::Rules(arguments) => rules::run(&arguments),
        Command::Config(command) => config::run(&command),
        Command::Secret(command) => secret::run(&command),
        Command::Jwt(command) => jwt::run(command),
        Command::Password(command) => password::run(command),
    };
    done.unwrap_or_else(|error| {
        output::complain(&format!("error: {}", output::words(&error)));
        Exit::of_error(&error)
    })
    .into()
}
