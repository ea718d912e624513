//! How many people each case infected: the mean, the unevenness, and what the most infectious fifth did.

use serde::Serialize;

/// Secondary cases per case.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Offspring {
    /// Cases counted, those who infected nobody included.
    pub n: usize,
    pub infections: u64,
    /// The reproduction number among these cases: infections per case.
    pub mean: f64,
    pub mean_se: Option<f64>,
    /// Dispersion of the negative binomial: the smaller, the fewer cases cause most infections.
    /// Absent when the counts are no more uneven than chance (variance at most the mean): k is then
    /// unbounded.
    pub k: Option<f64>,
    pub k_se: Option<f64>,
    /// Log-likelihood of the fit.
    pub log_likelihood: Option<f64>,
    pub max: u32,
    /// Share of all infections caused by the fifth of the cases that infected most, 0 to 1. Absent without
    /// infections.
    pub share_top_20: Option<f64>,
}

/// `None` without cases. `counts` holds one number per case.
///
/// # Source
/// Negative binomial offspring, its dispersion k and the "20/80" share: Lloyd-Smith et al. 2005, Nature
/// 438:355-359, doi:10.1038/nature04153. Fitted by maximum likelihood: the mean is the sample mean, k solves
/// the score equation; standard errors from the observed information (at the maximum the two parameters are
/// orthogonal).
pub fn estimate_offspring(counts: &[u32]) -> Option<Offspring> {
    if counts.is_empty() {
        return None;
    }
    let n = counts.len();
    let infections: u64 = counts.iter().map(|&c| u64::from(c)).sum();
    let mean = infections as f64 / n as f64;
    let tally = Tally::of(counts);
    let k = tally.dispersion();
    Some(Offspring {
        n,
        infections,
        mean,
        mean_se: k.map(|k| (mean * (1.0 + mean / k) / n as f64).sqrt()),
        k,
        k_se: k.map(|k| tally.curvature(k).sqrt().recip()),
        log_likelihood: k.map(|k| tally.log_likelihood(k)),
        max: counts.iter().copied().max().unwrap_or(0),
        share_top_20: (infections > 0).then(|| share_of_top_fifth(counts, infections)),
    })
}

/// Where mean and dispersion of the offspring lie.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct OffspringIntervals {
    pub mean: (f64, f64),
    pub k_low: f64,
    /// Absent when nothing speaks against counts as even as chance makes them.
    pub k_high: Option<f64>,
}

/// Counts more even than this are told apart from chance by nobody.
const EVEN_K: f64 = 1e6;
const LEAST_K: f64 = 1e-6;

/// Profile likelihood intervals at `level`, such as 0.95: all values that are not less likely than the estimate by more than
/// half the chi-square quantile. They need no symmetry, which k has not. `None` without infections.
///
/// # Source
/// Venzon, Moolgavkar 1988, Appl Statist 37:87-94, doi:10.2307/2347496.
pub fn offspring_intervals(counts: &[u32], level: f64) -> Option<OffspringIntervals> {
    let infections: u64 = counts.iter().map(|&c| u64::from(c)).sum();
    if infections == 0 {
        return None;
    }
    let tally = Tally::of(counts);
    let k = tally.dispersion().unwrap_or(EVEN_K).min(EVEN_K);
    let floor = tally.log_likelihood(k) - crate::gamma_quantile(level, 0.5, 2.0) / 2.0;
    // At a given k the likeliest mean is the sample mean, so this is the profile of k already.
    let of_k = |log_k: f64| tally.log_likelihood(log_k.exp()) - floor;
    let k_low = crossing(LEAST_K.ln(), k.ln(), &of_k).map_or(LEAST_K, f64::exp);
    let k_high = crossing(EVEN_K.ln(), k.ln(), &of_k).map(f64::exp);
    let of_mean = |log_mean: f64| tally.profile_of_mean(log_mean.exp()) - floor;
    let at = tally.mean.ln();
    let bound = |far: f64| crossing(far, at, &of_mean).unwrap_or(far).exp();
    Some(OffspringIntervals { mean: (bound(at - 15.0), bound(at + 15.0)), k_low, k_high })
}

/// Where `height` passes zero between `outside`, where it should be negative, and `inside`, where it is not.
fn crossing(outside: f64, inside: f64, height: &impl Fn(f64) -> f64) -> Option<f64> {
    if height(outside) >= 0.0 {
        return None;
    }
    let (mut outside, mut inside) = (outside, inside);
    for _ in 0..80 {
        let middle = f64::midpoint(outside, inside);
        if height(middle) < 0.0 {
            outside = middle;
        } else {
            inside = middle;
        }
    }
    Some(f64::midpoint(outside, inside))
}

/// The case at the 20 % mark counts whole (the number of cases is rounded up), as in the usual statement of
/// the rule.
fn share_of_top_fifth(counts: &[u32], infections: u64) -> f64 {
    let mut sorted = counts.to_vec();
    sorted.sort_unstable_by(|a, b| b.cmp(a));
    let top: u64 = sorted[..counts.len().div_ceil(5)].iter().map(|&c| u64::from(c)).sum();
    top as f64 / infections as f64
}

/// Counts folded so that the digamma differences of the likelihood become short sums:
/// ψ(x + k) − ψ(k) = Σ over j < x of 1 / (k + j).
struct Tally {
    n: f64,
    mean: f64,
    variance: f64,
    /// At place j: how many cases infected more than j people.
    more_than: Vec<f64>,
    log_factorials: f64,
}

impl Tally {
    fn of(counts: &[u32]) -> Tally {
        let n = counts.len() as f64;
        let mean = counts.iter().map(|&c| f64::from(c)).sum::<f64>() / n;
        let variance = counts.iter().map(|&c| (f64::from(c) - mean).powi(2)).sum::<f64>() / n;
        let max = counts.iter().copied().max().unwrap_or(0) as usize;
        let mut more_than = vec![0.0; max + 1];
        for &count in counts {
            if count > 0 {
                more_than[count as usize - 1] += 1.0;
            }
        }
        for j in (0..max).rev() {
            more_than[j] += more_than[j + 1];
        }
        let log_factorials = counts.iter().map(|&c| libm::lgamma(f64::from(c) + 1.0)).sum();
        Tally { n, mean, variance, more_than, log_factorials }
    }

    /// Derivative of the log-likelihood in k, the mean held at the sample mean.
    fn score(&self, k: f64) -> f64 {
        let sum: f64 = self.more_than.iter().enumerate().map(|(j, many)| many / (k + j as f64)).sum();
        sum - self.n * (self.mean / k).ln_1p()
    }

    /// Minus the second derivative in k.
    fn curvature(&self, k: f64) -> f64 {
        let sum: f64 = self.more_than.iter().enumerate().map(|(j, many)| many / (k + j as f64).powi(2)).sum();
        sum - self.n * (1.0 / k - 1.0 / (k + self.mean))
    }

    fn log_likelihood(&self, k: f64) -> f64 {
        self.log_likelihood_at(self.mean, k)
    }

    fn log_likelihood_at(&self, mean: f64, k: f64) -> f64 {
        let sum: f64 = self.more_than.iter().enumerate().map(|(j, many)| many * (k + j as f64).ln()).sum();
        let total = self.n * self.mean;
        sum - self.log_factorials - self.n * k * (mean / k).ln_1p() + total * (mean / (k + mean)).ln()
    }

    /// The likelihood of a mean under the dispersion that suits it best, by golden section on ln k.
    fn profile_of_mean(&self, mean: f64) -> f64 {
        let golden = (5_f64.sqrt() - 1.0) / 2.0;
        let of = |log_k: f64| self.log_likelihood_at(mean, log_k.exp());
        let (mut low, mut high) = (LEAST_K.ln(), EVEN_K.ln());
        for _ in 0..60 {
            let (a, b) = (high - golden * (high - low), low + golden * (high - low));
            if of(a) > of(b) {
                high = b;
            } else {
                low = a;
            }
        }
        of(f64::midpoint(low, high))
    }

    /// The zero of the score, by bisection in ln k. It exists exactly when the variance (divisor n) exceeds
    /// the mean: Anscombe 1950, Biometrika 37:358-382, doi:10.1093/biomet/37.3-4.358.
    fn dispersion(&self) -> Option<f64> {
        if self.mean == 0.0 || self.variance <= self.mean {
            return None;
        }
        let (mut low, mut high) = (1e-9_f64.ln(), 1e9_f64.ln());
        for _ in 0..200 {
            let middle = f64::midpoint(low, high);
            if self.score(middle.exp()) > 0.0 {
                low = middle;
            } else {
                high = middle;
            }
        }
        Some(f64::midpoint(low, high).exp())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn one_case_that_infects_everybody_is_as_uneven_as_it_gets() {
        let mut counts = vec![0; 99];
        counts.push(50);
        let o = estimate_offspring(&counts).unwrap();
        assert_eq!((o.n, o.infections, o.max, o.share_top_20), (100, 50, 50, Some(1.0)));
        assert!(o.k.unwrap() < 0.01, "{:?}", o.k);
    }

    #[test]
    fn an_even_outbreak_has_no_dispersion_to_estimate() {
        let o = estimate_offspring(&[1; 20]).unwrap();
        assert_eq!((o.mean, o.k, o.share_top_20), (1.0, None, Some(0.2)));
        assert_eq!(estimate_offspring(&[0, 0]).unwrap().share_top_20, None);
        assert_eq!(estimate_offspring(&[]), None);
    }

    #[test]
    fn the_interval_of_k_ends_where_the_likelihood_has_fallen_by_half_the_quantile() {
        let counts: Vec<u32> = [vec![0; 60], vec![1; 20], vec![2; 8], vec![5; 4], vec![11; 2]].concat();
        let o = estimate_offspring(&counts).unwrap();
        let found = offspring_intervals(&counts, 0.95).unwrap();
        let (tally, best) = (Tally::of(&counts), o.log_likelihood.unwrap());
        for k in [found.k_low, found.k_high.unwrap()] {
            assert!((best - tally.log_likelihood(k) - 3.841_458_820_694_124 / 2.0).abs() < 1e-6);
        }
        assert!(found.k_low < o.k.unwrap() && o.k.unwrap() < found.k_high.unwrap());
        // Wald's interval is close for the mean of so many.
        let wald = 1.96 * o.mean_se.unwrap();
        let (low, high) = found.mean;
        assert!(
            (o.mean - low - wald).abs() < 0.3 * wald && (high - o.mean - wald).abs() < 0.5 * wald,
            "{found:?}"
        );
    }

    #[test]
    fn even_counts_bound_the_dispersion_from_below_only() {
        let found = offspring_intervals(&[1; 40], 0.95).unwrap();
        assert!(found.k_low > 1.0 && found.k_high.is_none(), "{found:?}");
        assert_eq!(offspring_intervals(&[0; 5], 0.95), None);
    }

    proptest! {
        #[test]
        fn no_other_dispersion_is_more_likely(counts in proptest::collection::vec(0_u32..12, 10..60)) {
            let tally = Tally::of(&counts);
            if let Some(k) = tally.dispersion() && k < 1e6 {
                for other in [k * 0.9, k * 1.1] {
                    prop_assert!(tally.log_likelihood(k) >= tally.log_likelihood(other) - 1e-9);
                }
            }
        }
    }
}
