//! A department's file through the wizard: looked at, mapped, checked, applied, taken back. The people are invented.

use scenes::{Person, TAIGU, Town, YUCI, both};
use serde_json::{Value, json};

both!(
    a_file_is_looked_at_checked_applied_and_taken_back,
    a_check_writes_nothing,
    a_revised_list_says_exactly_what_changed,
    days_that_read_two_ways_are_asked_about,
    a_mapping_made_once_is_remembered,
    a_cancelled_import_leaves_nothing,
    a_row_outside_the_territory_fails_and_is_named,
    a_neighbours_list_is_not_rewritten_by_its_numbers,
    a_number_that_stands_for_two_people_is_told,
    a_formula_stays_text_in_what_leaves,
    an_import_is_its_makers_own,
    a_broken_file_is_refused_in_words,
);

const HEADER: &str = "case_no,name,phone,sex,age,onset date,report date,county,note\n";

/// Number, sex, age, onset day in February.
fn list(rows: &[(&str, &str, u32, u32)], county: &str) -> String {
    let mut text = HEADER.to_owned();
    for (number, sex, age, day) in rows {
        text.push_str(&format!(
            "{number},Invented {number},1380000{age:04},{sex},{age},2022-02-{day:02},2022-02-27,{county},a quiet day\n"
        ));
    }
    text
}

const SIX: [(&str, &str, u32, u32); 6] = [
    ("L1", "female", 31, 14),
    ("L2", "male", 42, 15),
    ("L3", "female", 53, 16),
    ("L4", "male", 64, 17),
    ("L5", "female", 25, 18),
    ("L6", "male", 36, 19),
];

fn adds_up(report: &Value) -> bool {
    let count = |name: &str| report[name].as_u64().expect(name);
    count("rows")
        == count("created") + count("updated") + count("unchanged") + count("skipped") + count("failed")
}

fn account(report: &Value) -> [u64; 5] {
    ["created", "updated", "unchanged", "skipped", "failed"].map(|name| report[name].as_u64().expect(name))
}

async fn case_numbers(person: &Person) -> Vec<String> {
    let rows = person.get("/api/cases?limit=500").await.ok()["rows"].clone();
    let mut numbers: Vec<String> =
        rows.as_array().unwrap().iter().map(|row| row["case_no"].as_str().unwrap().to_owned()).collect();
    numbers.sort();
    numbers
}

async fn a_file_is_looked_at_checked_applied_and_taken_back(town: &mut Town) {
    let zhang = town.person("epidemiologist", TAIGU).await;
    let before = zhang.reports(TAIGU, "C1").await;
    let import = zhang.uploads("list.csv", list(&SIX, "太谷区")).await;
    assert_eq!((&import["state"], &import["kind"]), (&json!("mapping"), &json!("cases")));
    assert_eq!(import["questions"], json!([]));
    let checked = zhang.runs_import(&import, "check").await;
    assert_eq!((&checked["state"], account(&checked["report"])), (&json!("checked"), [6, 0, 0, 0, 0]));
    let done = zhang.runs_import(&import, "apply").await;
    assert!(adds_up(&done["report"]) && account(&done["report"]) == [6, 0, 0, 0, 0], "{done}");
    assert_eq!(case_numbers(&zhang).await, ["C1", "L1", "L2", "L3", "L4", "L5", "L6"]);
    let id = import["id"].as_str().unwrap();
    let silent = zhang.post(&format!("/api/imports/{id}/undo"), json!({ "reason": "" })).await;
    silent.refused(422, "field.required");
    let undone =
        zhang.post(&format!("/api/imports/{id}/undo"), json!({ "reason": "the wrong file" })).await.ok();
    assert_eq!((&undone["state"], &undone["undone"]["removed"]), (&json!("undone"), &json!(6)));
    assert_eq!(case_numbers(&zhang).await, ["C1"]);
    zhang.get(&format!("/api/cases/{}", before.id)).await.ok();
    let again = zhang.post(&format!("/api/imports/{id}/undo"), json!({ "reason": "twice" })).await;
    again.refused(422, "import.undone");
    assert_eq!(town.journal_verdict().await["ok"], true);
}

async fn a_check_writes_nothing(town: &mut Town) {
    let zhang = town.person("epidemiologist", TAIGU).await;
    let import = zhang.uploads("list.csv", list(&SIX, "太谷区")).await;
    let before = town.journal_verdict().await["rows"].as_i64().unwrap();
    zhang.runs_import(&import, "check").await;
    assert_eq!(zhang.counts_cases().await, 0);
    // The auditor's own account and sign-in are the only rows since.
    assert_eq!(town.journal_verdict().await["rows"].as_i64().unwrap(), before + 2);
}

async fn a_revised_list_says_exactly_what_changed(town: &mut Town) {
    let zhang = town.person("epidemiologist", TAIGU).await;
    zhang.imports("list.csv", &list(&SIX, "太谷区")).await;
    let again = zhang.imports("list.csv", &list(&SIX, "太谷区")).await;
    assert_eq!(account(&again), [0, 0, 6, 0, 0]);
    let mut revised = SIX.to_vec();
    revised[1].3 = 12;
    revised[4].3 = 13;
    revised.push(("L7", "female", 71, 20));
    let report = zhang.imports("list-2.csv", &list(&revised, "太谷区")).await;
    assert_eq!(account(&report), [1, 2, 4, 0, 0], "{report}");
    let changed: Vec<&Value> =
        report["changes"].as_array().unwrap().iter().map(|change| &change["case_no"]).collect();
    assert_eq!(changed, [&json!("L2"), &json!("L5")]);
    assert_eq!(report["changes"][0]["fields"][0]["field"], "onset");
    assert_eq!(zhang.counts_cases().await, 7);
    // Taken back, the list is what it was before.
    let id = report["import"].as_str().unwrap();
    let undone = zhang.post(&format!("/api/imports/{id}/undo"), json!({ "reason": "too early" })).await.ok();
    assert_eq!((&undone["undone"]["removed"], &undone["undone"]["restored"]), (&json!(1), &json!(2)));
    let rows = zhang.get("/api/cases?q=L2").await.ok()["rows"].clone();
    assert_eq!(rows[0]["dates"]["onset"], "2022-02-15");
}

async fn days_that_read_two_ways_are_asked_about(town: &mut Town) {
    let zhang = town.person("epidemiologist", TAIGU).await;
    let text =
        "case_no,sex,age,onset date\nL1,female,31,03/04/2022\nL2,male,42,05/06/2022\nL3,male,43,01/02/2022\n";
    let import = zhang.uploads("days.csv", text).await;
    assert_eq!(import["questions"][0]["code"], "date.ambiguous");
    let id = import["id"].as_str().unwrap();
    zhang.post(&format!("/api/imports/{id}/apply"), json!({})).await.refused(422, "date.ambiguous");
    assert_eq!(zhang.counts_cases().await, 0, "never silently chosen");
    let columns = answered(&import, "onset", json!({ "date_format": "dmy" }));
    let mapped = zhang.put(&format!("/api/imports/{id}/mapping"), columns).await.ok();
    assert_eq!(mapped["questions"], json!([]));
    let done = zhang.runs_import(&import, "apply").await;
    assert_eq!(account(&done["report"]), [3, 0, 0, 0, 0]);
    let rows = zhang.get("/api/cases?q=L1").await.ok()["rows"].clone();
    assert_eq!(rows[0]["dates"]["onset"], "2022-04-03");
}

/// The mapping as the page sends it back, with one column's answer.
fn answered(import: &Value, field: &str, answer: Value) -> Value {
    let columns: Vec<Value> = import["columns"]
        .as_array()
        .unwrap()
        .iter()
        .map(|column| {
            let mut sent = json!({ "index": column["index"], "field": column["field"], "values": {} });
            if column["field"] == field {
                for (key, value) in answer.as_object().unwrap() {
                    sent[key] = value.clone();
                }
            }
            sent
        })
        .collect();
    json!({ "kind": import["kind"], "event": null, "columns": columns, "defaults": import["defaults"], "remember": true })
}

async fn a_mapping_made_once_is_remembered(town: &mut Town) {
    let zhang = town.person("epidemiologist", TAIGU).await;
    let text = |number: &str| format!("Kennung,Spalte B,Spalte C\n{number},female,2022-02-11\n");
    let import = zhang.uploads("own.csv", text("L1")).await;
    let mut columns = answered(&import, "nothing", json!({}));
    for (at, field) in ["case_no", "sex", "onset"].iter().enumerate() {
        columns["columns"][at]["field"] = json!(field);
    }
    columns["kind"] = json!("cases");
    let id = import["id"].as_str().unwrap();
    zhang.put(&format!("/api/imports/{id}/mapping"), columns).await.ok();
    let done = zhang.runs_import(&import, "apply").await;
    assert_eq!(account(&done["report"]), [1, 0, 0, 0, 0], "{done}");
    let next = zhang.uploads("own-2.csv", text("L2")).await;
    assert_eq!(next["recognised"], "remembered");
    let fields: Vec<&Value> =
        next["columns"].as_array().unwrap().iter().map(|column| &column["field"]).collect();
    assert_eq!(fields, [&json!("case_no"), &json!("sex"), &json!("onset")]);
}

async fn a_cancelled_import_leaves_nothing(town: &mut Town) {
    let zhang = town.person("epidemiologist", TAIGU).await;
    let import = zhang.uploads("list.csv", list(&SIX, "太谷区")).await;
    let id = import["id"].as_str().unwrap();
    let cancelled = zhang.post(&format!("/api/imports/{id}/cancel"), json!({})).await.ok();
    assert_eq!(cancelled["state"], "cancelled");
    zhang.post(&format!("/api/imports/{id}/apply"), json!({})).await.refused(422, "import.busy");
    assert_eq!(zhang.counts_cases().await, 0);
}

async fn a_row_outside_the_territory_fails_and_is_named(town: &mut Town) {
    let zhang = town.person("epidemiologist", TAIGU).await;
    let mut text = list(&SIX[..2], "太谷区");
    text.push_str(&list(&SIX[2..3], "榆次区").replace(HEADER, ""));
    text.push_str(&list(&SIX[3..4], "太谷区").replace(HEADER, ""));
    let report = zhang.imports("list.csv", &text).await;
    assert_eq!(account(&report), [3, 0, 0, 0, 1], "{report}");
    let problem = problem(&report, "territory.outside");
    assert_eq!((&problem["row"], &problem["value"]), (&json!(4), &json!(YUCI)));
    assert_eq!(case_numbers(&zhang).await, ["L1", "L2", "L4"]);
}

async fn a_neighbours_list_is_not_rewritten_by_its_numbers(town: &mut Town) {
    let taigu = town.person("epidemiologist", TAIGU).await;
    taigu.imports("list.csv", &list(&SIX, "太谷区")).await;
    let yuci = town.person("epidemiologist", YUCI).await;
    let mut stolen = SIX.to_vec();
    stolen.iter_mut().for_each(|row| row.3 += 1);
    let report = yuci.imports("list.csv", &list(&stolen, "榆次区")).await;
    assert_eq!(report["changes"], json!([]), "nothing of the neighbour's rows is told");
    assert_eq!(taigu.counts_cases().await, 6);
    let rows = taigu.get("/api/cases?q=L1").await.ok()["rows"].clone();
    assert_eq!((&rows[0]["territory"], &rows[0]["dates"]["onset"]), (&json!(TAIGU), &json!("2022-02-14")));
}

async fn a_number_that_stands_for_two_people_is_told(town: &mut Town) {
    let zhang = town.person("epidemiologist", TAIGU).await;
    let mut rows = SIX.to_vec();
    rows.push(("L2", "female", 7, 21));
    let report = zhang.imports("list.csv", &list(&rows, "太谷区")).await;
    assert_eq!(account(&report), [6, 0, 0, 0, 1], "{report}");
    let told = problem(&report, "case_no.duplicate");
    assert_eq!((&told["row"], &told["value"]), (&json!(8), &json!("L2")));
    assert!(told["message"].as_str().unwrap().contains("row 3"), "{told}");
}

async fn a_formula_stays_text_in_what_leaves(town: &mut Town) {
    let zhang = town.person("epidemiologist", TAIGU).await;
    let formula = "=HYPERLINK(\"\"http://127.0.0.1\"\")";
    let text =
        format!("case_no,sex,age,onset date\n\"{formula}\",female,31,2022-02-11\nL2,@who,42,2022-02-12\n");
    let import = zhang.uploads("formula.csv", text).await;
    zhang.runs_import(&import, "apply").await;
    let export = zhang.get("/api/export/cases.csv").await;
    assert!(export.text.contains("'=HYPERLINK("), "{}", export.text);
    let id = import["id"].as_str().unwrap();
    let report = zhang.get(&format!("/api/imports/{id}/report.csv")).await;
    let runs = |cell: &str| cell.trim_matches('"').starts_with(['=', '+', '-', '@']);
    assert!(!report.text.lines().flat_map(|line| line.split(',')).any(runs), "{}", report.text);
}

async fn an_import_is_its_makers_own(town: &mut Town) {
    let zhang = town.person("epidemiologist", TAIGU).await;
    let import = zhang.uploads("list.csv", list(&SIX, "太谷区")).await;
    let (id, yuci) = (import["id"].as_str().unwrap(), town.person("epidemiologist", YUCI).await);
    yuci.get(&format!("/api/imports/{id}")).await.refused(404, "record.missing");
    yuci.post(&format!("/api/imports/{id}/apply"), json!({})).await.refused(404, "record.missing");
    zhang.runs_import(&import, "apply").await;
    yuci.get(&format!("/api/imports/{id}")).await.refused(404, "record.missing");
    yuci.get(&format!("/api/imports/{id}/report.csv")).await.refused(404, "record.missing");
    let undo = yuci.post(&format!("/api/imports/{id}/undo"), json!({ "reason": "not mine" })).await;
    assert!(matches!(undo.status, 403 | 404), "{undo:?}");
    assert_eq!(zhang.counts_cases().await, 6);
}

async fn a_broken_file_is_refused_in_words(town: &mut Town) {
    let zhang = town.person("epidemiologist", TAIGU).await;
    let upload = |name: &'static str, bytes: Vec<u8>| {
        let zhang = &zhang;
        async move { zhang.ask(axum::http::Method::POST, &format!("/api/imports?name={name}"), bytes).await }
    };
    upload("empty.csv", Vec::new()).await.refused(422, "file.empty");
    let broken = upload("broken.xlsx", b"PK\x03\x04 and nothing more".to_vec()).await;
    assert_eq!(broken.status, 422, "{broken:?}");
    assert!(broken.json()["code"].as_str().unwrap().starts_with("file."), "{broken:?}");
}

fn problem(report: &Value, code: &str) -> Value {
    let problems = report["problems"].as_array().expect("problems");
    problems
        .iter()
        .find(|problem| problem["code"] == code)
        .unwrap_or_else(|| panic!("no {code} in {problems:#?}"))
        .clone()
}
