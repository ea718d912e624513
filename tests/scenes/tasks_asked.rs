//! How the tasks room's routes and writes are asked for, for the table of who may what.

use crate::access::Targets;
use crate::tasks::{Crew, crew_at};
use scenes::{TAIGU, Town, fresh};
use serde_json::{Value, json};

/// A team of Taigu, and a task that is nobody's yet, so that whoever works may take it.
pub(crate) struct Errands {
    pub crew: Crew,
    pub task: String,
    /// Somebody on a roster.
    pub worker: String,
}

pub(crate) async fn errands(town: &Town) -> Errands {
    let crew = crew_at(town, TAIGU).await;
    let task = crew.gives("post_notice", "", json!({})).await;
    let fields = crate::entry::enrolment("2022-02-20");
    let worker = fields["worker"].as_str().expect("an id").to_owned();
    crew.chief.change("enrol-worker", fields).await.ok();
    Errands { crew, task, worker }
}

impl Errands {
    pub fn ids(&self) -> Vec<String> {
        vec![self.task.clone(), self.crew.team.clone(), self.worker.clone()]
    }

    async fn another(&self) -> String {
        self.crew.gives("post_notice", "", json!({})).await
    }
}

pub(crate) fn of_tasks_routes(path: &str, targets: &Targets) -> Option<(String, Value)> {
    Some(match path {
        "/api/tasks/{id}" => (path.replace("{id}", &targets.errands.task), Value::Null),
        "/api/tasks"
        | "/api/tasks/way"
        | "/api/tasks/delivered"
        | "/api/tasks/overdue"
        | "/api/tasks/workers" => (format!("{path}?territory={TAIGU}"), Value::Null),
        "/api/rosters" | "/api/rosters/overdue" => (format!("{path}?territory={TAIGU}"), Value::Null),
        "/api/rosters/file" => {
            (format!("{path}?name=roster.csv"), json!("name,workplace,group\nAda,Market,dancer\n"))
        }
        "/api/tasks/done" => {
            let deed =
                json!({ "id": fresh("change"), "task": targets.errands.task, "did": "acknowledge", "at": 0 });
            (path.to_owned(), json!(format!("{deed}\n")))
        }
        _ => return None,
    })
}

pub(crate) async fn of_tasks(name: &str, targets: &Targets) -> Option<Value> {
    let errands = &targets.errands;
    let crew = &errands.crew;
    Some(match name {
        "open-task" => json!({ "task": fresh("task"), "territory": TAIGU, "kind": "other" }),
        "acknowledge-task" | "start-task" | "finish-task" => {
            json!({ "task": errands.another().await, "at": 0 })
        }
        "give-up-task" => json!({ "task": errands.another().await, "at": 0, "reason": "unsafe" }),
        "hand-over-task" => json!({ "task": errands.another().await, "to": crew.wang.account }),
        // Offered to somebody else, so whoever reaches it is told that it is not offered to them.
        "take-over-task" => json!({ "task": errands.task, "accepted": true }),
        "hand-back-task" => json!({ "task": errands.another().await, "reason": "unsafe" }),
        "assign-task" => json!({ "task": errands.another().await, "owner": crew.team }),
        "cancel-task" => json!({ "task": errands.another().await, "reason": "mistake" }),
        "form-team" => json!({
            "team": fresh("team"), "territory": TAIGU, "name": "Another", "lead": crew.lead.account,
            "members": [crew.li.account],
        }),
        "enrol-worker" => crate::entry::enrolment("2022-02-20"),
        "tell-worker-test" => json!({ "worker": errands.worker, "day": "2022-02-21" }),
        "set-loop" => json!({ "worker": errands.worker, "day": "2022-02-21", "in_loop": true }),
        "strike-worker" => {
            let fields = crate::entry::enrolment("2022-02-20");
            crew.chief.change("enrol-worker", fields.clone()).await.ok();
            json!({ "worker": fields["worker"], "day": "2022-02-21" })
        }
        "amend-team" => json!({ "team": crew.team, "name": "Bell Street" }),
        _ => return None,
    })
}
