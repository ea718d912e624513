//! The zones that finds demand and that are not in force yet, each with its reasons.

use crate::board::Board;
use crate::{Area, Demand, Find, Unit};
use base::Day;
use packs::{UnitKind, ZoneScheme};
use serde::Serialize;

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Proposal {
    pub unit: Unit,
    pub level: String,
    /// Every demand at this place and in it, the strictest first.
    pub reasons: Vec<Demand>,
    pub doubts: Vec<Doubt>,
    /// The level in force at the place now, if it is milder.
    pub now: Option<String>,
}

/// What whoever decides should know.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Doubt {
    /// Wider than the edition draws this level by: only the township of the stay is known.
    Wide,
}

/// `in_force`: the areas of zones with the places of their levels in the edition. Nothing is proposed where something as strict holds.
pub fn propose(
    scheme: &ZoneScheme,
    look_back_days: u16,
    finds: &[Find],
    in_force: &[(Area, String)],
    today: Day,
) -> Vec<Proposal> {
    let mut board = Board::new(scheme, look_back_days);
    for find in finds.iter().filter(|find| find.day <= today) {
        board.add(find);
    }
    let demanded = board.demanded(today);
    let mut told = Vec::new();
    for (unit, level) in &demanded {
        // What a wider place demands as strictly is one zone with it.
        let swallowed =
            demanded.iter().any(|(other, theirs)| other != unit && other.holds(unit) && theirs <= level);
        let held = in_force
            .iter()
            .filter(|(area, _)| area.holds(unit))
            .filter_map(|(_, level)| Some((scheme.place_of(level)?, level)))
            .min();
        if swallowed || held.is_some_and(|(held, _)| held <= *level) {
            continue;
        }
        let Some(wanted) = scheme.levels.get(*level) else { continue };
        let mut reasons: Vec<Demand> = board.reasons(unit).into_iter().cloned().collect();
        reasons.sort_by(|a, b| (a.level, &a.find, &a.unit).cmp(&(b.level, &b.find, &b.unit)));
        told.push(Proposal {
            unit: (*unit).clone(),
            level: wanted.id.clone(),
            reasons,
            doubts: doubts(unit, &wanted.units),
            now: held.map(|(_, level)| level.clone()),
        });
    }
    told
}

fn doubts(unit: &Unit, drawn_by: &[UnitKind]) -> Vec<Doubt> {
    let widest = drawn_by.iter().max();
    if widest.is_some_and(|widest| unit.kind > *widest) { vec![Doubt::Wide] } else { Vec::new() }
}
