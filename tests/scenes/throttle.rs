//! Guessing is slow, and keeps nobody out who belongs here.

use scenes::{Person, TAIGU, Town, both, fresh};
use serde_json::json;

both!(
    a_guesser_slows_down_their_own_address_only,
    a_stranger_cannot_lock_out_the_owner,
    a_hundred_failures_are_remembered_over_a_restart,
    a_login_nobody_has_is_answered_like_one_somebody_has,
    a_reset_password_makes_every_device_unknown,
    a_proof_in_an_open_session_cannot_be_guessed_fast,
    failed_sign_ins_are_in_the_journal_without_what_was_typed,
    who_tries_doors_that_are_not_theirs_is_in_the_journal_without_what_was_asked_for,
);

const GUESSER: &str = "198.51.100.7";
const OWNER: &str = "203.0.113.20";

async fn guesses(town: &Town, browser: &Person, login: &str) -> u16 {
    town.signs_in_at(browser, login, "not the password").await.err().expect("kept out").status
}

async fn a_guesser_slows_down_their_own_address_only(town: &mut Town) {
    town.has_account("li.wei", "epidemiologist", TAIGU).await;
    let guesser = town.stranger().from(GUESSER);
    for _ in 0..5 {
        assert_eq!(guesses(town, &guesser, "li.wei").await, 422);
    }
    let slowed = town.signs_in_at(&guesser, "li.wei", town.password()).await.err().expect("slowed down");
    let wait: u64 = slowed.headers["retry-after"].to_str().unwrap().parse().expect("seconds");
    assert!(wait >= 1);
    slowed.refused(429, "access.too_many");
    let owner = town.stranger().from(OWNER);
    town.signs_in_at(&owner, "li.wei", town.password()).await.expect("the owner is let in meanwhile");
}

async fn a_stranger_cannot_lock_out_the_owner(town: &mut Town) {
    town.has_account("li.wei", "epidemiologist", TAIGU).await;
    let home = town.signs_in_at(&town.stranger().from(OWNER), "li.wei", town.password()).await.expect("in");
    guesses(town, &town.stranger().from(GUESSER), "li.wei").await;
    // A hundred more from everywhere, told to the table instead of sent.
    town.disk.tamper("UPDATE access_failure SET failures = 100");
    town.minutes_pass(1);
    let elsewhere = town.stranger().from("192.0.2.9");
    let kept_out = town.signs_in_at(&elsewhere, "li.wei", town.password()).await.err().expect("kept out");
    kept_out.refused(422, "access.wrong_password");
    let again = town.signs_in_at(&home.signed_out(), "li.wei", town.password()).await.expect("known here");
    again.get("/api/cases").await.ok();
    town.minutes_pass(1);
    town.signs_in_at(&elsewhere, "li.wei", town.password())
        .await
        .expect("the owner's coming opened it again");
}

async fn a_hundred_failures_are_remembered_over_a_restart(town: &mut Town) {
    town.has_account("li.wei", "epidemiologist", TAIGU).await;
    guesses(town, &town.stranger().from(GUESSER), "li.wei").await;
    town.disk.tamper("UPDATE access_failure SET failures = 100");
    town.restarts();
    let elsewhere = town.stranger().from("192.0.2.9");
    let kept_out = town.signs_in_at(&elsewhere, "li.wei", town.password()).await.err().expect("kept out");
    kept_out.refused(422, "access.wrong_password");
    // The administrator's new password is the way back for whoever has no known device.
    let admin = town.person("administrator", "").await;
    let rows = admin.get("/api/accounts").await.ok();
    let row = rows["rows"].as_array().unwrap().iter().find(|row| row["login"] == "li.wei").unwrap().clone();
    let fields = json!({ "account": row["id"], "password": "another invented sentence" });
    admin.change("reset-password", fields).await.ok();
    town.minutes_pass(1);
    town.signs_in_at(&elsewhere, "li.wei", "another invented sentence").await.expect("let in");
}

async fn a_login_nobody_has_is_answered_like_one_somebody_has(town: &mut Town) {
    town.has_account("li.wei", "epidemiologist", TAIGU).await;
    let mut told = Vec::new();
    for (login, address) in [("li.wei", "192.0.2.1"), ("nobody.here", "192.0.2.2")] {
        let guesser = town.stranger().from(address);
        let mut answers = Vec::new();
        for _ in 0..7 {
            let answer = town.signs_in_at(&guesser, login, "not the password").await.err().expect("kept out");
            answers.push((answer.status, answer.text.clone()));
        }
        told.push(answers);
    }
    assert_eq!(told[0], told[1]);
}

async fn a_reset_password_makes_every_device_unknown(town: &mut Town) {
    let (admin, zhang) = (town.person("administrator", "").await, town.person("epidemiologist", TAIGU).await);
    let fields = json!({ "account": zhang.account, "password": "another invented sentence" });
    admin.change("reset-password", fields).await.ok();
    let old = zhang.signed_out().from(GUESSER);
    for _ in 0..5 {
        guesses(town, &old, &zhang.login).await;
    }
    // A known device would pass beside its address's wait with another cookie; this one waits as a stranger does.
    let stranger = town.stranger().from(GUESSER);
    assert_eq!(guesses(town, &stranger, &zhang.login).await, 429);
}

async fn a_proof_in_an_open_session_cannot_be_guessed_fast(town: &mut Town) {
    let mut zhang = town.person("epidemiologist", TAIGU).await;
    for _ in 0..5 {
        zhang.proves(json!({ "password": "a guess" })).await.refused(422, "access.wrong_password");
    }
    zhang.proves(json!({ "password": town.password() })).await.refused(429, "access.too_many");
    town.minutes_pass(1);
    zhang.proves(json!({ "password": town.password() })).await.ok();
}

async fn who_tries_doors_that_are_not_theirs_is_in_the_journal_without_what_was_asked_for(town: &mut Town) {
    let zhang = town.person("epidemiologist", TAIGU).await;
    let guessed = fresh("case");
    for _ in 0..3 {
        zhang.get(&format!("/api/cases/{guessed}")).await.refused(404, "record.missing");
    }
    zhang.get("/api/accounts").await.refused(403, "access.not_allowed");
    town.minutes_pass(2);
    zhang.get("/api/state").await.ok();
    let auditor = town.person("auditor", "").await;
    let journal = auditor.get("/api/journal?order=newest").await.ok();
    let rows = journal["rows"].as_array().unwrap();
    let noted = rows.iter().find(|row| row["change"] == "note refusals").expect("a row about refusals");
    assert!(noted["about"].to_string().contains("account_"), "whose requests: {noted}");
    let written = town.disk.every_value();
    let told = |text: &str| written.iter().any(|(_, value)| value.contains(text));
    assert!(told("record.missing") && told("access.not_allowed") && !told(&guessed));
}

async fn failed_sign_ins_are_in_the_journal_without_what_was_typed(town: &mut Town) {
    town.has_account("li.wei", "epidemiologist", TAIGU).await;
    guesses(town, &town.stranger().from(GUESSER), "my-password-typed-as-login").await;
    town.minutes_pass(2);
    guesses(town, &town.stranger().from(GUESSER), "li.wei").await;
    let auditor = town.person("auditor", "").await;
    let journal = auditor.get("/api/journal?order=newest").await.ok().to_string();
    assert!(journal.contains("note failed sign-ins"), "{journal}");
    assert!(town.disk.every_value().iter().all(|(_, value)| !value.contains("my-password-typed")));
}
