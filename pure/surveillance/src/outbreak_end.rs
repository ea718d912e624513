//! How sure it is that an outbreak is over, the longer no new case is found.
//!
//! Deliberately absent: a new introduction from outside, and a search for cases that tires; both make the end less
//! sure than the number says.
//!
//! # Source
//! Nishiura, Miyamatsu, Mizumoto 2016, Emerg Infect Dis 22:146-148, doi:10.3201/eid2201.151383: the chance that none of
//! the known cases has yet an infectee to come. Djaafara et al. 2021, Am J Epidemiol 190:642-651,
//! doi:10.1093/aje/kwaa212: cases that are not reported carry chains on unseen. They simulate those; here the
//! generating function of the branching process is followed back from today, which gives their probability exactly.

use crate::compatibility::Compatibility;
use crate::serial_interval_distribution::SerialIntervalDistribution;

/// How people infect while the outbreak is not yet controlled for good.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Infecting {
    /// Mean number infected by one case.
    pub reproduction: f64,
    /// Dispersion k of the negative binomial number infected; `None`: everybody infects alike (Poisson).
    pub dispersion: Option<f64>,
    /// Share of the cases that is reported, above 0 to 1.
    pub reported: f64,
}

#[derive(Debug, Clone, Copy, PartialEq, thiserror::Error)]
pub enum OutbreakEndError {
    #[error("there is no case, so nothing can end; give the cases by day of onset")]
    NoCase,
    #[error("a case that infects {value} people on average is none; give 0 or more")]
    Reproduction { value: f64 },
    #[error("a dispersion of {value} is none; give a number above 0, or none when everybody infects alike")]
    Dispersion { value: f64 },
    #[error("a reported share of {value} is none; give a number above 0 and at most 1")]
    Reported { value: f64 },
}

impl Infecting {
    fn check(self) -> Result<(), OutbreakEndError> {
        let Infecting { reproduction, dispersion, reported } = self;
        if !(0.0..1e6).contains(&reproduction) {
            return Err(OutbreakEndError::Reproduction { value: reproduction });
        }
        if let Some(value) = dispersion.filter(|k| k.is_nan() || *k <= 0.0) {
            return Err(OutbreakEndError::Dispersion { value });
        }
        if reported.is_nan() || reported <= 0.0 || reported > 1.0 {
            return Err(OutbreakEndError::Reported { value: reported });
        }
        Ok(())
    }

    /// The chance that each person infected by one case turns out well, `well` being that chance for one of them.
    fn all_well(self, well: f64) -> f64 {
        let expected = self.reproduction * (1.0 - well).max(0.0);
        match self.dispersion {
            Some(k) if k.is_finite() => (-k * (expected / k).ln_1p()).exp(),
            _ => (-expected).exp(),
        }
    }
}

/// Probability that the outbreak is over at the end of each day from the last case on: element i is for i days after
/// it. `cases` counts onsets by day, from any first day on.
///
/// The silence since the last case is heard: those who infect many, and chains unseen, become less likely with every day
/// of it. [`Compatibility::Nishiura2016`] does not hear it, as the published formula; with equal infectiousness and
/// every case reported both are the same.
pub fn probability_of_end(
    cases: &[f64],
    interval: &SerialIntervalDistribution,
    infecting: Infecting,
    compatibility: Compatibility,
    days: usize,
) -> Result<Vec<f64>, OutbreakEndError> {
    infecting.check()?;
    let last = cases.iter().rposition(|count| *count > 0.0).ok_or(OutbreakEndError::NoCase)?;
    let deaf = compatibility == Compatibility::Nishiura2016;
    Ok((0..=days)
        .map(|silent| {
            let over = Lineages { infecting, interval, last, today: last + silent, deaf };
            let (end, quiet) = over.of_all(&cases[..=last]);
            (end - quiet).exp().min(1.0)
        })
        .collect())
}

/// Everybody infected by a case, and by those, and so on.
struct Lineages<'a> {
    infecting: Infecting,
    interval: &'a SerialIntervalDistribution,
    /// Day of the last known case.
    last: usize,
    today: usize,
    /// Whether the silence says nothing.
    deaf: bool,
}

impl Lineages<'_> {
    /// Logarithms of two chances over the lineages of all cases: that no one reported fell ill since the last case and
    /// nobody at all will after today; and the first of the two alone.
    fn of_all(&self, cases: &[f64]) -> (f64, f64) {
        let (end, quiet) = (self.by_onset(0.0), self.by_onset(1.0));
        let sum = |by_onset: &[f64]| -> f64 {
            let known = cases.iter().zip(by_onset).filter(|(count, _)| **count > 0.0);
            known.map(|(count, chance)| count * chance.ln()).sum()
        };
        (sum(&end), if self.deaf { 0.0 } else { sum(&quiet) })
    }

    /// For a case by its day of onset: the chance that its lineage is as wanted, when somebody who falls ill after
    /// today is so with the chance `after_today`.
    fn by_onset(&self, after_today: f64) -> Vec<f64> {
        let reported = self.infecting.reported;
        let mut lineage = vec![1.0; self.today + 1];
        for onset in (0..=self.today).rev() {
            let (mut well, mut within) = (0.0, 0.0);
            for (later, of_later) in lineage.iter().enumerate().skip(onset + 1) {
                let share = self.interval.probability(later - onset);
                within += share;
                // The reported ones up to the last case are known, and their lineages stand for themselves. After it
                // there was none.
                let seen = later <= self.last || self.deaf;
                let one = if seen { reported } else { 0.0 } + (1.0 - reported) * of_later;
                well += share * one;
            }
            lineage[onset] = self.infecting.all_well(well + (1.0 - within).max(0.0) * after_today);
        }
        lineage
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn interval() -> SerialIntervalDistribution {
        SerialIntervalDistribution::discretised(12.6, 2.8).unwrap()
    }

    const ALIKE: Infecting = Infecting { reproduction: 0.75, dispersion: None, reported: 1.0 };

    #[test]
    fn with_every_case_reported_it_is_the_published_formula() {
        let cases = [2.0, 0.0, 0.0, 1.0, 4.0, 0.0, 1.0];
        let by_hand = |silent: usize, k: f64| -> f64 {
            let one = |onset: usize| {
                let to_come = 1.0 - interval().within(6 + silent - onset);
                (1.0 + 0.75 * to_come / k).powf(-k)
            };
            cases.iter().enumerate().map(|(onset, count)| one(onset).powf(*count)).product()
        };
        let uneven = Infecting { dispersion: Some(0.14), ..ALIKE };
        let published =
            probability_of_end(&cases, &interval(), uneven, Compatibility::Nishiura2016, 40).unwrap();
        let heard = probability_of_end(&cases, &interval(), uneven, Compatibility::None, 40).unwrap();
        let alike = probability_of_end(&cases, &interval(), ALIKE, Compatibility::None, 40).unwrap();
        for silent in [0, 5, 14, 25, 40] {
            assert!((published[silent] - by_hand(silent, 0.14)).abs() < 1e-12);
            // Poisson is the limit of ever larger k.
            assert!((alike[silent] - by_hand(silent, 1e9)).abs() < 1e-6);
            // Silence speaks against those who infect many.
            assert!(heard[silent] >= published[silent] - 1e-12);
        }
        assert!(heard[0] - published[0] < 1e-9 && heard[14] > published[14] + 0.01);
    }

    #[test]
    fn what_cannot_be_is_refused_with_a_remedy() {
        let told = |cases: &[f64], infecting| {
            probability_of_end(cases, &interval(), infecting, Compatibility::None, 3).unwrap_err().to_string()
        };
        assert!(told(&[0.0, 0.0], ALIKE).contains("no case"));
        assert!(told(&[1.0], Infecting { reported: 0.0, ..ALIKE }).contains("at most 1"));
        assert!(told(&[1.0], Infecting { dispersion: Some(0.0), ..ALIKE }).contains("above 0"));
        assert!(told(&[1.0], Infecting { reproduction: f64::NAN, ..ALIKE }).contains("0 or more"));
    }

    proptest! {
        #[test]
        fn the_end_grows_surer_with_every_silent_day(
            cases in proptest::collection::vec(0_u8..6, 1..25), r in 0.1..2.5_f64, k in 0.1..5.0_f64,
            reported in 0.2..1.0_f64,
        ) {
            let mut cases: Vec<f64> = cases.into_iter().map(f64::from).collect();
            cases.push(1.0);
            let infecting = Infecting { reproduction: r, dispersion: Some(k), reported };
            let sure = probability_of_end(&cases, &interval(), infecting, Compatibility::None, 60).unwrap();
            prop_assert!(sure.windows(2).all(|two| two[1] >= two[0] - 1e-12));
            prop_assert!(sure.iter().all(|p| (0.0..=1.0).contains(p)));
            // What is not reported can only carry it on.
            let all = Infecting { reported: 1.0, ..infecting };
            let surer = probability_of_end(&cases, &interval(), all, Compatibility::None, 60).unwrap();
            prop_assert!(sure.iter().zip(&surer).all(|(one, other)| *one <= other + 1e-9));
        }
    }
}
