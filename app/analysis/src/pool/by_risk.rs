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
    settings.refuse_for_risks()?;
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_pools_by_risk_cannot_heed_is_refused() {
        let people = Table::parse(b"person,risk\na,0.01\nb,0.2\nc,0.01\n").unwrap();
        let told = |settings: &str| told(&people, &serde_json::from_str::<Settings>(settings).unwrap());
        assert_eq!(told(r#"{"sensitivity": 0.95}"#).unwrap().rows.len(), 3);
        for (settings, why) in [
            (r#"{"ct_mean": 27, "ct_sd": 6, "ct_limit": 38}"#, "no account of Ct values"),
            (r#"{"ct": [30, 31], "ct_limit": 38}"#, "no account of Ct values"),
            (r#"{"household_size": 3, "household_correlation": 0.3}"#, "no account of households"),
        ] {
            let told = told(settings).unwrap_err();
            assert!(told.contains(why), "{told}");
        }
    }
}
