//! Paper lists typed in later: the same tube as a telephone's, who typed apart from who sampled, times as written, and a list in a
//! spreadsheet looked at row by row.

use crate::lab_tubes::{Screening, screening};
use axum::http::Method;
use scenes::{Town, both, fresh};
use serde_json::{Value, json};

both!(
    a_list_typed_in_later_gives_its_lines_their_names,
    a_list_that_says_otherwise_than_the_telephone_is_kept_with_its_conflict,
    a_list_of_a_round_that_is_over_belongs_to_its_day,
    somebody_on_a_list_who_was_sampled_that_day_already_is_noticed,
    a_list_in_a_spreadsheet_is_read_row_by_row_and_nothing_is_kept,
);

const SHEET: &str = "A7";
const MINUTE: i64 = 60_000;

/// A tube of a sheet, its lines numbered from `first`; `named` of people whose numbers are those of `Screening::tube`.
fn from_sheet(day: &Screening, barcode: &str, first: usize, people: usize, named: bool) -> Value {
    let mut tube = day.tube(barcode, first, people);
    for (place, member) in tube["members"].as_array_mut().unwrap().iter_mut().enumerate() {
        member["way"] = json!("paper");
        member["sheet"] = json!(format!("{SHEET}/{}", first + place + 1));
        if !named {
            (member["name"], member["number"], member["document"]) = (json!(""), json!(""), json!("none"));
            member["phone"] = json!("");
        }
    }
    tube
}

fn typed(day: &Screening, barcode: &str, first: usize, people: usize) -> Value {
    let mut tube = from_sheet(day, barcode, first, people, true);
    tube["paper"] = json!({ "sampler": "Nurse Zhou, 0412" });
    tube
}

async fn typist(town: &Town) -> scenes::Person {
    town.person("field", scenes::TAIGU).await
}

async fn a_list_typed_in_later_gives_its_lines_their_names(town: &mut Town) {
    let day = screening(town).await;
    day.sends(&[from_sheet(&day, "SX-0001", 0, 5, false)]).await;
    let wu = typist(town).await;
    let list = typed(&day, "SX-0001", 0, 5);
    let told = wu.post("/api/changes/register-tube", list.clone()).await.ok()["out"].clone();
    assert_eq!((&told["people"], &told["conflicts"]), (&json!(5), &json!([])), "five lines are five people");
    assert_eq!(
        wu.post("/api/changes/register-tube", list).await.ok()["out"],
        told,
        "sent twice is typed once"
    );
    let tube = day.sampler.get("/api/lab/tubes/SX-0001").await.ok();
    assert_eq!(tube["people"].as_array().unwrap().len(), 5);
    let paper = &tube["papers"][0];
    assert_eq!(
        (&paper["sampler"], &tube["papers"].as_array().unwrap().len()),
        (&json!("Nurse Zhou, 0412"), &1)
    );
    assert_eq!(paper["typed_by"], json!(wu.account), "who typed is not who sampled");
    assert!(!tube.to_string().contains("Person"), "a tube names nobody: {tube}");
    let board = day.zhang.get(&format!("/api/lab/rounds/{}", day.round)).await.ok();
    assert_eq!(board["progress"]["people"], 5, "nobody is counted twice");
    // The names open where the people are held, as those of any other tube do.
    day.receives(&["SX-0001"]).await;
    let run = day.plates(&["SX-0001"]).await;
    day.reads(&run, &[], &[("A1", 30.0)]).await;
    let colleague = town.person("laboratory", scenes::JINZHONG).await;
    colleague.change("call-well", json!({ "run": run, "well": "A1", "call": "positive" })).await.ok();
    day.lab.change("report-run", json!({ "run": run })).await.ok();
    let form = json!({ "tube": "SX-0001", "purpose": "follow_up", "reason": "to call them back" });
    let named = day.sampler.post("/api/lab/holds/names", form).await.ok();
    let names: Vec<&str> =
        named["people"].as_array().unwrap().iter().map(|one| one["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["Person 0", "Person 1", "Person 2", "Person 3", "Person 4"]);
    // A telephone that comes back last, with the bare lines, changes nothing.
    let late = day.sends(&[from_sheet(&day, "SX-0001", 0, 5, false)]).await;
    assert_eq!(
        (&late[0]["out"]["people"], &late[0]["out"]["conflicts"]),
        (&json!(5), &json!([])),
        "{late:?}"
    );
}

async fn a_list_that_says_otherwise_than_the_telephone_is_kept_with_its_conflict(town: &mut Town) {
    let day = screening(town).await;
    // The telephone read three cards; the sheet has the second and the third the other way round, and one more.
    day.sends(&[day.tube("SX-0001", 0, 3)]).await;
    let mut list = typed(&day, "SX-0001", 0, 4);
    (list["members"][1]["position"], list["members"][2]["position"]) = (json!(3), json!(2));
    for member in list["members"].as_array_mut().unwrap() {
        member["at"] = json!(member["at"].as_i64().unwrap() + 7 * MINUTE);
    }
    let told = day.sampler.post("/api/changes/register-tube", list).await.ok()["out"].clone();
    assert_eq!(told["people"], 4);
    let why: Vec<&str> =
        told["conflicts"].as_array().unwrap().iter().map(|one| one["why"].as_str().unwrap()).collect();
    assert!(why.contains(&"two_positions"), "{told}");
    assert!(
        !why.contains(&"two_moments"),
        "a sheet has one time for a tube: minutes are no conflict: {told}"
    );
    let shown = day.sampler.get("/api/lab/tubes/SX-0001").await.ok();
    let kept = shown["conflicts"].to_string();
    assert!(kept.contains("two_positions"), "what does not agree stays with the tube: {kept}");
    let full = day.sampler.post("/api/changes/register-tube", typed(&day, "SX-0001", 40, 7)).await;
    full.refused(422, "lab.barcode_used");
    let mut nobody = typed(&day, "SX-0002", 0, 2);
    nobody["paper"] = json!({ "sampler": " " });
    assert_eq!(day.sampler.post("/api/changes/register-tube", nobody).await.json()["field"], "paper.sampler");
}

async fn a_list_of_a_round_that_is_over_belongs_to_its_day(town: &mut Town) {
    let day = screening(town).await;
    day.zhang.change("end-round", json!({ "round": day.round })).await.ok();
    day.zhang.change("close-post", json!({ "post": day.post })).await.ok();
    assert_eq!(day.sampler.get("/api/lab/posts").await.ok()["posts"], json!([]));
    let late = day.sampler.get("/api/lab/posts?late=true").await.ok();
    assert_eq!((&late["posts"][0]["id"], &late["posts"][0]["round"]), (&json!(day.post), &json!(day.round)));
    let list = typed(&day, "SX-0001", 0, 3);
    day.sampler.post("/api/changes/register-tube", list.clone()).await.ok();
    let tube = day.sampler.get("/api/lab/tubes/SX-0001").await.ok();
    assert_eq!(
        (&tube["sampled"], &tube["closed"]),
        (&list["sampled"], &list["closed"]),
        "as the sheet has it"
    );
    assert_eq!(tube["round"], json!(day.round));
    let mut ahead = typed(&day, "SX-0002", 10, 3);
    ahead["closed"] = json!(day.now + 5 * MINUTE);
    let refused = day.sampler.post("/api/changes/register-tube", ahead).await;
    refused.refused(422, "lab.paper_future");
}

async fn somebody_on_a_list_who_was_sampled_that_day_already_is_noticed(town: &mut Town) {
    town.by_day();
    let day = screening(town).await;
    day.sends(&[day.tube("SX-0001", 0, 5)]).await;
    let house = town.house.clone();
    tokio::task::spawn_blocking(move || rooms::lab::index_now(&house).unwrap()).await.unwrap();
    let told = day.sampler.post("/api/changes/register-tube", typed(&day, "SX-0002", 3, 4)).await.ok();
    assert_eq!(told["out"]["same_day"], json!([1, 2]), "persons 3 and 4 were in the first tube");
    let own = day.sampler.post("/api/changes/register-tube", typed(&day, "SX-0003", 20, 4)).await.ok();
    assert_eq!(own["out"]["same_day"], Value::Null);
    // A moment ago is known as well, although the index is laid down later: the same list has them twice.
    let twice = day.sampler.post("/api/changes/register-tube", typed(&day, "SX-0004", 22, 3)).await.ok();
    assert_eq!(twice["out"]["same_day"], json!([1, 2]), "persons 22 and 23 were in the third");
}

async fn a_list_in_a_spreadsheet_is_read_row_by_row_and_nothing_is_kept(town: &mut Town) {
    let day = screening(town).await;
    let when = "2022-02-19 08:10";
    let file = format!(
        "采样管,采样时间,姓名,证件类型,证件号码,电话,名单编号,序号\n\
         sx-0001,{when},甲,身份证,140726199001010000,13900000000,A7,1\n\
         SX-0001,{when},乙,护照,E12345678,,A7,2\n\
         SX-0001,昨天,丙,,,,A7,3\n"
    );
    let before = tokio::task::block_in_place(|| town.house.db.read_now(store::last_row)).unwrap();
    let path = "/api/lab/paper-list?name=list.csv";
    let read = day.sampler.ask(Method::POST, path, file.clone().into_bytes()).await.ok();
    assert_eq!((&read["read"], &read["rows"].as_array().unwrap().len()), (&json!(3), &2));
    assert_eq!(read["rows"][0]["sampled"], "2022-02-19T08:10", "as it is written");
    assert_eq!(
        (&read["refused"][0]["row"], &read["refused"][0]["field"], &read["refused"][0]["code"]),
        (&json!(4), &json!("sampled"), &json!("lab.list_time"))
    );
    let after = tokio::task::block_in_place(|| town.house.db.read_now(store::last_row)).unwrap();
    assert_eq!(before, after, "reading a list writes nothing");
    let other = day.sampler.ask(Method::POST, path, b"who,when\nAda,now\n".to_vec()).await;
    other.refused(422, "lab.list_columns");
    let auditor = town.person("auditor", scenes::TAIGU).await;
    assert_eq!(auditor.ask(Method::POST, path, file.into_bytes()).await.status, 403);
    // Everything of it goes through the same door as a telephone's tubes.
    let lines: String =
        [typed(&day, "SX-0001", 0, 2), typed(&day, &fresh("x").to_uppercase().replace('_', "-"), 5, 2)]
            .iter()
            .map(|tube| format!("{tube}\n"))
            .collect();
    let answer = day.sampler.ask(Method::POST, "/api/lab/tubes", lines.into_bytes()).await;
    assert_eq!(answer.text.matches("\"people\":2").count(), 2, "{}", answer.text);
}
