//! A person's own log: who looked at them or wrote about them, when, for which purpose; by role and organisation, never by
//! name. Read from the journal, so nothing can be left out of it afterwards.

use crate::access::account_by_id;
use crate::cases::among;
use crate::cases::views::ids_about;
use crate::people::Subject;
use crate::people::open_identity::reason_context;
use crate::refuse::missing;
use crate::trace::fence::reason_of_opening;
use base::{Id, Moment, Territory};
use serde_json::{Value as Json, json};
use store::{Permission, Query, Result, Scope, Value, Vault, params};

pub fn access_log(query: &mut dyn Query, scope: &Scope, subject: Id<Subject>) -> Result<Json> {
    scope.demand(Permission::PrivacyOversee)?;
    let row = query.first("SELECT territory, erased FROM people_subject WHERE id = $1", params![subject])?;
    let row = row.ok_or_else(|| missing("person", "人员"))?;
    if !scope.territory.holds(&row.read::<Territory>(0)?) {
        return Err(missing("person", "人员"));
    }
    let erased = row.opt_int(1)?.map(|at| Moment(at).to_string());
    let ids = ids_about(query, subject)?;
    let params: Vec<Value> = ids.iter().map(Value::from).collect();
    let sql = format!(
        "SELECT DISTINCT j.seq, j.at, j.actor, j.change, j.purpose, j.body FROM journal_about a JOIN journal j ON j.seq = a.seq \
         WHERE a.record IN {} ORDER BY j.seq LIMIT 5000",
        among(ids.len())
    );
    let key = Vault::key_of(query, &subject.to_string())?;
    let mut rows = Vec::new();
    for row in query.rows(&sql, &params)? {
        let (actor, change) = (row.text(2)?, row.text(3)?);
        let body: Json = row.json(5)?;
        let looked = change == "open identity";
        let reason = body["reason"].as_str().filter(|_| looked).zip(key.as_ref());
        let reason =
            reason.and_then(|(sealed, key)| key.open::<String>(&reason_context(subject), sealed).ok());
        let reason = match reason {
            None if change == "open fence" => reason_of_opening(query, &body)?,
            reason => reason,
        };
        rows.push(json!({
            "row": row.int(0)?, "at": Moment(row.int(1)?).to_string(), "by": who(query, &actor)?,
            "did": deed(&change), "change": change, "reason": reason,
            // The purpose named for this look, or that of the session.
            "purpose": body["purpose"].as_str().map_or_else(|| row.text(4), |purpose| Ok(purpose.to_owned()))?,
        }));
    }
    Ok(json!({ "subject": subject, "erased": erased, "rows": rows }))
}

/// What a change means to the person it is about.
fn deed(change: &str) -> &'static str {
    match change {
        "open identity" | "open fence" => "looked",
        "export identities" => "exported",
        "erase people" => "erased",
        "ask second person" | "answer ask" => "asked",
        _ => "recorded",
    }
}

/// By role, organisation and territory.
pub fn who(query: &mut dyn Query, actor: &str) -> Result<Json> {
    let account = actor.split(' ').next().unwrap_or_default();
    Ok(match account_by_id(query, account)? {
        Some(account) => json!({
            "role": account.role, "organisation": account.organisation, "territory": account.territory,
        }),
        None => json!({ "role": actor, "organisation": null, "territory": "" }),
    })
}
