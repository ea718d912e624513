//! What is left of a tube when its time is over: places, hours and counts, and nobody.

use crate::lab_messages::{DETECTED, NOT_DETECTED, Told, told};
use crate::lab_runs::{a_positive_pool, alone};
use crate::lab_tubes::{Screening, screening};
use scenes::{TAIGU, Town, both};
use serde_json::{Value, json};
use store::{Query, Vault};

both!(
    names_of_a_tube_go_two_weeks_after_its_report_and_counts_stay,
    a_tube_that_was_never_reported_keeps_its_names_for_a_month,
    a_restored_backup_forgets_the_swabs_again_before_anybody_is_let_in,
    whom_a_told_result_is_about_goes_a_month_after_it_came,
);

async fn index(town: &Town) {
    let house = town.house.clone();
    tokio::task::spawn_blocking(move || rooms::lab::index_now(&house).unwrap()).await.unwrap();
}

/// The clocks as they run every hour; of how many tubes the names went.
fn clocks_run(town: &Town) -> usize {
    clock_runs(town, "screening_identity")
}

fn clock_runs(town: &Town, clock: &str) -> usize {
    let house = town.house.clone();
    let offset = house.places.utc_offset_minutes();
    tokio::task::block_in_place(|| {
        let ran = rooms::people::run_clocks(&house.db, house.today(), offset, house.now()).expect("they run");
        ran.into_iter().find(|ran| ran.clock == clock).expect("the clock").erased
    })
}

impl Screening {
    async fn days_later(self, town: &Town, days: i64) -> Screening {
        self.hours_later(town, 24 * days).await
    }

    /// The same people, signed in again.
    pub async fn hours_later(self, town: &Town, hours: i64) -> Screening {
        town.hours_pass(hours);
        Screening {
            sampler: town.back(&self.sampler).await,
            zhang: town.back(&self.zhang).await,
            lab: town.back(&self.lab).await,
            now: town.house.now().0,
            ..self
        }
    }

    async fn board(&self) -> Value {
        let board = self.zhang.get(&format!("/api/lab/rounds/{}", self.round)).await.ok();
        json!([board["progress"], board["zones"]])
    }
}

fn texts(town: &Town, sql: &'static str) -> Vec<String> {
    let read = || town.house.db.read_now(move |reader| reader.rows(sql, &[]));
    let rows = tokio::task::block_in_place(read).expect("asked");
    rows.iter().map(|row| row.text(0).expect("a text")).collect()
}

/// Whether the envelope that a tube's row in the journal carries still opens.
fn journal_opens(town: &Town, barcode: &str) -> bool {
    let rows = texts(town, "SELECT body FROM journal WHERE change = 'register tube' ORDER BY seq");
    let bodies = rows.iter().map(|body| serde_json::from_str::<Value>(body).expect("a row"));
    let body = bodies.into_iter().find(|body| body["tube"] == barcode).expect("its row");
    let of = |field: &str| body["envelope"][field].as_str().expect("an envelope").to_owned();
    let (owner, text) = (of("owner"), of("text"));
    let context = format!("lab_tube.sealed|{owner}");
    let read = || town.house.db.read_now(move |reader| Vault::key_of(reader, &owner));
    let key = tokio::task::block_in_place(read).expect("asked");
    key.is_some_and(|key| key.open::<Value>(&context, &text).is_ok())
}

/// Everybody of the held pool is sampled alone and is free.
async fn everybody_is_free(day: &Screening) {
    let barcodes: Vec<String> = (1..=10).map(|place| format!("SX-02{place:02}")).collect();
    let tubes: Vec<Value> =
        (1..=10).map(|place| alone(day, &barcodes[place - 1], ("SX-0002", place), 9 + place)).collect();
    day.sends(&tubes).await;
    let named: Vec<&str> = barcodes.iter().map(String::as_str).collect();
    day.receives(&named).await;
    let run = day.plates(&named).await;
    let wells = ["A1", "B1", "C1", "D1", "E1", "F1", "G1", "H1", "A2", "B2"];
    day.reads(&run, &wells, &[]).await;
    day.lab.change("report-run", json!({ "run": run })).await.ok();
    assert_eq!(day.sampler.get("/api/lab/holds").await.ok()["count"], 0);
}

async fn names_of_a_tube_go_two_weeks_after_its_report_and_counts_stay(town: &mut Town) {
    let day = screening(town).await;
    a_positive_pool(town, &day).await;
    index(town).await;
    let before = day.board().await;
    assert!(journal_opens(town, "SX-0001") && journal_opens(town, "SX-0002"));
    let day = day.days_later(town, 13).await;
    assert_eq!(clocks_run(town), 0, "it is not time yet");
    let day = day.days_later(town, 1).await;
    let officer = town.person("data_officer", TAIGU).await;
    let told = officer.get("/api/retention/screening_identity").await.ok();
    assert_eq!((&told["due"], &told["list"][0]["owner"]), (&json!(1), &json!("tube_SX-0001")), "{told}");
    assert_eq!(clocks_run(town), 1, "people of the second are held");
    assert!(!journal_opens(town, "SX-0001"), "its key is gone, and with it what the journal says");
    assert!(journal_opens(town, "SX-0002"));
    let form = json!({ "tube": "SX-0002", "purpose": "follow_up", "reason": "to call them back" });
    let names = day.sampler.post("/api/lab/holds/names", form.clone()).await.ok();
    assert_eq!(names["people"][0]["name"], "Person 10", "who is held can be called");
    assert_eq!(day.board().await, before);
    // Person 3 is sampled again: of what was two weeks ago nothing is found.
    let mut later = day.tube("SX-0301", 3, 1);
    later["size"] = json!(1);
    day.sends(&[later]).await;
    index(town).await;
    let told = day.zhang.get("/api/lab/look-back?tube=SX-0301&position=1").await.ok();
    assert_eq!(told["rows"], json!([]), "{told}");
    everybody_is_free(&day).await;
    let tube = day.sampler.get("/api/lab/tubes/SX-0001").await.ok();
    assert_eq!(tube["people"].as_array().unwrap().len(), 10, "places stay");
    let before = day.board().await;
    let day = day.days_later(town, 14).await;
    assert_eq!(clocks_run(town), 11, "the pool, and ten tubes of one");
    assert!(!journal_opens(town, "SX-0002") && journal_opens(town, "SX-0301"));
    assert_eq!(clocks_run(town), 0, "once is enough");
    assert_eq!(day.board().await, before);
    let refused = day.sampler.post("/api/lab/holds/names", form).await;
    assert_eq!(refused.status, 422, "{}", refused.text);
    let keys = texts(town, "SELECT owner FROM people_key WHERE owner LIKE 'swabs%'");
    assert_eq!(keys.len(), 1, "one tube's names are left: {keys:?}");
    assert_eq!(texts(town, "SELECT who FROM lab_swab").len(), 1, "and one person in the index");
    let marks = texts(town, "SELECT barcode FROM lab_hold WHERE who IS NOT NULL");
    assert_eq!(marks.len(), 0, "no mark stands beside those who were held");
}

async fn a_tube_that_was_never_reported_keeps_its_names_for_a_month(town: &mut Town) {
    let day = screening(town).await;
    day.sends(&[day.tube("SX-0001", 0, 10)]).await;
    let day = day.days_later(town, 29).await;
    assert_eq!(clocks_run(town), 0);
    let day = day.days_later(town, 1).await;
    assert_eq!(clocks_run(town), 1);
    assert_eq!(day.sampler.get("/api/lab/tubes/SX-0001").await.ok()["people"][0]["sheet"], Value::Null);
    let officer = town.person("data_officer", "").await;
    let told = officer.get("/api/retention").await.ok();
    let clock =
        told["clocks"].as_array().unwrap().iter().find(|one| one["id"] == "screening_identity").unwrap();
    assert_eq!((&clock["due"], &clock["automatic"]), (&json!(0), &json!(true)));
}

async fn a_restored_backup_forgets_the_swabs_again_before_anybody_is_let_in(town: &mut Town) {
    let day = screening(town).await;
    a_positive_pool(town, &day).await;
    let db = town.house.db.clone();
    let later = town.house.now().plus_seconds(15 * 86_400);
    tokio::task::block_in_place(|| rooms::people::repeat_erasures_at(&db, later)).expect("repeated");
    assert!(!journal_opens(town, "SX-0001"), "no list had it, and the clock found it");
    assert!(journal_opens(town, "SX-0002"));
    let erased = texts(town, "SELECT owner FROM people_erased").len();
    assert_eq!(erased, 0, "millions of tubes a day are on no list");
}

async fn whom_a_told_result_is_about_goes_a_month_after_it_came(town: &mut Town) {
    let day = screening(town).await;
    day.one(&about(&day, "CLINIC-0001", NOT_DETECTED, "P-1^^^HIS^PI||Wang^Li")).await;
    day.one(&about(&day, "CLINIC-0002", DETECTED, "P-2^^^HIS^PI||Zhao^Min")).await;
    let queue = day.zhang.get("/api/lab/outside?signals=true").await.ok();
    assert_eq!(queue["rows"].as_array().unwrap().len(), 1, "who is positive comes first: {queue}");
    let report = queue["rows"][0]["report"].as_i64().unwrap();
    assert_eq!(queue["rows"][0]["kept_until"], json!((town.house.today() + 30).to_string()));
    let open =
        json!({ "purpose": "outbreak_response", "reason": "whether it is Zhao Min of the third street" });
    day.zhang.post(&format!("/api/lab/outside/{report}/open"), open.clone()).await.ok();
    let keys = || {
        texts(town, "SELECT owner FROM people_key WHERE owner LIKE 'outside%' OR owner LIKE 'told%'").len()
    };
    assert_eq!(keys(), 3, "two envelopes, and why one of them was opened");
    // Who was linked to a case by then is kept like one; its reason goes all the same.
    let case = day.zhang.reports(scenes::TAIGU, "C1").await;
    day.zhang.change("link-outside", json!({ "report": report, "case": case.id })).await.ok();
    let day = day.days_later(town, 29).await;
    assert_eq!(clock_runs(town, "told_identity"), 0, "it is not time yet");
    day.one(&about(&day, "CLINIC-0003", DETECTED, "P-3^^^HIS^PI||Qian^Wu")).await;
    let day = day.days_later(town, 1).await;
    let officer = town.person("data_officer", "").await;
    let due = officer.get("/api/retention/told_identity").await.ok();
    assert_eq!((&due["due"], &due["list"].as_array().unwrap().len()), (&json!(2), &2), "{due}");
    assert_eq!(clock_runs(town, "told_identity"), 2);
    assert_eq!(clock_runs(town, "told_identity"), 0, "once is enough");
    assert_eq!(keys(), 1, "whoever came yesterday is still there");
    let queue = day.zhang.get("/api/lab/outside").await.ok();
    let left: Vec<&Value> = queue["rows"].as_array().unwrap().iter().map(|row| &row["has_name"]).collect();
    assert_eq!(left, [&json!(true)], "a result without a name leaves the list: {queue}");
    let rows = texts(town, "SELECT standing FROM lab_report WHERE sealed IS NULL ORDER BY seq");
    assert_eq!(rows, ["outside", "linked"], "what it says stays");
    let gone = day.zhang.post(&format!("/api/lab/outside/{}/open", report - 1), open).await;
    gone.refused(422, "lab.name_gone");
    // A copy from before forgets them again before anybody is let in.
    let db = town.house.db.clone();
    let later = town.house.now().plus_seconds(31 * 86_400);
    tokio::task::block_in_place(|| rooms::people::repeat_erasures_at(&db, later)).expect("repeated");
    assert_eq!(keys(), 0);
}

/// What a laboratory tells of a patient who is in no tube.
fn about(day: &Screening, specimen: &str, value: &str, patient: &'static str) -> Told {
    let mut one = told(day, specimen, value);
    one.patient = Some(patient);
    one
}
