//! What is done without when there is too much: switched by hand here, since no crowd comes to a scene; the same switches that the pressure
//! turns. And what everybody may read of it.

use crate::lab_tubes::screening;
use scenes::{JINZHONG, SHANXI, TAIGU, Town, both};
use serde_json::{Value, json};

both!(
    a_switch_by_hand_says_why_and_ends,
    boards_show_the_last_picture_with_its_time_and_only_to_who_saw_as_much,
    results_are_told_without_a_new_code,
    everybody_reads_how_the_house_bears_its_load_and_nothing_of_anybody,
);

const HOUR: i64 = 3_600_000;

async fn switched(town: &Town, feature: &str, off: bool) {
    let admin = town.person("administrator", SHANXI).await;
    let ends = town.house.now().0 + HOUR;
    let fields =
        json!({ "feature": feature, "off": off, "reason": "The third round is held today", "ends": ends });
    admin.change("switch-feature", fields).await.ok();
}

async fn status(town: &Town) -> Value {
    town.stranger().get("/api/public/status").await.ok()
}

async fn a_switch_by_hand_says_why_and_ends(town: &mut Town) {
    let (admin, analyst) = (town.person("administrator", SHANXI).await, town.person("analyst", TAIGU).await);
    let export = format!("/api/export/cases.csv?territory={TAIGU}");
    assert_eq!(analyst.get(&export).await.status, 200);
    let now = town.house.now().0;
    let fields = json!({ "feature": "exports", "off": true, "reason": "The third round is held today", "ends": now + HOUR });
    for (field, value, code) in [
        ("reason", json!(" "), "field.required"),
        ("reason", json!("x".repeat(201)), "load.reason"),
        ("ends", json!(now), "load.ends"),
        ("ends", json!(now + 80 * HOUR), "load.ends"),
    ] {
        let mut wrong = fields.clone();
        wrong[field] = value;
        admin.change("switch-feature", wrong).await.refused(422, code);
    }
    analyst.change("switch-feature", fields.clone()).await.refused(403, "access.not_allowed");
    let county = town.person("administrator", TAIGU).await;
    county.change("switch-feature", fields.clone()).await.refused(403, "access.outside_territory");
    assert_eq!(status(town).await["off"], json!([]));
    admin.change("switch-feature", fields.clone()).await.ok();
    let refused = analyst.get(&export).await;
    assert_eq!((refused.status, &refused.headers["retry-after"]), (503, &"60".parse().unwrap()));
    assert!(refused.text.contains("service.switched_off") && refused.text.contains("/public/status"));
    let told = status(town).await;
    let off = &told["off"][0];
    assert_eq!(
        (&off["feature"], &off["by"], &off["ends"]),
        (&json!("exports"), &json!("hand"), &json!(now + HOUR))
    );
    assert_eq!(off["reason"], "The third round is held today");
    assert!(off["since"].as_i64().unwrap() >= now && off["why_zh"].is_string());
    assert!(!told.to_string().contains(&admin.login), "nobody is named");
    town.hours_pass(2);
    assert_eq!(town.back(&analyst).await.get(&export).await.status, 200, "it ended by itself");
    assert_eq!(status(town).await["off"], json!([]));
    switched(town, "exports", true).await;
    assert_eq!(town.back(&analyst).await.get(&export).await.status, 503);
    let admin = town.back(&admin).await;
    admin.change("end-switch", json!({ "feature": "exports" })).await.ok();
    assert_eq!(town.back(&analyst).await.get(&export).await.status, 200);
}

async fn boards_show_the_last_picture_with_its_time_and_only_to_who_saw_as_much(town: &mut Town) {
    let day = screening(town).await;
    let board = format!("/api/lab/rounds/{}", day.round);
    let before = day.zhang.get(&board).await.ok();
    assert_eq!((&before["progress"]["tubes"], &before["kept_at"]), (&json!(0), &Value::Null));
    let at = town.house.now().0;
    day.sends(&[day.tube("SX-0001", 0, 10)]).await;
    switched(town, "boards", true).await;
    let kept = day.zhang.get(&board).await.ok();
    assert_eq!(kept["progress"], before["progress"], "not counted anew");
    assert!(kept["kept_at"].as_i64().unwrap() <= at, "and says of when it is: {}", kept["kept_at"]);
    let colleague = town.person("commander", JINZHONG).await;
    let first = colleague.get(&board).await.ok();
    assert_eq!(
        (&first["progress"]["tubes"], &first["kept_at"]),
        (&json!(1), &Value::Null),
        "seen by nobody like them"
    );
    town.minutes_pass(16);
    assert_eq!(day.zhang.get(&board).await.ok()["progress"]["tubes"], 1, "too old to be shown");
    switched(town, "boards", false).await;
    assert_eq!(day.zhang.get(&board).await.ok()["kept_at"], Value::Null);
}

async fn results_are_told_without_a_new_code(town: &mut Town) {
    let asked = json!({ "secrets": ["nobody's"], "codes": true });
    let told = town.stranger().post("/api/public/results", asked.clone()).await.ok();
    assert_eq!(told["codes_off"], false);
    switched(town, "result_codes", true).await;
    let told = town.stranger().post("/api/public/results", asked).await.ok();
    assert_eq!((&told["codes_off"], &told["people"]), (&json!(true), &json!([{ "tubes": [] }])));
}

async fn everybody_reads_how_the_house_bears_its_load_and_nothing_of_anybody(town: &mut Town) {
    use rooms::load::{Class, Happened};
    for _ in 0..3 {
        town.house.load.note(Class::Sampling, Happened::Arrived);
    }
    town.house.load.note(Class::Sampling, Happened::Refused);
    let telemetry = loop {
        let told = town.stranger().get("/api/public/telemetry").await;
        assert_eq!(told.headers["cache-control"], "public, max-age=1");
        let told = told.ok();
        if told["seconds"].as_i64().unwrap() > 0 {
            break told;
        }
    };
    let sampling = &telemetry["classes"]["sampling"];
    let sum = |column: &str| -> i64 {
        sampling[column].as_array().unwrap().iter().map(|one| one.as_i64().unwrap()).sum()
    };
    assert_eq!((sum("arrived"), sum("refused"), sum("admitted")), (3, 1, 0));
    assert_eq!(telemetry["classes"].as_object().unwrap().len(), Class::ALL.len());
    assert!(!telemetry.to_string().contains("14/"), "no place");
    let told = town.stranger().get("/api/public/status").await;
    assert_eq!(told.headers["cache-control"], "public, max-age=5");
    assert!(told.text.len() < 1_000, "it is small: {}", told.text.len());
    assert_eq!(
        told.ok()["minute"][1],
        json!({ "class": "sampling", "arrived": 3, "refused": 1, "failed": 0 })
    );
}
