//! The search on the grid against looking at every pair.

use proptest::prelude::*;
use trace::overlap::{CaseVisit, Looking, Minute, NearIndex, Position, Spread, Stay, metres_between};

fn stay(subject: u32, minute: u32) -> Stay {
    Stay {
        subject,
        place: 0,
        earliest: Minute(27_000_000 + minute),
        latest: Minute(27_000_000 + minute + 30),
        began_spread: Spread::NONE,
        ended_spread: Spread::NONE,
    }
}

fn pairs(
    points: &[(Stay, Position)],
    cases: &[(CaseVisit, Position)],
    metres: f64,
    gap: u32,
) -> Vec<(u32, u32)> {
    let mut found = Vec::new();
    for (case, at) in cases {
        for (other, there) in points {
            let in_time = other.earliest.0 <= case.stay.latest.0 + gap && other.latest >= case.stay.earliest;
            let distance = metres_between(*at, *there);
            if other.subject != case.stay.subject && in_time && distance <= metres {
                found.push((case.stay.subject, other.subject));
            }
        }
    }
    found.sort_unstable();
    found
}

/// Millionths of a degree, which the index keeps.
fn rounded(lat: f64, lon: f64) -> Position {
    Position { lat: (lat * 1e6).round() / 1e6, lon: (lon * 1e6).round() / 1e6 }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn the_grid_finds_what_looking_at_every_pair_finds(
        // The equator, Taigu, far north, and beside the pole; both sides of the date line.
        middle in prop::sample::select(vec![(0.0, 0.0), (37.4, 112.5), (69.9, 180.0), (-45.0, -180.0), (89.999, 10.0)]),
        reach in 5.0..400.0_f64,
        spots in prop::collection::vec((-1.0..1.0_f64, -1.0..1.0_f64, 0..300_u32), 2..200),
    ) {
        let (lat, lon): (f64, f64) = middle;
        let span = 4.0 * reach / 111_195.0;
        let wide = (span / lat.to_radians().cos()).min(170.0);
        let place = |(north, east, minute): (f64, f64, u32), subject: usize| {
            let east = lon + east * wide;
            let east = if east >= 180.0 { east - 360.0 } else if east < -180.0 { east + 360.0 } else { east };
            (stay(subject as u32, minute), rounded((lat + north * span).min(90.0), east))
        };
        let points: Vec<(Stay, Position)> = spots.iter().enumerate().map(|(i, spot)| place(*spot, i)).collect();
        let cases: Vec<(CaseVisit, Position)> =
            points.iter().take(5).map(|(stay, at)| (CaseVisit { stay: *stay, onset: None }, *at)).collect();
        let index = NearIndex::of(points.clone(), reach);
        for metres in [reach, reach / 3.0] {
            let found = index.near(&cases, metres, 20, Looking::Onward);
            let mut found: Vec<(u32, u32)> = found.iter().map(|near| (near.exposure.case, near.exposure.contact)).collect();
            found.sort_unstable();
            prop_assert_eq!(found, pairs(&points, &cases, metres, 20));
        }
    }
}
