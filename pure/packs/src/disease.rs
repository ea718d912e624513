//! The disease pack: what is known of a disease, how it must be reported, and what counts as early.

use crate::delay::StatedDelay;
use crate::fault::{Check, read_toml};
use crate::{AccessLevel, Delay, Faults, Tag};
use base::Day;
use cases::{Classification, Early, Ladder, Limits};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Disease {
    pub id: String,
    /// Written into every decision made by this pack.
    pub version: String,
    /// Variants of one disease share a family, and with it the words lists use for any of them.
    pub family: String,
    /// How closely its records are kept; a department may keep them more closely, never less.
    pub access: AccessLevel,
    pub zh: String,
    pub en: String,
    pub pathogen: String,
    pub aliases: Vec<String>,
    pub circulated: Option<Span>,
    pub reporting: Vec<Reporting>,
    pub incubation: Delay,
    pub serial_interval: Delay,
    pub r0: Option<Number>,
    /// Dispersion of the offspring distribution; small means few people infect many.
    pub k: Option<Number>,
    pub infectious: Infectious,
    /// Days a contact is followed after the last exposure.
    pub follow_up: Number,
    pub ladder: Ladder,
    pub earlies: BTreeMap<Early, EarlyLimit>,
}

/// The class of the Chinese Law on the Prevention and Treatment of Infectious Diseases.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum ClassCn {
    A,
    B,
    C,
    /// Not in the lists A to C: reported as a new, imported or unexplained disease.
    #[serde(rename = "unlisted")]
    Unlisted,
}

/// A reporting clock and the days on which it was the rule.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reporting {
    pub class_cn: ClassCn,
    /// Managed as a higher class (乙类甲管).
    #[serde(default)]
    pub managed_as: Option<ClassCn>,
    /// From diagnosis to the network report, hours.
    pub clock_hours: u32,
    #[serde(default, deserialize_with = "civil_day")]
    pub from: Option<Day>,
    #[serde(default, deserialize_with = "civil_day")]
    pub until: Option<Day>,
    pub source: String,
    pub tag: Tag,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Number {
    pub value: f64,
    #[serde(default)]
    pub low: Option<f64>,
    #[serde(default)]
    pub high: Option<f64>,
    pub source: String,
    pub tag: Tag,
}

/// When a case can infect, days relative to the day named by `around` (onset, rash).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Infectious {
    pub around: String,
    pub from: i32,
    /// Absent while nobody can say: as long as symptoms or shedding last.
    #[serde(default)]
    pub to: Option<i32>,
    pub source: String,
    pub tag: Tag,
}

/// Days between which a variant was about; an open end is still open.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Span {
    #[serde(default, deserialize_with = "civil_day")]
    pub from: Option<Day>,
    #[serde(default, deserialize_with = "civil_day")]
    pub until: Option<Day>,
    pub source: String,
    pub tag: Tag,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EarlyLimit {
    pub days: i32,
    pub why: String,
    pub tag: Tag,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Stated {
    id: String,
    version: String,
    family: Option<String>,
    access: AccessLevel,
    zh: String,
    en: String,
    pathogen: String,
    aliases: Vec<String>,
    circulated: Option<Span>,
    reporting: Vec<Reporting>,
    incubation_days: StatedDelay,
    serial_interval_days: StatedDelay,
    r0: Option<Number>,
    k: Option<Number>,
    infectious_days: Infectious,
    follow_up_days: Number,
    ladder: Option<BTreeMap<Classification, BTreeSet<Classification>>>,
    earlies: BTreeMap<Early, EarlyLimit>,
}

impl Span {
    pub fn holds(&self, day: Day) -> bool {
        within(self.from, self.until, day)
    }
}

impl Disease {
    /// `name` is how the author knows the pack, such as `diseases/measles`.
    ///
    /// # Errors
    /// Everything that is wrong with the pack, each with its key and a remedy.
    pub fn read(name: &str, text: &str) -> Result<Disease, Faults> {
        let stated: Stated = read_toml(name, text)?;
        let mut check = Check::of(name);
        check_names(&stated, &mut check);
        check_reporting(&stated.reporting, &mut check);
        check_numbers(&stated, &mut check);
        check_earlies(&stated, &mut check);
        let ladder = stated.ladder.map_or_else(Ladder::default, Ladder::of);
        check_ladder(&ladder, &mut check);
        let incubation = stated.incubation_days.check("incubation_days", &mut check);
        let serial_interval = stated.serial_interval_days.check("serial_interval_days", &mut check);
        let (Some(incubation), Some(serial_interval)) = (incubation, serial_interval) else {
            return Err(check.into_faults());
        };
        check.finish(Disease {
            family: stated.family.unwrap_or_else(|| stated.id.clone()),
            access: stated.access,
            id: stated.id,
            version: stated.version,
            zh: stated.zh,
            en: stated.en,
            pathogen: stated.pathogen,
            aliases: stated.aliases,
            circulated: stated.circulated,
            reporting: stated.reporting,
            incubation,
            serial_interval,
            r0: stated.r0,
            k: stated.k,
            infectious: stated.infectious_days,
            follow_up: stated.follow_up_days,
            ladder,
            earlies: stated.earlies,
        })
    }

    /// The four limits in the form `cases` measures delays with.
    pub fn limits(&self) -> Limits {
        Limits(self.earlies.iter().map(|(early, limit)| (*early, limit.days)).collect())
    }

    /// The reporting rule in force on a day.
    pub fn reporting_on(&self, day: Day) -> Option<&Reporting> {
        self.reporting.iter().find(|rule| within(rule.from, rule.until, day))
    }
}

fn within(from: Option<Day>, until: Option<Day>, day: Day) -> bool {
    from.is_none_or(|from| from <= day) && until.is_none_or(|until| day <= until)
}

fn check_names(stated: &Stated, check: &mut Check<'_>) {
    let plain = |text: &str| {
        !text.is_empty() && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
    };
    check.unless(
        plain(&stated.id),
        "id",
        "is not a plain word",
        "use lower-case letters, digits and hyphens",
    );
    for (key, text) in
        [("version", &stated.version), ("zh", &stated.zh), ("en", &stated.en), ("pathogen", &stated.pathogen)]
    {
        check.said(text, key);
    }
    check.unless(!stated.aliases.is_empty(), "aliases", "is empty", "list the words line lists use for it");
}

fn check_reporting(rules: &[Reporting], check: &mut Check<'_>) {
    check.unless(!rules.is_empty(), "reporting", "is missing", "add at least one [[reporting]] rule");
    for (place, rule) in rules.iter().enumerate() {
        let key = format!("reporting[{place}]");
        check.said(&rule.source, &format!("{key}.source"));
        check.unless(
            rule.clock_hours > 0,
            &format!("{key}.clock_hours"),
            "leaves no time at all",
            "state it in hours",
        );
        for other in &rules[..place] {
            let apart = rule.until.zip(other.from).is_some_and(|(end, start)| end < start)
                || other.until.zip(rule.from).is_some_and(|(end, start)| end < start);
            check.unless(
                apart,
                &key,
                "overlaps another rule",
                "give them `from` and `until` days that do not meet",
            );
        }
    }
}

fn check_numbers(stated: &Stated, check: &mut Check<'_>) {
    let numbers = [
        ("r0", stated.r0.as_ref()),
        ("k", stated.k.as_ref()),
        ("follow_up_days", Some(&stated.follow_up_days)),
    ];
    for (key, number) in numbers.into_iter().filter_map(|(key, number)| Some((key, number?))) {
        check.said(&number.source, &format!("{key}.source"));
        let ordered = number.low.unwrap_or(number.value) <= number.value
            && number.value <= number.high.unwrap_or(number.value);
        check.unless(ordered, key, "value lies outside low and high", "put it between them");
        check.unless(number.value.is_finite() && number.value > 0.0, key, "is not above 0", "correct it");
    }
    let window = &stated.infectious_days;
    check.said(&window.source, "infectious_days.source");
    check.unless(
        window.to.is_none_or(|to| window.from <= to),
        "infectious_days",
        "ends before it begins",
        "swap from and to",
    );
}

fn check_earlies(stated: &Stated, check: &mut Check<'_>) {
    for early in Early::ALL {
        let key = format!("earlies.{early}");
        match stated.earlies.get(early) {
            None => check.fault(&key, "is missing", "state days, why and tag for each of the four"),
            Some(limit) => {
                check.said(&limit.why, &format!("{key}.why"));
                check.unless(limit.days >= 0, &key, "is a negative number of days", "use 0 for the same day");
            }
        }
    }
    // Dates are days: a clock shorter than a day means the same day. The strictest clock the disease has
    // had counts.
    let strictest = stated.reporting.iter().map(|rule| rule.clock_hours).min();
    if let (Some(limit), Some(hours)) = (stated.earlies.get(&Early::Reported), strictest) {
        check.unless(
            i64::from(limit.days) == i64::from(hours / 24),
            "earlies.reported",
            "does not agree with the reporting clock",
            "use 0 for a clock under 24 hours, else whole days",
        );
    }
}

fn check_ladder(ladder: &Ladder, check: &mut Check<'_>) {
    for from in Classification::ALL {
        check.unless(
            ladder.next(*from).count() > 0,
            &format!("ladder.{from}"),
            "is a dead end",
            "say at least one classification that may follow, such as discarded",
        );
    }
}

/// TOML has a date type of its own; packs use it, unquoted.
pub(crate) fn civil_day<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<Day>, D::Error> {
    let written = toml::value::Datetime::deserialize(deserializer)?;
    written.to_string().parse().map(Some).map_err(serde::de::Error::custom)
}

#[cfg(test)]
mod tests {
    use super::*;

    const MEASLES: &str = include_str!("../../../packs/diseases/measles.toml");
    const DELTA: &str = include_str!("../../../packs/diseases/covid-19-delta.toml");

    fn refused(change: impl Fn(&str) -> String) -> String {
        let changed = change(MEASLES);
        assert_ne!(changed, MEASLES, "the test changed nothing");
        Disease::read("diseases/measles", &changed).unwrap_err().to_string()
    }

    #[test]
    fn a_report_of_covid_was_due_in_two_hours_until_the_rule_changed() {
        let delta = Disease::read("diseases/covid-19-delta", DELTA).unwrap();
        let hours = |day: &str| delta.reporting_on(day.parse().unwrap()).map(|rule| rule.clock_hours);
        assert_eq!(hours("2022-02-20"), Some(2));
        assert_eq!(hours("2023-01-07"), Some(2));
        assert_eq!(hours("2023-01-08"), Some(24));
        assert_eq!(hours("2019-12-31"), None);
    }

    #[test]
    fn the_four_limits_reach_the_cases_room_in_days() {
        let limits = Disease::read("diseases/measles", MEASLES).unwrap().limits();
        assert_eq!(limits.0[&Early::Reported], 1);
        assert_eq!(limits.0.len(), 4);
    }

    #[test]
    fn every_fault_is_told_at_once_with_its_key_and_a_remedy() {
        let refusal = refused(|text| {
            text.replace("zh = \"麻疹\"", "zh = ' '").replace("dispersion = 1.23", "dispersion = 0.5")
        });
        assert_eq!(refusal.lines().count(), 2, "{refusal}");
        assert!(refusal.contains("pack diseases/measles, zh: is empty"), "{refusal}");
        assert!(refusal.contains("incubation_days: `lognormal` with these parameters"), "{refusal}");
    }

    #[test]
    fn a_limit_that_contradicts_the_reporting_clock_is_refused() {
        let refusal = refused(|text| text.replace("clock_hours = 24", "clock_hours = 2"));
        assert!(refusal.contains("earlies.reported: does not agree with the reporting clock"), "{refusal}");
    }

    #[test]
    fn a_misspelt_key_is_refused_with_its_line() {
        let refusal = refused(|text| text.replace("follow_up_days", "followup_days"));
        assert!(refusal.contains("followup_days"), "{refusal}");
        assert!(refusal.contains("line "), "{refusal}");
    }

    #[test]
    fn a_ladder_with_a_dead_end_is_refused() {
        let refusal = refused(|text| format!("{text}\n[ladder]\nsuspected = ['confirmed']\n"));
        assert!(refusal.contains("ladder.confirmed: is a dead end"), "{refusal}");
    }
}
