//! Routes of passkeys: signing in with one, one's own list, and an administrator's taking them away.

use crate::App;
use crate::access::changes::RemovePasskey;
use crate::access::passkeys::ceremony::Answer;
use crate::access::passkeys::{PasskeyId, adds, asks_to_add, asks_who, passkeys_of, prove, who_answers};
use crate::access::sessions::Entered;
use crate::access::{Address, Proof, Visitor, enter, proved_again};
use crate::changes_door::read;
use crate::document::Document;
use crate::reply::{Failure, Reply};
use axum::body::Bytes;
use axum::extract::State;
use axum::response::Response;
use axum::routing::{get, post};
use axum::{Json, Router};
use base::Id;
use serde::Deserialize;
use serde_json::{Value, json};
use store::Sent;
use webauthn_rs::prelude::RegisterPublicKeyCredential;

pub fn router() -> Router<App> {
    Router::new()
        .route("/api/session/passkey/ask", post(ask_who))
        .route("/api/session/passkey", post(sign_in))
        .route("/api/session/prove/passkey/ask", post(ask_again))
        .route("/api/session/prove/passkey", post(prove_again))
        .route("/api/passkeys", get(own))
        .route("/api/passkeys/ask", post(ask_to_add))
        .route("/api/changes/add-passkey", post(add))
        .route("/api/changes/remove-passkey", post(remove))
}

/// The same routes in the API's document.
pub(crate) fn described(api: &mut Document) {
    api.route("POST", "/api/session/passkey/ask");
    api.route("POST", "/api/session/passkey").anything();
    api.route("POST", "/api/session/prove/passkey/ask");
    api.route("POST", "/api/session/prove/passkey").anything();
    api.route("GET", "/api/passkeys");
    api.route("POST", "/api/passkeys/ask");
    api.route("POST", "/api/changes/add-passkey").body::<NewPasskey>();
    api.route("POST", "/api/changes/remove-passkey").body::<Removed>();
}

async fn ask_who(State(house): State<App>, visitor: Visitor) -> Reply<Value> {
    Ok(Json(asks_who(&house, None, &visitor)?))
}

async fn sign_in(State(house): State<App>, visitor: Visitor, body: Bytes) -> Result<Response, Failure> {
    let (account, credential) = who_answers(&house, None, read(&body)?).await?;
    enter(&house, account, Proof::Passkey { credential }, &visitor).await
}

async fn ask_again(State(house): State<App>, Entered(signed): Entered, visitor: Visitor) -> Reply<Value> {
    Ok(Json(asks_who(&house, Some(signed.session.id), &visitor)?))
}

async fn prove_again(
    State(house): State<App>,
    Entered(signed): Entered,
    body: Bytes,
) -> Result<Response, Failure> {
    let credential = prove(&house, &signed, read(&body)?).await?;
    proved_again(&house, &signed, Proof::Passkey { credential }).await
}

/// `here` is the address at which passkeys work; the page says so when it stands elsewhere.
async fn own(State(house): State<App>, Entered(signed): Entered) -> Reply<Value> {
    let account = signed.session.account.id;
    let rows = house.db.read(move |reader| passkeys_of(reader, account)).await?;
    let here = house.ways.address().filter(|address| address.passkeys().is_some()).map(Address::origin);
    Ok(Json(json!({ "rows": rows, "here": here })))
}

async fn ask_to_add(State(house): State<App>, Entered(signed): Entered, visitor: Visitor) -> Reply<Value> {
    signed.recent(&house)?;
    Ok(Json(asks_to_add(&house, &signed, &visitor).await?))
}

#[derive(Deserialize, schemars::JsonSchema)]
struct NewPasskey {
    id: Id<Sent>,
    passkey: Id<PasskeyId>,
    name: String,
    ticket: String,
    /// As the browser made it.
    #[schemars(with = "Value")]
    answer: RegisterPublicKeyCredential,
}

async fn add(State(house): State<App>, Entered(signed): Entered, body: Bytes) -> Reply<Value> {
    let form: NewPasskey = read(&body)?;
    signed.recent(&house)?;
    let made = Answer { ticket: form.ticket, answer: form.answer };
    let change = adds(&house, &signed, made, (form.id, form.passkey, form.name))?;
    house.db.apply(&signed.actor, house.now(), change).await?;
    Ok(Json(json!({ "out": null })))
}

#[derive(Deserialize, schemars::JsonSchema)]
struct Removed {
    id: Id<Sent>,
    passkey: Id<PasskeyId>,
}

async fn remove(State(house): State<App>, Entered(signed): Entered, body: Bytes) -> Reply<Value> {
    let form: Removed = read(&body)?;
    signed.recent(&house)?;
    let change = RemovePasskey { id: form.id, passkey: form.passkey, session: signed.session.id };
    house.db.apply(&signed.actor, house.now(), change).await?;
    Ok(Json(json!({ "out": null })))
}
