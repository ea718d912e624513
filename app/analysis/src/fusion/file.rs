//! Streams in a plain CSV, put on one calendar.
//!
//! Deliberately absent: reports that come late; a step is as complete as the file says.

use crate::series_file::number;
use crate::table::{Column, Row, Table};
use base::{Day, Territory};
use std::collections::BTreeMap;
use surveillance::Series;
use surveillance::fusion::Watched;

/// A longer calendar is a mistyped year.
const MOST_STEPS: usize = 40_000;

/// Steps of all series together that are held: 0.8 GB of counts. A file of half a gigabyte has a quarter of it in rows.
const MOST_CELLS: usize = 100_000_000;

pub struct Watch {
    pub watched: Vec<Watched>,
    /// Where the file says which steps were outbreaks: one list per watched series.
    pub states: Option<Vec<Vec<bool>>>,
    /// The first day of each step; empty when the file has no dates.
    pub dates: Vec<Day>,
    pub per_year: usize,
}

struct Columns {
    series: Option<Column>,
    group: Option<Column>,
    territory: Option<Column>,
    date: Option<Column>,
    t: Option<Column>,
    observed: Option<Column>,
    p_value: Option<Column>,
    population: Option<Column>,
    state: Option<Column>,
}

/// What a row says, before the calendar is known.
struct Entry<'a> {
    row: &'a Row,
    stream: usize,
    day: Option<Day>,
    place: usize,
}

impl Watch {
    /// `freq` is the number of steps in a year; without it the dates show it, and without dates a step is a week.
    pub fn of(table: &Table, freq: Option<usize>) -> Result<Watch, String> {
        let columns = Columns::of(table)?;
        let mut names: BTreeMap<(String, Territory, String), usize> = BTreeMap::new();
        let mut streams: Vec<(String, Territory, String)> = Vec::new();
        let mut steps: Vec<usize> = Vec::new();
        let mut entries = Vec::with_capacity(table.rows().len());
        for row in table.rows() {
            let stream = columns.stream(row)?;
            let known = *names.entry(stream.clone()).or_insert_with(|| {
                streams.push(stream);
                steps.push(0);
                streams.len() - 1
            });
            let day = columns.day(row)?;
            let place = match columns.t {
                Some(t) if columns.date.is_none() => whole(table, row, t)?,
                _ => steps[known],
            };
            steps[known] += 1;
            entries.push(Entry { row, stream: known, day, place });
        }
        if entries.is_empty() {
            return Err("the file has no rows; it needs at least one step of one series".to_owned());
        }
        let calendar = Calendar::of(&entries, freq)?;
        if calendar.steps.saturating_mul(streams.len()) > MOST_CELLS {
            return Err(format!(
                "{} series over {} steps are more than can be held; look for a mistyped date or `t`, or cut the file",
                streams.len(),
                calendar.steps
            ));
        }
        let blank = || vec![f64::NAN; calendar.steps];
        let mut watched: Vec<Watched> = streams
            .into_iter()
            .map(|(group, territory, name)| Watched {
                group,
                territory,
                series: Series {
                    dates: calendar.dates.clone(),
                    ..Series::of(&name, blank(), calendar.per_year)
                },
                p_values: if columns.p_value.is_some() { blank() } else { Vec::new() },
            })
            .collect();
        let mut states = columns.state.map(|_| vec![vec![false; calendar.steps]; watched.len()]);
        let mut filled = vec![vec![false; calendar.steps]; watched.len()];
        for entry in &entries {
            let (row, t) = (entry.row, calendar.step_of(entry)?);
            if std::mem::replace(&mut filled[entry.stream][t], true) {
                return Err(format!(
                    "row {}: `{}` has this step already; each series of a place has one row a step",
                    row.number, watched[entry.stream].series.name
                ));
            }
            let one = &mut watched[entry.stream];
            let value = |column: Option<Column>| column.map_or(Ok(None), |column| number(table, row, column));
            if let Some(count) = value(columns.observed)? {
                one.series.counts[t] = count;
            }
            if let Some(p) = value(columns.p_value)? {
                if !(0.0..=1.0).contains(&p) {
                    return Err(format!("row {}: `p_value` is {p}; write a share from 0 to 1", row.number));
                }
                one.p_values[t] = p;
            }
            if let Some(people) = value(columns.population)? {
                one.series.population.resize(calendar.steps, f64::NAN);
                one.series.population[t] = people;
            }
            if let (Some(states), Some(state)) = (&mut states, value(columns.state)?) {
                states[entry.stream][t] = state != 0.0;
            }
        }
        for one in &mut watched {
            carry_forward(&mut one.series.population);
            if one.p_values.iter().all(|p| p.is_nan()) {
                one.p_values.clear();
            }
            one.series.check().map_err(|why| why.to_string())?;
        }
        Ok(Watch { watched, states, dates: calendar.dates, per_year: calendar.per_year })
    }

    /// How a step is called.
    pub fn label(&self, t: usize) -> String {
        self.dates.get(t).map_or_else(|| (t + 1).to_string(), ToString::to_string)
    }

    /// The word for a step.
    pub fn step(&self) -> &'static str {
        match self.per_year {
            101.. => "day",
            20..=100 => "week",
            _ => "step",
        }
    }
}

impl Columns {
    fn of(table: &Table) -> Result<Columns, String> {
        let find = |name: &str| table.column(name).ok();
        let columns = Columns {
            series: find("series"),
            group: find("group"),
            territory: find("territory"),
            date: find("date"),
            t: find("t"),
            observed: find("observed"),
            p_value: find("p_value"),
            population: find("population"),
            state: find("state"),
        };
        if columns.observed.is_none() && columns.p_value.is_none() {
            return Err(format!(
                "{}, nor `p_value`; one of them is needed",
                table.column("observed").err().unwrap_or_default()
            ));
        }
        Ok(columns)
    }

    /// Group, place, name. Without a group, all series of a place are about the same thing; without a place, none are.
    fn stream(&self, row: &Row) -> Result<(String, Territory, String), String> {
        let cell = |column: Option<Column>| column.map_or("", |column| row.cell(column)).to_owned();
        let name = self.series.map_or("series", |column| row.cell(column)).to_owned();
        let territory = cell(self.territory).parse().map_err(|why| format!("row {}: {why}", row.number))?;
        let group = match (self.group, self.territory) {
            (Some(_), _) => cell(self.group),
            (None, Some(_)) => String::new(),
            (None, None) => name.clone(),
        };
        Ok((group, territory, name))
    }

    fn day(&self, row: &Row) -> Result<Option<Day>, String> {
        let Some(column) = self.date else { return Ok(None) };
        match row.says(column) {
            Some(day) => day.parse().map(Some).map_err(|why| format!("row {}: `date`: {why}", row.number)),
            None => Err(format!("row {}: `date` is blank; write the first day of the step", row.number)),
        }
    }
}

fn whole(table: &Table, row: &Row, column: Column) -> Result<usize, String> {
    match number(table, row, column)? {
        Some(t) if t >= 1.0 && t.fract() == 0.0 && t <= MOST_STEPS as f64 => Ok(t as usize - 1),
        _ => Err(format!("row {}: `t` is {}; steps are counted from 1", row.number, row.cell(column))),
    }
}

/// Every step from the first to the last, whether or not anybody reported.
struct Calendar {
    dates: Vec<Day>,
    steps: usize,
    per_year: usize,
}

impl Calendar {
    fn of(entries: &[Entry], freq: Option<usize>) -> Result<Calendar, String> {
        let mut days: Vec<Day> = entries.iter().filter_map(|entry| entry.day).collect();
        days.sort_unstable();
        days.dedup();
        let (Some(first), Some(last)) = (days.first().copied(), days.last().copied()) else {
            let steps = entries.iter().map(|entry| entry.place + 1).max().unwrap_or(0);
            return Ok(Calendar { dates: Vec::new(), steps, per_year: freq.unwrap_or(52) });
        };
        let least = days.windows(2).map(|two| two[1] - two[0]).min().unwrap_or(7);
        let per_year = freq.unwrap_or(match least {
            ..=6 => 365,
            7..=27 => 52,
            _ => 12,
        });
        // Months are not all of one length: those of the file are the steps.
        let dates = match per_year {
            101.. => first.through(last).take(MOST_STEPS + 1).collect(),
            20..=100 => first.through(last).step_by(7).take(MOST_STEPS + 1).collect(),
            _ => days,
        };
        if dates.len() > MOST_STEPS {
            return Err(format!("the dates go from {first} to {last}; look for a mistyped year"));
        }
        Ok(Calendar { steps: dates.len(), dates, per_year })
    }

    fn step_of(&self, entry: &Entry) -> Result<usize, String> {
        let Some(day) = entry.day else { return Ok(entry.place) };
        self.dates.binary_search(&day).map_err(|_| {
            format!(
                "row {}: {day} is not a whole number of weeks after {}; give every week the same weekday, or set `freq`",
                entry.row.number, self.dates[0]
            )
        })
    }
}

/// A population that is not said is the one said last, or first.
fn carry_forward(population: &mut [f64]) {
    let Some(mut known) = population.iter().copied().find(|people| !people.is_nan()) else { return };
    for people in population {
        if people.is_nan() {
            *people = known;
        }
        known = *people;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Watch, String> {
        Watch::of(&Table::parse(text.as_bytes())?, None)
    }

    #[test]
    fn streams_of_two_places_stand_on_one_calendar_with_gaps_as_gaps() {
        let watch = read(
            "series,territory,date,observed\nfever,14/1407,2024-01-01,3\nfever,14/1401,2024-01-08,5\nfever,14/1407,2024-01-22,4\n",
        )
        .unwrap();
        assert_eq!((watch.dates.len(), watch.per_year), (4, 52));
        assert_eq!(watch.watched[0].series.counts[3], 4.0);
        assert!(watch.watched[0].series.counts[1].is_nan() && watch.watched[0].group.is_empty());
    }

    #[test]
    fn without_places_each_series_is_for_itself_and_states_are_read() {
        let watch = read("series,t,observed,state\na,1,3,0\nb,2,1,1\n").unwrap();
        assert_eq!((watch.watched[0].group.as_str(), watch.watched[1].group.as_str()), ("a", "b"));
        assert_eq!(watch.states.unwrap()[1], [false, true]);
    }

    #[test]
    fn bad_rows_are_named_with_what_to_do() {
        for (text, why) in [
            ("t,observed\n0,1\n", "row 2: `t` is 0"),
            ("t,observed\n1,1\n1,2\n", "row 3: `series` has this step already"),
            ("t,cases\n1,1\n", "nor `p_value`"),
            ("t,p_value\n1,1.5\n", "`p_value` is 1.5"),
            ("date,observed\n2024-01-01,1\n2024-01-08,1\n2024-01-18,2\n", "2024-01-18 is not a whole number"),
            ("date,observed\n0024-01-01,1\n2024-01-02,1\n2024-01-03,1\n", "mistyped year"),
            ("territory,t,observed\n14//7,1,1\n", "row 2: `14//7` is not a territory"),
        ] {
            let told = read(text).err().unwrap();
            assert!(told.contains(why), "{told}");
        }
    }
}
