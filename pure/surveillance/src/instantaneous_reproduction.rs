//! The instantaneous reproduction number: how many people each case would infect if things stayed as in the window.
//!
//! Deliberately absent: delays of reporting (see the nowcast) and cases nobody finds; a constant share of them does
//! not move the estimate.
//!
//! # Source
//! Cori, Ferguson, Fraser, Cauchemez 2013, Am J Epidemiol 178:1505-1512, doi:10.1093/aje/kwt133; imported cases:
//! Thompson et al. 2019, Epidemics 29:100356, doi:10.1016/j.epidem.2019.100356.

use crate::compatibility::Compatibility;
use crate::incidence::{Incidence, Window};
use crate::scored::Doubt;
use crate::serial_interval_distribution::SerialIntervalDistribution;
use stats::{GammaQuantiles, gamma_shares};
use std::sync::LazyLock;

/// The quantiles every estimate is given with.
pub const REPRODUCTION_PROBABILITIES: [f64; 7] = [0.025, 0.05, 0.25, 0.5, 0.75, 0.95, 0.975];

/// What is held of the reproduction number before looking, as a gamma distribution.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ReproductionPrior {
    pub mean: f64,
    pub sd: f64,
}

/// Cori et al. 2013: wide, and above 1 so that no outbreak is called over for want of data.
impl Default for ReproductionPrior {
    fn default() -> ReproductionPrior {
        ReproductionPrior { mean: 5.0, sd: 5.0 }
    }
}

impl ReproductionPrior {
    fn shape(self) -> f64 {
        (self.mean / self.sd).powi(2)
    }

    /// Cases that could be expected per unit of prior knowledge: 1 / scale.
    fn rate(self) -> f64 {
        self.mean / (self.sd * self.sd)
    }
}

/// A reproduction number with its uncertainty.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Reproduction {
    pub mean: f64,
    pub sd: f64,
    /// At [`REPRODUCTION_PROBABILITIES`].
    pub quantiles: [f64; 7],
}

/// What can be said of one window. Without an estimate the doubt says why; with one, how to take it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct WindowReproduction {
    pub window: Window,
    pub estimate: Option<Reproduction>,
    pub doubt: Option<Doubt>,
}

/// Cori et al. 2013: with fewer cases the estimate's standard deviation is more than this share of its mean.
const PRECISION: f64 = 0.3;
/// Share of the infectious pressure that may fall on unreported days before it is said.
const UNREPORTED_SHARE: f64 = 0.01;

/// If each case infected one person, a window with less would see a case once in a hundred times: nothing but the prior
/// would speak, and a case in it came from elsewhere.
const LEAST_PRESSURE: f64 = 0.01;

/// The same probabilities for every window there is; the expansion is made once.
static QUANTILES: LazyLock<Option<GammaQuantiles>> =
    LazyLock::new(|| GammaQuantiles::at(&REPRODUCTION_PROBABILITIES));

/// Expected cases of each day if every case infected one person: Σ over s of P(interval = s) times the cases s days
/// before. 0 on the first day.
pub fn infectious_pressure(incidence: &Incidence, interval: &SerialIntervalDistribution) -> Vec<f64> {
    let cases: Vec<f64> = (0..incidence.len()).map(|day| incidence.all(day)).collect();
    pressure_of(&cases, interval)
}

fn pressure_of(cases: &[f64], interval: &SerialIntervalDistribution) -> Vec<f64> {
    // Backwards, so that weights and cases are walked in the same direction.
    let weights: Vec<f64> = interval.by_day().iter().skip(1).rev().copied().collect();
    (0..cases.len())
        .map(|day| {
            let reach = day.min(weights.len());
            product(&weights[weights.len() - reach..], &cases[day - reach..day])
        })
        .collect()
}

/// Four running sums, which the machine adds side by side.
fn product(a: &[f64], b: &[f64]) -> f64 {
    let mut sums = [0.0; 4];
    let (fours_a, fours_b) = (a.chunks_exact(4), b.chunks_exact(4));
    let rest: f64 = fours_a.remainder().iter().zip(fours_b.remainder()).map(|(x, y)| x * y).sum();
    for (x, y) in fours_a.zip(fours_b) {
        for lane in 0..4 {
            sums[lane] += x[lane] * y[lane];
        }
    }
    (sums[0] + sums[1]) + (sums[2] + sums[3]) + rest
}

/// The reproduction number in each window, the serial interval held to be known.
///
/// Given the cases so far, those of a day are Poisson with mean R times the infectious pressure, so that with a gamma
/// prior R in a window is gamma again: shape and 1/scale grow by the local cases and by the pressure in it.
pub fn estimate_instantaneous_reproduction(
    incidence: &Incidence,
    interval: &SerialIntervalDistribution,
    windows: &[Window],
    prior: ReproductionPrior,
) -> Vec<WindowReproduction> {
    let pressure = infectious_pressure(incidence, interval);
    let gaps = Gaps::of(incidence, interval);
    let mean_interval = interval.mean();
    windows
        .iter()
        .map(|&window| {
            let sums = match WindowSums::of(incidence, &pressure, window, mean_interval) {
                Ok(sums) => sums,
                Err(doubt) => return WindowReproduction { window, estimate: None, doubt: Some(doubt) },
            };
            let shape = prior.shape() + sums.local;
            let scale = (prior.rate() + sums.pressure).recip();
            let mut quantiles = [0.0; 7];
            if let Some(table) = &*QUANTILES {
                table.write(shape, scale, &mut quantiles);
            }
            let estimate = Reproduction { mean: shape * scale, sd: shape.sqrt() * scale, quantiles };
            WindowReproduction {
                window,
                estimate: Some(estimate),
                doubt: gaps.doubt(window).or(imprecise(shape)),
            }
        })
        .collect()
}

/// The reproduction number in each window when the serial interval itself is uncertain: one possible interval after
/// another, each as likely as the next.
///
/// The posterior is the even mixture of the gamma distributions that each interval gives. Its moments are sums and
/// its quantiles solve "the mean of the cumulative probabilities is p": nothing of it is drawn by chance.
///
/// A window has an answer once the longest of the mean intervals has passed since the first case, so that all of them
/// speak about it. With [`Compatibility::EpiEstim2_2`] each interval speaks as soon as its own mean has passed: early
/// windows then hear the short ones only, and their reproduction number comes out too low.
///
/// # Source
/// Cori et al. 2013, as above, web appendix 4; they draw from the mixture.
pub fn estimate_reproduction_of_uncertain_interval(
    incidence: &Incidence,
    intervals: &[(f64, SerialIntervalDistribution)],
    windows: &[Window],
    prior: ReproductionPrior,
    compatibility: Compatibility,
) -> Vec<WindowReproduction> {
    let pressures: Vec<Vec<f64>> =
        intervals.iter().map(|(_, interval)| infectious_pressure(incidence, interval)).collect();
    let longest = intervals.iter().map(|(mean, _)| *mean).fold(0.0, f64::max);
    let shortest = intervals.iter().map(|(mean, _)| *mean).fold(f64::INFINITY, f64::min);
    let gaps = intervals.first().map(|(_, interval)| Gaps::of(incidence, interval));
    let each_alone = compatibility == Compatibility::EpiEstim2_2;
    let least = if each_alone { shortest } else { longest };
    let one = |window: Window| {
        let unanswered = |doubt| WindowReproduction { window, estimate: None, doubt: Some(doubt) };
        let Some(first) = incidence.first_case() else { return unanswered(Doubt::ZeroHistory) };
        let waited = (window.end + 1 - first.min(window.end + 1)) as f64;
        let mut scales = Vec::with_capacity(intervals.len());
        let mut local = 0.0;
        for ((mean, _), pressure) in intervals.iter().zip(&pressures) {
            if each_alone && waited <= *mean {
                continue;
            }
            match WindowSums::of(incidence, pressure, window, least) {
                Ok(sums) => {
                    local = sums.local;
                    scales.push((prior.rate() + sums.pressure).recip());
                }
                Err(doubt) => return unanswered(doubt),
            }
        }
        if scales.is_empty() {
            return unanswered(Doubt::WithinFirstInterval);
        }
        let shape = prior.shape() + local;
        WindowReproduction {
            window,
            estimate: Some(mixture(shape, &scales)),
            doubt: gaps.as_ref().and_then(|gaps| gaps.doubt(window)).or(imprecise(shape)),
        }
    };
    use rayon::prelude::*;
    windows.par_iter().map(|window| one(*window)).collect()
}

/// Even mixture of gamma distributions of one shape.
fn mixture(shape: f64, scales: &[f64]) -> Reproduction {
    let n = scales.len() as f64;
    let mean_scale = scales.iter().sum::<f64>() / n;
    let mean_square = scales.iter().map(|scale| scale * scale).sum::<f64>() / n;
    let mean = shape * mean_scale;
    let variance = shape * mean_square + shape * shape * (mean_square - mean_scale * mean_scale).max(0.0);
    // A gamma of the same two moments is near; from there the mixture's own cumulative probability is solved.
    let mut quantiles = [0.0; 7];
    if let Some(table) = &*QUANTILES {
        table.write(mean * mean / variance, variance / mean, &mut quantiles);
    }
    let steepness = libm::lgamma(shape);
    for (quantile, p) in quantiles.iter_mut().zip(REPRODUCTION_PROBABILITIES) {
        let (mut low, mut high) = (0.0, f64::INFINITY);
        let mut x = *quantile;
        for _ in 0..60 {
            let (mut below, mut density) = (0.0, 0.0);
            for scale in scales {
                let z = x / scale;
                below += gamma_shares(shape, z).0;
                density += (shape * z.ln() - z - steepness).exp() / x;
            }
            let excess = below / n - p;
            if excess > 0.0 {
                high = x
            } else {
                low = x
            }
            let newton = x - excess * n / density;
            let next = if newton > low && newton < high {
                newton
            } else if high.is_finite() {
                f64::midpoint(low, high)
            } else {
                2.0 * x
            };
            let moved = (next - x).abs();
            x = next;
            if moved <= 1e-10 * x {
                break;
            }
        }
        *quantile = x;
    }
    Reproduction { mean, sd: variance.sqrt(), quantiles }
}

/// What a window holds.
struct WindowSums {
    local: f64,
    pressure: f64,
}

impl WindowSums {
    fn of(
        incidence: &Incidence,
        pressure: &[f64],
        window: Window,
        mean_interval: f64,
    ) -> Result<WindowSums, Doubt> {
        if window.end >= incidence.len() || window.start > window.end || window.start == 0 {
            return Err(Doubt::ShortHistory);
        }
        if !window.days().all(|day| incidence.reported(day)) {
            return Err(Doubt::NotReported);
        }
        let first = incidence.first_case().filter(|first| *first <= window.end).ok_or(Doubt::ZeroHistory)?;
        // Before a mean interval has passed most infectees of the first cases have not fallen ill.
        if (window.end + 1 - first) as f64 <= mean_interval {
            return Err(Doubt::WithinFirstInterval);
        }
        let local = incidence.local[window.start..=window.end].iter().sum();
        let pressure: f64 = pressure[window.start..=window.end].iter().sum();
        if pressure < LEAST_PRESSURE {
            return Err(Doubt::NoInfector);
        }
        Ok(WindowSums { local, pressure })
    }
}

fn imprecise(shape: f64) -> Option<Doubt> {
    (shape.sqrt().recip() > PRECISION).then_some(Doubt::Imprecise)
}

/// Where unreported days weigh on the pressure.
struct Gaps(Vec<bool>);

impl Gaps {
    /// Empty when every day was reported.
    fn of(incidence: &Incidence, interval: &SerialIntervalDistribution) -> Gaps {
        let silent: Vec<f64> =
            (0..incidence.len()).map(|day| f64::from(u8::from(!incidence.reported(day)))).collect();
        if silent.iter().all(|share| *share == 0.0) {
            return Gaps(Vec::new());
        }
        Gaps(pressure_of(&silent, interval).into_iter().map(|share| share > UNREPORTED_SHARE).collect())
    }

    fn doubt(&self, window: Window) -> Option<Doubt> {
        let gap = window.days().any(|day| self.0.get(day) == Some(&true));
        gap.then_some(Doubt::MissingHistory)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use base::{Stream, Streams};
    use proptest::prelude::*;
    use rand_distr::{Distribution, Poisson};

    fn interval() -> SerialIntervalDistribution {
        SerialIntervalDistribution::discretised(5.0, 2.5).unwrap()
    }

    fn estimate(local: Vec<f64>, windows: &[Window]) -> Vec<WindowReproduction> {
        let incidence = Incidence::of(local, Vec::new()).unwrap();
        estimate_instantaneous_reproduction(&incidence, &interval(), windows, ReproductionPrior::default())
    }

    fn mean(at: &WindowReproduction) -> f64 {
        at.estimate.unwrap().mean
    }

    /// Every case infects on the next day for sure, so that R is this day's cases over yesterday's.
    #[test]
    fn with_an_interval_of_one_day_it_is_a_ratio_of_counts() {
        let next_day = SerialIntervalDistribution::stated(vec![0.0, 1.0]).unwrap();
        let incidence = Incidence::of(vec![100.0, 150.0, 300.0, 90.0], Vec::new()).unwrap();
        let prior = ReproductionPrior { mean: 1.0, sd: 2.0 };
        let windows = Window::sliding(1, 4);
        let got = estimate_instantaneous_reproduction(&incidence, &next_day, &windows, prior);
        // Prior shape and rate ¼.
        let by_hand = [150.25 / 100.25, 300.25 / 150.25, 90.25 / 300.25];
        for (at, hand) in got.iter().zip(by_hand) {
            assert!((mean(at) - hand).abs() < 1e-12);
        }
    }

    #[test]
    fn where_there_is_no_answer_the_doubt_says_why() {
        let mut counts = vec![0.0; 60];
        counts[..8].copy_from_slice(&[3.0, 2.0, 4.0, 1.0, 3.0, 5.0, 4.0, 6.0]);
        counts[26..30].fill(4.0);
        counts[30] = f64::NAN;
        let at = |start, end| estimate(counts.clone(), &[Window { start, end }])[0];
        assert_eq!((at(1, 3).estimate, at(1, 3).doubt), (None, Some(Doubt::WithinFirstInterval)));
        assert_eq!((at(28, 34).estimate, at(28, 34).doubt), (None, Some(Doubt::NotReported)));
        assert_eq!((at(54, 59).estimate, at(54, 59).doubt), (None, Some(Doubt::NoInfector)));
        assert_eq!((at(58, 60).estimate, at(58, 60).doubt), (None, Some(Doubt::ShortHistory)));
        assert!(at(2, 8).estimate.is_some() && at(2, 8).doubt.is_none());
        assert_eq!(at(9, 15).doubt, Some(Doubt::Imprecise));
        assert_eq!(at(31, 37).doubt, Some(Doubt::MissingHistory));
        assert_eq!(estimate(vec![0.0; 20], &Window::sliding(7, 20))[5].doubt, Some(Doubt::ZeroHistory));
    }

    #[test]
    fn an_arrival_is_nobodys_infectee() {
        let local: Vec<f64> = (0..20).map(|day| f64::from(10 + day)).collect();
        let windows = Window::sliding(7, 20);
        let mut imported = vec![0.0; 20];
        imported[15] = 50.0;
        let with = Incidence::of(local.clone(), imported).unwrap();
        let with =
            estimate_instantaneous_reproduction(&with, &interval(), &windows, ReproductionPrior::default());
        let mut all = local;
        all[15] += 50.0;
        assert!(mean(&with[10]) < mean(&estimate(all, &windows)[10]) - 0.2);
    }

    #[test]
    fn a_certain_interval_is_the_limit_of_uncertain_ones() {
        let counts: Vec<f64> =
            (0..40).map(|day| (0.08 * f64::from(day)).exp().mul_add(6.0, 1.0).round()).collect();
        let windows = Window::sliding(7, 40);
        let incidence = Incidence::of(counts.clone(), Vec::new()).unwrap();
        let same = vec![(5.0, interval()); 3];
        let prior = ReproductionPrior::default();
        let mixed = estimate_reproduction_of_uncertain_interval(
            &incidence,
            &same,
            &windows,
            prior,
            Compatibility::None,
        );
        for (one, other) in mixed.iter().zip(estimate(counts, &windows)) {
            let (Some(one), Some(other)) = (one.estimate, other.estimate) else {
                assert_eq!(one.estimate, other.estimate);
                continue;
            };
            assert!((one.mean / other.mean - 1.0).abs() < 1e-12 && (one.sd / other.sd - 1.0).abs() < 1e-9);
            for (a, b) in one.quantiles.iter().zip(other.quantiles) {
                assert!((a / b - 1.0).abs() < 1e-9);
            }
        }
    }

    /// Answering before the longer intervals have passed lets the short ones speak alone, and they say a lower number:
    /// right is to wait, and the other only for comparison.
    #[test]
    fn answers_before_all_intervals_have_passed_are_too_low() {
        let counts: Vec<f64> =
            (0..30).map(|day| (0.15 * f64::from(day)).exp().mul_add(5.0, 1.0).round()).collect();
        let incidence = Incidence::of(counts, Vec::new()).unwrap();
        let of = |mean: f64| (mean, SerialIntervalDistribution::discretised(mean, 2.5).unwrap());
        let intervals = [of(4.0), of(8.0), of(12.0)];
        let windows = Window::sliding(7, 30);
        let run = |compatibility| {
            let prior = ReproductionPrior::default();
            estimate_reproduction_of_uncertain_interval(
                &incidence,
                &intervals,
                &windows,
                prior,
                compatibility,
            )
        };
        let (all, alone) = (run(Compatibility::None), run(Compatibility::EpiEstim2_2));
        assert_eq!((all[0].estimate, all[0].doubt), (None, Some(Doubt::WithinFirstInterval)));
        assert_eq!(all[12], alone[12]);
        assert!(mean(&alone[0]) < mean(&all[12]) - 0.3, "{} {}", mean(&alone[0]), mean(&all[12]));
    }

    fn renewal(reproduction: f64, days: usize, stream: &mut Stream) -> Vec<f64> {
        let mut cases = vec![20.0];
        while cases.len() < days {
            cases.push(0.0);
            let expected = reproduction * pressure_of(&cases, &interval())[cases.len() - 1];
            let day = cases.len() - 1;
            cases[day] = Poisson::new(expected.max(1e-9)).unwrap().sample(stream);
        }
        cases
    }

    /// 300 simulated outbreaks: 95 % intervals hold the true number in 95 %, give or take three standard errors of
    /// that share (1.26 points each).
    #[test]
    fn a_simulated_reproduction_number_lies_in_its_interval_as_often_as_promised() {
        let mut stream = Streams::seeded(2013).of("renewal");
        let window = [Window { start: 15, end: 24 }];
        let held = (0..300)
            .filter(|_| {
                let at = estimate(renewal(1.4, 25, &mut stream), &window)[0].estimate.unwrap();
                (at.quantiles[0]..=at.quantiles[6]).contains(&1.4)
            })
            .count();
        assert!((274..=296).contains(&held), "{held} of 300");
    }

    proptest! {
        #[test]
        fn days_without_cases_before_the_first_change_nothing(
            counts in proptest::collection::vec(0_u8..40, 10..50), before in 1_usize..15,
        ) {
            let mut counts: Vec<f64> = counts.into_iter().map(f64::from).collect();
            counts[0] = 2.0;
            let windows = Window::sliding(7, counts.len());
            let later: Vec<Window> = windows
                .iter()
                .map(|window| Window { start: window.start + before, end: window.end + before })
                .collect();
            let shifted: Vec<f64> = std::iter::repeat_n(0.0, before).chain(counts.iter().copied()).collect();
            for (one, other) in estimate(counts, &windows).iter().zip(estimate(shifted, &later)) {
                prop_assert_eq!(one.doubt, other.doubt);
                if let (Some(one), Some(other)) = (one.estimate, other.estimate) {
                    prop_assert!((one.mean / other.mean - 1.0).abs() < 1e-12);
                }
            }
        }

        #[test]
        fn a_constant_share_of_many_cases_changes_nothing(counts in proptest::collection::vec(50_u8..250, 15..40)) {
            let counts: Vec<f64> = counts.into_iter().map(|count| 1e6 * f64::from(count)).collect();
            let windows = Window::sliding(7, counts.len());
            let fewer: Vec<f64> = counts.iter().map(|count| 0.3 * count).collect();
            for (one, other) in estimate(counts, &windows).iter().zip(estimate(fewer, &windows)) {
                prop_assert_eq!(one.doubt, other.doubt);
                if let (Some(one), Some(other)) = (one.estimate, other.estimate) {
                    prop_assert!((one.mean / other.mean - 1.0).abs() < 1e-6);
                }
            }
        }

        /// Whatever the counts, windows and interval: an estimate of finite numbers, or a doubt.
        #[test]
        fn anything_is_answered_or_doubted(
            counts in proptest::collection::vec(
                prop_oneof![Just(f64::NAN), Just(0.0), 0.0..5.0_f64, 0.0..1e9_f64, Just(1e300)], 0..40),
            windows in proptest::collection::vec((0_usize..45, 0_usize..45), 0..20),
            mean in 1.01..30.0_f64, sd in 0.05..20.0_f64, prior_mean in 0.1..20.0_f64, prior_sd in 0.1..20.0_f64,
        ) {
            let incidence = Incidence::of(counts, Vec::new()).unwrap();
            // A few are refused as too long.
            let interval = SerialIntervalDistribution::discretised(mean, sd).unwrap_or_else(|_| interval());
            let windows: Vec<Window> = windows.into_iter().map(|(start, end)| Window { start, end }).collect();
            let prior = ReproductionPrior { mean: prior_mean, sd: prior_sd };
            let cohort = crate::estimate_cohort_reproduction(&incidence, &interval, &windows, [0.025, 0.975]);
            for at in cohort {
                prop_assert!(at.estimate.is_some() || at.doubt.is_some());
                prop_assert!(at.estimate.is_none_or(|e| [e.mean, e.sd, e.low, e.high].iter().all(|v| v.is_finite())));
            }
            for at in estimate_instantaneous_reproduction(&incidence, &interval, &windows, prior) {
                prop_assert!(at.estimate.is_some() || at.doubt.is_some());
                let finite = |e: Reproduction| e.mean.is_finite() && e.quantiles.iter().all(|q| q.is_finite());
                prop_assert!(at.estimate.is_none_or(finite), "{at:?}");
            }
        }
    }
}
