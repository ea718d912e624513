//! The first visitor makes the first administrator, once, and only with the code the program printed.

use scenes::{SHANXI, Town, both};
use serde_json::json;

both!(
    the_printed_code_makes_the_first_administrator,
    a_wrong_setup_code_makes_nobody,
    a_second_first_administrator_is_refused,
);

async fn the_printed_code_makes_the_first_administrator(town: &mut Town) {
    assert_eq!(town.stranger().get("/api/state").await.ok()["first_run"], true);
    let code = town.house.setup_code.clone().expect("an empty house prints a code");
    let first = town.first_run(&code, "li.wei").await.expect("signed in at once");
    let state = first.get("/api/state").await.ok();
    assert_eq!((&state["first_run"], &state["account"]["role"]), (&json!(false), &json!("administrator")));
    assert!(!state["account"]["permissions"].as_array().unwrap().contains(&json!("cases.read")));
}

async fn a_wrong_setup_code_makes_nobody(town: &mut Town) {
    let refused = town.first_run("abcd-efgh-jkmn-pqrs-tuvw", "li.wei").await.err().expect("kept out");
    refused.refused(403, "access.setup_code");
    let stranger = town.stranger().get("/api/state").await.ok();
    assert_eq!((&stranger["first_run"], &stranger["account"]), (&json!(true), &json!(null)));
}

async fn a_second_first_administrator_is_refused(town: &mut Town) {
    let code = town.house.setup_code.clone().expect("an empty house prints a code");
    let first = town.first_run(&code, "li.wei").await.expect("the first");
    let second = town.first_run(&code, "somebody.else").await.err().expect("kept out");
    second.refused(409, "record.exists");
    assert_eq!(first.get("/api/accounts").await.ok()["rows"].as_array().unwrap().len(), 1);
    // Whoever makes accounts makes them for others to do the work.
    let made = json!({
        "account": scenes::fresh("account"), "login": "zhang.min", "name": "Zhang Min (invented)", "role": "epidemiologist",
        "territory": SHANXI, "password": "twelve letters or more",
    });
    first.change("create-account", made).await.ok();
    let zhang = town.signs_in("zhang.min", "twelve letters or more").await.expect("signed in");
    assert_eq!(zhang.territory, SHANXI);
}
