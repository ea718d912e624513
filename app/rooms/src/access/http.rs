//! Routes of the access room.

use crate::access::changes::{CreateAccount, FirstRun, ResetPassword, known_role};
use crate::access::sessions::{csrf_of, current};
use crate::access::views::{account_by_id, accounts};
use crate::access::{
    AccountId, Proof, Session, Signed, Visitor, account_by_login, beyond, enter, hash_password,
    judge_password, levels, passkeys, providers, second_factor, second_person, sees, sign_in, tokens,
};
use crate::changes_door::read;
use crate::document::Document;
use crate::refuse::missing;
use crate::reply::{Failure, Reply};
use crate::{App, House, packed};
use axum::body::Bytes;
use axum::extract::State;
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
        .merge(beyond::router())
        .route("/api/state", get(state))
        .route("/api/first-run", post(first_run))
        .route("/api/accounts", get(list_accounts))
        .merge(sees::router())
        .route("/api/changes/create-account", post(create_account))
        .route("/api/changes/reset-password", post(reset_password))
        .route("/api/disease-access", get(disease_access))
        .route("/api/asks", get(list_asks))
}

/// The same routes in the API's document.
pub(crate) fn described(api: &mut Document) {
    crate::access::sign_in::described(api);
    crate::access::second_factor::described(api);
    crate::access::sees::described(api);
    crate::access::tokens::described(api);
    crate::access::beyond::described(api);
    crate::access::providers::routes::described(api);
    crate::access::passkeys::routes::described(api);
    api.route("GET", "/api/state");
    api.route("POST", "/api/first-run").body::<FirstRunForm>();
    api.route("GET", "/api/accounts");
    api.route("POST", "/api/changes/create-account").body::<NewAccountForm>();
    api.route("POST", "/api/changes/reset-password").body::<ResetForm>();
    api.route("GET", "/api/disease-access");
    api.route("GET", "/api/asks");
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
        let scope = session.scope();
        let role = roles.role(&scope.role);
        json!({
            "id": account.id, "login": account.login, "name": account.name, "role": scope.role,
            "territory": scope.territory, "acting": session.acting_told(), "purpose": session.purpose,
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

#[derive(Deserialize, schemars::JsonSchema)]
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

#[derive(Deserialize, schemars::JsonSchema)]
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

#[derive(Deserialize, schemars::JsonSchema)]
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

async fn disease_access(State(house): State<App>, signed: Signed) -> Reply<Value> {
    signed.scope().demand(Permission::AccountsManage)?;
    Ok(Json(json!({ "rows": house.db.read(|reader| levels::told(reader)).await? })))
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
            // `account_D delegation_X account_L`: one acted for the other.
            let parts: Vec<String> = place.key().split(' ').map(str::to_owned).collect();
            let mut name =
                parts.first().map(|id| account_by_id(query, id)).transpose()?.flatten().map(|one| one.name);
            let acted_for = parts.get(2).map(|id| account_by_id(query, id)).transpose()?.flatten();
            if let (Some(name), Some(other)) = (&mut name, acted_for) {
                name.push_str(&format!(" → {}", other.name));
            }
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
