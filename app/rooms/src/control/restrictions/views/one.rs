//! One restriction with everything that stands behind it, and no name.

use super::chain::chain;
use super::demand_reader;
use super::list::row_of;
use crate::access::account_by_id;
use crate::control::restrictions::Restriction;
use crate::control::restrictions::changes::opened;
use crate::control::restrictions::party::party_of;
use crate::control::restrictions::record::{Kept, restriction_within};
use crate::packed;
use base::{Id, Moment};
use control::Signatory;
use serde_json::{Value as Json, json};
use store::{Actor, Permission, Query, Result, params};

pub fn one(query: &mut dyn Query, actor: &Actor, id: Id<Restriction>, now: Moment) -> Result<Json> {
    demand_reader(&actor.scope)?;
    let kept = restriction_within(query, &actor.scope, id)?;
    let me = party_of(query, actor).ok();
    let mut told = row_of(query, actor, me.as_ref(), &kept, now)?;
    told["evidence"] = chain(query, &actor.scope, &kept, now)?;
    told["article"] = article_of(&kept);
    told["pack"] = json!(kept.pack);
    told["proposer"] = who(query, &kept.course.proposer, kept.organisations.first())?;
    let mut approvals = Vec::new();
    for (place, (at, party)) in kept.course.approvals.iter().enumerate() {
        let mut one = who(query, party, kept.organisations.get(place + 1))?;
        one["at"] = json!(at);
        approvals.push(one);
    }
    told["approved_by"] = json!(approvals);
    told["ended"] = json!(kept.course.ended.map(|(at, _)| at));
    told["ended_by"] = json!(kept.ended_by);
    told["end_told_how"] = json!(kept.end_told.as_ref().map(|(_, how)| how));
    told["told_how"] = json!(kept.told.as_ref().map(|(_, how)| how));
    // What was said about the person is for those who decide and those who look into it.
    let reads_words = [
        Permission::RestrictPropose,
        Permission::RestrictApprove,
        Permission::RestrictAppeal,
        Permission::RestrictAudit,
    ]
    .iter()
    .any(|permission| actor.scope.may(*permission));
    told["note"] =
        if reads_words { json!(opened(query, kept.subject, kept.note.as_deref())?) } else { Json::Null };
    told["appeals"] = json!(appeals(query, &kept, reads_words)?);
    told["verdict"] = verdict(query, &kept, reads_words)?;
    Ok(told)
}

pub(super) fn article_of(kept: &Kept) -> Json {
    let article = packed::restrictions().article(&kept.article);
    json!({ "id": kept.article, "zh": article.map(|one| &one.zh), "en": article.map(|one| &one.en) })
}

/// An account by name and role: colleagues see who decided.
fn who(query: &mut dyn Query, party: &Signatory, organisation: Option<&String>) -> Result<Json> {
    let mut accounts = Vec::new();
    for id in party.accounts() {
        let account = account_by_id(query, id)?;
        accounts.push(json!({
            "id": id, "name": account.as_ref().map(|one| &one.name), "role": account.as_ref().map(|one| &one.role),
        }));
    }
    Ok(json!({ "accounts": accounts, "organisation": organisation }))
}

pub(super) fn appeals(query: &mut dyn Query, kept: &Kept, words: bool) -> Result<Vec<Json>> {
    let rows = query.rows(
        "SELECT id, made, due, how, words, escalated, decided, won, decider_org, reason FROM control_restriction_appeal \
         WHERE restriction = $1 ORDER BY made, id",
        params![kept.id],
    )?;
    let mut told = Vec::new();
    for row in &rows {
        let (said, answer) = (row.opt_text(4)?, row.opt_text(9)?);
        told.push(json!({
            "id": row.text(0)?, "made": row.int(1)?, "due": row.int(2)?, "how": row.text(3)?,
            // Whoever may not read them is told so, and not that they are gone.
            "shown": words,
            "words": if words { opened(query, kept.subject, said.as_deref())? } else { None },
            "escalated": row.opt_int(5)?, "decided": row.opt_int(6)?, "won": row.opt_int(7)?.map(|won| won != 0),
            "decider": row.opt_text(8)?,
            "answer": if words { opened(query, kept.subject, answer.as_deref())? } else { None },
        }));
    }
    Ok(told)
}

pub(super) fn verdict(query: &mut dyn Query, kept: &Kept, words: bool) -> Result<Json> {
    let sql = "SELECT sound, reason, at FROM control_restriction_verdict WHERE restriction = $1";
    let Some(row) = query.first(sql, params![kept.id])? else { return Ok(Json::Null) };
    let reason = row.opt_text(1)?;
    Ok(json!({
        "sound": row.int(0)? != 0, "at": row.int(2)?,
        "reason": if words { opened(query, kept.subject, reason.as_deref())? } else { None },
    }))
}
