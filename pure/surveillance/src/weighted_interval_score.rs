//! How good a forecast was: how far off, and how far it dared to be sure.
//!
//! # Source
//! Bracher, Ray, Gneiting, Reich 2021, PLoS Computational Biology 17:e1008618, doi:10.1371/journal.pcbi.1008618.

use serde::Serialize;

/// In the unit of the counts; 0 is perfect. The three parts and the distance of the median add up to the total.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize)]
pub struct IntervalScore {
    pub total: f64,
    /// For intervals that are wide.
    pub dispersion: f64,
    /// For intervals that lie too high.
    pub overprediction: f64,
    /// For intervals that lie too low.
    pub underprediction: f64,
}

/// The weighted interval score of quantiles, given as (level, value) with levels symmetric about 0.5 and ascending. With the
/// median alone it is the absolute error. `None` when the levels are not symmetric.
pub fn weighted_interval_score(quantiles: &[(f64, f64)], observed: f64) -> Option<IntervalScore> {
    let pairs = quantiles.len() / 2;
    let symmetric = (0..pairs).all(|i| {
        let (low, high) = (quantiles[i].0, quantiles[quantiles.len() - 1 - i].0);
        low > 0.0 && low < 0.5 && (low + high - 1.0).abs() < 1e-9
    });
    let median = quantiles.get(pairs).filter(|(level, _)| (level - 0.5).abs() < 1e-9)?.1;
    if !symmetric || quantiles.len().is_multiple_of(2) || quantiles.windows(2).any(|two| two[0].0 >= two[1].0)
    {
        return None;
    }
    let mut score = IntervalScore {
        overprediction: 0.5 * (median - observed).max(0.0),
        underprediction: 0.5 * (observed - median).max(0.0),
        ..IntervalScore::default()
    };
    for i in 0..pairs {
        let ((level, low), (_, high)) = (quantiles[i], quantiles[quantiles.len() - 1 - i]);
        // With α = 2·level, half of α times the interval score (high − low) + 2/α · (what lies outside).
        score.dispersion += level * (high - low);
        score.overprediction += (low - observed).max(0.0);
        score.underprediction += (observed - high).max(0.0);
    }
    let share = 1.0 / (pairs as f64 + 0.5);
    score.dispersion *= share;
    score.overprediction *= share;
    score.underprediction *= share;
    score.total = score.dispersion + score.overprediction + score.underprediction;
    Some(score)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// By hand: median 10, 50 % interval 8 to 14, seen 20. (½·10 + ¼·(6 + 4·6)) / 1.5.
    #[test]
    fn one_interval_and_the_median_by_hand() {
        let score = weighted_interval_score(&[(0.25, 8.0), (0.5, 10.0), (0.75, 14.0)], 20.0).unwrap();
        assert!((score.total - (5.0 + 0.25 * 30.0) / 1.5).abs() < 1e-12, "{score:?}");
        assert_eq!(score.overprediction, 0.0);
    }

    #[test]
    fn levels_that_are_not_pairs_are_not_scored() {
        assert_eq!(weighted_interval_score(&[(0.1, 8.0), (0.5, 10.0), (0.75, 14.0)], 20.0), None);
        assert_eq!(weighted_interval_score(&[(0.25, 8.0), (0.75, 14.0)], 20.0), None);
        assert_eq!(weighted_interval_score(&[], 20.0), None);
    }

    proptest! {
        #[test]
        fn a_point_is_scored_by_its_absolute_error(point in -99.0..99.0_f64, seen in -99.0..99.0_f64) {
            let score = weighted_interval_score(&[(0.5, point)], seen).unwrap();
            prop_assert!((score.total - (point - seen).abs()).abs() < 1e-12);
        }

        /// Twice the mean of the quantile scores: the other way to write it (their equation 4).
        #[test]
        fn it_is_twice_the_mean_quantile_score_and_never_negative(
            mut values in proptest::collection::vec(0.0..50.0_f64, 7),
            seen in 0.0..60.0_f64,
        ) {
            values.sort_by(f64::total_cmp);
            let levels = [0.025, 0.1, 0.25, 0.5, 0.75, 0.9, 0.975];
            let quantiles: Vec<(f64, f64)> = levels.into_iter().zip(values).collect();
            let loss = |(level, value): &(f64, f64)| {
                2.0 * (if seen <= *value { 1.0 } else { 0.0 } - level) * (value - seen)
            };
            let mean = quantiles.iter().map(loss).sum::<f64>() / 7.0;
            let score = weighted_interval_score(&quantiles, seen).unwrap();
            prop_assert!(score.total >= 0.0 && (score.total - mean).abs() < 1e-9, "{score:?} {mean}");
        }
    }
}
