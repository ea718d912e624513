//! The indicators pack: what sentinel sites count, how often, by when, and who watches the numbers.

use crate::fault::{Check, read_toml};
use crate::{Bilingual, Faults};
use base::{Day, Moment};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Indicators {
    pub version: String,
    pub groups: Vec<Bilingual>,
    pub kinds: Vec<Bilingual>,
    pub indicators: Vec<Indicator>,
    pub symptoms: Vec<Symptom>,
    pub defaults: Vec<DefaultMethod>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cadence {
    Day,
    Week,
}

impl Cadence {
    /// The day a period is named by: the day itself, or the Monday of its ISO week.
    pub fn begins(self, day: Day) -> Day {
        match self {
            Cadence::Day => day,
            Cadence::Week => day - i32::from(day.weekday() - 1),
        }
    }

    /// Days in a period.
    pub fn days(self) -> i32 {
        match self {
            Cadence::Day => 1,
            Cadence::Week => 7,
        }
    }

    pub fn per_year(self) -> usize {
        match self {
            Cadence::Day => 365,
            Cadence::Week => 52,
        }
    }

    /// The latest period that is over before `today`.
    pub fn last_over(self, today: Day) -> Day {
        self.begins(today) - self.days()
    }
}

/// How the numbers of several sites become one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Adds {
    Sum,
    /// Concentrations do not add up.
    Mean,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// A site sends it.
    #[default]
    Report,
    /// Counted from the cases Quell holds.
    Cases,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Denominator {
    pub zh: String,
    pub en: String,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Indicator {
    pub id: String,
    /// The kind of site that sends it; none when no site does.
    #[serde(default)]
    pub kind: Option<String>,
    pub zh: String,
    pub en: String,
    pub unit_zh: String,
    pub unit_en: String,
    pub cadence: Cadence,
    /// Hours after the period began, at local midnight.
    pub due_hours: u16,
    pub group: String,
    pub adds: Adds,
    #[serde(default = "whole")]
    pub whole: bool,
    /// More than anybody has ever seen in one period.
    pub most: f64,
    #[serde(default)]
    pub of: Option<Denominator>,
    #[serde(default)]
    pub source: Source,
    /// Who watches it, when not one of the defaults; the shape is that of `quell fuse`'s `detectors`.
    #[serde(default)]
    pub method: Option<toml::Table>,
}

fn whole() -> bool {
    true
}

impl Indicator {
    /// When the numbers of the period that begins on `day` are due.
    pub fn due(&self, day: Day, offset_minutes: i32) -> Moment {
        Moment::start_of(day, offset_minutes).plus_seconds(i64::from(self.due_hours) * 3600)
    }

    /// The period whose numbers a site is asked for at `today`: the running one when they are due before it is over, as a
    /// school's absences are at three in the afternoon; otherwise the last that is over.
    pub fn asked_for(&self, today: Day) -> Day {
        let running = i32::from(self.due_hours) <= 24 * self.cadence.days();
        if running { self.cadence.begins(today) } else { self.cadence.last_over(today) }
    }
}

/// What anybody may say of themselves on the public page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Symptom {
    pub id: String,
    pub zh: String,
    pub en: String,
    /// The indicator it counts to.
    pub counts: String,
}

/// The kind of site that counts what the public says.
pub const PUBLIC: &str = "public";

/// A detector that watches where nobody chose another.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DefaultMethod {
    pub cadence: Cadence,
    /// Steps of history it wants.
    pub least_steps: usize,
    pub method: toml::Table,
}

impl Indicators {
    /// # Errors
    /// Everything that is wrong with the pack, each with its key and a remedy.
    pub fn read(text: &str) -> Result<Indicators, Faults> {
        let pack: Indicators = read_toml(PACK, text)?;
        let mut check = Check::of(PACK);
        for (list, ids) in [("groups", &pack.groups), ("kinds", &pack.kinds)] {
            let mut seen = BTreeSet::new();
            for one in ids {
                one.check(&mut check, list);
                check.unless(
                    seen.insert(&one.id),
                    &format!("{list}.{}", one.id),
                    "appears twice",
                    "keep one of the two",
                );
            }
        }
        let mut seen = BTreeSet::new();
        for one in &pack.indicators {
            let key = |field: &str| format!("indicators.{}.{field}", one.id);
            for (field, text) in
                [("zh", &one.zh), ("en", &one.en), ("unit_zh", &one.unit_zh), ("unit_en", &one.unit_en)]
            {
                check.said(text, &key(field));
            }
            check.unless(seen.insert(&one.id), &key("id"), "appears twice", "keep one of the two");
            check.unless(
                pack.groups.iter().any(|group| group.id == one.group),
                &key("group"),
                "is not a group of this pack",
                "name one under [[groups]]",
            );
            let sent = one.source == Source::Report;
            let kind_known =
                one.kind.as_ref().is_some_and(|kind| pack.kinds.iter().any(|known| known.id == *kind));
            check.unless(
                kind_known == sent,
                &key("kind"),
                "does not fit the source",
                "name the kind of site that sends it, and none when it is counted from cases",
            );
            check.unless(one.due_hours > 0, &key("due_hours"), "is 0", "write hours after the period began");
            check.unless(
                one.most.is_finite() && one.most > 0.0,
                &key("most"),
                "is no limit",
                "write a number nobody has seen",
            );
        }
        pack.check_symptoms(&mut check);
        check.finish(pack)
    }

    fn check_symptoms(&self, check: &mut Check<'_>) {
        let mut seen = BTreeSet::new();
        for one in &self.symptoms {
            let key = |field: &str| format!("symptoms.{}.{field}", one.id);
            check.said(&one.zh, &key("zh"));
            check.said(&one.en, &key("en"));
            check.unless(seen.insert(&one.id), &key("id"), "appears twice", "keep one of the two");
            check.unless(
                self.of_kind(PUBLIC).any(|indicator| indicator.id == one.counts),
                &key("counts"),
                "is not what a public site counts",
                "name an indicator whose kind is \"public\"",
            );
        }
    }

    pub fn by_id(&self, id: &str) -> Option<&Indicator> {
        self.indicators.iter().find(|one| one.id == id)
    }

    pub fn of_kind<'a>(&'a self, kind: &'a str) -> impl Iterator<Item = &'a Indicator> {
        self.indicators.iter().filter(move |one| one.kind.as_deref() == Some(kind))
    }

    /// The detector for an indicator with so much history; none when even the simplest wants more.
    pub fn method<'a>(&'a self, indicator: &'a Indicator, steps: usize) -> Option<&'a toml::Table> {
        indicator.method.as_ref().or_else(|| {
            let fits = |one: &&DefaultMethod| one.cadence == indicator.cadence && steps >= one.least_steps;
            self.defaults.iter().find(fits).map(|one| &one.method)
        })
    }
}

const PACK: &str = "surveillance/indicators";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shipped;

    #[test]
    fn a_school_is_asked_for_today_and_a_clinic_for_yesterday() {
        let pack = shipped::indicators().unwrap();
        let today: Day = "2022-02-21".parse().unwrap();
        assert_eq!(pack.by_id("absence").unwrap().asked_for(today), today);
        assert_eq!(pack.by_id("fever_visits").unwrap().asked_for(today), today - 1);
        assert_eq!(pack.by_id("flu_positives").unwrap().asked_for(today).to_string(), "2022-02-14");
    }

    #[test]
    fn the_numbers_of_a_day_are_due_the_next_morning_at_ten() {
        let pack = shipped::indicators().unwrap();
        let due = pack.by_id("fever_visits").unwrap().due("2022-02-20".parse().unwrap(), 480);
        assert_eq!(due.to_string(), "2022-02-21T02:00:00Z");
    }

    #[test]
    fn a_short_history_is_watched_by_a_simple_detector_and_none_by_nobody() {
        let pack = shipped::indicators().unwrap();
        let fever = pack.by_id("fever_visits").unwrap();
        let name = |steps| pack.method(fever, steps).map(|method| method["detector"].as_str().unwrap());
        assert_eq!((name(3), name(10), name(100)), (None, Some("ears_c1"), Some("recent_counts")));
        let market = pack.by_id("market_positives").unwrap();
        assert!(pack.method(market, 0).is_some(), "one positive sample needs no history");
    }

    #[test]
    fn an_indicator_of_an_unknown_group_or_site_is_refused() {
        let text = shipped::INDICATORS
            .replace("group = \"rash\"", "group = \"itch\"")
            .replace("kind = \"port\"", "kind = \"harbour\"")
            .replace("counts = \"public_rash\"", "counts = \"absence\"");
        let told = Indicators::read(&text).unwrap_err().to_string();
        assert!(told.contains("indicators.rash_children.group"), "{told}");
        assert!(told.contains("indicators.port_fever.kind"), "{told}");
        assert!(told.contains("symptoms.rash.counts"), "{told}");
    }
}
