//! Lists that were handed over: what nobody has acknowledged first.

use super::stated;
use crate::access::http::{names, told};
use crate::cases::Contact;
use crate::cases::views::homes_of;
use crate::people::Subject;
use crate::refuse::{invalid, missing};
use crate::trace::Handover;
use crate::trace::changes::{list_note_context, return_context};
use crate::trace::interview::NO_CLOCK;
use base::{Id, Moment, Territory};
use serde::Deserialize;
use serde_json::{Value as Json, json};
use store::{Error, Permission, Query, Result, Row, Scope, Value, Vault, params};

#[derive(Debug, Clone, Default, Deserialize, schemars::JsonSchema)]
pub struct ListsAsked {
    /// `in` (when nothing is said): sent to here; `out`: sent from here.
    #[serde(default, rename = "box")]
    pub side: Option<String>,
    /// `waiting`, `late` or `answered`; all when nothing is said.
    #[serde(default)]
    pub state: Option<String>,
    /// The last row that was seen: its clock and id, joined by a comma.
    #[serde(default)]
    pub after: Option<String>,
}

const PAGE: usize = 100;

/// How many of a list were reached and isolated, as whoever has them now tells.
const PROGRESS: &str = "(SELECT count(*) FROM trace_handed d JOIN trace_contact s ON s.contact = d.contact \
     WHERE d.handover = h.id AND d.state = 'accepted' AND s.reached IS NOT NULL), \
     (SELECT count(*) FROM trace_handed d JOIN trace_contact s ON s.contact = d.contact \
     WHERE d.handover = h.id AND d.state = 'accepted' AND s.isolated IS NOT NULL)";

const COLUMNS: &str = "h.id, h.territory, h.to_territory, h.event, h.case_id, h.made, h.due, h.contacts, h.acknowledged, \
     h.acknowledged_by, h.returned, h.returned_at, h.next_due";

pub fn lists(query: &mut dyn Query, scope: &Scope, asked: &ListsAsked, now: Moment) -> Result<Json> {
    scope.demand(Permission::ContactsRead)?;
    let side = match stated(&asked.side).unwrap_or("in") {
        "in" => "to_territory",
        "out" => "territory",
        _ => return Err(unknown("box", "in, out")),
    };
    let (first, past) = scope.territory.range();
    let mut sql = format!("WHERE h.{side} >= $1 AND h.{side} < $2");
    let mut values: Vec<Value> = vec![first.into(), past.into()];
    match stated(&asked.state) {
        None => {}
        Some("waiting") => {
            values.push(NO_CLOCK.into());
            sql.push_str(" AND h.next_due < $3");
        }
        Some("late") => {
            values.push(now.into());
            sql.push_str(" AND h.next_due < $3");
        }
        Some("answered") => {
            values.push(NO_CLOCK.into());
            sql.push_str(" AND h.next_due = $3");
        }
        Some(_) => return Err(unknown("state", "waiting, late, answered")),
    }
    if let Some((due, id)) = stated(&asked.after).and_then(|after| after.split_once(',')) {
        values.extend([due.parse::<i64>().unwrap_or_default().into(), id.into()]);
        sql.push_str(&format!(" AND (h.next_due, h.id) > (${}, ${})", values.len() - 1, values.len()));
    }
    let sql = format!(
        "SELECT {COLUMNS}, {PROGRESS} FROM trace_handover h {sql} ORDER BY h.next_due, h.id LIMIT {}",
        PAGE + 1
    );
    let found = query.rows(&sql, &values)?;
    let shown = &found[..found.len().min(PAGE)];
    let rows = shown.iter().map(|row| row_of(query, row, now)).collect::<Result<Vec<_>>>()?;
    let last = shown.last().filter(|_| found.len() > PAGE);
    let next = last.map(|row| Ok::<_, Error>(format!("{},{}", row.int(12)?, row.text(0)?))).transpose()?;
    Ok(json!({ "rows": rows, "next": next, "now": now.to_string() }))
}

fn unknown(field: &str, known: &str) -> Error {
    let (en, zh) =
        (format!("there is no such {field}; ask for one of: {known}"), format!("取值无效；可选：{known}"));
    invalid("trace.asked_for", field, en, zh)
}

fn row_of(query: &mut dyn Query, row: &Row, now: Moment) -> Result<Json> {
    let by = row.opt_text(9)?;
    let people = names(query, by.clone())?;
    let (due, next_due) = (row.int(6)?, row.int(12)?);
    Ok(json!({
        "id": row.text(0)?, "from_territory": row.text(1)?, "to_territory": row.text(2)?, "event": row.opt_text(3)?,
        "case": row.opt_text(4)?, "made_at": told(row.int(5)?), "due": told(due), "late": next_due < now.0,
        "contacts": row.int(7)?, "acknowledged_at": row.opt_int(8)?.map(told),
        "acknowledged_by": by.and_then(|by| people.get(&by).cloned()), "returned": row.int(10)?,
        "returned_at": row.opt_int(11)?.map(told), "return_reason": null,
        "reached": row.int(13)?, "isolated": row.int(14)?,
    }))
}

/// One list, for its sender or its receiver. Numbers and states, no names: those open where the contact is. Where a contact lives
/// is told to whoever has them: the sender until it is acknowledged, from then on the receiver.
pub fn list_page(query: &mut dyn Query, scope: &Scope, id: Id<Handover>, now: Moment) -> Result<Json> {
    scope.demand(Permission::ContactsRead)?;
    let sql = format!("SELECT {COLUMNS}, {PROGRESS}, h.note FROM trace_handover h WHERE h.id = $1");
    let none = || missing("list", "名单");
    let head = query.first(&sql, params![id])?.ok_or_else(none)?;
    let (from, to): (Territory, Territory) = (head.read(1)?, head.read(2)?);
    let (sends, receives) = (scope.reaches(&from), scope.reaches(&to));
    if !sends && !receives {
        return Err(none());
    }
    let mut page = row_of(query, &head, now)?;
    page["now"] = json!(now.to_string());
    page["receives"] = json!(receives);
    // Free words about people are for those who ask them.
    let reads = scope.may(Permission::ContactsWrite);
    page["note"] = match head.opt_text(15)?.filter(|_| reads) {
        Some(note) => opened(query, &id.to_string(), &list_note_context(&id.to_string()), &note)?,
        None => Json::Null,
    };
    let sql = "SELECT d.contact, d.no, d.class, d.last_exposure, d.state, d.reason, d.subject, s.reached, s.isolated \
               FROM trace_handed d LEFT JOIN trace_contact s ON s.contact = d.contact AND d.state = 'accepted' \
               WHERE d.handover = $1 ORDER BY d.no, d.contact";
    let found = query.rows(sql, params![id])?;
    let contacts = found.iter().map(|row| row.read(0)).collect::<Result<Vec<Id<Contact>>>>()?;
    let mut homes = homes_of(query, scope, &contacts)?;
    let mut rows = Vec::new();
    for (row, contact) in found.iter().zip(contacts) {
        let home = homes.remove(&contact);
        let subject: Id<Subject> = row.read(6)?;
        let reason = match row.opt_text(5)?.filter(|_| reads) {
            Some(reason) => opened(query, &subject.to_string(), &return_context(subject), &reason)?,
            None => Json::Null,
        };
        rows.push(json!({
            "contact": contact, "no": row.text(1)?, "class": row.opt_text(2)?, "last_exposure": row.opt_text(3)?,
            "state": row.text(4)?, "reason": reason, "reached_at": row.opt_int(7)?.map(told),
            "isolated_at": row.opt_int(8)?.map(told), "subject": receives.then_some(subject),
            "territory": home.as_ref().map(|home| &home.territory), "place": home.as_ref().and_then(|home| home.place.as_ref()),
        }));
    }
    page["rows"] = json!(rows);
    Ok(page)
}

/// Words about a person; nothing when their key is gone.
pub(super) fn opened(query: &mut dyn Query, owner: &str, context: &str, sealed: &str) -> Result<Json> {
    let Some(key) = Vault::key_of(query, owner)? else { return Ok(Json::Null) };
    match key.open::<String>(context, sealed) {
        Ok(words) => Ok(json!(words)),
        Err(Error::Seal(_)) => Ok(Json::Null),
        Err(fault) => Err(fault),
    }
}
