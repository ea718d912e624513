//! May rounds end? What the edition's stop rule says of a campaign's rounds.

use crate::lab::Campaign;
use crate::lab::reach::{RoundRecord, Zone};
use crate::packed;
use crate::regions::UTC_OFFSET_MINUTES;
use base::{Id, Moment};
use lab::{AreaClass, AreaSeen, RoundSeen, judge_rounds};
use packs::StopRounds;
use serde_json::{Value as Json, json};
use store::{Query, Result, params};

/// Of those who read the whole of it; somebody below sees their own part and no advice for all. The edition is the one in force when
/// the last round began; `rule` and `advice` are null where it has no rule for ending rounds.
pub(super) fn advice(
    query: &mut dyn Query,
    campaign: Id<Campaign>,
    disease: &str,
    rounds: &[RoundRecord],
    now: Moment,
) -> Result<Json> {
    let last = rounds.last();
    let on = last.map_or(now, |round| round.opens).day_at_offset(UTC_OFFSET_MINUTES);
    let protocol = packed::protocols().for_disease(Some(disease), on);
    let edition = json!({ "id": protocol.id, "zh": protocol.zh, "en": protocol.en });
    let Some(stop) = protocol.zones.as_ref().and_then(|zones| zones.stop.as_ref()) else {
        return Ok(json!({ "campaign": campaign, "edition": edition, "rule": null, "advice": null }));
    };
    // Whoever orders a round may ask for more people than the edition, and not for fewer.
    let wanted = last.map_or(0.0, |round| round.coverage_target);
    let rule = StopRounds { coverage: stop.coverage.max(wanted), ..stop.clone() };
    let mut seen = Vec::with_capacity(rounds.len());
    for round in rounds {
        seen.push(look(query, round)?);
    }
    Ok(
        json!({ "campaign": campaign, "edition": edition, "rule": rule, "advice": judge_rounds(&seen, &rule, now) }),
    )
}

fn look(query: &mut dyn Query, round: &RoundRecord) -> Result<RoundSeen> {
    let mut seen = RoundSeen {
        round: u32::try_from(round.number).unwrap_or(0),
        began: round.opens,
        ended: round.ended,
        areas: Vec::new(),
        positives_community: 0,
        positives_under_care: 0,
        unresolved_tubes: 0,
    };
    for zone in &round.zones {
        let told = of_area(query, round, zone)?;
        seen.areas.push(told.seen);
        seen.positives_community += told.community;
        seen.positives_under_care += told.under_care;
        seen.unresolved_tubes += told.unresolved;
    }
    Ok(seen)
}

/// People found, and tubes of which somebody still waits. What the tube says now is not asked: of a result that was taken back its
/// people wait all the same. Those held are few and the tubes of a round are many: CROSS JOIN keeps SQLite at this order.
pub(super) const HELD: &str = "SELECT coalesce(cast(sum(CASE WHEN h.state = 'confirmed' THEN 1 ELSE 0 END) AS BIGINT), 0), \
                               count(DISTINCT CASE WHEN h.ended IS NULL THEN h.barcode END) \
                               FROM lab_hold h CROSS JOIN lab_tube t \
                               WHERE t.barcode = h.barcode AND t.round = $1 AND h.territory >= $2 AND h.territory < $3";

/// What a round came to in one of its areas.
pub(super) struct AreaTold {
    pub seen: AreaSeen,
    pub community: u64,
    pub under_care: u64,
    pub unresolved: u64,
}

pub(super) fn of_area(query: &mut dyn Query, round: &RoundRecord, zone: &Zone) -> Result<AreaTold> {
    let (first, past) = zone.territory.range();
    let with_result = query.count(
        "SELECT coalesce(cast(sum(reported_people) AS BIGINT), 0) FROM lab_count WHERE round = $1 \
         AND territory >= $2 AND territory < $3",
        params![round.id, first.as_str(), past.as_str()],
    )?;
    let held = query.first(HELD, params![round.id, first.as_str(), past.as_str()])?;
    let (positive, unresolved) =
        held.map_or(Ok((0, 0)), |row| Ok::<_, store::Error>((row.int(0)?, row.int(1)?)))?;
    let positive = positive.unsigned_abs();
    // Whoever is sampled in isolation was under care when they were found.
    let isolated = zone.class == AreaClass::Isolation;
    Ok(AreaTold {
        seen: AreaSeen {
            area: zone.territory.to_string(),
            people: u64::from(zone.population),
            with_result: with_result.unsigned_abs(),
        },
        community: if isolated { 0 } else { positive },
        under_care: if isolated { positive } else { 0 },
        unresolved: unresolved.unsigned_abs(),
    })
}
