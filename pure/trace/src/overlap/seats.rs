//! Who sat near a case on a train, bus or aeroplane: the same vehicle on the same day, and rows apart.

use base::Day;
use std::collections::BTreeMap;

/// One person on one run of one vehicle. `run` is a number the caller gave to the train or flight of that name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ride {
    pub row: u64,
    pub subject: u32,
    pub run: u32,
    /// The day the run set out.
    pub day: Day,
    /// Absent in vehicles with one cabin, and when nobody knows.
    pub carriage: Option<u16>,
    pub seat: Option<Seat>,
    /// Stops got on and off at, by their number on the way, when known: who got off before the other got on was not there.
    pub stops: Option<(u16, u16)>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Seat {
    pub row: u16,
    /// `A` to `Z`, where the ticket says it.
    pub letter: Option<char>,
}

impl Seat {
    /// `12A`, `12`, `012F号`, `A12`; `None` for what has no row, such as a standing ticket.
    pub fn read(text: &str) -> Option<Seat> {
        let digits: String = text.chars().filter(char::is_ascii_digit).collect();
        let letter = text.chars().find(char::is_ascii_alphabetic).map(|letter| letter.to_ascii_uppercase());
        let row = digits.parse().ok().filter(|row| *row > 0)?;
        Some(Seat { row, letter })
    }
}

/// How near two people sat, the nearest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Nearness {
    /// So many rows apart, 0 for the same row.
    RowsApart(u16),
    /// In one carriage, and a seat is not known.
    SameCarriage,
    /// On one run, and a carriage is not known.
    SameVehicle,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RideExposure {
    pub case: u32,
    pub contact: u32,
    pub run: u32,
    pub day: Day,
    pub nearness: Nearness,
}

/// Everybody on a run with a case and not known to have sat farther than `rows` away, by case and nearness. Where the carriage or
/// the seat is not known people are told as such: not knowing is no reason to leave somebody out.
pub fn shared_rides(rides: &[Ride], is_case: impl Fn(u32) -> bool, rows: u16) -> Vec<RideExposure> {
    let mut runs: BTreeMap<(u32, Day), Vec<&Ride>> = BTreeMap::new();
    for ride in rides {
        runs.entry((ride.run, ride.day)).or_default().push(ride);
    }
    let mut found = Vec::new();
    for ((run, day), aboard) in &runs {
        for case in aboard.iter().filter(|ride| is_case(ride.subject)) {
            let others =
                aboard.iter().filter(|other| other.subject != case.subject && rode_together(case, other));
            found.extend(others.filter_map(|other| {
                let nearness = nearness(case, other, rows)?;
                Some(RideExposure {
                    case: case.subject,
                    contact: other.subject,
                    run: *run,
                    day: *day,
                    nearness,
                })
            }));
        }
    }
    found.sort_by_key(|ride| (ride.case, ride.nearness, ride.day, ride.run, ride.contact));
    found
}

fn rode_together(a: &Ride, b: &Ride) -> bool {
    let (Some((on, off)), Some((other_on, other_off))) = (a.stops, b.stops) else { return true };
    on < other_off && other_on < off
}

fn nearness(a: &Ride, b: &Ride, rows: u16) -> Option<Nearness> {
    match (a.carriage, b.carriage) {
        (Some(ours), Some(theirs)) if ours != theirs => return None,
        (Some(_), None) | (None, Some(_)) => return Some(Nearness::SameVehicle),
        _ => {}
    }
    match (a.seat, b.seat) {
        (Some(ours), Some(theirs)) => {
            let apart = ours.row.abs_diff(theirs.row);
            (apart <= rows).then_some(Nearness::RowsApart(apart))
        }
        _ if a.carriage.is_none() => Some(Nearness::SameVehicle),
        _ => Some(Nearness::SameCarriage),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ride(subject: u32, run: u32, carriage: Option<u16>, seat: &str, stops: Option<(u16, u16)>) -> Ride {
        let day = "2022-02-21".parse().unwrap();
        Ride { row: u64::from(subject) + 2, subject, run, day, carriage, seat: Seat::read(seat), stops }
    }

    #[test]
    fn seats_are_read_as_tickets_write_them() {
        for (text, row, letter) in
            [("12A", 12, Some('A')), ("07", 7, None), ("f3", 3, Some('F')), ("012F号", 12, Some('F'))]
        {
            assert_eq!(Seat::read(text), Some(Seat { row, letter }), "{text}");
        }
        assert!(["", "无座", "0A", "99999"].iter().all(|text| Seat::read(text).is_none()));
    }

    #[test]
    fn three_rows_of_the_carriage_and_those_of_whom_too_little_is_known() {
        let rides = [
            ride(0, 1, Some(5), "10C", Some((2, 6))),
            ride(1, 1, Some(5), "13F", None),
            ride(2, 1, Some(5), "14F", None),
            ride(3, 1, Some(6), "10C", None),
            ride(4, 1, Some(5), "无座", None),
            ride(5, 1, None, "10D", None),
            ride(6, 2, Some(5), "10D", None),
            ride(7, 1, Some(5), "10D", Some((6, 8))),
            ride(8, 1, Some(5), "10A", Some((5, 8))),
        ];
        let found = shared_rides(&rides, |subject| subject == 0, 3);
        let told: Vec<(u32, Nearness)> = found.iter().map(|ride| (ride.contact, ride.nearness)).collect();
        assert_eq!(
            told,
            [
                (8, Nearness::RowsApart(0)),
                (1, Nearness::RowsApart(3)),
                (4, Nearness::SameCarriage),
                (5, Nearness::SameVehicle),
            ]
        );
    }

    #[test]
    fn the_same_train_on_another_day_is_another_train() {
        let mut rides = [ride(0, 1, Some(5), "10C", None), ride(1, 1, Some(5), "10D", None)];
        assert_eq!(shared_rides(&rides, |subject| subject == 0, 3).len(), 1);
        rides[1].day = rides[1].day + 1;
        assert!(shared_rides(&rides, |subject| subject == 0, 3).is_empty());
    }
}
