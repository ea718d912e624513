//! One round of the watch: what is new, the series it touches, the lists it may change, and once a day everything.

use super::judge::{self, Teams};
use super::line::{Axis, Lines, kept_since};
use super::{News, news_since, scan};
use crate::House;
use crate::access::watchman;
use crate::cases::views::reported_by_day;
use crate::surveillance::changes::NoteRun;
use crate::surveillance::county_of;
use crate::surveillance::numbers::{CASES, Settings, Sum, described};
use base::{Day, Id, Moment, Territory};
use packs::Cadence;
use rayon::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use store::{Db, Query, Result, params, random_bits};

const CADENCES: [Cadence; 2] = [Cadence::Day, Cadence::Week];

/// Where a round ended, and a copy of everything when the daily look is due.
pub(super) struct Ended {
    pub reached: i64,
    pub daily: Option<Lines>,
}

/// From the journal's row `seq` on; 0 begins anew.
pub(super) fn round(house: &House, seq: i64) -> Result<Ended> {
    let (db, today, now) = (&house.db, house.today(), house.now());
    let mut held = house.watch.lines.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    let news = if seq == 0 { begin(db, &mut held, today)? } else { news_since(db, seq)? };
    // What was kept for another day is moved first, so that steps mean the same.
    let new_day = step_forward(&mut held, today);
    let mut touched = take_in(db, &mut held, &news, today)?;
    if seq == 0 {
        touched.extend(held.all.keys().map(|(_, _, county)| county.clone()));
    }
    let teams = score(&mut held, today, new_day || news.settings || seq == 0, &touched);
    house.watch.tell(&held, &touched, now);
    judged(db, &held, &teams, today, now)?;
    let daily = (!held.all.is_empty() && is_due(db, today, now)?).then(|| held.clone());
    Ok(Ended { reached: news.reached, daily })
}

/// The daily look over borders takes its time, on a copy, while numbers go on coming in.
pub(super) fn look_over_borders(house: &House, lines: &Lines) -> Result<()> {
    let (today, now) = (house.today(), house.now());
    let found = scan::clusters(lines, house, today);
    let raised = judge::put_on_list(&house.db, found, now)?;
    let note = NoteRun {
        id: Id::from_bits(random_bits()),
        territory: Territory::whole(),
        day: today,
        series: i64::try_from(lines.all.len()).unwrap_or(i64::MAX),
        raised: i64::try_from(raised).unwrap_or(i64::MAX),
    };
    house.db.apply_now(&watchman(), now, note)
}

/// Everything there is, read once.
fn begin(db: &Db, lines: &mut Lines, today: Day) -> Result<News> {
    *lines = Lines { today: Some(today), ..Lines::default() };
    let from = kept_since(today);
    let read = db.read_now(move |reader| {
        let reached = reader.count("SELECT coalesce(max(seq), 0) FROM journal", params![])?;
        let mut sums: BTreeMap<(String, Territory), BTreeMap<Day, Sum>> = BTreeMap::new();
        let sql = "SELECT indicator, territory, day, value, denominator, sites FROM surveillance_daily WHERE day >= $1";
        reader.each(sql, params![from], &mut |row| {
            let sum = Sum {
                total: row.opt_real(3)?.unwrap_or_default(),
                of: row.opt_real(4)?.unwrap_or_default(),
                sites: row.int(5)?,
            };
            sums.entry((row.text(0)?, row.read(1)?)).or_default().insert(row.read(2)?, sum);
            Ok(())
        })?;
        Ok((reached, Settings::read(reader)?, sums))
    })?;
    let (reached, settings, sums) = read;
    lines.settings = settings;
    for ((indicator, county), days) in sums {
        let Some(axis) = axis_of(&indicator, today) else { continue };
        lines.of(&axis, &indicator, &county).take(&axis, &days);
    }
    Ok(News { cases: BTreeSet::from([Territory::whole()]), reached, ..News::default() })
}

fn axis_of(indicator: &str, today: Day) -> Option<Axis> {
    Some(Axis::until(described(indicator)?.cadence, today))
}

/// Reads again what the news is about. Returns the counties it touches.
fn take_in(db: &Db, lines: &mut Lines, news: &News, today: Day) -> Result<BTreeSet<Territory>> {
    if news.settings {
        lines.settings = db.read_now(|reader| Settings::read(reader))?;
    }
    let mut touched = BTreeSet::new();
    let wanted: Vec<(String, Territory, Day)> = news
        .numbers
        .iter()
        .map(|((indicator, county), from)| (indicator.clone(), county.clone(), *from))
        .collect();
    if !wanted.is_empty() {
        let read = db.read_now(move |reader| {
            let sql = "SELECT day, value, denominator, sites FROM surveillance_daily \
                       WHERE indicator = $1 AND territory = $2 AND day >= $3";
            let mut all = Vec::with_capacity(wanted.len());
            for (indicator, county, from) in wanted {
                let mut days = BTreeMap::new();
                for row in reader.rows(sql, params![&indicator, &county, from])? {
                    let sum = Sum {
                        total: row.opt_real(1)?.unwrap_or_default(),
                        of: row.opt_real(2)?.unwrap_or_default(),
                        sites: row.int(3)?,
                    };
                    days.insert(row.read(0)?, sum);
                }
                all.push((indicator, county, days));
            }
            Ok(all)
        })?;
        for (indicator, county, days) in read {
            let Some(axis) = axis_of(&indicator, today) else { continue };
            lines.of(&axis, &indicator, &county).take(&axis, &days);
            touched.insert(county);
        }
    }
    if !news.cases.is_empty() {
        touched.extend(take_cases(db, lines, &news.cases, today)?);
    }
    Ok(touched)
}

/// Cases are counted from the records. A day without a case is a day with none, from the first case of the disease on.
fn take_cases(
    db: &Db,
    lines: &mut Lines,
    places: &BTreeSet<Territory>,
    today: Day,
) -> Result<BTreeSet<Territory>> {
    let axis = Axis::until(Cadence::Day, today);
    let from = axis.first;
    let mut counties: BTreeSet<Territory> = places.iter().map(county_of).collect();
    if counties.len() > 20 || counties.iter().any(|place| place.depth() < 3) {
        counties = BTreeSet::from([Territory::whole()]);
    }
    let asked = counties.clone();
    let counted = db.read_now(move |reader| {
        let mut all = Vec::new();
        for place in &asked {
            all.extend(reported_by_day(reader, place, from, today, None)?);
        }
        Ok(all)
    })?;
    let mut by_line: BTreeMap<(String, Territory), BTreeMap<Day, Sum>> = BTreeMap::new();
    for one in counted {
        let key = (format!("{CASES}:{}", one.disease), county_of(&one.territory));
        let here = by_line.entry(key).or_default().entry(one.day).or_default();
        here.add(Sum { total: one.cases as f64, of: 0.0, sites: 1 });
    }
    // A disease whose last case was discarded has none left, and its line says so.
    let gone = lines.all.keys().filter(|(_, indicator, county)| {
        indicator.starts_with(CASES) && counties.iter().any(|place| place.holds(county))
    });
    for (_, indicator, county) in gone.cloned().collect::<Vec<_>>() {
        by_line.entry((indicator, county)).or_default();
    }
    let mut touched = BTreeSet::new();
    for ((indicator, county), mut days) in by_line {
        let line = lines.of(&axis, &indicator, &county);
        let known = line.counts.iter().position(|count| !count.is_nan()).map(|step| axis.day(step));
        let begins = days.keys().next().copied().into_iter().chain(known).min();
        for day in begins.into_iter().flat_map(|first| first.through(today)) {
            days.entry(day).or_insert(Sum { total: 0.0, of: 0.0, sites: 1 });
        }
        line.take(&axis, &days);
        touched.insert(county);
    }
    Ok(touched)
}

/// Whether another day has begun since.
fn step_forward(lines: &mut Lines, today: Day) -> bool {
    let Some(before) = lines.today.replace(today).filter(|before| *before != today) else { return false };
    for cadence in CADENCES {
        let (then, now) = (Axis::until(cadence, before), Axis::until(cadence, today));
        let steps = usize::try_from((now.first - then.first) / cadence.days()).unwrap_or(0);
        for ((_, _, _), line) in lines.all.iter_mut().filter(|((own, _, _), _)| *own == cadence) {
            line.shift(steps);
            // A day without a case is known to have none as soon as it begins.
            if line.indicator.starts_with(CASES) {
                let from = now.steps - steps.min(now.steps);
                line.counts[from..].fill(0.0);
            }
        }
    }
    true
}

/// Brings every line up to date, and tells whose lists may have changed.
fn score(lines: &mut Lines, today: Day, everybody: bool, touched: &BTreeSet<Territory>) -> Teams {
    let Lines { settings, all, .. } = lines;
    if everybody {
        // Who watches may have been chosen anew.
        for line in all.values_mut() {
            line.stale_from.get_or_insert(usize::MAX);
        }
    }
    let mut stale: Vec<_> = all.iter_mut().filter(|(_, line)| line.stale_from.is_some()).collect();
    stale.par_iter_mut().for_each(|((cadence, _, _), line)| {
        line.bring_up(&Axis::until(*cadence, today), settings);
    });
    if everybody {
        return all.keys().map(|(_, _, county)| settings.team(county).0).collect();
    }
    touched.iter().map(|county| settings.team(county).0).collect()
}

fn judged(db: &Db, lines: &Lines, teams: &Teams, today: Day, now: Moment) -> Result<usize> {
    let asked: Vec<(&Territory, Cadence)> =
        teams.iter().flat_map(|team| CADENCES.map(|cadence| (team, cadence))).collect();
    let unusual: Vec<_> = asked
        .into_par_iter()
        .flat_map_iter(|(team, cadence)| {
            let (_, per_week) = lines.settings.team(team);
            judge::unusual_for(team, per_week, &Axis::until(cadence, today), lines)
        })
        .collect();
    judge::put_on_list(db, unusual, now)
}

/// Once a day, after the morning's numbers are due, everything is looked at together.
const DAILY_AT_HOUR: i64 = 11;

fn is_due(db: &Db, today: Day, now: Moment) -> Result<bool> {
    let due = Moment::start_of(today, crate::regions::UTC_OFFSET_MINUTES).plus_seconds(DAILY_AT_HOUR * 3600);
    if now < due {
        return Ok(false);
    }
    let done = db.read_now(move |reader| {
        reader.count("SELECT count(*) FROM surveillance_run WHERE day = $1", params![today])
    })?;
    Ok(done == 0)
}
