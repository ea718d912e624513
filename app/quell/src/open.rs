//! Opening the database for a command, and the clock of the command line.

use crate::place::PlaceArgs;
use base::Moment;
use rooms::House;
use store::Db;

pub fn database(place: &PlaceArgs) -> Result<Db, String> {
    Db::open_with_key(place.place(), &place.key_file(), rooms::MIGRATIONS).map_err(|fault| fault.to_string())
}

pub fn operator_now() -> Moment {
    House::clock()
}
