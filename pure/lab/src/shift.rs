//! Shifts beside what a round needs: how many samplers stand at desks in each hour, and where they are fewer than asked for.
//!
//! Deliberately absent: who the samplers are, and where more would come from.

use base::Moment;

const HOUR_MS: i64 = 3_600_000;

/// Samplers at the desks of one post, from one moment until another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shift {
    pub begins: Moment,
    pub ends: Moment,
    pub desks: u64,
    pub samplers: u64,
}

impl Shift {
    /// Its end is left out: the next shift begins there.
    pub fn holds(&self, at: Moment) -> bool {
        self.begins <= at && at < self.ends
    }

    /// A sampler without a desk swabs nobody, and neither does a desk without a sampler.
    fn at_work(&self) -> u64 {
        self.samplers.min(self.desks)
    }
}

/// One hour of a round.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
pub struct StaffedHour {
    pub begins: Moment,
    pub needed: u64,
    /// The fewest that are at work at once within it.
    pub planned: u64,
}

impl StaffedHour {
    pub fn short(&self) -> u64 {
        self.needed.saturating_sub(self.planned)
    }
}

/// Every hour in which people are sampled, from the first that begins then on.
///
/// An hour counts the fewest who are at work at once within it: a post that stands empty for twenty minutes is a queue.
pub fn staff_by_hour(shifts: &[Shift], from: Moment, until: Moment, needed: u64) -> Vec<StaffedHour> {
    let mut hours = Vec::new();
    let mut begins = from;
    while begins < until {
        let ends = Moment((begins.0 + HOUR_MS).min(until.0));
        // The number changes only where a shift begins or ends.
        let edges = shifts.iter().flat_map(|shift| [shift.begins, shift.ends]);
        let within = edges.filter(|edge| begins < *edge && *edge < ends);
        let planned = std::iter::once(begins)
            .chain(within)
            .map(|at| shifts.iter().filter(|shift| shift.holds(at)).map(Shift::at_work).sum())
            .min()
            .unwrap_or(0);
        hours.push(StaffedHour { begins, needed, planned });
        begins = ends;
    }
    hours
}

/// The most desks that are taken at once while a new shift lasts, itself counted.
pub fn most_desks(others: &[Shift], new: &Shift) -> u64 {
    let edges = others.iter().map(|shift| shift.begins).filter(|begins| new.holds(*begins));
    std::iter::once(new.begins)
        .chain(edges)
        .map(|at| others.iter().filter(|shift| shift.holds(at)).map(|shift| shift.desks).sum::<u64>())
        .max()
        .unwrap_or(0)
        + new.desks
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn at(minute: i64) -> Moment {
        Moment(1_661_990_400_000 + minute * 60_000)
    }

    fn shift(begins: i64, ends: i64, desks: u64, samplers: u64) -> Shift {
        Shift { begins: at(begins), ends: at(ends), desks, samplers }
    }

    #[test]
    fn a_gap_between_two_shifts_is_the_hour_it_falls_into() {
        let shifts = [shift(0, 110, 4, 4), shift(130, 240, 4, 5), shift(120, 240, 2, 1)];
        let hours = staff_by_hour(&shifts, at(0), at(270), 5);
        let told: Vec<(u64, u64)> = hours.iter().map(|hour| (hour.planned, hour.short())).collect();
        // The second hour ends ten minutes early, the third begins with one desk; nobody is planned for the last half hour.
        assert_eq!(told, [(4, 1), (0, 5), (1, 4), (5, 0), (0, 5)]);
        assert_eq!(staff_by_hour(&shifts, at(60), at(60), 5), []);
    }

    #[test]
    fn desks_are_counted_where_most_are_taken_at_once() {
        let others = [shift(0, 60, 2, 2), shift(30, 90, 1, 1), shift(60, 120, 3, 3)];
        assert_eq!(most_desks(&others, &shift(0, 30, 1, 1)), 3);
        assert_eq!(most_desks(&others, &shift(20, 80, 1, 1)), 5);
        assert_eq!(most_desks(&others, &shift(120, 180, 4, 4)), 4, "one begins where the other ends");
    }

    proptest! {
        #[test]
        fn an_hour_holds_no_more_than_any_of_its_minutes(
            spans in proptest::collection::vec((0..300_i64, 1..200_i64, 0..5_u64, 0..5_u64), 0..6),
        ) {
            let shifts: Vec<Shift> =
                spans.iter().map(|(from, long, desks, samplers)| shift(*from, from + long, *desks, *samplers)).collect();
            for (number, hour) in staff_by_hour(&shifts, at(0), at(360), 3).iter().enumerate() {
                let first = number as i64 * 60;
                let fewest = (first..first + 60)
                    .map(|minute| shifts.iter().filter(|one| one.holds(at(minute))).map(Shift::at_work).sum::<u64>())
                    .min();
                prop_assert_eq!(Some(hour.planned), fewest);
            }
        }
    }
}
