//! Where the next counts are expected: many damped local trends of the logarithm, each weighed by how well it has done.
//!
//! # Source
//! Damped trend: Gardner and McKenzie 1985, Management Science 31:1237-1246, doi:10.1287/mnsc.31.10.1237. Weights by past
//! errors: Bates and Granger 1969, Operational Research Quarterly 20:451-468, doi:10.1057/jors.1969.103.

use super::calendar::{WeekdayEffect, season_growth};
use crate::Series;

/// How fast the level follows, how fast the trend does, and what is left of the trend after one step.
#[derive(Debug, Clone, Copy)]
struct Following {
    level: f64,
    trend: f64,
    kept: f64,
}

/// Level and trend of one way of following, after a step.
#[derive(Debug, Clone, Copy)]
struct State {
    level: f64,
    trend: f64,
}

/// Shares of the season's usual growth that are tried instead of the trend.
const SEASON_SHARES: [f64; 4] = [0.0, 0.3, 0.6, 0.9];
/// An error twice as large has 2^-12 of the weight: the few best ways count, and no single one alone.
const SHARPNESS: f64 = 12.0;
/// Added to counts before the logarithm: a step from 0 to 1 case says less than one from 10 to 20.
const ADDED: f64 = 2.0;
/// An expectation is at least this much.
const LEAST: f64 = 0.1;

/// Expected logarithms, as they were seen at the end of every step.
pub struct Centres {
    horizon: usize,
    /// `horizon` a step; NaN where nothing could be said yet.
    logs: Vec<f64>,
}

impl Centres {
    pub fn of(series: &Series, horizon: usize, fewest_steps: usize) -> Centres {
        let mut pass = Pass::of(series, horizon);
        let mut centres = Centres { horizon, logs: vec![f64::NAN; series.len() * horizon] };
        let mut known = 0;
        for t in 0..series.len() {
            known += usize::from(!pass.logs[t].is_nan());
            pass.step(t);
            if known >= fewest_steps.max(2) {
                pass.combine(t, &mut centres.logs[t * horizon..(t + 1) * horizon]);
            }
        }
        centres
    }

    /// The count expected at step `t + ahead` by those who know the series up to `t`.
    pub fn expected(&self, t: usize, ahead: usize) -> Option<f64> {
        let log = *self.logs.get(t * self.horizon + ahead - 1).filter(|_| ahead <= self.horizon)?;
        // A trillion a step is not a count of people.
        (!log.is_nan()).then(|| (log.min(27.0).exp() - ADDED).max(LEAST))
    }

    pub fn horizon(&self) -> usize {
        self.horizon
    }
}

fn ways() -> Vec<Following> {
    let mut ways = Vec::new();
    for level in [0.2, 0.4, 0.6, 0.8, 1.0] {
        ways.push(Following { level, trend: 0.0, kept: 0.0 });
        for trend in [0.1, 0.3, 0.6] {
            for kept in [0.6, 0.8, 0.95] {
                ways.push(Following { level, trend, kept });
            }
        }
    }
    ways
}

/// One walk through the series, from which nothing later is looked at.
struct Pass {
    horizon: usize,
    ways: Vec<Following>,
    logs: Vec<f64>,
    weekdays: Option<WeekdayEffect>,
    year: usize,
    /// Half-life of past errors, as what is left after a step.
    remembered: f64,
    /// After each step: the states of all ways, the effect of each weekday, the season's growth by horizon.
    states: Vec<State>,
    effects: Vec<[f64; 7]>,
    growths: Vec<f64>,
    /// Remembered errors by horizon, way and share of the season.
    errors: Vec<f64>,
}

impl Pass {
    fn of(series: &Series, horizon: usize) -> Pass {
        let ways = ways();
        let daily = series.steps_per_week() == 7;
        Pass {
            horizon,
            logs: series.counts.iter().map(|count| (count + ADDED).ln()).collect(),
            weekdays: daily.then(WeekdayEffect::none),
            // So that the same weekday stands a year before.
            year: if daily { 364 } else { series.per_year.max(1) },
            remembered: 0.5_f64.powf(1.0 / half_life(series.per_year)),
            states: Vec::with_capacity(series.len() * ways.len()),
            effects: Vec::with_capacity(series.len()),
            growths: Vec::with_capacity(series.len() * horizon),
            errors: vec![0.0; horizon * ways.len() * SEASON_SHARES.len()],
            ways,
        }
    }

    fn step(&mut self, t: usize) {
        if let Some(weekdays) = &mut self.weekdays {
            weekdays.learn(&self.logs, t);
        }
        self.effects.push(self.weekdays.as_ref().map_or([0.0; 7], WeekdayEffect::by_day));
        self.follow(t);
        let around = if self.weekdays.is_some() { 3 } else { usize::from(self.year > 12) };
        for ahead in 1..=self.horizon {
            let growth = season_growth(&self.logs, t, ahead, self.year, around);
            self.growths.push(growth.unwrap_or(f64::NAN));
        }
        self.judge(t);
    }

    fn follow(&mut self, t: usize) {
        let seen = self.logs[t] - self.effects[t][t % 7];
        let many = self.ways.len();
        for place in 0..many {
            let way = self.ways[place];
            let before = t.checked_sub(1).map(|before| self.states[before * many + place]);
            let state = match before.filter(|state| !state.level.is_nan()) {
                // Until something is reported there is no level.
                None => State { level: seen, trend: 0.0 },
                Some(State { level, trend }) => {
                    let (foreseen, trend) = (level + way.kept * trend, way.kept * trend);
                    if seen.is_nan() {
                        State { level: foreseen, trend }
                    } else {
                        let next = foreseen + way.level * (seen - foreseen);
                        State { level: next, trend: trend + way.trend * (next - level - trend) }
                    }
                }
            };
            self.states.push(state);
        }
    }

    /// What one way said at step `t` of step `t + ahead`, without the day of the week.
    fn said(&self, t: usize, ahead: usize, place: usize, share: f64) -> f64 {
        let (State { level, trend }, kept) =
            (self.states[t * self.ways.len() + place], self.ways[place].kept);
        let growth = self.growths[t * self.horizon + ahead - 1];
        // kept + kept² + … + kept^ahead.
        let steps = if kept == 0.0 { 0.0 } else { kept * (1.0 - kept.powi(ahead as i32)) / (1.0 - kept) };
        let own = trend * steps;
        if growth.is_nan() { level + own } else { level + (1.0 - share) * own + share * growth }
    }

    /// Adds the errors of all that was said of step `t`.
    fn judge(&mut self, t: usize) {
        if self.logs[t].is_nan() {
            return;
        }
        for error in &mut self.errors {
            *error *= self.remembered;
        }
        for ahead in 1..=self.horizon.min(t) {
            let then = t - ahead;
            let seen = self.logs[t] - self.effects[then][t % 7];
            for place in 0..self.ways.len() {
                for (which, share) in SEASON_SHARES.into_iter().enumerate() {
                    let error = (seen - self.said(then, ahead, place, share)).abs();
                    if !error.is_nan() {
                        self.errors[((ahead - 1) * self.ways.len() + place) * SEASON_SHARES.len() + which] +=
                            error;
                    }
                }
            }
        }
    }

    /// The weighted mean of all ways, with the day of the week.
    fn combine(&self, t: usize, into: &mut [f64]) {
        let many = self.ways.len() * SEASON_SHARES.len();
        for (ahead, centre) in (1..).zip(into) {
            let errors = &self.errors[(ahead - 1) * many..ahead * many];
            let least = errors.iter().copied().fold(f64::INFINITY, f64::min);
            let weights: Vec<f64> =
                errors.iter().map(|error| ((least + 1e-3) / (error + 1e-3)).powf(SHARPNESS)).collect();
            let total: f64 = weights.iter().sum();
            let mut sum = 0.0;
            for place in 0..self.ways.len() {
                for (which, share) in SEASON_SHARES.into_iter().enumerate() {
                    sum += weights[place * SEASON_SHARES.len() + which] * self.said(t, ahead, place, share);
                }
            }
            *centre = sum / total + self.effects[t][(t + ahead) % 7];
        }
    }
}

/// Steps after which an error counts half: a year of weeks or months, two months of days.
fn half_life(per_year: usize) -> f64 {
    if per_year > 100 { per_year as f64 / 6.0 } else { (per_year as f64).max(6.0) }
}
