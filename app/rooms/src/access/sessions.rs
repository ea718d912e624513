//! The signed-in person behind a request: cookie, session, CSRF token, actor.

use crate::access::SessionId;
use crate::access::grant::actor_in;
use crate::access::presence::keep_presence;
use crate::access::refused::{asked_by, keep_refusals};
use crate::access::second_factor::must_enrol;
use crate::access::tokens::{METHOD, signed_by_token};
use crate::access::views::{Session, session_by_token};
use crate::reply::{Failure, not_signed_in};
use crate::{App, House};
use axum::extract::FromRequestParts;
use axum::http::{HeaderMap, Method, header, request::Parts};
use base::Id;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};
use store::{Actor, Refusal, Scope, Status, random_bits};

/// 12 hours, however busy: nobody stays signed in past a shift (SP 800-63B-4, AAL2).
pub const LONGEST_SECONDS: i64 = 12 * 3600;

/// What opens names, hands out rights or takes factors away asks for a proof not older than 15 minutes.
pub const RECENT_SECONDS: i64 = 15 * 60;

/// Proof that the request comes from a signed-in person; writes also proved that the page sent them.
pub struct Signed {
    pub session: Session,
    pub actor: Actor,
    pub csrf: String,
}

impl Signed {
    pub fn scope(&self) -> Scope {
        self.actor.scope.clone()
    }

    /// The step-up: refuses (`access.step_up`) unless the person showed who they are within the last 15 minutes. The page
    /// then asks for it (`POST /api/session/prove`) and sends the same request again.
    pub fn recent(&self, house: &House) -> Result<(), Failure> {
        if self.session.method == METHOD {
            return Err(in_person());
        }
        if self.session.proved.plus_seconds(RECENT_SECONDS) >= house.now() {
            return Ok(());
        }
        Err(Refusal::new(
            Status::Forbidden,
            "access.step_up",
            "this needs to be sure that it is you: show your password or another proof once more, then it goes on",
            "此操作需再次确认是您本人：请重新输入密码或以其他方式验证，然后继续",
        )
        .into())
    }
}

/// What a token is told where a person is meant.
fn in_person() -> Failure {
    Refusal::new(
        Status::Forbidden,
        "access.in_person",
        "this is for people who sign in at a page; a token exchanges data and nothing else",
        "此操作仅限登录页面的人员；令牌只用于数据交换",
    )
    .into()
}

/// 256 bits.
pub(crate) fn new_token() -> String {
    let bytes = [random_bits().to_le_bytes(), random_bits().to_le_bytes()].concat();
    URL_SAFE_NO_PAD.encode(bytes)
}

pub(crate) fn hash_token(token: &str) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(token.as_bytes()))
}

/// Bound to the session and not to its token: another tab goes on working when this one has proved itself again.
pub(crate) fn csrf_of(house: &House, session: Id<SessionId>) -> String {
    house.db.vault().mark("csrf", &session.to_string())
}

/// `__Host-` binds the cookie to this origin and to TLS; plain HTTP (one laptop, loopback) cannot carry it.
pub(crate) fn cookie_name(house: &House) -> &'static str {
    if house.settings.behind_tls { "__Host-quell" } else { "quell" }
}

pub(crate) fn cookie(house: &House, token: &str, seconds: i64) -> String {
    let secure = if house.settings.behind_tls { "; Secure" } else { "" };
    format!("{}={token}; Path=/; HttpOnly; SameSite=Strict; Max-Age={seconds}{secure}", cookie_name(house))
}

pub(crate) fn cookie_in(headers: &HeaderMap, name: &str) -> Option<String> {
    headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok()).find_map(|cookies| {
        cookies.split(';').find_map(|pair| {
            let (key, value) = pair.trim().split_once('=')?;
            (key == name).then(|| value.to_owned())
        })
    })
}

/// `None` when nobody is signed in, or they have been idle too long.
pub(crate) async fn current(house: &House, headers: &HeaderMap) -> Result<Option<Session>, Failure> {
    let Some(token) = cookie_in(headers, cookie_name(house)) else { return Ok(None) };
    let hash = hash_token(&token);
    let now = house.now();
    let session = house.db.find(move |reader| session_by_token(reader, &hash, now)).await?;
    let session = session.filter(|session| house.presence.seen(&session.id.to_string(), session.seen, now));
    if session.is_some() {
        keep_presence(house).await;
        keep_refusals(house).await;
    }
    Ok(session)
}

/// Somebody who is in, perhaps only to enrol the second factor that their role needs. For a person's own account.
pub struct Entered(pub Signed);

impl FromRequestParts<App> for Entered {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, house: &App) -> Result<Entered, Failure> {
        if parts.headers.contains_key(header::AUTHORIZATION) {
            return Err(in_person());
        }
        let session = current(house, &parts.headers).await?.ok_or_else(not_signed_in)?;
        asked_by(parts, house, &session.account.id.to_string());
        house.turns.take(&session.account.id.to_string(), parts, house.now()).await?;
        let csrf = csrf_of(house, session.id);
        let writes = parts.method != Method::GET && parts.method != Method::HEAD;
        let shown = parts.headers.get("x-quell-csrf").and_then(|value| value.to_str().ok());
        if writes && shown != Some(csrf.as_str()) {
            return Err(Refusal::new(
                Status::Forbidden,
                "access.csrf",
                "this request did not come from Quell's own page; reload the page and try again",
                "该请求并非来自本系统页面；请刷新后重试",
            )
            .into());
        }
        let actor = actor_in(&session);
        Ok(Entered(Signed { session, actor, csrf }))
    }
}

impl FromRequestParts<App> for Signed {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, house: &App) -> Result<Signed, Failure> {
        if let Some(token) = signed_by_token(house, &parts.headers).await? {
            asked_by(parts, house, &token.actor.id);
            house.turns.take(&token.actor.id, parts, house.now()).await?;
            return Ok(token);
        }
        let Entered(signed) = Entered::from_request_parts(parts, house).await?;
        if must_enrol(house, &signed.session) {
            return Err(Refusal::new(
                Status::Forbidden,
                "access.must_enrol",
                "your role works with a second factor here; set one up under My account first",
                "您的角色须使用第二验证因素；请先在“我的账号”中设置",
            )
            .into());
        }
        Ok(signed)
    }
}
