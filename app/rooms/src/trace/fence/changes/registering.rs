//! Visits that people registered themselves, or a carrier or a checkpoint did: kept for fences alone, with the name sealed under
//! the person's own key.

use super::super::present::LONGEST_MINUTES;
use super::super::{Registration, Visitor, Wall};
use crate::people::{
    Identity, RegisteredMark, Subject, keep_visitor, open_identity_of, registered_marks, seal_identity,
};
use crate::refuse::{exists, invalid};
use crate::sent_table::Became;
use crate::trace::Place;
use crate::trace::reach::place_in_reach;
use crate::trace::run::Run;
use base::{Id, Territory};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use store::{Basis, Change, Permission, Query, Refusal, Result, Sealed, Sent, Status, Tx, params};

/// One visit of one person.
#[derive(Debug, Clone, Serialize, Deserialize, schemars::JsonSchema)]
pub struct RegisteredRow {
    pub visit: Id<Visitor>,
    /// Made by the sender. Of somebody with the same number who is registered in the county already, theirs is taken.
    pub subject: Id<Subject>,
    #[serde(default)]
    pub identity: Option<Sealed<Identity>>,
    pub kind: Registration,
    #[serde(default)]
    pub place: Option<Id<Place>>,
    #[serde(default)]
    pub ride: Option<Run>,
    /// Of a ride; a place has its own.
    #[serde(default)]
    pub territory: Option<Territory>,
    pub from: Wall,
    /// Absent where nobody wrote down when they left.
    #[serde(default)]
    pub to: Option<Wall>,
}

/// Somebody registers one visit.
#[derive(Debug, Serialize, Deserialize, schemars::JsonSchema)]
pub struct RegisterVisit {
    pub id: Id<Sent>,
    #[serde(flatten)]
    pub row: RegisteredRow,
}

impl Change for RegisterVisit {
    const NAME: &'static str = "register visit";
    const NEEDS: Permission = Permission::ContactsWrite;
    const BASIS: Basis = Basis::RecordKeeping;
    type Out = Became;

    fn id(&self) -> Id<Sent> {
        self.id
    }
    fn territory(&self, tx: &mut Tx<'_>) -> Result<Territory> {
        Ok(self.row.target(tx)?.1)
    }
    fn about(&self) -> Vec<String> {
        vec![self.row.visit.to_string(), self.row.subject.to_string()]
    }
    fn seal(&mut self, tx: &mut Tx<'_>) -> Result<()> {
        self.row.seal(tx, &mut Seen::new())
    }
    fn apply(&self, tx: &mut Tx<'_>) -> Result<Became> {
        self.row.keep(tx)
    }
}

/// A block of a file.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RegisterVisits {
    pub id: Id<Sent>,
    /// That holds all of them.
    pub territory: Territory,
    pub rows: Vec<RegisteredRow>,
}

impl Change for RegisterVisits {
    const NAME: &'static str = "register visits";
    const NEEDS: Permission = Permission::ContactsWrite;
    const BASIS: Basis = Basis::RecordKeeping;
    type Out = Vec<Became>;

    fn id(&self) -> Id<Sent> {
        self.id
    }
    fn territory(&self, _tx: &mut Tx<'_>) -> Result<Territory> {
        Ok(self.territory.clone())
    }
    fn about(&self) -> Vec<String> {
        self.rows.iter().map(|row| row.subject.to_string()).collect()
    }
    fn seal(&mut self, tx: &mut Tx<'_>) -> Result<()> {
        let mut seen = Seen::new();
        self.rows.iter_mut().try_for_each(|row| row.seal(tx, &mut seen))
    }
    fn apply(&self, tx: &mut Tx<'_>) -> Result<Vec<Became>> {
        self.rows.iter().map(|row| row.keep(tx)).collect()
    }
}

/// Who was told of in earlier rows of this block, which are not kept yet: by mark, with what was said of them.
type Seen = BTreeMap<String, (Id<Subject>, Identity)>;

impl RegisteredRow {
    /// Where it was, as visits are matched by, and whose county that is.
    fn target(&self, tx: &mut Tx<'_>) -> Result<(String, Territory)> {
        match (self.place, &self.ride) {
            (Some(place), None) => Ok((place.to_string(), place_in_reach(tx, place)?.territory)),
            (None, Some(ride)) if !ride.plain().number.is_empty() => {
                let territory = self.territory.clone().ok_or_else(|| {
                    invalid(
                        "field.required",
                        "territory",
                        "`territory` is empty; say where the visit is registered",
                        "“territory”为空；请说明登记地区",
                    )
                })?;
                if tx.actor.scope.reaches(&territory) {
                    Ok((ride.target(), territory))
                } else {
                    Err(outside(&territory))
                }
            }
            _ => Err(refused_visit("place")),
        }
    }

    /// The time of a visit is part of what a name alone is known by: there are many of one name.
    fn at(&self, target: &str) -> String {
        format!("{target} {}", self.from.0.0)
    }

    fn seal(&mut self, tx: &mut Tx<'_>, seen: &mut Seen) -> Result<()> {
        let (target, territory) = self.target(tx)?;
        if let Some(Sealed::Open(said)) = &self.identity {
            let marks = registered_marks(tx.vault(), &territory, said, &self.at(&target));
            let said = said.clone();
            let mut known = None;
            if let Some((subject, before)) = known_by(tx, &marks, seen)? {
                self.subject = subject;
                known = match before {
                    Some(before) => Some(before),
                    None => open_identity_of(tx, subject)?,
                };
            }
            for mark in marks {
                seen.entry(mark.mark).or_insert_with(|| (self.subject, said.clone()));
            }
            // What is known is not written again.
            if known.is_some_and(|known| known == said) {
                self.identity = None;
            }
        }
        seal_identity(tx, self.subject, &mut self.identity)
    }

    fn keep(&self, tx: &mut Tx<'_>) -> Result<Became> {
        let (target, territory) = self.target(tx)?;
        demand_sense(self.from, self.to, Wall::at(tx.at))?;
        let day = self.to.unwrap_or(self.from).day();
        // Only what the sender said themselves: whether somebody else registered this person here is not theirs to learn.
        let sql = "SELECT id, last_minute FROM trace_registered WHERE subject = $1 AND target = $2 AND first_minute = $3 \
                   AND kind = $4 AND by_whom = $5";
        let by = tx.actor.person().to_owned();
        let known = tx.first(sql, params![self.subject, &target, self.from, self.kind.word(), by])?;
        if let Some(known) = &known {
            let (visit, last): (Id<Visitor>, Option<i64>) = (known.read(0)?, known.opt_int(1)?);
            if last == self.to.map(|to| i64::from(to.0.0)) && self.identity.is_none() {
                return Ok(Became::Skipped);
            }
            self.keep_person(tx, &territory, &target)?;
            tx.run(
                "UPDATE trace_registered SET last_minute = $2, day = $3 WHERE id = $1",
                params![visit, self.to, day],
            )?;
            return Ok(Became::Updated);
        }
        if tx.count("SELECT count(*) FROM trace_registered WHERE id = $1", params![self.visit])? > 0 {
            return Err(exists("visit", "到访记录"));
        }
        self.keep_person(tx, &territory, &target)?;
        let ride = self.ride.as_ref().map(|ride| serde_json::to_string(&ride.plain())).transpose();
        let ride = ride.map_err(|fault| store::Error::Shape(fault.to_string()))?;
        tx.run(
            "INSERT INTO trace_registered (id, territory, subject, kind, target, place, ride, first_minute, last_minute, day, \
             by_whom, created) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
            params![
                self.visit,
                &territory,
                self.subject,
                self.kind.word(),
                target,
                self.place,
                ride,
                self.from,
                self.to,
                day,
                tx.actor.person(),
                tx.at
            ],
        )?;
        Ok(Became::Created)
    }

    fn keep_person(&self, tx: &mut Tx<'_>, territory: &Territory, target: &str) -> Result<()> {
        keep_visitor(tx, self.subject, territory, self.identity.as_ref())?;
        if self.identity.is_none() {
            return Ok(());
        }
        // Made from what is sealed, so that of somebody who was erased none can be made again.
        let Some(identity) = open_identity_of(tx, self.subject)? else { return Ok(()) };
        for mark in registered_marks(tx.vault(), territory, &identity, &self.at(target)) {
            tx.run(
                "INSERT INTO trace_registered_mark (mark, subject) VALUES ($1, $2) ON CONFLICT DO NOTHING",
                params![mark.mark, self.subject],
            )?;
        }
        Ok(())
    }
}

fn outside(territory: &Territory) -> store::Error {
    Refusal::new(
        Status::Forbidden,
        "access.outside_territory",
        format!("{territory} is outside your territory; ask the department there"),
        format!("{territory} 不在您的辖区内；请联系当地部门"),
    )
    .into()
}

/// A family may share a telephone, and nobody shares a number: who has a number is known by it alone. With what an earlier row of
/// the block said of them.
fn known_by(
    tx: &mut Tx<'_>,
    marks: &[RegisteredMark],
    seen: &Seen,
) -> Result<Option<(Id<Subject>, Option<Identity>)>> {
    let surest = marks.iter().map(|mark| mark.rank).min();
    for mark in marks.iter().filter(|mark| Some(mark.rank) == surest) {
        if let Some((subject, said)) = seen.get(&mark.mark) {
            return Ok(Some((*subject, Some(said.clone()))));
        }
        let sql = "SELECT subject FROM trace_registered_mark WHERE mark = $1";
        if let Some(row) = tx.first(sql, params![&mark.mark])? {
            return Ok(Some((row.read(0)?, None)));
        }
    }
    Ok(None)
}

pub(in crate::trace::fence) fn demand_sense(from: Wall, to: Option<Wall>, now: Wall) -> Result<()> {
    let last = to.unwrap_or(from);
    if last < from {
        return Err(invalid(
            "trace.visit_order",
            "to",
            "the visit ends before it begins; exchange its ends or mend one of them",
            "到访结束早于开始；请更正",
        ));
    }
    if last > now {
        return Err(invalid(
            "trace.visit_future",
            if to.is_some() { "to" } else { "from" },
            "the visit lies in the future; mend the date, or register it when it is over",
            "到访时间在将来；请更正日期",
        ));
    }
    if last.0.0 - from.0.0 > LONGEST_MINUTES {
        return Err(invalid(
            "trace.visit_long",
            "to",
            "the visit lasts longer than sixty days; mend the year",
            "到访超过六十天；请核对年份",
        ));
    }
    Ok(())
}

pub(in crate::trace::fence) fn refused_visit(field: &str) -> store::Error {
    invalid(
        "trace.visit_where",
        field,
        "a visit is to one place or on one ride with its number and day; give one of the two",
        "到访须为一个场所，或一个写明班次与日期的车次；请填写其一",
    )
}
