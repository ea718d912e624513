//! Whoever is found positive alone is a case, without anybody typing it; and their earlier negatives are doubted in order.

use crate::lab_runs::{a_positive_pool, alone};
use crate::lab_tubes::{Screening, screening};
use scenes::{Person, Town, both};
use serde_json::{Value, json};

both!(
    one_found_positive_alone_is_one_case_with_a_name,
    somebody_who_was_alone_in_a_tube_is_found_in_the_community,
    negatives_are_doubted_gravest_first,
);

async fn reported(town: &Town) -> usize {
    let house = town.house.clone();
    tokio::task::spawn_blocking(move || rooms::lab::report_found_now(&house).unwrap()).await.unwrap()
}

/// A plate with these tubes, the first of them positive for both readers, the others silent.
async fn the_first_is_positive(day: &Screening, colleague: &Person, tubes: &[&str]) {
    day.receives(tubes).await;
    let run = day.plates(tubes).await;
    let silent: Vec<String> =
        (1..tubes.len()).map(|place| format!("{}1", char::from(b'A' + place as u8))).collect();
    let silent: Vec<&str> = silent.iter().map(String::as_str).collect();
    day.reads(&run, &silent, &[("A1", 27.0)]).await;
    colleague.change("call-well", json!({ "run": run, "well": "A1", "call": "positive" })).await.ok();
    day.lab.change("report-run", json!({ "run": run })).await.ok();
}

async fn one_found_positive_alone_is_one_case_with_a_name(town: &mut Town) {
    let day = screening(town).await;
    let colleague = a_positive_pool(town, &day).await;
    assert_eq!(reported(town).await, 0, "a pool is nobody's result");
    day.sends(&[alone(&day, "SX-0101", ("SX-0002", 2), 11), alone(&day, "SX-0102", ("SX-0002", 1), 10)])
        .await;
    the_first_is_positive(&day, &colleague, &["SX-0101", "SX-0102"]).await;
    assert_eq!(reported(town).await, 1);
    assert_eq!(reported(town).await, 0, "once, however often somebody looks");
    let list = day.zhang.get("/api/cases").await.ok();
    assert_eq!(list["rows"].as_array().unwrap().len(), 1, "{list}");
    let id = list["rows"][0]["id"].as_str().unwrap();
    let page = day.zhang.get(&format!("/api/cases/{id}")).await.ok();
    assert!(!page.to_string().contains("Person 11"), "no name before it is opened");
    assert_eq!(
        (&page["classification"], &page["found"]),
        (&json!("probable"), &json!("under_care")),
        "{page}"
    );
    assert_eq!(
        (&page["disease"], &page["territory"]),
        (&json!("covid-19-delta"), &json!(scenes::TAIGU)),
        "{page}"
    );
    assert!(page["dates"]["result"].is_string(), "{page}");
    let open = json!({ "purpose": "outbreak_response", "reason": "the first call" });
    let subject = page["subject"].as_str().unwrap();
    let told = day.zhang.post(&format!("/api/subjects/{subject}/open"), open).await.ok();
    assert_eq!((&told["name"], &told["phone"]), (&json!("Person 11"), &json!("13900000000")));
    let auditor = town.person("auditor", "").await;
    let rows = auditor.get("/api/journal?record=tube_SX-0002").await.ok();
    let report: Vec<&Value> =
        rows["rows"].as_array().unwrap().iter().filter(|row| row["change"] == "report found").collect();
    assert_eq!(report.len(), 1, "the row says which tube: {rows}");
    assert_eq!(report[0]["by"], "positives", "{rows}");
}

async fn somebody_who_was_alone_in_a_tube_is_found_in_the_community(town: &mut Town) {
    let day = screening(town).await;
    let known = json!({
        "identity": { "name": "Person 7", "id_number": "P0000007", "phone": "13900000000" }, "territory": scenes::TAIGU,
        "case": scenes::fresh("case"), "subject": scenes::fresh("subject"), "classification": "suspected",
    });
    day.zhang.change("report-case", known).await.ok();
    let mut one = day.tube("SX-0007", 7, 1);
    one["size"] = json!(1);
    one["members"][0]["born"] = json!("1990-05-01");
    day.sends(&[one]).await;
    let colleague = day.colleague(town).await;
    the_first_is_positive(&day, &colleague, &["SX-0007"]).await;
    assert_eq!(reported(town).await, 1);
    let list = day.zhang.get("/api/cases?found=community").await.ok();
    assert_eq!(list["rows"].as_array().unwrap().len(), 1, "{list}");
    assert!(list["rows"][0]["age"].as_f64().is_some_and(|age| age > 30.0), "{list}");
    let alike = day.zhang.get("/api/people/duplicates").await.ok();
    assert_eq!(alike["pairs"].as_array().unwrap().len(), 1, "they were known before: {alike}");
}

async fn negatives_are_doubted_gravest_first(town: &mut Town) {
    let day = screening(town).await;
    // Persons 0 to 9 and 10 to 19, all negative; the laboratory is twice as fast as its machine.
    let colleague = day.colleague(town).await;
    day.sends(&[day.tube("SX-0001", 0, 10), day.tube("SX-0002", 10, 10)]).await;
    day.receives(&["SX-0001", "SX-0002"]).await;
    town.minutes_pass(100);
    let day = day.hours_later(town, 0).await;
    let run = day.plates(&["SX-0001", "SX-0002"]).await;
    day.reads(&run, &["A1", "B1"], &[]).await;
    day.lab.change("report-run", json!({ "run": run })).await.ok();
    // A day later person 3 is with nine others, and reported before anything can be measured.
    let day = day.hours_later(town, 24).await;
    day.sends(&[day.tube("SX-0003", 3, 1)]).await;
    day.receives(&["SX-0003"]).await;
    let run = day.plates(&["SX-0003"]).await;
    day.reads(&run, &["A1"], &[]).await;
    day.lab.change("report-run", json!({ "run": run })).await.ok();
    // Two days after that, person 4 of the first tube is found, and person 3 is sampled.
    let day = day.hours_later(town, 30).await;
    let colleague = town.back(&colleague).await;
    let mut other = day.tube("SX-0004", 4, 1);
    other["size"] = json!(1);
    day.sends(&[other, day.tube("SX-0005", 3, 1)]).await;
    the_first_is_positive(&day, &colleague, &["SX-0004"]).await;
    let house = town.house.clone();
    tokio::task::spawn_blocking(move || rooms::lab::index_now(&house).unwrap()).await.unwrap();
    let told = day.zhang.get("/api/lab/look-back?tube=SX-0005&position=1").await.ok();
    let rows = told["rows"].as_array().unwrap();
    let seen: Vec<(&Value, &Value)> = rows.iter().map(|row| (&row["tube"], &row["doubts"])).collect();
    assert_eq!(
        seen,
        [
            (&json!("SX-0003"), &json!(["too_fast", "recent"])),
            (&json!("SX-0001"), &json!(["others_of_tube"])),
        ],
        "{told}"
    );
    assert_eq!(rows[0]["hours_before"], 30);
    // Of person 12, whose own tube is not the one in doubt, the run is.
    day.sends(&[day.tube("SX-0006", 12, 1)]).await;
    let house = town.house.clone();
    tokio::task::spawn_blocking(move || rooms::lab::index_now(&house).unwrap()).await.unwrap();
    let told = day.zhang.get("/api/lab/look-back?tube=SX-0006&position=1").await.ok();
    assert_eq!(told["rows"][0]["doubts"], json!(["others_of_run"]), "{told}");
}
