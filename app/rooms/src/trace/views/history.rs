//! Every version of one answer: who wrote what and when, and what became of it.

use super::interview_page::open_value;
use crate::access::http::{names, told};
use crate::trace::Interview;
use crate::trace::interview::interview_within;
use base::Id;
use serde_json::{Value as Json, json};
use store::{Permission, Query, Result, Scope, Vault, params};

pub fn history(query: &mut dyn Query, scope: &Scope, id: Id<Interview>, question: &str) -> Result<Json> {
    scope.demand(Permission::ContactsWrite)?;
    let interview = interview_within(query, scope, id)?;
    let key = Vault::key_of(query, &interview.subject.to_string())?;
    let sql = "SELECT seq, said, stands, based_on, merged, aside, at, by_whom FROM trace_answer \
               WHERE interview = $1 AND question = $2 ORDER BY seq DESC LIMIT 500";
    let rows = query.rows(sql, params![id, question])?;
    let people = names(query, rows.iter().map(|row| row.text(7)).collect::<Result<Vec<_>>>()?)?;
    let mut versions = Vec::with_capacity(rows.len());
    for row in &rows {
        let aside = match row.int(5)? {
            0 => Json::Null,
            1 => json!("open"),
            _ => json!("settled"),
        };
        versions.push(json!({
            "seq": row.int(0)?, "said": open_value(key.as_ref(), &interview, question, &row.text(1)?)?,
            "stands": open_value(key.as_ref(), &interview, question, &row.text(2)?)?, "based_on": row.int(3)?,
            "merged": row.int(4)? != 0, "aside": aside, "at": told(row.int(6)?), "by": people.get(&row.text(7)?),
        }));
    }
    Ok(json!({ "question": question, "versions": versions }))
}
