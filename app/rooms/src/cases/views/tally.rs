//! All that the situation counts of the cases in reach, in one pass over them: ten questions to the database each read
//! every case again, and with 200,000 of them that was four seconds.

use crate::cases::views::filter::Conditions;
use base::{Day, Territory};
use cases::Early;
use std::collections::BTreeMap;
use store::{Query, Result, Row};

/// Discarded cases are kept, and count nowhere but among the classifications.
pub const COUNTED: &str = "c.classification <> 'discarded'";

#[derive(Default)]
pub struct Tally {
    pub total: i64,
    pub under_care: u64,
    pub community: u64,
    /// The latest day any case is listed at, discarded ones too.
    pub latest: Option<Day>,
    pub classifications: BTreeMap<String, i64>,
    pub places: BTreeMap<Territory, i64>,
    /// By day of the curve and by how the case was found.
    pub curve: BTreeMap<(Day, String), i64>,
    /// Cases by delay in days.
    pub delays: BTreeMap<(Early, i32), usize>,
    listed: BTreeMap<Day, i64>,
}

const COLUMNS: &str = "c.territory, c.classification, c.found, c.sort_day, c.curve_day, c.onset, c.result, c.report, \
     c.isolation, c.admission";

impl Tally {
    pub fn of(query: &mut dyn Query, cases: &Conditions) -> Result<Tally> {
        let sql = format!("SELECT {COLUMNS} FROM cases_case c WHERE {}", cases.sql);
        let (mut tally, mut places) = (Tally::default(), BTreeMap::new());
        query.each(&sql, &cases.params, &mut |row| tally.meet(&row, &mut places))?;
        for (path, cases) in places {
            let territory =
                Territory::try_from(path).map_err(|fault| store::Error::Shape(fault.to_string()))?;
            tally.places.insert(territory, cases);
        }
        Ok(tally)
    }

    /// New cases of a day, as the list orders them.
    pub fn new_on(&self, day: Day) -> i64 {
        self.listed.get(&day).copied().unwrap_or(0)
    }

    fn meet(&mut self, row: &Row, places: &mut BTreeMap<String, i64>) -> Result<()> {
        let classification = row.text(1)?;
        let listed: Option<Day> = row.text(3)?.parse().ok();
        self.latest = self.latest.max(listed);
        let discarded = classification == "discarded";
        *self.classifications.entry(classification).or_default() += 1;
        if discarded {
            return Ok(());
        }
        self.total += 1;
        *places.entry(row.text(0)?).or_default() += 1;
        if let Some(day) = listed {
            *self.listed.entry(day).or_default() += 1;
        }
        let found = row.opt_text(2)?;
        match found.as_deref() {
            Some("under_care") => self.under_care += 1,
            Some("community") => self.community += 1,
            _ => {}
        }
        if let Some(day) = row.opt_read(4)? {
            *self.curve.entry((day, found.unwrap_or_else(|| "unknown".to_owned()))).or_default() += 1;
        }
        self.meet_delays(row)
    }

    /// Days known to the day only; the columns hold no others.
    fn meet_delays(&mut self, row: &Row) -> Result<()> {
        let Some(result): Option<Day> = row.opt_read(6)? else { return Ok(()) };
        if let Some(onset) = row.opt_read::<Day>(5)? {
            *self.delays.entry((Early::Found, result - onset)).or_default() += 1;
        }
        for (early, column) in [(Early::Reported, 7), (Early::Isolated, 8), (Early::Treated, 9)] {
            if let Some(then) = row.opt_read::<Day>(column)? {
                *self.delays.entry((early, then - result)).or_default() += 1;
            }
        }
        Ok(())
    }
}
