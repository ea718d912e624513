//! Signing in with a password, proving it again, naming a purpose, leaving, a new password of one's own.

use crate::access::changes::{ChangeOwnPassword, NoteFailures, SetSession};
use crate::access::devices::known_device;
use crate::access::enter::proved_again;
use crate::access::grant::house_itself;
use crate::access::http::{hashed, state_for};
use crate::access::passwords::password_fits;
use crate::access::second_factor::{proof_by_code, ticket};
use crate::access::sessions::{Entered, cookie};
use crate::access::throttle::{Attempt, Failures, Knock};
use crate::access::views::{failures_of, sessions_of};
use crate::access::{Account, Proof, Signed, Visitor, account_by_login, enter};
use crate::changes_door::read;
use crate::document::Document;
use crate::refuse::invalid;
use crate::reply::{Failure, Reply};
use crate::{App, House, packed};
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use base::Id;
use serde::Deserialize;
use serde_json::{Value, json};
use store::{Error, random_bits};

pub(super) fn router() -> Router<App> {
    Router::new()
        .route("/api/session", post(sign_in).delete(sign_out))
        .route("/api/session/prove", post(prove))
        .route("/api/session/purpose", post(set_purpose))
        .route("/api/session/password", post(own_password))
        .route("/api/sessions", get(own_sessions))
}

/// The same routes in the API's document.
pub(crate) fn described(api: &mut Document) {
    api.route("POST", "/api/session").body::<SignInForm>();
    api.route("DELETE", "/api/session");
    api.route("POST", "/api/session/prove").body::<ProveForm>();
    api.route("POST", "/api/session/purpose").body::<PurposeForm>();
    api.route("POST", "/api/session/password").body::<PasswordForm>();
    api.route("GET", "/api/sessions");
}

#[derive(Deserialize, schemars::JsonSchema)]
struct SignInForm {
    login: String,
    password: String,
}

async fn sign_in(State(house): State<App>, visitor: Visitor, body: Bytes) -> Result<Response, Failure> {
    let form: SignInForm = read(&body)?;
    match proved_by_password(&house, &visitor, form).await? {
        Some(account) if account.second_factor => {
            let told = json!({ "ticket": ticket(&house, &account), "needs": "code" });
            Ok((StatusCode::ACCEPTED, Json(told)).into_response())
        }
        Some(account) => enter(&house, account, Proof::Password, &visitor).await,
        None => Err(invalid(
            "access.wrong_password",
            "password",
            "login or password is wrong; check both, or ask an administrator for a new password",
            "登录名或密码错误；请检查，或请系统管理员重置密码",
        )
        .into()),
    }
}

/// The same steps and the same time whether the login exists, is closed to strangers for now, or the password is wrong.
async fn proved_by_password(
    house: &House,
    visitor: &Visitor,
    form: SignInForm,
) -> Result<Option<Account>, Failure> {
    let login = form.login.trim().to_owned();
    let wanted = login.clone();
    let (account, written) = house
        .db
        .read(move |reader| {
            let account = account_by_login(reader, &wanted)?.filter(|account| !account.disabled);
            let written = match &account {
                Some(account) => failures_of(reader, account.id)?,
                None => 0,
            };
            Ok((account, written))
        })
        .await?;
    let device = account.as_ref().and_then(|account| known_device(house, visitor, account));
    let household = visitor.household();
    let attempt = Attempt {
        login: &login,
        household,
        device: device.as_deref(),
        account: account.as_ref().map(|account| (account.id, written)),
    };
    let knock = house.throttle.knock(&attempt, house.now())?;
    let stored = account.as_ref().filter(|_| knock == Knock::Check).map(|account| account.password.clone());
    let fits = fits(house, form.password, stored, device.is_some()).await?;
    if !fits {
        write_failures(house).await;
    }
    Ok(account.filter(|_| fits))
}

async fn fits(house: &House, password: String, stored: Option<String>, known: bool) -> Result<bool, Failure> {
    let _turn = house.throttle.turn(known).await?;
    let fits = tokio::task::spawn_blocking(move || password_fits(&password, stored.as_deref()));
    Ok(fits.await.unwrap_or(false))
}

/// Failing to write them down is no reason to answer differently: memory counts on.
async fn write_failures(house: &House) {
    if let Some(Failures { accounts, unknown }) = house.throttle.failed(house.now()) {
        let change = NoteFailures { id: Id::from_bits(random_bits()), accounts, unknown };
        let _ = house.db.apply(&house_itself(), house.now(), change).await;
    }
}

/// The password of whoever is signed in, once more.
async fn own_password_fits(
    house: &House,
    signed: &Signed,
    password: String,
    field: &str,
) -> Result<(), Failure> {
    let key = format!("inside {}", signed.session.id);
    house.throttle.slow(&key, house.now())?;
    if !fits(house, password, Some(signed.session.account.password.clone()), true).await? {
        return Err(wrong_own_password(field).into());
    }
    house.throttle.forget(&key);
    Ok(())
}

fn wrong_own_password(field: &str) -> Error {
    invalid(
        "access.wrong_password",
        field,
        "the present password is wrong; type it again",
        "当前密码错误；请重新输入",
    )
}

#[derive(Deserialize, schemars::JsonSchema)]
struct ProveForm {
    #[serde(default)]
    password: String,
    #[serde(default)]
    code: Option<String>,
}

/// Whoever has a second factor shows that one: a password seen over a shoulder, in a session left open, is not enough.
async fn prove(State(house): State<App>, Entered(signed): Entered, body: Bytes) -> Result<Response, Failure> {
    let form: ProveForm = read(&body)?;
    let account = &signed.session.account;
    if !account.second_factor {
        own_password_fits(&house, &signed, form.password, "password").await?;
        return proved_again(&house, &signed, Proof::Password).await;
    }
    let Some(code) = form.code else {
        return Err(invalid(
            "access.code_needed",
            "code",
            "your account has an authenticator: type the code it shows now",
            "您的账号已启用动态口令：请输入验证器当前显示的代码",
        )
        .into());
    };
    let key = format!("inside {}", signed.session.id);
    house.throttle.slow(&key, house.now())?;
    let proof = proof_by_code(&house, account, &code).await?;
    let proved = proved_again(&house, &signed, proof).await?;
    house.throttle.forget(&key);
    Ok(proved)
}

async fn sign_out(State(house): State<App>, Entered(signed): Entered) -> Result<Response, Failure> {
    let change =
        SetSession { id: Id::from_bits(random_bits()), session: Some(signed.session.id), purpose: None };
    house.db.apply(&signed.actor, house.now(), change).await?;
    Ok((StatusCode::NO_CONTENT, [(header::SET_COOKIE, cookie(&house, "", 0))]).into_response())
}

#[derive(Deserialize, schemars::JsonSchema)]
struct PurposeForm {
    purpose: String,
}

async fn set_purpose(State(house): State<App>, Entered(mut signed): Entered, body: Bytes) -> Reply<Value> {
    let form: PurposeForm = read(&body)?;
    let role = packed::roles().role(&signed.actor.scope.role);
    if !role.is_some_and(|role| role.purposes.contains(&form.purpose)) {
        return Err(invalid(
            "access.purpose",
            "purpose",
            "your role does not work for this purpose; choose one of yours",
            "您的角色不适用该目的；请从列表中选择",
        )
        .into());
    }
    let change = SetSession {
        id: Id::from_bits(random_bits()),
        session: Some(signed.session.id),
        purpose: Some(form.purpose.clone()),
    };
    house.db.apply(&signed.actor, house.now(), change).await?;
    signed.session.purpose = form.purpose;
    Ok(Json(state_for(&house, Some(&signed.session)).await?))
}

async fn own_sessions(State(house): State<App>, Entered(signed): Entered) -> Reply<Value> {
    let (account, now) = (signed.session.account.id, house.now());
    let rows = house.db.read(move |reader| sessions_of(reader, account, now)).await?;
    Ok(Json(json!({ "this": signed.session.id, "rows": rows })))
}

#[derive(Deserialize, schemars::JsonSchema)]
struct PasswordForm {
    old: String,
    new: String,
}

/// The old one is the proof; whoever else sits in a session of this account is out.
async fn own_password(
    State(house): State<App>,
    Entered(signed): Entered,
    body: Bytes,
) -> Result<StatusCode, Failure> {
    let form: PasswordForm = read(&body)?;
    own_password_fits(&house, &signed, form.old, "old").await?;
    let own = [signed.session.account.login.clone(), signed.session.account.name.clone()];
    let change = ChangeOwnPassword {
        id: Id::from_bits(random_bits()),
        session: Some(signed.session.id),
        password_hash: hashed(&house, form.new, own).await?,
    };
    house.db.apply(&signed.actor, house.now(), change).await?;
    Ok(StatusCode::NO_CONTENT)
}
