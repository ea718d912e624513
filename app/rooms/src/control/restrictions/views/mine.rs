//! What the person reads: what applies to them, why in the words of the rule, since when, until when, who decided, and their appeal.
//! Nothing of anybody else: neither the case behind it, nor who works there.

use super::list::end_of;
use super::one::appeals;
use super::one::article_of;
use crate::control::restrictions::Restriction;
use crate::control::restrictions::record::{COLUMNS, Kept, restriction_within};
use crate::control::restrictions::refusals::unfit;
use crate::control::restrictions::secret::known_by;
use crate::packed;
use base::{Id, Moment};
use control::{RestrictionState, Unfit};
use serde_json::{Value as Json, json};
use store::{Permission, Query, Result, Scope, params};

/// More than anybody is restricted in a life.
const MOST: i64 = 100;

/// The restriction a secret was given with. A proposal has told nobody anything: it is not there.
pub(in crate::control::restrictions) fn of_secret(
    query: &mut dyn Query,
    secret: &str,
) -> Result<Option<Kept>> {
    let sql = format!("SELECT {COLUMNS} FROM control_restriction r WHERE r.holder = $1");
    let kept = query.first(&sql, params![known_by(secret)])?.as_ref().map(Kept::of).transpose()?;
    Ok(kept.filter(|kept| kept.approved().is_some()))
}

/// Everything that restricts or restricted this person, the newest first. A secret nobody gave finds nothing.
pub fn mine(query: &mut dyn Query, secret: &str, now: Moment) -> Result<Json> {
    let pack = packed::restrictions();
    let clocks = json!({ "appeal_hours": pack.appeals.hours, "undecided": pack.appeals.undecided });
    let Some(given) = of_secret(query, secret)? else {
        return Ok(json!({ "at": now, "restrictions": [], "clocks": clocks }));
    };
    let sql = format!(
        "SELECT {COLUMNS} FROM control_restriction r WHERE r.subject = $1 AND r.second_at IS NOT NULL \
         ORDER BY r.second_at DESC, r.id LIMIT $2"
    );
    let mut told = Vec::new();
    for row in query.rows(&sql, params![given.subject, MOST])? {
        told.push(told_to_person(query, &Kept::of(&row)?, now)?);
    }
    Ok(json!({ "at": now, "restrictions": told, "clocks": clocks }))
}

fn told_to_person(query: &mut dyn Query, kept: &Kept, now: Moment) -> Result<Json> {
    let mut told = words(query, kept, now)?;
    told["appeals"] = json!(
        appeals(query, kept, true)?
            .into_iter()
            .map(|one| {
                json!({
                    "made": one["made"], "due": one["due"], "decided": one["decided"], "won": one["won"],
                    "words": one["words"], "answer": one["answer"], "decider": one["decider"],
                    "escalated": one["escalated"],
                })
            })
            .collect::<Vec<_>>()
    );
    Ok(told)
}

/// The words of the notice; the same on paper and on the page.
fn words(query: &mut dyn Query, kept: &Kept, now: Moment) -> Result<Json> {
    let pack = packed::restrictions();
    let (kind, reason) = (pack.kind(kept.kind), pack.reason(kept.reason));
    let state = kept.state(query, now)?;
    let open =
        matches!(state, RestrictionState::InForce | RestrictionState::Upcoming | RestrictionState::Suspended);
    let mut organisations: Vec<&String> = kept.organisations.iter().collect();
    organisations.dedup();
    Ok(json!({
        "id": kept.id, "state": state.word(), "end": end_of(state), "ended": kept.course.ended.map(|(at, _)| at),
        "kind": { "id": kept.kind, "zh": kind.zh, "en": kind.en },
        "says": { "zh": kind.says_zh, "en": kind.says_en },
        "why": { "zh": reason.rule_zh, "en": reason.rule_en },
        "article": article_of(kept),
        "since": kept.since(), "until": kept.course.ends, "decided_by": organisations,
        "may_appeal": open && kept.course.appeal_due.is_none(),
    }))
}

/// The notice for whoever delivers it: the same words, without a name, for they write it on the envelope.
pub fn notice(query: &mut dyn Query, scope: &Scope, id: Id<Restriction>, now: Moment) -> Result<Json> {
    scope.demand(Permission::ContactsWrite)?;
    let kept = restriction_within(query, scope, id)?;
    if kept.approved().is_none() {
        return Err(unfit(Unfit::NotApproved));
    }
    let mut told = words(query, &kept, now)?;
    told["territory"] = json!(kept.territory);
    told["appeal_hours"] = json!(packed::restrictions().appeals.hours);
    Ok(told)
}
