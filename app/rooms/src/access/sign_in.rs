//! Signing in with a password, proving it again, naming a purpose, leaving, a new password of one's own.

use crate::access::changes::{ChangeOwnPassword, SetSession};
use crate::access::enter::proved_again;
use crate::access::http::{hashed, state_for};
use crate::access::passwords::password_fits;
use crate::access::sessions::cookie;
use crate::access::{Proof, Signed, Visitor, account_by_login, enter};
use crate::changes_door::read;
use crate::refuse::invalid;
use crate::reply::{Failure, Reply};
use crate::{App, House, packed};
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use axum::{Json, Router};
use base::Id;
use serde::Deserialize;
use serde_json::Value;
use store::{Error, random_bits};

pub(super) fn router() -> Router<App> {
    Router::new()
        .route("/api/session", post(sign_in).delete(sign_out))
        .route("/api/session/prove", post(prove))
        .route("/api/session/purpose", post(set_purpose))
        .route("/api/session/password", post(own_password))
}

#[derive(Deserialize)]
struct SignInForm {
    login: String,
    password: String,
}

async fn sign_in(State(house): State<App>, visitor: Visitor, body: Bytes) -> Result<Response, Failure> {
    let form: SignInForm = read(&body)?;
    let login = form.login.trim().to_owned();
    house.throttle.knock(&login, house.now())?;
    let wanted = login.clone();
    let account = house.db.read(move |reader| account_by_login(reader, &wanted)).await?;
    let account = account.filter(|account| !account.disabled);
    let stored = account.as_ref().map(|account| account.password.clone());
    let fits = fits(&house, form.password, stored).await;
    match account.filter(|_| fits) {
        Some(account) => {
            house.throttle.forget(&login);
            enter(&house, account, Proof::Password, &visitor).await
        }
        None => Err(invalid(
            "access.wrong_password",
            "password",
            "login or password is wrong; check both, or ask an administrator for a new password",
            "登录名或密码错误；请检查，或请系统管理员重置密码",
        )
        .into()),
    }
}

async fn fits(house: &House, password: String, stored: Option<String>) -> bool {
    let _turn = house.throttle.turn().await;
    let fits = tokio::task::spawn_blocking(move || password_fits(&password, stored.as_deref()));
    fits.await.unwrap_or(false)
}

/// The password of whoever is signed in, once more.
async fn own_password_fits(
    house: &House,
    signed: &Signed,
    password: String,
    field: &str,
) -> Result<(), Failure> {
    let login = &signed.session.account.login;
    house.throttle.knock(login, house.now())?;
    if !fits(house, password, Some(signed.session.account.password.clone())).await {
        return Err(wrong_own_password(field).into());
    }
    house.throttle.forget(login);
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

#[derive(Deserialize)]
struct ProveForm {
    password: String,
}

async fn prove(State(house): State<App>, signed: Signed, body: Bytes) -> Result<Response, Failure> {
    let form: ProveForm = read(&body)?;
    own_password_fits(&house, &signed, form.password, "password").await?;
    proved_again(&house, &signed, Proof::Password).await
}

async fn sign_out(State(house): State<App>, signed: Signed) -> Result<Response, Failure> {
    let change =
        SetSession { id: Id::from_bits(random_bits()), session: Some(signed.session.id), purpose: None };
    house.db.apply(&signed.actor, house.now(), change).await?;
    Ok((StatusCode::NO_CONTENT, [(header::SET_COOKIE, cookie(&house, "", 0))]).into_response())
}

#[derive(Deserialize)]
struct PurposeForm {
    purpose: String,
}

async fn set_purpose(State(house): State<App>, mut signed: Signed, body: Bytes) -> Reply<Value> {
    let form: PurposeForm = read(&body)?;
    let role = packed::roles().role(&signed.session.account.role);
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

#[derive(Deserialize)]
struct PasswordForm {
    old: String,
    new: String,
}

/// The old one is the proof; whoever else sits in a session of this account is out.
async fn own_password(State(house): State<App>, signed: Signed, body: Bytes) -> Result<StatusCode, Failure> {
    let form: PasswordForm = read(&body)?;
    own_password_fits(&house, &signed, form.old, "old").await?;
    let change = ChangeOwnPassword {
        id: Id::from_bits(random_bits()),
        session: Some(signed.session.id),
        password_hash: hashed(form.new).await?,
    };
    house.db.apply(&signed.actor, house.now(), change).await?;
    Ok(StatusCode::NO_CONTENT)
}
