//! In what tube somebody is sampled: by the guide, the class of the area, and who must be sampled alone.
//!
//! Deliberately absent: which size costs least at this prevalence; that is `advise`. A guide binds, an advice does not.

use crate::tube::TubeSize;
use cases::words;

words! {
    /// The editions of the guide to mass testing.
    Guide, "guide to mass testing" { First = "2021-02", Second = "2021-09", Third = "2022-03" }
}

words! {
    AreaClass, "class of an area" {
        /// Central isolation.
        Isolation = "isolation",
        /// Nobody leaves the flat (封控).
        Sealed = "sealed",
        /// Nobody leaves the area (管控).
        Control = "control",
        /// The rest of an affected county (防范).
        Precaution = "precaution",
        Elsewhere = "elsewhere",
    }
}

/// The tube, and why.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
pub struct PoolRule {
    pub size: TubeSize,
    /// Those who live together share a tube and nobody else does.
    pub by_household: bool,
    pub why: PoolWhy,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum PoolWhy {
    /// First guide: everybody in tens in the first round.
    FirstRound,
    IsolationAlone,
    SealedHousehold,
    /// Fives or tens by the guide; fives where infection is likelier is ours.
    Affected,
    Tens,
    /// Twenties for a large screening, since 2022-01-18.
    Twenties,
    /// One in a thousand or more: mixing is not for them.
    PrevalenceTooHigh,
    Ordered,
}

/// Pools are for populations in which fewer than this are positive.
const MIXED_BELOW: f64 = 0.001;

/// # Source
/// Guides to mass testing (docs/sources.md#mass-testing). First: tens for all in the first round, later 5 or 10 and key people
/// alone. Second: isolation alone, one household one tube where homes are sealed, else 5 or 10. Third: 20 for large screenings as
/// well. No mixing at a prevalence of 0.1 % or more.
pub fn pool_of(class: AreaClass, guide: Guide, round: u32, prevalence: Option<f64>) -> PoolRule {
    let rule = |swabs, why| PoolRule {
        size: TubeSize::that_takes(swabs).unwrap_or(TubeSize::ONE),
        by_household: why == PoolWhy::SealedHousehold,
        why,
    };
    if prevalence.is_some_and(|share| share >= MIXED_BELOW) {
        return rule(1, PoolWhy::PrevalenceTooHigh);
    }
    match (guide, class) {
        (Guide::First, _) if round <= 1 => rule(10, PoolWhy::FirstRound),
        (_, AreaClass::Isolation) => rule(1, PoolWhy::IsolationAlone),
        (Guide::Second | Guide::Third, AreaClass::Sealed) => rule(5, PoolWhy::SealedHousehold),
        (_, AreaClass::Sealed | AreaClass::Control) => rule(5, PoolWhy::Affected),
        (Guide::Third, AreaClass::Elsewhere) => rule(20, PoolWhy::Twenties),
        _ => rule(10, PoolWhy::Tens),
    }
}

/// What is known of somebody who stands at the desk.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Situation {
    /// Of a positive, grey or single-target tube.
    pub from_doubtful_tube: bool,
    pub symptoms: bool,
    pub contact: bool,
    pub in_isolation: bool,
    pub patient: bool,
    /// Lives or works where cases were.
    pub key_area: bool,
}

words! {
    SampledAlone, "reason to be sampled alone" {
        DoubtfulTube = "doubtful_tube",
        Symptoms = "symptoms",
        Contact = "contact",
        InIsolation = "in_isolation",
        Patient = "patient",
        KeyArea = "key_area",
    }
}

/// The strongest reason why somebody shares no tube, if there is one.
///
/// # Source
/// Guides to mass testing (docs/sources.md#mass-testing): mixing is not for people with symptoms, close contacts, key areas and
/// patients; members of a positive or grey tube are sampled again singly.
pub fn sampled_alone(who: &Situation) -> Option<SampledAlone> {
    let reasons = [
        (who.from_doubtful_tube, SampledAlone::DoubtfulTube),
        (who.symptoms, SampledAlone::Symptoms),
        (who.contact, SampledAlone::Contact),
        (who.in_isolation, SampledAlone::InIsolation),
        (who.patient, SampledAlone::Patient),
        (who.key_area, SampledAlone::KeyArea),
    ];
    reasons.into_iter().find(|(holds, _)| *holds).map(|(_, reason)| reason)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_guides_as_they_followed_each_other() {
        use AreaClass::*;
        for (guide, class, round, swabs, household) in [
            (Guide::First, Isolation, 1, 10, false),
            (Guide::First, Isolation, 2, 1, false),
            (Guide::First, Sealed, 2, 5, false),
            (Guide::Second, Isolation, 1, 1, false),
            (Guide::Second, Sealed, 1, 5, true),
            (Guide::Second, Elsewhere, 1, 10, false),
            (Guide::Third, Precaution, 1, 10, false),
            (Guide::Third, Elsewhere, 1, 20, false),
        ] {
            let rule = pool_of(class, guide, round, None);
            assert_eq!((rule.size.swabs(), rule.by_household), (swabs, household), "{guide} {class} {round}");
        }
        let many = pool_of(Elsewhere, Guide::Third, 1, Some(0.001));
        assert_eq!((many.size, many.why), (TubeSize::ONE, PoolWhy::PrevalenceTooHigh));
        assert_eq!(pool_of(Elsewhere, Guide::Third, 1, Some(0.0009)).size.swabs(), 20);
    }

    #[test]
    fn somebody_with_a_fever_shares_no_tube() {
        assert_eq!(sampled_alone(&Situation::default()), None);
        let fever = Situation { symptoms: true, key_area: true, ..Situation::default() };
        assert_eq!(sampled_alone(&fever), Some(SampledAlone::Symptoms));
        let held = Situation { from_doubtful_tube: true, ..fever };
        assert_eq!(sampled_alone(&held), Some(SampledAlone::DoubtfulTube));
    }
}
