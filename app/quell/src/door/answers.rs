//! The way of every request through the door, and what holds for every answer: the headers that tell a browser what it may
//! do with it, and refusals in words.

use crate::door::bodies::{Bodies, file, is_file, unpacked};
use crate::door::crowd::neighbourhood;
use crate::door::doorstep::Asked;
use crate::door::lanes::{Lanes, Place};
use crate::door::proxy::Proxies;
use crate::door::refusals::Refusal;
use axum::body::{Body, HttpBody};
use axum::extract::{Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use futures_util::{FutureExt, StreamExt};
use rooms::load::{ALWAYS_ANSWERED, Class, DoneWithout, Happened};
use rooms::{App, House, Pace, Peer};
use std::net::IpAddr;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::{Duration, Instant};
use store::random_bits;

/// Scripts and styles come from here only, and nothing frames the page. A browser may not lend it any sensor, but for
/// `LENT_A_CAMERA`.
pub const GUARDS: &[(&str, &str)] = &[
    (
        "content-security-policy",
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; connect-src 'self'; \
         font-src 'self'; manifest-src 'self'; worker-src 'self'; base-uri 'none'; form-action 'self'; \
         frame-ancestors 'none'",
    ),
    ("x-content-type-options", "nosniff"),
    ("x-frame-options", "DENY"),
    ("referrer-policy", "no-referrer"),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
    (
        "permissions-policy",
        "accelerometer=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), magnetometer=(), \
         microphone=(), midi=(), payment=(), usb=()",
    ),
];

/// The pages below `/field/` read barcodes with the camera, and a checkpoint's page result codes.
const LENT_A_CAMERA: (&str, &str) = (
    "permissions-policy",
    "accelerometer=(), camera=(self), display-capture=(), geolocation=(), gyroscope=(), magnetometer=(), \
     microphone=(), midi=(), payment=(), usb=()",
);

/// Two years, for this host alone: what lies beside it on the domain is not ours to decide.
const ONLY_TLS: (&str, &str) = ("strict-transport-security", "max-age=63072000");

/// For an answer to begin. A page's questions are given up before that; what is left is a writer that hangs.
const ANSWERED_WITHIN: Duration = Duration::from_secs(30);

/// A file is read while its answer is waited for, as slowly as `bodies` allows.
const FILE_ANSWERED_WITHIN: Duration = Duration::from_secs(4 * 3600);

/// Requests a second from one address; ten seconds' worth may come at once. An office of 300 people has one address.
pub const ADDRESS_RATE: u32 = 500;

/// What all requests share.
pub struct Manners {
    lanes: Lanes,
    bodies: Bodies,
    pace: Pace<IpAddr>,
    proxies: Arc<Proxies>,
    over_tls: bool,
    house: App,
    /// What stands before the time and the words when somebody is told on the doorstep to come again.
    come_again: String,
}

impl Manners {
    pub fn new(over_tls: bool, proxies: Arc<Proxies>, address_rate: u32, house: App) -> Arc<Manners> {
        let pace = Pace::new(address_rate, address_rate.saturating_mul(10));
        Arc::new(Manners {
            lanes: Lanes::default(),
            bodies: Bodies::default(),
            pace,
            proxies,
            over_tls,
            house,
            come_again: head_of(&dressed(
                Refusal::Busy { seconds: 1, before: 0 }.into_response(),
                over_tls,
                "",
            )),
        })
    }

    /// The whole answer for somebody there is no place for; known by the first line, before anything else is looked at.
    pub fn turns_away(&self, asked: &Asked<'_>) -> Option<Vec<u8>> {
        let path = asked.target.split('?').next().unwrap_or_default();
        if !path.starts_with("/api/") || ALWAYS_ANSWERED.contains(&path) {
            return None;
        }
        let method = Method::from_bytes(asked.method.as_bytes()).ok()?;
        let class = Class::of(&method, path, asked.signed);
        let refusal = self.lanes.hopeless(class, path).err()?;
        self.house.load.note(class, Happened::Arrived);
        self.house.load.note(class, Happened::Refused);
        Some(self.in_full(refusal))
    }

    fn in_full(&self, refusal: Refusal) -> Vec<u8> {
        let (_, words) = refusal.in_words();
        let seconds = refusal.again().unwrap_or_default();
        let (head, length) = (&self.come_again, words.len());
        format!("{head}retry-after: {seconds}\r\ncontent-length: {length}\r\n\r\n{words}").into_bytes()
    }

    /// This machine, and a proxy that says of nobody where they come from, stand for many people.
    fn one_visitor(&self, request: &Request) -> Option<IpAddr> {
        let Peer(address) = request.extensions().get().copied()?;
        let many = address.is_loopback() || self.proxies.holds(address);
        (!many).then(|| neighbourhood(address))
    }

    fn paced(&self, visitor: Option<IpAddr>) -> Result<(), Refusal> {
        let told = visitor.map_or(Ok(()), |address| self.pace.asks(address, House::clock()));
        told.map_err(|seconds| Refusal::TooFast { seconds })
    }

    async fn answer(&self, request: Request, next: Next) -> Result<Response, Refusal> {
        if sent_by_another_site(&request) {
            return Err(Refusal::OtherSite);
        }
        unpacked(request.uri().path(), request.headers())?;
        let visitor = self.one_visitor(&request);
        self.paced(visitor)?;
        let (parts, body) = request.into_parts();
        let path = parts.uri.path();
        if !path.starts_with("/api/") {
            return surely(next.run(Request::from_parts(parts, Body::empty()))).await;
        }
        if ALWAYS_ANSWERED.contains(&path) {
            return surely(next.run(Request::from_parts(parts, Body::empty()))).await;
        }
        let signed = is_signed(&parts);
        let class = Class::of(&parts.method, path, signed);
        let begun = Instant::now();
        self.house.load.note(class, Happened::Arrived);
        let told = self.work_on(class, signed, visitor, parts, body, next).await;
        match &told {
            Ok(answer) if !fails_people(answer) => {
                self.house.load.note(class, Happened::Answered { took: begun.elapsed() })
            }
            Err(Refusal::Busy { .. }) => self.house.load.note(class, Happened::Refused),
            Ok(_) | Err(Refusal::TooLong | Refusal::Unexpected { .. }) => {
                self.house.load.note(class, Happened::Failed)
            }
            // Something in what was sent.
            Err(_) => {}
        }
        told
    }

    /// Whether there is a place at all, what came with it, a place, and then the rooms.
    async fn work_on(
        &self,
        class: Class,
        signed: bool,
        visitor: Option<IpAddr>,
        parts: Parts,
        body: Body,
        next: Next,
    ) -> Result<Response, Refusal> {
        let path = parts.uri.path();
        self.lanes.hopeless(class, path)?;
        let (body, _room, within) = if is_file(&parts.method, path) {
            (file(body), None, FILE_ANSWERED_WITHIN)
        } else {
            let (form, room) = self
                .bodies
                .form((class, path), signed, visitor, body, || self.lanes.busy(class, path))
                .await?;
            (Body::from(form), room, ANSWERED_WITHIN)
        };
        let place = self.lanes.enter(class, path, &self.house.load).await?;
        self.house.load.note(class, Happened::Admitted);
        let running = surely(next.run(Request::from_parts(parts, body)));
        if class == Class::Extras {
            let (response, place) = held_until_done(within, running, place).await?;
            return Ok(kept_until_sent(response, place));
        }
        tokio::time::timeout(within, running).await.map_err(|_| Refusal::TooLong)?
    }
}

/// The database is gone or full, or a question took too long. A feature that is off by choice is an answer.
fn fails_people(answer: &Response) -> bool {
    answer.status().is_server_error() && answer.extensions().get::<DoneWithout>().is_none()
}

/// It came with a session or a token; whether that holds is asked in the rooms.
fn is_signed(parts: &Parts) -> bool {
    parts.headers.contains_key(header::COOKIE) || parts.headers.contains_key(header::AUTHORIZATION)
}

/// Work that goes through a whole round runs on a thread of its own and ends when it is done, not when its answer was given up or whoever
/// asked has gone: it has its place for as long, or a page that is loaded again and again has them all at work at once.
async fn held_until_done(
    within: Duration,
    running: impl Future<Output = Result<Response, Refusal>> + Send + 'static,
    place: Place,
) -> Result<(Response, Place), Refusal> {
    let working = tokio::spawn(async move { (running.await, place) });
    let done = tokio::time::timeout(within, working).await.map_err(|_| Refusal::TooLong)?;
    // The program ends.
    let (response, place) = done.map_err(|_| Refusal::TooLong)?;
    Ok((response?, place))
}

/// A long answer is at work until its last byte has left.
fn kept_until_sent(response: Response, place: Place) -> Response {
    if response.body().size_hint().exact().is_some() {
        return response;
    }
    response.map(|body| {
        Body::from_stream(body.into_data_stream().map(move |block| {
            let _kept = &place;
            block
        }))
    })
}

/// A request that fails on something unexpected fails alone, and its visitor is told a number that the log knows.
async fn surely(running: impl Future<Output = Response>) -> Result<Response, Refusal> {
    AssertUnwindSafe(running).catch_unwind().await.map_err(|_| {
        let number = (random_bits() & 0xffff_ffff) as u32;
        eprintln!(
            "quell: a request ended unexpectedly, number {number:08x}; what was being done stands above"
        );
        Refusal::Unexpected { number }
    })
}

fn scans(path: &str) -> bool {
    path.starts_with("/field/") || path == "/public/check"
}

/// Refuses openly, and writes the headers that every answer carries.
pub async fn come_in(State(manners): State<Arc<Manners>>, request: Request, next: Next) -> Response {
    let path = request.uri().path().to_owned();
    let mut response = manners.answer(request, next).await.unwrap_or_else(IntoResponse::into_response);
    if path.starts_with("/api/") {
        response = in_words(response);
    }
    dressed(response, manners.over_tls, &path)
}

fn dressed(mut response: Response, over_tls: bool, path: &str) -> Response {
    let headers = response.headers_mut();
    let lent = scans(path).then_some(&LENT_A_CAMERA);
    for (name, value) in GUARDS.iter().chain(over_tls.then_some(&ONLY_TLS)).chain(lent) {
        headers.insert(HeaderName::from_static(name), HeaderValue::from_static(value));
    }
    if !headers.contains_key(header::CACHE_CONTROL) {
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
    response
}

/// Its first line and headers as they go over the wire, but for those that are other each time.
fn head_of(response: &Response) -> String {
    let mut head = format!("HTTP/1.1 {}\r\n", response.status());
    let varies = [header::RETRY_AFTER, header::CONTENT_LENGTH];
    for (name, value) in response.headers().iter().filter(|(name, _)| !varies.contains(name)) {
        head += &format!("{name}: {}\r\n", value.to_str().unwrap_or_default());
    }
    head
}

/// What the router refuses by itself says nothing, or something about the library; the same in our words.
fn in_words(response: Response) -> Response {
    let ours = response.headers().get(header::CONTENT_TYPE).is_some_and(|kind| kind == "application/json");
    match response.status() {
        _ if ours => response,
        StatusCode::BAD_REQUEST => Refusal::Unreadable.into_response(),
        StatusCode::NOT_FOUND => Refusal::NoSuchAddress.into_response(),
        StatusCode::METHOD_NOT_ALLOWED => {
            let allowed = response.headers().get(header::ALLOW).cloned();
            let mut told = Refusal::WrongMethod.into_response();
            told.headers_mut().extend(allowed.map(|allowed| (header::ALLOW, allowed)));
            told
        }
        _ => response,
    }
}

/// A browser says where a request was started. Another site starts no write here, a sign-in included.
fn sent_by_another_site(request: &Request) -> bool {
    let writes = request.method() != Method::GET && request.method() != Method::HEAD;
    let site = request.headers().get("sec-fetch-site").and_then(|value| value.to_str().ok());
    writes && site.is_some_and(|site| site != "same-origin" && site != "none")
}

#[cfg(test)]
mod tests {
    use super::*;
    use rooms::Failure;
    use rooms::load::{Feature, Load};
    use store::Error;

    const BOOKS: &str = "/api/lab/rounds/round_x/reconcile";

    #[test]
    fn a_question_that_took_too_long_fails_people_and_a_feature_that_is_off_does_not() {
        let told = |failure: Failure| {
            let answer = failure.into_response();
            (answer.status(), fails_people(&answer))
        };
        let unavailable = StatusCode::SERVICE_UNAVAILABLE;
        assert_eq!(told(Failure::Fault(Error::TooLong)), (unavailable, true));
        assert_eq!(told(Failure::SwitchedOff { feature: Feature::ALL[0] }), (unavailable, false));
        assert!(told(Failure::Fault(Error::Closed)).1 && told(Failure::Fault(Error::Full)).1);
        assert!(!told(Failure::TooMany { seconds: 1 }).1);
    }

    #[tokio::test]
    async fn work_whose_answer_was_given_up_has_its_place_until_it_is_done() {
        let (lanes, load) = (Lanes::default(), Load::default());
        let mut works = Vec::new();
        while lanes.hopeless(Class::Extras, BOOKS).is_ok() {
            let Ok(place) = lanes.enter(Class::Extras, BOOKS, &load).await else { break };
            let (done, waits) = tokio::sync::oneshot::channel::<()>();
            let running = async move {
                let _ = waits.await;
                Ok(Response::new(Body::empty()))
            };
            let told = held_until_done(Duration::from_millis(5), running, place).await;
            assert!(matches!(told, Err(Refusal::TooLong)), "its answer is given up");
            works.push(done);
        }
        assert_eq!(works.len(), 2, "there are no more places than that, however often somebody asks");
        works.clear();
        let free = lanes.enter(Class::Extras, BOOKS, &load).await;
        assert!(free.is_ok(), "what is done gives its place back");
    }
}
