//! Tubes are put on a plate, one to a well.

use crate::lab::counts::{Hour, Step, count, hour_of};
use crate::lab::messages::judge_waiting;
use crate::lab::reach::{laboratory_in_reach, run_in_reach};
use crate::lab::{Laboratory, Run};
use crate::packed;
use crate::refuse::{exists, invalid};
use base::{Id, Moment, Territory};
use lab::{Barcode, Content, PlateFault, PlateFormat, PlateMap};
use packs::{AssayRule, ControlKind};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use store::{Basis, Change, Permission, Query, Result, Row, Sent, Tx, Value, params};

/// What stands in one well: a tube or a control.
#[derive(Debug, Clone, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Filled {
    pub well: String,
    #[serde(default)]
    #[schemars(with = "Option<String>")]
    pub tube: Option<Barcode>,
    #[serde(default)]
    pub control: Option<ControlKind>,
}

/// A plate is filled. There is no way to say that two tubes stand in one well: that is how results were invented in 2022.
#[derive(Debug, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FillPlate {
    pub id: Id<Sent>,
    pub run: Id<Run>,
    pub laboratory: Id<Laboratory>,
    /// An assay pack.
    pub assay: String,
    pub format: PlateFormat,
    pub wells: Vec<Filled>,
}

pub(crate) fn assay(id: &str) -> Result<&'static AssayRule> {
    packed::assays().by_id(id).ok_or_else(|| {
        let known: Vec<&str> = packed::assays().iter().map(|assay| assay.id.as_str()).collect();
        invalid(
            "lab.assay",
            "assay",
            format!("there is no assay {id}; choose one of: {}", known.join(", ")),
            format!("没有名为 {id} 的检测方法；请从以下选择：{}", known.join("、")),
        )
    })
}

impl FillPlate {
    fn map(&self, rule: &AssayRule) -> Result<PlateMap> {
        let mut entries = Vec::with_capacity(self.wells.len());
        for (number, filled) in self.wells.iter().enumerate() {
            let content = match (&filled.tube, filled.control) {
                (Some(tube), None) => Content::Tube(tube.clone()),
                (None, Some(kind)) => Content::Control(kind),
                _ => {
                    return Err(invalid(
                        "lab.well_content",
                        &format!("wells.{number}"),
                        format!("{} holds either a tube or a control; name one of the two", filled.well),
                        format!("{} 孔应为样本管或质控之一；请二选一", filled.well),
                    ));
                }
            };
            entries.push((filled.well.as_str(), content));
        }
        let needed: Vec<ControlKind> = rule.controls.iter().map(|control| control.kind).collect();
        PlateMap::read(self.format, &needed, entries).map_err(|faults| {
            let en: Vec<String> = faults.iter().map(PlateFault::to_string).collect();
            let zh: Vec<String> = faults.iter().map(in_chinese).collect();
            invalid("lab.plate", "wells", en.join(" · "), zh.join("；"))
        })
    }
}

fn in_chinese(fault: &PlateFault) -> String {
    match fault {
        PlateFault::UnknownWell { name, format } => format!("{format} 孔板没有 {name} 孔；请写如 A1"),
        PlateFault::WellTwice { well } => format!("{well} 孔被填两次；每孔一管，请移至空孔"),
        PlateFault::TubeTwice { tube, wells } => {
            let wells: Vec<String> = wells.iter().map(ToString::to_string).collect();
            format!("{tube} 出现在多个孔（{}）；请只保留一个", wells.join("、"))
        }
        PlateFault::NoControl { kind } => format!("缺少 {kind} 质控；没有质控不能报告，请加入"),
        PlateFault::TooMany { tubes, controls, wells } => {
            format!("{tubes} 管加 {controls} 个质控超过 {wells} 孔；请另开一板")
        }
        PlateFault::Empty => "板上没有样本管；请扫描至少一管".to_owned(),
    }
}

impl Change for FillPlate {
    const NAME: &'static str = "fill plate";
    const NEEDS: Permission = Permission::LabWork;
    const BASIS: Basis = Basis::LaboratoryTesting;
    /// How many tubes stand on it.
    type Out = usize;

    fn id(&self) -> Id<Sent> {
        self.id
    }
    fn territory(&self, tx: &mut Tx<'_>) -> Result<Territory> {
        Ok(laboratory_in_reach(tx, self.laboratory)?.territory)
    }
    fn about(&self) -> Vec<String> {
        vec![self.run.to_string(), self.laboratory.to_string()]
    }
    fn apply(&self, tx: &mut Tx<'_>) -> Result<usize> {
        let laboratory = laboratory_in_reach(tx, self.laboratory)?;
        if tx.count("SELECT count(*) FROM lab_run WHERE id = $1", params![self.run])? > 0 {
            return Err(exists("run", "检测批"));
        }
        let rule = assay(&self.assay)?;
        let map = self.map(rule)?;
        let mut steps: BTreeMap<Hour, Step> = BTreeMap::new();
        let known = on_bench(tx, &map)?;
        for ((well, tube), known) in map.tubes().zip(&known) {
            let hour = self.take(tube, known.first())?;
            steps.entry(hour).or_default().plated += 1;
            tx.put(
                "UPDATE lab_tube SET run = $2, well = $3, result = NULL, called = NULL WHERE barcode = $1",
                params![tube.as_str(), self.run, well.to_string()],
            )?;
        }
        for (hour, step) in &steps {
            count(tx, hour, *step)?;
        }
        tx.run(
            "INSERT INTO lab_run (id, territory, lab, assay, pack, format, state, filled, notes, by_whom) \
             VALUES ($1, $2, $3, $4, $5, $6, 'filled', $7, '[]', $8)",
            params![
                self.run,
                &laboratory.territory,
                self.laboratory,
                &rule.id,
                &rule.version,
                self.format.wells(),
                tx.at,
                &tx.actor.id
            ],
        )?;
        let rows: Vec<Vec<Value>> = map
            .iter()
            .map(|(well, content)| {
                let (tube, control) = match content {
                    Content::Tube(tube) => (Some(tube.as_str()), None),
                    Content::Control(kind) => (None, Some(kind.word())),
                };
                vec![self.run.into(), well.to_string().into(), tube.into(), control.into()]
            })
            .collect();
        tx.insert_many("INSERT INTO lab_well (run, well, barcode, control)", 4, &rows, "")?;
        Ok(map.tubes().count())
    }
}

/// What is known of a plate's tubes, in its order; each stands on it once.
fn on_bench(tx: &mut Tx<'_>, map: &PlateMap) -> Result<Vec<Vec<Row>>> {
    let sql = "SELECT round, territory, post, closed, lab, received, rejected, run, reported FROM lab_tube WHERE barcode = $1";
    let barcodes: Vec<[Value; 1]> = map.tubes().map(|(_, tube)| [tube.as_str().into()]).collect();
    let questions: Vec<(&str, &[Value])> = barcodes.iter().map(|barcode| (sql, &barcode[..])).collect();
    tx.together(&questions)
}

impl FillPlate {
    /// A tube may be plated that lies on this laboratory's bench.
    fn take(&self, tube: &Barcode, known: Option<&Row>) -> Result<Hour> {
        let refused = |en: &str, zh: &str| {
            invalid("lab.not_on_bench", "wells", format!("{tube} {en}"), format!("{tube} {zh}"))
        };
        let Some(known) = known else {
            return Err(refused(
                "was never registered; put it aside until its telephone has come in",
                "尚未登记；请先放置，待采样点数据上传",
            ));
        };
        if known.opt_text(4)? != Some(self.laboratory.to_string()) || known.opt_int(5)?.is_none() {
            return Err(refused("was not received here; receive it first", "未在本实验室收样；请先收样"));
        }
        if known.opt_text(6)?.is_some() {
            return Err(refused("was rejected; its people are sampled again", "已拒收；相关人员须重新采样"));
        }
        if known.opt_int(8)?.is_some() {
            return Err(refused(
                "has been reported; a correction is a new tube",
                "已报告；如需更正请重新采样",
            ));
        }
        if known.opt_text(7)?.is_some() {
            return Err(refused(
                "stands on a plate already; void that run before you plate it again",
                "已在其他板上；请先作废该批次",
            ));
        }
        Ok(Hour {
            round: known.text(0)?,
            territory: known.read(1)?,
            post: known.text(2)?,
            hour: hour_of(Moment(known.int(3)?)),
        })
    }
}

/// A run is worth nothing: a control failed, a plate fell. Its tubes lie on the bench again.
#[derive(Debug, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct VoidRun {
    pub id: Id<Sent>,
    pub run: Id<Run>,
    pub reason: String,
}

impl Change for VoidRun {
    const NAME: &'static str = "void run";
    const NEEDS: Permission = Permission::LabWork;
    const BASIS: Basis = Basis::LaboratoryTesting;
    type Out = ();

    fn id(&self) -> Id<Sent> {
        self.id
    }
    fn territory(&self, tx: &mut Tx<'_>) -> Result<Territory> {
        Ok(run_in_reach(tx, self.run)?.territory)
    }
    fn about(&self) -> Vec<String> {
        vec![self.run.to_string()]
    }
    fn apply(&self, tx: &mut Tx<'_>) -> Result<()> {
        crate::refuse::required("reason", &self.reason)?;
        let run = run_in_reach(tx, self.run)?;
        super::runs::demand_unreported(&run)?;
        let sql = "SELECT round, territory, post, closed, barcode FROM lab_tube WHERE run = $1 ORDER BY seq";
        let mut steps: BTreeMap<Hour, Step> = BTreeMap::new();
        let mut tubes: Vec<String> = Vec::new();
        for row in tx.rows(sql, params![self.run])? {
            tubes.push(row.text(4)?);
            let hour = Hour {
                round: row.text(0)?,
                territory: row.read(1)?,
                post: row.text(2)?,
                hour: hour_of(Moment(row.int(3)?)),
            };
            steps.entry(hour).or_default().plated -= 1;
        }
        for (hour, step) in &steps {
            count(tx, hour, *step)?;
        }
        tx.run(
            "UPDATE lab_tube SET run = NULL, well = NULL, result = NULL, called = NULL WHERE run = $1",
            params![self.run],
        )?;
        for tube in &tubes {
            judge_waiting(tx, tube)?;
        }
        let notes = serde_json::json!([{ "voided": self.reason.trim() }]).to_string();
        tx.run("UPDATE lab_run SET state = 'void', notes = $2 WHERE id = $1", params![self.run, notes])?;
        Ok(())
    }
}
