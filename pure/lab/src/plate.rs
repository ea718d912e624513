//! A plate: which tube or control stands in which well.
//!
//! One tube stands in one well and one well holds one tube, by the shape of the map: there is no way to write down a pool of pools.
//! That is the fraud of 2022, three tubes of ten in one well (docs/sources.md#laboratories-2022), and it takes its sensitivity
//! with it.

use crate::tube::Barcode;
use cases::words;
use packs::ControlKind;
use std::collections::BTreeMap;
use std::fmt;

words! {
    PlateFormat, "format of a plate" { Wells96 = "96", Wells384 = "384" }
}

impl PlateFormat {
    pub fn rows(self) -> u8 {
        if self == PlateFormat::Wells96 { 8 } else { 16 }
    }

    pub fn columns(self) -> u8 {
        if self == PlateFormat::Wells96 { 12 } else { 24 }
    }

    pub fn wells(self) -> usize {
        usize::from(self.rows()) * usize::from(self.columns())
    }

    /// In the order in which an eight-channel pipette fills them: down the columns.
    pub fn in_filling_order(self) -> impl Iterator<Item = Well> {
        (0..self.columns()).flat_map(move |column| (0..self.rows()).map(move |row| Well { row, column }))
    }

    /// `A1`, `a1` and `A01` are one well; instruments write all three.
    pub fn well(self, name: &str) -> Option<Well> {
        let name = name.trim();
        let row = name.chars().next()?.to_ascii_uppercase();
        let digits = name.get(1..)?;
        if !row.is_ascii_uppercase()
            || digits.is_empty()
            || !digits.bytes().all(|digit| digit.is_ascii_digit())
        {
            return None;
        }
        let well = Well { row: row as u8 - b'A', column: digits.parse::<u8>().ok()?.checked_sub(1)? };
        (well.row < self.rows() && well.column < self.columns()).then_some(well)
    }

    /// Its number, row by row from 0, as compact records keep it.
    pub fn number(self, well: Well) -> u16 {
        u16::from(well.row) * u16::from(self.columns()) + u16::from(well.column)
    }
}

/// Named by row and column, such as `A1` or `H12`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Well {
    row: u8,
    column: u8,
}

impl fmt::Display for Well {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", char::from(b'A' + self.row), self.column + 1)
    }
}

/// What stands in a well.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Content {
    Tube(Barcode),
    Control(ControlKind),
}

/// A map without a fault.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlateMap {
    format: PlateFormat,
    wells: BTreeMap<Well, Content>,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PlateFault {
    #[error("`{name}` is no well of a plate of {format}; write one such as A1")]
    UnknownWell { name: String, format: PlateFormat },
    #[error("{well} is filled twice; a well holds one tube, so put the second into a free one")]
    WellTwice { well: Well },
    #[error("{tube} stands in more than one well ({}); keep one of them", listed(wells))]
    TubeTwice { tube: Barcode, wells: Vec<Well> },
    #[error("there is no {kind} control; without it no result of this plate can be reported")]
    NoControl { kind: ControlKind },
    #[error("{tubes} tubes and {controls} controls are too many for {wells} wells; begin another plate")]
    TooMany { tubes: usize, controls: usize, wells: usize },
    #[error("there is no tube on the plate; scan one into a well")]
    Empty,
}

fn listed(wells: &[Well]) -> String {
    wells.iter().map(Well::to_string).collect::<Vec<_>>().join(", ")
}

impl PlateMap {
    /// `entries` as they were scanned or read from a file, well by well; `needed` are the controls the assay asks for.
    ///
    /// # Errors
    /// Every fault of the map, since whoever stands at the bench mends them in one go.
    pub fn read<'a>(
        format: PlateFormat,
        needed: &[ControlKind],
        entries: impl IntoIterator<Item = (&'a str, Content)>,
    ) -> Result<PlateMap, Vec<PlateFault>> {
        let mut faults = Vec::new();
        let mut wells: BTreeMap<Well, Content> = BTreeMap::new();
        let mut tubes: BTreeMap<Barcode, Vec<Well>> = BTreeMap::new();
        let (mut tubes_told, mut controls_told) = (0, 0);
        for (name, content) in entries {
            match &content {
                Content::Tube(_) => tubes_told += 1,
                Content::Control(_) => controls_told += 1,
            }
            let Some(well) = format.well(name) else {
                faults.push(PlateFault::UnknownWell { name: name.to_owned(), format });
                continue;
            };
            if let Content::Tube(tube) = &content {
                tubes.entry(tube.clone()).or_default().push(well);
            }
            if wells.insert(well, content).is_some() {
                let fault = PlateFault::WellTwice { well };
                if !faults.contains(&fault) {
                    faults.push(fault);
                }
            }
        }
        if tubes_told + controls_told > format.wells() {
            let (tubes, controls, wells) = (tubes_told, controls_told, format.wells());
            faults.push(PlateFault::TooMany { tubes, controls, wells });
        }
        for (tube, wells) in tubes.into_iter().filter(|(_, wells)| wells.len() > 1) {
            faults.push(PlateFault::TubeTwice { tube, wells });
        }
        for kind in needed {
            if !wells.values().any(|content| *content == Content::Control(*kind)) {
                faults.push(PlateFault::NoControl { kind: *kind });
            }
        }
        if tubes_told == 0 {
            faults.push(PlateFault::Empty);
        }
        if faults.is_empty() { Ok(PlateMap { format, wells }) } else { Err(faults) }
    }

    /// Tubes in the order they are scanned, down the columns; the controls in the last wells, where a look finds them.
    ///
    /// # Errors
    /// More than the wells hold, none, or one of them twice.
    pub fn fill(
        format: PlateFormat,
        controls: &[ControlKind],
        tubes: &[Barcode],
    ) -> Result<PlateMap, Vec<PlateFault>> {
        if tubes.len() + controls.len() > format.wells() {
            let (tubes, controls, wells) = (tubes.len(), controls.len(), format.wells());
            return Err(vec![PlateFault::TooMany { tubes, controls, wells }]);
        }
        let names: Vec<String> = format.in_filling_order().map(|well| well.to_string()).collect();
        let first_control = names.len() - controls.len();
        let tubes = names.iter().zip(tubes).map(|(name, tube)| (name.as_str(), Content::Tube(tube.clone())));
        let last = names[first_control..].iter().zip(controls);
        let last = last.map(|(name, kind)| (name.as_str(), Content::Control(*kind)));
        PlateMap::read(format, controls, tubes.chain(last).collect::<Vec<_>>())
    }

    pub fn format(&self) -> PlateFormat {
        self.format
    }

    pub fn iter(&self) -> impl Iterator<Item = (Well, &Content)> {
        self.wells.iter().map(|(well, content)| (*well, content))
    }

    pub fn content(&self, well: Well) -> Option<&Content> {
        self.wells.get(&well)
    }

    pub fn tubes(&self) -> impl Iterator<Item = (Well, &Barcode)> {
        self.iter().filter_map(|(well, content)| match content {
            Content::Tube(tube) => Some((well, tube)),
            Content::Control(_) => None,
        })
    }

    pub fn controls(&self) -> impl Iterator<Item = (Well, ControlKind)> {
        self.iter().filter_map(|(well, content)| match content {
            Content::Control(kind) => Some((well, *kind)),
            Content::Tube(_) => None,
        })
    }

    /// The one well in which a tube stands.
    pub fn well_of(&self, tube: &Barcode) -> Option<Well> {
        self.tubes().find(|(_, one)| *one == tube).map(|(well, _)| well)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    const NEEDED: [ControlKind; 2] = [ControlKind::Positive, ControlKind::Negative];

    fn tube(number: usize) -> Content {
        Content::Tube(barcode(number))
    }

    fn barcode(number: usize) -> Barcode {
        format!("T-{number:06}").parse().unwrap()
    }

    #[test]
    fn a_well_has_one_name_and_three_spellings() {
        let plate = PlateFormat::Wells96;
        assert_eq!(plate.well("H12").unwrap().to_string(), "H12");
        assert_eq!(plate.well(" a01"), plate.well("A1"));
        for name in ["I1", "A13", "A0", "A", "", "AA1", "1A", "A1x", "é1", "A+1", "A999"] {
            assert_eq!(plate.well(name), None, "{name}");
        }
        assert_eq!(PlateFormat::Wells384.well("P24").unwrap().to_string(), "P24");
        assert_eq!(PlateFormat::Wells384.wells(), 384);
    }

    #[test]
    fn ninety_four_tubes_and_two_controls_fill_a_plate_and_one_more_does_not() {
        let tubes: Vec<Barcode> = (0..94).map(barcode).collect();
        let map = PlateMap::fill(PlateFormat::Wells96, &NEEDED, &tubes).unwrap();
        assert_eq!(map.well_of(&tubes[8]).unwrap().to_string(), "A2", "down the columns");
        let controls: Vec<String> = map.controls().map(|(well, kind)| format!("{well} {kind}")).collect();
        assert_eq!(controls, ["G12 positive", "H12 negative"]);
        let more: Vec<Barcode> = (0..95).map(barcode).collect();
        let faults = PlateMap::fill(PlateFormat::Wells96, &NEEDED, &more).unwrap_err();
        assert_eq!(faults, [PlateFault::TooMany { tubes: 95, controls: 2, wells: 96 }]);
    }

    #[test]
    fn every_fault_of_a_map_is_told_at_once() {
        let format = PlateFormat::Wells96;
        let well = |name| format.well(name).unwrap();
        let entries = [("A1", tube(1)), ("A01", tube(2)), ("B1", tube(3)), ("C1", tube(3)), ("Z9", tube(4))];
        let faults = PlateMap::read(format, &NEEDED, entries).unwrap_err();
        assert_eq!(
            faults,
            [
                PlateFault::WellTwice { well: well("A1") },
                PlateFault::UnknownWell { name: "Z9".into(), format },
                PlateFault::TubeTwice { tube: barcode(3), wells: vec![well("B1"), well("C1")] },
                PlateFault::NoControl { kind: ControlKind::Positive },
                PlateFault::NoControl { kind: ControlKind::Negative },
            ]
        );
        assert!(
            faults
                .iter()
                .all(|fault| fault.to_string().contains("; ") || fault.to_string().contains("no result"))
        );
        let controls = [("A1", Content::Control(NEEDED[0])), ("A2", Content::Control(NEEDED[1]))];
        assert_eq!(PlateMap::read(format, &NEEDED, controls), Err(vec![PlateFault::Empty]));
    }

    proptest! {
        /// Whatever is scanned into whatever well.
        #[test]
        fn a_map_holds_each_tube_in_one_well_and_each_well_one_tube(
            scanned in proptest::collection::vec((0..8_u8, 0..12_u8, 0..40_usize), 1..60),
        ) {
            let names: Vec<String> =
                scanned.iter().map(|(row, column, _)| Well { row: *row, column: *column }.to_string()).collect();
            let entries = names.iter().zip(&scanned).map(|(name, (_, _, number))| (name.as_str(), tube(*number)));
            let (wells, tubes): (BTreeSet<&String>, BTreeSet<usize>) =
                (names.iter().collect(), scanned.iter().map(|scan| scan.2).collect());
            let sound = wells.len() == scanned.len() && tubes.len() == scanned.len();
            let read = PlateMap::read(PlateFormat::Wells96, &[], entries);
            prop_assert_eq!(read.is_ok(), sound);
            if let Ok(map) = read {
                prop_assert_eq!(map.tubes().count(), scanned.len());
            }
        }
    }
}
