//! Posts with their shifts, what a round is short of, and how many names somebody opens within an hour.

use crate::lab_tubes::{Screening, screening};
use scenes::{Town, XIAODIAN, both, fresh};
use serde_json::{Value, json};

both!(
    shifts_are_planned_changed_and_called_off,
    the_plan_says_in_which_hours_samplers_are_short,
    what_a_round_is_short_of_is_told_and_answered,
    the_pools_of_a_round_advise_a_tube_for_the_next,
    whoever_calls_many_tubes_within_an_hour_is_stopped,
);

const HOUR: i64 = 3_600_000;

fn shift(day: &Screening, from: i64, until: i64, desks: u32, samplers: u32) -> Value {
    json!({
        "shift": fresh("shift"), "post": day.post, "begins": day.now + from * HOUR, "ends": day.now + until * HOUR,
        "desks": desks, "samplers": samplers, "leader": "Nurse Zhou",
    })
}

async fn board(day: &Screening) -> Value {
    day.zhang.get(&format!("/api/lab/rounds/{}", day.round)).await.ok()
}

async fn shifts_are_planned_changed_and_called_off(town: &mut Town) {
    let day = screening(town).await;
    assert_eq!(board(&day).await["posts"][0]["shift"], Value::Null, "nobody is planned for this hour");
    let now = shift(&day, -1, 5, 3, 4);
    day.zhang.change("plan-shift", now.clone()).await.ok();
    let post = board(&day).await["posts"][0].clone();
    assert_eq!((&post["shift"]["samplers"], &post["next_shift"]), (&json!(4), &Value::Null));
    let refused = async |fields: Value, code: &str| {
        let told = day.zhang.change("plan-shift", fields).await.json();
        assert_eq!(told["code"], code, "{told}");
        assert!(told["zh"].as_str().unwrap().contains('；'), "{told}");
    };
    refused(shift(&day, 3, 9, 2, 2), "lab.shift_desks").await;
    refused(shift(&day, 9, 8, 1, 1), "lab.shift_hours").await;
    refused(shift(&day, 5, 31, 1, 1), "lab.shift_hours").await;
    refused(shift(&day, 5, 8, 1, 0), "lab.shift_empty").await;
    let mut nobody = shift(&day, 5, 8, 1, 1);
    nobody["leader"] = json!("");
    assert_eq!(day.zhang.change("plan-shift", nobody).await.json()["field"], "leader");
    let later = shift(&day, 5, 11, 4, 4);
    day.zhang.change("plan-shift", later.clone()).await.ok();
    let longer = json!({ "shift": now["shift"], "ends": day.now + 6 * HOUR });
    assert_eq!(day.zhang.change("amend-shift", longer).await.json()["code"], "lab.shift_desks");
    let amended = json!({ "shift": now["shift"], "desks": 4, "samplers": 6, "leader": "Doctor Sun" });
    day.zhang.change("amend-shift", amended.clone()).await.ok();
    let off = json!({ "shift": later["shift"], "called_off": true });
    day.zhang.change("amend-shift", off).await.ok();
    let again = json!({ "shift": later["shift"], "desks": 2 });
    assert_eq!(day.zhang.change("amend-shift", again).await.json()["code"], "lab.shift_off");
    let path = format!("/api/lab/posts/{}/shifts", day.post);
    let shifts = day.sampler.get(&path).await.ok();
    let told: Vec<(i64, bool)> = shifts["shifts"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| (one["samplers"].as_i64().unwrap(), one["called_off"].is_null()))
        .collect();
    assert_eq!(told, [(6, true), (4, false)]);
    assert_eq!(
        (&shifts["shifts"][0]["leader"], &shifts["may"]["manage"]),
        (&json!("Doctor Sun"), &json!(false))
    );
    assert_eq!(day.sampler.change("amend-shift", amended).await.status, 403, "a sampler plans no shifts");
    let neighbour = town.person("field", XIAODIAN).await;
    assert_eq!(neighbour.get(&path).await.status, 404);
}

async fn the_plan_says_in_which_hours_samplers_are_short(town: &mut Town) {
    let day = screening(town).await;
    let asked = json!({ "round": day.round });
    let plan = day.zhang.post("/api/lab/plan", asked.clone()).await.ok();
    let hours = plan["hours"].as_array().unwrap();
    // The round takes 21 hours: sites are ready after 4, and 8 are kept for the road and the laboratory.
    assert_eq!(hours.len(), 9, "{plan}");
    let needed =
        plan["figures"].as_array().unwrap().iter().find(|one| one["need"]["of"] == "samplers_per_shift");
    assert_eq!(hours[0]["needed"], needed.unwrap()["number"]);
    assert!(hours.iter().all(|hour| hour["planned"] == 0));
    // The first sampling hour begins four hours after the opening, which was an hour ago.
    day.zhang.change("plan-shift", shift(&day, 3, 5, 4, 4)).await.ok();
    let plan = day.zhang.post("/api/lab/plan", asked).await.ok();
    let planned: Vec<i64> =
        plan["hours"].as_array().unwrap().iter().map(|hour| hour["planned"].as_i64().unwrap()).collect();
    assert_eq!(planned, [4, 4, 0, 0, 0, 0, 0, 0, 0]);
    assert_eq!(plan["pools"], json!([]), "nothing is reported yet");
    let neighbour = town.person("epidemiologist", XIAODIAN).await;
    assert_eq!(neighbour.post("/api/lab/plan", json!({ "round": day.round })).await.status, 404);
}

async fn the_pools_of_a_round_advise_a_tube_for_the_next(town: &mut Town) {
    let day = screening(town).await;
    let colleague = crate::lab_runs::a_positive_pool(town, &day).await;
    // Somebody of the positive pool, alone and positive: of the same infection, and no second one.
    day.sends(&[crate::lab_runs::alone(&day, "SX-0101", ("SX-0002", 1), 10)]).await;
    day.receives(&["SX-0101"]).await;
    let run = day.plates(&["SX-0101"]).await;
    day.reads(&run, &[], &[("A1", 28.0)]).await;
    colleague.change("call-well", json!({ "run": run, "well": "A1", "call": "positive" })).await.ok();
    day.lab.change("report-run", json!({ "run": run })).await.ok();
    let asked = async |worth: f64| {
        let form = json!({ "round": day.round, "value_of_hour": worth });
        day.zhang.post("/api/lab/plan", form).await.ok()["pools"][0].clone()
    };
    let tests_alone = asked(0.0).await;
    assert_eq!(
        (&tests_alone["pools"], &tests_alone["positive"], &tests_alone["seen_size"]),
        (&json!(2), &json!(1), &json!(10)),
        "{tests_alone}"
    );
    let between = |field: &str| tests_alone[field].as_f64().unwrap();
    assert!(between("low") < between("estimate") && between("estimate") < between("high"), "{tests_alone}");
    let size = tests_alone["size"].as_u64().unwrap();
    assert!(size < 10, "one of two pools: smaller tubes, {tests_alone}");
    let chances: f64 =
        tests_alone["offers"].as_array().unwrap().iter().map(|one| one["cheapest"].as_f64().unwrap()).sum();
    assert!((chances - 1.0).abs() < 1e-6, "{tests_alone}");
    assert!(
        asked(10.0).await["size"].as_u64().unwrap() <= size,
        "whoever counts hours held fills smaller tubes"
    );
    let wrong = json!({ "round": day.round, "value_of_hour": -1 });
    day.zhang.post("/api/lab/plan", wrong).await.refused(422, "lab.plan");
}

async fn what_a_round_is_short_of_is_told_and_answered(town: &mut Town) {
    let day = screening(town).await;
    let of = |what: &str| {
        json!({
            "shortage": fresh("shortage"), "round": day.round, "territory": scenes::TAIGU, "what": what, "needed": 120, "have": 80,
            "begins": day.now, "ends": day.now + 6 * HOUR, "note": "for the afternoon",
        })
    };
    let samplers = of("samplers");
    day.zhang.change("tell-shortage", samplers.clone()).await.ok();
    let mut tubes = of("tubes");
    assert_eq!(day.zhang.change("tell-shortage", tubes.clone()).await.json()["code"], "lab.shortage_size");
    tubes["size"] = json!(10);
    day.zhang.change("tell-shortage", tubes).await.ok();
    let mut enough = of("vans");
    enough["have"] = json!(120);
    assert_eq!(day.zhang.change("tell-shortage", enough).await.json()["code"], "lab.not_short");
    let mut outside = of("vans");
    outside["territory"] = json!(XIAODIAN);
    assert_eq!(day.zhang.change("tell-shortage", outside).await.status, 403);
    let mut backwards = of("vans");
    backwards["ends"] = json!(day.now);
    assert_eq!(day.zhang.change("tell-shortage", backwards).await.json()["code"], "lab.shortage_hours");
    let told = board(&day).await["shortages"].clone();
    assert_eq!(told.as_array().unwrap().len(), 2, "{told}");
    let answer = json!({ "shortage": samplers["shortage"], "note": "Jiexiu sends 40, there at 14:00" });
    day.zhang.change("answer-shortage", answer.clone()).await.ok();
    let again = day.zhang.change("answer-shortage", answer).await.json();
    assert_eq!(again["code"], "lab.answered", "what was promised stands: {again}");
    let open = day.zhang.get("/api/lab/shortages").await.ok();
    assert_eq!((&open["rows"][0]["what"], &open["rows"][1]), (&json!("tubes"), &Value::Null));
    let answered = day.zhang.get("/api/lab/shortages?state=answered").await.ok();
    assert_eq!(answered["rows"][0]["answer"], "Jiexiu sends 40, there at 14:00");
    let neighbour = town.person("epidemiologist", XIAODIAN).await;
    assert_eq!(neighbour.get("/api/lab/shortages").await.ok()["rows"], json!([]));
}

async fn whoever_calls_many_tubes_within_an_hour_is_stopped(town: &mut Town) {
    let day = screening(town).await;
    let codes: Vec<String> = (0..21).map(|n| format!("SX-{n:04}")).collect();
    let codes: Vec<&str> = codes.iter().map(String::as_str).collect();
    let tubes: Vec<Value> = codes.iter().enumerate().map(|(n, code)| day.tube(code, n * 2, 2)).collect();
    day.sends(&tubes).await;
    day.receives(&codes).await;
    let run = day.plates(&codes).await;
    let wells: Vec<String> =
        (0..21_u8).map(|n| format!("{}{}", char::from(b'A' + n % 8), n / 8 + 1)).collect();
    let signals: Vec<(&str, f64)> = wells.iter().map(|well| (well.as_str(), 30.0)).collect();
    day.reads(&run, &[], &signals).await;
    let colleague = town.person("laboratory", scenes::JINZHONG).await;
    for well in &wells {
        colleague.change("call-well", json!({ "run": run, "well": well, "call": "positive" })).await.ok();
    }
    day.lab.change("report-run", json!({ "run": run })).await.ok();
    let opens = async |tube: &str| {
        let form = json!({ "tube": tube, "purpose": "follow_up", "reason": "to call them back" });
        day.sampler.post("/api/lab/holds/names", form).await
    };
    for tube in &codes[..20] {
        assert_eq!(opens(tube).await.ok()["people"].as_array().unwrap().len(), 2, "a tube is one opening");
    }
    assert_eq!(opens(codes[3]).await.status, 200, "the same tube again is the same opening");
    opens(codes[20]).await.refused(403, "people.many_opened");
    town.hours_pass(1);
    let later = town.back(&day.sampler).await;
    let form = json!({ "tube": codes[20], "purpose": "follow_up", "reason": "to call them back" });
    assert_eq!(later.post("/api/lab/holds/names", form).await.status, 200, "and an hour later it goes on");
}
