//! The tasks of this repository: `cargo xtask help` lists them.
//!
//! | module | holds |
//! |---|---|
//! | `args` | the command line |
//! | `steps` | what `cargo xtask test` does, step by step |
//! | `run` | running one command: output passed on, tests counted, nothing left behind |
//! | `processes` | descendants: finding, ending and reaping them |
//! | `report` | the summary and its closing line |
//! | `tools` | Debian packages and cargo tools, installed when missing |
//! | `bench`, `mutants` | the other tasks |
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a command-line tool speaks on its terminal")]

mod args;
mod bench;
mod mutants;
mod processes;
mod report;
mod run;
mod steps;
mod tools;
mod workspace;

use std::process::ExitCode;

use args::Task;

fn main() -> ExitCode {
    let task = match args::parse(std::env::args().skip(1), &steps::names()) {
        Ok(task) => task,
        Err(message) => {
            eprintln!("error: {message}");
            return ExitCode::from(2);
        }
    };
    if let Err(message) = processes::guard() {
        eprintln!("error: {message}");
        return ExitCode::FAILURE;
    }
    let done = match task {
        Task::Help => {
            print!("{}", args::HELP);
            Ok(true)
        }
        Task::List => {
            print!("{}", steps::listing());
            Ok(true)
        }
        Task::Test(choice) => Ok(steps::run(&choice)),
        Task::Bench(rest) => bench::run(&rest),
        Task::Mutants(rest) => mutants::run(&rest),
    };
    match done {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(message) => {
            eprintln!("error: {message}");
            ExitCode::FAILURE
        }
    }
}
