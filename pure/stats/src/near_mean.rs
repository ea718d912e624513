//! The incomplete gamma function of a large shape near its mean, in a fixed number of steps.
//!
//! The series and the fraction of `special` need about √a steps there; Temme's expansion needs none. Counts of a
//! whole country have shapes in the millions.
//!
//! Deliberately absent: small shapes and far tails, for which it is not accurate.
//!
//! # Source
//! Temme 1979, SIAM J Math Anal 10:757-766, doi:10.1137/0510071; coefficients as in Temme 1992, IMA J Numer Anal
//! (DLMF 8.12.3 to 8.12.11), grown here from their recurrences.

use std::f64::consts::PI;
use std::sync::LazyLock;

/// From this shape on; with the orders below the first term left out is below 1e-16 of the correction.
pub(crate) const LEAST_SHAPE: f64 = 40.0;
/// Largest distance from the mean on the scale of η.
pub(crate) const REACH: f64 = 0.8;

/// Powers of 1/a.
const ORDERS: usize = 10;
/// Powers of η: the series converge for |η| < 2√π = 3.54, so at the reach each is worth a factor of 4.
const POWERS: usize = 26;
/// Every order uses up two powers of the one before.
const GROWN: usize = POWERS + 2 * ORDERS;

/// `COEFFICIENTS[k][n]` belongs to η^n / a^k.
static COEFFICIENTS: LazyLock<[[f64; POWERS]; ORDERS]> = LazyLock::new(coefficients);

/// λ = 1 + Σ α_n η^n solves ½η² = λ − 1 − ln λ; the first order is 1/(λ−1) − 1/η, each further one
/// (1/η) times the derivative of the one before, plus a multiple of 1/(λ−1) that removes the pole at 0.
fn coefficients() -> [[f64; POWERS]; ORDERS] {
    let mut alpha = [0.0; GROWN + 2];
    alpha[1] = 1.0;
    for n in 2..alpha.len() {
        let mixed: f64 = (2..n).map(|i| alpha[i] * alpha[n + 1 - i]).sum();
        alpha[n] = alpha[n - 1] / (n + 1) as f64 - 0.5 * mixed;
    }
    let mut first = [0.0; GROWN];
    for (n, value) in first.iter_mut().enumerate() {
        *value = (n + 2) as f64 * alpha[n + 2];
    }
    first[0] -= 1.0;

    let mut all = [[0.0; POWERS]; ORDERS];
    let mut order = first;
    for row in &mut all {
        row.copy_from_slice(&order[..POWERS]);
        let pole = order[1];
        let mut next = [0.0; GROWN];
        for n in 0..GROWN - 2 {
            next[n] = (n + 2) as f64 * order[n + 2] - pole * first[n];
        }
        order = next;
    }
    all
}

/// P(a, x) and Q(a, x) for a shape of at least [`LEAST_SHAPE`], or `None` when `x` is out of reach.
pub(crate) fn shares_near_mean(a: f64, x: f64) -> Option<(f64, f64)> {
    let excess = (x - a) / a;
    let half_square = above_logarithm(excess);
    let eta = (2.0 * half_square).sqrt().copysign(excess);
    if eta.abs() > REACH {
        return None;
    }
    let mut correction = 0.0;
    for row in COEFFICIENTS.iter().rev() {
        let order = row.iter().rev().fold(0.0, |sum, c| sum * eta + c);
        correction = correction / a + order;
    }
    correction *= (-a * half_square).exp() / (2.0 * PI * a).sqrt();
    let z = eta * (a / 2.0).sqrt();
    let (lower, upper) = (0.5 * libm::erfc(-z) - correction, 0.5 * libm::erfc(z) + correction);
    Some((lower.clamp(0.0, 1.0), upper.clamp(0.0, 1.0)))
}

/// m − ln(1 + m), which loses all digits near 0 when written so.
///
/// With r = m/(2+m) it is m·r − 2(r³/3 + r⁵/5 + …) (Abramowitz and Stegun 1964, 4.1.27).
pub(crate) fn above_logarithm(m: f64) -> f64 {
    if m.abs() > 0.1 {
        return m - m.ln_1p();
    }
    let r = m / (2.0 + m);
    let r2 = r * r;
    // The next term is below 1e-17 of the first.
    let tail = [1.0 / 3.0, 1.0 / 5.0, 1.0 / 7.0, 1.0 / 9.0, 1.0 / 11.0, 1.0 / 13.0];
    r * (m - 2.0 * r2 * tail.iter().rev().fold(0.0, |sum, c| sum * r2 + c))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Printed in DLMF 8.12.12: the values at η = 0.
    #[test]
    fn the_coefficients_grow_as_printed() {
        let at_zero =
            [-1.0 / 3.0, -1.0 / 540.0, 25.0 / 6_048.0, 101.0 / 155_520.0, -3_184_811.0 / 3_695_155_200.0];
        for (k, value) in at_zero.into_iter().enumerate() {
            assert!((COEFFICIENTS[k][0] / value - 1.0).abs() < 1e-9, "{k}: {}", COEFFICIENTS[k][0]);
        }
    }
}
