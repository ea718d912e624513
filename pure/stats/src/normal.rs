//! The normal distribution: its cumulative probability and its inverse.

use std::f64::consts::{FRAC_1_SQRT_2, PI, SQRT_2};

/// Probability that a standard normal variable is at most `z`. Accurate in both tails (through the
/// complementary error function), which sums of log-probabilities need.
pub fn normal_cdf(z: f64) -> f64 {
    0.5 * libm::erfc(-z * FRAC_1_SQRT_2)
}

pub(crate) fn normal_density(z: f64) -> f64 {
    (-0.5 * z * z).exp() / (2.0 * PI).sqrt()
}

/// The `z` below which a standard normal variable falls with probability `p`; infinite at 0 and 1, NaN
/// outside.
///
/// # Source
/// The start is the logistic approximation z ≈ ln(p/(1−p)) / 1.702 (Johnson, Kotz, Balakrishnan 1995, chapter
/// 23); Newton steps on the cumulative probability then carry it to the last digits.
pub fn normal_quantile(p: f64) -> f64 {
    if !(0.0..=1.0).contains(&p) {
        return f64::NAN;
    }
    if p == 0.0 || p == 1.0 {
        return if p == 0.0 { f64::NEG_INFINITY } else { f64::INFINITY };
    }
    // The lower tail keeps its relative precision; the upper one is its mirror.
    if p > 0.5 {
        return -normal_quantile(1.0 - p);
    }
    let (mut low, mut high) = (-40.0, 0.0);
    let mut z = ((p / (1.0 - p)).ln() / 1.702).clamp(low, high);
    for _ in 0..100 {
        let excess = normal_cdf(z) - p;
        if excess > 0.0 {
            high = z;
        } else {
            low = z;
        }
        let step = excess / normal_density(z);
        // A Newton step that leaves the bracket would overshoot in the tail; halving the bracket cannot.
        let next = if (low..=high).contains(&(z - step)) { z - step } else { f64::midpoint(low, high) };
        if (next - z).abs() <= 1e-15 * SQRT_2.max(z.abs()) {
            return next;
        }
        z = next;
    }
    z
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Reference values: the tables of the normal distribution, at the full precision statistical programs
    /// print.
    #[test]
    fn quantiles_equal_the_printed_table() {
        for (p, z) in [
            (0.975, 1.959_963_984_540_054),
            (0.995, 2.575_829_303_548_901),
            (0.5, 0.0),
            (0.05, -1.644_853_626_951_472_7),
            (1e-10, -6.361_340_902_404_056),
        ] {
            assert!((normal_quantile(p) - z).abs() < 1e-12 * (1.0 + z.abs()), "{p}: {}", normal_quantile(p));
        }
    }
}
