//! In which system a list tells its coordinates, when nobody says so; and lists that mix them.

use super::coordinates::{Datum, Position, metres_between, shifted_on_maps};
use super::findings::Findings;
use base::Notes;
use std::collections::BTreeMap;

/// Degrees as a row tells them, with the place they are said to be, if any, as a number the caller gave to names.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ToldPosition {
    pub row: u64,
    pub named_place: Option<u32>,
    pub told: Position,
}

/// Two positions of one door differ by less; the systems differ by hundreds of metres.
const SAME_DOOR_METRES: f64 = 40.0;

/// The degrees that can be true; what cannot is left out and named: `zero_zero`, `swapped`, `off_the_globe`.
pub fn sound_positions(told: &[ToldPosition]) -> (Vec<ToldPosition>, Notes) {
    let mut findings = Findings::default();
    let mut sound = Vec::with_capacity(told.len());
    for position in told {
        let Position { lat, lon } = position.told;
        let shown = || format!("row {} ({lat}, {lon})", position.row);
        // Both within a hundred metres of nought: in the Gulf of Guinea there is only a buoy.
        if lat.abs() < 0.001 && lon.abs() < 0.001 {
            let remedy = "0, 0 is what devices write when they do not know; left out. Look the place up, or leave the cells blank";
            findings.add("zero_zero", remedy, shown);
        } else if lat.abs() > 90.0 && lat.abs() <= 180.0 && lon.abs() <= 90.0 {
            findings.add(
                "swapped",
                "latitude and longitude are exchanged; left out. Exchange the two cells",
                shown,
            );
        } else if lat.abs() <= 90.0 && lon.abs() <= 180.0 {
            sound.push(*position);
        } else {
            findings.add(
                "off_the_globe",
                "no such place; left out. Write degrees with a point, such as 37.4237",
                shown,
            );
        }
    }
    (sound, findings.into_notes())
}

/// The system of a list: the one stated by the caller; else the one in which most places with a position known in WGS84 (from a
/// register, a map, another list) fall on their own door; else WGS84, with a note of what that may cost.
pub fn datum_of_list(
    stated: Option<Datum>,
    told: &[ToldPosition],
    known: &BTreeMap<u32, Position>,
) -> (Datum, Notes) {
    let mut notes = Notes::default();
    if let Some(stated) = stated {
        return (stated, notes);
    }
    let on_the_door = |datum: Datum| {
        let there = |position: &&ToldPosition| {
            position
                .named_place
                .and_then(|place| known.get(&place))
                .is_some_and(|door| metres_between(datum.to_wgs84(position.told), *door) < SAME_DOOR_METRES)
        };
        told.iter().filter(there).count()
    };
    let fits = Datum::ALL.map(|datum| (on_the_door(datum), datum));
    // Of equals the first, which is WGS84.
    let (most, best) = fits.into_iter().rev().max_by_key(|(places, _)| *places).unwrap_or((0, Datum::Wgs84));
    if most > 0 {
        let message = format!(
            "coordinates are read as {}: so {most} of them fall on a place whose position is known. State datum if that is wrong",
            best.word()
        );
        notes.add("datum_guessed", message);
    } else if told.iter().any(|position| shifted_on_maps(position.told)) {
        notes.add(
            "datum_not_known",
            "nothing says in which system the coordinates are; they are read as wgs84. If they come from Amap or Tencent state datum \
             gcj02, from Baidu bd09: otherwise places lie 300 to 1,200 m beside themselves",
        );
    }
    (best, notes)
}

/// Rows that tell one named place in two systems: read one way they lie apart by a map's shift, read two ways they are one door.
/// Said with both rows; nothing is left out, because only a person knows which is which.
pub fn mixed_systems(told: &[ToldPosition]) -> Notes {
    let mut findings = Findings::default();
    let mut by_place: BTreeMap<u32, Vec<&ToldPosition>> = BTreeMap::new();
    for position in told {
        if let Some(place) = position.named_place {
            by_place.entry(place).or_default().push(position);
        }
    }
    for positions in by_place.values() {
        let first = positions[0];
        for other in &positions[1..] {
            if let Some((ours, theirs)) = two_readings(first.told, other.told) {
                let remedy =
                    "one place is told in two systems; give those rows a datum column, or make them alike";
                findings.add("mixed_systems", remedy, || {
                    format!("row {} ({}) and row {} ({})", first.row, ours.word(), other.row, theirs.word())
                });
            }
        }
    }
    findings.into_notes()
}

fn two_readings(a: Position, b: Position) -> Option<(Datum, Datum)> {
    if metres_between(a, b) < 2.0 * SAME_DOOR_METRES {
        return None;
    }
    let pairs = Datum::ALL.into_iter().flat_map(|ours| Datum::ALL.map(|theirs| (ours, theirs)));
    let apart = |(ours, theirs): (Datum, Datum)| metres_between(ours.to_wgs84(a), theirs.to_wgs84(b));
    pairs
        .filter(|(ours, theirs)| ours != theirs)
        .map(|pair| (apart(pair), pair))
        .filter(|(metres, _)| *metres < SAME_DOOR_METRES)
        .min_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, pair)| pair)
}

#[cfg(test)]
mod tests {
    use super::*;

    const DOOR: Position = Position { lat: 37.4237, lon: 112.5513 };

    fn told(row: u64, place: u32, told: Position) -> ToldPosition {
        ToldPosition { row, named_place: Some(place), told }
    }

    #[test]
    fn nought_nought_exchanged_and_impossible_degrees_are_findings() {
        let rows = [
            told(2, 0, Position { lat: 0.0, lon: 0.0 }),
            told(3, 0, Position { lat: 112.5, lon: 37.4 }),
            told(4, 0, Position { lat: 37.4, lon: 374.0 }),
            told(5, 0, Position { lat: f64::NAN, lon: 1.0 }),
            told(6, 0, DOOR),
        ];
        let (sound, notes) = sound_positions(&rows);
        assert_eq!(sound.iter().map(|position| position.row).collect::<Vec<_>>(), [6]);
        for (code, words) in
            [("zero_zero", "row 2"), ("swapped", "row 3"), ("off_the_globe", "row 4 (37.4, 374), row 5")]
        {
            let note = notes.iter().find(|note| note.code == code).unwrap();
            assert!(note.message.contains(words), "{}", note.message);
        }
    }

    #[test]
    fn the_system_is_guessed_by_known_doors_and_said() {
        let known = BTreeMap::from([(0, DOOR)]);
        for datum in Datum::ALL {
            let list = [told(2, 0, datum.from_wgs84(DOOR)), told(3, 1, DOOR)];
            let (guess, notes) = datum_of_list(None, &list, &known);
            assert_eq!(guess, datum);
            assert!(notes.has("datum_guessed"));
        }
        let (guess, notes) = datum_of_list(None, &[told(2, 0, DOOR)], &BTreeMap::new());
        assert!(guess == Datum::Wgs84 && notes.has("datum_not_known"));
        assert!(datum_of_list(Some(Datum::Bd09), &[told(2, 0, DOOR)], &known).1.is_empty());
    }

    #[test]
    fn a_place_told_in_two_systems_is_found_and_a_place_with_two_doors_is_not() {
        for (ours, theirs) in [(Datum::Wgs84, Datum::Gcj02), (Datum::Bd09, Datum::Wgs84)] {
            let list = [told(2, 5, ours.from_wgs84(DOOR)), told(9, 5, theirs.from_wgs84(DOOR))];
            let notes = mixed_systems(&list);
            let message = &notes.iter().next().unwrap().message;
            let named = format!("row 2 ({}) and row 9 ({})", ours.word(), theirs.word());
            assert!(message.contains(&named), "{message}");
        }
        let south_gate = Position { lat: DOOR.lat - 0.004, ..DOOR };
        assert!(mixed_systems(&[told(2, 5, DOOR), told(3, 5, south_gate)]).is_empty());
        assert!(mixed_systems(&[told(2, 5, DOOR), told(3, 6, Datum::Gcj02.from_wgs84(DOOR))]).is_empty());
    }
}
