//! What holds for every answer: the headers that tell a browser what it may do with it.

use axum::extract::{Request, State};
use axum::http::{HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use std::sync::Arc;
use tokio::sync::Semaphore;

/// Scripts and styles come from here only, and nothing frames the page. A browser may not lend it any sensor.
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

/// Two years, for this host alone: what lies beside it on the domain is not ours to decide.
const ONLY_TLS: (&str, &str) = ("strict-transport-security", "max-age=63072000");

/// Requests at work at the same time; the next one is told to come again rather than made to wait for all others.
const MOST_AT_ONCE: usize = 512;

#[derive(Clone)]
pub struct Manners {
    room: Arc<Semaphore>,
    over_tls: bool,
}

impl Manners {
    pub fn new(over_tls: bool) -> Manners {
        Manners { room: Arc::new(Semaphore::new(MOST_AT_ONCE)), over_tls }
    }
}

/// Refuses openly when the house is full, and writes the headers that every answer carries.
pub async fn come_in(State(manners): State<Manners>, request: Request, next: Next) -> Response {
    let mut response = match manners.room.try_acquire() {
        Ok(_place) if sent_by_another_site(&request) => StatusCode::FORBIDDEN.into_response(),
        Ok(_place) => next.run(request).await,
        Err(_) => {
            (StatusCode::SERVICE_UNAVAILABLE, [(header::RETRY_AFTER, "2")], "busy; try again in 2 seconds")
                .into_response()
        }
    };
    let headers = response.headers_mut();
    for (name, value) in GUARDS.iter().chain(manners.over_tls.then_some(&ONLY_TLS)) {
        headers.insert(HeaderName::from_static(name), HeaderValue::from_static(value));
    }
    if !headers.contains_key(header::CACHE_CONTROL) {
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
    response
}

/// A browser says where a request was started. Another site starts no write here, a sign-in included.
fn sent_by_another_site(request: &Request) -> bool {
    let writes = request.method() != Method::GET && request.method() != Method::HEAD;
    let site = request.headers().get("sec-fetch-site").and_then(|value| value.to_str().ok());
    writes && site.is_some_and(|site| site != "same-origin" && site != "none")
}
