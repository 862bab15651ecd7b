//! `archi config`: the sections that every service has. The sections of an application are known to itself alone, so its own
//! program has the same commands.

use std::path::{Path, PathBuf};

use archirust::config::Profile;
use archirust::{App, Exit, Inspection, Result, ServiceSettings};
use clap::{Args, Subcommand};

use crate::input;
use crate::output::{complain, json, say, usage};

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Load the settings as a start would, and say all that is wrong and which rules do not hold.
    Check {
        #[command(flatten)]
        place: Place,
        /// Answer in JSON.
        #[arg(long)]
        json: bool,
    },
    /// Show every effective value with its origin; secrets only as length.
    Explain {
        #[command(flatten)]
        place: Place,
    },
    /// Print an example of `archi.toml`, with every setting and its documentation.
    Example {
        /// An example of `.env` instead.
        #[arg(long)]
        env: bool,
    },
    /// Print the JSON Schema of `archi.toml`.
    Schema,
}

#[derive(Debug, Args)]
pub(crate) struct Place {
    /// The folder of `archi.toml`.
    #[arg(long, value_name = "FOLDER", default_value = ".", value_parser = input::file_name)]
    directory: PathBuf,
    /// The profile, whatever the settings say: development, staging or production.
    #[arg(long)]
    profile: Option<Profile>,
}

pub(crate) fn run(command: &Command) -> Result<Exit> {
    match command {
        Command::Check { place, json: false } => {
            let inspection = inspect(place)?;
            note_foreign(&inspection);
            say(&inspection.text())?;
            Ok(inspection.exit())
        }
        Command::Check { place, json: true } => {
            let inspection = inspect(place)?;
            say(&json(&inspection.to_json())?)?;
            Ok(inspection.exit())
        }
        Command::Explain { place } => {
            let inspection = inspect(place)?;
            note_foreign(&inspection);
            say(&inspection.explanation.to_string())?;
            if inspection.is_readable() {
                return Ok(Exit::Success);
            }
            complain("not all of it is right: `archi config check` says what is not");
            Ok(Exit::Configuration)
        }
        Command::Example { env } => {
            let app = app(Path::new(""));
            say(&if *env { app.example_env::<ServiceSettings>() } else { app.example_toml::<ServiceSettings>() })?;
            Ok(Exit::Success)
        }
        Command::Schema => {
            say(&json(&app(Path::new("")).schema::<ServiceSettings>())?)?;
            Ok(Exit::Success)
        }
    }
}

fn inspect(place: &Place) -> Result<Inspection> {
    if !place.directory.is_dir() {
        return Err(usage("the folder of --directory does not exist, or can't be read"));
    }
    // As in the files that a service would be started beside: `archi.toml` rather than `./archi.toml`.
    let here = place.directory == Path::new(".");
    let directory = if here { Path::new("") } else { &place.directory };
    if !directory.join("archi.toml").exists() {
        complain(&format!(
            "there is no {}: only variables and defaults are looked at",
            directory.join("archi.toml").display()
        ));
    }
    let app = app(directory);
    let mut loader = app.loader();
    if let Some(profile) = place.profile {
        loader = loader.profile(profile);
    }
    Ok(app.inspect_foreign(loader.load::<ServiceSettings>()))
}

fn app(directory: &Path) -> App {
    App::new("archi", env!("CARGO_PKG_VERSION")).directory(Some(directory.to_owned()))
}

fn note_foreign(inspection: &Inspection) {
    if !inspection.foreign.is_empty() {
        complain(&format!(
            "not looked at, since only the program of the service knows it: {} (see its own `config check`)",
            inspection.foreign.join(", ")
        ));
    }
}
