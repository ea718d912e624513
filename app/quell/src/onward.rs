//! Point-in-time restore: the rows of the journal after a backup, told onto it up to a moment.

use crate::journal::{opened, untold};
use crate::open::database;
use crate::place::PlaceArgs;
use base::{Moment, Territory};
use std::path::{Path, PathBuf};
use store::{Db, Entry, Place, Rebuild};

/// Where the rows come from.
enum Source {
    Export(PathBuf),
    /// The damaged or outdated database itself, as far as it can be read: it has the keys too.
    Database(Box<Db>),
}

impl Source {
    fn of(text: &str, place: &PlaceArgs) -> Result<Source, String> {
        let from = if text.starts_with("postgres") {
            Place::Postgres { url: text.to_owned(), keys: place.place().keys() }
        } else if Path::new(text).is_dir() {
            Place::Folder(PathBuf::from(text))
        } else {
            return Ok(Source::Export(PathBuf::from(text)));
        };
        let db = Db::open_with_key(from, &place.key_file(), rooms::MIGRATIONS)
            .map_err(|fault| fault.to_string())?;
        Ok(Source::Database(Box::new(db)))
    }
}

/// Tells the rows after those of the restored database, up to `until`, and says what cannot come back.
pub fn go_on(place: &PlaceArgs, journal: &str, until: Moment, anyway: bool) -> Result<(), String> {
    let text = |fault: store::Error| fault.to_string();
    let db = database(place)?;
    let mut rebuild = Rebuild::onto(db.place(), db.vault(), rooms::RETOLD).map_err(text)?;
    let before = rebuild.reached.0;
    let sound = match Source::of(journal, place)? {
        Source::Export(file) => {
            let mut from = opened(&file)?;
            let exported = store::read_export(&mut from, &[], &mut |entry| {
                continue_with(&mut rebuild, &db, &entry, until)
            });
            exported.map_err(text)?.verdict
        }
        Source::Database(from) => from
            .read_long(|reader| {
                rebuild.copy_keys(reader)?;
                store::each_entry(reader, before - 1, &mut |entry| {
                    continue_with(&mut rebuild, &db, &entry, until)
                })?;
                rebuild.copy_keys(reader)?;
                store::verify(reader)
            })
            .map_err(text)?,
    };
    if let Some(row) = sound.first_bad.filter(|_| !anyway) {
        return Err(format!(
            "the journal {journal} does not verify from row {row} on, so nothing of it was told; look into it, or restore with \
             --despite-journal"
        ));
    }
    let (seq, _) = rebuild.reached.clone();
    let untold = untold(&rebuild);
    rebuild.end().map_err(text)?;
    if seq > before {
        println!("Rows {} to {seq} of the journal were told onto the backup.", before + 1);
    } else {
        println!("The journal says nothing after the backup and up to then; it is as the backup was.");
    }
    for row in &untold {
        println!("  not told again: {row}");
    }
    says_what_is_lost(&db, journal)
}

fn continue_with(rebuild: &mut Rebuild, db: &Db, entry: &Entry, until: Moment) -> store::Result<()> {
    if entry.at > until {
        return Ok(());
    }
    rebuild.continues(db.vault(), entry)
}

fn says_what_is_lost(db: &Db, journal: &str) -> Result<(), String> {
    let accounts = db.read_now(|reader| rooms::access::accounts(reader, &Territory::whole()));
    let accounts = accounts.map_err(|fault| fault.to_string())?;
    println!("What a journal does not hold and so did not come back after the backup:");
    println!("  uploads that were waiting, and the full reports of imports (their counts are there)");
    if !Path::new(journal).is_dir() && !journal.starts_with("postgres") {
        println!("  the names of people first known after the backup: their keys are in no export");
    }
    let without: Vec<&str> = accounts
        .iter()
        .filter(|account| account.password.is_empty())
        .map(|account| account.login.as_str())
        .collect();
    if !without.is_empty() {
        println!("  the passwords of {}: give new ones with `quell account reset`", without.join(", "));
    }
    Ok(())
}
