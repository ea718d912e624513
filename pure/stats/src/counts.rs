//! The distributions of counts: Poisson and negative binomial. One law serves both, for a Poisson is a negative binomial of
//! infinite size.
//!
//! A negative binomial is told by its `size` and its `mean`; its variance is mean + mean²/size, and the probability that
//! others ask for is size/(size + mean). Tails keep their relative precision. Deliberately absent: fitting one to data.
//!
//! # Source
//! Johnson, Kemp and Kotz 2005, Univariate Discrete Distributions, 3rd edition, doi:10.1002/0471715816: 4.2 and 5.2, and
//! their cumulative probabilities through the incomplete gamma (4.5) and beta (5.6) functions.

use crate::normal::normal_quantile;
use crate::saddle::{binomial_density, poisson_density};
use crate::special::{beta_shares, gamma_shares};
use crate::{gamma_cdf, gamma_quantile, normal_cdf};

/// Beyond this a count is no longer told from its neighbour by any data, and a continuous law takes over: a gamma of the
/// same size, or a normal one.
const UNCOUNTABLE: f64 = 1e9;
/// Steps along the counts before halving is cheaper.
const LONGEST_WALK: usize = 200;
/// A tail of this share of what was asked for is reached in spite of rounding, as other programs have it (64 units in the
/// last place).
const ROUNDING: f64 = 64.0 * f64::EPSILON;

/// A count of `mean`, whose variance is mean + mean²/size.
#[derive(Debug, Clone, Copy)]
struct Law {
    size: f64,
    mean: f64,
    /// size / (size + mean), 1 for a Poisson.
    kept: f64,
    /// mean / (size + mean), 0 for a Poisson.
    passed: f64,
}

impl Law {
    fn of(size: f64, mean: f64) -> Law {
        let (kept, passed) = if size == f64::INFINITY {
            (1.0, 0.0)
        } else {
            (1.0 / (1.0 + mean / size), 1.0 / (1.0 + size / mean))
        };
        Law { size, mean, kept, passed }
    }

    fn makes_sense(&self) -> bool {
        self.size > 0.0 && self.mean >= 0.0 && self.mean < f64::INFINITY
    }

    fn is_poisson(&self) -> bool {
        // A variance that no longer differs from the mean.
        self.passed < f64::EPSILON
    }

    fn probability(&self, k: f64) -> f64 {
        if self.is_poisson() {
            return poisson_density(k, self.mean);
        }
        if k == 0.0 {
            return (-self.size * (self.mean / self.size).ln_1p()).exp();
        }
        self.size / (self.size + k) * binomial_density(self.size, k, self.kept, self.passed)
    }

    /// P(k+1) / P(k).
    fn ratio(&self, k: f64) -> f64 {
        if self.is_poisson() { self.mean / (k + 1.0) } else { (self.size + k) / (k + 1.0) * self.passed }
    }

    /// P(X ≤ k) and P(X > k) for k ≥ 0.
    fn shares(&self, k: f64) -> (f64, f64) {
        if self.mean == 0.0 {
            return (1.0, 0.0);
        }
        if k == f64::INFINITY {
            return (1.0, 0.0);
        }
        if self.mean > UNCOUNTABLE || k > 1e3 * UNCOUNTABLE {
            return self.continuous_shares(k);
        }
        let variance_ratio = 1.0 / self.kept;
        if k >= self.mean && self.mean < 1e4 && variance_ratio < 50.0 {
            let above = self.sum_above(k);
            return (1.0 - above, above);
        }
        if self.is_poisson() {
            let (above, below) = gamma_shares(k + 1.0, self.mean);
            return (below, above);
        }
        beta_shares(self.size, k + 1.0, self.kept, self.passed)
    }

    /// The terms above `k`, which fall from the mean on.
    fn sum_above(&self, k: f64) -> f64 {
        let mut at = k + 1.0;
        let mut term = self.probability(at);
        let mut sum = term;
        // Below the least normal number a term times a ratio rounds back to itself and would be added for ever.
        while term > sum * (0.1 * f64::EPSILON) && term >= f64::MIN_POSITIVE {
            term *= self.ratio(at);
            at += 1.0;
            sum += term;
        }
        sum.min(1.0)
    }

    fn continuous_shares(&self, k: f64) -> (f64, f64) {
        if self.size < UNCOUNTABLE {
            let below = gamma_cdf((k + 0.5) / self.mean * self.size, self.size, 1.0);
            return (below, 1.0 - below);
        }
        let z = (k + 0.5 - self.mean) / (self.mean / self.kept).sqrt();
        (normal_cdf(z), normal_cdf(-z))
    }

    /// The least count with P(X ≤ k) ≥ p.
    fn quantile(&self, p: f64) -> f64 {
        if !self.makes_sense() || !(0.0..=1.0).contains(&p) {
            return f64::NAN;
        }
        if p == 0.0 || self.mean == 0.0 {
            return 0.0;
        }
        if p == 1.0 {
            return f64::INFINITY;
        }
        let target = Target::of(p);
        if self.mean > UNCOUNTABLE {
            return self.continuous_quantile(p);
        }
        // Counting up from zero is fastest, and exact while the tail asked for is far from the last digit.
        if self.mean < 50.0 && target.tail > 1e-6 {
            let none = self.probability(0.0);
            if none > 1e-200
                && let Some(k) = self.count_up(none, 1.0 - p)
            {
                return k;
            }
        }
        let guess = self.cornish_fisher(p);
        self.walk(guess, target).unwrap_or_else(|| self.halve(guess, target))
    }

    fn count_up(&self, none: f64, tail: f64) -> Option<f64> {
        let (mut k, mut term, mut above) = (0.0, none, 1.0 - none);
        let enough = tail * (1.0 + ROUNDING);
        for _ in 0..LONGEST_WALK {
            if above <= enough {
                return Some(k);
            }
            term *= self.ratio(k);
            k += 1.0;
            above -= term;
        }
        None
    }

    /// # Source
    /// Cornish and Fisher 1938, Revue de l'Institut International de Statistique 5:307, doi:10.2307/1400905: the first term.
    fn cornish_fisher(&self, p: f64) -> f64 {
        let z = normal_quantile(p);
        let spread = (self.mean / self.kept).sqrt();
        let skew = (1.0 + self.passed) / self.kept / spread;
        (self.mean + spread * (z + skew * (z * z - 1.0) / 6.0)).floor().max(0.0)
    }

    /// From a guess to the quantile, one count at a time.
    fn walk(&self, guess: f64, target: Target) -> Option<f64> {
        let mut k = guess;
        let mut share = target.side(self.shares(k));
        let mut term = self.probability(k);
        if target.reached(share) {
            for _ in 0..LONGEST_WALK {
                let before = if target.upper { share + term } else { share - term };
                if k == 0.0 || !target.reached(before) {
                    return Some(k);
                }
                share = before;
                k -= 1.0;
                term /= self.ratio(k);
            }
            return None;
        }
        for _ in 0..LONGEST_WALK {
            term *= self.ratio(k);
            k += 1.0;
            share = if target.upper { share - term } else { share + term };
            if target.reached(share) {
                return Some(k);
            }
        }
        None
    }

    fn halve(&self, guess: f64, target: Target) -> f64 {
        let reached = |k: f64| target.reached(target.side(self.shares(k)));
        if reached(0.0) {
            return 0.0;
        }
        let (mut low, mut high) = (0.0, guess.max(1.0));
        while !reached(high) {
            low = high;
            high *= 2.0;
        }
        while high - low > 1.0 {
            let middle = f64::midpoint(low, high).floor();
            if reached(middle) {
                high = middle;
            } else {
                low = middle;
            }
        }
        high
    }

    fn continuous_quantile(&self, p: f64) -> f64 {
        if self.size < UNCOUNTABLE {
            return (self.mean / self.size * gamma_quantile(p, self.size, 1.0)).floor();
        }
        (self.mean + normal_quantile(p) * (self.mean / self.kept).sqrt()).ceil()
    }
}

/// A cumulative probability seen from the side where it is small.
#[derive(Debug, Clone, Copy)]
struct Target {
    upper: bool,
    tail: f64,
}

impl Target {
    fn of(p: f64) -> Target {
        if p > 0.5 { Target { upper: true, tail: 1.0 - p } } else { Target { upper: false, tail: p } }
    }

    fn side(self, (below, above): (f64, f64)) -> f64 {
        if self.upper { above } else { below }
    }

    fn reached(self, share: f64) -> bool {
        if self.upper { share <= self.tail * (1.0 + ROUNDING) } else { share >= self.tail * (1.0 - ROUNDING) }
    }
}

fn below(law: Law, k: f64) -> f64 {
    match () {
        () if !law.makes_sense() || k.is_nan() => f64::NAN,
        () if k < 0.0 => 0.0,
        () => law.shares(k.floor()).0,
    }
}

fn above(law: Law, k: f64) -> f64 {
    match () {
        () if !law.makes_sense() || k.is_nan() => f64::NAN,
        () if k < 0.0 => 1.0,
        () => law.shares(k.floor()).1,
    }
}

fn exactly(law: Law, k: f64) -> f64 {
    match () {
        () if !law.makes_sense() || k.is_nan() => f64::NAN,
        () if k < 0.0 || k.fract() != 0.0 => 0.0,
        () if law.mean == 0.0 => f64::from(u8::from(k == 0.0)),
        () => law.probability(k),
    }
}

/// Probability of exactly `k`. NaN when the mean is negative or infinite.
pub fn poisson_probability(k: f64, mean: f64) -> f64 {
    exactly(Law::of(f64::INFINITY, mean), k)
}

/// P(X ≤ k).
pub fn poisson_cdf(k: f64, mean: f64) -> f64 {
    below(Law::of(f64::INFINITY, mean), k)
}

/// P(X > k), with its own digits far out. Probability of at least `y` is the survival of y − 1.
pub fn poisson_survival(k: f64, mean: f64) -> f64 {
    above(Law::of(f64::INFINITY, mean), k)
}

/// The least count that is not exceeded with probability `p`; infinite at 1, NaN outside.
pub fn poisson_quantile(p: f64, mean: f64) -> f64 {
    Law::of(f64::INFINITY, mean).quantile(p)
}

/// Probability of exactly `k`. NaN when size is not positive or the mean negative or infinite.
pub fn negative_binomial_probability(k: f64, size: f64, mean: f64) -> f64 {
    exactly(Law::of(size, mean), k)
}

/// P(X ≤ k).
pub fn negative_binomial_cdf(k: f64, size: f64, mean: f64) -> f64 {
    below(Law::of(size, mean), k)
}

/// P(X > k), with its own digits far out. Probability of at least `y` is the survival of y − 1.
pub fn negative_binomial_survival(k: f64, size: f64, mean: f64) -> f64 {
    above(Law::of(size, mean), k)
}

/// The least count that is not exceeded with probability `p`; infinite at 1, NaN outside.
pub fn negative_binomial_quantile(p: f64, size: f64, mean: f64) -> f64 {
    Law::of(size, mean).quantile(p)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_geometric_is_a_negative_binomial_of_size_one() {
        // P(X > k) = (mean/(1+mean))^(k+1), to any depth.
        let mean = 3.0_f64;
        for k in [0.0, 1.0, 5.0, 60.0, 400.0] {
            let known = (mean / (1.0 + mean)).powf(k + 1.0);
            assert!((negative_binomial_survival(k, 1.0, mean) / known - 1.0).abs() < 1e-12, "{k}");
        }
    }

    #[test]
    fn poisson_tails_equal_their_first_terms() {
        // Far out the tail is its first term times 1 + λ/(k+2) + …
        let (k, mean) = (30.0_f64, 1.0_f64);
        let first = (-mean - libm::lgamma(k + 2.0)).exp();
        let known = first * (1.0 + 1.0 / 32.0 + 1.0 / (32.0 * 33.0) + 1.0 / (32.0 * 33.0 * 34.0));
        assert!((poisson_survival(k, mean) / known - 1.0).abs() < 1e-6);
        assert!((poisson_cdf(0.0, 2.0) - (-2.0_f64).exp()).abs() < 1e-15);
        assert_eq!((poisson_cdf(-1.0, 2.0), poisson_survival(-1.0, 2.0)), (0.0, 1.0));
    }

    #[test]
    fn a_tail_at_the_end_of_the_numbers_ends() {
        // Forty times the mean: from somewhere on the tail is below 1e-308, where numbers are few.
        for mean in [20.0, 45.7, 300.0] {
            for size in [3.0, 85.0, 1e4, f64::INFINITY] {
                let mut before = 1.0;
                for k in (0..12_000).step_by(7) {
                    let tail = negative_binomial_survival(f64::from(k), size, mean);
                    assert!(tail <= before, "{k} {size} {mean}: {tail} {before}");
                    before = tail;
                }
            }
        }
    }

    #[test]
    fn printed_quantiles() {
        // Tables of the Poisson distribution: 95 % at means 1, 10; 99 % at 100.
        assert_eq!(
            [poisson_quantile(0.95, 1.0), poisson_quantile(0.95, 10.0), poisson_quantile(0.99, 100.0)],
            [3.0, 15.0, 124.0]
        );
        assert_eq!(negative_binomial_quantile(0.0, 2.0, 3.0), 0.0);
        assert_eq!(negative_binomial_quantile(1.0, 2.0, 3.0), f64::INFINITY);
        assert!(negative_binomial_quantile(0.5, 0.0, 3.0).is_nan());
    }

    #[test]
    fn means_beyond_counting_are_answered() {
        let far = poisson_quantile(0.99, 1e28);
        assert!((far / 1e28 - 1.0).abs() < 1e-12 && far > 1e28);
        // A gamma of shape ½ scaled up: chi-square with one degree, 99 % at 6.634897.
        let skewed = negative_binomial_quantile(0.99, 0.5, 1e20);
        assert!((skewed / (1e20 * 6.634_896_601_021) - 1.0).abs() < 1e-9);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(400))]

        #[test]
        fn a_quantile_is_the_least_count_that_reaches(
            p in prop_oneof![0.0001..0.9999_f64, Just(1.0 - 1e-9), Just(1e-9)],
            log_size in -4.0..12.0_f64,
            log_mean in -5.0..12.0_f64,
            poisson: bool,
        ) {
            let size = if poisson { f64::INFINITY } else { log_size.exp() };
            let mean = log_mean.exp();
            let k = negative_binomial_quantile(p, size, mean);
            prop_assert!(negative_binomial_cdf(k, size, mean) >= p * (1.0 - 1e-10));
            prop_assert!(k == 0.0 || negative_binomial_survival(k - 1.0, size, mean) >= (1.0 - p) * (1.0 - 1e-6));
        }

        #[test]
        fn probabilities_are_the_steps_of_the_cumulative(
            log_size in -3.0..8.0_f64, log_mean in -3.0..7.0_f64, k in 0..500_u32,
        ) {
            let (size, mean, k) = (log_size.exp(), log_mean.exp(), f64::from(k));
            let step = negative_binomial_cdf(k, size, mean) - negative_binomial_cdf(k - 1.0, size, mean);
            prop_assert!((step - negative_binomial_probability(k, size, mean)).abs() < 1e-11);
        }
    }
}
