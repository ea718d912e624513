//! What several people share that may have infected them: a place, a gathering at a place, a lot of goods.

use crate::trace::suspects::Stayed;
use crate::trace::wall::told_minute;
use std::collections::{BTreeMap, BTreeSet};

pub(super) enum Kind {
    Place,
    /// At one place, from when to when those who fell ill were there together.
    Gathering {
        place: String,
        from: i64,
        to: i64,
    },
    Goods,
}

impl Kind {
    pub fn word(&self) -> &'static str {
        match self {
            Kind::Place => "place",
            Kind::Gathering { .. } => "event",
            Kind::Goods => "goods",
        }
    }
}

pub(super) struct Shared {
    pub kind: Kind,
    pub id: String,
    pub name: String,
    /// By handle.
    pub exposed: BTreeSet<String>,
}

impl Shared {
    /// Whether somebody shared it too, in both languages.
    pub fn question(&self, no: &str) -> (String, String) {
        let name = &self.name;
        match &self.kind {
            Kind::Place => (format!("Was {no} at {name}?"), format!("{no} 是否到过 {name}？")),
            Kind::Gathering { .. } => {
                (format!("Was {no} there: {name}?"), format!("{no} 是否在场：{name}？"))
            }
            Kind::Goods => (format!("Did {no} handle {name}?"), format!("{no} 是否接触过 {name}？")),
        }
    }
}

/// Of each place and day the minutes in which most of the ill were there at once, when at least two were; with everybody who was
/// there in them. Who was together by chance is told apart by the table, not here.
pub(super) fn gatherings(
    stays: &[Stayed],
    names: &BTreeMap<String, String>,
    ill: &dyn Fn(&str) -> bool,
) -> Vec<Shared> {
    let mut by_place: BTreeMap<&str, Vec<&Stayed>> = BTreeMap::new();
    for stay in stays {
        by_place.entry(&stay.place).or_default().push(stay);
    }
    let mut found = Vec::new();
    for (place, stays) in by_place {
        let of_ill: Vec<&Stayed> = stays.iter().copied().filter(|stay| ill(&stay.subject)).collect();
        for (from, to) in fullest_minutes(&of_ill) {
            let there = stays.iter().filter(|stay| stay.from <= to && from <= stay.to);
            let name = format!("{} {}–{}", names[place], told_minute(from).replace('T', " "), clock(to));
            found.push(Shared {
                kind: Kind::Gathering { place: place.to_owned(), from, to },
                id: format!("{place} {from}"),
                name,
                exposed: there.map(|stay| stay.subject.clone()).collect(),
            });
        }
    }
    found
}

fn clock(minute: i64) -> String {
    told_minute(minute)[11..].to_owned()
}

/// Of each day on which two people or more were there at once, the first of the minutes with most of them.
fn fullest_minutes(stays: &[&Stayed]) -> Vec<(i64, i64)> {
    // Comings before goings: who comes in the minute another leaves meets them.
    let mut turns: Vec<(i64, i8, &str)> =
        stays.iter().map(|stay| (stay.from, 0, stay.subject.as_str())).collect();
    turns.extend(stays.iter().map(|stay| (stay.to, 1, stay.subject.as_str())));
    turns.sort_unstable();
    let mut goings: Vec<i64> = Vec::with_capacity(turns.len());
    for (minute, goes, _) in turns.iter().rev() {
        let next = goings.last().copied().unwrap_or(*minute);
        goings.push(if *goes == 1 { *minute } else { next });
    }
    goings.reverse();
    let mut there: BTreeMap<&str, usize> = BTreeMap::new();
    let mut fullest: BTreeMap<i64, (usize, i64, i64)> = BTreeMap::new();
    for ((minute, goes, subject), until) in turns.iter().zip(goings) {
        if *goes == 1 {
            let stays_on = there.entry(*subject).or_default();
            *stays_on = stays_on.saturating_sub(1);
            if *stays_on == 0 {
                there.remove(subject);
            }
            continue;
        }
        *there.entry(*subject).or_default() += 1;
        // Until somebody goes they are all there.
        let best = fullest.entry(minute.div_euclid(1_440)).or_default();
        if there.len() > 1 && there.len() > best.0 {
            *best = (there.len(), *minute, until);
        }
    }
    fullest.into_values().filter(|(many, ..)| *many > 1).map(|(_, from, to)| (from, to)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stay(subject: &str, from: i64, to: i64) -> Stayed {
        Stayed { subject: subject.into(), place: "p".into(), from, to }
    }

    #[test]
    fn a_gathering_is_when_most_of_the_ill_were_there_at_once() {
        let check = |stays: &[(&str, i64, i64)], expected: &[(i64, i64)]| {
            let stays: Vec<Stayed> = stays.iter().map(|(who, from, to)| stay(who, *from, *to)).collect();
            assert_eq!(fullest_minutes(&stays.iter().collect::<Vec<_>>()), expected);
        };
        check(&[], &[]);
        check(&[("a", 0, 60), ("b", 100, 160)], &[]);
        check(&[("a", 0, 60), ("b", 30, 160)], &[(30, 60)]);
        check(&[("a", 0, 60), ("b", 60, 160)], &[(60, 60)]);
        check(&[("a", 0, 600), ("b", 30, 60), ("c", 100, 200), ("d", 110, 200)], &[(110, 200)]);
        // One person told of twice is one person; the next day is a gathering of its own.
        check(&[("a", 0, 60), ("a", 10, 50)], &[]);
        check(
            &[("a", 0, 60), ("b", 0, 60), ("a", 1_500, 1_560), ("b", 1_510, 1_540)],
            &[(0, 60), (1_510, 1_540)],
        );
    }
}
