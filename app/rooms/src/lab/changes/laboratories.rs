//! Who tests, and how much they have declared they can.

use crate::lab::Laboratory;
use crate::lab::reach::laboratory_in_reach;
use crate::refuse::{exists, invalid, required};
use base::{Id, Territory};
use serde::{Deserialize, Serialize};
use store::{Basis, Change, Permission, Query, Result, Sent, Tx, params};

/// A laboratory can receive tubes from now on.
#[derive(Debug, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RegisterLaboratory {
    pub id: Id<Sent>,
    pub laboratory: Id<Laboratory>,
    pub territory: Territory,
    pub name: String,
    /// Tubes a day it has declared; reports above it are questioned.
    pub capacity: u32,
    /// Within how many hours of receipt it reports.
    pub report_hours: u16,
}

impl Change for RegisterLaboratory {
    const NAME: &'static str = "register laboratory";
    const NEEDS: Permission = Permission::LabManage;
    const BASIS: Basis = Basis::LaboratoryTesting;
    type Out = ();

    fn id(&self) -> Id<Sent> {
        self.id
    }
    fn territory(&self, _tx: &mut Tx<'_>) -> Result<Territory> {
        Ok(self.territory.clone())
    }
    fn about(&self) -> Vec<String> {
        vec![self.laboratory.to_string()]
    }
    fn apply(&self, tx: &mut Tx<'_>) -> Result<()> {
        required("name", &self.name)?;
        demand_hours(self.report_hours)?;
        if tx.count("SELECT count(*) FROM lab_laboratory WHERE id = $1", params![self.laboratory])? > 0 {
            return Err(exists("laboratory", "实验室"));
        }
        tx.run(
            "INSERT INTO lab_laboratory (id, territory, name, capacity, report_hours, created, ended) \
             VALUES ($1, $2, $3, $4, $5, $6, NULL)",
            params![
                self.laboratory,
                &self.territory,
                self.name.trim(),
                self.capacity,
                u32::from(self.report_hours),
                tx.at
            ],
        )?;
        Ok(())
    }
}

fn demand_hours(hours: u16) -> Result<()> {
    if (1..=96).contains(&hours) {
        return Ok(());
    }
    Err(invalid(
        "lab.report_hours",
        "report_hours",
        "a laboratory reports within 1 to 96 hours of receipt; correct the number",
        "实验室应在收样后 1 至 96 小时内报告；请更正",
    ))
}

/// What a laboratory can do has changed, or it takes no more tubes.
#[derive(Debug, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AmendLaboratory {
    pub id: Id<Sent>,
    pub laboratory: Id<Laboratory>,
    #[serde(default)]
    pub capacity: Option<u32>,
    #[serde(default)]
    pub report_hours: Option<u16>,
    #[serde(default)]
    pub ended: bool,
}

impl Change for AmendLaboratory {
    const NAME: &'static str = "amend laboratory";
    const NEEDS: Permission = Permission::LabManage;
    const BASIS: Basis = Basis::LaboratoryTesting;
    type Out = ();

    fn id(&self) -> Id<Sent> {
        self.id
    }
    fn territory(&self, tx: &mut Tx<'_>) -> Result<Territory> {
        Ok(laboratory_in_reach(tx, self.laboratory)?.territory)
    }
    fn about(&self) -> Vec<String> {
        vec![self.laboratory.to_string()]
    }
    fn apply(&self, tx: &mut Tx<'_>) -> Result<()> {
        if let Some(hours) = self.report_hours {
            demand_hours(hours)?;
        }
        let ended = self.ended.then_some(tx.at);
        tx.run(
            "UPDATE lab_laboratory SET capacity = coalesce($2, capacity), report_hours = coalesce($3, report_hours), \
             ended = coalesce(ended, $4) WHERE id = $1",
            params![self.laboratory, self.capacity, self.report_hours.map(u32::from), ended],
        )?;
        Ok(())
    }
}
