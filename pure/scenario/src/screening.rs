//! Those who were tested because of where they live: invented residents, household by household.
//!
//! Deliberately absent: who shares a tube with whom and what came of it.

use crate::Person;
use crate::person::{Wanted, invent, surname};
use base::{Day, Streams, Territory};
use cases::Sex;

/// Households of one to five, with one surname each, until there are enough people. `of` names who is drawn: the same words give
/// the same people.
pub fn residents(seed: u64, of: &str, count: usize, residence: &Territory, on: Day) -> Vec<Person> {
    let mut chance = Streams::seeded(seed).of(&format!("residents {of}"));
    let mut people = Vec::with_capacity(count);
    let mut house = 0;
    while people.len() < count {
        house += 1;
        let (household, family) = (format!("{of} {house}"), surname(&mut chance));
        for _ in 0..=chance.below(5).min(count - people.len() - 1) {
            let sex = if chance.below(2) == 0 { Sex::Female } else { Sex::Male };
            let age = u8::try_from(3 + chance.below(85)).unwrap_or(40);
            let wanted = Wanted { sex, age, surname: Some(family), household: &household, residence, on };
            people.push(invent(&wanted, &mut chance));
        }
    }
    people
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn so_many_people_live_there_and_nobody_can_be_one_of_them() {
        let residence: Territory = "14/1407/140703/140703101".parse().unwrap();
        let on = Day::of(2022, 2, 21).unwrap();
        let people = residents(7, "sealed", 5_300, &residence, on);
        assert_eq!(people.len(), 5_300);
        assert!(people.iter().all(|person| !crate::id_number_is_valid(&person.id_number)));
        let homes: BTreeSet<&str> = people.iter().map(|person| person.household.as_str()).collect();
        assert!((1_500..2_200).contains(&homes.len()), "three to a home: {}", homes.len());
        assert_eq!(residents(7, "sealed", 5_300, &residence, on), people);
    }
}
