//! A run as it lies in the tables, put together for `pure/lab` to judge.

use crate::lab::reach::RunRecord;
use lab::{
    Barcode, Call, CallReason, Content, NotReady, PlateFormat, PlateMap, Reader, Reading, Well, WellCall,
};
use packs::{AssayRule, ControlKind};
use serde_json::{Value as Json, json};
use std::collections::BTreeMap;
use store::{Error, Query, Result, params};

pub(crate) struct Loaded {
    pub map: PlateMap,
    pub readings: BTreeMap<Well, Vec<Reading>>,
    pub calls: BTreeMap<Well, WellCall>,
    /// Why each well was called as it was, as JSON.
    pub why: BTreeMap<Well, String>,
}

impl Loaded {
    pub fn as_run<'a>(&'a self, rule: &'a AssayRule) -> lab::Run<'a> {
        lab::Run { map: &self.map, rule, readings: &self.readings, calls: &self.calls }
    }
}

pub(crate) fn format(wells: i64) -> Result<PlateFormat> {
    PlateFormat::ALL
        .iter()
        .copied()
        .find(|format| format.wells() as i64 == wells)
        .ok_or_else(|| Error::Shape(format!("a plate of {wells} wells")))
}

pub(crate) fn load(query: &mut dyn Query, run: &RunRecord) -> Result<Loaded> {
    let format = format(run.format)?;
    let sql = "SELECT well, barcode, control, cts, first, second, second_by, why FROM lab_well WHERE run = $1 ORDER BY well";
    let (mut entries, mut readings, mut calls, mut why) =
        (Vec::new(), BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
    for row in query.rows(sql, params![run.id])? {
        let name = row.text(0)?;
        let well = format.well(&name).ok_or_else(|| Error::Shape(format!("the well {name}")))?;
        let content = match (row.opt_read::<Barcode>(1)?, row.opt_read::<ControlKind>(2)?) {
            (Some(tube), None) => Content::Tube(tube),
            (None, Some(kind)) => Content::Control(kind),
            _ => return Err(Error::Shape(format!("what stands in {name}"))),
        };
        entries.push((name, content));
        if row.opt_text(3)?.is_some() {
            let told: Vec<(String, Option<f64>)> = row.json(3)?;
            readings.insert(well, told.into_iter().map(|(target, ct)| Reading { target, ct }).collect());
        }
        if let Some(call) = row.opt_read::<Call>(4)? {
            let second = match (row.opt_read::<Call>(5)?, row.opt_text(6)?) {
                (Some(call), Some(reader)) => Some(Reader { call, reader }),
                _ => None,
            };
            calls.insert(well, WellCall { call, reader: run.by_whom.clone(), second });
        }
        if let Some(told) = row.opt_text(7)? {
            why.insert(well, told);
        }
    }
    let map =
        PlateMap::read(format, &[], entries.iter().map(|(name, content)| (name.as_str(), content.clone())));
    let map = map.map_err(|faults| Error::Shape(format!("the plate {}: {faults:?}", run.id)))?;
    Ok(Loaded { map, readings, calls, why })
}

pub(crate) fn cycles_in_json(readings: &[Reading]) -> String {
    let told: Vec<(&str, Option<f64>)> = readings.iter().map(|one| (one.target.as_str(), one.ct)).collect();
    serde_json::to_string(&told).unwrap_or_default()
}

/// Words and numbers, which a page says in its own language.
pub(crate) fn reasons_in_json(why: &[CallReason]) -> String {
    let told: Vec<Json> = why
        .iter()
        .map(|reason| match reason {
            CallReason::Found { target, ct } => json!({ "what": "found", "target": target, "ct": ct }),
            CallReason::Grey { target, ct } => json!({ "what": "grey", "target": target, "ct": ct }),
            CallReason::NotFound { target, ct } => json!({ "what": "not_found", "target": target, "ct": ct }),
            CallReason::InternalFound { ct } => json!({ "what": "internal_found", "ct": ct }),
            CallReason::InternalMissing { ct } => json!({ "what": "internal_missing", "ct": ct }),
            CallReason::Unread { target } => json!({ "what": "unread", "target": target }),
            CallReason::ReadTwice { target } => json!({ "what": "read_twice", "target": target }),
            CallReason::OddCt { target, ct } => json!({ "what": "odd_ct", "target": target, "ct": ct }),
            CallReason::UnknownTarget { target } => json!({ "what": "unknown_target", "target": target }),
        })
        .collect();
    Json::from(told).to_string()
}

pub(crate) fn reason_in_chinese(reason: &NotReady) -> String {
    match reason {
        NotReady::Control(fault) => match fault {
            lab::ControlFault::Missing { kind } => format!("板上没有 {kind} 质控；请加质控后重做"),
            lab::ControlFault::Unread { kind, well, .. } => {
                format!("{well} 的 {kind} 质控读数不全；请重新导入仪器文件或重做")
            }
            lab::ControlFault::NotFound { kind, well, target, .. } => {
                format!("{well} 的 {kind} 质控未及时检出 {target}；请重做")
            }
            lab::ControlFault::Contaminated { kind, well, target, ct } => {
                format!("{well} 的 {kind} 质控检出 {target}（{ct}），疑有污染；请清洁后重做")
            }
        },
        NotReady::Unread { well, tube } => format!("{well} 的 {tube} 未被仪器读取；请导入文件或重新上板"),
        NotReady::Uncalled { well, tube } => format!("{well} 的 {tube} 尚未判读；请先判读全部孔"),
        NotReady::CalledEmpty { well } => format!("{well} 已判读但没有样本管；请更正板图或撤回判读"),
        NotReady::ReadEmpty { well } => format!("{well} 有读数但板图为空；请更正板图"),
        NotReady::AgainstRule { well, tube, .. } => {
            format!("{well} 的 {tube} 判读与循环数不符；请重做或改判")
        }
        NotReady::NoSecondReading { well, tube, .. } => {
            format!("{well} 的 {tube} 须由第二人复核；请另一人判读")
        }
        NotReady::SamePerson { well, tube } => format!("{well} 的 {tube} 两次判读为同一人；请另一人复核"),
        NotReady::ReadersDisagree { well, tube, .. } => {
            format!("{well} 的 {tube} 两人判读不一致；请重新上板")
        }
    }
}
