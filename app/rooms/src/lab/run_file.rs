//! An instrument's file as the cycles of a run.

use crate::lab::changes::Cycle;
use crate::refuse::invalid;
use exchange::instrument::{self, InstrumentRun};
use exchange::{Caps, Choice, Source};
use store::Result;

/// Every well the instrument measured. A cell nobody can read stays unread: it is no negative.
pub(crate) fn cycles_of(name: &str, bytes: &[u8]) -> Result<(Vec<Cycle>, InstrumentRun)> {
    let read =
        instrument::read_run(Source { name, bytes: bytes.into() }, &Choice::default(), &Caps::default());
    let run = read.map_err(|fault| {
        invalid(
            "lab.file",
            "file",
            format!("{fault}; export the results of the run again, as text, CSV or XLSX"),
            format!("无法读取该文件（{fault}）；请从仪器重新导出文本、CSV 或 XLSX 结果"),
        )
    })?;
    let cycles = run
        .readings
        .iter()
        .filter(|reading| !reading.omitted && !matches!(reading.cycle, instrument::Cycle::Unread(_)))
        .filter_map(|reading| {
            let target = reading.target.clone().or_else(|| reading.channel.clone())?;
            Some(Cycle {
                well: reading.well.clone(),
                target,
                ct: reading.cycle.value(),
                sample: reading.sample.clone(),
            })
        })
        .collect();
    Ok((cycles, run))
}
