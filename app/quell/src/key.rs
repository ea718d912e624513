//! `quell key`: the ring of wrapping keys, listed, turned and cleared of old ones while the house is open.

use crate::open::{database, operator_now};
use crate::place::PlaceArgs;
use base::{Id, Moment};
use clap::{Args, Subcommand};
use rooms::people::{KeyDeed, TurnKey};
use std::io::IsTerminal;
use store::{Actor, Db, KeyId, KeyState, KeyUse, Rewrapped, random_bits};

#[derive(Subcommand)]
pub enum KeyCommand {
    /// Every key, what hangs on it, and what to do
    List(PlaceArgs),
    /// Make a key that wraps nothing yet, to copy the file to every machine first
    Prepare(PlaceArgs),
    /// Use a new key from now on and wrap everything anew; started again, it goes on
    Rotate(PlaceArgs),
    /// Destroy an old key on which nothing hangs; backups from before then name nobody
    Retire(Retire),
}

#[derive(Args)]
pub struct Retire {
    /// As `quell key list` shows it
    id: String,
    #[command(flatten)]
    place: PlaceArgs,
}

/// A key older than this should be turned: backups made under it can still name people who were erased since.
const OLD_DAYS: i64 = 30;

impl KeyCommand {
    pub fn run(self) -> Result<(), String> {
        match self {
            KeyCommand::List(place) => list(&place),
            KeyCommand::Prepare(place) => prepare(&place),
            KeyCommand::Rotate(place) => rotate(&place),
            KeyCommand::Retire(retire) => retire.run(),
        }
    }
}

fn list(place: &PlaceArgs) -> Result<(), String> {
    let uses = database(place)?.key_uses().map_err(|fault| fault.to_string())?;
    let now = operator_now();
    println!("{:<10} {:<8} {:<22} {:>10} {:>6}  what to do", "key", "state", "made", "wraps", "files");
    for key in uses {
        let made = if key.made == Moment(0) { "before rings".to_owned() } else { key.made.to_string() };
        let made = made.split('.').next().unwrap_or_default().to_owned();
        let advice = advice(&key, now);
        println!(
            "{:<10} {:<8} {made:<22} {:>10} {:>6}  {advice}",
            key.id.to_string(),
            key.state.word(),
            key.keys,
            key.files
        );
    }
    Ok(())
}

fn advice(key: &KeyUse, now: Moment) -> &'static str {
    match key.state {
        KeyState::Waiting => "copy the key file to every machine, then `quell key rotate`",
        KeyState::Current if key.made.plus_seconds(OLD_DAYS * 86_400) < now => "`quell key rotate`",
        KeyState::Current => "",
        KeyState::Old if key.keys == 0 && key.files == 0 => {
            "when a backup made after the rotation is safe: `quell key retire`"
        }
        KeyState::Old => "`quell key rotate` goes on",
    }
}

fn prepare(place: &PlaceArgs) -> Result<(), String> {
    let db = database(place)?;
    let id = db.prepare_key(operator_now()).map_err(|fault| fault.to_string())?;
    record(&db, id, KeyDeed::Made)?;
    println!(
        "{id} is waiting. Copy {} to every machine, then `quell key rotate`.",
        place.key_file().display()
    );
    Ok(())
}

/// A rotation that was broken off goes on with the key it had begun with; only a finished one begins another.
fn rotate(place: &PlaceArgs) -> Result<(), String> {
    let db = database(place)?;
    let uses = db.key_uses().map_err(|fault| fault.to_string())?;
    let broken_off = uses.iter().any(|key| key.state == KeyState::Old && key.keys + key.files as i64 > 0);
    if broken_off {
        println!("A rotation was broken off; it goes on.");
    } else {
        let id = db.turn_key(operator_now()).map_err(|fault| fault.to_string())?;
        record(&db, id, KeyDeed::Current)?;
        println!("{id} wraps everything new.");
    }
    let total: i64 = uses.iter().map(|key| key.keys).sum();
    let done = db.rewrap(&mut |done| tell(done, total)).map_err(|fault| fault.to_string())?;
    if std::io::stderr().is_terminal() {
        eprintln!();
    }
    println!("{} keys and {} files wrapped anew, {} seen.", done.keys, done.files, done.seen);
    println!("Keep a new copy of {} elsewhere, apart from the backups.", place.key_file().display());
    Ok(())
}

fn tell(done: Rewrapped, total: i64) {
    if std::io::stderr().is_terminal() {
        eprint!("\r{} of {total}", done.seen);
    }
}

impl Retire {
    fn run(&self) -> Result<(), String> {
        let id = KeyId::of(&self.id)
            .ok_or_else(|| format!("`{}` is no key; `quell key list` shows them", self.id))?;
        let db = database(&self.place)?;
        db.retire_key(id).map_err(|fault| fault.to_string())?;
        record(&db, id, KeyDeed::Retired)?;
        println!(
            "{id} is destroyed. Backups from before its end name nobody any more; destroy older copies of {} too.",
            self.place.key_file().display()
        );
        Ok(())
    }
}

fn record(db: &Db, key: KeyId, deed: KeyDeed) -> Result<(), String> {
    let change = TurnKey { id: Id::from_bits(random_bits()), key: key.to_string(), deed };
    db.apply_now(&Actor::operator(), operator_now(), change).map_err(|fault| fault.to_string())
}
