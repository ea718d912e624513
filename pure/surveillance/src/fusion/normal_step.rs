//! What a normal step of a series looks like: level, season, weekday and spread, learnt from the past without its outbreaks.
//!
//! Deliberately absent: a trend. The past is forgotten by halves instead, which follows a level both up and down and never
//! extrapolates.

#![allow(
    clippy::needless_range_loop,
    reason = "small matrices, by row and column as the formulas are written"
)]

use super::count::middle_tail;
use crate::{Doubt, Series};
use serde::{Deserialize, Serialize};

/// How the past is looked at. All lengths are in steps.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Baseline {
    /// The latest steps, kept out of the past: an outbreak that has begun would otherwise become normal.
    /// 0 chooses by the length of a step: 10 weeks, 21 days.
    pub guard: usize,
    /// How far back the past reaches; 0 chooses: five years, as Farrington's method.
    pub reach: usize,
    /// After so many steps the past counts half; 0 chooses: two years of weeks, eight weeks of days.
    pub half_life: usize,
    /// No answer with fewer reported steps than this; 0 chooses: 16 weeks, 14 days.
    pub least: usize,
    /// Yearly waves: 0 none, 1 one hump a year, 2 also a shoulder.
    pub harmonics: usize,
    /// A past step further above normal than this many deviations counts less.
    pub down_weight_above: f64,
}

impl Default for Baseline {
    fn default() -> Baseline {
        Baseline { guard: 0, reach: 0, half_life: 0, least: 0, harmonics: 2, down_weight_above: 2.58 }
    }
}

impl Baseline {
    /// With every 0 replaced by what suits the length of a step.
    pub fn chosen(&self, per_year: usize) -> Baseline {
        let daily = per_year > 100;
        let or = |own: usize, choice: usize| if own == 0 { choice } else { own };
        Baseline {
            guard: or(self.guard, if daily { 21 } else { per_year.div_ceil(5).min(10) }),
            reach: or(self.reach, 5 * per_year),
            half_life: or(self.half_life, if daily { 56 } else { 2 * per_year }),
            least: or(self.least, if daily { 14 } else { 16 }),
            ..self.clone()
        }
    }
}

/// Prior standard deviations of the logarithm of the yearly wave and its half: most seasonal diseases swing by a factor of up to
/// e^±1, the shoulder by less; with little history a season is believed only when the counts insist.
const WAVE_PRIOR_SD: [f64; 2] = [0.5, 0.25];
/// The same for a weekday against the mean of the week.
const WEEKDAY_PRIOR_SD: f64 = 0.5;
/// The spread is believed to be 1.2 times Poisson with the weight of eight steps before any is seen.
const DISPERSION_PRIOR: (f64, f64) = (1.2, 8.0);
/// Intercept, two yearly waves, six weekdays.
const MOST_COLUMNS: usize = 11;
const ROUNDS_OF_REWEIGHTING: usize = 3;

/// The fitted normal: `expected` and `spread` of any step near the fit.
#[derive(Debug, Clone)]
pub struct NormalStep {
    columns: usize,
    coefficients: [f64; MOST_COLUMNS],
    covariance: [[f64; MOST_COLUMNS]; MOST_COLUMNS],
    /// Variance of a count over its mean; at least 1.
    pub dispersion: f64,
    waves: usize,
    weekdays: bool,
}

/// The sum of some steps when all is normal.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct NormalSum {
    pub expected: f64,
    pub variance: f64,
}

/// One remembered step.
struct Past {
    t: usize,
    count: f64,
    weight: f64,
}

impl NormalStep {
    /// What is normal around step `t`, from the steps before its guard. `start` is an earlier fit, which saves work.
    ///
    /// A Poisson regression on level, season and weekday whose prior keeps season and weekday small, spread by a
    /// quasi-Poisson dispersion; past steps far above it are given less weight and the fit is repeated. The level has
    /// the prior of Jeffreys (half a case over the whole past), so a past without any case is an answer as well.
    ///
    /// # Source
    /// Regression, reweighting of residuals above 2.58 and weeks kept out: Noufaily et al. 2013, Stat Med 32:1206,
    /// doi:10.1002/sim.5595; Farrington et al. 1996, J R Stat Soc A 159:547, doi:10.2307/2983331. Penalty as a normal prior
    /// on coefficients: Gelman et al. 2008, Ann Appl Stat 2:1360, doi:10.1214/08-AOAS191.
    pub fn of(
        series: &Series,
        t: usize,
        baseline: &Baseline,
        start: Option<&NormalStep>,
    ) -> Result<NormalStep, Doubt> {
        let mut past = remembered(series, t, baseline);
        if past.len() < baseline.least.max(2) {
            return Err(if t < baseline.guard + baseline.least {
                Doubt::ShortHistory
            } else {
                Doubt::MissingHistory
            });
        }
        let span = past.last().map_or(0, |step| step.t) - past[0].t;
        // From the first step on: what of the year has not been seen yet is as uncertain as the prior says.
        let waves = if series.per_year > 3 { baseline.harmonics.min(2) } else { 0 };
        let weekdays = series.per_year > 100 && !series.dates.is_empty() && span >= 14;
        let columns = 1 + 2 * waves + if weekdays { 6 } else { 0 };
        let mut fit = NormalStep {
            columns,
            coefficients: [0.0; MOST_COLUMNS],
            covariance: [[0.0; MOST_COLUMNS]; MOST_COLUMNS],
            dispersion: 1.0,
            waves,
            weekdays,
        };
        match start {
            Some(start) if start.waves == waves && start.weekdays == weekdays => {
                fit.coefficients = start.coefficients;
                fit.dispersion = start.dispersion;
            }
            _ => {
                let (cases, people) = past.iter().fold((0.5, 0.0), |(cases, people), step| {
                    (cases + step.weight * step.count, people + step.weight * exposure(series, step.t))
                });
                fit.coefficients[0] = (cases / people).ln();
            }
        }
        let forgotten: Vec<f64> = past.iter().map(|step| step.weight).collect();
        for round in 0..ROUNDS_OF_REWEIGHTING {
            fit.climb(series, &past)?;
            fit.dispersion = fit.spread(series, &past);
            if round + 1 < ROUNDS_OF_REWEIGHTING {
                for (step, forgotten) in past.iter_mut().zip(&forgotten) {
                    let far = deviations(step.count, fit.mean(series, step.t), fit.dispersion);
                    let trust = if far > baseline.down_weight_above { far.powi(-2) } else { 1.0 };
                    step.weight = forgotten * trust;
                }
            }
        }
        Ok(fit)
    }

    /// Cases expected at step `t`.
    pub fn mean(&self, series: &Series, t: usize) -> f64 {
        let row = self.row(series, t);
        let eta: f64 = (0..self.columns).map(|j| row[j] * self.coefficients[j]).sum();
        eta.clamp(-40.0, 40.0).exp() * exposure(series, t)
    }

    /// The sum over the reported ones of `steps`: what is expected, and its variance with that of the fit itself.
    pub fn sum(&self, series: &Series, steps: std::ops::Range<usize>) -> NormalSum {
        let mut expected = 0.0;
        let mut gradient = [0.0; MOST_COLUMNS];
        for t in steps.filter(|t| !series.counts[*t].is_nan()) {
            let mean = self.mean(series, t);
            expected += mean;
            let row = self.row(series, t);
            for j in 0..self.columns {
                gradient[j] += mean * row[j];
            }
        }
        let mut of_fit = 0.0;
        for i in 0..self.columns {
            for j in 0..self.columns {
                of_fit += gradient[i] * self.covariance[i][j] * gradient[j];
            }
        }
        NormalSum { expected, variance: self.dispersion * expected + of_fit.max(0.0) }
    }

    fn row(&self, series: &Series, t: usize) -> [f64; MOST_COLUMNS] {
        let mut row = [0.0; MOST_COLUMNS];
        row[0] = 1.0;
        // With a date the year is that of the calendar, so a year of 53 weeks shifts nothing.
        let of_year = match series.dates.get(t) {
            Some(day) => f64::from(day.number()) / 365.2425,
            None => t as f64 / series.per_year as f64,
        };
        for wave in 0..self.waves {
            let (sin, cos) = (std::f64::consts::TAU * (wave + 1) as f64 * of_year).sin_cos();
            row[1 + 2 * wave] = cos;
            row[2 + 2 * wave] = sin;
        }
        if self.weekdays {
            let first = 1 + 2 * self.waves;
            let day = series.dates[t].weekday() as usize - 1;
            // Against the mean of the week: Sunday is minus the sum of the others.
            for other in 0..6 {
                row[first + other] = if day == 6 { -1.0 } else { f64::from(u8::from(day == other)) };
            }
        }
        row
    }

    /// Newton's way to the top of the penalised likelihood, which has one top only.
    fn climb(&mut self, series: &Series, past: &[Past]) -> Result<(), Doubt> {
        const MOST_STEPS: usize = 60;
        let n = self.columns;
        let rows: Vec<[f64; MOST_COLUMNS]> = past.iter().map(|step| self.row(series, step.t)).collect();
        for _ in 0..MOST_STEPS {
            let mut slope = [0.0; MOST_COLUMNS];
            let mut curve = [[0.0; MOST_COLUMNS]; MOST_COLUMNS];
            // Jeffreys: half a case more in the level.
            slope[0] = 0.5;
            for (step, row) in past.iter().zip(&rows) {
                let eta: f64 = (0..n).map(|j| row[j] * self.coefficients[j]).sum();
                let mean = eta.clamp(-40.0, 40.0).exp() * exposure(series, step.t);
                for i in 0..n {
                    slope[i] += step.weight * (step.count - mean) * row[i];
                    for j in 0..=i {
                        curve[i][j] += step.weight * mean * row[i] * row[j];
                    }
                }
            }
            for j in 1..n {
                let sd = if j <= 2 * self.waves { WAVE_PRIOR_SD[(j - 1) / 2] } else { WEEKDAY_PRIOR_SD };
                // The likelihood is that of quasi-Poisson counts: the prior weighs as much more as they are spread.
                let precision = self.dispersion / (sd * sd);
                slope[j] -= precision * self.coefficients[j];
                curve[j][j] += precision;
            }
            let inverse = inverse_of(&curve, n).ok_or(Doubt::DidNotConverge)?;
            let mut largest = 0.0_f64;
            let mut move_by = [0.0; MOST_COLUMNS];
            for i in 0..n {
                move_by[i] = (0..n).map(|j| inverse[i][j] * slope[j]).sum();
                largest = largest.max(move_by[i].abs());
            }
            if !largest.is_finite() {
                return Err(Doubt::OutOfRange);
            }
            // An exponential is no parabola: long steps are shortened.
            let shorten = if largest > 1.0 { 1.0 / largest } else { 1.0 };
            for i in 0..n {
                self.coefficients[i] += shorten * move_by[i];
            }
            if largest < 1e-7 {
                for i in 0..n {
                    for j in 0..n {
                        self.covariance[i][j] = inverse[i][j] * self.dispersion;
                    }
                }
                return Ok(());
            }
        }
        Err(Doubt::DidNotConverge)
    }

    fn spread(&self, series: &Series, past: &[Past]) -> f64 {
        let (mut squares, mut weight, mut steps) = (0.0, 0.0, 0.0);
        for step in past {
            let mean = self.mean(series, step.t);
            // Means near 0 make one case a deviation of thousands; they say nothing about spread.
            squares += step.weight * (step.count - mean).powi(2) / mean.max(0.05);
            weight += step.weight;
            steps += 1.0;
        }
        let freedom = weight * (1.0 - self.columns as f64 / (steps + 1.0)).max(0.1);
        let (prior, strength) = DISPERSION_PRIOR;
        ((squares + prior * strength) / (freedom + strength)).max(1.0)
    }
}

fn exposure(series: &Series, t: usize) -> f64 {
    series.population.get(t).copied().filter(|people| *people > 0.0).unwrap_or(1.0)
}

fn remembered(series: &Series, t: usize, baseline: &Baseline) -> Vec<Past> {
    let last = (t + 1).saturating_sub(baseline.guard.max(1));
    let first = t.saturating_sub(baseline.reach);
    let half = std::f64::consts::LN_2 / baseline.half_life.max(1) as f64;
    (first..last)
        .filter(|past| !series.counts[*past].is_nan())
        .map(|past| Past { t: past, count: series.counts[past], weight: (-half * (t - past) as f64).exp() })
        .collect()
}

/// How far above normal, as the normal deviate of the same probability. Anscombe's residual, which Farrington takes, calls
/// the third case of a rare disease an outlier although its negative binomial expects it now and then.
fn deviations(count: f64, mean: f64, dispersion: f64) -> f64 {
    // Most steps are not above normal, and need no tail.
    if count <= mean + dispersion.sqrt() * mean.sqrt() {
        return 0.0;
    }
    -stats::normal_quantile(middle_tail(count, mean, dispersion * mean).max(1e-100))
}

/// Inverse of a symmetric positive matrix given by its lower half, by Cholesky; `None` when it is not positive.
fn inverse_of(
    lower: &[[f64; MOST_COLUMNS]; MOST_COLUMNS],
    n: usize,
) -> Option<[[f64; MOST_COLUMNS]; MOST_COLUMNS]> {
    let mut root = [[0.0; MOST_COLUMNS]; MOST_COLUMNS];
    for i in 0..n {
        for j in 0..=i {
            let rest = lower[i][j] - (0..j).map(|k| root[i][k] * root[j][k]).sum::<f64>();
            if i == j {
                if rest <= 0.0 || !rest.is_finite() {
                    return None;
                }
                root[i][i] = rest.sqrt();
            } else {
                root[i][j] = rest / root[j][j];
            }
        }
    }
    let mut inverse = [[0.0; MOST_COLUMNS]; MOST_COLUMNS];
    for column in 0..n {
        let mut half = [0.0; MOST_COLUMNS];
        for i in 0..n {
            let one = f64::from(u8::from(i == column));
            half[i] = (one - (0..i).map(|k| root[i][k] * half[k]).sum::<f64>()) / root[i][i];
        }
        for i in (0..n).rev() {
            let known: f64 = (i + 1..n).map(|k| root[k][i] * inverse[k][column]).sum();
            inverse[i][column] = (half[i] - known) / root[i][i];
        }
    }
    Some(inverse)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_past_without_a_case_expects_half_a_case_over_all_of_it() {
        let series = Series::of("rare", vec![0.0; 60], 52);
        let baseline = Baseline { half_life: 1_000_000, harmonics: 0, ..Baseline::default() }.chosen(52);
        let normal = NormalStep::of(&series, 59, &baseline, None).unwrap();
        // 60 − 10 steps are remembered.
        assert!((normal.mean(&series, 59) - 0.5 / 50.0).abs() < 1e-4);
    }

    #[test]
    fn an_outbreak_of_the_past_does_not_become_normal() {
        let mut counts: Vec<f64> = (0..150).map(|t| [4.0, 5.0, 6.0, 5.0][t % 4]).collect();
        counts[60..70].fill(40.0);
        let series = Series::of("measles", counts, 52);
        let normal = NormalStep::of(&series, 149, &Baseline::default().chosen(52), None).unwrap();
        assert!((normal.mean(&series, 149) - 5.0).abs() < 1.0, "{}", normal.mean(&series, 149));
    }
}
