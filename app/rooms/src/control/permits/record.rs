//! A permit as the tables keep it.

use crate::control::permits::{Permit, PermitState};
use crate::refuse::missing;
use base::{Id, Moment, Territory};
use control::{Circumstances, Gathering};
use store::{Error, Query, Result, Row, Scope, Tx, params};

#[derive(Debug, Clone)]
pub(crate) struct PermitRecord {
    pub id: Id<Permit>,
    pub territory: Territory,
    pub place: String,
    pub title: String,
    pub organiser: String,
    pub gathering: Gathering,
    pub state: PermitState,
    pub applied: Moment,
    pub applied_by: String,
    pub decided: Option<Moment>,
    pub held: Option<Circumstances>,
    pub note: String,
}

pub(crate) const COLUMNS: &str =
    "id, territory, place, title, organiser, gathering, state, applied, applied_by, decided, held, note";

impl PermitRecord {
    pub(crate) fn of(row: &Row) -> Result<PermitRecord> {
        let held = row.opt_text(10)?.map(|text| serde_json::from_str(&text));
        Ok(PermitRecord {
            id: row.read(0)?,
            territory: row.read(1)?,
            place: row.text(2)?,
            title: row.text(3)?,
            organiser: row.text(4)?,
            gathering: row.json(5)?,
            state: row.read(6)?,
            applied: Moment(row.int(7)?),
            applied_by: row.text(8)?,
            decided: row.opt_int(9)?.map(Moment),
            held: held.transpose().map_err(|fault| Error::Shape(fault.to_string()))?,
            note: row.text(11)?,
        })
    }

    pub(crate) fn step(&self, tx: &mut Tx<'_>, state: PermitState, zh: &str, en: &str) -> Result<()> {
        let sql = "SELECT coalesce(max(number), 0) FROM control_permit_step WHERE permit = $1";
        let number = tx.count(sql, params![self.id])? + 1;
        tx.run(
            "INSERT INTO control_permit_step (permit, number, at, state, by_whom, note_zh, note_en) \
             VALUES ($1, $2, $3, $4, $5, $6, $7)",
            params![self.id, number, tx.at, state.word(), &tx.actor.id, zh.trim(), en.trim()],
        )?;
        Ok(())
    }
}

pub(crate) fn permit(query: &mut dyn Query, id: Id<Permit>) -> Result<Option<PermitRecord>> {
    let sql = format!("SELECT {COLUMNS} FROM control_permit WHERE id = $1");
    query.first(&sql, params![id])?.as_ref().map(PermitRecord::of).transpose()
}

pub(crate) fn permit_within(query: &mut dyn Query, scope: &Scope, id: Id<Permit>) -> Result<PermitRecord> {
    let found = permit(query, id)?.filter(|record| scope.reaches(&record.territory));
    found.ok_or_else(no_permit)
}

pub(crate) fn no_permit() -> Error {
    missing("permit", "聚集活动许可")
}
