//! What the administrator types: `accounts`, `accounts admin create`, `accounts config check`.

mod admin;
mod config;

use std::path::PathBuf;
use std::process::ExitCode;

use archirust::App;
use clap::{Parser, Subcommand};

/// Accounts: the reference service of ArchiRust. Without a command it serves.
#[derive(Debug, Parser)]
#[command(name = "accounts", version, max_term_width = 120)]
struct Arguments {
    /// The folder of archi.toml. Otherwise the current one.
    #[arg(long, global = true, value_name = "FOLDER")]
    directory: Option<PathBuf>,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serves until it is told to stop.
    Serve,
    /// Looks after administrators.
    #[command(subcommand)]
    Admin(admin::Command),
    /// Looks at the settings.
    #[command(subcommand)]
    Config(config::Command),
}

pub(crate) fn run() -> ExitCode {
    let Arguments { directory, command } = Arguments::parse();
    let app = App::new("accounts", env!("CARGO_PKG_VERSION")).directory(directory);
    match command {
        None | Some(Command::Serve) => crate::serve(app),
        Some(Command::Admin(command)) => admin::run(app, command),
        Some(Command::Config(command)) => config::run(&app, &command),
    }
}
