//! One task with everything that was done with it, and the pack's kinds.

use super::row::{Known, told_row, whom};
use crate::packed;
use crate::tasks::Task;
use crate::tasks::inside::{knows, proof_of};
use crate::tasks::owner::{hands_of, teams_of};
use crate::tasks::record::task_within;
use base::{Id, Moment};
use serde_json::{Value as Json, json};
use store::{Actor, Permission, Query, Result, Scope, params};

pub fn task(query: &mut dyn Query, actor: &Actor, id: Id<Task>, now: Moment) -> Result<Json> {
    let scope = &actor.scope;
    if !scope.may(Permission::TasksWork) {
        scope.demand(Permission::TasksRead)?;
    }
    let record = task_within(query, scope, id)?;
    let mut theirs = false;
    for hand in hands_of(actor) {
        let teams = teams_of(query, hand)?;
        let named =
            [Some(&record.owner), record.team.as_ref(), record.offered_to.as_ref(), record.ended_by.as_ref()];
        theirs |= named.into_iter().flatten().any(|one| one == hand || teams.contains(one));
    }
    // Of a colleague's task, whoever only works on tasks sees nothing.
    if !theirs && !scope.may(Permission::TasksRead) && !record.owner.is_empty() {
        return Err(crate::refuse::missing("task", "任务"));
    }
    let sql =
        "SELECT at, what, by_whom, to_whom, reason FROM tasks_step WHERE task = $1 ORDER BY number LIMIT 500";
    let steps = query.rows(sql, params![id])?;
    let mut people = whom(std::slice::from_ref(&record));
    for row in &steps {
        people.push(row.text(2)?);
        people.extend(row.opt_text(3)?.filter(|whom| !whom.starts_with("at:")));
    }
    let known = Known::of(query, people)?;
    let mut told = told_row(query, scope, &record, &known, now)?;
    let steps: Vec<Json> = steps
        .iter()
        .map(|row| {
            let (by, to) = (row.text(2)?, row.opt_text(3)?);
            let to_name = to.as_deref().and_then(|to| known.name(to));
            Ok(json!({
                "at": row.int(0)?, "what": row.text(1)?, "by": by, "by_name": known.name(&by), "to": to,
                "to_name": to_name, "reason": row.opt_text(4)?,
            }))
        })
        .collect::<Result<_>>()?;
    let shows_proof = (theirs || scope.may(Permission::TasksManage)) && knows(query, scope, &record)?;
    let proof = if shows_proof { proof_of(query, &record)? } else { None };
    told["steps"] = json!(steps);
    told["given_by_name"] = json!(known.name(&record.by_whom));
    told["heard"] = json!(record.heard);
    told["has_proof"] = json!(record.proof.is_some());
    told["proof"] = json!(proof);
    told["now"] = json!(now);
    told["may"] = json!({
        "manage": scope.may(Permission::TasksManage), "work": scope.may(Permission::TasksWork) && (theirs || record.owner.is_empty()),
    });
    Ok(told)
}

/// Kinds with their hours and questions, and the reasons for which a task may not be done.
pub fn pack(scope: &Scope) -> Result<Json> {
    if !scope.may(Permission::TasksWork) {
        scope.demand(Permission::TasksRead)?;
    }
    let pack = packed::tasks();
    Ok(
        json!({ "version": pack.version, "kinds": pack.kinds, "reasons": pack.reasons, "ladder": pack.ladder }),
    )
}
