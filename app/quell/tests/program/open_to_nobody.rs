//! A fresh house is open to nobody: no account that every copy of the program has, no code that serves twice.

use crate::desk::Desk;
use crate::served::Served;
use serde_json::{Value, json};

/// What other systems shipped with, or are found with (SORMAS until 1.58, Go.Data, DHIS2, and the usual lists).
const USUAL: [(&str, &str); 12] = [
    ("admin", "admin"),
    ("admin", "password"),
    ("admin", "sadmin"),
    ("admin", "district"),
    ("administrator", "administrator"),
    ("root", "root"),
    ("root", ""),
    ("SurvOff", "SurvOff"),
    ("system", "System123"),
    ("quell", "quell"),
    ("operator", "operator"),
    ("demo", "demo"),
];

#[test]
fn no_password_that_everybody_knows_opens_it() {
    let desk = Desk::of("usual");
    let served = Served::on(&desk);
    for (login, password) in USUAL {
        let form = json!({ "login": login, "password": password });
        let answer = served.ask("POST", "/api/session", None, &form).expect("an answer");
        assert!([422, 429].contains(&answer.status), "{login}: {} {}", answer.status, answer.body);
        assert!(answer.cookie.is_none(), "{login} got a cookie");
    }
    let told = desk.quell(&["account", "list"]);
    assert!(told.ok && !told.out.contains("admin"), "{}", told.out);
}

#[test]
fn the_setup_code_is_of_this_start_serves_once_and_cannot_be_guessed_at() {
    let desk = Desk::of("setup");
    let code = |served: &Served| {
        served.said().waits_for("?setup=");
        let text = served.said().text();
        text.split("?setup=").nth(1).and_then(|rest| rest.split_whitespace().next()).unwrap().to_owned()
    };
    let served = Served::on(&desk);
    let first = code(&served);
    drop(served);
    let served = Served::on(&desk);
    let second = code(&served);
    assert_ne!(first, second, "each start draws its own");
    let with = |code: &str| {
        let form = json!({
            "setup_code": code, "login": "first", "name": "The First", "password": "a quiet street in an invented town",
        });
        served.ask("POST", "/api/first-run", None, &form).expect("an answer")
    };
    assert_eq!(with(&first).body["code"], "access.setup_code");
    assert_eq!(with(&second).status, 200);
    let again = with(&second);
    assert!(again.status >= 400 && again.cookie.is_none(), "{}", again.body);
    drop(served);

    let fresh = Desk::of("setup-guessed");
    let served = Served::on(&fresh);
    let guess = |at: u32| {
        let form = json!({ "setup_code": format!("{at:020}"), "login": "x", "name": "X", "password": "y" });
        served.ask("POST", "/api/first-run", None, &form).expect("an answer")
    };
    let refused: Vec<Value> = (0..20).map(|at| guess(at).body["code"].clone()).collect();
    assert!(refused.iter().any(|code| code == "access.too_many"), "guessing is slowed down: {refused:?}");
}

/// A key or a password's hash inside the program would be the same in every copy of it.
#[test]
fn no_secret_is_inside_the_program() {
    let bytes = std::fs::read(env!("CARGO_BIN_EXE_quell")).unwrap();
    let found = |sign: &[u8]| bytes.windows(sign.len()).any(|window| window == sign);
    // Written apart, so that this test would find itself nowhere.
    for sign in
        [["-----BEGIN PRIVATE", " KEY-----\nM"].concat(), ["-----BEGIN EC PRIVATE", " KEY-----\nM"].concat()]
    {
        assert!(!found(sign.as_bytes()), "{sign}");
    }
    assert!(found(b"X-Forwarded-For") || found(b"x-forwarded-for"), "the program was read");
}
