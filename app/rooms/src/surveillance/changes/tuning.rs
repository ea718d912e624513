//! How loudly streams count, after answers; shown before it is done, and taken back whole.

use crate::packed;
use crate::refuse::{exists, invalid, missing, required};
use crate::surveillance::{Tuning, numbers};
use base::{Id, Territory};
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::collections::BTreeMap;
use store::{Basis, Change, Permission, Query, Result, Sent, Tx, params};

/// The streams of a place count so much from now on.
#[derive(Debug, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TuneStreams {
    pub id: Id<Sent>,
    pub tuning: Id<Tuning>,
    pub territory: Territory,
    /// By indicator; 1 counts as before anything was learnt.
    pub weights: BTreeMap<String, f64>,
    pub reason: String,
}

/// A stream is never silenced by its past: a quarter is the least, four times the most.
pub const WEIGHTS: std::ops::RangeInclusive<f64> = 0.25..=4.0;

impl Change for TuneStreams {
    const NAME: &'static str = "tune streams";
    const NEEDS: Permission = Permission::SurveillanceManage;
    const BASIS: Basis = Basis::Surveillance;
    type Out = ();

    fn id(&self) -> Id<Sent> {
        self.id
    }
    fn territory(&self, _tx: &mut Tx<'_>) -> Result<Territory> {
        Ok(self.territory.clone())
    }
    fn about(&self) -> Vec<String> {
        vec![self.tuning.to_string()]
    }
    fn apply(&self, tx: &mut Tx<'_>) -> Result<()> {
        required("reason", &self.reason)?;
        if tx.count("SELECT count(*) FROM surveillance_tuning WHERE id = $1", params![self.tuning])? > 0 {
            return Err(exists("tuning", "调整"));
        }
        for (indicator, weight) in &self.weights {
            if packed::indicators().by_id(indicator).is_none() || !WEIGHTS.contains(weight) {
                return Err(invalid(
                    "surveillance.weight",
                    &format!("weights.{indicator}"),
                    "a weight lies between 0.25 and 4, for an indicator of the list; correct it",
                    "权重应在 0.25 至 4 之间，且指标须在列表中；请更正",
                ));
            }
        }
        let was = numbers::weights_at(tx, &self.territory)?;
        tx.run(
            "INSERT INTO surveillance_tuning (id, territory, weights, was, reason, at, by_whom, reverted) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, NULL)",
            params![
                self.tuning,
                &self.territory,
                json!(self.weights).to_string(),
                json!(was).to_string(),
                self.reason.trim(),
                tx.at,
                &tx.actor.id
            ],
        )?;
        Ok(())
    }
}

/// A tuning is taken back: what stood before it counts again.
#[derive(Debug, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RevertTuning {
    pub id: Id<Sent>,
    pub tuning: Id<Tuning>,
    pub reason: String,
}

impl Change for RevertTuning {
    const NAME: &'static str = "revert tuning";
    const NEEDS: Permission = Permission::SurveillanceManage;
    const BASIS: Basis = Basis::Surveillance;
    type Out = ();

    fn id(&self) -> Id<Sent> {
        self.id
    }
    fn territory(&self, tx: &mut Tx<'_>) -> Result<Territory> {
        let row =
            tx.first("SELECT territory FROM surveillance_tuning WHERE id = $1", params![self.tuning])?;
        let territory: Option<Territory> = row.map(|row| row.read(0)).transpose()?;
        let scope = &tx.actor.scope;
        territory.filter(|place| scope.reaches(place)).ok_or_else(|| missing("tuning", "调整"))
    }
    fn about(&self) -> Vec<String> {
        vec![self.tuning.to_string()]
    }
    fn apply(&self, tx: &mut Tx<'_>) -> Result<()> {
        required("reason", &self.reason)?;
        tx.run(
            "UPDATE surveillance_tuning SET reverted = $2 WHERE id = $1 AND reverted IS NULL",
            params![self.tuning, tx.at],
        )?;
        Ok(())
    }
}
