//! Series: what is known now, and what was known then.

use scenes::{JINZHONG, TAIGU, Town, YUCI, both};
use serde_json::{Value, json};

both!(what_was_known_on_a_day_can_be_asked_later, a_place_above_is_the_sum_of_its_counties);

async fn what_was_known_on_a_day_can_be_asked_later(town: &mut Town) {
    let zhang = town.person("epidemiologist", JINZHONG).await;
    let site = zhang.registers_site(TAIGU, "fever_clinic", "People's Hospital").await;
    let day = town.house.today() - 1;
    zhang.sends(&site, day, json!({ "fever_visits": 12 })).await;
    let then = town.house.now().to_string();
    town.hours_pass(30);
    let zhang = town.back(&zhang).await;
    zhang.sends(&site, day, json!({ "fever_visits": 21 })).await;
    let at = async |as_of: &str| {
        let path =
            format!("/api/series?territory={TAIGU}&indicators=fever_visits&from={day}&to={day}{as_of}");
        zhang.get(&path).await.ok()["series"][0]["points"][0]["value"].clone()
    };
    assert_eq!(at("").await, 21.0);
    assert_eq!(at(&format!("&as_of={then}")).await, 12.0);
    assert_eq!(at(&format!("&as_of={}", day - 3)).await, Value::Null);
    assert_eq!(zhang.get("/api/series?indicators=fever_visits&as_of=then").await.status, 422);
    assert_eq!(zhang.get("/api/series?indicators=luck").await.status, 422);
    assert_eq!(at("&as_of=9999-12-31").await, 21.0, "what is not over yet is now");
    assert_eq!(zhang.get("/api/signals/accounts?to=9999-12-31").await.status, 200);
}

async fn a_place_above_is_the_sum_of_its_counties(town: &mut Town) {
    let zhang = town.person("epidemiologist", JINZHONG).await;
    let day = town.house.today() - 1;
    for (territory, visits) in [(TAIGU, 12), (YUCI, 5)] {
        let site = zhang.registers_site(territory, "fever_clinic", "A hospital").await;
        zhang.sends(&site, day, json!({ "fever_visits": visits })).await;
    }
    let path = format!("/api/series?territory={JINZHONG}&indicators=fever_visits&from={day}&to={day}");
    assert_eq!(zhang.get(&path).await.ok()["series"][0]["points"][0]["value"], 17.0);
    let split = zhang.get(&format!("{path}&split=1")).await.ok();
    let each: Vec<&Value> =
        split["series"].as_array().unwrap().iter().map(|one| &one["points"][0]["value"]).collect();
    assert_eq!(each, [&json!(5.0), &json!(12.0)]);
    let cases =
        format!("/api/series?territory={TAIGU}&indicators=reported_cases&from=2022-02-01&to=2022-02-28");
    zhang.reports(TAIGU, "C1").await;
    let told = zhang.get(&cases).await.ok();
    let sum: f64 =
        told["series"][0]["points"].as_array().unwrap().iter().filter_map(|p| p["value"].as_f64()).sum();
    assert_eq!(sum, 1.0, "counted from the case itself");
}
