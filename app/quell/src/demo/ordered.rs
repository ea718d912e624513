//! Two orders of the drill of today, one in force and one that waits for the county, and two gatherings. Government and disease control
//! are different organisations, as the law asks.

use super::SEED;
use super::cast::Cast;
use super::posting::Posting;
use base::{Moment, Territory};
use rooms::control::measures::changes as measures;
use rooms::control::permits::changes as permits;
use serde_json::{Value, json};
use store::Db;

const HOUR: i64 = 3600;
const DAY: i64 = 24 * HOUR;

pub(super) fn order(db: &Db, cast: &Cast, county: &Territory) -> Result<(), String> {
    let posting = Posting::seeded(db, SEED);
    let now = rooms::House::clock();
    let ago = |seconds: i64| now.plus_seconds(-seconds);
    let limit = posting.id("measure", "limit");
    let terms = |measure: &str, kind: &str, starts: Moment, duties: Value| {
        json!({
            "measure": measure, "kind": kind, "article": "cn-idl-2025/emergency-measures", "government": county, "territory": county,
            "reason": "演练：麻疹输入病例 · drill: an imported measles case", "disease": "measles", "affected": 42_000, "starts": starts,
            "ends": starts.plus_seconds(10 * DAY), "lift": ["no_new_cases"], "duties": duties,
        })
    };
    let limited = terms(&limit, "limit_gatherings_1000", ago(2 * DAY), json!([]));
    posting.send_by::<measures::ProposeMeasure>(&cast.cdc, ago(2 * DAY + 6 * HOUR), "limit", limited)?;
    let agreed = json!({ "measure": limit, "agreed": true });
    posting.send_by::<measures::DecideMeasure>(&cast.county, ago(2 * DAY + 5 * HOUR), "limit", agreed)?;
    let named = json!({ "measure": limit });
    posting.send_by::<measures::ApproveMeasure>(
        &cast.prefecture,
        ago(2 * DAY + 3 * HOUR),
        "limit",
        named.clone(),
    )?;
    posting.send_by::<measures::AnnounceMeasure>(&cast.county, ago(2 * DAY + HOUR), "limit", named)?;
    let schools =
        terms(&posting.id("measure", "schools"), "close_schools", now.plus_seconds(DAY), json!(["lessons"]));
    posting.send_by::<measures::ProposeMeasure>(&cast.cdc, ago(HOUR), "schools", schools)?;

    for (no, title, people, days) in [
        ("fair", "演练：春季招聘会 · Drill: a job fair", 400, 6),
        ("wedding", "演练：婚宴 · Drill: a wedding", 120, 3),
    ] {
        let starts = now.plus_seconds(days * DAY);
        let asked = json!({
            "permit": posting.id("permit", no), "territory": county, "place": "钟楼饭店大厅", "title": title,
            "organiser": "钟楼饭店（虚构） · Bell Tower Hotel (invented)", "people": people, "starts": starts,
            "ends": starts.plus_seconds(4 * HOUR), "activity": "seated_talking",
            "indoors": { "floor_m2": 900.0, "height_m": 4.0, "air_changes": 5.0 },
            "duties": ["health_officer", "attendance_list", "air", "unwell_stay_away", "stop_when_told"],
        });
        posting.send::<permits::ApplyPermit>(ago(DAY), no, asked)?;
    }
    let granted = json!({ "permit": posting.id("permit", "wedding"), "granted": true });
    posting.send_by::<permits::DecidePermit>(&cast.county, ago(HOUR), "wedding", granted)
}
