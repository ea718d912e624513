//! One tube, from the first swab to its report, without names.

use crate::lab::messages::told_of;
use crate::lab::people::Swab;
use crate::refuse::missing;
use base::Territory;
use serde_json::{Value as Json, json};
use store::{Permission, Query, Result, Scope, params};

/// A tube is seen by whoever reaches where it was filled, or the laboratory it was brought to.
pub fn tube(query: &mut dyn Query, scope: &Scope, barcode: &str) -> Result<Json> {
    if !scope.may(Permission::LabCollect) {
        scope.demand(Permission::LabRead)?;
    }
    let sql = "SELECT t.barcode, t.territory, t.round, t.post, t.kind, t.size, t.people, t.conflicts, t.sampled, t.closed, \
               t.registered, t.box, t.lab, t.received, t.rejected, t.run, t.well, t.result, t.called, t.reported, t.again, \
               l.territory, l.name, p.name FROM lab_tube t LEFT JOIN lab_laboratory l ON l.id = t.lab \
               LEFT JOIN lab_post p ON p.id = t.post WHERE t.barcode = $1";
    let row = query.first(sql, params![barcode])?.ok_or_else(|| missing("tube", "试管"))?;
    let territory: Territory = row.read(1)?;
    let laboratory: Option<Territory> = row.opt_read(21)?;
    if !scope.reaches(&territory) && !laboratory.is_some_and(|territory| scope.reaches(&territory)) {
        return Err(missing("tube", "试管"));
    }
    let people: Vec<Swab> = row.json(6)?;
    let people: Vec<Json> = people
        .iter()
        .map(|swab| json!({ "position": swab.position, "at": swab.at, "way": swab.way, "sheet": swab.sheet }))
        .collect();
    let conflicts: Json = match row.opt_text(7)? {
        Some(_) => row.json(7)?,
        None => json!([]),
    };
    let told = told_of(query, barcode)?;
    Ok(json!({
        "told": told, "tube": row.text(0)?, "territory": territory, "round": row.text(2)?, "post": row.text(3)?,
        "post_name": row.opt_text(23)?, "kind": row.text(4)?, "size": row.int(5)?, "people": people, "conflicts": conflicts,
        "sampled": row.int(8)?, "closed": row.int(9)?, "registered": row.int(10)?, "box": row.opt_text(11)?,
        "laboratory": row.opt_text(12)?, "laboratory_name": row.opt_text(22)?, "received": row.opt_int(13)?,
        "rejected": row.opt_text(14)?, "run": row.opt_text(15)?, "well": row.opt_text(16)?, "result": row.opt_text(17)?,
        "called": row.opt_int(18)?, "reported": row.opt_int(19)?, "again": row.opt_text(20)?,
    }))
}
