//! How the testing room's routes and writes are asked for, for the table of who may what.

use crate::access::Targets;
use crate::lab_messages::{DETECTED, told};
use crate::lab_tubes::{Screening, open_round, screening_in};
use scenes::{TAIGU, Town, fresh};
use serde_json::{Value, json};

/// A screening of Taigu with a tube that holds people, and a run that was reported.
pub(crate) struct Testing {
    pub day: Screening,
    pub held: String,
    pub run: String,
}

pub(crate) async fn testing(town: &Town) -> Testing {
    let day = screening_in(town, TAIGU).await;
    let held = barcode();
    day.sends(&[day.tube(&held, 0, 2)]).await;
    day.receives(&[&held]).await;
    let run = day.plates(&[&held]).await;
    day.reads(&run, &[], &[("A1", 30.0)]).await;
    let colleague = town.person("laboratory", TAIGU).await;
    colleague.change("call-well", json!({ "run": run, "well": "A1", "call": "positive" })).await.ok();
    day.lab.change("report-run", json!({ "run": run })).await.ok();
    Testing { day, held, run }
}

impl Testing {
    pub fn ids(&self) -> Vec<String> {
        let Screening { campaign, round, post, laboratory, .. } = &self.day;
        [campaign, round, post, laboratory, &self.run].into_iter().cloned().collect()
    }
}

fn barcode() -> String {
    format!("T-{}", fresh("x")[2..].to_uppercase())
}

pub(crate) async fn of_testing_routes(path: &str, targets: &Targets) -> Option<(String, Value)> {
    let Testing { day, held, run } = &targets.testing;
    Some(match path {
        "/api/changes/register-tube" => (path.to_owned(), day.tube(&barcode(), 50, 2)),
        "/api/lab/tubes" => (path.to_owned(), json!(format!("{}\n", day.tube(&barcode(), 60, 2)))),
        "/api/lab/tubes/{barcode}" => (path.replace("{barcode}", held), Value::Null),
        "/api/lab/campaigns/{id}" => (path.replace("{id}", &day.campaign), Value::Null),
        "/api/lab/rounds/{id}" | "/api/lab/rounds/{id}/reconcile" => {
            (path.replace("{id}", &day.round), Value::Null)
        }
        "/api/lab/bench" | "/api/lab/runs" => (format!("{path}?laboratory={}", day.laboratory), Value::Null),
        "/api/lab/runs/{id}" => (path.replace("{id}", run), Value::Null),
        "/api/lab/rounds/{id}/laboratories" => (path.replace("{id}", &day.round), Value::Null),
        "/api/lab/plan" => (
            path.to_owned(),
            json!({ "zones": [{ "name": "Taigu", "class": "precaution", "people": 296_000, "alone": 0, "household": 2.6 }] }),
        ),
        "/api/lab/runs/{id}/file" => {
            let run = plated(day).await;
            (format!("{}?name=night.csv", path.replace("{id}", &run)), json!("well,target,ct\nA1,ORF1ab,\n"))
        }
        "/api/lab/look-back" => (format!("{path}?tube={held}&position=1"), Value::Null),
        "/api/public/results" => (path.to_owned(), json!({ "secrets": ["nobody's"] })),
        "/api/lab/messages" => {
            (format!("{path}?laboratory={}", day.laboratory), json!(about_a_tube(day, held)))
        }
        "/api/lab/outside/{report}/open" => {
            let report = outside(day).await;
            (path.replace("{report}", &report), json!({ "purpose": "follow_up", "reason": "the call back" }))
        }
        "/api/lab/outside/{report}/report" => {
            let report = outside(day).await;
            let fields = json!({
                "id": fresh("change"), "case": fresh("case"), "subject": fresh("subject"), "territory": TAIGU,
            });
            (path.replace("{report}", &report), fields)
        }
        "/api/lab/runs/{id}/messages" => (format!("{}?format=hl7", path.replace("{id}", run)), Value::Null),
        "/api/lab/holds/names" => {
            (path.to_owned(), json!({ "tube": held, "purpose": "follow_up", "reason": "the call back" }))
        }
        _ => return None,
    })
}

pub(crate) async fn of_testing(name: &str, targets: &Targets) -> Option<Value> {
    let Testing { day, held, .. } = &targets.testing;
    Some(match name {
        "plan-campaign" => json!({
            "campaign": fresh("campaign"), "territory": TAIGU, "name": "Another", "disease": "covid-19-delta",
            "ordered": "order 4",
        }),
        "end-campaign" => json!({ "campaign": another_campaign(targets).await }),
        "open-round" => open_round(&day.campaign, &fresh("round"), day.now),
        "end-round" => {
            let (campaign, round) = (another_campaign(targets).await, fresh("round"));
            day.zhang.change("open-round", open_round(&campaign, &round, day.now)).await.ok();
            json!({ "round": round })
        }
        "open-post" => json!({
            "post": fresh("post"), "campaign": day.campaign, "territory": TAIGU, "name": "Another", "desks": 1,
            "pool_size": 5,
        }),
        "close-post" => {
            let post = fresh("post");
            let fields = json!({
                "post": post, "campaign": day.campaign, "territory": TAIGU, "name": "Another", "desks": 1, "pool_size": 5,
            });
            day.zhang.change("open-post", fields).await.ok();
            json!({ "post": post })
        }
        "register-laboratory" => json!({
            "laboratory": fresh("laboratory"), "territory": TAIGU, "name": "Another", "capacity": 9, "report_hours": 6,
        }),
        "amend-laboratory" => json!({ "laboratory": day.laboratory, "capacity": 40_000 }),
        "pack-box" => json!({ "box": barcode(), "post": day.post, "tubes": [held], "packed": day.now }),
        "hand-over-box" => {
            let code = barcode();
            let fields = json!({ "box": code, "post": day.post, "tubes": [held], "packed": day.now });
            day.sampler.change("pack-box", fields).await.ok();
            json!({ "box": code, "at": day.now, "count": 1, "courier": "Old Li" })
        }
        "receive-tubes" => json!({ "laboratory": day.laboratory, "tubes": [received(day).await] }),
        "fill-plate" => day.plate(&fresh("run"), &[&received(day).await]),
        "void-run" => json!({ "run": plated(day).await, "reason": "the plate fell" }),
        "read-run" => {
            let cycles = json!([{ "well": "A1", "target": "ORF1ab" }]);
            json!({ "run": plated(day).await, "file": "night.csv", "cycles": cycles })
        }
        "call-well" => {
            let run = plated(day).await;
            day.reads(&run, &["A1"], &[]).await;
            json!({ "run": run, "well": "A1", "call": "negative" })
        }
        "report-run" => {
            let run = plated(day).await;
            day.reads(&run, &["A1"], &[]).await;
            json!({ "run": run })
        }
        "tell-hold" => json!({ "tube": held, "position": 1 }),
        "map-lab-code" => json!({
            "laboratory": day.laboratory, "kind": "test", "system": "urn:x-hl7v2:99NORTH", "code": unknown_code(day).await,
            "means": "cycles",
        }),
        "settle-report" => json!({ "report": unrun(day).await, "stands": false, "reason": "another tube" }),
        "link-outside" => {
            let report: i64 = outside(day).await.parse().expect("a number");
            json!({ "report": report, "case": targets.case.id })
        }
        // For whoever looks after the whole house; nobody of Taigu does.
        "switch-feature" => {
            json!({ "feature": "planning", "off": true, "reason": "a peak", "ends": day.now + 3_600_000 })
        }
        "end-switch" => json!({ "feature": "planning" }),
        "record-outage" => outage(day),
        "end-outage" => json!({ "outage": recorded(day).await, "until": day.now }),
        "withdraw-outage" => json!({ "outage": recorded(day).await }),
        _ => return None,
    })
}

/// A message about a tube of which something is known already: it decides nothing.
fn about_a_tube(day: &Screening, tube: &str) -> String {
    told(day, tube, DETECTED).text()
}

/// A report about somebody in no tube.
async fn outside(day: &Screening) -> String {
    let mut told = told(day, &barcode(), DETECTED);
    told.patient = Some("P-1^^^NORTH^PI||Somebody^Invented");
    day.one(&told).await;
    let mut path = "/api/lab/outside".to_owned();
    loop {
        let queue = day.zhang.get(&path).await.ok();
        match queue["next"].as_i64() {
            Some(next) => path = format!("/api/lab/outside?after={next}"),
            None => {
                return queue["rows"].as_array().unwrap().last().expect("the newest")["report"].to_string();
            }
        }
    }
}

async fn unrun(day: &Screening) -> i64 {
    let tube = barcode();
    day.sends(&[day.tube(&tube, 80, 1)]).await;
    let mut told = told(day, &tube, DETECTED);
    told.method = "";
    day.one(&told).await;
    let page = day.zhang.get(&day.messages()).await.ok();
    page["waiting"][0]["report"].as_i64().expect("it waits")
}

async fn unknown_code(day: &Screening) -> String {
    let (tube, code) = (barcode(), fresh("x")[2..12].to_owned());
    let mut told = told(day, &tube, DETECTED);
    told.test = format!("{code}^Something^99NORTH");
    day.one(&told).await;
    code
}

fn outage(day: &Screening) -> Value {
    json!({
        "outage": fresh("outage"), "territory": TAIGU, "what": "sampling", "from": day.now - 7_200_000,
        "until": day.now - 3_600_000, "told": "The network was down",
    })
}

async fn recorded(day: &Screening) -> String {
    let fields = outage(day);
    let id = fields["outage"].as_str().unwrap().to_owned();
    day.zhang.change("record-outage", fields).await.ok();
    id
}

async fn another_campaign(targets: &Targets) -> String {
    let campaign = fresh("campaign");
    let fields = json!({
        "campaign": campaign, "territory": TAIGU, "name": "Another", "disease": "covid-19-delta", "ordered": "order 5",
    });
    targets.testing.day.zhang.change("plan-campaign", fields).await.ok();
    campaign
}

async fn received(day: &Screening) -> String {
    let tube = barcode();
    day.sends(&[day.tube(&tube, 70, 1)]).await;
    day.receives(&[&tube]).await;
    tube
}

async fn plated(day: &Screening) -> String {
    let tube = received(day).await;
    day.plates(&[&tube]).await
}
