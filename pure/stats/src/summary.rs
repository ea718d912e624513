//! What a list of measurements says in a few numbers.

use crate::student::student_quantile;
use serde::Serialize;

/// Numbers in the unit of the measurements. What one measurement cannot tell (spread, doubt) is absent.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Summary {
    pub n: usize,
    pub mean: f64,
    /// Sample standard deviation, divisor n − 1.
    pub sd: Option<f64>,
    pub min: f64,
    pub q25: f64,
    pub median: f64,
    pub q75: f64,
    pub max: f64,
    /// Confidence interval of the mean by Student's t.
    pub low: Option<f64>,
    pub high: Option<f64>,
}

/// `None` for an empty list. `level` is the confidence of the interval of the mean, such as 0.95.
pub fn summarise(values: &[f64], level: f64) -> Option<Summary> {
    if values.is_empty() {
        return None;
    }
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let n = values.len();
    let mean = values.iter().sum::<f64>() / n as f64;
    let sd =
        (n > 1).then(|| (sorted.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / (n - 1) as f64).sqrt());
    let half = sd.map(|sd| student_quantile(0.5 + level / 2.0, (n - 1) as f64) * sd / (n as f64).sqrt());
    Some(Summary {
        n,
        mean,
        sd,
        min: sorted[0],
        q25: quantile(&sorted, 0.25),
        median: quantile(&sorted, 0.5),
        q75: quantile(&sorted, 0.75),
        max: sorted[n - 1],
        low: half.map(|half| mean - half),
        high: half.map(|half| mean + half),
    })
}

/// The quantile `share` (0 to 1) of values sorted ascending, interpolated between neighbours.
///
/// # Source
/// Definition 7 of Hyndman and Fan 1996, The American Statistician 50:361-365,
/// doi:10.1080/00031305.1996.10473566: the default of R and of most spreadsheets, so that numbers can be
/// checked there.
pub fn quantile(sorted: &[f64], share: f64) -> f64 {
    assert!(!sorted.is_empty(), "nothing has no quantile");
    let place = share.clamp(0.0, 1.0) * (sorted.len() - 1) as f64;
    let below = place.floor() as usize;
    let above = place.ceil() as usize;
    sorted[below] + (place - below as f64) * (sorted[above] - sorted[below])
}

/// The median of values in any order, which this reorders: the middle is found without sorting all.
pub fn median(values: &mut [f64]) -> Option<f64> {
    let middle = values.len() / 2;
    if values.is_empty() {
        return None;
    }
    let is_odd = values.len() % 2 == 1;
    let (below, upper, _) = values.select_nth_unstable_by(middle, f64::total_cmp);
    let upper = *upper;
    if is_odd {
        return Some(upper);
    }
    let lower = below.iter().copied().max_by(f64::total_cmp)?;
    Some(lower + 0.5 * (upper - lower))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// By hand: t at 0.975 with 3 degrees of freedom is 3.182446 (printed table), sd/√4 is 1.547848.
    #[test]
    fn four_numbers_are_summarised_as_by_hand() {
        let s = summarise(&[8.0, 1.0, 4.0, 2.0], 0.95).unwrap();
        assert_eq!((s.n, s.mean, s.median, s.q25, s.q75), (4, 3.75, 3.0, 1.75, 5.0));
        assert!((s.sd.unwrap() - 3.095_695_93).abs() < 1e-8);
        assert!((s.low.unwrap() + 1.175_943_0).abs() < 1e-5, "{:?}", s.low);
        assert!((s.high.unwrap() - 8.675_943_0).abs() < 1e-5);
    }

    #[test]
    fn one_measurement_has_a_mean_and_no_spread() {
        let s = summarise(&[5.0], 0.95).unwrap();
        assert_eq!((s.mean, s.sd, s.low), (5.0, None, None));
        assert_eq!(summarise(&[], 0.95), None);
    }

    proptest! {
        #[test]
        fn the_median_is_the_middle_of_the_sorted(values in prop::collection::vec(-1e6_f64..1e6, 1..60)) {
            let mut sorted = values.clone();
            sorted.sort_by(f64::total_cmp);
            let mut any_order = values;
            prop_assert_eq!(median(&mut any_order), Some(quantile(&sorted, 0.5)));
        }

        #[test]
        fn the_order_of_the_list_does_not_matter(
            mut values in proptest::collection::vec(-50..50_i32, 2..40),
        ) {
            let of = |v: &[i32]| summarise(&v.iter().map(|&x| f64::from(x)).collect::<Vec<_>>(), 0.95);
            let before = of(&values);
            values.reverse();
            prop_assert_eq!(before, of(&values));
        }
    }
}
