//! Who was there: the registered visits that shared place and time with a fence, by the same search as every other overlap.

use super::record::FenceRecord;
use super::{Registration, Wall};
use crate::people::Subject;
use base::Id;
use std::collections::BTreeMap;
use store::{Query, Result, params};
use trace::overlap::{CaseVisit, GapRule, Looking, Minute, Spread, Stay, VisitIndex, shared_stays};

/// A check-in says when somebody came and not when they left: so long they may have been there.
const MAY_STAY_MINUTES: u32 = 240;

/// No stay is longer; see `trace::overlap::VisitRules`.
pub(super) const LONGEST_MINUTES: u32 = 60 * 1_440;

/// Somebody who was there.
#[derive(Debug, Clone)]
pub(super) struct Present {
    pub first: Wall,
    pub last: Option<Wall>,
    pub kinds: Vec<Registration>,
}

/// By person, however often each was there.
pub(super) fn present(query: &mut dyn Query, fence: &FenceRecord) -> Result<BTreeMap<Id<Subject>, Present>> {
    let (first, past) = fence.territory.range();
    let rows = query.rows(
        "SELECT subject, first_minute, last_minute, kind FROM trace_registered WHERE target = $1 AND first_minute >= $2 \
         AND first_minute <= $3 AND territory >= $4 AND territory < $5 ORDER BY first_minute, id",
        params![
            &fence.target,
            Wall::kept(i64::from(fence.first.0.0) - i64::from(LONGEST_MINUTES)),
            fence.clear(),
            first,
            past
        ],
    )?;
    let (mut visitors, mut numbers) = (Vec::new(), BTreeMap::new());
    let (mut stays, mut told) = (Vec::new(), Vec::new());
    for row in &rows {
        let subject: Id<Subject> = row.read(0)?;
        let number = *numbers.entry(subject).or_insert_with(|| {
            visitors.push(subject);
            visitors.len() - 1
        });
        let visit = Visit {
            number,
            first: Wall::kept(row.int(1)?),
            last: row.opt_int(2)?.map(Wall::kept),
            kind: row.read(3)?,
        };
        stays.push(visit.stay());
        told.push(visit);
    }
    let there = there(stays, fence);
    let mut present: BTreeMap<Id<Subject>, Present> = BTreeMap::new();
    for visit in told.iter().filter(|visit| there.contains(&visit.number) && visit.touches(fence)) {
        let one = present.entry(visitors[visit.number]).or_insert_with(|| Present {
            first: visit.first,
            last: visit.last,
            kinds: Vec::new(),
        });
        one.last = one.last.max(visit.last);
        if !one.kinds.contains(&visit.kind) {
            one.kinds.push(visit.kind);
        }
    }
    Ok(present)
}

struct Visit {
    number: usize,
    first: Wall,
    last: Option<Wall>,
    kind: Registration,
}

impl Visit {
    fn stay(&self) -> Stay {
        let latest = self.last.unwrap_or_else(|| self.first.plus(MAY_STAY_MINUTES));
        Stay {
            subject: u32::try_from(self.number).unwrap_or(u32::MAX),
            place: 0,
            earliest: self.first.0,
            latest: latest.0,
            began_spread: Spread::NONE,
            ended_spread: if self.last.is_some() { Spread::NONE } else { Spread::of(MAY_STAY_MINUTES) },
        }
    }

    /// Of several visits of one person, those that count are told.
    fn touches(&self, fence: &FenceRecord) -> bool {
        let stay = self.stay();
        touch((stay.earliest, stay.latest), (fence.first.0, fence.clear().0))
    }
}

/// Numbers of those who were there, whose visit touched the window or the air after it.
fn there(stays: Vec<Stay>, fence: &FenceRecord) -> std::collections::BTreeSet<usize> {
    // The fence is asked for as a visit of nobody.
    let window = Stay {
        subject: u32::MAX,
        place: 0,
        earliest: fence.first.0,
        latest: fence.last.0,
        began_spread: Spread::NONE,
        ended_spread: Spread::NONE,
    };
    let asked = [CaseVisit { stay: window, onset: None }];
    let gap = GapRule::Everywhere(fence.gap_minutes);
    let shared = shared_stays(&VisitIndex::of(stays), &asked, &gap, Looking::Onward);
    shared.iter().map(|exposure| exposure.contact as usize).collect()
}

/// Whether two stretches of time share a minute.
pub(super) fn touch(a: (Minute, Minute), b: (Minute, Minute)) -> bool {
    a.0 <= b.1 && b.0 <= a.1
}
