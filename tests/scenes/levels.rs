//! How closely a disease is kept: open, audited, protected, closed; for reading, writing, counting and importing.

use scenes::{Known, Person, SHANXI, TAIGU, Town, YUCI, both, covid_case, fresh};
use serde_json::{Value, json};

both!(
    an_audited_record_is_read_with_a_row_in_the_journal,
    an_open_record_is_read_without_one,
    a_protected_disease_is_read_for_a_purpose_that_opens_identities,
    a_protected_event_tells_others_only_counts_and_no_small_ones,
    a_name_of_a_protected_disease_opens_with_a_second_person,
    a_closed_disease_is_there_for_those_named_for_it_until_their_time_is_over,
    a_case_of_an_event_is_kept_as_closely_as_the_event,
    a_level_is_made_closer_and_never_looser,
    an_import_recognises_nothing_its_importer_does_not_read,
    the_twenty_first_name_of_an_hour_needs_a_second_person,
);

fn case_of(disease: &str, territory: &str, number: &str) -> Value {
    let mut case = covid_case(territory, number);
    case["disease"] = json!(disease);
    case
}

async fn looks(town: &Town) -> i64 {
    let auditor = town.person("auditor", "").await;
    let rows = auditor.get("/api/journal?limit=500").await.ok();
    rows["rows"].as_array().unwrap().iter().filter(|row| row["change"] == "look").count() as i64
}

async fn an_audited_record_is_read_with_a_row_in_the_journal(town: &mut Town) {
    let zhang = town.person("epidemiologist", TAIGU).await;
    let case = zhang.reports(TAIGU, "T1").await;
    zhang.get("/api/cases").await.ok();
    assert_eq!(looks(town).await, 0, "a list is no reading of one record");
    let page = zhang.get(&format!("/api/cases/{}", case.id)).await.ok();
    assert_eq!(looks(town).await, 1);
    assert!(!page["history"].to_string().contains("look"), "looks are the data officer's matter");
}

async fn an_open_record_is_read_without_one(town: &mut Town) {
    let zhang = town.person("epidemiologist", TAIGU).await;
    let case = zhang.reports_so(case_of("measles", TAIGU, "M1")).await;
    zhang.get(&format!("/api/cases/{}", case.id)).await.ok();
    assert_eq!(looks(town).await, 0);
}

/// One mpox case and one of COVID-19, each with a contact, in Taigu.
async fn two_diseases(town: &Town) -> (Person, Known, Known) {
    let zhang = town.person("epidemiologist", TAIGU).await;
    let mpox = zhang.reports_so(case_of("mpox", TAIGU, "P1")).await;
    let covid = zhang.reports(TAIGU, "C1").await;
    zhang.adds_contact(&mpox, TAIGU, "PK1").await;
    zhang.adds_contact(&covid, TAIGU, "CK1").await;
    (zhang, mpox, covid)
}

/// What somebody sees of cases and contacts, on every page that shows them.
async fn sees(person: &Person, number: &str) -> Vec<&'static str> {
    let mut seen = Vec::new();
    for (page, path) in [
        ("cases", "/api/cases"),
        ("contacts", "/api/contacts"),
        ("chains", "/api/chains"),
        ("export", "/api/export/cases.csv"),
    ] {
        if person.get(path).await.text.contains(number) {
            seen.push(page);
        }
    }
    seen
}

async fn a_protected_disease_is_read_for_a_purpose_that_opens_identities(town: &mut Town) {
    let (zhang, mpox, covid) = two_diseases(town).await;
    assert_eq!(sees(&zhang, "P1").await, ["cases", "contacts", "chains", "export"]);
    assert_eq!(sees(&zhang, "PK1").await, ["contacts"]);
    zhang.post("/api/session/purpose", json!({ "purpose": "analysis" })).await.ok();
    assert_eq!(sees(&zhang, "P1").await, Vec::<&str>::new());
    assert_eq!(sees(&zhang, "PK1").await, Vec::<&str>::new());
    assert_eq!(sees(&zhang, "C1").await, ["cases", "contacts", "chains", "export"]);
    assert_eq!(zhang.counts_cases().await, 1);
    zhang.get(&format!("/api/cases/{}", mpox.id)).await.refused(404, "record.missing");
    let amend = json!({ "case": mpox.id, "age": 40 });
    zhang.change("amend-case", amend).await.refused(404, "record.missing");
    let link = json!({ "link": fresh("link"), "from": covid.id, "to": mpox.id, "evidence": "named" });
    zhang.change("link-cases", link).await.refused(404, "record.missing");
    let ask = json!({ "ask": fresh("ask"), "kind": "open_identity", "about": mpox.subject, "reason": "x" });
    zhang.change("ask-second-person", ask).await.refused(404, "record.missing");
    for role in ["laboratory", "analyst", "commander", "integrator"] {
        let other = town.person(role, TAIGU).await;
        assert_eq!(other.counts_cases().await, 1, "{role}");
        other.get(&format!("/api/cases/{}", mpox.id)).await.refused(404, "record.missing");
    }
    let commander = town.person("commander", TAIGU).await;
    assert_eq!(commander.get("/api/situation").await.ok()["figures"]["total_cases"], 1);
}

async fn a_protected_event_tells_others_only_counts_and_no_small_ones(town: &mut Town) {
    let zhang = town.person("epidemiologist", TAIGU).await;
    let event = fresh("event");
    let fields = json!({ "event": event, "name": "Cluster", "disease": "mpox", "territory": TAIGU });
    zhang.change("open-event", fields).await.ok();
    zhang.change("add-note", json!({ "note": fresh("note"), "event": event, "text": "a bar" })).await.ok();
    let commander = town.person("commander", TAIGU).await;
    let withheld = json!({ "withheld": true });
    for cases in [1, 4] {
        while zhang.get("/api/events").await.ok()["rows"][0]["cases"].as_i64().unwrap() < cases {
            let mut case = case_of("mpox", TAIGU, &fresh("n"));
            case["event"] = json!(event);
            zhang.reports_so(case).await;
        }
        assert_eq!(commander.get("/api/events").await.ok()["rows"][0]["cases"], withheld, "{cases}");
        let page = commander.get(&format!("/api/events/{event}")).await.ok();
        assert_eq!(page["counts"]["cases"], withheld);
        assert_eq!((&page["notes"], &page["clock"]["first_onset"]), (&json!([]), &json!(null)));
    }
}

async fn a_name_of_a_protected_disease_opens_with_a_second_person(town: &mut Town) {
    let (zhang, mpox, covid) = two_diseases(town).await;
    let open = |case: &Known| format!("/api/subjects/{}/open", case.subject);
    let form = json!({ "purpose": "outbreak_response", "reason": "to tell the family" });
    zhang.post(&open(&covid), form.clone()).await.ok();
    zhang.post(&open(&mpox), form.clone()).await.refused(403, "access.second_person");
    let ask = zhang.asks_about(&mpox).await;
    let commander = town.person("commander", TAIGU).await;
    commander.change("answer-ask", json!({ "ask": ask, "agreed": true })).await.ok();
    let mut agreed = form.clone();
    agreed["ask"] = json!(ask);
    zhang.post(&open(&mpox), agreed.clone()).await.ok();
    zhang.post(&open(&mpox), agreed).await.refused(409, "access.ask_used");
    zhang.post(&open(&mpox), form).await.refused(403, "access.second_person");
}

async fn a_closed_disease_is_there_for_those_named_for_it_until_their_time_is_over(town: &mut Town) {
    let (zhang, mpox, _) = two_diseases(town).await;
    let event = fresh("event");
    let fields = json!({ "event": event, "name": "Cluster", "disease": "mpox", "territory": TAIGU });
    zhang.change("open-event", fields).await.ok();
    let admin = town.person("administrator", "").await;
    admin.change("set-disease-access", json!({ "disease": "mpox", "level": "closed" })).await.ok();
    assert_eq!(sees(&zhang, "P1").await, Vec::<&str>::new());
    assert_eq!(zhang.get("/api/events").await.ok()["rows"], json!([]));
    zhang.get(&format!("/api/events/{event}")).await.refused(404, "record.missing");
    let note = json!({ "note": fresh("note"), "event": event, "text": "x" });
    zhang.change("add-note", note).await.refused(404, "record.missing");
    zhang.get(&format!("/api/cases/{}", mpox.id)).await.refused(404, "record.missing");
    let form = json!({ "purpose": "outbreak_response", "reason": "to tell the family" });
    let open = format!("/api/subjects/{}/open", mpox.subject);
    zhang.post(&open, form).await.refused(404, "record.missing");
    let glass = json!({ "territory": TAIGU, "disease": "mpox", "reason": "an unconscious patient in ward 3", "hours": 1 });
    zhang.post("/api/glass", glass).await.refused(422, "access.glass_closed");
    let named = json!({ "account": zhang.account, "disease": "mpox", "hours": 5 });
    admin.change("name-for-disease", named).await.ok();
    assert_eq!(sees(&zhang, "P1").await, ["cases", "contacts", "chains", "export"]);
    assert_eq!(zhang.get("/api/events").await.ok()["rows"][0]["id"], json!(event));
    town.hours_pass(6);
    let zhang = town.signs_in(&zhang.login, town.password()).await.expect("back");
    assert_eq!(sees(&zhang, "P1").await, Vec::<&str>::new());
    let long = json!({ "account": zhang.account, "disease": "mpox", "hours": 24 * 91 });
    let admin = town.person("administrator", "").await;
    admin.change("name-for-disease", long).await.refused(422, "access.named_too_long");
}

async fn a_case_of_an_event_is_kept_as_closely_as_the_event(town: &mut Town) {
    let zhang = town.person("epidemiologist", TAIGU).await;
    let event = fresh("event");
    let fields = json!({ "event": event, "name": "Cluster", "disease": "mpox", "territory": TAIGU });
    zhang.change("open-event", fields).await.ok();
    let mut case = covid_case(TAIGU, "P1");
    case["disease"] = json!(null);
    case["event"] = json!(event);
    zhang.reports_so(case).await;
    assert_eq!(town.person("commander", TAIGU).await.counts_cases().await, 0);
}

async fn a_level_is_made_closer_and_never_looser(town: &mut Town) {
    let admin = town.person("administrator", "").await;
    admin
        .change("set-disease-access", json!({ "disease": "mpox", "level": "open" }))
        .await
        .refused(422, "access.level_loosened");
    admin
        .change("set-disease-access", json!({ "disease": "flu", "level": "closed" }))
        .await
        .refused(422, "access.disease");
    let county = town.person("administrator", TAIGU).await;
    county
        .change("set-disease-access", json!({ "disease": "measles", "level": "closed" }))
        .await
        .refused(403, "access.outside_territory");
    admin.change("set-disease-access", json!({ "disease": "measles", "level": "protected" })).await.ok();
    admin.change("set-disease-access", json!({ "disease": "measles", "level": "open" })).await.ok();
    let rows = admin.get("/api/disease-access").await.ok();
    let measles = rows["rows"].as_array().unwrap().iter().find(|row| row["id"] == "measles").cloned();
    assert_eq!(measles.unwrap()["level"], "open");
}

const LIST: &str = "case_no,disease,sex,age,onset date,county\n";

async fn an_import_recognises_nothing_its_importer_does_not_read(town: &mut Town) {
    let zhang = town.person("epidemiologist", TAIGU).await;
    let rows = |age: i32| {
        (1..=6).fold(LIST.to_owned(), |text, n| {
            format!("{text}P{n},mpox,male,{},2022-02-1{n},太谷区\n", age + n)
        })
    };
    let report = zhang.imports("list.csv", &rows(30)).await;
    assert_eq!(report["created"], 6, "{report}");
    let laboratory = town.person("laboratory", TAIGU).await;
    let import = laboratory.uploads("list.csv", rows(40)).await;
    let checked = laboratory.runs_import(&import, "check").await;
    let told = checked.to_string();
    assert!(!told.contains("\"before\":\"3"), "no age of a record they do not read: {told}");
    assert_eq!(
        (&checked["report"]["updated"], &checked["report"]["unchanged"]),
        (&json!(0), &json!(0)),
        "{told}"
    );
    assert_eq!(
        laboratory.get("/api/imports").await.ok()["rows"].as_array().unwrap().len(),
        1,
        "their own only"
    );
}

async fn the_twenty_first_name_of_an_hour_needs_a_second_person(town: &mut Town) {
    let zhang = town.person("epidemiologist", SHANXI).await;
    let form = json!({ "purpose": "outbreak_response", "reason": "the daily call" });
    let mut cases = Vec::new();
    for at in 0..21 {
        let case = zhang.reports(if at % 2 == 0 { TAIGU } else { YUCI }, &format!("C{at}")).await;
        cases.push(case);
    }
    for case in &cases[..20] {
        zhang.post(&format!("/api/subjects/{}/open", case.subject), form.clone()).await.ok();
    }
    let last = format!("/api/subjects/{}/open", cases[20].subject);
    zhang.post(&last, form.clone()).await.refused(403, "access.second_person");
    let again = format!("/api/subjects/{}/open", cases[3].subject);
    zhang.post(&again, form.clone()).await.ok();
    town.hours_pass(2);
    let zhang = town.signs_in(&zhang.login, town.password()).await.expect("back");
    zhang.post(&last, form).await.ok();
}
