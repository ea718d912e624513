//! Contacts with their days, and who can be reached from a case along them in time.
//!
//! Deliberately absent: more than two steps. The protocols follow contacts and contacts of contacts; more is a simulation's work.

use base::{Day, Notes};
use std::collections::BTreeMap;

use crate::overlap::Findings;

/// Two people, numbered by the caller from 0, met on a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DatedContact {
    pub a: u32,
    pub b: u32,
    pub day: Day,
}

/// Everybody's contacts, each person's by day. Six bytes for each end of a contact and four for each person.
#[derive(Debug)]
pub struct DatedContacts {
    first_day: Day,
    /// Where the contacts of each person begin, and one more.
    first_of: Vec<u32>,
    with: Vec<u32>,
    /// Days since `first_day`.
    days: Vec<u16>,
}

/// From when to when a case infects, and how long somebody needs before passing it on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reachable {
    /// First and last day on which contacts of the case count.
    pub from: Day,
    pub until: Day,
    /// Last day on which contacts of contacts count.
    pub second_until: Day,
    /// Days between the first meeting with the case and a meeting that can pass it on. With 0 the same day counts, because nobody
    /// knows which meeting came first; an earlier day never does.
    pub least_days_between: u16,
}

/// Somebody the infection can have come to: on which first day, and for a contact of a contact through whom.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Reached {
    pub person: u32,
    pub day: Day,
    /// `None` for contacts of the case itself.
    pub through: Option<u32>,
}

impl DatedContacts {
    /// Contacts of a person with themselves are left out with a note. Panics at 2³¹ contacts or over more than 179 years: neither
    /// is a list of one epidemic.
    pub fn of(contacts: &[DatedContact]) -> (DatedContacts, Notes) {
        let mut findings = Findings::default();
        let oneself = |contact: &&DatedContact| contact.a == contact.b;
        for (number, _) in contacts.iter().enumerate().filter(|(_, contact)| oneself(contact)) {
            let remedy = "a person met themselves; left out. Look for a number that stands in both columns";
            findings.add("contact_of_oneself", remedy, || format!("contact {}", number + 1));
        }
        let pairs = || contacts.iter().filter(|contact| contact.a != contact.b);
        let first_day =
            pairs().map(|contact| contact.day).min().unwrap_or_else(|| Day::from_number(0).expect("1970"));
        let day_of = |contact: &DatedContact| {
            u16::try_from(contact.day - first_day).expect("contacts within 179 years")
        };
        let people = pairs().map(|contact| contact.a.max(contact.b) as usize + 1).max().unwrap_or(0);
        let mut first_of = vec![0_u32; people + 1];
        for contact in pairs() {
            first_of[contact.a as usize + 1] += 1;
            first_of[contact.b as usize + 1] += 1;
        }
        for person in 0..people {
            first_of[person + 1] =
                first_of[person + 1].checked_add(first_of[person]).expect("fewer than 2³¹ contacts");
        }
        let ends = first_of[people] as usize;
        let (mut with, mut days) = (vec![0_u32; ends], vec![0_u16; ends]);
        let mut next = first_of[..people].to_vec();
        // Put down day by day, so that everybody's come to lie in the order of days.
        for contact in by_day(contacts, first_day) {
            for (one, other) in [(contact.a, contact.b), (contact.b, contact.a)] {
                let place = &mut next[one as usize];
                (with[*place as usize], days[*place as usize]) = (other, day_of(&contact));
                *place += 1;
            }
        }
        (DatedContacts { first_day, first_of, with, days }, findings.into_notes())
    }

    pub fn contacts(&self) -> usize {
        self.with.len() / 2
    }

    /// Bytes in memory, everything counted.
    pub fn bytes(&self) -> usize {
        4 * (self.first_of.capacity() + self.with.capacity()) + 2 * self.days.capacity()
    }

    /// The contacts of the case and theirs, each person once: at the first day, directly if at all directly. In time only: a contact
    /// of a contact counts when they met no earlier than that contact met the case. The case itself is not told.
    pub fn two_steps(&self, case: u32, rule: &Reachable) -> Vec<Reached> {
        let mut first: Vec<(u32, u16)> = self.met(case, rule.from, rule.until).collect();
        keep_first_day(&mut first);
        let mut second: Vec<(u32, u16, u32)> = Vec::new();
        for (contact, day) in &first {
            let from = self.first_day + i32::from(*day) + i32::from(rule.least_days_between);
            let theirs = self.met(*contact, from, rule.second_until).filter(|(person, _)| *person != case);
            second.extend(theirs.map(|(person, day)| (person, day, *contact)));
        }
        second.sort_unstable();
        second.dedup_by_key(|(person, ..)| *person);
        second.retain(|(person, ..)| first.binary_search_by_key(person, |(contact, _)| *contact).is_err());
        let day = |number: u16| self.first_day + i32::from(number);
        let direct =
            first.iter().map(|(person, at)| Reached { person: *person, day: day(*at), through: None });
        let passed = second.iter().map(|(person, at, via)| Reached {
            person: *person,
            day: day(*at),
            through: Some(*via),
        });
        direct.chain(passed).collect()
    }

    /// Whom a person met, in the order of days.
    fn met(&self, person: u32, from: Day, until: Day) -> impl Iterator<Item = (u32, u16)> {
        let bounds = self.first_of.get(person as usize).zip(self.first_of.get(person as usize + 1));
        let (start, end) = bounds.map_or((0, 0), |(start, end)| (*start as usize, *end as usize));
        let days = &self.days[start..end];
        let first = days.partition_point(|day| i32::from(*day) < from - self.first_day);
        let past = days.partition_point(|day| i32::from(*day) <= until - self.first_day).max(first);
        let with = &self.with[start + first..start + past];
        with.iter().copied().zip(days[first..past].iter().copied())
    }
}

/// By person, each with the first of their days.
fn keep_first_day(met: &mut Vec<(u32, u16)>) {
    met.sort_unstable();
    met.dedup_by_key(|(person, _)| *person);
}

fn by_day(contacts: &[DatedContact], first_day: Day) -> impl Iterator<Item = DatedContact> {
    let mut of_day: BTreeMap<i32, u32> = BTreeMap::new();
    let pairs = || contacts.iter().filter(|contact| contact.a != contact.b);
    for contact in pairs() {
        *of_day.entry(contact.day - first_day).or_default() += 1;
    }
    let mut next: BTreeMap<i32, u32> = BTreeMap::new();
    let mut before = 0;
    for (day, contacts) in of_day {
        next.insert(day, before);
        before += contacts;
    }
    let mut order = vec![0_u32; before as usize];
    for (number, contact) in contacts.iter().enumerate().filter(|(_, contact)| contact.a != contact.b) {
        let place = next.get_mut(&(contact.day - first_day)).expect("a day counted above");
        order[*place as usize] = number as u32;
        *place += 1;
    }
    order.into_iter().map(|number| contacts[number as usize])
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn day(number: i32) -> Day {
        Day::from_number(19_000 + number).unwrap()
    }

    fn contact(a: u32, b: u32, at: i32) -> DatedContact {
        DatedContact { a, b, day: day(at) }
    }

    fn rule(from: i32, until: i32, least_days_between: u16) -> Reachable {
        Reachable { from: day(from), until: day(until), second_until: day(60), least_days_between }
    }

    #[test]
    fn only_who_was_met_afterwards_can_have_it_from_a_contact() {
        let met =
            [contact(0, 1, 10), contact(1, 2, 9), contact(1, 3, 10), contact(4, 1, 12), contact(0, 5, 3)];
        let (contacts, notes) = DatedContacts::of(&met);
        assert!(notes.is_empty());
        let told = |least| -> Vec<(u32, Option<u32>)> {
            contacts.two_steps(0, &rule(8, 20, least)).iter().map(|r| (r.person, r.through)).collect()
        };
        assert_eq!(told(0), [(1, None), (3, Some(1)), (4, Some(1))]);
        assert_eq!(told(1), [(1, None), (4, Some(1))]);
    }

    #[test]
    fn a_contact_of_oneself_is_said_and_left_out_and_an_unknown_case_reaches_nobody() {
        let (contacts, notes) = DatedContacts::of(&[contact(0, 1, 10), contact(2, 2, 11)]);
        assert_eq!(contacts.contacts(), 1);
        assert!(notes.iter().next().unwrap().message.contains("contact 2"));
        assert!(contacts.two_steps(77, &rule(0, 20, 0)).is_empty());
        assert!(DatedContacts::of(&[]).0.two_steps(0, &rule(0, 20, 0)).is_empty());
    }

    /// Every contact of every contact looked at, by the words of the rule.
    fn by_looking(met: &[DatedContact], case: u32, rule: &Reachable) -> Vec<Reached> {
        let of = |person: u32| {
            met.iter().filter(|c| c.a != c.b).filter_map(move |c| match person {
                _ if c.a == person => Some((c.b, c.day)),
                _ if c.b == person => Some((c.a, c.day)),
                _ => None,
            })
        };
        let mut best: BTreeMap<u32, Reached> = BTreeMap::new();
        for (person, day) in of(case).filter(|(_, day)| (rule.from..=rule.until).contains(day)) {
            let known = best.entry(person).or_insert(Reached { person, day, through: None });
            known.day = known.day.min(day);
        }
        let first: Vec<Reached> = best.values().copied().collect();
        for contact in first {
            for (person, day) in of(contact.person) {
                let later =
                    day - contact.day >= i32::from(rule.least_days_between) && day <= rule.second_until;
                if !later || person == case {
                    continue;
                }
                let reached = Reached { person, day, through: Some(contact.person) };
                let known = best.entry(person).or_insert(reached);
                if known.through.is_some() {
                    *known = (*known).min(reached);
                }
            }
        }
        best.into_values().collect()
    }

    proptest! {
        #[test]
        fn the_sorted_arrays_reach_whom_looking_at_all_reaches(
            met in prop::collection::vec((0..25_u32, 0..25_u32, 0..40_i32), 0..150),
            case in 0..25_u32, from in 0..20_i32, length in 0..20_i32, least in 0..3_u16,
        ) {
            let met: Vec<DatedContact> = met.into_iter().map(|(a, b, at)| contact(a, b, at)).collect();
            let rule = Reachable { second_until: day(35), ..rule(from, from + length, least) };
            let mut found = DatedContacts::of(&met).0.two_steps(case, &rule);
            found.sort_unstable();
            let mut expected = by_looking(&met, case, &rule);
            expected.sort_unstable();
            prop_assert_eq!(found, expected);
        }
    }
}
