//! The program: the server, the import, and the analyst's commands on plain files.

mod analysis;
mod demo;
mod pages;
mod place;
mod serve;

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
    /// Serve the pages and the API on this machine.
    Serve(serve::Serve),
    #[command(flatten)]
    Analysis(analysis::Analysis),
}

fn main() -> ExitCode {
    let result = match Program::parse().command {
        Command::Serve(serve) => serve.run(),
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
