//! The laboratories of a round beside each other: who finds more or fewer than the others, who is late, who is faster than a machine,
//! who reports more than it declared. Where somebody goes first, not proof.

use crate::lab::Round;
use crate::lab::reach::round_within;
use crate::packed;
use base::{Id, Moment};
use lab::{Declared, Tally, compare_laboratories, over_capacity, turnaround};
use serde_json::{Value as Json, json};
use std::collections::BTreeMap;
use store::{Permission, Query, Result, Scope, params};

/// At most one honest set of laboratories in twenty has anybody who stands out.
const LEVEL: f64 = 0.05;

struct Seen {
    id: String,
    name: String,
    report_hours: i64,
    times: Vec<(Moment, Moment)>,
}

pub fn round_laboratories(query: &mut dyn Query, scope: &Scope, id: Id<Round>, now: Moment) -> Result<Json> {
    scope.demand(Permission::LabRead)?;
    let round = round_within(query, scope, id)?;
    let (first, past) =
        if scope.reaches(&round.territory) { round.territory.range() } else { scope.territory.range() };
    let mut seen: Vec<Seen> = Vec::new();
    let mut declared: Vec<Declared> = Vec::new();
    let sql = "SELECT DISTINCT l.id, l.name, l.capacity, l.report_hours FROM lab_tube t JOIN lab_laboratory l ON l.id = t.lab \
               WHERE t.round = $1 AND t.territory >= $2 AND t.territory < $3 ORDER BY l.name, l.id";
    for row in query.rows(sql, params![id, first.as_str(), past.as_str()])? {
        let per_day = u64::try_from(row.int(2)?).unwrap_or(0);
        declared.push(Declared { lab: seen.len() as u32, per_hour: per_day.div_ceil(24), per_day });
        seen.push(Seen {
            id: row.text(0)?,
            name: row.text(1)?,
            report_hours: row.int(3)?,
            times: Vec::new(),
        });
    }
    let number: BTreeMap<String, u32> = seen.iter().zip(0..).map(|(one, at)| (one.id.clone(), at)).collect();
    let mut strata: BTreeMap<(String, i64), u32> = BTreeMap::new();
    let mut tallies: BTreeMap<(u32, u32), (u64, u64)> = BTreeMap::new();
    let mut reports: Vec<(u32, Moment)> = Vec::new();
    let sql = "SELECT lab, territory, size, received, reported, result FROM lab_tube WHERE round = $1 AND territory >= $2 \
               AND territory < $3 AND reported IS NOT NULL ORDER BY territory, seq";
    query.each(sql, params![id, first.as_str(), past.as_str()], &mut |row| {
        let Some(lab) = number.get(&row.text(0)?).copied() else { return Ok(()) };
        let next = strata.len() as u32;
        let stratum = *strata.entry((row.text(1)?, row.int(2)?)).or_insert(next);
        let (received, reported) = (Moment(row.int(3)?), Moment(row.int(4)?));
        let tally = tallies.entry((lab, stratum)).or_default();
        tally.0 += 1;
        tally.1 += u64::from(matches!(row.text(5)?.as_str(), "positive" | "grey" | "single_target"));
        seen[lab as usize].times.push((received, reported));
        reports.push((lab, reported));
        Ok(())
    })?;
    let tallies: Vec<Tally> = tallies
        .into_iter()
        .map(|((lab, stratum), (results, with))| Tally { lab, stratum, results, with })
        .collect();
    // The shortest of all assays: sooner than any machine measures.
    let shortest = packed::assays().iter().map(|assay| i64::from(assay.shortest_minutes.value) * 60).min();
    let over = over_capacity(&reports, &declared);
    let rows: Vec<Json> = compare_laboratories(&tallies, LEVEL)
        .iter()
        .map(|standing| {
            let one = &seen[standing.lab as usize];
            let times = turnaround(one.times.iter().copied(), one.report_hours * 3600, shortest.unwrap_or(0));
            let over: Vec<_> = over.iter().filter(|over| over.lab == standing.lab).take(48).collect();
            json!({
                "laboratory": one.id, "name": one.name, "signals": standing, "turnaround": times, "over_capacity": over,
            })
        })
        .collect();
    Ok(json!({ "now": now, "round": id, "level": LEVEL, "rows": rows }))
}
