//! Two people for what one may not do alone: who asks, who may agree, and for how long an agreement is good.

use scenes::{Answer, JINZHONG, Known, Person, TAIGU, Town, YUCI, both};
use serde_json::{Value, json};

both!(
    what_a_second_person_agreed_to_is_done_once,
    nobody_is_their_own_second_person,
    the_second_person_comes_from_another_organisation,
    an_agreement_is_for_one_thing_and_one_person,
    an_agreement_lasts_an_hour_and_a_request_a_day,
    a_refusal_is_final_and_says_why,
    the_request_is_seen_where_it_belongs,
    who_could_not_do_it_cannot_ask_for_it,
    the_reason_of_a_request_is_sealed,
);

async fn a_case(town: &Town) -> (Person, Known) {
    let zhang = town.person("epidemiologist", TAIGU).await;
    let case = zhang.reports(TAIGU, "T1").await;
    (zhang, case)
}

async fn opens_with(person: &Person, case: &Known, ask: &str) -> Answer {
    let form = json!({ "purpose": "outbreak_response", "reason": "the family must be told", "ask": ask });
    person.post(&format!("/api/subjects/{}/open", case.subject), form).await
}

async fn answers(person: &Person, ask: &str, agreed: bool) -> Answer {
    person.change("answer-ask", json!({ "ask": ask, "agreed": agreed, "note": "I know of it" })).await
}

async fn state_of(person: &Person) -> Value {
    person.get("/api/asks").await.ok()["mine"][0]["state"].clone()
}

async fn what_a_second_person_agreed_to_is_done_once(town: &mut Town) {
    let (zhang, case) = a_case(town).await;
    let commander = town.person("commander", TAIGU).await;
    let ask = zhang.asks_about(&case).await;
    opens_with(&zhang, &case, &ask).await.refused(409, "access.ask_waiting");
    let waiting = commander.get("/api/asks").await.ok()["waiting"].clone();
    assert_eq!(
        (&waiting[0]["id"], &waiting[0]["reason"], &waiting[0]["asker"]["role"]),
        (&json!(ask), &json!("the family must be told"), &json!("epidemiologist"))
    );
    answers(&commander, &ask, true).await.ok();
    assert_eq!(state_of(&zhang).await, "agreed");
    opens_with(&zhang, &case, &ask).await.ok();
    assert_eq!(state_of(&zhang).await, "used");
    opens_with(&zhang, &case, &ask).await.refused(409, "access.ask_used");
    answers(&commander, &ask, false).await.refused(409, "access.ask_answered");
}

async fn nobody_is_their_own_second_person(town: &mut Town) {
    let officer = town.person("data_officer", TAIGU).await;
    let ask = scenes::fresh("ask");
    let fields = json!({
        "ask": ask, "kind": "erase_people", "about": "people whose watch ended in 2021", "territory": TAIGU,
        "reason": "the purpose has ended",
    });
    officer.change("ask-second-person", fields).await.ok();
    answers(&officer, &ask, true).await.refused(403, "access.own_ask");
    assert_eq!(officer.get("/api/asks").await.ok()["waiting"], json!([]), "it is not offered either");
    let other = town.person("data_officer", JINZHONG).await;
    answers(&other, &ask, true).await.ok();
}

async fn the_second_person_comes_from_another_organisation(town: &mut Town) {
    let zhang = town.person_of("Taigu CDC", "epidemiologist", TAIGU).await;
    let case = zhang.reports(TAIGU, "T1").await;
    let ask = zhang.asks_about(&case).await;
    let same = town.person_of("taigu cdc", "commander", TAIGU).await;
    assert_eq!(same.get("/api/asks").await.ok()["waiting"], json!([]));
    answers(&same, &ask, true).await.refused(403, "access.same_organisation");
    let other = town.person_of("Taigu People's Hospital", "commander", TAIGU).await;
    answers(&other, &ask, true).await.ok();
    let unstated = town.person("commander", TAIGU).await;
    let second = zhang.asks_about(&case).await;
    answers(&unstated, &second, true).await.ok();
}

async fn an_agreement_is_for_one_thing_and_one_person(town: &mut Town) {
    let (zhang, case) = a_case(town).await;
    let other_case = zhang.reports(TAIGU, "T2").await;
    let (commander, wang) =
        (town.person("commander", TAIGU).await, town.person("epidemiologist", TAIGU).await);
    let ask = zhang.asks_about(&case).await;
    answers(&commander, &ask, true).await.ok();
    opens_with(&zhang, &other_case, &ask).await.refused(409, "access.ask_other");
    opens_with(&wang, &case, &ask).await.refused(404, "record.missing");
    opens_with(&zhang, &case, &scenes::fresh("ask")).await.refused(404, "record.missing");
    opens_with(&zhang, &case, &ask).await.ok();
}

async fn an_agreement_lasts_an_hour_and_a_request_a_day(town: &mut Town) {
    let (zhang, case) = a_case(town).await;
    let commander = town.person("commander", TAIGU).await;
    let (ask, late) = (zhang.asks_about(&case).await, zhang.asks_about(&case).await);
    answers(&commander, &ask, true).await.ok();
    town.hours_pass(2);
    let zhang = town.signs_in(&zhang.login, town.password()).await.expect("back");
    opens_with(&zhang, &case, &ask).await.refused(409, "access.ask_expired");
    town.hours_pass(23);
    let commander = town.signs_in(&commander.login, town.password()).await.expect("back");
    answers(&commander, &late, true).await.refused(409, "access.ask_expired");
    assert_eq!(commander.get("/api/asks").await.ok()["waiting"], json!([]));
}

async fn a_refusal_is_final_and_says_why(town: &mut Town) {
    let (zhang, case) = a_case(town).await;
    let commander = town.person("commander", TAIGU).await;
    let ask = zhang.asks_about(&case).await;
    answers(&commander, &ask, false).await.ok();
    opens_with(&zhang, &case, &ask).await.refused(409, "access.ask_refused");
    let mine = zhang.get("/api/asks").await.ok()["mine"][0].clone();
    assert_eq!((&mine["state"], &mine["note"]), (&json!("refused"), &json!("I know of it")));
}

async fn the_request_is_seen_where_it_belongs(town: &mut Town) {
    let (zhang, case) = a_case(town).await;
    let ask = zhang.asks_about(&case).await;
    let beside = town.person("commander", YUCI).await;
    answers(&beside, &ask, true).await.refused(404, "record.missing");
    answers(&beside, &scenes::fresh("ask"), true).await.refused(404, "record.missing");
    assert_eq!(beside.get("/api/asks").await.ok()["waiting"], json!([]));
    let wang = town.person("epidemiologist", TAIGU).await;
    answers(&wang, &ask, true).await.refused(403, "access.not_allowed");
    assert_eq!(wang.get("/api/asks").await.ok(), json!({ "mine": [], "waiting": [] }));
    let above = town.person("commander", JINZHONG).await;
    answers(&above, &ask, true).await.ok();
}

async fn who_could_not_do_it_cannot_ask_for_it(town: &mut Town) {
    let (zhang, case) = a_case(town).await;
    let analyst = town.person("analyst", TAIGU).await;
    let ask =
        json!({ "ask": scenes::fresh("ask"), "kind": "open_identity", "about": case.subject, "reason": "x" });
    analyst.change("ask-second-person", ask).await.refused(403, "access.not_allowed");
    let erase = json!({
        "ask": scenes::fresh("ask"), "kind": "erase_people", "about": "everybody", "territory": TAIGU, "reason": "x",
    });
    zhang.change("ask-second-person", erase).await.refused(403, "access.not_allowed");
    let elsewhere = json!({
        "ask": scenes::fresh("ask"), "kind": "export_identities", "about": "a list", "territory": YUCI, "reason": "x",
    });
    zhang.change("ask-second-person", elsewhere).await.refused(403, "access.outside_territory");
}

async fn the_reason_of_a_request_is_sealed(town: &mut Town) {
    let (zhang, case) = a_case(town).await;
    let commander = town.person("commander", TAIGU).await;
    let ask = zhang.asks_about(&case).await;
    answers(&commander, &ask, true).await.ok();
    let kept = town.disk.every_value();
    for words in ["the family must be told", "I know of it"] {
        assert!(kept.iter().all(|(_, value)| !value.contains(words)), "{words}");
    }
}
