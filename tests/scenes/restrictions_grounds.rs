//! What a restriction may rest on beside a case and a contact, each of which ends with its ground; who is told that they are free; and
//! who decides about a disease they may not read of.

use crate::control_asked::{DAY, compound};
use crate::restrictions::{
    ARTICLE, Cast, HOUR, a_contact, approves, cast, restricted, secret, settle, state,
};
use scenes::{Known, Person, TAIGU, Town, both, covid_case, fresh, supper};
use serde_json::{Value, json};

both!(
    a_zone_restricts_who_lives_in_it_and_ends_with_it,
    splitting_a_zone_frees_nobody_who_lives_in_the_part,
    a_stay_in_a_zone_restricts_and_one_beside_it_does_not,
    a_missed_test_restricts_until_one_is_taken,
    an_overdue_test_of_a_post_keeps_off_it_until_one_is_taken,
    whoever_is_free_before_the_time_is_told_so,
    whoever_decides_sees_a_protected_restriction_and_not_its_disease,
);

/// In force when these zones were.
const LAW: &str = "cn-idl-2013-39";
const EMERGENCY: &str = "cn-idl-2013-42";

async fn closes(cast: &Cast, level: &str, unit: Value) -> String {
    let (proposal, zone) = (fresh("proposal"), fresh("zone"));
    let proposed = json!({
        "proposal": proposal, "what": "set", "name": "A zone", "disease": "covid-19-delta", "level": level,
        "area": { "units": [unit] }, "people": 800, "entrances": 2, "day": DAY, "why": "cases live here",
    });
    cast.zhang.change("propose-zone", proposed).await.ok();
    let yes = json!({ "proposal": proposal, "zone": zone, "accept": true, "basis": "order 3" });
    cast.county.change("decide-zone", yes).await.ok();
    zone
}

async fn opens(cast: &Cast, zone: &str) {
    let left = json!({ "zone": zone, "basis": "order 4", "exception": "nobody was infected there" });
    cast.county.change("release-zone", left).await.ok();
}

fn resting_on(town: &Town, reason: &str, evidence: &str, of: &Known) -> Value {
    let now = town.house.now().0;
    let article = if reason == "zone" { EMERGENCY } else { LAW };
    json!({
        "restriction": fresh("restriction"), "subject": of.subject, "kind": "home", "reason": reason, "evidence": evidence,
        "article": article, "begins": now, "ends": now + 48 * HOUR,
    })
}

async fn refused(by: &Person, body: Value, code: &str) {
    by.change("propose-restriction", body).await.refused(422, code);
}

async fn in_force(cast: &Cast, body: Value) -> String {
    let restriction = body["restriction"].as_str().unwrap().to_owned();
    cast.zhang.change("propose-restriction", body).await.ok();
    approves(&cast.bureau, &restriction).await.ok();
    approves(&cast.county, &restriction).await.ok();
    assert_eq!(state(&cast.zhang, &restriction).await.0, "in_force");
    restriction
}

fn gone() -> (String, Value) {
    ("over".to_owned(), json!("evidence_gone"))
}

async fn a_zone_restricts_who_lives_in_it_and_ends_with_it(town: &mut Town) {
    town.begins_on(DAY);
    let cast = cast(town).await;
    let wang = a_contact(town, &cast.zhang, &cast.case).await;
    let building = closes(&cast, "lockdown", compound("甲小区")).await;
    // Somewhere in the county is not in this compound, and its rest closes nobody in.
    refused(&cast.zhang, resting_on(town, "zone", &building, &wang), "restrict.lives_elsewhere").await;
    // Somebody said that the case lives there.
    let stay = fresh("stay");
    let lives = json!({
        "stay": stay, "case": cast.case.id, "unit": compound("甲小区"), "kind": "residence", "risk": "some",
        "hard_to_trace": false, "from": "2022-02-17", "until": DAY,
    });
    cast.zhang.change("add-stay", lives).await.ok();
    let of_case = in_force(&cast, resting_on(town, "zone", &building, &cast.case)).await;
    let one = cast.bureau.get(&format!("/api/restrictions/{of_case}")).await.ok();
    assert_eq!(one["evidence"]["says"]["level"]["id"], "lockdown", "{one}");
    opens(&cast, &building).await;
    assert_eq!(state(&cast.zhang, &of_case).await, gone(), "it ends in the moment in which the zone does");
    assert_eq!(settle(town).await, 1);
    refused(&cast.zhang, resting_on(town, "zone", &building, &cast.case), "restrict.zone_left").await;

    let county = json!({ "territory": TAIGU, "kind": "county" });
    let county = closes(&cast, "control", county).await;
    // A contact of nobody is a name on a list, and lives nowhere.
    let name = Known { id: fresh("contact"), subject: fresh("subject") };
    let fields = json!({ "contact": name.id, "subject": name.subject, "territory": TAIGU, "class": "close" });
    cast.zhang.change("add-contact", fields).await.ok();
    refused(&cast.zhang, resting_on(town, "zone", &county, &name), "restrict.lives_elsewhere").await;
    let stranger = Known { id: String::new(), subject: fresh("subject") };
    refused(&cast.zhang, resting_on(town, "zone", &county, &stranger), "restrict.lives_elsewhere").await;
    let of_wang = in_force(&cast, resting_on(town, "zone", &county, &wang)).await;
    // The case they met is none, so nothing says any more that they live there.
    let wrong =
        json!({ "case": cast.case.id, "to": "discarded", "day": DAY, "reason": "contaminated plate" });
    cast.zhang.change("classify-case", wrong).await.ok();
    assert_eq!(state(&cast.zhang, &of_wang).await, gone());
    settle(town).await;
    assert_eq!(cast.zhang.get("/api/restrictions?view=in_force").await.ok()["rows"], json!([]));
}

async fn splitting_a_zone_frees_nobody_who_lives_in_the_part(town: &mut Town) {
    town.begins_on(DAY);
    let cast = cast(town).await;
    let zone = closes(&cast, "lockdown", compound("甲小区")).await;
    let home = json!({ "territory": TAIGU, "part": ["甲小区", "2号楼"], "kind": "building" });
    let lives = json!({
        "stay": fresh("stay"), "case": cast.case.id, "unit": home, "kind": "residence", "risk": "some",
        "hard_to_trace": false, "from": "2022-02-17", "until": DAY,
    });
    cast.zhang.change("add-stay", lives).await.ok();
    let of_case = in_force(&cast, resting_on(town, "zone", &zone, &cast.case)).await;
    let before = state(&cast.zhang, &of_case).await;
    let part = fresh("zone");
    let split =
        json!({ "zone": zone, "new_zone": part, "name": "2号楼", "units": [home], "basis": "order 5" });
    cast.county.change("split-zone", split).await.ok();
    assert_eq!(settle(town).await, 0);
    assert_eq!(state(&cast.zhang, &of_case).await, before, "the part is closed as it was");
    opens(&cast, &zone).await;
    assert_eq!(state(&cast.zhang, &of_case).await, before, "the rest is left, and not where they live");
    opens(&cast, &part).await;
    assert_eq!(state(&cast.zhang, &of_case).await, gone(), "it ends with the part");
}

async fn a_stay_in_a_zone_restricts_and_one_beside_it_does_not(town: &mut Town) {
    town.begins_on(DAY);
    let cast = cast(town).await;
    let interview = cast.zhang.interviews(&cast.case).await;
    let inside = cast.zhang.registers_place(TAIGU, "restaurant", "乙饭店").await;
    let beside = cast.zhang.registers_place(TAIGU, "restaurant", "丙饭店").await;
    let told = |place: &str| {
        let mut told = supper(place);
        (told["from"], told["to"]) = (json!("2022-02-20T18:00"), json!("2022-02-20T20:00"));
        told
    };
    // Minutes ahead of now would be refused: the evening is over.
    town.hours_pass(24);
    let mut cast = cast;
    for person in [&mut cast.zhang, &mut cast.bureau, &mut cast.county] {
        *person = town.back(person).await;
    }
    let (in_it, by_it) = (
        cast.zhang.tells_of(&interview, told(&inside)).await,
        cast.zhang.tells_of(&interview, told(&beside)).await,
    );
    refused(&cast.zhang, resting_on(town, "travel", &in_it, &cast.case), "restrict.no_area").await;
    let zone = closes(&cast, "control", compound("乙饭店")).await;
    refused(&cast.zhang, resting_on(town, "travel", &by_it, &cast.case), "restrict.no_area").await;
    let restriction = in_force(&cast, resting_on(town, "travel", &in_it, &cast.case)).await;
    let one = cast.county.get(&format!("/api/restrictions/{restriction}")).await.ok();
    assert_eq!(one["evidence"]["says"]["last"], DAY, "{one}");
    // Having been there does not end with the zone: it was one then. Taking the stay back ends it.
    opens(&cast, &zone).await;
    assert_eq!(state(&cast.zhang, &restriction).await.0, "in_force");
    cast.zhang.change("remove-visit", json!({ "visit": in_it })).await.ok();
    assert_eq!(state(&cast.zhang, &restriction).await, gone());
    assert_eq!(settle(town).await, 1);
}

async fn a_missed_test_restricts_until_one_is_taken(town: &mut Town) {
    let mut cast = cast(town).await;
    let (wang, li) =
        (a_contact(town, &cast.zhang, &cast.case).await, a_contact(town, &cast.zhang, &cast.case).await);
    let mut courses = Vec::new();
    for contact in [&wang, &li] {
        let course = fresh("course");
        let fields = json!({
            "people": [{ "course": course, "contact": contact.id }], "protocol": "cn-covid-10m", "day_zero": town.house.today(),
        });
        cast.zhang.change("put-on-pathway", fields).await.ok();
        courses.push(course);
    }
    let body = |town: &Town, course: &str, of: &Known| {
        let mut body = resting_on(town, "missed_test", course, of);
        body["article"] = json!(ARTICLE);
        body
    };
    refused(&cast.zhang, body(town, &courses[0], &wang), "restrict.nothing_owed").await;
    refused(&cast.zhang, body(town, &courses[0], &li), "restrict.not_theirs").await;
    // The ten measures ask for one test, on the fifth day.
    town.hours_pass(6 * 24);
    for person in [&mut cast.zhang, &mut cast.bureau, &mut cast.county] {
        *person = town.back(person).await;
    }
    let of_wang = in_force(&cast, body(town, &courses[0], &wang)).await;
    let of_li = in_force(&cast, body(town, &courses[1], &li)).await;
    let swab = json!({ "test": fresh("test"), "course": courses[0] });
    cast.zhang.change("tell-test", swab).await.ok();
    assert_eq!(state(&cast.zhang, &of_wang).await, gone(), "the swab ends it, not its result");
    let mistaken = json!({ "course": courses[1], "why": "mistaken" });
    cast.zhang.change("end-follow-up", mistaken).await.ok();
    assert_eq!(state(&cast.zhang, &of_li).await, gone(), "nobody owes what nobody asks any more");
    assert_eq!(settle(town).await, 2);
    refused(&cast.zhang, body(town, &courses[1], &li), "restrict.follow_up_over").await;
}

async fn an_overdue_test_of_a_post_keeps_off_it_until_one_is_taken(town: &mut Town) {
    let cast = cast(town).await;
    let today = town.house.today();
    let mut enrolled = Vec::new();
    for ago in [1, 5] {
        let mut fields = crate::entry::enrolment(&(today - 9).to_string());
        fields["tested"] = json!((today - ago).to_string());
        let of = |field: &str| fields[field].as_str().unwrap().to_owned();
        enrolled.push(Known { id: of("worker"), subject: of("subject") });
        cast.zhang.change("enrol-worker", fields).await.ok();
    }
    let (in_time, late) = (&enrolled[0], &enrolled[1]);
    let body = |of: &Known, worker: &Known| {
        let mut body = resting_on(town, "occupational", &worker.id, of);
        (body["kind"], body["article"]) = (json!("off_work"), json!(ARTICLE));
        body
    };
    refused(&cast.zhang, body(in_time, in_time), "restrict.tested_in_time").await;
    refused(&cast.zhang, body(in_time, late), "restrict.not_theirs").await;
    let restriction = in_force(&cast, body(late, late)).await;
    let swab = json!({ "worker": late.id, "day": today });
    cast.zhang.change("tell-worker-test", swab).await.ok();
    assert_eq!(state(&cast.zhang, &restriction).await, gone());
    assert_eq!(settle(town).await, 1);
}

async fn whoever_is_free_before_the_time_is_told_so(town: &mut Town) {
    let cast = cast(town).await;
    let (wang, li) =
        (a_contact(town, &cast.zhang, &cast.case).await, a_contact(town, &cast.zhang, &cast.case).await);
    let (of_wang, of_li) = (restricted(town, &cast, &wang).await, restricted(town, &cast, &li).await);
    let freed = async |by: &Person| by.get("/api/restrictions?view=freed").await.ok()["rows"].clone();
    let tell = |end: bool| json!({ "restriction": of_wang, "how": "telephone", "end": end });
    cast.zhang.change("tell-restriction", tell(false)).await.ok();
    cast.zhang.change("tell-restriction", tell(true)).await.refused(422, "restrict.not_over");
    assert_eq!(freed(&cast.zhang).await, json!([]));
    let lift = json!({ "restriction": of_wang, "note": "moved in with her sister" });
    cast.zhang.change("lift-restriction", lift).await.ok();
    let rows = freed(&cast.zhang).await;
    assert_eq!((&rows[0]["id"], &rows[0]["end_untold"]), (&json!(of_wang), &json!(true)));
    // The notice says now that it is over, and carries the same way to their page.
    let notice = format!("/api/restrictions/{of_wang}/notice");
    let notice = cast.zhang.post(&notice, json!({ "id": fresh("change") })).await.ok();
    assert_eq!((&notice["state"], &notice["end"]), (&json!("over"), &json!("lifted")), "{notice}");
    assert_eq!(notice["secret"], json!(secret(&cast.zhang, &of_wang).await));
    town.minutes_pass(5);
    let field = town.person_of("Bell Street", "field", TAIGU).await;
    field.change("tell-restriction", tell(true)).await.ok();
    assert_eq!(freed(&cast.zhang).await, json!([]));
    let one = cast.zhang.get(&format!("/api/restrictions/{of_wang}")).await.ok();
    assert!(one["end_told"].as_i64() > one["told"].as_i64(), "{one}");
    assert_eq!((&one["end_told_how"], &one["end_untold"]), (&json!("telephone"), &json!(false)));
    // What ends when it was said to end was told already; what its evidence ends is not.
    cast.zhang.change("amend-contact", json!({ "contact": li.id, "status": "released" })).await.ok();
    settle(town).await;
    assert_eq!(freed(&cast.zhang).await[0]["id"], json!(of_li));
    let zhao = a_contact(town, &cast.zhang, &cast.case).await;
    restricted(town, &cast, &zhao).await;
    town.hours_pass(8 * 24);
    settle(town).await;
    let zhang = town.back(&cast.zhang).await;
    assert_eq!(freed(&zhang).await.as_array().unwrap().len(), 1);
}

async fn whoever_decides_sees_a_protected_restriction_and_not_its_disease(town: &mut Town) {
    let mut cast = cast(town).await;
    let mut mpox = covid_case(TAIGU, "P1");
    mpox["disease"] = json!("mpox");
    cast.case = cast.zhang.reports_so(mpox).await;
    let wang = a_contact(town, &cast.zhang, &cast.case).await;
    let restriction = restricted(town, &cast, &wang).await;
    let path = format!("/api/restrictions/{restriction}");
    for person in [&cast.bureau, &cast.court, &cast.auditor] {
        let one = person.get(&path).await.ok();
        assert_eq!(
            one["evidence"]["says"]["source"]["classification"], "confirmed",
            "what is decided on: {one}"
        );
        let text = one.to_string();
        assert!(
            !text.contains("mpox") && !text.contains("\"P1\""),
            "neither the disease nor the case's number: {text}"
        );
    }
    assert!(cast.zhang.get(&path).await.ok().to_string().contains("mpox"), "who investigates reads it");
    // Whoever only proposes reads it for a purpose that opens identities, and else not.
    cast.zhang.post("/api/session/purpose", json!({ "purpose": "analysis" })).await.ok();
    cast.zhang.get(&path).await.refused(404, "record.missing");
    let said = json!({ "restriction": restriction, "appeal": fresh("appeal"), "how": "paper", "words": "I was not there" });
    town.person_of("Bell Street", "field", TAIGU).await.change("appeal-restriction", said.clone()).await.ok();
    let no = json!({ "appeal": said["appeal"], "won": false, "reason": "the ward says otherwise" });
    cast.court.change("decide-appeal", no).await.ok();
    // Closed, it is there for those who are named for it, and for nobody else.
    let admin = town.person("administrator", "").await;
    admin.change("set-disease-access", json!({ "disease": "mpox", "level": "closed" })).await.ok();
    cast.bureau.get(&path).await.refused(404, "record.missing");
    let named = json!({ "account": cast.bureau.account, "disease": "mpox", "hours": 5 });
    admin.change("name-for-disease", named).await.ok();
    cast.bureau.get(&path).await.ok();
    cast.county.get(&path).await.refused(404, "record.missing");
}
