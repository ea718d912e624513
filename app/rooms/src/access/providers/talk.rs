//! One provider, and what is said with it: what it announces about itself, kept for an hour, and the code that is
//! exchanged for a token. These functions wait; they run on threads that may.

use base::Moment;
use openidconnect::core::{
    CoreAuthPrompt, CoreAuthenticationFlow, CoreClient, CoreClientAuthMethod, CoreErrorResponseType,
    CoreProviderMetadata, CoreTokenResponse,
};
use openidconnect::url::Url;
use openidconnect::{
    AuthType, AuthenticationContextClass, AuthorizationCode, ClientId, ClientSecret, CsrfToken, HttpRequest,
    HttpResponse, IssuerUrl, Nonce, PkceCodeChallenge, PkceCodeVerifier, RedirectUrl, RequestTokenError,
};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use ureq::Agent;

/// Keys are changed rarely and announced before; a key nobody knows yet is asked for at once.
const FRESH_SECONDS: i64 = 3600;
/// A provider whose announcement cannot be fetched is still believed for a day.
const STALE_SECONDS: i64 = 24 * 3600;
/// After a failure the provider has this long in peace.
const PAUSE_SECONDS: i64 = 10;
/// A key number that nobody announced is anybody's invention: keys are asked for again this seldom.
const KEYS_SECONDS: i64 = 60;
/// Announcement, keys and token are a few kilobytes each.
const LONGEST_ANSWER: u64 = 512 * 1024;

pub struct Provider {
    pub id: String,
    pub zh: String,
    pub en: String,
    issuer: IssuerUrl,
    client: ClientId,
    secret: Option<ClientSecret>,
    pub(super) acr: Vec<String>,
    /// Whoever signs in shows the provider anew who they are: on a shared computer its session may be a colleague's.
    pub(super) asks_anew: bool,
    agent: Agent,
    known: Mutex<Known>,
    /// Few talk with one provider at a time, so that a dead one holds few threads.
    pub(super) lines: tokio::sync::Semaphore,
}

#[derive(Clone, Default)]
struct Known {
    announced: Option<(Moment, Arc<CoreProviderMetadata>)>,
    failed: Option<Moment>,
}

const LINES: usize = 16;

/// Why a provider's word let nobody in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Trouble {
    /// It does not answer, or not as a provider does.
    Down(String),
    /// The code was not good, or not any more.
    Code,
    /// Its token does not hold; the word says what of it.
    Token(&'static str),
}

impl Provider {
    pub(super) fn new(
        id: String,
        (zh, en): (String, String),
        issuer: IssuerUrl,
        client: ClientId,
        secret: Option<ClientSecret>,
        (acr, asks_anew): (Vec<String>, bool),
        agent: Agent,
    ) -> Provider {
        let lines = tokio::sync::Semaphore::new(LINES);
        Provider { id, zh, en, issuer, client, secret, acr, asks_anew, agent, known: Mutex::default(), lines }
    }

    pub fn issuer(&self) -> &str {
        self.issuer.as_str()
    }

    pub(super) fn client(&self) -> &ClientId {
        &self.client
    }

    /// What the provider announces about itself, keys included.
    pub(super) fn announced(&self, now: Moment) -> Result<Arc<CoreProviderMetadata>, Trouble> {
        let Known { announced, failed } = self.known().clone();
        let younger_than = |seconds: i64| {
            let kept = announced.as_ref().filter(|(at, _)| at.plus_seconds(seconds) > now);
            kept.map(|(_, announced)| announced.clone())
        };
        if let Some(fresh) = younger_than(FRESH_SECONDS) {
            return Ok(fresh);
        }
        if failed.is_some_and(|at| at.plus_seconds(PAUSE_SECONDS) > now) {
            return younger_than(STALE_SECONDS)
                .ok_or_else(|| Trouble::Down("it did not answer a moment ago".to_owned()));
        }
        self.fetch(now).or_else(|trouble| younger_than(STALE_SECONDS).ok_or(trouble))
    }

    /// A key was used that nobody had announced: asks once more, but not at anybody's will.
    pub(super) fn announced_again(&self, now: Moment) -> Result<Arc<CoreProviderMetadata>, Trouble> {
        let asked = self.known().announced.as_ref().map(|(at, _)| *at);
        let lately = asked.is_some_and(|at| at.plus_seconds(KEYS_SECONDS) > now);
        if lately { self.announced(now) } else { self.fetch(now) }
    }

    fn known(&self) -> std::sync::MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn fetch(&self, now: Moment) -> Result<Arc<CoreProviderMetadata>, Trouble> {
        // Discovery compares the announced issuer with the one asked for.
        let announced = CoreProviderMetadata::discover(&self.issuer, &|request| self.http(request))
            .map_err(|fault| Trouble::Down(whole(&fault)))
            .and_then(|announced| self.sound(announced));
        let mut known = self.known();
        match announced {
            Ok(announced) => {
                let announced = Arc::new(announced);
                *known = Known { announced: Some((now, announced.clone())), failed: None };
                Ok(announced)
            }
            Err(trouble) => {
                known.failed = Some(now);
                Err(trouble)
            }
        }
    }

    /// The page goes to the announced address: it must be one a provider can have, and no script.
    fn sound(&self, announced: CoreProviderMetadata) -> Result<CoreProviderMetadata, Trouble> {
        let own = self.issuer.url().scheme();
        let mut addresses: Vec<&Url> =
            vec![announced.authorization_endpoint().url(), announced.jwks_uri().url()];
        addresses.extend(announced.token_endpoint().map(|token| token.url()));
        if addresses.len() < 3 {
            return Err(Trouble::Down("it announces no token endpoint".to_owned()));
        }
        match addresses.iter().find(|address| address.scheme() != "https" && address.scheme() != own) {
            Some(address) => Err(Trouble::Down(format!("it announces {address}, which is not https"))),
            None => Ok(announced),
        }
    }

    fn http(&self, request: HttpRequest) -> Result<HttpResponse, ureq::Error> {
        let answer = self.agent.run(request)?;
        let (head, mut body) = answer.into_parts();
        let bytes = body.with_config().limit(LONGEST_ANSWER).read_to_vec()?;
        Ok(HttpResponse::from_parts(head, bytes))
    }

    /// Where the person goes to say who they are. `anew`: they must show it again, even if the provider knows them still.
    pub(super) fn question(
        &self,
        now: Moment,
        back: &str,
        (state, nonce, challenge): (String, Nonce, PkceCodeChallenge),
        anew: bool,
    ) -> Result<Url, Trouble> {
        let announced = self.announced(now)?;
        let client = CoreClient::from_provider_metadata(
            announced.as_ref().clone(),
            self.client.clone(),
            self.secret.clone(),
        )
        .set_redirect_uri(redirect(back)?);
        let mut question = client
            .authorize_url(
                CoreAuthenticationFlow::AuthorizationCode,
                move || CsrfToken::new(state),
                move || nonce,
            )
            .set_pkce_challenge(challenge);
        for acr in &self.acr {
            question = question.add_auth_context_value(AuthenticationContextClass::new(acr.clone()));
        }
        if anew {
            question = question.set_max_age(Duration::ZERO).add_prompt(CoreAuthPrompt::Login);
        }
        Ok(question.url().0)
    }

    /// The code for a token, straight from the provider.
    pub(super) fn exchange(
        &self,
        now: Moment,
        back: &str,
        code: String,
        verifier: PkceCodeVerifier,
    ) -> Result<CoreTokenResponse, Trouble> {
        let announced = self.announced(now)?;
        let methods = announced.token_endpoint_auth_methods_supported().cloned().unwrap_or_default();
        let in_body = methods.contains(&CoreClientAuthMethod::ClientSecretPost)
            && !methods.contains(&CoreClientAuthMethod::ClientSecretBasic);
        let client = CoreClient::from_provider_metadata(
            announced.as_ref().clone(),
            self.client.clone(),
            self.secret.clone(),
        )
        .set_auth_type(if in_body { AuthType::RequestBody } else { AuthType::BasicAuth })
        .set_redirect_uri(redirect(back)?);
        let request = client
            .exchange_code(AuthorizationCode::new(code))
            .map_err(|fault| Trouble::Down(whole(&fault)))?
            .set_pkce_verifier(verifier);
        request.request(&|request| self.http(request)).map_err(|fault| match &fault {
            RequestTokenError::ServerResponse(said)
                if *said.error() == CoreErrorResponseType::InvalidGrant =>
            {
                Trouble::Code
            }
            _ => Trouble::Down(whole(&fault)),
        })
    }
}

fn redirect(back: &str) -> Result<RedirectUrl, Trouble> {
    RedirectUrl::new(back.to_owned()).map_err(|fault| Trouble::Down(whole(&fault)))
}

/// A fault with its causes, for the operator.
fn whole(fault: &dyn std::error::Error) -> String {
    let mut text = fault.to_string();
    let mut cause = fault.source();
    while let Some(next) = cause {
        text.push_str(": ");
        text.push_str(&next.to_string());
        cause = next.source();
    }
    text
}
