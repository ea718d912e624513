//! Passkeys: coming in without a password, and everything a copied, stolen or foreign one must not do.

use scenes::{Authenticator, HERE, Person, SHANXI, TAIGU, Town, both, fresh};
use serde_json::{Value, json};

both!(
    a_passkey_signs_its_owner_in,
    an_answer_counts_once_in_time_and_for_whoever_was_asked,
    a_passkey_without_finger_or_pin_and_one_for_another_page_are_refused,
    a_copied_passkey_lets_nobody_in_and_stands_in_the_journal,
    an_authenticator_that_does_not_count_is_no_copy,
    a_removed_passkey_opens_nothing_and_ends_the_sessions_it_may_have_begun,
    an_administrator_takes_the_passkeys_of_a_stolen_telephone,
    a_closed_account_is_not_told_from_an_unknown_passkey,
    a_passkey_is_a_fresh_proof_for_its_owner_only,
    a_passkey_is_added_by_somebody_who_has_just_shown_who_they_are,
    a_passkey_is_two_factors_where_a_role_needs_two,
    nobody_names_or_removes_a_colleagues_passkey,
    without_a_name_in_the_address_bar_there_are_passwords_only,
);

async fn own_passkeys(person: &Person) -> Vec<Value> {
    person.get("/api/passkeys").await.ok()["rows"].as_array().cloned().unwrap_or_default()
}

fn id_of(row: &Value) -> String {
    row["id"].as_str().expect("an id").to_owned()
}

async fn journal_of(town: &Town) -> Vec<String> {
    let auditor = town.person("auditor", "").await;
    let rows = auditor.get("/api/journal?order=newest").await.ok()["rows"].clone();
    let rows = rows.as_array().cloned().unwrap_or_default();
    rows.iter().map(|row| row["change"].as_str().unwrap_or_default().to_owned()).collect()
}

async fn a_passkey_signs_its_owner_in(town: &mut Town) {
    town.has_a_name();
    let zhang = town.person("epidemiologist", TAIGU).await;
    let mut telephone = zhang.adds_passkey("the duty telephone").await;
    zhang.sign_out().await;
    zhang.get("/api/cases").await.refused(401, "access.signed_out");

    let stranger = town.stranger();
    let answer = stranger.signs_in_with(&mut telephone).await;
    let again = stranger.enters(answer).expect("signed in");
    assert_eq!(again.account, zhang.account);
    again.get("/api/cases").await.ok();
    let rows = own_passkeys(&again).await;
    assert_eq!(rows[0]["name"], "the duty telephone");
    assert!(rows[0]["used"].is_string());
    let journal = journal_of(town).await;
    for change in ["add passkey", "use passkey"] {
        assert!(journal.iter().any(|row| row == change), "{change} in {journal:?}");
    }
    assert_eq!(town.journal_verdict().await["ok"], true);
    // What was learnt outlives the program.
    town.restarts();
    town.has_a_name();
    let stranger = town.stranger();
    assert_eq!(stranger.signs_in_with(&mut telephone).await.status, 200);
}

async fn an_answer_counts_once_in_time_and_for_whoever_was_asked(town: &mut Town) {
    town.has_a_name();
    let (zhang, li) = (town.person("epidemiologist", TAIGU).await, town.person("analyst", TAIGU).await);
    let mut telephone = zhang.adds_passkey("telephone").await;
    let stranger = town.stranger();
    let asked = stranger.is_asked_for_a_passkey().await;
    let given = json!({ "ticket": asked["ticket"], "answer": telephone.answers(&asked["options"]) });
    stranger.post("/api/session/passkey", given.clone()).await.ok();
    stranger.post("/api/session/passkey", given).await.refused(422, "access.passkey_late");

    let asked = stranger.is_asked_for_a_passkey().await;
    let given = json!({ "ticket": asked["ticket"], "answer": telephone.answers(&asked["options"]) });
    town.minutes_pass(6);
    stranger.post("/api/session/passkey", given).await.refused(422, "access.passkey_late");

    // What a stranger was asked proves nothing in a session, and the other way round.
    let asked = stranger.is_asked_for_a_passkey().await;
    let given = json!({ "ticket": asked["ticket"], "answer": telephone.answers(&asked["options"]) });
    zhang.post("/api/session/prove/passkey", given).await.refused(422, "access.passkey_late");
    let asked = zhang.post("/api/session/prove/passkey/ask", json!({})).await.ok();
    let given = json!({ "ticket": asked["ticket"], "answer": telephone.answers(&asked["options"]) });
    li.post("/api/session/prove/passkey", given).await.refused(422, "access.passkey_late");

    // The question of one sign-in with the answer of another.
    let (first, second) = (stranger.is_asked_for_a_passkey().await, stranger.is_asked_for_a_passkey().await);
    let given = json!({ "ticket": first["ticket"], "answer": telephone.answers(&second["options"]) });
    stranger.post("/api/session/passkey", given).await.refused(422, "access.passkey_refused");
}

async fn a_passkey_without_finger_or_pin_and_one_for_another_page_are_refused(town: &mut Town) {
    town.has_a_name();
    let zhang = town.person("epidemiologist", TAIGU).await;
    let mut telephone = zhang.adds_passkey("telephone").await;
    let stranger = town.stranger();
    let mut unlocked = telephone.unlocked();
    stranger.signs_in_with(&mut unlocked).await.refused(422, "access.passkey_refused");
    let mut lured = telephone.lured_to("https://quell.example.net");
    stranger.signs_in_with(&mut lured).await.refused(422, "access.passkey_refused");
    assert_eq!(stranger.signs_in_with(&mut telephone).await.status, 200);

    let mut new = Authenticator::new(HERE).unlocked();
    zhang.adds_passkey_on(&mut new, "unlocked").await.refused(422, "access.passkey_refused");
    let mut new = Authenticator::new("https://quell.example.net");
    zhang.adds_passkey_on(&mut new, "lured").await.refused(422, "access.passkey_refused");
    assert_eq!(own_passkeys(&zhang).await.len(), 1);
}

async fn a_copied_passkey_lets_nobody_in_and_stands_in_the_journal(town: &mut Town) {
    town.has_a_name();
    let zhang = town.person("epidemiologist", TAIGU).await;
    let mut telephone = zhang.adds_passkey("telephone").await;
    let mut copy = telephone.clone();
    let stranger = town.stranger();
    assert_eq!(stranger.signs_in_with(&mut telephone).await.status, 200);
    stranger.signs_in_with(&mut copy).await.refused(422, "access.passkey_copied");
    // From now on neither is believed, however far it counts.
    copy.counter = Some(90);
    stranger.signs_in_with(&mut copy).await.refused(422, "access.passkey_copied");
    stranger.signs_in_with(&mut telephone).await.refused(422, "access.passkey_copied");
    assert!(journal_of(town).await.iter().any(|change| change == "doubt passkey"));
    let rows = own_passkeys(&zhang).await;
    assert!(rows[0]["doubted"].is_string(), "its owner sees it: {rows:?}");
    zhang.change("remove-passkey", json!({ "passkey": id_of(&rows[0]) })).await.ok();
    let mut new = zhang.adds_passkey("new telephone").await;
    assert_eq!(stranger.signs_in_with(&mut new).await.status, 200);
}

async fn an_authenticator_that_does_not_count_is_no_copy(town: &mut Town) {
    town.has_a_name();
    let zhang = town.person("epidemiologist", TAIGU).await;
    let mut synced = Authenticator::new(HERE).that_does_not_count();
    zhang.adds_passkey_on(&mut synced, "kept in the cloud").await.ok();
    for _ in 0..2 {
        assert_eq!(town.stranger().signs_in_with(&mut synced).await.status, 200);
    }
}

async fn a_removed_passkey_opens_nothing_and_ends_the_sessions_it_may_have_begun(town: &mut Town) {
    town.has_a_name();
    let zhang = town.person("epidemiologist", TAIGU).await;
    let mut telephone = zhang.adds_passkey("telephone").await;
    let stranger = town.stranger();
    let thief = stranger.enters(stranger.signs_in_with(&mut telephone).await).expect("signed in");
    let passkey = id_of(&own_passkeys(&zhang).await[0]);
    zhang.change("remove-passkey", json!({ "passkey": passkey })).await.ok();
    thief.get("/api/cases").await.refused(401, "access.signed_out");
    stranger.signs_in_with(&mut telephone).await.refused(422, "access.passkey_unknown");
    zhang.get("/api/cases").await.ok();
}

async fn an_administrator_takes_the_passkeys_of_a_stolen_telephone(town: &mut Town) {
    town.has_a_name();
    let zhang = town.person("epidemiologist", TAIGU).await;
    let mut telephone = zhang.adds_passkey("telephone").await;
    let (above, beside) = (town.person("administrator", SHANXI).await, town.person("analyst", TAIGU).await);
    let taken = json!({ "account": zhang.account });
    beside.change("take-passkeys", taken.clone()).await.refused(403, "access.not_allowed");
    let ways = above.get(&format!("/api/accounts/{}/ways", zhang.account)).await.ok();
    assert_eq!(ways["passkeys"][0]["name"], "telephone");
    above.change("take-passkeys", taken).await.ok();
    zhang.get("/api/cases").await.refused(401, "access.signed_out");
    town.stranger().signs_in_with(&mut telephone).await.refused(422, "access.passkey_unknown");
}

async fn a_closed_account_is_not_told_from_an_unknown_passkey(town: &mut Town) {
    town.has_a_name();
    let (admin, zhang) = (town.person("administrator", "").await, town.person("epidemiologist", TAIGU).await);
    let mut telephone = zhang.adds_passkey("telephone").await;
    admin.change("set-account", json!({ "account": zhang.account, "disabled": true })).await.ok();
    let closed = town.stranger().signs_in_with(&mut telephone).await.refused(422, "access.passkey_unknown");
    let mut foreign = Authenticator::new(HERE);
    foreign.makes(&json!({ "publicKey": { "user": { "id": "AAAAAAAAAAAAAAAAAAAAAA" } } }));
    let unknown = town.stranger().signs_in_with(&mut foreign).await.refused(422, "access.passkey_unknown");
    assert_eq!(closed, unknown);
}

async fn a_passkey_is_a_fresh_proof_for_its_owner_only(town: &mut Town) {
    town.has_a_name();
    let mut zhang = town.person("epidemiologist", TAIGU).await;
    let li = town.person("analyst", TAIGU).await;
    let case = zhang.reports(TAIGU, "C1").await;
    let open = format!("/api/subjects/{}/open", case.subject);
    let look = json!({ "purpose": "follow_up", "reason": "the daily call" });
    let (mut own, mut colleagues) = (zhang.adds_passkey("own").await, li.adds_passkey("of Li").await);
    town.minutes_pass(16);
    zhang.post(&open, look.clone()).await.refused(403, "access.step_up");
    zhang.proves_with(&mut colleagues).await.refused(422, "access.passkey_unknown");
    zhang.post(&open, look.clone()).await.refused(403, "access.step_up");
    zhang.proves_with(&mut own).await.ok();
    zhang.post(&open, look).await.ok();
}

async fn a_passkey_is_added_by_somebody_who_has_just_shown_who_they_are(town: &mut Town) {
    town.has_a_name();
    let zhang = town.person("epidemiologist", TAIGU).await;
    let mut telephone = zhang.adds_passkey("telephone").await;
    zhang.adds_passkey_on(&mut telephone, "once more").await.refused(422, "access.passkey_refused");
    let li = town.person("analyst", TAIGU).await;
    li.adds_passkey_on(&mut telephone.clone(), "the same for two").await.refused(409, "record.exists");
    zhang.adds_passkey_on(&mut Authenticator::new(HERE), "  ").await.refused(422, "field.required");
    town.minutes_pass(16);
    let mut found = Authenticator::new(HERE);
    zhang.adds_passkey_on(&mut found, "of somebody at my desk").await.refused(403, "access.step_up");
    let passkey = id_of(&own_passkeys(&zhang).await[0]);
    zhang.change("remove-passkey", json!({ "passkey": passkey })).await.refused(403, "access.step_up");
}

async fn a_passkey_is_two_factors_where_a_role_needs_two(town: &mut Town) {
    town.restarts_with(|settings| settings.require_second_factor = true);
    town.has_a_name();
    let auditor = town.person("auditor", "").await;
    auditor.get("/api/journal").await.refused(403, "access.must_enrol");
    let mut key = auditor.adds_passkey("the key on the ring").await;
    auditor.get("/api/journal").await.refused(403, "access.must_enrol");
    let stranger = town.stranger();
    let again = stranger.enters(stranger.signs_in_with(&mut key).await).expect("signed in");
    again.get("/api/journal").await.ok();
}

async fn nobody_names_or_removes_a_colleagues_passkey(town: &mut Town) {
    town.has_a_name();
    let (zhang, li) = (town.person("epidemiologist", TAIGU).await, town.person("analyst", TAIGU).await);
    zhang.adds_passkey("telephone").await;
    let passkey = id_of(&own_passkeys(&zhang).await[0]);
    li.change("remove-passkey", json!({ "passkey": passkey })).await.refused(404, "record.missing");
    let named = json!({ "passkey": passkey, "name": "mine now" });
    li.change("name-passkey", named.clone()).await.refused(404, "record.missing");
    zhang.change("name-passkey", named).await.ok();
    assert_eq!(own_passkeys(&zhang).await[0]["name"], "mine now");
    let unknown = json!({ "passkey": fresh("passkey"), "name": "nothing" });
    zhang.change("name-passkey", unknown).await.refused(404, "record.missing");
}

async fn without_a_name_in_the_address_bar_there_are_passwords_only(town: &mut Town) {
    let zhang = town.person("epidemiologist", TAIGU).await;
    zhang.post("/api/passkeys/ask", json!({})).await.refused(409, "access.passkeys_off");
    town.stranger().post("/api/session/passkey/ask", json!({})).await.refused(409, "access.passkeys_off");
    let ways = town.stranger().get("/api/ways").await.ok();
    assert_eq!(ways, json!({ "passkeys": null, "providers": [] }));
}
