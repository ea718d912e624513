//! What is forgotten: visits when their time is over, and with them people of whom nothing else is known.

use super::Visitor;
use crate::cases::views::ids_about;
use crate::people::Subject;
use base::{Day, Id, Territory};
use store::{Query, Result, Tx, params};

/// Whose visit, or which visit, has run out: a person of whom only visits are known goes whole; of a case or contact, the visit.
#[derive(Debug)]
pub(crate) struct Registered {
    pub owner: String,
    pub territory: Territory,
    pub day: Day,
}

/// Everything that ended on `cut` or before.
pub(crate) fn registered_due(
    query: &mut dyn Query,
    range: (String, String),
    cut: Day,
) -> Result<Vec<Registered>> {
    // Somebody who came again later is kept for the later visit, and the earlier one goes.
    let rows = query.rows(
        "SELECT r.id, r.subject, r.territory, r.day, (SELECT max(o.day) FROM trace_registered o WHERE o.subject = r.subject) \
         FROM trace_registered r WHERE r.territory >= $1 AND r.territory < $2 AND r.day <= $3 ORDER BY r.subject, r.day, r.id",
        params![range.0, range.1, cut],
    )?;
    let mut due: Vec<Registered> = Vec::new();
    for row in &rows {
        let subject: Id<Subject> = row.read(1)?;
        let latest: Day = row.read(4)?;
        let whole = latest <= cut && ids_about(query, subject)?.len() == 1;
        let owner = if whole { subject.to_string() } else { row.text(0)? };
        if due.last().is_some_and(|last| last.owner == owner) {
            due.pop();
        }
        due.push(Registered {
            owner,
            territory: row.read(2)?,
            day: if whole { latest } else { row.read(3)? },
        });
    }
    Ok(due)
}

/// Of these people no visit is left.
pub(crate) fn forget_visitors(tx: &mut Tx<'_>, subjects: &[String]) -> Result<()> {
    for subject in subjects {
        for table in ["trace_registered", "trace_registered_mark", "trace_fence_person"] {
            tx.run(&format!("DELETE FROM {table} WHERE subject = $1"), params![subject])?;
        }
    }
    Ok(())
}

/// Of these visits nothing is left; the people stay for what else is known of them.
pub(crate) fn forget_visits(tx: &mut Tx<'_>, visits: &[String]) -> Result<()> {
    for visit in visits {
        if visit.parse::<Id<Visitor>>().is_ok() {
            tx.run("DELETE FROM trace_registered WHERE id = $1", params![visit])?;
        }
    }
    Ok(())
}

/// Whether nothing but visits is known of somebody: then their name opens with a fence and in no other way.
pub(crate) fn only_registered(query: &mut dyn Query, subject: Id<Subject>) -> Result<bool> {
    let sql = "SELECT count(*) FROM trace_registered WHERE subject = $1";
    Ok(query.count(sql, params![subject])? > 0 && ids_about(query, subject)?.len() == 1)
}
