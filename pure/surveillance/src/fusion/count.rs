//! A count of known mean and variance: how often at least so many, and what is usual.
//!
//! Deliberately absent: estimation of the two; whoever asks has fitted them.

use stats::{negative_binomial_quantile, negative_binomial_survival, poisson_quantile, poisson_survival};

/// The negative binomial's size; `None` when so little variance is left over that it is a Poisson.
fn size(mean: f64, variance: f64) -> Option<f64> {
    (variance > mean * (1.0 + 1e-9)).then(|| mean * mean / (variance - mean))
}

/// P(X > count) + ½ P(X = count): the middle of the step at `count`. Its mean is ½ whatever the counts, which the plain tail
/// of a rare count is far from.
///
/// # Source
/// Lancaster 1961, JASA 56:223, doi:10.1080/01621459.1961.10482105.
pub fn middle_tail(count: f64, mean: f64, variance: f64) -> f64 {
    let above = |count: f64| match size(mean, variance) {
        _ if count < 0.0 => 1.0,
        Some(size) => negative_binomial_survival(count, size, mean),
        None => poisson_survival(count, mean),
    };
    0.5 * (above(count - 1.0) + above(count))
}

/// The least count that `share` of all do not exceed.
pub fn quantile(share: f64, mean: f64, variance: f64) -> f64 {
    match size(mean, variance) {
        Some(size) => negative_binomial_quantile(share, size, mean),
        None => poisson_quantile(share, mean),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_of_the_step_itself_counts() {
        // Poisson of mean 2: P(0) = e^−2.
        let none = (-2.0_f64).exp();
        assert!((middle_tail(0.0, 2.0, 2.0) - (1.0 - none / 2.0)).abs() < 1e-14);
        // Negative binomial of size 1 (geometric) and mean 3: P(X ≥ k) = (3/4)^k.
        assert!((middle_tail(4.0, 3.0, 12.0) - 0.5 * (0.75_f64.powi(4) + 0.75_f64.powi(5))).abs() < 1e-13);
        assert_eq!(quantile(0.5, 3.0, 12.0), 2.0);
    }
}
