//! Who shares a pool with whom, when people's risks are known to differ.

use super::settings::Settings;
use super::six_digits;
use crate::account::RowAccount;
use crate::series_file::number;
use crate::sheet::{Cell, Sheet};
use crate::table::Table;
use lab::{pool_by_risk, tests_of_pools};

/// Pools no larger than this, unless sizes are given.
const LARGEST: usize = 20;

pub fn told(table: &Table, settings: &Settings) -> Result<Sheet, String> {
    let column = table.column("risk")?;
    let named = table.column("person").ok();
    let mut account = RowAccount::of(table);
    let (mut risks, mut people) = (Vec::new(), Vec::new());
    for row in table.rows() {
        match number(table, row, column)? {
            Some(risk) if (0.0..=1.0).contains(&risk) => {
                risks.push(risk);
                people.push(named.map_or_else(|| row.number.to_string(), |named| row.cell(named).to_owned()));
                account.used();
            }
            Some(risk) => {
                return Err(format!("row {}: `risk` is {risk}; give a share from 0 to 1", row.number));
            }
            None => account.left_out("no risk", format!("row {}", row.number)),
        }
    }
    account.print("people");
    account.refuse_nothing("people")?;
    let assay = settings.assay()?;
    let largest = settings.sizes.iter().copied().max().unwrap_or(LARGEST);
    let found = pool_by_risk(&risks, largest, &assay).map_err(|why| why.to_string())?;
    let alike = vec![risks.iter().sum::<f64>() / risks.len() as f64; risks.len()];
    let blind = pool_by_risk(&alike, largest, &assay).map_err(|why| why.to_string())?;
    // The pools somebody would make who knows only the mean, filled as people come.
    let as_they_come: Vec<Vec<f64>> =
        blind.pools.iter().map(|pool| pool.iter().map(|at| risks[*at]).collect()).collect();
    let as_they_come: Vec<&[f64]> = as_they_come.iter().map(Vec::as_slice).collect();
    eprintln!(
        "{} people in {} pools, {:.1} tests expected; {:.1} when pooled as they come",
        risks.len(),
        found.pools.len(),
        found.tests,
        tests_of_pools(&as_they_come, &assay).map_err(|why| why.to_string())?
    );
    let mut sheet = Sheet::of(&["pool", "person", "risk"]);
    for (pool, members) in found.pools.iter().enumerate() {
        for at in members {
            sheet.add(vec![(pool + 1).into(), Cell::from(people[*at].as_str()), six_digits(risks[*at])]);
        }
    }
    Ok(sheet)
}
