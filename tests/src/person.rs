//! A person at a browser: a cookie, the page's token, and what they ask for.

use crate::{Answer, fresh};
use axum::Router;
use axum::body::Body;
use axum::http::{Method, Request, header};
use futures_util::StreamExt;
use serde_json::Value;
use std::net::IpAddr;
use std::time::Duration;
use tower::ServiceExt;

/// Long enough for a busy machine, and the end of any waiting.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

#[derive(Clone)]
pub struct Person {
    router: Router,
    pub(crate) cookie: Option<String>,
    csrf: Option<String>,
    /// What the browser remembers of earlier visits: sent along with attempts to sign in.
    device: Option<String>,
    address: Option<IpAddr>,
    /// Another system shows this instead of a cookie.
    token: Option<String>,
    pub account: String,
    pub login: String,
    pub territory: String,
}

impl Person {
    pub(crate) fn outside(router: Router) -> Person {
        Person {
            router,
            cookie: None,
            csrf: None,
            device: None,
            address: None,
            token: None,
            account: String::new(),
            login: String::new(),
            territory: String::new(),
        }
    }

    pub(crate) fn entering(router: Router, answer: Answer) -> Result<Person, Box<Answer>> {
        if answer.status != 200 {
            return Err(Box::new(answer));
        }
        let state = answer.json();
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        Ok(Person {
            router,
            cookie: cookie(&answer, "quell="),
            csrf: state["csrf"].as_str().map(str::to_owned),
            device: cookie(&answer, "quell-known-"),
            address: None,
            token: None,
            account: text(&state["account"]["id"]),
            login: text(&state["account"]["login"]),
            territory: text(&state["account"]["territory"]),
        })
    }

    /// The same browser with nobody signed in: only what it remembers of earlier visits.
    pub fn signed_out(&self) -> Person {
        Person { cookie: None, csrf: None, ..self.clone() }
    }

    /// Another system, with this token and nothing else.
    pub fn with_token(&self, token: &str) -> Person {
        Person { token: Some(token.to_owned()), ..self.signed_out() }
    }

    /// The same person, coming from this address.
    pub fn from(&self, address: &str) -> Person {
        Person { address: Some(address.parse().expect("an address")), ..self.clone() }
    }

    /// The same browser, after an answer that let somebody in.
    pub fn enters(&self, answer: Answer) -> Result<Person, Box<Answer>> {
        Person::entering(self.router.clone(), answer)
    }

    /// The same person with a page that lost its token, or was never Quell's.
    pub fn without_page_token(&self) -> Person {
        Person { csrf: None, ..self.clone() }
    }

    pub(crate) fn at(&self, router: Router) -> Person {
        Person { router, ..self.clone() }
    }

    /// A session that goes on under a new token.
    pub(crate) fn takes_new_token(&mut self, answer: &Answer) {
        if answer.status == 200 {
            self.cookie = cookie(answer, "quell=");
        }
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.ask(Method::GET, path, Vec::new()).await
    }

    pub async fn post(&self, path: &str, body: Value) -> Answer {
        self.ask(Method::POST, path, body.to_string().into_bytes()).await
    }

    pub async fn put(&self, path: &str, body: Value) -> Answer {
        self.ask(Method::PUT, path, body.to_string().into_bytes()).await
    }

    pub async fn ask(&self, method: Method, path: &str, body: Vec<u8>) -> Answer {
        Answer::of(self.router.clone(), self.request(method, path, body)).await
    }

    /// The same by a program that reads this kind of answer, with a body that may be packed.
    pub async fn ask_for(&self, kind: &str, path: &str, body: Vec<u8>, packed: bool) -> Answer {
        let mut request = self.request(Method::POST, path, body);
        let kind = kind.parse().expect("a kind of answer");
        request.headers_mut().insert(header::ACCEPT, kind);
        if packed {
            request.headers_mut().insert(header::CONTENT_ENCODING, header::HeaderValue::from_static("gzip"));
        }
        Answer::of(self.router.clone(), request).await
    }

    /// Only whether it is granted; what may go on for ever is not waited for.
    pub async fn status(&self, method: Method, path: &str, body: Vec<u8>) -> u16 {
        let request = self.request(method, path, body);
        let response = self.router.clone().oneshot(request).await.expect("the router always answers");
        response.status().as_u16()
    }

    fn request(&self, method: Method, path: &str, body: Vec<u8>) -> Request<Body> {
        let mut request = Request::builder().method(method).uri(path);
        if let Some(cookie) = &self.cookie {
            request = request.header(header::COOKIE, cookie);
        }
        if let Some(device) = self.device.as_ref().filter(|_| path.starts_with("/api/session")) {
            request = request.header(header::COOKIE, device);
        }
        if let Some(token) = &self.token {
            request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
        }
        if let Some(address) = self.address {
            request = request.extension(rooms::Peer(address));
        }
        if let Some(csrf) = &self.csrf {
            request = request.header("x-quell-csrf", csrf);
        }
        request.body(Body::from(body)).expect("a request")
    }

    /// Shows once more who they are; the session goes on under a new token.
    pub async fn proves(&mut self, proof: Value) -> Answer {
        let answer = self.post("/api/session/prove", proof).await;
        self.takes_new_token(&answer);
        answer
    }

    pub async fn removes_totp(&self) -> Answer {
        self.ask(Method::DELETE, "/api/session/factors/totp", Vec::new()).await
    }

    /// A write through the one door; the change's id is made here.
    pub async fn change(&self, name: &str, mut fields: Value) -> Answer {
        if fields["id"].is_null() {
            fields["id"] = fresh("change").into();
        }
        self.post(&format!("/api/changes/{name}"), fields).await
    }

    pub async fn sign_out(&self) -> Answer {
        self.ask(Method::DELETE, "/api/session", Vec::new()).await
    }

    /// Listens from now on; the returned ear hears what is told later.
    pub async fn listens(&self) -> Ear {
        let request = self.request(Method::GET, "/api/live", Vec::new());
        let response = self.router.clone().oneshot(request).await.expect("the router always answers");
        assert_eq!(response.status().as_u16(), 200, "live");
        Ear { news: response.into_body().into_data_stream(), heard: String::new() }
    }
}

fn cookie(answer: &Answer, name: &str) -> Option<String> {
    let set = answer.headers.get_all(header::SET_COOKIE).iter().filter_map(|value| value.to_str().ok());
    set.filter_map(|cookie| cookie.split(';').next()).find(|pair| pair.starts_with(name)).map(str::to_owned)
}

/// An open stream of news.
pub struct Ear {
    news: axum::body::BodyDataStream,
    heard: String,
}

impl Ear {
    /// Waits until the stream has said `words`; false when it has not within `patience`.
    pub async fn hears_within(&mut self, words: &str, patience: Duration) -> bool {
        let waiting = async {
            while !self.heard.contains(words) {
                match self.news.next().await {
                    Some(Ok(block)) => self.heard.push_str(&String::from_utf8_lossy(&block)),
                    _ => return false,
                }
            }
            true
        };
        tokio::time::timeout(patience, waiting).await.unwrap_or(false)
    }

    pub async fn hears(&mut self, words: &str) -> bool {
        self.hears_within(words, PATIENCE).await
    }

    /// Whether the stream comes to its end.
    pub async fn falls_silent(&mut self) -> bool {
        let waiting = async { while let Some(Ok(_)) = self.news.next().await {} };
        tokio::time::timeout(PATIENCE, waiting).await.is_ok()
    }

    pub fn heard(&self) -> &str {
        &self.heard
    }
}
