//! A second listener that only says where the encrypted one is, for people who type the address without `https`.

use axum::Router;
use axum::extract::Request;
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};

/// `port`: where TLS is spoken.
pub fn to_tls(port: u16) -> Router {
    Router::new().fallback(move |request: Request| std::future::ready(answer(&request, port)))
}

/// What was to be written has crossed the wire in the open already; a browser that was redirected would hide that.
fn answer(request: &Request, port: u16) -> Response {
    if request.method() != Method::GET && request.method() != Method::HEAD {
        return (StatusCode::FORBIDDEN, "send this over https").into_response();
    }
    match target(request, port) {
        Some(target) => (StatusCode::PERMANENT_REDIRECT, [(header::LOCATION, target)]).into_response(),
        None => (StatusCode::BAD_REQUEST, "say which host is asked").into_response(),
    }
}

fn target(request: &Request, port: u16) -> Option<HeaderValue> {
    let host = request.headers().get(header::HOST)?.to_str().ok()?;
    let name = host.rsplit_once(':').map_or(host, |(name, port)| {
        if port.bytes().all(|byte| byte.is_ascii_digit()) { name } else { host }
    });
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b".-:[]".contains(&byte);
    if name.is_empty() || !name.bytes().all(plain) {
        return None;
    }
    let port = if port == 443 { String::new() } else { format!(":{port}") };
    let path = request.uri().path_and_query().map_or("/", |path| path.as_str());
    HeaderValue::from_str(&format!("https://{name}{port}{path}")).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::body::Body;

    fn asked(method: &str, host: &str, path: &str, port: u16) -> (u16, String) {
        let request = Request::builder().method(method).uri(path).header("host", host);
        let answer = answer(&request.body(Body::empty()).unwrap(), port);
        let target = answer.headers().get("location").map(|target| target.to_str().unwrap().to_owned());
        (answer.status().as_u16(), target.unwrap_or_default())
    }

    #[test]
    fn a_page_is_shown_the_way_and_a_write_is_refused() {
        assert_eq!(asked("GET", "q.example", "/cases?x=1", 443), (308, "https://q.example/cases?x=1".into()));
        assert_eq!(asked("GET", "q.example:80", "/", 8443), (308, "https://q.example:8443/".into()));
        assert_eq!(asked("HEAD", "[2001:db8::1]:80", "/", 443), (308, "https://[2001:db8::1]/".into()));
        assert_eq!(asked("POST", "q.example", "/api/session", 443).0, 403);
        for host in ["", "evil.example/a", "a@b", "a b"] {
            assert_eq!(asked("GET", host, "/", 443).0, 400, "{host}");
        }
    }
}
