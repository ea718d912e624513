//! More than the house can take, without a crowd: whoever takes their file slowly keeps its place, and whoever comes then is told when to
//! come again; news is gathered while live pages are done without.

use crate::desk::{Desk, PATIENCE};
use crate::served::{Served, Visitor, begins};
use serde_json::{Value, json};
use std::io::Read;
use std::net::TcpStream;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

/// A file of them is larger than what the system keeps on a way nobody takes it from.
const ROWS: u64 = 20_000;

fn account(desk: &Desk, login: &str, role: &str) -> String {
    let told = desk.quell(&["account", "create", login, "--role", role, "--territory", "14"]);
    told.out.split_whitespace().last().expect("a password").to_owned()
}

#[test]
fn whoever_finds_every_place_taken_is_told_when_to_come_again() {
    let desk = Desk::of("busy");
    let mut list = "case_no,sex,age,onset date,report date,county\n".to_owned();
    for row in 0..ROWS {
        list.push_str(&format!("B{row},female,{},2022-02-{:02},2022-02-28,太谷区\n", row % 90, row % 27 + 1));
    }
    desk.import(&desk.file("long.csv", list), &[]);
    let password = account(&desk, "wang.li", "epidemiologist");
    let served = Served::on(&desk);
    let person = Visitor::signing_in(&served, "wang.li", &password);
    let ask = |path: &str| served.ask("GET", path, Some(&person), &Value::Null).expect("an answer");
    // What goes through a whole round is of the same class as a file, and there is no such round.
    const BOOKS: &str = "/api/lab/rounds/round_00000000000000000000000001/reconcile";
    assert_eq!(ask(BOOKS).status, 404);
    let address = served.address();
    let slow = [(); 2].map(|()| begins(&address, "/api/export/cases.csv", &person));
    let told = ask(BOOKS);
    assert_eq!((told.status, &told.body["code"]), (503, &json!("service.busy")), "{}", told.body);
    let seconds: u64 = told.retry_after.expect("it says when").parse().expect("in seconds");
    assert!((1..=300).contains(&seconds), "{seconds}");
    assert!(told.body["before"].is_u64() && told.body["en"].is_string() && told.body["zh"].is_string());
    // Everybody else notices nothing.
    assert_eq!(ask("/api/cases").status, 200);
    assert_eq!(ask("/api/public/status").status, 200);
    drop(slow);
    let since = Instant::now();
    while ask(BOOKS).status == 503 {
        assert!(since.elapsed() < PATIENCE, "their places are kept for nobody");
    }
    assert_eq!(ask(BOOKS).status, 404, "and there is room again");
}

/// Reads on until the stream has said `words`.
fn hears(wire: &mut TcpStream, heard: &mut String, words: &str) {
    let mut block = [0; 4_096];
    while !heard.contains(words) {
        let length = wire.read(&mut block).expect("news within its time");
        assert!(length > 0, "it ended before `{words}`: {heard}");
        heard.push_str(&String::from_utf8_lossy(&block[..length]));
    }
}

#[test]
fn news_is_gathered_while_live_pages_are_done_without() {
    let desk = Desk::of("gathered");
    let [admin, zhang] = [("admin.hu", "administrator"), ("zhang.min", "epidemiologist")]
        .map(|(login, role)| (login, account(&desk, login, role)));
    let served = Served::on(&desk);
    let [admin, zhang] =
        [admin, zhang].map(|(login, password)| Visitor::signing_in(&served, login, &password));
    let change = |person: &Visitor, name: &str, number: u64, mut body: Value| {
        body["id"] = json!(format!("change_{number:026}"));
        let answer =
            served.ask("POST", &format!("/api/changes/{name}"), Some(person), &body).expect("an answer");
        assert_eq!(answer.status, 200, "{name}: {}", answer.body);
    };
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis() as u64;
    let off = json!({ "feature": "live", "off": true, "reason": "The third round is held today", "ends": now + 3_600_000 });
    change(&admin, "switch-feature", 1, off);
    let (mut wire, mut heard) = (begins(&served.address(), "/api/live", &zhang), String::new());
    let opened = |name: &str| {
        json!({
            "event": format!("event_{name:0>26}"), "name": name, "disease": "covid-19-delta", "territory": "14", "started": "2022-02-20",
        })
    };
    change(&zhang, "open-event", 2, opened("1"));
    hears(&mut wire, &mut heard, "data: {}");
    assert!(!heard.contains("open event"), "some news, half a minute later, and not which: {heard}");
    change(&admin, "end-switch", 3, json!({ "feature": "live" }));
    change(&zhang, "open-event", 4, opened("2"));
    hears(&mut wire, &mut heard, "open event");
}
