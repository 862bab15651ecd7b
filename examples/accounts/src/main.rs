//! Accounts: the reference service of ArchiRust. Register, log in with a second factor, look after sessions and account.
//!
//! | module | holds |
//! |---|---|
//! | [`routes`] | HTTP on one side, the logic on the other |
//! | [`dto`] | what travels over the wire |
//! | [`logic`] | what the service does |
//! | [`repository`] | its rows |
//! | [`command`] | what its administrator types |

mod command;
mod dto;
mod logic;
mod repository;
mod routes;
mod settings;

use std::process::ExitCode;
use std::sync::Arc;

use archirust::{App, Service};

use logic::Accounts;
use settings::AccountsSettings;

fn main() -> ExitCode {
    command::run()
}

/// Serves until the process is told to stop.
fn serve(app: App) -> ExitCode {
    app.serve(async |start: &mut archirust::Start<AccountsSettings>| {
        let registration = start.settings().accounts.registration;
        let accounts = Arc::new(Accounts::new(start).await?);
        Ok(Service::new(routes::all(accounts, registration)))
    })
}
