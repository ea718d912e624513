//! Cumulative sums of likelihood ratios for shares: positives out of tests, or each of several kinds out of all.
//!
//! Deliberately absent: where the two sets of shares come from; a regression by season, or a rule, tells them.

/// One step: how many of each kind, and the share of each kind when all is well and when it is not. Shares are above 0 and add up
/// to 1.
#[derive(Debug, Clone, PartialEq)]
pub struct Kinds {
    pub counts: Vec<f64>,
    pub normal: Vec<f64>,
    pub changed: Vec<f64>,
}

impl Kinds {
    /// Positives out of `tested`.
    pub fn positives(positives: f64, tested: f64, normal: f64, changed: f64) -> Kinds {
        Kinds {
            counts: vec![positives, tested - positives],
            normal: vec![normal, 1.0 - normal],
            changed: vec![changed, 1.0 - changed],
        }
    }

    /// The logarithm of the likelihood ratio; the multinomial coefficient is the same on both sides.
    fn ratio(&self) -> f64 {
        let terms = self.counts.iter().zip(&self.changed).zip(&self.normal);
        terms
            .map(
                |((count, changed), normal)| if *count > 0.0 { count * (changed / normal).ln() } else { 0.0 },
            )
            .sum()
    }
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Sum {
    /// `None`: nothing was counted in this step, or the shares are no shares.
    pub sum: Option<f64>,
    pub alarm: Option<bool>,
}

/// S_t = max(0, S_{t−1} + ln ratio), with an alarm and a new beginning when S_t > h.
///
/// # Source
/// Höhle 2010, "Online change-point detection in categorical time series", in Statistical Modelling and Regression Structures,
/// doi:10.1007/978-3-7908-2413-1_20; for one share Steiner, Cook, Farewell and Treasure 2000, Biostatistics 1:441-452,
/// doi:10.1093/biostatistics/1.4.441.
pub fn detect_changed_shares(steps: &[Kinds], h: f64) -> Vec<Sum> {
    let mut sum = 0.0_f64;
    steps
        .iter()
        .map(|step| {
            let next = (sum + step.ratio()).max(0.0);
            if !step.ratio().is_finite() {
                return Sum { sum: None, alarm: None };
            }
            let alarm = next > h;
            sum = if alarm { 0.0 } else { next };
            Sum { sum: Some(next), alarm: Some(alarm) }
        })
        .collect()
}

/// For each step the smallest number of the first of two kinds that would alarm, given the steps before; `None` when not even all
/// would.
pub fn smallest_alarming(steps: &[Kinds], h: f64) -> Vec<Option<f64>> {
    let sums = detect_changed_shares(steps, h);
    let mut before = 0.0;
    steps
        .iter()
        .zip(sums)
        .map(|(step, now)| {
            let of = step.counts.iter().sum::<f64>();
            let alarms = |count: f64| {
                let asked = Kinds { counts: vec![count, of - count], ..step.clone() };
                before + asked.ratio() > h
            };
            // The ratio grows by the same amount with each one more, so the first is near where a straight line crosses h.
            let (none, one) = (0.0, 1.0_f64.min(of));
            let at = |count: f64| Kinds { counts: vec![count, of - count], ..step.clone() }.ratio();
            let slope = (at(one) - at(none)) / one;
            let guess = ((h - before - at(none)) / slope).floor().max(0.0);
            let found = [guess, guess + 1.0].into_iter().find(|count| *count <= of && alarms(*count));
            before = if now.alarm == Some(true) { 0.0 } else { now.sum.unwrap_or(before) };
            if slope > 0.0 { found } else { None }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn one_share_by_hand() {
        // 3 of 10, share 0.1 or 0.3: 3 ln 3 + 7 ln(7/9).
        let ratio = 3.0 * 3.0_f64.ln() + 7.0 * (7.0_f64 / 9.0).ln();
        let steps = vec![Kinds::positives(3.0, 10.0, 0.1, 0.3); 3];
        let sums = detect_changed_shares(&steps, 2.5);
        assert!((sums[0].sum.unwrap() - ratio).abs() < 1e-12 && sums[0].alarm == Some(false));
        assert!((sums[1].sum.unwrap() - 2.0 * ratio).abs() < 1e-12 && sums[1].alarm == Some(true));
        assert_eq!(sums[2], sums[0]);
    }

    #[test]
    fn a_share_of_nothing_is_no_share() {
        let sums = detect_changed_shares(&[Kinds::positives(3.0, 10.0, 0.0, 0.3)], 2.5);
        assert_eq!(sums, [Sum { sum: None, alarm: None }]);
    }

    proptest! {
        #[test]
        fn the_smallest_alarming_number_alarms_and_one_less_does_not(
            positives in proptest::collection::vec(0_u32..8, 5), of in 8_u32..60, normal in 0.02..0.3_f64, times in 1.2..3.0_f64,
        ) {
            let mut steps: Vec<Kinds> = positives
                .iter()
                .map(|p| Kinds::positives(f64::from(*p), f64::from(of), normal, normal * times))
                .collect();
            if let Some(smallest) = smallest_alarming(&steps, 4.0)[4] {
                for (count, alarms) in [(smallest, true), (smallest - 1.0, false)] {
                    if count >= 0.0 {
                        steps[4].counts = vec![count, f64::from(of) - count];
                        prop_assert_eq!(detect_changed_shares(&steps, 4.0)[4].alarm, Some(alarms));
                    }
                }
            }
        }
    }
}
