//! A stay of somebody somewhere, with what is not known of its ends.

use super::Minute;

/// Between which minutes something happened, on the scale of [`Minute`]; signed, because files hold any year.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Within {
    pub earliest: i64,
    pub latest: i64,
}

impl Within {
    pub fn exactly(minute: i64) -> Within {
        Within { earliest: minute, latest: minute }
    }

    /// As stated, give or take so many minutes.
    pub fn about(minute: i64, give_or_take: u32) -> Within {
        Within { earliest: minute - i64::from(give_or_take), latest: minute + i64::from(give_or_take) }
    }
}

/// A visit as a file or an interview tells it, before anybody asks whether it can be true.
///
/// `row` is where it stands, for findings; `subject` and `place` are numbers the caller gave to people and places, from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ToldVisit {
    pub row: u64,
    pub subject: u32,
    pub place: u32,
    pub began: Within,
    pub ended: Within,
}

/// How many minutes later a stay may have begun, or earlier it may have ended, in one byte: exact to an hour, then in half hours,
/// always rounded up, so that doubt is never understated. Past four days nothing is sure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Spread(u8);

const EXACT: u32 = 60;
const COARSE: u32 = 30;
const NOTHING_SURE: u8 = u8::MAX;

impl Spread {
    pub const NONE: Spread = Spread(0);

    pub fn of(minutes: u32) -> Spread {
        let code = if minutes <= EXACT { minutes } else { EXACT + (minutes - EXACT).div_ceil(COARSE) };
        Spread(u8::try_from(code).unwrap_or(NOTHING_SURE))
    }

    /// `None` when nothing is sure.
    pub fn minutes(self) -> Option<u32> {
        let code = u32::from(self.0);
        match self.0 {
            NOTHING_SURE => None,
            _ if code <= EXACT => Some(code),
            _ => Some(EXACT + (code - EXACT) * COARSE),
        }
    }
}

/// A stay that can be true: possible from `earliest` to `latest`, and surely there between the spreads when that leaves time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stay {
    pub subject: u32,
    pub place: u32,
    pub earliest: Minute,
    pub latest: Minute,
    pub began_spread: Spread,
    pub ended_spread: Spread,
}

impl Stay {
    /// The part of the stay from `from` to `to`, both included; `None` when it has none there.
    pub fn during(&self, from: Minute, to: Minute) -> Option<Stay> {
        let (earliest, latest) = (self.earliest.max(from), self.latest.min(to));
        let left = |spread: Spread, cut: u32| {
            spread.minutes().map_or(spread, |minutes| Spread::of(minutes.saturating_sub(cut)))
        };
        (earliest <= latest).then(|| Stay {
            earliest,
            latest,
            began_spread: left(self.began_spread, earliest.0 - self.earliest.0),
            ended_spread: left(self.ended_spread, self.latest.0 - latest.0),
            ..*self
        })
    }

    /// From when to when somebody was there for sure; empty when that is not known of any minute.
    pub(super) fn surely(&self) -> Option<(u32, u32)> {
        let from = self.earliest.0.checked_add(self.began_spread.minutes()?)?;
        let to = self.latest.0.checked_sub(self.ended_spread.minutes()?)?;
        (from <= to).then_some((from, to))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn doubt_is_never_understated_and_never_by_much_overstated(minutes in 0..20_000_u32) {
            match Spread::of(minutes).minutes() {
                Some(kept) => prop_assert!(kept >= minutes && kept < minutes + COARSE),
                None => prop_assert!(minutes > 4 * 1_440, "{}", minutes),
            }
        }
    }

    #[test]
    fn a_part_of_a_stay_is_sure_where_the_whole_was() {
        let stay = Stay {
            subject: 1,
            place: 2,
            earliest: Minute(1_000),
            latest: Minute(2_000),
            began_spread: Spread::of(30),
            ended_spread: Spread::of(20),
        };
        let during = |from, to| {
            stay.during(Minute(from), Minute(to)).map(|part| (part.earliest.0, part.latest.0, part.surely()))
        };
        assert_eq!(during(1_010, 5_000), Some((1_010, 2_000, Some((1_030, 1_980)))));
        assert_eq!(during(1_500, 1_990), Some((1_500, 1_990, Some((1_500, 1_980)))));
        assert_eq!(during(2_001, 5_000), None);
    }

    #[test]
    fn an_hour_is_kept_to_the_minute() {
        assert!((0..=60).all(|minutes| Spread::of(minutes).minutes() == Some(minutes)));
    }
}
