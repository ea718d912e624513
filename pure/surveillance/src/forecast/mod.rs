//! What the next steps will bring, with intervals learnt from how wrong the same method has been before.
//!
//! Logarithms of the counts follow damped local trends; many of them, each weighed by how well it has done lately, and all of
//! them made only from what was known then. Deliberately absent: a mechanism. Nothing here knows how the disease spreads, so
//! nothing here can say what a measure will change.

mod calendar;
mod local_trends;
mod naive;
mod past_errors;
mod rolling_score;

pub use rolling_score::{ForecastScore, score_forecasts};

use crate::{Doubt, Series};
use local_trends::Centres;
use past_errors::PastErrors;

#[derive(Debug, Clone, PartialEq)]
pub struct ForecastRule {
    /// Steps ahead.
    pub horizon: usize,
    /// Probabilities whose quantiles are given, ascending.
    pub levels: Vec<f64>,
    /// Reported steps before the first forecast.
    pub fewest_steps: usize,
}

/// The levels that forecast hubs ask for: the median and eleven intervals.
///
/// # Source
/// Cramer et al. 2022, PNAS 119:e2113561119, doi:10.1073/pnas.2113561119.
pub const HUB_LEVELS: [f64; 23] = [
    0.01, 0.025, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5, 0.55, 0.6, 0.65, 0.7, 0.75, 0.8,
    0.85, 0.9, 0.95, 0.975, 0.99,
];

impl Default for ForecastRule {
    fn default() -> ForecastRule {
        // Ten steps: a level, a trend and some errors of each.
        ForecastRule { horizon: 4, levels: HUB_LEVELS.to_vec(), fewest_steps: 10 }
    }
}

/// One step ahead. Without an answer there are no values, and `doubt` says why.
#[derive(Debug, Clone, PartialEq)]
pub struct ForecastStep {
    /// Steps after the last one known.
    pub ahead: usize,
    /// One count per level.
    pub values: Vec<f64>,
    pub doubt: Option<Doubt>,
}

#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum ForecastError {
    #[error("a horizon of {0} steps is not one; forecast between 1 and {MOST_AHEAD} steps")]
    Horizon(usize),
    #[error("`levels` must lie between 0 and 1 and ascend, such as 0.05, 0.5, 0.95")]
    Levels,
    #[error("`levels` must hold 0.5 and come in pairs such as 0.1 and 0.9, so that forecasts can be scored")]
    NotSymmetric,
    #[error(transparent)]
    Series(#[from] crate::SeriesError),
}

/// Beyond a quarter of a year of days nothing here is known.
const MOST_AHEAD: usize = 100;

impl ForecastRule {
    fn check(&self, series: &Series) -> Result<(), ForecastError> {
        if !(1..=MOST_AHEAD).contains(&self.horizon) {
            return Err(ForecastError::Horizon(self.horizon));
        }
        let between = self.levels.iter().all(|level| *level > 0.0 && *level < 1.0);
        if self.levels.is_empty() || !between || self.levels.windows(2).any(|two| two[0] >= two[1]) {
            return Err(ForecastError::Levels);
        }
        Ok(series.check()?)
    }
}

/// Everything the forecasts of a series rest on.
struct Forecaster<'a> {
    series: &'a Series,
    rule: &'a ForecastRule,
    centres: Centres,
    errors: PastErrors,
}

impl Forecaster<'_> {
    fn of<'a>(series: &'a Series, rule: &'a ForecastRule) -> Forecaster<'a> {
        let centres = Centres::of(series, rule.horizon, rule.fewest_steps);
        let errors = PastErrors::of(series, &centres);
        Forecaster { series, rule, centres, errors }
    }

    /// Quantiles of step `t + ahead`, known up to step `t`.
    fn at(&self, t: usize, ahead: usize) -> Option<Vec<f64>> {
        let mean = self.centres.expected(t, ahead)?;
        Some(self.errors.quantiles(self.series, t, ahead, mean, &self.rule.levels))
    }
}

/// Quantiles of each of the next `horizon` steps after the last one of the series.
pub fn forecast_counts(series: &Series, rule: &ForecastRule) -> Result<Vec<ForecastStep>, ForecastError> {
    rule.check(series)?;
    let forecaster = Forecaster::of(series, rule);
    let step = |ahead| match series.len().checked_sub(1).and_then(|last| forecaster.at(last, ahead)) {
        Some(values) => ForecastStep { ahead, values, doubt: None },
        None => ForecastStep { ahead, values: Vec::new(), doubt: Some(Doubt::ShortHistory) },
    };
    Ok((1..=rule.horizon).map(step).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use base::Streams;
    use proptest::prelude::*;
    use rand_distr::{Distribution, Gamma, Poisson};

    fn median(steps: &[ForecastStep], ahead: usize) -> f64 {
        steps[ahead - 1].values[11]
    }

    #[test]
    fn steady_growth_goes_on_for_a_while() {
        let counts: Vec<f64> = (0..40).map(|t| (20.0 * 1.1_f64.powi(t)).round()).collect();
        let last = counts[39];
        let steps = forecast_counts(&Series::of("growth", counts, 52), &ForecastRule::default()).unwrap();
        let (one, four) = (median(&steps, 1) / last, median(&steps, 4) / last);
        assert!((1.05..1.12).contains(&one) && (1.15..1.5).contains(&four), "{one} {four}");
    }

    #[test]
    fn a_weekend_without_visits_is_not_a_decline() {
        let counts: Vec<f64> = (0..70)
            .map(|t| if t % 7 < 5 { 100.0 + f64::from(t % 3) } else { 30.0 + f64::from(t % 2) })
            .collect();
        let rule = ForecastRule { horizon: 7, ..ForecastRule::default() };
        let steps = forecast_counts(&Series::of("days", counts, 365), &rule).unwrap();
        for (ahead, normal) in [(1, 100.0), (5, 100.0), (6, 30.0), (7, 30.0)] {
            let ratio = median(&steps, ahead) / normal;
            assert!((0.85..1.2).contains(&ratio), "{ahead}: {ratio}");
        }
    }

    #[test]
    fn a_short_series_says_so_instead_of_guessing() {
        let steps = forecast_counts(&Series::of("new", vec![3.0; 4], 52), &ForecastRule::default()).unwrap();
        assert!(steps.iter().all(|step| step.values.is_empty() && step.doubt == Some(Doubt::ShortHistory)));
    }

    /// Intervals hold what they promise, over 60 series that nobody fitted: within five standard errors of a binomial whose
    /// effective number is halved because errors of one series belong together.
    #[test]
    fn intervals_hold_what_they_promise() {
        let streams = Streams::seeded(11);
        let (mut inside, mut all) = (0.0, 0.0);
        for run in 0..60 {
            let mut stream = streams.of(&format!("series {run}"));
            let mut log_mean = 3.5_f64;
            let spread = Gamma::new(10.0, 0.1).unwrap();
            let counts: Vec<f64> = (0..120)
                .map(|_| {
                    log_mean += 0.3 * (stream.share() - 0.5) - 0.05 * (log_mean - 3.5);
                    let mean = log_mean.exp() * spread.sample(&mut stream);
                    Poisson::new(mean).unwrap().sample(&mut stream)
                })
                .collect();
            let series = Series::of("walk", counts, 52);
            let rule = ForecastRule { levels: vec![0.05, 0.25, 0.5, 0.75, 0.95], ..ForecastRule::default() };
            let forecaster = Forecaster::of(&series, &rule);
            for t in (60..116).step_by(4) {
                let values = forecaster.at(t, 2).unwrap();
                all += 1.0;
                if (values[0]..=values[4]).contains(&series.counts[t + 2]) {
                    inside += 1.0;
                }
            }
        }
        let (share, error) = (inside / all, (0.9_f64 * 0.1 / (all / 2.0)).sqrt());
        assert!((share - 0.9).abs() < 5.0 * error, "{share} ± {error}");
    }

    proptest! {
        #[test]
        fn any_series_gives_ascending_counts_or_a_reason(
            counts in proptest::collection::vec(
                prop_oneof![Just(f64::NAN), Just(0.0), 0.0..5.0_f64, 0.0..1e7_f64, Just(1e12)], 0..70),
            per_year in prop_oneof![Just(12_usize), Just(52), Just(365)],
            horizon in 1..9_usize,
        ) {
            let rule = ForecastRule { horizon, ..ForecastRule::default() };
            let steps = forecast_counts(&Series::of("any", counts, per_year), &rule).unwrap();
            for step in steps {
                prop_assert_eq!(step.values.is_empty(), step.doubt.is_some());
                prop_assert!(step.values.iter().all(|value| value.is_finite() && *value >= 0.0), "{:?}", step);
                prop_assert!(step.values.windows(2).all(|two| two[0] <= two[1]), "{:?}", step);
            }
        }
    }
}
