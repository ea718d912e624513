//! Whoever holds the disk reads no name: everything that tells who somebody is lies sealed, in every table and in the
//! files themselves. Checked after a whole story with people in it.

use crate::erasure::agreed;
use scenes::{Person, TAIGU, Town, Traces, both, fresh};
use serde_json::json;

both!(nobodys_name_lies_open_on_the_disk, a_refusal_repeats_nobodys_name);

/// Invented, and unlike anything else in the database.
const SECRETS: [&str; 20] = [
    "Hypatia Quillfeather",
    "奚望舒",
    "140726199001017",
    "140726195505053",
    "13999990001",
    "13999990002",
    "Lantern Alley 9",
    "gets dialysis on Mondays",
    "told by Brother Anselm",
    "the cook Melusine",
    "Ottoline Grasshopper",
    "13999990003",
    "Larkspur Court 7",
    "because Melchior Sandoval called",
    "as Brother Ignatius wished",
    "the widow Pernilla says so",
    "at the wish of old Balthasar",
    "for the cousin of Leocadia",
    "an inquiry about Theophilus",
    "not after Wilhelmina moved",
];

async fn nobodys_name_lies_open_on_the_disk(town: &mut Town) {
    let zhang = town.person("epidemiologist", TAIGU).await;
    let event = zhang.opens_event(TAIGU, "A village dinner").await;
    let mut case = scenes::covid_case(TAIGU, "C1");
    case["event"] = json!(event);
    case["classification"] = json!("suspected");
    case["identity"] = json!({
        "name": SECRETS[0], "id_number": SECRETS[2], "phone": SECRETS[4], "address": SECRETS[6],
    });
    let known = zhang.reports_so(case).await;
    let reason = json!({ "case": known.id, "to": "confirmed", "day": "2022-02-21", "reason": SECRETS[8] });
    zhang.change("classify-case", reason).await.ok();
    let contact = json!({
        "contact": scenes::fresh("contact"), "subject": scenes::fresh("subject"), "source_case": known.id,
        "territory": TAIGU, "class": "close", "last_exposure": "2022-02-19",
        "identity": { "name": SECRETS[10], "phone": SECRETS[11], "address": SECRETS[12] },
    });
    zhang.change("add-contact", contact).await.ok();
    let note = json!({ "note": scenes::fresh("note"), "event": event, "text": SECRETS[9] });
    zhang.change("add-note", note).await.ok();
    let amend = json!({ "case": known.id, "identity": { "name": SECRETS[1] } });
    zhang.change("amend-case", amend).await.ok();
    imports_a_list(&zhang).await;
    // What is sealed can be opened: the story did write these names.
    let ask = json!({ "purpose": "outbreak_response", "reason": SECRETS[13] });
    let opened = zhang.post(&format!("/api/subjects/{}/open", known.subject), ask).await.ok();
    assert_eq!(opened["name"], SECRETS[1]);
    unlinks_closes_and_undoes(&zhang, &event, &known).await;
    takes_a_list_out(town, &zhang).await;
    asks_wrongly(&zhang).await;
    erases_and_holds(town, &event, &known.subject).await;
    let db = town.house.db.clone();
    let backup = town.disk.folder.join("copy.quell");
    let now = town.house.now();
    tokio::task::block_in_place(|| {
        db.backup(&backup, now, &mut |_| ()).expect("a backup");
        db.turn_key(base::Moment(0)).expect("a new key");
        db.rewrap(&mut |_| ()).expect("wrapped anew");
    });
    finds_nothing(town);
}

/// What people give as reasons, wherever they are asked for one.
async fn unlinks_closes_and_undoes(zhang: &Person, event: &str, known: &scenes::Known) {
    let infector = zhang.reports(TAIGU, "C9").await;
    let link = zhang.links(&infector, known).await;
    zhang.change("unlink-cases", json!({ "link": link, "reason": SECRETS[14] })).await.ok();
    let import = zhang
        .uploads("third.csv", "case_no,name,sex,age,onset date,county\nU1,奚望舒,male,3,2022-02-11,太谷区\n");
    let import = import.await;
    let id = zhang.runs_import(&import, "apply").await["id"].as_str().expect("an import").to_owned();
    zhang.post(&format!("/api/imports/{id}/undo"), json!({ "reason": SECRETS[15] })).await.ok();
    let close = json!({ "event": event, "ended": "2022-03-20", "reason": SECRETS[19] });
    zhang.change("close-event", close).await.ok();
}

async fn takes_a_list_out(town: &Town, zhang: &Person) {
    let preview = zhang.get("/api/exports/preview?what=cases&purpose=outbreak_response").await.ok();
    let about = preview["about"].as_str().expect("what is agreed to");
    let (export, ask) = (fresh("export"), agreed(town, zhang, "export_identities", about, TAIGU).await);
    let form = json!({
        "id": fresh("change"), "export": export, "ask": ask, "reason": SECRETS[16], "what": "cases",
        "purpose": "outbreak_response", "filter": {},
    });
    zhang.post("/api/exports", form).await.ok();
    let file = zhang.post(&format!("/api/exports/{export}/file"), json!({})).await;
    assert!(file.text.contains(SECRETS[1]), "the list has the names that nothing else may have");
}

async fn erases_and_holds(town: &Town, event: &str, subject: &str) {
    let officer = town.person("data_officer", TAIGU).await;
    let ask = agreed(town, &officer, "erase_people", subject, TAIGU).await;
    let form =
        json!({ "id": fresh("change"), "erasure": fresh("erasure"), "subjects": [subject], "ask": ask });
    officer.post("/api/erasures", form).await.ok();
    officer.change("set-hold", json!({ "event": event, "held": true, "reason": SECRETS[18] })).await.ok();
}

/// Requests that fail, with names where none belong: neither kept nor repeated.
async fn asks_wrongly(zhang: &Person) {
    let mut case = scenes::covid_case(TAIGU, "W1");
    case["sex"] = json!(SECRETS[0]);
    let mut late = scenes::covid_case(TAIGU, "W2");
    late["identity"] = json!({ "name": SECRETS[0], "nickname": SECRETS[10] });
    let mut elsewhere = scenes::covid_case("15/1501", "W3");
    elsewhere["identity"] = json!({ "name": SECRETS[0] });
    let mut place = scenes::covid_case(TAIGU, "W4");
    place["territory"] = json!(SECRETS[17]);
    let mut refusals: Vec<(u16, String)> = Vec::new();
    for wrong in [case, late, elsewhere, place, json!(SECRETS[0]), json!([SECRETS[10]])] {
        let mut wrong = wrong;
        if wrong.is_object() {
            wrong["id"] = json!(fresh("change"));
        }
        let answer = zhang.post("/api/changes/report-case", wrong).await;
        refusals.push((answer.status, answer.text));
    }
    let garbled = format!("{{\"case\": \"{}", SECRETS[0]).into_bytes();
    let answer = zhang.ask(axum::http::Method::POST, "/api/changes/report-case", garbled).await;
    refusals.push((answer.status, answer.text));
    let unknown = zhang.get(&format!("/api/cases/{}", SECRETS[0].replace(' ', "%20"))).await;
    refusals.push((unknown.status, unknown.text));
    let traces = Traces::of(SECRETS);
    for (status, text) in refusals {
        assert!((400..500).contains(&status), "{status}: {text}");
        let found = traces.found_in(text.as_bytes());
        assert!(found.is_empty(), "a refusal repeats {found:?}: {text}");
    }
}

async fn a_refusal_repeats_nobodys_name(town: &mut Town) {
    let zhang = town.person("epidemiologist", TAIGU).await;
    asks_wrongly(&zhang).await;
}

/// Twice, with a change, a row that fails and one that stands for two people: all of it comes back in reports.
///
/// Known quirk: the text of a place that no region pack knows stays open, because maps and lists show it; whoever writes a
/// home address into the column of counties has it shown. Addresses in a column of addresses are sealed.
async fn imports_a_list(zhang: &Person) {
    let header = "case_no,name,id number,phone,address,sex,age,onset date,county,note\n";
    let row = |number: &str, day: &str| {
        format!(
            "{number},{},{},{},{},female,41,{day},太谷区,{}\n",
            SECRETS[1], SECRETS[3], SECRETS[5], SECRETS[6], SECRETS[7]
        )
    };
    let first = format!("{header}{}{}", row("L1", "2022-02-11"), row("L2", "31 February 2022"));
    zhang.imports("list.csv", &first).await;
    let revised = format!(
        "{header}{}{}",
        row("L1", "2022-02-12").replace("太谷区", "Nowhere County"),
        row("L1", "2022-02-10").replace("41", "67")
    );
    zhang.imports("list-2.csv", &revised).await;
}

fn finds_nothing(town: &Town) {
    let traces = Traces::of(SECRETS);
    let values = town.disk.every_value();
    assert!(values.iter().any(|(table, _)| table == "journal"), "the tables were read");
    for (table, value) in &values {
        let found = traces.found_in(value.as_bytes());
        assert!(found.is_empty(), "{found:?} lies open in {table}: {value}");
    }
    let mut read = 0;
    for (file, bytes) in town.disk.raw_files() {
        read += bytes.len();
        let found = traces.found_in(&bytes);
        assert!(found.is_empty(), "{found:?} lies open in {}", file.display());
    }
    assert!(read > 50_000, "the files were read: {read} bytes");
}
