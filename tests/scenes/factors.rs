//! The second factor: a code that works once, recovery codes for the day the phone is gone, and roles that need one.

use scenes::{Answer, Person, TAIGU, Town, YUCI, both};
use serde_json::{Value, json};

both!(
    with_an_authenticator_the_password_alone_lets_nobody_in,
    a_code_is_used_once_also_by_two_at_the_same_time,
    a_wrong_code_is_refused_and_guessing_gets_slower,
    a_ticket_lasts_five_minutes_and_ends_with_the_password,
    a_recovery_code_opens_once,
    new_recovery_codes_end_the_old_ones,
    an_authenticator_that_was_never_confirmed_counts_for_nothing,
    taking_a_factor_away_needs_a_fresh_proof_with_it,
    an_administrator_resets_a_lost_factor_and_the_sessions_end,
    a_role_that_needs_a_second_factor_may_only_enrol_without_one,
    the_secret_lies_open_nowhere,
);

/// A person with an authenticator: the secret it holds and the recovery codes they wrote down.
struct Phone {
    secret: String,
    recovery: Vec<String>,
}

impl Phone {
    async fn enrolled_by(town: &Town, person: &Person) -> Phone {
        let told = person.post("/api/session/factors/totp", json!({})).await.ok();
        let secret = told["secret"].as_str().expect("a secret").to_owned();
        assert!(told["address"].as_str().unwrap().starts_with("otpauth://totp/Quell:"));
        let mut phone = Phone { secret, recovery: Vec::new() };
        let confirmed = person.post("/api/session/factors/totp/confirm", json!({ "code": phone.code(town) }));
        let codes = confirmed.await.ok()["recovery"].as_array().expect("codes").clone();
        phone.recovery = codes.iter().map(|code| code.as_str().unwrap().to_owned()).collect();
        assert_eq!(phone.recovery.len(), 10);
        phone
    }

    fn code(&self, town: &Town) -> String {
        let secret = totp_rs::Secret::try_from_base32(&self.secret).expect("base 32");
        let totp = totp_rs::Builder::new().with_secret(secret).build().expect("a secret long enough");
        totp.generate(u64::try_from(town.house.now().0 / 1000).unwrap()).to_string()
    }
}

async fn ticket(town: &Town, login: &str) -> String {
    let half = town.signs_in(login, town.password()).await.err().expect("only half in");
    assert_eq!(half.status, 202);
    assert!(half.headers.get("set-cookie").is_none(), "no session yet");
    half.json()["ticket"].as_str().expect("a ticket").to_owned()
}

async fn second_step(town: &Town, ticket: &str, code: &str) -> Answer {
    town.stranger().post("/api/session/code", json!({ "ticket": ticket, "code": code })).await
}

async fn with_an_authenticator_the_password_alone_lets_nobody_in(town: &mut Town) {
    let zhang = town.person("epidemiologist", TAIGU).await;
    let phone = Phone::enrolled_by(town, &zhang).await;
    town.minutes_pass(1);
    let ticket = ticket(town, &zhang.login).await;
    let entered = town.enters(second_step(town, &ticket, &phone.code(town)).await).expect("let in");
    assert_eq!(entered.get("/api/state").await.ok()["account"]["second_factor"], true);
    let rows = entered.get("/api/sessions").await.ok();
    assert_eq!(rows["rows"][0]["method"], "code");
    assert_eq!(rows["rows"][0]["id"], rows["this"]);
}

async fn a_code_is_used_once_also_by_two_at_the_same_time(town: &mut Town) {
    let zhang = town.person("epidemiologist", TAIGU).await;
    let phone = Phone::enrolled_by(town, &zhang).await;
    let confirmed_with = phone.code(town);
    let half = ticket(town, &zhang.login).await;
    second_step(town, &half, &confirmed_with).await.refused(422, "access.code_used");
    town.minutes_pass(1);
    let (half, code) = (ticket(town, &zhang.login).await, phone.code(town));
    let both = tokio::join!(second_step(town, &half, &code), second_step(town, &half, &code));
    let let_in = [&both.0, &both.1].iter().filter(|answer| answer.status == 200).count();
    assert_eq!(let_in, 1, "{} {}", both.0.text, both.1.text);
    second_step(town, &half, &code).await.refused(422, "access.code_used");
}

async fn a_wrong_code_is_refused_and_guessing_gets_slower(town: &mut Town) {
    let zhang = town.person("epidemiologist", TAIGU).await;
    let phone = Phone::enrolled_by(town, &zhang).await;
    town.minutes_pass(10);
    let half = ticket(town, &zhang.login).await;
    let early = phone.code(town);
    town.minutes_pass(2);
    second_step(town, &half, &early).await.refused(422, "access.wrong_code");
    for guess in ["000000", "111111", "a", ""] {
        let told = second_step(town, &half, guess).await;
        assert!(told.status == 422, "{}", told.text);
    }
    second_step(town, &half, &phone.code(town)).await.refused(429, "access.too_many");
}

async fn a_ticket_lasts_five_minutes_and_ends_with_the_password(town: &mut Town) {
    let (admin, zhang) = (town.person("administrator", "").await, town.person("epidemiologist", TAIGU).await);
    let phone = Phone::enrolled_by(town, &zhang).await;
    let half = ticket(town, &zhang.login).await;
    town.minutes_pass(6);
    second_step(town, &half, &phone.code(town)).await.refused(422, "access.ticket");
    let half = ticket(town, &zhang.login).await;
    let fields = json!({ "account": zhang.account, "password": "another invented sentence" });
    admin.change("reset-password", fields).await.ok();
    second_step(town, &half, &phone.code(town)).await.refused(422, "access.ticket");
    second_step(town, "account_0.9999999999999.x", &phone.code(town)).await.refused(422, "access.ticket");
}

async fn a_recovery_code_opens_once(town: &mut Town) {
    let zhang = town.person("epidemiologist", TAIGU).await;
    let phone = Phone::enrolled_by(town, &zhang).await;
    let half = ticket(town, &zhang.login).await;
    let entered = second_step(town, &half, &phone.recovery[3].to_uppercase()).await;
    let entered = town.enters(entered).expect("let in");
    assert_eq!(entered.get("/api/session/factors").await.ok()["recovery_left"], 9);
    let half = ticket(town, &zhang.login).await;
    second_step(town, &half, &phone.recovery[3]).await.refused(422, "access.code_used");
}

async fn new_recovery_codes_end_the_old_ones(town: &mut Town) {
    let zhang = town.person("epidemiologist", TAIGU).await;
    let phone = Phone::enrolled_by(town, &zhang).await;
    let fresh = zhang.post("/api/session/factors/recovery", json!({})).await.ok();
    let half = ticket(town, &zhang.login).await;
    second_step(town, &half, &phone.recovery[0]).await.refused(422, "access.wrong_code");
    let code = fresh["recovery"][0].as_str().unwrap();
    assert_eq!(second_step(town, &half, code).await.status, 200);
}

async fn an_authenticator_that_was_never_confirmed_counts_for_nothing(town: &mut Town) {
    let zhang = town.person("epidemiologist", TAIGU).await;
    zhang.post("/api/session/factors/totp", json!({})).await.ok();
    town.signs_in(&zhang.login, town.password()).await.expect("with the password alone");
    let confirm = zhang.post("/api/session/factors/totp/confirm", json!({ "code": "000000" })).await;
    confirm.refused(422, "access.wrong_code");
    zhang.post("/api/session/factors/recovery", json!({})).await.refused(404, "record.missing");
}

async fn taking_a_factor_away_needs_a_fresh_proof_with_it(town: &mut Town) {
    let mut zhang = town.person("epidemiologist", TAIGU).await;
    let phone = Phone::enrolled_by(town, &zhang).await;
    zhang.post("/api/session/factors/totp", json!({})).await.refused(409, "record.exists");
    town.minutes_pass(16);
    zhang.removes_totp().await.refused(403, "access.step_up");
    zhang.proves(json!({ "password": town.password() })).await.refused(422, "access.code_needed");
    zhang.proves(json!({ "code": phone.code(town) })).await.ok();
    assert_eq!(zhang.removes_totp().await.status, 204);
    town.signs_in(&zhang.login, town.password()).await.expect("with the password alone");
}

async fn an_administrator_resets_a_lost_factor_and_the_sessions_end(town: &mut Town) {
    let (admin, zhang) =
        (town.person("administrator", TAIGU).await, town.person("epidemiologist", TAIGU).await);
    Phone::enrolled_by(town, &zhang).await;
    let neighbour = town.person("administrator", YUCI).await;
    let fields = json!({ "account": zhang.account });
    assert!(neighbour.change("reset-second-factor", fields.clone()).await.status >= 400);
    admin.change("reset-second-factor", fields).await.ok();
    zhang.get("/api/cases").await.refused(401, "access.signed_out");
    town.signs_in(&zhang.login, town.password()).await.expect("with the password alone");
    let own = json!({ "account": admin.account });
    admin.change("reset-second-factor", own).await.refused(422, "access.own_factor");
}

async fn a_role_that_needs_a_second_factor_may_only_enrol_without_one(town: &mut Town) {
    town.restarts_with(|settings| settings.require_second_factor = true);
    let zhang = town.person("epidemiologist", TAIGU).await;
    zhang.get("/api/cases").await.ok();
    let mut auditor = town.person("auditor", "").await;
    assert_eq!(auditor.get("/api/state").await.ok()["account"]["must_enrol"], true);
    auditor.get("/api/journal").await.refused(403, "access.must_enrol");
    auditor.proves(json!({ "password": town.password() })).await.ok();
    let phone = Phone::enrolled_by(town, &auditor).await;
    auditor.get("/api/journal").await.ok();
    town.minutes_pass(1);
    auditor.proves(json!({ "code": phone.code(town) })).await.ok();
    assert_eq!(auditor.removes_totp().await.status, 204);
    auditor.get("/api/journal").await.refused(403, "access.must_enrol");
    assert_eq!(auditor.sign_out().await.status, 204);
}

async fn the_secret_lies_open_nowhere(town: &mut Town) {
    let zhang = town.person("epidemiologist", TAIGU).await;
    let phone = Phone::enrolled_by(town, &zhang).await;
    let kept: Vec<Value> = town.disk.every_value().into_iter().map(|(_, value)| json!(value)).collect();
    let kept = json!(kept).to_string();
    assert!(!kept.contains(&phone.secret));
    assert!(phone.recovery.iter().all(|code| !kept.contains(code) && !kept.contains(&code.replace('-', ""))));
}
