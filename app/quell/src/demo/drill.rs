//! A round that is held now, as a drill: so that the board has a pace, the bench has tubes, and a post stands without a shift.

use super::SEED;
use super::posting::Posting;
use base::{Moment, Territory};
use rooms::lab::changes as lab;
use scenario::residents;
use serde_json::json;
use store::Db;

const HOUR: i64 = 3600;
const POOL: usize = 10;

pub(super) fn hold(db: &Db, county: &Territory) -> Result<(), String> {
    let posting = Posting::seeded(db, SEED);
    let now = rooms::House::clock();
    let opens = Moment(now.0 - now.0.rem_euclid(3_600_000)).plus_seconds(-3 * HOUR);
    let (campaign, round) = (posting.id("campaign", "drill"), posting.id("round", "drill"));
    let fields = json!({
        "campaign": campaign, "territory": county, "name": "演练：常规筛查 · Drill: a routine screening", "disease": "covid-19-delta",
        "ordered": "演练脚本 · script of the drill",
    });
    posting.send::<lab::PlanCampaign>(opens.plus_seconds(-2 * HOUR), "drill", fields)?;
    let fields = json!({
        "round": round, "campaign": campaign, "opens": opens, "deadline": opens.plus_seconds(24 * HOUR), "coverage_target": 0.95,
        "zones": [{ "territory": county, "class": "elsewhere", "population": 2_000, "pool_size": POOL }],
    });
    posting.send::<lab::OpenRound>(opens.plus_seconds(-HOUR), "drill", fields)?;
    let mut posts = Vec::new();
    for (at, name) in
        ["演练一点：东街 · Drill post 1: East street", "演练二点：西街 · Drill post 2: West street"]
            .into_iter()
            .enumerate()
    {
        let post = posting.id("post", &format!("drill {at}"));
        let fields = json!({
            "post": post, "campaign": campaign, "territory": county, "name": name, "desks": 3, "pool_size": POOL,
        });
        posting.send::<lab::OpenPost>(opens.plus_seconds(-HOUR), &format!("drill {at}"), fields)?;
        posts.push(post);
    }
    // The first post is staffed; the second one's samplers come later, so that somebody notices.
    for (no, post, from) in [("now", &posts[0], 0), ("later", &posts[1], 6)] {
        let fields = json!({
            "shift": posting.id("shift", no), "post": post, "begins": opens.plus_seconds(from * HOUR),
            "ends": opens.plus_seconds((from + 6) * HOUR), "desks": 3, "samplers": 3, "leader": "0412",
        });
        posting.send::<lab::PlanShift>(opens.plus_seconds(-HOUR), no, fields)?;
    }
    let fields = json!({
        "shortage": posting.id("shortage", "drill"), "round": round, "territory": county, "what": "tubes", "size": POOL,
        "needed": 200, "have": 120, "begins": now, "ends": opens.plus_seconds(24 * HOUR), "note": "演练 · drill",
    });
    posting.send::<lab::TellShortage>(now, "drill", fields)?;
    let people = residents(SEED, "drill", 600, county, now.day_at_offset(480));
    let tubes = posting.queue("YL-", &posts[0], POOL, &people, opens, (now.0 - opens.0) / 1000 - 600);
    posting.register(&tubes)?;
    let codes: Vec<String> = tubes.iter().map(|tube| tube.barcode.clone()).collect();
    posting.pack("YL-BOX1", &posts[0], &codes[..24], now.plus_seconds(-1500))?;
    posting.receive(&posting.id("laboratory", "1"), Some("YL-BOX1"), &codes[..24], now.plus_seconds(-900))?;
    posting.pack("YL-BOX2", &posts[0], &codes[24..40], now.plus_seconds(-600))
}
