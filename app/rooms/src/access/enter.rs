//! The one door in: whoever has proved who they are gets a session here, however they proved it.

use crate::House;
use crate::access::changes::{ProveAgain, SignIn};
use crate::access::devices::device_cookie;
use crate::access::http::state_for;
use crate::access::sessions::{LONGEST_SECONDS, cookie, hash_token, new_token};
use crate::access::standing::Standing;
use crate::access::{Account, Proof, Session, Signed, Visitor, actor_of};
use crate::packed;
use crate::reply::Failure;
use axum::Json;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use base::Id;
use store::random_bits;

/// A new token at every sign-in, so that nobody can plant one beforehand. The answer is what `GET /api/state` says.
pub async fn enter(
    house: &House,
    account: Account,
    proof: Proof,
    visitor: &Visitor,
) -> Result<Response, Failure> {
    let token = new_token();
    let purpose = usual_purpose(&account.role);
    let now = house.now();
    let change = SignIn {
        id: Id::from_bits(random_bits()),
        account: account.id,
        token_hash: hash_token(&token),
        purpose: purpose.clone(),
        ends: now.plus_seconds(LONGEST_SECONDS),
        proof,
        from: visitor.network(),
        agent: visitor.agent.clone(),
    };
    let (id, method, ends) = (change.session(), change.proof.word().to_owned(), change.ends);
    house.db.apply(&actor_of(&account, &purpose), now, change).await?;
    let session =
        Session { id, account, purpose, method, proved: now, seen: now, ends, standing: Standing::default() };
    house.throttle.welcome(session.account.id, &session.account.login, visitor.household(), now);
    let known = device_cookie(house, visitor, &session.account);
    let mut response = answer(house, &session, &token).await?;
    if let Ok(cookie) = HeaderValue::from_str(&known) {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    Ok(response)
}

/// Somebody who is in has shown again that it is they: the same session, another token.
pub async fn proved_again(house: &House, signed: &Signed, proof: Proof) -> Result<Response, Failure> {
    let token = new_token();
    let (now, session) = (house.now(), signed.session.clone());
    let change = ProveAgain {
        id: Id::from_bits(random_bits()),
        session: session.id,
        proof,
        token_hash: hash_token(&token),
    };
    house.db.apply(&signed.actor, now, change).await?;
    answer(house, &Session { proved: now, ..session }, &token).await
}

async fn answer(house: &House, session: &Session, token: &str) -> Result<Response, Failure> {
    let state = state_for(house, Some(session)).await?;
    Ok(([(header::SET_COOKIE, cookie(house, token, LONGEST_SECONDS))], Json(state)).into_response())
}

/// A drill is named by whoever plays one; nobody begins their day in it.
pub(crate) fn usual_purpose(role: &str) -> String {
    let usual = packed::roles().role(role).and_then(|role| {
        let usual = role.purposes.get("outbreak_response");
        usual.or_else(|| role.purposes.iter().find(|purpose| *purpose != "drill")).cloned()
    });
    usual.unwrap_or_else(|| "outbreak_response".to_owned())
}
