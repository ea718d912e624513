//! Plate maps against instruments and results: one tube one well, one well one result, no result without a run that was called.

use crate::books::{Books, Reported};
use crate::difference::{Difference, How};
use crate::grouped::Grouped;
use crate::joined::Joined;

/// The plate maps, void ones too: what stood in a well was mixed there, whatever became of it.
pub(crate) struct Wells {
    /// Well and tube, run after run, each run sorted.
    wells: Vec<(u16, u32)>,
    starts: Vec<u32>,
}

impl Wells {
    pub(crate) fn of(books: &Books<'_>) -> Wells {
        let by_run = Grouped::by(books.runs, books.plated.iter().map(|one| one.run));
        let mut wells = Vec::with_capacity(books.plated.len());
        let mut starts = vec![0];
        for run in 0..books.runs {
            let start = wells.len();
            let told = by_run.members(run).iter().map(|place| &books.plated[*place as usize]);
            wells.extend(told.map(|one| (one.well, one.tube)));
            wells[start..].sort_unstable();
            starts.push(wells.len() as u32);
        }
        Wells { wells, starts }
    }

    fn of_run(&self, run: u32) -> &[(u16, u32)] {
        match self.starts.get(run as usize..=run as usize + 1) {
            Some([start, end]) => &self.wells[*start as usize..*end as usize],
            _ => &[],
        }
    }

    /// What a well holds, by the map.
    fn holds(&self, run: u32, well: u16) -> &[(u16, u32)] {
        let wells = self.of_run(run);
        let start = wells.partition_point(|(one, _)| *one < well);
        let many = wells[start..].iter().take_while(|(one, _)| *one == well).count();
        &wells[start..start + many]
    }

    /// # Source
    /// Three tubes of ten in one well, found by wells used against tubes received, 2022 (docs/sources.md#laboratories-2022).
    pub(crate) fn name_over_pooling(
        &self,
        books: &Books<'_>,
        joined: &Joined<'_>,
        found: &mut Vec<Difference>,
    ) {
        for run in 0..books.runs {
            let (wells, read) = (self.of_run(run), joined.read(run));
            let lab = read.map(|one| one.lab);
            let mut name = |how, wells: &[(u16, u32)]| {
                let mut tubes: Vec<u32> = wells.iter().map(|(_, tube)| *tube).collect();
                tubes.sort_unstable();
                tubes.dedup();
                // A tube that was put back into its own well shares it with nobody.
                if tubes.len() > 1 || matches!(how, How::FewerWells { .. }) {
                    found.push(Difference { how, tubes, site: None, batch: None, lab, run: Some(run) });
                }
            };
            let mut mapped = 0;
            for in_well in wells.chunk_by(|a, b| a.0 == b.0) {
                mapped += 1;
                if in_well.len() > 1 {
                    name(How::SharedWell { well: in_well[0].0 }, in_well);
                }
            }
            if let Some(measured) = read.and_then(|read| read.wells_read)
                && measured < mapped
            {
                name(How::FewerWells { mapped, measured }, wells);
            }
        }
    }

    /// A result must name a run that was called before it, and in it the well in which its tube stands.
    ///
    /// # Source
    /// Results without raw data, and "all negative" before the run had ended, 2021 and 2022 (docs/sources.md#laboratories-2022).
    pub(crate) fn name_unrun(&self, reported: &Reported, joined: &Joined<'_>, found: &mut Vec<Difference>) {
        let tube = reported.tube;
        let mut name = |how, tubes| {
            let (run, lab) = (reported.run, Some(reported.lab));
            found.push(Difference { tubes, run, lab, ..joined.row(tube).difference(how, tube) });
        };
        let read = reported.run.and_then(|run| joined.read(run));
        let (Some(run), Some(read)) = (reported.run, read) else {
            name(How::NoRun, vec![tube]);
            return;
        };
        let in_well = match reported.well {
            Some(well) => self.holds(run, well),
            // Some laboratories tell the run alone; the tube must then be on its plate.
            None => self.of_run(run),
        };
        if !in_well.iter().any(|(_, one)| *one == tube) {
            match (reported.well, in_well.first()) {
                (Some(well), Some((_, holds))) if joined.row(tube).is_plated() => {
                    name(How::OtherTubesWell { well, holds: *holds }, vec![tube]);
                }
                (Some(well), Some((_, holds))) => {
                    name(How::SharedResult { well }, vec![tube.min(*holds), tube.max(*holds)]);
                    return;
                }
                _ => name(How::NoWell, vec![tube]),
            }
        }
        match read.called {
            None => name(How::RunNotCalled, vec![tube]),
            Some(called) if reported.at < called => name(How::BeforeCall, vec![tube]),
            Some(_) => {}
        }
    }
}
