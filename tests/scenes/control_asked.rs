//! How the routes and writes of graded control are asked for, for the table of who may what.

use crate::access::Targets;
use scenes::{JINZHONG, Known, Person, TAIGU, Town, fresh};
use serde_json::{Value, json};

/// A zone of Taigu, and the people who make more.
pub(crate) struct Graded {
    pub zhang: Person,
    pub commander: Person,
    county: Person,
    pub zone: String,
    pub stay: String,
    pub proposal: String,
    case: Known,
}

/// The 8th edition was in force then.
pub(crate) const DAY: &str = "2022-02-20";

pub(crate) fn compound(name: &str) -> Value {
    json!({ "territory": TAIGU, "part": [name], "kind": "compound" })
}

pub(crate) async fn graded(town: &Town) -> Graded {
    let zhang = town.person("epidemiologist", TAIGU).await;
    let commander = town.person("commander", JINZHONG).await;
    let case = zhang.reports(TAIGU, &fresh("n")).await;
    let mut told = Graded {
        zhang,
        commander,
        county: town.person("commander", TAIGU).await,
        zone: String::new(),
        stay: fresh("stay"),
        proposal: fresh("proposal"),
        case,
    };
    told.zone = told.sets("lockdown").await;
    told.zhang.change("add-stay", told.stay_of(&told.stay)).await.ok();
    told.zhang.change("propose-zone", told.proposed(&told.proposal, "lockdown")).await.ok();
    told
}

impl Graded {
    pub fn ids(&self) -> Vec<String> {
        [&self.zone, &self.stay, &self.proposal].into_iter().cloned().collect()
    }

    fn stay_of(&self, stay: &str) -> Value {
        json!({
            "stay": stay, "case": self.case.id, "unit": compound(stay), "kind": "residence", "risk": "some",
            "hard_to_trace": false, "from": "2022-02-17", "until": DAY,
        })
    }

    fn proposed(&self, proposal: &str, level: &str) -> Value {
        json!({
            "proposal": proposal, "what": "set", "name": "A compound", "disease": "covid-19-delta", "level": level,
            "area": { "units": [compound(proposal)] }, "people": 120, "entrances": 1, "day": DAY, "why": "a case lives here",
        })
    }

    /// A zone of its own for one request.
    async fn sets(&self, level: &str) -> String {
        let (proposal, zone) = (fresh("proposal"), fresh("zone"));
        self.zhang.change("propose-zone", self.proposed(&proposal, level)).await.ok();
        let decided = json!({ "proposal": proposal, "zone": zone, "accept": true, "basis": "order 7" });
        self.commander.change("decide-zone", decided).await.ok();
        zone
    }
}

pub(crate) fn of_control_routes(path: &str, targets: &Targets) -> Option<(String, Value)> {
    let told = &targets.graded;
    Some(match path {
        "/api/control/zones/{id}" => (path.replace("{id}", &told.zone), Value::Null),
        "/api/control/at" => (format!("{path}?territory={TAIGU}&on={DAY}"), Value::Null),
        "/api/control/effect" => (
            path.to_owned(),
            json!({ "disease": "covid-19-delta", "level": "lockdown", "area": { "units": [compound("A")] }, "day": DAY }),
        ),
        "/api/control/units-in" => {
            (path.to_owned(), json!({ "corners": [[112.0, 37.0], [113.0, 37.0], [113.0, 38.0]] }))
        }
        _ => return None,
    })
}

pub(crate) async fn of_control(name: &str, targets: &Targets) -> Option<Value> {
    let told = &targets.graded;
    Some(match name {
        "add-stay" => told.stay_of(&fresh("stay")),
        "remove-stay" => {
            let stay = fresh("stay");
            told.zhang.change("add-stay", told.stay_of(&stay)).await.ok();
            json!({ "stay": stay, "reason": "another house" })
        }
        "propose-zone" => told.proposed(&fresh("proposal"), "lockdown"),
        "decide-zone" => {
            let proposal = fresh("proposal");
            told.zhang.change("propose-zone", told.proposed(&proposal, "lockdown")).await.ok();
            json!({ "proposal": proposal, "zone": fresh("zone"), "accept": true, "basis": "order 8" })
        }
        "amend-zone" => {
            json!({ "zone": told.sets("lockdown").await, "people": 140, "basis": "counted again" })
        }
        "release-zone" => {
            let zone = told.sets("lockdown").await;
            json!({ "zone": zone, "basis": "order 9", "exception": "the wrong house" })
        }
        "split-zone" => {
            let zone = told.sets("lockdown").await;
            let area = told.commander.get(&format!("/api/control/zones/{zone}")).await.ok()["area"].clone();
            let mut unit = area["units"][0].clone();
            unit["kind"] = json!("building");
            unit["part"].as_array_mut()?.push(json!("5号楼"));
            json!({
                "zone": zone, "new_zone": fresh("zone"), "name": "No. 5", "units": [unit], "basis": "order 10",
            })
        }
        "note-round" => json!({
            "zone": told.zone, "round": fresh("zround"), "began": "2022-02-21", "ended": "2022-02-21", "people": 120,
            "with_result": 120, "positives_community": 0, "unresolved": 0,
        }),
        "note-contacts" => {
            json!({ "zone": told.zone, "contacts": { "last_exposure": DAY, "without_result": 3 } })
        }
        "acknowledge-override" => {
            let zone = told.sets("lockdown").await;
            let left = json!({ "zone": zone, "basis": "order 11", "exception": "the wrong house" });
            // Whoever left it early is not who is told.
            told.county.change("release-zone", left).await.ok();
            let waiting = told.commander.get("/api/control/proposals").await.ok();
            let own = waiting["overrides"].as_array()?.iter().find(|one| one["zone"] == json!(zone))?;
            json!({ "told": own["id"] })
        }
        _ => return None,
    })
}
