//! What a zone is made of: a building, a compound, a village, a township, a county.
//!
//! Regions end at the township. What lies below it is named as people name it, from the wide to the narrow: compound,
//! building, stairwell.

use base::Territory;
use packs::UnitKind;
use serde::{Deserialize, Serialize};
use std::fmt;

#[derive(
    Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, schemars::JsonSchema,
)]
#[serde(deny_unknown_fields)]
pub struct Unit {
    pub territory: Territory,
    /// What is meant below the territory; empty where it is meant as a whole.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub part: Vec<String>,
    pub kind: UnitKind,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum UnitError {
    /// Wider than a county: that is no zone.
    TooWide,
    /// A county or township with a name below it, or a compound without one.
    PartDoesNotFit,
}

/// Regions end here.
const TOWNSHIP: usize = 4;
const COUNTY: usize = 3;

impl Unit {
    /// A county or a township as a whole.
    pub fn whole(territory: Territory) -> Unit {
        let kind = if territory.depth() >= TOWNSHIP { UnitKind::Township } else { UnitKind::County };
        Unit { territory, part: Vec::new(), kind }
    }

    /// Something below a township (or below a county whose township is not known), from the wide to the narrow.
    pub fn part(territory: Territory, names: &[&str], kind: UnitKind) -> Unit {
        Unit { territory, part: names.iter().map(|name| tidy(name)).collect(), kind }
    }

    /// Spaces and widths of letters aside, as one and the same place is written.
    #[must_use]
    pub fn tidied(mut self) -> Unit {
        self.part = self.part.iter().map(|name| tidy(name)).filter(|name| !name.is_empty()).collect();
        self
    }

    /// # Errors
    /// What does not fit together.
    pub fn check(&self) -> Result<(), UnitError> {
        if self.territory.depth() < COUNTY {
            return Err(UnitError::TooWide);
        }
        let fits = match self.kind {
            UnitKind::County => self.territory.depth() == COUNTY && self.part.is_empty(),
            UnitKind::Township => self.territory.depth() == TOWNSHIP && self.part.is_empty(),
            UnitKind::Village | UnitKind::Compound => {
                // A village or community may stand in the region pack of a department itself.
                self.part.len() == 1 || (self.part.is_empty() && self.territory.depth() > TOWNSHIP)
            }
            UnitKind::Building => !self.part.is_empty(),
            UnitKind::Stairwell => self.part.len() > 1,
        };
        if fits { Ok(()) } else { Err(UnitError::PartDoesNotFit) }
    }

    /// Is `other` this place or inside it?
    pub fn holds(&self, other: &Unit) -> bool {
        if self.part.is_empty() {
            return self.territory.holds(&other.territory);
        }
        self.territory == other.territory && other.part.starts_with(&self.part)
    }

    /// Whether somebody could be in both.
    pub fn touches(&self, other: &Unit) -> bool {
        self.holds(other) || other.holds(self)
    }

    /// The county it lies in.
    pub fn county(&self) -> Territory {
        self.territory.at_depth(COUNTY)
    }
}

/// Full-width digits and letters are the same as the narrow ones. In an address spaces say nothing, but between two words of letters
/// that are written apart, as in `Restaurant B`: there stands one.
fn tidy(name: &str) -> String {
    let narrow = |letter: char| match letter {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(letter) - 0xfee0).unwrap_or(letter),
        other => other,
    };
    let mut tidied = String::new();
    let mut apart = false;
    for letter in name.chars().map(narrow) {
        if letter.is_whitespace() {
            apart = true;
            continue;
        }
        let in_words =
            tidied.ends_with(|last: char| last.is_ascii_alphanumeric()) && letter.is_ascii_alphanumeric();
        if apart && in_words {
            tidied.push(' ');
        }
        apart = false;
        tidied.push(letter);
    }
    tidied
}

impl fmt::Display for Unit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.territory.path())?;
        self.part.iter().try_for_each(|name| write!(f, " · {name}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn county() -> Territory {
        "14/1407/140703".parse().unwrap()
    }
    fn township() -> Territory {
        county().child("140703101").unwrap()
    }

    #[test]
    fn a_building_lies_in_its_compound_and_not_in_the_one_beside() {
        let compound = Unit::part(township(), &["白云小区"], UnitKind::Compound);
        let building = Unit::part(township(), &["白云小区", "５ 号楼"], UnitKind::Building);
        let other = Unit::part(township(), &["翡翠山庄小区"], UnitKind::Compound);
        assert!(compound.holds(&building) && !building.holds(&compound) && !other.touches(&building));
        assert!(Unit::whole(township()).holds(&building) && Unit::whole(county()).holds(&compound));
        assert_eq!(building.part[1], "5号楼", "full-width digits and spaces are written in many ways");
        assert_eq!(building.county(), county());
    }

    #[test]
    fn a_name_in_latin_letters_keeps_its_words_apart() {
        let named = |name: &str| Unit::part(township(), &[name], UnitKind::Building).part[0].clone();
        for (written, kept) in [
            (" Restaurant  B ", "Restaurant B"),
            ("Ｒｅｓｔａｕｒａｎｔ\u{3000}Ｂ", "Restaurant B"),
            ("甲 小区", "甲小区"),
            ("5 号楼", "5号楼"),
            ("甲小区 A 座", "甲小区A座"),
        ] {
            assert_eq!(named(written), kept);
            assert_eq!(named(kept), kept);
        }
    }

    #[test]
    fn what_does_not_fit_together_is_no_unit() {
        assert_eq!(Unit::whole("14/1407".parse().unwrap()).check(), Err(UnitError::TooWide));
        let nameless = Unit { territory: township(), part: Vec::new(), kind: UnitKind::Compound };
        assert_eq!(nameless.check(), Err(UnitError::PartDoesNotFit));
        let named = Unit { part: vec!["甲".to_owned()], ..Unit::whole(township()) };
        assert_eq!(named.check(), Err(UnitError::PartDoesNotFit));
        for unit in [
            Unit::whole(county()),
            Unit::whole(township()),
            Unit::part(township(), &["甲小区", "1号楼", "2单元"], UnitKind::Stairwell),
            Unit::part(township(), &["丙工厂"], UnitKind::Building),
        ] {
            assert_eq!(unit.check(), Ok(()), "{unit}");
        }
    }

    fn some_unit() -> impl Strategy<Value = Unit> {
        (0..3_usize, proptest::collection::vec("[甲乙丙]", 0..3)).prop_map(|(below, part)| {
            let territory: Territory =
                ["14/1407/140703", "14/1407/140703/140703101", "14/1407/140703/140703102"][below]
                    .parse()
                    .unwrap();
            if part.is_empty() {
                Unit::whole(territory)
            } else {
                Unit { territory, part, kind: UnitKind::Building }
            }
        })
    }

    proptest! {
        #[test]
        fn what_holds_a_place_holds_what_is_inside_it(one in some_unit(), two in some_unit(), three in some_unit()) {
            prop_assert!(one.holds(&one));
            if one.holds(&two) && two.holds(&three) {
                prop_assert!(one.holds(&three));
            }
            prop_assert_eq!(one.touches(&two), two.touches(&one));
        }
    }
}
