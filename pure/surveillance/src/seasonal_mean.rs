//! What a normal step looks like, by season and trend: a regression on the steps before those that are watched.
//!
//! Deliberately absent: down-weighting of old outbreaks; Farrington's method does that.

use crate::{Compatibility, Doubt, Series};
use serde::{Deserialize, Serialize};
use stats::Cholesky;
use std::f64::consts::{LN_2, TAU};
use std::ops::Range;

/// log μ_t = β₀ (+ β₁ t) + Σ_{j=1..s} (γ_j cos 2πjt/per_year + δ_j sin 2πjt/per_year).
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SeasonalMean {
    /// Waves in a year.
    pub s: usize,
    pub trend: bool,
}

impl Default for SeasonalMean {
    fn default() -> SeasonalMean {
        SeasonalMean { s: 1, trend: false }
    }
}

/// What the regression found: the mean of any step, and how much more than Poisson the counts before the watched ones vary.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Normal {
    model: SeasonalMean,
    coefficients: Vec<f64>,
    /// Steps before the first one watched.
    history: usize,
    per_year: usize,
    /// α of the negative binomial, variance μ + αμ²; 0 is Poisson.
    pub alpha: f64,
}

impl Normal {
    /// `None` where it leaves the range of numbers.
    pub(crate) fn mean(&self, t: usize) -> Option<f64> {
        let mut log = 0.0;
        let mut coefficients = self.coefficients.iter();
        self.model.regressors(t, self.history, self.per_year, |x| {
            log += x * coefficients.next().copied().unwrap_or(0.0);
        });
        Some(log.exp()).filter(|mean| (SMALLEST_MEAN..f64::MAX).contains(mean))
    }

    /// The means of a whole range.
    pub(crate) fn means(&self, range: Range<usize>) -> Result<Vec<f64>, Doubt> {
        range.map(|t| self.mean(t)).collect::<Option<_>>().ok_or(Doubt::OutOfRange)
    }
}

/// Below it a mean says that nothing was ever there; arithmetic on it would be noise.
const SMALLEST_MEAN: f64 = 1e-100;

/// A fit goes no lower: the logarithm of 2⁻⁵², as in R.
const LEAST_LOG_MEAN: f64 = -52.0 * LN_2;

/// The likelihood of α adds up a term for every case of the largest count.
const MOST_CASES: f64 = 1e7;

/// More waves than a year has steps tell nothing.
const MOST_WAVES: usize = 26;

impl SeasonalMean {
    pub(crate) fn check(&self) -> Result<(), String> {
        if self.s > MOST_WAVES {
            return Err(format!("`s` of `mu0` is {}; write at most {MOST_WAVES} waves a year", self.s));
        }
        Ok(())
    }

    /// By Poisson regression on the steps before `from`.
    ///
    /// # Source
    /// McCullagh and Nelder 1989, Generalized Linear Models, chapter 2.5 (iteratively reweighted least squares).
    pub(crate) fn estimate_poisson(&self, series: &Series, from: usize) -> Result<Normal, Doubt> {
        let history = History::before(self, series, from)?;
        Ok(self.normal(series, from, history.fit(0.0, history.start(0.0), End::Settled)?.0, 0.0))
    }

    /// By negative binomial regression; α by maximum likelihood unless given.
    ///
    /// # Source
    /// Lawless 1987, Canadian Journal of Statistics 15:209-225, doi:10.2307/3314912: means and α in turn, until neither moves.
    pub(crate) fn estimate_negative_binomial(
        &self,
        series: &Series,
        from: usize,
        alpha: Option<f64>,
        compatibility: Compatibility,
    ) -> Result<Normal, Doubt> {
        let history = History::before(self, series, from)?;
        if history.counts.iter().any(|count| *count > MOST_CASES) {
            return Err(Doubt::OutOfRange);
        }
        let end = match compatibility {
            Compatibility::Surveillance1_20 => End::AsInR,
            _ => End::Settled,
        };
        if let Some(alpha) = alpha {
            let fitted = history.fit(alpha, history.start(alpha), end)?.0;
            return Ok(self.normal(series, from, fitted, alpha));
        }
        let (_, mut means) = history.fit(0.0, history.start(0.0), end)?;
        let mut alpha = history.alpha(&means, end, 0.0);
        // R measures the likelihood's last gain, by this unit. Nobody else asks for it.
        let gain_unit = (2.0 * (history.counts.len() - history.width) as f64).sqrt();
        let likelihood = |means: &[f64], alpha: f64| match end {
            End::AsInR => history.log_likelihood(means, alpha),
            End::Settled => f64::NAN,
        };
        let mut likely = likelihood(&means, alpha);
        for _ in 0..100 {
            let next = history.fit(alpha, means.clone(), end)?;
            let was = alpha;
            // R estimates α from the means before.
            alpha = history.alpha(if end == End::AsInR { &means } else { &next.1 }, end, was);
            let fitted = next.0;
            means = next.1;
            let now = likelihood(&means, alpha);
            let done = match end {
                End::Settled => (alpha - was).abs() <= 1e-10 * alpha,
                End::AsInR => {
                    let moved = if alpha == was { 0.0 } else { (1.0 / was - 1.0 / alpha).abs() };
                    (likely - now).abs() / gain_unit + moved <= 1e-8
                }
            };
            likely = now;
            if done {
                return Ok(self.normal(series, from, fitted, alpha));
            }
        }
        Err(Doubt::DidNotConverge)
    }

    fn normal(&self, series: &Series, history: usize, coefficients: Vec<f64>, alpha: f64) -> Normal {
        Normal { model: *self, coefficients, history, per_year: series.per_year, alpha }
    }

    fn parameters(&self) -> usize {
        1 + usize::from(self.trend) + 2 * self.s
    }

    /// Tells the regressors of a step, in the order of the coefficients. The trend is written in lengths of the history, so that all
    /// are of one size.
    fn regressors(&self, t: usize, history: usize, per_year: usize, mut tell: impl FnMut(f64)) {
        tell(1.0);
        if self.trend {
            tell(t as f64 / history as f64 - 0.5);
        }
        for wave in 1..=self.s {
            // The remainder keeps the angle small, and with it exact.
            let turn = TAU * ((wave * (t + 1)) % per_year.max(1)) as f64 / per_year.max(1) as f64;
            tell(turn.cos());
            tell(turn.sin());
        }
    }
}

/// The reported steps before those watched.
struct History {
    width: usize,
    /// One row of regressors for each count.
    rows: Vec<f64>,
    counts: Vec<f64>,
}

impl History {
    fn before(model: &SeasonalMean, series: &Series, start: usize) -> Result<History, Doubt> {
        let width = model.parameters();
        let mut history = History { width, rows: Vec::new(), counts: Vec::new() };
        for (t, count) in series.counts.iter().enumerate().take(start) {
            if !count.is_nan() {
                model.regressors(t, start, series.per_year, |x| history.rows.push(x));
                history.counts.push(*count);
            }
        }
        if history.counts.len() <= width {
            return Err(Doubt::ShortHistory);
        }
        if history.counts.iter().all(|count| *count == 0.0) {
            return Err(Doubt::ZeroHistory);
        }
        Ok(history)
    }

    /// Means and their logarithms.
    fn means(&self, fitted: &[f64]) -> (Vec<f64>, Vec<f64>) {
        let log = |row: &[f64]| row.iter().zip(fitted).map(|(x, b)| x * b).sum::<f64>();
        let logs: Vec<f64> =
            self.rows.chunks_exact(self.width).map(|row| log(row).max(LEAST_LOG_MEAN)).collect();
        (logs.iter().map(|log| log.exp()).collect(), logs)
    }

    /// The counts themselves, a little more where there are none.
    fn start(&self, alpha: f64) -> Vec<f64> {
        let start = |count: &f64| match alpha {
            0.0 => count + 0.1,
            _ if *count == 0.0 => 1.0 / 6.0,
            _ => *count,
        };
        self.counts.iter().map(start).collect()
    }

    /// Coefficients and means for variance μ + αμ².
    fn fit(&self, alpha: f64, mut means: Vec<f64>, end: End) -> Result<(Vec<f64>, Vec<f64>), Doubt> {
        let width = self.width;
        let mut logs: Vec<f64> = means.iter().map(|mean| mean.ln()).collect();
        let mut deviance = f64::NAN;
        if end == End::AsInR {
            deviance = self.deviance(&means, alpha);
        }
        let (mut square, mut right) = (vec![0.0; width * width], vec![0.0; width]);
        for _ in 0..100 {
            square.fill(0.0);
            right.fill(0.0);
            let points = self.counts.iter().zip(&means).zip(&logs);
            for (row, ((count, mean), log)) in self.rows.chunks_exact(width).zip(points) {
                let weight = mean / (1.0 + alpha * mean);
                let aim = weight * (log + (count - mean) / mean);
                for (i, x) in row.iter().enumerate() {
                    right[i] += aim * x;
                    for j in 0..=i {
                        square[i * width + j] += weight * x * row[j];
                    }
                }
            }
            let root = Cholesky::leaving_out_aliased(&square, width).ok_or(Doubt::DidNotConverge)?;
            let fitted = root.solve(&right);
            let (next, next_logs) = self.means(&fitted);
            if !next.iter().all(|mean| mean.is_finite()) {
                return Err(Doubt::DidNotConverge);
            }
            let done = match end {
                End::Settled => means.iter().zip(&next).all(|(was, now)| (was - now).abs() <= 1e-10 * now),
                End::AsInR => {
                    let was = std::mem::replace(&mut deviance, self.deviance(&next, alpha));
                    (deviance - was).abs() < 1e-8 * (deviance.abs() + 0.1)
                }
            };
            (means, logs) = (next, next_logs);
            if done {
                return Ok((fitted, means));
            }
        }
        Err(Doubt::DidNotConverge)
    }

    fn deviance(&self, means: &[f64], alpha: f64) -> f64 {
        self.counts.iter().zip(means).map(|(count, mean)| unit_deviance(*count, *mean, alpha)).sum()
    }

    /// Up to terms of the counts alone.
    fn log_likelihood(&self, means: &[f64], alpha: f64) -> f64 {
        if alpha == 0.0 {
            return self.counts.iter().zip(means).map(|(y, mu)| y * mu.ln() - mu).sum();
        }
        let size = 1.0 / alpha;
        let of = |(y, mu): (&f64, &f64)| {
            libm::lgamma(size + y) - libm::lgamma(size) + size * size.ln() + y * mu.ln()
                - (size + y) * (size + mu).ln()
        };
        self.counts.iter().zip(means).map(of).sum()
    }

    /// The most likely α, given the means; 0 when the counts vary no more than Poisson counts. `guess` is one found with similar means.
    fn alpha(&self, means: &[f64], end: End, guess: f64) -> f64 {
        let excess: f64 = self.counts.iter().zip(means).map(|(y, mu)| (y - mu) * (y - mu) - y).sum();
        if excess <= 0.0 {
            return 0.0;
        }
        let tally = Tally::of(&self.counts);
        match end {
            End::Settled => {
                let moments = || excess / means.iter().map(|mu| mu * mu).sum::<f64>();
                let guess = if guess > 0.0 { guess } else { moments() };
                tally.alpha_settled(&self.counts, means, guess)
            }
            End::AsInR => tally.alpha_as_in_r(&self.counts, means),
        }
    }
}

/// When a regression is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    /// No mean moves by more than 1e-10 of itself.
    Settled,
    /// The deviance moves by less than 1e-8 of itself, which leaves the sixth digit of a negative binomial mean open.
    AsInR,
}

fn unit_deviance(count: f64, mean: f64, alpha: f64) -> f64 {
    let own = if count > 0.0 { count * (count / mean).ln() } else { 0.0 };
    if alpha == 0.0 {
        2.0 * (own - (count - mean))
    } else {
        2.0 * (own - (count + 1.0 / alpha) * ((1.0 + alpha * count) / (1.0 + alpha * mean)).ln())
    }
}

/// At place j: how many counts are above j. Sums over it stand for the digamma function: ψ(y + k) − ψ(k) = Σ over j < y of 1/(k + j).
struct Tally {
    above: Vec<f64>,
    /// Counts beyond `MOST_TERMS`.
    large: Vec<f64>,
}

/// Beyond this many terms the rest of a sum is its integral with corrections, to the last digit.
const MOST_TERMS: usize = 256;

impl Tally {
    fn of(counts: &[f64]) -> Tally {
        let most = counts.iter().fold(0.0_f64, |most, count| most.max(*count)) as usize;
        let most = most.min(MOST_TERMS);
        let mut above = vec![0.0; most + 1];
        for count in counts.iter().filter(|count| **count >= 1.0) {
            above[(*count as usize).min(MOST_TERMS) - 1] += 1.0;
        }
        for j in (0..most).rev() {
            above[j] += above[j + 1];
        }
        let large = counts.iter().map(|count| count.floor()).filter(|count| *count > MOST_TERMS as f64);
        Tally { above, large: large.collect() }
    }

    /// First derivative of the log-likelihood in k = 1/α, and minus the second.
    fn slope(&self, counts: &[f64], means: &[f64], k: f64) -> (f64, f64) {
        let (mut first, mut second) = (0.0, 0.0);
        for (j, many) in self.above.iter().enumerate() {
            let each = 1.0 / (k + j as f64);
            first += many * each;
            second += many * each * each;
        }
        for y in &self.large {
            let (of_first, of_second) = inverses(k + MOST_TERMS as f64, k + y);
            first += of_first;
            second += of_second;
        }
        let each = 1.0 / k;
        for (y, mu) in counts.iter().zip(means) {
            let over = 1.0 / (k + mu);
            // ln(k/(k + μ)) + 1 − (k + y)/(k + μ) is of second order in μ/k.
            first += (mu * over - (mu * each).ln_1p()) - y * over;
            second += 2.0 * over - each - (y + k) * over * over;
        }
        (first, second)
    }

    /// Newton's steps in ln k from a first guess of α; the interval that holds the zero is halved where one leaves it.
    fn alpha_settled(&self, counts: &[f64], means: &[f64], guess: f64) -> f64 {
        let (mut low, mut high) = (1e-8_f64.ln(), 1e8_f64.ln());
        if self.slope(counts, means, high.exp()).0 >= 0.0 {
            return 0.0;
        }
        let mut place = (-guess.ln()).clamp(low, high);
        for _ in 0..100 {
            let k = place.exp();
            let (first, second) = self.slope(counts, means, k);
            if first > 0.0 {
                low = place;
            } else {
                high = place;
            }
            let mut next = place + first / (second * k);
            if !(low..=high).contains(&next) {
                next = f64::midpoint(low, high);
            }
            let done = (next - place).abs() <= 1e-12;
            place = next;
            if done {
                break;
            }
        }
        (-place).exp()
    }

    /// Newton's steps from the moment estimate until one is shorter than the fourth root of 2⁻⁵².
    fn alpha_as_in_r(&self, counts: &[f64], means: &[f64]) -> f64 {
        let spread: f64 = counts.iter().zip(means).map(|(y, mu)| (y / mu - 1.0).powi(2)).sum();
        let mut k = counts.len() as f64 / spread;
        for _ in 0..25 {
            k = k.abs();
            let (first, second) = self.slope(counts, means, k);
            let step = first / second;
            k += step;
            if step.abs() <= f64::EPSILON.powf(0.25) {
                break;
            }
        }
        if k > 0.0 { 1.0 / k } else { 0.0 }
    }
}

/// Σ 1/x and Σ 1/x² over x = `from`, `from` + 1, … below `to`; `from` is a few hundred at least.
///
/// # Source
/// Abramowitz and Stegun 1964, 23.1.30 (Euler and Maclaurin).
fn inverses(from: f64, to: f64) -> (f64, f64) {
    let power = |n: i32| from.powi(-n) - to.powi(-n);
    let first = (to / from).ln() + power(1) / 2.0 + power(2) / 12.0 - power(4) / 120.0;
    let second = power(1) + power(2) / 2.0 + power(3) / 6.0 - power(5) / 30.0;
    (first, second)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_sum_of_inverses_is_its_integral_with_corrections() {
        let (from, to) = (300.25, 12_345.25);
        let sum = |power: i32| (0..12_045).map(|j| (from + f64::from(j)).powi(-power)).sum::<f64>();
        let (first, second) = inverses(from, to);
        assert!((first / sum(1) - 1.0).abs() < 1e-13 && (second / sum(2) - 1.0).abs() < 1e-13);
    }

    fn wave(per_year: usize, years: usize) -> Series {
        let counts = (0..per_year * years)
            .map(|t| (20.0 * (0.5 * (TAU * (t + 1) as f64 / per_year as f64).cos()).exp()).round())
            .collect();
        Series::of("wave", counts, per_year)
    }

    #[test]
    fn a_yearly_wave_is_found_again() {
        let series = wave(52, 5);
        let normal = SeasonalMean::default().estimate_poisson(&series, 208).unwrap();
        for t in 208..260 {
            let (mean, count) = (normal.mean(t).unwrap(), series.counts[t]);
            assert!((mean - count).abs() < 0.7, "{mean} {count}");
        }
    }

    #[test]
    fn counts_that_vary_like_chance_have_no_excess() {
        let series = wave(52, 5);
        let model = SeasonalMean::default();
        let estimate = model.estimate_negative_binomial(&series, 208, None, Compatibility::None);
        let normal = estimate.unwrap();
        assert_eq!(normal.alpha, 0.0);
    }

    #[test]
    fn a_history_that_cannot_tell_says_so() {
        let quiet = Series::of("quiet", vec![0.0; 60], 52);
        let model = SeasonalMean { s: 2, trend: true };
        assert_eq!(model.estimate_poisson(&quiet, 50), Err(Doubt::ZeroHistory));
        assert_eq!(model.estimate_poisson(&quiet, 5), Err(Doubt::ShortHistory));
    }
}
