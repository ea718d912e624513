//! Interviews: two people write in one, clocks run, forms say what is missing, and what was said goes with the person.

use crate::erasure::agreed;
use scenes::{Known, Person, TAIGU, Town, YUCI, both, fresh, supper};
use serde_json::{Value, json};

both!(
    two_who_write_at_once_lose_no_word,
    what_cannot_be_merged_stands_beside_until_somebody_settles_it,
    a_form_says_what_is_missing_and_clocks_run,
    what_was_said_is_read_by_who_asks_and_goes_with_the_person,
    an_interview_is_opened_once_for_one_person,
);

async fn answers(person: &Person, interview: &str, question: &str, value: Value, based_on: i64) -> Value {
    let fields =
        json!({ "interview": interview, "question": question, "value": value, "based_on": based_on });
    person.change("answer-question", fields).await.ok()["out"].clone()
}

async fn answer_of(person: &Person, interview: &str, question: &str) -> Value {
    person.get(&format!("/api/interviews/{interview}")).await.ok()["answers"][question].clone()
}

async fn an_interview(town: &Town) -> (Person, Person, Known, String) {
    let (zhang, li) =
        (town.person("epidemiologist", TAIGU).await, town.person("epidemiologist", TAIGU).await);
    let case = zhang.reports(TAIGU, "C1").await;
    let interview = zhang.interviews(&case).await;
    (zhang, li, case, interview)
}

async fn two_who_write_at_once_lose_no_word(town: &mut Town) {
    let (zhang, li, _, interview) = an_interview(town).await;
    let first =
        answers(&zhang, &interview, "moves_told", json!("Market in the morning, then home."), 0).await;
    assert_eq!(first["seq"], 1);
    let mine = json!("Market in the morning with an aunt, then home.");
    let theirs = json!("Market in the morning, then home by bus 12.");
    answers(&zhang, &interview, "moves_told", mine, 1).await;
    let merged = answers(&li, &interview, "moves_told", theirs, 1).await;
    assert_eq!((&merged["merged"], &merged["conflict"]), (&json!(true), &json!(false)));
    let told = answer_of(&li, &interview, "moves_told").await;
    assert_eq!(told["value"], "Market in the morning with an aunt, then home by bus 12.");
    assert_eq!((&told["seq"], &told["other"]), (&json!(3), &json!([])));
    let again = answers(&li, &interview, "moves_told", told["value"].clone(), 3).await;
    assert_eq!(again["seq"], 3, "the same words are no new version");
    let path = format!("/api/interviews/{interview}/answers/moves_told");
    let versions = zhang.get(&path).await.ok()["versions"].as_array().unwrap().clone();
    assert_eq!(versions.len(), 3);
    assert_eq!(versions[0]["said"], "Market in the morning, then home by bus 12.", "as they wrote it");
}

async fn what_cannot_be_merged_stands_beside_until_somebody_settles_it(town: &mut Town) {
    let (zhang, li, _, interview) = an_interview(town).await;
    answers(&zhang, &interview, "household_size", json!(3), 0).await;
    let out = answers(&li, &interview, "household_size", json!(4), 0).await;
    assert_eq!((&out["conflict"], &out["seq"]), (&json!(true), &json!(2)));
    let told = answer_of(&zhang, &interview, "household_size").await;
    assert_eq!((&told["value"], &told["other"][0]["value"]), (&json!(3), &json!(4)));
    let row = zhang.get("/api/interviews").await.ok()["rows"][0].clone();
    assert_eq!((&row["conflicts"], &row["answered"][0]), (&json!(1), &json!(1)));
    let settle = |based_on: i64| json!({ "interview": interview, "question": "household_size", "value": 4, "based_on": based_on });
    let late = zhang.change("settle-answer", settle(1)).await;
    assert_eq!((late.status, &late.json()["code"]), (409, &json!("trace.written_since")));
    zhang.change("settle-answer", settle(2)).await.ok();
    let told = answer_of(&li, &interview, "household_size").await;
    assert_eq!((&told["value"], &told["other"], &told["seq"]), (&json!(4), &json!([]), &json!(3)));
    for (question, value, code) in [
        ("household_size", json!("four"), "trace.answer"),
        ("first_symptom_day", json!("yesterday"), "trace.answer"),
        ("shoe_size", json!(41), "trace.question"),
    ] {
        let fields = json!({ "interview": interview, "question": question, "value": value, "based_on": 0 });
        let answer = zhang.change("answer-question", fields).await;
        assert_eq!((answer.status, &answer.json()["code"]), (422, &json!(code)));
    }
    let ahead = json!({ "interview": interview, "question": "household_size", "value": 5, "based_on": 9 });
    assert_eq!(zhang.change("answer-question", ahead).await.json()["code"], "trace.based_on");
}

async fn a_form_says_what_is_missing_and_clocks_run(town: &mut Town) {
    let (zhang, _, _, interview) = an_interview(town).await;
    let finish = json!({ "interview": interview, "form": "core" });
    let refused = zhang.change("finish-form", finish.clone()).await.json();
    assert_eq!(refused["code"], "trace.form_missing");
    assert!(refused["field"].as_str().unwrap().contains("moves_told"), "{refused}");
    let needed = [
        ("first_symptom_day", json!("2022-02-18")),
        ("symptoms", json!(["fever", "cough"])),
        ("isolated_at", json!("2022-02-20T09:00")),
        ("moves_told", json!("Market, then home.")),
        ("mask_worn", json!("never")),
        ("travelled", json!("no")),
        ("household_size", json!(3)),
        ("gatherings", json!("A supper on Wednesday.")),
    ];
    for (question, value) in needed {
        answers(&zhang, &interview, question, value, 0).await;
    }
    let refused = zhang.change("finish-form", finish.clone()).await.json();
    assert_eq!(refused["field"], "occupation_duty", "one is left: {refused}");
    town.hours_pass(5);
    let zhang = town.back(&zhang).await;
    let late = zhang.get("/api/interviews?state=core_late").await.ok()["rows"].as_array().unwrap().len();
    assert_eq!(late, 1, "four hours are over");
    answers(&zhang, &interview, "occupation_duty", json!("cook"), 0).await;
    zhang.change("finish-form", finish).await.ok();
    let row = zhang.get("/api/interviews?state=open").await.ok()["rows"][0].clone();
    assert!(row["core_done_at"].is_string() && row["full_done_at"].is_null(), "{row}");
    assert_eq!(zhang.get("/api/interviews?state=core_late").await.ok()["rows"], json!([]));
    let though = json!({ "interview": interview, "form": "full", "though": "in intensive care" });
    zhang.change("finish-form", though).await.ok();
    assert_eq!(zhang.get("/api/interviews?state=open").await.ok()["rows"], json!([]));
    assert_eq!(zhang.get("/api/interviews?state=done").await.ok()["rows"].as_array().unwrap().len(), 1);
    let page = zhang.get(&format!("/api/interviews/{interview}")).await.ok();
    assert_eq!(page["infectious_from"], "2022-02-16", "two days before the onset, by the 8th edition");
}

async fn what_was_said_is_read_by_who_asks_and_goes_with_the_person(town: &mut Town) {
    let (zhang, _, case, interview) = an_interview(town).await;
    let place = zhang.registers_place(TAIGU, "restaurant", "Bell Street noodles").await;
    answers(&zhang, &interview, "gatherings", json!("Supper with Ilse Invented"), 0).await;
    zhang.tells_of(&interview, supper(&place)).await;
    let analyst = town.person("analyst", TAIGU).await;
    let list = analyst.get("/api/interviews").await;
    assert!(list.status == 200 && !list.text.contains("Ilse"), "{}", list.text);
    assert_eq!(analyst.get(&format!("/api/interviews/{interview}")).await.status, 403);
    let elsewhere = town.person("epidemiologist", YUCI).await;
    assert_eq!(elsewhere.get(&format!("/api/interviews/{interview}")).await.status, 404);
    for (column, value) in town.disk.every_value() {
        assert!(!value.contains("Ilse"), "{column} holds an open word");
        assert!(!value.contains("2022-02-16T18:00"), "{column} tells where they were, and when");
    }
    let officer = town.person("data_officer", TAIGU).await;
    let ask = agreed(town, &officer, "erase_people", &case.subject, TAIGU).await;
    let form =
        json!({ "id": fresh("change"), "erasure": fresh("erasure"), "subjects": [case.subject], "ask": ask });
    officer.post("/api/erasures", form).await.ok();
    let page = zhang.get(&format!("/api/interviews/{interview}")).await.ok();
    assert_eq!((&page["answers"], &page["legs"]), (&json!({}), &json!([])));
    assert_eq!(page["visits"], 0);
}

async fn an_interview_is_opened_once_for_one_person(town: &mut Town) {
    let (zhang, _, case, _) = an_interview(town).await;
    let contact = zhang.adds_contact(&case, TAIGU, "K1").await;
    let open = |fields: Value| {
        let mut fields = fields;
        fields["interview"] = json!(fresh("interview"));
        zhang.change("open-interview", fields)
    };
    assert_eq!(open(json!({ "case": case.id })).await.status, 409);
    assert_eq!(open(json!({ "case": case.id, "contact": contact.id })).await.json()["code"], "trace.asked");
    assert_eq!(open(json!({})).await.json()["code"], "trace.asked");
    let unknown = open(json!({ "contact": contact.id, "protocol": "cn-covid-88" })).await.json();
    assert_eq!(unknown["code"], "trace.protocol");
    open(json!({ "contact": contact.id })).await.ok();
    let rows = zhang.get(&format!("/api/interviews?contact={}", contact.id)).await.ok()["rows"].clone();
    assert_eq!(
        (&rows[0]["no"], &rows[0]["protocol"]),
        (&json!("K1"), &json!("cn-covid-bb")),
        "the edition of today"
    );
}
