//! Guessing ids: whoever has no right to a record learns nothing from its id, whatever they are, wherever they put it. A
//! foreign id is answered like one that nobody ever made: the same status, the same code, the same words, in the same time.

use crate::access::{Asked, ROLES, asked, bytes, routes, targets};
use axum::http::Method;
use scenes::{Person, TAIGU, Town, YUCI, both, covid_case, fresh};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

both!(
    a_foreign_id_is_answered_like_one_that_never_was,
    a_foreign_id_beside_ones_own_records_is_too,
    an_id_of_another_kind_is_no_better,
    an_id_that_is_taken_says_only_that,
    a_foreign_id_takes_no_longer_than_an_unknown_one,
);

/// Every id of a request that is Taigu's becomes another of its kind; the same one everywhere.
struct Guess {
    foreign: Vec<String>,
    unknown: BTreeMap<String, String>,
}

impl Guess {
    fn of(foreign: Vec<String>) -> Guess {
        let unknown = foreign.iter().map(|id| (id.clone(), fresh(kind(id)))).collect();
        Guess { foreign, unknown }
    }

    fn instead(&self, text: &str) -> String {
        self.unknown.iter().fold(text.to_owned(), |text, (foreign, unknown)| text.replace(foreign, unknown))
    }

    /// What was answered, with the asked ids taken out: nothing else may differ.
    fn plain(&self, text: &str) -> String {
        let ids = self.foreign.iter().chain(self.unknown.values());
        ids.fold(text.to_owned(), |text, id| text.replace(id.as_str(), "ID"))
    }
}

fn kind(id: &str) -> &str {
    id.split('_').next().unwrap_or_default()
}

/// Without the change's own id, which differs in every request, and the moment.
fn told(guess: &Guess, status: u16, text: &str) -> (u16, String) {
    let mut json: Value = serde_json::from_str(text).unwrap_or_else(|_| json!(text));
    if let Some(object) = json.as_object_mut() {
        object.remove("as_of");
    }
    (status, guess.plain(&json.to_string()))
}

async fn ask(person: &Person, (method, path, body): &Asked) -> (u16, String) {
    let mut body = body.clone();
    if body["id"].is_string() {
        body["id"] = json!(fresh("change"));
    }
    let answer = person.ask(method.clone(), path, bytes(&body)).await;
    (answer.status, answer.text)
}

/// Asks with the foreign id and with the unknown one, and compares.
async fn same(person: &Person, role: &str, request: &Asked, guess: &Guess) {
    let (method, path, body) = request;
    let unknown: Asked = (
        method.clone(),
        guess.instead(path),
        serde_json::from_str(&guess.instead(&body.to_string())).expect("still a body"),
    );
    let (foreign_status, foreign_text) = ask(person, request).await;
    let (unknown_status, unknown_text) = ask(person, &unknown).await;
    assert_eq!(
        told(guess, foreign_status, &foreign_text),
        told(guess, unknown_status, &unknown_text),
        "{role}: {method} {path} {body}"
    );
    for secret in [TAIGU, "太谷", "Taigu", "C1", "C2", "K1"] {
        let stated = path.contains(secret) || body.to_string().contains(secret);
        assert!(stated || !foreign_text.contains(secret), "{role}: {method} {path}: {foreign_text}");
    }
}

/// Not asked twice the same way: they make something of their own, or end the session that asks.
const OWN: [&str; 4] =
    ["DELETE /api/session", "GET /api/live", "POST /api/session/prove", "POST /api/session/password"];

/// Told to whoever has the number: 128 bits that an organiser's own machine made are how the public hears its answer.
const BY_NUMBER: &str = "GET /api/public/permits/{id}";

/// What was made in Taigu for this one request.
fn made_for(route: &str, (_, path, body): &Asked) -> Option<String> {
    let field = match route {
        "POST /api/changes/unlink-cases" => "link",
        "POST /api/changes/answer-ask" => "ask",
        "POST /api/changes/publish-fence" | "POST /api/changes/withdraw-fence" => "fence",
        "POST /api/fences/{id}/run" => return path.split('/').nth(3).map(str::to_owned),
        "POST /api/changes/judge-glass" => "glass",
        "POST /api/changes/propose-restriction" => "evidence",
        "POST /api/changes/decide-appeal" => "appeal",
        "POST /api/changes/approve-restriction"
        | "POST /api/changes/decline-restriction"
        | "POST /api/changes/lift-restriction"
        | "POST /api/changes/tell-restriction"
        | "POST /api/changes/appeal-restriction"
        | "POST /api/changes/judge-restriction" => "restriction",
        "POST /api/imports/{id}/undo" => return path.split('/').nth(3).map(str::to_owned),
        _ => return None,
    };
    body[field].as_str().map(str::to_owned)
}

async fn everybody(town: &Town) -> Vec<(&'static str, Person)> {
    let mut people = Vec::new();
    for role in ROLES {
        people.push((role, town.person(role, YUCI).await));
    }
    people
}

async fn a_foreign_id_is_answered_like_one_that_never_was(town: &mut Town) {
    let targets = targets(town).await;
    let people = everybody(town).await;
    let mut tried = 0;
    for route in routes().iter().filter(|route| !OWN.contains(&route.as_str()) && *route != BY_NUMBER) {
        let (method, path, body) = asked(route, &targets).await;
        // The place is the guesser's own, so that it is the id that decides.
        let here = |text: &str| text.replace(TAIGU, YUCI);
        let request: Asked = (method, here(&path), serde_json::from_str(&here(&body.to_string())).unwrap());
        let guess = Guess::of(targets.ids().into_iter().chain(made_for(route, &request)).collect());
        let holds =
            guess.foreign.iter().any(|id| request.1.contains(id) || request.2.to_string().contains(id));
        if !holds {
            continue;
        }
        tried += 1;
        for (role, person) in &people {
            same(person, role, &request, &guess).await;
        }
    }
    assert!(tried >= 25, "routes with ids were found: {tried}");
}

async fn a_foreign_id_beside_ones_own_records_is_too(town: &mut Town) {
    let targets = targets(town).await;
    let guess = Guess::of(targets.ids());
    let zhang = town.person("epidemiologist", YUCI).await;
    let own = zhang.reports(YUCI, "Y1").await;
    let own_contact = zhang.adds_contact(&own, YUCI, "YK1").await;
    let with = |mut body: Value, field: &str, id: &str| {
        body[field] = json!(id);
        body
    };
    let contact = json!({
        "contact": fresh("contact"), "subject": fresh("subject"), "territory": YUCI, "class": "close",
    });
    let link =
        |from: &str, to: &str| json!({ "link": fresh("link"), "from": from, "to": to, "evidence": "named" });
    let place = json!({ "place": fresh("place"), "name": "Hall", "kind": "school", "territory": YUCI });
    for (name, body) in [
        ("report-case", with(covid_case(YUCI, "Y2"), "event", &targets.event)),
        ("add-contact", with(contact.clone(), "event", &targets.event)),
        ("add-contact", with(contact, "source_case", &targets.case.id)),
        ("amend-contact", json!({ "contact": own_contact.id, "became_case": targets.case.id })),
        ("link-cases", link(&own.id, &targets.case.id)),
        ("link-cases", link(&targets.case.id, &own.id)),
        ("add-place", with(place, "event", &targets.event)),
    ] {
        let mut body = body;
        body["id"] = json!(fresh("change"));
        let request = (Method::POST, format!("/api/changes/{name}"), body);
        same(&zhang, "epidemiologist", &request, &guess).await;
    }
    for page in ["cases", "contacts", "situation", "chains", "export/cases.csv"] {
        let request = (Method::GET, format!("/api/{page}?event={}", targets.event), Value::Null);
        same(&zhang, "epidemiologist", &request, &guess).await;
    }
}

async fn an_id_of_another_kind_is_no_better(town: &mut Town) {
    let targets = targets(town).await;
    let zhang = town.person("epidemiologist", YUCI).await;
    for path in ["/api/cases/", "/api/events/", "/api/imports/"] {
        for id in targets.ids() {
            let (foreign, random) = (
                zhang.get(&format!("{path}{id}")).await,
                zhang.get(&format!("{path}{}", fresh(kind(&id)))).await,
            );
            assert_eq!(
                (foreign.status, &foreign.json()["code"]),
                (random.status, &random.json()["code"]),
                "{path}{id}"
            );
            assert!(matches!(foreign.status, 400 | 404), "{path}{id}: {}", foreign.status);
        }
    }
}

/// Ids of new records are made by who makes the record. One that exists already is refused as that, whoever's it is: it
/// cannot be told like an unknown one, because the unknown one would be made. Nothing more is said.
async fn an_id_that_is_taken_says_only_that(town: &mut Town) {
    let targets = targets(town).await;
    let zhang = town.person("epidemiologist", YUCI).await;
    let taken = |field: &str, id: &str| {
        let mut case = covid_case(YUCI, "Y9");
        case[field] = json!(id);
        case
    };
    let event = json!({ "event": targets.event, "name": "Another", "territory": YUCI });
    for (name, body) in [
        ("report-case", taken("case", &targets.case.id)),
        ("report-case", taken("subject", &targets.case.subject)),
        ("open-event", event),
    ] {
        let told = zhang.change(name, body).await.refused(409, "record.exists").to_string();
        assert!(!told.contains(TAIGU), "{name}: {told}");
    }
    assert_eq!(zhang.counts_cases().await, 0);
}

/// Medians of many calls, taken by turns; three times is far above what they differ by and far below what a search through
/// a table would cost.
async fn a_foreign_id_takes_no_longer_than_an_unknown_one(town: &mut Town) {
    const CALLS: usize = 60;
    let targets = targets(town).await;
    let zhang = town.person("epidemiologist", YUCI).await;
    let mut times: [Vec<Duration>; 2] = [Vec::new(), Vec::new()];
    for _ in 0..CALLS {
        for (at, id) in [targets.case.id.clone(), fresh("case")].into_iter().enumerate() {
            let since = Instant::now();
            zhang.get(&format!("/api/cases/{id}")).await.refused(404, "record.missing");
            times[at].push(since.elapsed());
        }
    }
    let [foreign, unknown] = times.map(|mut times| {
        times.sort();
        times[CALLS / 2].as_secs_f64()
    });
    assert!(foreign < 3.0 * unknown && unknown < 3.0 * foreign, "{foreign} s against {unknown} s");
}
