//! Zhengzhou, June 2022: 1,317 people who had money in village banks were given red codes. 446 had come to the city, where a place code was
//! scanned; 871 had never been there and were coloured from a list. None of them had met a case. Here everybody who could try, tries.
//!
//! The people and their numbers are invented; the two counts are those that were published (docs/sources.md#restrictions).

use crate::access::ROLES;
use crate::restrictions::{ARTICLE, HOUR, approves, cast};
use axum::http::Method;
use scenes::{Known, Person, TAIGU, Town, both, fresh};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use store::{Actor, Query, params};

both!(
    a_list_of_1317_names_restricts_nobody_and_is_on_record,
    being_scanned_at_a_place_restricts_nobody,
    no_role_no_token_and_not_the_operator_colours_anybody,
);

const IN_THE_CITY: usize = 446;
const NEVER_THERE: usize = 871;

/// Who is known, in numbers: people, marks they are found by, keys, and whatever restricts anybody.
async fn known(town: &Town) -> [i64; 5] {
    let tables =
        ["people_subject", "people_mark", "people_key", "control_restriction", "control_restriction_mark"];
    let counted = town.house.db.read(move |reader| {
        let mut counts = [0; 5];
        for (place, table) in tables.iter().enumerate() {
            counts[place] = reader.count(&format!("SELECT count(*) FROM {table}"), params![])?;
        }
        Ok(counts)
    });
    counted.await.unwrap()
}

async fn offers(person: &Person, list: String) -> Value {
    let path = format!("/api/restrictions/list?offer={}&name=depositors.csv", fresh("offer"));
    person.ask(Method::POST, &path, list.into_bytes()).await.ok()
}

fn by_code(told: &Value) -> BTreeMap<String, usize> {
    let mut codes = BTreeMap::new();
    for failure in told["failures"].as_array().unwrap() {
        *codes.entry(failure["code"].as_str().unwrap().to_owned()).or_default() += 1;
    }
    codes
}

/// The list as it was handed over: names, numbers, telephones, a colour and a reason that is none.
fn depositors() -> String {
    let mut list = String::from("name,id_number,phone,kind,reason,evidence,article,ends\n");
    for number in 0..IN_THE_CITY + NEVER_THERE {
        let remark = if number < IN_THE_CITY { "place code" } else { "remote" };
        list.push_str(&format!(
            "Depositor {number},41010019800101{number:04},139{number:08},red_code,{remark},bank list,{ARTICLE},2027-01-01\n"
        ));
    }
    list
}

async fn a_list_of_1317_names_restricts_nobody_and_is_on_record(town: &mut Town) {
    let cast = cast(town).await;
    let before = known(town).await;
    let told = offers(&cast.zhang, depositors()).await;
    assert_eq!((&told["rows"], &told["taken"]), (&json!(1_317), &json!([])));
    let failures = told["failures"].as_array().unwrap();
    assert_eq!(failures.len(), 1_317);
    assert_eq!((&failures[0]["row"], &failures[1_316]["row"]), (&json!(2), &json!(1_318)));
    assert!(
        failures[0]["en"].as_str().unwrap().contains("a name or a number restricts nobody"),
        "{}",
        failures[0]
    );
    assert_eq!(by_code(&told), [("restrict.row_person".to_owned(), 1_317)].into());
    assert!(
        !told.to_string().contains("Depositor") && !told.to_string().contains("410100"),
        "no name is told again"
    );

    // With one real case as everybody's evidence; with evidence nobody has; with each reason there is.
    let made_up: Vec<String> = (0..20).map(|_| fresh("subject")).collect();
    let mut list = String::from("person,kind,reason,evidence,article,ends\n");
    for subject in &made_up {
        for (reason, kind, evidence) in [
            ("case", "red_code", cast.case.id.clone()),
            ("contact", "red_code", fresh("contact")),
            ("secondary", "yellow_code", fresh("contact")),
            ("travel", "yellow_code", fresh("visit")),
            ("zone", "yellow_code", fresh("zone")),
            ("occupational", "off_work", fresh("worker")),
            ("missed_test", "yellow_code", fresh("course")),
            ("contact", "red_code", "a list of the bureau".to_owned()),
        ] {
            list.push_str(&format!("{subject},{kind},{reason},{evidence},{ARTICLE},2027-01-01\n"));
        }
    }
    let told = offers(&cast.zhang, list).await;
    assert_eq!(told["taken"], json!([]));
    let codes = by_code(&told);
    assert_eq!(
        (codes["restrict.not_theirs"], codes["record.missing"], codes["restrict.wrong_evidence"]),
        (20, 120, 20)
    );
    assert_eq!(known(town).await, before, "nobody of it is known, marked or restricted");

    // The attempt is on record where whoever looks into it looks, without a person.
    let alarms = cast.auditor.get("/api/restrictions/alarms").await.ok();
    let offers = alarms["offers"].as_array().unwrap();
    assert_eq!((offers.len(), &offers[1]["rows"], &offers[1]["taken"]), (2, &json!(1_317), &json!(0)));
    assert_eq!(
        (&offers[1]["alarming"], &offers[1]["by"]["organisation"]),
        (&json!(true), &json!("Taigu CDC"))
    );
    assert_eq!(offers[1]["refused"]["restrict.row_person"], json!(1_317));
    let rows = cast.auditor.get("/api/journal?limit=500").await.ok();
    let rows: Vec<&Value> =
        rows["rows"].as_array().unwrap().iter().filter(|row| row["change"] == "offer restrictions").collect();
    assert_eq!(rows.len(), 2);
    assert!(!json!(rows).to_string().contains("Depositor"));
}

async fn being_scanned_at_a_place_restricts_nobody(town: &mut Town) {
    let cast = cast(town).await;
    let bank = cast.zhang.registers_place(TAIGU, "workplace", "A village bank").await;
    let today = town.house.today();
    let mut list = String::from("place,name,telephone,from,to\n");
    for number in 0..IN_THE_CITY {
        list.push_str(&format!("{bank},Depositor {number},139{number:08},{today} 00:10,{today} 00:20\n"));
    }
    let path = "/api/registered-visits/file?kind=check_in&name=scans.csv";
    let told = cast.zhang.ask(Method::POST, path, list.into_bytes()).await.ok();
    assert_eq!(told["created"], json!(IN_THE_CITY), "{told}");
    let before = known(town).await;
    // Somebody reads handles and visits out of the database itself.
    let looked = town.house.db.read(|reader| {
        let rows = reader.rows("SELECT subject, id FROM trace_registered ORDER BY id", params![])?;
        rows.iter().map(|row| Ok((row.text(0)?, row.text(1)?))).collect()
    });
    let scanned: Vec<(String, String)> = looked.await.unwrap();
    assert_eq!(scanned.len(), IN_THE_CITY);
    let mut list = String::from("person,kind,reason,evidence,article,ends\n");
    for (subject, visit) in &scanned {
        list.push_str(&format!("{subject},yellow_code,travel,{visit},{ARTICLE},2027-01-01\n"));
        list.push_str(&format!("{subject},red_code,case,{},{ARTICLE},2027-01-01\n", cast.case.id));
        list.push_str(&format!("{subject},red_code,contact,{visit},{ARTICLE},2027-01-01\n"));
    }
    let told = offers(&cast.zhang, list).await;
    assert_eq!((&told["rows"], &told["taken"]), (&json!(3 * IN_THE_CITY), &json!([])));
    let codes = by_code(&told);
    assert_eq!(
        codes,
        [
            ("restrict.check_in".to_owned(), IN_THE_CITY),
            ("restrict.not_theirs".to_owned(), IN_THE_CITY),
            ("restrict.wrong_evidence".to_owned(), IN_THE_CITY)
        ]
        .into()
    );
    // Written into the contacts, with nobody's case behind them, they are names on a list.
    for (subject, _) in scanned.iter().take(20) {
        let contact = fresh("contact");
        let fields = json!({
            "contact": contact, "subject": subject, "territory": TAIGU, "class": "close", "last_exposure": today,
        });
        cast.zhang.change("add-contact", fields).await.ok();
        let mut body = proposal(town, subject, &contact);
        cast.zhang.change("propose-restriction", body.clone()).await.refused(422, "restrict.no_source");
        // And a case that was excluded is no case.
        let mut nobody = scenes::covid_case(TAIGU, &fresh("n"));
        nobody["classification"] = json!("suspected");
        let nobody = cast.zhang.reports_so(nobody).await;
        let out = json!({ "case": nobody.id, "to": "discarded", "day": today, "reason": "invented" });
        cast.zhang.change("classify-case", out).await.ok();
        let contact = fresh("contact");
        let fields = json!({
            "contact": contact, "subject": subject, "source_case": nobody.id, "territory": TAIGU, "class": "close",
            "last_exposure": today,
        });
        cast.zhang.change("add-contact", fields).await.ok();
        body["evidence"] = json!(contact);
        cast.zhang.change("propose-restriction", body).await.refused(422, "restrict.source_discarded");
    }
    let after = known(town).await;
    assert_eq!((after[3], after[4]), (before[3], before[4]), "nobody is restricted");
    assert_eq!(after[3], 0);
}

fn proposal(town: &Town, subject: &str, evidence: &str) -> Value {
    let now = town.house.now().0;
    json!({
        "restriction": fresh("restriction"), "subject": subject, "kind": "red_code", "reason": "contact",
        "evidence": evidence, "article": ARTICLE, "begins": now, "ends": now + 48 * HOUR,
    })
}

async fn no_role_no_token_and_not_the_operator_colours_anybody(town: &mut Town) {
    let cast = cast(town).await;
    let depositor = Known { id: String::new(), subject: fresh("subject") };
    let before = known(town).await;
    for role in ROLES {
        for territory in [TAIGU, scenes::SHANXI] {
            let person = town.person_of(&format!("House of the {role}"), role, territory).await;
            for evidence in [cast.case.id.clone(), fresh("contact"), fresh("visit"), "bank list".to_owned()] {
                for reason in ["case", "contact", "travel", "zone", "missed_test", "stability"] {
                    let mut body = proposal(town, &depositor.subject, &evidence);
                    body["reason"] = json!(reason);
                    let answer = person.change("propose-restriction", body).await;
                    assert!(
                        (400..500).contains(&answer.status),
                        "{role} {reason}: {} {}",
                        answer.status,
                        answer.text
                    );
                }
            }
            let made_up = fresh("restriction");
            assert!(approves(&person, &made_up).await.status >= 400, "{role} approves what nobody proposed");
            let offer = format!("/api/restrictions/list?offer={}&name=x.csv", fresh("offer"));
            let answer = person.ask(Method::POST, &offer, depositors().into_bytes()).await;
            let taken = answer.json()["taken"].as_array().map_or(0, Vec::len);
            assert!(
                taken == 0 && (answer.status == 403 || role == "epidemiologist"),
                "{role}: {}",
                answer.text
            );
        }
    }
    // Another system is given none of it, whoever makes its token.
    let admin = town.person("administrator", TAIGU).await;
    let token = json!({
        "id": fresh("change"), "token": fresh("token"), "name": "Codes", "territory": TAIGU,
        "permissions": ["restrict.propose", "restrict.approve"], "days": 30,
    });
    let made = admin.post("/api/changes/create-token", token).await;
    assert!((400..500).contains(&made.status), "{}", made.text);
    // Nor the machine's own command line, which may everything: it answers for no organisation.
    let contact = crate::restrictions::a_contact(town, &cast.zhang, &cast.case).await;
    let people = known(town).await;
    let body = |evidence: &str| {
        let mut body = proposal(town, &contact.subject, evidence);
        body["id"] = json!(fresh("change"));
        serde_json::from_value::<rooms::control::restrictions::changes::ProposeRestriction>(body).unwrap()
    };
    for evidence in [contact.id.as_str(), cast.case.id.as_str()] {
        let change = body(evidence);
        let at = town.house.now();
        let refused = town.house.db.apply(&Actor::operator(), at, change).await;
        assert!(matches!(refused, Err(store::Error::Refused(_))), "{refused:?}");
    }
    let after = known(town).await;
    assert_eq!((after[3], after[4]), (0, 0), "nobody is restricted");
    assert_eq!(after, people);
    assert_eq!(before[3], 0);
    // Whoever was refused, and how often, is a row of the journal within a minute.
    town.minutes_pass(2);
    cast.auditor.get("/api/state").await.ok();
    let rows = cast.auditor.get("/api/restrictions/alarms").await.ok();
    let offers = rows["offers"].as_array().unwrap();
    assert!(offers.iter().all(|offer| offer["taken"] == json!(0)) && !offers.is_empty(), "{rows}");
}
