//! Routes for acting beyond one's own scope: behind a broken glass, or for a colleague.

use crate::access::delegation::{Delegation, delegations, lent_now};
use crate::access::enter::usual_purpose;
use crate::access::glass::{BreakGlass, Glass, glasses};
use crate::access::grant::breaker_of;
use crate::access::http::state_for;
use crate::access::standing::{Standing, SwitchSession};
use crate::access::{Session, Signed};
use crate::changes_door::read;
use crate::document::Document;
use crate::refuse::{invalid, missing};
use crate::reply::{Failure, Reply};
use crate::{App, House};
use axum::body::Bytes;
use axum::extract::State;
use axum::routing::{get, post};
use axum::{Json, Router};
use base::{Id, Territory};
use packs::AccessLevel;
use serde::Deserialize;
use serde_json::Value;
use store::{Permission, Sealed, random_bits};

pub(super) fn router() -> Router<App> {
    Router::new()
        .route("/api/glass", get(list_glasses).post(break_glass))
        .route("/api/delegations", get(list_delegations))
        .route("/api/session/acting", post(act))
}

/// The same routes in the API's document.
pub(crate) fn described(api: &mut Document) {
    api.route("GET", "/api/glass");
    api.route("POST", "/api/glass").body::<GlassForm>();
    api.route("GET", "/api/delegations");
    api.route("POST", "/api/session/acting").body::<ActForm>();
}

async fn list_glasses(State(house): State<App>, signed: Signed) -> Reply<Value> {
    let (scope, me, now) = (signed.scope(), signed.session.account.id, house.now());
    Ok(Json(house.db.read(move |reader| glasses(reader, &scope, me, now)).await?))
}

async fn list_delegations(State(house): State<App>, signed: Signed) -> Reply<Value> {
    let (scope, me, now) = (signed.scope(), signed.session.account.id, house.now());
    Ok(Json(house.db.read(move |reader| delegations(reader, &scope, me, now)).await?))
}

#[derive(Deserialize, schemars::JsonSchema)]
struct GlassForm {
    territory: Territory,
    #[serde(default)]
    disease: Option<String>,
    reason: String,
    hours: i64,
}

async fn break_glass(State(house): State<App>, signed: Signed, body: Bytes) -> Reply<Value> {
    let form: GlassForm = read(&body)?;
    signed.actor.scope.demand(Permission::GlassBreak)?;
    signed.recent(&house)?;
    may_be_broken(&signed.session, &form)?;
    let change = BreakGlass {
        id: Id::from_bits(random_bits()),
        glass: Id::<Glass>::from_bits(random_bits()),
        account: signed.session.account.id,
        session: signed.session.id,
        territory: form.territory.clone(),
        disease: form.disease,
        reason: Sealed::Open(form.reason),
        hours: form.hours,
    };
    house.db.apply(&breaker_of(&signed.actor, &form.territory), house.now(), change).await?;
    state_again(&house, signed.session).await
}

/// What one reaches anyway needs no glass; a territory wider than one's own is nobody's emergency; and what is closed stays
/// closed.
fn may_be_broken(session: &Session, form: &GlassForm) -> Result<(), Failure> {
    let own = &session.account.territory;
    let level = form.disease.as_deref().map(|disease| session.standing.levels.level(disease));
    match level {
        Some(AccessLevel::Protected) => {}
        Some(AccessLevel::Closed) => {
            return Err(invalid(
                "access.glass_closed",
                "disease",
                "this disease is closed; only an administrator can name you for it",
                "该病种已封闭；只有系统管理员可以指定您访问",
            )
            .into());
        }
        Some(_) => {
            return Err(invalid(
                "access.glass_not_needed",
                "disease",
                "this disease is not protected; leave it out",
                "该病种不受保护；请勿填写",
            )
            .into());
        }
        None if own.holds(&form.territory) => {
            return Err(invalid(
                "access.glass_not_needed",
                "territory",
                "this territory is within your own; look without breaking the glass",
                "该地区在您的辖区内；无需紧急查看",
            )
            .into());
        }
        None => {}
    }
    if form.territory.depth() < own.depth() {
        return Err(invalid(
            "access.glass_too_wide",
            "territory",
            "an emergency look is never wider than your own territory; choose the place it is about",
            "紧急查看的范围不能大于您的辖区；请选择具体地区",
        )
        .into());
    }
    Ok(())
}

#[derive(Deserialize, schemars::JsonSchema)]
struct ActForm {
    /// None: for oneself again.
    delegation: Option<Id<Delegation>>,
}

async fn act(State(house): State<App>, signed: Signed, body: Bytes) -> Reply<Value> {
    let form: ActForm = read(&body)?;
    let (account, now) = (signed.session.account.clone(), house.now());
    let role = match form.delegation {
        None => account.role.clone(),
        Some(delegation) => {
            let looked =
                house.db.read(move |reader| lent_now(reader, &account, &delegation.to_string(), now));
            looked.await?.ok_or_else(|| missing("delegation", "授权代理"))?.lender.role
        }
    };
    let change = SwitchSession {
        id: Id::from_bits(random_bits()),
        session: signed.session.id,
        under: form.delegation.map(|delegation| delegation.to_string()),
        purpose: usual_purpose(&role),
    };
    house.db.apply(&signed.actor, now, change).await?;
    state_again(&house, Session { purpose: usual_purpose(&role), ..signed.session }).await
}

/// The same session as it stands after a switch.
async fn state_again(house: &House, session: Session) -> Reply<Value> {
    let (id, account, now) = (session.id, session.account.clone(), house.now());
    let standing = house
        .db
        .read(move |reader| {
            let sql = "SELECT under FROM access_session WHERE id = $1";
            let row = store::Query::first(reader, sql, store::params![id])?;
            let under = row.map(|row| row.opt_text(0)).transpose()?.flatten();
            Standing::of(reader, &account, under.as_deref(), now)
        })
        .await?;
    Ok(Json(state_for(house, Some(&Session { standing, ..session })).await?))
}
