//! Tokens of other systems: `Authorization: Bearer quell_…` in place of a session. A token reads and writes data in its
//! territory; it has no page, no account and no purpose but exchange, and opens no name.

use crate::access::changes::CreateToken;
use crate::access::grant::token_scope;
use crate::access::levels::Levels;
use crate::access::sessions::{hash_token, new_token};
use crate::access::standing::Standing;
use crate::access::views::{Account, Session};
use crate::access::{Signed, TokenId};
use crate::changes_door::read;
use crate::document::Document;
use crate::refuse::exists;
use crate::reply::{Failure, Reply};
use crate::{App, House, packed};
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, header};
use axum::routing::{get, post};
use axum::{Json, Router};
use base::{Id, Moment, Territory};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use store::{Actor, Permission, Query, Result, Row, Scope, Sent, params};

pub(super) fn router() -> Router<App> {
    Router::new().route("/api/tokens", get(tokens)).route("/api/changes/create-token", post(create_token))
}

/// The same routes in the API's document.
pub(crate) fn described(api: &mut Document) {
    api.route("GET", "/api/tokens");
    api.route("POST", "/api/changes/create-token").body::<NewTokenForm>();
}

/// So that a scanner of leaked files, or a person, knows it when it stands somewhere it should not.
const PREFIX: &str = "quell_";
pub(crate) const METHOD: &str = "token";
const ROLE: &str = "integrator";
const PURPOSE: &str = "data_exchange";

/// A token as an administrator sees it; the secret is nowhere.
#[derive(Debug, Clone, Serialize)]
pub struct Token {
    pub id: Id<TokenId>,
    pub name: String,
    pub territory: Territory,
    pub permissions: Vec<String>,
    pub made_by: String,
    pub created: String,
    #[serde(serialize_with = "as_text")]
    pub ends: Moment,
    pub revoked: Option<String>,
    pub last_used: Option<String>,
    #[serde(skip)]
    seen: Moment,
    pub over: bool,
}

fn as_text<S: serde::Serializer>(at: &Moment, serializer: S) -> std::result::Result<S::Ok, S::Error> {
    serializer.collect_str(at)
}

const COLUMNS: &str = "t.id, t.name, t.territory, t.permissions, \
     coalesce((SELECT a.name FROM access_account a WHERE a.id = t.made_by), t.made_by), t.created, t.ends, t.revoked, t.seen";

impl Token {
    fn of(row: &Row, now: Moment) -> Result<Token> {
        let (ends, revoked, seen) = (Moment(row.int(6)?), row.opt_int(7)?, row.opt_int(8)?);
        Ok(Token {
            id: row.read(0)?,
            name: row.text(1)?,
            territory: row.read(2)?,
            permissions: row.text(3)?.split(' ').map(str::to_owned).collect(),
            made_by: row.text(4)?,
            created: Moment(row.int(5)?).to_string(),
            ends,
            revoked: revoked.map(|at| Moment(at).to_string()),
            last_used: seen.map(|at| Moment(at).to_string()),
            seen: Moment(seen.unwrap_or(0)),
            over: revoked.is_some() || ends <= now,
        })
    }
}

/// Whether a token still opens something; asked by what stays open longer than a request.
pub(super) fn token_lasts(query: &mut dyn Query, token: &str, now: Moment) -> Result<bool> {
    let sql = "SELECT count(*) FROM access_token WHERE id = $1 AND ends > $2 AND revoked IS NULL";
    Ok(query.count(sql, params![token, now])? > 0)
}

/// Whether a token that somebody may hand work to is one of their territory and still holds.
pub(crate) fn token_within(query: &mut dyn Query, scope: &Scope, token: &str, now: Moment) -> Result<bool> {
    let sql = "SELECT territory FROM access_token WHERE id = $1 AND ends > $2 AND revoked IS NULL";
    let Some(row) = query.first(sql, params![token, now])? else { return Ok(false) };
    Ok(scope.reaches(&row.read(0)?))
}

/// What stands behind `Authorization`, if anything does. One answer for a token that never was, is over or revoked.
pub(super) async fn signed_by_token(
    house: &House,
    headers: &HeaderMap,
) -> std::result::Result<Option<Signed>, Failure> {
    let Some(shown) = headers.get(header::AUTHORIZATION) else { return Ok(None) };
    let shown = shown.to_str().ok().and_then(|value| value.strip_prefix("Bearer "));
    let Some(secret) = shown.map(str::trim).filter(|secret| secret.starts_with(PREFIX)) else {
        return Err(Failure::NoToken);
    };
    let (hash, now) = (hash_token(secret), house.now());
    let sql = format!("SELECT {COLUMNS} FROM access_token t WHERE t.hash = $1");
    let found = house
        .db
        .read(move |reader| {
            let row = reader.first(&sql, params![hash])?;
            let levels = Levels::of(reader, "", now)?;
            Ok((row.as_ref().map(|row| Token::of(row, now)).transpose()?, levels))
        })
        .await?;
    let (found, levels) = found;
    let token = found.filter(|token| !token.over).ok_or(Failure::NoToken)?;
    house.presence.heard(&token.id.to_string(), token.seen, now);
    crate::access::presence::keep_presence(house).await;
    crate::access::refused::keep_refusals(house).await;
    Ok(Some(stand_in(token, levels, now)))
}

/// A token stands where a person's session stands; what is for people in person refuses it (`Entered`, `Signed::recent`).
fn stand_in(token: Token, levels: Levels, now: Moment) -> Signed {
    let scope = token_scope(&token.territory, ROLE, PURPOSE, &token.permissions, &levels);
    let account = Account {
        id: Id::from_bits(token.id.bits()),
        territory: token.territory,
        login: token.name.clone(),
        name: token.name,
        role: ROLE.to_owned(),
        password: String::new(),
        disabled: false,
        organisation: None,
        second_factor: false,
        created_at: token.created,
        last_seen: None,
    };
    let session = Session {
        id: Id::from_bits(token.id.bits()),
        account,
        purpose: PURPOSE.to_owned(),
        method: METHOD.to_owned(),
        proved: Moment(0),
        seen: now,
        ends: token.ends,
        standing: Standing { levels, acting: None },
    };
    Signed { session, actor: Actor { id: token.id.to_string(), scope }, csrf: String::new() }
}

async fn tokens(State(house): State<App>, signed: Signed) -> Reply<Value> {
    let (scope, now) = (signed.scope(), house.now());
    scope.demand(Permission::AccountsManage)?;
    let (first, past) = scope.territory.range();
    let sql = format!(
        "SELECT {COLUMNS} FROM access_token t WHERE t.territory >= $1 AND t.territory < $2 \
         ORDER BY t.created DESC, t.id LIMIT 1000"
    );
    let rows = house
        .db
        .read(move |reader| {
            let rows = reader.rows(&sql, params![first, past])?;
            rows.iter().map(|row| Token::of(row, now)).collect::<Result<Vec<_>>>()
        })
        .await?;
    let may = packed::roles().role(ROLE).map(|role| role.permissions.iter().collect::<Vec<_>>());
    Ok(Json(json!({ "rows": rows, "permissions": may })))
}

#[derive(Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
struct NewTokenForm {
    id: Id<Sent>,
    token: Id<TokenId>,
    name: String,
    territory: Territory,
    permissions: Vec<String>,
    days: i64,
}

/// The token is in this answer and never again. Sent twice, the second time is refused rather than answered with a secret
/// that nobody kept the hash of.
async fn create_token(State(house): State<App>, signed: Signed, body: Bytes) -> Reply<Value> {
    let form: NewTokenForm = read(&body)?;
    signed.actor.scope.demand(Permission::AccountsManage)?;
    signed.recent(&house)?;
    let (wanted, sql) = (form.token, "SELECT count(*) FROM access_token WHERE id = $1");
    if house.db.read(move |reader| reader.count(sql, params![wanted])).await? > 0 {
        return Err(exists("token", "令牌").into());
    }
    let secret = format!("{PREFIX}{}", new_token());
    let change = CreateToken {
        id: form.id,
        token: form.token,
        name: form.name.trim().to_owned(),
        territory: form.territory,
        permissions: form.permissions,
        ends: house.now().plus_seconds(form.days.clamp(-1, 100_000) * 24 * 3600),
        hash: hash_token(&secret),
    };
    house.db.apply(&signed.actor, house.now(), change).await?;
    Ok(Json(json!({ "out": { "token": secret } })))
}
