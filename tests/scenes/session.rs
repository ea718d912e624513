//! Coming in, staying, leaving, being shown out.

use scenes::{SHANXI, TAIGU, Town, both};
use serde_json::json;

/// Three lines of such a list.
const LEAKED: &str = "\
5BAA61E4C9B93F3F0682250B6CF8331B7EE68FD8:9545824
7F65479439DB1FD6B5CD59C3F8DCA3B1FC3A66CF:3
ABF7AAD6438836DBE526AA231ABDE2D0EEF74D42:216
";

both!(
    nobody_reads_anything_signed_out,
    a_write_without_the_pages_token_is_refused,
    who_signs_out_is_out_with_every_copy_of_the_cookie,
    a_session_ends_after_twelve_hours_however_busy,
    half_an_hour_away_is_out_and_a_restart_gives_no_second_one,
    names_and_rights_ask_for_a_proof_of_the_last_quarter_hour,
    a_wrong_proof_proves_nothing,
    a_session_ended_from_elsewhere_is_over_at_once_and_so_is_what_it_listened_to,
    all_other_sessions_end_together,
    nobody_ends_a_session_of_somebody_else,
    an_administrator_ends_the_sessions_of_an_account,
    a_weak_or_leaked_password_is_refused_with_what_to_do,
    a_new_password_keeps_the_session_it_was_made_in_and_ends_the_others,
    a_disabled_account_is_shown_out_at_once,
    a_reset_password_ends_the_sessions_made_with_the_old_one,
    nobody_sets_their_own_role,
    a_role_that_no_pack_knows_is_not_given,
    a_county_administrator_hands_out_nothing_above_the_county,
    the_purpose_is_one_of_the_roles_own,
);

async fn nobody_reads_anything_signed_out(town: &mut Town) {
    for path in ["/api/cases", "/api/situation", "/api/contacts", "/api/chains", "/api/events", "/api/live"] {
        town.stranger().get(path).await.refused(401, "access.signed_out");
    }
}

async fn a_write_without_the_pages_token_is_refused(town: &mut Town) {
    let zhang = town.person("epidemiologist", TAIGU).await;
    let lured = zhang.without_page_token();
    let case = scenes::covid_case(TAIGU, "C1");
    lured.change("report-case", case).await.refused(403, "access.csrf");
    lured.sign_out().await.refused(403, "access.csrf");
    assert_eq!(zhang.counts_cases().await, 0);
}

async fn who_signs_out_is_out_with_every_copy_of_the_cookie(town: &mut Town) {
    let zhang = town.person("epidemiologist", TAIGU).await;
    let copy = zhang.clone();
    assert_eq!(zhang.sign_out().await.status, 204);
    copy.get("/api/cases").await.refused(401, "access.signed_out");
}

async fn a_session_ends_after_twelve_hours_however_busy(town: &mut Town) {
    let zhang = town.person("epidemiologist", TAIGU).await;
    for _ in 0..24 {
        town.minutes_pass(29);
        zhang.get("/api/cases").await.ok();
    }
    town.minutes_pass(29);
    zhang.get("/api/cases").await.refused(401, "access.signed_out");
}

async fn half_an_hour_away_is_out_and_a_restart_gives_no_second_one(town: &mut Town) {
    let (zhang, li) = (town.person("epidemiologist", TAIGU).await, town.person("analyst", TAIGU).await);
    town.minutes_pass(20);
    zhang.get("/api/cases").await.ok();
    town.restarts();
    town.minutes_pass(20);
    town.comes_back(&li).get("/api/cases").await.refused(401, "access.signed_out");
    town.comes_back(&zhang).get("/api/cases").await.ok();
    town.minutes_pass(31);
    town.comes_back(&zhang).get("/api/cases").await.refused(401, "access.signed_out");
}

async fn names_and_rights_ask_for_a_proof_of_the_last_quarter_hour(town: &mut Town) {
    let mut zhang = town.person("epidemiologist", TAIGU).await;
    let case = zhang.reports(TAIGU, "C1").await;
    let look = json!({ "purpose": "follow_up", "reason": "the daily call" });
    let open = format!("/api/subjects/{}/open", case.subject);
    zhang.post(&open, look.clone()).await.ok();
    town.minutes_pass(16);
    zhang.post(&open, look.clone()).await.refused(403, "access.step_up");
    zhang.get(&format!("/api/cases/{}", case.id)).await.ok();
    let before = zhang.clone();
    zhang.proves(json!({ "password": town.password() })).await.ok();
    zhang.post(&open, look).await.ok();
    before.get("/api/cases").await.refused(401, "access.signed_out");

    let admin = town.person("administrator", TAIGU).await;
    town.minutes_pass(16);
    let fields = json!({ "account": zhang.account, "disabled": true });
    admin.change("set-account", fields).await.refused(403, "access.step_up");
    let fields = json!({ "account": zhang.account, "password": "another invented sentence" });
    admin.change("reset-password", fields).await.refused(403, "access.step_up");
    zhang.get("/api/cases").await.ok();
}

async fn a_wrong_proof_proves_nothing(town: &mut Town) {
    let mut zhang = town.person("epidemiologist", TAIGU).await;
    zhang.proves(json!({ "password": "not the password" })).await.refused(422, "access.wrong_password");
    zhang.get("/api/cases").await.ok();
}

async fn a_new_password_keeps_the_session_it_was_made_in_and_ends_the_others(town: &mut Town) {
    let zhang = town.person("epidemiologist", TAIGU).await;
    let elsewhere = town.signs_in(&zhang.login, town.password()).await.expect("signed in twice");
    let fields = json!({ "old": town.password(), "new": "another invented sentence" });
    assert_eq!(zhang.post("/api/session/password", fields).await.status, 204);
    zhang.get("/api/cases").await.ok();
    elsewhere.get("/api/cases").await.refused(401, "access.signed_out");
}

async fn a_disabled_account_is_shown_out_at_once(town: &mut Town) {
    let (admin, zhang) = (town.person("administrator", "").await, town.person("epidemiologist", TAIGU).await);
    admin.change("set-account", json!({ "account": zhang.account, "disabled": true })).await.ok();
    zhang.get("/api/cases").await.refused(401, "access.signed_out");
    let kept_out = town.signs_in(&zhang.login, town.password()).await.err().expect("kept out");
    assert_eq!(
        kept_out.json()["code"],
        "access.wrong_password",
        "a closed account is not told from an unknown one"
    );
}

async fn a_reset_password_ends_the_sessions_made_with_the_old_one(town: &mut Town) {
    let (admin, zhang) = (town.person("administrator", "").await, town.person("epidemiologist", TAIGU).await);
    let fields = json!({ "account": zhang.account, "password": "another invented sentence" });
    admin.change("reset-password", fields).await.ok();
    zhang.get("/api/cases").await.refused(401, "access.signed_out");
    assert!(town.signs_in(&zhang.login, "another invented sentence").await.is_ok());
}

async fn nobody_sets_their_own_role(town: &mut Town) {
    let admin = town.person("administrator", "").await;
    let fields = json!({ "account": admin.account, "role": "epidemiologist" });
    admin.change("set-account", fields).await.refused(422, "access.own_account");
    let zhang = town.person("epidemiologist", TAIGU).await;
    let fields = json!({ "account": zhang.account, "role": "administrator" });
    zhang.change("set-account", fields).await.refused(403, "access.not_allowed");
}

async fn a_role_that_no_pack_knows_is_not_given(town: &mut Town) {
    let (admin, zhang) = (town.person("administrator", "").await, town.person("epidemiologist", TAIGU).await);
    let fields = json!({ "account": zhang.account, "role": "emperor" });
    admin.change("set-account", fields).await.refused(422, "access.role");
    zhang.get("/api/cases").await.ok();
}

async fn a_county_administrator_hands_out_nothing_above_the_county(town: &mut Town) {
    let county = town.person("administrator", TAIGU).await;
    let made = json!({
        "account": scenes::fresh("account"), "login": "too.high", "name": "Somebody", "role": "epidemiologist",
        "territory": SHANXI, "password": "twelve letters or more",
    });
    county.change("create-account", made).await.refused(403, "access.outside_territory");
    let zhang = town.person("epidemiologist", TAIGU).await;
    let fields = json!({ "account": zhang.account, "territory": SHANXI });
    county.change("set-account", fields).await.refused(403, "access.outside_territory");
    let above = town.person("administrator", SHANXI).await;
    let fields = json!({ "account": above.account, "disabled": true });
    county.change("set-account", fields).await.refused(404, "record.missing");
}

async fn the_purpose_is_one_of_the_roles_own(town: &mut Town) {
    let zhang = town.person("epidemiologist", TAIGU).await;
    let told = zhang.post("/api/session/purpose", json!({ "purpose": "follow_up" })).await.ok();
    assert_eq!(told["account"]["purpose"], "follow_up");
    let audit = zhang.post("/api/session/purpose", json!({ "purpose": "audit" })).await;
    audit.refused(422, "access.purpose");
}

async fn a_session_ended_from_elsewhere_is_over_at_once_and_so_is_what_it_listened_to(town: &mut Town) {
    let left_behind = town.person("epidemiologist", TAIGU).await;
    let here = town.signs_in(&left_behind.login, town.password()).await.expect("signed in twice");
    let mut ear = left_behind.listens().await;
    let list = here.get("/api/sessions").await.ok();
    let rows = list["rows"].as_array().unwrap();
    assert_eq!(rows.len(), 2);
    let other = rows.iter().find(|row| row["id"] != list["this"]).unwrap();
    here.change("end-session", json!({ "session": other["id"] })).await.ok();
    left_behind.get("/api/cases").await.refused(401, "access.signed_out");
    assert!(ear.falls_silent().await, "the stream ends with the session");
    here.get("/api/cases").await.ok();
}

async fn all_other_sessions_end_together(town: &mut Town) {
    let first = town.person("epidemiologist", TAIGU).await;
    let second = town.signs_in(&first.login, town.password()).await.expect("signed in");
    let third = town.signs_in(&first.login, town.password()).await.expect("signed in");
    let this = third.get("/api/sessions").await.ok()["this"].clone();
    third.change("end-other-sessions", json!({ "keep": this })).await.ok();
    for over in [&first, &second] {
        over.get("/api/cases").await.refused(401, "access.signed_out");
    }
    assert_eq!(third.get("/api/sessions").await.ok()["rows"].as_array().unwrap().len(), 1);
}

async fn nobody_ends_a_session_of_somebody_else(town: &mut Town) {
    let (zhang, li) =
        (town.person("epidemiologist", TAIGU).await, town.person("epidemiologist", TAIGU).await);
    let this = zhang.get("/api/sessions").await.ok()["this"].clone();
    li.change("end-session", json!({ "session": &this })).await.refused(404, "record.missing");
    li.change("end-other-sessions", json!({ "keep": this })).await.refused(404, "record.missing");
    zhang.get("/api/cases").await.ok();
}

async fn an_administrator_ends_the_sessions_of_an_account(town: &mut Town) {
    let (admin, zhang) = (town.person("administrator", "").await, town.person("epidemiologist", TAIGU).await);
    admin.change("end-sessions", json!({ "account": zhang.account })).await.ok();
    zhang.get("/api/cases").await.refused(401, "access.signed_out");
    town.signs_in(&zhang.login, town.password()).await.expect("who is not disabled comes back");
}

async fn a_weak_or_leaked_password_is_refused_with_what_to_do(town: &mut Town) {
    let leaked = "every lantern in the harbour"; // Its SHA-1, made with sha1sum, stands in the list below.
    let list = town.disk.folder.join("leaked.txt");
    std::fs::write(&list, LEAKED).expect("a list");
    let breached = rooms::access::Breached::at(&list).expect("a list of leaked passwords");
    town.restarts_with(|settings| settings.breached = Some(breached));
    let zhang = town.person("epidemiologist", TAIGU).await;
    for (new, code) in [
        ("passwordpassword", "access.password_weak"),
        ("short", "access.password_length"),
        (leaked, "access.password_breached"),
    ] {
        let fields = json!({ "old": town.password(), "new": new });
        zhang.post("/api/session/password", fields).await.refused(422, code);
    }
    let fields = json!({ "old": town.password(), "new": "every lantern in another harbour" });
    assert_eq!(zhang.post("/api/session/password", fields).await.status, 204);
}
