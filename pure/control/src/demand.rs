//! Which level a find demands of the places where somebody stayed, by the edition's rules of entry.

use crate::{Find, How, Unit};
use base::Day;
use packs::{DrawnBy, ZoneLevel, ZoneScheme};
use serde::Serialize;

/// One reason for one level at one place.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Demand {
    pub unit: Unit,
    /// The place of the level in the edition: 0 is the strictest.
    #[serde(skip)]
    pub level: usize,
    #[serde(rename = "level")]
    pub level_id: String,
    pub find: String,
    /// The rule of entry that drew it.
    pub rule: String,
    /// The part of the stay that counts.
    pub from: Day,
    pub until: Day,
    /// From here the days of the level are counted.
    pub clock: Day,
}

/// The rules are tried from the strictest level down; the first that holds decides. Somebody positive again demands nothing.
pub fn demands(scheme: &ZoneScheme, look_back_days: u16, find: &Find) -> Vec<Demand> {
    if find.how == How::RePositive || scheme.drawn_by == DrawnBy::Counts {
        return Vec::new();
    }
    let clock = find.clock_day(&scheme.finds);
    let mut told: Vec<Demand> = find
        .stays
        .iter()
        .filter_map(|stay| {
            let (from, until) = find.counted(stay, look_back_days)?;
            let (level, drawn, rule) = scheme.levels.iter().enumerate().find_map(|(place, level)| {
                let rule = level.enter.iter().find(|rule| {
                    rule.stays.contains(&stay.kind)
                        && stay.risk >= rule.risk
                        && (stay.hard_to_trace || !rule.hard_to_trace)
                })?;
                Some((place, level, rule))
            })?;
            Some(Demand {
                unit: stay.unit.clone(),
                level,
                level_id: drawn.id.clone(),
                find: find.id.clone(),
                rule: rule.id.clone(),
                from,
                until,
                clock,
            })
        })
        .collect();
    told.sort();
    told.dedup();
    told
}

/// The days without a find after which a level is left, as far as days go; `after_higher` where it was lowered into.
pub(crate) fn days_of(level: &ZoneLevel, after_higher: bool) -> i32 {
    let rules = if after_higher && !level.leave_after_higher.is_empty() {
        &level.leave_after_higher
    } else {
        &level.leave
    };
    rules.iter().filter_map(days_in).max().unwrap_or(0)
}

fn days_in(rule: &packs::LeaveRule) -> Option<i32> {
    match rule {
        packs::LeaveRule::DaysClean { days, .. } | packs::LeaveRule::NoCluster { days, .. } => {
            Some(i32::from(*days))
        }
        _ => None,
    }
}

/// Where a level stands on a day if nothing more is found and every round is clean: it holds, was lowered, or is over.
pub fn if_clean(scheme: &ZoneScheme, level: usize, clock: Day, on: Day) -> Option<usize> {
    let (mut at, mut from, mut lowered) = (level, clock, false);
    loop {
        let here = scheme.levels.get(at)?;
        let until = from + days_of(here, lowered);
        if on < until {
            return Some(at);
        }
        // What the rest of a county is follows from what is left in it, not from one place.
        let to = scheme.place_of(here.to.as_deref()?)?;
        if scheme.levels[to].rest_of_county || to <= at {
            return None;
        }
        (at, from, lowered) = (to, until, true);
    }
}
