//! From numbers to a signal, and from a signal to its answer.

use base::Day;
use rooms::surveillance::watch::{keep_watch, look_now};
use scenes::{JINZHONG, Person, TAIGU, Town, YUCI, both, fresh};
use serde_json::{Value, json};
use std::time::Duration;

both!(
    a_rise_in_three_streams_is_on_the_list_and_becomes_an_event,
    a_fault_in_the_data_is_closed_and_the_account_shows_it,
    a_lasting_signal_is_not_raised_again,
    a_rumour_gets_the_same_answers,
    thresholds_learn_from_answers_and_can_be_put_back,
    two_assessors_answer_apart_and_are_then_compared,
    a_chosen_detector_stands_with_its_reason,
    a_neighbour_sees_no_signal_of_another_county,
    a_rise_that_follows_no_border_is_found_by_the_daily_scan,
    the_watch_goes_on_by_itself_over_settings_and_days,
);

/// A county with a clinic, a pharmacy and a school that have sent quiet numbers for ten weeks.
struct County {
    zhang: Person,
    clinic: String,
    pharmacy: String,
    school: String,
    today: Day,
}

fn quiet(base: i32, day: Day) -> i32 {
    base + [0, 2, 1, 3, 1, 0, 2][usize::try_from(day.number().rem_euclid(7)).unwrap()]
        + day.number().rem_euclid(3)
}

impl County {
    async fn of(town: &Town, territory: &str) -> County {
        let zhang = town.person("epidemiologist", JINZHONG).await;
        let clinic = zhang.registers_site(territory, "fever_clinic", "People's Hospital").await;
        let pharmacy = zhang.registers_site(territory, "pharmacy", "Bell Street pharmacy").await;
        let school = zhang.registers_site(territory, "school", "Bell Street school").await;
        let county = County { zhang, clinic, pharmacy, school, today: town.house.today() };
        for back in (1..=70).rev() {
            county.sends(county.today - back, 1).await;
        }
        county
    }

    async fn sends(&self, day: Day, times: i32) {
        self.zhang.sends(&self.clinic, day, json!({ "fever_visits": times * quiet(8, day) })).await;
        self.zhang.sends(&self.pharmacy, day, json!({ "fever_medicine": times * quiet(20, day) })).await;
        self.zhang.sends(&self.school, day, json!({ "absence": times * quiet(5, day) })).await;
    }

    async fn signals(&self) -> Vec<Value> {
        self.zhang.get("/api/signals").await.ok()["rows"].as_array().unwrap().clone()
    }
}

/// What the program does by itself, at once.
async fn the_watch_looks(town: &Town) {
    let house = town.house.clone();
    tokio::task::spawn_blocking(move || look_now(&house)).await.unwrap().expect("a round");
}

async fn a_rise_in_three_streams_is_on_the_list_and_becomes_an_event(town: &mut Town) {
    let county = County::of(town, TAIGU).await;
    the_watch_looks(town).await;
    assert_eq!(county.signals().await.len(), 0, "ten quiet weeks raise nothing");
    county.sends(county.today, 4).await;
    the_watch_looks(town).await;
    let list = county.signals().await;
    assert_eq!(list.len(), 1, "{list:?}");
    let (id, zhang) = (list[0]["id"].as_str().unwrap(), &county.zhang);
    assert_eq!((&list[0]["group"], &list[0]["territory"]), (&json!("respiratory"), &json!(TAIGU)));
    assert_eq!(list[0]["grade"], "red", "three streams at once");
    let page = zhang.get(&format!("/api/signals/{id}")).await.ok();
    assert_eq!(page["evidence"]["streams"].as_array().unwrap().len(), 3);
    assert!(
        page["evidence"]["pack_version"].is_string()
            && page["words_zh"][0].as_str().unwrap().contains("通常")
    );
    zhang
        .change("answer-signal", json!({ "signal": id, "to": "verified", "note": "the clinic says so" }))
        .await
        .ok();
    let event = fresh("event");
    let fields = json!({ "event": event, "name": "Coughs of Taigu", "territory": TAIGU });
    zhang.change("open-event", fields).await.ok();
    zhang.change("merge-signal", json!({ "signal": id, "event": event })).await.ok();
    assert!(county.signals().await.is_empty(), "it has had its answer");
    let page = zhang.get(&format!("/api/signals/{id}")).await.ok();
    assert_eq!((&page["state"], &page["event"]), (&json!("merged"), &json!(event)));
    assert_eq!(page["answers"][1]["note"], "the clinic says so");
    let dates = zhang.get(&format!("/api/events/{event}/milestones")).await.ok();
    assert_eq!(dates["kinds"][1]["day"], json!(county.today), "detected today, as the signal was");
    assert_eq!(dates["met"]["notify"], true);
}

async fn a_fault_in_the_data_is_closed_and_the_account_shows_it(town: &mut Town) {
    let county = County::of(town, TAIGU).await;
    county.zhang.sends(&county.clinic, county.today, json!({ "fever_visits": 400 })).await;
    the_watch_looks(town).await;
    let list = county.signals().await;
    let id = list[0]["id"].as_str().unwrap();
    let incomplete = json!({ "signal": id, "to": "closed", "outcome": "not_outbreak" });
    assert_eq!(county.zhang.change("answer-signal", incomplete).await.json()["code"], "surveillance.why");
    let close = json!({ "signal": id, "to": "closed", "outcome": "data_fault", "note": "a nought too many" });
    county.zhang.change("answer-signal", close).await.ok();
    let total = county.zhang.get("/api/signals/accounts").await.ok()["total"].clone();
    assert_eq!(
        (&total["closed"], &total["data_faults"], &total["ppv"]["n"]),
        (&json!(1), &json!(1), &json!(0))
    );
    assert_eq!(
        total["within_deadline"],
        json!({ "n": 1, "of": 1, "low": total["within_deadline"]["low"], "high": 1.0 })
    );
    let again = json!({ "signal": id, "to": "field" });
    assert_eq!(county.zhang.change("answer-signal", again).await.json()["code"], "surveillance.answered");
}

async fn a_lasting_signal_is_not_raised_again(town: &mut Town) {
    let mut county = County::of(town, TAIGU).await;
    for day in 0..3 {
        county.sends(county.today, 3).await;
        the_watch_looks(town).await;
        the_watch_looks(town).await;
        assert_eq!(county.signals().await.len(), 1, "day {day}");
        town.hours_pass(24);
        county.today = county.today + 1;
        county.zhang = town.back(&county.zhang).await;
    }
    let id = county.signals().await[0]["id"].as_str().unwrap().to_owned();
    let close = json!({ "signal": id, "to": "closed", "outcome": "not_outbreak", "why": "campaign" });
    county.zhang.change("answer-signal", close).await.ok();
    county.sends(county.today, 3).await;
    the_watch_looks(town).await;
    assert!(county.signals().await.is_empty(), "who has just answered is not asked the same again");
}

async fn a_rumour_gets_the_same_answers(town: &mut Town) {
    let zhang = town.person("epidemiologist", TAIGU).await;
    let tomorrow = json!({
        "signal": fresh("signal"), "territory": TAIGU, "group": "enteric", "grade": "blue", "title": "a bad supper",
        "first_day": town.house.today() + 1, "source": "news",
    });
    assert_eq!(zhang.change("raise-signal", tomorrow).await.json()["code"], "surveillance.future");
    let signal = zhang.raises_signal(TAIGU).await;
    let page = zhang.get(&format!("/api/signals/{signal}")).await.ok();
    assert_eq!((&page["origin"], &page["due"].is_string()), (&json!("person"), &true));
    assert_eq!(page["answers"][0]["note"], "the bride's uncle called");
    let commander = town.person("commander", TAIGU).await;
    let seen = commander.get(&format!("/api/signals/{signal}")).await.ok();
    assert_eq!(seen["answers"][0]["note"], Value::Null, "notes are for those who answer");
    assert_eq!(
        commander.change("answer-signal", json!({ "signal": signal, "to": "verified" })).await.status,
        403
    );
    let backwards = json!({ "signal": signal, "to": "raised" });
    assert_eq!(zhang.change("answer-signal", backwards).await.json()["code"], "surveillance.order");
    town.hours_pass(30);
    let zhang = town.back(&zhang).await;
    assert_eq!(zhang.get("/api/signals").await.ok()["rows"][0]["overdue"], true);
}

async fn thresholds_learn_from_answers_and_can_be_put_back(town: &mut Town) {
    let county = County::of(town, TAIGU).await;
    county.zhang.sends(&county.pharmacy, county.today, json!({ "fever_medicine": 900 })).await;
    the_watch_looks(town).await;
    let id = county.signals().await[0]["id"].as_str().unwrap().to_owned();
    let close = json!({ "signal": id, "to": "closed", "outcome": "not_outbreak", "why": "campaign" });
    county.zhang.change("answer-signal", close).await.ok();
    let learnt = county.zhang.get(&format!("/api/signals/tuning?territory={JINZHONG}")).await.ok();
    let proposed = learnt["proposed"]["fever_medicine"].as_f64().unwrap();
    assert!(proposed < 1.0, "a false alarm makes its stream a little less loud: {learnt}");
    let tuning = fresh("tuning");
    let fields = json!({
        "tuning": tuning, "territory": JINZHONG, "weights": learnt["proposed"], "reason": "a sale at the pharmacy",
    });
    county.zhang.change("tune-streams", fields).await.ok();
    let now = county.zhang.get(&format!("/api/signals/tuning?territory={JINZHONG}")).await.ok();
    assert_eq!(now["now"], learnt["proposed"]);
    county
        .zhang
        .change("revert-tuning", json!({ "tuning": tuning, "reason": "the sale is over" }))
        .await
        .ok();
    let back = county.zhang.get(&format!("/api/signals/tuning?territory={JINZHONG}")).await.ok();
    assert_eq!(back["now"], json!({}));
    assert!(back["history"][0]["reverted"].is_string());
}

async fn two_assessors_answer_apart_and_are_then_compared(town: &mut Town) {
    let (zhang, li) =
        (town.person("epidemiologist", TAIGU).await, town.person("epidemiologist", TAIGU).await);
    let signal = zhang.raises_signal(TAIGU).await;
    let annex = |serious: bool| {
        json!({
            "assessment": fresh("assessment"), "signal": signal, "reasons": { "serious": "two in intensive care" },
            "instrument": "annex2", "answers": {
                "disease": "other", "serious": serious, "unusual": true, "spread": false, "restrictions": false },
        })
    };
    let told = zhang.change("assess", annex(true)).await.ok();
    assert_eq!(told["out"]["conclusion"], "notify");
    let path = format!("/api/assessments?signal={signal}");
    let before = li.get(&path).await.ok();
    assert_eq!(
        (&before["rows"][0]["answers"], &before["rows"][0]["conclusion"]),
        (&Value::Null, &Value::Null)
    );
    li.change("assess", annex(false)).await.ok();
    let after = li.get(&path).await.ok();
    assert_eq!(after["agree"]["annex2"], false);
    assert_eq!(after["rows"][0]["reasons"]["serious"], "two in intensive care");
    let open = json!({
        "assessment": fresh("assessment"), "signal": signal, "reasons": {},
        "instrument": "annex2", "answers": { "disease": "other", "serious": true },
    });
    assert_eq!(zhang.change("assess", open).await.json()["code"], "surveillance.question_open");
    let grade = json!({
        "assessment": fresh("assessment"), "signal": signal, "reasons": {},
        "instrument": "grade",
        "answers": { "kind": "cholera", "cases": 12, "counties": 1, "prefectures": 1, "provinces": 1 },
    });
    assert_eq!(zhang.change("assess", grade).await.ok()["out"]["conclusion"], "III");
}

async fn a_chosen_detector_stands_with_its_reason(town: &mut Town) {
    let county = County::of(town, TAIGU).await;
    let wrong = json!({ "territory": TAIGU, "indicator": "absence", "method": { "detector": "a coin" }, "reason": "x" });
    assert_eq!(county.zhang.change("choose-method", wrong).await.json()["code"], "surveillance.method");
    let method = json!({ "detector": "ears_c2" });
    let fields =
        json!({ "territory": TAIGU, "indicator": "absence", "method": method, "reason": "holidays" });
    county.zhang.change("choose-method", fields).await.ok();
    let path = format!("/api/series?territory={TAIGU}&indicators=absence");
    let told = county.zhang.get(&path).await.ok()["series"][0]["method"].clone();
    assert_eq!((&told["detector"], &told["why"]), (&json!("ears_c2"), &json!("holidays")));
    let fields =
        json!({ "territory": TAIGU, "indicator": "absence", "method": null, "reason": "they are over" });
    county.zhang.change("choose-method", fields).await.ok();
    let told = county.zhang.get(&path).await.ok()["series"][0]["method"].clone();
    assert_eq!((&told["detector"], &told["why"]), (&json!("recent_counts"), &Value::Null));
}

async fn a_neighbour_sees_no_signal_of_another_county(town: &mut Town) {
    let (zhang, wang) =
        (town.person("epidemiologist", TAIGU).await, town.person("epidemiologist", YUCI).await);
    let mut ear = wang.listens().await;
    let signal = zhang.raises_signal(TAIGU).await;
    assert_eq!(wang.get(&format!("/api/signals/{signal}")).await.status, 404);
    assert!(wang.get("/api/signals").await.ok()["rows"].as_array().unwrap().is_empty());
    wang.raises_signal(YUCI).await;
    assert!(ear.hears("raise signal").await);
    assert!(!ear.hears_within(&signal, Duration::from_millis(1)).await);
}

async fn a_rise_that_follows_no_border_is_found_by_the_daily_scan(town: &mut Town) {
    let hour = (town.house.now().0 / 3_600_000 + 8) % 24;
    town.hours_pass((12 - hour).max(0));
    let zhang = town.person("epidemiologist", JINZHONG).await;
    let today = town.house.today();
    for county in ["140702", "140703", "140721", "140722", "140723", "140724"] {
        let site = zhang.registers_site(&format!("14/1407/{county}"), "emergency", county).await;
        for back in (1..=95).rev() {
            // Taigu and Yuci lie side by side; each alone is hardly unusual.
            let rises = back <= 6 && ["140702", "140703"].contains(&county);
            let visits = quiet(12, today - back) + if rises { 7 } else { 0 };
            zhang.sends(&site, today - back, json!({ "diarrhoea_visits": visits })).await;
        }
    }
    the_watch_looks(town).await;
    let rows = zhang.get("/api/signals").await.ok()["rows"].as_array().unwrap().clone();
    let scan =
        rows.iter().find(|row| row["origin"] == "scan").unwrap_or_else(|| panic!("no scan among {rows:?}"));
    assert_eq!(scan["territory"], JINZHONG);
    let page = zhang.get(&format!("/api/signals/{}", scan["id"].as_str().unwrap())).await.ok();
    let places: Vec<&str> = page["evidence"]["cluster"]["places"]
        .as_array()
        .unwrap()
        .iter()
        .map(|place| place["territory"].as_str().unwrap())
        .collect();
    assert!(places.contains(&TAIGU) && places.contains(&YUCI), "{places:?}");
    let run = zhang.get("/api/signals").await.ok()["watched"]["last_run"].clone();
    assert_eq!(run["day"], json!(today), "the empty list tells when all was looked at");
}

async fn the_watch_goes_on_by_itself_over_settings_and_days(town: &mut Town) {
    let watch = tokio::spawn(keep_watch(town.house.clone()));
    let mut county = County::of(town, TAIGU).await;
    let mut ear = county.zhang.listens().await;
    county.sends(county.today, 4).await;
    assert!(ear.hears("take up signal").await, "heard only: {}", ear.heard());
    let id = county.signals().await[0]["id"].as_str().unwrap().to_owned();
    let close = json!({ "signal": id, "to": "closed", "outcome": "data_fault" });
    county.zhang.change("answer-signal", close).await.ok();
    for detector in ["ears_c1", "ears_c2"] {
        let fields = json!({
            "territory": TAIGU, "indicator": "fever_visits", "method": { "detector": detector }, "reason": "to compare",
        });
        county.zhang.change("choose-method", fields).await.ok();
    }
    let budget = json!({ "territory": TAIGU, "per_week": 3, "reason": "two of us" });
    county.zhang.change("set-budget", budget).await.ok();
    town.hours_pass(10 * 24);
    county.today = county.today + 10;
    county.zhang = town.back(&county.zhang).await;
    let mut ear = county.zhang.listens().await;
    county.sends(county.today, 6).await;
    assert!(ear.hears("take up signal").await, "heard only: {}", ear.heard());
    let list = county.signals().await;
    assert_eq!((list.len(), &list[0]["last_day"]), (1, &json!(county.today)));
    assert!(!watch.is_finished());
    watch.abort();
}
