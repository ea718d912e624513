//! How probable each suspect is as the source of a cluster, so that what to test next can be weighed.
//!
//! Deliberately absent: several sources at once, and suspects that go together (who ate the cake also drank the water) beyond what
//! their own tables say.

use crate::hypotheses::Hypothesis;
use crate::information::{BeliefError, Beliefs};

/// Worlds in which one of the suspects is the source, in their order, and a last one in which none is; each as probable before
/// anybody fell ill. If a suspect is the source, those exposed to it fall ill more often than the others, both shares being any; if
/// none is, all fall ill alike. Of whom it is not known whether they were exposed, any share falls ill.
///
/// # Source
/// Uniform shares integrated out; that one exceeds the other is the sum for two beta distributions with whole parameters (Miller
/// 2014, Formulas for Bayesian A/B testing).
pub fn source_beliefs(ranked: &[Hypothesis], ill: &[bool]) -> Result<Beliefs, BeliefError> {
    let all_ill = ill.iter().filter(|ill| **ill).count() as f64;
    let all_well = ill.len() as f64 - all_ill;
    let mut logs: Vec<f64> = ranked.iter().map(|one| log_if_source(one, all_ill, all_well)).collect();
    logs.push(log_beta(all_ill + 1.0, all_well + 1.0));
    let most = logs.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    Beliefs::of(logs.into_iter().enumerate().map(|(place, log)| ((log - most).exp(), place)))
}

fn log_if_source(one: &Hypothesis, all_ill: f64, all_well: f64) -> f64 {
    let count = |people: u64| people as f64 + 1.0;
    let (a, b) = (count(one.table.exposed_ill), count(one.table.exposed_well));
    let (c, d) = (count(one.table.unexposed_ill), count(one.table.unexposed_well));
    let (unknown_ill, unknown_well) = (all_ill - (a + c - 2.0), all_well - (b + d - 2.0));
    let more_often: f64 = (0..one.table.exposed_ill + 1)
        .map(|step| {
            let step = step as f64;
            let log = log_beta(c + step, d + b) - log_beta(1.0 + step, b) - log_beta(c, d);
            log.exp() / (b + step)
        })
        .sum();
    log_beta(a, b)
        + log_beta(c, d)
        + (2.0 * more_often).ln()
        + if unknown_ill + unknown_well > 0.0 { log_beta(unknown_ill + 1.0, unknown_well + 1.0) } else { 0.0 }
}

fn log_beta(a: f64, b: f64) -> f64 {
    libm::lgamma(a) + libm::lgamma(b) - libm::lgamma(a + b)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hypotheses::{Suspect, rank_hypotheses};
    use crate::information::yes_or_no;

    fn suspect(name: &str, exposed: &str) -> Suspect {
        let one = |said| match said {
            'y' => Some(true),
            'n' => Some(false),
            _ => None,
        };
        Suspect { name: name.to_owned(), exposed: exposed.chars().map(one).collect() }
    }

    /// Bits that a specimen of the suspect at a place is expected to tell.
    fn specimen(beliefs: &Beliefs, suspects: usize, place: usize) -> f64 {
        let expected = (0..=suspects).map(|world| world == place);
        beliefs.expected_information(&yes_or_no(expected, 0.8, 0.99)).unwrap()
    }

    #[test]
    fn a_specimen_of_what_is_in_doubt_tells_most() {
        let ill: Vec<bool> = (0..16).map(|person| person < 8).collect();
        let suspects = [
            suspect("cake", "yyyyyyynynnnnnnn"),
            suspect("salad", "yyyyyynynynnnnnn"),
            suspect("water", "ynynynynynynynyn"),
        ];
        let ranked = rank_hypotheses(&ill, &suspects, 0.95);
        assert_eq!(
            ranked.iter().map(|one| one.name.as_str()).collect::<Vec<_>>(),
            ["cake", "salad", "water"]
        );
        let beliefs = source_beliefs(&ranked, &ill).unwrap();
        let bits: Vec<f64> = (0..3).map(|place| specimen(&beliefs, 3, place)).collect();
        assert!(bits[0] > 10.0 * bits[2] && bits[2] >= 0.0, "{bits:?}");
        assert!(bits[0] < beliefs.entropy());
    }

    /// One exposed and ill, one unexposed and well.
    #[test]
    fn two_people_are_weighed_as_by_hand() {
        let ill = [true, false];
        let ranked = rank_hypotheses(&ill, &[suspect("cake", "yn")], 0.95);
        // 2 ∫ p ∫ from 0 to p of (1 − q) dq dp = 2 (1/3 − 1/8) = 5/12; none: ∫ p (1 − p) dp = 1/6.
        let by_hand = Beliefs::of([(5.0 / 12.0, 0), (1.0 / 6.0, 1)]).unwrap();
        let beliefs = source_beliefs(&ranked, &ill).unwrap();
        assert!((beliefs.entropy() - by_hand.entropy()).abs() < 1e-12);
        // Nothing known of anybody says nothing of the suspect.
        let unknown = rank_hypotheses(&ill, &[suspect("cake", "..")], 0.95);
        assert!((source_beliefs(&unknown, &ill).unwrap().entropy() - 1.0).abs() < 1e-12);
    }
}
