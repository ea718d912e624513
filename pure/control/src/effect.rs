//! What an order would do to people, before it is given: how many come under which level, how many tests, how many ways in to watch.

use crate::Unit;
use base::Day;
use packs::ZoneScheme;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A unit of the area with who lives there, as far as anybody knows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lived {
    pub unit: Unit,
    pub people: Option<u64>,
    /// Ways in and out that stay open and are watched.
    pub entrances: Option<u32>,
    /// The level it is under now.
    pub now: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Moved {
    pub from: Option<String>,
    pub to: Option<String>,
    pub people: u64,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Effect {
    pub people: u64,
    /// Units of which nobody has said how many live there.
    pub unknown: Vec<Unit>,
    pub moved: Vec<Moved>,
    /// On which day everybody is tested by the edition, and how many that is.
    pub tests: Vec<(Day, u64)>,
    pub tests_in_all: u64,
    pub checkpoints: u32,
    pub checkpoints_unknown: usize,
}

pub fn effect(scheme: &ZoneScheme, level: Option<&str>, since: Day, lived: &[Lived]) -> Effect {
    let people: u64 = lived.iter().filter_map(|one| one.people).sum();
    let mut moved: BTreeMap<Option<String>, u64> = BTreeMap::new();
    for one in lived {
        *moved.entry(one.now.clone()).or_default() += one.people.unwrap_or(0);
    }
    let days = level.and_then(|level| scheme.level(level)).map_or(&[][..], |level| &level.tests);
    let tests: Vec<(Day, u64)> = days.iter().map(|day| (since + i32::from(*day), people)).collect();
    Effect {
        people,
        unknown: lived.iter().filter(|one| one.people.is_none()).map(|one| one.unit.clone()).collect(),
        moved: moved
            .into_iter()
            .map(|(from, people)| Moved { from, to: level.map(str::to_owned), people })
            .collect(),
        tests_in_all: tests.iter().map(|(_, people)| people).sum(),
        tests,
        checkpoints: lived.iter().filter_map(|one| one.entrances).sum(),
        checkpoints_unknown: lived.iter().filter(|one| one.entrances.is_none()).count(),
    }
}
