//! Erasing people: with a second person, for good, with a paper that proves it, and again after a restored backup.

use scenes::{Known, Person, SHANXI, TAIGU, Town, YUCI, both, fresh};
use serde_json::{Value, json};
use store::{Db, Query, params};

both!(
    whoever_demands_it_is_erased_with_a_second_person,
    a_contact_is_due_forty_four_days_after_the_exposure_unless_held,
    a_restored_backup_repeats_the_erasures,
    an_undone_import_leaves_no_report_that_quotes_it,
    the_clocks_that_run_by_themselves_take_old_reports,
    an_erased_person_is_not_brought_back_by_the_next_list,
);

const NAME: &str = "Hypatia Quillfeather";

async fn reports_by_name(person: &Person, number: &str, name: &str) -> Known {
    let mut case = scenes::covid_case(TAIGU, number);
    case["identity"] = json!({ "name": name, "phone": "13999990001" });
    person.reports_so(case).await
}

pub async fn agreed(town: &Town, asker: &Person, kind: &str, about: &str, territory: &str) -> String {
    let ask = fresh("ask");
    let fields = json!({ "ask": ask, "kind": kind, "about": about, "territory": territory, "reason": "as agreed by phone" });
    asker.change("ask-second-person", fields).await.ok();
    let commander = town.person("commander", SHANXI).await;
    commander.change("answer-ask", json!({ "ask": ask, "agreed": true })).await.ok();
    ask
}

async fn erases(town: &Town, officer: &Person, subject: &str) -> (String, Value) {
    let ask = agreed(town, officer, "erase_people", subject, TAIGU).await;
    let erasure = fresh("erasure");
    let form = json!({ "id": fresh("change"), "erasure": erasure, "subjects": [subject], "ask": ask });
    officer.post("/api/erasures", form.clone()).await.ok();
    // Sent twice, done once.
    officer.post("/api/erasures", form).await.ok();
    let paper = officer.get(&format!("/api/erasures/{erasure}/certificate.json")).await.ok();
    (erasure, paper)
}

fn opened(db: &Db, known: &Known) -> Option<String> {
    let subject = known.subject.parse().expect("a handle");
    let found = tokio::task::block_in_place(|| {
        db.read_now(move |reader| rooms::people::open_identity_of(reader, subject))
    });
    found.expect("an answer").and_then(|identity| identity.name)
}

async fn whoever_demands_it_is_erased_with_a_second_person(town: &mut Town) {
    let zhang = town.person("epidemiologist", TAIGU).await;
    let officer = town.person("data_officer", TAIGU).await;
    let known = reports_by_name(&zhang, "C1", NAME).await;
    let other = reports_by_name(&zhang, "C2", "Ottoline Grasshopper").await;
    let ask = json!({ "purpose": "outbreak_response", "reason": "to call the household" });
    zhang.post(&format!("/api/subjects/{}/open", known.subject), ask).await.ok();

    let alone = json!({
        "id": fresh("change"), "erasure": fresh("erasure"), "subjects": [known.subject], "ask": fresh("ask"),
    });
    officer.post("/api/erasures", alone).await.refused(404, "record.missing");
    let neighbour = town.person("data_officer", YUCI).await;
    let (about, ask) = (&known.subject, fresh("ask"));
    let fields = json!({ "ask": ask, "kind": "erase_people", "about": about, "territory": YUCI, "reason": "as asked" });
    neighbour.change("ask-second-person", fields).await.ok();
    let commander = town.person("commander", SHANXI).await;
    commander.change("answer-ask", json!({ "ask": ask, "agreed": true })).await.ok();
    let form = json!({ "id": fresh("change"), "erasure": fresh("erasure"), "subjects": [about], "ask": ask });
    neighbour.post("/api/erasures", form).await.refused(404, "record.missing");
    assert_eq!(opened(&town.house.db, &known).as_deref(), Some(NAME));

    let (_, paper) = erases(town, &officer, &known.subject).await;
    assert_eq!(opened(&town.house.db, &known), None);
    assert_eq!(opened(&town.house.db, &other).as_deref(), Some("Ottoline Grasshopper"));
    assert_eq!(zhang.counts_cases().await, 2, "statistics stay");
    let text = paper.to_string();
    let facts = rooms::people::verify_certificate(&text, paper["public_key"].as_str()).expect("it is whole");
    assert_eq!((&facts["people"], &facts["ground"]), (&json!(1), &json!("legal_demand")));
    assert!(!text.contains(&known.subject) && !text.contains(NAME), "no name and no handle: {text}");
    assert!(rooms::people::verify_certificate(&text.replace("legal_demand", "purpose_ended"), None).is_err());
    assert_eq!(town.journal_verdict().await["ok"], true);
    let journal = town.house.db.clone();
    let (seq, hash) = (facts["journal_row"].as_i64(), facts["journal_hash"].clone());
    let row = tokio::task::block_in_place(|| {
        journal.read_now(move |reader| reader.rows("SELECT hash FROM journal WHERE seq = $1", params![seq]))
    });
    assert_eq!(json!(row.expect("the row")[0].text(0).expect("a hash")), hash);

    let log = officer.get(&format!("/api/subjects/{}/access-log", known.subject)).await.ok();
    let did: Vec<&str> =
        log["rows"].as_array().unwrap().iter().map(|row| row["did"].as_str().unwrap()).collect();
    assert_eq!(did.first(), Some(&"recorded"));
    assert!(did.contains(&"looked") && did.last() == Some(&"erased"), "{did:?}");
    zhang
        .get(&format!("/api/subjects/{}/access-log", known.subject))
        .await
        .refused(403, "access.not_allowed");
}

async fn a_contact_is_due_forty_four_days_after_the_exposure_unless_held(town: &mut Town) {
    let zhang = town.person("epidemiologist", TAIGU).await;
    let officer = town.person("data_officer", TAIGU).await;
    let event = zhang.opens_event(TAIGU, "A village dinner").await;
    let mut case = scenes::covid_case(TAIGU, "C1");
    case["event"] = json!(event);
    let case = zhang.reports_so(case).await;
    let exposed = town.house.today() - 43;
    let contact = Known { id: fresh("contact"), subject: fresh("subject") };
    let fields = json!({
        "contact": contact.id, "subject": contact.subject, "source_case": case.id, "territory": TAIGU, "class": "close",
        "last_exposure": exposed, "identity": { "name": NAME },
    });
    zhang.change("add-contact", fields).await.ok();
    let clock = |told: &Value| {
        let clocks = told["clocks"].as_array().expect("clocks");
        clocks.iter().find(|clock| clock["id"] == "contact_identity").expect("the clock").clone()
    };
    let told = clock(&officer.get("/api/retention").await.ok());
    assert_eq!((&told["due"], &told["soon"]), (&json!(0), &json!(1)), "warned before");
    town.hours_pass(24);
    // The session of yesterday is over.
    let officer = town.person("data_officer", TAIGU).await;
    let preview = officer.get("/api/retention/contact_identity").await.ok();
    assert_eq!((&preview["due"], &preview["list"][0]["owner"]), (&json!(1), &json!(contact.subject)));

    let hold = |held: bool| json!({ "event": event, "held": held, "reason": "an inquiry" });
    officer.change("set-hold", hold(true)).await.ok();
    let told = officer.get("/api/retention").await.ok();
    assert_eq!((&clock(&told)["due"], &clock(&told)["held"]), (&json!(0), &json!(1)));
    assert_eq!(told["holds"][0]["reason"], "an inquiry");
    let ask = agreed(town, &officer, "erase_people", &contact.subject, TAIGU).await;
    let demand = json!({
        "id": fresh("change"), "erasure": fresh("erasure"), "subjects": [contact.subject], "ask": ask,
    });
    officer.post("/api/erasures", demand).await.refused(422, "people.held");
    officer.change("set-hold", hold(false)).await.ok();

    let day = town.house.today();
    let about = preview["about"].as_str().expect("what is agreed to");
    let ask = agreed(town, &officer, "erase_people", about, TAIGU).await;
    let erasure = fresh("erasure");
    let form = json!({ "id": fresh("change"), "erasure": erasure, "ask": ask, "day": day });
    let done = officer.post("/api/retention/contact_identity/run", form).await.ok();
    assert_eq!(done["erased"], 1);
    assert_eq!(opened(&town.house.db, &contact), None);
    let told = officer.get("/api/retention").await.ok();
    assert_eq!((&clock(&told)["due"], &clock(&told)["soon"]), (&json!(0), &json!(0)));
    assert_eq!(officer.get("/api/erasures").await.ok()["rows"][0]["clock"], "contact_identity");
}

async fn a_restored_backup_repeats_the_erasures(town: &mut Town) {
    let zhang = town.person("epidemiologist", TAIGU).await;
    let officer = town.person("data_officer", TAIGU).await;
    let known = reports_by_name(&zhang, "C1", NAME).await;
    let kept = reports_by_name(&zhang, "C2", "Ottoline Grasshopper").await;
    // What a backup from before holds, and an erasure in another place that this database knows nothing of.
    let (_, _) = erases(town, &officer, &known.subject).await;
    let key = town.disk.every_value().into_iter().filter(|(table, _)| table == "people_erased").count();
    assert!(key > 0, "the erasure is on record beside the keys");
    let db = town.house.db.clone();
    let list = std::fs::read_to_string(db.erased_file()).expect("the list beside the key");
    assert!(list.contains(&known.subject) && !list.contains(NAME));
    // As a backup from before has it: the table knows nothing, and a hold stands that was over by then.
    let event = zhang.opens_event(TAIGU, "A village dinner").await;
    officer.change("set-hold", json!({ "event": event, "held": true, "reason": "an inquiry" })).await.ok();
    town.disk.tamper(&format!("UPDATE cases_case SET event = '{event}' WHERE id = '{}'", known.id));
    // The table forgets it, as a backup from before does; the list does not.
    town.disk.tamper("DELETE FROM people_erased; UPDATE people_subject SET erased = NULL;");
    let repeated = tokio::task::block_in_place(|| rooms::people::repeat_erasures(&db));
    assert_eq!(repeated.expect("repeated"), 1);
    let again = tokio::task::block_in_place(|| rooms::people::repeat_erasures(&db));
    assert_eq!(again.expect("repeated"), 0, "once is enough");
    assert_eq!(opened(&db, &known), None);
    assert_eq!(opened(&db, &kept).as_deref(), Some("Ottoline Grasshopper"));
    // A line that somebody edits is found by its number.
    std::fs::write(db.erased_file(), list.replacen(&known.subject, &kept.subject, 1)).expect("tampering");
    let refused =
        tokio::task::block_in_place(|| rooms::people::repeat_erasures(&db)).unwrap_err().to_string();
    assert!(refused.contains("line 2 of"), "{refused}");
    assert_eq!(opened(&db, &kept).as_deref(), Some("Ottoline Grasshopper"));
}

const LIST: &str =
    "case_no,name,sex,age,onset date,county\nL1,Hypatia Quillfeather,female,31,2022-02-11,太谷区\n";

async fn an_undone_import_leaves_no_report_that_quotes_it(town: &mut Town) {
    let zhang = town.person("epidemiologist", TAIGU).await;
    let import = zhang.uploads("list.csv", LIST).await;
    let id = zhang.runs_import(&import, "apply").await["id"].as_str().expect("an import").to_owned();
    zhang.post(&format!("/api/imports/{id}/undo"), json!({ "reason": "the wrong file" })).await.ok();
    let values = town.disk.every_value();
    let keys: Vec<_> =
        values.iter().filter(|(table, value)| table == "people_key" && value.contains(&id)).collect();
    assert!(keys.iter().all(|(_, value)| value.contains("undo")), "the key of the report is gone: {keys:?}");
    assert_eq!(town.journal_verdict().await["ok"], true);
}

async fn the_clocks_that_run_by_themselves_take_old_reports(town: &mut Town) {
    let zhang = town.person("epidemiologist", TAIGU).await;
    zhang.imports("list.csv", LIST).await;
    let run = |town: &Town| {
        let house = town.house.clone();
        let offset = house.places.utc_offset_minutes();
        tokio::task::block_in_place(|| {
            rooms::people::run_clocks(&house.db, house.today(), offset, house.now()).expect("they run")
        })
    };
    assert!(run(town).iter().all(|ran| ran.erased == 0), "nothing is old yet");
    town.hours_pass(91 * 24);
    let ran = run(town);
    assert_eq!(ran.iter().map(|ran| ran.erased).sum::<usize>(), 1, "{ran:?}");
    assert!(run(town).iter().all(|ran| ran.erased == 0), "once is enough");
    let officer = town.person("data_officer", "").await;
    let rows = officer.get("/api/erasures").await.ok()["rows"].clone();
    assert_eq!((&rows[0]["import_reports"], &rows[0]["second_person"]), (&json!(1), &json!(false)));
}

async fn an_erased_person_is_not_brought_back_by_the_next_list(town: &mut Town) {
    let zhang = town.person("epidemiologist", TAIGU).await;
    let officer = town.person("data_officer", TAIGU).await;
    zhang.imports("list.csv", LIST).await;
    let list = zhang.get("/api/cases").await.ok();
    let id = list["rows"][0]["id"].as_str().expect("a case").to_owned();
    let page = zhang.get(&format!("/api/cases/{id}")).await.ok();
    let known = Known { subject: page["subject"].as_str().expect("a handle").to_owned(), id };
    assert_eq!(opened(&town.house.db, &known).as_deref(), Some(NAME));
    erases(town, &officer, &known.subject).await;
    let report = zhang.imports("list-2.csv", &LIST.replace("2022-02-11", "2022-02-12")).await;
    assert_eq!(report["failed"], 0, "{report}");
    assert_eq!(opened(&town.house.db, &known), None, "the next edition tells the day, not who it was");
}
