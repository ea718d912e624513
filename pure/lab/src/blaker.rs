//! Blaker's exact interval of a proportion: never wider than Clopper and Pearson's, at the same guarantee.
//!
//! # Source
//! Blaker 2000 (docs/sources.md#blaker-2000). Solved at its jumps and between them, not searched on a grid.

use crate::halving::turn;
use stats::{beta_cdf, clopper_pearson};

/// `n` of `of`, both ends from 0 to 1.
pub(crate) fn blaker(n: u64, of: u64, level: f64) -> (f64, f64) {
    let alpha = 1.0 - level;
    (lower(n, of, alpha), 1.0 - lower(of - n, of, alpha))
}

/// As binGroup2 1.3 finds it: from the ends of Clopper and Pearson inwards, as long as the next step is not acceptable.
pub(crate) fn blaker_in_steps(n: u64, of: u64, level: f64) -> (f64, f64) {
    const STEP: f64 = 1e-4;
    let (mut low, mut high) = clopper_pearson(n, of, level);
    while n > 0 && by_quantiles(n, of, low + STEP) < 1.0 - level {
        low += STEP;
    }
    while n < of && by_quantiles(n, of, high - STEP) < 1.0 - level {
        high -= STEP;
    }
    (low, high)
}

/// Acceptability as that program has it: the smaller of each tail with what is no likelier on the other side.
fn by_quantiles(n: u64, of: u64, share: f64) -> f64 {
    let (above, below) = (at_least(n, of, share), at_most(n, of, share));
    // The least number that is not exceeded with that probability.
    let quantile = |p: f64| {
        let (mut from, mut to) = (0, of);
        while from < to {
            let middle = u64::midpoint(from, to);
            if at_most(middle, of, share) >= p { to = middle } else { from = middle + 1 }
        }
        from
    };
    let low = quantile(above);
    let high = quantile(1.0 - below);
    let left = if low == 0 { 0.0 } else { at_most(low - 1, of, share) };
    let right = if high >= of { 0.0 } else { at_least(high + 1, of, share) };
    (above + left).min(below + right)
}

/// P(X ≥ n) and P(X ≤ n) of a binomial.
fn at_least(n: u64, of: u64, share: f64) -> f64 {
    if n == 0 { 1.0 } else { beta_cdf(share, n as f64, (of - n + 1) as f64) }
}

pub(crate) fn at_most(n: u64, of: u64, share: f64) -> f64 {
    if n >= of { 1.0 } else { beta_cdf(1.0 - share, (of - n) as f64, (n + 1) as f64) }
}

/// The least share whose acceptability reaches `alpha`. Below n/of acceptability is P(X ≥ n) + P(X ≤ k), k the largest number
/// that is no likelier than that from below; k rises with the share, at each rise by a jump.
fn lower(n: u64, of: u64, alpha: f64) -> f64 {
    if n == 0 {
        return 0.0;
    }
    let whole = n as f64 / of as f64;
    // Where P(X ≤ k) has fallen to P(X ≥ n).
    let jump = |k: u64| least(0.0, 1.0, |share| at_least(n, of, share) >= at_most(k, of, share));
    let reached = |k: u64| at_least(n, of, jump(k)) >= alpha / 2.0;
    // The first k at whose jump acceptability reaches alpha, by halving; at k = n − 1 both tails are a half.
    let (mut from, mut to) = (0, n - 1);
    while from < to {
        let middle = u64::midpoint(from, to);
        if reached(middle) { to = middle } else { from = middle + 1 }
    }
    let end = jump(to);
    // Before its jump: still with k − 1, where it falls from below alpha and may rise to it again.
    let before = |share: f64| at_least(n, of, share) + if to == 0 { 0.0 } else { at_most(to - 1, of, share) };
    let begin = if to == 0 { 0.0 } else { jump(to - 1) };
    if before(end) < alpha {
        return end.min(whole);
    }
    least(begin, end, |share| before(share) >= alpha)
}

/// The least share between two at which `holds`; it does at the higher.
fn least(low: f64, high: f64, holds: impl Fn(f64) -> bool) -> f64 {
    turn(high, low, holds).0
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The definition: how often a result at least as far out as this one comes about, by the smaller tail.
    fn acceptability(n: u64, of: u64, share: f64) -> f64 {
        let chance = |k: u64| at_most(k, of, share) - if k == 0 { 0.0 } else { at_most(k - 1, of, share) };
        let tail = |k: u64| at_least(k, of, share).min(at_most(k, of, share));
        (0..=of).filter(|k| tail(*k) <= tail(n) * (1.0 + 1e-12)).map(chance).sum()
    }

    proptest! {
        #[test]
        fn the_ends_are_where_acceptability_reaches_alpha(of in 1_u64..40, part in 0.0..=1.0_f64) {
            let n = (part * of as f64).round() as u64;
            let (low, high) = blaker(n, of, 0.95);
            let (wide_low, wide_high) = clopper_pearson(n, of, 0.95);
            prop_assert!(wide_low <= low + 1e-12 && high <= wide_high + 1e-12, "{low} {high}");
            let share = n as f64 / of as f64;
            prop_assert!(low <= share && share <= high);
            // Outside the ends nothing is acceptable; just inside it is.
            for step in 1..=40 {
                let below = low * (1.0 - f64::from(step) / 40.0) - 1e-9;
                if below > 0.0 {
                    prop_assert!(acceptability(n, of, below) < 0.05 + 1e-7, "{below} below {low}");
                }
                let above = high + (1.0 - high) * f64::from(step) / 40.0 + 1e-9;
                if above < 1.0 {
                    prop_assert!(acceptability(n, of, above) < 0.05 + 1e-7, "{above} above {high}");
                }
            }
            if n > 0 {
                prop_assert!(acceptability(n, of, low + 1e-9) >= 0.05 - 1e-6);
            }
        }
    }
}
