//! Several places under one level, and what lies inside them and is not meant.

use crate::Unit;
use serde::{Deserialize, Serialize};

/// Any set of units. `except` is inside and not part of it: a compound but for one building.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Area {
    pub units: Vec<Unit>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub except: Vec<Unit>,
}

/// Two areas that claim one place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shared<'a> {
    pub own: &'a Unit,
    pub other: &'a Unit,
}

impl Area {
    pub fn of(units: Vec<Unit>) -> Area {
        Area { units, except: Vec::new() }
    }

    /// Whether a place is part of it as a whole.
    pub fn holds(&self, place: &Unit) -> bool {
        self.units.iter().any(|unit| unit.holds(place)) && !self.except.iter().any(|out| out.holds(place))
    }

    /// Whether something of a place is part of it.
    pub fn touches(&self, place: &Unit) -> bool {
        self.units.iter().any(|unit| unit.touches(place)) && !self.except.iter().any(|out| out.holds(place))
    }

    /// Something of another area that is no part of this one, or that this one takes out and the other does not.
    pub fn lacks<'a>(&'a self, other: &'a Area) -> Option<&'a Unit> {
        let missing = other.units.iter().find(|unit| !self.units.iter().any(|own| own.holds(unit)));
        let taken_out = || {
            self.except.iter().find(|out| {
                other.units.iter().any(|unit| unit.touches(out))
                    && !other.except.iter().any(|theirs| theirs.holds(out))
            })
        };
        missing.or_else(taken_out)
    }

    /// A place that both claim.
    pub fn shared_with<'a>(&'a self, other: &'a Area) -> Option<Shared<'a>> {
        let taken_out = |place: &Unit| self.except.iter().chain(&other.except).any(|out| out.holds(place));
        self.units.iter().find_map(|own| {
            let claimed = other.units.iter().find(|unit| {
                let narrower = if own.holds(unit) { unit } else { own };
                own.touches(unit) && !taken_out(narrower)
            });
            claimed.map(|other| Shared { own, other })
        })
    }

    /// What is left when some of it is let go or raised by itself. Units that are no part of it change nothing.
    #[must_use]
    pub fn without(&self, gone: &[Unit]) -> Area {
        let is_gone = |unit: &Unit| gone.iter().any(|one| one.holds(unit));
        let units: Vec<Unit> = self.units.iter().filter(|unit| !is_gone(unit)).cloned().collect();
        let carved = gone.iter().filter(|one| {
            units.iter().any(|unit| unit != *one && unit.holds(one))
                && !self.except.iter().any(|out| out.holds(one))
        });
        let mut except: Vec<Unit> = self.except.iter().filter(|out| !is_gone(out)).cloned().collect();
        except.extend(carved.cloned());
        except.retain(|out| units.iter().any(|unit| unit.holds(out)));
        Area { units, except }
    }

    /// Some of its places, without what lies in them and was taken out before.
    #[must_use]
    pub fn within(&self, part: &[Unit]) -> Area {
        Area { units: part.to_vec(), except: self.except.clone() }.without(&[])
    }

    pub fn is_empty(&self) -> bool {
        self.units.is_empty()
    }

    /// Two units of one area that claim one place: it would be counted twice.
    pub fn doubled(&self) -> Option<(&Unit, &Unit)> {
        self.units.iter().enumerate().find_map(|(place, unit)| {
            let again = self.units[..place].iter().find(|other| other.touches(unit))?;
            Some((again, unit))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use base::Territory;
    use packs::UnitKind;
    use proptest::prelude::*;

    fn township() -> Territory {
        "14/1407/140703/140703101".parse().unwrap()
    }
    fn compound(name: &str) -> Unit {
        Unit::part(township(), &[name], UnitKind::Compound)
    }
    fn building(of: &str, name: &str) -> Unit {
        Unit::part(township(), &[of, name], UnitKind::Building)
    }

    #[test]
    fn a_compound_but_for_one_building_leaves_the_building_to_another_zone() {
        let medium =
            Area { units: vec![compound("白云小区")], except: vec![building("白云小区", "5号楼")] };
        let high = Area::of(vec![building("白云小区", "5号楼")]);
        assert_eq!(medium.shared_with(&high), None);
        assert!(
            !medium.holds(&building("白云小区", "5号楼")) && medium.holds(&building("白云小区", "6号楼"))
        );
        let whole = Area::of(vec![compound("白云小区")]);
        assert!(whole.shared_with(&high).is_some());
        let township = Area::of(vec![Unit::whole(township())]);
        assert!(township.shared_with(&medium).is_some(), "the township claims the rest of the compound too");
    }

    #[test]
    fn one_building_is_let_go_and_the_rest_stays() {
        let whole = Area::of(vec![compound("甲小区"), compound("乙小区")]);
        let left = whole.without(&[building("甲小区", "1号楼")]);
        assert_eq!(left.units, whole.units);
        assert_eq!(left.except, [building("甲小区", "1号楼")]);
        let less = left.without(&[compound("甲小区")]);
        assert_eq!(less, Area::of(vec![compound("乙小区")]), "what was taken out of it goes with it");
        assert!(less.without(&[compound("乙小区")]).is_empty());
        assert_eq!(whole.without(&[compound("丙小区")]), whole);
    }

    #[test]
    fn what_one_area_lacks_of_another_is_found_inside_what_it_takes_out_too() {
        let whole = Area::of(vec![compound("甲小区"), compound("乙小区")]);
        let carved = Area { except: vec![building("甲小区", "5号楼")], ..whole.clone() };
        assert_eq!(carved.lacks(&whole), Some(&building("甲小区", "5号楼")), "nobody gets out unseen");
        assert_eq!((whole.lacks(&carved), whole.lacks(&whole), carved.lacks(&carved)), (None, None, None));
        assert_eq!(Area::of(vec![compound("甲小区")]).lacks(&whole), Some(&compound("乙小区")));
        assert_eq!(Area::of(vec![Unit::whole(township())]).lacks(&carved), None);
    }

    fn some_unit() -> impl Strategy<Value = Unit> {
        proptest::collection::vec("[甲乙]", 0..3).prop_map(|part| match part.len() {
            0 => Unit::whole(township()),
            1 => Unit { territory: township(), part, kind: UnitKind::Compound },
            _ => Unit { territory: township(), part, kind: UnitKind::Building },
        })
    }

    proptest! {
        #[test]
        fn what_is_taken_out_is_out_and_nothing_else_is(
            units in proptest::collection::vec(some_unit(), 1..4), gone in proptest::collection::vec(some_unit(), 1..3), asked in some_unit()
        ) {
            let before = Area::of(units);
            let after = before.without(&gone);
            let is_gone = gone.iter().any(|one| one.holds(&asked));
            prop_assert_eq!(after.holds(&asked), before.holds(&asked) && !is_gone);
            let out = Area::of(gone.iter().filter(|one| before.holds(one)).cloned().collect());
            prop_assert!(after.shared_with(&out).is_none());
        }

        #[test]
        fn what_lacks_nothing_holds_all_that_the_other_holds(
            one in proptest::collection::vec(some_unit(), 1..3), out in proptest::collection::vec(some_unit(), 0..2),
            two in proptest::collection::vec(some_unit(), 1..3), asked in some_unit()
        ) {
            let (one, two) = (Area { units: one, except: out }, Area::of(two));
            if one.lacks(&two).is_none() && two.holds(&asked) {
                prop_assert!(one.holds(&asked));
            }
        }

        #[test]
        fn sharing_goes_both_ways(
            one in proptest::collection::vec(some_unit(), 1..3), two in proptest::collection::vec(some_unit(), 1..3)
        ) {
            let (one, two) = (Area::of(one), Area::of(two));
            prop_assert_eq!(one.shared_with(&two).is_some(), two.shared_with(&one).is_some());
        }
    }
}
