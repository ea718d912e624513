//! What a round would need, before anybody orders it, and whether its shifts are enough: nothing is kept of the question.

use crate::lab::Round;
use crate::lab::reach::{LABORATORY_COLUMNS, LaboratoryRecord, RoundRecord, ShiftRecord, round_within};
use crate::refuse::invalid;
use base::{Id, Moment};
use lab::{Have, LabOffer, Need, Pace, RoundPlan, StaffedHour, ZoneAsked, plan_round, staff_by_hour};
use serde::Deserialize;
use serde_json::{Value as Json, json};
use store::{Permission, Query, Result, Scope, params};

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlanAsked {
    #[serde(default)]
    pub zones: Vec<ZoneAsked>,
    /// As the third guide has it, when nothing is said.
    #[serde(default)]
    pub pace: Option<Pace>,
    #[serde(default)]
    pub labs: Vec<LabOffer>,
    #[serde(default)]
    pub have: Option<Have>,
    /// A round that was opened: its zones, hours and target, the laboratories within reach, and the shifts of its posts.
    #[serde(default)]
    pub round: Option<Id<Round>>,
    /// What an hour for which one person is held is worth, in tests: 0 when only tests count.
    #[serde(default)]
    pub value_of_hour: f64,
}

/// National census of 2020; of weight only where those who live together share a tube.
const HOUSEHOLD: f64 = 2.62;

pub fn plan(query: &mut dyn Query, scope: &Scope, asked: &PlanAsked) -> Result<Json> {
    scope.demand(Permission::LabRead)?;
    let mut asked = asked.clone();
    let mut pace = asked.pace.clone().unwrap_or_else(Pace::by_the_third_guide);
    let round = asked.round.map(|id| round_within(query, scope, id)).transpose()?;
    if let Some(round) = &round {
        of_round(query, scope, round, &mut asked, &mut pace)?;
    }
    let have = asked.have.clone().unwrap_or_default();
    let plan = plan_round(&asked.zones, &pace, &asked.labs, &have).map_err(|fault| {
        invalid("lab.plan", "zones", fault.to_string(), format!("方案参数有误：{fault}；请更正"))
    })?;
    let sources: Vec<Json> = plan
        .figures
        .iter()
        .map(|figure| json!({ "need": figure.need, "number": figure.number, "rule": figure.rule, "source": figure.rule.source() }))
        .collect();
    let (hours, pools) = match &round {
        Some(round) => (
            Some(staffed(query, scope, round, &plan, &pace)?),
            Some(super::pools::advised(query, scope, round, asked.value_of_hour)?),
        ),
        None => (None, None),
    };
    Ok(json!({ "plan": plan, "pace": pace, "figures": sources, "hours": hours, "pools": pools }))
}

fn of_round(
    query: &mut dyn Query,
    scope: &Scope,
    round: &RoundRecord,
    asked: &mut PlanAsked,
    pace: &mut Pace,
) -> Result<()> {
    pace.deadline_hours = (round.deadline.0 - round.opens.0) as f64 / 3_600_000.0;
    pace.coverage = round.coverage_target;
    if asked.zones.is_empty() {
        let reached = round.zones.iter().filter(|zone| scope.reaches(&zone.territory));
        asked.zones = reached
            .map(|zone| ZoneAsked {
                name: zone.territory.path().to_owned(),
                class: zone.class,
                people: u64::from(zone.population),
                alone: 0,
                household: HOUSEHOLD,
                prevalence: None,
                size: Some(zone.pool_size),
            })
            .collect();
    }
    if asked.labs.is_empty() {
        let (first, past) = scope.territory.range();
        let sql = format!(
            "SELECT {LABORATORY_COLUMNS} FROM lab_laboratory l WHERE l.territory >= $1 AND l.territory < $2 AND l.ended IS NULL \
             ORDER BY l.territory, l.name, l.id LIMIT 500"
        );
        for row in query.rows(&sql, params![first, past])? {
            let laboratory = LaboratoryRecord::of(&row)?;
            let tubes_per_day = u64::try_from(laboratory.capacity).unwrap_or(0);
            asked.labs.push(LabOffer { name: laboratory.name, tubes_per_day });
        }
    }
    Ok(())
}

/// Samplers that are needed at once, beside those of the shifts, in every hour in which people are sampled.
fn staffed(
    query: &mut dyn Query,
    scope: &Scope,
    round: &RoundRecord,
    plan: &RoundPlan,
    pace: &Pace,
) -> Result<Vec<StaffedHour>> {
    let (first, past) = super::round::seen(scope, &round.territory);
    let shifts: Vec<lab::Shift> =
        super::shifts::of_round(query, round, &first, &past)?.iter().map(ShiftRecord::thought).collect();
    let (from, until) = pace.sampling_window();
    let at = |hours: f64| Moment(round.opens.0 + (hours * 3_600_000.0) as i64);
    let samplers = plan.figures.iter().find(|figure| matches!(figure.need, Need::SamplersPerShift));
    Ok(staff_by_hour(&shifts, at(from), at(until), samplers.map_or(0, |figure| figure.number)))
}
