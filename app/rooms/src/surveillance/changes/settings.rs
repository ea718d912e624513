//! Who watches an indicator, how many signals a team can check, and when all was looked at.

use crate::packed;
use crate::refuse::{invalid, required};
use base::{Day, Id, Territory};
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use store::{Basis, Change, Permission, Query, Result, Sent, Tx, params};

/// Somebody chooses another detector for an indicator in a place and everything below it, or goes back to the pack's.
#[derive(Debug, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ChooseMethod {
    pub id: Id<Sent>,
    pub territory: Territory,
    pub indicator: String,
    /// `{"detector": "ears_c2", …its settings}`, or nothing for the pack's own choice.
    #[serde(default)]
    pub method: Option<Json>,
    pub reason: String,
}

impl Change for ChooseMethod {
    const NAME: &'static str = "choose method";
    const NEEDS: Permission = Permission::SurveillanceManage;
    const BASIS: Basis = Basis::Surveillance;
    type Out = ();

    fn id(&self) -> Id<Sent> {
        self.id
    }
    fn territory(&self, _tx: &mut Tx<'_>) -> Result<Territory> {
        Ok(self.territory.clone())
    }
    fn apply(&self, tx: &mut Tx<'_>) -> Result<()> {
        required("reason", &self.reason)?;
        let indicator = packed::indicators().by_id(&self.indicator).ok_or_else(|| {
            invalid(
                "surveillance.indicator",
                "indicator",
                "there is no such indicator; choose one of the list",
                "没有该指标；请从列表中选择",
            )
        })?;
        if let Some(method) = &self.method {
            surveillance::methods::watcher(method, indicator.cadence.per_year()).map_err(|why| {
                invalid("surveillance.method", "method", why.clone(), format!("方法设置有误：{why}"))
            })?;
        }
        let seq = tx.count(
            "SELECT coalesce(max(seq), 0) + 1 FROM surveillance_method WHERE territory = $1 AND indicator = $2",
            params![&self.territory, &self.indicator],
        )?;
        tx.run(
            "INSERT INTO surveillance_method (territory, indicator, seq, method, reason, at, by_whom) \
             VALUES ($1, $2, $3, $4, $5, $6, $7)",
            params![
                &self.territory,
                &self.indicator,
                seq,
                self.method.as_ref().map(Json::to_string),
                self.reason.trim(),
                tx.at,
                &tx.actor.id
            ],
        )?;
        Ok(())
    }
}

/// How many signals a week the team of a place can check.
#[derive(Debug, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SetBudget {
    pub id: Id<Sent>,
    pub territory: Territory,
    pub per_week: f64,
    pub reason: String,
}

impl Change for SetBudget {
    const NAME: &'static str = "set budget";
    const NEEDS: Permission = Permission::SurveillanceManage;
    const BASIS: Basis = Basis::Surveillance;
    type Out = ();

    fn id(&self) -> Id<Sent> {
        self.id
    }
    fn territory(&self, _tx: &mut Tx<'_>) -> Result<Territory> {
        Ok(self.territory.clone())
    }
    fn apply(&self, tx: &mut Tx<'_>) -> Result<()> {
        required("reason", &self.reason)?;
        if !(0.1..=1000.0).contains(&self.per_week) {
            return Err(invalid(
                "surveillance.budget",
                "per_week",
                "write how many signals the team can check in a week, from 0.1 to 1000",
                "请填写每周能核实的信号数，0.1 至 1000",
            ));
        }
        let seq = tx.count(
            "SELECT coalesce(max(seq), 0) + 1 FROM surveillance_budget WHERE territory = $1",
            params![&self.territory],
        )?;
        tx.run(
            "INSERT INTO surveillance_budget (territory, seq, per_week, reason, at, by_whom) VALUES ($1, $2, $3, $4, $5, $6)",
            params![&self.territory, seq, self.per_week, self.reason.trim(), tx.at, &tx.actor.id],
        )?;
        Ok(())
    }
}

/// All series of a place were looked at by schedule.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NoteRun {
    pub id: Id<Sent>,
    pub territory: Territory,
    pub day: Day,
    pub series: i64,
    pub raised: i64,
}

impl Change for NoteRun {
    const NAME: &'static str = "note run";
    const NEEDS: Permission = Permission::SignalsAnswer;
    const BASIS: Basis = Basis::Surveillance;
    type Out = ();

    fn id(&self) -> Id<Sent> {
        self.id
    }
    fn territory(&self, _tx: &mut Tx<'_>) -> Result<Territory> {
        Ok(self.territory.clone())
    }
    fn apply(&self, tx: &mut Tx<'_>) -> Result<()> {
        tx.run(
            "INSERT INTO surveillance_run (day, territory, at, series, raised) VALUES ($1, $2, $3, $4, $5) \
             ON CONFLICT (day, territory) DO UPDATE SET at = excluded.at, series = excluded.series, raised = excluded.raised",
            params![self.day, &self.territory, tx.at, self.series, self.raised],
        )?;
        Ok(())
    }
}
