//! Routes of providers: going and coming back, one's own links, and an administrator's.

use crate::access::changes::{LinkAccount, LinkProvider, Outside, UnlinkProvider, UseProvider};
use crate::access::passkeys::passkeys_of;
use crate::access::providers::token::Vouched;
use crate::access::providers::{LinkedId, LinkedRow, Why, comes_back, goes, linked_of, linked_to};
use crate::access::sessions::Entered;
use crate::access::{
    AccountId, Address, Proof, Signed, Visitor, account_by_id, actor_of, enter, proved_again,
};
use crate::changes_door::read;
use crate::document::Document;
use crate::refuse::missing;
use crate::reply::{Failure, Reply, not_signed_in};
use crate::{App, House};
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use base::Id;
use serde::Deserialize;
use serde_json::{Value, json};
use store::{Permission, Refusal, Sent, Status, random_bits};

pub fn router() -> Router<App> {
    Router::new()
        .route("/api/ways", get(ways))
        .route("/api/providers/{id}/go", post(go))
        .route("/api/providers/{id}/back", post(back))
        .route("/api/linked", get(own))
        .route("/api/accounts/{id}/ways", get(of_account))
        .route("/api/changes/unlink-provider", post(unlink))
        .route("/api/changes/link-account", post(link_account))
}

/// The same routes in the API's document.
pub(crate) fn described(api: &mut Document) {
    api.route("GET", "/api/ways");
    api.route("POST", "/api/providers/{id}/go").body::<Going>();
    api.route("POST", "/api/providers/{id}/back").anything();
    api.route("GET", "/api/linked");
    api.route("GET", "/api/accounts/{id}/ways");
    api.route("POST", "/api/changes/unlink-provider").body::<Unlinked>();
    api.route("POST", "/api/changes/link-account").body::<NewLink>();
}

/// What the sign-in page offers besides a password.
async fn ways(State(house): State<App>) -> Json<Value> {
    let passkeys = house.ways.address().filter(|address| address.passkeys().is_some()).map(Address::origin);
    let providers = house.ways.providers();
    let providers: Vec<Value> = providers
        .map(|provider| json!({ "id": provider.id, "zh": provider.zh, "en": provider.en, "issuer": provider.issuer() }))
        .collect();
    Json(json!({ "passkeys": passkeys, "providers": providers }))
}

#[derive(Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Reason {
    SignIn,
    Link,
    Prove,
}

#[derive(Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
struct Going {
    why: Reason,
}

async fn go(
    State(house): State<App>,
    Path(id): Path<String>,
    entered: Result<Entered, Failure>,
    visitor: Visitor,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Failure> {
    let form: Going = read(&body)?;
    let provider = house.ways.provider(&id)?;
    let why = match form.why {
        Reason::SignIn => Why::SignIn,
        Reason::Link => {
            let Entered(signed) = entered?;
            signed.recent(&house)?;
            Why::Link { session: signed.session.id }
        }
        Reason::Prove => Why::Prove { session: entered?.0.session.id },
    };
    let (there, cookie) = goes(&house, provider, why, (&visitor, &headers)).await?;
    Ok(([(header::SET_COOKIE, cookie)], Json(json!({ "address": there }))).into_response())
}

async fn back(
    State(house): State<App>,
    Path(id): Path<String>,
    entered: Result<Entered, Failure>,
    visitor: Visitor,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Failure> {
    let provider = house.ways.provider(&id)?;
    let (why, vouched) = comes_back(&house, provider, &headers, read(&body)?).await?;
    match why {
        Why::SignIn => lets_in(&house, vouched, &visitor).await,
        Why::Link { session } => links(&house, of_session(entered?.0, session)?, vouched).await,
        Why::Prove { session } => proves(&house, of_session(entered?.0, session)?, vouched).await,
    }
}

/// The session that went is the session that comes back.
fn of_session(signed: Signed, session: Id<crate::access::SessionId>) -> Result<Signed, Failure> {
    if signed.session.id == session { Ok(signed) } else { Err(not_signed_in()) }
}

async fn lets_in(house: &House, vouched: Vouched, visitor: &Visitor) -> Result<Response, Failure> {
    let who = vouched.who.clone();
    let found = house
        .db
        .read(move |reader| {
            let Some(linked) = linked_to(reader, &who)? else { return Ok(None) };
            Ok(account_by_id(reader, &linked.account)?.map(|account| (linked, account)))
        })
        .await?;
    let Some((linked, account)) = found else { return Err(nobody_here(&vouched.who)) };
    if account.disabled {
        return Err(closed());
    }
    let issuer = vouched.who.issuer.clone();
    uses(house, &linked, vouched, &actor_of(&account, "sign_in")).await?;
    enter(house, account, Proof::Provider { issuer }, visitor).await
}

async fn links(house: &House, signed: Signed, vouched: Vouched) -> Result<Response, Failure> {
    let linked = Id::from_bits(random_bits());
    let change = LinkProvider { id: Id::from_bits(random_bits()), linked, who: vouched.who };
    house.db.apply(&signed.actor, house.now(), change).await?;
    Ok(Json(json!({ "linked": linked.to_string() })).into_response())
}

async fn proves(house: &House, signed: Signed, vouched: Vouched) -> Result<Response, Failure> {
    let who = vouched.who.clone();
    let linked = house.db.read(move |reader| linked_to(reader, &who)).await?;
    let own = linked.filter(|linked| linked.account == signed.session.account.id.to_string());
    let Some(linked) = own else { return Err(nobody_here(&vouched.who)) };
    let issuer = vouched.who.issuer.clone();
    uses(house, &linked, vouched, &signed.actor).await?;
    proved_again(house, &signed, Proof::Provider { issuer }).await
}

async fn uses(
    house: &House,
    linked: &LinkedRow,
    vouched: Vouched,
    actor: &store::Actor,
) -> store::Result<()> {
    let change = UseProvider {
        id: Id::from_bits(random_bits()),
        linked: linked.id,
        acr: vouched.acr,
        amr: vouched.amr,
    };
    house.db.apply(actor, house.now(), change).await
}

/// Told to the person whom the provider has just named, so that an administrator can be told the number.
fn nobody_here(who: &Outside) -> Failure {
    Refusal::new(
        Status::Forbidden,
        "access.provider_unknown",
        format!(
            "no account here is linked to you; sign in with the password and link it under My account, or give an \
             administrator your number at the provider: {}",
            who.subject
        ),
        format!(
            "此处没有与您关联的账号；请用密码登录后在“我的账号”中关联，或将您在提供方的标识告知系统管理员：{}",
            who.subject
        ),
    )
    .into()
}

fn closed() -> Failure {
    Refusal::new(
        Status::Forbidden,
        "access.account_closed",
        "this account is closed; ask an administrator",
        "该账号已停用；请联系系统管理员",
    )
    .into()
}

async fn own(State(house): State<App>, Entered(signed): Entered) -> Reply<Value> {
    let account = signed.session.account.id;
    let rows = house.db.read(move |reader| linked_of(reader, account)).await?;
    Ok(Json(json!({ "rows": rows })))
}

async fn of_account(State(house): State<App>, signed: Signed, Path(id): Path<Id<AccountId>>) -> Reply<Value> {
    let scope = signed.scope();
    scope.demand(Permission::AccountsManage)?;
    let (account, passkeys, linked) = house
        .db
        .read(move |reader| {
            let account = account_by_id(reader, &id.to_string())?;
            Ok((account, passkeys_of(reader, id)?, linked_of(reader, id)?))
        })
        .await?;
    // Somebody of another territory is answered like nobody.
    account.filter(|account| scope.reaches(&account.territory)).ok_or_else(|| missing("account", "账号"))?;
    Ok(Json(json!({ "passkeys": passkeys, "linked": linked })))
}

#[derive(Deserialize, schemars::JsonSchema)]
struct Unlinked {
    id: Id<Sent>,
    linked: Id<LinkedId>,
}

async fn unlink(State(house): State<App>, Entered(signed): Entered, body: Bytes) -> Reply<Value> {
    let form: Unlinked = read(&body)?;
    signed.recent(&house)?;
    let change = UnlinkProvider { id: form.id, linked: form.linked, session: signed.session.id };
    house.db.apply(&signed.actor, house.now(), change).await?;
    Ok(Json(json!({ "out": null })))
}

#[derive(Deserialize, schemars::JsonSchema)]
struct NewLink {
    id: Id<Sent>,
    linked: Id<LinkedId>,
    account: Id<AccountId>,
    /// As the file of providers calls it.
    provider: String,
    subject: String,
}

async fn link_account(State(house): State<App>, signed: Signed, body: Bytes) -> Reply<Value> {
    let form: NewLink = read(&body)?;
    signed.scope().demand(Permission::AccountsManage)?;
    signed.recent(&house)?;
    let (provider, _) = house.ways.provider(&form.provider)?;
    let who = Outside { issuer: provider.issuer().to_owned(), subject: form.subject.trim().to_owned() };
    let change = LinkAccount { id: form.id, linked: form.linked, account: form.account, who };
    house.db.apply(&signed.actor, house.now(), change).await?;
    Ok(Json(json!({ "out": null })))
}
