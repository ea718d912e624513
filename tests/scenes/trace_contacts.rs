//! Who met whom, by which rule, and which county has been told.

use scenes::{JINZHONG, Known, Person, TAIGU, Town, XIAODIAN, YUCI, both, fresh};
use serde_json::{Value, json};

both!(
    an_exposure_is_proposed_by_a_rule_and_decided_by_a_person,
    nobody_is_a_contact_of_themselves_and_somebody_known_is_told,
    a_contact_of_a_contact_is_secondary_from_their_first_exposure,
    a_list_is_handed_over_acknowledged_and_the_contacts_move,
    who_does_not_live_here_is_given_back,
    a_prefecture_hands_a_list_on_and_the_clock_goes_on,
    where_somebody_lives_is_told_to_whoever_has_them,
    who_became_a_case_stays_with_those_who_have_the_case,
    what_is_known_of_a_contact_outlasts_the_hand_over,
    nobody_meets_a_case_who_was_isolated_before,
    what_was_noted_of_an_exposure_is_read_by_those_who_ask,
    the_board_counts_who_waits_for_what,
);

fn exposure(case: &Known, more: Value) -> Value {
    let mut fields = json!({
        "exposure": fresh("exposure"), "case": case.id, "kind": "dining", "from": "2022-02-17T18:00",
        "to": "2022-02-17T19:30", "found_by": "told",
    });
    for (field, value) in more.as_object().unwrap() {
        fields[field] = value.clone();
    }
    fields
}

fn somebody(name: &str) -> Value {
    json!({
        "contact": fresh("contact"), "subject": fresh("subject"), "territory": TAIGU, "contact_no": fresh("k"),
        "identity": { "name": name, "phone": "13900001234", "id_number": "140724198803150011" },
        "sex": "male", "age": 33,
    })
}

async fn a_case(town: &Town) -> (Person, Known) {
    let zhang = town.person("epidemiologist", TAIGU).await;
    let case = zhang.reports(TAIGU, "C1").await;
    zhang.interviews(&case).await;
    (zhang, case)
}

async fn contact_row(person: &Person, contact: &str) -> Value {
    let rows = person.get("/api/contacts").await.ok()["rows"].as_array().unwrap().clone();
    rows.into_iter().find(|row| row["id"] == contact).unwrap_or_default()
}

async fn an_exposure_is_proposed_by_a_rule_and_decided_by_a_person(town: &mut Town) {
    let (zhang, case) = a_case(town).await;
    let new = somebody("Otto Invented");
    let first = exposure(&case, json!({ "new": new }));
    let out = zhang.change("add-exposure", first.clone()).await.ok()["out"].clone();
    assert_eq!((&out["class"], &out["rule"]), (&json!("close"), &json!("close.dining")));
    assert_eq!(out["protocol"], "cn-covid-8", "the edition of the interview");
    assert!(out["because_en"].as_str().unwrap().contains("1 day before onset"), "{out}");
    let contact = new["contact"].as_str().unwrap();
    assert_eq!(contact_row(&zhang, contact).await["class"], Value::Null, "nobody has decided yet");
    let open = zhang.get("/api/exposures?state=open").await.ok()["rows"].as_array().unwrap().len();
    assert_eq!(open, 1);
    let decide = |exposure: &Value, more: Value| {
        let mut fields = json!({ "exposure": exposure["exposure"] });
        for (field, value) in more.as_object().unwrap() {
            fields[field] = value.clone();
        }
        zhang.change("classify-exposure", fields)
    };
    let answer = decide(&first, json!({ "class": "general" })).await;
    assert_eq!((answer.status, &answer.json()["code"]), (422, &json!("trace.reason")));
    decide(&first, json!({ "class": "close" })).await.ok();
    let row = contact_row(&zhang, contact).await;
    assert_eq!((&row["class"], &row["first_exposure"]), (&json!("close"), &json!("2022-02-17")));
    let masked = json!({ "contact": contact, "protected": true, "from": "2022-02-19T08:00", "to": "2022-02-19T08:10" });
    let second = exposure(&case, masked);
    let out = zhang.change("add-exposure", second.clone()).await.ok()["out"].clone();
    assert_eq!(out["class"], "general");
    decide(&second, json!({ "class": "general" })).await.ok();
    let row = contact_row(&zhang, contact).await;
    assert_eq!(row["class"], "close", "the closest of what was decided");
    assert_eq!((&row["first_exposure"], &row["last_exposure"]), (&json!("2022-02-17"), &json!("2022-02-19")));
    let early =
        exposure(&case, json!({ "contact": contact, "from": "2022-02-10T08:00", "to": "2022-02-10T09:00" }));
    let out = zhang.change("add-exposure", early).await.ok()["out"].clone();
    assert!(out["class"].is_null() && out["because_en"].as_str().unwrap().contains("look-back"), "{out}");
    let page = zhang.get(&format!("/api/exposures?contact={contact}")).await.ok();
    let decided = page["rows"].as_array().unwrap().iter().filter(|row| !row["decided_by"].is_null()).count();
    assert_eq!((page["rows"].as_array().unwrap().len(), decided), (3, 2));
    assert!(!page.to_string().contains("Otto"));
}

async fn nobody_is_a_contact_of_themselves_and_somebody_known_is_told(town: &mut Town) {
    let (zhang, case) = a_case(town).await;
    let mut itself = somebody("Ilse Invented");
    itself["subject"] = json!(case.subject);
    let answer = zhang.change("add-exposure", exposure(&case, json!({ "new": itself }))).await;
    assert_eq!((answer.status, &answer.json()["code"]), (422, &json!("trace.oneself")));
    let both = json!({ "new": somebody("Otto Invented"), "contact": fresh("contact") });
    assert_eq!(zhang.change("add-exposure", exposure(&case, both)).await.json()["code"], "trace.whom");
    let backwards = json!({ "new": somebody("Otto Invented"), "to": "2022-02-17T17:00" });
    let answer = zhang.change("add-exposure", exposure(&case, backwards)).await;
    assert_eq!(answer.json()["code"], "trace.visit_ends_before_it_begins");
    let first = somebody("Otto Invented");
    zhang.change("add-exposure", exposure(&case, json!({ "new": first }))).await.ok();
    let again = exposure(&case, json!({ "new": somebody("Otto Invented") }));
    let known = zhang.change("add-exposure", again).await.ok()["out"]["known"].clone();
    assert_eq!((&known[0]["kind"], &known[0]["id"]), (&json!("contact"), &first["contact"]), "{known}");
}

async fn a_contact_of_a_contact_is_secondary_from_their_first_exposure(town: &mut Town) {
    let (zhang, case) = a_case(town).await;
    let via = zhang.adds_contact(&case, TAIGU, "K1").await;
    zhang.change("amend-contact", json!({ "contact": via.id, "first_exposure": "2022-02-18" })).await.ok();
    let met = |day: &str| {
        let times = (format!("{day}T10:00"), format!("{day}T12:00"));
        let new = somebody("Emil Invented");
        exposure(
            &case,
            json!({ "new": new, "via": via.id, "kind": "household", "from": times.0, "to": times.1 }),
        )
    };
    let early = zhang.change("add-exposure", met("2022-02-17")).await;
    assert_eq!(early.json()["code"], "trace.before_first_exposure");
    let out = zhang.change("add-exposure", met("2022-02-19")).await.ok()["out"].clone();
    assert_eq!((&out["class"], &out["rule"]), (&json!("secondary"), &json!("secondary.shared_life")));
}

async fn a_list_is_handed_over_acknowledged_and_the_contacts_move(town: &mut Town) {
    let (zhang, case) = a_case(town).await;
    let (li, wang) =
        (town.person("epidemiologist", YUCI).await, town.person("epidemiologist", XIAODIAN).await);
    let (one, two) =
        (zhang.adds_contact(&case, TAIGU, "K1").await, zhang.adds_contact(&case, TAIGU, "K2").await);
    let same = json!({ "list": fresh("handover"), "contacts": [one.id], "to": TAIGU });
    assert_eq!(zhang.change("hand-over-contacts", same).await.json()["code"], "trace.lives_there");
    let list = fresh("handover");
    let fields =
        json!({ "list": list, "contacts": [one.id, two.id], "to": YUCI, "note": "both work nights" });
    zhang.change("hand-over-contacts", fields).await.ok();
    let twice = json!({ "list": fresh("handover"), "contacts": [one.id], "to": XIAODIAN });
    assert_eq!(zhang.change("hand-over-contacts", twice).await.json()["code"], "trace.on_its_way");
    let path = format!("/api/contact-lists/{list}");
    let page = li.get(&path).await.ok();
    assert_eq!((&page["contacts"], &page["note"]), (&json!(2), &json!("both work nights")));
    assert_eq!(page["rows"][0]["no"], "K1");
    assert_eq!(li.get("/api/contacts").await.ok()["count"]["n"], 0, "theirs only once they say so");
    assert_eq!(wang.get(&path).await.status, 404, "neither sender nor receiver");
    assert_eq!(wang.change("acknowledge-list", json!({ "list": list })).await.status, 404);
    assert_eq!(
        zhang.change("acknowledge-list", json!({ "list": list })).await.status,
        404,
        "nobody takes over for them"
    );
    town.hours_pass(25);
    let (zhang, li) = (town.back(&zhang).await, town.back(&li).await);
    let late = li.get("/api/contact-lists?box=in&state=late").await.ok();
    assert_eq!((late["rows"].as_array().unwrap().len(), &late["rows"][0]["late"]), (1, &json!(true)));
    li.change("acknowledge-list", json!({ "list": list })).await.ok();
    assert_eq!(li.get("/api/contacts").await.ok()["count"]["n"], 2);
    assert_eq!(zhang.get("/api/contacts").await.ok()["count"]["n"], 0);
    let told =
        json!({ "contact": one.id, "reached_at": "2022-02-20T10:00", "isolated_at": "2022-02-20T15:00" });
    assert_eq!(zhang.change("tell-contact-state", told.clone()).await.status, 404);
    li.change("tell-contact-state", told).await.ok();
    let sent = zhang.get("/api/contact-lists?box=out").await.ok()["rows"][0].clone();
    assert_eq!((&sent["reached"], &sent["isolated"], &sent["contacts"]), (&json!(1), &json!(1), &json!(2)));
    assert!(sent["acknowledged_at"].is_string() && sent["late"] == json!(false), "{sent}");
    let page = zhang.get(&path).await.ok();
    assert_eq!((&page["rows"][0]["state"], &page["rows"][0]["subject"]), (&json!("accepted"), &Value::Null));
    let name = json!({ "purpose": "follow_up", "reason": "the daily call" });
    assert_eq!(zhang.post(&format!("/api/subjects/{}/open", one.subject), name).await.status, 404);
}

async fn who_does_not_live_here_is_given_back(town: &mut Town) {
    let (zhang, case) = a_case(town).await;
    let li = town.person("epidemiologist", YUCI).await;
    let (one, two) =
        (zhang.adds_contact(&case, TAIGU, "K1").await, zhang.adds_contact(&case, TAIGU, "K2").await);
    let list = zhang.hands_over(&[&one, &two], YUCI).await;
    let back = |contact: &Known| {
        let fields = json!({ "list": list, "contact": contact.id, "reason": "moved to another county" });
        li.change("return-contact", fields)
    };
    back(&one).await.ok();
    assert_eq!(back(&one).await.json()["code"], "trace.returned_already");
    li.change("acknowledge-list", json!({ "list": list })).await.ok();
    back(&two).await.ok();
    assert_eq!(zhang.get("/api/contacts").await.ok()["count"]["n"], 2);
    assert_eq!(li.get("/api/contacts").await.ok()["count"]["n"], 0);
    let page = zhang.get(&format!("/api/contact-lists/{list}")).await.ok();
    assert_eq!((&page["returned"], &page["rows"][0]["state"]), (&json!(2), &json!("refused")));
    assert_eq!(page["rows"][0]["reason"], "moved to another county");
    let again = zhang.hands_over(&[&one], XIAODIAN).await;
    assert_eq!(zhang.get(&format!("/api/contact-lists/{again}")).await.ok()["contacts"], 1);
}

async fn where_somebody_lives_is_told_to_whoever_has_them(town: &mut Town) {
    let (zhang, case) = a_case(town).await;
    let (li, all) =
        (town.person("epidemiologist", YUCI).await, town.person("epidemiologist", "14/1407").await);
    let one = zhang.adds_contact(&case, TAIGU, "K1").await;
    let list = zhang.hands_over(&[&one], YUCI).await;
    let path = format!("/api/contact-lists/{list}");
    let home = async |person: &Person| person.get(&path).await.ok()["rows"][0]["territory"].clone();
    assert_eq!(
        (home(&zhang).await, home(&li).await),
        (json!(TAIGU), Value::Null),
        "the sender's until taken over"
    );
    li.change("acknowledge-list", json!({ "list": list })).await.ok();
    assert_eq!(
        (home(&zhang).await, home(&li).await),
        (Value::Null, json!(YUCI)),
        "the receiver's from then on"
    );
    assert_eq!(home(&all).await, YUCI, "whoever answers for both has them throughout");
}

async fn the_board_counts_who_waits_for_what(town: &mut Town) {
    let (zhang, case) = a_case(town).await;
    let one = zhang.adds_contact(&case, TAIGU, "K1").await;
    zhang.adds_contact(&case, TAIGU, "K2").await;
    let mut elsewhere = somebody("Otto Invented");
    elsewhere["lives_in"] = json!(YUCI);
    zhang.change("add-exposure", exposure(&case, json!({ "new": elsewhere }))).await.ok();
    zhang.hands_over(&[&one], YUCI).await;
    let board = zhang.get("/api/contacts/board").await.ok();
    assert_eq!((&board["watched"], &board["unclassified"]), (&json!(3), &json!(1)));
    let state = |board: &Value, word: &str| board["by_state"][word].as_i64().unwrap();
    assert_eq!(["here", "waiting_hand_over", "handed_over"].map(|word| state(&board, word)), [1, 1, 1]);
    assert_eq!((&board["by_class"]["close"], &board["overdue"]), (&json!(2), &json!(0)));
    town.hours_pass(25);
    let zhang = town.back(&zhang).await;
    assert_eq!(zhang.get("/api/contacts/board").await.ok()["overdue"], 1);
}

async fn who_became_a_case_stays_with_those_who_have_the_case(town: &mut Town) {
    let (zhang, case) = a_case(town).await;
    let li = town.person("epidemiologist", YUCI).await;
    let contact = zhang.adds_contact(&case, TAIGU, "K1").await;
    let mut own = scenes::covid_case(TAIGU, "C2");
    own["subject"] = json!(contact.subject);
    zhang.reports_so(own).await;
    let list = zhang.hands_over(&[&contact], YUCI).await;
    li.change("acknowledge-list", json!({ "list": list })).await.ok();
    assert_eq!(li.get("/api/contacts").await.ok()["count"]["n"], 1);
    let path = format!("/api/subjects/{}/open", contact.subject);
    let asked = || json!({ "purpose": "follow_up", "reason": "the daily call" });
    assert_eq!(zhang.post(&path, asked()).await.status, 200, "their case is still theirs");
    assert_eq!(li.post(&path, asked()).await.status, 404, "a name is asked for where the case is");
}

async fn what_is_known_of_a_contact_outlasts_the_hand_over(town: &mut Town) {
    let (zhang, case) = a_case(town).await;
    let li = town.person("epidemiologist", YUCI).await;
    let (one, two) =
        (zhang.adds_contact(&case, TAIGU, "K1").await, zhang.adds_contact(&case, TAIGU, "K2").await);
    let place = zhang.registers_place(TAIGU, "restaurant", "Bell Street noodles").await;
    let interview = fresh("interview");
    let fields = json!({ "interview": interview, "contact": one.id, "protocol": "cn-covid-8" });
    zhang.change("open-interview", fields).await.ok();
    let supper = |to: &str| json!({ "place": place, "from": "2022-02-17T18:00", "to": to, "source": "self" });
    let visit = zhang.tells_of(&interview, supper("2022-02-17T19:00")).await;
    let list = zhang.hands_over(&[&one, &two], YUCI).await;
    let told = json!({ "contact": two.id, "reached_at": "2022-02-20T10:00" });
    zhang.change("tell-contact-state", told).await.ok();
    li.change("acknowledge-list", json!({ "list": list })).await.ok();
    let board = li.get("/api/contacts/board").await.ok();
    assert_eq!((&board["by_state"]["acknowledged"], &board["by_state"]["reached"]), (&json!(1), &json!(1)));
    let later = json!({ "visit": visit, "told": supper("2022-02-17T20:00"), "reason": "the till says so" });
    li.change("amend-visit", later).await.ok();
    let elsewhere = zhang.registers_place(TAIGU, "market", "South market").await;
    let mut moved = supper("2022-02-17T20:00");
    moved["place"] = json!(elsewhere);
    let moved = json!({ "visit": visit, "told": moved, "reason": "they say another" });
    assert_eq!(li.change("amend-visit", moved).await.status, 404, "a place of elsewhere that was never told");
    let on = li.hands_over(&[&two], XIAODIAN).await;
    let back = json!({ "list": list, "contact": two.id, "reason": "moved on" });
    assert_eq!(li.change("return-contact", back).await.json()["code"], "trace.on_its_way", "{on}");
}

async fn nobody_meets_a_case_who_was_isolated_before(town: &mut Town) {
    let zhang = town.person("epidemiologist", TAIGU).await;
    let mut ill = scenes::covid_case(TAIGU, "C1");
    ill["dates"] = json!({
        "onset": { "day": "2022-02-18", "precision": "day", "source": "stated" },
        "isolation": { "day": "2022-02-19", "precision": "day", "source": "stated" },
    });
    let case = zhang.reports_so(ill).await;
    zhang.interviews(&case).await;
    let met = |day: u8| {
        let new = somebody(&format!("Otto Invented the {day}th"));
        exposure(
            &case,
            json!({ "new": new, "from": format!("2022-02-{day}T18:00"), "to": format!("2022-02-{day}T19:00") }),
        )
    };
    let same_day = zhang.change("add-exposure", met(19)).await.ok()["out"].clone();
    assert_eq!(same_day["class"], "close");
    let after = zhang.change("add-exposure", met(20)).await.ok()["out"].clone();
    assert!(
        after["class"].is_null() && after["because_en"].as_str().unwrap().contains("isolated"),
        "{after}"
    );
}

async fn what_was_noted_of_an_exposure_is_read_by_those_who_ask(town: &mut Town) {
    let (zhang, case) = a_case(town).await;
    let met = exposure(&case, json!({ "new": somebody("Otto Invented"), "note": "shared one bottle" }));
    zhang.change("add-exposure", met.clone()).await.ok();
    let fields =
        json!({ "exposure": met["exposure"], "class": "general", "reason": "sat at the other table" });
    zhang.change("classify-exposure", fields).await.ok();
    let told = |page: &Value| page["rows"][0].clone();
    let row = told(&zhang.get("/api/exposures").await.ok());
    assert_eq!(
        (&row["note"], &row["reason"]),
        (&json!("shared one bottle"), &json!("sat at the other table"))
    );
    let interview = zhang.get("/api/interviews").await.ok()["rows"][0]["id"].as_str().unwrap().to_owned();
    let page = zhang.get(&format!("/api/interviews/{interview}")).await.ok();
    assert_eq!(page["exposures"][0]["note"], "shared one bottle");
    // Whoever counts contacts sees that they met, and not in which words.
    let analyst = town.person("analyst", TAIGU).await;
    let row = told(&analyst.get("/api/exposures").await.ok());
    assert_eq!(
        (&row["class"], &row["note"], &row["reason"]),
        (&json!("general"), &Value::Null, &Value::Null)
    );
}

async fn a_prefecture_hands_a_list_on_and_the_clock_goes_on(town: &mut Town) {
    let wang = town.person("epidemiologist", XIAODIAN).await;
    let (chen, li) =
        (town.person("epidemiologist", JINZHONG).await, town.person("epidemiologist", YUCI).await);
    let case = wang.reports(XIAODIAN, "X1").await;
    let one = wang.adds_contact(&case, XIAODIAN, "K1").await;
    let list = wang.hands_over(&[&one], JINZHONG).await;
    let due = |page: Value| page["rows"][0]["due"].as_str().unwrap().to_owned();
    let first = due(wang.get("/api/contact-lists?box=out").await.ok());
    assert_eq!(
        li.change("acknowledge-list", json!({ "list": list })).await.status,
        404,
        "a list of the prefecture is the prefecture's to take"
    );
    town.hours_pass(3);
    let (wang, chen, li) = (town.back(&wang).await, town.back(&chen).await, town.back(&li).await);
    chen.change("acknowledge-list", json!({ "list": list })).await.ok();
    let up = json!({ "list": fresh("handover"), "contacts": [one.id], "to": "14" });
    assert_eq!(chen.change("hand-over-contacts", up).await.json()["code"], "trace.lives_there");
    let on = chen.hands_over(&[&one], YUCI).await;
    assert_eq!(
        due(li.get("/api/contact-lists?box=in").await.ok()),
        first,
        "one clock from the first sender on"
    );
    let board = chen.get("/api/contacts/board").await.ok();
    assert_eq!(board["by_state"]["handed_over"], 1);
    li.change("acknowledge-list", json!({ "list": on })).await.ok();
    let told = json!({ "contact": one.id, "reached_at": "2022-02-20T10:00" });
    li.change("tell-contact-state", told).await.ok();
    // The first sender goes on seeing how far it is.
    assert_eq!(wang.get("/api/contact-lists?box=out").await.ok()["rows"][0]["reached"], 1);
    assert_eq!(li.get("/api/contacts").await.ok()["count"]["n"], 1);
    let back = chen.hands_over(&[&one], TAIGU).await;
    let again = due(chen.get("/api/contact-lists?box=out&state=waiting").await.ok());
    assert_ne!(again, first, "somebody reached them: it is another task, with a clock of its own ({back})");
}
