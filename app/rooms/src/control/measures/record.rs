//! A measure as the tables keep it.

use crate::control::measures::review::ask_for_review;
use crate::control::measures::{Deed, Order};
use crate::packed;
use crate::refuse::missing;
use base::{Id, Moment, Territory};
use control::{Denied, Measure, Party};
use packs::ClassCn;
use store::{Error, Query, Refusal, Result, Row, Scope, Status, Tx, params};

#[derive(Debug, Clone)]
pub(crate) struct MeasureRecord {
    pub id: Id<Order>,
    pub place: String,
    pub reason: String,
    pub disease: Option<String>,
    pub pack: String,
    pub closed: Option<Moment>,
    pub measure: Measure,
}

pub(crate) const COLUMNS: &str = "id, place, reason, disease, pack, closed, standing";

impl MeasureRecord {
    pub(crate) fn of(row: &Row) -> Result<MeasureRecord> {
        Ok(MeasureRecord {
            id: row.read(0)?,
            place: row.text(1)?,
            reason: row.text(2)?,
            disease: row.opt_text(3)?,
            pack: row.text(4)?,
            closed: row.opt_int(5)?.map(Moment),
            measure: row.json(6)?,
        })
    }

    /// Writes what became of it, and who did what.
    pub(crate) fn keep(&self, tx: &mut Tx<'_>, deed: Deed, by: Option<&Party>, note: &str) -> Result<()> {
        let closed = self.closed.or(self.measure.lifted).or_else(|| {
            let refused = self.measure.refused.as_ref();
            refused.map(|stamp| stamp.at)
        });
        let standing = standing_of(&self.measure)?;
        tx.run(
            "UPDATE control_measure SET ends = $2, closed = $3, standing = $4 WHERE id = $1",
            params![self.id, self.measure.terms.ends, closed, standing],
        )?;
        ask_for_review(tx, self)?;
        self.note(tx, deed, by, note)
    }

    pub(crate) fn note(&self, tx: &mut Tx<'_>, deed: Deed, by: Option<&Party>, note: &str) -> Result<()> {
        let sql = "SELECT coalesce(max(number), 0) FROM control_measure_step WHERE measure = $1";
        let number = tx.count(sql, params![self.id])? + 1;
        let territory = by.map_or(&self.measure.terms.government, |party| &party.territory);
        tx.run(
            "INSERT INTO control_measure_step (measure, number, at, deed, by_whom, organisation, territory, note) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
            params![
                self.id,
                number,
                tx.at,
                deed.word(),
                &tx.actor.id,
                by.and_then(|party| party.organisation.clone()),
                territory,
                note.trim()
            ],
        )?;
        Ok(())
    }
}

pub(crate) fn standing_of(measure: &Measure) -> Result<String> {
    serde_json::to_string(measure).map_err(|fault| Error::Shape(fault.to_string()))
}

fn found(query: &mut dyn Query, id: Id<Order>) -> Result<Option<MeasureRecord>> {
    let sql = format!("SELECT {COLUMNS} FROM control_measure WHERE id = $1");
    query.first(&sql, params![id])?.as_ref().map(MeasureRecord::of).transpose()
}

/// For writing: a measure outside the territory does not exist.
pub(crate) fn measure_in_reach(tx: &mut Tx<'_>, id: Id<Order>) -> Result<MeasureRecord> {
    let scope = &tx.actor.scope;
    let found = found(tx, id)?.filter(|record| scope.reaches(&record.measure.terms.territory));
    found.ok_or_else(no_measure)
}

/// For reading: also one of a level above that holds where the reader is.
pub(crate) fn measure_seen(query: &mut dyn Query, scope: &Scope, id: Id<Order>) -> Result<MeasureRecord> {
    let seen = |record: &MeasureRecord| is_seen(scope, &record.measure.terms.territory);
    found(query, id)?.filter(seen).ok_or_else(no_measure)
}

pub(crate) fn is_seen(scope: &Scope, territory: &Territory) -> bool {
    scope.reaches(territory) || territory.holds(&scope.territory)
}

fn no_measure() -> Error {
    missing("measure", "措施")
}

/// The class the disease is treated as on the day the measure starts.
pub(crate) fn class_of(disease: Option<&str>, starts: Moment) -> Option<ClassCn> {
    let day = starts.day_at_offset(crate::regions::UTC_OFFSET_MINUTES);
    packed::disease(disease).and_then(|disease| packs::class_on(disease, day))
}

/// What separates people is forbidden, what comes too late is a conflict, and the rest can be corrected or belongs elsewhere.
pub(crate) fn denied(denied: Denied) -> Error {
    let status = match denied.code {
        "control.own_order" | "control.same_organisation" => Status::Forbidden,
        "control.state" | "control.not_approved" | "control.extension_waits" => Status::Conflict,
        _ => Status::Invalid,
    };
    let mut refusal = Refusal::new(status, denied.code, denied.en, denied.zh);
    refusal.field = denied.field.map(str::to_owned);
    refusal.into()
}
