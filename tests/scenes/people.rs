//! One person under two records: found by marks, weighed, linked and parted again; and the question whether somebody is
//! known, which leaves a row under the name of whoever asks.

use rooms::people::{Subject, mark_everybody, same_person};
use scenes::{Known, Person, TAIGU, Town, YUCI, both, covid_case, fresh};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use store::{Query, params};

both!(
    two_records_of_one_person_are_proposed_linked_and_parted,
    a_pair_that_looked_alike_is_told_apart_once,
    nothing_of_another_county_is_proposed_or_linked,
    linking_and_parting_give_back_every_record,
    a_person_who_is_forgotten_leaves_no_mark_and_no_link,
    people_from_before_there_were_marks_are_found_too,
    an_import_proposes_and_merges_nobody,
    a_number_that_is_known_answers_with_a_handle_and_is_journaled,
    whoever_tries_a_list_of_numbers_is_stopped,
    a_contact_who_is_a_case_under_another_record_says_so,
);

fn person(territory: &str, case_no: &str, age: i64, identity: Value) -> Value {
    let mut case = covid_case(territory, case_no);
    case["age"] = json!(age);
    case["identity"] = identity;
    case
}

/// The same woman at two desks: in characters with her number, in letters with her telephone; and her daughter.
async fn a_family(zhang: &Person) -> (Known, Known, Known) {
    let mother = json!({ "name": "王晓红", "id_number": "140726198103077713", "phone": "139 0000 1234" });
    let again = json!({ "name": "Xiaohong WANG", "phone": "+86 13900001234" });
    let daughter = json!({ "name": "李小明", "phone": "13900001234" });
    (
        zhang.reports_so(person(TAIGU, "A1", 40, mother)).await,
        zhang.reports_so(person(TAIGU, "B7", 40, again)).await,
        zhang.reports_so(person(TAIGU, "A2", 12, daughter)).await,
    )
}

fn nothing_lies_open(town: &Town, secrets: &[&str]) {
    for (table, value) in town.disk.every_value() {
        assert!(!secrets.iter().any(|secret| value.contains(secret)), "{table}: {value}");
    }
}

async fn pairs(person: &Person) -> Vec<Value> {
    person.get("/api/people/duplicates").await.ok()["pairs"].as_array().expect("pairs").clone()
}

fn two(a: &Known, b: &Known) -> Value {
    json!({ "id": fresh("change"), "one": a.subject, "other": b.subject })
}

async fn two_records_of_one_person_are_proposed_linked_and_parted(town: &mut Town) {
    let zhang = town.person("epidemiologist", TAIGU).await;
    let (mother, again, daughter) = a_family(&zhang).await;
    let proposed = pairs(&zhang).await;
    assert_eq!(proposed.len(), 1, "the daughter shares a telephone and nothing else: {proposed:?}");
    let told = proposed[0].to_string();
    assert!(
        told.contains("name_sounds") && told.contains("phone_same") && told.contains("age_fits"),
        "{told}"
    );
    assert!(
        !told.contains("1390000") && !told.contains('晓') && !told.contains("Xiaohong"),
        "no name: {told}"
    );
    zhang.post("/api/people/link", two(&mother, &again)).await.ok();
    assert!(pairs(&zhang).await.is_empty(), "decided");
    let page = zhang.get(&format!("/api/cases/{}", again.id)).await.ok();
    assert_eq!(page["same_person"]["here"][0]["records"][0]["no"], "A1");
    assert_eq!(page["case_no"], "B7", "a linked record keeps its own page");
    // A link is taken back with a reason, and then everything is as it was, and stays decided.
    zhang.change("part-people", two(&again, &mother)).await.refused(422, "field.required");
    let mut parted = two(&again, &mother);
    parted["reason"] = json!("two sisters, said the aunt Philomena");
    zhang.change("part-people", parted).await.ok();
    let page = zhang.get(&format!("/api/cases/{}", again.id)).await.ok();
    assert_eq!(page["same_person"], json!({ "here": [], "elsewhere": 0 }));
    assert!(pairs(&zhang).await.is_empty(), "told apart, so not asked again");
    nothing_lies_open(town, &["Philomena"]);
    assert_eq!(
        zhang.get(&format!("/api/cases/{}", daughter.id)).await.ok()["same_person"]["here"],
        json!([])
    );
}

async fn a_pair_that_looked_alike_is_told_apart_once(town: &mut Town) {
    let zhang = town.person("epidemiologist", TAIGU).await;
    let (mother, again, _) = a_family(&zhang).await;
    zhang.change("part-people", two(&mother, &again)).await.ok();
    assert!(pairs(&zhang).await.is_empty());
    zhang.change("part-people", two(&mother, &mother)).await.refused(422, "people.one_record");
    // Minds change: what was told apart can be linked.
    zhang.post("/api/people/link", two(&mother, &again)).await.ok();
    let page = zhang.get(&format!("/api/cases/{}", mother.id)).await.ok();
    assert_eq!(page["same_person"]["here"][0]["subject"], json!(again.subject));
}

async fn nothing_of_another_county_is_proposed_or_linked(town: &mut Town) {
    let zhang = town.person("epidemiologist", TAIGU).await;
    let chen = town.person("epidemiologist", YUCI).await;
    let identity = json!({ "name": "王晓红", "id_number": "140726198103077713" });
    let here = zhang.reports_so(person(TAIGU, "A1", 40, identity.clone())).await;
    let there = chen.reports_so(person(YUCI, "Y1", 40, identity)).await;
    for one in [&zhang, &chen] {
        assert!(pairs(one).await.is_empty());
        let refused = one.post("/api/people/link", two(&here, &there)).await;
        assert!([403, 404].contains(&refused.status), "{}", refused.status);
        let refused = one.change("part-people", two(&there, &here)).await;
        assert!([403, 404].contains(&refused.status), "{}", refused.status);
    }
    // Whoever works in both counties sees both.
    let above = town.person("epidemiologist", "14/1407").await;
    assert_eq!(pairs(&above).await[0]["verdict"], "same");
    above.post("/api/people/link", two(&here, &there)).await.ok();
    let page = zhang.get(&format!("/api/cases/{}", here.id)).await.ok();
    assert_eq!(page["same_person"], json!({ "here": [], "elsewhere": 1 }), "that there is one, and no more");
}

/// Every row of every table that holds records of people, as text.
async fn records(town: &Town) -> Vec<String> {
    town.house
        .db
        .read(|reader| {
            let mut all = Vec::new();
            for sql in [
                "SELECT id, territory, identity, created FROM people_subject ORDER BY id",
                // Of those who have an identity: a reason is sealed too, and makes a key for a person who had none.
                "SELECT owner, wrapped FROM people_key JOIN people_subject ON id = owner WHERE identity IS NOT NULL ORDER BY owner",
                "SELECT subject, kind, mark FROM people_mark ORDER BY subject, mark",
                "SELECT id, case_no, subject, territory, dates, classification, changed FROM cases_case ORDER BY id",
                "SELECT id, contact_no, subject, territory, changed FROM cases_contact ORDER BY id",
            ] {
                all.extend(reader.rows(sql, params![])?.iter().map(|row| format!("{row:?}")));
            }
            Ok(all)
        })
        .await
        .expect("read")
}

/// Who hangs together by the links made so far, told the slow way.
fn together(people: &[Known], linked: &BTreeSet<(usize, usize)>) -> BTreeMap<usize, BTreeSet<usize>> {
    let mut of: Vec<usize> = (0..people.len()).collect();
    for _ in people {
        for (a, b) in linked {
            let first = of[*a].min(of[*b]);
            (of[*a], of[*b]) = (first, first);
        }
    }
    (0..people.len())
        .map(|one| (one, (0..people.len()).filter(|other| of[*other] == of[one]).collect()))
        .collect()
}

async fn linking_and_parting_give_back_every_record(town: &mut Town) {
    let zhang = town.person("epidemiologist", TAIGU).await;
    let mut people = Vec::new();
    for nth in 0..7 {
        let identity =
            json!({ "name": "张伟", "phone": format!("1380000{nth:04}"), "address": format!("Lane {nth}") });
        people.push(zhang.reports_so(person(TAIGU, &format!("C{nth}"), 30 + nth, identity)).await);
    }
    people.push(zhang.adds_contact(&people[0], TAIGU, "K1").await);
    let before = records(town).await;
    let mut chance = base::Streams::seeded(20_261_126).of("links");
    let mut linked: BTreeSet<(usize, usize)> = BTreeSet::new();
    for step in 0..60 {
        let (a, b) = (chance.below(people.len()), chance.below(people.len()));
        let (a, b) = (a.min(b), a.max(b));
        if a == b {
            continue;
        }
        let hang = together(&people, &linked);
        if chance.share() < 0.5 {
            zhang.post("/api/people/link", two(&people[a], &people[b])).await.ok();
            linked.insert((a, b));
        } else if hang[&a].contains(&b) && !linked.contains(&(a, b)) {
            zhang
                .change("part-people", two(&people[a], &people[b]))
                .await
                .refused(409, "people.linked_through");
        } else {
            let mut parted = two(&people[a], &people[b]);
            parted["reason"] = json!("another birthday");
            zhang.change("part-people", parted).await.ok();
            linked.remove(&(a, b));
        }
        let hang = together(&people, &linked);
        let handles: Vec<base::Id<Subject>> = people.iter().map(|one| one.subject.parse().unwrap()).collect();
        let told = handles.clone();
        let clusters = town
            .house
            .db
            .read(move |reader| {
                told.iter().map(|one| same_person(reader, *one)).collect::<store::Result<Vec<_>>>()
            })
            .await
            .expect("read");
        for (one, cluster) in clusters.iter().enumerate() {
            let wanted: BTreeSet<_> = hang[&one].iter().map(|other| handles[*other]).collect();
            assert_eq!(*cluster, wanted, "step {step}, record {one}");
        }
        if step % 10 == 0 {
            assert_eq!(records(town).await, before, "step {step}: a link changed a record");
        }
    }
    for (a, b) in linked {
        let mut parted = two(&people[a], &people[b]);
        parted["reason"] = json!("all of it was wrong");
        zhang.change("part-people", parted).await.ok();
    }
    assert_eq!(records(town).await, before, "merge and split lose nothing");
    let clusters =
        town.house.db.read(|reader| reader.count("SELECT count(*) FROM people_cluster", params![]));
    assert_eq!(clusters.await.expect("read"), 0);
}

async fn a_person_who_is_forgotten_leaves_no_mark_and_no_link(town: &mut Town) {
    let zhang = town.person("epidemiologist", TAIGU).await;
    let list =
        "case_no,name,phone,sex,age,onset date,county\nL1,王晓红,13900001234,female,41,2022-02-11,太谷区\n";
    let import = zhang.uploads("list.csv", list).await;
    let done = zhang.runs_import(&import, "apply").await;
    let (mother, again, _) = a_family(&zhang).await;
    let page = zhang.get("/api/cases?q=L1").await.ok();
    let page =
        zhang.get(&format!("/api/cases/{}", page["rows"][0]["id"].as_str().expect("a case"))).await.ok();
    let gone = Known {
        id: page["id"].as_str().unwrap().to_owned(),
        subject: page["subject"].as_str().unwrap().to_owned(),
    };
    // The two others are one person only through the one that goes.
    zhang.post("/api/people/link", two(&mother, &gone)).await.ok();
    zhang.post("/api/people/link", two(&again, &gone)).await.ok();
    let path = format!("/api/imports/{}/undo", done["id"].as_str().expect("an import"));
    zhang.post(&path, json!({ "reason": "the wrong file" })).await.ok();
    let subject = gone.subject.clone();
    let left = town.house.db.read(move |reader| {
        let mark = reader.count("SELECT count(*) FROM people_mark WHERE subject = $1", params![&subject])?;
        let link = reader
            .count("SELECT count(*) FROM people_link WHERE one = $1 OR other = $1", params![&subject])?;
        Ok((mark, link, reader.count("SELECT count(*) FROM people_cluster", params![])?))
    });
    assert_eq!(left.await.expect("read"), (0, 0, 0));
}

/// As the program does when it starts.
fn marks_everybody(town: &Town) -> usize {
    let house = &town.house;
    std::thread::scope(|beside| beside.spawn(|| mark_everybody(house)).join())
        .expect("it ended")
        .expect("marked")
}

async fn people_from_before_there_were_marks_are_found_too(town: &mut Town) {
    let zhang = town.person("epidemiologist", TAIGU).await;
    let (mother, _, _) = a_family(&zhang).await;
    let before = records(town).await;
    town.disk.tamper("UPDATE people_subject SET marked = 0");
    town.disk.tamper("DELETE FROM people_mark");
    assert!(pairs(&zhang).await.is_empty());
    assert_eq!(marks_everybody(town), 3);
    assert_eq!(records(town).await, before);
    assert_eq!(marks_everybody(town), 0, "nothing is left to do");
    assert_eq!(pairs(&zhang).await.len(), 1);
    let of = zhang.get(&format!("/api/people/duplicates?of={}", mother.subject)).await.ok();
    assert_eq!(of["pairs"].as_array().map(Vec::len), Some(1));
}

async fn an_import_proposes_and_merges_nobody(town: &mut Town) {
    let zhang = town.person("epidemiologist", TAIGU).await;
    let (mother, _, _) = a_family(&zhang).await;
    let list = "case_no,name,id number,sex,age,onset date,county\nL1,王小红,140726198103077713,female,40,2022-02-11,太谷区\n";
    zhang.imports("list.csv", list).await;
    assert_eq!(zhang.counts_cases().await, 4, "a row is a case of its own");
    let proposed = pairs(&zhang).await;
    assert_eq!(proposed[0]["verdict"], "same", "{proposed:?}");
    let sides = [&proposed[0]["one"]["subject"], &proposed[0]["other"]["subject"]];
    assert!(sides.contains(&&json!(mother.subject)), "{proposed:?}");
}

fn asks(field: &str, number: &str) -> Value {
    let mut ask =
        json!({ "purpose": "outbreak_response", "reason": "she is named as a contact by three people" });
    ask[field] = json!(number);
    ask
}

async fn a_number_that_is_known_answers_with_a_handle_and_is_journaled(town: &mut Town) {
    let zhang = town.person("epidemiologist", TAIGU).await;
    let chen = town.person("epidemiologist", YUCI).await;
    let (mother, again, _) = a_family(&zhang).await;
    let told = zhang.post("/api/people/known", asks("id_number", "140726 19810307 771X")).await.ok();
    assert_eq!(told["here"][0]["subject"], json!(mother.subject));
    assert_eq!(told["here"][0]["records"][0]["no"], "A1");
    let told = zhang.post("/api/people/known", asks("phone", "0086 139-0000-1234")).await.ok();
    assert_eq!(told["here"].as_array().map(Vec::len), Some(3), "a household's telephone");
    // In the next county: that somebody must be asked, and whom; no handle, no case.
    let told = chen.post("/api/people/known", asks("phone", "13900001234")).await.ok();
    assert_eq!(told, json!({ "here": [], "elsewhere": [TAIGU] }));
    chen.post("/api/people/known", asks("phone", "Wang Xiaohong")).await.refused(422, "people.no_number");
    let mut silent = asks("phone", "13900001234");
    silent["reason"] = json!(" ");
    chen.post("/api/people/known", silent).await.refused(422, "field.required");
    let mut idle = asks("phone", "13900001234");
    idle["purpose"] = json!("surveillance");
    chen.post("/api/people/known", idle).await.refused(422, "people.purpose");
    let page = zhang.get(&format!("/api/cases/{}", again.id)).await.ok();
    let history: Vec<&Value> = page["history"].as_array().unwrap().iter().map(|row| &row["change"]).collect();
    assert!(history.contains(&&json!("look up person")), "{history:?}");
    nothing_lies_open(town, &["13900001234", "three people"]);
    // Two hours later the proof of who chen is has grown old.
    town.hours_pass(2);
    let refused = chen.post("/api/people/known", asks("phone", "13900001234")).await;
    assert!([401, 403].contains(&refused.status), "{}", refused.status);
}

async fn whoever_tries_a_list_of_numbers_is_stopped(town: &mut Town) {
    let mut zhang = town.person("epidemiologist", TAIGU).await;
    for nth in 0..30 {
        zhang.post("/api/people/known", asks("phone", &format!("1390000{nth:04}"))).await.ok();
    }
    let stopped = zhang.post("/api/people/known", asks("phone", "13900009999")).await;
    stopped.refused(429, "access.too_many");
    // Others go on, and an hour later so does this one.
    let chen = town.person("epidemiologist", TAIGU).await;
    chen.post("/api/people/known", asks("phone", "13900009999")).await.ok();
    for _ in 0..4 {
        town.minutes_pass(16);
        zhang.proves(json!({ "password": town.password() })).await.ok();
    }
    zhang.post("/api/people/known", asks("phone", "13900009999")).await.ok();
}

async fn a_contact_who_is_a_case_under_another_record_says_so(town: &mut Town) {
    let zhang = town.person("epidemiologist", TAIGU).await;
    let (mother, again, _) = a_family(&zhang).await;
    let contact = zhang.adds_contact(&again, TAIGU, "K1").await;
    let row = |list: Value| list["rows"][0]["known_case"].clone();
    assert_eq!(row(zhang.get("/api/contacts").await.ok()), Value::Null);
    zhang.post("/api/people/link", two(&contact, &mother)).await.ok();
    assert_eq!(row(zhang.get("/api/contacts").await.ok())["case_no"], "A1");
}
