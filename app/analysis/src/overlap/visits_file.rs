//! The visits: who was where, from when to when.

use super::clock::ColumnTimes;
use super::settings::Settings;
use crate::account::RowAccount;
use crate::column_days::Order;
use crate::names::Names;
use crate::table::{Column, Row, Table};
use std::collections::BTreeMap;
use trace::overlap::{
    Datum, Position, ToldPosition, ToldVisit, Within, datum_of_list, mixed_systems, sound_positions,
};

/// Visits as told, with the names behind their numbers.
#[derive(Default)]
pub struct Visits {
    pub subjects: Names,
    pub places: Names,
    /// By number of the place; blank where the file does not say.
    pub kinds: Vec<String>,
    pub told: Vec<ToldVisit>,
}

struct Columns {
    subject: Column,
    place: Option<Column>,
    kind: Option<Column>,
    from: Column,
    to: Option<Column>,
    give_or_take: Option<Column>,
}

impl Columns {
    fn of(table: &Table) -> Result<Columns, String> {
        Ok(Columns {
            subject: table.column("subject")?,
            place: table.column("place").ok(),
            kind: table.column("kind").ok(),
            from: table.column("from")?,
            to: table.column("to").ok(),
            give_or_take: table.column("give_or_take").ok(),
        })
    }
}

/// Columns: `subject`, `place` (unless positions are asked for), `from`, and when known `to`, `kind`, `give_or_take` (minutes).
pub fn read_visits(table: &Table, dates: Option<Order>, place_needed: bool) -> Result<Visits, String> {
    let columns = Columns::of(table)?;
    if place_needed {
        table.column("place")?;
    }
    let from = ColumnTimes::of(table, columns.from, dates)?;
    let to = columns.to.map(|column| ColumnTimes::of(table, column, dates)).transpose()?;
    let mut visits = Visits::default();
    let mut account = RowAccount::of(table);
    for row in table.rows() {
        let Some(subject) = row.says(columns.subject) else {
            account.left_out("no subject; write who was there", format!("row {}", row.number));
            continue;
        };
        let place = columns.place.and_then(|column| row.says(column));
        if place_needed && place.is_none() {
            account.left_out("no place; write where it was", format!("row {}", row.number));
            continue;
        }
        let (began, ended) = match times(row, &columns, &from, to.as_ref()) {
            Ok(Some(times)) => times,
            Ok(None) => {
                account.left_out("no time; write at least the day", format!("row {}", row.number));
                continue;
            }
            Err(why) => {
                account.left_out("a time that cannot be read; mend it", why);
                continue;
            }
        };
        let place = visits.places.number(place.unwrap_or(""));
        if visits.kinds.len() < visits.places.len() {
            let kind = columns.kind.and_then(|column| row.says(column)).unwrap_or("");
            visits.kinds.push(kind.to_owned());
        }
        let subject = visits.subjects.number(subject);
        visits.told.push(ToldVisit { row: row.number, subject, place, began, ended });
        account.used();
    }
    account.print("visits");
    account.refuse_nothing("visits")?;
    Ok(visits)
}

/// Without an end a visit is the moment it began.
fn times(
    row: &Row,
    columns: &Columns,
    from: &ColumnTimes,
    to: Option<&ColumnTimes>,
) -> Result<Option<(Within, Within)>, String> {
    let give_or_take = match columns.give_or_take.and_then(|column| row.says(column)) {
        None => 0,
        Some(text) => text.parse::<u32>().ok().filter(|minutes| *minutes <= 10_080).ok_or_else(|| {
            format!("row {} give_or_take `{text}` (write whole minutes, at most 10080, a week)", row.number)
        })?,
    };
    let Some(began) = from.within(row, give_or_take)? else { return Ok(None) };
    let ended = match to {
        Some(to) => to.within(row, give_or_take)?,
        None => None,
    };
    Ok(Some((began, ended.unwrap_or(began))))
}

/// Where each row was, in WGS84, by number of the row. Columns: `lat`, `lon`, and `datum` where rows tell different systems.
pub fn read_positions(table: &Table, settings: &Settings) -> Result<BTreeMap<u64, Position>, String> {
    let (lat, lon) = (table.column("lat")?, table.column("lon")?);
    let (place, datum) = (table.column("place").ok(), table.column("datum").ok());
    let mut places = Names::default();
    let mut by_datum: BTreeMap<Option<Datum>, Vec<ToldPosition>> = BTreeMap::new();
    let mut account = RowAccount::of(table);
    for row in table.rows() {
        let degrees = |column: Column| row.says(column).map(str::parse::<f64>);
        let (Some(Ok(lat)), Some(Ok(lon))) = (degrees(lat), degrees(lon)) else {
            let shown = format!("row {} `{}`, `{}`", row.number, row.cell(lat), row.cell(lon));
            account.left_out("no position; write degrees such as 37.4237", shown);
            continue;
        };
        let named_place = place.and_then(|column| row.says(column)).map(|place| places.number(place));
        let datum = match datum.and_then(|column| row.says(column)).map(datum_of) {
            Some(None) => {
                account.left_out(
                    "datum is none of wgs84, gcj02, bd09; write one",
                    format!("row {}", row.number),
                );
                continue;
            }
            stated => stated.flatten().or(settings.datum),
        };
        account.used();
        let told = ToldPosition { row: row.number, named_place, told: Position { lat, lon } };
        by_datum.entry(datum).or_default().push(told);
    }
    account.print("positions");
    account.refuse_nothing("positions")?;
    let mut positions = BTreeMap::new();
    for (stated, told) in by_datum {
        let (told, unsound) = sound_positions(&told);
        let (datum, guessed) = datum_of_list(stated, &told, &BTreeMap::new());
        let mixed = mixed_systems(&told);
        for notes in [unsound, guessed, mixed] {
            notes.iter().for_each(|note| eprintln!("{}: {}", note.code, note.message));
        }
        positions.extend(told.iter().map(|position| (position.row, datum.to_wgs84(position.told))));
    }
    Ok(positions)
}

fn datum_of(text: &str) -> Option<Datum> {
    let word: String = text.to_lowercase().chars().filter(char::is_ascii_alphanumeric).collect();
    Datum::ALL.into_iter().find(|datum| datum.word() == word)
}
