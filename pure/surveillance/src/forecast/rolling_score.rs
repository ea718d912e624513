//! Looking back: what would have been forecast at every step, and how good it was beside the naive forecast.

use super::naive::naive_quantiles;
use super::{ForecastError, ForecastRule, Forecaster};
use crate::{Series, weighted_interval_score};
use serde::Serialize;

/// Means over all steps that could be forecast, for one horizon.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct ForecastScore {
    pub ahead: usize,
    /// Forecasts scored.
    pub n: usize,
    /// Weighted interval score and its parts, in counts.
    pub wis: f64,
    pub dispersion: f64,
    pub overprediction: f64,
    pub underprediction: f64,
    /// Mean distance of the median.
    pub median_error: f64,
    /// Share of counts inside the intervals, where the levels hold such intervals.
    pub coverage_50: Option<f64>,
    pub coverage_95: Option<f64>,
    /// The same score of the last count with the spread of past changes.
    pub naive_wis: f64,
    /// Of the same weekday's last count, for days.
    pub weekday_wis: Option<f64>,
}

/// Every forecast that could have been made from step `from` on, scored once its step had come.
pub fn score_forecasts(
    series: &Series,
    rule: &ForecastRule,
    from: usize,
) -> Result<Vec<ForecastScore>, ForecastError> {
    rule.check(series)?;
    let levels = &rule.levels;
    let symmetric =
        weighted_interval_score(&levels.iter().map(|level| (*level, 0.0)).collect::<Vec<_>>(), 0.0);
    if symmetric.is_none() {
        return Err(ForecastError::NotSymmetric);
    }
    let forecaster = Forecaster::of(series, rule);
    let daily = series.steps_per_week() == 7;
    let mut scores = Vec::new();
    for ahead in 1..=rule.horizon {
        let mut sums = Sums::default();
        for t in from..series.len().saturating_sub(ahead) {
            let seen = series.counts[t + ahead];
            if seen.is_nan() {
                continue;
            }
            let (Some(ours), Some(naive)) =
                (forecaster.at(t, ahead), naive_quantiles(series, t, ahead, 1, levels))
            else {
                continue;
            };
            let weekday = if daily { naive_quantiles(series, t, ahead, 7, levels) } else { None };
            if daily && weekday.is_none() {
                continue;
            }
            sums.add(levels, &ours, &naive, weekday.as_deref(), seen);
        }
        scores.extend(sums.means(ahead, levels));
    }
    Ok(scores)
}

#[derive(Default)]
struct Sums {
    n: usize,
    wis: f64,
    dispersion: f64,
    overprediction: f64,
    underprediction: f64,
    median_error: f64,
    inside_50: usize,
    inside_95: usize,
    naive: f64,
    weekday: Option<f64>,
}

impl Sums {
    fn add(&mut self, levels: &[f64], ours: &[f64], naive: &[f64], weekday: Option<&[f64]>, seen: f64) {
        let scored = |values: &[f64]| {
            let quantiles: Vec<(f64, f64)> = levels.iter().copied().zip(values.iter().copied()).collect();
            weighted_interval_score(&quantiles, seen).unwrap_or_default()
        };
        let score = scored(ours);
        self.n += 1;
        self.wis += score.total;
        self.dispersion += score.dispersion;
        self.overprediction += score.overprediction;
        self.underprediction += score.underprediction;
        self.median_error += (ours[levels.len() / 2] - seen).abs();
        self.naive += scored(naive).total;
        if let Some(weekday) = weekday {
            *self.weekday.get_or_insert(0.0) += scored(weekday).total;
        }
        let inside = |level: f64| {
            place_of(levels, level)
                .zip(place_of(levels, 1.0 - level))
                .is_some_and(|(low, high)| (ours[low]..=ours[high]).contains(&seen))
        };
        self.inside_50 += usize::from(inside(0.25));
        self.inside_95 += usize::from(inside(0.025));
    }

    fn means(&self, ahead: usize, levels: &[f64]) -> Option<ForecastScore> {
        let n = self.n as f64;
        let share = |inside: usize, level: f64| place_of(levels, level).map(|_| inside as f64 / n);
        (self.n > 0).then(|| ForecastScore {
            ahead,
            n: self.n,
            wis: self.wis / n,
            dispersion: self.dispersion / n,
            overprediction: self.overprediction / n,
            underprediction: self.underprediction / n,
            median_error: self.median_error / n,
            coverage_50: share(self.inside_50, 0.25),
            coverage_95: share(self.inside_95, 0.025),
            naive_wis: self.naive / n,
            weekday_wis: self.weekday.map(|weekday| weekday / n),
        })
    }
}

fn place_of(levels: &[f64], level: f64) -> Option<usize> {
    levels.iter().position(|known| (known - level).abs() < 1e-9)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seasonal_series_is_forecast_better_than_by_its_last_count() {
        let counts: Vec<f64> = (0..260)
            .map(|t| {
                let season = 1.2 * (std::f64::consts::TAU * f64::from(t) / 52.0).sin();
                (200.0 * (season + 0.05 * f64::from((t * 7919) % 11 - 5)).exp()).round()
            })
            .collect();
        let scores =
            score_forecasts(&Series::of("season", counts, 52), &ForecastRule::default(), 104).unwrap();
        assert_eq!(scores.len(), 4);
        for score in scores {
            assert!(score.wis < 0.8 * score.naive_wis, "{score:?}");
            assert!(
                (score.dispersion + score.overprediction + score.underprediction - score.wis).abs() < 1e-9
            );
        }
    }
}
