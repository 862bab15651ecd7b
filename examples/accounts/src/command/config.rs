//! `accounts config`

use std::process::ExitCode;

use archirust::{App, Exit};
use clap::Subcommand;

use crate::settings::AccountsSettings;

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Says all that is wrong with the settings, and which rules do not hold.
    Check,
    /// Shows every effective value with its origin; secrets only as length.
    Explain,
    /// Prints an example of archi.toml.
    Example {
        /// An example of .env instead.
        #[arg(long)]
        env: bool,
    },
    /// Prints the JSON Schema of archi.toml.
    Schema,
}

pub(super) fn run(app: &App, command: &Command) -> ExitCode {
    match command {
        Command::Check => {
            let inspection = app.inspect::<AccountsSettings>();
            say(&inspection.text());
            inspection.exit().into()
        }
        Command::Explain => {
            let inspection = app.inspect::<AccountsSettings>();
            say(&inspection.explanation.to_string());
            let exit = if inspection.problems.is_empty() { Exit::Success } else { Exit::Configuration };
            exit.into()
        }
        Command::Example { env: true } => done(&app.example_env::<AccountsSettings>()),
        Command::Example { env: false } => done(&app.example_toml::<AccountsSettings>()),
        Command::Schema => done(&format!("{:#}", app.schema::<AccountsSettings>())),
    }
}

fn done(text: &str) -> ExitCode {
    say(text);
    Exit::Success.into()
}

#[expect(clippy::print_stdout, reason = "the answer to a command")]
fn say(text: &str) {
    println!("{}", text.trim_end());
}
