//! Routes of the access room.

use crate::access::changes::{CreateAccount, FirstRun, ResetPassword, known_role};
use crate::access::sessions::{csrf_of, current};
use crate::access::views::{account_by_id, accounts};
use crate::access::{
    AccountId, Proof, Session, Signed, Visitor, account_by_login, enter, hash_password, scope_of,
    second_person, sign_in,
};
use crate::changes_door::read;
use crate::refuse::missing;
use crate::reply::{Failure, Reply};
use crate::{App, House, cases, packed};
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::response::Response;
use axum::routing::{get, post};
use axum::{Json, Router};
use base::{Id, Moment, Territory};
use serde::Deserialize;
use serde_json::{Value, json};
use store::{Actor, Permission, Refusal, Scope, Sent, Status, random_bits};

pub fn router() -> Router<App> {
    Router::new()
        .merge(sign_in::router())
        .route("/api/state", get(state))
        .route("/api/first-run", post(first_run))
        .route("/api/accounts", get(list_accounts))
        .route("/api/accounts/{id}/sees", get(what_they_see))
        .route("/api/changes/create-account", post(create_account))
        .route("/api/changes/reset-password", post(reset_password))
        .route("/api/asks", get(list_asks))
}

async fn state(State(house): State<App>, headers: HeaderMap) -> Reply<Value> {
    let session = current(&house, &headers).await?;
    Ok(Json(state_for(&house, session.as_ref()).await?))
}

pub(super) async fn state_for(house: &House, session: Option<&Session>) -> Result<Value, Failure> {
    let fresh =
        house.setup_code.is_some() && !house.db.read(|reader| crate::access::any_account(reader)).await?;
    let roles = packed::roles();
    let account = session.map(|session| {
        let account = &session.account;
        let scope = scope_of(account, &session.purpose);
        let role = roles.role(&account.role);
        json!({
            "id": account.id, "login": account.login, "name": account.name, "role": account.role,
            "territory": account.territory, "purpose": session.purpose,
            "permissions": scope.permissions().map(Permission::word).collect::<Vec<_>>(),
            "purposes": role.map(|role| role.purposes.iter().collect::<Vec<_>>()),
        })
    });
    Ok(json!({
        "version": env!("CARGO_PKG_VERSION"),
        "first_run": fresh,
        "demo": house.settings.demo,
        "account": account,
        "csrf": session.map(|session| csrf_of(house, session.id)),
        "today": house.today(),
        "roles": roles.roles.iter().map(|role| json!({
            "id": role.id, "zh": role.zh, "en": role.en, "purposes": role.purposes,
            "comes_for_zh": role.comes_for_zh, "comes_for_en": role.comes_for_en,
        })).collect::<Vec<_>>(),
        "purposes": roles.purposes.iter().map(|purpose| json!({
            "id": purpose.id, "zh": purpose.zh, "en": purpose.en,
        })).collect::<Vec<_>>(),
    }))
}

#[derive(Deserialize)]
struct FirstRunForm {
    setup_code: String,
    login: String,
    name: String,
    password: String,
}

async fn first_run(State(house): State<App>, visitor: Visitor, body: Bytes) -> Result<Response, Failure> {
    let form: FirstRunForm = read(&body)?;
    let key = format!("first run {}", visitor.household());
    house.throttle.slow(&key, house.now())?;
    if house.setup_code.as_deref() != Some(form.setup_code.trim()) {
        return Err(Refusal::new(
            Status::Forbidden,
            "access.setup_code",
            "this is not the setup code; copy the whole address the program printed when it started",
            "设置码不正确；请完整复制程序启动时打印的地址",
        )
        .into());
    }
    let login = form.login.trim().to_owned();
    let first = CreateAccount {
        id: Id::from_bits(random_bits()),
        account: Id::from_bits(random_bits()),
        login: login.clone(),
        name: form.name,
        role: "administrator".to_owned(),
        territory: Territory::whole(),
        organisation: None,
        password_hash: hashed(form.password).await?,
    };
    let scope = Scope::granted(
        Territory::whole(),
        "first run",
        "system_administration",
        [Permission::AccountsManage],
    );
    let actor = Actor { id: "first run".to_owned(), scope };
    house.db.apply(&actor, house.now(), FirstRun { first }).await?;
    house.throttle.forget(&key);
    let account = house.db.read(move |reader| account_by_login(reader, &login)).await?;
    let account = account.ok_or_else(|| missing("account", "账号"))?;
    enter(&house, account, Proof::Password, &visitor).await
}

pub(super) async fn hashed(password: String) -> Result<String, Failure> {
    let hash = tokio::task::spawn_blocking(move || hash_password(&password)).await;
    Ok(hash.map_err(|_| store::Error::Closed)??)
}

async fn list_accounts(State(house): State<App>, signed: Signed) -> Reply<Value> {
    let scope = signed.scope();
    scope.demand(Permission::AccountsManage)?;
    let rows = house.db.read(move |reader| accounts(reader, &scope.territory)).await?;
    Ok(Json(json!({ "rows": rows })))
}

async fn what_they_see(
    State(house): State<App>,
    signed: Signed,
    Path(id): Path<Id<AccountId>>,
) -> Reply<Value> {
    let scope = signed.scope();
    scope.demand(Permission::AccountsManage)?;
    let account = house.db.read(move |reader| account_by_id(reader, &id.to_string())).await?;
    let account = account.ok_or_else(|| missing("account", "账号"))?;
    scope.demand_territory(&account.territory)?;
    let theirs = scope_of(&account, "preview");
    let (cases, contacts) = house.db.read(move |reader| cases::views::sizes(reader, &theirs)).await?;
    let theirs = scope_of(&account, "preview");
    let doors = packed::roles()
        .permissions
        .iter()
        .filter(|door| theirs.permissions().any(|p| p.word() == door.id.word()));
    Ok(Json(json!({
        "role": account.role, "territory": account.territory, "cases": cases, "contacts": contacts,
        "permissions": doors.map(|door| json!({ "id": door.id.word(), "zh": door.zh, "en": door.en })).collect::<Vec<_>>(),
    })))
}

#[derive(Deserialize)]
struct NewAccountForm {
    id: Id<Sent>,
    account: Id<AccountId>,
    login: String,
    name: String,
    role: String,
    territory: Territory,
    #[serde(default)]
    organisation: Option<String>,
    password: String,
}

async fn create_account(State(house): State<App>, signed: Signed, body: Bytes) -> Reply<Value> {
    let form: NewAccountForm = read(&body)?;
    signed.actor.scope.demand(Permission::AccountsManage)?;
    signed.recent(&house)?;
    known_role(&form.role)?;
    let change = CreateAccount {
        id: form.id,
        account: form.account,
        login: form.login.trim().to_owned(),
        name: form.name,
        role: form.role,
        territory: form.territory,
        organisation: form.organisation,
        password_hash: hashed(form.password).await?,
    };
    house.db.apply(&signed.actor, house.now(), change).await?;
    Ok(Json(json!({ "out": null })))
}

#[derive(Deserialize)]
struct ResetForm {
    id: Id<Sent>,
    account: Id<AccountId>,
    password: String,
}

async fn reset_password(State(house): State<App>, signed: Signed, body: Bytes) -> Reply<Value> {
    let form: ResetForm = read(&body)?;
    signed.actor.scope.demand(Permission::AccountsManage)?;
    signed.recent(&house)?;
    let change =
        ResetPassword { id: form.id, account: form.account, password_hash: hashed(form.password).await? };
    house.db.apply(&signed.actor, house.now(), change).await?;
    Ok(Json(json!({ "out": null })))
}

async fn list_asks(State(house): State<App>, signed: Signed) -> Reply<Value> {
    let (scope, me, now) = (signed.scope(), signed.session.account.id, house.now());
    Ok(Json(house.db.read(move |reader| second_person::asks(reader, &scope, me, now)).await?))
}

/// Names behind account ids, for histories.
pub(crate) fn names(
    query: &mut dyn store::Query,
    ids: impl IntoIterator<Item = String>,
) -> store::Result<std::collections::BTreeMap<String, String>> {
    let mut names = std::collections::BTreeMap::new();
    for id in ids {
        if let std::collections::btree_map::Entry::Vacant(place) = names.entry(id) {
            let name = account_by_id(query, place.key())?.map(|account| account.name);
            let id = place.key().clone();
            place.insert(name.unwrap_or(id));
        }
    }
    Ok(names)
}

/// The moment is written as people read it.
pub(crate) fn told(at: i64) -> String {
    Moment(at).to_string()
}
