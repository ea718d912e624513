//! Where somebody said they were, and where a contact lives, for rooms that rest something on it.

use crate::cases::Contact;
use crate::people::Subject;
use crate::trace::Visit;
use crate::trace::wall::day_of;
use base::{Day, Id, Moment, Territory};
use store::{Query, Result, params};

/// A stay somebody told of in their own interview.
#[derive(Debug, Clone)]
pub(crate) struct VisitStanding {
    /// Where it is kept: the territory of the interview.
    pub territory: Territory,
    pub subject: Id<Subject>,
    /// Where it was, and what it is called, when the place is registered.
    pub place: Option<(Territory, String)>,
    pub first: Option<Day>,
    pub last: Option<Day>,
    pub removed: bool,
    pub changed: Moment,
}

pub(crate) fn visit_standing(query: &mut dyn Query, visit: Id<Visit>) -> Result<Option<VisitStanding>> {
    let sql = "SELECT v.territory, v.subject, p.territory, v.earliest, v.latest, v.removed, v.at, p.name \
               FROM trace_visit v LEFT JOIN trace_place p ON p.id = v.place WHERE v.id = $1";
    let Some(row) = query.first(sql, params![visit])? else { return Ok(None) };
    let day = |minutes: Option<i64>| minutes.and_then(day_of);
    Ok(Some(VisitStanding {
        territory: row.read(0)?,
        subject: row.read(1)?,
        place: row.opt_read(2)?.zip(row.opt_text(7)?),
        first: day(row.opt_int(3)?),
        last: day(row.opt_int(4)?),
        removed: row.int(5)? != 0,
        changed: Moment(row.int(6)?),
    }))
}

/// Where a contact lives, when that was told.
pub(crate) fn lives_in(query: &mut dyn Query, contact: Id<Contact>) -> Result<Option<Territory>> {
    let row = query.first("SELECT lives_in FROM trace_contact WHERE contact = $1", params![contact])?;
    Ok(row.map(|row| row.opt_read(0)).transpose()?.flatten())
}

/// Whether somebody told of a stay in a territory.
pub(crate) fn has_been_in(
    query: &mut dyn Query,
    subject: Id<Subject>,
    (first, past): (&str, &str),
) -> Result<bool> {
    let sql = "SELECT count(*) FROM trace_visit v JOIN trace_place p ON p.id = v.place \
               WHERE v.subject = $1 AND v.removed = 0 AND p.territory >= $2 AND p.territory < $3";
    Ok(query.count(sql, params![subject, first, past])? > 0)
}
