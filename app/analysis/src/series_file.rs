//! Series in a plain CSV: columns `series` (may be absent when there is one), `t`, `date`, `observed`, `population`.

use super::table::{Column, Row, Table};
use base::Day;
use surveillance::Series;

/// Every series of the file, in the order in which they begin there.
pub fn series_of(table: &Table, per_year: usize) -> Result<Vec<Series>, String> {
    let observed = table.column("observed")?;
    let named = table.column("series").ok();
    let (date, population) = (table.column("date").ok(), table.column("population").ok());
    let step = table.column("t").ok();

    let mut all: Vec<Series> = Vec::new();
    let mut last = 0;
    for row in table.rows() {
        let name = named.map_or("series", |column| row.cell(column));
        // Rows of one series usually stand together.
        if all.get(last).is_none_or(|series| series.name != name) {
            last = all.iter().position(|series| series.name == name).unwrap_or_else(|| {
                all.push(Series::of(name, Vec::new(), per_year));
                all.len() - 1
            });
        }
        let series = &mut all[last];
        if let Some(step) = step
            && number(table, row, step)? != Some((series.len() + 1) as f64)
        {
            return Err(format!(
                "row {}: `t` is {} where step {} of `{name}` is due; write every step once and in order, with a blank count where \
                 nobody reported",
                row.number,
                row.cell(step),
                series.len() + 1
            ));
        }
        let counted = number(table, row, observed)?.unwrap_or(f64::NAN);
        if counted < 0.0 {
            return Err(format!(
                "row {}: `{}` is {counted}; a count is 0 or more, and blank where nobody reported",
                row.number,
                table.name(observed)
            ));
        }
        if let Some(column) = date {
            add_date(series, table, row, column)?;
        }
        series.counts.push(counted);
        if let Some(column) = population {
            let people = number(table, row, column)?.unwrap_or(f64::NAN);
            if people < 0.0 {
                return Err(format!("row {}: `population` is {people}; write 0 or more", row.number));
            }
            series.population.push(people);
        }
    }
    for series in &mut all {
        if series.population.iter().all(|people| people.is_nan()) {
            series.population.clear();
        }
    }
    for series in &all {
        series.check().map_err(|why| why.to_string())?;
    }
    if all.is_empty() {
        return Err("the file has no rows; it needs at least one step of one series".to_owned());
    }
    Ok(all)
}

/// Every step of a series has a date, later than the one before, or none has.
fn add_date(series: &mut Series, table: &Table, row: &Row, column: Column) -> Result<(), String> {
    let (name, number) = (&series.name, row.number);
    let Some(cell) = row.says(column) else {
        return match series.dates.last() {
            Some(last) => Err(format!("row {number}: `{}` has no date after {last}; fill it in", name)),
            None => Ok(()),
        };
    };
    let day =
        cell.parse::<Day>().map_err(|why| format!("row {number}: `{}` {cell}: {why}", table.name(column)))?;
    match series.dates.last() {
        None if !series.is_empty() => {
            Err(format!("row {number}: `{name}` had no date before this one; give every step one or none"))
        }
        Some(last) if *last >= day => {
            Err(format!("row {number}: {day} of `{name}` is not after {last}; sort the file by date"))
        }
        _ => {
            series.dates.push(day);
            Ok(())
        }
    }
}

/// The number in a cell; `None` when it says that it is not known.
pub fn number(table: &Table, row: &Row, column: Column) -> Result<Option<f64>, String> {
    let Some(cell) = row.says(column) else { return Ok(None) };
    match cell.parse::<f64>() {
        Ok(value) if value.is_finite() => Ok(Some(value)),
        _ => Err(format!(
            "row {}: `{}` is {cell}, which is not a number; mend that cell",
            row.number,
            table.name(column)
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(text: &str) -> Result<Vec<Series>, String> {
        series_of(&Table::parse(text.as_bytes()).unwrap(), 52)
    }

    #[test]
    fn two_series_and_a_week_nobody_reported() {
        let all =
            read("series,t,date,observed\na,1,2024-01-01,3\nb,1,2024-01-01,0\na,2,2024-01-08,NA\n").unwrap();
        assert_eq!(all.iter().map(|s| s.name.as_str()).collect::<Vec<_>>(), ["a", "b"]);
        assert!(all[0].counts[1].is_nan() && all[0].dates.len() == 2 && all[1].counts == [0.0]);
    }

    #[test]
    fn people_may_be_known_for_some_steps_or_for_none() {
        let some = read("observed,population\n1,100\n2,\n").unwrap();
        assert!(some[0].population[0] == 100.0 && some[0].population[1].is_nan());
        assert!(read("observed,population\n1,\n2,NA\n").unwrap()[0].population.is_empty());
    }

    proptest! {
        #[test]
        fn no_bytes_bring_the_reader_down(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            let _ = Table::parse(&bytes).and_then(|table| series_of(&table, 52));
        }

        /// Cells a person might write, in any order: what is refused names its row.
        #[test]
        fn what_is_refused_names_its_row(
            rows in proptest::collection::vec(("[ab]?", "[0-4]?", "(2024-0[1-9]-0[1-9])?", "-?[0-9]{0,3}|NA|x|1e999"), 1..12),
        ) {
            let text: String = rows.iter().map(|(name, t, day, count)| format!("{name},{t},{day},{count}\n")).collect();
            if let Err(why) = read(&format!("series,t,date,observed\n{text}")) {
                prop_assert!(why.contains("row "), "{}", why);
            }
        }
    }

    #[test]
    fn bad_rows_are_named_with_what_to_do() {
        for (text, why) in [
            ("t,observed\n1,3\n3,4\n", "row 3: `t` is 3 where step 2"),
            ("t,observed\n1,three\n", "row 2: `observed` is three"),
            ("t,observed\n1,-3\n", "row 2: `observed` is -3"),
            ("date,observed\n2024-01-01,1\n,2\n", "row 3: `series` has no date after 2024-01-01"),
            ("date,observed\n,1\n2024-01-01,2\n", "row 3: `series` had no date"),
            ("date,observed\n2024-01-08,1\n2024-01-08,2\n", "row 3: 2024-01-08 of `series` is not after"),
            ("date,observed\n2024-02-30,1\n", "row 2: `date` 2024-02-30"),
            ("t,observed\n", "no rows"),
            ("t,cases\n1,3\n", "no column `observed`"),
        ] {
            let told = read(text).unwrap_err();
            assert!(told.contains(why), "{told}");
        }
    }
}
