//! Cases, places, people and controls from CSV files into the cells of a scan.

use super::axis::{Axis, Time, TimeColumn};
use super::settings::{ModelName, Settings};
use crate::series_file::number;
use crate::table::{Column, Row, Table};
use std::collections::BTreeMap;
use surveillance::scan::{
    Cells, CellsError, Place, Stratum, expected_by_margins, expected_by_strata, person_time,
};

/// The files of a scan.
pub struct Files<'a> {
    pub cases: &'a Table,
    pub locations: &'a Table,
    pub population: Option<&'a Table>,
    pub controls: Option<&'a Table>,
    pub expected: Option<&'a Table>,
}

/// What a scan looks at.
#[derive(Debug, Clone)]
pub struct Ground {
    pub names: Vec<String>,
    pub places: Vec<Place>,
    pub cells: Cells,
    /// What circles are measured by.
    pub measure: Vec<f64>,
    /// People of each place, on average over the period, where that is known.
    pub people: Option<Vec<f64>>,
    pub axis: Axis,
    /// What an analyst should know about the rows.
    pub notes: Vec<String>,
}

/// One row: how many, where, when, of which kind of people.
struct Entry {
    place: usize,
    count: f64,
    time: Option<Time>,
    stratum: Vec<String>,
    row: u64,
}

pub fn ground_of(files: &Files, model: ModelName, settings: &Settings) -> Result<Ground, String> {
    let (names, places) = locations(files.locations)?;
    let of_people =
        files.population.filter(|_| model != ModelName::Permutation && model != ModelName::Bernoulli);
    let strata = of_people.map_or_else(Vec::new, |people| shared_columns(files.cases, people));
    let cases = entries("cases", files.cases, "cases", &names, &strata, Some(1.0))?;
    let controls = match (model, files.controls) {
        (ModelName::Bernoulli, Some(table)) => {
            entries("controls", table, "controls", &names, &[], Some(1.0))?
        }
        (ModelName::Bernoulli, None) => {
            return Err("the Bernoulli model compares cases with controls; give --controls".to_owned());
        }
        _ => Vec::new(),
    };
    let axis =
        Axis::of(cases.iter().chain(&controls).filter(|e| e.count > 0.0).filter_map(|e| e.time), settings)?;
    let mut notes = Vec::new();
    let (case_cells, outside) = cells_of(&cases, names.len(), &axis);
    if outside > 0.0 {
        notes.push(format!("{outside} cases are outside the period and were left out"));
    }
    let counted: Vec<u32> = case_cells.iter().map(|count| *count as u32).collect();
    let steps = axis.steps();
    let by_place =
        |values: &[f64]| -> Vec<f64> { values.chunks(steps).map(|place| place.iter().sum()).collect() };
    let mut people = None;
    let (weights, measure) = match model {
        ModelName::Permutation => (expected_by_margins(&counted, steps), by_place(&case_cells)),
        ModelName::Bernoulli => {
            let (control_cells, _) = cells_of(&controls, names.len(), &axis);
            let all: Vec<f64> = case_cells.iter().zip(&control_cells).map(|(a, b)| a + b).collect();
            let measure = by_place(&all);
            (all, measure)
        }
        _ => {
            let weights = match (files.expected, files.population) {
                (Some(expected), _) => stated_expected(expected, &names, &axis, model, &counted)?,
                (None, Some(population)) => {
                    let (expected, average) = standardised(population, &cases, &names, &strata, &axis)?;
                    people = Some(average);
                    expected
                }
                (None, None) => {
                    return Err("this model needs to know how many cases are expected; give --population, or --expected with \
                                the expected cases themselves, or use --model permutation"
                        .to_owned());
                }
            };
            let measure = by_place(&weights);
            (weights, measure)
        }
    };
    if !strata.is_empty() {
        notes.push(format!("expected cases are standardised by {}", strata.join(", ")));
    }
    let cells = Cells { places: names.len(), steps, cases: counted, weights };
    cells.check(model == ModelName::Bernoulli).map_err(|why| named(&why, &names, &axis))?;
    Ok(Ground { names, places, cells, measure, people, axis, notes })
}

/// A fault of a cell, with the place and time people know it by.
fn named(why: &CellsError, names: &[String], axis: &Axis) -> String {
    match why {
        CellsError::NobodyThere { place, step, .. } => format!(
            "{} has cases in the step from {} and no people; complete its population",
            names[place - 1],
            axis.first_of(step - 1)
        ),
        other => other.to_string(),
    }
}

/// Sorted by name, so that the order of the file decides nothing.
fn locations(table: &Table) -> Result<(Vec<String>, Vec<Place>), String> {
    let name = table.column("location").map_err(|why| format!("locations: {why}"))?;
    let any = |names: &[&str]| names.iter().find_map(|name| table.column(name).ok());
    let (plane, globe) =
        ((any(&["x"]), any(&["y"])), (any(&["lat", "latitude"]), any(&["lon", "long", "longitude"])));
    let coordinate = |row: &Row, column: Column| -> Result<f64, String> {
        number(table, row, column)?.ok_or_else(|| {
            format!(
                "locations row {}: `{}` is blank; a place without coordinates cannot be scanned, write them or leave it away",
                row.number,
                table.name(column)
            )
        })
    };
    let mut found: BTreeMap<String, Place> = BTreeMap::new();
    for row in table.rows() {
        let place = match (plane, globe) {
            ((Some(x), Some(y)), _) => Place::Plane { x: coordinate(row, x)?, y: coordinate(row, y)? },
            (_, (Some(latitude), Some(longitude))) => {
                let (latitude, longitude) = (coordinate(row, latitude)?, coordinate(row, longitude)?);
                if latitude.abs() > 90.0 || longitude.abs() > 360.0 {
                    return Err(format!(
                        "locations row {}: {latitude}, {longitude} is nowhere on the globe; are the two exchanged?",
                        row.number
                    ));
                }
                Place::Globe { latitude, longitude }
            }
            _ => {
                return Err(
                    "locations: there are no coordinates; name two columns x, y or lat, lon".to_owned()
                );
            }
        };
        let name = row.cell(name);
        if name.is_empty() {
            return Err(format!("locations row {}: `location` is blank; write its name", row.number));
        }
        if found.insert(name.to_owned(), place).is_some() {
            return Err(format!("locations row {}: {name} is there twice; leave one", row.number));
        }
    }
    if found.is_empty() {
        return Err("locations: the file has no rows; it needs one a place".to_owned());
    }
    Ok(found.into_iter().unzip())
}

/// Columns that both files have and that are no place, count or time: kinds of people.
fn shared_columns(cases: &Table, population: &Table) -> Vec<String> {
    const KNOWN: [&str; 8] = ["location", "cases", "population", "time", "year", "year2", "date", "controls"];
    let is_known = |name: &str| KNOWN.iter().any(|known| name.eq_ignore_ascii_case(known));
    let names = cases.names().iter().filter(|name| !is_known(name) && population.column(name).is_ok());
    names.cloned().collect()
}

/// `if_absent` is the count of a row where the file has no column for it.
fn entries(
    file: &str,
    table: &Table,
    count: &str,
    names: &[String],
    strata: &[String],
    if_absent: Option<f64>,
) -> Result<Vec<Entry>, String> {
    let place_column = table.column("location").map_err(|why| format!("{file}: {why}"))?;
    let count_column = match (table.column(count), if_absent) {
        (Ok(column), _) => Some(column),
        (Err(_), Some(_)) => None,
        (Err(why), None) => return Err(format!("{file}: {why}")),
    };
    let times = TimeColumn::of(table).map_err(|why| format!("{file}: {why}"))?;
    let strata = strata.iter().map(|name| table.column(name)).collect::<Result<Vec<Column>, _>>()?;
    let mut found = Vec::new();
    for row in table.rows() {
        let at = |why: String| format!("{file} {why}");
        let name = row.cell(place_column);
        let place = names.binary_search_by(|known| known.as_str().cmp(name)).map_err(|_| {
            format!("{file} row {}: `location` {name} is not in the file of locations; add it there, or mend the name", row.number)
        })?;
        let counted = match count_column {
            None => if_absent,
            Some(column) => number(table, row, column).map_err(at)?,
        };
        let counted = counted.ok_or_else(|| {
            format!(
                "{file} row {}: `{count}` is blank; write 0 if there were none, or leave the row away",
                row.number
            )
        })?;
        let whole = count == "population" || count == "expected" || counted.fract() == 0.0;
        if counted < 0.0 || !whole || counted > f64::from(u32::MAX) {
            return Err(format!(
                "{file} row {}: `{count}` is {counted}, which is no count; mend that cell",
                row.number
            ));
        }
        let time = times.as_ref().map(|times| times.read(table, row)).transpose().map_err(at)?;
        let stratum = strata.iter().map(|column| row.cell(*column).to_owned()).collect();
        found.push(Entry { place, count: counted, time, stratum, row: row.number });
    }
    if found.is_empty() {
        return Err(format!("{file}: the file has no rows"));
    }
    Ok(found)
}

/// Sums by place and step, and how much lies outside the period. What has no time is in the first step.
fn cells_of(entries: &[Entry], places: usize, axis: &Axis) -> (Vec<f64>, f64) {
    let mut cells = vec![0.0; places * axis.steps()];
    let mut outside = 0.0;
    for entry in entries {
        match entry.time.map_or(Some(0), |time| axis.step_of(time)) {
            Some(step) => cells[entry.place * axis.steps() + step] += entry.count,
            None => outside += entry.count,
        }
    }
    (cells, outside)
}

/// Expected cases from a file; for the conditional model scaled to the number of cases.
fn stated_expected(
    table: &Table,
    names: &[String],
    axis: &Axis,
    model: ModelName,
    cases: &[u32],
) -> Result<Vec<f64>, String> {
    let entries = entries("expected", table, "expected", names, &[], None)?;
    let (mut cells, _) = cells_of(&entries, names.len(), axis);
    if model == ModelName::Poisson {
        let (all, expected): (f64, f64) = (cases.iter().map(|c| f64::from(*c)).sum(), cells.iter().sum());
        if expected > 0.0 {
            cells.iter_mut().for_each(|cell| *cell *= all / expected);
        }
    }
    Ok(cells)
}

/// Expected cases by the people of each kind, and people by place on average.
fn standardised(
    table: &Table,
    cases: &[Entry],
    names: &[String],
    strata: &[String],
    axis: &Axis,
) -> Result<(Vec<f64>, Vec<f64>), String> {
    let people = entries("population", table, "population", names, strata, None)?;
    // Counts of one place and kind, by moment.
    let mut counted: BTreeMap<(&[String], usize), BTreeMap<i64, f64>> = BTreeMap::new();
    for entry in &people {
        // Days are whole, or half when a year's middle is meant; doubled they are keys.
        let at = entry.time.map_or(0, |time| (time.counted_at() * 2.0) as i64);
        *counted.entry((&entry.stratum, entry.place)).or_default().entry(at).or_default() += entry.count;
    }
    let mut by_stratum: BTreeMap<&[String], Stratum> = BTreeMap::new();
    let (steps, cells) = (axis.steps(), names.len() * axis.steps());
    let mut everybody = vec![0.0; names.len()];
    for ((stratum, place), moments) in counted {
        let line: Vec<(f64, f64)> =
            moments.into_iter().map(|(at, people)| (at as f64 / 2.0, people)).collect();
        let blank = || Stratum { cases: 0.0, person_time: vec![0.0; cells] };
        let kind = by_stratum.entry(stratum).or_insert_with(blank);
        for step in 0..steps {
            let time = person_time(&line, axis.edges[step] as f64, axis.edges[step + 1] as f64);
            kind.person_time[place * steps + step] += time;
            everybody[place] += time;
        }
    }
    for entry in cases.iter().filter(|entry| entry.count > 0.0) {
        if entry.time.is_some_and(|time| axis.step_of(time).is_none()) {
            continue;
        }
        let kind = by_stratum.get_mut(entry.stratum.as_slice()).ok_or_else(|| nobody_of(entry, strata))?;
        kind.cases += entry.count;
    }
    let (kinds, all): (Vec<&[String]>, Vec<Stratum>) = by_stratum.into_iter().unzip();
    let expected = expected_by_strata(&all).map_err(|kind| {
        format!(
            "population: there are cases of {} and no people in the period; complete the file",
            kinds[kind].join(", ")
        )
    })?;
    let length = (axis.edges[steps] - axis.edges[0]) as f64;
    Ok((expected, everybody.into_iter().map(|time| time / length).collect()))
}

fn nobody_of(entry: &Entry, strata: &[String]) -> String {
    let told: Vec<String> =
        strata.iter().zip(&entry.stratum).map(|(name, value)| format!("{name} {value}")).collect();
    format!(
        "cases row {}: the file of the population has nobody with {}; add them, or mend that row",
        entry.row,
        told.join(", ")
    )
}
