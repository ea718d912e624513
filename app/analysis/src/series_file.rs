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
        series.counts.push(number(table, row, observed)?.unwrap_or(f64::NAN));
        if let Some(day) = date.and_then(|column| row.says(column)) {
            series
                .dates
                .push(day.parse::<Day>().map_err(|why| format!("row {}: `date` {day}: {why}", row.number))?);
        }
        if let Some(people) = population.map(|column| number(table, row, column)).transpose()?.flatten() {
            series.population.push(people);
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
    fn bad_rows_are_named_with_what_to_do() {
        for (text, why) in [
            ("t,observed\n1,3\n3,4\n", "row 3: `t` is 3 where step 2"),
            ("t,observed\n1,three\n", "row 2: `observed` is three"),
            ("t,observed\n1,-3\n", "counts -3 at step 1"),
            ("t,observed\n", "no rows"),
            ("t,cases\n1,3\n", "no column `observed`"),
        ] {
            let told = read(text).unwrap_err();
            assert!(told.contains(why), "{told}");
        }
    }
}
