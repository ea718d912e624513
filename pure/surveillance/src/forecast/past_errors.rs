//! How wrong the same forecasts have been, and what that says about the next.
//!
//! # Source
//! Negative binomial spread about the expected count, then quantiles at the levels at which past counts really fell
//! (recalibration by the probability integral transform): Gneiting, Balabdaoui, Raftery 2007, JRSS B 69:243-268,
//! doi:10.1111/j.1467-9868.2007.00587.x; for counts in its non-randomised form, Czado, Gneiting, Held 2009, Biometrics
//! 65:1254-1261, doi:10.1111/j.1541-0420.2009.01191.x.

use super::local_trends::Centres;
use crate::Series;
use stats::{negative_binomial_cdf, negative_binomial_quantile, poisson_cdf, poisson_quantile};

/// One forecast whose step has come.
#[derive(Debug, Clone, Copy)]
struct Judged {
    /// When it was made.
    t: usize,
    expected: f64,
    seen: f64,
    /// Probability below the count seen, and up to it, under the spread believed then.
    below: f64,
    up_to: f64,
}

pub struct PastErrors {
    /// By horizon, in the order in which they were made.
    by_ahead: Vec<Vec<Judged>>,
}

/// Errors made before any is known: so many, of a spread of this share of the count per step ahead.
const BELIEVED: f64 = 4.0;
const BELIEVED_SPREAD: f64 = 0.15;
/// On the logarithm: errors at twice the level still count, those at ten times hardly.
const SAME_LEVEL: f64 = 0.7;
/// A squared error counts at most as two standard deviations, so that one wild count does not widen every later interval; the
/// mean of a squared normal variable cut off there is [`SHARE`]. What lies beyond is learnt by the recalibration.
const LARGEST_SHARE: f64 = 4.0;
const SHARE: f64 = 0.9205;
/// Recalibration begins as none, with the weight of so many forecasts.
const UNCALIBRATED: f64 = 20.0;
/// Cells of the table of probabilities: finer than the hub's outermost level.
const CELLS: usize = 400;
/// Errors further back than this are not looked at.
const MOST_ERRORS: usize = 1_500;

impl PastErrors {
    pub fn of(series: &Series, centres: &Centres) -> PastErrors {
        let mut errors = PastErrors { by_ahead: vec![Vec::new(); centres.horizon()] };
        for ahead in 1..=centres.horizon() {
            for t in 0..series.len().saturating_sub(ahead) {
                let seen = series.counts[t + ahead];
                let Some(expected) = centres.expected(t, ahead).filter(|_| !seen.is_nan()) else { continue };
                let spread = errors.spread(series, t, ahead, expected);
                let below = if seen < 1.0 { 0.0 } else { at_most(seen - 1.0, expected, spread) };
                let up_to = at_most(seen, expected, spread);
                errors.by_ahead[ahead - 1].push(Judged { t, expected, seen, below, up_to });
            }
        }
        errors
    }

    /// Forecasts whose step had come at step `t`, the latest ones.
    fn known_by(&self, t: usize, ahead: usize) -> &[Judged] {
        let all = &self.by_ahead[ahead - 1];
        let end = all.partition_point(|judged| judged.t + ahead <= t);
        &all[end.saturating_sub(MOST_ERRORS)..end]
    }

    /// ψ of the variance μ + ψμ² about an expectation of `mean`: where squared errors are what they should be. An error counts
    /// the more, the newer it is or the nearer its season, and the nearer its level.
    fn spread(&self, series: &Series, t: usize, ahead: usize, mean: f64) -> f64 {
        let believed = BELIEVED_SPREAD * BELIEVED_SPREAD * ahead as f64;
        let year = series.per_year.max(1) as f64;
        let weighed = |judged: &Judged| {
            let ago = (t - judged.t) as f64;
            let newer = 0.5_f64.powf(ago / (year / 4.0).max(6.0));
            let phase = (ago / year).fract();
            let months = phase.min(1.0 - phase) * 12.0;
            // Within about a month of the same day of an earlier year, and half as much three years ago.
            let same_season = (-months * months).exp() * 0.5_f64.powf(ago / (3.0 * year));
            let season = if ago > year / 2.0 { same_season } else { 0.0 };
            let level = ((judged.expected + 1.0) / (mean + 1.0)).ln() / SAME_LEVEL;
            let error = judged.seen - judged.expected;
            (error * error, judged.expected, newer.max(season) * (-0.5 * level * level).exp())
        };
        let known: Vec<(f64, f64, f64)> =
            self.known_by(t, ahead).iter().map(weighed).filter(|(.., weight)| *weight > 1e-3).collect();
        let excess = |spread: f64| {
            let own = known.iter().map(|(squared, expected, weight)| {
                let share = squared / (expected + spread * expected * expected);
                weight * (share.min(LARGEST_SHARE) / SHARE - 1.0)
            });
            BELIEVED * (believed / spread - 1.0) + own.sum::<f64>()
        };
        // The excess falls as the spread grows; halving on the logarithm finds where it is nought, to a thousandth.
        let (mut low, mut high) = (1e-6_f64.ln(), 30.0_f64.ln());
        for _ in 0..15 {
            let middle = f64::midpoint(low, high);
            if excess(middle.exp()) > 0.0 { low = middle } else { high = middle }
        }
        f64::midpoint(low, high).exp()
    }

    pub fn quantiles(&self, series: &Series, t: usize, ahead: usize, mean: f64, levels: &[f64]) -> Vec<f64> {
        let spread = self.spread(series, t, ahead, mean);
        let table = self.table(series, t, ahead);
        let mut least = 0.0;
        levels
            .iter()
            .map(|level| {
                let value = quantile(recalibrated(&table, *level), mean, spread);
                // Rounding may not turn an order around.
                least = value.max(least);
                least
            })
            .collect()
    }

    /// Share of past counts that fell at or below each of `CELLS` equal steps of believed probability.
    fn table(&self, series: &Series, t: usize, ahead: usize) -> Vec<f64> {
        let mut mass = vec![UNCALIBRATED / CELLS as f64; CELLS];
        // How tails and middle lie to each other changes slowly: two years count half.
        let years = 2.0 * series.per_year.max(1) as f64;
        for judged in self.known_by(t, ahead) {
            let weight = 0.5_f64.powf((t - judged.t) as f64 / years);
            spread_evenly(&mut mass, judged.below, judged.up_to, weight);
        }
        let total: f64 = mass.iter().sum();
        let mut sum = 0.0;
        for cell in &mut mass {
            sum += *cell;
            *cell = sum / total;
        }
        mass
    }
}

/// A count seen is as likely to lie anywhere between the probability below it and up to it.
fn spread_evenly(mass: &mut [f64], below: f64, up_to: f64, weight: f64) {
    let (from, to) = (below * CELLS as f64, up_to.max(below) * CELLS as f64);
    let (first, last) = ((from as usize).min(CELLS - 1), (to as usize).min(CELLS - 1));
    if first == last || to - from < 1e-9 {
        mass[first] += weight;
        return;
    }
    let each = weight / (to - from);
    for (place, cell) in mass.iter_mut().enumerate().take(last + 1).skip(first) {
        let covered = to.min(place as f64 + 1.0) - from.max(place as f64);
        *cell += each * covered.max(0.0);
    }
}

/// The believed probability below which past counts fell this often.
fn recalibrated(table: &[f64], level: f64) -> f64 {
    let place = table.partition_point(|share| *share < level).min(CELLS - 1);
    let before = if place == 0 { 0.0 } else { table[place - 1] };
    let within = ((level - before) / (table[place] - before)).clamp(0.0, 1.0);
    ((place as f64 + within) / CELLS as f64).clamp(1e-6, 1.0 - 1e-6)
}

fn at_most(count: f64, mean: f64, spread: f64) -> f64 {
    let share = if spread * mean < 1e-6 {
        poisson_cdf(count.floor(), mean)
    } else {
        negative_binomial_cdf(count.floor(), 1.0 / spread, mean)
    };
    if share.is_nan() { 0.5 } else { share.clamp(0.0, 1.0) }
}

fn quantile(level: f64, mean: f64, spread: f64) -> f64 {
    let value = if spread * mean < 1e-6 {
        poisson_quantile(level, mean)
    } else {
        negative_binomial_quantile(level, 1.0 / spread, mean)
    };
    if value.is_finite() { value } else { mean.round() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_errors_nothing_is_recalibrated() {
        let errors = PastErrors { by_ahead: vec![Vec::new()] };
        let table = errors.table(&Series::of("none", vec![1.0], 52), 0, 1);
        for level in [0.01, 0.3, 0.5, 0.975] {
            assert!((recalibrated(&table, level) - level).abs() < 1e-9, "{level}");
        }
    }

    #[test]
    fn counts_that_always_fell_high_raise_the_quantiles() {
        let judged = |t| Judged { t, expected: 20.0, seen: 28.0, below: 0.9, up_to: 0.95 };
        let errors = PastErrors { by_ahead: vec![(0..40).map(judged).collect()] };
        let table = errors.table(&Series::of("high", vec![1.0; 60], 52), 50, 1);
        assert!(recalibrated(&table, 0.5) > 0.85, "{}", recalibrated(&table, 0.5));
    }
}
