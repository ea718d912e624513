//! People of different risk: those alike in risk share a pool.
//!
//! Deliberately absent: where the risks come from, and dilution; these pools are filled in one tube.

use crate::assay::Assay;
use crate::refusal::{LabError, demand};
use crate::scheme::MOST_IN_A_POOL;

/// Pools of people in the order of their risk, the lowest first.
#[derive(Debug, Clone, PartialEq)]
pub struct RiskPools {
    /// For each pool, the places of its people in the list that was given.
    pub pools: Vec<Vec<usize>>,
    /// Expected for all of them.
    pub tests: f64,
}

/// Expected tests of two stages in pools of people of these risks.
///
/// # Source
/// McMahan, Tebbs and Bilder 2012 (docs/sources.md#mcmahan-2012): for m people 1 + m(Se − (Se + Sp − 1) Π(1 − p_i)); one alone is
/// tested once.
pub fn tests_of_pools(pools: &[&[f64]], assay: &Assay) -> Result<f64, LabError> {
    refuse_odd_risks(pools.iter().flat_map(|pool| pool.iter()))?;
    let mut tests = 0.0;
    for pool in pools {
        demand(
            (1..=MOST_IN_A_POOL).contains(&pool.len()),
            "pool",
            pool.len(),
            "a pool holds 1 to 1000 people",
        )?;
        let log: f64 = pool.iter().map(|risk| (-risk).ln_1p()).sum();
        tests += of_one_pool(pool.len(), log, assay);
    }
    Ok(tests)
}

/// With −∞ for a person who is infected for certain.
fn of_one_pool(people: usize, log_silence: f64, assay: &Assay) -> f64 {
    if people == 1 { 1.0 } else { 1.0 + people as f64 * assay.positive(-log_silence.exp_m1()) }
}

fn refuse_odd_risks<'a>(mut risks: impl Iterator<Item = &'a f64>) -> Result<(), LabError> {
    match risks.find(|risk| !(0.0..=1.0).contains(*risk)) {
        Some(odd) => Err(LabError::of("risk", odd, "give a share from 0 to 1, such as 0.01")),
        None => Ok(()),
    }
}

/// The pools of at most `largest` people that need the fewest tests, among those that keep people in the order of their risk.
///
/// # Source
/// Hwang 1975 (docs/sources.md#hwang-1975): with a perfect test no other division is better.
pub fn pool_by_risk(risks: &[f64], largest: usize, assay: &Assay) -> Result<RiskPools, LabError> {
    refuse_odd_risks(risks.iter())?;
    demand(
        (1..=MOST_IN_A_POOL).contains(&largest),
        "largest",
        largest,
        "give the most people a pool may hold, 1 to 1000",
    )?;
    let mut order: Vec<usize> = (0..risks.len()).collect();
    order.sort_by(|a, b| risks[*a].total_cmp(&risks[*b]).then(a.cmp(b)));
    // fewest[i]: tests of the first i people, and where their last pool begins.
    let mut fewest = vec![(0.0, 0)];
    for end in 1..=order.len() {
        let (mut best, mut log) = ((f64::INFINITY, end - 1), 0.0);
        for start in (end.saturating_sub(largest)..end).rev() {
            log += (-risks[order[start]]).ln_1p();
            let tests = fewest[start].0 + of_one_pool(end - start, log, assay);
            if tests < best.0 {
                best = (tests, start);
            }
        }
        fewest.push(best);
    }
    let tests = fewest[order.len()].0;
    let (mut pools, mut end) = (Vec::new(), order.len());
    while end > 0 {
        let start = fewest[end].1;
        pools.push(order[start..end].to_vec());
        end = start;
    }
    pools.reverse();
    Ok(RiskPools { pools, tests })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Every division of the list into pools of neighbours, by the bits of a number.
    fn fewest_of_all(sorted: &[f64], largest: usize, assay: &Assay) -> f64 {
        let cuts = sorted.len() - 1;
        let divisions = (0_u32..1 << cuts).filter_map(|bits| {
            let mut pools: Vec<&[f64]> = Vec::new();
            let mut start = 0;
            for place in 0..sorted.len() {
                if place == cuts || bits >> place & 1 == 1 {
                    pools.push(&sorted[start..=place]);
                    start = place + 1;
                }
            }
            let fits = pools.iter().all(|pool| pool.len() <= largest);
            fits.then(|| tests_of_pools(&pools, assay).unwrap())
        });
        divisions.fold(f64::INFINITY, f64::min)
    }

    proptest! {
        #[test]
        fn no_division_needs_fewer_tests(
            risks in proptest::collection::vec(0.0..1.0_f64, 1..9), largest in 1_usize..9,
            sensitivity in 0.6..=1.0_f64, specificity in 0.6..=1.0_f64,
        ) {
            let assay = Assay::of(sensitivity, specificity, None).unwrap();
            let found = pool_by_risk(&risks, largest, &assay).unwrap();
            let mut sorted = risks.clone();
            sorted.sort_by(f64::total_cmp);
            prop_assert!((found.tests - fewest_of_all(&sorted, largest, &assay)).abs() < 1e-9);
            let mut everybody: Vec<usize> = found.pools.concat();
            everybody.sort_unstable();
            prop_assert_eq!(everybody, (0..risks.len()).collect::<Vec<_>>());
        }
    }

    #[test]
    fn somebody_infected_for_certain_is_tested_alone() {
        let assay = Assay::of(0.95, 0.99, None).unwrap();
        let found = pool_by_risk(&[0.01, 1.0, 0.01, 0.0], 10, &assay).unwrap();
        assert_eq!(found.pools, [vec![3, 0, 2], vec![1]]);
        let why = pool_by_risk(&[0.1, f64::NAN], 10, &assay).unwrap_err().to_string();
        assert!(why.contains("`risk` is NaN; give a share"), "{why}");
        assert_eq!(pool_by_risk(&[], 10, &assay).unwrap().tests, 0.0);
    }
}
