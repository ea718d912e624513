//! Monitored occupations: groups of people who are tested every so many days, by edition of the protocol.

use crate::fault::{Check, read_toml};
use crate::{Confidence, Faults, Protocols};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Occupations {
    pub version: String,
    /// Which edition is meant when nobody says another.
    pub edition: String,
    pub groups: Vec<Occupation>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Occupation {
    pub id: String,
    pub zh: String,
    pub en: String,
    /// Whoever works there lives apart from the town, and is followed when they leave.
    pub closed_loop: bool,
    pub intervals: Vec<Interval>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Interval {
    /// A protocol pack.
    pub edition: String,
    pub days: u16,
    pub source: String,
    pub confidence: Confidence,
}

const PACK: &str = "occupations/occupations";

impl Occupations {
    /// # Errors
    /// Everything that is wrong with the pack, each with its key and a remedy.
    pub fn read(text: &str, protocols: &Protocols) -> Result<Occupations, Faults> {
        let pack: Occupations = read_toml(PACK, text)?;
        let mut check = Check::of(PACK);
        let known = |edition: &str| protocols.by_id(edition).is_some();
        let remedy = "name a pack of packs/protocols";
        check.unless(known(&pack.edition), "edition", "is no edition of a protocol", remedy);
        let mut ids = BTreeSet::new();
        for group in &pack.groups {
            let key = format!("groups.{}", group.id);
            check.said(&group.zh, &format!("{key}.zh"));
            check.said(&group.en, &format!("{key}.en"));
            check.unless(ids.insert(&group.id), &key, "appears twice", "keep one of the two");
            let mut editions = BTreeSet::new();
            for interval in &group.intervals {
                let key = format!("{key}.intervals.{}", interval.edition);
                check.unless(known(&interval.edition), &key, "is no edition of a protocol", remedy);
                check.unless(editions.insert(&interval.edition), &key, "stands twice", "keep one of the two");
                let sensible = (1..=90).contains(&interval.days);
                check.unless(sensible, &format!("{key}.days"), "is not within 1 and 90", "mend it");
                check.said(&interval.source, &format!("{key}.source"));
            }
        }
        check.finish(pack)
    }

    pub fn group(&self, id: &str) -> Option<&Occupation> {
        self.groups.iter().find(|group| group.id == id)
    }
}

impl Occupation {
    /// Every how many days somebody of this group is tested; `None` where the edition asks for no test.
    pub fn days(&self, edition: &str) -> Option<u16> {
        self.intervals.iter().find(|interval| interval.edition == edition).map(|interval| interval.days)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shipped;

    #[test]
    fn the_ninth_edition_tests_the_ports_daily() {
        let pack = shipped::occupations().unwrap();
        let ports = pack.group("inbound_direct").unwrap();
        assert_eq!((ports.days("cn-covid-9"), ports.days("cn-covid-bb")), (Some(1), None));
        assert_eq!(pack.group("dense_and_mobile").unwrap().days("cn-covid-9"), Some(3));
    }

    #[test]
    fn what_is_wrong_is_told_with_its_key() {
        let protocols = shipped::protocols().unwrap();
        let told = |from: &str, to: &str| {
            let text = shipped::OCCUPATIONS.replacen(from, to, 1);
            assert_ne!(text, shipped::OCCUPATIONS, "{from} stands in the pack");
            Occupations::read(&text, &protocols).unwrap_err().to_string()
        };
        assert!(told("edition = \"cn-covid-9\"", "edition = \"cn-covid-99\"").contains("edition"));
        assert!(told("days = 7", "days = 0").contains("groups.inbound_direct.intervals.cn-covid-8.days"));
        assert!(told("id = \"cold_chain\"", "id = \"inbound_direct\"").contains("appears twice"));
    }
}
