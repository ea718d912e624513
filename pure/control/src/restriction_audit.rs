//! What an auditor is shown of restrictions: a sample nobody could choose, and patterns that deserve a look.

use base::Moment;
use packs::{AlarmRule, AuditRule};
use std::collections::{BTreeMap, BTreeSet};

/// How many of so many are looked at.
pub fn sample_size(rule: &AuditRule, of: usize) -> usize {
    let share = (of * rule.percent as usize).div_ceil(100);
    share.max(rule.least).min(rule.most).min(of)
}

/// The first by rank. Ranks are keyed hashes: whoever does not hold the key cannot know which come first.
pub fn drawn(mut ranked: Vec<(String, String)>, size: usize) -> Vec<String> {
    ranked.sort();
    ranked.into_iter().take(size).map(|(_, id)| id).collect()
}

/// One restriction as patterns are looked for.
#[derive(Debug, Clone)]
pub struct Seen {
    pub id: String,
    pub proposer: String,
    pub approvers: Vec<String>,
    /// The case it goes back to, when it is not the person's own.
    pub index: Option<String>,
    /// Somebody of whom nothing is known in the territory.
    pub stranger: bool,
    /// Proposed or approved then, on the wall clock.
    pub hours: Vec<u8>,
}

cases::words! {
    /// A pattern an auditor is shown.
    AlarmKind, "kind of alarm" {
        Pair = "pair", SameIndex = "same_index", Strangers = "strangers", Night = "night",
        /// Lists whose rows named no evidence.
        RefusedList = "refused_list",
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Alarm {
    pub kind: AlarmKind,
    /// Who, or which case.
    pub about: Vec<String>,
    pub count: usize,
    /// Some of them, to be opened.
    pub restrictions: Vec<String>,
}

/// Opened from one alarm.
const SHOWN: usize = 50;

/// Of one kind, the largest first.
pub fn alarms(rule: &AlarmRule, seen: &[Seen]) -> Vec<Alarm> {
    let mut pairs: BTreeMap<(&str, &str), Vec<&Seen>> = BTreeMap::new();
    let mut indexes: BTreeMap<&str, Vec<&Seen>> = BTreeMap::new();
    for one in seen {
        let approvers: BTreeSet<&str> = one.approvers.iter().map(String::as_str).collect();
        for approver in approvers {
            pairs.entry((&one.proposer, approver)).or_default().push(one);
        }
        if let Some(index) = &one.index {
            indexes.entry(index).or_default().push(one);
        }
    }
    let pairs = pairs
        .into_iter()
        .filter(|(_, found)| found.len() >= rule.pair)
        .map(|((proposer, approver), found)| alarm(AlarmKind::Pair, &[proposer, approver], &found));
    let indexes = indexes
        .into_iter()
        .filter(|(_, found)| found.len() >= rule.index)
        .map(|(index, found)| alarm(AlarmKind::SameIndex, &[index], &found));
    let mut told: Vec<Alarm> = pairs.chain(indexes).collect();
    let strangers: Vec<&Seen> = seen.iter().filter(|one| one.stranger).collect();
    let night: Vec<&Seen> =
        seen.iter().filter(|one| one.hours.iter().any(|hour| is_night(rule, *hour))).collect();
    for (kind, found) in [(AlarmKind::Strangers, strangers), (AlarmKind::Night, night)] {
        if !found.is_empty() {
            told.push(alarm(kind, &[], &found));
        }
    }
    told.sort_by_key(|one| (one.kind, std::cmp::Reverse(one.count)));
    told
}

fn alarm(kind: AlarmKind, about: &[&str], found: &[&Seen]) -> Alarm {
    Alarm {
        kind,
        about: about.iter().map(|word| (*word).to_owned()).collect(),
        count: found.len(),
        restrictions: found.iter().take(SHOWN).map(|one| one.id.clone()).collect(),
    }
}

pub fn is_night(rule: &AlarmRule, hour: u8) -> bool {
    let (from, until) = (rule.night_from, rule.night_until);
    if from <= until { (from..until).contains(&hour) } else { hour >= from || hour < until }
}

/// The hour on the wall.
pub fn hour_of(at: Moment, offset_minutes: i32) -> u8 {
    let minutes = at.0.div_euclid(60_000) + i64::from(offset_minutes);
    u8::try_from(minutes.rem_euclid(1_440) / 60).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule() -> AlarmRule {
        packs::shipped::restrictions().unwrap().alarms
    }

    fn seen(number: usize, index: &str, hour: u8, stranger: bool) -> Seen {
        Seen {
            id: format!("restriction_{number}"),
            proposer: "account_a".to_owned(),
            approvers: vec!["account_b".to_owned(), format!("account_c{}", number % 3)],
            index: Some(index.to_owned()),
            stranger,
            hours: vec![hour],
        }
    }

    #[test]
    fn a_day_is_looked_at_in_part_and_never_not_at_all() {
        let rule = packs::shipped::restrictions().unwrap().audit;
        for (of, size) in [(0, 0), (3, 3), (5, 5), (100, 5), (101, 6), (1_317, 66), (100_000, 200)] {
            assert_eq!(sample_size(&rule, of), size, "{of}");
        }
    }

    #[test]
    fn the_sample_is_the_first_by_rank_whatever_the_order() {
        let ranked: Vec<(String, String)> =
            [("c", "1"), ("a", "2"), ("b", "3")].map(|(rank, id)| (rank.to_owned(), id.to_owned())).into();
        let back: Vec<_> = ranked.iter().rev().cloned().collect();
        assert_eq!(drawn(ranked, 2), ["2", "3"]);
        assert_eq!(drawn(back, 2), ["2", "3"]);
    }

    #[test]
    fn a_quiet_week_raises_nothing() {
        let few: Vec<Seen> =
            (0..20).map(|number| seen(number, &format!("case_{number}"), 10, false)).collect();
        assert_eq!(alarms(&rule(), &few), []);
    }

    #[test]
    fn one_pair_one_case_the_night_and_strangers_are_shown() {
        let many: Vec<Seen> = (0..90)
            .map(|number| seen(number, "case_x", if number < 7 { 3 } else { 11 }, number < 4))
            .collect();
        let told: Vec<(AlarmKind, usize)> =
            alarms(&rule(), &many).iter().map(|one| (one.kind, one.count)).collect();
        assert_eq!(
            told,
            [
                (AlarmKind::Pair, 90),
                (AlarmKind::Pair, 30),
                (AlarmKind::Pair, 30),
                (AlarmKind::Pair, 30),
                (AlarmKind::SameIndex, 90),
                (AlarmKind::Strangers, 4),
                (AlarmKind::Night, 7),
            ]
        );
        assert_eq!(alarms(&rule(), &many)[0].restrictions.len(), 50);
    }

    #[test]
    fn the_night_goes_over_midnight() {
        let hours: Vec<u8> = (0..24).filter(|hour| is_night(&rule(), *hour)).collect();
        assert_eq!(hours, [0, 1, 2, 3, 4, 5, 22, 23]);
        let at: Moment = "2022-06-14T15:59:59Z".parse().unwrap();
        assert_eq!((hour_of(at, 480), hour_of(at.plus_seconds(1), 480)), (23, 0));
    }
}
