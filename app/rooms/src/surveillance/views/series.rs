//! Series as they are known now or were known then, with what the detector says of each step.

use super::{day_in, place_within, sees};
use crate::access::http::names;
use crate::cases::Team;
use crate::refuse::invalid;
use crate::regions::UTC_OFFSET_MINUTES;
use crate::surveillance::numbers::{self, Asked, CASES, Settings, Sum, Sums, described, disease_of};
use crate::surveillance::reach::{SITE_COLUMNS, SiteRecord};
use crate::surveillance::watch::method_of;
use base::{Day, Moment, Territory};
use packs::Indicator;
use serde::Deserialize;
use serde_json::{Value as Json, json};
use std::collections::BTreeMap;
use store::{Permission, Query, Result, Scope, params};
use surveillance::fusion::Way;
use surveillance::{Series, methods};

#[derive(Debug, Clone, Default, Deserialize, schemars::JsonSchema)]
pub struct SeriesAsked {
    /// Words of the indicators pack, or `reported_cases:` and a disease, joined by commas.
    pub indicators: String,
    #[serde(default)]
    pub territory: Option<String>,
    #[serde(default)]
    pub from: Option<String>,
    #[serde(default)]
    pub to: Option<String>,
    /// A day (its end) or an instant: what was known then.
    #[serde(default)]
    pub as_of: Option<String>,
    /// One series for each place below.
    #[serde(default)]
    pub split: Option<String>,
}

/// History a detector may look back on, in steps before the first that is shown.
const LOOK_BACK: i32 = 420;
const MOST: usize = 8;
const MOST_PLACES: usize = 130;

pub fn series(query: &mut dyn Query, scope: &Scope, asked: &SeriesAsked, now: Moment) -> Result<Json> {
    scope.demand(Permission::SignalsRead)?;
    let place = place_within(scope, asked.territory.as_deref())?;
    let as_of = then_of(asked.as_of.as_deref(), now)?;
    let today = as_of.unwrap_or(now).day_at_offset(UTC_OFFSET_MINUTES);
    let to = day_in(asked.to.as_deref(), "to")?.unwrap_or(today).min(today);
    let from = day_in(asked.from.as_deref(), "from")?.unwrap_or(to - 90).max(to - 1100).min(to);
    let settings = Settings::read(query)?;
    let split = asked.split.as_deref().is_some_and(|text| text == "1" || text == "true");
    let mut all = Vec::new();
    for id in asked.indicators.split(',').map(str::trim).filter(|id| !id.is_empty()).take(MOST) {
        let indicator = described(id).filter(|_| sees(scope, id)).ok_or_else(|| {
            invalid(
                "surveillance.indicator",
                "indicators",
                "there is no such indicator; choose from the list",
                "没有该指标；请从列表中选择",
            )
        })?;
        // Exact counts of cases are for those who work on them; one disease that is kept closer is for its own team.
        let counts_cases = id.starts_with(CASES);
        if counts_cases && (Team::of(scope).is_none() || !scope.kept.reads(disease_of(id))) {
            continue;
        }
        if id == CASES && !scope.kept.unread.is_empty() {
            continue;
        }
        let asked = Asked {
            indicator: id,
            territory: &place,
            from: indicator.cadence.begins(from) - LOOK_BACK * indicator.cadence.days(),
            to,
        };
        let sums = match as_of {
            Some(then) => numbers::sums_as_of(query, &asked, then)?,
            None => numbers::sums_now(query, &asked)?,
        };
        let sites = sites_sending(query, id, &place)?;
        for (territory, days) in places_of(&sums, &place, split) {
            let sites = sites.iter().filter(|site| territory.holds(&site.territory)).collect();
            let one = One { id, indicator, territory, days, from, to, settings: &settings, sites };
            all.push(one.told(query)?);
        }
    }
    let first_seen = as_of.map(|then| then.to_string());
    Ok(json!({ "as_of": first_seen, "from": from, "to": to, "territory": place, "series": all }))
}

/// A day means its end: everything that came on it was known. What is not over yet is now.
fn then_of(text: Option<&str>, now: Moment) -> Result<Option<Moment>> {
    let Some(text) = text.map(str::trim).filter(|text| !text.is_empty()) else { return Ok(None) };
    if let Ok(day) = text.parse::<Day>() {
        let is_over = day < now.day_at_offset(UTC_OFFSET_MINUTES);
        return Ok(Some(if is_over { Moment::start_of(day + 1, UTC_OFFSET_MINUTES) } else { now }));
    }
    text.parse().map(|then: Moment| Some(then.min(now))).map_err(|_| {
        invalid(
            "surveillance.as_of",
            "as_of",
            "write a day such as 2022-02-21, or an instant such as 2022-02-21T08:00:00Z",
            "请写日期，如 2022-02-21，或时刻，如 2022-02-21T08:00:00Z",
        )
    })
}

fn places_of(sums: &Sums, place: &Territory, split: bool) -> Vec<(Territory, BTreeMap<Day, Sum>)> {
    if !split {
        return vec![(place.clone(), numbers::together(sums))];
    }
    let depth = place.depth() + 1;
    let mut below: BTreeMap<Territory, Sums> = BTreeMap::new();
    for (county, days) in sums {
        below.entry(county.at_depth(depth)).or_default().insert(county.clone(), days.clone());
    }
    below.into_iter().take(MOST_PLACES).map(|(place, sums)| (place, numbers::together(&sums))).collect()
}

struct One<'a> {
    id: &'a str,
    indicator: &'static Indicator,
    territory: Territory,
    days: BTreeMap<Day, Sum>,
    from: Day,
    to: Day,
    settings: &'a Settings,
    /// Those that were ever asked for it here.
    sites: Vec<&'a SiteRecord>,
}

fn sites_sending(query: &mut dyn Query, indicator: &str, place: &Territory) -> Result<Vec<SiteRecord>> {
    let (first, past) = place.range();
    let sql = format!(
        "SELECT {SITE_COLUMNS} FROM surveillance_site s WHERE s.territory >= $1 AND s.territory < $2"
    );
    let all: Vec<SiteRecord> =
        query.rows(&sql, params![first, past])?.iter().map(SiteRecord::of).collect::<Result<_>>()?;
    Ok(all.into_iter().filter(|site| site.indicators.iter().any(|one| one == indicator)).collect())
}

impl One<'_> {
    fn told(&self, query: &mut dyn Query) -> Result<Json> {
        let cadence = self.indicator.cadence;
        let first = self.days.keys().next().copied();
        let begin = cadence.begins(self.from);
        let axis: Vec<Day> = {
            let mut day = first.map_or(begin, |first| cadence.begins(first).min(begin));
            let mut all = Vec::new();
            while day <= self.to {
                all.push(day);
                day = day + cadence.days();
            }
            all
        };
        // Cases are counted: a day without one is a day with none. A number nobody sent is unknown.
        let silent = if self.id.starts_with(CASES) { 0.0 } else { f64::NAN };
        let counts: Vec<f64> = axis
            .iter()
            .map(|day| self.days.get(day).map_or(silent, |sum| sum.value(self.indicator.adds)))
            .collect();
        let shown = axis.iter().position(|day| *day >= begin).unwrap_or(axis.len());
        let points: Vec<Json> = (shown..axis.len())
            .map(|step| {
                let sum = self.days.get(&axis[step]);
                json!({ "day": axis[step], "value": number(counts[step]), "of": sum.map(|sum| sum.of).filter(|of| *of > 0.0),
                        "sites": sum.map_or(0, |sum| sum.sites),
                        "expected_sites": self.sites.iter().filter(|site| site.owes(axis[step])).count() })
            })
            .collect();
        let known = counts.iter().filter(|count| !count.is_nan()).count();
        let method = method_of(self.settings, self.id, &self.territory, known);
        let band = method.as_ref().map(|method| self.band(method, &axis, &counts, shown)).unwrap_or_default();
        Ok(json!({
            "indicator": self.id, "territory": self.territory, "cadence": cadence, "points": points, "band": band,
            "method": self.method_told(query, method)?, "signals": self.signals(query)?,
        }))
    }

    fn band(&self, method: &Json, axis: &[Day], counts: &[f64], shown: usize) -> Vec<Json> {
        let Ok(watcher) = methods::watcher(method, self.indicator.cadence.per_year()) else {
            return Vec::new();
        };
        let begin = counts.iter().position(|count| !count.is_nan()).unwrap_or(counts.len());
        let from = shown.max(begin);
        let series = Series {
            name: self.id.to_owned(),
            dates: axis[begin..].to_vec(),
            counts: counts[begin..].to_vec(),
            population: Vec::new(),
            per_year: self.indicator.cadence.per_year(),
        };
        let blank = |day: &Day| json!({ "day": day, "expected": null, "low": null, "high": null, "p": null });
        let mut told: Vec<Json> = axis[shown..from.max(shown)].iter().map(blank).collect();
        let range = from - begin..counts.len() - begin;
        match &watcher.way {
            // Of the step itself, so that the band fits the points; p is of the last steps together.
            Way::Recent(recent) => {
                let of_step = surveillance::fusion::RecentCounts { lags: vec![1], ..recent.clone() };
                let (single, all) =
                    (of_step.evidence(&series, range.clone()), recent.evidence(&series, range));
                for ((step, one), together) in (from..).zip(single).zip(all) {
                    let one = one.ok();
                    let usual = one.and_then(|one| one.usual);
                    told.push(json!({
                        "day": axis[step], "expected": one.and_then(|one| one.expected), "low": usual.map(|usual| usual.0),
                        "high": usual.map(|usual| usual.1), "p": together.ok().map(|said| said.p),
                    }));
                }
            }
            Way::Other { detector, first } => {
                let first = detector.first_step(&series).max(*first).clamp(range.start, range.end);
                told.extend(axis[from..begin + first].iter().map(blank));
                for scored in detector.detect(&series, first..range.end) {
                    told.push(json!({
                        "day": axis[begin + scored.t], "expected": scored.expected, "low": null, "high": scored.upper,
                        "p": scored.p_value,
                    }));
                }
            }
        }
        told
    }

    fn method_told(&self, query: &mut dyn Query, method: Option<Json>) -> Result<Json> {
        let chosen = self.settings.chosen(self.id, &self.territory);
        let by = chosen.as_ref().map(|(_, choice)| choice.by.clone());
        let by = match by {
            Some(by) => names(query, [by.clone()])?.remove(&by),
            None => None,
        };
        Ok(json!({
            "detector": method.as_ref().and_then(|method| method["detector"].as_str().map(str::to_owned)),
            "settings": method, "chosen_at": chosen.as_ref().map(|(at, _)| at),
            "why": chosen.as_ref().map(|(_, choice)| &choice.reason), "by": by,
            "at": chosen.as_ref().map(|(_, choice)| choice.at.to_string()),
        }))
    }

    fn signals(&self, query: &mut dyn Query) -> Result<Vec<Json>> {
        let (first, past) = self.territory.range();
        let rows = query.rows(
            "SELECT id, last_day, grade, state, territory FROM surveillance_signal WHERE territory >= $1 AND territory < $2 \
             AND subject = $3 AND last_day >= $4 AND last_day <= $5 ORDER BY last_day LIMIT 50",
            params![
                first,
                past,
                crate::surveillance::watch::subject_of(self.id, self.indicator),
                self.from,
                self.to
            ],
        )?;
        rows.iter()
            .map(|row| {
                Ok(json!({ "id": row.text(0)?, "day": row.text(1)?, "grade": row.text(2)?, "state": row.text(3)?,
                           "territory": row.text(4)? }))
            })
            .collect()
    }
}

fn number(value: f64) -> Option<f64> {
    value.is_finite().then_some(value)
}
