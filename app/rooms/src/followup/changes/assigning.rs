//! Who looks after whom, on which round.

use super::{open_course, place_of_all};
use crate::access::http::names;
use crate::followup::Course;
use crate::followup::errands::hand_errands;
use crate::refuse::invalid;
use base::{Id, Territory};
use serde::{Deserialize, Serialize};
use store::{Basis, Change, Permission, Result, Sent, Tx, params};

/// People are given to a worker and to a round; an empty worker leaves them to whoever comes.
#[derive(Debug, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AssignFollowUp {
    pub id: Id<Sent>,
    pub courses: Vec<Id<Course>>,
    #[serde(default)]
    pub worker: Option<String>,
    #[serde(default)]
    pub route: Option<String>,
}

impl Change for AssignFollowUp {
    const NAME: &'static str = "assign follow up";
    const NEEDS: Permission = Permission::FollowupWrite;
    const BASIS: Basis = Basis::OutbreakResponse;
    type Out = ();

    fn id(&self) -> Id<Sent> {
        self.id
    }
    fn territory(&self, tx: &mut Tx<'_>) -> Result<Territory> {
        place_of_all(tx, &self.courses)
    }
    fn about(&self) -> Vec<String> {
        self.courses.iter().map(Id::to_string).collect()
    }

    fn apply(&self, tx: &mut Tx<'_>) -> Result<()> {
        demand_worker(tx, self.worker.as_deref())?;
        demand_route(self.route.as_deref())?;
        let at = tx.at;
        for course in &self.courses {
            let record = open_course(tx, *course)?;
            tx.run(
                "UPDATE followup_course SET worker = nullif(coalesce($2, worker), ''), route = coalesce($3, route), changed = $4 WHERE id = $1",
                params![*course, self.worker.as_deref(), self.route.as_deref().map(str::trim), at],
            )?;
            if let Some(worker) = &self.worker {
                hand_errands(tx, &record, worker)?;
            }
        }
        Ok(())
    }
}

pub(super) fn demand_worker(tx: &mut Tx<'_>, worker: Option<&str>) -> Result<()> {
    let Some(worker) = worker.filter(|worker| !worker.is_empty()) else { return Ok(()) };
    let known = names(tx, [worker.to_owned()])?;
    // An account that is not there is told by its own id.
    if known.get(worker).is_none_or(|name| name == worker) {
        return Err(invalid(
            "followup.worker",
            "worker",
            "there is no such account; choose somebody who has one",
            "没有该账号；请选择已有账号的人员",
        ));
    }
    Ok(())
}

pub(super) fn demand_route(route: Option<&str>) -> Result<()> {
    if route.is_some_and(|route| route.chars().count() > 60) {
        return Err(invalid(
            "followup.route",
            "route",
            "a round is named in at most 60 letters, such as Building 4, stairwell 2",
            "走访路线名称不超过 60 字，例如“4号楼2单元”",
        ));
    }
    Ok(())
}
