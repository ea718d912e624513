//! The beta distribution: shares between 0 and 1.
//!
//! Deliberately absent: fitting one to data.

use crate::special::{beta_front, beta_shares};

/// Probability that a beta variable of `a` and `b` (mean a/(a+b)) is at most `x`.
pub fn beta_cdf(x: f64, a: f64, b: f64) -> f64 {
    if a > 0.0 && b > 0.0 && !x.is_nan() { beta_shares(a, b, x, 1.0 - x).0 } else { f64::NAN }
}

/// The `x` below which a beta variable falls with probability `p`; NaN outside 0 to 1.
///
/// # Source
/// Newton steps on the logarithm of the cumulative probability against ln(x/(1−x)), halved where they leave the bracket.
pub fn beta_quantile(p: f64, a: f64, b: f64) -> f64 {
    if !(a > 0.0 && b > 0.0 && (0.0..=1.0).contains(&p)) {
        return f64::NAN;
    }
    if p == 0.0 || p == 1.0 {
        return p;
    }
    let upper = p > 0.5;
    let target = if upper { 1.0 - p } else { p };
    let mut at = (a / b).ln();
    // ln(x/(1−x)) of the smallest double, and of what is nearest to 1 seen from the other side.
    let (mut low, mut high) = (-700.0, 700.0);
    for _ in 0..200 {
        let (x, y) = (1.0 / (1.0 + (-at).exp()), 1.0 / (1.0 + at.exp()));
        let (below, above) = beta_shares(a, b, x, y);
        let share = if upper { above } else { below };
        let excess = if upper { (target / share).ln() } else { (share / target).ln() };
        if excess > 0.0 {
            high = at;
        } else {
            low = at;
        }
        let step = excess * share / beta_front(a, b, x, y);
        let next = if at - step > low && at - step < high { at - step } else { f64::midpoint(low, high) };
        let moved = (next - at).abs();
        at = next;
        if moved <= 4.0 * f64::EPSILON * (1.0 + at.abs()) {
            break;
        }
    }
    1.0 / (1.0 + (-at).exp())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_power_is_a_beta_of_b_one() {
        // P(X ≤ x) = x^a.
        assert!((beta_cdf(0.3, 2.0, 1.0) - 0.09).abs() < 1e-15);
        assert!((beta_quantile(0.09, 2.0, 1.0) - 0.3).abs() < 1e-14);
        // Clopper-Pearson 95 % of 0 in 10: 1 − 0.025^(1/10).
        assert!((beta_quantile(0.975, 1.0, 10.0) - (1.0 - 0.025_f64.powf(0.1))).abs() < 1e-14);
    }

    proptest! {
        #[test]
        fn a_quantile_has_the_probability_asked_for(
            p in 0.001..0.999_f64, log_a in -1.0..8.0_f64, log_b in -1.0..8.0_f64,
        ) {
            let (a, b) = (log_a.exp(), log_b.exp());
            prop_assert!((beta_cdf(beta_quantile(p, a, b), a, b) - p).abs() < 1e-9);
        }
    }
}
