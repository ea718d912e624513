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
        let sum: f64 = self.more_than.iter().enumerate().map(|(j, many)| many * (k + j as f64).ln()).sum();
        let total = self.n * self.mean;
        sum - self.log_factorials
            + self.n * k * (k / (k + self.mean)).ln()
            + total * (self.mean / (k + self.mean)).ln()
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
