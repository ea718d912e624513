//! How many cases would be expected in each cell if the risk were the same everywhere.
//!
//! Deliberately absent: models of the risk by season or trend; those come in as expected cases from history.

/// People of one kind (an age group and sex): how many cases they had, and how long how many of them lived in each cell.
#[derive(Debug, Clone, PartialEq)]
pub struct Stratum {
    pub cases: f64,
    /// People times days, cell `place * steps + step`.
    pub person_time: Vec<f64>,
}

/// People times days between two moments (in days), from counts at some moments: in between a straight line, before the first
/// and after the last the same as there. Moments ascend.
///
/// # Source
/// Kulldorff 2022, SaTScan User Guide v10.1, "Population file": a population changes linearly between its dates.
pub fn person_time(counted: &[(f64, f64)], from: f64, to: f64) -> f64 {
    let (Some(first), Some(last)) = (counted.first(), counted.last()) else { return 0.0 };
    let flat_before = (to.min(first.0) - from).max(0.0) * first.1;
    let flat_after = (to - from.max(last.0)).max(0.0) * last.1;
    let between: f64 = counted
        .windows(2)
        .map(|two| {
            let ((a, people_a), (b, people_b)) = (two[0], two[1]);
            let (begin, end) = (from.max(a), to.min(b));
            let people = |at: f64| people_a + (people_b - people_a) * (at - a) / (b - a);
            if begin < end { 0.5 * (people(begin) + people(end)) * (end - begin) } else { 0.0 }
        })
        .sum();
    flat_before + between + flat_after
}

/// Indirect standardisation: every stratum's own rate, applied to the people of each cell. `Err` is the first stratum that has
/// cases and no people.
///
/// # Source
/// Kulldorff 1997, section 5; the method itself in Breslow and Day 1987, Statistical Methods in Cancer Research II, chapter 2.
pub fn expected_by_strata(strata: &[Stratum]) -> Result<Vec<f64>, usize> {
    let cells = strata.first().map_or(0, |stratum| stratum.person_time.len());
    let mut expected = vec![0.0; cells];
    for (place, stratum) in strata.iter().enumerate() {
        let total: f64 = stratum.person_time.iter().sum();
        if stratum.cases == 0.0 {
            continue;
        }
        if total <= 0.0 {
            return Err(place);
        }
        for (cell, time) in expected.iter_mut().zip(&stratum.person_time) {
            *cell += time * stratum.cases / total;
        }
    }
    Ok(expected)
}

/// Cases of the place times cases of the step over all cases: what is expected when place and time have nothing to do with each
/// other.
///
/// # Source
/// Kulldorff et al. 2005, PLoS Medicine 2:e59, doi:10.1371/journal.pmed.0020059.
pub fn expected_by_margins(cases: &[u32], steps: usize) -> Vec<f64> {
    let total: f64 = cases.iter().map(|count| f64::from(*count)).sum();
    let by_step: Vec<f64> = (0..steps)
        .map(|step| cases.iter().skip(step).step_by(steps).map(|count| f64::from(*count)).sum())
        .collect();
    let of_place = |place: &[u32]| place.iter().map(|count| f64::from(*count)).sum::<f64>();
    cases
        .chunks(steps)
        .flat_map(|place| {
            let here = of_place(place);
            by_step.iter().map(move |now| if total > 0.0 { here * now / total } else { 0.0 })
        })
        .collect()
}

/// The same number of cases in every step, shared among places by their people of that step.
///
/// # Source
/// Allévius 2018, Journal of Open Source Software 3:515, doi:10.21105/joss.00515 (scanstatistics).
pub fn expected_by_shares_within_steps(people: &[f64], steps: usize, total_cases: f64) -> Vec<f64> {
    let in_step: Vec<f64> =
        (0..steps).map(|step| people.iter().skip(step).step_by(steps).sum::<f64>()).collect();
    let expected = |(cell, people): (usize, &f64)| {
        let all = in_step[cell % steps] * steps as f64;
        if all > 0.0 { people * (total_cases / all) } else { 0.0 }
    };
    people.iter().enumerate().map(expected).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_between_two_counts_lie_on_a_line_and_beyond_them_stay() {
        let counted = [(10.0, 100.0), (20.0, 200.0)];
        assert_eq!(person_time(&counted, 12.0, 14.0), 2.0 * 130.0);
        assert_eq!(person_time(&counted, 8.0, 12.0), 2.0 * 100.0 + 2.0 * 110.0);
        assert_eq!(person_time(&counted, 18.0, 25.0), 2.0 * 190.0 + 5.0 * 200.0);
        assert_eq!(person_time(&counted[..1], 0.0, 3.0), 300.0);
    }

    #[test]
    fn a_place_of_the_old_is_expected_to_have_more() {
        let young = Stratum { cases: 10.0, person_time: vec![900.0, 100.0] };
        let old = Stratum { cases: 90.0, person_time: vec![100.0, 900.0] };
        assert_eq!(expected_by_strata(&[young, old]), Ok(vec![18.0, 82.0]));
        assert_eq!(expected_by_strata(&[Stratum { cases: 1.0, person_time: vec![0.0] }]), Err(0));
    }

    #[test]
    fn margins_are_kept() {
        assert_eq!(expected_by_margins(&[3, 1, 1, 3], 2), [2.0; 4]);
        assert_eq!(expected_by_shares_within_steps(&[1.0, 1.0, 3.0, 1.0], 2, 8.0), [1.0, 2.0, 3.0, 2.0]);
    }
}
