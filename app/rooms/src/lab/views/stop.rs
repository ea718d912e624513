//! May rounds end? What the stop rule says of a campaign's rounds.

use crate::lab::Campaign;
use crate::lab::reach::RoundRecord;
use base::{Id, Moment};
use lab::{AreaClass, AreaSeen, RoundSeen, StopRule, judge_rounds};
use serde_json::{Value as Json, json};
use store::{Query, Result, params};

/// Of those who read the whole of it; somebody below sees their own part and no advice for all.
pub(super) fn advice(
    query: &mut dyn Query,
    campaign: Id<Campaign>,
    rounds: &[RoundRecord],
    now: Moment,
) -> Result<Json> {
    let mut seen = Vec::with_capacity(rounds.len());
    for round in rounds {
        seen.push(look(query, round)?);
    }
    let coverage = rounds.last().map_or(StopRule::default().coverage, |round| round.coverage_target);
    let rule = StopRule { coverage, ..StopRule::default() };
    Ok(json!({ "campaign": campaign, "advice": judge_rounds(&seen, &rule, now) }))
}

fn look(query: &mut dyn Query, round: &RoundRecord) -> Result<RoundSeen> {
    let mut areas = Vec::new();
    let (mut community, mut under_care, mut unresolved) = (0, 0, 0);
    for zone in &round.zones {
        let (first, past) = zone.territory.range();
        let with_result = query.count(
            "SELECT coalesce(cast(sum(reported_people) AS BIGINT), 0) FROM lab_count WHERE round = $1 \
             AND territory >= $2 AND territory < $3",
            params![round.id, first.as_str(), past.as_str()],
        )?;
        areas.push(AreaSeen {
            area: zone.territory.to_string(),
            people: u64::from(zone.population),
            with_result: u64::try_from(with_result).unwrap_or(0),
        });
        let sql = "SELECT coalesce(cast(sum(CASE WHEN h.state = 'confirmed' THEN 1 ELSE 0 END) AS BIGINT), 0), \
                   coalesce(cast(sum(CASE WHEN h.ended IS NULL THEN 1 ELSE 0 END) AS BIGINT), 0) \
                   FROM lab_tube t JOIN lab_hold h ON h.barcode = t.barcode \
                   WHERE t.round = $1 AND t.territory >= $2 AND t.territory < $3 \
                   AND t.result IN ('positive', 'grey', 'single_target', 'invalid')";
        if let Some(row) = query.first(sql, params![round.id, first.as_str(), past.as_str()])? {
            let positive = u64::try_from(row.int(0)?).unwrap_or(0);
            // Whoever is sampled in isolation was under care when they were found.
            if zone.class == AreaClass::Isolation {
                under_care += positive
            } else {
                community += positive
            }
            unresolved += u64::try_from(row.int(1)?).unwrap_or(0);
        }
    }
    Ok(RoundSeen {
        round: u32::try_from(round.number).unwrap_or(0),
        began: round.opens,
        ended: round.ended,
        areas,
        positives_community: community,
        positives_under_care: under_care,
        unresolved_tubes: unresolved,
    })
}
