//! Who falls due by the clocks of the retention pack: by handle and in numbers, before anything is done.

use crate::entry::workers_due;
use crate::lab::{DueNames, in_blocks, names_due};
use crate::packed;
use crate::people::Subject;
use crate::tasks::words_due;
use crate::trace::fence::{Registered, registered_due};
use base::{Day, Id, Moment, Territory};
use packs::{Clock, Kept};
use serde::Serialize;
use serde_json::{Value as Json, json};
use std::collections::BTreeMap;
use store::{Permission, Query, Result, Row, Scope, Vault, params};

/// Somebody, or the words about an event, an import or a task, whose time to be kept runs out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Due {
    /// `subject_…`, `event_…`, `import_…` or `task_…`.
    pub owner: String,
    pub territory: Territory,
    pub runs_out: Day,
    /// A legal hold on an event of theirs stops the clock.
    pub held: bool,
}

/// At most so many are listed; the numbers count all.
const LISTED: usize = 500;

/// Whoever has run out on `day` or before, in the scope's territory, in the order of their handles.
pub fn falls_due(
    query: &mut dyn Query,
    scope: &Scope,
    clock: &Clock,
    day: Day,
    offset_minutes: i32,
) -> Result<Vec<Due>> {
    scope.demand(Permission::PeopleErase).or_else(|_| scope.demand(Permission::PrivacyOversee))?;
    let (first, past) = scope.territory.range();
    let cut = clock.cut(day);
    // Of a record that states no day, the day on which it was made counts.
    let made = Moment::start_of(cut + 1, offset_minutes).0 - 1;
    let rows = match clock.what {
        Kept::Contact => query.rows(CONTACTS, params![first, past, cut, made])?,
        Kept::Case => query.rows(CASES, params![first, past, cut, made])?,
        Kept::Notes => query.rows(NOTES, params![first, past, cut])?,
        Kept::Report => query.rows(REPORTS, params![first, past, made])?,
        Kept::Task => words_due(query, &scope.territory, made)?,
        // Their files are made when they are fetched, and the link ends by itself: nothing lies about.
        Kept::Export => Vec::new(),
        // Millions fall due in a day: the first of them are listed, and those who count ask the testing room.
        Kept::Swab | Kept::Told => {
            return Ok(listed(names_due(query, scope, clock, (day, offset_minutes), LISTED)?));
        }
        // They lie in another room.
        Kept::Visit => {
            let of = |due: Registered| Due {
                runs_out: clock.runs_out(due.day),
                owner: due.owner,
                territory: due.territory,
                held: false,
            };
            return Ok(registered_due(query, (first, past), cut)?.into_iter().map(of).collect());
        }
        Kept::Roster => {
            let of = |(subject, territory, left): (Id<Subject>, Territory, Moment)| Due {
                owner: subject.to_string(),
                territory,
                runs_out: clock.runs_out(left.day_at_offset(offset_minutes)),
                held: false,
            };
            return Ok(workers_due(query, (first, past), made)?.into_iter().map(of).collect());
        }
    };
    let due = |row: &Row| -> Result<Due> {
        let started = match row.opt_text(2)?.filter(|day| !day.is_empty()) {
            Some(_) => row.read(2)?,
            None => Moment(row.int(3)?).day_at_offset(offset_minutes),
        };
        Ok(Due {
            owner: row.text(0)?,
            territory: row.read(1)?,
            runs_out: clock.runs_out(started),
            held: row.int(4)? != 0,
        })
    };
    rows.iter().map(due).collect()
}

fn listed(due: DueNames) -> Vec<Due> {
    let one = |(owner, territory, runs_out)| Due { owner, territory, runs_out, held: false };
    due.first.into_iter().map(one).collect()
}

// Columns of each: owner, territory, the day from which the clock runs, when the record was made, held or not.

/// A contact who became a case is kept like one.
const CONTACTS: &str = "\
    SELECT s.id, s.territory, max(k.last_exposure), max(k.created), max(CASE WHEN h.event IS NULL THEN 0 ELSE 1 END) \
    FROM people_subject s JOIN cases_contact k ON k.subject = s.id LEFT JOIN people_hold h ON h.event = k.event \
    WHERE s.territory >= $1 AND s.territory < $2 AND s.erased IS NULL \
    AND NOT EXISTS (SELECT 1 FROM cases_case c WHERE c.subject = s.id) \
    AND NOT EXISTS (SELECT 1 FROM cases_contact b WHERE b.subject = s.id AND b.became_case IS NOT NULL) \
    GROUP BY s.id, s.territory \
    HAVING max(k.last_exposure) <= $3 OR (max(k.last_exposure) IS NULL AND max(k.created) <= $4) ORDER BY s.id";

const CASES: &str = "\
    SELECT s.id, s.territory, max(e.ended), max(r.created), max(CASE WHEN h.event IS NULL THEN 0 ELSE 1 END) \
    FROM people_subject s JOIN (SELECT c.subject, c.event, c.created FROM cases_case c UNION ALL \
    SELECT k.subject, c.event, c.created FROM cases_contact k JOIN cases_case c ON c.id = k.became_case) r \
    ON r.subject = s.id LEFT JOIN cases_event e ON e.id = r.event LEFT JOIN people_hold h ON h.event = r.event \
    WHERE s.territory >= $1 AND s.territory < $2 AND s.erased IS NULL GROUP BY s.id, s.territory \
    HAVING max(CASE WHEN e.status = 'open' THEN 1 ELSE 0 END) = 0 \
    AND (max(e.ended) <= $3 OR (max(e.ended) IS NULL AND max(r.created) <= $4)) ORDER BY s.id";

const NOTES: &str = "\
    SELECT e.id, e.territory, e.ended, e.created, CASE WHEN h.event IS NULL THEN 0 ELSE 1 END \
    FROM cases_event e LEFT JOIN people_hold h ON h.event = e.id \
    WHERE e.territory >= $1 AND e.territory < $2 AND e.status = 'closed' AND e.ended <= $3 \
    AND EXISTS (SELECT 1 FROM cases_note n WHERE n.event = e.id) ORDER BY e.id";

const REPORTS: &str = "\
    SELECT i.id, i.territory, NULL, i.at, CASE WHEN h.event IS NULL THEN 0 ELSE 1 END \
    FROM imports_import i LEFT JOIN people_hold h ON h.event = i.event \
    WHERE i.territory >= $1 AND i.territory < $2 AND i.full_report IS NOT NULL AND i.at <= $3 ORDER BY i.id";

/// Every clock with how many are due today, how many within the days of warning, and how many are held.
pub fn clocks(query: &mut dyn Query, scope: &Scope, today: Day, offset_minutes: i32) -> Result<Json> {
    scope.demand(Permission::PrivacyOversee)?;
    let mut told = Vec::new();
    for clock in &packed::retention().clocks {
        let horizon = today + i32::from(clock.warn_days);
        let (due, soon, held) = if in_blocks(clock) {
            (names_due(query, scope, clock, (today, offset_minutes), 0)?.count, 0, 0)
        } else {
            let all = falls_due(query, scope, clock, horizon, offset_minutes)?;
            let count = |test: &dyn Fn(&Due) -> bool| all.iter().filter(|due| test(due)).count();
            (
                count(&|due| !due.held && due.runs_out <= today),
                count(&|due| !due.held && due.runs_out > today),
                count(&|due| due.held),
            )
        };
        told.push(json!({
            "id": clock.id, "zh": clock.zh, "en": clock.en, "purpose": clock.purpose, "keep_days": clock.keep_days,
            "warn_days": clock.warn_days, "automatic": clock.automatic, "why": { "zh": clock.why_zh, "en": clock.why_en }, "tag": clock.tag,
            "due": due, "soon": soon, "held": held,
        }));
    }
    Ok(json!({ "version": packed::retention().version, "clocks": told, "holds": holds(query, scope)? }))
}

/// One clock: who, by handle, and how many by territory.
pub fn preview(
    query: &mut dyn Query,
    scope: &Scope,
    clock: &Clock,
    day: Day,
    offset_minutes: i32,
) -> Result<Json> {
    scope.demand(Permission::PrivacyOversee)?;
    if in_blocks(clock) {
        let due = names_due(query, scope, clock, (day, offset_minutes), LISTED)?;
        return Ok(json!({
            "clock": clock.id, "day": day, "about": agreement(clock, day), "due": due.count, "held": 0,
            "by_territory": due.by_territory.clone(), "list": listed(due),
        }));
    }
    let due = falls_due(query, scope, clock, day, offset_minutes)?;
    let mut by_territory: BTreeMap<String, u64> = BTreeMap::new();
    for one in due.iter().filter(|due| !due.held) {
        *by_territory.entry(one.territory.path().to_owned()).or_default() += 1;
    }
    Ok(json!({
        "clock": clock.id, "day": day, "about": agreement(clock, day),
        "due": due.iter().filter(|due| !due.held).count(), "held": due.iter().filter(|due| due.held).count(),
        "by_territory": by_territory, "list": &due[..due.len().min(LISTED)],
    }))
}

/// What a second person agrees to.
pub fn agreement(clock: &Clock, day: Day) -> String {
    format!("{} until {day}", clock.id)
}

fn holds(query: &mut dyn Query, scope: &Scope) -> Result<Vec<Json>> {
    let (first, past) = scope.territory.range();
    let sql = "SELECT h.event, e.name, h.at, h.reason FROM people_hold h JOIN cases_event e ON e.id = h.event \
               WHERE h.territory >= $1 AND h.territory < $2 ORDER BY h.at, h.event LIMIT 500";
    let mut told = Vec::new();
    for row in query.rows(sql, params![first, past])? {
        let event = row.text(0)?;
        let key = Vault::key_of(query, &crate::people::hold::hold_owner(&event))?;
        let reason = key
            .map(|key| key.open::<String>(&crate::people::hold::hold_context(&event), &row.text(3)?))
            .transpose()?;
        told.push(json!({
            "event": event, "name": row.text(1)?, "since": Moment(row.int(2)?).to_string(), "reason": reason,
        }));
    }
    Ok(told)
}
