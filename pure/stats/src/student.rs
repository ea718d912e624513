//! Student's t: how far the mean of a small sample may stray.

use crate::special::{beta_share, beta_shares};

/// The value below which Student's t with `freedom` degrees of freedom falls with probability `p`.
/// Infinite at 0 and 1; NaN when `freedom` is not positive. Absolute error below 1e-9 for |t| < 1000.
///
/// # Source
/// Cumulative probability through the incomplete beta function (Abramowitz and Stegun 1964, 26.7.1), inverted
/// by bisection.
pub fn student_quantile(p: f64, freedom: f64) -> f64 {
    if freedom <= 0.0 || !(0.0..=1.0).contains(&p) {
        return f64::NAN;
    }
    if p < 0.5 {
        return -student_quantile(1.0 - p, freedom);
    }
    if p >= 1.0 {
        return f64::INFINITY;
    }
    let upper_tail = |t: f64| 0.5 * beta_share(freedom / 2.0, 0.5, freedom / (freedom + t * t));
    let (mut low, mut high) = (0.0, 1.0);
    while upper_tail(high) > 1.0 - p && high < 1e12 {
        high *= 2.0;
    }
    // 200 halvings end at the last digit of a double from any such bracket.
    for _ in 0..200 {
        let middle = f64::midpoint(low, high);
        if upper_tail(middle) > 1.0 - p {
            low = middle;
        } else {
            high = middle;
        }
    }
    f64::midpoint(low, high)
}

/// Probability that Student's t with `freedom` degrees of freedom lies at least as far from 0 as `t`, on either side. NaN when
/// `freedom` is not positive.
///
/// # Source
/// Abramowitz and Stegun 1964, 26.7.1.
pub fn student_two_sided(t: f64, freedom: f64) -> f64 {
    if freedom <= 0.0 || t.is_nan() {
        return f64::NAN;
    }
    let square = t * t;
    if square == f64::INFINITY {
        return 0.0;
    }
    let (x, y) = (freedom / (freedom + square), square / (freedom + square));
    beta_shares(freedom / 2.0, 0.5, x, y).0
}

/// The probability that Student's t with a whole number of degrees of freedom is at least `t`. NaN for none of them.
///
/// # Source
/// Abramowitz and Stegun 1964, 26.7.3 and 26.7.4: a finite sum, cheaper than the incomplete beta function
/// (26.7.1), which takes over far out, where the sum would cancel.
pub fn student_tail(t: f64, freedom: u32) -> f64 {
    if freedom == 0 || t.is_nan() {
        return f64::NAN;
    }
    if t.is_infinite() {
        return if t > 0.0 { 0.0 } else { 1.0 };
    }
    let n = f64::from(freedom);
    // With a tan θ = t/√n, these are cos² θ and sin θ.
    let cos2 = n / (n + t * t);
    let sin = t / (n + t * t).sqrt();
    let even = freedom.is_multiple_of(2);
    let (mut term, mut sum) = if even { (1.0, 1.0) } else { (cos2.sqrt(), cos2.sqrt()) };
    let mut step = if even { 2 } else { 3 };
    while step < freedom {
        let k = f64::from(step);
        term *= cos2 * (k - 1.0) / k;
        sum += term;
        step += 2;
    }
    let inside = match freedom {
        1 => std::f64::consts::FRAC_2_PI * (t / n.sqrt()).atan(),
        _ if even => sin * sum,
        _ => std::f64::consts::FRAC_2_PI * ((t / n.sqrt()).atan() + sin * sum),
    };
    let tail = 0.5 * (1.0 - inside);
    if tail > 1e-8 { tail } else { 0.5 * beta_share(n / 2.0, 0.5, cos2) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_degree_is_the_arctangent() {
        for t in [0.1_f64, 1.0, 12.706, 1e5] {
            let known = 1.0 - 2.0 / std::f64::consts::PI * t.atan();
            assert!((student_two_sided(t, 1.0) - known).abs() < 1e-14, "{t}");
            assert_eq!(student_two_sided(-t, 1.0), student_two_sided(t, 1.0));
        }
    }

    /// The finite sums against the incomplete beta function, on both sides of the place where one takes over from the other.
    #[test]
    fn a_tail_is_what_the_quantile_leaves() {
        for freedom in 1..12_u32 {
            for p in [1e-10, 1e-9, 1e-4, 0.02, 0.3, 0.5, 0.9] {
                let t = -student_quantile(p, f64::from(freedom));
                let left = student_tail(t, freedom);
                assert!((left / p - 1.0).abs() < 1e-5, "{freedom} {p} {left}");
            }
        }
        assert!(student_tail(f64::NAN, 6).is_nan() && student_tail(1.0, 0).is_nan());
        assert_eq!((student_tail(f64::INFINITY, 6), student_tail(f64::NEG_INFINITY, 6)), (0.0, 1.0));
    }

    /// Reference values: the printed tables of Student's t (0.975), to the six digits of R's `qt`.
    #[test]
    fn quantiles_equal_the_printed_table() {
        for (freedom, t) in [(1.0, 12.706_205), (2.0, 4.302_653), (10.0, 2.228_139), (55.0, 2.004_045)] {
            assert!((student_quantile(0.975, freedom) - t).abs() < 1e-6, "{freedom}");
            assert!((student_quantile(0.025, freedom) + t).abs() < 1e-6, "{freedom}");
        }
        assert!((student_quantile(0.975, 1e9) - 1.959_964).abs() < 1e-6);
    }
}
