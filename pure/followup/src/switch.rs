//! What a new edition changes for somebody who is under way by the old one, said before it is done.

use crate::plan::{Missed, Plan, Standing, plan};
use crate::record::{Followed, Switched};
use base::Day;
use cases::words;
use packs::{Protocol, Transition, WatchPlace};
use serde::Serialize;

words! {
    EffectKind, "effect of a change of edition" {
        /// They go on by the edition they began under.
        StaysOld = "stays_old",
        /// They change over and nothing is different.
        Same = "same",
        Shorter = "shorter",
        Longer = "longer",
        /// They are past the new end: a release is proposed as soon as its criteria hold.
        PastEnd = "past_end",
        /// The new edition follows nobody of this category.
        NoLonger = "no_longer",
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Effect {
    pub what: EffectKind,
    pub old_last: Day,
    pub new_last: Option<Day>,
    pub old_place: WatchPlace,
    pub new_place: Option<WatchPlace>,
    /// Days that fall away; below zero, days that are added.
    pub days_fewer: i32,
    /// How they go on by the new edition; absent when they stay with the old one or are followed no more.
    pub switched: Option<Switched>,
}

/// `None` when the old edition does not follow them either, or they are through.
pub fn switch(old: &Protocol, new: &Protocol, person: &Followed, today: Day) -> Option<Effect> {
    let before = plan(old, person, today)?;
    if before.standing == Standing::Ended {
        return None;
    }
    let stay = |new_last: Option<Day>| Effect {
        what: EffectKind::StaysOld,
        old_last: before.last,
        new_last,
        old_place: before.phase().place,
        new_place: Some(before.phase().place),
        days_fewer: 0,
        switched: None,
    };
    let rule = new.follow_up.transition.value;
    if rule == Transition::FinishOld {
        return Some(stay(Some(before.last)));
    }
    if new.pathway(person.category).is_none() {
        return Some(Effect {
            what: EffectKind::NoLonger,
            old_last: before.last,
            new_last: None,
            old_place: before.phase().place,
            new_place: None,
            days_fewer: (before.last - today + 1).max(0),
            switched: None,
        });
    }
    let switched = Switched { day: today, test: asks_test(&before, new, person, today) };
    let after = plan(new, &changed_over(person, switched), today)?;
    if rule == Transition::Shorten && after.last > before.last {
        return Some(stay(Some(before.last)));
    }
    let places = (before.phase().place, after.phase().place);
    let what = match after.last.cmp(&before.last) {
        _ if after.phase().planned_last < today && after.current + 1 == after.phases.len() => {
            EffectKind::PastEnd
        }
        std::cmp::Ordering::Less => EffectKind::Shorter,
        std::cmp::Ordering::Greater => EffectKind::Longer,
        std::cmp::Ordering::Equal => EffectKind::Same,
    };
    Some(Effect {
        what,
        old_last: before.last,
        new_last: Some(after.last),
        old_place: places.0,
        new_place: Some(places.1),
        days_fewer: before.last - after.last,
        switched: Some(switched),
    })
}

/// The same person under the new edition: decisions on phases of the old one are none on those of the new one.
pub(crate) fn changed_over(person: &Followed, switched: Switched) -> Followed {
    Followed { switched: Some(switched), released: Vec::new(), ..person.clone() }
}

/// A test is asked when one is owed by the old edition, or where the new one lets nobody leave a place or the pathway untested.
fn asks_test(before: &Plan, new: &Protocol, person: &Followed, today: Day) -> bool {
    if before.missed.iter().any(|one| one.what == Missed::Test) {
        return true;
    }
    if !new.follow_up.past_needs_test.value {
        return false;
    }
    let untested = Switched { day: today, test: false };
    plan(new, &changed_over(person, untested), today).is_some_and(|after| {
        let past = after.phase().planned_last < today;
        past || after.phase().place != before.phase().place
    })
}
