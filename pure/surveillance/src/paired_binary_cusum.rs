//! Two things that may go wrong with one person, such as a severe course and a death: two sums that alarm alone or together.
//!
//! Deliberately absent: counts of people; each step here is one person.

use serde::{Deserialize, Serialize};

/// Logits: of the first thing, of the second when the first did not happen, and what is added to that when it did.
pub type Logits = [f64; 3];

/// # Source
/// Steiner, Cook and Farewell 1999, Statistics in Medicine 18:69-86,
/// doi:10.1002/(SICI)1097-0258(19990115)18:1<69::AID-SIM966>3.0.CO;2-L.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PairedBinaryCusum {
    /// When all is well.
    pub theta0: Logits,
    /// When it is not.
    pub theta1: Logits,
    /// Limits of the first and of the second sum alone.
    pub h1: f64,
    pub h2: f64,
    /// Limits of the first and of the second sum when both are passed.
    pub h11: f64,
    pub h22: f64,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PairedSums {
    pub sums: [f64; 2],
    /// Which of the two alarm; both, when both passed their joint limits.
    pub alarms: [bool; 2],
}

impl PairedBinaryCusum {
    /// Both sums begin anew after any alarm.
    pub fn detect(&self, people: &[[bool; 2]]) -> Vec<PairedSums> {
        let mut sums = [0.0_f64; 2];
        people
            .iter()
            .map(|happened| {
                let [first, second] = self.ratios(*happened);
                sums = [(sums[0] + first).max(0.0), (sums[1] + second).max(0.0)];
                let together = sums[0] > self.h11 && sums[1] > self.h22;
                let told = PairedSums {
                    sums,
                    alarms: [sums[0] > self.h1 || together, sums[1] > self.h2 || together],
                };
                if told.alarms[0] || told.alarms[1] {
                    sums = [0.0; 2];
                }
                told
            })
            .collect()
    }

    /// Logarithms of the likelihood ratios of the first thing, and of the second given the first.
    fn ratios(&self, [first, second]: [bool; 2]) -> [f64; 2] {
        let given = f64::from(u8::from(first));
        let one = |happened: bool, changed: f64, normal: f64| {
            log_chance(happened, changed) - log_chance(happened, normal)
        };
        let [changed, normal] = [&self.theta1, &self.theta0];
        [
            one(first, changed[0], normal[0]),
            one(second, changed[1] + changed[2] * given, normal[1] + normal[2] * given),
        ]
    }
}

/// ln of the probability that it did, or did not, happen.
fn log_chance(happened: bool, logit: f64) -> f64 {
    let toward = if happened { logit } else { -logit };
    // −ln(1 + e^−x), without overflow for large negative x.
    if toward > 0.0 { -(-toward).exp().ln_1p() } else { toward - toward.exp().ln_1p() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_by_hand() {
        // First: one half or three quarters. Second: one half both times, three quarters when things are wrong and the first happened.
        let three = 3.0_f64.ln();
        let chart = PairedBinaryCusum {
            theta0: [0.0, 0.0, 0.0],
            theta1: [three, 0.0, three],
            h1: 1.0,
            h2: 1.0,
            h11: 0.7,
            h22: 0.7,
        };
        let step = 1.5_f64.ln();
        let told = chart.detect(&[[true, false], [true, true], [true, true], [true, true]]);
        assert!((told[0].sums[0] - step).abs() < 1e-12 && told[0].sums[1] == 0.0);
        assert_eq!(told[1].alarms, [false, false]);
        // 3 × 0.405 is above 1; 2 × 0.405 is above 0.7.
        assert_eq!(told[2].alarms, [true, true]);
        assert!((told[3].sums[0] - step).abs() < 1e-12);
    }
}
