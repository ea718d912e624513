//! The gamma distribution, and chi-square, which is one.
//!
//! Deliberately absent: fitting one to data; `delay.rs` does, as far as delays need it.

use crate::normal::normal_quantile;
use crate::special::{gamma_front, gamma_shares};

/// Probability that a gamma variable of `shape` and `scale` (mean shape × scale) is at most `x`.
pub fn gamma_cdf(x: f64, shape: f64, scale: f64) -> f64 {
    shares(x, shape, scale).map_or(f64::NAN, |(below, _)| below)
}

/// Probability that it is more than `x`, with its own digits far out.
pub fn gamma_survival(x: f64, shape: f64, scale: f64) -> f64 {
    shares(x, shape, scale).map_or(f64::NAN, |(_, above)| above)
}

fn shares(x: f64, shape: f64, scale: f64) -> Option<(f64, f64)> {
    let sensible = shape > 0.0 && scale > 0.0 && shape < f64::INFINITY && !x.is_nan();
    sensible.then(|| gamma_shares(shape, x / scale))
}

/// The `x` below which a gamma variable falls with probability `p`; infinite at 1, NaN outside.
///
/// # Source
/// The start is that of Wilson and Hilferty 1931, PNAS 17:684, doi:10.1073/pnas.17.12.684, or the first term of the series
/// where that is negative; Newton steps on the logarithms carry it to the last digits.
pub fn gamma_quantile(p: f64, shape: f64, scale: f64) -> f64 {
    let sensible = shape > 0.0 && scale > 0.0 && shape < f64::INFINITY;
    if !sensible || !(0.0..=1.0).contains(&p) {
        return f64::NAN;
    }
    if p == 0.0 || p == 1.0 {
        return if p == 0.0 { 0.0 } else { f64::INFINITY };
    }
    let ninth = 1.0 / (9.0 * shape);
    let cube = 1.0 - ninth + normal_quantile(p) * ninth.sqrt();
    let first_term = || ((p.ln() + libm::lgamma(shape + 1.0)) / shape).exp();
    let start = if cube > 0.3 { shape * cube.powi(3) } else { first_term() };
    // A start that underflows is the answer: no double lies nearer.
    if start < 1e-290 {
        return start * scale;
    }
    let upper = p > 0.5;
    let target = if upper { 1.0 - p } else { p };
    let mut at = start.ln();
    let (mut low, mut high) = (f64::NEG_INFINITY, f64::INFINITY);
    for _ in 0..100 {
        let x = at.exp();
        let (below, above) = gamma_shares(shape, x);
        let share = if upper { above } else { below };
        // Positive when x is too large, on the logarithm of the small tail.
        let excess = if upper { (target / share).ln() } else { (share / target).ln() };
        if excess > 0.0 {
            high = at;
        } else {
            low = at;
        }
        let step = excess * share / gamma_front(shape, x);
        let mut next = at - step;
        if !(next > low && next < high && next.is_finite()) {
            next = match (low.is_finite(), high.is_finite()) {
                (true, true) => f64::midpoint(low, high),
                (true, false) => low + 1.0,
                _ => high - 1.0,
            };
        }
        let moved = (next - at).abs();
        at = next;
        if moved <= 4.0 * f64::EPSILON * (1.0 + at.abs()) {
            break;
        }
    }
    at.exp() * scale
}

/// Probability that chi-square with `freedom` degrees is more than `x`.
pub fn chi_square_survival(x: f64, freedom: f64) -> f64 {
    gamma_survival(x, freedom / 2.0, 2.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn printed_values_of_chi_square() {
        for (p, freedom, x) in [(0.95, 1.0, 3.841_458_820_694_124), (0.99, 10.0, 23.209_251_158_954_36)] {
            assert!((gamma_quantile(p, freedom / 2.0, 2.0) / x - 1.0).abs() < 1e-12, "{freedom}");
            assert!((chi_square_survival(x, freedom) / (1.0 - p) - 1.0).abs() < 1e-11);
        }
    }

    proptest! {
        #[test]
        fn a_quantile_has_the_probability_asked_for(
            p in prop_oneof![0.001..0.999_f64, Just(1e-12), Just(1.0 - 1e-12)], log_shape in -3.0..14.0_f64,
        ) {
            let shape = log_shape.exp();
            let x = gamma_quantile(p, shape, 2.0);
            let (got, wanted) =
                if p > 0.5 { (gamma_survival(x, shape, 2.0), 1.0 - p) } else { (gamma_cdf(x, shape, 2.0), p) };
            prop_assert!((got / wanted - 1.0).abs() < 1e-9, "{} {}", got, wanted);
        }
    }
}
