//! Whoever holds the disk reads no name: everything that tells who somebody is lies sealed, in every table and in the
//! files themselves. Checked after a whole story with people in it.

use scenes::{TAIGU, Town, both};
use serde_json::json;

both!(nobodys_name_lies_open_on_the_disk);

/// Invented, and unlike anything else in the database.
const SECRETS: [&str; 13] = [
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
    let ask = json!({ "purpose": "outbreak_response", "reason": "to call the household" });
    let opened = zhang.post(&format!("/api/subjects/{}/open", known.subject), ask).await.ok();
    assert_eq!(opened["name"], SECRETS[1]);
    finds_nothing(town);
}

/// Twice, with a change, a row that fails and one that stands for two people: all of it comes back in reports.
///
/// Known quirk: the text of a place that no region pack knows stays open, because maps and lists show it; whoever writes a
/// home address into the column of counties has it shown. Addresses in a column of addresses are sealed.
async fn imports_a_list(zhang: &scenes::Person) {
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
    let values = town.disk.every_value();
    assert!(values.iter().any(|(table, _)| table == "journal"), "the tables were read");
    for secret in SECRETS {
        for (table, value) in &values {
            assert!(!value.contains(secret), "`{secret}` lies open in {table}: {value}");
        }
        for (file, bytes) in town.disk.raw_files() {
            let found = bytes.windows(secret.len()).any(|part| part == secret.as_bytes());
            assert!(!found, "`{secret}` lies open in {}", file.display());
        }
    }
}
