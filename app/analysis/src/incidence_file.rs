//! Daily cases in a plain CSV: columns `series` (may be absent when there is one), `t` or `date`, `local`, `imported`.
//!
//! Deliberately absent: days put together to weeks; what is told of transmission needs days.

use crate::series_file::number;
use crate::table::{Column, Table};
use base::Day;
use surveillance::Incidence;

pub struct DailyCases {
    pub name: String,
    /// One for each day; empty when the file does not say.
    pub dates: Vec<Day>,
    pub incidence: Incidence,
}

/// Local cases may also stand under any of these names.
const CASES: [&str; 5] = ["local", "cases", "count", "incidence", "observed"];

pub fn cases_column(table: &Table) -> Result<Column, String> {
    let found = CASES.iter().find_map(|name| table.column(name).ok());
    found.ok_or_else(|| format!("no column with cases; call it one of: {}", CASES.join(", ")))
}

/// Every series of the file, in the order in which they begin there. Each has every day once and in order.
pub fn daily_cases(table: &Table) -> Result<Vec<DailyCases>, String> {
    let local = cases_column(table)?;
    let named = table.column("series").ok();
    let (imported, step, date) =
        (table.column("imported").ok(), table.column("t").ok(), table.column("date").ok());
    struct Days {
        name: String,
        dates: Vec<Day>,
        local: Vec<f64>,
        imported: Vec<f64>,
    }
    let mut all: Vec<Days> = Vec::new();
    let mut last = 0;
    for row in table.rows() {
        let name = named.map_or("", |column| row.cell(column));
        if all.get(last).is_none_or(|days| days.name != name) {
            last = all.iter().position(|days| days.name == name).unwrap_or_else(|| {
                let name = name.to_owned();
                all.push(Days { name, dates: Vec::new(), local: Vec::new(), imported: Vec::new() });
                all.len() - 1
            });
        }
        let days = &mut all[last];
        let due = days.local.len() + 1;
        if let Some(step) = step
            && number(table, row, step)? != Some(due as f64)
        {
            return Err(format!(
                "row {}: `t` is {} where day {due} is due; write every day once and in order, 0 where there was no case",
                row.number,
                row.cell(step)
            ));
        }
        if let Some(column) = date {
            let told = row.cell(column);
            let day: Day = told.parse().map_err(|why| format!("row {}: `date` {told}: {why}", row.number))?;
            if let Some(before) = days.dates.last()
                && day - *before != 1
            {
                return Err(format!(
                    "row {}: {day} follows {before}; write every day once and in order, 0 where there was no case and blank \
                     where nobody reported",
                    row.number
                ));
            }
            days.dates.push(day);
        }
        days.local.push(number(table, row, local)?.unwrap_or(f64::NAN));
        // A blank among the imported says none, as most lists do.
        let from_elsewhere = imported.map(|column| number(table, row, column)).transpose()?.flatten();
        days.imported.push(from_elsewhere.unwrap_or(0.0));
    }
    if all.is_empty() {
        return Err("the file has no rows; it needs at least one day".to_owned());
    }
    all.into_iter()
        .map(|Days { name, dates, local, imported }| {
            let incidence = Incidence::of(local, imported).map_err(|why| why.to_string())?;
            Ok(DailyCases { name, dates, incidence })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(text: &str) -> Result<Vec<DailyCases>, String> {
        daily_cases(&Table::parse(text.as_bytes()).unwrap())
    }

    #[test]
    fn cases_are_local_unless_they_came_or_were_first() {
        let all = read("date,cases,imported\n2024-02-28,3,\n2024-02-29,2,1\n2024-03-01,,\n").unwrap();
        assert_eq!(all[0].incidence.local[..2], [0.0, 2.0]);
        assert_eq!(all[0].incidence.imported[..2], [3.0, 1.0]);
        assert!(all[0].incidence.local[2].is_nan() && all[0].dates.len() == 3);
    }

    proptest! {
        /// Whatever stands in the cells: days or a refusal.
        #[test]
        fn any_table_is_read_or_refused(
            cells in proptest::collection::vec(
                prop_oneof![Just("2024-02-29".to_owned()), "[0-9]{1,3}", "[-+.eNA0-9 ]{0,6}", ".{0,5}"], 0..40),
        ) {
            let rows: Vec<String> =
                cells.chunks(4).map(|row| row.join(",").replace(['"', '\n', '\r'], "")).collect();
            if let Ok(table) = Table::parse(format!("t,date,local,imported\n{}\n", rows.join("\n")).as_bytes()) {
                let _ = daily_cases(&table);
            }
        }
    }

    #[test]
    fn bad_rows_are_named_with_what_to_do() {
        for (text, why) in [
            ("t,local\n1,3\n3,4\n", "row 3: `t` is 3 where day 2 is due"),
            ("date,local\n2024-02-28,3\n2024-03-01,4\n", "2024-03-01 follows 2024-02-28; write every day"),
            ("t,people\n1,3\n", "call it one of: local, cases"),
            ("t,local\n1,-3\n", "counts -3"),
            ("t,local\n", "no rows"),
        ] {
            let told = read(text).err().unwrap();
            assert!(told.contains(why), "{told}");
        }
    }
}
