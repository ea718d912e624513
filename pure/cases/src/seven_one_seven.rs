//! 7-1-7: detected within 7 days of its emergence, notified within 1, seven early actions within 7 more. Told as proportions of
//! events, never as a median.
//!
//! # Source
//! Frieden et al. 2021, The Lancet 398:638, doi:10.1016/S0140-6736(21)01250-2; the seven actions as in the 7-1-7 Alliance's
//! toolkit.

use crate::words;
use base::Day;
use serde::Serialize;
use std::collections::BTreeMap;

words! {
    /// Dated facts of an event, in their order.
    Milestone, "milestone" {
        /// The onset of the index case, or the day on which cases were more than expected.
        Emergence = "emergence",
        /// Somebody anywhere noted the event.
        Detection = "detection",
        /// The authority that has to act learnt of it.
        Notification = "notification",
        /// Early action 1: an investigation began, a team went.
        Investigation = "investigation",
        /// 2: first analysis and assessment of the risk.
        Analysis = "analysis",
        /// 3: confirmed by a laboratory.
        Laboratory = "laboratory",
        /// 4: patients are treated, infection control is in place.
        Treatment = "treatment",
        /// 5: countermeasures began.
        Countermeasures = "countermeasures",
        /// 6: the public and those at risk were told.
        Communication = "communication",
        /// 7: a coordination mechanism stands.
        Coordination = "coordination",
    }
}

impl Milestone {
    pub fn is_action(self) -> bool {
        self > Milestone::Notification
    }
}

/// What is known of a milestone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fact {
    On(Day),
    /// Does not apply to this event; only actions may.
    NotApplicable,
}

/// Days taken, and whether in time; `None` where a day is missing.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct SevenOneSeven {
    pub detect_days: Option<i32>,
    pub notify_days: Option<i32>,
    pub respond_days: Option<i32>,
    pub detect: Option<bool>,
    pub notify: Option<bool>,
    pub respond: Option<bool>,
}

impl SevenOneSeven {
    pub fn of(facts: &BTreeMap<Milestone, Fact>, today: Day) -> SevenOneSeven {
        let on = |kind| match facts.get(&kind) {
            Some(Fact::On(day)) => Some(*day),
            _ => None,
        };
        let (emergence, detection, notification) =
            (on(Milestone::Emergence), on(Milestone::Detection), on(Milestone::Notification));
        let between = |from: Option<Day>, to: Option<Day>| Some(to? - from?);
        let actions: Vec<Option<&Fact>> =
            Milestone::ALL.iter().filter(|kind| kind.is_action()).map(|kind| facts.get(kind)).collect();
        let last_action = actions
            .iter()
            .copied()
            .try_fold(None, |last: Option<Day>, fact| match fact? {
                Fact::On(day) => Some(last.max(Some(*day))),
                Fact::NotApplicable => Some(last),
            })
            .flatten();
        let detect_days = between(emergence, detection);
        let notify_days = between(detection, notification);
        let respond_days = between(notification, last_action);
        SevenOneSeven {
            detect_days,
            notify_days,
            respond_days,
            detect: met(detect_days, emergence, 7, today),
            notify: met(notify_days, detection, 1, today),
            respond: met(respond_days, notification, 7, today),
        }
    }

    /// In time in all three; `None` while that is open and nothing is late.
    pub fn all(&self) -> Option<bool> {
        let three = [self.detect, self.notify, self.respond];
        if three.contains(&Some(false)) {
            return Some(false);
        }
        three.iter().all(Option::is_some).then_some(true)
    }
}

/// What is not done yet is late once its time is over.
fn met(days: Option<i32>, from: Option<Day>, limit: i32, today: Day) -> Option<bool> {
    match (days, from) {
        (Some(days), _) => Some(days <= limit),
        (None, Some(from)) if today - from > limit => Some(false),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Day {
        text.parse().unwrap()
    }

    fn facts(days: &[(Milestone, &str)]) -> BTreeMap<Milestone, Fact> {
        days.iter().map(|(kind, text)| (*kind, Fact::On(day(text)))).collect()
    }

    #[test]
    fn the_last_action_that_applies_ends_the_response() {
        let mut known = facts(&[
            (Milestone::Emergence, "2022-02-17"),
            (Milestone::Detection, "2022-02-20"),
            (Milestone::Notification, "2022-02-21"),
        ]);
        for action in Milestone::ALL.iter().filter(|kind| kind.is_action()) {
            known.insert(*action, Fact::On(day("2022-02-22")));
        }
        known.insert(Milestone::Communication, Fact::On(day("2022-02-26")));
        known.insert(Milestone::Laboratory, Fact::NotApplicable);
        let told = SevenOneSeven::of(&known, day("2022-03-31"));
        assert_eq!((told.detect_days, told.notify_days, told.respond_days), (Some(3), Some(1), Some(5)));
        assert_eq!(told.all(), Some(true));
    }

    #[test]
    fn an_action_that_is_missing_is_open_until_its_time_is_over() {
        let known = facts(&[(Milestone::Detection, "2022-02-20"), (Milestone::Notification, "2022-02-21")]);
        assert_eq!(SevenOneSeven::of(&known, day("2022-02-25")).respond, None);
        assert_eq!(SevenOneSeven::of(&known, day("2022-03-01")).respond, Some(false));
    }
}
