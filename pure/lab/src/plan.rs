//! Which scheme costs least: tests, and the hours people are held, above a smallest sensitivity.
//!
//! Deliberately absent: what a missed infection costs. The smallest sensitivity stands for it, because nobody can price it.

use crate::assay::Assay;
use crate::people::People;
use crate::refusal::{LabError, demand};
use crate::scheme::{Kind, MOST_IN_A_POOL, Performance, Scheme, perform};

#[derive(Debug, Clone, PartialEq)]
pub struct Wishes {
    /// Of one test, in any money.
    pub price_of_test: f64,
    /// Of one hour for which one person is held, in the same money.
    pub value_of_hour: f64,
    /// From a positive mix to the results of new samples, in hours.
    pub hours_for_sample: f64,
    /// From a positive mix to its second reading.
    pub hours_for_reading: f64,
    pub least_sensitivity: f64,
    /// Sizes a mix may have.
    pub sizes: Vec<usize>,
}

impl Wishes {
    pub(crate) fn refuse_the_senseless(&self) -> Result<(), LabError> {
        for (field, value) in [
            ("price_of_test", self.price_of_test),
            ("value_of_hour", self.value_of_hour),
            ("hours_for_sample", self.hours_for_sample),
            ("hours_for_reading", self.hours_for_reading),
        ] {
            demand((0.0..=1e9).contains(&value), field, value, "give 0 or more, at most a thousand million")?;
        }
        demand(
            self.price_of_test > 0.0 || self.value_of_hour > 0.0,
            "price_of_test",
            self.price_of_test,
            "with no price and no value of an hour everything costs the same; give one of them",
        )?;
        demand(
            (0.0..=1.0).contains(&self.least_sensitivity),
            "least_sensitivity",
            self.least_sensitivity,
            "give a share from 0 to 1, such as 0.9",
        )?;
        demand(!self.sizes.is_empty(), "sizes", "empty", "give at least one size, such as 10")?;
        let odd = self.sizes.iter().find(|size| !(1..=MOST_IN_A_POOL).contains(*size));
        demand(odd.is_none(), "sizes", odd.copied().unwrap_or(0), "a mix holds 1 to 1000 people")
    }
}

/// A scheme with what it does and costs for one person tested.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Offer {
    pub scheme: Scheme,
    pub performance: Performance,
    pub hours_held: f64,
    pub cost: f64,
    /// Whether it is as sensitive as asked.
    pub sensitive_enough: bool,
}

pub fn offer(scheme: Scheme, people: &People, assay: &Assay, wishes: &Wishes) -> Result<Offer, LabError> {
    let performance = perform(scheme, people, assay)?;
    let hours_held = performance.waits_for_sample * wishes.hours_for_sample
        + performance.waits_for_reading * wishes.hours_for_reading;
    Ok(Offer {
        scheme,
        performance,
        hours_held,
        cost: performance.tests * wishes.price_of_test + hours_held * wishes.value_of_hour,
        // A sensitivity that is the wish but for rounding is the wish.
        sensitive_enough: performance.sensitivity >= wishes.least_sensitivity - 1e-12,
    })
}

/// The best of every kind, the cheapest first; kinds that are nowhere sensitive enough come last, each with its most sensitive.
pub fn compare_schemes(people: &People, assay: &Assay, wishes: &Wishes) -> Result<Vec<Offer>, LabError> {
    wishes.refuse_the_senseless()?;
    let mut found = Vec::new();
    for kind in Kind::ALL {
        let mut best: Option<Offer> = None;
        for scheme in schemes(kind, &wishes.sizes) {
            let next = offer(scheme, people, assay, wishes)?;
            if best.is_none_or(|best| better(&next, &best)) {
                best = Some(next);
            }
        }
        found.extend(best);
    }
    found.sort_by(|a, b| b.sensitive_enough.cmp(&a.sensitive_enough).then(a.cost.total_cmp(&b.cost)));
    Ok(found)
}

/// The cheaper one where both are sensitive enough, else the more sensitive; of equals the first stays.
fn better(next: &Offer, best: &Offer) -> bool {
    match (next.sensitive_enough, best.sensitive_enough) {
        (true, true) => next.cost < best.cost,
        (false, false) => next.performance.sensitivity > best.performance.sensitivity,
        (enough, _) => enough,
    }
}

/// Every scheme of a kind whose mixes have sizes that are allowed.
fn schemes(kind: Kind, sizes: &[usize]) -> Vec<Scheme> {
    let mut pools: Vec<usize> = sizes.iter().copied().filter(|size| *size > 1).collect();
    pools.sort_unstable();
    pools.dedup();
    let allowed = |size: usize| pools.binary_search(&size).is_ok();
    let each = |scheme: fn(usize) -> Scheme| pools.iter().map(|pool| scheme(*pool)).collect();
    match kind {
        Kind::Single => vec![Scheme::Single],
        Kind::TwoStage => each(|pool| Scheme::TwoStage { pool }),
        Kind::Confirmed => each(|pool| Scheme::Confirmed { pool }),
        Kind::Twice => each(|pool| Scheme::Twice { pool }),
        Kind::Array => each(|side| Scheme::Array { side }),
        Kind::MasterArray => pools
            .iter()
            .filter(|side| allowed(side.saturating_mul(**side)))
            .map(|side| Scheme::MasterArray { side: *side })
            .collect(),
        Kind::ThreeStage => pools
            .iter()
            .flat_map(|pool| {
                let parts = pools.iter().filter(move |part| *part < pool && pool.is_multiple_of(**part));
                parts.map(move |part| Scheme::ThreeStage { pool: *pool, part: *part })
            })
            .collect(),
    }
}

/// The pool size that needs the fewest tests in two stages, among these.
pub fn two_stage_size(
    people: &People,
    assay: &Assay,
    sizes: impl IntoIterator<Item = usize>,
) -> Result<(usize, f64), LabError> {
    let mut best: Option<(usize, f64)> = None;
    for pool in sizes {
        let tests = perform(Scheme::TwoStage { pool }, people, assay)?.tests;
        if best.is_none_or(|(_, fewest)| tests < fewest) {
            best = Some((pool, tests));
        }
    }
    best.ok_or_else(|| LabError::of("sizes", "empty", "give at least one size, such as 10"))
}
