//! Other systems: what a token opens, and when it no longer does.

use axum::http::Method;
use scenes::{Person, SHANXI, TAIGU, Town, YUCI, both, fresh};
use serde_json::{Value, json};

both!(
    a_token_exchanges_data_in_its_territory_and_nowhere_else,
    a_token_has_no_page_and_no_account,
    a_token_may_no_more_than_it_was_made_with,
    nobody_makes_a_token_for_more_than_they_have,
    a_token_ends_by_itself_within_a_year,
    a_revoked_token_opens_nothing_at_once,
    what_a_token_did_is_told_by_its_number,
    what_a_token_was_refused_is_told_by_its_number,
    the_secret_of_a_token_is_kept_nowhere,
);

const EXCHANGE: [&str; 3] = ["cases.read", "cases.write", "data.export"];

fn wanted(territory: &str, permissions: &[&str], days: i64) -> Value {
    json!({
        "token": fresh("token"), "name": "Laboratory system (invented)", "territory": territory,
        "permissions": permissions, "days": days,
    })
}

/// The token's number, and the system that holds it.
async fn system(town: &Town, admin: &Person, fields: Value) -> (String, String, Person) {
    let id = fields["token"].as_str().expect("a number").to_owned();
    let made = admin.change("create-token", fields).await.ok();
    let secret = made["out"]["token"].as_str().expect("the secret, once").to_owned();
    (id, secret.clone(), town.stranger().with_token(&secret))
}

async fn a_token_exchanges_data_in_its_territory_and_nowhere_else(town: &mut Town) {
    let admin = town.person("administrator", "").await;
    let (_, _, laboratory) = system(town, &admin, wanted(TAIGU, &EXCHANGE, 30)).await;
    let case = laboratory.reports(TAIGU, "L1").await;
    laboratory.get(&format!("/api/cases/{}", case.id)).await.ok();
    laboratory.get(&format!("/api/cases?territory={TAIGU}")).await.ok();
    laboratory.get(&format!("/api/cases?territory={YUCI}")).await.refused(403, "access.outside_territory");
    let elsewhere = laboratory.change("report-case", scenes::covid_case(YUCI, "L2")).await;
    elsewhere.refused(403, "access.outside_territory");
    let (_, _, neighbour) = system(town, &admin, wanted(YUCI, &EXCHANGE, 30)).await;
    neighbour.get(&format!("/api/cases/{}", case.id)).await.refused(404, "record.missing");
}

async fn a_token_has_no_page_and_no_account(town: &mut Town) {
    let admin = town.person("administrator", "").await;
    let (_, _, laboratory) = system(town, &admin, wanted(TAIGU, &EXCHANGE, 30)).await;
    assert_eq!(laboratory.get("/api/state").await.ok()["account"], Value::Null);
    for (method, path) in [
        (Method::GET, "/api/sessions"),
        (Method::GET, "/api/session/factors"),
        (Method::POST, "/api/session/password"),
        (Method::POST, "/api/session/prove"),
        (Method::POST, "/api/session/purpose"),
        (Method::POST, "/api/session/factors/totp"),
        (Method::DELETE, "/api/session"),
    ] {
        laboratory.ask(method, path, b"{}".to_vec()).await.refused(403, "access.in_person");
    }
    for path in ["/api/accounts", "/api/tokens", "/api/journal"] {
        laboratory.get(path).await.refused(403, "access.not_allowed");
    }
    let own = json!({ "keep": fresh("session") });
    laboratory.change("end-other-sessions", own).await.refused(403, "access.not_allowed");
    let case = laboratory.reports(TAIGU, "L1").await;
    let look = json!({ "purpose": "outbreak_response", "reason": "curious" });
    let opened = laboratory.post(&format!("/api/subjects/{}/open", case.subject), look).await;
    opened.refused(403, "access.not_allowed");
}

async fn a_token_may_no_more_than_it_was_made_with(town: &mut Town) {
    let admin = town.person("administrator", "").await;
    let (_, _, reader) = system(town, &admin, wanted(TAIGU, &["cases.read"], 30)).await;
    reader.get("/api/cases").await.ok();
    let report = reader.change("report-case", scenes::covid_case(TAIGU, "L1")).await;
    report.refused(403, "access.not_allowed");
    for too_much in ["identity.open", "accounts.manage", "own.account", "journal.read", "no.such"] {
        let refused = admin.change("create-token", wanted(TAIGU, &["cases.read", too_much], 30)).await;
        refused.refused(422, "access.token_permissions");
    }
    admin.change("create-token", wanted(TAIGU, &[], 30)).await.refused(422, "access.token_permissions");
}

async fn nobody_makes_a_token_for_more_than_they_have(town: &mut Town) {
    let county = town.person("administrator", TAIGU).await;
    for territory in [SHANXI, YUCI] {
        let made = county.change("create-token", wanted(territory, &EXCHANGE, 30)).await;
        made.refused(403, "access.outside_territory");
    }
    let (above, _, system_above) =
        system(town, &town.person("administrator", "").await, wanted(SHANXI, &EXCHANGE, 30)).await;
    assert!(county.change("revoke-token", json!({ "token": above })).await.status >= 400);
    system_above.get("/api/cases").await.ok();
    assert_eq!(county.get("/api/tokens").await.ok()["rows"], json!([]));
    let worker = town.person("epidemiologist", TAIGU).await;
    let made = worker.change("create-token", wanted(TAIGU, &EXCHANGE, 30)).await;
    made.refused(403, "access.not_allowed");
    town.minutes_pass(16);
    let county = town.comes_back(&county);
    county.change("create-token", wanted(TAIGU, &EXCHANGE, 30)).await.refused(403, "access.step_up");
}

async fn a_token_ends_by_itself_within_a_year(town: &mut Town) {
    let admin = town.person("administrator", "").await;
    for days in [0, -3, 366] {
        let made = admin.change("create-token", wanted(TAIGU, &EXCHANGE, days)).await;
        made.refused(422, "access.token_days");
    }
    let (_, _, laboratory) = system(town, &admin, wanted(TAIGU, &EXCHANGE, 2)).await;
    town.hours_pass(47);
    laboratory.get("/api/cases").await.ok();
    town.hours_pass(2);
    laboratory.get("/api/cases").await.refused(401, "access.token");
}

async fn a_revoked_token_opens_nothing_at_once(town: &mut Town) {
    let admin = town.person("administrator", "").await;
    let (id, _, laboratory) = system(town, &admin, wanted(TAIGU, &EXCHANGE, 30)).await;
    let mut ear = laboratory.listens().await;
    admin.change("revoke-token", json!({ "token": id })).await.ok();
    laboratory.get("/api/cases").await.refused(401, "access.token");
    assert!(ear.falls_silent().await, "what it listened to ends too");
    let invented = town.stranger().with_token("quell_invented");
    invented.get("/api/cases").await.refused(401, "access.token");
    // A broken token is not helped by a person's cookie beside it.
    let mixed = admin.get("/api/tokens").await.ok();
    assert_eq!((&mixed["rows"][0]["over"], &mixed["rows"][0]["id"]), (&json!(true), &json!(id)));
}

async fn what_a_token_did_is_told_by_its_number(town: &mut Town) {
    let admin = town.person("administrator", "").await;
    let (id, _, laboratory) = system(town, &admin, wanted(TAIGU, &EXCHANGE, 30)).await;
    laboratory.reports(TAIGU, "L1").await;
    let auditor = town.person("auditor", "").await;
    let journal = auditor.get("/api/journal?order=newest").await.ok();
    let rows = journal["rows"].as_array().unwrap();
    let report = rows.iter().find(|row| row["change"] == "report case").expect("its row");
    assert_eq!((&report["by"], &report["purpose"]), (&json!(id), &json!("data_exchange")));
    town.minutes_pass(6);
    laboratory.get("/api/cases").await.ok();
    let used = town.person("administrator", "").await.get("/api/tokens").await.ok();
    assert!(used["rows"][0]["last_used"].is_string(), "{used}");
}

async fn what_a_token_was_refused_is_told_by_its_number(town: &mut Town) {
    let admin = town.person("administrator", "").await;
    let (id, _, laboratory) = system(town, &admin, wanted(TAIGU, &EXCHANGE, 30)).await;
    laboratory.get("/api/accounts").await.refused(403, "access.not_allowed");
    town.minutes_pass(2);
    laboratory.get("/api/cases").await.ok();
    let auditor = town.person("auditor", "").await;
    let journal = auditor.get("/api/journal?order=newest").await.ok();
    let noted = journal["rows"].as_array().unwrap().iter().find(|row| row["change"] == "note refusals");
    assert_eq!(noted.expect("a row about refusals")["about"], json!([id]));
}

async fn the_secret_of_a_token_is_kept_nowhere(town: &mut Town) {
    let admin = town.person("administrator", "").await;
    let fields = wanted(TAIGU, &EXCHANGE, 30);
    let (_, secret, _) = system(town, &admin, fields.clone()).await;
    assert!(secret.starts_with("quell_") && secret.len() > 40);
    assert!(town.disk.every_value().iter().all(|(_, value)| !value.contains(&secret[6..])));
    // Sent again, as after a lost answer: refused rather than answered with a secret that opens nothing.
    admin.change("create-token", fields).await.refused(409, "record.exists");
}
