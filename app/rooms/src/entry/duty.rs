//! Whether somebody stands on a roster that is in force, for rooms that ask.

use crate::entry::Worker;
use crate::entry::views::due;
use crate::packed;
use crate::people::Subject;
use crate::people::same_person;
use base::{Day, Id, Territory};
use store::{Query, Result, Row, params};

/// Somebody works where people are tested every so many days.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Duty {
    pub territory: Territory,
    /// Of the occupations pack.
    pub group: String,
    pub in_loop: bool,
    /// The day on which the next test is due at the latest; nothing where the edition asks for none.
    pub due: Option<Day>,
}

impl Duty {
    pub fn is_overdue(&self, today: Day) -> bool {
        self.due.is_some_and(|due| due < today)
    }
}

/// One line of a roster in force, and whose it is; nothing where they were struck off.
pub(crate) fn duty_of(query: &mut dyn Query, worker: Id<Worker>) -> Result<Option<(Id<Subject>, Duty)>> {
    let sql = "SELECT territory, grp, in_loop, since, tested, subject FROM entry_worker WHERE id = $1 AND struck IS NULL";
    let Some(row) = query.first(sql, params![worker])? else { return Ok(None) };
    Ok(Some((row.read(5)?, duty(&row, &packed::occupations().edition)?)))
}

/// Every roster in force on which this person stands, under any of their handles; nothing where there is none. Without an edition, the
/// pack's own.
///
/// # Errors
/// Those of the database.
pub fn duties_of(query: &mut dyn Query, subject: Id<Subject>, edition: Option<&str>) -> Result<Vec<Duty>> {
    let edition = edition.unwrap_or(&packed::occupations().edition);
    let sql = "SELECT territory, grp, in_loop, since, tested FROM entry_worker WHERE subject = $1 AND struck IS NULL ORDER BY id";
    let mut duties = Vec::new();
    for handle in same_person(query, subject)? {
        for row in query.rows(sql, params![handle])? {
            duties.push(duty(&row, edition)?);
        }
    }
    Ok(duties)
}

fn duty(row: &Row, edition: &str) -> Result<Duty> {
    let group = row.text(1)?;
    let days = packed::occupations().group(&group).and_then(|known| known.days(edition));
    Ok(Duty {
        territory: row.read(0)?,
        in_loop: row.int(2)? != 0,
        due: due(days, row.read(3)?, row.opt_read(4)?),
        group,
    })
}
