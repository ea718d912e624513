//! The cases whose visits are looked at, with the days between which each counts.

use super::settings::{Direction, Settings};
use crate::account::RowAccount;
use crate::column_days::{ColumnDays, Order};
use crate::names::Names;
use crate::table::{Row, Table};
use base::Day;
use std::collections::BTreeMap;
use trace::overlap::Minute;

/// When visits of a case count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CountedDays {
    /// Of onset, or of the sample of somebody without signs.
    pub onset: Option<Day>,
    pub from: Minute,
    pub until: Minute,
}

/// By number of the subject. Columns: `case`, and when known `onset` and `isolated`.
pub fn read_cases(
    table: &Table,
    subjects: &mut Names,
    settings: &Settings,
    dates: Option<Order>,
) -> Result<BTreeMap<u32, CountedDays>, String> {
    let case = table.column("case")?;
    let days =
        |name: &str| table.column(name).ok().map(|column| ColumnDays::of(table, column, dates)).transpose();
    let (onset, isolated) = (days("onset")?, days("isolated")?);
    let mut account = RowAccount::of(table);
    let mut cases = BTreeMap::new();
    let mut without_visits = Vec::new();
    for row in table.rows() {
        let Some(id) = row.says(case) else {
            account.left_out("no case number", format!("row {}", row.number));
            continue;
        };
        let day = |column: &Option<ColumnDays>, row: &Row| match column {
            Some(column) => column.day(row),
            None => Ok(None),
        };
        let (onset, isolated) = match (day(&onset, row), day(&isolated, row)) {
            (Ok(onset), Ok(isolated)) => (onset, isolated),
            (Err(why), _) | (_, Err(why)) => {
                account.left_out("a day that cannot be read; mend it", why);
                continue;
            }
        };
        let counted = counted_days(onset, isolated, settings);
        if counted.from > counted.until {
            let why =
                "isolated before anything could be passed on, so nobody is exposed; mend onset or isolated";
            account.left_out(why, format!("row {} {id}", row.number));
            continue;
        }
        if subjects.known(id).is_none() {
            without_visits.push(id.to_owned());
        }
        if cases.insert(subjects.number(id), counted).is_some() {
            account.left_out("case repeated; its last row counts", format!("row {} {id}", row.number));
        } else {
            account.used();
        }
    }
    account.print("cases");
    if !without_visits.is_empty() {
        let first = without_visits[..without_visits.len().min(3)].join(", ");
        eprintln!(
            "{} cases have no visit of their own ({first}); ask them where they were, or look how both files write their number",
            without_visits.len()
        );
    }
    account.refuse_nothing("cases")?;
    Ok(cases)
}

fn counted_days(onset: Option<Day>, isolated: Option<Day>, settings: &Settings) -> CountedDays {
    let start = |day: Day| Minute::of(day, 0);
    // Before 1970 nothing of use was stated: such a day ends everything, and the case is named.
    let end = |day: Day| Minute::of(day, 1_439).unwrap_or(Minute(0));
    let from = onset.and_then(|onset| start(onset - settings.look_back())).unwrap_or(Minute(0));
    let until = match settings.looking {
        Direction::Onward => isolated.map_or(Minute(u32::MAX), end),
        // Nobody is infected after falling ill.
        Direction::Back => onset.map_or(Minute(u32::MAX), end),
    };
    CountedDays { onset, from, until }
}
