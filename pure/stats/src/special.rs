//! Incomplete gamma and beta functions: what the distributions of this crate are made of.
//!
//! # Source
//! Abramowitz and Stegun 1964, Handbook of Mathematical Functions: 6.5.29 (series), 6.5.31 (continued
//! fraction) and 26.5.8 (beta); continued fractions evaluated as in Lentz 1976, Applied Optics 15:668,
//! doi:10.1364/AO.15.000668. Large shapes near their mean are in `near_mean`.

use crate::near_mean::{LEAST_SHAPE, shares_near_mean};
use crate::saddle::{binomial_density, poisson_density};

/// Steps before giving up; both expansions need some √a, so this serves shapes up to a billion.
const MOST_STEPS: usize = 400_000;
const CLOSE_ENOUGH: f64 = 1e-15;
/// Keeps Lentz's division away from zero.
const TINY: f64 = 1e-300;

/// Regularised lower incomplete gamma P(a, x) and its complement Q(a, x), each to its own relative precision.
///
/// P(a, x) is the probability that a gamma variable of shape `a` and scale 1 is at most `x`; Q(n+1, x) that a Poisson
/// variable of mean `x` is at most `n`.
pub fn gamma_shares(a: f64, x: f64) -> (f64, f64) {
    if x <= 0.0 {
        return (0.0, 1.0);
    }
    if x == f64::INFINITY {
        return (1.0, 0.0);
    }
    if a >= LEAST_SHAPE
        && let Some(shares) = shares_near_mean(a, x)
    {
        return shares;
    }
    let front = gamma_front(a, x);
    // The series converges fast below the mean, the fraction above it.
    if x < a + 1.0 {
        let lower = (front * gamma_series(a, x)).min(1.0);
        (lower, 1.0 - lower)
    } else {
        let upper = (front * gamma_fraction(a, x)).min(1.0);
        (1.0 - upper, upper)
    }
}

/// x^a e^−x / Γ(a): x times the density of a gamma of shape `a` and scale 1.
pub(crate) fn gamma_front(a: f64, x: f64) -> f64 {
    a * poisson_density(a, x)
}

fn gamma_series(a: f64, x: f64) -> f64 {
    let mut term = 1.0 / a;
    let mut sum = term;
    for step in 1..MOST_STEPS {
        term *= x / (a + step as f64);
        sum += term;
        if term < sum * CLOSE_ENOUGH {
            break;
        }
    }
    sum
}

fn gamma_fraction(a: f64, x: f64) -> f64 {
    let mut b = x + 1.0 - a;
    let mut c = 1.0 / TINY;
    let mut d = 1.0 / b;
    let mut value = d;
    for step in 1..MOST_STEPS {
        let i = step as f64;
        let numerator = i * (a - i);
        b += 2.0;
        d = 1.0 / away_from_zero(numerator * d + b);
        c = away_from_zero(b + numerator / c);
        value *= d * c;
        if (d * c - 1.0).abs() < CLOSE_ENOUGH {
            break;
        }
    }
    value
}

/// Regularised incomplete beta I_x(a, b).
pub(crate) fn beta_share(a: f64, b: f64, x: f64) -> f64 {
    beta_shares(a, b, x, 1.0 - x).0
}

/// I_x(a, b) and what is left of 1. `y` is 1 − x, given apart because near 1 only it carries the digits.
pub(crate) fn beta_shares(a: f64, b: f64, x: f64, y: f64) -> (f64, f64) {
    if x <= 0.0 || y <= 0.0 {
        return if x <= 0.0 { (0.0, 1.0) } else { (1.0, 0.0) };
    }
    let front = beta_front(a, b, x, y);
    // The fraction converges fast below (a+1)/(a+b+2); above it the mirror image does.
    if x < (a + 1.0) / (a + b + 2.0) {
        let lower = (front * beta_fraction(a, b, x) / a).min(1.0);
        (lower, 1.0 - lower)
    } else {
        let upper = (front * beta_fraction(b, a, y) / b).min(1.0);
        (1.0 - upper, upper)
    }
}

/// x^a y^b / B(a, b): x·y times the density of a beta.
pub(crate) fn beta_front(a: f64, b: f64, x: f64, y: f64) -> f64 {
    binomial_density(a, b, x, y) * (a * b / (a + b))
}

fn beta_fraction(a: f64, b: f64, x: f64) -> f64 {
    let mut c = 1.0;
    let mut d = 1.0 / away_from_zero(1.0 - (a + b) * x / (a + 1.0));
    let mut value = d;
    for step in 1..MOST_STEPS {
        let m = step as f64;
        let even = m * (b - m) * x / ((a + 2.0 * m - 1.0) * (a + 2.0 * m));
        let odd = -(a + m) * (a + b + m) * x / ((a + 2.0 * m) * (a + 2.0 * m + 1.0));
        let mut factor = 1.0;
        for numerator in [even, odd] {
            d = 1.0 / away_from_zero(1.0 + numerator * d);
            c = away_from_zero(1.0 + numerator / c);
            factor = d * c;
            value *= factor;
        }
        if (factor - 1.0).abs() < CLOSE_ENOUGH {
            break;
        }
    }
    value
}

fn away_from_zero(value: f64) -> f64 {
    if value.abs() < TINY { TINY } else { value }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_gamma_of_shape_one_is_the_exponential() {
        for x in [0.01_f64, 0.5, 1.9, 2.1, 30.0] {
            let (lower, upper) = gamma_shares(1.0, x);
            assert!((upper / (-x).exp() - 1.0).abs() < 1e-13, "{x}");
            assert!((lower + (-x).exp_m1()).abs() < 1e-15, "{x}");
        }
    }

    const SHARES: [(f64, f64, f64, f64); 14] = [
        (0.3, 0.01, 0.279_240_996_359_014_9, 0.720_759_003_640_985_1),
        (2.5, 9.0, 0.997_053_595_412_119_7, 0.002_946_404_587_880_29),
        (19.5, 8.0, 0.000_407_968_234_526_443_4, 0.999_592_031_765_473_6),
        (20.5, 40.0, 0.999_743_637_293_698_6, 0.000_256_362_706_301_414_8),
        (39.9, 41.0, 0.589_107_697_096_215_2, 0.410_892_302_903_784_8),
        (40.0, 39.0, 0.457_551_282_871_296, 0.542_448_717_128_704),
        (40.0, 18.0, 5.336_543_180_031_458e-6, 0.999_994_663_456_82),
        (40.0, 80.0, 0.999_999_719_127_837_4, 2.808_721_626_042_096e-7),
        (100.0, 60.0, 1.481_527_632_646_047e-6, 0.999_998_518_472_367_4),
        (100.0, 250.0, 1.0, 1.173_701_770_449_358e-27),
        (1e4, 9_700.0, 0.001_234_175_584_468_492, 0.998_765_824_415_531_5),
        (1e4, 10_500.0, 0.999_999_572_412_754_5, 4.275_872_455_059_647e-7),
        (1e6, 1e6, 0.500_132_980_760_872_6, 0.499_867_019_239_127_4),
        (1e6, 1_004_000.0, 0.999_967_654_552_686_5, 3.234_544_731_347_768e-5),
    ];

    /// From 40-digit arithmetic: both tails, near and far from the mean, on each side of every border.
    #[test]
    fn shares_keep_their_digits_for_every_shape() {
        for (a, x, lower, upper) in SHARES {
            let got = gamma_shares(a, x);
            assert!((got.0 / lower - 1.0).abs() < 1e-11, "P({a}, {x}) = {}", got.0);
            assert!((got.1 / upper - 1.0).abs() < 1e-11, "Q({a}, {x}) = {}", got.1);
        }
    }

    #[test]
    fn a_beta_of_one_and_one_is_uniform() {
        for x in [0.1, 0.5, 0.9] {
            assert!((beta_share(1.0, 1.0, x) - x).abs() < 1e-14);
        }
    }

    proptest! {
        /// Abramowitz and Stegun 6.5.21: P(a+1, x) = P(a, x) − x^a e^−x / Γ(a+1). It crosses from the series
        /// to the fraction.
        #[test]
        fn one_step_in_shape_costs_one_term(a in 0.05..60.0_f64, x in 0.01..90.0_f64) {
            let term = (a * x.ln() - x - libm::lgamma(a + 1.0)).exp();
            prop_assert!((gamma_shares(a, x).0 - term - gamma_shares(a + 1.0, x).0).abs() < 1e-12);
        }

        #[test]
        fn a_beta_and_its_mirror_are_one(a in 0.1..40.0_f64, b in 0.1..40.0_f64, x in 0.001..0.999_f64) {
            prop_assert!((beta_share(a, b, x) + beta_share(b, a, 1.0 - x) - 1.0).abs() < 1e-12);
        }
    }
}
