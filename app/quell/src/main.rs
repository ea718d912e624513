//! The program: the server, the import, and the analyst's commands on plain files.

mod analysis;

use clap::{Parser, Subcommand};
use std::process::ExitCode;

#[derive(Parser)]
#[command(
    name = "quell",
    version,
    about = "Find it early, trace it fast, contain it precisely, at the least cost to everybody."
)]
struct Program {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    #[command(flatten)]
    Analysis(analysis::Analysis),
}

fn main() -> ExitCode {
    let result = match Program::parse().command {
        Command::Analysis(analysis) => analysis.run(),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("quell: {message}");
            ExitCode::FAILURE
        }
    }
}
