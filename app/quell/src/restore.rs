//! `quell restore BACKUP --data NEW`: a backup of either engine into a new place of either engine.

use crate::backup::told;
use crate::onward;
use crate::open::database;
use crate::place::PlaceArgs;
use base::Moment;
use clap::Args;
use std::fs;
use std::path::{Path, PathBuf};
use store::Place;

#[derive(Args)]
pub struct Restore {
    /// What `quell backup` wrote, or a copy of the embedded database
    backup: PathBuf,
    /// The folder with the keys that belong to it; they are copied into the new place
    #[arg(long, value_name = "DIR")]
    keys: Option<PathBuf>,
    /// Restore it even though its journal was changed before the backup was made
    #[arg(long)]
    despite_journal: bool,
    /// Go on from the backup to this moment, such as 2026-11-26T10:00+08:00, with the rows of --journal
    #[arg(long, value_name = "MOMENT", value_parser = crate::journal::moment, requires = "journal")]
    until: Option<Moment>,
    /// What `quell journal export` wrote, or the data folder or URL of a database that can still be read
    #[arg(long, value_name = "EXPORT|DIR|URL", requires = "until")]
    journal: Option<String>,
    #[command(flatten)]
    place: PlaceArgs,
}

impl Restore {
    pub fn run(self) -> Result<(), String> {
        let place = self.place.place();
        if let Some(from) = &self.keys {
            copy_keys(from, &place)?;
        }
        let key = self.place.key_file();
        let restored =
            store::archive::restore(&self.backup, &place, &key, rooms::MIGRATIONS, self.despite_journal)
                .map_err(|fault| fault.to_string())?;
        // Opening it brings the tables of an older version up to date.
        let db = database(&self.place)?;
        let repeated = rooms::people::repeat_erasures(&db).map_err(|fault| fault.to_string())?;
        if repeated > 0 {
            println!("{repeated} erasures that were made since this backup were repeated.");
        }
        println!("Restored: {}.", told(&restored.manifest));
        match restored.journal.first_bad {
            None => println!("Its journal verifies."),
            Some(row) => println!("Its journal does NOT verify from row {row} on; somebody changed it."),
        }
        match self.until.zip(self.journal.as_deref()) {
            Some((until, journal)) => onward::go_on(&self.place, journal, until, self.despite_journal),
            None => Ok(()),
        }
    }
}

/// Never over keys that are there: those may belong to something else.
fn copy_keys(from: &Path, place: &Place) -> Result<(), String> {
    let to = place.keys();
    let refuse = |fault: std::io::Error| {
        format!("cannot copy the keys from {} to {}: {fault}", from.display(), to.display())
    };
    if to.join("master.key").exists() {
        return Err(format!(
            "{} has keys already; restore without --keys, or into a new folder",
            to.display()
        ));
    }
    fs::create_dir_all(&to).map_err(refuse)?;
    for entry in fs::read_dir(from).map_err(refuse)? {
        let file = entry.map_err(refuse)?;
        if file.file_type().is_ok_and(|kind| kind.is_file()) {
            // With its mode: readable by its owner only.
            fs::copy(file.path(), to.join(file.file_name())).map_err(refuse)?;
        }
    }
    Ok(())
}
