//! The sample of a day as lines that leave the house: each restriction with the rows of the journal behind it, by number and hash.

use super::audit::{SampleAsked, day_asked, kept_sample};
use super::chain::{chain, rows_about};
use super::one::{appeals, article_of, verdict};
use crate::control::restrictions::record::kept_of;
use crate::refuse::missing;
use base::Moment;
use serde_json::json;
use store::{Actor, Permission, Query, Result};

/// NDJSON: the sample, then a line for each restriction within reach. `quell journal verify --rows` compares its hashes.
pub fn export(query: &mut dyn Query, actor: &Actor, asked: &SampleAsked, now: Moment) -> Result<String> {
    let scope = &actor.scope;
    scope.demand(Permission::RestrictAudit)?;
    let kept = kept_sample(query, day_asked(asked)?)?.ok_or_else(|| missing("sample", "抽样"))?;
    let mut lines = format!("{}\n", json!({ "sample": kept.told }));
    for id in &kept.picked {
        let Some(one) = kept_of(query, *id)? else { continue };
        if !one.is_shown_to(scope) {
            continue;
        }
        let state = one.state(query, now)?;
        let appeals = appeals(query, &one, false)?;
        let ids: Vec<String> =
            appeals.iter().filter_map(|appeal| appeal["id"].as_str().map(str::to_owned)).collect();
        let (restriction, evidence) = (one.id.to_string(), one.evidence.clone());
        let mut records = vec![restriction.as_str(), evidence.as_str()];
        records.extend(ids.iter().map(String::as_str));
        records.extend(one.index.as_deref());
        let parties: Vec<_> = std::iter::once(&one.course.proposer)
            .chain(one.course.approvals.iter().map(|(_, party)| party))
            .map(|party| party.accounts().collect::<Vec<_>>())
            .collect();
        let line = json!({
            "day": kept.day, "restriction": one.id, "territory": one.territory, "subject": one.subject,
            "kind": one.kind, "reason": one.reason, "article": article_of(&one), "pack": one.pack,
            "state": state.word(), "end": super::list::end_of(state), "proposed": one.course.proposed,
            "approved": one.course.approvals.iter().map(|(at, _)| at).collect::<Vec<_>>(),
            "begins": one.course.begins, "ends": one.course.ends, "ended": one.course.ended.map(|(at, _)| at),
            "told": one.told.as_ref().map(|(at, _)| at), "by": parties, "organisations": one.organisations,
            "evidence": chain(query, scope, &one, now)?, "appeals": appeals, "verdict": verdict(query, &one, false)?,
            "rows": rows_about(query, &records)?,
        });
        lines.push_str(&format!("{line}\n"));
    }
    Ok(lines)
}
