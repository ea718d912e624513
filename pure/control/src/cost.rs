//! What a measure costs: days of people, and money between two ends. A figure to be shown beside every order, not an account.
//!
//! Deliberately absent: what it saves, and how measures on the same people add up: each is counted as if it stood alone.

use crate::Between;
use packs::{MeasureKind, Prior};
use serde::Serialize;

#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Cost {
    pub person_days: f64,
    /// What the people affected would have produced.
    pub output_cny: Between,
    /// What is spent on them.
    pub direct_cny: Between,
    pub total_cny: Between,
}

const MS_PER_DAY: f64 = 86_400_000.0;

/// Days between two instants, with their fraction; none when the second is not later.
pub fn days_between(from: base::Moment, to: base::Moment) -> f64 {
    ((to.0 - from.0).max(0) as f64) / MS_PER_DAY
}

/// People × days × (share of output lost × output of a person and day + money spent on a person and day), low ends with
/// low ends and high with high.
///
/// # Source
/// The shares and amounts stand in packs/measures with theirs; the form is DOMAIN section 9's, share × output per day.
pub fn cost(kind: &MeasureKind, output_per_person_day: &Prior, affected: u32, days: f64) -> Cost {
    let person_days = f64::from(affected) * days.max(0.0);
    let output_cny =
        Between::from(&kind.output_lost).times(Between::from(output_per_person_day)).scaled(person_days);
    let direct_cny = Between::from(&kind.direct_cny).scaled(person_days);
    Cost { person_days, output_cny, direct_cny, total_cny: output_cny.plus(direct_cny) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use base::Moment;
    use proptest::prelude::*;

    #[test]
    fn forty_two_thousand_people_for_four_days() {
        let measures = packs::shipped::measures().unwrap();
        let kind = measures.kind("stay_in_area").unwrap();
        let output = measures.economy.output(&"14/1407/140703".parse().unwrap()).unwrap();
        let told = cost(kind, output, 42_000, 4.0);
        assert_eq!(told.person_days, 168_000.0);
        assert!((told.output_cny.value - 168_000.0 * 0.40 * 178.0).abs() < 1e-6);
        assert!((told.total_cny.low - 168_000.0 * (0.25 * 150.0 + 15.0)).abs() < 1e-6);
        assert!((told.total_cny.high - 168_000.0 * (0.54 * 205.0 + 60.0)).abs() < 1e-6);
    }

    proptest! {
        #[test]
        fn a_longer_or_larger_measure_costs_no_less(
            at in 0_usize..25, people in 0_u32..2_000_000, days in 0.0_f64..60.0, more in 0.0_f64..10.0
        ) {
            let measures = packs::shipped::measures().unwrap();
            let kind = &measures.catalogue.kinds[at % measures.catalogue.kinds.len()];
            let output = measures.economy.output(&base::Territory::whole()).unwrap();
            let (less, all) = (cost(kind, output, people, days), cost(kind, output, people, days + more));
            for (one, other) in [
                (less.total_cny.low, less.total_cny.value), (less.total_cny.value, less.total_cny.high),
                (less.total_cny.low, all.total_cny.low), (less.total_cny.high, all.total_cny.high),
                (less.person_days, all.person_days),
            ] {
                prop_assert!(one <= other + 1e-6);
            }
        }

        #[test]
        fn days_are_never_negative(from in -1_000_000_000_i64..1_000_000_000, to in -1_000_000_000_i64..1_000_000_000) {
            prop_assert!(days_between(Moment(from), Moment(to)) >= 0.0);
        }
    }
}
