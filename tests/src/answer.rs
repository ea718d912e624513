//! What came back, and what a scene may say about it.

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Request};
use serde_json::Value;
use tower::ServiceExt;

#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    pub text: String,
    asked: String,
}

impl Answer {
    pub(crate) async fn of(router: Router, request: Request<Body>) -> Answer {
        let asked = format!("{} {}", request.method(), request.uri());
        let response = router.oneshot(request).await.expect("the router always answers");
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let bytes = to_bytes(response.into_body(), usize::MAX).await.expect("a whole answer");
        Answer { status, headers, text: String::from_utf8_lossy(&bytes).into_owned(), asked }
    }

    /// The body of a granted request.
    #[track_caller]
    pub fn ok(self) -> Value {
        assert!((200..300).contains(&self.status), "{}: {} {}", self.asked, self.status, self.text);
        self.json()
    }

    /// Refused with this status and this stable code, in both languages.
    #[track_caller]
    pub fn refused(self, status: u16, code: &str) -> Value {
        let told = self.json();
        assert_eq!(
            (self.status, told["code"].as_str()),
            (status, Some(code)),
            "{}: {}",
            self.asked,
            self.text
        );
        for language in ["en", "zh"] {
            assert!(
                told[language].as_str().is_some_and(|text| !text.is_empty()),
                "{code} says it in {language}"
            );
        }
        told
    }

    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or(Value::Null)
    }
}
