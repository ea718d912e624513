//! The forecast that any other has to beat: the last count, spread as past counts have moved.
//!
//! # Source
//! The baseline of the COVID-19 Forecast Hub: Cramer et al. 2022, PNAS 119:e2113561119, doi:10.1073/pnas.2113561119. Past
//! changes are taken both ways, so that the median is the last count.

use crate::Series;
use stats::quantile;

/// Quantiles of step `t + ahead` of those who know the series up to `t`: the last count reported `lag` steps (or whole
/// multiples of it) before that step, plus what past counts have changed over so many steps. A lag of 1 takes the last count;
/// 7, of days, the same weekday.
pub fn naive_quantiles(
    series: &Series,
    t: usize,
    ahead: usize,
    lag: usize,
    levels: &[f64],
) -> Option<Vec<f64>> {
    let distance = if lag == 1 { ahead } else { lag * ahead.div_ceil(lag) };
    let last = series.counts[..=(t + ahead).checked_sub(distance)?]
        .iter()
        .rev()
        .step_by(lag)
        .find(|c| !c.is_nan())?;
    let mut changes: Vec<f64> = (distance..=t)
        .map(|step| series.counts[step] - series.counts[step - distance])
        .filter(|change| !change.is_nan())
        .flat_map(|change| [change, -change])
        .collect();
    if changes.is_empty() {
        return None;
    }
    changes.sort_by(f64::total_cmp);
    Some(levels.iter().map(|level| (last + quantile(&changes, *level)).max(0.0)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_the_last_count_and_the_spread_that_of_past_changes() {
        let series = Series::of("naive", vec![4.0, 6.0, 3.0, f64::NAN], 52);
        assert_eq!(naive_quantiles(&series, 2, 1, 1, &[0.01, 0.5, 0.99]).unwrap()[1], 3.0);
        assert_eq!(naive_quantiles(&series, 3, 1, 1, &[0.5]), Some(vec![3.0]));
        assert_eq!(naive_quantiles(&series, 0, 1, 1, &[0.5]), None);
    }
}
