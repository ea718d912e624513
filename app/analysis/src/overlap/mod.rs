//! `quell overlap`: who shared a place, a neighbourhood or a carriage with cases.

mod cases_file;
mod clock;
mod rides_file;
mod settings;
mod visits_file;

use crate::column_days::Order;
use crate::config::read_config;
use crate::output::Output;
use crate::sheet::{Cell, Sheet};
use crate::table::Table;
use base::{Day, Moment, Notes};
use cases_file::{CountedDays, read_cases};
use clap::{Args, ValueEnum};
use rides_file::{read_rides, read_told_rides};
use settings::Settings;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::{SystemTime, UNIX_EPOCH};
use trace::overlap::{
    CaseVisit, Exposure, GapRule, Minute, NearIndex, Nearness, Stay, VisitIndex, VisitRules, shared_rides,
    shared_stays, sound_visits,
};
use visits_file::{Visits, read_positions, read_visits};

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum By {
    /// The same place by its name
    Place,
    /// Within metres, by coordinates
    Distance,
    /// The same run of a train or flight, and rows apart
    Seat,
}

#[derive(Args)]
pub struct Overlap {
    /// Visits, as CSV: subject, place (or lat and lon), from, to; or rides: subject, vehicle, date, carriage, seat; or subject, text (and date)
    file: PathBuf,
    /// Cases, as CSV: case (as subject writes it), onset, isolated
    #[arg(long, value_name = "FILE")]
    cases: PathBuf,
    /// What sharing is [default: as the columns show: vehicle, else place, else lat and lon; text without them by seat]
    #[arg(long, value_enum)]
    by: Option<By>,
    /// Settings, as JSON
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Order of day and month where the columns themselves do not show it
    #[arg(long, value_enum)]
    dates: Option<Order>,
    #[command(flatten)]
    output: Output,
}

impl Overlap {
    pub fn run(self) -> Result<(), String> {
        let settings: Settings = read_config(self.config.as_deref())?;
        settings.check()?;
        let (table, cases) = (Table::read(&self.file)?, Table::read(&self.cases)?);
        let sheet = match self.by.unwrap_or_else(|| shown_by(&table)) {
            By::Place => by_place(&table, &cases, &settings, self.dates)?,
            By::Distance => by_distance(&table, &cases, &settings, self.dates)?,
            By::Seat => by_seat(&table, &cases, &settings, self.dates)?,
        };
        eprintln!("{} exposures; each is a reason to ask, none is a finding", sheet.rows.len());
        self.output.write(&sheet.render(self.output.format())?, &self.file)
    }
}

fn shown_by(table: &Table) -> By {
    let placed = table.has("place");
    let located = table.has("lat") && table.has("lon");
    if table.has("vehicle") || table.has("text") && !placed && !located {
        By::Seat
    } else if located && !placed {
        By::Distance
    } else {
        By::Place
    }
}

fn by_place(
    table: &Table,
    cases: &Table,
    settings: &Settings,
    dates: Option<Order>,
) -> Result<Sheet, String> {
    let mut visits = read_visits(table, dates, true)?;
    let stays = sound(&visits, settings);
    let cases = read_cases(cases, &mut visits.subjects, settings, dates)?;
    let case_visits = case_visits(&stays, &cases);
    let gaps = GapRule::ByPlace(visits.kinds.iter().map(|kind| settings.gap_of(kind)).collect());
    let index = VisitIndex::of(stays);
    let mut exposures = shared_stays(&index, &case_visits, &gaps, settings.looking());
    exposures.sort_by_cached_key(|exposure| in_order(&visits, exposure));
    let mut sheet = Sheet::of(&[
        "case",
        "contact",
        "contact_is_case",
        "place",
        "kind",
        "from",
        "surely_minutes",
        "at_most_minutes",
        "apart_minutes",
        "day_of_illness",
    ]);
    for exposure in &exposures {
        let mut row = people(&visits, &cases, exposure);
        let kind = visits.kinds[exposure.place as usize].as_str();
        row.extend([
            visits.places.name(exposure.place).into(),
            Some(kind).filter(|kind| !kind.is_empty()).into(),
        ]);
        row.extend(strength(exposure));
        sheet.add(row);
    }
    Ok(sheet)
}

fn by_distance(
    table: &Table,
    cases: &Table,
    settings: &Settings,
    dates: Option<Order>,
) -> Result<Sheet, String> {
    let mut visits = read_visits(table, dates, false)?;
    let positions = read_positions(table, settings)?;
    // A place of its own for every row, so that a stay still knows where it was when unsound ones are gone.
    let mut placed = Vec::new();
    for told in &mut visits.told {
        if let Some(position) = positions.get(&told.row) {
            told.place = placed.len() as u32;
            placed.push(*position);
        }
    }
    visits.told.retain(|told| positions.contains_key(&told.row));
    let stays = sound(&visits, settings);
    let cases = read_cases(cases, &mut visits.subjects, settings, dates)?;
    let where_was = |stay: &Stay| placed[stay.place as usize];
    let case_visits: Vec<_> =
        case_visits(&stays, &cases).into_iter().map(|visit| (visit, where_was(&visit.stay))).collect();
    let index = NearIndex::of(stays.iter().map(|stay| (*stay, where_was(stay))), settings.metres);
    let mut near = index.near(&case_visits, settings.metres, settings.gap_minutes, settings.looking());
    near.sort_by_cached_key(|near| in_order(&visits, &near.exposure));
    let mut sheet = Sheet::of(&[
        "case",
        "contact",
        "contact_is_case",
        "metres",
        "from",
        "surely_minutes",
        "at_most_minutes",
        "apart_minutes",
        "day_of_illness",
    ]);
    for near in &near {
        let mut row = people(&visits, &cases, &near.exposure);
        row.push(near.metres.round().into());
        row.extend(strength(&near.exposure));
        sheet.add(row);
    }
    Ok(sheet)
}

fn by_seat(table: &Table, cases: &Table, settings: &Settings, dates: Option<Order>) -> Result<Sheet, String> {
    let until = settings.known_until.unwrap_or_else(today);
    let mut all = if table.has("vehicle") || !table.has("text") {
        read_rides(table, dates)?
    } else {
        read_told_rides(table, dates, until)?
    };
    let cases = read_cases(cases, &mut all.subjects, settings, dates)?;
    let mut exposures = shared_rides(&all.rides, |subject| cases.contains_key(&subject), settings.rows);
    // A ride counts when any minute of its day does.
    let counts = |day: Day, counted: &CountedDays| {
        Minute::of(day, 1_439).is_some_and(|end| end >= counted.from)
            && Minute::of(day, 0).is_some_and(|start| start <= counted.until)
    };
    exposures.retain(|ride| cases.get(&ride.case).is_some_and(|counted| counts(ride.day, counted)));
    let mut sheet = Sheet::of(&[
        "case",
        "contact",
        "contact_is_case",
        "vehicle",
        "date",
        "nearness",
        "rows_apart",
        "day_of_illness",
    ]);
    for ride in &exposures {
        let (nearness, rows_apart) = match ride.nearness {
            Nearness::RowsApart(rows) => ("rows_apart", Cell::from(usize::from(rows))),
            Nearness::SameCarriage => ("same_carriage", Cell::Nothing),
            Nearness::SameVehicle => ("same_vehicle", Cell::Nothing),
        };
        let onset = cases[&ride.case].onset;
        sheet.add(vec![
            all.subjects.name(ride.case).into(),
            all.subjects.name(ride.contact).into(),
            cases.contains_key(&ride.contact).into(),
            all.runs.name(ride.run).into(),
            ride.day.to_string().into(),
            nearness.into(),
            rows_apart,
            onset.map(|onset| f64::from(ride.day - onset)).into(),
        ]);
    }
    Ok(sheet)
}

fn sound(visits: &Visits, settings: &Settings) -> Vec<Stay> {
    let until = Minute::of(settings.known_until.unwrap_or_else(today), 1_439).unwrap_or(Minute(u32::MAX));
    let rules = VisitRules {
        known_until: until,
        longest_days: settings.longest_stay_days,
        most_per_subject: settings.most_visits_per_subject,
    };
    let (stays, notes): (Vec<Stay>, Notes) = sound_visits(&visits.told, &rules);
    notes.iter().for_each(|note| eprintln!("{}: {}", note.code, note.message));
    eprintln!("{} of {} visits can be true and are searched", stays.len(), visits.told.len());
    stays
}

/// At UTC+14, where days begin first: nothing of today is taken for the future anywhere.
fn today() -> Day {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_millis());
    Moment(i64::try_from(since).unwrap_or(0)).day_at_offset(14 * 60)
}

fn case_visits(stays: &[Stay], cases: &BTreeMap<u32, CountedDays>) -> Vec<CaseVisit> {
    let of_case = |stay: &Stay| {
        let counted = cases.get(&stay.subject)?;
        Some(CaseVisit { stay: stay.during(counted.from, counted.until)?, onset: counted.onset })
    };
    stays.iter().filter_map(of_case).collect()
}

/// By case, the longest together first, then the least apart.
fn in_order<'a>(visits: &'a Visits, exposure: &Exposure) -> impl Ord + use<'a> {
    let longest_first = std::cmp::Reverse((exposure.at_most_minutes, exposure.surely_minutes));
    let case = visits.subjects.name(exposure.case).to_owned();
    let contact = visits.subjects.name(exposure.contact).to_owned();
    (case, longest_first, exposure.apart_minutes, contact, exposure.from)
}

fn people(visits: &Visits, cases: &BTreeMap<u32, CountedDays>, exposure: &Exposure) -> Vec<Cell> {
    vec![
        visits.subjects.name(exposure.case).into(),
        visits.subjects.name(exposure.contact).into(),
        cases.contains_key(&exposure.contact).into(),
    ]
}

fn strength(exposure: &Exposure) -> [Cell; 5] {
    let minutes = |minutes: u32| Cell::from(f64::from(minutes));
    [
        exposure.from.to_string().into(),
        minutes(exposure.surely_minutes),
        minutes(exposure.at_most_minutes),
        minutes(exposure.apart_minutes),
        exposure.day_of_illness.map(f64::from).into(),
    ]
}

#[cfg(test)]
mod tests;
