//! Reporting a case, correcting it, classifying it, and opening who it is.

use scenes::{TAIGU, Town, both};
use serde_json::{Value, json};

both!(
    a_report_sent_twice_is_one_case,
    a_number_is_made_when_none_is_given,
    the_ladder_goes_up_and_never_back_to_suspected,
    a_death_before_the_onset_is_refused,
    nobody_is_two_hundred_years_old,
    a_date_given_as_null_becomes_unknown_again,
    a_name_opens_only_with_purpose_and_reason_and_is_journaled,
    a_role_without_the_permission_opens_no_name,
    a_list_turns_its_pages_without_losing_or_repeating_a_case,
);

async fn a_report_sent_twice_is_one_case(town: &mut Town) {
    let zhang = town.person("epidemiologist", TAIGU).await;
    let mut case = scenes::covid_case(TAIGU, "C1");
    case["id"] = json!(scenes::fresh("change"));
    let first = zhang.change("report-case", case.clone()).await.ok();
    let second = zhang.change("report-case", case.clone()).await.ok();
    assert_eq!(first, second, "the second sending gets the first answer");
    assert_eq!(zhang.counts_cases().await, 1);
    case["id"] = json!(scenes::fresh("change"));
    zhang.change("report-case", case).await.refused(409, "record.exists");
}

async fn a_number_is_made_when_none_is_given(town: &mut Town) {
    let zhang = town.person("epidemiologist", TAIGU).await;
    let mut case = scenes::covid_case(TAIGU, "");
    case["case_no"] = Value::Null;
    let told = zhang.change("report-case", case).await.ok();
    let made = told["out"]["case_no"].as_str().expect("a number").to_owned();
    assert_eq!(zhang.get(&format!("/api/cases?q={made}")).await.ok()["rows"][0]["case_no"], json!(made));
}

async fn the_ladder_goes_up_and_never_back_to_suspected(town: &mut Town) {
    let zhang = town.person("epidemiologist", TAIGU).await;
    let mut case = scenes::covid_case(TAIGU, "C1");
    case["classification"] = json!("suspected");
    let known = zhang.reports_so(case).await;
    let step = |to: &str| json!({ "case": known.id, "to": to, "day": "2022-02-21", "reason": "second PCR" });
    zhang.change("classify-case", step("confirmed")).await.ok();
    zhang.change("classify-case", step("suspected")).await.refused(422, "cases.illegal_step");
    let page = zhang.get(&format!("/api/cases/{}", known.id)).await.ok();
    let states: Vec<&Value> =
        page["states"].as_array().unwrap().iter().map(|s| &s["classification"]).collect();
    assert_eq!(states, [&json!("suspected"), &json!("confirmed")]);
    assert_eq!(page["states"][1]["reason"], "second PCR");
}

async fn a_death_before_the_onset_is_refused(town: &mut Town) {
    let zhang = town.person("epidemiologist", TAIGU).await;
    let case = zhang.reports(TAIGU, "C1").await;
    let died = json!({ "day": "2022-02-10", "precision": "day", "source": "stated" });
    let told = zhang.change("amend-case", json!({ "case": case.id, "dates": { "death": died } })).await;
    assert_eq!(told.refused(422, "cases.date_order")["field"], "dates.death");
    let unreal = json!({ "day": "2022-02-31", "precision": "day", "source": "stated" });
    let told = zhang.change("amend-case", json!({ "case": case.id, "dates": { "result": unreal } })).await;
    told.refused(422, "request.unreadable");
}

async fn nobody_is_two_hundred_years_old(town: &mut Town) {
    let zhang = town.person("epidemiologist", TAIGU).await;
    let mut case = scenes::covid_case(TAIGU, "C1");
    case["age"] = json!(200);
    assert_eq!(zhang.change("report-case", case).await.refused(422, "cases.age")["field"], "age");
    assert_eq!(zhang.counts_cases().await, 0);
}

async fn a_date_given_as_null_becomes_unknown_again(town: &mut Town) {
    let zhang = town.person("epidemiologist", TAIGU).await;
    let case = zhang.reports(TAIGU, "C1").await;
    zhang.change("amend-case", json!({ "case": case.id, "dates": { "onset": null } })).await.ok();
    let page = zhang.get(&format!("/api/cases/{}", case.id)).await.ok();
    assert_eq!((&page["dates"]["onset"], &page["dates"]["result"]), (&Value::Null, &json!("2022-02-20")));
}

async fn a_name_opens_only_with_purpose_and_reason_and_is_journaled(town: &mut Town) {
    let zhang = town.person("epidemiologist", TAIGU).await;
    let mut case = scenes::covid_case(TAIGU, "C1");
    case["identity"] =
        json!({ "name": "Invented Name", "phone": "13800000000", "id_number": null, "address": null });
    let known = zhang.reports_so(case).await;
    let page = zhang.get(&format!("/api/cases/{}", known.id)).await;
    assert!(!page.text.contains("Invented Name") && page.json()["has_identity"] == true, "{}", page.text);
    let path = format!("/api/subjects/{}/open", known.subject);
    let ask = |purpose: &str, reason: &str| json!({ "purpose": purpose, "reason": reason });
    zhang.post(&path, ask("outbreak_response", " ")).await.refused(422, "field.required");
    zhang.post(&path, ask("analysis", "a study")).await.refused(422, "people.purpose");
    assert_eq!(openings(town).await, 0, "what is refused opens nothing");
    let opened = zhang.post(&path, ask("outbreak_response", "to call the household")).await.ok();
    assert_eq!((&opened["name"], &opened["phone"]), (&json!("Invented Name"), &json!("13800000000")));
    assert_eq!(openings(town).await, 1);
}

async fn openings(town: &Town) -> usize {
    let journal = town.person("auditor", "").await.get("/api/journal?limit=500").await.ok();
    let rows = journal["rows"].as_array().expect("rows");
    rows.iter().filter(|row| row["change"] == "open identity").count()
}

async fn a_role_without_the_permission_opens_no_name(town: &mut Town) {
    let zhang = town.person("epidemiologist", TAIGU).await;
    let known = zhang.reports(TAIGU, "C1").await;
    for role in ["laboratory", "commander", "analyst", "administrator", "auditor"] {
        let other = town.person(role, TAIGU).await;
        let path = format!("/api/subjects/{}/open", known.subject);
        let ask = json!({ "purpose": "outbreak_response", "reason": "I would like to know" });
        other.post(&path, ask).await.refused(403, "access.not_allowed");
    }
}

async fn a_list_turns_its_pages_without_losing_or_repeating_a_case(town: &mut Town) {
    let zhang = town.person("epidemiologist", TAIGU).await;
    for number in 0..7 {
        zhang.reports(TAIGU, &format!("C{number}")).await;
    }
    let (mut met, mut path) = (Vec::new(), "/api/cases?limit=3".to_owned());
    loop {
        let page = zhang.get(&path).await.ok();
        met.extend(page["rows"].as_array().unwrap().iter().map(|row| row["case_no"].to_string()));
        let Some(next) = page["next"].as_str() else { break };
        path = format!("/api/cases?limit=3&after={}", next.replace('|', "%7C"));
    }
    met.sort();
    assert_eq!(met, (0..7).map(|number| format!("\"C{number}\"")).collect::<Vec<_>>());
}
