//! `quell serve --backup-to DIR`: a backup every few hours, each proved by restoring it into a temporary place before it
//! counts as one.

use super::kept::{Kept, Shelf};
use crate::open::operator_now;
use base::Moment;
use clap::Args;
use rooms::cases::views::{Filter, case_list, chains, contact_list, events};
use rooms::{App, BackupStanding, GoodBackup};
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;
use store::archive::{self, Manifest};
use store::{Actor, Db, Place};

#[derive(Args, Clone)]
pub struct Schedule {
    /// A folder for backups, best on another disk: one is made there every few hours and proved by restoring it.
    #[arg(long, value_name = "DIR")]
    backup_to: Option<PathBuf>,
    /// How often, such as 6h, 30m or 1d
    #[arg(long, value_name = "TIME", default_value = "6h", value_parser = length_of_time)]
    backup_every: Duration,
    /// How many good ones stay
    #[arg(long, value_name = "N", default_value_t = 14)]
    backup_keep: usize,
}

/// Looked at so often: a machine that slept makes up for it when it wakes.
const LOOK: Duration = Duration::from_secs(20);

impl Schedule {
    /// On a thread of its own, for as long as the program runs.
    pub fn begin(self, house: App, key_file: PathBuf) -> Result<(), String> {
        let Some(folder) = self.backup_to else { return Ok(()) };
        fs::create_dir_all(&folder)
            .map_err(|fault| format!("cannot make the folder {}: {fault}", folder.display()))?;
        let folder = folder.canonicalize().map_err(|fault| fault.to_string())?;
        tell(&house, &Shelf::of(&folder)?);
        let keeper = Keeper { house, key_file, folder, every: self.backup_every, keep: self.backup_keep };
        let started = std::thread::Builder::new().name("backups".to_owned()).spawn(move || keeper.keeps());
        started.map(drop).map_err(|fault| format!("no thread for backups: {fault}"))
    }
}

/// What the page of administration shows.
fn tell(house: &App, shelf: &Shelf) {
    let last_good = shelf.last_good().map(|one| GoodBackup {
        at: one.at,
        rows: one.rows,
        journal_rows: one.journal_rows,
        head: one.head.clone(),
    });
    let failed = shelf.kept.last().filter(|one| one.fault.is_some()).map(|one| one.at);
    house.backups.tell(BackupStanding { last_good, failed });
}

struct Keeper {
    house: App,
    key_file: PathBuf,
    folder: PathBuf,
    every: Duration,
    keep: usize,
}

impl Keeper {
    fn keeps(self) {
        loop {
            let now = operator_now();
            match Shelf::of(&self.folder) {
                Ok(shelf) if self.is_due(&shelf, now) => {
                    if let Err(why) = self.makes_one(shelf, now) {
                        eprintln!("quell: BACKUP FAILED: {why}");
                    }
                }
                Ok(_) => {}
                Err(why) => eprintln!("quell: BACKUP FAILED: {why}"),
            }
            std::thread::sleep(LOOK.min(self.every));
        }
    }

    /// Also when the last one lies in the future: then a clock was wrong, and one backup more is the smaller harm.
    fn is_due(&self, shelf: &Shelf, now: Moment) -> bool {
        let every = i64::try_from(self.every.as_secs()).unwrap_or(i64::MAX / 2_000);
        shelf.kept.last().is_none_or(|last| last.at.plus_seconds(every) <= now || last.at > now)
    }

    fn makes_one(&self, mut shelf: Shelf, now: Moment) -> Result<(), String> {
        let stamp: String = now.to_string().chars().map(|c| if c == ':' { '-' } else { c }).collect();
        let file = format!("quell-{stamp}.quell");
        let path = self.folder.join(&file);
        let made = self.house.db.backup(&path, now, &mut |_| {}).map_err(|fault| fault.to_string());
        let proved = made.and_then(|manifest| self.proves(&path, &manifest).map(|()| manifest));
        let (known, fault) = match &proved {
            Ok(manifest) => (Some(manifest), None),
            Err(why) => (None, Some(why.clone())),
        };
        let one = Kept {
            file,
            at: now,
            rows: known.map_or(0, Manifest::rows),
            journal_rows: known.map_or(0, |manifest| manifest.journal_rows),
            head: known.map_or_else(String::new, |manifest| manifest.head.clone()),
            fault,
        };
        for gone in shelf.add(one, self.keep) {
            let _ = fs::remove_file(self.folder.join(gone));
        }
        tell(&self.house, &shelf);
        shelf.write(&self.folder)?;
        proved.map(|_| ())
    }

    /// Really restored, into an embedded database beside it, and read as people read it.
    fn proves(&self, file: &Path, manifest: &Manifest) -> Result<(), String> {
        let trial = self.folder.join(".trial");
        let _ = fs::remove_dir_all(&trial);
        let place = Place::Folder(trial.clone());
        let read = archive::restore(file, &place, &self.key_file, rooms::MIGRATIONS, false)
            .and_then(|restored| {
                let db = Db::open_with_key(place, &self.key_file, rooms::MIGRATIONS)?;
                db.read_long(|reader| {
                    let (scope, filter) = (Actor::operator().scope, Filter::default());
                    events(reader, &scope)?;
                    case_list(reader, &scope, &filter)?;
                    contact_list(reader, &scope, &filter)?;
                    chains(reader, &scope, &filter)
                })?;
                Ok(restored)
            })
            .map_err(|fault| format!("{} cannot be restored: {fault}", file.display()));
        let _ = fs::remove_dir_all(&trial);
        let restored = read?;
        if restored.manifest != *manifest {
            return Err(format!("{} says something else than what was written", file.display()));
        }
        Ok(())
    }
}

pub fn length_of_time(text: &str) -> Result<Duration, String> {
    let (number, unit) = text.split_at(text.trim_end_matches(char::is_alphabetic).len());
    let seconds = match unit {
        "s" => 1,
        "m" => 60,
        "h" => 3_600,
        "d" => 86_400,
        _ => 0,
    };
    match number.parse::<u64>() {
        Ok(number) if number * seconds > 0 => Ok(Duration::from_secs(number * seconds)),
        _ => Err("write it like 30m, 6h or 1d".to_owned()),
    }
}
