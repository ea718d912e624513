//! Who reports more than they said they can.
//!
//! Deliberately absent: refusing a report; it says what a laboratory would be over.

use base::Moment;

/// What a laboratory said it can do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Declared {
    pub lab: u32,
    pub per_hour: u64,
    pub per_day: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
pub struct OverCapacity {
    pub lab: u32,
    pub within: Within,
    /// The fullest such time begins here; earliest of several.
    pub from: Moment,
    pub reported: u64,
    /// Absent when the laboratory has declared nothing: then any report is more than it said.
    pub declared: Option<u64>,
}

/// An hour is a hint, since results of a plate leave together; a day is the cap.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Within {
    Hour,
    Day,
}

impl Declared {
    /// What it would be over, were so many more reported on top of those of the last hour and the last 24 hours.
    pub fn refuses(&self, last_hour: u64, last_day: u64, more: u64) -> Option<Within> {
        if last_day.saturating_add(more) > self.per_day {
            Some(Within::Day)
        } else if last_hour.saturating_add(more) > self.per_hour {
            Some(Within::Hour)
        } else {
            None
        }
    }
}

/// For each laboratory the fullest hour and the fullest 24 hours, where they hold more reports than were declared. Any 24 hours, not
/// calendar days, or midnight would double the cap.
///
/// # Source
/// A laboratory that took more than it could, 2022: late, then false positives (docs/sources.md#laboratories-2022).
pub fn over_capacity(reports: &[(u32, Moment)], declared: &[Declared]) -> Vec<OverCapacity> {
    let mut reports = reports.to_vec();
    reports.sort_unstable();
    let mut over = Vec::new();
    for own in reports.chunk_by(|a, b| a.0 == b.0) {
        let lab = own[0].0;
        let said = declared.iter().find(|one| one.lab == lab);
        for (within, seconds) in [(Within::Hour, 3_600), (Within::Day, 86_400)] {
            let cap = said.map(|one| if within == Within::Hour { one.per_hour } else { one.per_day });
            let (from, reported) = fullest(own, seconds);
            // Who declared nothing is told once.
            let told = cap.is_some() || within == Within::Day;
            if told && reported > cap.unwrap_or(0) {
                over.push(OverCapacity { lab, within, from, reported, declared: cap });
            }
        }
    }
    over
}

/// The first window of so many seconds, its end left out, in which most was reported.
fn fullest(own: &[(u32, Moment)], seconds: i64) -> (Moment, u64) {
    let (mut end, mut best) = (0, (own[0].1, 0));
    for (start, (_, from)) in own.iter().enumerate() {
        while end < own.len() && own[end].1 < from.plus_seconds(seconds) {
            end += 1;
        }
        if (end - start) as u64 > best.1 {
            best = (*from, (end - start) as u64);
        }
    }
    best
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn at(minute: i64) -> Moment {
        Moment(1_661_990_400_000).plus_seconds(minute * 60)
    }

    #[test]
    fn midnight_gives_no_second_cap() {
        let declared = [Declared { lab: 1, per_hour: 60, per_day: 500 }];
        // Fifty an hour for a night, across midnight.
        let reports: Vec<(u32, Moment)> = (0..12 * 50).map(|n| (1, at(20 * 60 + n * 60 / 50))).collect();
        let over = over_capacity(&reports, &declared);
        assert_eq!(
            over,
            [OverCapacity {
                lab: 1,
                within: Within::Day,
                from: at(20 * 60),
                reported: 600,
                declared: Some(500)
            }]
        );
        let refused = [(0, 0), (0, 450), (20, 20)].map(|(hour, day)| declared[0].refuses(hour, day, 51));
        assert_eq!(refused, [None, Some(Within::Day), Some(Within::Hour)]);
        let burst: Vec<(u32, Moment)> = (0..70).map(|_| (1, at(0))).collect();
        assert_eq!(over_capacity(&burst, &declared)[0].within, Within::Hour);
        let stranger = over_capacity(&[(9, at(0))], &declared);
        assert_eq!(
            (stranger.len(), stranger[0].declared),
            (1, None),
            "who declared nothing may report nothing"
        );
    }

    proptest! {
        #[test]
        fn the_fullest_window_is_the_fullest(minutes in proptest::collection::vec(0..3_000_i64, 1..80)) {
            let reports: Vec<(u32, Moment)> = minutes.iter().map(|minute| (1, at(*minute))).collect();
            let declared = [Declared { lab: 1, per_hour: 0, per_day: 0 }];
            for (over, length) in over_capacity(&reports, &declared).iter().zip([60, 1440]) {
                let inside = |from: i64| minutes.iter().filter(|one| (from..from + length).contains(one)).count() as u64;
                let most = minutes.iter().map(|from| inside(*from)).max().unwrap();
                prop_assert_eq!(over.reported, most);
                prop_assert_eq!(inside((over.from.0 - at(0).0) / 60_000), most);
            }
        }
    }
}
