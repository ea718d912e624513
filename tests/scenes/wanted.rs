//! Rooms want things done: a task opens when they do, once, and closes by itself when they have what they wanted.

use crate::control_measures::{close_schools, governments};
use crate::lab_messages::told;
use crate::lab_runs::{a_positive_pool, alone};
use crate::lab_tubes::screening;
use crate::tasks::crew;
use scenes::{Known, Person, TAIGU, Town, XIAODIAN, YUCI, both, fresh};
use serde_json::{Value, json};

both!(
    people_of_a_positive_pool_are_a_task_until_the_last_has_a_result,
    a_laboratorys_unknown_codes_are_one_task_until_they_are_mapped,
    a_list_is_a_task_of_whoever_receives_it_until_they_take_it_over,
    a_measure_is_looked_at_again_by_a_task_from_half_of_its_time,
    what_is_wanted_of_somebody_goes_along_to_another_county_and_ends_with_their_erasure,
    note_and_proof_of_a_task_about_nobody_go_by_themselves,
);

/// Tasks of a kind, still to be done or over.
async fn of_kind(person: &Person, kind: &str, state: &str) -> Vec<Value> {
    let told = person.get(&format!("/api/tasks?kind={kind}&state={state}")).await.ok();
    told["rows"].as_array().unwrap().clone()
}

async fn open(person: &Person, kind: &str) -> usize {
    of_kind(person, kind, "active").await.len()
}

/// What was missed of somebody's follow-up.
async fn made_up_by(person: &Person) -> Vec<Value> {
    let mut tasks = of_kind(person, "sample_at_home", "active").await;
    tasks.extend(of_kind(person, "check_in", "active").await);
    tasks
}

async fn people_of_a_positive_pool_are_a_task_until_the_last_has_a_result(town: &mut Town) {
    let day = screening(town).await;
    let colleague = a_positive_pool(town, &day).await;
    let tasks = of_kind(&day.zhang, "sample_again", "active").await;
    assert_eq!(tasks.len(), 1, "one of the tube, not of each of its people");
    let task = &tasks[0];
    assert_eq!(
        (&task["subject"], &task["note"], &task["territory"]),
        (&Value::Null, &Value::Null, &json!(TAIGU))
    );
    assert!(task["source"].as_str().unwrap().starts_with("lab:tube_SX-0002/"), "{task}");
    let holds = day.sampler.get("/api/lab/holds").await.ok();
    assert_eq!(task["deadline"], holds["rows"][0]["due"], "with the clock of those who are held");
    assert_eq!(town.person("field", XIAODIAN).await.get("/api/tasks/mine").await.ok()["rows"], json!([]));
    let tubes: Vec<String> = (1..=10).map(|place| format!("SX-01{place:02}")).collect();
    for (place, tube) in tubes.iter().enumerate() {
        day.sends(&[alone(&day, tube, ("SX-0002", place + 1), 10 + place)]).await;
    }
    let names: Vec<&str> = tubes.iter().map(String::as_str).collect();
    day.receives(&names).await;
    let first = day.plates(&names[..9]).await;
    day.reads(&first, &["A1", "B1", "C1", "D1", "E1", "F1", "G1", "H1", "A2"], &[]).await;
    day.lab.change("report-run", json!({ "run": first })).await.ok();
    assert_eq!(open(&day.zhang, "sample_again").await, 1, "one is still waiting");
    let last = day.plates(&names[9..]).await;
    day.reads(&last, &[], &[("A1", 38.5)]).await;
    colleague.change("call-well", json!({ "run": last, "well": "A1", "call": "grey" })).await.ok();
    day.lab.change("report-run", json!({ "run": last })).await.ok();
    assert_eq!(open(&day.zhang, "sample_again").await, 1, "neither yes nor no: once more");
    day.sends(&[alone(&day, "SX-0201", ("SX-0002", 10), 19)]).await;
    day.receives(&["SX-0201"]).await;
    let more = day.plates(&["SX-0201"]).await;
    day.reads(&more, &["A1"], &[]).await;
    day.lab.change("report-run", json!({ "run": more })).await.ok();
    assert_eq!(open(&day.zhang, "sample_again").await, 0);
    let over = of_kind(&day.zhang, "sample_again", "over").await;
    assert!(!over.is_empty() && over.iter().all(|task| task["reason"] == "done_otherwise"), "{over:?}");
}

async fn a_laboratorys_unknown_codes_are_one_task_until_they_are_mapped(town: &mut Town) {
    let day = screening(town).await;
    day.sends(&[day.tube("SX-0001", 0, 10), day.tube("SX-0002", 10, 10)]).await;
    let mut one = told(&day, "SX-0001", "N^阴^99NORTH");
    one.test = "COV2^新冠核酸^99NORTH".to_owned();
    let mut two = told(&day, "SX-0002", "N^阴^99NORTH");
    two.test = "FLU^Influenza^99NORTH".to_owned();
    day.one(&one).await;
    day.one(&two).await;
    assert_eq!(open(&day.zhang, "map_codes").await, 1, "however many codes, and however often they come");
    let map = |kind: &str, code: &str, means: &str| {
        json!({
            "laboratory": day.laboratory, "kind": kind, "system": "urn:x-hl7v2:99NORTH", "code": code, "means": means,
        })
    };
    for (kind, code, means) in [("test", "COV2", "covid-19-wild"), ("test", "FLU", "influenza-a")] {
        day.zhang.change("map-lab-code", map(kind, code, means)).await.ok();
    }
    assert_eq!(open(&day.zhang, "map_codes").await, 1, "behind them stood a result nobody knows");
    day.zhang.change("map-lab-code", map("result", "N", "negative")).await.ok();
    assert_eq!(open(&day.zhang, "map_codes").await, 0);
}

async fn a_list_is_a_task_of_whoever_receives_it_until_they_take_it_over(town: &mut Town) {
    let zhang = town.person("epidemiologist", TAIGU).await;
    let li = town.person("epidemiologist", YUCI).await;
    let case = zhang.reports(TAIGU, "C1").await;
    let contacts = [
        zhang.adds_contact(&case, TAIGU, "K1").await,
        zhang.adds_contact(&case, TAIGU, "K2").await,
        zhang.adds_contact(&case, TAIGU, "K3").await,
    ];
    let list = zhang.hands_over(&[&contacts[0]], YUCI).await;
    let page = li.get(&format!("/api/contact-lists/{list}")).await.ok();
    let tasks = of_kind(&li, "take_list", "active").await;
    assert_eq!((tasks.len(), &tasks[0]["late"]), (1, &json!(false)), "{page}");
    assert!(tasks[0]["source"].as_str().unwrap().contains(&list), "{tasks:?}");
    assert_eq!(open(&zhang, "take_list").await, 0, "it is not the sender's");
    li.change("acknowledge-list", json!({ "list": list })).await.ok();
    assert_eq!(open(&li, "take_list").await, 0);
    let list = zhang.hands_over(&[&contacts[1], &contacts[2]], YUCI).await;
    let back = |contact: &Known| {
        li.change("return-contact", json!({ "list": list, "contact": contact.id, "reason": "no such house" }))
    };
    back(&contacts[1]).await.ok();
    assert_eq!(open(&li, "take_list").await, 1);
    back(&contacts[2]).await.ok();
    assert_eq!(open(&li, "take_list").await, 0, "a list of which everybody was returned is answered");
}

async fn a_measure_is_looked_at_again_by_a_task_from_half_of_its_time(town: &mut Town) {
    let mut all = governments(town).await;
    let measure = all.orders(close_schools(town.house.now())).await;
    let turn = |town: &Town| {
        let house = town.house.clone();
        tokio::task::block_in_place(|| {
            rooms::control::measures::turn_measures(&house.db, house.now()).expect("it turns")
        })
    };
    town.hours_pass(4 * 24);
    turn(town);
    all.come_back(town).await;
    assert_eq!(open(&all.cdc, "review_measure").await, 0);
    town.hours_pass(25);
    turn(town);
    turn(town);
    all.come_back(town).await;
    assert_eq!(open(&all.cdc, "review_measure").await, 1);
    let looked = json!({ "measure": measure, "reason": "still needed: two finds since Monday" });
    all.cdc.change("review-measure", looked).await.ok();
    assert_eq!(open(&all.cdc, "review_measure").await, 0);
}

async fn turned(town: &Town) -> usize {
    let house = town.house.clone();
    tokio::task::spawn_blocking(move || rooms::followup::turn_now(&house).unwrap()).await.unwrap()
}

/// Somebody followed who was not looked at for a whole day.
async fn missed(town: &Town, zhang: &Person, case: &Known, number: &str) -> (Known, String) {
    let contact = zhang.adds_contact(case, TAIGU, number).await;
    let course = fresh("course");
    let fields = json!({
        "people": [{ "course": course, "contact": contact.id }], "protocol": "cn-covid-8", "day_zero": town.house.today(),
    });
    zhang.change("put-on-pathway", fields).await.ok();
    for _ in 0..2 {
        town.hours_pass(24);
        turned(town).await;
    }
    (contact, course)
}

async fn what_is_wanted_of_somebody_goes_along_to_another_county_and_ends_with_their_erasure(
    town: &mut Town,
) {
    let zhang = town.person("epidemiologist", TAIGU).await;
    let li = town.person("epidemiologist", YUCI).await;
    let case = zhang.reports(TAIGU, "C1").await;
    let (contact, _) = missed(town, &zhang, &case, "K1").await;
    // Somebody there begins with them, and it becomes late and is told.
    let wang = town.person("field", TAIGU).await;
    let told_late = |town: &Town| {
        let house = town.house.clone();
        tokio::task::block_in_place(|| rooms::tasks::tell_late_now(&house).expect("told"))
    };
    for task in made_up_by(&town.back(&zhang).await).await {
        wang.change("start-task", json!({ "task": task["id"], "at": town.house.now().0 })).await.ok();
    }
    town.hours_pass(60);
    assert!(told_late(town) > 0);
    let (zhang, li) = (town.back(&zhang).await, town.back(&li).await);
    let there = made_up_by(&zhang).await;
    assert!(there.iter().all(|task| task["state"] == "started" && task["rung"] != 0), "{there:?}");
    let wanted = there.len();
    assert!(wanted > 0);
    let list = zhang.hands_over(&[&contact], YUCI).await;
    assert_eq!(made_up_by(&zhang).await.len(), wanted, "theirs until the other says yes");
    li.change("acknowledge-list", json!({ "list": list })).await.ok();
    assert_eq!((made_up_by(&zhang).await.len(), made_up_by(&li).await.len()), (0, wanted));
    for task in made_up_by(&li).await {
        assert_eq!((&task["state"], &task["owner"], &task["rung"]), (&json!("open"), &json!(""), &json!(0)));
        assert_eq!(
            (&task["acknowledged"], &task["started"]),
            (&Value::Null, &Value::Null),
            "nobody here did"
        );
    }
    assert_eq!(told_late(town), wanted, "and it is told here from the first rung on");
    let delivered = zhang.get("/api/tasks/overdue").await.ok();
    assert_eq!(delivered["open"], 0, "nor is it counted there any more: {delivered}");
    let officer = town.person("data_officer", YUCI).await;
    let ask = crate::erasure::agreed(town, &officer, "erase_people", &contact.subject, YUCI).await;
    let form = json!({ "id": fresh("change"), "erasure": fresh("erasure"), "subjects": [contact.subject], "ask": ask });
    officer.post("/api/erasures", form).await.ok();
    assert_eq!(made_up_by(&li).await.len(), 0, "nobody goes on looking for them");
}

async fn note_and_proof_of_a_task_about_nobody_go_by_themselves(town: &mut Town) {
    let crew = crew(town).await;
    let task =
        crew.gives("post_notice", &crew.li.account, json!({ "inside": { "note": "at the gate" } })).await;
    let at = town.house.now().0;
    let photo = "ab".repeat(32);
    crew.li.change("finish-task", json!({ "task": task, "at": at, "photo": photo })).await.ok();
    let words = |town: &Town| {
        let house = town.house.clone();
        let offset = house.places.utc_offset_minutes();
        tokio::task::block_in_place(|| {
            let ran =
                rooms::people::run_clocks(&house.db, house.today(), offset, house.now()).expect("they run");
            ran.into_iter().find(|ran| ran.clock == "task_words").expect("the clock").erased
        })
    };
    town.hours_pass(24 * 89);
    assert_eq!(words(town), 0);
    town.hours_pass(24 * 2);
    assert_eq!((words(town), words(town)), (1, 0), "ninety days after it was done, and once");
    let chief = town.back(&crew.chief).await;
    let page = chief.get(&format!("/api/tasks/{task}")).await.ok();
    assert_eq!((&page["state"], &page["note"], &page["photo"]), (&json!("done"), &Value::Null, &Value::Null));
}
