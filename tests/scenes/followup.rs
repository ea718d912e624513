//! People on pathways: from the day they are known to the day somebody lets them go.

use axum::http::Method;
use scenes::{Known, Person, TAIGU, Town, YUCI, both, covid_case, fresh};
use serde_json::{Value, json};

both!(
    a_contact_under_the_eighth_edition_day_by_day_to_release,
    a_missed_test_extends_and_escalates_and_holds_until_it_is_made_up,
    a_minor_stays_at_home_with_the_same_days_and_tests,
    the_ninth_edition_takes_over_and_each_is_told_before_what_it_changes,
    positive_again_after_discharge_is_no_release,
    the_whole_list_of_an_event_at_once,
    a_sign_of_illness_is_told_as_a_suspected_case,
    an_illness_after_a_handover_is_told_by_whoever_follows_them_now,
    what_cannot_be_true_is_refused_with_the_sentence_why,
    a_contact_who_moves_takes_the_pathway_along_and_an_erased_one_leaves_nothing_seen,
    a_day_without_a_network_comes_in_once_and_line_by_line,
    whoever_holds_the_link_tells_of_themselves_and_finds_nobody,
    a_hotel_tells_from_one_address_and_who_knows_no_link_is_slowed_down,
    what_the_situation_says_of_follow_up_is_exact_for_the_team_and_in_bands_for_others,
    ill_again_on_a_second_pathway_costs_no_check,
    what_was_missed_is_a_task_until_it_is_made_up,
    a_slip_of_the_finger_is_taken_back_and_the_plan_looks_at_what_is_left,
);

async fn turned(town: &Town) -> usize {
    let house = town.house.clone();
    tokio::task::spawn_blocking(move || rooms::followup::turn_now(&house).unwrap()).await.unwrap()
}

fn day(text: &Value) -> base::Day {
    text.as_str().unwrap().parse().unwrap()
}

/// A case in Taigu with a contact, and today.
async fn a_contact(town: &Town) -> (Person, Known, Known) {
    let zhang = town.person("epidemiologist", TAIGU).await;
    let case = zhang.reports(TAIGU, "C1").await;
    let contact = zhang.adds_contact(&case, TAIGU, "K1").await;
    (zhang, case, contact)
}

async fn begins(town: &Town, zhang: &Person, contact: &Known, edition: &str) -> String {
    begins_on(town.house.today(), zhang, contact, edition).await
}

/// The day after day zero is the first on which anything is asked.
async fn begins_on(day_zero: base::Day, zhang: &Person, contact: &Known, edition: &str) -> String {
    let course = fresh("course");
    let fields = json!({
        "people": [{ "course": course, "contact": contact.id }], "protocol": edition, "day_zero": day_zero,
    });
    assert_eq!(zhang.change("put-on-pathway", fields).await.ok()["out"]["put"], 1);
    course
}

async fn page(person: &Person, course: &str) -> Value {
    person.get(&format!("/api/followup/people/{course}")).await.ok()
}

async fn is_well(person: &Person, course: &str) -> Value {
    let fields = json!({ "check": fresh("check"), "course": course, "celsius": 36.5, "case": fresh("case") });
    person.change("tell-check", fields).await.ok()["out"].clone()
}

async fn is_negative(person: &Person, course: &str) -> String {
    let test = fresh("test");
    let fields = json!({ "test": test, "course": course, "outcome": "negative" });
    person.change("tell-test", fields).await.ok();
    test
}

/// Another day, and whoever comes to work on it.
async fn next_day(town: &Town, person: &Person) -> Person {
    town.hours_pass(24);
    turned(town).await;
    town.back(person).await
}

/// Everything that is asked today.
async fn does_what_is_asked(person: &Person, course: &str) {
    let due = page(person, course).await["due_tests"].as_u64().unwrap();
    for _ in 0..due {
        is_negative(person, course).await;
    }
    is_well(person, course).await;
}

async fn a_contact_under_the_eighth_edition_day_by_day_to_release(town: &mut Town) {
    let (mut zhang, _, contact) = a_contact(town).await;
    let course = begins(town, &zhang, &contact, "cn-covid-8").await;
    let zero = day(&page(&zhang, &course).await["today"]);
    let told = page(&zhang, &course).await;
    assert_eq!((&told["place"], &told["phase"]["of"]), (&json!("central"), &json!(2)));
    assert_eq!(told["phase"]["last"], json!(zero + 14));
    assert_eq!(told["strip"].as_array().unwrap().len(), 21);
    let moved = json!({ "move": fresh("move"), "course": course, "day": zero, "to": "central" });
    zhang.change("move-followed", moved).await.ok();
    let (mut tests, mut released) = (Vec::new(), Vec::new());
    for ahead in 1..=23 {
        zhang = next_day(town, &zhang).await;
        let told = page(&zhang, &course).await;
        if told["standing"] == "release_due" {
            let list = zhang.get("/api/followup?state=release").await.ok();
            assert_eq!(list["rows"][0]["id"], json!(course), "it is proposed: {list}");
            assert!(told["criteria"].as_array().unwrap().iter().all(|tick| tick["holds"] == true), "{told}");
            let phase = &told["phase"]["number"];
            let out =
                zhang.change("release-followed", json!({ "course": course, "phase": phase })).await.ok();
            released.push((ahead, out["out"]["ended"].as_bool().unwrap()));
            if out["out"]["ended"] == true {
                break;
            }
        }
        for _ in 0..told["due_tests"].as_u64().unwrap() {
            tests.push(ahead);
        }
        does_what_is_asked(&zhang, &course).await;
    }
    assert_eq!(tests, [1, 4, 7, 14, 14, 16, 21], "days of tests, the last of quarantine doubled");
    assert_eq!(released, [(15, false), (22, true)]);
    let told = page(&zhang, &course).await;
    assert_eq!((&told["standing"], &told["ended_as"]), (&json!("ended"), &json!("released")));
    let contacts = zhang.get("/api/contacts").await.ok();
    assert_eq!(contacts["rows"][0]["status"], "released", "and is watched no longer");
}

async fn a_missed_test_extends_and_escalates_and_holds_until_it_is_made_up(town: &mut Town) {
    let (mut zhang, _, contact) = a_contact(town).await;
    let course = begins(town, &zhang, &contact, "cn-covid-10m").await;
    let zero = town.house.today();
    // The ten measures ask for one test, on day 5, and two checks a day.
    for _ in 1..=5 {
        zhang = next_day(town, &zhang).await;
        is_well(&zhang, &course).await;
    }
    assert_eq!(page(&zhang, &course).await["due_tests"], 1);
    for level in [1, 2, 3] {
        zhang = next_day(town, &zhang).await;
        is_well(&zhang, &course).await;
        let told = page(&zhang, &course).await;
        assert_eq!((&told["level"], &told["standing"]), (&json!(level), &json!("running")), "{told}");
        assert_eq!(told["missed"][0]["what"], "test");
        let row = zhang.get("/api/followup?state=overdue").await.ok()["rows"][0].clone();
        assert_eq!(row["level"], json!(level), "told upwards by the clock: {row}");
    }
    let early = zhang.change("release-followed", json!({ "course": course, "phase": 0 })).await;
    assert_eq!((early.status, &early.json()["code"]), (422, &json!("followup.criteria")));
    assert!(early.json()["en"].to_string().contains("a test is not taken"), "{}", early.json());
    let test = fresh("test");
    zhang.change("tell-test", json!({ "test": test, "course": course })).await.ok();
    zhang = next_day(town, &zhang).await;
    let told = page(&zhang, &course).await;
    assert_eq!((&told["level"], &told["added_days"]), (&json!(0), &json!(1)));
    assert_eq!(told["last"], json!(zero + 8), "not before the day it was made up");
    assert_eq!(told["standing"], "running", "the result is waited for");
    zhang.change("tell-test-result", json!({ "test": test, "outcome": "negative" })).await.ok();
    let again = zhang.change("tell-test-result", json!({ "test": test, "outcome": "positive" })).await;
    assert_eq!(again.json()["code"], "followup.told_already");
    let out = zhang.change("release-followed", json!({ "course": course, "phase": 0 })).await.ok();
    assert_eq!(out["out"]["ended"], true);
}

async fn a_minor_stays_at_home_with_the_same_days_and_tests(town: &mut Town) {
    let zhang = town.person("epidemiologist", TAIGU).await;
    let case = zhang.reports(TAIGU, "C1").await;
    let child = Known { id: fresh("contact"), subject: fresh("subject") };
    let fields = json!({
        "contact": child.id, "subject": child.subject, "source_case": case.id, "territory": TAIGU, "class": "close",
        "age": 9, "last_exposure": town.house.today(),
    });
    zhang.change("add-contact", fields).await.ok();
    let course = begins(town, &zhang, &child, "cn-covid-9").await;
    let before = page(&zhang, &course).await;
    let exempt = |who: Value| {
        let fields = json!({ "course": course, "who": who, "reason": "nine years old, with her mother" });
        zhang.change("exempt-followed", fields)
    };
    assert_eq!(exempt(json!("elderly")).await.json()["code"], "followup.age");
    exempt(json!("minor")).await.ok();
    let after = page(&zhang, &course).await;
    assert_eq!((&before["place"], &after["place"]), (&json!("central"), &json!("home")));
    assert_eq!(before["last"], after["last"]);
    let tests = |page: &Value| page["phases"][0]["tests"].clone();
    assert_eq!(tests(&before), tests(&after));
    assert_eq!(after["exempt_reason"], "nine years old, with her mother");
    let commander = town.person("commander", TAIGU).await;
    assert_eq!(
        page(&commander, &course).await["exempt_reason"],
        Value::Null,
        "of her health: not for everybody"
    );
    let moved =
        json!({ "move": fresh("move"), "course": course, "day": town.house.today(), "to": "central" });
    assert_eq!(zhang.change("move-followed", moved).await.json()["code"], "followup.not_moved");
}

async fn the_ninth_edition_takes_over_and_each_is_told_before_what_it_changes(town: &mut Town) {
    let (mut zhang, case, first) = a_contact(town).await;
    let early = begins(town, &zhang, &first, "cn-covid-8").await;
    for _ in 1..=9 {
        zhang = next_day(town, &zhang).await;
        does_what_is_asked(&zhang, &early).await;
    }
    let second = zhang.adds_contact(&case, TAIGU, "K2").await;
    let late = begins(town, &zhang, &second, "cn-covid-8").await;
    let path = "/api/followup/preview?from=cn-covid-8&to=cn-covid-9";
    let preview = zhang.get(path).await.ok();
    assert_eq!((&preview["count"], &preview["transition"]["value"]), (&json!(2), &json!("shorten")));
    assert_eq!(preview["effects"], json!({ "shorter": 2 }));
    let of = |course: &str| {
        let rows = preview["rows"].as_array().unwrap();
        rows.iter().find(|row| row["course"] == course).unwrap()["effect"].clone()
    };
    let today = day(&preview["today"]);
    assert_eq!(
        (&of(&early)["old_place"], &of(&early)["new_place"]),
        (&json!("central"), &json!("monitoring"))
    );
    assert_eq!((&of(&early)["days_fewer"], &of(&early)["new_last"]), (&json!(11), &json!(today + 1)));
    assert_eq!((&of(&late)["new_place"], &of(&late)["new_last"]), (&json!("central"), &json!(today + 10)));
    assert_eq!(page(&zhang, &early).await["protocol"], "cn-covid-8", "shown, and not done");
    let field = town.person("field", TAIGU).await;
    let fields = json!({ "courses": [early, late], "to": "cn-covid-9" });
    assert_eq!(field.change("switch-edition", fields.clone()).await.status, 403);
    let out = zhang.change("switch-edition", fields.clone()).await.ok();
    assert_eq!(out["out"]["effects"], json!({ "shorter": 2 }));
    let told = page(&zhang, &early).await;
    assert_eq!((&told["protocol"], &told["place"]), (&json!("cn-covid-9"), &json!("monitoring")));
    assert_eq!(
        (&told["last"], &told["due_tests"]),
        (&json!(today + 1), &json!(1)),
        "one more test to go home: {told}"
    );
    assert_eq!(
        zhang.change("switch-edition", fields).await.ok()["out"]["untouched"],
        2,
        "twice does it once"
    );
    let gone = zhang.get("/api/followup/preview?from=cn-covid-9&to=cn-covid-bb").await.ok();
    assert_eq!(gone["effects"], json!({ "no_longer": 2 }));
    let words = zhang.get("/api/protocols/difference?old=cn-covid-8&new=cn-covid-9").await.ok();
    let said = words["rows"].to_string();
    assert!(said.contains("close contact, phase 1, days: 14 days becomes 7 days"), "{said}");
    assert!(said.contains("密接第1阶段，天数：由14天改为7天"), "{said}");
}

async fn positive_again_after_discharge_is_no_release(town: &mut Town) {
    let mut zhang = town.person("epidemiologist", TAIGU).await;
    let case = zhang.reports(TAIGU, "C1").await;
    let other = zhang.reports(TAIGU, "C2").await;
    let mut courses = Vec::new();
    for known in [&case, &other] {
        let course = fresh("course");
        let fields = json!({
            "people": [{ "course": course, "case": known.id }], "protocol": "cn-covid-9", "day_zero": town.house.today(),
        });
        zhang.change("put-on-pathway", fields).await.ok();
        courses.push(course);
    }
    for _ in 1..=7 {
        zhang = next_day(town, &zhang).await;
        for course in &courses {
            is_well(&zhang, course).await;
        }
    }
    for (course, ct) in courses.iter().zip([34.9, 35.0]) {
        let fields = json!({ "test": fresh("test"), "course": course, "outcome": "positive", "ct": ct });
        zhang.change("tell-test", fields).await.ok();
    }
    zhang = next_day(town, &zhang).await;
    let (again, free) = (page(&zhang, &courses[0]).await, page(&zhang, &courses[1]).await);
    assert_eq!((&again["standing"], &free["standing"]), (&json!("re_positive"), &json!("release_due")));
    assert_eq!(again["rule"]["re_positive"]["what"]["value"], "back_to_care");
    assert_eq!(
        again["rule"]["re_positive"]["changes_zone"]["value"], false,
        "the level of the building stays"
    );
    let release = |course: &str| zhang.change("release-followed", json!({ "course": course, "phase": 0 }));
    assert_eq!(release(&courses[0]).await.json()["code"], "followup.criteria");
    assert_eq!(release(&courses[1]).await.ok()["out"]["ended"], true);
    let ill = zhang.get("/api/followup?state=ill").await.ok();
    assert_eq!((ill["rows"].as_array().unwrap().len(), &ill["rows"][0]["id"]), (1, &json!(courses[0])));
}

async fn the_whole_list_of_an_event_at_once(town: &mut Town) {
    let zhang = town.person("epidemiologist", TAIGU).await;
    let event = zhang.opens_event(TAIGU, "A village dinner").await;
    let today = town.house.today();
    for (no, class, age) in
        [("K1", "close", 40), ("K2", "close", 71), ("K3", "secondary", 20), ("K4", "general", 30)]
    {
        let mut fields = json!({
            "contact": fresh("contact"), "subject": fresh("subject"), "contact_no": no, "event": event, "territory": TAIGU,
            "class": class, "age": age, "last_exposure": today - 1,
        });
        if no == "K4" {
            fields.as_object_mut().unwrap().remove("last_exposure");
        }
        zhang.change("add-contact", fields).await.ok();
    }
    let waiting = zhang.get(&format!("/api/followup/waiting?event={event}")).await.ok();
    assert_eq!(waiting["count"], 4);
    let people: Vec<Value> = waiting["rows"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| json!({ "course": fresh("course"), "contact": row["contact"] }))
        .collect();
    let fields = json!({ "people": people, "protocol": "cn-covid-8", "route": "Bell Street 4, stairwell 2" });
    let out = zhang.change("put-on-pathway", fields).await.ok()["out"].clone();
    assert_eq!((&out["put"], out["left_out"].as_array().unwrap().len()), (&json!(3), 1));
    assert_eq!(out["left_out"][0]["code"], "followup.no_day", "{out}");
    assert_eq!(zhang.get(&format!("/api/followup/waiting?event={event}")).await.ok()["count"], 1);
    let counts = zhang.get("/api/followup/counts").await.ok();
    assert_eq!((&counts["all"], &counts["by_place"]["central"]), (&json!(3), &json!(3)), "{counts}");
    let field = town.person("field", TAIGU).await;
    let courses: Vec<&Value> = people.iter().map(|one| &one["course"]).collect();
    let list = zhang.get("/api/followup").await.ok();
    let open: Vec<&Value> = list["rows"].as_array().unwrap().iter().map(|row| &row["id"]).collect();
    assert_eq!(open.len(), 3);
    let me = field.get("/api/state").await.ok()["account"]["id"].clone();
    let assign = json!({ "courses": open, "worker": me, "route": "Bell Street 4, stairwell 1" });
    zhang.change("assign-follow-up", assign).await.ok();
    let own = field.get("/api/followup?worker=me").await.ok();
    assert_eq!((&own["count"], &own["rows"][0]["route"]), (&json!(3), &json!("Bell Street 4, stairwell 1")));
    assert!(courses.len() == 4 && !own.to_string().contains("Invented"), "no name on a list");
    let nobody = json!({ "courses": open, "worker": fresh("account") });
    assert_eq!(zhang.change("assign-follow-up", nobody).await.json()["code"], "followup.worker");
}

async fn a_sign_of_illness_is_told_as_a_suspected_case(town: &mut Town) {
    let (zhang, _, contact) = a_contact(town).await;
    let course = begins(town, &zhang, &contact, "cn-covid-8").await;
    let field = town.person("field", TAIGU).await;
    let suspected = fresh("case");
    let fields = json!({
        "check": fresh("check"), "course": course, "celsius": 38.2, "signs": ["cough"], "case": suspected,
    });
    let out = field.change("tell-check", fields).await.ok()["out"].clone();
    assert_eq!((&out["standing"], &out["suspected_case"]), (&json!("suspected"), &json!(suspected)));
    let case = zhang.get(&format!("/api/cases/{suspected}")).await.ok();
    assert_eq!((&case["classification"], &case["found"]), (&json!("suspected"), &json!("under_care")));
    assert_eq!(case["subject"], json!(contact.subject), "the same person");
    let again = json!({ "check": fresh("check"), "course": course, "celsius": 38.0, "case": fresh("case") });
    assert_eq!(field.change("tell-check", again).await.ok()["out"]["suspected_case"], Value::Null, "once");
    is_negative(&field, &course).await;
    town.minutes_pass(5);
    is_well(&field, &course).await;
    assert_eq!(page(&zhang, &course).await["standing"], "running", "cleared by a negative and a well look");
}

/// At the desk, by telephone and by their own link: of an event their county has nothing to do with, and of a person whom others keep.
async fn an_illness_after_a_handover_is_told_by_whoever_follows_them_now(town: &mut Town) {
    let zhang = town.person("epidemiologist", TAIGU).await;
    let event = zhang.opens_event(TAIGU, "The supper").await;
    let mut first = covid_case(TAIGU, "C1");
    first["event"] = json!(event);
    let (of_event, of_none) = (zhang.reports_so(first).await, zhang.reports(TAIGU, "C2").await);
    let contacts = [
        zhang.adds_contact(&of_event, TAIGU, "K1").await,
        zhang.adds_contact(&of_none, TAIGU, "K2").await,
        zhang.adds_contact(&of_event, TAIGU, "K3").await,
    ];
    let also = json!({
        "contact": fresh("contact"), "subject": contacts[1].subject, "contact_no": "K4", "source_case": of_event.id,
        "territory": TAIGU, "class": "close", "last_exposure": "2022-02-19",
    });
    zhang.change("add-contact", also).await.ok();
    let yesterday = town.house.today() + -1;
    let mut courses = Vec::new();
    for contact in &contacts {
        courses.push(begins_on(yesterday, &zhang, contact, "cn-covid-8").await);
    }
    let list = zhang.hands_over(&[&contacts[0], &contacts[1], &contacts[2]], YUCI).await;
    let (li, field) = (town.person("epidemiologist", YUCI).await, town.person("field", YUCI).await);
    li.change("acknowledge-list", json!({ "list": list })).await.ok();

    let ill = |course: &str| json!({ "check": fresh("check"), "course": course, "celsius": 38.6, "case": fresh("case") });
    let at_the_desk = li.change("tell-check", ill(&courses[0])).await.ok()["out"].clone();
    let mut line = ill(&courses[1]);
    line["id"] = json!(fresh("change"));
    line["at"] = json!(town.house.now().0);
    let by_telephone = sends(&field, &[line]).await[0]["out"]["stands"].clone();
    for stands in [&at_the_desk, &by_telephone] {
        assert_eq!(stands["standing"], "suspected", "{stands}");
        let case = li.get(&format!("/api/cases/{}", stands["suspected_case"].as_str().unwrap())).await.ok();
        assert_eq!((&case["territory"], &case["classification"]), (&json!(YUCI), &json!("suspected")));
    }
    let path = format!("/api/followup/people/{}/link", courses[2]);
    let link = li.post(&path, json!({ "id": fresh("change") })).await.ok();
    let mut form = ill("");
    form.as_object_mut().unwrap().remove("course");
    form["id"] = json!(fresh("change"));
    form["secret"] = link["secret"].clone();
    town.stranger().post("/api/public/check-in/tell", form).await.ok();
    assert_eq!(page(&li, &courses[2]).await["standing"], "suspected");
}

async fn what_cannot_be_true_is_refused_with_the_sentence_why(town: &mut Town) {
    let (zhang, _, contact) = a_contact(town).await;
    let put = |more: Value| {
        let mut fields = json!({ "people": [{ "course": fresh("course"), "contact": contact.id }] });
        for (field, value) in more.as_object().unwrap() {
            fields[field] = value.clone();
        }
        zhang.change("put-on-pathway", fields)
    };
    for (more, code) in [
        (json!({ "protocol": "cn-covid-99" }), "followup.edition"),
        (json!({ "protocol": "cn-covid-bb" }), "followup.not_followed"),
        (json!({ "protocol": "cn-covid-8", "day_zero": town.house.today() + 1 }), "followup.day_ahead"),
        (json!({ "people": [{ "course": fresh("course") }] }), "followup.whom"),
        (json!({ "people": [] }), "followup.how_many"),
    ] {
        let answer = put(more).await;
        assert_eq!((answer.status, &answer.json()["code"]), (422, &json!(code)));
    }
    let course = begins(town, &zhang, &contact, "cn-covid-8").await;
    let twice = put(json!({ "protocol": "cn-covid-8", "day_zero": town.house.today() })).await;
    assert_eq!(twice.json()["code"], "record.exists");
    let now = town.house.now().0;
    let check = |more: Value| {
        let mut fields = json!({ "check": fresh("check"), "course": course, "case": fresh("case") });
        for (field, value) in more.as_object().unwrap() {
            fields[field] = value.clone();
        }
        zhang.change("tell-check", fields)
    };
    for (more, code) in [
        (json!({ "celsius": 99.1 }), "followup.celsius"),
        (json!({ "at": now + 3_600_000 }), "followup.ahead"),
        (json!({ "at": now - 90 * 3_600_000 }), "followup.before"),
    ] {
        assert_eq!(check(more).await.json()["code"], code);
    }
    let field = town.person("field", TAIGU).await;
    let release = json!({ "course": course, "phase": 0 });
    assert_eq!(field.change("release-followed", release.clone()).await.status, 403);
    assert_eq!(zhang.change("release-followed", release).await.json()["code"], "followup.criteria");
    let by_hand = json!({ "course": course, "why": "released" });
    assert_eq!(zhang.change("end-follow-up", by_hand).await.json()["code"], "followup.not_by_hand");
    zhang.change("end-follow-up", json!({ "course": course, "why": "mistaken" })).await.ok();
    assert_eq!(check(json!({})).await.json()["code"], "followup.over");
    let length = zhang.get("/api/followup/length?disease=covid-19-omicron&risk=0.05").await.ok();
    assert_eq!(length["days"], 6, "{length}");
    let no_spread = zhang.get("/api/followup/length?disease=marburg&risk=0.05").await;
    assert_eq!((no_spread.status, &no_spread.json()["code"]), (422, &json!("followup.length")));
}

async fn a_contact_who_moves_takes_the_pathway_along_and_an_erased_one_leaves_nothing_seen(town: &mut Town) {
    let (zhang, _, contact) = a_contact(town).await;
    let course = begins(town, &zhang, &contact, "cn-covid-8").await;
    is_well(&zhang, &course).await;
    let li = town.person("epidemiologist", YUCI).await;
    let path = format!("/api/followup/people/{course}");
    assert_eq!(li.get(&path).await.status, 404);
    let list = zhang.hands_over(&[&contact], YUCI).await;
    li.change("acknowledge-list", json!({ "list": list })).await.ok();
    assert_eq!(zhang.get(&path).await.status, 404);
    assert_eq!(page(&li, &course).await["seen"].as_array().unwrap().len(), 1);
    let officer = town.person("data_officer", YUCI).await;
    let ask = crate::erasure::agreed(town, &officer, "erase_people", &contact.subject, YUCI).await;
    let form = json!({ "id": fresh("change"), "erasure": fresh("erasure"), "subjects": [contact.subject], "ask": ask });
    officer.post("/api/erasures", form).await.ok();
    let told = page(&li, &course).await;
    assert_eq!((told["seen"].as_array().unwrap().len(), told["ended_at"].is_string()), (0, true), "{told}");
}

/// A day of a telephone, a line each.
async fn sends(person: &Person, lines: &[Value]) -> Vec<Value> {
    let body: String = lines.iter().map(|line| format!("{line}\n")).collect();
    let answer = person.ask(Method::POST, "/api/followup/checks", body.into_bytes()).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    answer.text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

async fn a_day_without_a_network_comes_in_once_and_line_by_line(town: &mut Town) {
    town.by_day();
    let (zhang, case, first) = a_contact(town).await;
    let second = zhang.adds_contact(&case, TAIGU, "K2").await;
    let yesterday = town.house.today() + -1;
    let one = begins_on(yesterday, &zhang, &first, "cn-covid-8").await;
    let two = begins_on(yesterday, &zhang, &second, "cn-covid-8").await;
    let field = town.person("field", TAIGU).await;
    let round = field.get("/api/followup/day?worker=me").await.ok();
    assert_eq!(round["rows"].as_array().unwrap().len(), 2, "nobody's is everybody's: {round}");
    assert_eq!((&round["rows"][0]["checks"], &round["rows"][0]["tried"]), (&json!([0, 2]), &Value::Null));
    assert!(!round.to_string().contains("Invented"), "no name on a round");
    let now = town.house.now().0;
    let left = round["ends"].as_i64().unwrap() - now;
    assert!((0..=24 * 3_600_000).contains(&left), "when this day is over, by the house: {left}");
    let line = |course: &str, more: Value| {
        let mut line = json!({
            "id": fresh("change"), "check": fresh("check"), "course": course, "at": now - 3_600_000, "case": fresh("case"),
        });
        line.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        line
    };
    let day = [
        line(&one, json!({ "celsius": 36.6 })),
        line(&two, json!({ "not_seen": "not_reached" })),
        line(&two, json!({ "not_seen": "refused_check", "at": now - 1_800_000 })),
        line(&fresh("course"), json!({ "celsius": 36.6 })),
        line(&one, json!({ "celsius": 99.0 })),
        line(&one, json!({ "celsius": 36.5, "at": now + 3_600_000 })),
    ];
    let heard = sends(&field, &day).await;
    let again = sends(&field, &day).await;
    assert_eq!(heard, again, "the answer was lost, and the telephone sends everything again");
    let codes: Vec<&Value> = heard.iter().map(|answer| &answer["error"]["code"]).collect();
    assert_eq!(
        codes,
        [
            &Value::Null,
            &Value::Null,
            &Value::Null,
            &json!("record.missing"),
            &json!("followup.celsius"),
            &json!("followup.ahead")
        ]
    );
    assert_eq!(heard[0]["out"]["stands"]["standing"], "running");
    let round = field.get("/api/followup/day").await.ok();
    let of = |course: &str| {
        round["rows"].as_array().unwrap().iter().find(|row| row["id"] == course).unwrap().clone()
    };
    assert_eq!(
        (&of(&one)["checks"], &of(&two)["checks"]),
        (&json!([1, 2]), &json!([0, 2])),
        "a try is no check"
    );
    assert_eq!(of(&two)["tried"]["why"], "refused_check");
    assert_eq!(page(&zhang, &two).await["tried"].as_array().unwrap().len(), 2);
    let broken = field.ask(Method::POST, "/api/followup/checks", b"not json\n".to_vec()).await;
    assert_eq!(broken.status, 200, "a broken line is a refused line");
    let many: String = (0..501).map(|_| format!("{}\n", line(&one, json!({})))).collect();
    field
        .ask(Method::POST, "/api/followup/checks", many.into_bytes())
        .await
        .refused(422, "followup.unreadable");
    let li = town.person("field", YUCI).await;
    assert_eq!(
        sends(&li, &[line(&one, json!({ "celsius": 36.6 }))]).await[0]["error"]["code"],
        "record.missing"
    );
    assert_eq!(li.get("/api/followup/day").await.ok()["rows"], json!([]));
}

async fn whoever_holds_the_link_tells_of_themselves_and_finds_nobody(town: &mut Town) {
    let (zhang, _, contact) = a_contact(town).await;
    let course = begins_on(town.house.today() + -1, &zhang, &contact, "cn-covid-8").await;
    let path = format!("/api/followup/people/{course}/link");
    let give = |id: String| zhang.post(&path, json!({ "id": id }));
    let id = fresh("change");
    let secret = give(id.clone()).await.ok()["secret"].clone();
    assert_eq!(give(id).await.ok()["secret"], secret, "asked twice, one link");
    let stranger = town.stranger();
    let told = stranger.post("/api/public/check-in", json!({ "secret": secret })).await.ok();
    assert_eq!(
        (&told["state"], &told["checks"], &told["place"]),
        (&json!("followed"), &json!([0, 2]), &json!("central"))
    );
    for hidden in ["K1", course.as_str(), contact.subject.as_str(), TAIGU] {
        assert!(!told.to_string().contains(hidden), "nothing of who they are: {told}");
    }
    let tells = |secret: &Value, celsius: f64| {
        let form = json!({
            "id": fresh("change"), "secret": secret, "check": fresh("check"), "case": fresh("case"), "celsius": celsius,
        });
        stranger.post("/api/public/check-in/tell", form)
    };
    assert_eq!(tells(&secret, 36.4).await.ok()["checks"], json!([1, 2]));
    let seen = page(&zhang, &course).await["seen"].clone();
    assert_eq!((&seen[0]["celsius"], &seen[0]["themselves"]), (&json!(36.4), &json!(true)), "{seen}");
    town.minutes_pass(10);
    tells(&secret, 38.6).await.ok();
    let zhang = town.back(&zhang).await;
    assert_eq!(page(&zhang, &course).await["standing"], "suspected", "fever told by themselves is told");
    let newer = zhang
        .post(&format!("/api/followup/people/{course}/link"), json!({ "id": fresh("change") }))
        .await
        .ok();
    let before = stranger.post("/api/public/check-in", json!({ "secret": secret })).await.ok();
    assert_eq!(before["state"], "unknown", "a lost link opens nothing any more");
    town.minutes_pass(10);
    assert_eq!(tells(&secret, 36.4).await.json()["code"], "record.missing");
    let kept = known(newer["secret"].as_str().unwrap());
    let unread = stranger.post("/api/public/check-in", json!({ "secret": kept })).await.ok();
    assert_eq!(unread["state"], "unknown", "what the server keeps opens nothing");
    zhang.change("end-follow-up", json!({ "course": course, "why": "became_case" })).await.ok();
    let over = stranger.post("/api/public/check-in", json!({ "secret": newer["secret"] })).await.ok();
    assert_eq!((&over["state"], &over["checks"]), (&json!("over"), &Value::Null));
    let told = tells(&newer["secret"], 36.4).await.ok();
    assert_eq!(told["state"], "over", "a form that was open while it ended");
    assert!(!told.to_string().contains("K1"), "nor then who they are: {told}");
    assert_eq!(page(&zhang, &course).await["seen"].as_array().unwrap().len(), 2, "and nothing is written");
    let commander = town.person("commander", TAIGU).await;
    assert_eq!(commander.post(&path, json!({ "id": fresh("change") })).await.status, 403);
}

async fn a_hotel_tells_from_one_address_and_who_knows_no_link_is_slowed_down(town: &mut Town) {
    let (zhang, case, first) = a_contact(town).await;
    let mut guests = vec![first];
    for number in ["K2", "K3", "K4"] {
        guests.push(zhang.adds_contact(&case, TAIGU, number).await);
    }
    let stranger = town.stranger();
    let tells = |secret: &Value| {
        let form = json!({
            "id": fresh("change"), "secret": secret, "check": fresh("check"), "case": fresh("case"), "celsius": 36.4,
        });
        stranger.post("/api/public/check-in/tell", form)
    };
    let mut secrets = Vec::new();
    for guest in &guests {
        let course = begins_on(town.house.today() + -1, &zhang, guest, "cn-covid-8").await;
        let path = format!("/api/followup/people/{course}/link");
        secrets.push(zhang.post(&path, json!({ "id": fresh("change") })).await.ok()["secret"].clone());
    }
    // Thirty at once is what a stranger's address may say.
    for secret in &secrets {
        for _ in 0..9 {
            tells(secret).await.ok();
        }
    }
    let mut refused = Vec::new();
    for _ in 0..33 {
        refused.push(tells(&json!("nobody-gave-this")).await.status);
    }
    assert_eq!((refused[0], refused.last()), (404, Some(&429)), "whoever guesses is slowed down");
    tells(&secrets[0]).await.ok();
    let mut one = Vec::new();
    for _ in 0..4 {
        one.push(tells(&secrets[0]).await.status);
    }
    assert!(one.contains(&429), "and so is a telephone gone wild: {one:?}");
    tells(&secrets[1]).await.ok();
}

/// As the server knows a secret.
fn known(secret: &str) -> String {
    use base64::Engine as _;
    use sha2::{Digest, Sha256};
    base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(Sha256::digest(secret))
}

async fn what_the_situation_says_of_follow_up_is_exact_for_the_team_and_in_bands_for_others(town: &mut Town) {
    let (mut zhang, _, contact) = a_contact(town).await;
    let course = begins(town, &zhang, &contact, "cn-covid-10m").await;
    is_well(&zhang, &course).await;
    let counts = zhang.get("/api/followup/counts").await.ok();
    assert_eq!(
        (&counts["all"], &counts["seen_today"], &counts["owe_test"]),
        (&json!(1), &json!(1), &json!(0))
    );
    for _ in 1..=6 {
        zhang = next_day(town, &zhang).await;
        is_well(&zhang, &course).await;
    }
    zhang = next_day(town, &zhang).await;
    let counts = zhang.get("/api/followup/counts").await.ok();
    assert_eq!(
        (&counts["seen_today"], &counts["owe_test"], &counts["overdue"]),
        (&json!(0), &json!(1), &json!(1))
    );
    let auditor = town.person("auditor", TAIGU).await;
    let others = auditor.get("/api/followup/counts").await.ok();
    assert_eq!((&others["exact"], others["all"].is_number()), (&json!(false), false), "{others}");
}

async fn ill_again_on_a_second_pathway_costs_no_check(town: &mut Town) {
    let (zhang, _, contact) = a_contact(town).await;
    let ill = async |course: &str| {
        let fields =
            json!({ "check": fresh("check"), "course": course, "celsius": 38.2, "case": fresh("case") });
        zhang.change("tell-check", fields).await.ok()["out"]["suspected_case"].clone()
    };
    let first = begins(town, &zhang, &contact, "cn-covid-8").await;
    let suspected = ill(&first).await;
    zhang.change("end-follow-up", json!({ "course": first, "why": "mistaken" })).await.ok();
    let second = begins(town, &zhang, &contact, "cn-covid-8").await;
    let again = ill(&second).await;
    assert!(suspected.is_string() && again.is_string() && suspected != again, "{suspected} {again}");
    let numbers: Vec<Value> = zhang.get("/api/cases").await.ok()["rows"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| row["case_no"].clone())
        .collect();
    assert!(numbers.contains(&json!("K1-S")) && numbers.contains(&json!("K1-S2")), "{numbers:?}");
}

async fn what_was_missed_is_a_task_until_it_is_made_up(town: &mut Town) {
    let (mut zhang, _, contact) = a_contact(town).await;
    let course = begins(town, &zhang, &contact, "cn-covid-10m").await;
    let field = town.person("field", TAIGU).await;
    let me = field.get("/api/state").await.ok()["account"]["id"].clone();
    zhang.change("assign-follow-up", json!({ "courses": [course], "worker": me })).await.ok();
    let open = async |zhang: &Person| {
        let rows = zhang.get("/api/tasks").await.ok()["rows"].as_array().unwrap().clone();
        rows.into_iter().map(|row| (row["kind"].clone(), row["owner"].clone())).collect::<Vec<_>>()
    };
    for _ in 1..=2 {
        zhang = next_day(town, &zhang).await;
    }
    assert_eq!(
        open(&zhang).await,
        [(json!("check_in"), me.clone())],
        "nobody saw them for a day: told to their worker"
    );
    assert_eq!(turned(town).await, 0, "once");
    let wang = town.person("field", TAIGU).await;
    let other = wang.get("/api/state").await.ok()["account"]["id"].clone();
    let assigned = async |worker: &Value| {
        zhang.change("assign-follow-up", json!({ "courses": [course], "worker": worker })).await.ok();
    };
    for worker in [&other, &json!("")] {
        assigned(worker).await;
        assert_eq!(
            open(&zhang).await,
            [(json!("check_in"), worker.clone())],
            "of whoever looks after them now"
        );
    }
    let delivered = zhang.get("/api/tasks/overdue").await.ok();
    assert_eq!(delivered["open"], 1, "and counted once: {delivered}");
    assigned(&me).await;
    assert_eq!(open(&zhang).await, [(json!("check_in"), me.clone())]);
    is_well(&zhang, &course).await;
    assert_eq!(open(&zhang).await, [], "somebody saw them");
    for _ in 3..=6 {
        zhang = next_day(town, &zhang).await;
        is_well(&zhang, &course).await;
    }
    assert_eq!(open(&zhang).await, [(json!("sample_at_home"), me.clone())], "the test of day 5");
    let list = zhang.hands_over(&[&contact], YUCI).await;
    let li = town.person("epidemiologist", YUCI).await;
    assert_eq!(open(&zhang).await.len(), 1, "theirs until the other says yes");
    li.change("acknowledge-list", json!({ "list": list })).await.ok();
    assert_eq!(open(&zhang).await, [], "they went to another place, and so did what is owed");
    let delivered = zhang.get("/api/tasks/overdue").await.ok();
    assert_eq!(delivered["open"], 0, "nor is it counted there any more: {delivered}");
    assert_eq!(
        open(&li).await,
        [(json!("sample_at_home"), json!(""))],
        "whoever looked after them works elsewhere"
    );
    li.change("end-follow-up", json!({ "course": course, "why": "moved_away" })).await.ok();
    assert_eq!(open(&li).await, [], "nobody is left with a task about somebody who is not followed");
}

async fn a_slip_of_the_finger_is_taken_back_and_the_plan_looks_at_what_is_left(town: &mut Town) {
    let (zhang, _, contact) = a_contact(town).await;
    let course = begins_on(town.house.today() + -1, &zhang, &contact, "cn-covid-8").await;
    let test = fresh("test");
    let wrong = json!({ "test": test, "course": course, "outcome": "positive" });
    zhang.change("tell-test", wrong).await.ok();
    let told = page(&zhang, &course).await;
    assert_eq!((&told["standing"], &told["due_tests"]), (&json!("positive"), &json!(0)));
    let back = |reason: &str| zhang.change("take-back-test", json!({ "test": test, "reason": reason }));
    assert_eq!(back(" ").await.status, 422, "why is said");
    assert_eq!(back("negative was meant").await.ok()["out"]["standing"], "running");
    let told = page(&zhang, &course).await;
    assert_eq!((&told["tests"], &told["due_tests"]), (&json!([]), &json!(1)), "as if it had not been taken");
    assert_eq!(back("negative was meant").await.json()["code"], "record.missing", "once");
    let right = is_negative(&zhang, &course).await;
    zhang.change("end-follow-up", json!({ "course": course, "why": "moved_away" })).await.ok();
    let late = json!({ "test": right, "reason": "of another person" });
    assert_eq!(zhang.change("take-back-test", late).await.json()["code"], "followup.over");
    let auditor = town.person("auditor", "").await;
    let rows = auditor.get(&format!("/api/journal?record={test}")).await.ok();
    assert!(rows["rows"].as_array().unwrap().iter().any(|row| row["change"] == "take back test"), "{rows}");
}
