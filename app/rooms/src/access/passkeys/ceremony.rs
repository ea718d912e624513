//! The two ceremonies: making a passkey, and answering with one. Each begins with a challenge of this house, which lasts
//! for minutes and for one answer, and belongs to the session that asked for it, or to nobody when somebody signs in.

use crate::House;
use crate::access::changes::{AddPasskey, DoubtPasskey, UsePasskey, copied};
use crate::access::grant::house_itself;
use crate::access::passkeys::PasskeyId;
use crate::access::{Account, AccountId, SessionId, Signed, Visitor, account_by_id, actor_of};
use crate::refuse::invalid;
use crate::reply::Failure;
use base::Id;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;
use serde_json::{Value, json};
use store::{Query, Result, Sent, params, random_bits};
use webauthn_rs::prelude::{
    DiscoverableAuthentication, Passkey, PasskeyRegistration, PublicKeyCredential,
    RegisterPublicKeyCredential, Uuid, WebauthnError,
};

/// What was asked, until it is answered.
pub(crate) enum Challenge {
    New {
        session: Id<SessionId>,
        state: Box<PasskeyRegistration>,
    },
    /// `None`: whoever it is, they are about to sign in.
    Who {
        session: Option<Id<SessionId>>,
        state: Box<DiscoverableAuthentication>,
    },
}

/// What the page sends back: the ticket it was given, and what the authenticator said.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Answer<T> {
    pub ticket: String,
    pub answer: T,
}

/// The account's number is the number the authenticator keeps: random, and it says nothing about anybody.
fn handle(account: Id<AccountId>) -> Uuid {
    Uuid::from_u128(account.bits())
}

/// For somebody who is in: what their browser needs to make a passkey.
pub(crate) async fn asks_to_add(house: &House, signed: &Signed, visitor: &Visitor) -> Result<Value, Failure> {
    let webauthn = house.ways.passkeys()?;
    let account = &signed.session.account;
    let own = account.id;
    let known = house.db.read(move |reader| credentials_of(reader, own)).await?;
    let (options, state) = webauthn
        .start_passkey_registration(handle(own), &account.login, &account.name, Some(known))
        .map_err(unanswered)?;
    // The key must find its account by itself: signing in asks for no login first.
    let mut options =
        serde_json::to_value(options).map_err(|fault| store::Error::Shape(fault.to_string()))?;
    let selection = &mut options["publicKey"]["authenticatorSelection"];
    selection["residentKey"] = json!("required");
    selection["requireResidentKey"] = json!(true);
    let challenge = Challenge::New { session: signed.session.id, state: Box::new(state) };
    let ticket = house.ways.challenges.keep(visitor.household(), house.now(), challenge);
    Ok(json!({ "ticket": ticket, "options": options }))
}

/// The passkey that the answer made, as a change to be applied.
pub(crate) fn adds(
    house: &House,
    signed: &Signed,
    made: Answer<RegisterPublicKeyCredential>,
    (id, passkey, name): (Id<Sent>, Id<PasskeyId>, String),
) -> Result<AddPasskey, Failure> {
    let webauthn = house.ways.passkeys()?;
    let asked = house.ways.challenges.take(&made.ticket, house.now());
    let Some(Challenge::New { session, state }) = asked else { return Err(too_late()) };
    if session != signed.session.id {
        return Err(too_late());
    }
    let key = webauthn.finish_passkey_registration(&made.answer, &state).map_err(unanswered)?;
    let credential = URL_SAFE_NO_PAD.encode(key.cred_id());
    let key = serde_json::to_value(&key).map_err(|fault| store::Error::Shape(fault.to_string()))?;
    let counter = key["cred"]["counter"].as_u64().and_then(|count| u32::try_from(count).ok());
    let counter = counter.ok_or_else(|| store::Error::Shape("a passkey without a counter".to_owned()))?;
    Ok(AddPasskey { id, passkey, name, credential, key, counter })
}

/// What a browser needs to answer with any passkey of this house it has.
pub(crate) fn asks_who(
    house: &House,
    session: Option<Id<SessionId>>,
    visitor: &Visitor,
) -> Result<Value, Failure> {
    let (mut options, state) =
        house.ways.passkeys()?.start_discoverable_authentication().map_err(unanswered)?;
    // A person has pressed the button: the browser shows its dialog now instead of waiting for a text field.
    options.mediation = None;
    let challenge = Challenge::Who { session, state: Box::new(state) };
    let ticket = house.ways.challenges.keep(visitor.household(), house.now(), challenge);
    Ok(json!({ "ticket": ticket, "options": options }))
}

/// Whose passkey has answered, and with which credential. The counter has moved on when this returns.
pub(crate) async fn who_answers(
    house: &House,
    session: Option<Id<SessionId>>,
    given: Answer<PublicKeyCredential>,
) -> Result<(Account, String), Failure> {
    let webauthn = house.ways.passkeys()?;
    let asked = house.ways.challenges.take(&given.ticket, house.now());
    let Some(Challenge::Who { session: asker, state }) = asked else { return Err(too_late()) };
    if asker != session {
        return Err(too_late());
    }
    let (user, credential) =
        webauthn.identify_discoverable_authentication(&given.answer).map_err(unanswered)?;
    let credential = URL_SAFE_NO_PAD.encode(credential);
    let owner = Id::<AccountId>::from_bits(user.as_u128());
    let wanted = credential.clone();
    let known = house.db.read(move |reader| known(reader, owner, &wanted)).await?;
    let Some(Known { passkey, key, doubted, account }) = known else { return Err(unknown()) };
    if doubted {
        return Err(copied().into());
    }
    let result = match webauthn.finish_discoverable_authentication_v2(&given.answer, *state, &key) {
        Ok(result) => result,
        Err(WebauthnError::CredentialPossibleCompromise) => return Err(doubt(house, passkey).await?),
        Err(fault) => return Err(unanswered(fault)),
    };
    let used = UsePasskey { id: Id::from_bits(random_bits()), passkey, counter: result.counter() };
    house.db.apply(&actor_of(&account, "sign_in"), house.now(), used).await?;
    Ok((account, credential))
}

/// Somebody who is in has shown one of their own passkeys again.
pub(crate) async fn prove(
    house: &House,
    signed: &Signed,
    given: Answer<PublicKeyCredential>,
) -> Result<String, Failure> {
    let (account, credential) = who_answers(house, Some(signed.session.id), given).await?;
    if account.id == signed.session.account.id { Ok(credential) } else { Err(unknown()) }
}

async fn doubt(house: &House, passkey: Id<PasskeyId>) -> Result<Failure> {
    let change = DoubtPasskey { id: Id::from_bits(random_bits()), passkey };
    house.db.apply(&house_itself(), house.now(), change).await?;
    Ok(copied().into())
}

struct Known {
    passkey: Id<PasskeyId>,
    key: Passkey,
    doubted: bool,
    account: Account,
}

/// Both must fit: the credential, and the account that the authenticator says it is for.
fn known(query: &mut dyn Query, owner: Id<AccountId>, credential: &str) -> Result<Option<Known>> {
    let sql = "SELECT id, key, counter, doubted FROM access_passkey WHERE credential = $1 AND account = $2";
    let Some(row) = query.first(sql, params![credential, owner])? else { return Ok(None) };
    let account = account_by_id(query, &owner.to_string())?.filter(|account| !account.disabled);
    let Some(account) = account else { return Ok(None) };
    let mut key: Value = row.json(1)?;
    // The library compares with the counter it finds in the key; ours is the one that moves.
    key["cred"]["counter"] = json!(row.int(2)?);
    let key = serde_json::from_value(key).map_err(|fault| store::Error::Shape(fault.to_string()))?;
    Ok(Some(Known { passkey: row.read(0)?, key, doubted: row.opt_int(3)?.is_some(), account }))
}

fn credentials_of(query: &mut dyn Query, account: Id<AccountId>) -> Result<Vec<Vec<u8>>> {
    let sql = "SELECT credential FROM access_passkey WHERE account = $1 ORDER BY id LIMIT 100";
    let rows = query.rows(sql, params![account])?;
    rows.iter()
        .map(|row| {
            URL_SAFE_NO_PAD.decode(row.text(0)?).map_err(|fault| store::Error::Shape(fault.to_string()))
        })
        .collect()
}

fn too_late() -> Failure {
    invalid(
        "access.passkey_late",
        "passkey",
        "this took too long, or was answered before; press the button once more",
        "操作超时或已使用过；请再按一次按钮",
    )
    .into()
}

/// Also for a closed account: a stranger learns nothing from the difference.
fn unknown() -> Failure {
    invalid(
        "access.passkey_unknown",
        "passkey",
        "this passkey belongs to no account that may come in here; choose another one or sign in another way",
        "该通行密钥不属于此处可登录的账号；请换一个或用其他方式登录",
    )
    .into()
}

fn unanswered(fault: WebauthnError) -> Failure {
    invalid(
        "access.passkey_refused",
        "passkey",
        format!("the passkey's answer is not accepted ({fault}); try again, or sign in another way"),
        "通行密钥的应答未被接受；请重试或用其他方式登录",
    )
    .into()
}
