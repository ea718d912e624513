//! What laboratories tell by message: each message judged for itself, nothing taken twice, nobody negative by a sheet of paper.

use crate::lab_runs::alone;
use crate::lab_tubes::{Screening, screening, screening_of};
use base::Moment;
use scenes::{JINZHONG, Person, TAIGU, Town, XIAODIAN, both, fresh};
use serde_json::{Value, json};
use std::io::Write;
use std::path::PathBuf;

both!(
    a_morning_of_messages_is_judged_one_by_one,
    the_same_again_does_nothing_and_another_under_its_number_is_refused,
    what_nobody_measured_waits_for_a_word,
    codes_nobody_knows_are_kept_and_mapped,
    two_sources_agree_or_somebody_settles_it,
    a_result_waits_for_its_tube_and_for_its_plate,
    tests_and_our_own_messages_touch_nothing,
    withdrawn_and_corrected_results_keep_their_history,
    a_round_is_not_clean_while_people_of_a_withdrawn_result_wait,
    nobody_is_free_by_a_result_that_was_taken_back_or_corrected_to_a_graver_one,
    a_positive_pool_by_message_holds_its_people_and_one_alone_is_a_case,
    somebody_in_no_tube_waits_sealed_for_an_epidemiologist,
    a_reported_run_goes_out_and_comes_back_without_harm,
);

pub(crate) const DETECTED: &str = "260373001^Detected^SCT";
pub(crate) const NOT_DETECTED: &str = "260415000^Not detected^SCT";
const KIT: &str = "KIT-A^RT-PCR kit A^99NORTH";

/// One ORU^R01 about a tube, as a laboratory system writes it.
#[derive(Clone)]
pub(crate) struct Told {
    control: String,
    tube: String,
    number: String,
    pub test: String,
    value: String,
    pub status: &'static str,
    pub result_status: &'static str,
    mode: &'static str,
    pub method: &'static str,
    pub patient: Option<&'static str>,
    now: i64,
    /// Minutes before now.
    collected: i64,
    analysed: Option<i64>,
    sender: &'static str,
    more: String,
}

pub(crate) fn told(day: &Screening, tube: &str, value: &str) -> Told {
    Told {
        control: format!("MSG-{}", &fresh("x")[2..]),
        tube: tube.to_owned(),
        number: format!("LAB-{tube}"),
        test: "94309-2^SARS-CoV-2 RNA^LN".to_owned(),
        value: value.to_owned(),
        status: "F",
        result_status: "F",
        mode: "P",
        method: KIT,
        patient: None,
        now: day.now,
        collected: 15,
        analysed: Some(5),
        sender: "LIS.NORTH^1.2.3.4^ISO|North Lab^LAB-07^CLIA",
        more: String::new(),
    }
}

fn digits(at: i64) -> String {
    let text = Moment(at / 1_000 * 1_000).to_string();
    format!("{}+0000", text.replace(['-', ':', 'T', 'Z'], ""))
}

impl Told {
    pub fn text(&self) -> String {
        let at = |minutes: i64| digits(self.now - minutes * 60_000);
        let analysed = self.analysed.map(at).unwrap_or_default();
        let patient = self.patient.map(|pid| format!("PID|1||{pid}\r")).unwrap_or_default();
        let Told {
            control,
            tube,
            number,
            test,
            value,
            status,
            result_status,
            mode,
            method,
            sender,
            more,
            ..
        } = self;
        let (sent, collected, received, reported) = (at(0), at(self.collected), at(8), at(2));
        format!(
            "MSH|^~\\&|{sender}|QUELL|CDC|{sent}||ORU^R01^ORU_R01|{control}|{mode}|2.5.1\r{patient}\
             ORC|RE|{tube}|{number}\r\
             OBR|1|{tube}|{number}|94309-2^SARS-CoV-2 RNA^LN|||{collected}|||||||||||||||{reported}|||{status}\r\
             OBX|1|CWE|{test}|1|{value}||||||{result_status}|||{collected}|LAB-07^North Lab^CLIA||{method}||{analysed}\r{more}\
             SPM|1|{tube}^{number}||258500001^Nasopharyngeal swab^SCT|||||||||||||{collected}|{received}\r"
        )
    }
}

impl Screening {
    pub fn messages(&self) -> String {
        format!("/api/lab/messages?laboratory={}", self.laboratory)
    }

    async fn hears(&self, messages: &[Told]) -> Vec<Value> {
        let text: String = messages.iter().map(Told::text).collect();
        listed(&self.lab, &self.messages(), text).await
    }

    pub async fn one(&self, message: &Told) -> Value {
        self.hears(std::slice::from_ref(message)).await.remove(0)
    }

    async fn page(&self) -> Value {
        self.zhang.get(&self.messages()).await.ok()
    }

    async fn result(&self, tube: &str) -> Value {
        self.zhang.get(&format!("/api/lab/tubes/{tube}")).await.ok()["result"].clone()
    }
}

async fn listed(lab: &Person, path: &str, body: String) -> Vec<Value> {
    let told = lab.ask_for("application/json", path, body.into_bytes(), false).await.ok();
    told["rows"].as_array().unwrap().clone()
}

fn standing(row: &Value) -> &Value {
    &row["reports"][0]["standing"]
}

async fn a_morning_of_messages_is_judged_one_by_one(town: &mut Town) {
    let day = screening(town).await;
    day.sends(&[day.tube("SX-0001", 0, 10), day.tube("SX-0002", 10, 10)]).await;
    let good = told(&day, "SX-0001", NOT_DETECTED);
    let broken = told(&day, "SX-0009", NOT_DETECTED)
        .text()
        .replace("OBX|1|CWE|94309-2^SARS-CoV-2 RNA^LN|", "OBX|1|CWE||");
    let mut asked = told(&day, "SX-0002", NOT_DETECTED);
    asked.more = "OBX|2|CWE|95419-8^Has symptoms^LN||Y^Yes^HL70136||||||F\r".to_owned();
    let batch = format!(
        "FHS|^~\\&\rBHS|^~\\&\r{}{broken}not a message at all\r{}BTS|3\rFTS|1\r",
        good.text(),
        asked.text()
    );
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packed.write_all(batch.as_bytes()).unwrap();
    let answer = day.lab.ask_for("*/*", &day.messages(), packed.finish().unwrap(), true).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    let verdicts: Vec<&str> = answer.text.split('\r').filter(|line| line.starts_with("MSA|")).collect();
    assert_eq!(
        verdicts.len(),
        3,
        "a line that is no segment belongs to the message before it: {}",
        answer.text
    );
    assert!(verdicts[0].starts_with("MSA|AA|MSG-") && verdicts[1].starts_with("MSA|AR|"), "{}", answer.text);
    assert!(verdicts[2].starts_with("MSA|AA|MSG-"), "{}", answer.text);
    let error = answer.text.split('\r').find(|line| line.starts_with("ERR||OBX^1^3")).unwrap();
    assert!(error.contains("|E|") && error.contains("fill it in"), "{error}");
    assert_eq!(day.result("SX-0001").await, "negative");
    assert_eq!(day.result("SX-0002").await, "negative", "what was asked at the order is no result");
    let board = day.zhang.get(&format!("/api/lab/rounds/{}", day.round)).await.ok();
    assert_eq!((&board["progress"]["reported"], &board["progress"]["received"]), (&json!(2), &json!(2)));
    let page = day.page().await;
    assert_eq!(page["refused"].as_array().unwrap().len(), 1, "{page}");
    assert!(page["refused"][0]["complaints"][0]["zh"].as_str().unwrap().contains("请"), "{page}");
    let days: Vec<(&Value, &Value)> =
        page["days"].as_array().unwrap().iter().map(|row| (&row["verdict"], &row["messages"])).collect();
    assert_eq!(days, [(&json!("accepted"), &json!(2)), (&json!("refused"), &json!(1))]);
    let books = day.zhang.get(&format!("/api/lab/rounds/{}/reconcile", day.round)).await.ok();
    assert_eq!(books["differences"], json!([]), "{books}");
    let neighbour = town.person("laboratory", XIAODIAN).await;
    let refused = neighbour.ask_for("*/*", &day.messages(), good.text().into_bytes(), false).await;
    assert_eq!(refused.status, 404);
    let manager = day.zhang.ask_for("*/*", &day.messages(), good.text().into_bytes(), false).await;
    assert_eq!(manager.status, 403, "who manages laboratories reports nothing");
    let nothing = day.lab.ask_for("*/*", &day.messages(), Vec::new(), false).await;
    nothing.refused(422, "lab.messages_unreadable");
}

async fn the_same_again_does_nothing_and_another_under_its_number_is_refused(town: &mut Town) {
    let day = screening(town).await;
    day.sends(&[day.tube("SX-0001", 0, 10)]).await;
    let first = told(&day, "SX-0001", NOT_DETECTED);
    let twice = day.hears(&[first.clone(), first.clone()]).await;
    assert_eq!((standing(&twice[0]), &twice[1]["again"]), (&json!("stands"), &json!(true)));
    let rows = tokio::task::block_in_place(|| town.house.db.read_now(store::last_row)).unwrap();
    let again = day.one(&first).await;
    assert_eq!(
        (&again["verdict"], &again["again"], standing(&again)),
        (&json!("accepted"), &json!(true), &json!("stands"))
    );
    let later = tokio::task::block_in_place(|| town.house.db.read_now(store::last_row)).unwrap();
    assert_eq!(later, rows, "what came before writes nothing");
    let mut other = told(&day, "SX-0001", DETECTED);
    other.control = first.control.clone();
    let loud = day.one(&other).await;
    assert_eq!(
        (&loud["verdict"], &loud["complaints"][0]["code"]),
        (&json!("refused"), &json!("message.number_used"))
    );
    assert_eq!(day.result("SX-0001").await, "negative");
    let acknowledged = day.lab.ask_for("*/*", &day.messages(), other.text().into_bytes(), false).await;
    assert!(
        acknowledged.text.contains("MSA|AR|") && acknowledged.text.contains("205"),
        "{}",
        acknowledged.text
    );
    assert_eq!(day.page().await["refused"].as_array().unwrap().len(), 1, "told twice, listed once");
    // Under a number of its own the same result is known.
    let mut same = first.clone();
    same.control = "MSG-OTHER".to_owned();
    assert_eq!(standing(&day.one(&same).await), "same");
    // A message of which nothing was taken comes again, mended, under its number.
    let mut mended = told(&day, "SX-0001", NOT_DETECTED);
    mended.number = "LAB-MENDED".to_owned();
    let broken = mended.text().replace("OBX|1|CWE|94309-2^SARS-CoV-2 RNA^LN|", "OBX|1|CWE||");
    assert_eq!(listed(&day.lab, &day.messages(), broken).await[0]["verdict"], "refused");
    assert_eq!(day.one(&mended).await["verdict"], "accepted");
}

async fn what_nobody_measured_waits_for_a_word(town: &mut Town) {
    let day = screening(town).await;
    day.sends(&[day.tube("SX-0001", 0, 10), day.tube("SX-0002", 10, 10), day.tube("SX-0003", 20, 10)]).await;
    let mut unrun = told(&day, "SX-0001", NOT_DETECTED);
    (unrun.method, unrun.analysed) = ("", None);
    let mut early = told(&day, "SX-0002", NOT_DETECTED);
    early.analysed = Some(90);
    let mut first = told(&day, "SX-0003", DETECTED);
    (first.status, first.result_status) = ("P", "P");
    let rows = day.hears(&[unrun, early, first.clone()]).await;
    let seen: Vec<&Value> = rows.iter().map(standing).collect();
    assert_eq!(seen, ["reported_unrun", "before_sampling", "preliminary"]);
    assert!(rows[0]["complaints"].to_string().contains("OBX-19"), "{rows:?}");
    for tube in ["SX-0001", "SX-0002", "SX-0003"] {
        assert_eq!(day.result(tube).await, Value::Null, "{tube} is nobody's negative");
    }
    let page = day.page().await;
    let waiting = page["waiting"].as_array().unwrap();
    assert_eq!((waiting.len(), &waiting[2]["standing"]), (3, &json!("reported_unrun")), "{page}");
    let (unrun, early) = (waiting[2]["report"].clone(), waiting[1]["report"].clone());
    let word = json!({ "report": unrun, "stands": true, "reason": "their log of the night was shown" });
    assert_eq!(
        day.lab.change("settle-report", word.clone()).await.status,
        403,
        "a laboratory does not vouch for itself"
    );
    assert_eq!(
        day.zhang
            .change("settle-report", json!({ "report": unrun, "stands": true, "reason": " " }))
            .await
            .status,
        422
    );
    assert_eq!(day.zhang.change("settle-report", word.clone()).await.ok()["out"], "stands");
    day.zhang.change("settle-report", word).await.refused(422, "lab.nothing_to_settle");
    let against = json!({ "report": early, "stands": false, "reason": "another tube" });
    assert_eq!(day.zhang.change("settle-report", against).await.ok()["out"], "dropped");
    assert_eq!(day.result("SX-0001").await, "negative");
    assert_eq!(day.result("SX-0002").await, Value::Null);
    // The final result follows the preliminary one.
    let mut last = told(&day, "SX-0003", NOT_DETECTED);
    last.number = first.number;
    assert_eq!(standing(&day.one(&last).await), "stands");
    let tube = day.zhang.get("/api/lab/tubes/SX-0003").await.ok();
    let history: Vec<&Value> = tube["told"].as_array().unwrap().iter().map(|row| &row["standing"]).collect();
    assert_eq!(history, ["replaced", "stands"], "{tube}");
}

async fn codes_nobody_knows_are_kept_and_mapped(town: &mut Town) {
    let day = screening(town).await;
    day.sends(&[day.tube("SX-0001", 0, 10), day.tube("SX-0002", 10, 10), day.tube("SX-0003", 20, 10)]).await;
    let mut local = told(&day, "SX-0001", "N^阴^99NORTH");
    local.test = "COV2^新冠核酸^99NORTH".to_owned();
    let mut beside = told(&day, "SX-0002", DETECTED);
    beside.more = "OBX|2|CWE|FLU^Influenza^99NORTH||N^阴^99NORTH||||||F\r".to_owned();
    let mut doubtful = told(&day, "SX-0003", NOT_DETECTED);
    doubtful.more = beside.more.clone();
    let rows = day.hears(&[local, beside, doubtful]).await;
    let seen: Vec<&Value> = rows.iter().map(standing).collect();
    assert_eq!(seen, ["unknown_code", "stands", "unknown_code"], "a signal is not waited for, a negative is");
    assert_eq!(day.zhang.get("/api/lab/holds").await.ok()["count"], 10);
    let codes = day.page().await["codes"].clone();
    assert_eq!(codes.as_array().unwrap().len(), 2, "{codes}");
    assert_eq!(
        (&codes[0]["code"], &codes[0]["seen"], &codes[1]["code"]),
        (&json!("FLU"), &json!(2), &json!("COV2"))
    );
    let map = |kind: &str, code: &str, means: &str| json!({ "laboratory": day.laboratory, "kind": kind, "system": "urn:x-hl7v2:99NORTH", "code": code, "means": means });
    assert_eq!(day.lab.change("map-lab-code", map("test", "COV2", "covid-19-delta")).await.status, 403);
    day.zhang
        .change("map-lab-code", map("test", "COV2", "no such disease"))
        .await
        .refused(422, "lab.code_means");
    day.zhang.change("map-lab-code", map("test", "NEVER", "cycles")).await.refused(404, "record.missing");
    let known = json!({
        "laboratory": day.laboratory, "kind": "test", "system": "http://loinc.org", "code": "94309-2", "means": "ignored",
    });
    day.zhang.change("map-lab-code", known).await.refused(422, "lab.code_known");
    day.zhang.change("map-lab-code", map("test", "COV2", "covid-19-wild")).await.ok();
    assert_eq!(day.result("SX-0001").await, Value::Null, "now its result is the code nobody knows");
    let codes = day.page().await["codes"].clone();
    assert_eq!((&codes[1]["code"], &codes[1]["means"]), (&json!("N"), &Value::Null), "{codes}");
    let done = day.zhang.change("map-lab-code", map("result", "N", "negative")).await.ok()["out"].clone();
    assert_eq!((&done["judged"], &done["left"]), (&json!(2), &json!(0)), "{done}");
    assert_eq!(day.result("SX-0001").await, "negative");
    day.zhang.change("map-lab-code", map("test", "FLU", "influenza-a")).await.ok();
    assert_eq!(day.result("SX-0003").await, "negative", "another disease says nothing of this tube");
}

async fn two_sources_agree_or_somebody_settles_it(town: &mut Town) {
    let day = screening(town).await;
    day.sends(&[day.tube("SX-0001", 0, 10), day.tube("SX-0002", 10, 10)]).await;
    let other = fresh("laboratory");
    let fields = json!({
        "laboratory": other, "territory": JINZHONG, "name": "South laboratory", "capacity": 1000, "report_hours": 12,
    });
    day.zhang.change("register-laboratory", fields).await.ok();
    let south = format!("/api/lab/messages?laboratory={other}");
    day.hears(&[told(&day, "SX-0001", NOT_DETECTED), told(&day, "SX-0002", NOT_DETECTED)]).await;
    let agrees = listed(&day.lab, &south, told(&day, "SX-0001", NOT_DETECTED).text()).await;
    assert_eq!(standing(&agrees[0]), "same");
    let differs = listed(&day.lab, &south, told(&day, "SX-0002", DETECTED).text()).await;
    assert_eq!(standing(&differs[0]), "conflict");
    assert_eq!(day.result("SX-0002").await, "negative", "nothing is overwritten in silence");
    assert_eq!(day.zhang.get("/api/lab/holds").await.ok()["count"], 0);
    let page = day.zhang.get(&south).await.ok();
    let row = &page["waiting"][0];
    assert_eq!((&row["call"], &row["known"]), (&json!("positive"), &json!("negative")), "{page}");
    let word = json!({ "report": row["report"], "stands": true, "reason": "both tubes read again" });
    assert_eq!(day.zhang.change("settle-report", word).await.ok()["out"], "stands");
    assert_eq!(day.result("SX-0002").await, "positive");
    assert_eq!(day.zhang.get("/api/lab/holds").await.ok()["count"], 10);
    let board = day.zhang.get(&format!("/api/lab/rounds/{}", day.round)).await.ok();
    assert_eq!(
        (&board["progress"]["reported"], &board["progress"]["positive"]),
        (&json!(2), &json!(1)),
        "counted once"
    );
    let tube = day.zhang.get("/api/lab/tubes/SX-0002").await.ok();
    let history: Vec<&Value> = tube["told"].as_array().unwrap().iter().map(|row| &row["standing"]).collect();
    assert_eq!(history, ["replaced", "stands"]);
}

async fn a_result_waits_for_its_tube_and_for_its_plate(town: &mut Town) {
    let day = screening(town).await;
    let row = day.one(&told(&day, "SX-0001", NOT_DETECTED)).await;
    assert_eq!((standing(&row), &row["verdict"]), (&json!("stray"), &json!("accepted")));
    day.sends(&[day.tube("SX-0001", 0, 10), day.tube("SX-0002", 10, 10), day.tube("SX-0003", 20, 10)]).await;
    assert_eq!(day.result("SX-0001").await, "negative", "its registration came in");
    day.receives(&["SX-0002", "SX-0003"]).await;
    let run = day.plates(&["SX-0002", "SX-0003"]).await;
    let rows = day.hears(&[told(&day, "SX-0002", NOT_DETECTED), told(&day, "SX-0003", DETECTED)]).await;
    assert_eq!((standing(&rows[0]), standing(&rows[1])), (&json!("on_plate"), &json!("on_plate")));
    day.reads(&run, &["A1", "B1"], &[]).await;
    day.lab.change("report-run", json!({ "run": run })).await.ok();
    let page = day.page().await;
    let waiting: Vec<(&Value, &Value)> =
        page["waiting"].as_array().unwrap().iter().map(|row| (&row["specimen"], &row["standing"])).collect();
    assert_eq!(waiting, [(&json!("SX-0003"), &json!("conflict"))], "compared with our own run: {page}");
    // A void run lets what was told stand.
    day.sends(&[day.tube("SX-0004", 30, 10)]).await;
    day.receives(&["SX-0004"]).await;
    let run = day.plates(&["SX-0004"]).await;
    day.one(&told(&day, "SX-0004", NOT_DETECTED)).await;
    day.lab.change("void-run", json!({ "run": run, "reason": "the plate fell" })).await.ok();
    assert_eq!(day.result("SX-0004").await, "negative");
}

async fn tests_and_our_own_messages_touch_nothing(town: &mut Town) {
    let day = screening(town).await;
    day.sends(&[day.tube("SX-0001", 0, 10)]).await;
    for mode in ["T", "D"] {
        let mut test = told(&day, "SX-0001", DETECTED);
        test.mode = mode;
        test.patient = Some("P-1^^^NORTH^PI||Somebody^Invented");
        let row = day.one(&test).await;
        assert_eq!((&row["verdict"], &row["reports"]), (&json!("test"), &json!([])), "{row}");
    }
    assert_eq!(day.result("SX-0001").await, Value::Null);
    assert_eq!(day.zhang.get("/api/lab/outside").await.ok()["rows"], json!([]));
    assert_eq!(day.page().await["waiting"], json!([]));
}

async fn withdrawn_and_corrected_results_keep_their_history(town: &mut Town) {
    let day = screening(town).await;
    day.sends(&[day.tube("SX-0001", 0, 10), day.tube("SX-0002", 10, 10)]).await;
    day.hears(&[told(&day, "SX-0001", DETECTED), told(&day, "SX-0002", NOT_DETECTED)]).await;
    assert_eq!(day.zhang.get("/api/lab/holds").await.ok()["rows"][0]["state"], "held");
    // Another result without a correction is a conflict.
    assert_eq!(standing(&day.one(&told(&day, "SX-0002", DETECTED)).await), "conflict");
    let mut corrected = told(&day, "SX-0002", DETECTED);
    (corrected.status, corrected.result_status) = ("C", "C");
    let row = day.one(&corrected).await;
    assert_eq!(standing(&row), "stands", "{row}");
    assert_eq!(day.zhang.get("/api/lab/holds").await.ok()["count"], 20);
    // Taken back: nobody is negative by that, they are sampled again.
    let mut gone = told(&day, "SX-0001", "");
    (gone.status, gone.result_status) = ("C", "D");
    assert_eq!(standing(&day.one(&gone).await), "withdrawn");
    assert_eq!(day.result("SX-0001").await, Value::Null);
    let holds = day.zhang.get("/api/lab/holds").await.ok();
    let states: std::collections::BTreeSet<&str> =
        holds["rows"].as_array().unwrap().iter().map(|row| row["state"].as_str().unwrap()).collect();
    assert_eq!(states, ["held", "repeat"].into(), "{holds}");
    // Of the other pool the laboratory corrects itself once more: its people are free.
    let mut back = told(&day, "SX-0002", NOT_DETECTED);
    (back.status, back.result_status, back.analysed) = ("C", "C", Some(4));
    assert_eq!(standing(&day.one(&back).await), "stands");
    assert_eq!(day.zhang.get("/api/lab/holds").await.ok()["count"], 10);
    let board = day.zhang.get(&format!("/api/lab/rounds/{}", day.round)).await.ok();
    assert_eq!(
        (&board["progress"]["reported"], &board["progress"]["positive"]),
        (&json!(1), &json!(0)),
        "{board}"
    );
    let tube = day.zhang.get("/api/lab/tubes/SX-0002").await.ok();
    let history: Vec<&Value> = tube["told"].as_array().unwrap().iter().map(|row| &row["standing"]).collect();
    assert_eq!(history, ["replaced", "replaced", "replaced", "stands"], "{tube}");
}

async fn a_round_is_not_clean_while_people_of_a_withdrawn_result_wait(town: &mut Town) {
    // Of a day whose edition has a rule for ending rounds.
    town.begins_on("2022-02-21");
    let day = screening_of(town, JINZHONG, 30).await;
    day.sends(&[day.tube("SX-0001", 0, 10), day.tube("SX-0002", 10, 10), day.tube("SX-0003", 20, 10)]).await;
    let found = [("SX-0001", DETECTED), ("SX-0002", DETECTED), ("SX-0003", NOT_DETECTED)];
    day.hears(&found.map(|(tube, value)| told(&day, tube, value))).await;
    day.zhang.change("end-round", json!({ "round": day.round })).await.ok();
    let unresolved = async || {
        let told = day.zhang.get(&format!("/api/lab/campaigns/{}", day.campaign)).await.ok();
        let why = told["advice"]["advice"]["rounds"][0]["why"].as_array().unwrap().clone();
        why.into_iter().find(|why| why["why"] == "unresolved").map(|why| why["tubes"].clone())
    };
    assert_eq!(unresolved().await, Some(json!(2)), "two tubes, and not their twenty people");
    for tube in ["SX-0001", "SX-0002"] {
        let mut gone = told(&day, tube, "");
        (gone.status, gone.result_status) = ("C", "D");
        assert_eq!(standing(&day.one(&gone).await), "withdrawn");
        assert_eq!(
            unresolved().await,
            Some(json!(2)),
            "whoever waits to be sampled again waits all the same"
        );
    }
}

async fn nobody_is_free_by_a_result_that_was_taken_back_or_corrected_to_a_graver_one(town: &mut Town) {
    let day = screening(town).await;
    let states = async |held: &str| {
        let holds = day.sampler.get("/api/lab/holds").await.ok();
        let rows = holds["rows"].as_array().unwrap().clone();
        (holds["count"].clone(), rows.iter().filter(|row| row["state"] == held).count())
    };
    // A pool is positive, by a correction negative, and by another positive after all.
    day.sends(&[day.tube("SX-0001", 0, 10), day.tube("SX-0002", 10, 1)]).await;
    day.one(&told(&day, "SX-0001", DETECTED)).await;
    for (value, held) in [(NOT_DETECTED, 0), (DETECTED, 10)] {
        let mut corrected = told(&day, "SX-0001", value);
        (corrected.status, corrected.result_status, corrected.analysed) = ("C", "C", Some(4));
        assert_eq!(standing(&day.one(&corrected).await), "stands");
        assert_eq!(states("held").await, (json!(held), held));
    }
    // One of them is negative alone and free; that result is taken back.
    day.sampler.change("tell-hold", json!({ "tube": "SX-0001", "position": 1 })).await.ok();
    day.sends(&[alone(&day, "SX-0101", ("SX-0001", 1), 0)]).await;
    day.one(&told(&day, "SX-0101", NOT_DETECTED)).await;
    assert_eq!(states("held").await.0, json!(9));
    let mut gone = told(&day, "SX-0101", "");
    (gone.status, gone.result_status) = ("C", "D");
    assert_eq!(standing(&day.one(&gone).await), "withdrawn");
    assert_eq!(states("held").await, (json!(10), 10));
    let holds = day.sampler.get("/api/lab/holds").await.ok();
    let untold = holds["rows"].as_array().unwrap().iter().filter(|row| row["told"].is_null()).count();
    assert_eq!(untold, 10, "whoever was told that they are free is told anew: {holds}");
    // Somebody alone: nothing was seen at first, then a signal.
    let mut nothing = told(&day, "SX-0002", "");
    nothing.result_status = "X";
    assert_eq!(standing(&day.one(&nothing).await), "stands");
    assert_eq!(states("repeat").await, (json!(11), 1));
    let mut after_all = told(&day, "SX-0002", DETECTED);
    (after_all.status, after_all.result_status) = ("C", "C");
    assert_eq!(standing(&day.one(&after_all).await), "stands");
    assert_eq!(states("repeat").await, (json!(10), 0));
    let house = town.house.clone();
    let found = tokio::task::spawn_blocking(move || rooms::lab::report_found_now(&house).unwrap());
    assert_eq!(found.await.unwrap(), 1, "and is a case");
}

async fn a_positive_pool_by_message_holds_its_people_and_one_alone_is_a_case(town: &mut Town) {
    let day = screening(town).await;
    day.sends(&[day.tube("SX-0001", 0, 10)]).await;
    day.one(&told(&day, "SX-0001", DETECTED)).await;
    let holds = day.sampler.get("/api/lab/holds").await.ok();
    assert_eq!((&holds["count"], &holds["rows"][0]["state"]), (&json!(10), &json!("held")));
    day.sends(&[alone(&day, "SX-0101", ("SX-0001", 1), 0), alone(&day, "SX-0102", ("SX-0001", 2), 1)]).await;
    let mut positive = told(&day, "SX-0102", DETECTED);
    // A laboratory may name whoever it is: the name on the message is not kept of a tube.
    positive.patient = Some("P-1^^^NORTH^PI||Nobody^Knows");
    day.hears(&[told(&day, "SX-0101", NOT_DETECTED), positive.clone()]).await;
    assert_eq!(day.sampler.get("/api/lab/holds").await.ok()["count"], 8);
    let house = town.house.clone();
    let reported =
        tokio::task::spawn_blocking(move || rooms::lab::report_found_now(&house).unwrap()).await.unwrap();
    assert_eq!(reported, 1);
    let list = day.zhang.get("/api/cases").await.ok();
    assert_eq!(
        (&list["rows"][0]["classification"], &list["rows"][0]["found"]),
        (&json!("probable"), &json!("under_care"))
    );
    // The laboratory takes it back: of somebody who has become a case that is for a person to settle.
    let mut back = positive;
    back.control = "MSG-BACK".to_owned();
    (back.value, back.status, back.result_status) = (NOT_DETECTED.to_owned(), "C", "C");
    assert_eq!(standing(&day.one(&back).await), "conflict");
    assert_eq!(day.result("SX-0102").await, "positive", "until somebody has settled it");
    assert_eq!(day.zhang.get("/api/cases").await.ok()["rows"].as_array().unwrap().len(), 1);
}

/// The invented messages that come with the house's papers; absent outside of it.
fn sample(name: &str) -> Option<String> {
    let shared =
        std::env::var_os("QUELL_SHARED").map_or_else(|| PathBuf::from("../../shared"), PathBuf::from);
    let file = shared.join("interop").join(name);
    let text = std::fs::read_to_string(&file).ok();
    if text.is_none() {
        println!("skipped: {name} is not here; set QUELL_SHARED");
    }
    text
}

async fn somebody_in_no_tube_waits_sealed_for_an_epidemiologist(town: &mut Town) {
    let day = screening(town).await;
    let mut ordinary = told(&day, "CLINIC-0001", DETECTED);
    ordinary.patient = Some(
        "P-000123^^^HIS^PI~110101198502140000^^^CN^NI||Wang^Li^^^^^L||19850214|F|||12 Yingze Road^^Taigu^Shanxi||^PRN^PH^^86^351^5550123",
    );
    let row = day.one(&ordinary).await;
    assert_eq!(standing(&row), "outside");
    let mut more = 1;
    for name in ["sample_elr_oru_r01.hl7", "sample_fhir_r4_lab_message_bundle.json"] {
        let Some(text) = sample(name) else { continue };
        let rows = listed(&day.lab, &day.messages(), text.clone()).await;
        assert_eq!(
            (&rows[0]["verdict"], standing(&rows[0])),
            (&json!("accepted"), &json!("outside")),
            "{name}: {rows:?}"
        );
        more += 1;
        if name.ends_with("json") {
            let told = day
                .lab
                .ask_for("application/fhir+json", &day.messages(), text.into_bytes(), false)
                .await
                .ok();
            let outcome = &told["entry"][0]["response"]["outcome"];
            assert_eq!(
                (&told["type"], &outcome["resourceType"]),
                (&json!("batch-response"), &json!("OperationOutcome"))
            );
        }
    }
    let queue = day.zhang.get("/api/lab/outside").await.ok();
    assert_eq!(queue["rows"].as_array().unwrap().len(), more, "{queue}");
    let first = &queue["rows"][0];
    assert_eq!(
        (&first["call"], &first["disease"], &first["has_name"]),
        (&json!("positive"), &json!("covid-19-wild"), &json!(true))
    );
    assert!(!queue.to_string().contains("Wang"), "no name in a list: {queue}");
    let neighbour = town.person("epidemiologist", XIAODIAN).await;
    assert_eq!(neighbour.get("/api/lab/outside").await.ok()["rows"], json!([]));
    let report = first["report"].as_i64().unwrap();
    let open = format!("/api/lab/outside/{report}/open");
    let asked = json!({ "purpose": "outbreak_response", "reason": "whose result is it" });
    assert_eq!(neighbour.post(&open, asked.clone()).await.status, 404);
    let named = day.zhang.post(&open, asked.clone()).await.ok();
    assert_eq!((&named["name"], &named["phone"].is_string()), (&json!("Li Wang"), &true), "{named}");
    let auditor = town.person("auditor", "").await;
    let rows = auditor.get(&format!("/api/journal?record=told_{report}")).await.ok();
    assert_eq!(rows["rows"][0]["change"], "open outside", "{rows}");
    // A new case, with the name and the days, without anybody typing them.
    let case = fresh("case");
    let fields =
        json!({ "id": fresh("change"), "case": case, "subject": fresh("subject"), "territory": TAIGU });
    day.zhang.post(&format!("/api/lab/outside/{report}/report"), fields).await.ok();
    let page = day.zhang.get(&format!("/api/cases/{case}")).await.ok();
    assert_eq!(
        (&page["disease"], &page["sex"], &page["classification"]),
        (&json!("covid-19-wild"), &json!("female"), &json!("suspected"))
    );
    assert!(page["dates"]["specimen"].is_string() && page["age"].as_f64().is_some(), "{page}");
    let subject = page["subject"].as_str().unwrap();
    let shown = day.zhang.post(&format!("/api/subjects/{subject}/open"), asked.clone()).await.ok();
    assert_eq!((&shown["name"], &shown["id_number"]), (&json!("Li Wang"), &json!("110101198502140000")));
    day.zhang.post(&open, asked).await.refused(422, "lab.linked_already");
    // A second result of the same person is linked to that case.
    let mut second = told(&day, "CLINIC-0002", NOT_DETECTED);
    second.patient = ordinary.patient;
    day.one(&second).await;
    let queue = day.zhang.get("/api/lab/outside").await.ok();
    let last = queue["rows"].as_array().unwrap().last().unwrap()["report"].clone();
    let elsewhere = json!({ "report": last, "case": fresh("case") });
    day.zhang.change("link-outside", elsewhere).await.refused(404, "record.missing");
    day.zhang.change("link-outside", json!({ "report": last, "case": case })).await.ok();
    let queue = day.zhang.get("/api/lab/outside").await.ok();
    assert_eq!(queue["rows"].as_array().unwrap().len(), more - 1);
    // Somebody whose tube is registered later was in a tube.
    let mut late = told(&day, "SX-0077", NOT_DETECTED);
    late.patient = Some("P-9^^^HIS^PI||Zhao^Min");
    assert_eq!(standing(&day.one(&late).await), "outside");
    day.sends(&[day.tube("SX-0077", 70, 1)]).await;
    assert_eq!(day.result("SX-0077").await, "negative");
}

async fn a_reported_run_goes_out_and_comes_back_without_harm(town: &mut Town) {
    let day = screening(town).await;
    day.sends(&[day.tube("SX-0001", 0, 10), day.tube("SX-0002", 10, 10)]).await;
    day.receives(&["SX-0001", "SX-0002"]).await;
    let run = day.plates(&["SX-0001", "SX-0002"]).await;
    let path = |format: &str| format!("/api/lab/runs/{run}/messages?format={format}");
    day.zhang.get(&path("hl7")).await.refused(422, "lab.not_reported");
    day.reads(&run, &["A1"], &[("B1", 31.0)]).await;
    let colleague = day.colleague(town).await;
    colleague.change("call-well", json!({ "run": run, "well": "B1", "call": "positive" })).await.ok();
    day.lab.change("report-run", json!({ "run": run })).await.ok();
    let hl7 = day.zhang.get(&path("hl7")).await;
    assert!(hl7.text.starts_with("FHS|") && hl7.text.contains("BTS|2\r"), "{}", hl7.text);
    assert!(hl7.text.contains("260373001") && !hl7.text.contains("Person"), "{}", hl7.text);
    let fhir = day.zhang.get(&path("fhir")).await;
    assert_eq!(fhir.text.lines().count(), 2);
    for text in [hl7.text, fhir.text] {
        let rows = listed(&day.lab, &day.messages(), text.clone()).await;
        let verdicts: Vec<&Value> = rows.iter().map(|row| &row["verdict"]).collect();
        assert_eq!(verdicts, ["own", "own"], "{rows:?}");
        let foreign = if text.starts_with("FHS") {
            text.replace("^UUID", "^ISO").replace("|QUELL^", "|QUELL^1")
        } else {
            continue;
        };
        // The same from another installation is another source, which agrees.
        let rows = listed(&day.lab, &day.messages(), foreign).await;
        let seen: Vec<&Value> = rows.iter().map(standing).collect();
        assert_eq!(seen, ["same", "same"], "{rows:?}");
    }
    assert_eq!(day.zhang.get("/api/lab/holds").await.ok()["count"], 10);
    assert_eq!(day.page().await["waiting"], json!([]));
}
