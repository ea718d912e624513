//! Somebody's way to a provider and back. It is begun here, by one browser and for one reason, and only that browser ends
//! it: state, nonce and the code's verifier are random, stay here, and are good for one return within minutes.

use crate::House;
use crate::access::providers::token::Vouched;
use crate::access::providers::{Provider, Trouble};
use crate::access::sessions::{cookie_in, hash_token, new_token};
use crate::access::{SessionId, Visitor};
use crate::refuse::invalid;
use crate::reply::Failure;
use axum::http::HeaderMap;
use base::{Id, Moment};
use openidconnect::{Nonce, PkceCodeChallenge, PkceCodeVerifier};
use serde::Deserialize;
use std::sync::Arc;
use std::time::Duration;
use store::{Refusal, Status};

/// What the person is to prove by going there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Why {
    SignIn,
    Link { session: Id<SessionId> },
    Prove { session: Id<SessionId> },
}

pub(crate) struct Errand {
    provider: String,
    /// A hash of the cookie of the browser that began it.
    browser: String,
    why: Why,
    nonce: Nonce,
    verifier: PkceCodeVerifier,
    asked: Moment,
}

/// What the provider gave the person to bring back.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Returned {
    state: String,
    code: String,
    /// RFC 9207: which provider speaks.
    #[serde(default)]
    iss: Option<String>,
}

/// Longer than an errand lasts.
const COOKIE_SECONDS: i64 = 10 * 60;

/// Longer than a provider may take to answer two questions.
const PATIENCE: Duration = Duration::from_secs(30);

fn cookie_name(house: &House) -> &'static str {
    if house.settings.behind_tls { "__Host-quell-provider" } else { "quell-provider" }
}

/// Where to go, and the cookie that says which browser went. Strict like the session's: it is read by a request of our own
/// page, not by the provider's redirect.
pub(super) async fn goes(
    house: &House,
    (provider, back): (Arc<Provider>, String),
    why: Why,
    (visitor, headers): (&Visitor, &HeaderMap),
) -> Result<(String, String), Failure> {
    // The same browser may be on two errands, in two tabs.
    let browser = cookie_in(headers, cookie_name(house)).filter(|own| own.len() == new_token().len());
    let browser = browser.unwrap_or_else(new_token);
    let (nonce, (challenge, verifier)) = (Nonce::new(new_token()), PkceCodeChallenge::new_random_sha256());
    let now = house.now();
    let errand = Errand {
        provider: provider.id.clone(),
        browser: hash_token(&browser),
        why,
        nonce: nonce.clone(),
        verifier,
        asked: now,
    };
    let state = house.ways.errands.keep(visitor.household(), now, errand);
    let there = talks(&provider, move |provider| {
        let anew = provider.asks_anew || why != Why::SignIn;
        provider.question(now, &back, (state, nonce, challenge), anew)
    })
    .await?;
    let secure = if house.settings.behind_tls { "; Secure" } else { "" };
    let cookie = format!(
        "{}={browser}; Path=/; HttpOnly; SameSite=Strict; Max-Age={COOKIE_SECONDS}{secure}",
        cookie_name(house)
    );
    Ok((there.to_string(), cookie))
}

/// Whom the provider names, and why they went; every doubt ends it.
pub(super) async fn comes_back(
    house: &House,
    (provider, back): (Arc<Provider>, String),
    headers: &HeaderMap,
    given: Returned,
) -> Result<(Why, Vouched), Failure> {
    let errand = house.ways.errands.take(&given.state, house.now()).ok_or_else(late)?;
    let browser = cookie_in(headers, cookie_name(house)).map(|own| hash_token(&own));
    if browser.as_ref() != Some(&errand.browser) || errand.provider != provider.id {
        return Err(another_browser());
    }
    if given.iss.is_some_and(|issuer| issuer != provider.issuer()) {
        return Err(told(&provider, Trouble::Token("issuer")));
    }
    let Errand { why, nonce, verifier, asked, .. } = errand;
    let now = house.now();
    let vouched = talks(&provider, move |provider| {
        let answer = provider.exchange(now, &back, given.code, verifier)?;
        let vouched = provider.vouches(now, &answer, &nonce)?;
        if (provider.asks_anew || why != Why::SignIn) && !provider.shown_since(&vouched, asked) {
            return Err(Trouble::Token("age"));
        }
        Ok(vouched)
    })
    .await?;
    Ok((why, vouched))
}

/// On a thread that may wait, and few at a time.
async fn talks<T: Send + 'static>(
    provider: &Arc<Provider>,
    with: impl FnOnce(&Provider) -> Result<T, Trouble> + Send + 'static,
) -> Result<T, Failure> {
    let busy = || Trouble::Down("too many are talking with it, or it is slow".to_owned());
    let talk = async {
        let _line = provider.lines.acquire().await.map_err(|_| busy())?;
        let theirs = provider.clone();
        tokio::task::spawn_blocking(move || with(&theirs)).await.map_err(|_| busy())?
    };
    let said = tokio::time::timeout(PATIENCE, talk).await.unwrap_or_else(|_| Err(busy()));
    said.map_err(|trouble| told(provider, trouble))
}

fn told(provider: &Provider, trouble: Trouble) -> Failure {
    match trouble {
        Trouble::Down(why) => Failure::Elsewhere { what: format!("provider {}: {why}", provider.id) },
        Trouble::Code => invalid(
            "access.provider_code",
            "code",
            "the provider does not accept its own answer any more; sign in once more from the beginning",
            "提供方的应答已失效；请重新开始登录",
        )
        .into(),
        Trouble::Token(what) => Refusal::new(
            Status::Forbidden,
            "access.provider_answer",
            format!(
                "the provider's answer does not hold ({what}), so nobody was let in; try again, and tell your administrator if it stays"
            ),
            format!("提供方的应答未通过核验（{what}），未予登录；请重试，如仍失败请告知系统管理员"),
        )
        .into(),
    }
}

fn late() -> Failure {
    invalid(
        "access.provider_late",
        "state",
        "this took too long, or was used before; sign in once more from the beginning",
        "操作超时或已使用过；请重新开始登录",
    )
    .into()
}

fn another_browser() -> Failure {
    Refusal::new(
        Status::Forbidden,
        "access.provider_browser",
        "this sign-in was not begun in this browser, so it does not end here; sign in from the beginning",
        "该登录不是从本浏览器发起的；请在此重新开始登录",
    )
    .into()
}
