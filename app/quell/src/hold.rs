//! One server for one folder, on ground that keeps what it is given.

use crate::place::PlaceArgs;
use base::Moment;
use clap::Args;
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Seek, Write};
use std::path::Path;
use store::{Db, Health, Worry};

#[derive(Args)]
pub struct GroundArgs {
    /// Serve although the database may lose what it acknowledged; for throwaway databases of tests.
    #[arg(long, env = "QUELL_UNSAFE_DATABASE", value_parser = clap::builder::FalseyValueParser::new(), hide = true)]
    unsafe_database: bool,
    /// Serve although the journal's last row was written later than the machine's clock says it is now.
    #[arg(long)]
    clock_behind: bool,
}

/// Held as long as the server lives: the system lets it go when the process ends, however it ends.
pub struct Hold {
    _file: File,
}

const LOCK: &str = "serving.lock";

/// The data folder is one server's, also when the database is PostgreSQL: unfinished uploads lie in it.
pub fn hold(data: &Path) -> Result<Hold, String> {
    let refuse = |fault: std::io::Error| {
        format!(
            "cannot write in {}: {fault}; make it writable, or choose another folder with --data",
            data.display()
        )
    };
    std::fs::create_dir_all(data).map_err(refuse)?;
    let path = data.join(LOCK);
    let mut file =
        OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path).map_err(refuse)?;
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => {
            let mut who = String::new();
            let _ = file.read_to_string(&mut who);
            return Err(format!(
                "another Quell serves {} (process {}); stop it first, or choose another folder with --data",
                data.display(),
                if who.trim().is_empty() { "unknown" } else { who.trim() }
            ));
        }
        Err(TryLockError::Error(fault)) => return Err(refuse(fault)),
    }
    file.set_len(0).and_then(|()| file.rewind()).map_err(refuse)?;
    writeln!(file, "{}", std::process::id()).map_err(refuse)?;
    Ok(Hold { _file: file })
}

impl GroundArgs {
    /// Says what is not as it should be, and refuses what would lose something.
    pub fn demand(&self, place: &PlaceArgs, db: &Db) -> Result<(), String> {
        let health = Health::of(&place.place(), false).map_err(|fault| fault.to_string())?;
        for worry in health.worries {
            match worry {
                Worry::Refuse(why) if !self.unsafe_database => return Err(why),
                Worry::Refuse(why) | Worry::Warn(why) => eprintln!("quell: {why}"),
            }
        }
        let last = db.read_now(|reader| store::last_moment(reader)).map_err(|fault| fault.to_string())?;
        self.demand_clock(last, rooms::House::clock())
    }

    /// A day: more than any zone or a slow clock explains, and enough to date people's quarantines wrongly.
    fn demand_clock(&self, last: Option<Moment>, now: Moment) -> Result<(), String> {
        match last {
            Some(last) if last > now.plus_seconds(24 * 3600) && !self.clock_behind => Err(format!(
                "the machine's clock says {now}, and the journal's last row was written at {last}; set the clock, or serve \
                 with --clock-behind if it was wrong then and is right now"
            )),
            _ => Ok(()),
        }
    }
}
