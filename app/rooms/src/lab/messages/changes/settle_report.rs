//! Whoever manages laboratories gives their word for a told result, or against it.

use crate::lab::Laboratory;
use crate::lab::messages::book::Book;
use crate::lab::messages::outside;
use crate::refuse::{invalid, missing, required};
use base::{Id, Territory};
use lab::ToldStanding;
use serde::{Deserialize, Serialize};
use store::{Basis, Change, Permission, Query, Result, Sealed, Sent, Tx, Vault, params};

/// Of two results one stands; or one that does not say how it was measured is believed, or is not.
#[derive(Debug, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SettleReport {
    pub id: Id<Sent>,
    pub report: i64,
    /// It becomes its tube's result; otherwise it never does.
    pub stands: bool,
    /// What was found out, and from whom.
    pub reason: Sealed<String>,
}

struct Settled {
    territory: Territory,
    lab: Id<Laboratory>,
    standing: ToldStanding,
}

fn report_in_reach(tx: &mut Tx<'_>, report: i64) -> Result<Settled> {
    let sql = "SELECT territory, lab, standing FROM lab_report WHERE seq = $1";
    let found = tx.first(sql, params![report])?.map(|row| {
        Ok::<_, store::Error>(Settled { territory: row.read(0)?, lab: row.read(1)?, standing: row.read(2)? })
    });
    let scope = &tx.actor.scope;
    let found = found.transpose()?.filter(|one| scope.reaches(&one.territory));
    found.ok_or_else(|| missing("told result", "上报结果"))
}

impl Change for SettleReport {
    const NAME: &'static str = "settle report";
    const NEEDS: Permission = Permission::LabManage;
    const BASIS: Basis = Basis::LaboratoryTesting;
    /// Where it stands now.
    type Out = ToldStanding;

    fn id(&self) -> Id<Sent> {
        self.id
    }
    fn territory(&self, tx: &mut Tx<'_>) -> Result<Territory> {
        Ok(report_in_reach(tx, self.report)?.territory)
    }
    fn about(&self) -> Vec<String> {
        vec![format!("told_{}", self.report)]
    }
    fn seal(&mut self, tx: &mut Tx<'_>) -> Result<()> {
        if let Sealed::Open(reason) = &self.reason {
            required("reason", reason)?;
        }
        let owner = outside::reasons_of(self.report);
        let key = Vault::key_for(tx, &owner)?;
        self.reason.shut(&key, &format!("settle_report.reason|{owner}"))
    }
    fn apply(&self, tx: &mut Tx<'_>) -> Result<ToldStanding> {
        let found = report_in_reach(tx, self.report)?;
        if !found.standing.needs_a_word() {
            return Err(invalid(
                "lab.nothing_to_settle",
                "report",
                "nobody's word is asked for here: it stands already, or waits for something else; look at its page again",
                "该结果无需人工裁定：已生效或在等待其他条件；请刷新页面查看",
            ));
        }
        let standing = if self.stands {
            let mut book = Book::of(tx, found.lab, found.territory)?;
            let standing = book.again(tx, self.report, true)?;
            book.close_anew(tx)?;
            standing
        } else {
            tx.run(
                "UPDATE lab_report SET standing = 'dropped', waits = NULL WHERE seq = $1",
                params![self.report],
            )?;
            ToldStanding::Dropped
        };
        let (at, person) = (tx.at, tx.actor.person().to_owned());
        tx.run(
            "UPDATE lab_report SET settled = $2, settled_by = $3 WHERE seq = $1",
            params![self.report, at, &person],
        )?;
        outside::keeps_names(tx, self.report)?;
        Ok(standing)
    }
}
