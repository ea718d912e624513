//! One tube registered on two phones, or twice on one: what both say together.
//!
//! Merging has no order: phones come back from where there is no network whenever they can, and the same two must end as the same
//! tube. So what is kept and what is named a conflict depends on what was said, never on who was first.

use crate::tube::{Barcode, TubeKind, TubeSize};
use base::Moment;
use std::collections::BTreeMap;

/// What a phone says of one tube. `P` is a mark by which one person is known again, such as a keyed hash.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Registration<P> {
    pub barcode: Barcode,
    pub kind: TubeKind,
    pub size: TubeSize,
    pub site: String,
    /// By person and position, each pair once.
    pub members: Vec<Member<P>>,
}

/// One swab.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Member<P> {
    pub person: P,
    /// From 1; absent where swabs are not numbered.
    pub position: Option<u8>,
    pub sampled: Moment,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Merged<P> {
    pub registration: Registration<P>,
    /// What somebody must look at; the tube stands meanwhile, with everybody in it.
    pub conflicts: Vec<TubeConflict<P>>,
    /// Swabs that the second registration brought.
    pub added: usize,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TubeConflict<P> {
    /// Two people at one place: one of them stands in another tube, or one of the numbers is wrong.
    SamePosition { position: u8, people: Vec<P> },
    /// One person at two places: swabbed twice, or counted twice.
    TwoPositions { person: P, positions: Vec<u8> },
    /// A place the tube has not.
    BeyondSize { position: u8, person: P },
    /// One swab with two moments; the earlier is kept, so that no result lasts too long.
    TwoMoments { person: P, earlier: Moment, later: Moment },
    /// The smaller is kept, so that a full tube is not taken for a half-full one.
    TwoSizes { smaller: TubeSize, larger: TubeSize },
    /// A label printed twice looks like this; the lower text is kept.
    TwoSites { kept: String, other: String },
}

/// Nothing is merged.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MergeRefused {
    #[error("{0} and {1} are two tubes; scan the barcode again")]
    OtherTube(Barcode, Barcode),
    #[error(
        "one says {0} and the other {1}; look at the tube, and register the one that is wrong under its own barcode"
    )]
    OtherKind(TubeKind, TubeKind),
    #[error("{people} people in a tube for {}; sample them again in tubes of their own", size.swabs())]
    OverFull { people: usize, size: TubeSize },
}

/// # Source
/// When platforms fell over, registration went on by identity card and on paper, to be merged later (docs/sources.md#platforms-2022).
/// The key of a swab is barcode, position and person.
///
/// # Errors
/// Two barcodes, two kinds, or more people than the tube is made for.
pub fn merge_registrations<P: Ord + Clone>(
    one: &Registration<P>,
    other: &Registration<P>,
) -> Result<Merged<P>, MergeRefused> {
    if one.barcode != other.barcode {
        return Err(MergeRefused::OtherTube(one.barcode.clone(), other.barcode.clone()));
    }
    if one.kind != other.kind {
        return Err(MergeRefused::OtherKind(one.kind, other.kind));
    }
    let mut conflicts = Vec::new();
    let (smaller, larger) = (one.size.min(other.size), one.size.max(other.size));
    if smaller != larger {
        conflicts.push(TubeConflict::TwoSizes { smaller, larger });
    }
    let (kept, farther) = if one.site <= other.site { (one, other) } else { (other, one) };
    if kept.site != farther.site {
        conflicts.push(TubeConflict::TwoSites { kept: kept.site.clone(), other: farther.site.clone() });
    }
    let before = swabs_of(&one.members, &mut Vec::new()).len();
    let members = swabs_of(one.members.iter().chain(&other.members), &mut conflicts);
    let added = members.len().saturating_sub(before);
    let people = members.chunk_by(|a, b| a.person == b.person).count();
    if people > usize::from(smaller.swabs()) {
        return Err(MergeRefused::OverFull { people, size: smaller });
    }
    name_odd_positions(&members, smaller, &mut conflicts);
    let registration = Registration {
        barcode: one.barcode.clone(),
        kind: one.kind,
        size: smaller,
        site: kept.site.clone(),
        members,
    };
    Ok(Merged { registration, conflicts, added })
}

/// Each person and position once. Somebody without a number is the same swab as with one.
fn swabs_of<'a, P: Ord + Clone + 'a>(
    said: impl IntoIterator<Item = &'a Member<P>>,
    conflicts: &mut Vec<TubeConflict<P>>,
) -> Vec<Member<P>> {
    let mut people: BTreeMap<&P, BTreeMap<Option<u8>, (Moment, Moment)>> = BTreeMap::new();
    for member in said {
        let swabs = people.entry(&member.person).or_default();
        let told = swabs.entry(member.position).or_insert((member.sampled, member.sampled));
        *told = (told.0.min(member.sampled), told.1.max(member.sampled));
    }
    let mut members = Vec::new();
    for (person, mut swabs) in people {
        if swabs.len() > 1
            && let Some(unnumbered) = swabs.remove(&None)
            && let Some(mut first) = swabs.first_entry()
        {
            let told = first.get_mut();
            *told = (told.0.min(unnumbered.0), told.1.max(unnumbered.1));
        }
        for (position, (earlier, later)) in swabs {
            if earlier != later {
                conflicts.push(TubeConflict::TwoMoments { person: person.clone(), earlier, later });
            }
            members.push(Member { person: person.clone(), position, sampled: earlier });
        }
    }
    members
}

fn name_odd_positions<P: Ord + Clone>(
    members: &[Member<P>],
    size: TubeSize,
    conflicts: &mut Vec<TubeConflict<P>>,
) {
    let mut places: BTreeMap<u8, Vec<P>> = BTreeMap::new();
    for swabs in members.chunk_by(|a, b| a.person == b.person) {
        let positions: Vec<u8> = swabs.iter().filter_map(|swab| swab.position).collect();
        for position in &positions {
            places.entry(*position).or_default().push(swabs[0].person.clone());
            if *position == 0 || *position > size.swabs() {
                let person = swabs[0].person.clone();
                conflicts.push(TubeConflict::BeyondSize { position: *position, person });
            }
        }
        if positions.len() > 1 {
            conflicts.push(TubeConflict::TwoPositions { person: swabs[0].person.clone(), positions });
        }
    }
    for (position, people) in places {
        if people.len() > 1 {
            conflicts.push(TubeConflict::SamePosition { position, people });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn at(minute: i64) -> Moment {
        Moment(1_661_990_400_000).plus_seconds(minute * 60)
    }

    fn tube(size: u8, site: &str, members: &[(&'static str, Option<u8>, i64)]) -> Registration<&'static str> {
        Registration {
            barcode: "CD-0000001".parse().unwrap(),
            kind: TubeKind::People,
            size: TubeSize::of(size).unwrap(),
            site: site.to_owned(),
            members: members
                .iter()
                .map(|(person, position, minute)| Member {
                    person: *person,
                    position: *position,
                    sampled: at(*minute),
                })
                .collect(),
        }
    }

    #[test]
    fn two_phones_at_one_desk_end_as_one_tube() {
        let one = tube(10, "s1", &[("li", Some(1), 0), ("wang", Some(2), 1)]);
        let other = tube(10, "s1", &[("wang", None, 1), ("zhao", Some(3), 2)]);
        let merged = merge_registrations(&one, &other).unwrap();
        assert_eq!(merged.conflicts, []);
        assert_eq!(merged.added, 1);
        let said: Vec<_> = merged.registration.members.iter().map(|m| (m.person, m.position)).collect();
        assert_eq!(said, [("li", Some(1)), ("wang", Some(2)), ("zhao", Some(3))]);
    }

    #[test]
    fn what_does_not_agree_is_named_and_nobody_is_lost() {
        let one = tube(20, "east", &[("li", Some(1), 0), ("wang", Some(2), 5)]);
        let other = tube(
            10,
            "west",
            &[("zhao", Some(1), 9), ("wang", Some(3), 6), ("li", Some(1), 4), ("sun", Some(11), 9)],
        );
        let merged = merge_registrations(&one, &other).unwrap();
        let (five, ten) = (TubeSize::of(10).unwrap(), TubeSize::of(20).unwrap());
        assert_eq!(
            merged.conflicts,
            [
                TubeConflict::TwoSizes { smaller: five, larger: ten },
                TubeConflict::TwoSites { kept: "east".into(), other: "west".into() },
                TubeConflict::TwoMoments { person: "li", earlier: at(0), later: at(4) },
                TubeConflict::BeyondSize { position: 11, person: "sun" },
                TubeConflict::TwoPositions { person: "wang", positions: vec![2, 3] },
                TubeConflict::SamePosition { position: 1, people: vec!["li", "zhao"] },
            ]
        );
        assert_eq!(merged.registration.members.len(), 5);
        assert_eq!(merged.added, 3);
    }

    #[test]
    fn a_tube_for_five_takes_no_sixth_person_from_another_phone() {
        let one = tube(5, "s1", &[("a", None, 0), ("b", None, 0), ("c", None, 0)]);
        let other = tube(5, "s1", &[("d", None, 0), ("e", None, 0), ("f", None, 0)]);
        let refused = merge_registrations(&one, &other).unwrap_err();
        assert_eq!(refused, MergeRefused::OverFull { people: 6, size: TubeSize::of(5).unwrap() });
        let mut goods = other.clone();
        goods.kind = TubeKind::Goods;
        assert!(matches!(merge_registrations(&one, &goods), Err(MergeRefused::OtherKind(..))));
        goods.barcode = "CD-0000002".parse().unwrap();
        assert!(matches!(merge_registrations(&one, &goods), Err(MergeRefused::OtherTube(..))));
    }

    fn any_tube() -> impl Strategy<Value = Registration<&'static str>> {
        let person = proptest::sample::select(vec!["a", "b", "c", "d", "e", "f"]);
        let member = (person, proptest::option::of(0..7_u8), 0..3_i64);
        let size = proptest::sample::select(vec![5_u8, 10, 20]);
        let site = proptest::sample::select(vec!["s1", "s2"]);
        (size, site, proptest::collection::vec(member, 0..8))
            .prop_map(|(size, site, members)| tube(size, site, &members))
    }

    fn people(registration: &Registration<&'static str>) -> Vec<&'static str> {
        let mut people: Vec<&str> = registration.members.iter().map(|member| member.person).collect();
        people.sort_unstable();
        people.dedup();
        people
    }

    proptest! {
        #[test]
        fn it_does_not_matter_who_comes_back_first(one in any_tube(), other in any_tube(), third in any_tube()) {
            let merge = |a: &_, b: &_| merge_registrations(a, b);
            prop_assert_eq!(
                merge(&one, &other).map(|merged| (merged.registration, merged.conflicts)),
                merge(&other, &one).map(|merged| (merged.registration, merged.conflicts))
            );
            let left = merge(&one, &other).and_then(|merged| merge(&merged.registration, &third));
            let right = merge(&other, &third).and_then(|merged| merge(&one, &merged.registration));
            if let (Ok(left), Ok(right)) = (left, right) {
                prop_assert_eq!(people(&left.registration), people(&right.registration));
                prop_assert_eq!(left.registration.size, right.registration.size);
            }
        }

        #[test]
        fn the_same_registration_sent_again_changes_nothing(one in any_tube(), other in any_tube()) {
            if let Ok(merged) = merge_registrations(&one, &other) {
                let again = merge_registrations(&merged.registration, &other).unwrap();
                prop_assert_eq!(&again.registration, &merged.registration);
                prop_assert_eq!(again.added, 0);
                for person in people(&one).into_iter().chain(people(&other)) {
                    prop_assert!(people(&merged.registration).contains(&person));
                }
            }
        }
    }
}
