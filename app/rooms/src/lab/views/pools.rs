//! What the pools of a round say of the prevalence in each zone, and which tube they advise for the next round.
//!
//! Deliberately absent: the arithmetic, which is `lab::advise`; and any order. Whoever opens the next round chooses.

use crate::lab::changes::AGAIN_WITHIN_S;
use crate::lab::reach::RoundRecord;
use crate::packed;
use crate::refuse::invalid;
use base::Territory;
use lab::{Assay, Households, LabError, PoolResult, Wishes, advise};
use serde_json::{Value as Json, json};
use store::{Query, Result, Scope, params};

/// Tubes there are.
const SIZES: [usize; 4] = [1, 5, 10, 20];
const LEVEL: f64 = 0.95;

/// Of each zone within reach of which something was reported. `value_of_hour`: what an hour for which one person is held is worth, in
/// tests.
pub(super) fn advised(
    query: &mut dyn Query,
    scope: &Scope,
    round: &RoundRecord,
    value_of_hour: f64,
) -> Result<Vec<Json>> {
    let owed = f64::from(packed::result_codes().owed_within_hours.value);
    let wishes = Wishes {
        price_of_test: 1.0,
        value_of_hour,
        // What the house itself promises: sampled again within hours, and a result within those that codes are lengthened for.
        hours_for_sample: AGAIN_WITHIN_S as f64 / 3_600.0 + owed,
        hours_for_reading: owed,
        least_sensitivity: 0.0,
        sizes: SIZES.to_vec(),
    };
    let wrong = |fault: LabError| {
        invalid("lab.plan", "value_of_hour", fault.to_string(), format!("方案参数有误：{fault}；请更正"))
    };
    // Swabs go into one tube, which thins nothing; what else a test misses is not known of this round.
    let assay = Assay::of(1.0, 1.0, None).map_err(wrong)?;
    let mut told = Vec::new();
    for zone in round.zones.iter().filter(|zone| scope.reaches(&zone.territory)) {
        let Some(seen) = seen_in(query, round, &zone.territory)? else { continue };
        let advice = advise(&[seen], &assay, Households::APART, &wishes, LEVEL).map_err(wrong)?;
        let offers: Vec<Json> = advice
            .sizes
            .iter()
            .map(|one| {
                json!({
                    "size": one.size, "tests": one.tests, "held": one.held, "hours_held": one.hours_held,
                    "cheapest": one.cheapest,
                })
            })
            .collect();
        told.push(json!({
            "territory": zone.territory, "pool_size": zone.pool_size, "seen_size": seen.size, "pools": seen.pools,
            "positive": seen.positive, "estimate": advice.prevalence.estimate, "low": advice.prevalence.low,
            "high": advice.prevalence.high, "size": advice.size, "offers": offers,
        }));
    }
    Ok(told)
}

/// Those held are few and the tubes of a round are many: CROSS JOIN keeps SQLite at this order, and does not go through a city's
/// tubes twice for each zone.
const AGAIN: &str = "SELECT count(*) FROM lab_hold h CROSS JOIN lab_tube t WHERE t.barcode = h.again AND t.round = $1 \
                     AND h.territory >= $2 AND h.territory < $3 AND t.reported IS NOT NULL";
const POSITIVE: &str = "SELECT count(DISTINCT h.barcode) FROM lab_hold h CROSS JOIN lab_tube t WHERE t.barcode = h.barcode \
                        AND t.round = $1 AND h.territory >= $2 AND h.territory < $3 AND t.result = 'positive' AND t.again IS NULL";

/// Reported tubes of a zone by their usual filling. Whoever was sampled again, alone, says nothing of those who are not held.
fn seen_in(query: &mut dyn Query, round: &RoundRecord, zone: &Territory) -> Result<Option<PoolResult>> {
    let (first, past) = zone.range();
    let mut count = |sql: &str| query.count(sql, params![round.id, &first, &past]);
    let mut sum = |column: &str| {
        count(&format!(
            "SELECT coalesce(cast(sum({column}) AS BIGINT), 0) FROM lab_count WHERE round = $1 AND territory >= $2 AND territory < $3"
        ))
    };
    let (tubes, people) = (sum("reported")?, sum("reported_people")?);
    let (again, positive) = (count(AGAIN)?, count(POSITIVE)?);
    let (tubes, people) = (tubes - again, people - again);
    if tubes <= 0 || people < tubes {
        return Ok(None);
    }
    let size = (people as f64 / tubes as f64).round() as usize;
    Ok(Some(PoolResult { size, pools: tubes.unsigned_abs(), positive: positive.min(tubes).unsigned_abs() }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lab::views::stop::HELD;
    use store::{Db, Place, random_bits};

    #[test]
    fn nobody_goes_through_the_tubes_of_a_city_to_find_the_few_who_are_held() {
        let folder = std::env::temp_dir().join(format!("quell-pools-{:032x}", random_bits()));
        let db = Db::open(Place::Folder(folder.clone()), crate::MIGRATIONS).expect("a new database");
        for asked in [AGAIN, POSITIVE, HELD] {
            let sql = format!("EXPLAIN QUERY PLAN {asked}");
            let steps = db.read_now(move |reader| reader.rows(&sql, params!["round", "140000", "150000"]));
            let steps: Vec<String> =
                steps.expect("a plan").iter().map(|row| row.text(3).expect("a step")).collect();
            let place = |table: &str| steps.iter().position(|step| step.starts_with(table));
            assert!(place("SEARCH h") < place("SEARCH t"), "{asked}: {steps:?}");
            assert!(place("SEARCH h").is_some(), "{asked}: {steps:?}");
            assert!(
                steps.iter().any(|step| step.starts_with("SEARCH t") && step.contains("barcode=?")),
                "{steps:?}"
            );
        }
        drop(db);
        std::fs::remove_dir_all(folder).expect("away with it");
    }
}
