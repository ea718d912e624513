//! Reports about people who are in no tube: opened on record, linked to their case, or reported as a new one.

use crate::cases::Case;
use crate::cases::changes::ReportCase;
use crate::cases::reach::case_in_reach;
use crate::lab::messages::outside;
use crate::people::AT_MOST_ALONE;
use crate::refuse::{invalid, missing, required};
use base::{Id, Territory};
use lab::ToldStanding;
use serde::{Deserialize, Serialize};
use store::{Basis, Change, Permission, Query, Result, Sealed, Sent, Tx, Vault, params};

struct Waiting {
    territory: Territory,
    standing: ToldStanding,
    disease: Option<String>,
    sealed: Option<String>,
}

fn outside_in_reach(tx: &mut Tx<'_>, report: i64) -> Result<Waiting> {
    let sql = "SELECT territory, standing, disease, sealed FROM lab_report WHERE seq = $1 AND standing IN ('outside', 'linked')";
    let found = tx.first(sql, params![report])?.map(|row| {
        Ok::<_, store::Error>(Waiting {
            territory: row.read(0)?,
            standing: row.read(1)?,
            disease: row.opt_text(2)?,
            sealed: row.opt_text(3)?,
        })
    });
    let scope = &tx.actor.scope;
    let reached = |one: &Waiting| scope.reaches(&one.territory) && scope.kept.reads(one.disease.as_deref());
    let found = found.transpose()?.filter(reached);
    found.ok_or_else(|| missing("result of somebody in no tube", "非本系统采样的检测结果"))
}

fn demand_open(waiting: &Waiting) -> Result<()> {
    if waiting.standing == ToldStanding::Outside {
        return Ok(());
    }
    Err(invalid(
        "lab.linked_already",
        "report",
        "this result has its case already; look for it there",
        "该结果已关联病例；请在病例中查看",
    ))
}

/// Whom such a report is about is read: once, with purpose and reason.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OpenOutside {
    pub id: Id<Sent>,
    pub report: i64,
    pub purpose: String,
    pub reason: Sealed<String>,
}

fn reason_context(report: i64) -> String {
    format!("open_outside.reason|told_{report}")
}

impl Change for OpenOutside {
    const NAME: &'static str = "open outside";
    const NEEDS: Permission = Permission::IdentityOpen;
    const BASIS: Basis = Basis::IdentityOpening;
    type Out = ();

    fn id(&self) -> Id<Sent> {
        self.id
    }
    fn territory(&self, tx: &mut Tx<'_>) -> Result<Territory> {
        Ok(outside_in_reach(tx, self.report)?.territory)
    }
    fn about(&self) -> Vec<String> {
        vec![format!("told_{}", self.report)]
    }
    fn seal(&mut self, tx: &mut Tx<'_>) -> Result<()> {
        if let Sealed::Open(reason) = &self.reason {
            required("reason", reason)?;
        }
        let key = Vault::key_for(tx, &outside::reasons_of(self.report))?;
        self.reason.shut(&key, &reason_context(self.report))
    }
    fn apply(&self, tx: &mut Tx<'_>) -> Result<()> {
        required("purpose", &self.purpose)?;
        let waiting = outside_in_reach(tx, self.report)?;
        demand_open(&waiting)?;
        if waiting.sealed.is_none() {
            return Err(invalid(
                "lab.name_gone",
                "report",
                "its name was destroyed when its time was over; ask the laboratory by the number of the report",
                "姓名已到保留期限并销毁；请凭报告编号向实验室查询",
            ));
        }
        if waiting.disease.is_some_and(|disease| tx.actor.scope.kept.agreed.contains(&disease)) {
            return Err(invalid(
                "lab.second_person",
                "report",
                "names of this disease need a second person; report it as a case, and open the name there",
                "该病种的身份须第二人同意；请先报告为病例，再在病例中查看",
            ));
        }
        let (at, person) = (tx.at, tx.actor.person().to_owned());
        let sql =
            "SELECT count(DISTINCT report) FROM lab_opening WHERE account = $1 AND at > $2 AND report <> $3";
        if tx.count(sql, params![&person, at.plus_seconds(-3_600), self.report])? >= AT_MOST_ALONE {
            return Err(invalid(
                "lab.many_openings",
                "report",
                format!(
                    "you opened {AT_MOST_ALONE} names of reports within the hour; go on in an hour, or share the queue"
                ),
                format!("一小时内已查看 {AT_MOST_ALONE} 份报告的身份；请一小时后再试，或由他人分担"),
            ));
        }
        tx.run(
            "INSERT INTO lab_opening (id, account, report, at) VALUES ($1, $2, $3, $4)",
            params![self.id, &person, self.report, at],
        )?;
        outside::keeps_names(tx, self.report)
    }
}

/// Its person is a case that is known.
#[derive(Debug, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LinkOutside {
    pub id: Id<Sent>,
    pub report: i64,
    pub case: Id<Case>,
}

impl Change for LinkOutside {
    const NAME: &'static str = "link outside";
    const NEEDS: Permission = Permission::CasesWrite;
    const BASIS: Basis = Basis::Investigation;
    type Out = ();

    fn id(&self) -> Id<Sent> {
        self.id
    }
    fn territory(&self, tx: &mut Tx<'_>) -> Result<Territory> {
        Ok(outside_in_reach(tx, self.report)?.territory)
    }
    fn about(&self) -> Vec<String> {
        vec![format!("told_{}", self.report), self.case.to_string()]
    }
    fn apply(&self, tx: &mut Tx<'_>) -> Result<()> {
        demand_open(&outside_in_reach(tx, self.report)?)?;
        case_in_reach(tx, self.case)?;
        link(tx, self.report, self.case)
    }
}

fn link(tx: &mut Tx<'_>, report: i64, case: Id<Case>) -> Result<()> {
    let (at, person) = (tx.at, tx.actor.person().to_owned());
    if let Some(sealed) = outside_in_reach(tx, report)?.sealed {
        outside::shut(tx, report, &sealed)?;
    }
    tx.run(
        "UPDATE lab_report SET standing = 'linked', waits = NULL, linked = $2, settled = $3, settled_by = $4 WHERE seq = $1",
        params![report, case, at, &person],
    )?;
    Ok(())
}

/// Its person becomes a case; the name goes from the report's envelope to the person's without being shown.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReportOutside {
    pub id: Id<Sent>,
    pub told: i64,
    pub report: ReportCase,
}

impl Change for ReportOutside {
    const NAME: &'static str = "report outside";
    const NEEDS: Permission = ReportCase::NEEDS;
    const BASIS: Basis = ReportCase::BASIS;
    type Out = Id<Case>;

    fn id(&self) -> Id<Sent> {
        self.id
    }
    fn territory(&self, tx: &mut Tx<'_>) -> Result<Territory> {
        outside_in_reach(tx, self.told)?;
        self.report.territory(tx)
    }
    fn about(&self) -> Vec<String> {
        let told = format!("told_{}", self.told);
        self.report.about().into_iter().chain([told]).collect()
    }
    fn seal(&mut self, tx: &mut Tx<'_>) -> Result<()> {
        self.report.seal(tx)
    }
    fn apply(&self, tx: &mut Tx<'_>) -> Result<Id<Case>> {
        demand_open(&outside_in_reach(tx, self.told)?)?;
        self.report.apply(tx)?;
        link(tx, self.told, self.report.case)?;
        Ok(self.report.case)
    }
}
