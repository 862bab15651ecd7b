//! `accounts admin`

use std::io::{self, IsTerminal, Read};
use std::process::ExitCode;

use archirust::{App, Error, ErrorKind, Result, Secret, Start};
use clap::Subcommand;
use garde::Validate;

use crate::dto::Register;
use crate::logic::{Accounts, Role};
use crate::settings::AccountsSettings;

/// The longest password that is read.
const MAX_PASSWORD: u64 = 4096;

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Makes an administrator. The password is asked for, or read from standard input.
    Create {
        /// The e-mail address, which is also the name to log in with.
        #[arg(long)]
        email: String,
        /// How the administrator is called.
        #[arg(long, default_value = "Administrator")]
        name: String,
    },
}

pub(super) fn run(app: App, command: Command) -> ExitCode {
    let Command::Create { email, name } = command;
    app.perform(async |start: &mut Start<AccountsSettings>| {
        let accounts = Accounts::new(start).await?;
        let new = Register { email, password: read_password()?, display_name: name };
        if let Err(report) = new.validate() {
            return Err(Error::new(ErrorKind::Configuration).with_detail(report.to_string().replace('\u{1f}', ": ")));
        }
        let admin = accounts.register(new, Role::Admin).await.map_err(explained)?;
        say(&format!("made the administrator {}", admin.id));
        Ok(())
    })
}

fn read_password() -> Result<Secret<String>> {
    let refused = |detail: String| Error::new(ErrorKind::Configuration).with_detail(detail);
    if io::stdin().is_terminal() {
        let ask = |prompt: &str| {
            rpassword::prompt_password(prompt)
                .map(Secret::new)
                .map_err(|error| refused(format!("the password could not be read: {error}")))
        };
        let password = ask("password: ")?;
        if password != ask("password again: ")? {
            return Err(refused("the password was not typed twice alike".to_owned()));
        }
        return Ok(password);
    }
    let mut text = String::new();
    io::stdin()
        .lock()
        .take(MAX_PASSWORD)
        .read_to_string(&mut text)
        .map_err(|error| refused(format!("the password could not be read from standard input: {error}")))?;
    let password = Secret::new(text);
    Ok(Secret::from(password.expose().trim_end_matches(['\r', '\n'])))
}

/// What speaks against the account, in words: at a terminal there is no body to look into.
fn explained(error: Error) -> Error {
    if error.fields().is_empty() {
        return error;
    }
    let reasons: Vec<String> = error
        .fields()
        .iter()
        .map(|field| format!("{} {}", field.pointer.trim_start_matches('/'), field.message))
        .collect();
    Error::new(error.kind()).with_detail(reasons.join("; "))
}

#[expect(clippy::print_stdout, reason = "the answer to a command")]
fn say(text: &str) {
    println!("{text}");
}
