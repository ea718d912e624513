//! Who was near a case at the same time, by coordinates instead of by the name of a place.

use super::coordinates::{Position, metres_between};
use super::sharing::{exposure, window};
use super::{CaseVisit, Exposure, Looking, Stay, VisitIndex};

/// Stays on a grid: every cell is a place of a [`VisitIndex`].
///
/// A cell is as high as the reach of the search and at least as wide, so whoever is within reach stands in one of the cells around.
#[derive(Debug)]
pub struct NearIndex {
    reach_metres: f64,
    /// Cells with somebody in them, ascending; the place of a stay is the number of its cell here.
    cells: Vec<Cell>,
    visits: VisitIndex,
    /// Where each stay was, in millionths of a degree north and east: 11 cm.
    spots: Vec<[i32; 2]>,
}

/// Row from the South Pole, and column from the date line, wherever that row has so many.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Cell {
    row: u32,
    column: u32,
}

/// An exposure by distance: `place` is meaningless here and 0.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct NearExposure {
    pub exposure: Exposure,
    pub metres: f64,
}

/// One degree of latitude on the ball that distances are measured on, rounded down: rows are a little higher than they must be.
const METRES_PER_DEGREE: f64 = 111_195.0;

impl NearIndex {
    /// Stays with where they were, in WGS84; the `place` of a stay is not looked at. `reach_metres` is the farthest distance that
    /// can be asked for later, 1 m to 10 km.
    pub fn of(stays: impl IntoIterator<Item = (Stay, Position)>, reach_metres: f64) -> NearIndex {
        let reach_metres = reach_metres.clamp(1.0, 10_000.0);
        let mut placed: Vec<(Cell, Stay, [i32; 2])> = stays
            .into_iter()
            .map(|(stay, position)| (cell_of(position, reach_metres), stay, spot(position)))
            .collect();
        let mut cells: Vec<Cell> = placed.iter().map(|(cell, ..)| *cell).collect();
        rayon::slice::ParallelSliceMut::par_sort_unstable(cells.as_mut_slice());
        cells.dedup();
        let number = |cell: &Cell| cells.partition_point(|other| other < cell) as u32;
        let stays = placed.drain(..).map(|(cell, stay, spot)| (Stay { place: number(&cell), ..stay }, spot));
        let (visits, spots) = VisitIndex::with(stays.collect());
        NearIndex { reach_metres, cells, visits, spots }
    }

    pub fn len(&self) -> usize {
        self.visits.len()
    }

    pub fn is_empty(&self) -> bool {
        self.visits.is_empty()
    }

    /// Everybody within `metres` of a case visit (no more than the reach of the index) at the same time or within the gap.
    pub fn near(
        &self,
        case_visits: &[(CaseVisit, Position)],
        metres: f64,
        gap_minutes: u32,
        looking: Looking,
    ) -> Vec<NearExposure> {
        let metres = metres.min(self.reach_metres);
        let mut found = Vec::new();
        for (case, position) in case_visits {
            let (from, to) = window(&case.stay, gap_minutes, looking);
            for cell in self.cells_around(*position) {
                self.visits.each_possible(cell, from, to, |number| {
                    let apart = metres_between(*position, position_of(self.spots[number]));
                    if apart <= metres && self.visits.subject(number) != case.stay.subject {
                        let exposure = exposure(case, &self.visits.stay(number, cell));
                        found.push(NearExposure {
                            exposure: Exposure { place: 0, ..exposure },
                            metres: apart,
                        });
                    }
                });
            }
        }
        found
    }

    /// Numbers of the cells with somebody in them that come within reach.
    fn cells_around(&self, position: Position) -> impl Iterator<Item = u32> {
        let row = row_of(position.lat, self.reach_metres);
        (row.saturating_sub(1)..=row + 1).flat_map(move |row| {
            let columns = columns_of(row, self.reach_metres);
            let middle = column_of(position.lon, columns);
            // Round the date line as everywhere else; where a row has few cells, each once.
            let mut around = [(middle + columns - 1) % columns, middle, (middle + 1) % columns];
            around.sort_unstable();
            let repeated = |i: usize| i > 0 && around[i] == around[i - 1];
            let columns = (0..3).filter(move |i| !repeated(*i)).map(move |i| around[i]).collect::<Vec<_>>();
            columns.into_iter().filter_map(move |column| {
                self.cells.binary_search(&Cell { row, column }).ok().map(|number| number as u32)
            })
        })
    }
}

fn row_of(lat: f64, height_metres: f64) -> u32 {
    ((lat + 90.0) * METRES_PER_DEGREE / height_metres) as u32
}

/// How many cells go round the globe in a row, so that each is at least `width_metres` wide even at the row's end nearer a pole and
/// seen from the row beside it.
fn columns_of(row: u32, width_metres: f64) -> u32 {
    let degrees_from_equator = |row: f64| (row * width_metres / METRES_PER_DEGREE - 90.0).abs();
    let poleward = degrees_from_equator(f64::from(row) - 1.0).max(degrees_from_equator(f64::from(row) + 2.0));
    let around = 360.0 * METRES_PER_DEGREE * poleward.min(90.0).to_radians().cos();
    ((around / width_metres) as u32).max(1)
}

fn column_of(lon: f64, columns: u32) -> u32 {
    (((lon + 180.0) / 360.0 * f64::from(columns)) as u32).min(columns - 1)
}

fn cell_of(position: Position, reach_metres: f64) -> Cell {
    let row = row_of(position.lat, reach_metres);
    Cell { row, column: column_of(position.lon, columns_of(row, reach_metres)) }
}

fn spot(position: Position) -> [i32; 2] {
    [position.lat, position.lon].map(|degrees| (degrees * 1e6).round() as i32)
}

fn position_of(spot: [i32; 2]) -> Position {
    Position { lat: f64::from(spot[0]) / 1e6, lon: f64::from(spot[1]) / 1e6 }
}
