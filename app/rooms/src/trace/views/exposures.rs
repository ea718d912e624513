//! Exposures with what the rules propose and what was decided, the newest first.

use super::goods::names_of_goods;
use super::handovers::opened;
use super::stated;
use super::visits::places_by_id;
use crate::access::http::{names, told};
use crate::asked::place_within;
use crate::people::Subject;
use crate::trace::changes::exposure_context;
use crate::trace::wall::told_minute;
use crate::trace::{Goods, Interview, Place};
use base::Id;
use serde::Deserialize;
use serde_json::{Value as Json, json};
use std::collections::BTreeMap;
use store::{Permission, Query, Result, Row, Scope, Value};

#[derive(Debug, Clone, Default, Deserialize, schemars::JsonSchema)]
pub struct ExposuresAsked {
    #[serde(default)]
    pub territory: Option<String>,
    #[serde(default)]
    pub event: Option<String>,
    #[serde(default)]
    pub case: Option<String>,
    #[serde(default)]
    pub contact: Option<String>,
    #[serde(default)]
    pub kind: Option<String>,
    /// `open`: nobody has decided yet.
    #[serde(default)]
    pub state: Option<String>,
    /// The last row that was seen: its moment and id, joined by a comma.
    #[serde(default)]
    pub after: Option<String>,
}

const PAGE: usize = 100;

const COLUMNS: &str = "x.id, x.case_id, x.case_no, x.contact, x.contact_no, x.subject, x.via, x.kind, x.place, x.began, x.ended, \
     x.minutes, x.metres, x.rows_apart, x.same_carriage, x.indoors, x.protected, x.day_of_illness, x.found_by, x.protocol, \
     x.protocol_version, x.proposed_class, x.proposed_rule, x.because_zh, x.because_en, x.class, x.rule, x.decided_by, \
     x.decided, x.at, x.territory, x.event, x.goods, x.surface, x.note, x.reason";

pub fn exposures(query: &mut dyn Query, scope: &Scope, asked: &ExposuresAsked) -> Result<Json> {
    scope.demand(Permission::ContactsRead)?;
    let within = place_within(scope, asked.territory.as_deref())?;
    let (first, past) = within.range();
    let mut sql = "WHERE x.territory >= $1 AND x.territory < $2".to_owned();
    let mut values: Vec<Value> = vec![first.into(), past.into()];
    unread(scope, &mut sql, &mut values);
    let filters = [
        ("event", &asked.event),
        ("case_id", &asked.case),
        ("contact", &asked.contact),
        ("kind", &asked.kind),
    ];
    for (column, said) in filters {
        if let Some(said) = stated(said) {
            values.push(said.into());
            sql.push_str(&format!(" AND x.{column} = ${}", values.len()));
        }
    }
    if stated(&asked.state) == Some("open") {
        sql.push_str(" AND x.class IS NULL");
    }
    if let Some((at, id)) = stated(&asked.after).and_then(|after| after.split_once(',')) {
        values.extend([at.parse::<i64>().unwrap_or_default().into(), id.into()]);
        sql.push_str(&format!(" AND (x.at, x.id) < (${}, ${})", values.len() - 1, values.len()));
    }
    let sql = format!(
        "SELECT {COLUMNS} FROM trace_exposure x {sql} ORDER BY x.at DESC, x.id DESC LIMIT {}",
        PAGE + 1
    );
    let found = query.rows(&sql, &values)?;
    let rows = rows_of(query, scope, &found[..found.len().min(PAGE)])?;
    let last = found.get(PAGE - 1).filter(|_| found.len() > PAGE);
    let next =
        last.map(|row| Ok::<_, store::Error>(format!("{},{}", row.int(29)?, row.text(0)?))).transpose()?;
    Ok(json!({ "rows": rows, "next": next }))
}

fn unread(scope: &Scope, sql: &mut String, values: &mut Vec<Value>) {
    for disease in &scope.kept.unread {
        values.push(disease.as_str().into());
        sql.push_str(&format!(" AND (x.disease IS NULL OR x.disease <> ${})", values.len()));
    }
}

/// Exposures of the person an interview asks: those of the case, or those the contact had.
pub(super) fn exposures_of(
    query: &mut dyn Query,
    scope: &Scope,
    interview: Id<Interview>,
) -> Result<Vec<Json>> {
    let (first, past) = scope.territory.range();
    let mut condition = "WHERE i.id = $1 AND x.territory >= $2 AND x.territory < $3".to_owned();
    let mut values: Vec<Value> = vec![interview.into(), first.into(), past.into()];
    unread(scope, &mut condition, &mut values);
    let sql = format!(
        "SELECT {COLUMNS} FROM trace_interview i JOIN trace_exposure x ON x.case_id = i.case_id OR x.contact = i.contact \
         OR x.goods = i.goods OR x.surface = i.place \
         {condition} ORDER BY x.began, x.id LIMIT 500"
    );
    let found = query.rows(&sql, &values)?;
    rows_of(query, scope, &found)
}

fn rows_of(query: &mut dyn Query, scope: &Scope, found: &[Row]) -> Result<Vec<Json>> {
    let (mut ids, mut lots): (Vec<Id<Place>>, Vec<Id<Goods>>) = (Vec::new(), Vec::new());
    for row in found {
        ids.extend(row.opt_read::<Id<Place>>(8)?);
        ids.extend(row.opt_read::<Id<Place>>(33)?);
        lots.extend(row.opt_read::<Id<Goods>>(32)?);
    }
    let lots = names_of_goods(query, lots.into_iter())?;
    let places = places_by_id(query, ids.into_iter())?;
    let mut deciders = Vec::new();
    for row in found {
        deciders.extend(row.opt_text(27)?);
    }
    let people = names(query, deciders)?;
    let name_at = |row: &Row, at: usize| -> Result<Option<String>> {
        Ok(row
            .opt_read::<Id<Place>>(at)?
            .and_then(|place| places.get(&place))
            .map(|place| place.name.clone()))
    };
    // Free words about people are for those who ask them.
    let reads = scope.may(Permission::ContactsWrite);
    let told = found.iter().map(|row| {
        let mut told = row_of(row, name_at(row, 8)?, &people)?;
        for (field, at) in [("note", 34), ("reason", 35)] {
            told[field] = match row.opt_text(at)?.filter(|_| reads) {
                Some(sealed) => {
                    let subject: Id<Subject> = row.read(5)?;
                    opened(query, &subject.to_string(), &exposure_context(field, subject), &sealed)?
                }
                None => Json::Null,
            };
        }
        told["goods"] = json!(row.opt_text(32)?);
        told["goods_name"] = json!(row.opt_read::<Id<Goods>>(32)?.and_then(|lot| lots.get(&lot)));
        told["surface"] = json!(row.opt_text(33)?);
        told["surface_name"] = json!(name_at(row, 33)?);
        Ok(told)
    });
    told.collect()
}

fn row_of(row: &Row, place_name: Option<String>, people: &BTreeMap<String, String>) -> Result<Json> {
    let said = |at: usize| Ok::<_, store::Error>(row.opt_int(at)?.map(|said| said != 0));
    let evidence = format!(
        "{}{}{}",
        row.text(18)?,
        row.opt_text(8)?.map(|place| format!(" {place}")).unwrap_or_default(),
        row.opt_text(6)?.map(|via| format!(" via {via}")).unwrap_or_default()
    );
    let mut told_row = json!({
        "id": row.text(0)?, "case": row.opt_text(1)?, "case_no": row.opt_text(2)?, "contact": row.text(3)?,
        "contact_no": row.text(4)?, "subject": row.text(5)?, "via": row.opt_text(6)?, "kind": row.text(7)?,
        "place": row.opt_text(8)?, "place_name": place_name, "from": told_minute(row.int(9)?),
        "to": told_minute(row.int(10)?), "minutes": row.opt_int(11)?, "metres": row.opt_real(12)?,
        "rows_apart": row.opt_int(13)?, "same_carriage": said(14)?, "indoors": said(15)?, "protected": said(16)?,
        "day_of_illness": row.opt_int(17)?, "found_by": row.text(18)?, "evidence": evidence,
        "territory": row.text(30)?, "event": row.opt_text(31)?, "at": told(row.int(29)?),
    });
    told_row["proposal"] = json!({
        "class": row.opt_text(21)?, "rule": row.opt_text(22)?, "because_zh": row.text(23)?, "because_en": row.text(24)?,
    });
    told_row["protocol"] = json!(row.text(19)?);
    told_row["pack"] = json!(row.text(20)?);
    told_row["class"] = json!(row.opt_text(25)?);
    told_row["rule"] = json!(row.opt_text(26)?);
    told_row["decided_by"] = json!(row.opt_text(27)?.and_then(|account| people.get(&account).cloned()));
    told_row["decided_at"] = json!(row.opt_int(28)?.map(told));
    Ok(told_row)
}
