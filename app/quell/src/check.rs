//! `quell check`: every page of the database, the settings under it, and the journal from first to last row.

use crate::open::database;
use crate::place::PlaceArgs;
use clap::Args;
use store::{Health, Worry};

#[derive(Args)]
pub struct Check {
    #[command(flatten)]
    place: PlaceArgs,
}

impl Check {
    pub fn run(self) -> Result<(), String> {
        let db = database(&self.place)?;
        let health = Health::of(&self.place.place(), true).map_err(|fault| fault.to_string())?;
        let mut bad = None;
        for worry in health.worries {
            let why = match worry {
                Worry::Refuse(why) => bad.insert(why),
                Worry::Warn(ref why) => why,
            };
            println!("{why}");
        }
        let verdict = db.read_long(|reader| store::verify(reader)).map_err(|fault| fault.to_string())?;
        match (verdict.first_bad, bad) {
            (Some(row), _) => {
                Err(format!("the journal was changed at row {row}; `quell journal verify` says more"))
            }
            (None, Some(why)) => Err(why),
            (None, None) => {
                println!(
                    "The database holds together; its journal has {} rows, head {}.",
                    verdict.rows, verdict.head
                );
                Ok(())
            }
        }
    }
}
