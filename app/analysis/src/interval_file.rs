//! A serial interval as a table: columns `delay` (days, from 0) and `prob`.

use crate::series_file::number;
use crate::table::Table;
use std::path::Path;
use surveillance::SerialIntervalDistribution;

pub fn read(path: &Path) -> Result<SerialIntervalDistribution, String> {
    interval_of(&Table::read(path)?).map_err(|why| format!("{}: {why}", path.display()))
}

pub fn interval_of(table: &Table) -> Result<SerialIntervalDistribution, String> {
    let (delay, prob) = (table.column("delay")?, table.column("prob")?);
    let mut probabilities = Vec::new();
    for row in table.rows() {
        if number(table, row, delay)? != Some(probabilities.len() as f64) {
            let (number, told, due) = (row.number, row.cell(delay), probabilities.len());
            return Err(format!(
                "row {number}: `delay` is {told} where {due} is due; write every day from 0"
            ));
        }
        let share = number(table, row, prob)?;
        probabilities.push(share.ok_or_else(|| format!("row {}: `prob` is blank; write 0", row.number))?);
    }
    SerialIntervalDistribution::stated(probabilities).map_err(|why| why.to_string())
}
