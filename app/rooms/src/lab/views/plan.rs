//! What a round would need, before anybody orders it: nothing is kept of the question.

use crate::refuse::invalid;
use lab::{Have, LabOffer, Pace, ZoneAsked, plan_round};
use serde::Deserialize;
use serde_json::{Value as Json, json};
use store::{Permission, Result, Scope};

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlanAsked {
    pub zones: Vec<ZoneAsked>,
    /// As the third guide has it, when nothing is said.
    #[serde(default)]
    pub pace: Option<Pace>,
    #[serde(default)]
    pub labs: Vec<LabOffer>,
    #[serde(default)]
    pub have: Option<Have>,
}

pub fn plan(scope: &Scope, asked: &PlanAsked) -> Result<Json> {
    scope.demand(Permission::LabRead)?;
    let pace = asked.pace.clone().unwrap_or_else(Pace::by_the_third_guide);
    let have = asked.have.clone().unwrap_or_default();
    let plan = plan_round(&asked.zones, &pace, &asked.labs, &have).map_err(|fault| {
        invalid("lab.plan", "zones", fault.to_string(), format!("方案参数有误：{fault}；请更正"))
    })?;
    let sources: Vec<Json> = plan
        .figures
        .iter()
        .map(|figure| json!({ "need": figure.need, "number": figure.number, "rule": figure.rule, "source": figure.rule.source() }))
        .collect();
    Ok(json!({ "plan": plan, "pace": pace, "figures": sources }))
}
