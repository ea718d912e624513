//! The second factor: codes of an authenticator (RFC 6238) and, for the day the phone is gone, recovery codes.

use crate::access::changes::{ConfirmTotp, EnrolTotp, RemoveTotp, RenewRecovery, secret_context};
use crate::access::proof::code_used;
use crate::access::sessions::{Entered, hash_token};
use crate::access::views::account_by_id;
use crate::access::{Account, Proof, Session, Visitor, enter, invent_password};
use crate::changes_door::read;
use crate::document::Document;
use crate::refuse::{invalid, missing};
use crate::reply::{Failure, Reply};
use crate::{App, House, packed};
use axum::body::Bytes;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::{get, post};
use axum::{Json, Router};
use base::{Id, Moment};
use serde::Deserialize;
use serde_json::{Value, json};
use store::{Error, Query, Result, Sealed, Vault, params, random_bits};
use totp_rs::{Builder, Secret, Totp};

pub(super) fn router() -> Router<App> {
    Router::new()
        .route("/api/session/code", post(second_step))
        .route("/api/session/factors", get(factors))
        .route("/api/session/factors/totp", post(enrol).delete(remove))
        .route("/api/session/factors/totp/confirm", post(confirm))
        .route("/api/session/factors/recovery", post(renew))
}

/// The same routes in the API's document.
pub(crate) fn described(api: &mut Document) {
    api.route("POST", "/api/session/code").body::<SecondStep>();
    api.route("GET", "/api/session/factors");
    api.route("POST", "/api/session/factors/totp");
    api.route("DELETE", "/api/session/factors/totp");
    api.route("POST", "/api/session/factors/totp/confirm").body::<CodeForm>();
    api.route("POST", "/api/session/factors/recovery");
}

/// Between the right password and the code.
const TICKET_SECONDS: i64 = 5 * 60;
const RECOVERY_CODES: usize = 10;

/// Whether this account may do nothing but enrol: its role holds powers for which a password alone is too little, and this
/// house asks for more.
pub(super) fn must_enrol(house: &House, session: &Session) -> bool {
    let account = &session.account;
    house.settings.require_second_factor
        && !account.second_factor
        // A passkey is both: the device, and the finger or PIN that opened it.
        && session.method != Proof::PASSKEY
        && packed::roles().role(&account.role).is_some_and(|role| role.second_factor)
}

/// Handed out after the right password: carries who it was, and nothing opens with it but the second step. Kept nowhere,
/// so that any copy of the program takes it, and bound to the password, so that a new one ends it.
pub(super) fn ticket(house: &House, account: &Account) -> String {
    let until = house.now().plus_seconds(TICKET_SECONDS).0;
    format!("{}.{until}.{}", account.id, ticket_mark(house, account, until))
}

fn ticket_mark(house: &House, account: &Account, until: i64) -> String {
    house.db.vault().mark("ticket", &format!("{}|{until}|{}", account.id, account.password))
}

async fn account_of(house: &House, ticket: &str) -> std::result::Result<Account, Failure> {
    let mut parts = ticket.splitn(3, '.');
    let (Some(id), Some(until), Some(mark)) = (parts.next(), parts.next(), parts.next()) else {
        return Err(ticket_over().into());
    };
    let (id, until) = (id.to_owned(), until.parse().unwrap_or(0));
    let account = house.db.read(move |reader| account_by_id(reader, &id)).await?;
    account
        .filter(|account| !account.disabled && Moment(until) >= house.now())
        // Compared by their hashes: how long that takes says nothing about the right one.
        .filter(|account| hash_token(mark) == hash_token(&ticket_mark(house, account, until)))
        .ok_or_else(|| ticket_over().into())
}

fn ticket_over() -> Error {
    invalid(
        "access.ticket",
        "ticket",
        "this took longer than five minutes; begin again with the password",
        "已超过五分钟；请重新输入密码",
    )
}

#[derive(Deserialize, schemars::JsonSchema)]
struct SecondStep {
    ticket: String,
    code: String,
}

async fn second_step(
    State(house): State<App>,
    visitor: Visitor,
    body: Bytes,
) -> std::result::Result<Response, Failure> {
    let form: SecondStep = read(&body)?;
    let account = account_of(&house, &form.ticket).await?;
    let key = format!("code {}", account.id);
    house.throttle.slow(&key, house.now())?;
    let proof = proof_by_code(&house, &account, &form.code).await?;
    let entered = enter(&house, account, proof, &visitor).await?;
    house.throttle.forget(&key);
    Ok(entered)
}

/// What a typed code proves: six digits are the authenticator's, anything longer a recovery code.
pub(super) async fn proof_by_code(
    house: &House,
    account: &Account,
    code: &str,
) -> std::result::Result<Proof, Failure> {
    let code: String = code.chars().filter(|c| c.is_ascii_alphanumeric()).collect();
    let (id, seconds) = (account.id.to_string(), unix_seconds(house));
    if code.len() > 6 {
        let mark = recovery_mark(house.db.vault(), &id, &code);
        let wanted = mark.clone();
        let known = house.db.read(move |reader| recovery_known(reader, &id, &wanted)).await?;
        return if known { Ok(Proof::RecoveryCode { mark }) } else { Err(wrong_code().into()) };
    }
    let held = house.db.read(move |reader| held_totp(reader, &id)).await?;
    let held = held.filter(|held| held.confirmed.is_some()).ok_or_else(wrong_code)?;
    let step = held.totp.check(&code, seconds).ok_or_else(wrong_code)?;
    let step = i64::try_from(step).unwrap_or(i64::MAX);
    if step <= held.last_step {
        return Err(code_used().into());
    }
    Ok(Proof::Code { step })
}

fn wrong_code() -> Error {
    invalid(
        "access.wrong_code",
        "code",
        "the code is wrong; type the one your authenticator shows now, and check the clock of that device",
        "验证码错误；请输入验证器当前显示的代码，并检查该设备的时间",
    )
}

/// An account's authenticator as it is kept.
struct Held {
    totp: Totp,
    confirmed: Option<Moment>,
    last_step: i64,
}

fn held_totp(query: &mut dyn Query, account: &str) -> Result<Option<Held>> {
    let sql = "SELECT secret, confirmed, last_step FROM access_totp WHERE account = $1";
    let Some(row) = query.first(sql, params![account])? else { return Ok(None) };
    let Some(key) = Vault::key_of(query, account)? else { return Ok(None) };
    let secret: String = key.open(&secret_context(account), &row.text(0)?)?;
    let confirmed = row.opt_int(1)?.map(Moment);
    Ok(Some(Held { totp: totp(&secret)?, confirmed, last_step: row.int(2)? }))
}

/// Six digits, 30 seconds, SHA-1 (what every authenticator understands), one step early or late (RFC 6238, section 5.2).
fn totp(secret: &str) -> Result<Totp> {
    let fault = || Error::Seal("the authenticator's secret has another shape");
    let secret = Secret::try_from_base32(secret).map_err(|_| fault())?;
    Builder::new().with_secret(secret).with_skew(1).build().map_err(|_| fault())
}

fn unix_seconds(house: &House) -> u64 {
    u64::try_from(house.now().0 / 1000).unwrap_or(0)
}

fn recovery_known(query: &mut dyn Query, account: &str, mark: &str) -> Result<bool> {
    let sql = "SELECT count(*) FROM access_recovery WHERE account = $1 AND mark = $2";
    Ok(query.count(sql, params![account, mark])? > 0)
}

/// Recovery codes have about 100 bits: a keyed hash keeps them, no slow one is needed.
fn recovery_mark(vault: &Vault, account: &str, code: &str) -> String {
    let code: String = code.chars().filter(|c| c.is_ascii_alphanumeric()).collect();
    vault.mark("recovery", &format!("{account}|{}", code.to_ascii_lowercase()))
}

/// The codes as they are shown once, and what is kept of them.
fn new_recovery(house: &House, account: &str) -> (Vec<String>, Vec<String>) {
    let codes: Vec<String> = (0..RECOVERY_CODES).map(|_| invent_password()).collect();
    let marks = codes.iter().map(|code| recovery_mark(house.db.vault(), account, code)).collect();
    (codes, marks)
}

async fn factors(State(house): State<App>, Entered(signed): Entered) -> Reply<Value> {
    let (id, now) = (signed.actor.person().to_owned(), signed.session.account.clone());
    let (since, left) = house
        .db
        .read(move |reader| {
            let since = held_totp(reader, &id)?.and_then(|held| held.confirmed);
            let sql = "SELECT count(*) FROM access_recovery WHERE account = $1 AND used IS NULL";
            Ok((since, reader.count(sql, params![&id])?))
        })
        .await?;
    let asked = packed::roles().role(&now.role).is_some_and(|role| role.second_factor);
    Ok(Json(json!({
        "totp": since.map(|since| json!({ "since": since.to_string() })),
        "recovery_left": left,
        "required": house.settings.require_second_factor && asked,
    })))
}

/// The secret is shown in this answer and never again.
async fn enrol(State(house): State<App>, Entered(signed): Entered) -> Reply<Value> {
    signed.recent(&house)?;
    let bits = [random_bits().to_le_bytes(), random_bits().to_le_bytes()].concat();
    // 160 bits, as RFC 4226 recommends.
    let secret = Secret::from(bits[..20].to_vec()).to_base32();
    let change = EnrolTotp { id: Id::from_bits(random_bits()), secret: Sealed::Open(secret.clone()) };
    house.db.apply(&signed.actor, house.now(), change).await?;
    let label = percent(&signed.session.account.login);
    let address = format!(
        "otpauth://totp/Quell:{label}?secret={secret}&issuer=Quell&algorithm=SHA1&digits=6&period=30"
    );
    Ok(Json(json!({ "secret": secret, "address": address })))
}

fn percent(text: &str) -> String {
    let plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"._-".contains(byte);
    let one = |byte: u8| if plain(&byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") };
    text.bytes().map(one).collect()
}

#[derive(Deserialize, schemars::JsonSchema)]
struct CodeForm {
    code: String,
}

async fn confirm(State(house): State<App>, Entered(signed): Entered, body: Bytes) -> Reply<Value> {
    let form: CodeForm = read(&body)?;
    let key = format!("inside {}", signed.session.id);
    house.throttle.slow(&key, house.now())?;
    let (id, seconds) = (signed.actor.person().to_owned(), unix_seconds(&house));
    let held = house.db.read(move |reader| held_totp(reader, &id)).await?;
    let held = held.ok_or_else(|| missing("authenticator to confirm", "待确认的动态口令"))?;
    let step = held.totp.check(form.code.trim(), seconds).ok_or_else(wrong_code)?;
    let (codes, recovery) = new_recovery(&house, signed.actor.person());
    let change = ConfirmTotp {
        id: Id::from_bits(random_bits()),
        step: i64::try_from(step).unwrap_or(i64::MAX),
        recovery,
    };
    house.db.apply(&signed.actor, house.now(), change).await?;
    house.throttle.forget(&key);
    Ok(Json(json!({ "recovery": codes })))
}

async fn renew(State(house): State<App>, Entered(signed): Entered) -> Reply<Value> {
    signed.recent(&house)?;
    let (codes, recovery) = new_recovery(&house, signed.actor.person());
    let change = RenewRecovery { id: Id::from_bits(random_bits()), recovery };
    house.db.apply(&signed.actor, house.now(), change).await?;
    Ok(Json(json!({ "recovery": codes })))
}

async fn remove(
    State(house): State<App>,
    Entered(signed): Entered,
) -> std::result::Result<StatusCode, Failure> {
    signed.recent(&house)?;
    house.db.apply(&signed.actor, house.now(), RemoveTotp { id: Id::from_bits(random_bits()) }).await?;
    Ok(StatusCode::NO_CONTENT)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 6238, appendix B: the SHA-1 secret `12345678901234567890` and the last six digits of its test values.
    #[test]
    fn codes_are_those_of_the_rfc() {
        let secret = Secret::from(b"12345678901234567890".to_vec()).to_base32();
        let totp = totp(&secret).unwrap();
        for (seconds, code) in [(59, "287082"), (1_111_111_109, "081804"), (2_000_000_000, "279037")] {
            assert_eq!(totp.check(code, seconds), Some(seconds / 30), "{seconds}");
            assert!(totp.check(code, seconds + 30).is_some(), "one step late");
            assert!(totp.check(code, seconds + 61).is_none(), "two are too late");
        }
    }

    #[test]
    fn a_login_in_any_letters_makes_a_readable_address() {
        assert_eq!(percent("li.wei@jz"), "li.wei%40jz");
        assert_eq!(percent("李"), "%E6%9D%8E");
    }
}
