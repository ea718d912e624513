//! How much an answer would tell: by how many bits it is expected to lower the doubt between hypotheses.
//!
//! Deliberately absent: what asking costs, and whom it burdens. A person weighs that beside the bits.
//!
//! # Source
//! Lindley 1956, Ann Math Statist 27:986-1005, doi:10.1214/aoms/1177728069: the expected information of an experiment is the mutual
//! information of its answer and what is asked for. Worlds are draws or weights, so it is a finite sum, with nothing left to chance.

use std::collections::BTreeMap;

/// Worlds that may be the true one, and the hypothesis each stands for.
#[derive(Debug, Clone, PartialEq)]
pub struct Beliefs {
    /// Probability of each world; they add up to 1.
    weights: Vec<f64>,
    /// Number of the hypothesis that holds in each world.
    holds: Vec<usize>,
}

#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum BeliefError {
    #[error("weights must not be negative and not all 0; there are {many}, adding up to {sum}")]
    Weights { many: usize, sum: f64 },
    #[error("{chances} chances are given for {worlds} worlds; give one per world")]
    Worlds { worlds: usize, chances: usize },
    #[error("in world {world} the chances of the answers add up to {sum}; they must add up to 1")]
    Answers { world: usize, sum: f64 },
}

impl Beliefs {
    /// `worlds`: weight, in any unit, and the hypothesis that holds there.
    pub fn of(worlds: impl IntoIterator<Item = (f64, usize)>) -> Result<Beliefs, BeliefError> {
        let (mut weights, holds): (Vec<f64>, Vec<usize>) = worlds.into_iter().unzip();
        let sum: f64 = weights.iter().sum();
        let sensible = weights.iter().all(|weight| *weight >= 0.0) && sum > 0.0 && sum.is_finite();
        if !sensible {
            return Err(BeliefError::Weights { many: weights.len(), sum });
        }
        weights.iter_mut().for_each(|weight| *weight /= sum);
        Ok(Beliefs { weights, holds })
    }

    /// Bits.
    pub fn entropy(&self) -> f64 {
        let mut shares: BTreeMap<usize, f64> = BTreeMap::new();
        for (weight, hypothesis) in self.weights.iter().zip(&self.holds) {
            *shares.entry(*hypothesis).or_insert(0.0) += weight;
        }
        entropy(shares.into_values())
    }

    /// Bits by which the entropy of the hypotheses is expected to fall. At `[answer][world]`: the chance of that answer in that
    /// world.
    pub fn expected_information(&self, chances: &[Vec<f64>]) -> Result<f64, BeliefError> {
        let worlds = self.weights.len();
        if let Some(other) = chances.iter().map(Vec::len).find(|many| *many != worlds) {
            return Err(BeliefError::Worlds { worlds, chances: other });
        }
        for world in 0..worlds {
            let sum: f64 = chances.iter().map(|of_answer| of_answer[world]).sum();
            let none = chances.iter().any(|of_answer| of_answer[world].is_nan() || of_answer[world] < 0.0);
            if none || (sum - 1.0).abs() > 1e-9 {
                return Err(BeliefError::Answers { world, sum });
            }
        }
        Ok(self.information(chances))
    }

    fn information(&self, chances: &[Vec<f64>]) -> f64 {
        let mut together: BTreeMap<(usize, usize), f64> = BTreeMap::new();
        let (mut of_answer, mut of_hypothesis) = (vec![0.0; chances.len()], BTreeMap::new());
        for (world, (weight, hypothesis)) in self.weights.iter().zip(&self.holds).enumerate() {
            *of_hypothesis.entry(*hypothesis).or_insert(0.0) += weight;
            for (answer, chances) in chances.iter().enumerate() {
                of_answer[answer] += weight * chances[world];
                *together.entry((answer, *hypothesis)).or_insert(0.0) += weight * chances[world];
            }
        }
        let bits =
            together.into_iter().filter(|(_, both)| *both > 0.0).map(|((answer, hypothesis), both)| {
                let apart: f64 = of_answer[answer] * of_hypothesis[&hypothesis];
                both * (both / apart).log2()
            });
        // Rounding may leave less than nothing.
        bits.sum::<f64>().max(0.0)
    }
}

/// A question with two answers: the chances of yes and of no in each world, where yes is expected in some.
pub fn yes_or_no(
    expected: impl IntoIterator<Item = bool>,
    sensitivity: f64,
    specificity: f64,
) -> Vec<Vec<f64>> {
    let yes: Vec<f64> =
        expected.into_iter().map(|yes| if yes { sensitivity } else { 1.0 - specificity }).collect();
    let no = yes.iter().map(|yes| 1.0 - yes).collect();
    vec![yes, no]
}

/// Bits.
fn entropy(shares: impl Iterator<Item = f64>) -> f64 {
    shares.filter(|share| *share > 0.0).map(|share| -share * share.log2()).sum::<f64>().max(0.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_test_of_known_quality_tells_what_the_books_say() {
        // Two hypotheses alike: the binary symmetric channel, 1 − H(0.1).
        let even = Beliefs::of([(1.0, 0), (1.0, 1)]).unwrap();
        let bits = even.expected_information(&yes_or_no([true, false], 0.9, 0.9)).unwrap();
        assert!((bits - 0.531_004_406).abs() < 1e-9, "{bits}");
        // Prevalence 1 in 4, sensitivity 0.8, specificity 1: H(0.2) − 0.25 H(0.8).
        let rare = Beliefs::of([(1.0, 0), (3.0, 1)]).unwrap();
        let bits = rare.expected_information(&yes_or_no([true, false], 0.8, 1.0)).unwrap();
        assert!((bits - 0.75 * 0.721_928_095).abs() < 1e-9, "{bits}");
    }

    #[test]
    fn what_adds_up_to_nothing_is_refused() {
        assert!(
            Beliefs::of([]).is_err() && Beliefs::of([(0.0, 1)]).is_err() && Beliefs::of([(-1.0, 1)]).is_err()
        );
        let two = Beliefs::of([(1.0, 0), (1.0, 1)]).unwrap();
        assert!(two.expected_information(&[vec![1.0]]).unwrap_err().to_string().contains("2 worlds"));
        assert!(two.expected_information(&[vec![1.0, 0.5]]).unwrap_err().to_string().contains("world 1"));
    }

    fn worlds() -> impl Strategy<Value = (Beliefs, Vec<bool>)> {
        proptest::collection::vec((0.001_f64..1.0, 0_usize..5, any::<bool>()), 1..40).prop_map(|all| {
            let beliefs = Beliefs::of(all.iter().map(|(weight, holds, _)| (*weight, *holds))).unwrap();
            (beliefs, all.into_iter().map(|(_, _, yes)| yes).collect())
        })
    }

    proptest! {
        #[test]
        fn no_question_tells_less_than_nothing_or_more_than_there_is_to_know(
            (beliefs, expected) in worlds(), se in 0.0..=1.0_f64, sp in 0.0..=1.0_f64,
        ) {
            let bits = beliefs.expected_information(&yes_or_no(expected, se, sp)).unwrap();
            prop_assert!(bits >= 0.0 && bits <= beliefs.entropy() + 1e-9 && bits <= 1.0 + 1e-9, "{bits}");
        }

        #[test]
        fn a_question_answered_alike_everywhere_tells_nothing((beliefs, expected) in worlds(), se in 0.0..=1.0_f64) {
            let bits = beliefs.expected_information(&yes_or_no(expected, se, 1.0 - se)).unwrap();
            prop_assert!(bits < 1e-9, "{bits}");
        }

        #[test]
        fn a_question_that_names_the_hypothesis_tells_all((beliefs, _) in worlds()) {
            let name = |answer: usize| {
                beliefs.holds.iter().map(|holds| f64::from(u8::from(*holds == answer))).collect::<Vec<_>>()
            };
            let bits = beliefs.expected_information(&(0..5).map(name).collect::<Vec<_>>()).unwrap();
            prop_assert!((bits - beliefs.entropy()).abs() < 1e-9);
        }

        #[test]
        fn a_better_test_of_the_same_tells_no_less(
            (beliefs, expected) in worlds(), se in 0.5..=1.0_f64, worse in 0.0..=0.5_f64,
        ) {
            let of = |quality: f64| {
                beliefs.expected_information(&yes_or_no(expected.clone(), quality, quality)).unwrap()
            };
            prop_assert!(of(se) >= of(se - worse * (se - 0.5)) - 1e-9);
        }
    }
}
