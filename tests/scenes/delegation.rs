//! Lending one's role for a holiday: for a time, to somebody who may hold it, with both names on what is done.

use scenes::{Answer, JINZHONG, Person, SHANXI, TAIGU, Town, XIAODIAN, YUCI, both, covid_case, fresh};
use serde_json::{Value, json};

both!(
    whoever_borrows_acts_for_the_lender_and_the_journal_names_both,
    a_loan_ends_by_itself_and_by_either_and_by_an_administrator,
    less_than_the_role_is_lent_as_that,
    nobody_gets_both_halves_by_borrowing,
    ones_own_request_is_not_answered_with_borrowed_powers,
    what_is_borrowed_is_not_lent_on,
    a_lender_who_changes_lends_no_more,
    a_loan_is_for_a_colleague_of_the_same_branch,
);

async fn lends(lender: &Person, to: &Person, territory: &str, more: Value) -> (String, Answer) {
    let delegation = fresh("delegation");
    let mut fields = json!({ "delegation": delegation, "to": to.login, "territory": territory, "days": 14 });
    for (field, value) in more.as_object().into_iter().flatten() {
        fields[field] = value.clone();
    }
    let answer = lender.change("lend-role", fields).await;
    (delegation, answer)
}

async fn acts(person: &Person, delegation: &str) -> Answer {
    person.post("/api/session/acting", json!({ "delegation": delegation })).await
}

async fn whoever_borrows_acts_for_the_lender_and_the_journal_names_both(town: &mut Town) {
    let (zhang, wang) =
        (town.person("epidemiologist", JINZHONG).await, town.person("epidemiologist", TAIGU).await);
    let (loan, answer) = lends(&zhang, &wang, YUCI, json!({})).await;
    answer.ok();
    wang.change("report-case", covid_case(YUCI, "Y1")).await.refused(403, "access.outside_territory");
    let state = acts(&wang, &loan).await.ok();
    assert_eq!(
        (&state["account"]["territory"], &state["account"]["acting"]["for"], &state["account"]["login"]),
        (&json!(YUCI), &json!(format!("epidemiologist of {JINZHONG}")), &json!(wang.login))
    );
    let case = wang.reports(YUCI, "Y1").await;
    let own = wang.change("report-case", covid_case(TAIGU, "T1")).await;
    own.refused(403, "access.outside_territory");
    let page = wang.get(&format!("/api/cases/{}", case.id)).await.ok();
    let by = format!("epidemiologist of {TAIGU} → epidemiologist of {JINZHONG}");
    assert_eq!(page["history"][0]["by"], json!(by));
    let auditor = town.person("auditor", "").await;
    let rows = auditor.get("/api/journal?order=newest&limit=500").await.ok();
    let row =
        rows["rows"].as_array().unwrap().iter().find(|row| row["change"] == "report case").cloned().unwrap();
    assert_eq!(row["by"], json!(format!("{} {loan} {}", wang.account, zhang.account)));
    wang.post("/api/session/acting", json!({ "delegation": null })).await.ok();
    wang.reports(TAIGU, "T1").await;
}

async fn a_loan_ends_by_itself_and_by_either_and_by_an_administrator(town: &mut Town) {
    let (zhang, wang) =
        (town.person("epidemiologist", JINZHONG).await, town.person("epidemiologist", TAIGU).await);
    for ender in ["lender", "delegate", "administrator", "time"] {
        let (loan, answer) = lends(&zhang, &wang, YUCI, json!({ "days": 1 })).await;
        answer.ok();
        acts(&wang, &loan).await.ok();
        let end = json!({ "delegation": loan });
        let stranger = town.person("epidemiologist", JINZHONG).await;
        stranger.change("end-lending", end.clone()).await.refused(404, "record.missing");
        let beside = town.person("administrator", XIAODIAN).await;
        beside.change("end-lending", end.clone()).await.refused(404, "record.missing");
        match ender {
            "lender" => drop(zhang.change("end-lending", end).await.ok()),
            "delegate" => drop(wang.change("end-lending", end).await.ok()),
            "administrator" => {
                drop(town.person("administrator", JINZHONG).await.change("end-lending", end).await.ok())
            }
            _ => town.hours_pass(25),
        }
        let wang = town.signs_in(&wang.login, town.password()).await.expect("in");
        acts(&wang, &loan).await.refused(404, "record.missing");
        if ender != "time" {
            assert_eq!(wang.get("/api/state").await.ok()["account"]["territory"], json!(TAIGU), "{ender}");
        }
    }
    let (_, answer) =
        lends(&town.person("epidemiologist", JINZHONG).await, &wang, YUCI, json!({ "days": 31 })).await;
    answer.refused(422, "access.lent_too_long");
}

async fn less_than_the_role_is_lent_as_that(town: &mut Town) {
    let (zhang, wang) = (town.person("epidemiologist", JINZHONG).await, town.person("analyst", TAIGU).await);
    let (loan, answer) =
        lends(&zhang, &wang, YUCI, json!({ "permissions": ["cases.read", "cases.write"] })).await;
    answer.ok();
    acts(&wang, &loan).await.ok();
    wang.reports(YUCI, "Y1").await;
    wang.get("/api/contacts").await.refused(403, "access.not_allowed");
    let (_, answer) = lends(&zhang, &wang, SHANXI, json!({})).await;
    answer.refused(403, "access.outside_territory");
    let (_, answer) = lends(&zhang, &wang, YUCI, json!({ "permissions": ["accounts.manage"] })).await;
    answer.refused(403, "access.not_ones_own");
}

async fn nobody_gets_both_halves_by_borrowing(town: &mut Town) {
    let zhang = town.person("epidemiologist", TAIGU).await;
    for role in ["commander", "administrator", "auditor", "data_officer"] {
        let other = town.person(role, TAIGU).await;
        let (_, answer) = lends(&other, &zhang, TAIGU, json!({})).await;
        answer.refused(403, "access.separated_duties");
    }
    // One after the other, neither is forbidden alone.
    let analyst = town.person("analyst", TAIGU).await;
    let auditor = town.person("auditor", TAIGU).await;
    lends(&auditor, &analyst, TAIGU, json!({})).await.1.ok();
    let (_, answer) = lends(&zhang, &analyst, TAIGU, json!({})).await;
    answer.refused(403, "access.separated_duties");
    lends(&zhang, &analyst, TAIGU, json!({ "permissions": ["cases.read"] })).await.1.ok();
}

async fn ones_own_request_is_not_answered_with_borrowed_powers(town: &mut Town) {
    let (officer, other) =
        (town.person("data_officer", TAIGU).await, town.person("data_officer", TAIGU).await);
    let ask = fresh("ask");
    let fields = json!({
        "ask": ask, "kind": "erase_people", "about": "people of 2021", "territory": TAIGU, "reason": "their time is over",
    });
    officer.change("ask-second-person", fields).await.ok();
    let (loan, answer) = lends(&other, &officer, TAIGU, json!({})).await;
    answer.ok();
    acts(&officer, &loan).await.ok();
    let answered = json!({ "ask": ask, "agreed": true });
    officer.change("answer-ask", answered.clone()).await.refused(403, "access.own_ask");
    // And a request made for somebody is not answered by that somebody.
    let second = fresh("ask");
    let fields = json!({
        "ask": second, "kind": "erase_people", "about": "people of 2020", "territory": TAIGU, "reason": "their time is over",
    });
    officer.change("ask-second-person", fields).await.ok();
    other.change("answer-ask", json!({ "ask": second, "agreed": true })).await.refused(403, "access.own_ask");
    let third = town.person("commander", TAIGU).await;
    third.change("answer-ask", answered).await.ok();
}

async fn what_is_borrowed_is_not_lent_on(town: &mut Town) {
    let (zhang, wang) =
        (town.person("epidemiologist", JINZHONG).await, town.person("epidemiologist", TAIGU).await);
    let (loan, answer) = lends(&zhang, &wang, JINZHONG, json!({})).await;
    answer.ok();
    acts(&wang, &loan).await.ok();
    let third = town.person("epidemiologist", TAIGU).await;
    let (_, answer) = lends(&wang, &third, TAIGU, json!({})).await;
    answer.refused(403, "access.not_ones_own");
}

async fn a_lender_who_changes_lends_no_more(town: &mut Town) {
    let admin = town.person("administrator", "").await;
    for change in
        [json!({ "disabled": true }), json!({ "role": "analyst" }), json!({ "territory": XIAODIAN })]
    {
        let (zhang, wang) =
            (town.person("epidemiologist", JINZHONG).await, town.person("epidemiologist", TAIGU).await);
        let (loan, answer) = lends(&zhang, &wang, YUCI, json!({})).await;
        answer.ok();
        acts(&wang, &loan).await.ok();
        let mut fields = change.clone();
        fields["account"] = json!(zhang.account);
        admin.change("set-account", fields).await.ok();
        assert_eq!(wang.get("/api/state").await.ok()["account"]["territory"], json!(TAIGU), "{change}");
        acts(&wang, &loan).await.refused(404, "record.missing");
    }
}

async fn a_loan_is_for_a_colleague_of_the_same_branch(town: &mut Town) {
    let zhang = town.person("epidemiologist", TAIGU).await;
    let beside = town.person("epidemiologist", XIAODIAN).await;
    let (_, answer) = lends(&zhang, &beside, TAIGU, json!({})).await;
    let told = answer.refused(404, "record.missing");
    let (_, answer) = lends(&zhang, &town.stranger(), TAIGU, json!({ "to": "nobody.here" })).await;
    assert_eq!(answer.refused(404, "record.missing"), told, "an unknown login is told the same");
    let (_, answer) = lends(&zhang, &zhang, TAIGU, json!({})).await;
    answer.refused(422, "access.lent_to_oneself");
}
