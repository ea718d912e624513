//! The whole permission table, asked rather than read: every route × every role × {own county, another county} → status.
//! It is committed as tests/golden/access.txt, so that a change of rights is a line in a review.

use axum::http::Method;
use scenes::{Known, Person, TAIGU, Town, YUCI, both, fresh, golden};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::path::Path;

both!(every_route_answers_every_role_as_the_table_says);

const ROLES: [&str; 10] = [
    "epidemiologist",
    "laboratory",
    "field",
    "sentinel",
    "commander",
    "auditor",
    "analyst",
    "integrator",
    "data_officer",
    "administrator",
];

/// What lies in Taigu to be asked for.
struct Targets {
    colleague: Person,
    commander: Person,
    event: String,
    case: Known,
    other_case: Known,
    contact: Known,
    account: String,
    import: String,
    open_import: String,
}

async fn targets(town: &Town) -> Targets {
    let colleague = town.person("epidemiologist", TAIGU).await;
    let event = colleague.opens_event(TAIGU, "A village dinner").await;
    let (case, other_case) = (colleague.reports(TAIGU, "C1").await, colleague.reports(TAIGU, "C2").await);
    let contact = colleague.adds_contact(&case, TAIGU, "K1").await;
    let account = town.has_account("somebody.in.taigu", "laboratory", TAIGU).await;
    let import = applied_import(&colleague).await;
    let open_import = colleague.uploads("open.csv", LIST).await["id"].as_str().unwrap().to_owned();
    let commander = town.person("commander", TAIGU).await;
    Targets { colleague, commander, event, case, other_case, contact, account, import, open_import }
}

const LIST: &str = "case_no,sex,age,onset date,county\nL1,female,31,2022-02-11,太谷区\n";

async fn applied_import(colleague: &Person) -> String {
    let import = colleague.uploads("list.csv", LIST).await;
    let done = colleague.runs_import(&import, "apply").await;
    done["id"].as_str().expect("an import").to_owned()
}

type Asked = (Method, String, Value);

/// A request that whoever may make it makes with success.
async fn asked(route: &str, targets: &Targets) -> Asked {
    let (method, path) = route.split_once(' ').expect("a method and a path");
    let method: Method = method.parse().expect("a method");
    if let Some(name) = path.strip_prefix("/api/changes/") {
        return (method, path.to_owned(), change(name, targets).await);
    }
    let (filled, body) = match path {
        "/api/first-run" => (path.to_owned(), json!({})),
        "/api/session" if method == Method::POST => {
            (path.to_owned(), json!({ "login": fresh("x"), "password": "not known here" }))
        }
        "/api/session/prove" => (path.to_owned(), json!({ "password": "not the one of this account" })),
        "/api/session/purpose" => (path.to_owned(), json!({ "purpose": "drill" })),
        "/api/session/password" => {
            (path.to_owned(), json!({ "old": "not the old one", "new": "a new sentence of mine" }))
        }
        "/api/accounts/{id}/sees" => (path.replace("{id}", &targets.account), Value::Null),
        "/api/cases/{id}" => (path.replace("{id}", &targets.case.id), Value::Null),
        "/api/events/{id}" => (path.replace("{id}", &targets.event), Value::Null),
        "/api/subjects/{id}/open" => (
            path.replace("{id}", &targets.case.subject),
            json!({ "purpose": "follow_up", "reason": "the daily call" }),
        ),
        "/api/cases" | "/api/contacts" | "/api/situation" | "/api/chains" | "/api/export/cases.csv" => {
            (format!("{path}?territory={TAIGU}"), Value::Null)
        }
        "/api/imports" if method == Method::POST => (format!("{path}?name=list.csv"), json!(LIST)),
        "/api/imports/{id}/undo" => {
            let import = applied_import(&targets.colleague).await;
            (path.replace("{id}", &import), json!({ "reason": "the wrong file" }))
        }
        "/api/imports/{id}/mapping" => {
            (path.replace("{id}", &targets.open_import), json!({ "kind": "cases", "columns": [] }))
        }
        "/api/imports/{id}/check" | "/api/imports/{id}/apply" | "/api/imports/{id}/cancel" => {
            (path.replace("{id}", &targets.open_import), json!({}))
        }
        "/api/imports/{id}" | "/api/imports/{id}/report.json" | "/api/imports/{id}/report.csv" => {
            (path.replace("{id}", &targets.import), Value::Null)
        }
        "/api/witness/checkpoints" if method == Method::POST => (path.to_owned(), strangers_checkpoint()),
        "/api/witness/checkpoints" => (format!("{path}?origin=quell/unknown"), Value::Null),
        "/api/regions/import" => (format!("{path}?name=regions.json&dry_run=true"), json!(REGIONS)),
        other => (other.to_owned(), Value::Null),
    };
    (method, filled, body)
}

/// Signed by nobody this house is witness to.
fn strangers_checkpoint() -> Value {
    let checkpoint = json!({
        "origin": "quell/unknown", "seq": 1, "root": "", "head": "", "at": 0, "signature": "",
    });
    json!({ "checkpoint": checkpoint, "from": 0, "proof": [] })
}

const REGIONS: &str = r#"{ "type": "FeatureCollection", "features": [] }"#;

async fn change(name: &str, targets: &Targets) -> Value {
    let (event, case, other) = (&targets.event, &targets.case.id, &targets.other_case.id);
    let mut fields = match name {
        "open-event" => json!({ "event": fresh("event"), "name": "Another", "territory": TAIGU }),
        "amend-event" => json!({ "event": event, "summary": "eleven guests" }),
        "close-event" => json!({ "event": event, "ended": "2022-03-20", "reason": "no new case" }),
        "add-note" => json!({ "note": fresh("note"), "event": event, "text": "a quiet evening" }),
        "add-place" => {
            json!({ "place": fresh("place"), "event": event, "name": "Hall", "kind": "restaurant", "territory": TAIGU })
        }
        "add-figure" => json!({
            "figure": fresh("figure"), "event": event, "day": "2022-02-21", "kind": "screened", "value": 7,
            "territory": TAIGU, "source": "invented",
        }),
        "report-case" => scenes::covid_case(TAIGU, &fresh("n")),
        "amend-case" => json!({ "case": case, "age": 40 }),
        "classify-case" => {
            let mut suspected = scenes::covid_case(TAIGU, &fresh("n"));
            suspected["classification"] = json!("suspected");
            let known = targets.colleague.reports_so(suspected).await;
            json!({ "case": known.id, "to": "confirmed", "day": "2022-02-21", "reason": "second PCR" })
        }
        "add-contact" => json!({
            "contact": fresh("contact"), "subject": fresh("subject"), "source_case": case, "territory": TAIGU,
            "class": "close", "last_exposure": "2022-02-19",
        }),
        "amend-contact" => json!({ "contact": targets.contact.id, "relation": "neighbour" }),
        "link-cases" => json!({ "link": fresh("link"), "from": case, "to": other, "evidence": "named" }),
        "unlink-cases" => {
            let pair = (
                targets.colleague.reports(TAIGU, &fresh("n")).await,
                targets.colleague.reports(TAIGU, &fresh("n")).await,
            );
            json!({ "link": targets.colleague.links(&pair.0, &pair.1).await, "reason": "sequences differ" })
        }
        "set-account" => json!({ "account": targets.account, "disabled": false }),
        "reset-password" => json!({ "account": targets.account, "password": "a new invented sentence" }),
        "create-account" => json!({
            "account": fresh("account"), "login": fresh("x"), "name": "Somebody", "role": "laboratory",
            "territory": TAIGU, "password": "a new invented sentence",
        }),
        "ask-second-person" => json!({
            "ask": fresh("ask"), "kind": "open_identity", "about": targets.case.subject, "reason": "the daily call",
        }),
        "answer-ask" => json!({ "ask": targets.colleague.asks_about(&targets.case).await, "agreed": true }),
        "forget-regions" => json!({}),
        "publish-bulletin" => {
            json!({ "bulletin": fresh("bulletin"), "territory": TAIGU, "text_en": "Wash your hands" })
        }
        "withdraw-bulletin" => {
            let bulletin = targets.commander.publishes(TAIGU, "Wash your hands").await;
            json!({ "bulletin": bulletin, "reason": "said twice" })
        }
        other => panic!("say here how `{other}` is asked for"),
    };
    fields["id"] = json!(fresh("change"));
    fields
}

fn bytes(body: &Value) -> Vec<u8> {
    match body {
        Value::Null => Vec::new(),
        // A file, not JSON.
        Value::String(text) => text.clone().into_bytes(),
        other => other.to_string().into_bytes(),
    }
}

async fn every_route_answers_every_role_as_the_table_says(town: &mut Town) {
    let targets = targets(town).await;
    let mut people = Vec::new();
    for role in ROLES {
        people.push((town.person(role, TAIGU).await, town.person(role, YUCI).await));
    }
    let mut table = format!("{HEAD}\n{:<42} nobody", "");
    ROLES.iter().for_each(|role| table.push_str(&format!(" {role:>14}")));
    table.push('\n');
    for route in routes() {
        let (method, path, body) = asked(&route, &targets).await;
        let nobody = town.stranger().status(method, &path, bytes(&body)).await;
        let mut line = format!("{route:<42} {nobody:>6}");
        for (own, other) in &people {
            let mut statuses = Vec::new();
            for person in [own, other] {
                let (method, path, body) = asked(&route, &targets).await;
                statuses.push(person.status(method, &path, bytes(&body)).await.to_string());
            }
            line.push_str(&format!(" {:>14}", statuses.join(" / ")));
        }
        table.push_str(&line);
        table.push('\n');
    }
    golden("access.txt", &table);
}

const HEAD: &str = "\
Made by tests/scenes/access.rs; never edited. Every route, asked by somebody of each role whose territory holds what is
asked for / by somebody of the same role in the county beside it. 401 signed out, 403 not allowed, 404 not for them,
422 allowed, but the request itself is refused on purpose here.";

/// As they stand in the rooms: whoever adds a route says here how it is asked for. Signing out comes last.
fn routes() -> Vec<String> {
    let rooms = Path::new(env!("CARGO_MANIFEST_DIR")).join("../app/rooms/src");
    let mut routes = BTreeSet::new();
    scenes::source_files(&rooms, "rs", &mut |_, text| {
        for part in text.split(".route(\"").skip(1) {
            let Some((path, rest)) = part.split_once("\",") else { continue };
            let methods = rest.split('\n').next().unwrap_or_default();
            for method in ["get", "post", "put", "delete"] {
                if methods.contains(&format!("{method}(")) {
                    routes.insert(format!("{} {path}", method.to_uppercase()));
                }
            }
        }
    });
    for door in rooms::DOORS {
        routes.insert(format!("POST /api/changes/{}", door.name.replace(' ', "-")));
    }
    assert!(routes.len() > 40, "the routes were found: {routes:?}");
    let last = "DELETE /api/session".to_owned();
    routes.remove(&last);
    routes.into_iter().chain([last]).collect()
}
