//! Somebody sampled alone is positive: from then on they are a case, reported by the house itself.

use crate::cases::changes::ReportCase;
use crate::refuse::missing;
use base::{Id, Territory};
use serde::{Deserialize, Serialize};
use store::{Basis, Change, Permission, Query, Result, Sent, Tx, params};

/// The person at a place of a tube is reported as a case; once, whoever sends it and how often.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReportFound {
    pub id: Id<Sent>,
    pub tube: String,
    pub position: u8,
    pub report: ReportCase,
}

impl Change for ReportFound {
    const NAME: &'static str = "report found";
    const NEEDS: Permission = ReportCase::NEEDS;
    const BASIS: Basis = ReportCase::BASIS;
    /// Whether it was not a case already.
    type Out = bool;

    fn id(&self) -> Id<Sent> {
        self.id
    }
    fn territory(&self, tx: &mut Tx<'_>) -> Result<Territory> {
        self.report.territory(tx)
    }
    fn about(&self) -> Vec<String> {
        let tube = format!("tube_{}", self.tube);
        self.report.about().into_iter().chain([tube]).collect()
    }
    fn seal(&mut self, tx: &mut Tx<'_>) -> Result<()> {
        self.report.seal(tx)
    }
    fn apply(&self, tx: &mut Tx<'_>) -> Result<bool> {
        let position = i64::from(self.position);
        let sql = "SELECT subject FROM lab_hold WHERE barcode = $1 AND position = $2 AND state = 'confirmed'";
        let found = tx.first(sql, params![&self.tube, position])?;
        let found = found.ok_or_else(|| missing("person found positive", "阳性人员"))?;
        if found.opt_text(0)?.is_some() {
            return Ok(false);
        }
        self.report.apply(tx)?;
        tx.run(
            "UPDATE lab_hold SET subject = $3 WHERE barcode = $1 AND position = $2",
            params![&self.tube, position, self.report.subject],
        )?;
        Ok(true)
    }
}
