//! A reporter's own sites: what is asked for now, what stands there already, and what was sent before.

use crate::regions::UTC_OFFSET_MINUTES;
use crate::surveillance::changes::recent_values;
use crate::surveillance::reach::{SITE_COLUMNS, SiteRecord};
use base::{Day, Moment};
use packs::Indicator;
use serde_json::{Value as Json, json};
use store::{Actor, Permission, Query, Result, params};
use surveillance::usual_range;

pub fn own_sites(query: &mut dyn Query, actor: &Actor, now: Moment) -> Result<Json> {
    actor.scope.demand(Permission::ReportsWrite)?;
    let today = now.day_at_offset(UTC_OFFSET_MINUTES);
    let sql = format!(
        "SELECT {SITE_COLUMNS} FROM surveillance_reporter r JOIN surveillance_site s ON s.id = r.site \
         WHERE r.account = $1 ORDER BY s.name, s.id"
    );
    let rows = query.rows(&sql, params![actor.person()])?;
    let mut sites = Vec::new();
    for row in &rows {
        let site = SiteRecord::of(row)?;
        if !actor.scope.reaches(&site.territory) || site.ended.is_some_and(|ended| ended < today - 31) {
            continue;
        }
        let mut indicators = Vec::new();
        for indicator in site.sends() {
            indicators.push(asked(query, &site, indicator, today)?);
        }
        sites.push(json!({ "id": site.id, "name": site.name, "kind": site.kind, "territory": site.territory,
                           "indicators": indicators }));
    }
    Ok(json!({ "today": today, "sites": sites }))
}

fn asked(query: &mut dyn Query, site: &SiteRecord, indicator: &Indicator, today: Day) -> Result<Json> {
    let (day, step) = (indicator.asked_for(today), indicator.cadence.days());
    let sql = "SELECT day, value, denominator, at FROM surveillance_report WHERE site = $1 AND day >= $2 AND indicator = $3 \
               ORDER BY day, seq";
    let mut sent = std::collections::BTreeMap::new();
    for row in query.rows(sql, params![site.id, day - 7 * step, &indicator.id])? {
        let known = (row.opt_real(1)?, row.opt_real(2)?, row.int(3)?);
        sent.insert(row.read::<Day>(0)?, known);
    }
    let history = recent_values(query, site.id, &indicator.id, day)?;
    let last7: Vec<Json> = (1..=7)
        .rev()
        .map(|back| day - back * step)
        .map(|day| json!({ "day": day, "value": sent.get(&day).and_then(|known| known.0) }))
        .collect();
    let silent = (1..=7).take_while(|back| !sent.contains_key(&(day - back * step))).count();
    Ok(json!({
        "id": indicator.id, "zh": indicator.zh, "en": indicator.en, "unit_zh": indicator.unit_zh, "unit_en": indicator.unit_en,
        "of": indicator.of, "whole": indicator.whole, "most": indicator.most, "cadence": indicator.cadence,
        "day": day, "due": indicator.due(day, UTC_OFFSET_MINUTES).to_string(),
        "reported": sent.get(&day).map(|(value, of, at)| json!({ "value": value, "of": of, "at": Moment(*at).to_string() })),
        "yesterday": sent.get(&(day - step)).and_then(|known| known.0),
        "yesterday_of": sent.get(&(day - step)).and_then(|known| known.1),
        "usual": usual_range(&history), "last7": last7,
        // Before its first report a site is new, not silent.
        "silent_days": if history.is_empty() { 0 } else { silent },
    }))
}
