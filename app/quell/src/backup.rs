//! `quell backup FILE`: everything into one file while the database is in use.

use crate::open::{database, operator_now};
use crate::place::PlaceArgs;
use clap::{Args, Subcommand};
use std::io::IsTerminal;
use std::path::{Path, PathBuf};
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
}

impl Backup {
    pub fn run(self) -> Result<(), String> {
        match (self.ask, self.to) {
            (Some(Ask::Check { file }), _) => {
                let manifest = archive::check(&file).map_err(|fault| fault.to_string())?;
                println!("{} is whole: {}.", file.display(), told(&manifest));
                Ok(())
            }
            (None, Some(to)) => write(&to, &self.place),
            (None, None) => Err("name the file to write, such as `quell backup today.quell`".to_owned()),
        }
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
