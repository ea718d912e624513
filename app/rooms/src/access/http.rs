//! Routes of the access room.

use crate::access::changes::{CreateAccount, FirstRun, ResetPassword, known_role};
use crate::access::sessions::{csrf_of, current};
use crate::access::views::{account_by_id, accounts};
use crate::access::{
    AccountId, Proof, Session, Signed, Visitor, account_by_login, enter, hash_password, judge_password,
    passkeys, providers, scope_of, second_factor, second_person, sign_in, tokens,
};
use crate::changes_door::read;
use crate::refuse::missing;
use crate::reply::{Failure, Reply};
use crate::{App, House, cases, packed};
use axum::body::Bytes;
use axum::extract::{Path, Query, State};
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
        .merge(second_factor::router())
        .merge(tokens::router())
        .merge(passkeys::routes::router())
        .merge(providers::routes::router())
        .route("/api/state", get(state))
        .route("/api/first-run", post(first_run))
        .route("/api/accounts", get(list_accounts))
        .route("/api/accounts/{id}/sees", get(what_they_see))
        .route("/api/changes/create-account", post(create_account))
        .route("/api/changes/reset-password", post(reset_password))
        .route("/api/asks", get(list_asks))
        .route("/api/journal", get(journal))
        .route("/api/journal/verify", get(verify_journal))
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
            "second_factor": account.second_factor, "must_enrol": second_factor::must_enrol(house, session),
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
    let own = [login.clone(), form.name.clone()];
    let first = CreateAccount {
        id: Id::from_bits(random_bits()),
        account: Id::from_bits(random_bits()),
        login: login.clone(),
        name: form.name,
        role: "administrator".to_owned(),
        territory: Territory::whole(),
        organisation: None,
        password_hash: hashed(&house, form.password, own).await?,
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

/// The hash of a new password, once it has been found good enough for whoever is called this.
pub(super) async fn hashed(house: &House, password: String, own: [String; 2]) -> Result<String, Failure> {
    let breached = house.settings.breached.clone();
    let _turn = house.throttle.turn(true).await?;
    let hash = tokio::task::spawn_blocking(move || {
        judge_password(&password, &[&own[0], &own[1]], breached.as_ref())?;
        hash_password(&password)
    });
    Ok(hash.await.map_err(|_| store::Error::Closed)??)
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
    let own = [form.login.clone(), form.name.clone()];
    let change = CreateAccount {
        id: form.id,
        account: form.account,
        login: form.login.trim().to_owned(),
        name: form.name,
        role: form.role,
        territory: form.territory,
        organisation: form.organisation,
        password_hash: hashed(&house, form.password, own).await?,
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
    let wanted = form.account.to_string();
    let account = house.db.read(move |reader| account_by_id(reader, &wanted)).await?;
    let own = account.map_or_else(Default::default, |account| [account.login, account.name]);
    let change = ResetPassword {
        id: form.id,
        account: form.account,
        password_hash: hashed(&house, form.password, own).await?,
    };
    house.db.apply(&signed.actor, house.now(), change).await?;
    Ok(Json(json!({ "out": null })))
}

async fn list_asks(State(house): State<App>, signed: Signed) -> Reply<Value> {
    let (scope, me, now) = (signed.scope(), signed.session.account.id, house.now());
    Ok(Json(house.db.read(move |reader| second_person::asks(reader, &scope, me, now)).await?))
}

#[derive(Deserialize)]
struct Page {
    #[serde(default)]
    after: i64,
    #[serde(default)]
    limit: Option<i64>,
    /// `newest` turns the order around; `after` is then the last row of the page before.
    #[serde(default)]
    order: String,
}

async fn journal(State(house): State<App>, signed: Signed, Query(page): Query<Page>) -> Reply<Value> {
    let scope = signed.scope();
    scope.demand(Permission::JournalRead)?;
    let limit = page.limit.unwrap_or(100).clamp(1, 500);
    let range = scope.territory.range();
    let newest = page.order == "newest";
    let rows = house.db.read(move |reader| store::entries(reader, page.after, limit, range, newest)).await?;
    let next = (rows.len() as i64 == limit).then(|| rows.last().map(|entry| entry.seq)).flatten();
    let rows: Vec<Value> = rows
        .into_iter()
        .map(|entry| {
            json!({
                "seq": entry.seq, "at": entry.at.to_string(), "by": entry.actor, "change": entry.change,
                "purpose": entry.purpose, "territory": entry.territory, "basis": entry.basis, "hash": entry.hash,
                "about": entry.about.split(' ').filter(|id| !id.is_empty()).collect::<Vec<_>>(),
            })
        })
        .collect();
    Ok(Json(json!({ "rows": rows, "next": next })))
}

async fn verify_journal(State(house): State<App>, signed: Signed) -> Reply<store::Verdict> {
    signed.scope().demand(Permission::JournalRead)?;
    Ok(Json(house.db.read(|reader| store::verify(reader)).await?))
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
