//! Pools that are opened step by step: in two stages, with a second reading, in two rounds, in three stages.
//!
//! Tests of one person depend on each other only through what the mixes show: who is in them, and who is too weak in a mix of
//! that size. The strongest sample of a mix decides; two weak ones that only together would be seen count as not seen.
//!
//! # Source
//! Dorfman 1943 (docs/sources.md#dorfman-1943); error and three stages: Kim et al. 2007 (docs/sources.md#kim-2007); second readings:
//! Litvak, Tu and Pagano 1994 (docs/sources.md#litvak-1994).

use crate::assay::Assay;
use crate::people::{People, Silence};
use crate::scheme::Outcome;

/// Whose chance is asked for.
type Of = fn(&Silence) -> f64;
const ANYBODY: Of = |silence| silence.any;
const THE_INFECTED: Of = |silence| silence.infected;
const THE_WELL: Of = |silence| silence.well;

fn silence(people: &People, assay: &Assay, pool: usize) -> Silence {
    people.silence(pool, 1.0 - assay.shown_in(pool))
}

pub(crate) fn two_stage(pool: usize, people: &People, assay: &Assay) -> Outcome {
    let silence = silence(people, assay, pool);
    let positive = |of: Of| assay.positive(1.0 - of(&silence));
    let held = positive(ANYBODY);
    Outcome {
        tests: 1.0 / pool as f64 + held,
        found_infected: assay.sensitivity() * positive(THE_INFECTED),
        found_well: assay.false_positive() * positive(THE_WELL),
        held,
        waits_for_sample: held,
        waits_for_reading: 0.0,
    }
}

pub(crate) fn confirmed(pool: usize, people: &People, assay: &Assay) -> Outcome {
    let silence = silence(people, assay, pool);
    let once = assay.positive(1.0 - silence.any);
    let both = |of: Of| assay.both_positive(of(&silence), of(&silence), of(&silence));
    Outcome {
        tests: (1.0 + once) / pool as f64 + both(ANYBODY),
        found_infected: assay.sensitivity() * both(THE_INFECTED),
        found_well: assay.false_positive() * both(THE_WELL),
        held: once,
        waits_for_sample: both(ANYBODY),
        waits_for_reading: once,
    }
}

/// The same people stand in the same pools; what a mix shows is the same in both rounds, the errors are not.
pub(crate) fn twice(pool: usize, people: &People, assay: &Assay) -> Outcome {
    let silence = silence(people, assay, pool);
    let once = assay.positive(1.0 - silence.any);
    // Never, over two rounds: by what the pool shows.
    let found = |of: Of, alone: f64| {
        let missed = |pool: f64| (1.0 - pool * alone).powi(2);
        let silent = of(&silence);
        1.0 - (1.0 - silent) * missed(assay.sensitivity()) - silent * missed(assay.false_positive())
    };
    Outcome {
        tests: 2.0 * (1.0 / pool as f64 + once),
        found_infected: found(THE_INFECTED, assay.sensitivity()),
        found_well: found(THE_WELL, assay.false_positive()),
        held: 2.0 * once - assay.both_positive(silence.any, silence.any, silence.any),
        waits_for_sample: 2.0 * once,
        waits_for_reading: 0.0,
    }
}

pub(crate) fn three_stage(pool: usize, part: usize, people: &People, assay: &Assay) -> Outcome {
    let (whole, small) = (1.0 - assay.shown_in(pool), 1.0 - assay.shown_in(part));
    let own_in_whole = people.silence(part, whole);
    let own_in_part = people.silence(part, small);
    let others = own_in_whole.any.powf((pool / part - 1) as f64);
    // A part that shows nobody shows nobody in the larger mix either.
    let both =
        |of: Of| assay.both_positive(of(&own_in_whole) * others, of(&own_in_part), of(&own_in_part) * others);
    let first = assay.positive(1.0 - own_in_whole.any * others);
    Outcome {
        tests: 1.0 / pool as f64 + first / part as f64 + both(ANYBODY),
        found_infected: assay.sensitivity() * both(THE_INFECTED),
        found_well: assay.false_positive() * both(THE_WELL),
        held: first,
        waits_for_sample: first + both(ANYBODY),
        waits_for_reading: 0.0,
    }
}
