//! `quell backup FILE`: everything into one file while the database is in use.

mod kept;
mod schedule;

pub use schedule::Schedule;

use crate::open::{database, operator_now};
use crate::place::PlaceArgs;
use clap::{Args, Subcommand};
use std::io::IsTerminal;
use std::path::{Path, PathBuf};
use std::time::Duration;
use store::archive::{self, Manifest, Progress};

#[derive(Args)]
#[command(args_conflicts_with_subcommands = true, arg_required_else_help = true)]
pub struct Backup {
    #[command(subcommand)]
    ask: Option<Ask>,
    /// The backup; it must not exist yet
    to: Option<PathBuf>,
    #[command(flatten)]
    place: PlaceArgs,
}

#[derive(Subcommand)]
enum Ask {
    /// Read every byte of a backup and compare it with what was written
    Check { file: PathBuf },
    /// Is there a good backup of late? Fails when there is none, so that a watch can be set on it
    Status {
        /// The folder that `quell serve --backup-to` writes to
        folder: PathBuf,
        /// How old the last good one may be
        #[arg(long, value_name = "TIME", default_value = "24h", value_parser = schedule::length_of_time)]
        within: Duration,
    },
}

impl Backup {
    pub fn run(self) -> Result<(), String> {
        match (self.ask, self.to) {
            (Some(Ask::Check { file }), _) => {
                let manifest = archive::check(&file).map_err(|fault| fault.to_string())?;
                println!("{} is whole: {}.", file.display(), told(&manifest));
                Ok(())
            }
            (Some(Ask::Status { folder, within }), _) => status(&folder, within),
            (None, Some(to)) => write(&to, &self.place),
            (None, None) => Err("name the file to write, such as `quell backup today.quell`".to_owned()),
        }
    }
}

fn status(folder: &Path, within: Duration) -> Result<(), String> {
    let shelf = kept::Shelf::of(folder)?;
    for one in &shelf.kept {
        match &one.fault {
            None => println!(
                "{}  good  {} rows, journal {} rows, head {}  {}",
                one.at, one.rows, one.journal_rows, one.head, one.file
            ),
            Some(why) => println!("{}  NO GOOD: {why}", one.at),
        }
    }
    let Some(good) = shelf.last_good() else {
        return Err(format!("{} has no good backup; see what `quell serve` says", folder.display()));
    };
    let oldest = good.at.plus_seconds(i64::try_from(within.as_secs()).unwrap_or(i64::MAX / 2_000));
    if oldest < operator_now() {
        return Err(format!(
            "the last good backup is of {}, which is too long ago; see what `quell serve` says",
            good.at
        ));
    }
    match shelf.kept.last().and_then(|last| last.fault.as_ref()) {
        Some(why) => {
            Err(format!("the last good backup is of {}, and the one after it failed: {why}", good.at))
        }
        None => Ok(()),
    }
}

fn write(to: &Path, place: &PlaceArgs) -> Result<(), String> {
    let seen = std::io::stderr().is_terminal();
    let manifest = database(place)?
        .backup(to, operator_now(), &mut |progress| {
            if seen {
                show(progress);
            }
        })
        .map_err(|fault| fault.to_string())?;
    if seen {
        eprintln!();
    }
    println!("{} written: {}.", to.display(), told(&manifest));
    println!("Keep the keys elsewhere: they are not inside, and without them names stay sealed.");
    Ok(())
}

fn show(progress: Progress<'_>) {
    eprint!(
        "\r{:>6} MB of at most {} MB: {} rows of {:<24}",
        progress.bytes >> 20,
        progress.about >> 20,
        progress.rows,
        progress.table
    );
}

pub fn told(manifest: &Manifest) -> String {
    format!(
        "{} rows of {} tables, {} MB; journal {} rows, head {}",
        manifest.rows(),
        manifest.parts.len(),
        manifest.bytes() >> 20,
        manifest.journal_rows,
        manifest.head
    )
}
