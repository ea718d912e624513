//! Breaking the glass: looking beyond one's reach in an emergency, for hours, in front of the data officer's eyes.

use scenes::{JINZHONG, Known, Person, SHANXI, TAIGU, Town, XIAODIAN, YUCI, both, covid_case};
use serde_json::{Value, json};

both!(
    behind_the_glass_one_reads_there_and_nothing_else,
    every_look_behind_the_glass_is_told_to_the_data_officer,
    the_data_officer_judges_once_and_never_their_own,
    a_look_ends_by_itself_and_at_once_when_ended,
    a_glass_needs_a_reason_hours_and_somewhere_to_look,
    a_protected_name_opens_behind_its_glass,
    who_may_not_break_the_glass_does_not,
    the_data_officer_sees_it_live,
);

const REASON: &str = "an unconscious traveller in our ward, his contacts are theirs";

fn glass(territory: &str) -> Value {
    json!({ "territory": territory, "reason": REASON, "hours": 3 })
}

/// Yuci has a case with a contact; somebody of Taigu needs it.
async fn neighbours(town: &Town) -> (Person, Known, Person) {
    let yuci = town.person("epidemiologist", YUCI).await;
    let case = yuci.reports(YUCI, "Y1").await;
    yuci.adds_contact(&case, YUCI, "YK1").await;
    (yuci, case, town.person("epidemiologist", TAIGU).await)
}

async fn behind_the_glass_one_reads_there_and_nothing_else(town: &mut Town) {
    let (_, case, zhang) = neighbours(town).await;
    let own = zhang.reports(TAIGU, "T1").await;
    zhang.get(&format!("/api/cases/{}", case.id)).await.refused(404, "record.missing");
    let state = zhang.post("/api/glass", glass(YUCI)).await.ok();
    assert_eq!(
        (&state["account"]["territory"], &state["account"]["acting"]["kind"]),
        (&json!(YUCI), &json!("glass"))
    );
    zhang.get(&format!("/api/cases/{}", case.id)).await.ok();
    assert_eq!(zhang.get("/api/contacts").await.ok()["count"]["n"], 1);
    zhang.get(&format!("/api/cases/{}", own.id)).await.refused(404, "record.missing");
    let form = json!({ "purpose": "outbreak_response", "reason": "to find his family" });
    zhang.post(&format!("/api/subjects/{}/open", case.subject), form).await.ok();
    zhang.change("amend-case", json!({ "case": case.id, "age": 3 })).await.refused(403, "access.not_allowed");
    zhang.change("report-case", covid_case(YUCI, "Y2")).await.refused(403, "access.not_allowed");
    zhang.get("/api/export/cases.csv").await.refused(403, "access.not_allowed");
    zhang.get("/api/situation").await.refused(403, "access.not_allowed");
    let lend =
        json!({ "delegation": scenes::fresh("delegation"), "to": "anybody", "territory": YUCI, "days": 1 });
    zhang.change("lend-role", lend).await.refused(403, "access.not_ones_own");
}

async fn every_look_behind_the_glass_is_told_to_the_data_officer(town: &mut Town) {
    let (_, case, zhang) = neighbours(town).await;
    zhang.post("/api/glass", glass(YUCI)).await.ok();
    zhang.get("/api/cases").await.ok();
    zhang.get(&format!("/api/cases/{}", case.id)).await.ok();
    let form = json!({ "purpose": "outbreak_response", "reason": "to find his family" });
    zhang.post(&format!("/api/subjects/{}/open", case.subject), form).await.ok();
    let officer = town.person("data_officer", JINZHONG).await;
    let told = officer.get("/api/glass").await.ok()["overseen"][0].clone();
    assert_eq!(
        (&told["reason"], &told["who"]["role"], &told["running"], &told["overdue"], &told["justified"]),
        (&json!(REASON), &json!("epidemiologist"), &json!(true), &json!(false), &json!(null))
    );
    let looks: Vec<(&str, &str)> = told["looks"]
        .as_array()
        .unwrap()
        .iter()
        .map(|look| (look["change"].as_str().unwrap(), look["about"][0].as_str().unwrap()))
        .collect();
    assert_eq!(
        looks,
        [("look", "list:cases"), ("look", case.id.as_str()), ("open identity", case.subject.as_str())]
    );
    let elsewhere = town.person("data_officer", XIAODIAN).await;
    assert_eq!(elsewhere.get("/api/glass").await.ok()["overseen"], json!([]));
    assert!(!town.disk.every_value().iter().any(|(_, value)| value.contains(REASON)), "sealed");
}

async fn broken_by_taigu(town: &Town) -> (Person, String) {
    let (_, _, zhang) = neighbours(town).await;
    zhang.post("/api/glass", glass(YUCI)).await.ok();
    let id = zhang.get("/api/glass").await.ok()["mine"][0]["id"].as_str().unwrap().to_owned();
    (zhang, id)
}

async fn the_data_officer_judges_once_and_never_their_own(town: &mut Town) {
    let (zhang, id) = broken_by_taigu(town).await;
    let judge =
        |justified: bool| json!({ "glass": id, "justified": justified, "note": "seen the ward's book" });
    zhang.change("judge-glass", judge(true)).await.refused(403, "access.not_allowed");
    let elsewhere = town.person("data_officer", XIAODIAN).await;
    elsewhere.change("judge-glass", judge(true)).await.refused(404, "record.missing");
    town.hours_pass(49);
    let officer = town.person("data_officer", JINZHONG).await;
    assert_eq!(officer.get("/api/glass").await.ok()["overseen"][0]["overdue"], true);
    let mut empty = judge(false);
    empty["note"] = json!(" ");
    officer.change("judge-glass", empty).await.refused(422, "field.required");
    officer.change("judge-glass", judge(false)).await.ok();
    let told = officer.get("/api/glass").await.ok()["overseen"][0].clone();
    assert_eq!(
        (&told["justified"], &told["overdue"], &told["note"]),
        (&json!(false), &json!(false), &json!("seen the ward's book"))
    );
    officer.change("judge-glass", judge(true)).await.refused(409, "access.glass_judged");
}

async fn a_look_ends_by_itself_and_at_once_when_ended(town: &mut Town) {
    let (zhang, id) = broken_by_taigu(town).await;
    assert_eq!(zhang.counts_cases().await, 1);
    let other = town.person("epidemiologist", TAIGU).await;
    other.change("end-glass", json!({ "glass": id })).await.refused(404, "record.missing");
    zhang.change("end-glass", json!({ "glass": id })).await.ok();
    assert_eq!(zhang.counts_cases().await, 0);
    assert_eq!(zhang.get("/api/state").await.ok()["account"]["acting"], json!(null));
    let mut short = glass(YUCI);
    short["hours"] = json!(1);
    zhang.post("/api/glass", short).await.ok();
    assert_eq!(zhang.counts_cases().await, 1);
    town.house.settings.clock.pass_seconds(29 * 60);
    assert_eq!(zhang.counts_cases().await, 1);
    town.house.settings.clock.pass_seconds(29 * 60);
    assert_eq!(zhang.counts_cases().await, 1);
    town.house.settings.clock.pass_seconds(3 * 60);
    assert_eq!(zhang.counts_cases().await, 0, "an hour later the session is its owner's own again");
}

async fn a_glass_needs_a_reason_hours_and_somewhere_to_look(town: &mut Town) {
    let (_, _, zhang) = neighbours(town).await;
    let with = |field: &str, value: Value| {
        let mut form = glass(YUCI);
        form[field] = value;
        form
    };
    for (form, code) in [
        (with("reason", json!("urgent")), "access.glass_reason"),
        (with("hours", json!(4)), "access.glass_hours"),
        (with("hours", json!(0)), "access.glass_hours"),
        (with("territory", json!(TAIGU)), "access.glass_not_needed"),
        (with("territory", json!(SHANXI)), "access.glass_too_wide"),
        (with("disease", json!("measles")), "access.glass_not_needed"),
    ] {
        zhang.post("/api/glass", form).await.refused(422, code);
    }
    assert_eq!(zhang.get("/api/glass").await.ok()["mine"], json!([]));
}

async fn a_protected_name_opens_behind_its_glass(town: &mut Town) {
    let zhang = town.person("epidemiologist", TAIGU).await;
    let mut case = covid_case(TAIGU, "P1");
    case["disease"] = json!("mpox");
    let case = zhang.reports_so(case).await;
    let form = json!({ "purpose": "outbreak_response", "reason": "he cannot speak" });
    let open = format!("/api/subjects/{}/open", case.subject);
    zhang.post(&open, form.clone()).await.refused(403, "access.second_person");
    let mut glass = glass(TAIGU);
    glass["disease"] = json!("mpox");
    zhang.post("/api/glass", glass).await.ok();
    zhang.post(&open, form).await.ok();
}

async fn who_may_not_break_the_glass_does_not(town: &mut Town) {
    for role in ["commander", "laboratory", "analyst", "administrator", "auditor", "data_officer"] {
        let person = town.person(role, TAIGU).await;
        person.post("/api/glass", glass(YUCI)).await.refused(403, "access.not_allowed");
    }
    let field = town.person("field", TAIGU).await;
    let (_, case, _) = neighbours(town).await;
    field.post("/api/glass", glass(YUCI)).await.ok();
    assert_eq!(field.get("/api/contacts").await.ok()["count"]["n"], 1);
    field.get(&format!("/api/cases/{}", case.id)).await.refused(403, "access.not_allowed");
}

async fn the_data_officer_sees_it_live(town: &mut Town) {
    let (_, _, zhang) = neighbours(town).await;
    let mut ear = town.person("data_officer", JINZHONG).await.listens().await;
    zhang.post("/api/glass", glass(YUCI)).await.ok();
    // Who is not of the team hears that something changed; the page then shows what.
    assert!(ear.hears("event: change").await);
}
