//! The ways of mixing, and what each does: tests, sensitivity, specificity, people held.

use crate::array::{array, master_array};
use crate::assay::Assay;
use crate::compatibility::Compatibility;
use crate::hierarchy::{confirmed, three_stage, twice, two_stage};
use crate::people::People;
use crate::refusal::{LabError, demand};
use serde::Serialize;

/// No tube and no mix holds more; larger numbers are slips.
pub const MOST_IN_A_POOL: usize = 1_000;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    Single,
    TwoStage,
    Confirmed,
    Twice,
    ThreeStage,
    Array,
    MasterArray,
}

impl Kind {
    pub const ALL: [Kind; 7] = [
        Kind::Single,
        Kind::TwoStage,
        Kind::Confirmed,
        Kind::Twice,
        Kind::ThreeStage,
        Kind::Array,
        Kind::MasterArray,
    ];

    pub fn word(self) -> &'static str {
        match self {
            Kind::Single => "single",
            Kind::TwoStage => "two_stage",
            Kind::Confirmed => "confirmed",
            Kind::Twice => "twice",
            Kind::ThreeStage => "three_stage",
            Kind::Array => "array",
            Kind::MasterArray => "master_array",
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scheme {
    /// Everybody alone.
    Single,
    /// A positive pool: everybody in it again, alone.
    TwoStage { pool: usize },
    /// A positive pool is read again; positive again: everybody in it alone.
    Confirmed { pool: usize },
    /// Two stages in two rounds with the same pools; found in either is found.
    Twice { pool: usize },
    /// A positive pool: parts of it; a positive part: everybody in it alone.
    ThreeStage { pool: usize, part: usize },
    /// A square, pooled by rows and by columns. Alone: who stands in a positive row and a positive column, or in a positive
    /// line when no line across is positive.
    Array { side: usize },
    /// The whole square in one pool first.
    MasterArray { side: usize },
}

impl Scheme {
    pub fn kind(self) -> Kind {
        match self {
            Scheme::Single => Kind::Single,
            Scheme::TwoStage { .. } => Kind::TwoStage,
            Scheme::Confirmed { .. } => Kind::Confirmed,
            Scheme::Twice { .. } => Kind::Twice,
            Scheme::ThreeStage { .. } => Kind::ThreeStage,
            Scheme::Array { .. } => Kind::Array,
            Scheme::MasterArray { .. } => Kind::MasterArray,
        }
    }

    /// People in the largest mix.
    pub fn largest_mix(self) -> usize {
        match self {
            Scheme::Single => 1,
            Scheme::TwoStage { pool }
            | Scheme::Confirmed { pool }
            | Scheme::Twice { pool }
            | Scheme::ThreeStage { pool, .. } => pool,
            Scheme::Array { side } => side,
            Scheme::MasterArray { side } => side.saturating_mul(side),
        }
    }

    /// The second number of the scheme: people in a part, or in a row.
    pub fn smaller_mix(self) -> Option<usize> {
        match self {
            Scheme::ThreeStage { part, .. } => Some(part),
            Scheme::MasterArray { side } => Some(side),
            _ => None,
        }
    }

    fn refuse_the_senseless(self) -> Result<(), LabError> {
        let pool = self.largest_mix();
        if self == Scheme::Single {
            return Ok(());
        }
        demand(
            (2..=MOST_IN_A_POOL).contains(&pool),
            "pool",
            pool,
            "give 2 to 1000 people; one alone is the scheme `single`",
        )?;
        if let Scheme::ThreeStage { pool, part } = self {
            demand(
                part > 1 && part < pool && pool.is_multiple_of(part),
                "part",
                part,
                "give a size between 1 and the pool that divides it, such as 5 of 20",
            )?;
        }
        Ok(())
    }
}

/// What a scheme does, all for one person tested.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Performance {
    pub tests: f64,
    pub sensitivity: f64,
    pub specificity: f64,
    /// The share of those found who are infected.
    pub positive_predictive_value: f64,
    pub negative_predictive_value: f64,
    /// Share of people held at least once.
    pub held: f64,
    /// How many times somebody waits for another sample, and for another reading of the same one.
    pub waits_for_sample: f64,
    pub waits_for_reading: f64,
}

/// What the arithmetic of a scheme gives; the rest follows.
pub(crate) struct Outcome {
    pub tests: f64,
    /// Chances of being found, for the infected and for the others.
    pub found_infected: f64,
    pub found_well: f64,
    pub held: f64,
    pub waits_for_sample: f64,
    pub waits_for_reading: f64,
}

pub fn perform(scheme: Scheme, people: &People, assay: &Assay) -> Result<Performance, LabError> {
    perform_as(scheme, people, assay, Compatibility::None)
}

pub fn perform_as(
    scheme: Scheme,
    people: &People,
    assay: &Assay,
    compatibility: Compatibility,
) -> Result<Performance, LabError> {
    scheme.refuse_the_senseless()?;
    let mut outcome = match scheme {
        Scheme::Single => Outcome {
            tests: 1.0,
            found_infected: assay.sensitivity(),
            found_well: assay.false_positive(),
            held: 0.0,
            waits_for_sample: 0.0,
            waits_for_reading: 0.0,
        },
        Scheme::TwoStage { pool } => two_stage(pool, people, assay),
        Scheme::Confirmed { pool } => confirmed(pool, people, assay),
        Scheme::Twice { pool } => twice(pool, people, assay),
        Scheme::ThreeStage { pool, part } => three_stage(pool, part, people, assay),
        Scheme::Array { side } => array(side, people, assay),
        Scheme::MasterArray { side } => master_array(side, people, assay),
    };
    if let (Scheme::MasterArray { side }, Compatibility::BinGroup2_1_3) = (scheme, compatibility) {
        let without = assay.sensitivity() * array(side, people, assay).tests;
        outcome.tests = without + (outcome.tests - without) / (side * side) as f64;
    }
    let (p, q) = (people.prevalence(), 1.0 - people.prevalence());
    let (right, wrong) = (p * outcome.found_infected, q * outcome.found_well);
    let (cleared, missed) = (q * (1.0 - outcome.found_well), p * (1.0 - outcome.found_infected));
    Ok(Performance {
        tests: outcome.tests,
        sensitivity: outcome.found_infected,
        specificity: 1.0 - outcome.found_well,
        positive_predictive_value: right / (right + wrong),
        negative_predictive_value: cleared / (cleared + missed),
        held: outcome.held,
        waits_for_sample: outcome.waits_for_sample,
        waits_for_reading: outcome.waits_for_reading,
    })
}
