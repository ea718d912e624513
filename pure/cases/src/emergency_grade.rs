//! The grade of a public health emergency, I (national) to IV (county).
//!
//! # Source
//! National emergency plan for public health emergencies (State Council, 2006-02-26) and the grading standard issued with it.
//! The 2025 law delegates a new standard to the health authorities; until there is one this table is the reference.

use crate::words;
use serde::{Deserialize, Serialize};

words! {
    /// The row of the table an event belongs to.
    EmergencyKind, "kind of emergency" {
        PneumonicPlague = "pneumonic_plague",
        BubonicPlague = "bubonic_plague",
        Cholera = "cholera",
        /// SARS, or avian influenza in people.
        SarsAvianInfluenza = "sars_avian_influenza",
        /// Other notifiable diseases of classes B and C.
        ClassBc = "class_bc",
        UnexplainedCluster = "unexplained_cluster",
        /// New, not seen in the country before, or thought to be eradicated.
        NewDisease = "new_disease",
        FoodPoisoning = "food_poisoning",
    }
}

words! {
    EmergencyGrade, "grade of emergency" {
        /// Led by the State Council; red.
        I = "I",
        /// Led by the province; orange.
        II = "II",
        /// Led by the prefecture; yellow.
        III = "III",
        /// Led by the county; blue.
        IV = "IV",
    }
}

/// What is known of an event. Counts are of the window the table speaks of: one mean incubation for plague, a week for cholera
/// and classes B and C, the whole event otherwise.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct EmergencyFacts {
    /// In the place with the most.
    pub cases: u32,
    #[serde(default)]
    pub deaths: u32,
    /// Places in which it occurs.
    pub counties: u32,
    pub prefectures: u32,
    pub provinces: u32,
    /// It tends to spread.
    #[serde(default)]
    pub spreading: bool,
    /// In a large or medium-sized city.
    #[serde(default)]
    pub city: bool,
    /// Only suspected so far.
    #[serde(default)]
    pub suspected_only: bool,
    /// A week's incidence over the mean of the same weeks of the last five years.
    #[serde(default)]
    pub ratio: Option<f64>,
}

/// `None`: the table has no grade for it; the county deals with it as usual.
pub fn emergency_grade(kind: EmergencyKind, facts: &EmergencyFacts) -> Option<EmergencyGrade> {
    use EmergencyGrade::{I, II, III, IV};
    let f = facts;
    if f.cases == 0 {
        return None;
    }
    let wide = f.provinces >= 2;
    match kind {
        EmergencyKind::PneumonicPlague => Some(match () {
            () if f.spreading && (f.city || wide) => I,
            () if f.cases > 5 || f.counties >= 2 => II,
            () => III,
        }),
        EmergencyKind::BubonicPlague => Some(match () {
            () if f.cases >= 20 || f.prefectures >= 2 => II,
            () if f.cases >= 10 || f.counties >= 2 => III,
            () => IV,
        }),
        EmergencyKind::Cholera => Some(match () {
            () if f.cases >= 30 || (f.prefectures >= 2 && f.spreading) => II,
            () if f.cases >= 10 || f.counties >= 2 || f.city => III,
            () => IV,
        }),
        EmergencyKind::SarsAvianInfluenza => Some(match () {
            () if !f.suspected_only && f.spreading => I,
            () => II,
        }),
        // "Exceeds the mean by twice, by once" (超过…2 倍以上、1 倍以上): three times and two times the mean.
        EmergencyKind::ClassBc => match f.ratio? {
            ratio if ratio > 3.0 && f.counties >= 2 => Some(II),
            ratio if ratio > 2.0 => Some(III),
            _ => None,
        },
        EmergencyKind::UnexplainedCluster => Some(match () {
            () if wide && f.spreading => I,
            () if f.counties >= 2 => II,
            () => III,
        }),
        EmergencyKind::NewDisease => Some(if f.spreading { I } else { II }),
        EmergencyKind::FoodPoisoning => match () {
            () if f.cases >= 100 && f.deaths >= 10 => Some(II),
            () if f.cases >= 100 || f.deaths > 0 => Some(III),
            () if f.cases >= 30 => Some(IV),
            () => None,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use EmergencyGrade::{I, II, III, IV};
    use EmergencyKind::*;

    fn facts(cases: u32) -> EmergencyFacts {
        EmergencyFacts { cases, counties: 1, prefectures: 1, provinces: 1, ..EmergencyFacts::default() }
    }

    #[test]
    fn cholera_climbs_with_cases_counties_and_a_city() {
        assert_eq!(emergency_grade(Cholera, &facts(9)), Some(IV));
        assert_eq!(emergency_grade(Cholera, &EmergencyFacts { city: true, ..facts(1) }), Some(III));
        assert_eq!(emergency_grade(Cholera, &facts(29)), Some(III));
        assert_eq!(emergency_grade(Cholera, &facts(30)), Some(II));
    }

    #[test]
    fn a_suspected_case_of_sars_is_the_provinces_and_one_that_spreads_the_nations() {
        assert_eq!(
            emergency_grade(SarsAvianInfluenza, &EmergencyFacts { suspected_only: true, ..facts(1) }),
            Some(II)
        );
        assert_eq!(
            emergency_grade(SarsAvianInfluenza, &EmergencyFacts { spreading: true, ..facts(2) }),
            Some(I)
        );
    }

    #[test]
    fn measles_at_its_usual_level_has_no_grade() {
        assert_eq!(emergency_grade(ClassBc, &EmergencyFacts { ratio: Some(1.4), ..facts(12) }), None);
        assert_eq!(emergency_grade(ClassBc, &EmergencyFacts { ratio: Some(2.5), ..facts(30) }), Some(III));
        assert_eq!(
            emergency_grade(ClassBc, &EmergencyFacts { ratio: Some(3.5), counties: 3, ..facts(60) }),
            Some(II)
        );
        assert_eq!(
            emergency_grade(ClassBc, &facts(30)),
            None,
            "without the mean of five years nobody can say"
        );
    }

    #[test]
    fn a_canteen_of_thirty_is_the_countys_and_a_death_the_prefectures() {
        assert_eq!(emergency_grade(FoodPoisoning, &facts(29)), None);
        assert_eq!(emergency_grade(FoodPoisoning, &facts(30)), Some(IV));
        assert_eq!(emergency_grade(FoodPoisoning, &EmergencyFacts { deaths: 1, ..facts(5) }), Some(III));
    }

    #[test]
    fn more_is_never_graded_lower() {
        for kind in EmergencyKind::ALL {
            let mut before = None;
            for cases in 1..200 {
                let grade = emergency_grade(*kind, &EmergencyFacts { ratio: Some(2.5), ..facts(cases) });
                assert!(before.is_none() || grade <= before, "{kind} {cases}");
                before = grade;
            }
        }
    }
}
