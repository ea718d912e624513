//! "What would this person see?": their role, place and purposes, the diseases that are kept closely, what they borrow, and
//! how much of everything there is in their reach.

use crate::access::delegation::delegations;
use crate::access::glass::glasses;
use crate::access::grant::scope_standing;
use crate::access::levels::Levels;
use crate::access::standing::Standing;
use crate::access::views::account_by_id;
use crate::access::{Account, AccountId, Signed};
use crate::document::Document;
use crate::refuse::missing;
use crate::reply::Reply;
use crate::{App, DOORS, cases, packed};
use axum::extract::{Path, State};
use axum::routing::get;
use axum::{Json, Router};
use base::{Id, Moment};
use serde_json::{Value, json};
use store::{Permission, Query, Result, Scope};

pub(super) fn router() -> Router<App> {
    Router::new().route("/api/accounts/{id}/sees", get(what_they_see))
}

/// The same routes in the API's document.
pub(crate) fn described(api: &mut Document) {
    api.route("GET", "/api/accounts/{id}/sees");
}

async fn what_they_see(
    State(house): State<App>,
    signed: Signed,
    Path(id): Path<Id<AccountId>>,
) -> Reply<Value> {
    let (scope, now) = (signed.scope(), house.now());
    scope.demand(Permission::AccountsManage)?;
    let told = house.db.read(move |reader| {
        let account = account_by_id(reader, &id.to_string())?;
        let account = account.filter(|account| scope.territory.holds(&account.territory));
        sees(reader, &account.ok_or_else(|| missing("account", "账号"))?, now)
    });
    Ok(Json(told.await?))
}

fn sees(query: &mut dyn Query, account: &Account, now: Moment) -> Result<Value> {
    let standing = Standing { levels: Levels::of(query, &account.id.to_string(), now)?, acting: None };
    let role = packed::roles().role(&account.role);
    let purposes: Vec<&String> = role.into_iter().flat_map(|role| &role.purposes).collect();
    // The widest they reach: for the purpose that reads most.
    let theirs = purposes
        .iter()
        .map(|purpose| scope_standing(account, purpose, &standing))
        .min_by_key(|scope| scope.kept.unread.len())
        .unwrap_or_else(|| scope_standing(account, "preview", &standing));
    let (cases, contacts) = cases::views::sizes(query, &theirs)?;
    let held = |scope: &Scope, word: &str| scope.permissions().any(|one| one.word() == word);
    let permissions = packed::roles().permissions.iter().filter(|door| held(&theirs, door.id.word()));
    let diseases = standing.levels.kept().map(|(disease, level)| {
        let reads_for: Vec<&&String> = purposes
            .iter()
            .filter(|purpose| {
                theirs.may(Permission::CasesRead)
                    && scope_standing(account, purpose, &standing).kept.reads(Some(disease))
            })
            .collect();
        let pack = packed::disease(Some(disease));
        json!({
            "id": disease, "zh": pack.map(|pack| &pack.zh), "en": pack.map(|pack| &pack.en), "level": level,
            "named": standing.levels.named.contains(disease), "reads_for": reads_for,
        })
    });
    let diseases: Vec<Value> = diseases.collect();
    let running = |rows: &Value| -> Vec<Value> {
        rows.as_array().into_iter().flatten().filter(|row| row["running"] == true).cloned().collect()
    };
    let loans = delegations(query, &theirs, account.id, now)?;
    let glasses: Vec<Value> = running(&glasses(query, &theirs, account.id, now)?["mine"])
        .into_iter()
        // Why somebody looks is the data officer's to read.
        .map(|glass| json!({ "id": glass["id"], "territory": glass["territory"], "ends_at": glass["ends_at"] }))
        .collect();
    Ok(json!({
        "role": account.role, "territory": account.territory, "cases": cases, "contacts": contacts,
        "permissions": permissions.map(|door| json!({ "id": door.id.word(), "zh": door.zh, "en": door.en })).collect::<Vec<_>>(),
        "purposes": purposes, "diseases": diseases, "lent": running(&loans["lent"]),
        "borrowed": running(&loans["borrowed"]), "glass": glasses,
        "writes": DOORS.iter().filter(|door| held(&theirs, door.needs)).map(|door| door.name).collect::<Vec<_>>(),
    }))
}
