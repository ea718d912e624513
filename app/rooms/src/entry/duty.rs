//! Whether somebody stands on a roster that is in force, for rooms that ask.

use crate::entry::views::due;
use crate::packed;
use crate::people::Subject;
use crate::people::same_person;
use base::{Day, Id, Territory};
use store::{Query, Result, params};

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

/// Every roster in force on which this person stands, under any of their handles; nothing where there is none. Without an edition, the
/// pack's own.
///
/// # Errors
/// Those of the database.
pub fn duties_of(query: &mut dyn Query, subject: Id<Subject>, edition: Option<&str>) -> Result<Vec<Duty>> {
    let pack = packed::occupations();
    let edition = edition.unwrap_or(&pack.edition);
    let sql = "SELECT territory, grp, in_loop, since, tested FROM entry_worker WHERE subject = $1 AND struck IS NULL ORDER BY id";
    let mut duties = Vec::new();
    for handle in same_person(query, subject)? {
        for row in query.rows(sql, params![handle])? {
            let group = row.text(1)?;
            let days = pack.group(&group).and_then(|known| known.days(edition));
            duties.push(Duty {
                territory: row.read(0)?,
                in_loop: row.int(2)? != 0,
                due: due(days, row.read(3)?, row.opt_read(4)?),
                group,
            });
        }
    }
    Ok(duties)
}
