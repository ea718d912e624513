//! The probability of one count, to the last digits however large the numbers are.
//!
//! Deliberately absent: cumulative probabilities, which are in `special.rs` and `counts.rs`.
//!
//! # Source
//! Loader 2000, "Fast and accurate computation of binomial probabilities": Stirling's error and the deviance are computed
//! apart, so that nothing large is subtracted from something large. The formulas hold for numbers that are no integers.

use std::f64::consts::PI;

/// ln √(2π)
const HALF_LOG_TWO_PI: f64 = 0.918_938_533_204_672_8;

/// ln Γ(n+1) less Stirling's approximation of it.
///
/// # Source
/// Abramowitz and Stegun 1964, 6.1.41.
fn stirling_error(n: f64) -> f64 {
    if n < 15.0 {
        return libm::lgamma(n + 1.0) - (n + 0.5) * n.ln() + n - HALF_LOG_TWO_PI;
    }
    let square = n * n;
    // Seven terms are exact to 1e-16 from 15 on.
    let terms = [
        1.0 / 12.0,
        1.0 / 360.0,
        1.0 / 1_260.0,
        1.0 / 1_680.0,
        1.0 / 1_188.0,
        691.0 / 360_360.0,
        1.0 / 156.0,
    ];
    let sum = terms.iter().rev().fold(0.0, |sum, term| term - sum / square);
    sum / n
}

/// x ln(x/m) + m − x without cancellation where x is near m.
fn deviance(x: f64, m: f64) -> f64 {
    if (x - m).abs() >= 0.1 * (x + m) {
        return x * (x / m).ln() + m - x;
    }
    let v = (x - m) / (x + m);
    let mut sum = (x - m) * v;
    let mut term = 2.0 * x * v;
    for step in 1..1_000 {
        term *= v * v;
        let next = sum + term / f64::from(2 * step + 1);
        if next == sum {
            break;
        }
        sum = next;
    }
    sum
}

/// x^n e^−x / Γ(n+1), the Poisson probability of `n` at mean `x`, for any n ≥ 0.
pub(crate) fn poisson_density(n: f64, x: f64) -> f64 {
    if x <= 0.0 {
        return if n == 0.0 { 1.0 } else { 0.0 };
    }
    if n <= 0.0 {
        return if n == 0.0 { (-x).exp() } else { 0.0 };
    }
    (-stirling_error(n) - deviance(n, x)).exp() / (2.0 * PI * n).sqrt()
}

/// Γ(n+m+1)/(Γ(n+1)Γ(m+1)) x^n y^m with x + y = 1, the binomial probability of `n` against `m`, for any n, m ≥ 0.
pub(crate) fn binomial_density(n: f64, m: f64, x: f64, y: f64) -> f64 {
    if n < 0.0 || m < 0.0 {
        return 0.0;
    }
    // The logarithm of the larger share through the smaller one, which carries the digits.
    let log = |share: f64, other: f64| if share > 0.5 { (-other).ln_1p() } else { share.ln() };
    if n == 0.0 {
        return if m == 0.0 { 1.0 } else { (m * log(y, x)).exp() };
    }
    if m == 0.0 {
        return (n * log(x, y)).exp();
    }
    let all = n + m;
    let errors = stirling_error(all) - stirling_error(n) - stirling_error(m);
    let exponent = errors - deviance(n, all * x) - deviance(m, all * y);
    exponent.exp() * (all / (2.0 * PI * n * m)).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_counts_are_what_multiplying_gives() {
        // e^−3 3^4/4! and 7!/(3!4!) 0.2³ 0.8⁴, by hand.
        assert!((poisson_density(4.0, 3.0) / (81.0 / 24.0 * (-3.0_f64).exp()) - 1.0).abs() < 1e-14);
        let by_hand = 35.0 * 0.008 * 0.4096;
        assert!((binomial_density(3.0, 4.0, 0.2, 0.8) / by_hand - 1.0).abs() < 1e-14);
    }

    #[test]
    fn a_million_keeps_its_digits() {
        // Stirling: 1/√(2πn) (1 − 1/(12n) + 1/(288n²)).
        let n = 1e6;
        let known = (1.0 - 1.0 / (12.0 * n) + 1.0 / (288.0 * n * n)) / (2.0 * PI * n).sqrt();
        assert!((poisson_density(n, n) / known - 1.0).abs() < 1e-14);
    }
}
