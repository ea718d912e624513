//! Every new positive re-opens that person's earlier negatives: which tube, laboratory and run said so.

use crate::lab::people::Swab;
use crate::refuse::missing;
use base::Territory;
use serde::Deserialize;
use serde_json::{Value as Json, json};
use store::{Permission, Query, Result, Scope, params};

#[derive(Debug, Clone, Deserialize, schemars::JsonSchema)]
pub struct LookBackAsked {
    pub tube: String,
    pub position: u8,
}

const MOST: i64 = 60;

/// Tubes in which somebody's swab was before, newest first. Whoever looks reaches the tube it begins with; of the earlier ones
/// the answer tells laboratory and run and no person, wherever they were.
pub fn look_back(query: &mut dyn Query, scope: &Scope, asked: &LookBackAsked) -> Result<Json> {
    scope.demand(Permission::LabRead)?;
    let sql = "SELECT seq, territory, people, closed FROM lab_tube WHERE barcode = $1";
    let found = query.first(sql, params![&asked.tube])?.ok_or_else(|| missing("tube", "试管"))?;
    if !scope.reaches(&found.read::<Territory>(1)?) {
        return Err(missing("tube", "试管"));
    }
    let people: Vec<Swab> = found.json(2)?;
    let swab = people.iter().find(|swab| swab.position == asked.position);
    let swab = swab.ok_or_else(|| missing("place in this tube", "管内位置"))?;
    let mut rows: Vec<Json> = Vec::new();
    for (who, _) in swab.known_by() {
        let sql = "SELECT DISTINCT t.barcode, t.closed, t.size, t.filled, t.lab, l.name, t.run, t.well, t.box, t.result, t.reported, \
                   r.file, t.received FROM lab_layer y JOIN lab_swab s ON s.layer = y.layer JOIN lab_tube t ON t.seq = s.tube \
                   LEFT JOIN lab_laboratory l ON l.id = t.lab LEFT JOIN lab_run r ON r.id = t.run \
                   WHERE s.who = $1 AND t.closed < $2 ORDER BY t.closed DESC LIMIT $3";
        for row in query.rows(sql, params![who, found.int(3)?, MOST])? {
            let tube = row.text(0)?;
            if rows.iter().any(|known| known["tube"] == json!(tube)) {
                continue;
            }
            rows.push(json!({
                "tube": tube, "closed": row.int(1)?, "size": row.int(2)?, "people": row.int(3)?,
                "laboratory": row.opt_text(4)?, "laboratory_name": row.opt_text(5)?, "run": row.opt_text(6)?,
                "well": row.opt_text(7)?, "box": row.opt_text(8)?, "result": row.opt_text(9)?, "reported": row.opt_int(10)?,
                "file": row.opt_text(11)?, "received": row.opt_int(12)?,
            }));
        }
    }
    rows.sort_by_key(|row| std::cmp::Reverse(row["closed"].as_i64()));
    Ok(json!({ "tube": asked.tube, "position": asked.position, "rows": rows }))
}
