//! Protocol packs: the contact rules and pathways of each edition, with the days on which it was in force and where each value is from.
//!
//! An edition is never changed once decisions were made by it; a later edition gets a file of its own.

mod diff;
mod follow_up;
mod pathways;

pub use diff::{Difference, difference};
pub use follow_up::{
    CaseRelease, DayOne, FollowUp, NotMoved, NotMovedWho, RePositive, RePositiveDo, ReportClock, Transition,
};
pub use pathways::{Category, CountedFrom, Criterion, Pathway, Phase, Swab, WatchPlace};

use crate::fault::{Check, read_toml};
use crate::{Diseases, Fault, Faults, ZoneScheme};
use base::Day;
use cases::{ContactClass, ExposureKind};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// How far a value of a protocol may be trusted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Confidence {
    /// Seen in the text its source names.
    Sourced,
    /// An editable default that somebody should check.
    Memory,
    /// The same, and likely to be wrong somewhere.
    MemoryLow,
}

/// A value with where it is from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cited<T> {
    pub value: T,
    pub source: String,
    pub confidence: Confidence,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Protocol {
    pub id: String,
    pub version: String,
    pub zh: String,
    pub en: String,
    /// Disease packs it is for; empty for the one that stands in where there is none.
    pub diseases: Vec<String>,
    #[serde(default, deserialize_with = "crate::disease::civil_day")]
    pub from: Option<Day>,
    #[serde(default, deserialize_with = "crate::disease::civil_day")]
    pub to: Option<Day>,
    /// Another edition whose rules hold here too.
    #[serde(default)]
    pub rules_as: Option<String>,
    pub source: String,
    pub confidence: Confidence,
    /// Days before onset, or before sampling of somebody without signs, from which contacts count.
    pub look_back_days: Cited<u16>,
    /// Whether contacts are determined at all while it is in force.
    pub contacts_determined: Cited<bool>,
    /// Whether contacts of contacts are.
    pub secondary: Cited<bool>,
    /// Nearer than this counts as near; absent where distance decides nothing.
    #[serde(default)]
    pub near_metres: Option<Cited<f64>>,
    /// The same in rows of seats, before and behind.
    #[serde(default)]
    pub rows_each_way: Option<Cited<u16>>,
    /// For how long the air of a room still counts after the case has left.
    pub air_minutes: Cited<u16>,
    pub core_hours: Cited<u16>,
    pub full_hours: Cited<u16>,
    /// Within which a list that was handed over is acknowledged.
    pub hand_over_hours: Cited<u16>,
    /// Tried from the first to the last.
    #[serde(default)]
    pub rules: Vec<ContactRule>,
    /// Levels of graded control; absent where an edition knows none.
    #[serde(default)]
    pub zones: Option<ZoneScheme>,
    pub follow_up: FollowUp,
    #[serde(default)]
    pub pathways: Vec<Pathway>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ContactRule {
    pub id: String,
    /// `secondary` is for who met a close contact; the other two for who met a case.
    pub class: ContactClass,
    pub kinds: Vec<ExposureKind>,
    /// Known to be so, the rule does not hold; not known, it does.
    #[serde(default)]
    pub unless: Vec<Unless>,
    /// Shorter than this is brief.
    #[serde(default)]
    pub brief_minutes: Option<u16>,
    pub zh: String,
    pub en: String,
    pub source: String,
    pub confidence: Confidence,
}

/// What keeps a rule from holding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unless {
    Protected,
    Outdoors,
    /// Farther than near, in metres or in rows.
    Apart,
    Brief,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExposureWord {
    pub id: ExposureKind,
    pub zh: String,
    pub en: String,
    pub help_zh: String,
    pub help_en: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct ExposureWords {
    version: String,
    kinds: Vec<ExposureWord>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Protocols {
    /// The newest edition first; those without dates last.
    editions: Vec<Protocol>,
    pub version: String,
    pub exposures: Vec<ExposureWord>,
}

/// Stands in where a disease has no edition of its own.
pub const GENERIC: &str = "generic";

impl Protocols {
    /// Reads editions given as `(name, text)` and the words of the nine kinds of exposure.
    ///
    /// # Errors
    /// The faults of all of them together, each with pack, key or line, and a remedy.
    pub fn read<'a>(
        texts: impl IntoIterator<Item = (&'a str, &'a str)>,
        exposures: &str,
        diseases: &Diseases,
    ) -> Result<Protocols, Faults> {
        let mut faults: Vec<Fault> = Vec::new();
        let mut editions: Vec<Protocol> = Vec::new();
        for (name, text) in texts {
            match Protocol::read(name, text, diseases) {
                Ok(protocol) => editions.push(protocol),
                Err(found) => faults.extend(found.0),
            }
        }
        let words = read_exposures(exposures).unwrap_or_else(|found| {
            faults.extend(found.0);
            ExposureWords { version: String::new(), kinds: Vec::new() }
        });
        let mut check = Check::of("protocols");
        lend_rules(&mut editions, &mut check);
        check_together(&editions, &mut check);
        faults.extend(check.into_faults().0);
        editions.sort_by(|a, b| b.from.cmp(&a.from).then(a.id.cmp(&b.id)));
        if faults.is_empty() {
            Ok(Protocols { editions, version: words.version, exposures: words.kinds })
        } else {
            Err(Faults(faults))
        }
    }

    pub fn iter(&self) -> impl Iterator<Item = &Protocol> {
        self.editions.iter()
    }

    pub fn by_id(&self, id: &str) -> Option<&Protocol> {
        self.editions.iter().find(|protocol| protocol.id == id)
    }

    /// The edition in force for a disease on a day; a day before the first takes the first. Between two editions and after the last
    /// the one that stands in holds.
    pub fn for_disease(&self, disease: Option<&str>, on: Day) -> &Protocol {
        let of =
            |protocol: &&Protocol| disease.is_some_and(|id| protocol.diseases.iter().any(|one| one == id));
        let begun = |protocol: &&Protocol| protocol.from.is_none_or(|from| from <= on);
        let holds = |protocol: &&Protocol| begun(protocol) && protocol.to.is_none_or(|to| on <= to);
        let mut own = self.editions.iter().filter(of);
        let first = own.clone().next_back().filter(|first| !begun(first));
        let held = own.find(holds).or(first);
        held.or_else(|| self.by_id(GENERIC)).unwrap_or(&self.editions[0])
    }
}

impl Protocol {
    fn read(name: &str, text: &str, diseases: &Diseases) -> Result<Protocol, Faults> {
        let mut protocol: Protocol = read_toml(name, text)?;
        let mut check = Check::of(name);
        for (key, said) in [
            ("id", &protocol.id),
            ("version", &protocol.version),
            ("zh", &protocol.zh),
            ("en", &protocol.en),
            ("source", &protocol.source),
        ] {
            check.said(said, key);
        }
        for disease in &protocol.diseases {
            if diseases.by_id(disease).is_none() {
                check.fault(
                    "diseases",
                    format!("`{disease}` is no disease pack"),
                    "name one of packs/diseases",
                );
            }
        }
        check.unless(
            protocol.from.zip(protocol.to).is_none_or(|(from, to)| from <= to),
            "to",
            "lies before `from`",
            "exchange the two days",
        );
        check.unless(
            protocol.rules_as.is_none() || protocol.rules.is_empty(),
            "rules_as",
            "stands beside rules of its own",
            "keep one of the two",
        );
        check.unless(
            protocol.look_back_days.value <= 60,
            "look_back_days.value",
            "is longer than any disease is infectious unseen",
            "write days, such as 2",
        );
        if let Some(near) = &protocol.near_metres {
            let sound = near.value > 0.0 && near.value <= 50.0;
            check.unless(sound, "near_metres.value", "is no distance", "write metres, such as 1.0");
        }
        check.unless(
            protocol.core_hours.value <= protocol.full_hours.value,
            "core_hours.value",
            "is longer than full_hours",
            "the core is due before the whole",
        );
        protocol.check_rules(&mut check);
        if let Some(zones) = &protocol.zones {
            zones.check(&mut check);
        }
        protocol.follow_up.check(&mut check);
        pathways::check_all(&protocol.pathways, &protocol.follow_up, &mut check);
        pathways::lend(&mut protocol.pathways, &mut check);
        protocol.check_pathways(&mut check);
        check.finish(protocol)
    }

    /// Pathways against what the edition says of contacts at all.
    fn check_pathways(&self, check: &mut Check<'_>) {
        let of = |category| self.pathway(category).is_some();
        check.unless(
            self.contacts_determined.value || !of(Category::CloseContact),
            "pathways.close_contact",
            "is for contacts, and contacts_determined says that there are none",
            "take it out, or let contacts be determined",
        );
        check.unless(
            self.secondary.value || !of(Category::SecondaryContact),
            "pathways.secondary_contact",
            "is for contacts of contacts, and `secondary` says that there are none",
            "take it out, or let them be determined",
        );
        let moved = self
            .pathways
            .iter()
            .filter(|pathway| pathway.phases.iter().any(|phase| phase.place == WatchPlace::Central))
            .map(|pathway| pathway.category);
        follow_up::check_moved(&self.follow_up, moved, check);
    }

    /// How somebody of a category is followed; `None` where the edition follows nobody of it.
    pub fn pathway(&self, category: Category) -> Option<&Pathway> {
        self.pathways.iter().find(|pathway| pathway.category == category)
    }

    fn check_rules(&self, check: &mut Check<'_>) {
        let mut seen = BTreeSet::new();
        for rule in &self.rules {
            let key = |field: &str| format!("rules.{}.{field}", rule.id);
            check.unless(seen.insert(&rule.id), &key("id"), "appears twice", "keep one of the two");
            for (field, said) in [("zh", &rule.zh), ("en", &rule.en), ("source", &rule.source)] {
                check.said(said, &key(field));
            }
            check.unless(!rule.kinds.is_empty(), &key("kinds"), "is empty", "name the kinds it is about");
            check.unless(
                rule.unless.contains(&Unless::Brief) == rule.brief_minutes.is_some(),
                &key("brief_minutes"),
                "and `brief` do not stand together",
                "give both or neither",
            );
            let measured = self.near_metres.is_some() || self.rows_each_way.is_some();
            check.unless(
                measured || !rule.unless.contains(&Unless::Apart),
                &key("unless"),
                "says `apart`, and no distance is given",
                "give near_metres or rows_each_way",
            );
        }
    }

    /// What every decision made by it records.
    pub fn edition(&self) -> String {
        format!("{} {}", self.id, self.version)
    }
}

fn read_exposures(text: &str) -> Result<ExposureWords, Faults> {
    const PACK: &str = "protocols/exposures";
    let words: ExposureWords = read_toml(PACK, text)?;
    let mut check = Check::of(PACK);
    let said: Vec<ExposureKind> = words.kinds.iter().map(|word| word.id).collect();
    check.unless(
        said == ExposureKind::ALL,
        "kinds",
        "are not the nine that are decided by, in their order",
        "compare with the shipped pack",
    );
    for word in &words.kinds {
        for (field, text) in
            [("zh", &word.zh), ("en", &word.en), ("help_zh", &word.help_zh), ("help_en", &word.help_en)]
        {
            check.said(text, &format!("kinds.{}.{field}", word.id.word()));
        }
    }
    check.finish(words)
}

/// Editions that take another's rules get a copy of them.
fn lend_rules(editions: &mut [Protocol], check: &mut Check<'_>) {
    let own: Vec<(String, Vec<ContactRule>)> =
        editions.iter().map(|one| (one.id.clone(), one.rules.clone())).collect();
    for edition in editions {
        let Some(lender) = &edition.rules_as else { continue };
        match own.iter().find(|(id, rules)| id == lender && !rules.is_empty()) {
            Some((_, rules)) => edition.rules = rules.clone(),
            None => check.fault(
                &format!("{}.rules_as", edition.id),
                format!("`{lender}` is no edition with rules"),
                "name an edition that states its rules",
            ),
        }
    }
}

fn check_together(editions: &[Protocol], check: &mut Check<'_>) {
    let mut seen = BTreeSet::new();
    for edition in editions {
        let key = |field: &str| format!("{}.{field}", edition.id);
        check.unless(seen.insert(&edition.id), &key("id"), "appears twice", "keep one of the two");
        check.unless(
            edition.contacts_determined.value != edition.rules.is_empty(),
            &key("rules"),
            "do not fit contacts_determined",
            "give rules where contacts are determined, and none where they are not",
        );
    }
    check.unless(
        editions.iter().any(|edition| edition.id == GENERIC && edition.diseases.is_empty()),
        GENERIC,
        "is missing, or is for some diseases only",
        "keep the edition `generic` for diseases without one of their own",
    );
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shipped;

    fn shipped_with(name: &str, change: impl Fn(&str) -> String) -> Result<Protocols, Faults> {
        let changed: Vec<(&str, String)> = shipped::PROTOCOLS
            .iter()
            .map(|(known, text)| (*known, if *known == name { change(text) } else { (*text).to_owned() }))
            .collect();
        let texts = changed.iter().map(|(name, text)| (*name, text.as_str()));
        Protocols::read(texts, shipped::EXPOSURES, &shipped::diseases().unwrap())
    }

    fn day(text: &str) -> Day {
        text.parse().unwrap()
    }

    #[test]
    fn the_day_chooses_the_edition() {
        let protocols = shipped::protocols().unwrap_or_else(|faults| panic!("{faults}"));
        let of = |disease, on| protocols.for_disease(disease, day(on)).id.clone();
        assert_eq!(of(Some("covid-19-delta"), "2022-02-21"), "cn-covid-8");
        assert_eq!(of(Some("covid-19-omicron"), "2022-06-28"), "cn-covid-9");
        assert_eq!(of(Some("covid-19-omicron"), "2022-11-20"), "cn-covid-20m");
        assert_eq!(of(Some("covid-19-omicron"), "2024-01-01"), "cn-covid-bb");
        assert_eq!(of(Some("covid-19-wild"), "2020-02-01"), "cn-covid-7", "before the first, the first");
        assert_eq!(of(Some("measles"), "2019-05-01"), "measles");
        assert_eq!(of(Some("pertussis"), "2019-05-01"), GENERIC);
        assert_eq!(of(None, "2019-05-01"), GENERIC);
    }

    #[test]
    fn an_edition_holds_to_its_last_day() {
        let shorter = |text: &str| text.replacen("to = 2022-06-27", "to = 2022-06-01", 1);
        let protocols = shipped_with("protocols/cn-covid-8", shorter).unwrap();
        let of = |on| protocols.for_disease(Some("covid-19-delta"), day(on)).id.clone();
        assert_eq!(of("2022-06-01"), "cn-covid-8");
        assert_eq!(of("2022-06-02"), GENERIC);
        assert_eq!(of("2022-06-28"), "cn-covid-9");
    }

    #[test]
    fn editions_that_lend_rules_have_them_and_class_b_has_none() {
        let protocols = shipped::protocols().unwrap();
        assert_eq!(
            protocols.by_id("cn-covid-9").unwrap().rules,
            protocols.by_id("cn-covid-8").unwrap().rules
        );
        assert!(protocols.by_id("cn-covid-bb").unwrap().rules.is_empty());
        assert!(!protocols.by_id("cn-covid-20m").unwrap().secondary.value);
        assert_eq!(protocols.exposures.len(), 9);
    }

    #[test]
    fn every_fault_names_pack_key_and_remedy() {
        for (name, from, to, words) in [
            (
                "protocols/measles",
                "diseases = [\"measles\"]",
                "diseases = [\"meazles\"]",
                "pack protocols/measles, diseases: `meazles`",
            ),
            ("protocols/ebola", "near_metres", "far_metres", "pack protocols/ebola, line"),
            (
                "protocols/cn-covid-9",
                "rules_as = \"cn-covid-8\"",
                "rules_as = \"cn-covid-88\"",
                "cn-covid-9.rules_as",
            ),
            ("protocols/cn-covid-bb", "value = false", "value = true", "cn-covid-bb.rules"),
            ("protocols/generic", "brief_minutes = 15", "", "rules.close.face_to_face.brief_minutes"),
            ("protocols/generic", "id = \"generic\"", "id = \"general\"", "keep the edition `generic`"),
            ("protocols/cn-covid-8", "to = 2022-06-27", "to = 2020-06-27", "exchange the two days"),
        ] {
            let refusal = shipped_with(name, |text| text.replacen(from, to, 1)).unwrap_err().to_string();
            assert!(refusal.contains(words), "{refusal}");
            assert!(refusal.contains("; "), "a remedy follows: {refusal}");
        }
    }

    #[test]
    fn a_kind_of_exposure_nobody_decides_by_is_refused() {
        let text = shipped::EXPOSURES.replace("id = \"visitor\"", "id = \"guest\"");
        let diseases = shipped::diseases().unwrap();
        let refusal =
            Protocols::read(shipped::PROTOCOLS.iter().copied(), &text, &diseases).unwrap_err().to_string();
        assert!(refusal.contains("protocols/exposures"), "{refusal}");
    }
}
