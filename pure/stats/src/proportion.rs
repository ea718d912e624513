//! A share of a whole and how sure it is.

use crate::beta::beta_quantile;
use crate::normal::normal_quantile;

/// Score interval of a proportion: `n` of `of`, both ends from 0 to 1. `level` is the confidence, such as
/// 0.95. Nothing observed says nothing: `of` = 0 gives (0, 1).
///
/// # Source
/// Wilson 1927, "Probable inference, the law of succession, and statistical inference", J Am Stat Assoc
/// 22:209-212, doi:10.1080/01621459.1927.10502953. Preferred to the Wald interval for small counts and shares
/// near 0 and 1: Brown, Cai, DasGupta 2001, Statistical Science 16:101-133, doi:10.1214/ss/1009213286.
pub fn wilson(n: u64, of: u64, level: f64) -> (f64, f64) {
    assert!(n <= of, "{n} cannot be a part of {of}");
    assert!(level > 0.0 && level < 1.0, "a confidence level lies between 0 and 1, not at {level}");
    if of == 0 {
        return (0.0, 1.0);
    }
    let whole = of as f64;
    let share = n as f64 / whole;
    let z = normal_quantile(0.5 + level / 2.0);
    let stretch = 1.0 + z * z / whole;
    let centre = (share + z * z / (2.0 * whole)) / stretch;
    let half = z * (share * (1.0 - share) / whole + z * z / (4.0 * whole * whole)).sqrt() / stretch;
    // At 0 and at `of` the formula ends exactly on the edge; rounding must not push it past or short of it.
    let low = if n == 0 { 0.0 } else { (centre - half).max(0.0) };
    let high = if n == of { 1.0 } else { (centre + half).min(1.0) };
    (low, high)
}

/// Exact interval of a proportion: it covers the truth at least as often as `level` says, and so is wider than need be. `n` of `of`,
/// both ends from 0 to 1; nothing observed gives (0, 1).
///
/// # Source
/// Clopper and Pearson 1934, The use of confidence or fiducial limits illustrated in the case of the binomial, Biometrika
/// 26:404-413, doi:10.1093/biomet/26.4.404.
pub fn clopper_pearson(n: u64, of: u64, level: f64) -> (f64, f64) {
    assert!(n <= of, "{n} cannot be a part of {of}");
    assert!(level > 0.0 && level < 1.0, "a confidence level lies between 0 and 1, not at {level}");
    let half = (1.0 - level) / 2.0;
    let (yes, no) = (n as f64, (of - n) as f64);
    let low = if n == 0 { 0.0 } else { beta_quantile(half, yes, no + 1.0) };
    let high = if n == of { 1.0 } else { beta_quantile(1.0 - half, yes + 1.0, no) };
    (low, high)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Reference values: Newcombe 1998, Statist Med 17:857-872, table I, score method (method 3).
    #[test]
    fn intervals_equal_those_in_newcombe() {
        for (n, of, low, high) in [
            (81, 263, 0.2553, 0.3662),
            (15, 148, 0.0624, 0.1605),
            (0, 20, 0.0, 0.1611),
            (1, 29, 0.0061, 0.1718),
        ] {
            let (l, h) = wilson(n, of, 0.95);
            assert!((l - low).abs() < 5e-5 && (h - high).abs() < 5e-5, "{n} of {of}: {l}, {h}");
        }
    }

    /// The same table, Clopper-Pearson (method 5).
    #[test]
    fn exact_intervals_equal_those_in_newcombe() {
        for (n, of, low, high) in [
            (81, 263, 0.2527, 0.3676),
            (15, 148, 0.0578, 0.1617),
            (0, 20, 0.0, 0.1684),
            (1, 29, 0.0009, 0.1776),
        ] {
            let (l, h) = clopper_pearson(n, of, 0.95);
            assert!((l - low).abs() < 5e-5 && (h - high).abs() < 5e-5, "{n} of {of}: {l}, {h}");
        }
        assert_eq!(clopper_pearson(0, 0, 0.95), (0.0, 1.0));
    }

    proptest! {
        #[test]
        fn an_interval_contains_its_estimate(
            of in 1_u64..100_000,
            part in 0.0..=1.0_f64,
            level in 0.5..0.999_f64,
        ) {
            let n = (part * of as f64).floor() as u64;
            let (low, high) = wilson(n, of, level);
            let share = n as f64 / of as f64;
            prop_assert!(0.0 <= low && low <= share && share <= high && high <= 1.0, "{low} {share} {high}");
        }
    }
}
