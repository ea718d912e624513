//! The cohort reproduction number: how many people those who fell ill in a window did infect.
//!
//! Deliberately absent: a correction for infectees who have not fallen ill yet; recent windows are marked instead.
//!
//! # Source
//! Wallinga and Teunis 2004, Am J Epidemiol 160:509-516, doi:10.1093/aje/kwh255. They simulate who infected whom. But
//! given the curve every case has its infector in the window with a probability of its own, independently of the
//! others, so that the number infected by the window is a sum of binomials, and its standard deviation and quantiles
//! are computed exactly.

use crate::incidence::{Incidence, Window};
use crate::instantaneous_reproduction::infectious_pressure;
use crate::scored::Doubt;
use crate::serial_interval_distribution::SerialIntervalDistribution;
use rayon::prelude::*;
use stats::normal_quantile;

#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CohortReproduction {
    pub mean: f64,
    pub sd: f64,
    /// Quantiles at the probabilities asked for.
    pub low: f64,
    pub high: f64,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub struct WindowCohort {
    pub window: Window,
    pub estimate: Option<CohortReproduction>,
    pub doubt: Option<Doubt>,
}

/// Most of the infectees of the window's last day must have had time to fall ill.
const COMPLETE: f64 = 0.95;

/// The mean number infected by the cases of each window, imported ones among them; infected are the local ones. `tails`
/// are the probabilities of the lower and the upper bound, such as 0.025 and 0.975.
pub fn estimate_cohort_reproduction(
    incidence: &Incidence,
    interval: &SerialIntervalDistribution,
    windows: &[Window],
    tails: [f64; 2],
) -> Vec<WindowCohort> {
    let pressure = infectious_pressure(incidence, interval);
    let one = |window: Window| {
        let unanswered = |doubt| WindowCohort { window, estimate: None, doubt: Some(doubt) };
        if window.end >= incidence.len() || window.start > window.end {
            return unanswered(Doubt::ShortHistory);
        }
        if !window.days().all(|day| incidence.reported(day)) {
            return unanswered(Doubt::NotReported);
        }
        let cases: f64 = window.days().map(|day| incidence.all(day)).sum();
        // Where the outbreak begins the window knows nothing of those who came before.
        if incidence.first_case().is_none_or(|first| first >= window.start) || cases == 0.0 {
            return unanswered(Doubt::ZeroHistory);
        }
        let infected = infected_by(incidence, interval, &pressure, window);
        let estimate = CohortReproduction {
            mean: infected.mean / cases,
            sd: infected.variance.sqrt() / cases,
            low: infected.quantile(tails[0]) / cases,
            high: infected.quantile(tails[1]) / cases,
        };
        let waited = incidence.len() - 1 - window.end;
        let doubt = if interval.within(waited) < COMPLETE {
            Some(Doubt::StillIncomplete)
        } else {
            (window.end..incidence.len()).any(|day| !incidence.reported(day)).then_some(Doubt::MissingHistory)
        };
        WindowCohort { window, estimate: Some(estimate), doubt }
    };
    windows.par_iter().map(|window| one(*window)).collect()
}

fn infected_by(
    incidence: &Incidence,
    interval: &SerialIntervalDistribution,
    pressure: &[f64],
    window: Window,
) -> Infected {
    let last = (window.end + interval.by_day().len()).min(incidence.len());
    let mut infected = Infected::default();
    for (day, &pressure) in pressure.iter().enumerate().take(last).skip(window.start + 1) {
        let local = incidence.local[day];
        if local.is_nan() || local == 0.0 || pressure <= 0.0 {
            continue;
        }
        let from: f64 = (window.start..=window.end.min(day - 1))
            .map(|source| incidence.all(source) * interval.probability(day - source))
            .sum();
        infected.add(local, (from / pressure).min(1.0));
    }
    infected
}

/// A sum of independent binomials.
#[derive(Default)]
struct Infected {
    mean: f64,
    variance: f64,
    /// Third central moment.
    third: f64,
    /// (how many, probability)
    parts: Vec<(f64, f64)>,
}

/// From this variance on the refined normal approximation is as good as the step from one count to the next.
const LARGE: f64 = 2_500.0;
/// With more trials at the same mean a binomial no longer changes.
const MOST_TRIALS: f64 = 1e9;
/// Probabilities below are left out of the convolution.
const NEGLIGIBLE: f64 = 1e-14;

impl Infected {
    fn add(&mut self, cases: f64, probability: f64) {
        let other = 1.0 - probability;
        self.mean += cases * probability;
        self.variance += cases * probability * other;
        self.third += cases * probability * other * (other - probability);
        if probability > 0.0 {
            self.parts.push((cases, probability));
        }
    }

    /// The least number that is not exceeded with at least this probability.
    fn quantile(&self, p: f64) -> f64 {
        if self.variance > LARGE {
            return self.quantile_near_normal(p);
        }
        let (first, chances) = self.distribution();
        let mut below = 0.0;
        for (place, chance) in chances.iter().enumerate() {
            below += chance;
            if below >= p {
                return (first + place) as f64;
            }
        }
        (first + chances.len().saturating_sub(1)) as f64
    }

    /// # Source
    /// Volkova 1996, Theory Probab Appl 40:791-794, doi:10.1137/1140093, solved for the number; half a case bridges the
    /// step from one number to the next.
    fn quantile_near_normal(&self, p: f64) -> f64 {
        let z = normal_quantile(p);
        let sd = self.variance.sqrt();
        let skewness = self.third / (self.variance * sd);
        (self.mean + sd * (z + skewness * (z * z - 1.0) / 6.0) - 0.5).ceil().max(0.0)
    }

    /// The least number of any probability, and the probabilities from there on.
    fn distribution(&self) -> (usize, Vec<f64>) {
        let (mut first, mut chances) = (0, vec![1.0]);
        for &(cases, probability) in &self.parts {
            // Fractions of cases, as smoothed curves have them, have no binomial; the nearest whole number stands in.
            let whole = cases.round().clamp(1.0, MOST_TRIALS);
            let (from, part) = binomial(whole as usize, (cases * probability / whole).min(1.0));
            let mut sum = vec![0.0; chances.len() + part.len() - 1];
            for (i, chance) in chances.iter().enumerate() {
                for (j, share) in part.iter().enumerate() {
                    sum[i + j] += chance * share;
                }
            }
            let leading = sum.iter().position(|chance| *chance > NEGLIGIBLE).unwrap_or(0);
            let trailing = sum.iter().rposition(|chance| *chance > NEGLIGIBLE).unwrap_or(0);
            first += from + leading;
            chances = sum[leading..=trailing].to_vec();
        }
        (first, chances)
    }
}

/// Binomial probabilities that are not negligible, from the least number on: grown from the most likely one.
fn binomial(n: usize, p: f64) -> (usize, Vec<f64>) {
    if p >= 1.0 || n == 0 {
        return (if n == 0 { 0 } else { n }, vec![1.0]);
    }
    let odds = p / (1.0 - p);
    let mode = (((n + 1) as f64) * p).floor().min(n as f64) as usize;
    let log = |x: usize| libm::lgamma(x as f64 + 1.0);
    let peak =
        (log(n) - log(mode) - log(n - mode) + mode as f64 * p.ln() + (n - mode) as f64 * (-p).ln_1p()).exp();
    let mut below = Vec::new();
    let (mut k, mut chance) = (mode, peak);
    while k > 0 {
        chance *= k as f64 / ((n - k + 1) as f64 * odds);
        if chance < NEGLIGIBLE {
            break;
        }
        k -= 1;
        below.push(chance);
    }
    let first = k;
    below.reverse();
    below.push(peak);
    let (mut k, mut chance) = (mode, peak);
    while k < n {
        chance *= (n - k) as f64 * odds / (k + 1) as f64;
        if chance < NEGLIGIBLE {
            break;
        }
        k += 1;
        below.push(chance);
    }
    (first, below)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_binomial_is_that_of_the_textbook() {
        let (first, chances) = binomial(4, 0.25);
        let by_hand = [81.0, 108.0, 54.0, 12.0, 1.0].map(|ways| ways / 256.0);
        assert_eq!(first, 0);
        for (chance, hand) in chances.iter().zip(by_hand) {
            assert!((chance - hand).abs() < 1e-15);
        }
        assert_eq!(binomial(3, 1.0), (3, vec![1.0]));
    }

    #[test]
    fn the_near_normal_quantile_meets_the_exact_one() {
        let mut infected = Infected::default();
        for day in 1..=60 {
            infected.add(f64::from(day * 2), 0.5 + 0.4 / f64::from(day));
        }
        assert!(infected.variance < LARGE);
        for p in [0.025, 0.5, 0.975] {
            assert!((infected.quantile(p) - infected.quantile_near_normal(p)).abs() <= 1.0);
        }
    }

    proptest! {
        /// Everybody infected here has an infector: the cohorts of single days share out all local cases.
        #[test]
        fn all_local_cases_are_shared_out(counts in proptest::collection::vec(1_u8..30, 20..60)) {
            let counts: Vec<f64> = counts.into_iter().map(f64::from).collect();
            let interval = SerialIntervalDistribution::discretised(4.0, 2.0).unwrap();
            let incidence = Incidence::of(counts, Vec::new()).unwrap();
            let days: Vec<Window> = (0..incidence.len()).map(|day| Window { start: day, end: day }).collect();
            let pressure = infectious_pressure(&incidence, &interval);
            let infected: f64 =
                days.iter().map(|day| infected_by(&incidence, &interval, &pressure, *day).mean).sum();
            prop_assert!((infected - incidence.local.iter().sum::<f64>()).abs() < 1e-6);
        }
    }
}
