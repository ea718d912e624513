//! Somebody is restricted on a record that is truly theirs, by three people of three organisations, is told, appeals and is heard;
//! and whatever ends it ends it.

use scenes::{Answer, Known, Person, SHANXI, TAIGU, Town, YUCI, both, covid_case, fresh};
use serde_json::{Value, json};

both!(
    a_contact_is_restricted_told_appeals_and_wins,
    nobody_agrees_with_themselves_and_no_organisation_with_itself,
    evidence_is_a_row_that_concerns_this_very_person,
    a_time_an_order_and_a_law_that_cannot_be_are_refused,
    an_appeal_nobody_decides_suspends_and_goes_up,
    withdrawn_evidence_lifts_at_once,
    it_ends_by_itself_and_so_does_a_proposal,
    one_record_restricts_once_and_a_longer_time_needs_something_new,
    a_list_is_taken_row_by_row_each_on_its_own_evidence,
    a_day_is_drawn_from_and_the_auditor_lifts_what_is_unsound,
    words_about_somebody_erased_are_gone,
);

pub(crate) const HOUR: i64 = 3_600_000;
pub(crate) const ARTICLE: &str = "cn-idl-2025-isolation";

/// Who plays: the health department, two approvers of two other houses, somebody who had no part, and an auditor.
pub(crate) struct Cast {
    pub zhang: Person,
    pub bureau: Person,
    pub county: Person,
    pub court: Person,
    pub auditor: Person,
    pub case: Known,
}

pub(crate) async fn cast(town: &Town) -> Cast {
    let zhang = town.person_of("Taigu CDC", "epidemiologist", TAIGU).await;
    let mut case = covid_case(TAIGU, "C1");
    case["case"] = json!(fresh("case"));
    let case = zhang.reports_so(case).await;
    Cast {
        bureau: town.person_of("Health bureau", "commander", TAIGU).await,
        county: town.person_of("County government", "commander", TAIGU).await,
        court: town.person_of("Justice bureau", "data_officer", TAIGU).await,
        auditor: town.person_of("Audit office", "auditor", TAIGU).await,
        zhang,
        case,
    }
}

fn now(town: &Town) -> i64 {
    town.house.now().0
}

fn day(town: &Town, ago: i32) -> String {
    (town.house.today() - ago).to_string()
}

/// Met the case two days ago.
pub(crate) async fn a_contact(town: &Town, by: &Person, of: &Known) -> Known {
    let known = Known { id: fresh("contact"), subject: fresh("subject") };
    let fields = json!({
        "contact": known.id, "subject": known.subject, "source_case": of.id, "territory": TAIGU, "class": "close",
        "last_exposure": day(town, 2), "identity": { "name": "Invented Wang", "phone": "13900000000" },
    });
    by.change("add-contact", fields).await.ok();
    known
}

/// Seven days at home, for a contact.
pub(crate) fn proposal(town: &Town, restriction: &str, contact: &Known) -> Value {
    json!({
        "restriction": restriction, "subject": contact.subject, "kind": "home", "reason": "contact",
        "evidence": contact.id, "article": ARTICLE, "begins": now(town), "ends": now(town) + 7 * 24 * HOUR,
    })
}

pub(crate) async fn proposed(town: &Town, by: &Person, contact: &Known) -> String {
    let restriction = fresh("restriction");
    by.change("propose-restriction", proposal(town, &restriction, contact)).await.ok();
    restriction
}

pub(crate) async fn approves(person: &Person, restriction: &str) -> Answer {
    person.change("approve-restriction", json!({ "restriction": restriction })).await
}

pub(crate) async fn restricted(town: &Town, cast: &Cast, contact: &Known) -> String {
    let restriction = proposed(town, &cast.zhang, contact).await;
    assert_eq!(approves(&cast.bureau, &restriction).await.ok()["out"], json!(false));
    assert_eq!(approves(&cast.county, &restriction).await.ok()["out"], json!(true));
    restriction
}

/// The secret that stands on the notice.
pub(crate) async fn secret(by: &Person, restriction: &str) -> String {
    let path = format!("/api/restrictions/{restriction}/notice");
    by.post(&path, json!({ "id": fresh("change") })).await.ok()["secret"].as_str().unwrap().to_owned()
}

async fn mine(town: &Town, secret: &str) -> Vec<Value> {
    let told = town.stranger().post("/api/public/me", json!({ "secret": secret })).await.ok();
    told["restrictions"].as_array().unwrap().clone()
}

async fn appeals(town: &Town, secret: &str, restriction: &str) -> (String, Answer) {
    let appeal = fresh("appeal");
    let form = json!({
        "id": fresh("change"), "secret": secret, "restriction": restriction, "appeal": appeal,
        "words": "I was in hospital that day, ask ward 3",
    });
    (appeal, town.stranger().post("/api/public/me/appeal", form).await)
}

pub(crate) async fn settle(town: &Town) -> usize {
    let house = town.house.clone();
    let settled = rooms::control::restrictions::settle_restrictions_now;
    tokio::task::spawn_blocking(move || settled(&house).unwrap()).await.unwrap()
}

pub(crate) async fn state(by: &Person, restriction: &str) -> (String, Value) {
    let told = by.get(&format!("/api/restrictions/{restriction}")).await.ok();
    (told["state"].as_str().unwrap().to_owned(), told["end"].clone())
}

async fn a_contact_is_restricted_told_appeals_and_wins(town: &mut Town) {
    let cast = cast(town).await;
    let wang = a_contact(town, &cast.zhang, &cast.case).await;
    let restriction = proposed(town, &cast.zhang, &wang).await;
    let notice = format!("/api/restrictions/{restriction}/notice");
    let early = cast.zhang.post(&notice, json!({ "id": fresh("change") })).await;
    early.refused(409, "restrict.not_approved");
    assert_eq!(state(&cast.bureau, &restriction).await, ("proposed".to_owned(), Value::Null));
    let waiting = cast.bureau.get("/api/restrictions").await.ok();
    assert_eq!(
        (&waiting["rows"][0]["id"], &waiting["rows"][0]["may_approve"]),
        (&json!(restriction), &json!(true))
    );
    assert_eq!(approves(&cast.bureau, &restriction).await.ok()["out"], json!(false));
    let one = cast.county.get(&format!("/api/restrictions/{restriction}")).await.ok();
    assert_eq!(one["evidence"]["says"]["source"]["classification"], "confirmed", "{one}");
    assert!(!one.to_string().contains("Wang"), "no name before it is opened: {one}");
    assert_eq!(approves(&cast.county, &restriction).await.ok()["out"], json!(true));
    assert_eq!(state(&cast.zhang, &restriction).await.0, "in_force");

    let secret = secret(&cast.zhang, &restriction).await;
    cast.zhang.change("tell-restriction", json!({ "restriction": restriction, "how": "paper" })).await.ok();
    let told = mine(town, &secret).await;
    assert_eq!(told.len(), 1);
    let told = &told[0];
    assert_eq!(
        (&told["state"], &told["kind"]["id"], &told["may_appeal"]),
        (&json!("in_force"), &json!("home"), &json!(true))
    );
    assert_eq!(told["decided_by"], json!(["Taigu CDC", "Health bureau", "County government"]));
    assert!(told["why"]["en"].as_str().unwrap().contains("close contact") && told["why"]["zh"].is_string());
    let text = told.to_string();
    for of_others in [&cast.case.id, &cast.case.subject, "C1", &wang.id, "account_", "Invented"] {
        assert!(!text.contains(of_others), "`{of_others}` is nothing of theirs: {text}");
    }
    assert!(mine(town, "somebody's guess").await.is_empty());

    let (appeal, answer) = appeals(town, &secret, &restriction).await;
    assert_eq!(
        answer.ok()["restrictions"][0]["appeals"][0]["words"],
        "I was in hospital that day, ask ward 3"
    );
    appeals(town, &secret, &restriction).await.1.refused(409, "restrict.appeal_open");
    // Whoever may not read the words is told that, and not that they were erased.
    let field = town.person("field", TAIGU).await;
    for (person, shown) in [(&field, false), (&cast.court, true)] {
        let one = person.get(&format!("/api/restrictions/{restriction}")).await.ok();
        let appeal = &one["appeals"][0];
        assert_eq!((&appeal["shown"], appeal["words"].is_string()), (&json!(shown), shown), "{one}");
    }
    let due = cast.court.get("/api/restrictions?view=appeals").await.ok();
    assert_eq!((&due["rows"][0]["id"], &due["rows"][0]["may_decide"]), (&json!(restriction), &json!(true)));
    assert_eq!(due["rows"][0]["appeal_due"], json!(told_due(&due)), "a clock of 24 hours");
    // Whoever had a part in it does not hear it.
    for (person, code) in [(&cast.bureau, "restrict.own_approval"), (&cast.county, "restrict.own_approval")] {
        let decide = json!({ "appeal": appeal, "won": false, "reason": "no" });
        person.change("decide-appeal", decide).await.refused(403, code);
    }
    let colleague = town.person_of("health BUREAU", "commander", TAIGU).await;
    let decide = json!({ "appeal": appeal, "won": true, "reason": "the ward confirms it" });
    colleague.change("decide-appeal", decide.clone()).await.refused(403, "restrict.same_organisation");
    cast.court.change("decide-appeal", decide).await.ok();
    let over = &mine(town, &secret).await[0];
    assert_eq!((&over["state"], &over["end"]), (&json!("over"), &json!("appeal_won")));
    assert_eq!(
        (&over["appeals"][0]["won"], &over["appeals"][0]["answer"]),
        (&json!(true), &json!("the ward confirms it"))
    );
    let one = cast.zhang.get(&format!("/api/restrictions/{restriction}")).await.ok();
    assert_eq!(one["evidence"]["marks"][0]["why"], "appeal_won", "the record carries the mark: {one}");
    let again = proposal(town, &fresh("restriction"), &wang);
    cast.zhang.change("propose-restriction", again).await.refused(422, "restrict.same_evidence");

    // Every step is a row, and none of them says what was said.
    let rows = town.person("auditor", "").await.get("/api/journal?limit=500").await.ok();
    let steps: Vec<&str> = rows["rows"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|row| row["change"].as_str())
        .filter(|change| {
            change.contains("restriction") || change.contains("appeal") || change.contains("notice")
        })
        .collect();
    for step in [
        "propose restriction",
        "approve restriction",
        "issue notice",
        "tell restriction",
        "appeal restriction",
        "decide appeal",
    ] {
        assert!(steps.contains(&step), "{step}: {steps:?}");
    }
    assert!(!rows.to_string().contains("ward 3"));
}

fn told_due(list: &Value) -> i64 {
    list["rows"][0]["appeal_due"].as_i64().unwrap()
}

async fn nobody_agrees_with_themselves_and_no_organisation_with_itself(town: &mut Town) {
    let cast = cast(town).await;
    let wang = a_contact(town, &cast.zhang, &cast.case).await;
    let restriction = proposed(town, &cast.zhang, &wang).await;
    approves(&cast.zhang, &restriction).await.refused(403, "access.not_allowed");
    // The same person in a borrowed role is the same person.
    let lend = json!({
        "delegation": fresh("delegation"), "to": cast.zhang.login, "territory": TAIGU, "days": 1,
        "permissions": ["restrict.approve"],
    });
    let lent = cast.bureau.change("lend-role", lend).await;
    assert!(lent.status >= 400, "whoever proposes is lent no approval: {}", lent.text);
    let own_house = town.person_of("taigu  cdc", "commander", TAIGU).await;
    let refused = approves(&own_house, &restriction).await.refused(403, "restrict.same_organisation");
    assert!(refused["en"].as_str().unwrap().contains("may not agree with itself"), "{refused}");
    let nowhere = town.person("commander", TAIGU).await;
    approves(&nowhere, &restriction).await.refused(403, "restrict.no_organisation");
    approves(&cast.bureau, &restriction).await.ok();
    approves(&cast.bureau, &restriction).await.refused(403, "restrict.own_approval");
    let colleague = town.person_of("Health Bureau", "commander", TAIGU).await;
    approves(&colleague, &restriction).await.refused(403, "restrict.same_organisation");
    assert_eq!(state(&cast.zhang, &restriction).await.0, "proposed", "one approval restricts nobody");
    let elsewhere = town.person_of("Yuci government", "commander", YUCI).await;
    approves(&elsewhere, &restriction).await.refused(404, "record.missing");
    approves(&cast.county, &restriction).await.ok();
    let fourth = town.person_of("Court", "commander", TAIGU).await;
    approves(&fourth, &restriction).await.refused(409, "restrict.not_waiting");
    // Without an organisation nobody proposes either.
    let zhao = town.person("epidemiologist", TAIGU).await;
    let li = a_contact(town, &zhao, &cast.case).await;
    let body = proposal(town, &fresh("restriction"), &li);
    zhao.change("propose-restriction", body).await.refused(403, "restrict.no_organisation");
    // One no is enough.
    let second = proposed(town, &cast.zhang, &li).await;
    cast.bureau
        .change("decline-restriction", json!({ "restriction": second, "note": "met outdoors, masked" }))
        .await
        .ok();
    assert_eq!(state(&cast.zhang, &second).await, ("over".to_owned(), json!("declined")));
    approves(&cast.county, &second).await.refused(409, "restrict.over");
}

async fn evidence_is_a_row_that_concerns_this_very_person(town: &mut Town) {
    let cast = cast(town).await;
    let (wang, li) =
        (a_contact(town, &cast.zhang, &cast.case).await, a_contact(town, &cast.zhang, &cast.case).await);
    let tries = async |fields: Value, code: &str| {
        let mut body = proposal(town, &fresh("restriction"), &wang);
        fields.as_object().unwrap().iter().for_each(|(field, value)| body[field] = value.clone());
        let status = if code == "record.missing" { 404 } else { 422 };
        cast.zhang.change("propose-restriction", body).await.refused(status, code);
    };
    tries(json!({ "evidence": li.id }), "restrict.not_theirs").await;
    tries(json!({ "evidence": cast.case.id, "reason": "case" }), "restrict.not_theirs").await;
    tries(json!({ "evidence": fresh("contact") }), "record.missing").await;
    tries(json!({ "evidence": "stability maintenance" }), "restrict.wrong_evidence").await;
    tries(json!({ "evidence": cast.case.id }), "restrict.wrong_evidence").await;
    tries(json!({ "evidence": fresh("registered"), "reason": "travel" }), "restrict.check_in").await;
    tries(json!({ "evidence": fresh("zone"), "reason": "zone" }), "record.missing").await;
    tries(json!({ "reason": "secondary" }), "restrict.not_secondary").await;
    // A reason is a word of the list, and there is no field beside it to write one into.
    let mut body = proposal(town, &fresh("restriction"), &wang);
    body["reason"] = json!("stability");
    cast.zhang.change("propose-restriction", body).await.refused(422, "request.unreadable");
    let mut body = proposal(town, &fresh("restriction"), &wang);
    body["note"] = json!("petitioner");
    cast.zhang.change("propose-restriction", body).await.refused(422, "request.unreadable");
    // A contact of nobody, of a case that was excluded, or who was released, is none.
    let alone = Known { id: fresh("contact"), subject: fresh("subject") };
    let fields = json!({
        "contact": alone.id, "subject": alone.subject, "territory": TAIGU, "class": "close", "last_exposure": day(town, 1),
    });
    cast.zhang.change("add-contact", fields).await.ok();
    let body = proposal(town, &fresh("restriction"), &alone);
    cast.zhang.change("propose-restriction", body).await.refused(422, "restrict.no_source");
    cast.zhang.change("amend-contact", json!({ "contact": li.id, "status": "released" })).await.ok();
    let body = proposal(town, &fresh("restriction"), &li);
    cast.zhang.change("propose-restriction", body).await.refused(422, "restrict.released");
    let wrong = json!({ "case": cast.case.id, "to": "discarded", "day": day(town, 0), "reason": "contaminated plate" });
    cast.zhang.change("classify-case", wrong).await.ok();
    tries(json!({}), "restrict.source_discarded").await;
    let mut body = proposal(town, &fresh("restriction"), &cast.case);
    body["reason"] = json!("case");
    cast.zhang.change("propose-restriction", body).await.refused(422, "restrict.discarded");
    // A row of another county is not there.
    let neighbour = town.person_of("Yuci CDC", "epidemiologist", YUCI).await;
    let body = proposal(town, &fresh("restriction"), &wang);
    neighbour.change("propose-restriction", body).await.refused(404, "record.missing");
    let told = cast.zhang.get("/api/restrictions?view=all").await.ok();
    assert_eq!(told["rows"], json!([]), "nothing of what was refused is kept");
}

async fn a_time_an_order_and_a_law_that_cannot_be_are_refused(town: &mut Town) {
    let cast = cast(town).await;
    let wang = a_contact(town, &cast.zhang, &cast.case).await;
    let at = now(town);
    for (field, value, code) in [
        ("ends", json!(at + 30 * 24 * HOUR), "restrict.too_long"),
        ("ends", json!(at - HOUR), "restrict.ends"),
        ("begins", json!(at - 24 * HOUR), "restrict.begins"),
        ("kind", json!("yellow_code"), "restrict.kind"),
        ("article", json!("cn-idl-2013-39"), "restrict.article"),
        ("article", json!("an article that is none"), "restrict.article"),
    ] {
        let mut body = proposal(town, &fresh("restriction"), &wang);
        body[field] = value;
        cast.zhang.change("propose-restriction", body).await.refused(422, code);
    }
    for field in ["ends", "evidence", "article", "reason"] {
        let mut body = proposal(town, &fresh("restriction"), &wang);
        body.as_object_mut().unwrap().remove(field);
        cast.zhang.change("propose-restriction", body).await.refused(422, "request.unreadable");
    }
    // The 21st day after the last exposure is the last.
    let mut body = proposal(town, &fresh("restriction"), &wang);
    let latest = base::Moment::start_of(town.house.today() - 2 + 22, 480).0;
    body["ends"] = json!(latest + 1);
    cast.zhang.change("propose-restriction", body.clone()).await.refused(422, "restrict.too_long");
    body["ends"] = json!(latest);
    cast.zhang.change("propose-restriction", body.clone()).await.ok();
    body["restriction"] = json!(fresh("restriction"));
    cast.zhang.change("propose-restriction", body).await.refused(409, "restrict.proposed_already");
}

async fn an_appeal_nobody_decides_suspends_and_goes_up(town: &mut Town) {
    let cast = cast(town).await;
    let wang = a_contact(town, &cast.zhang, &cast.case).await;
    let restriction = restricted(town, &cast, &wang).await;
    let secret = secret(&cast.zhang, &restriction).await;
    // Told to a worker at the door, who writes it down.
    let appeal = fresh("appeal");
    let field = town.person_of("Bell Street", "field", TAIGU).await;
    let said =
        json!({ "restriction": restriction, "appeal": appeal, "how": "paper", "words": "I was not there" });
    field.change("appeal-restriction", said).await.ok();
    town.hours_pass(23);
    settle(town).await;
    assert_eq!(mine(town, &secret).await[0]["state"], "in_force");
    town.hours_pass(2);
    // What holds does not wait for anybody to write it down.
    assert_eq!(mine(town, &secret).await[0]["state"], "suspended");
    assert_eq!(settle(town).await, 1);
    assert_eq!(settle(town).await, 0, "once");
    let province = town.person_of("Prefecture", "commander", scenes::JINZHONG).await;
    let one = province.get(&format!("/api/restrictions/{restriction}")).await.ok();
    assert!(one["appeals"][0]["escalated"].is_i64(), "whoever stands above sees it: {one}");
    assert_eq!(one["state"], "suspended");
    // Late is better than never: it goes on, as long as it would have.
    let answer = json!({ "appeal": appeal, "won": false, "reason": "the till shows your card" });
    province.change("decide-appeal", answer.clone()).await.ok();
    let told = &mine(town, &secret).await[0];
    assert_eq!((&told["state"], &told["appeals"][0]["won"]), (&json!("in_force"), &json!(false)));
    province.change("decide-appeal", answer).await.refused(409, "restrict.no_appeal");
    let (_, second) = appeals(town, &secret, &restriction).await;
    second.ok();
}

async fn withdrawn_evidence_lifts_at_once(town: &mut Town) {
    let cast = cast(town).await;
    let wang = a_contact(town, &cast.zhang, &cast.case).await;
    let li = a_contact(town, &cast.zhang, &cast.case).await;
    let (of_wang, of_li) = (restricted(town, &cast, &wang).await, restricted(town, &cast, &li).await);
    let secret = secret(&cast.zhang, &of_wang).await;
    settle(town).await;
    // Not a contact after all.
    cast.zhang.change("amend-contact", json!({ "contact": li.id, "class": "general" })).await.ok();
    assert_eq!(state(&cast.zhang, &of_li).await, ("over".to_owned(), json!("evidence_gone")));
    assert_eq!(settle(town).await, 1, "and the house writes it down");
    assert_eq!(state(&cast.zhang, &of_wang).await.0, "in_force");
    // The case they met is none: everybody who met it is free.
    let wrong = json!({ "case": cast.case.id, "to": "discarded", "day": day(town, 0), "reason": "contaminated plate" });
    cast.zhang.change("classify-case", wrong).await.ok();
    assert_eq!(mine(town, &secret).await[0]["state"], "over");
    assert_eq!(settle(town).await, 1);
    // What is over stays over, whatever the record says later.
    let back = json!({ "case": cast.case.id, "to": "confirmed", "day": day(town, 0), "reason": "sequenced" });
    cast.zhang.change("classify-case", back).await.ok();
    let told = &mine(town, &secret).await[0];
    assert_eq!((&told["state"], &told["end"]), (&json!("over"), &json!("evidence_gone")));
    assert!(told["ended"].is_i64());
    assert_eq!(state(&cast.zhang, &of_li).await.0, "over");
    // A proposal on withdrawn evidence cannot be approved.
    let third = a_contact(town, &cast.zhang, &cast.case).await;
    let waiting = proposed(town, &cast.zhang, &third).await;
    cast.zhang.change("amend-contact", json!({ "contact": third.id, "status": "released" })).await.ok();
    approves(&cast.bureau, &waiting).await.refused(409, "restrict.evidence_gone");
}

async fn it_ends_by_itself_and_so_does_a_proposal(town: &mut Town) {
    let mut cast = cast(town).await;
    let wang = a_contact(town, &cast.zhang, &cast.case).await;
    let restriction = restricted(town, &cast, &wang).await;
    let secret = secret(&cast.zhang, &restriction).await;
    let li = a_contact(town, &cast.zhang, &cast.case).await;
    let waiting = proposed(town, &cast.zhang, &li).await;
    let later = a_contact(town, &cast.zhang, &cast.case).await;
    let lifted = restricted(town, &cast, &later).await;
    cast.zhang
        .change("lift-restriction", json!({ "restriction": lifted, "note": "moved in with her sister" }))
        .await
        .ok();
    assert_eq!(state(&cast.zhang, &lifted).await, ("over".to_owned(), json!("lifted")));
    town.hours_pass(24);
    cast.bureau = town.back(&cast.bureau).await;
    cast.zhang = town.back(&cast.zhang).await;
    approves(&cast.bureau, &waiting).await.refused(409, "restrict.over");
    assert_eq!(settle(town).await, 1);
    assert_eq!(state(&cast.zhang, &waiting).await, ("over".to_owned(), json!("expired")));
    town.hours_pass(6 * 24);
    let told = &mine(town, &secret).await[0];
    assert_eq!(
        (&told["state"], &told["end"], &told["may_appeal"]),
        (&json!("over"), &json!("lapsed"), &json!(false))
    );
    appeals(town, &secret, &restriction).await.1.refused(409, "restrict.over");
    assert_eq!(settle(town).await, 1);
    cast.zhang = town.back(&cast.zhang).await;
    assert_eq!(state(&cast.zhang, &restriction).await, ("over".to_owned(), json!("lapsed")));
}

async fn one_record_restricts_once_and_a_longer_time_needs_something_new(town: &mut Town) {
    let cast = cast(town).await;
    let wang = a_contact(town, &cast.zhang, &cast.case).await;
    let first = restricted(town, &cast, &wang).await;
    let mut longer = proposal(town, &fresh("restriction"), &wang);
    longer["ends"] = json!(now(town) + 10 * 24 * HOUR);
    cast.zhang.change("propose-restriction", longer.clone()).await.refused(422, "restrict.same_evidence");
    // They met again, and the record says so.
    cast.zhang
        .change("amend-contact", json!({ "contact": wang.id, "last_exposure": day(town, 0) }))
        .await
        .ok();
    longer["restriction"] = json!(fresh("restriction"));
    cast.zhang.change("propose-restriction", longer.clone()).await.ok();
    let second = longer["restriction"].as_str().unwrap();
    let told = cast.zhang.get(&format!("/api/restrictions/{second}")).await.ok();
    assert_eq!(
        (&told["extends"], &told["approvals"]),
        (&json!(first), &json!(0)),
        "an extension is a proposal like any"
    );
    approves(&cast.bureau, second).await.ok();
    approves(&cast.county, second).await.ok();
    let both = mine(town, &secret(&cast.zhang, second).await).await;
    assert_eq!(both.len(), 2, "one page for one person: {both:?}");
}

async fn a_list_is_taken_row_by_row_each_on_its_own_evidence(town: &mut Town) {
    let cast = cast(town).await;
    let (wang, li) =
        (a_contact(town, &cast.zhang, &cast.case).await, a_contact(town, &cast.zhang, &cast.case).await);
    let ends = (town.house.today() + 5).to_string();
    let list = format!(
        "person,name,reason,evidence,kind,article,ends\n{},Wang,contact,{},home,{ARTICLE},{ends}\n\
         {},Li,contact,{},home,{ARTICLE},{ends}\n,Zhao,contact,,home,{ARTICLE},{ends}\n{},Li,contact,,home,{ARTICLE},{ends}\n\
         {},Li,stability,{},home,{ARTICLE},{ends}\n{},Li,contact,{},home,{ARTICLE},never\n",
        wang.subject, wang.id, li.subject, wang.id, li.subject, li.subject, li.id, li.subject, li.id
    );
    let offer = fresh("offer");
    let path = format!("/api/restrictions/list?offer={offer}&name=list.csv");
    let told = cast.zhang.ask(axum::http::Method::POST, &path, list.clone().into_bytes()).await.ok();
    let rows: Vec<(u64, &str)> = told["failures"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| (one["row"].as_u64().unwrap(), one["code"].as_str().unwrap()))
        .collect();
    assert_eq!(
        rows,
        [
            (3, "restrict.not_theirs"),
            (4, "restrict.row_person"),
            (5, "restrict.row_evidence"),
            (6, "restrict.row_word"),
            (7, "restrict.row_time")
        ],
        "{told}"
    );
    assert_eq!((&told["rows"], &told["taken"][0]["row"]), (&json!(6), &json!(2)));
    assert!(
        !told.to_string().contains("stability") && !told.to_string().contains("Zhao"),
        "nothing of a row is told again"
    );
    let again = cast.zhang.ask(axum::http::Method::POST, &path, list.into_bytes()).await.ok();
    assert_eq!(again["taken"], told["taken"], "the same list again does nothing twice");
    let restriction = told["taken"][0]["restriction"].as_str().unwrap();
    assert_eq!(state(&cast.zhang, restriction).await.0, "proposed", "each waits for its two approvals");
    let all = cast.zhang.get("/api/restrictions?view=all").await.ok();
    assert_eq!(all["rows"].as_array().unwrap().len(), 1);
}

async fn a_day_is_drawn_from_and_the_auditor_lifts_what_is_unsound(town: &mut Town) {
    let cast = cast(town).await;
    let mut made = Vec::new();
    for _ in 0..7 {
        let contact = a_contact(town, &cast.zhang, &cast.case).await;
        made.push(restricted(town, &cast, &contact).await);
    }
    settle(town).await;
    let auditor = &cast.auditor;
    assert_eq!(
        auditor.get("/api/restrictions/audit").await.ok()["sample"],
        Value::Null,
        "a day is drawn when it is over"
    );
    town.hours_pass(24);
    settle(town).await;
    settle(town).await;
    let auditor = town.back(auditor).await;
    let told = auditor.get("/api/restrictions/audit").await.ok();
    let (sample, rows) = (&told["sample"], told["rows"].as_array().unwrap());
    assert_eq!(
        (&sample["out_of"], &sample["picked"], &sample["comes_out_the_same"]),
        (&json!(7), &json!(5), &json!(true))
    );
    assert_eq!(rows.len(), 5);
    let text = told.to_string();
    assert!(!text.contains("Invented") && !text.contains("1390000"), "no name: {text}");
    assert!(
        rows.iter().all(|row| row["evidence"]["holds"] == json!(true) && row["article"]["en"].is_string())
    );
    assert_eq!(told["days"].as_array().unwrap().len(), 1, "once");

    let admin = town.person("administrator", SHANXI).await;
    let ends = town.house.now().0 + 3_600_000;
    let off =
        json!({ "feature": "exports", "off": true, "reason": "The third round is held today", "ends": ends });
    admin.change("switch-feature", off).await.ok();
    auditor.get("/api/restrictions/audit/export").await.refused(503, "service.switched_off");
    admin.change("end-switch", json!({ "feature": "exports" })).await.ok();
    let lines = auditor.get("/api/restrictions/audit/export").await;
    assert_eq!(lines.status, 200);
    let lines: Vec<Value> = lines.text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!((lines.len(), &lines[0]["sample"]["head"]), (6, &sample["head"]));
    let rows_of = lines[1]["rows"].as_array().unwrap();
    for step in ["add contact", "propose restriction", "approve restriction"] {
        assert!(rows_of.iter().any(|row| row["change"] == step), "{step}: {rows_of:?}");
    }
    for row in rows_of {
        let seq = row["seq"].as_i64().unwrap();
        let kept = town.house.db.read(move |reader| store::entries_after(reader, seq - 1, 1)).await.unwrap();
        assert_eq!(row["hash"], json!(kept[0].hash), "the hash is the journal's");
    }

    let (sound, unsound) = (rows[0]["id"].as_str().unwrap(), rows[1]["id"].as_str().unwrap());
    auditor.change("judge-restriction", json!({ "restriction": sound, "sound": true })).await.ok();
    let silent = json!({ "restriction": unsound, "sound": false });
    auditor.change("judge-restriction", silent).await.refused(422, "restrict.verdict_reason");
    let why = json!({ "restriction": unsound, "sound": false, "reason": "nobody saw them together" });
    auditor.change("judge-restriction", why).await.ok();
    assert_eq!(state(&auditor, unsound).await, ("over".to_owned(), json!("unsound")));
    assert_eq!(state(&auditor, sound).await.0, "in_force");
    for (person, name) in [(&cast.zhang, "zhang"), (&cast.bureau, "bureau"), (&cast.court, "court")] {
        let person = town.back(person).await;
        person.get("/api/restrictions/audit").await.refused(403, "access.not_allowed");
        let judge = json!({ "restriction": sound, "sound": false, "reason": name });
        person.change("judge-restriction", judge).await.refused(403, "access.not_allowed");
    }
    let alarms = auditor.get("/api/restrictions/alarms").await.ok();
    assert_eq!(alarms["looked_at"]["restrictions"], json!(7), "{alarms}");
}

async fn words_about_somebody_erased_are_gone(town: &mut Town) {
    let cast = cast(town).await;
    let wang = a_contact(town, &cast.zhang, &cast.case).await;
    let restriction = restricted(town, &cast, &wang).await;
    let secret = secret(&cast.zhang, &restriction).await;
    appeals(town, &secret, &restriction).await.1.ok();
    let officer = town.person("data_officer", TAIGU).await;
    let ask = crate::erasure::agreed(town, &officer, "erase_people", &wang.subject, TAIGU).await;
    let form =
        json!({ "id": fresh("change"), "erasure": fresh("erasure"), "subjects": [wang.subject], "ask": ask });
    officer.post("/api/erasures", form).await.ok();
    let one = cast.zhang.get(&format!("/api/restrictions/{restriction}")).await.ok();
    assert_eq!(one["appeals"][0]["words"], Value::Null);
    assert_eq!(one["reason"], "contact", "that there was a restriction, why and by whom, stays");
}
