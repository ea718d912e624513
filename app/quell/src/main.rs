//! The program: the server, the import, and the analyst's commands on plain files.

mod backup;
mod check;
mod demo;
mod door;
mod editions;
mod hold;
mod import;
mod journal;
mod keep;
mod key;
mod onward;
mod open;
mod pages;
mod place;
mod privacy;
mod recorded;
mod rehearse;
mod restore;
mod serve;
mod told_rows;
mod ways;

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
    /// Import a line list; every row is accounted for.
    Import(Box<import::ImportFile>),
    /// Ask what is recorded in the database.
    #[command(subcommand)]
    Recorded(recorded::Recorded),
    /// Accounts, from the machine itself.
    #[command(subcommand)]
    Account(keep::AccountCommand),
    /// The journal: its proof, its tail, its export, and the tables made again from it.
    #[command(subcommand)]
    Journal(journal::JournalCommand),
    /// How long what names people is kept
    #[command(subcommand)]
    Retention(privacy::RetentionCommand),
    /// Papers about what was erased
    #[command(subcommand)]
    Certificate(privacy::CertificateCommand),
    /// Lists with names that left
    #[command(subcommand)]
    Exports(privacy::ExportsCommand),
    /// The keys that wrap what is sealed: turned while the house is open.
    #[command(subcommand)]
    Key(key::KeyCommand),
    /// Editions of protocols: listed, checked, told apart; how long to watch.
    #[command(subcommand)]
    Packs(editions::PacksCommand),
    /// Read every page of the database, the settings under it, and its journal.
    Check(check::Check),
    /// Everything into one file, while it is in use; `status` tells whether the scheduled ones are good.
    Backup(backup::Backup),
    /// A backup into a new place, of either engine; everything is checked first.
    Restore(restore::Restore),
    /// Fill a house of its own as fast as a city would, and ask it what it kept.
    RehearseLoad(rehearse::RehearseLoad),
    #[command(flatten)]
    Analysis(analysis::Analysis),
}

fn main() -> ExitCode {
    let result = match Program::parse().command {
        Command::Serve(serve) => serve.run(),
        Command::Import(import) => import.run(),
        Command::Recorded(recorded) => recorded.run(),
        Command::Account(account) => account.run(),
        Command::Journal(journal) => journal.run(),
        Command::Retention(retention) => retention.run(),
        Command::Certificate(certificate) => certificate.run(),
        Command::Exports(exports) => exports.run(),
        Command::Key(key) => key.run(),
        Command::Packs(packs) => packs.run(),
        Command::Check(check) => check.run(),
        Command::Backup(backup) => backup.run(),
        Command::Restore(restore) => restore.run(),
        Command::RehearseLoad(rehearsal) => rehearsal.run(),
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
