//! Lists that leave: with names only for a purpose, a reason, a second person and few rows; and all of them in the ledger.

use crate::erasure::agreed;
use scenes::{Known, Person, SHANXI, TAIGU, Town, both, fresh};
use serde_json::{Value, json};

both!(
    a_list_with_names_needs_everything_and_leaves_a_trace,
    a_link_is_of_its_session_three_times_and_a_day,
    whoever_is_erased_stands_in_no_list,
    a_list_without_names_stands_in_the_ledger_too,
    a_found_list_tells_from_which_export_it_came,
);

async fn switched(admin: &Person, now: i64, off: bool) {
    let fields = json!({ "feature": "exports", "off": off, "reason": "The third round is held today", "ends": now + 3_600_000 });
    admin.change("switch-feature", fields).await.ok();
}

async fn reports_by_name(person: &Person, number: &str, name: &str) -> Known {
    let mut case = scenes::covid_case(TAIGU, number);
    case["identity"] = json!({ "name": name, "phone": "=13999990001" });
    person.reports_so(case).await
}

async fn asks_for_a_list(town: &Town, person: &Person) -> String {
    let preview = person.get("/api/exports/preview?what=cases&purpose=outbreak_response").await.ok();
    let about = preview["about"].as_str().expect("what is agreed to");
    agreed(town, person, "export_identities", about, TAIGU).await
}

fn form(export: &str, ask: &str) -> Value {
    json!({
        "id": fresh("change"), "export": export, "ask": ask, "reason": "the team calls every household",
        "what": "cases", "purpose": "outbreak_response", "filter": {},
    })
}

async fn makes_a_list(town: &Town, person: &Person) -> String {
    let (export, ask) = (fresh("export"), asks_for_a_list(town, person).await);
    person.post("/api/exports", form(&export, &ask)).await.ok();
    export
}

async fn a_list_with_names_needs_everything_and_leaves_a_trace(town: &mut Town) {
    let zhang = town.person("epidemiologist", TAIGU).await;
    let known = reports_by_name(&zhang, "C1", "Hypatia Quillfeather").await;
    reports_by_name(&zhang, "C2", "Ottoline Grasshopper").await;
    let preview = zhang.get("/api/exports/preview?what=cases&purpose=outbreak_response").await.ok();
    assert_eq!((&preview["people"], &preview["most"]), (&json!(2), &json!(500)));
    zhang.get("/api/exports/preview?what=cases&purpose=analysis").await.refused(422, "people.purpose");
    zhang.post("/api/exports", form(&fresh("export"), &fresh("ask"))).await.refused(404, "record.missing");
    let (admin, now) = (town.person("administrator", SHANXI).await, town.house.now().0);
    switched(&admin, now, true).await;
    let later = zhang.post("/api/exports", form(&fresh("export"), &fresh("ask"))).await;
    later.refused(503, "service.switched_off");
    switched(&admin, now, false).await;
    let export = makes_a_list(town, &zhang).await;
    switched(&admin, now, true).await;
    zhang.post(&format!("/api/exports/{export}/file"), json!({})).await.refused(503, "service.switched_off");
    switched(&admin, now, false).await;
    let file = zhang.post(&format!("/api/exports/{export}/file"), json!({})).await;
    assert_eq!(file.status, 200, "{}", file.text);
    // No cell of this list holds a comma.
    let rows: Vec<Vec<&str>> = file.text.lines().skip(1).map(|row| row.split(',').collect()).collect();
    assert_eq!(rows.len(), 2);
    for row in &rows {
        let mark = row.get(11).expect("for whom");
        assert!(mark.contains(&zhang.login) && mark.contains(&export), "every row says for whom: {row:?}");
        assert!(row.get(3).expect("a phone").starts_with("'="), "no formula: {row:?}");
    }
    let names: Vec<&str> = rows.iter().map(|row| row[1]).collect();
    assert!(names.contains(&"Hypatia Quillfeather"), "{names:?}");

    let officer = town.person("data_officer", TAIGU).await;
    let ledger = officer.get("/api/exports").await.ok();
    assert_eq!((&ledger["rows"][0]["id"], &ledger["rows"][0]["rows"]), (&json!(export), &json!(2)));
    assert_eq!(ledger["rows"][0]["reason"], "the team calls every household");
    let log = officer.get(&format!("/api/subjects/{}/access-log", known.subject)).await.ok();
    let row =
        log["rows"].as_array().unwrap().iter().find(|row| row["did"] == "exported").expect("a row").clone();
    assert_eq!(
        (&row["by"]["role"], &row["purpose"]),
        (&json!("epidemiologist"), &json!("outbreak_response"))
    );
    assert!(!log.to_string().contains(&zhang.login), "no account's name in a person's log");
}

async fn a_link_is_of_its_session_three_times_and_a_day(town: &mut Town) {
    let zhang = town.person("epidemiologist", TAIGU).await;
    reports_by_name(&zhang, "C1", "Hypatia Quillfeather").await;
    let export = makes_a_list(town, &zhang).await;
    let path = format!("/api/exports/{export}/file");
    let again = town.signs_in(&zhang.login, town.password()).await.expect("another session");
    again.post(&path, json!({})).await.refused(404, "record.missing");
    let li = town.person("epidemiologist", TAIGU).await;
    li.post(&path, json!({})).await.refused(404, "record.missing");
    for _ in 0..3 {
        assert_eq!(zhang.post(&path, json!({})).await.status, 200);
    }
    zhang.post(&path, json!({})).await.refused(422, "people.export_over");
}

async fn whoever_is_erased_stands_in_no_list(town: &mut Town) {
    let zhang = town.person("epidemiologist", TAIGU).await;
    let officer = town.person("data_officer", TAIGU).await;
    let known = reports_by_name(&zhang, "C1", "Hypatia Quillfeather").await;
    reports_by_name(&zhang, "C2", "Ottoline Grasshopper").await;
    let export = makes_a_list(town, &zhang).await;
    let ask = agreed(town, &officer, "erase_people", &known.subject, TAIGU).await;
    let demand = json!({ "id": fresh("change"), "erasure": fresh("erasure"), "subjects": [known.subject], "ask": ask });
    officer.post("/api/erasures", demand).await.ok();
    let file = zhang.post(&format!("/api/exports/{export}/file"), json!({})).await;
    assert!(file.text.contains("Ottoline") && !file.text.contains("Hypatia"), "{}", file.text);
}

async fn a_list_without_names_stands_in_the_ledger_too(town: &mut Town) {
    let zhang = town.person("epidemiologist", TAIGU).await;
    zhang.reports(TAIGU, "C1").await;
    let analyst = town.person("analyst", TAIGU).await;
    let file = analyst.get(&format!("/api/export/cases.csv?territory={TAIGU}")).await;
    assert_eq!(file.status, 200);
    let officer = town.person("data_officer", TAIGU).await;
    let row = officer.get("/api/exports").await.ok()["rows"][0].clone();
    assert_eq!(
        (&row["names"], &row["rows"], &row["purpose"]),
        (&json!(false), &json!(1), &json!("analysis"))
    );
    assert_eq!(row["filter"], format!("territory={TAIGU}"));
    assert_eq!(analyst.get("/api/exports").await.ok()["rows"].as_array().map(Vec::len), Some(1), "their own");
    assert_eq!(zhang.get("/api/exports").await.ok()["rows"].as_array().map(Vec::len), Some(0));
    town.person("auditor", TAIGU).await.get("/api/exports").await.refused(403, "access.not_allowed");
}

async fn a_found_list_tells_from_which_export_it_came(town: &mut Town) {
    let zhang = town.person("epidemiologist", TAIGU).await;
    for number in 0..40 {
        reports_by_name(&zhang, &format!("C{number}"), "Hypatia Quillfeather").await;
    }
    let (one, other) = (makes_a_list(town, &zhang).await, makes_a_list(town, &zhang).await);
    let file = zhang.post(&format!("/api/exports/{one}/file"), json!({})).await.text;
    // As it is found: only the numbers are left.
    let numbers: Vec<String> =
        file.lines().skip(1).filter_map(|line| line.split(',').next().map(str::to_owned)).collect();
    let db = town.house.db.clone();
    let traced = tokio::task::block_in_place(|| {
        db.read_now(move |reader| rooms::people::trace_list(reader, &numbers)).expect("traced")
    });
    assert_eq!((traced[0].0.to_string(), traced[0].1), (one, 1.0));
    assert_eq!(traced[1].0.to_string(), other);
    assert!(traced[1].1 < 0.8, "another export of the same people fits by chance only: {}", traced[1].1);
}
