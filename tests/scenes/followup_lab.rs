//! Samples of the laboratory join the pathways of whom they are, without anybody typing them.

use crate::lab_runs::{a_positive_pool, alone};
use crate::lab_tubes::{Screening, screening};
use scenes::{Person, TAIGU, Town, both, fresh};
use serde_json::{Value, json};

both!(
    a_swab_fulfils_the_day_and_its_result_comes_by_itself,
    a_positive_is_a_find_and_no_release_and_a_pool_is_nobodys_result,
    a_discharged_person_of_a_pool_is_what_their_own_tube_says,
    a_tube_that_never_arrives_holds_nobody_for_good,
    a_round_for_another_disease_and_a_sample_told_twice_count_for_nothing_more,
);

async fn joined(town: &Town) -> usize {
    let house = town.house.clone();
    tokio::task::spawn_blocking(move || {
        rooms::lab::index_now(&house).unwrap();
        rooms::followup::join_now(&house).unwrap()
    })
    .await
    .unwrap()
}

/// The invented person of this number is a contact on the pathway of the eighth edition, from today.
async fn on_a_pathway(town: &Town, zhang: &Person, person: usize, disease: &str) -> String {
    let (case, subject, course) = (fresh("case"), fresh("subject"), fresh("course"));
    let source = json!({
        "case": case, "subject": fresh("subject"), "territory": TAIGU, "disease": disease, "classification": "suspected",
    });
    zhang.change("report-case", source).await.ok();
    let contact = fresh("contact");
    let fields = json!({
        "contact": contact, "subject": subject, "contact_no": format!("K{person}"), "source_case": case, "territory": TAIGU,
        "class": "close", "last_exposure": town.house.today() - 1,
        "identity": { "name": format!("Person {person}"), "id_number": format!("P{person:07}") },
    });
    zhang.change("add-contact", fields).await.ok();
    let edition = if disease == "measles" { "measles" } else { "cn-covid-8" };
    let fields = json!({ "people": [{ "course": course, "contact": contact }], "protocol": edition });
    assert_eq!(zhang.change("put-on-pathway", fields).await.ok()["out"]["put"], 1);
    course
}

async fn page(person: &Person, course: &str) -> Value {
    person.get(&format!("/api/followup/people/{course}")).await.ok()
}

async fn reported(day: &Screening, tubes: &[&str], silent: &[&str]) {
    day.receives(tubes).await;
    let run = day.plates(tubes).await;
    day.reads(&run, silent, &[]).await;
    day.lab.change("report-run", json!({ "run": run })).await.ok();
}

async fn a_swab_fulfils_the_day_and_its_result_comes_by_itself(town: &mut Town) {
    town.by_day();
    let day = screening(town).await;
    let course = on_a_pathway(town, &day.zhang, 3, "covid-19-delta").await;
    assert_eq!(page(&day.zhang, &course).await["due_tests"], 1, "day 1 asks for a test");
    day.sends(&[day.tube("SX-0001", 0, 10)]).await;
    assert_eq!(joined(town).await, 1);
    assert_eq!(joined(town).await, 0, "once, however often somebody looks");
    let told = page(&day.zhang, &course).await;
    let tests = told["tests"].as_array().unwrap();
    assert_eq!((tests.len(), &told["due_tests"]), (1, &json!(0)), "{told}");
    assert_eq!((&tests[0]["outcome"], &tests[0]["laboratory"]), (&json!("waiting"), &json!(true)));
    assert!(!told.to_string().contains("SX-0001"), "not which tube, nor with whom");
    let by_hand = json!({ "test": tests[0]["id"], "outcome": "negative" });
    assert_eq!(day.zhang.change("tell-test-result", by_hand).await.json()["code"], "followup.lab_tells");
    let back = json!({ "test": tests[0]["id"], "reason": "a slip" });
    assert_eq!(day.zhang.change("take-back-test", back).await.json()["code"], "followup.lab_tells");
    reported(&day, &["SX-0001"], &["A1"]).await;
    assert_eq!(joined(town).await, 1);
    assert_eq!(page(&day.zhang, &course).await["tests"][0]["outcome"], "negative");
    let auditor = town.person("auditor", "").await;
    let rows = auditor.get(&format!("/api/journal?record={course}")).await.ok();
    let by: Vec<&Value> = rows["rows"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|row| row["change"] == "join swab")
        .map(|row| &row["by"])
        .collect();
    assert_eq!(by, ["follow_up_clock", "follow_up_clock"], "{rows}");
}

async fn a_positive_is_a_find_and_no_release_and_a_pool_is_nobodys_result(town: &mut Town) {
    let day = screening(town).await;
    let course = on_a_pathway(town, &day.zhang, 11, "covid-19-delta").await;
    let free = on_a_pathway(town, &day.zhang, 12, "covid-19-delta").await;
    let colleague = a_positive_pool(town, &day).await;
    joined(town).await;
    let told = page(&day.zhang, &course).await;
    assert_eq!((&told["tests"][0]["outcome"], &told["standing"]), (&json!("waiting"), &json!("running")));
    day.sends(&[alone(&day, "SX-0101", ("SX-0002", 2), 11), alone(&day, "SX-0102", ("SX-0002", 3), 12)])
        .await;
    day.receives(&["SX-0101", "SX-0102"]).await;
    let run = day.plates(&["SX-0101", "SX-0102"]).await;
    day.reads(&run, &["B1"], &[("A1", 27.0)]).await;
    colleague.change("call-well", json!({ "run": run, "well": "A1", "call": "positive" })).await.ok();
    day.lab.change("report-run", json!({ "run": run })).await.ok();
    joined(town).await;
    let told = page(&day.zhang, &course).await;
    assert_eq!((&told["standing"], &told["ended_at"]), (&json!("positive"), &Value::Null), "{told}");
    assert!(told["tests"].as_array().unwrap().iter().any(|test| test["ct"] == json!(27.0)), "{told}");
    let ill = day.zhang.get("/api/followup?state=ill").await.ok();
    assert_eq!(
        (&ill["count"], &ill["rows"][0]["id"]),
        (&json!(1), &json!(course)),
        "proposed to whoever decides"
    );
    let release = day.zhang.change("release-followed", json!({ "course": course, "phase": 0 })).await;
    assert_eq!(release.json()["code"], "followup.criteria");
    let other = page(&day.zhang, &free).await;
    let outcomes: Vec<&Value> =
        other["tests"].as_array().unwrap().iter().map(|test| &test["outcome"]).collect();
    assert_eq!(
        (outcomes, &other["standing"]),
        (vec![&json!("negative"); 2], &json!("running")),
        "cleared alone"
    );
}

async fn a_discharged_person_of_a_pool_is_what_their_own_tube_says(town: &mut Town) {
    let day = screening(town).await;
    let (case, course) = (fresh("case"), fresh("course"));
    let was_ill = json!({
        "case": case, "subject": fresh("subject"), "territory": TAIGU, "disease": "covid-19-delta", "classification": "confirmed",
        "identity": { "name": "Person 11", "id_number": "P0000011" },
    });
    day.zhang.change("report-case", was_ill).await.ok();
    let fields = json!({
        "people": [{ "course": course, "case": case }], "protocol": "cn-covid-9", "day_zero": town.house.today() - 1,
    });
    assert_eq!(day.zhang.change("put-on-pathway", fields).await.ok()["out"]["put"], 1);
    let colleague = a_positive_pool(town, &day).await;
    joined(town).await;
    day.sends(&[alone(&day, "SX-0101", ("SX-0002", 2), 11)]).await;
    day.receives(&["SX-0101"]).await;
    let run = day.plates(&["SX-0101"]).await;
    // Positive for the laboratory below 37, and clear for the edition from 35 on.
    day.reads(&run, &[], &[("A1", 36.0)]).await;
    colleague.change("call-well", json!({ "run": run, "well": "A1", "call": "positive" })).await.ok();
    day.lab.change("report-run", json!({ "run": run })).await.ok();
    joined(town).await;
    let told = page(&day.zhang, &course).await;
    let tests: Vec<_> =
        told["tests"].as_array().unwrap().iter().map(|test| (&test["outcome"], &test["ct"])).collect();
    assert_eq!(tests, [(&json!("positive"), &json!(36.0)); 2], "the pool, and their own");
    assert_eq!(told["standing"], "running", "not positive again: {told}");
    assert_eq!(joined(town).await, 0, "and says so once");
}

async fn a_tube_that_never_arrives_holds_nobody_for_good(town: &mut Town) {
    let day = screening(town).await;
    let course = on_a_pathway(town, &day.zhang, 3, "covid-19-delta").await;
    day.sends(&[day.tube("SX-0001", 0, 10)]).await;
    assert_eq!(joined(town).await, 1);
    town.hours_pass(71);
    assert_eq!(joined(town).await, 0, "it may be on its way");
    town.hours_pass(2);
    assert_eq!(joined(town).await, 1);
    let day = Screening { zhang: town.back(&day.zhang).await, lab: town.back(&day.lab).await, ..day };
    let outcome = async || page(&day.zhang, &course).await["tests"][0]["outcome"].clone();
    assert_eq!(outcome().await, "invalid", "as if it had not been taken");
    reported(&day, &["SX-0001"], &["A1"]).await;
    assert_eq!(joined(town).await, 1, "and found after all it counts");
    assert_eq!(outcome().await, "negative");
}

async fn a_round_for_another_disease_and_a_sample_told_twice_count_for_nothing_more(town: &mut Town) {
    town.by_day();
    let day = screening(town).await;
    let measles = on_a_pathway(town, &day.zhang, 1, "measles").await;
    let course = on_a_pathway(town, &day.zhang, 2, "covid-19-delta").await;
    let over = on_a_pathway(town, &day.zhang, 4, "covid-19-delta").await;
    let by_hand = |another: bool| {
        let fields = json!({ "test": fresh("test"), "course": course, "another": another });
        day.zhang.change("tell-test", fields)
    };
    by_hand(false).await.ok();
    day.zhang.change("end-follow-up", json!({ "course": over, "why": "moved_away" })).await.ok();
    day.sends(&[day.tube("SX-0001", 0, 10)]).await;
    assert_eq!(joined(town).await, 1);
    assert_eq!(page(&day.zhang, &measles).await["tests"], json!([]), "a covid round says nothing of measles");
    assert_eq!(page(&day.zhang, &over).await["tests"], json!([]), "nothing is added to what is over");
    let told = page(&day.zhang, &course).await;
    assert_eq!(
        told["tests"].as_array().unwrap().len(),
        1,
        "the sample noted at the door is this one: {told}"
    );
    assert_eq!(by_hand(false).await.json()["code"], "followup.lab_has_it");
    by_hand(true).await.ok();
    assert_eq!(page(&day.zhang, &course).await["tests"].as_array().unwrap().len(), 2);
}
