//! Sign-in through an organisation's provider: who is let in, and every way in which a provider's word does not hold.

use scenes::{Double, Lie, Person, TAIGU, Town, both, fresh};
use serde_json::json;

both!(
    who_links_their_account_comes_in_by_the_provider,
    an_administrator_enters_the_number_beforehand,
    a_person_the_house_does_not_know_stays_outside_whatever_their_address,
    a_closed_account_stays_closed,
    who_is_unlinked_comes_in_no_more,
    one_person_of_the_provider_is_one_account_here,
    a_token_that_does_not_hold_lets_nobody_in,
    an_answer_ends_where_it_began_and_once,
    whoever_signs_in_shows_the_provider_anew_who_they_are,
    the_providers_word_is_a_fresh_proof_for_its_own_account_only,
    a_provider_that_is_down_leaves_the_password,
    a_new_key_of_the_provider_is_asked_for_once,
    assurance_is_asked_for_and_looked_at,
);

async fn with_link(town: &Town, double: &Double, subject: &str) -> Person {
    let mut zhang = town.person("epidemiologist", TAIGU).await;
    zhang.by_province(double, "link", (subject, Lie::Nothing)).await.ok();
    zhang
}

async fn who_links_their_account_comes_in_by_the_provider(town: &mut Town) {
    let double = Double::opens(town);
    town.trusts(&double, "");
    let offered = town.stranger().get("/api/ways").await.ok();
    assert_eq!(offered["providers"][0]["id"], "province");
    let zhang = with_link(town, &double, "p-1").await;
    zhang.sign_out().await;

    let mut visitor = town.stranger();
    let answer = visitor.by_province(&double, "sign_in", ("p-1", Lie::Nothing)).await;
    let again = visitor.enters(answer).expect("signed in");
    assert_eq!(again.account, zhang.account);
    let linked = again.get("/api/linked").await.ok()["rows"].clone();
    assert_eq!(linked[0]["subject"], "p-1");
    assert_eq!(
        (linked[0]["acr"].as_str(), linked[0]["amr"].as_str()),
        (Some("urn:example:two"), Some("pwd otp"))
    );
    // Leaving here ends the session here.
    assert_eq!(again.sign_out().await.status, 204);
    again.get("/api/cases").await.refused(401, "access.signed_out");
    assert_eq!(town.journal_verdict().await["ok"], true);
}

async fn an_administrator_enters_the_number_beforehand(town: &mut Town) {
    let double = Double::opens(town);
    town.trusts(&double, "");
    let account = town.has_account("li.wei", "epidemiologist", TAIGU).await;
    let (admin, colleague) = (town.person("administrator", "").await, town.person("analyst", TAIGU).await);
    let link =
        json!({ "linked": fresh("linked"), "account": account, "provider": "province", "subject": "p-2" });
    colleague.change("link-account", link.clone()).await.refused(403, "access.not_allowed");
    town.minutes_pass(16);
    admin.change("link-account", link.clone()).await.refused(403, "access.step_up");
    let admin = town.person("administrator", "").await;
    admin.change("link-account", link).await.ok();
    let mut visitor = town.stranger();
    let answer = visitor.by_province(&double, "sign_in", ("p-2", Lie::Nothing)).await;
    assert_eq!(visitor.enters(answer).expect("signed in").login, "li.wei");
}

async fn a_person_the_house_does_not_know_stays_outside_whatever_their_address(town: &mut Town) {
    let double = Double::opens(town);
    town.trusts(&double, "");
    // The provider says p-9@example.org, and an account has that very login.
    town.has_account("p-9@example.org", "administrator", "").await;
    let mut visitor = town.stranger();
    let answer = visitor.by_province(&double, "sign_in", ("p-9", Lie::Nothing)).await;
    let told = answer.refused(403, "access.provider_unknown");
    assert!(told["en"].as_str().is_some_and(|text| text.ends_with("p-9")), "the number to tell: {told}");
}

async fn a_closed_account_stays_closed(town: &mut Town) {
    let double = Double::opens(town);
    town.trusts(&double, "");
    let zhang = with_link(town, &double, "p-1").await;
    let admin = town.person("administrator", "").await;
    admin.change("set-account", json!({ "account": zhang.account, "disabled": true })).await.ok();
    let mut visitor = town.stranger();
    let answer = visitor.by_province(&double, "sign_in", ("p-1", Lie::Nothing)).await;
    answer.refused(403, "access.account_closed");
}

async fn who_is_unlinked_comes_in_no_more(town: &mut Town) {
    let double = Double::opens(town);
    town.trusts(&double, "");
    let (zhang, li) = (with_link(town, &double, "p-1").await, with_link(town, &double, "p-2").await);
    let mut visitor = town.stranger();
    let answer = visitor.by_province(&double, "sign_in", ("p-1", Lie::Nothing)).await;
    let elsewhere = visitor.enters(answer).expect("signed in");
    let own = zhang.get("/api/linked").await.ok()["rows"][0]["id"].clone();
    li.change("unlink-provider", json!({ "linked": own })).await.refused(404, "record.missing");
    zhang.change("unlink-provider", json!({ "linked": own })).await.ok();
    elsewhere.get("/api/cases").await.refused(401, "access.signed_out");
    zhang.get("/api/cases").await.ok();
    let answer = town.stranger().by_province(&double, "sign_in", ("p-1", Lie::Nothing)).await;
    answer.refused(403, "access.provider_unknown");

    let admin = town.person("administrator", "").await;
    let ways = admin.get(&format!("/api/accounts/{}/ways", li.account)).await.ok();
    let taken = json!({ "account": li.account, "linked": ways["linked"][0]["id"] });
    admin.change("unlink-account", taken).await.ok();
    li.get("/api/cases").await.refused(401, "access.signed_out");
    let answer = town.stranger().by_province(&double, "sign_in", ("p-2", Lie::Nothing)).await;
    answer.refused(403, "access.provider_unknown");
}

async fn one_person_of_the_provider_is_one_account_here(town: &mut Town) {
    let double = Double::opens(town);
    town.trusts(&double, "");
    with_link(town, &double, "p-1").await;
    let mut li = town.person("analyst", TAIGU).await;
    let answer = li.by_province(&double, "link", ("p-1", Lie::Nothing)).await;
    answer.refused(409, "access.linked_already");
    // A link is made by whoever has just shown who they are, and ends in the session that began it.
    let there = li.goes_to_province("link").await.ok();
    let (state, code) = double.grants(there["address"].as_str().unwrap(), "p-3", Lie::Nothing);
    let mut again = town.signs_in(&li.login, town.password()).await.expect("signed in");
    again.goes_to_province("link").await.ok();
    again.brings_back(&state, &code).await.refused(403, "access.provider_browser");
    town.minutes_pass(16);
    li.goes_to_province("link").await.refused(403, "access.step_up");
    let mut nobody = town.stranger();
    nobody.goes_to_province("link").await.refused(401, "access.signed_out");
}

async fn a_token_that_does_not_hold_lets_nobody_in(town: &mut Town) {
    let double = Double::opens(town);
    town.trusts(&double, "");
    with_link(town, &double, "p-1").await;
    for (lie, because) in [
        (Lie::Issuer, "issuer"),
        (Lie::Audience, "audience"),
        (Lie::SecondAudience, "audience"),
        (Lie::AuthorizedParty, "audience"),
        (Lie::Expired, "time"),
        (Lie::IssuedTomorrow, "time"),
        (Lie::Nonce, "nonce"),
        (Lie::NoNonce, "nonce"),
        (Lie::NoSignature, "signature"),
        (Lie::PublicKeyAsSecret, "algorithm"),
        (Lie::ClientSecret, "algorithm"),
        (Lie::OtherKey, "signature"),
        (Lie::UnknownKey, "key"),
        (Lie::ChangedAfterSigning, "signature"),
        (Lie::OtherAccessToken, "access token"),
        (Lie::OldLogin, "age"),
        (Lie::NoLoginTime, "age"),
    ] {
        let answer = town.stranger().by_province(&double, "sign_in", ("p-1", lie)).await;
        let told = answer.refused(403, "access.provider_answer");
        let named = told["en"].as_str().is_some_and(|text| text.contains(&format!("({because})")));
        assert!(named, "{lie:?} is refused as {because}: {told}");
    }
    let answer = town.stranger().by_province(&double, "sign_in", ("p-1", Lie::Nothing)).await;
    assert_eq!(answer.status, 200, "and the truth is believed");
}

async fn an_answer_ends_where_it_began_and_once(town: &mut Town) {
    let double = Double::opens(town);
    town.trusts(&double, "");
    with_link(town, &double, "p-1").await;
    let (mut visitor, mut other) = (town.stranger(), town.stranger());
    let asks = async |visitor: &mut Person| {
        let there = visitor.goes_to_province("sign_in").await.ok();
        double.grants(there["address"].as_str().unwrap(), "p-1", Lie::Nothing)
    };
    // The same state again, with the code that came with it.
    let (state, code) = asks(&mut visitor).await;
    visitor.brings_back(&state, &code).await.ok();
    visitor.brings_back(&state, &code).await.refused(422, "access.provider_late");
    // A used code under a new state.
    let (state, _) = asks(&mut visitor).await;
    visitor.brings_back(&state, &code).await.refused(422, "access.provider_code");
    // A code of somebody else's, caught on its way: it belongs to another question.
    let (state, _) = asks(&mut visitor).await;
    let (_, caught) = asks(&mut other).await;
    visitor.brings_back(&state, &caught).await.refused(422, "access.provider_code");
    // Somebody else's browser: nobody is lured into a stranger's account.
    let (state, code) = asks(&mut visitor).await;
    let mut lured = town.stranger();
    lured.brings_back(&state, &code).await.refused(403, "access.provider_browser");
    let (state, code) = asks(&mut visitor).await;
    other.brings_back(&state, &code).await.refused(403, "access.provider_browser");
    // A guess, and too late.
    visitor.brings_back("a guess", &code).await.refused(422, "access.provider_late");
    let (state, code) = asks(&mut visitor).await;
    town.minutes_pass(6);
    visitor.brings_back(&state, &code).await.refused(422, "access.provider_late");
    // The answer of one provider, said to be another's (RFC 9207).
    let (state, code) = asks(&mut visitor).await;
    let mixed = json!({ "state": state, "code": code, "iss": "https://id.example.net" });
    let told =
        visitor.post("/api/providers/province/back", mixed).await.refused(403, "access.provider_answer");
    assert!(told["en"].as_str().is_some_and(|text| text.contains("(issuer)")));
    visitor
        .post("/api/providers/another/go", json!({ "why": "sign_in" }))
        .await
        .refused(404, "record.missing");
}

async fn whoever_signs_in_shows_the_provider_anew_who_they_are(town: &mut Town) {
    let double = Double::opens(town);
    town.trusts(&double, "");
    let mut visitor = town.stranger();
    let there = visitor.goes_to_province("sign_in").await.ok();
    let there = there["address"].as_str().unwrap();
    assert!(there.contains("prompt=login") && there.contains("max_age=0"), "{there}");
    // On computers that nobody shares, the provider's own session may do.
    town.restarts();
    town.trusts(&double, "remembered = true");
    with_link(town, &double, "p-1").await;
    let mut visitor = town.stranger();
    let there = visitor.goes_to_province("sign_in").await.ok();
    assert!(!there["address"].as_str().unwrap().contains("prompt"));
    let answer = visitor.by_province(&double, "sign_in", ("p-1", Lie::OldLogin)).await;
    assert_eq!(answer.status, 200);
}

async fn the_providers_word_is_a_fresh_proof_for_its_own_account_only(town: &mut Town) {
    let double = Double::opens(town);
    town.trusts(&double, "remembered = true");
    let (mut zhang, _li) = (with_link(town, &double, "p-1").await, with_link(town, &double, "p-2").await);
    let case = zhang.reports(TAIGU, "C1").await;
    let open = format!("/api/subjects/{}/open", case.subject);
    let look = json!({ "purpose": "follow_up", "reason": "the daily call" });
    town.minutes_pass(16);
    zhang.post(&open, look.clone()).await.refused(403, "access.step_up");
    zhang.by_province(&double, "prove", ("p-2", Lie::Nothing)).await.refused(403, "access.provider_unknown");
    zhang.by_province(&double, "prove", ("p-1", Lie::OldLogin)).await.refused(403, "access.provider_answer");
    zhang.post(&open, look.clone()).await.refused(403, "access.step_up");
    zhang.by_province(&double, "prove", ("p-1", Lie::Nothing)).await.ok();
    zhang.post(&open, look).await.ok();
}

async fn a_provider_that_is_down_leaves_the_password(town: &mut Town) {
    let double = Double::opens(town);
    town.trusts(&double, "");
    let zhang = with_link(town, &double, "p-1").await;
    let mut visitor = town.stranger();
    let there = visitor.goes_to_province("sign_in").await.ok();
    let (state, code) = double.grants(there["address"].as_str().unwrap(), "p-1", Lie::Nothing);
    double.goes_down();
    visitor.brings_back(&state, &code).await.refused(502, "access.provider_down");
    // What it announced is believed for a day; after that nobody is sent there.
    assert_eq!(visitor.goes_to_province("sign_in").await.status, 200);
    town.hours_pass(25);
    visitor.goes_to_province("sign_in").await.refused(502, "access.provider_down");
    assert!(town.signs_in(&zhang.login, town.password()).await.is_ok());
}

async fn a_new_key_of_the_provider_is_asked_for_once(town: &mut Town) {
    let double = Double::opens(town);
    town.trusts(&double, "");
    with_link(town, &double, "p-1").await;
    assert_eq!(double.asked_for_keys(), 1, "kept for an hour");
    double.changes_its_key();
    town.minutes_pass(2);
    let answer = town.stranger().by_province(&double, "sign_in", ("p-1", Lie::Nothing)).await;
    assert_eq!(answer.status, 200);
    assert_eq!(double.asked_for_keys(), 2);
    // Made-up key numbers do not make the house ask without end.
    for _ in 0..3 {
        let answer = town.stranger().by_province(&double, "sign_in", ("p-1", Lie::UnknownKey)).await;
        answer.refused(403, "access.provider_answer");
    }
    assert_eq!(double.asked_for_keys(), 2);
}

async fn assurance_is_asked_for_and_looked_at(town: &mut Town) {
    let double = Double::opens(town);
    town.trusts(&double, "acr = [\"urn:example:three\"]");
    let mut zhang = town.person("epidemiologist", TAIGU).await;
    let there = zhang.goes_to_province("link").await.ok();
    let there = there["address"].as_str().unwrap();
    assert!(there.contains("acr_values=urn%3Aexample%3Athree"), "{there}");
    let (state, code) = double.grants(there, "p-1", Lie::Nothing);
    let told = zhang.brings_back(&state, &code).await.refused(403, "access.provider_answer");
    assert!(told["en"].as_str().is_some_and(|text| text.contains("(assurance)")));
}
