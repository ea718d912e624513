//! Zones of graded control: the levels of an edition, what draws a place into one, what holds inside, and when it is left.
//!
//! Deliberately absent: deciding the level of a place on a day. That is `pure/control`.

use crate::Confidence;
use crate::fault::Check;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// The levels of one edition, from the strictest to the mildest.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ZoneScheme {
    pub zh: String,
    pub en: String,
    pub drawn_by: DrawnBy,
    pub finds: FindEffects,
    /// Whoever proposes a zone is not the one who decides it.
    pub not_the_proposer: crate::Cited<bool>,
    /// When rounds of testing may end; absent where the edition has no rule.
    #[serde(default)]
    pub stop: Option<StopRounds>,
    /// Needed where levels are drawn by counts.
    #[serde(default)]
    pub counts: Option<CountRule>,
    pub levels: Vec<ZoneLevel>,
    pub source: String,
    pub confidence: Confidence,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DrawnBy {
    /// By how many were found in a township, and when.
    Counts,
    /// By where the infected lived and stayed.
    Stays,
}

/// What a find inside a zone does to its clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FindEffect {
    /// The clock starts anew on the day of the find.
    Reset,
    /// The clock runs on.
    Keep,
}

/// By how somebody was found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FindEffects {
    /// On the social surface (社会面): outside people already under care.
    pub community: FindEffect,
    /// In quarantine, in isolation at home, in a closed loop.
    pub under_care: FindEffect,
    /// Positive again after recovery.
    pub re_positive: FindEffect,
    pub source: String,
    pub confidence: Confidence,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StopRounds {
    pub clean_rounds: u16,
    pub pause_days: u16,
    pub extra_rounds: u16,
    /// Share of the people that must have a result before a round counts as clean.
    pub coverage: f64,
    pub source: String,
    pub confidence: Confidence,
}

/// Levels by counts: nobody new for `days` is low; beyond that `most` in all and a cluster decide between the two above.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CountRule {
    pub days: u16,
    /// Up to so many found in all, nothing is high.
    pub most: u32,
    /// So many found within `cluster_days` are a cluster.
    pub cluster: u32,
    pub cluster_days: u16,
    pub source: String,
    pub confidence: Confidence,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ZoneLevel {
    pub id: String,
    pub zh: String,
    pub en: String,
    /// One letter or character beside the colour.
    pub letter_zh: String,
    pub letter_en: String,
    /// What it is drawn by; an area wider than the widest of these is doubted.
    pub units: Vec<UnitKind>,
    /// What holds inside, in words.
    pub measures_zh: String,
    pub measures_en: String,
    /// It is what remains of a county where a place above it is in force.
    #[serde(default)]
    pub rest_of_county: bool,
    /// Any of these draws a place into it.
    #[serde(default)]
    pub enter: Vec<EnterRule>,
    /// The level at once when somebody is found inside whose find restarts the clock.
    #[serde(default)]
    pub on_find: Option<String>,
    /// Days after it was set on which everybody inside is tested.
    #[serde(default)]
    pub tests: Vec<u16>,
    /// Levels out of it; absent: to what the rest of the county is, or to nothing.
    #[serde(default)]
    pub to: Option<String>,
    /// All of them must hold.
    pub leave: Vec<LeaveRule>,
    /// The same where it was lowered from the level above.
    #[serde(default)]
    pub leave_after_higher: Vec<LeaveRule>,
    pub source: String,
    pub confidence: Confidence,
}

/// From the smallest to the widest.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum UnitKind {
    Stairwell,
    Building,
    Compound,
    Village,
    Township,
    County,
}

/// What a place was to somebody infected.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum StayKind {
    Residence,
    /// The surroundings of the home, used often.
    Surroundings,
    /// Where they worked or spent their leisure (工作地、活动地).
    Activity,
    /// Stayed at for a while.
    Stopover,
}

/// How likely it was passed on there.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum SpreadRisk {
    Low,
    Some,
    High,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EnterRule {
    pub id: String,
    pub stays: Vec<StayKind>,
    /// At least this likely.
    pub risk: SpreadRisk,
    /// Only where those who were there cannot all be found.
    #[serde(default)]
    pub hard_to_trace: bool,
    pub zh: String,
    pub en: String,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum LeaveRule {
    /// So many days since the last find that counts, or since it was set.
    DaysClean { days: u16, source: String, confidence: Confidence },
    /// The last contact was exposed so many days ago, and every contact is negative.
    ContactsAge { days: u16, source: String, confidence: Confidence },
    /// Everybody inside was tested to the end without a find: on day `from_day` of the clock or later, and within so many days
    /// before it is left.
    FullRound { from_day: u16, within_days: u16, coverage: f64, source: String, confidence: Confidence },
    /// No cluster within so many days.
    NoCluster { days: u16, source: String, confidence: Confidence },
    /// No place of a stricter level is left in the county.
    AboveGone { source: String, confidence: Confidence },
}

impl LeaveRule {
    pub fn word(&self) -> &'static str {
        match self {
            LeaveRule::DaysClean { .. } => "days_clean",
            LeaveRule::ContactsAge { .. } => "contacts_age",
            LeaveRule::FullRound { .. } => "full_round",
            LeaveRule::NoCluster { .. } => "no_cluster",
            LeaveRule::AboveGone { .. } => "above_gone",
        }
    }

    fn source(&self) -> &str {
        match self {
            LeaveRule::DaysClean { source, .. }
            | LeaveRule::ContactsAge { source, .. }
            | LeaveRule::FullRound { source, .. }
            | LeaveRule::NoCluster { source, .. }
            | LeaveRule::AboveGone { source, .. } => source,
        }
    }
}

impl ZoneScheme {
    /// 0 is the strictest.
    pub fn place_of(&self, level: &str) -> Option<usize> {
        self.levels.iter().position(|one| one.id == level)
    }

    pub fn level(&self, id: &str) -> Option<&ZoneLevel> {
        self.levels.iter().find(|level| level.id == id)
    }

    /// What the rest of a county is while something stricter is in force there.
    pub fn rest(&self) -> Option<&ZoneLevel> {
        self.levels.iter().find(|level| level.rest_of_county)
    }

    pub fn is_stricter(&self, one: &str, other: &str) -> bool {
        match (self.place_of(one), self.place_of(other)) {
            (Some(one), Some(other)) => one < other,
            (one, other) => one.is_some() && other.is_none(),
        }
    }

    pub(crate) fn check(&self, check: &mut Check<'_>) {
        for (key, said) in [("zones.zh", &self.zh), ("zones.en", &self.en), ("zones.source", &self.source)] {
            check.said(said, key);
        }
        check.unless(
            !self.levels.is_empty(),
            "zones.levels",
            "is empty",
            "give the levels, the strictest first",
        );
        check.unless(
            (self.drawn_by == DrawnBy::Counts) == self.counts.is_some(),
            "zones.counts",
            "and drawn_by do not fit each other",
            "give counts where drawn_by is \"counts\", and nowhere else",
        );
        if let Some(stop) = &self.stop {
            check.unless(
                stop.coverage > 0.0 && stop.coverage <= 1.0,
                "zones.stop.coverage",
                "is no share of the people",
                "write a number above 0 and up to 1, such as 0.95",
            );
            check.unless(
                stop.clean_rounds > 0,
                "zones.stop.clean_rounds",
                "is 0, and rounds would end before the first",
                "write how many clean rounds in a row are wanted, such as 3",
            );
        }
        if let Some(counts) = &self.counts {
            check.unless(
                counts.days > 0 && counts.cluster_days > 0 && counts.cluster > 1,
                "zones.counts",
                "has a window of no days, or a cluster of one",
                "write days such as 14, and at least 2 for a cluster",
            );
        }
        check.unless(
            self.counts.is_none() || (self.levels.len() == 3 && self.levels[2].rest_of_county),
            "zones.levels",
            "are not the three that counts decide between",
            "give high, medium and low in this order, low with rest_of_county = true",
        );
        let rests = self.levels.iter().filter(|level| level.rest_of_county).count();
        check.unless(
            rests <= 1,
            "zones.levels.rest_of_county",
            "is said of more than one level",
            "the rest of a county has one level: keep it with the mildest",
        );
        let mut seen = BTreeSet::new();
        for (place, level) in self.levels.iter().enumerate() {
            let key = |field: &str| format!("zones.levels.{}.{field}", level.id);
            check.unless(seen.insert(&level.id), &key("id"), "appears twice", "keep one of the two");
            self.check_level(place, level, check);
        }
    }

    fn check_level(&self, place: usize, level: &ZoneLevel, check: &mut Check<'_>) {
        let key = |field: &str| format!("zones.levels.{}.{field}", level.id);
        for (field, said) in [
            ("id", &level.id),
            ("zh", &level.zh),
            ("en", &level.en),
            ("letter_zh", &level.letter_zh),
            ("letter_en", &level.letter_en),
            ("measures_zh", &level.measures_zh),
            ("measures_en", &level.measures_en),
            ("source", &level.source),
        ] {
            check.said(said, &key(field));
        }
        check.unless(
            level.letter_zh.chars().count() == 1 && level.letter_en.chars().count() == 1,
            &key("letter_zh"),
            "is not one character, in both languages",
            "give one, such as 高 and H: it stands on the map beside the colour",
        );
        check.unless(
            !level.units.is_empty(),
            &key("units"),
            "is empty",
            "say what it is drawn by, such as \"compound\"",
        );
        check.unless(
            self.drawn_by == DrawnBy::Counts || level.rest_of_county == level.enter.is_empty(),
            &key("enter"),
            "does not say what draws a place into it, or says so of the rest of a county",
            "give rules of entry, or rest_of_county = true, and not both",
        );
        // A way down that leads up, or back to itself, is a circle: nobody would ever be let out.
        match level.to.as_deref().map(|to| self.place_of(to)) {
            None => {}
            Some(Some(to)) if to > place => {}
            Some(Some(_)) => check.fault(
                &key("to"),
                "leads to the same level or a stricter one, and nobody would ever leave",
                "name a milder level, or leave `to` out",
            ),
            Some(None) => check.fault(&key("to"), "is no level of this edition", "name one of its levels"),
        }
        match level.on_find.as_deref().map(|up| self.place_of(up)) {
            None => {}
            Some(Some(up)) if up <= place => {}
            Some(Some(_)) => check.fault(
                &key("on_find"),
                "is milder than the level itself",
                "name the level it is raised to, or leave it out",
            ),
            Some(None) => {
                check.fault(&key("on_find"), "is no level of this edition", "name one of its levels")
            }
        }
        check.unless(
            !level.leave.is_empty(),
            &key("leave"),
            "is empty, and nobody would ever leave",
            "say what must hold before it is left",
        );
        for (number, rule) in level.leave.iter().chain(&level.leave_after_higher).enumerate() {
            let key = |field: &str| format!("zones.levels.{}.leave.{}.{field}", level.id, number + 1);
            check.said(rule.source(), &key("source"));
            rule.check(&key, check);
        }
        let mut rules = BTreeSet::new();
        for rule in &level.enter {
            let key = |field: &str| format!("zones.levels.{}.enter.{}.{field}", level.id, rule.id);
            check.unless(rules.insert(&rule.id), &key("id"), "appears twice", "keep one of the two");
            check.said(&rule.zh, &key("zh"));
            check.said(&rule.en, &key("en"));
            check.unless(!rule.stays.is_empty(), &key("stays"), "is empty", "name the stays it is about");
        }
    }
}

impl LeaveRule {
    fn check(&self, key: &dyn Fn(&str) -> String, check: &mut Check<'_>) {
        /// Two incubation periods and more: beyond it a number is a slip of the hand.
        const LONGEST: u16 = 60;
        match self {
            LeaveRule::DaysClean { days, .. }
            | LeaveRule::ContactsAge { days, .. }
            | LeaveRule::NoCluster { days, .. } => check.unless(
                (1..=LONGEST).contains(days),
                &key("days"),
                "is no number of days from 1 to 60",
                "write days, such as 7",
            ),
            LeaveRule::FullRound { from_day, within_days, coverage, .. } => {
                check.unless(
                    *coverage > 0.0 && *coverage <= 1.0,
                    &key("coverage"),
                    "is no share of the people",
                    "write a number above 0 and up to 1, such as 1.0",
                );
                check.unless(
                    *within_days > 0 && *within_days <= LONGEST && *from_day <= LONGEST,
                    &key("within_days"),
                    "is no number of days from 1 to 60",
                    "write days, such as 2",
                );
            }
            LeaveRule::AboveGone { .. } => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Faults, Protocols, shipped};

    fn shipped_with(name: &str, from: &str, to: &str) -> Result<Protocols, Faults> {
        let changed: Vec<(&str, String)> = shipped::PROTOCOLS
            .iter()
            .map(|(known, text)| {
                let text = if *known == name {
                    assert!(text.contains(from), "{from}");
                    text.replacen(from, to, 1)
                } else {
                    (*text).to_owned()
                };
                (*known, text)
            })
            .collect();
        let texts = changed.iter().map(|(name, text)| (*name, text.as_str()));
        Protocols::read(texts, shipped::EXPOSURES, &shipped::diseases().unwrap())
    }

    #[test]
    fn the_editions_have_the_levels_they_are_known_by() {
        let protocols = shipped::protocols().unwrap_or_else(|faults| panic!("{faults}"));
        let levels = |id: &str| -> Vec<String> {
            let zones = protocols.by_id(id).unwrap().zones.as_ref();
            zones.map_or(Vec::new(), |zones| zones.levels.iter().map(|level| level.id.clone()).collect())
        };
        assert_eq!(levels("cn-covid-7"), ["high", "medium", "low"]);
        assert_eq!(levels("cn-covid-8"), ["lockdown", "control", "precaution"]);
        assert_eq!(levels("cn-covid-9"), ["high", "medium", "low"]);
        assert_eq!(levels("cn-covid-20m"), ["high", "low"]);
        assert_eq!(levels("cn-covid-10m"), ["high", "low"]);
        assert!(levels("cn-covid-bb").is_empty(), "class B knows no zones");
        let ninth = protocols.by_id("cn-covid-9").unwrap().zones.as_ref().unwrap();
        assert!(ninth.is_stricter("high", "medium") && !ninth.is_stricter("medium", "medium"));
        assert_eq!(ninth.level("medium").unwrap().on_find.as_deref(), Some("high"));
        assert_eq!(ninth.rest().unwrap().id, "low");
        let twenty = protocols.by_id("cn-covid-20m").unwrap().zones.as_ref().unwrap();
        assert_eq!(twenty.level("high").unwrap().units, [UnitKind::Stairwell, UnitKind::Building]);
    }

    #[test]
    fn every_fault_of_zones_names_pack_key_and_remedy() {
        const NINTH: &str = "protocols/cn-covid-9";
        for (name, from, to, words) in [
            (NINTH, "to = \"medium\"", "to = \"high\"", "zones.levels.high.to: leads to the same level"),
            (
                NINTH,
                "to = \"low\"",
                "to = \"high\"",
                "zones.levels.medium.to: leads to the same level or a stricter one",
            ),
            (NINTH, "to = \"low\"", "to = \"lowest\"", "zones.levels.medium.to: is no level of this edition"),
            (NINTH, "on_find = \"high\"", "on_find = \"low\"", "zones.levels.medium.on_find: is milder"),
            (
                NINTH,
                "kind = \"days_clean\"\ndays = 7",
                "kind = \"days_clean\"\ndays = 700",
                "zones.levels.high.leave.1.days",
            ),
            (NINTH, "coverage = 1.0", "coverage = 100", "zones.levels.high.leave.2.coverage: is no share"),
            (NINTH, "letter_en = \"M\"", "letter_en = \"MM\"", "zones.levels.medium.letter_zh"),
            (
                NINTH,
                "rest_of_county = true",
                "rest_of_county = false",
                "zones.levels.low.enter: does not say",
            ),
            (NINTH, "id = \"medium\"", "id = \"high\"", "zones.levels.high.id: appears twice"),
            (NINTH, "drawn_by = \"stays\"", "drawn_by = \"counts\"", "zones.counts: and drawn_by do not fit"),
            (NINTH, "clean_rounds = 3", "clean_rounds = 0", "zones.stop.clean_rounds: is 0"),
            (
                NINTH,
                "stays = [\"residence\"]",
                "stays = []",
                "zones.levels.high.enter.residence.stays: is empty",
            ),
            (NINTH, "units = [\"county\"]", "units = []", "zones.levels.low.units: is empty"),
            (NINTH, "units = [\"county\"]", "units = [\"planet\"]", "pack protocols/cn-covid-9, line"),
            (
                "protocols/cn-covid-7",
                "id = \"low\"\nzh",
                "id = \"none\"\nzh",
                "zones.levels.medium.to: is no level",
            ),
            ("protocols/cn-covid-7", "cluster = 2", "cluster = 1", "zones.counts: has a window of no days"),
        ] {
            let refusal = shipped_with(name, from, to).unwrap_err().to_string();
            assert!(refusal.contains(words), "{words}: {refusal}");
            assert!(refusal.contains("; "), "a remedy follows: {refusal}");
        }
    }
}
