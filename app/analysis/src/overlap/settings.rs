//! The settings of `quell overlap`.

use serde::Deserialize;
use std::collections::BTreeMap;
use trace::overlap::{Datum, Looking, minutes_to_clear};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// Whom the case may have infected.
    Onward,
    /// Who or what may have infected the case.
    Back,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    pub looking: Direction,
    /// Days before onset from which visits of a case count: 2 onward, as the Chinese protocols have it; back it must be stated.
    pub look_back_days: Option<u16>,
    /// Minutes after one has left in which another still counts.
    pub gap_minutes: u32,
    pub gap_minutes_by_kind: BTreeMap<String, u32>,
    /// Changes of air an hour: the gap is then the time in which `share_removed` of what hangs in the air is gone.
    pub air_changes_by_kind: BTreeMap<String, f64>,
    pub share_removed: f64,
    /// How far away somebody still counts, by coordinates.
    pub metres: f64,
    pub datum: Option<Datum>,
    /// How many rows away somebody still counts, by seat.
    pub rows: u16,
    /// Last day of the list; today without it.
    pub known_until: Option<base::Day>,
    pub longest_stay_days: u32,
    pub most_visits_per_subject: u32,
}

impl Default for Settings {
    fn default() -> Settings {
        Settings {
            looking: Direction::Onward,
            look_back_days: None,
            gap_minutes: 0,
            gap_minutes_by_kind: BTreeMap::new(),
            air_changes_by_kind: BTreeMap::new(),
            share_removed: 0.99,
            metres: 100.0,
            datum: None,
            rows: 3,
            known_until: None,
            longest_stay_days: 60,
            most_visits_per_subject: 5_000,
        }
    }
}

impl Settings {
    pub fn check(&self) -> Result<(), String> {
        if !(1.0..=10_000.0).contains(&self.metres) {
            return Err(format!("`metres` is {}; give 1 to 10000", self.metres));
        }
        if self.gap_minutes > 1_440 || self.gap_minutes_by_kind.values().any(|minutes| *minutes > 1_440) {
            return Err("a gap is longer than a day (1440 minutes); give fewer minutes".to_owned());
        }
        for (kind, air_changes) in &self.air_changes_by_kind {
            if self.gap_minutes_by_kind.contains_key(kind) {
                return Err(format!("`{kind}` has a gap and changes of air; state one of them"));
            }
            if minutes_to_clear(*air_changes, self.share_removed).is_none_or(|minutes| minutes > 1_440) {
                return Err(format!(
                    "`{kind}` with {air_changes} changes of air an hour is not cleared within a day; give more, and share_removed \
                     below 1"
                ));
            }
        }
        if self.looking == Direction::Back && self.look_back_days.is_none() {
            return Err(
                "looking back needs look_back_days: the longest time from infection to onset".to_owned()
            );
        }
        Ok(())
    }

    pub fn gap_of(&self, kind: &str) -> u32 {
        let cleared = || minutes_to_clear(*self.air_changes_by_kind.get(kind)?, self.share_removed);
        self.gap_minutes_by_kind.get(kind).copied().or_else(cleared).unwrap_or(self.gap_minutes)
    }

    pub fn look_back(&self) -> i32 {
        i32::from(self.look_back_days.unwrap_or(2))
    }

    pub fn looking(&self) -> Looking {
        match self.looking {
            Direction::Onward => Looking::Onward,
            Direction::Back => Looking::Back,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_gap_of_a_kind_is_stated_or_follows_from_its_air() {
        let settings = Settings {
            gap_minutes: 5,
            gap_minutes_by_kind: BTreeMap::from([("bus".to_owned(), 15)]),
            air_changes_by_kind: BTreeMap::from([("ward".to_owned(), 6.0)]),
            ..Settings::default()
        };
        assert_eq!(settings.check(), Ok(()));
        assert_eq!(["bus", "ward", "park"].map(|kind| settings.gap_of(kind)), [15, 47, 5]);
    }

    #[test]
    fn what_makes_no_sense_is_refused_with_a_way_out() {
        let air = |changes| BTreeMap::from([("ward".to_owned(), changes)]);
        for (settings, words) in [
            (Settings { metres: 0.0, ..Settings::default() }, "give 1 to 10000"),
            (Settings { gap_minutes: 2_000, ..Settings::default() }, "give fewer"),
            (Settings { air_changes_by_kind: air(0.0), ..Settings::default() }, "give more"),
            (Settings { looking: Direction::Back, ..Settings::default() }, "needs look_back_days"),
        ] {
            assert!(settings.check().unwrap_err().contains(words));
        }
    }
}
