//! Ill and well, exposed and not: what a table of four numbers says about a suspected source.
//!
//! Deliberately absent: strata and matching. A table that hides a third cause says so in no number.

use crate::normal::normal_quantile;

/// People counted by exposure and illness.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct TwoByTwo {
    pub exposed_ill: u64,
    pub exposed_well: u64,
    pub unexposed_ill: u64,
    pub unexposed_well: u64,
}

/// A number with its interval; `low` may be 0 and `high` infinite. `value` is NaN where nothing is told.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Ratio {
    pub value: f64,
    pub low: f64,
    pub high: f64,
}

/// How the middle of a discrete distribution is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exactness {
    /// What was observed counts whole in both tails: never too narrow.
    Conditional,
    /// What was observed counts half: right on average, and shorter.
    MidP,
}

impl TwoByTwo {
    pub fn exposed(&self) -> u64 {
        self.exposed_ill + self.exposed_well
    }

    pub fn unexposed(&self) -> u64 {
        self.unexposed_ill + self.unexposed_well
    }

    pub fn ill(&self) -> u64 {
        self.exposed_ill + self.unexposed_ill
    }

    /// Share of the ill who were exposed: what the source would explain. NaN when nobody is ill.
    pub fn explains(&self) -> f64 {
        self.exposed_ill as f64 / self.ill() as f64
    }

    /// Attack rate of the exposed over that of the others, with the score interval at `level` (such as 0.95).
    ///
    /// # Source
    /// Koopman 1984, Confidence intervals for the ratio of two binomial proportions, Biometrics 40:513-517. Not exact: exact
    /// intervals of a ratio of risks are not unique. It holds its level for small counts and with none.
    pub fn risk_ratio(&self, level: f64) -> Ratio {
        let (x1, n1) = (self.exposed_ill as f64, self.exposed() as f64);
        let (x0, n0) = (self.unexposed_ill as f64, self.unexposed() as f64);
        let value = (x1 / n1) / (x0 / n0);
        if n1 == 0.0 || n0 == 0.0 || self.ill() == 0 {
            return Ratio { value: f64::NAN, low: 0.0, high: f64::INFINITY };
        }
        let z = normal_quantile(0.5 + level / 2.0);
        let score = |log_ratio: f64| {
            let ratio = log_ratio.exp();
            let (a, b) = (ratio * (n1 + n0), -(n1 * ratio + x1 + n0 + x0 * ratio));
            // The root below 1, written so that nothing cancels.
            let p0 = 2.0 * (x1 + x0) / (-b + (b * b - 4.0 * a * (x1 + x0)).max(0.0).sqrt());
            let p1 = (p0 * ratio).min(1.0);
            let variance = p1 * (1.0 - p1) / n1 + ratio * ratio * p0 * (1.0 - p0).max(0.0) / n0;
            (x1 / n1 - ratio * x0 / n0) / variance.sqrt()
        };
        let low = if x1 == 0.0 { 0.0 } else { crossing(|log_ratio| z - score(log_ratio)).exp() };
        let high = if x0 == 0.0 { f64::INFINITY } else { crossing(|log_ratio| -z - score(log_ratio)).exp() };
        Ratio { value, low, high }
    }

    /// The odds ratio given the margins: the conditional maximum-likelihood estimate and its interval at `level`.
    ///
    /// # Source
    /// Fisher 1935, The logic of inductive inference, J R Stat Soc 98:39-82; mid-p: Rothman and Greenland 1998, Modern
    /// Epidemiology, 2nd edition, chapter 14 (docs/sources.md#rothman-1998). Equal to R's `fisher.test` and epitools' `or.midp`
    /// limits.
    pub fn odds_ratio(&self, level: f64, exactness: Exactness) -> Ratio {
        let given = GivenMargins::of(self);
        if given.lowest == given.highest {
            return Ratio { value: f64::NAN, low: 0.0, high: f64::INFINITY };
        }
        let half = (1.0 - level) / 2.0;
        let share_of_seen = if exactness == Exactness::MidP { 0.5 } else { 1.0 };
        let above = |log_odds: f64| given.tails(log_odds, share_of_seen).1;
        let below = |log_odds: f64| given.tails(log_odds, share_of_seen).0;
        let (at_lowest, at_highest) = (given.seen == given.lowest, given.seen == given.highest);
        let seen = given.seen as f64;
        Ratio {
            value: match (at_lowest, at_highest) {
                (true, _) => 0.0,
                (_, true) => f64::INFINITY,
                _ => crossing(|log_odds| given.mean(log_odds) - seen).exp(),
            },
            low: if at_lowest { 0.0 } else { crossing(|log_odds| above(log_odds) - half).exp() },
            high: if at_highest { f64::INFINITY } else { crossing(|log_odds| half - below(log_odds)).exp() },
        }
    }

    /// Probability, were exposure nothing to do with illness, of a table as improbable as this or more (Fisher's exact test).
    pub fn p_value(&self) -> f64 {
        let given = GivenMargins::of(self);
        let shares = given.shares(0.0);
        let seen = shares[(given.seen - given.lowest) as usize];
        // Equal probabilities differ in their last digits by the way they were summed; R allows as much.
        shares.iter().filter(|share| **share <= seen * (1.0 + 1e-7)).sum::<f64>().min(1.0)
    }
}

/// How many of the ill were exposed, when all four margins stand.
struct GivenMargins {
    lowest: u64,
    highest: u64,
    seen: u64,
    /// Logarithms of the ways to get each number from `lowest` to `highest`, up to a constant.
    log_ways: Vec<f64>,
}

impl GivenMargins {
    fn of(table: &TwoByTwo) -> GivenMargins {
        let (ill, exposed, unexposed) = (table.ill(), table.exposed(), table.unexposed());
        let lowest = ill.saturating_sub(unexposed);
        let highest = ill.min(exposed);
        let mut log_ways = vec![0.0];
        for x in lowest..highest {
            // One more of the ill among the exposed, one fewer among the others.
            let more = (exposed - x) as f64 * (ill - x) as f64;
            let fewer = (x + 1) as f64 * (unexposed + x + 1 - ill) as f64;
            log_ways.push(log_ways[log_ways.len() - 1] + (more / fewer).ln());
        }
        GivenMargins { lowest, highest, seen: table.exposed_ill, log_ways }
    }

    fn shares(&self, log_odds: f64) -> Vec<f64> {
        let logs: Vec<f64> =
            self.log_ways.iter().enumerate().map(|(more, ways)| ways + more as f64 * log_odds).collect();
        let largest = logs.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let mut shares: Vec<f64> = logs.iter().map(|log| (log - largest).exp()).collect();
        let whole: f64 = shares.iter().sum();
        shares.iter_mut().for_each(|share| *share /= whole);
        shares
    }

    fn mean(&self, log_odds: f64) -> f64 {
        let more: f64 =
            self.shares(log_odds).iter().enumerate().map(|(more, share)| more as f64 * share).sum();
        self.lowest as f64 + more
    }

    /// Fewer and more than seen, each with that share of seen itself.
    fn tails(&self, log_odds: f64, share_of_seen: f64) -> (f64, f64) {
        let shares = self.shares(log_odds);
        let seen = (self.seen - self.lowest) as usize;
        let part = share_of_seen * shares[seen];
        (shares[..seen].iter().sum::<f64>() + part, shares[seen + 1..].iter().sum::<f64>() + part)
    }
}

/// Where a function that only grows is 0, on the scale of logarithms.
fn crossing(growing: impl Fn(f64) -> f64) -> f64 {
    let (mut low, mut high) = (-60.0, 60.0);
    for _ in 0..120 {
        let middle = f64::midpoint(low, high);
        if growing(middle) < 0.0 {
            low = middle;
        } else {
            high = middle;
        }
    }
    f64::midpoint(low, high)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn table(exposed_ill: u64, exposed_well: u64, unexposed_ill: u64, unexposed_well: u64) -> TwoByTwo {
        TwoByTwo { exposed_ill, exposed_well, unexposed_ill, unexposed_well }
    }

    /// R looks for its limits between 0 and 1, of the ratio or of one over it, to 0.00012; the property below holds ours to more.
    fn close(found: f64, expected: f64) {
        let small = |ratio: f64| ratio.min(1.0 / ratio);
        assert!((small(found) - small(expected)).abs() < 0.000_13, "{found}, {expected}");
    }

    /// The examples of R's `fisher.test`, with the numbers its manual prints: Fisher's tea, and the convictions of twins.
    #[test]
    fn odds_ratios_equal_those_of_r() {
        let tea = table(3, 1, 1, 3);
        let ratio = tea.odds_ratio(0.95, Exactness::Conditional);
        close(ratio.value, 6.408_309);
        // One-sided at 95 % is two-sided at 90 %.
        close(tea.odds_ratio(0.90, Exactness::Conditional).low, 0.313_569_3);
        close(tea.p_value(), 0.485_714_3);
        let twins = table(2, 15, 10, 3);
        let ratio = twins.odds_ratio(0.95, Exactness::Conditional);
        close(ratio.value, 0.046_936_61);
        close(ratio.low, 0.003_325_764);
        close(ratio.high, 0.363_182_271);
        assert!((twins.p_value() - 0.000_536_7).abs() < 1e-7);
        let sure = twins.odds_ratio(0.99, Exactness::Conditional);
        close(sure.low, 0.001_386_333);
        close(sure.high, 0.578_851_645);
    }

    /// Koopman 1984, the example of the paper: 36 of 40 against 16 of 80.
    #[test]
    fn the_risk_ratio_is_that_of_koopman() {
        let ratio = table(36, 4, 16, 64).risk_ratio(0.95);
        assert!((ratio.value - 4.5).abs() < 1e-12);
        assert!((ratio.low - 2.94).abs() < 0.005 && (ratio.high - 7.15).abs() < 0.005, "{ratio:?}");
    }

    /// The church supper of Oswego 1940, as CDC's course prints it: vanilla ice cream, 43 of 54 and 3 of 21 fell ill.
    #[test]
    fn the_ice_cream_of_oswego() {
        let ice_cream = table(43, 11, 3, 18);
        assert!((ice_cream.risk_ratio(0.95).value - 5.57).abs() < 0.005);
        assert!(ice_cream.odds_ratio(0.95, Exactness::Conditional).low > 5.0);
        assert!(ice_cream.p_value() < 1e-6);
        let baked_ham = table(29, 17, 17, 12);
        assert!(baked_ham.odds_ratio(0.95, Exactness::MidP).low < 1.0);
    }

    #[test]
    fn nobody_ill_nobody_exposed_and_none_among_the_others_have_an_answer() {
        for empty in [table(0, 5, 0, 7), table(0, 0, 3, 4), table(3, 4, 0, 0), table(0, 0, 0, 0)] {
            let (odds, risk) = (empty.odds_ratio(0.95, Exactness::MidP), empty.risk_ratio(0.95));
            assert!(odds.value.is_nan() && odds.low == 0.0 && odds.high == f64::INFINITY);
            assert!(risk.value.is_nan() && risk.low == 0.0 && risk.high == f64::INFINITY);
            assert!((empty.p_value() - 1.0).abs() < 1e-12);
        }
        let all = table(9, 1, 0, 10);
        let (odds, risk) = (all.odds_ratio(0.95, Exactness::Conditional), all.risk_ratio(0.95));
        assert!(odds.high == f64::INFINITY && odds.low > 1.0, "{odds:?}");
        assert!(risk.high == f64::INFINITY && risk.low > 1.0, "{risk:?}");
    }

    fn binomial(n: u64, k: u64) -> f64 {
        (0..k).map(|i| (n - i) as f64 / (i + 1) as f64).product()
    }

    proptest! {
        #[test]
        fn at_its_ends_an_interval_leaves_the_tails_asked_for(
            a in 1_u64..12, b in 1_u64..12, c in 1_u64..12, d in 1_u64..12, level in 0.5..0.99_f64,
        ) {
            let table = table(a, b, c, d);
            let ways = |x: u64, odds: f64| binomial(a + b, x) * binomial(c + d, a + c - x) * odds.powi(x as i32);
            let share = |numbers: std::ops::RangeInclusive<u64>, odds: f64| {
                let all = (a + c).saturating_sub(c + d)..=(a + c).min(a + b);
                numbers.map(|x| ways(x, odds)).sum::<f64>() / all.map(|x| ways(x, odds)).sum::<f64>()
            };
            let (half, highest) = ((1.0 - level) / 2.0, (a + c).min(a + b));
            let lowest = (a + c).saturating_sub(c + d);
            for (exactness, of_seen) in [(Exactness::Conditional, 0.0), (Exactness::MidP, 0.5)] {
                let ratio = table.odds_ratio(level, exactness);
                let above = share(a..=highest, ratio.low) - of_seen * share(a..=a, ratio.low);
                let below = share(lowest..=a, ratio.high) - of_seen * share(a..=a, ratio.high);
                prop_assert!((above - half).abs() < 1e-9 && (below - half).abs() < 1e-9, "{above} {below} {half}");
                prop_assert!(ratio.low < ratio.value && ratio.value < ratio.high);
            }
        }
    }
}
