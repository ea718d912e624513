//! A pathway as a strip of days: what was asked on each, and what became of it.

use crate::plan::{Plan, TestState};
use crate::record::Followed;
use base::Day;
use packs::WatchPlace;
use serde::Serialize;

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Cell {
    pub day: Day,
    /// Counted through all phases, the first day being 1.
    pub number: u16,
    pub phase: usize,
    pub place: WatchPlace,
    /// Added by what was missed.
    pub added: bool,
    pub tests: Vec<TestState>,
    pub checks: u16,
    pub checks_asked: u16,
    pub check_missed: bool,
}

/// From the first day to the last as things stand.
pub fn strip(plan: &Plan, person: &Followed) -> Vec<Cell> {
    let mut cells = Vec::new();
    for (at, phase) in plan.phases.iter().enumerate() {
        for day in phase.first.through(phase.last) {
            let checks = person.checks.iter().filter(|check| check.day == day).count();
            cells.push(Cell {
                day,
                number: u16::try_from(cells.len() + 1).unwrap_or(u16::MAX),
                phase: at,
                place: phase.place,
                added: day > phase.planned_last,
                tests: phase.tests.iter().filter(|test| test.day == day).map(|test| test.state).collect(),
                checks: u16::try_from(checks).unwrap_or(u16::MAX),
                checks_asked: phase.checks_per_day,
                check_missed: phase.missed_checks.contains(&day),
            });
        }
    }
    cells
}
