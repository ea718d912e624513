//! Numbers out of the store: what is known now and what was known then, and the settings in force in a place.

use crate::packed;
use crate::surveillance::{Mark, county_of};
use base::{Day, Moment, Territory};
use packs::{Adds, Source};
use serde_json::Value as Json;
use std::collections::BTreeMap;
use store::{Query, Result, params};

/// The numbers of one period in one county.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Sum {
    /// As sites sent them, added up.
    pub total: f64,
    pub of: f64,
    /// How many sites that is.
    pub sites: i64,
}

impl Sum {
    pub fn add(&mut self, other: Sum) {
        self.total += other.total;
        self.of += other.of;
        self.sites += other.sites;
    }

    /// The one number of the place.
    pub fn value(&self, adds: Adds) -> f64 {
        match adds {
            Adds::Sum => self.total,
            Adds::Mean => self.total / self.sites.max(1) as f64,
        }
    }
}

/// By county, then period.
pub type Sums = BTreeMap<Territory, BTreeMap<Day, Sum>>;

/// Which numbers are asked for.
#[derive(Debug, Clone)]
pub struct Asked<'a> {
    /// An indicator of the pack, or `reported_cases:` and a disease.
    pub indicator: &'a str,
    pub territory: &'a Territory,
    pub from: Day,
    pub to: Day,
}

/// `reported_cases:measles`: cases of one disease, counted from the cases themselves.
pub const CASES: &str = "reported_cases";

/// The disease of an indicator that is counted from cases.
pub fn disease_of(indicator: &str) -> Option<&str> {
    indicator.strip_prefix(CASES)?.strip_prefix(':')
}

/// The pack's entry; that of all reported cases for one disease of them.
pub fn described(indicator: &str) -> Option<&'static packs::Indicator> {
    let id = if disease_of(indicator).is_some() { CASES } else { indicator };
    packed::indicators().by_id(id)
}

/// What is known now.
pub fn sums_now(query: &mut dyn Query, asked: &Asked<'_>) -> Result<Sums> {
    if described(asked.indicator).is_some_and(|one| one.source == Source::Cases) {
        return of_cases(query, asked, None);
    }
    let (first, past) = asked.territory.range();
    let rows = query.rows(
        "SELECT territory, day, value, denominator, sites FROM surveillance_daily \
         WHERE indicator = $1 AND territory >= $2 AND territory < $3 AND day >= $4 AND day <= $5",
        params![asked.indicator, first, past, asked.from, asked.to],
    )?;
    let mut sums = Sums::new();
    for row in rows {
        let sum = Sum {
            total: row.opt_real(2)?.unwrap_or_default(),
            of: row.opt_real(3)?.unwrap_or_default(),
            sites: row.int(4)?,
        };
        sums.entry(row.read(0)?).or_default().insert(row.read(1)?, sum);
    }
    Ok(sums)
}

/// What was known at a moment: of every number the last version sent by then.
pub fn sums_as_of(query: &mut dyn Query, asked: &Asked<'_>, then: Moment) -> Result<Sums> {
    if described(asked.indicator).is_some_and(|one| one.source == Source::Cases) {
        return of_cases(query, asked, Some(then));
    }
    let (first, past) = asked.territory.range();
    let rows = query.rows(
        "SELECT territory, day, site, value, denominator FROM surveillance_report WHERE indicator = $1 AND territory >= $2 \
         AND territory < $3 AND day >= $4 AND day <= $5 AND at <= $6 AND mark <> $7 ORDER BY territory, day, site, seq",
        params![asked.indicator, first, past, asked.from, asked.to, then, Mark::TooLate.word()],
    )?;
    // The last version of a site's number stands; the order puts it last.
    let mut last: BTreeMap<(Territory, Day, String), (f64, f64)> = BTreeMap::new();
    for row in rows {
        let key = (row.read(0)?, row.read(1)?, row.text(2)?);
        last.insert(key, (row.opt_real(3)?.unwrap_or_default(), row.opt_real(4)?.unwrap_or_default()));
    }
    let mut sums = Sums::new();
    for ((territory, day, _), (total, of)) in last {
        let here = sums.entry(county_of(&territory)).or_default().entry(day).or_default();
        here.add(Sum { total, of, sites: 1 });
    }
    Ok(sums)
}

fn of_cases(query: &mut dyn Query, asked: &Asked<'_>, then: Option<Moment>) -> Result<Sums> {
    let counted = crate::cases::views::reported_by_day(query, asked.territory, asked.from, asked.to, then)?;
    let wanted = disease_of(asked.indicator);
    let mut sums = Sums::new();
    for one in counted.into_iter().filter(|one| wanted.is_none_or(|wanted| one.disease == wanted)) {
        let here = sums.entry(county_of(&one.territory)).or_default().entry(one.day).or_default();
        here.add(Sum { total: one.cases as f64, of: 0.0, sites: 1 });
    }
    Ok(sums)
}

/// The counties' numbers as one place's.
pub fn together(sums: &Sums) -> BTreeMap<Day, Sum> {
    let mut all = BTreeMap::new();
    for days in sums.values() {
        for (day, sum) in days {
            all.entry(*day).or_insert_with(Sum::default).add(*sum);
        }
    }
    all
}

/// What a place's own people set, or the nearest place above.
pub fn nearest<'a, T>(set: &'a BTreeMap<Territory, T>, place: &Territory) -> Option<(Territory, &'a T)> {
    (0..=place.depth())
        .rev()
        .map(|depth| place.at_depth(depth))
        .find_map(|at| Some((at.clone(), set.get(&at)?)))
}

/// Who was chosen to watch what, where, by whom and why.
#[derive(Debug, Clone, PartialEq)]
pub struct Choice {
    pub method: Json,
    pub reason: String,
    pub at: Moment,
    pub by: String,
}

/// Everything people set: the watch reads it at the start and when it changes.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    /// By indicator and place.
    pub methods: BTreeMap<String, BTreeMap<Territory, Choice>>,
    pub budgets: BTreeMap<Territory, f64>,
    /// By place, then indicator.
    pub weights: BTreeMap<Territory, BTreeMap<String, f64>>,
}

impl Settings {
    pub fn read(query: &mut dyn Query) -> Result<Settings> {
        let mut settings = Settings::default();
        let sql =
            "SELECT territory, indicator, method, reason, at, by_whom FROM surveillance_method ORDER BY seq";
        for row in query.rows(sql, params![])? {
            let (territory, indicator): (Territory, String) = (row.read(0)?, row.text(1)?);
            let here = settings.methods.entry(indicator).or_default();
            match row.opt_text(2)? {
                Some(_) => {
                    let choice = Choice {
                        method: row.json(2)?,
                        reason: row.text(3)?,
                        at: Moment(row.int(4)?),
                        by: row.text(5)?,
                    };
                    here.insert(territory, choice);
                }
                None => {
                    here.remove(&territory);
                }
            }
        }
        for row in
            query.rows("SELECT territory, per_week FROM surveillance_budget ORDER BY seq", params![])?
        {
            settings.budgets.insert(row.read(0)?, row.opt_real(1)?.unwrap_or_default());
        }
        let sql = "SELECT territory, weights FROM surveillance_tuning WHERE reverted IS NULL ORDER BY at, id";
        for row in query.rows(sql, params![])? {
            settings.weights.insert(row.read(0)?, row.json(1)?);
        }
        Ok(settings)
    }

    pub fn chosen(&self, indicator: &str, place: &Territory) -> Option<(Territory, &Choice)> {
        nearest(self.methods.get(indicator)?, place)
    }

    pub fn weight(&self, indicator: &str, place: &Territory) -> f64 {
        let here = nearest(&self.weights, place).and_then(|(_, weights)| weights.get(indicator));
        here.copied().unwrap_or(1.0)
    }

    /// Whose list a place's signals are on, and how many a week may be.
    pub fn team(&self, place: &Territory) -> (Territory, f64) {
        match nearest(&self.budgets, place) {
            Some((team, per_week)) => (team, *per_week),
            // Prefectures have a centre with people on duty.
            None => (place.at_depth(2), packed::signals().budget_per_week),
        }
    }
}

/// The weights in force in a place.
pub fn weights_at(query: &mut dyn Query, place: &Territory) -> Result<BTreeMap<String, f64>> {
    let settings = Settings::read(query)?;
    Ok(nearest(&settings.weights, place).map(|(_, weights)| weights.clone()).unwrap_or_default())
}
