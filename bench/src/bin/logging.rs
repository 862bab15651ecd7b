//! What a log line costs: `cargo run --release -p archirust-bench --bin logging`.
#![expect(clippy::print_stdout, reason = "a command-line tool speaks on its terminal")]

use std::process::ExitCode;

use archirust_bench::logging::measure;
use clap::Parser;

/// Measures log lines beside those of tracing-subscriber, in turns.
#[derive(Parser)]
struct Options {
    /// Rounds of each measurement; the medians are shown.
    #[arg(long, default_value_t = 15)]
    rounds: usize,
    /// Events of each round.
    #[arg(long, default_value_t = 20_000)]
    events: u64,
}

fn main() -> ExitCode {
    let options = Options::parse();
    let rows = match measure(options.rounds, options.events) {
        Ok(rows) => rows,
        Err(error) => {
            println!("{error}");
            return ExitCode::FAILURE;
        }
    };
    println!(
        "| {:34} | {:9} | {:>12} | {:>12} | {:>21} |",
        "ns per event, median", "to", "archirust", "plain JSON", "ratio (least to most)"
    );
    println!("|{:-<36}|{:-<11}|{:->14}|{:->14}|{:->23}|", "", "", ":", ":", ":");
    for row in rows {
        let (least, most) = row.ratio.range();
        println!(
            "| {:34} | {:9} | {:12.0} | {:12.0} | {:7.2} ({least:.2} to {most:.2}) |",
            row.case,
            row.sink,
            row.ours.median(),
            row.plain.median(),
            row.ratio.median(),
        );
    }
    ExitCode::SUCCESS
}
