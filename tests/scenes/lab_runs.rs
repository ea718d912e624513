//! A laboratory's night: plates, curves, two readers, one report; and what it means for the people behind a signal.

use crate::lab_tubes::{Screening, screening};
use axum::http::Method;
use scenes::{JINZHONG, Person, TAIGU, Town, XIAODIAN, both, fresh};
use serde_json::{Value, json};

both!(
    a_run_with_a_signal_is_read_by_two_and_its_people_are_sampled_again,
    nobody_is_freed_by_anothers_swab_and_no_signal_is_called_away,
    nothing_is_reported_that_was_not_measured,
    one_tube_stands_in_one_well,
    an_instruments_file_is_taken_over_and_one_of_another_plate_is_not,
    names_of_people_held_are_opened_on_record_and_shut_when_they_are_free,
    a_positive_opens_the_negatives_before_it,
    a_round_adds_up_or_says_what_does_not,
    a_label_printed_twice_stands_in_the_books,
);

impl Screening {
    pub async fn receives(&self, tubes: &[&str]) {
        let fields = json!({ "laboratory": self.laboratory, "tubes": tubes });
        self.lab.change("receive-tubes", fields).await.ok();
    }

    /// Tubes down the first columns, the three controls in the last wells.
    pub async fn plates(&self, tubes: &[&str]) -> String {
        let run = fresh("run");
        self.lab.change("fill-plate", self.plate(&run, tubes)).await.ok();
        run
    }

    pub fn plate(&self, run: &str, tubes: &[&str]) -> Value {
        let place = |number: usize| format!("{}{}", char::from(b'A' + (number % 8) as u8), number / 8 + 1);
        let mut wells: Vec<Value> =
            tubes.iter().enumerate().map(|(at, tube)| json!({ "well": place(at), "tube": tube })).collect();
        for (well, control) in [("F12", "positive"), ("G12", "negative"), ("H12", "extraction")] {
            wells.push(json!({ "well": well, "control": control }));
        }
        json!({
            "run": run, "laboratory": self.laboratory, "assay": "cn-sars-cov-2", "format": "96", "wells": wells,
        })
    }

    /// What the instrument says: controls as they should be, silence in `silent` wells, and `loud` ones.
    pub async fn reads(&self, run: &str, silent: &[&str], loud: &[(&str, f64)]) -> Value {
        let mut cycles: Vec<Value> = Vec::new();
        let mut well = |well: &str, ct: Option<f64>, internal: Option<f64>| {
            for (target, ct) in [("ORF1ab", ct), ("N", ct), ("IC", internal)] {
                cycles.push(json!({ "well": well, "target": target, "ct": ct }));
            }
        };
        well("F12", Some(30.0), Some(27.0));
        well("G12", None, None);
        well("H12", None, None);
        silent.iter().for_each(|name| well(name, None, Some(26.0)));
        loud.iter().for_each(|(name, ct)| well(name, Some(*ct), Some(26.0)));
        let fields = json!({ "run": run, "file": "night.csv", "cycles": cycles });
        self.lab.change("read-run", fields).await.ok()["out"].clone()
    }

    pub async fn colleague(&self, town: &Town) -> Person {
        town.person("laboratory", JINZHONG).await
    }
}

/// A pool of ten with a signal, called by two people and reported.
pub async fn a_positive_pool(town: &Town, day: &Screening) -> Person {
    day.sends(&[day.tube("SX-0001", 0, 10), day.tube("SX-0002", 10, 10)]).await;
    day.receives(&["SX-0001", "SX-0002"]).await;
    let run = day.plates(&["SX-0001", "SX-0002"]).await;
    day.reads(&run, &["A1"], &[("B1", 31.0)]).await;
    let colleague = day.colleague(town).await;
    colleague.change("call-well", json!({ "run": run, "well": "B1", "call": "positive" })).await.ok();
    let told = day.lab.change("report-run", json!({ "run": run })).await.ok()["out"].clone();
    assert_eq!((&told["held"], &told["tubes"]["negative"]), (&json!(10), &json!(1)));
    colleague
}

/// Somebody of that tube, alone.
pub fn alone(day: &Screening, barcode: &str, again: (&str, usize), person: usize) -> Value {
    let mut tube = day.tube(barcode, person, 1);
    tube["size"] = json!(1);
    tube["again"] = json!(format!("{}/{}", again.0, again.1));
    tube
}

async fn a_run_with_a_signal_is_read_by_two_and_its_people_are_sampled_again(town: &mut Town) {
    let day = screening(town).await;
    let colleague = a_positive_pool(town, &day).await;
    let holds = day.sampler.get("/api/lab/holds").await.ok();
    assert_eq!((&holds["count"], &holds["rows"][0]["state"]), (&json!(10), &json!("held")));
    day.sampler.change("tell-hold", json!({ "tube": "SX-0002", "position": 1 })).await.ok();
    day.sends(&[
        alone(&day, "SX-0101", ("SX-0002", 1), 10),
        alone(&day, "SX-0102", ("SX-0002", 2), 11),
        alone(&day, "SX-0103", ("SX-0002", 3), 12),
    ])
    .await;
    day.receives(&["SX-0101", "SX-0102", "SX-0103"]).await;
    let run = day.plates(&["SX-0101", "SX-0102", "SX-0103"]).await;
    let told = day.reads(&run, &["A1"], &[("B1", 28.0), ("C1", 38.5)]).await;
    assert_eq!((&told["negative"], &told["positive"], &told["grey"]), (&json!(1), &json!(1), &json!(1)));
    for (well, call) in [("B1", "positive"), ("C1", "grey")] {
        colleague.change("call-well", json!({ "run": run, "well": well, "call": call })).await.ok();
    }
    day.lab.change("report-run", json!({ "run": run })).await.ok();
    let holds = day.sampler.get("/api/lab/holds").await.ok();
    assert_eq!(holds["count"], 8, "one is free, one is a case, one is neither and is sampled once more");
    let ended = day.sampler.get("/api/lab/holds?state=ended").await.ok();
    let states: Vec<(&Value, &Value)> =
        ended["rows"].as_array().unwrap().iter().map(|row| (&row["position"], &row["state"])).collect();
    assert_eq!(states, [(&json!(1), &json!("released")), (&json!(2), &json!("confirmed"))]);
    let board = day.zhang.get(&format!("/api/lab/rounds/{}", day.round)).await.ok();
    assert_eq!((&board["progress"]["reported"], &board["progress"]["positive"]), (&json!(5), &json!(2)));
    assert_eq!(board["held"], 8);
    let neighbour = town.person("field", XIAODIAN).await;
    assert_eq!(neighbour.get("/api/lab/holds").await.ok()["count"], 0);
}

async fn nobody_is_freed_by_anothers_swab_and_no_signal_is_called_away(town: &mut Town) {
    let day = screening(town).await;
    let colleague = a_positive_pool(town, &day).await;
    // Person 500 comes in the place of person 10; and a tube of ten says that it is the second swab of person 11.
    let mut pool = day.tube("SX-0102", 600, 10);
    pool["again"] = json!("SX-0002/2");
    day.sends(&[alone(&day, "SX-0101", ("SX-0002", 1), 500), pool]).await;
    day.receives(&["SX-0101", "SX-0102"]).await;
    let run = day.plates(&["SX-0101", "SX-0102"]).await;
    day.reads(&run, &["A1"], &[("B1", 29.0)]).await;
    colleague.change("call-well", json!({ "run": run, "well": "B1", "call": "positive" })).await.ok();
    let told = day.lab.change("report-run", json!({ "run": run })).await.ok()["out"].clone();
    assert_eq!(told["held"], 10, "the ten of the tube are held, whatever it says of itself");
    let holds = day.sampler.get("/api/lab/holds").await.ok();
    assert_eq!(holds["count"], 20, "and the ten before them still are");
}

async fn nothing_is_reported_that_was_not_measured(town: &mut Town) {
    let day = screening(town).await;
    day.sends(&[day.tube("SX-0001", 0, 10), day.tube("SX-0002", 10, 10)]).await;
    day.receives(&["SX-0001", "SX-0002"]).await;
    let run = day.plates(&["SX-0001", "SX-0002"]).await;
    let refused = async |why: &str| {
        let told = day.lab.change("report-run", json!({ "run": run })).await.json();
        assert_eq!(told["code"], "lab.not_ready", "{told}");
        assert!(told["en"].as_str().unwrap().contains(why), "{told}");
        assert!(told["zh"].as_str().unwrap().contains('；'), "{told}");
    };
    refused("has not been called").await;
    day.reads(&run, &["A1"], &[]).await;
    refused("SX-0002 in B1 has not been called").await;
    day.reads(&run, &["A1"], &[("B1", 30.0)]).await;
    refused("a second person must read it").await;
    let own = day.lab.change("call-well", json!({ "run": run, "well": "B1", "call": "positive" })).await.ok();
    assert_eq!(own["out"], "first", "the first reader is nobody's second");
    refused("a second person must read it").await;
    let colleague = day.colleague(town).await;
    colleague.change("call-well", json!({ "run": run, "well": "B1", "call": "negative" })).await.ok();
    refused("was read positive and negative").await;
    day.lab.change("call-well", json!({ "run": run, "well": "B1", "call": "negative" })).await.ok();
    colleague.change("call-well", json!({ "run": run, "well": "B1", "call": "negative" })).await.ok();
    refused("its cycles say positive").await;
    let page = day.lab.get(&format!("/api/lab/runs/{run}")).await.ok();
    assert_eq!((&page["ready"], &page["first_reader"]), (&json!(false), &json!(true)));
    assert!(page["reasons"][0]["zh"].as_str().unwrap().contains("SX-0002"), "{page}");
    day.lab.change("void-run", json!({ "run": run, "reason": "the plate fell" })).await.ok();
    let bench = day.lab.get(&format!("/api/lab/bench?laboratory={}", day.laboratory)).await.ok();
    assert_eq!(bench["waiting_count"], 2, "the tubes lie on the bench again");
    let told = day.lab.change("report-run", json!({ "run": run })).await.json();
    assert_eq!(told["code"], "lab.run_void");
}

async fn an_instruments_file_is_taken_over_and_one_of_another_plate_is_not(town: &mut Town) {
    let day = screening(town).await;
    day.sends(&[day.tube("SX-0001", 0, 10), day.tube("SX-0002", 10, 10)]).await;
    day.receives(&["SX-0001", "SX-0002"]).await;
    let run = day.plates(&["SX-0001", "SX-0002"]).await;
    let path = format!("/api/lab/runs/{run}/file?name=night.csv");
    let file = |a1: &str, b1: &str| {
        let mut text = "Well,Sample Name,Target Name,CT\n".to_owned();
        let mut row = |well: &str, sample: &str, ct: &str, internal: &str| {
            for (target, ct) in [("ORF1ab", ct), ("N", ct), ("IC", internal)] {
                text.push_str(&format!("{well},{sample},{target},{ct}\n"));
            }
        };
        row("A1", a1, "Undetermined", "26.1");
        row("B1", b1, "31.4", "25.9");
        row("C1", "", "Undetermined", "Undetermined");
        row("F12", "PC", "30.0", "27.0");
        row("G12", "NC", "Undetermined", "Undetermined");
        row("H12", "BLANK", "Undetermined", "Undetermined");
        text.into_bytes()
    };
    let swapped = day.lab.ask(Method::POST, &path, file("SX-0002", "SX-0001")).await;
    assert_eq!((swapped.status, &swapped.json()["code"]), (422, &json!("lab.swapped")));
    let broken = day.lab.ask(Method::POST, &path, b"no wells here".to_vec()).await;
    assert_eq!((broken.status, &broken.json()["code"]), (422, &json!("lab.file")));
    let told = day.lab.ask(Method::POST, &path, file("SX-0001", "SX-0002")).await.ok();
    assert_eq!((&told["out"]["negative"], &told["out"]["positive"]), (&json!(1), &json!(1)), "{told}");
    let page = day.lab.get(&format!("/api/lab/runs/{run}")).await.ok();
    assert_eq!((&page["file"], &page["state"]), (&json!("night.csv"), &json!("read")));
}

async fn one_tube_stands_in_one_well(town: &mut Town) {
    let day = screening(town).await;
    day.sends(&[day.tube("SX-0001", 0, 10), day.tube("SX-0002", 10, 10), day.tube("SX-0003", 20, 10)]).await;
    day.receives(&["SX-0001", "SX-0002"]).await;
    let refused = async |plate: Value, code: &str, why: &str| {
        let told = day.lab.change("fill-plate", plate).await.json();
        assert_eq!(told["code"], code, "{told}");
        assert!(told["en"].as_str().unwrap().contains(why), "{told}");
    };
    let mut mixed = day.plate(&fresh("run"), &["SX-0001", "SX-0002"]);
    mixed["wells"][1]["well"] = json!("A01");
    refused(mixed, "lab.plate", "A1 is filled twice").await;
    refused(day.plate(&fresh("run"), &["SX-0001", "SX-0001"]), "lab.plate", "more than one well").await;
    let mut bare = day.plate(&fresh("run"), &["SX-0001"]);
    bare["wells"].as_array_mut().unwrap().truncate(1);
    refused(bare, "lab.plate", "no positive control").await;
    refused(day.plate(&fresh("run"), &["SX-0003"]), "lab.not_on_bench", "was not received here").await;
    refused(day.plate(&fresh("run"), &["SX-0099"]), "lab.not_on_bench", "never registered").await;
    day.plates(&["SX-0001"]).await;
    refused(day.plate(&fresh("run"), &["SX-0001"]), "lab.not_on_bench", "stands on a plate already").await;
    let manager = day.zhang.change("fill-plate", day.plate(&fresh("run"), &["SX-0002"])).await;
    assert_eq!(manager.status, 403, "whoever decides what is clean reports no results");
}

async fn names_of_people_held_are_opened_on_record_and_shut_when_they_are_free(town: &mut Town) {
    let day = screening(town).await;
    a_positive_pool(town, &day).await;
    let form =
        |purpose: &str| json!({ "tube": "SX-0002", "purpose": purpose, "reason": "to call them back" });
    assert_eq!(day.lab.post("/api/lab/holds/names", form("laboratory_work")).await.status, 403);
    let wrong = day.sampler.post("/api/lab/holds/names", form("laboratory_work")).await.json();
    assert_eq!(wrong["code"], "people.purpose");
    let told = day.sampler.post("/api/lab/holds/names", form("follow_up")).await.ok();
    assert_eq!(told["people"].as_array().unwrap().len(), 10);
    assert_eq!(told["people"][0]["name"], "Person 10");
    let of_negative = json!({ "tube": "SX-0001", "purpose": "follow_up", "reason": "curious" });
    assert_eq!(day.sampler.post("/api/lab/holds/names", of_negative).await.status, 404);
    let auditor = town.person("auditor", TAIGU).await;
    let rows = auditor.get("/api/journal?change=open%20held").await.ok();
    assert_eq!(rows["rows"].as_array().unwrap().len(), 1, "one opening, one row: {rows}");
    assert!(!rows.to_string().contains("Person 1"), "and no name in it");
}

async fn a_positive_opens_the_negatives_before_it(town: &mut Town) {
    let day = screening(town).await;
    a_positive_pool(town, &day).await;
    // Person 3 was negative in the first tube, and is sampled again a day later.
    town.hours_pass(24);
    let day = Screening {
        sampler: town.back(&day.sampler).await,
        zhang: town.back(&day.zhang).await,
        now: town.house.now().0,
        ..day
    };
    let mut later = day.tube("SX-0301", 3, 1);
    later["size"] = json!(1);
    day.sends(&[later]).await;
    let house = town.house.clone();
    tokio::task::spawn_blocking(move || rooms::lab::index_now(&house).unwrap()).await.unwrap();
    let told = day.zhang.get("/api/lab/look-back?tube=SX-0301&position=1").await.ok();
    let rows = told["rows"].as_array().unwrap();
    assert_eq!(rows.len(), 1, "{told}");
    assert_eq!((&rows[0]["tube"], &rows[0]["result"]), (&json!("SX-0001"), &json!("negative")));
    assert_eq!(
        (&rows[0]["laboratory_name"], &rows[0]["file"]),
        (&json!("Jinzhong laboratory"), &json!("night.csv"))
    );
}

async fn a_round_adds_up_or_says_what_does_not(town: &mut Town) {
    let day = screening(town).await;
    a_positive_pool(town, &day).await;
    let path = format!("/api/lab/rounds/{}/reconcile", day.round);
    let even = day.zhang.get(&path).await.ok();
    assert_eq!((&even["is_even"], &even["differences"]), (&json!(true), &json!([])), "{even}");
    // One is lost on the way, one arrives that nobody registered, one box was counted short.
    day.sends(&[day.tube("SX-0003", 20, 10), day.tube("SX-0004", 30, 10)]).await;
    let fields =
        json!({ "box": "BOX-0001", "post": day.post, "tubes": ["SX-0003", "SX-0004"], "packed": day.now });
    day.sampler.change("pack-box", fields).await.ok();
    let fields = json!({ "box": "BOX-0001", "at": day.now, "count": 1, "courier": "Old Li" });
    day.sampler.change("hand-over-box", fields).await.ok();
    let fields = json!({ "laboratory": day.laboratory, "box": "BOX-0001", "tubes": ["SX-0003", "SX-0999"] });
    day.lab.change("receive-tubes", fields).await.ok();
    town.hours_pass(30);
    let zhang = town.back(&day.zhang).await;
    let told = zhang.get(&path).await.ok();
    let kinds: Vec<(&str, &Value)> = told["differences"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| (one["kind"].as_str().unwrap(), &one["tubes"]))
        .collect();
    assert!(kinds.contains(&("unregistered", &json!(["SX-0999"]))), "{told}");
    assert!(
        kinds.iter().any(|(kind, tubes)| *kind == "lost" && tubes.to_string().contains("SX-0004")),
        "{told}"
    );
    assert!(
        kinds.iter().any(|(kind, tubes)| *kind == "lost" && tubes.to_string().contains("SX-0003")),
        "{told}"
    );
    assert_eq!(told["is_even"], false);
}

async fn a_label_printed_twice_stands_in_the_books(town: &mut Town) {
    let day = screening(town).await;
    let school = day.post.clone();
    let market = fresh("post");
    let fields = json!({
        "post": market, "campaign": day.campaign, "territory": TAIGU, "name": "Market", "desks": 1, "pool_size": 10,
    });
    day.zhang.change("open-post", fields).await.ok();
    day.sends(&[day.tube("SX-0001", 0, 4), day.tube("SX-0002", 20, 4)]).await;
    let mut twin = day.tube("SX-0001", 10, 4);
    twin["post"] = json!(market);
    let answers = day.sends(&[twin]).await;
    let conflicts = answers[0]["out"]["conflicts"].as_array().unwrap();
    assert!(conflicts.contains(&json!({ "position": 0, "why": "two_posts", "post": market })), "{answers:?}");
    let told = day.zhang.get(&format!("/api/lab/rounds/{}/reconcile", day.round)).await.ok();
    let differences = told["differences"].as_array().unwrap();
    assert_eq!(differences.len(), 1, "{told}");
    assert_eq!(
        (&differences[0]["kind"], &differences[0]["how"]["how"], &differences[0]["tubes"]),
        (&json!("double"), &json!("two_registrations"), &json!(["SX-0001"]))
    );
    assert_eq!(differences[0]["post"], json!(school), "{told}");
}
