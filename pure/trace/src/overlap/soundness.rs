//! Which told visits can be true. What cannot is left out or cut, and said with its row and what to do.

use super::findings::Findings;
use super::{Minute, Spread, Stay, ToldVisit};
use base::Notes;
use std::collections::BTreeMap;

/// What a visit must keep to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct VisitRules {
    /// When the list was closed: nobody has been anywhere later.
    pub known_until: Minute,
    /// A longer stay is taken for a mistyped year. Residents of a care home are written month by month.
    pub longest_days: u32,
    /// More visits of one subject are not one person's: a shared card, a gate, a blank number.
    pub most_per_subject: u32,
}

impl VisitRules {
    /// Stays of up to 60 days, 5,000 visits a subject.
    pub fn known_until(known_until: Minute) -> VisitRules {
        VisitRules { known_until, longest_days: 60, most_per_subject: 5_000 }
    }
}

/// The stays that can be true, in the order told, and what was found about the others: `ends_before_it_begins`, `before_1970`,
/// `in_the_future` and `too_long` are left out, `goes_on_into_the_future` is cut at the day of the list, and of `too_many_visits`
/// of one subject the first are kept.
pub fn sound_visits(told: &[ToldVisit], rules: &VisitRules) -> (Vec<Stay>, Notes) {
    let mut findings = Findings::default();
    let mut visits_of: BTreeMap<u32, u32> = BTreeMap::new();
    let mut stays = Vec::with_capacity(told.len());
    for visit in told {
        let Some(stay) = sound(visit, rules, &mut findings) else { continue };
        let so_far = visits_of.entry(visit.subject).or_default();
        *so_far += 1;
        if *so_far > rules.most_per_subject {
            findings.add(
                "too_many_visits",
                "one subject has more visits than a person can make; those past the limit are left out. Give each person a \
                 number of their own, or raise most_visits_per_subject",
                || format!("row {}", visit.row),
            );
            continue;
        }
        stays.push(stay);
    }
    (stays, findings.into_notes())
}

fn sound(visit: &ToldVisit, rules: &VisitRules, findings: &mut Findings) -> Option<Stay> {
    let row = || format!("row {}", visit.row);
    let until = i64::from(rules.known_until.0);
    let (from, to) = (visit.began.earliest, visit.ended.latest);
    if to < from {
        let remedy = "the visit ends before it begins and is left out; exchange or mend its times";
        findings.add("ends_before_it_begins", remedy, row);
        return None;
    }
    if from < 0 {
        findings.add("before_1970", "no such visit is of use and it is left out; mend the year", row);
        return None;
    }
    if from > until {
        let remedy = "the visit begins after the list was closed and is left out; mend the date, or state a later known_until";
        findings.add("in_the_future", remedy, row);
        return None;
    }
    // Told doubt does not make a stay long: two days are told of, not one stay of forty-eight hours.
    if visit.ended.earliest - visit.began.latest > i64::from(rules.longest_days) * 1_440 {
        let remedy = "the stay is longer than longest_stay_days and is left out; mend the year, or write it month by month";
        findings.add("too_long", remedy, row);
        return None;
    }
    if to > until {
        let remedy = "the visit goes on after the list was closed and is cut there; nothing to do if the person is still there";
        findings.add("goes_on_into_the_future", remedy, row);
    }
    let latest = to.min(until);
    let spread = |minutes: i64| Spread::of(u32::try_from(minutes.max(0)).unwrap_or(u32::MAX));
    let minute = |value: i64| u32::try_from(value).map(Minute).ok();
    Some(Stay {
        subject: visit.subject,
        place: visit.place,
        earliest: minute(from)?,
        latest: minute(latest)?,
        began_spread: spread(visit.began.latest - from),
        ended_spread: spread(latest - visit.ended.earliest),
    })
}

#[cfg(test)]
mod tests {
    use super::super::Within;
    use super::*;

    const NOON: i64 = 27_000_000;

    fn visit(row: u64, began: i64, ended: i64) -> ToldVisit {
        ToldVisit { row, subject: 1, place: 0, began: Within::exactly(began), ended: Within::exactly(ended) }
    }

    fn rules() -> VisitRules {
        VisitRules::known_until(Minute(NOON as u32 + 1_440))
    }

    #[test]
    fn what_cannot_be_true_is_named_with_its_row_and_a_remedy() {
        let forty_years = 40 * 365 * 1_440;
        for (began, ended, code, words) in [
            (NOON, NOON - 1, "ends_before_it_begins", "exchange or mend"),
            (NOON + 2_000, NOON + 2_100, "in_the_future", "mend the date"),
            (NOON - forty_years, NOON, "too_long", "mend the year"),
            (-10, NOON, "before_1970", "mend the year"),
        ] {
            let (stays, notes) = sound_visits(&[visit(7, began, ended)], &rules());
            assert!(stays.is_empty(), "{code}");
            let note = notes.iter().next().unwrap();
            assert_eq!(note.code, code);
            assert!(note.message.contains("row 7") && note.message.contains(words), "{}", note.message);
        }
    }

    #[test]
    fn who_is_still_there_is_cut_at_the_day_of_the_list() {
        let (stays, notes) = sound_visits(&[visit(2, NOON, NOON + 5_000)], &rules());
        assert_eq!(stays[0].latest, rules().known_until);
        assert!(notes.has("goes_on_into_the_future"));
    }

    #[test]
    fn a_hundred_thousand_visits_of_one_person_are_capped_in_one_sentence() {
        let told: Vec<ToldVisit> = (0..100_000).map(|row| visit(row + 2, NOON, NOON + 10)).collect();
        let (stays, notes) = sound_visits(&told, &rules());
        assert_eq!(stays.len(), 5_000);
        assert_eq!(notes.iter().count(), 1);
        let message = &notes.iter().next().unwrap().message;
        assert!(message.starts_with("95000 × row 5002, row 5003, row 5004, …"), "{message}");
    }

    #[test]
    fn a_visit_known_to_the_day_is_possible_all_day_and_sure_at_no_minute() {
        let all_day = Within { earliest: NOON, latest: NOON + 1_440 };
        let told = ToldVisit { row: 2, subject: 1, place: 0, began: all_day, ended: all_day };
        let (stays, notes) = sound_visits(&[told], &rules());
        assert!(notes.is_empty());
        assert_eq!((stays[0].earliest.0, stays[0].latest.0), (NOON as u32, NOON as u32 + 1_440));
        assert_eq!(stays[0].surely(), None);
    }
}
