//! What the door itself says no to, in both languages, each ending with what to do. Nothing of the program shows: no path,
//! no query, no trace.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::json;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    OtherSite,
    Encoded,
    TooFast {
        seconds: u64,
    },
    TooLarge {
        kilobytes: usize,
    },
    TooSlow,
    Broken,
    /// `before`: about how many come before whoever is told this.
    Busy {
        seconds: u64,
        before: u64,
    },
    TooLong,
    /// A fault of the program; the number stands in its log too.
    Unexpected {
        number: u32,
    },
    Unreadable,
    NoSuchAddress,
    WrongMethod,
}

/// What took too long may be at work still.
const TOO_LONG_AGAIN_S: u64 = 5;

impl Refusal {
    fn told(self) -> (StatusCode, &'static str, String, String) {
        let (status, code, en, zh) = match self {
            Refusal::OtherSite => (
                StatusCode::FORBIDDEN,
                "request.other_site",
                "another web page tried to write here; do it on Quell's own page",
                "其他网页试图在此写入；请在本系统页面操作",
            ),
            Refusal::Encoded => (
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "request.encoded",
                "the request is compressed; send it as it is",
                "请求已压缩；请发送未压缩的内容",
            ),
            Refusal::TooFast { seconds } => {
                let en = format!("too many requests from this address; wait {seconds} seconds and try again");
                let zh = format!("该地址请求过多；请等待 {seconds} 秒后重试");
                return (StatusCode::TOO_MANY_REQUESTS, "request.too_fast", en, zh);
            }
            Refusal::TooLarge { kilobytes } => {
                let en = format!("the request is larger than {kilobytes} kB; send less at a time");
                let zh = format!("请求超过 {kilobytes} kB；请分批发送");
                return (StatusCode::PAYLOAD_TOO_LARGE, "request.too_large", en, zh);
            }
            Refusal::TooSlow => (
                StatusCode::REQUEST_TIMEOUT,
                "request.too_slow",
                "the request came too slowly; send it again on a better line",
                "请求传输过慢；请在网络较好时重试",
            ),
            Refusal::Broken => (
                StatusCode::BAD_REQUEST,
                "request.broken",
                "the request broke off; send it again",
                "请求中断；请重新发送",
            ),
            Refusal::Busy { seconds, before } => {
                let en = format!("busy, about {before} before you; try again in {seconds} seconds");
                let zh = format!("系统繁忙，您前面约有 {before} 个请求；请 {seconds} 秒后重试");
                return (StatusCode::SERVICE_UNAVAILABLE, "service.busy", en, zh);
            }
            Refusal::TooLong => (
                StatusCode::SERVICE_UNAVAILABLE,
                "request.too_long",
                "no answer in time; it may have been saved, and sending it again is safe",
                "未能及时响应；可能已保存，可放心重新发送",
            ),
            Refusal::Unexpected { number } => {
                let en = format!(
                    "something unexpected happened here; try again, and tell your administrator number {number:08x} if it stays"
                );
                let zh = format!("系统发生意外错误；请重试，如仍失败请将编号 {number:08x} 告知系统管理员");
                return (StatusCode::INTERNAL_SERVER_ERROR, "service.unexpected", en, zh);
            }
            Refusal::Unreadable => (
                StatusCode::BAD_REQUEST,
                "request.unreadable",
                "the address or what follows it cannot be read; check it",
                "地址或其参数无法读取；请检查",
            ),
            Refusal::NoSuchAddress => (
                StatusCode::NOT_FOUND,
                "request.no_such_address",
                "there is nothing at this address; check it",
                "该地址不存在；请检查",
            ),
            Refusal::WrongMethod => (
                StatusCode::METHOD_NOT_ALLOWED,
                "request.wrong_method",
                "this address is not asked in this way; check the method",
                "该地址不支持此请求方法；请检查",
            ),
        };
        (status, code, en.to_owned(), zh.to_owned())
    }

    /// After how many seconds it is worth asking again, where it will be.
    pub fn again(self) -> Option<u64> {
        match self {
            Refusal::Busy { seconds, .. } | Refusal::TooFast { seconds } => Some(seconds),
            Refusal::TooLong => Some(TOO_LONG_AGAIN_S),
            _ => None,
        }
    }

    /// Its status and what is said, as JSON.
    pub fn in_words(self) -> (StatusCode, String) {
        let (status, code, en, zh) = self.told();
        let mut body = json!({ "code": code, "en": en, "zh": zh, "field": null });
        if let Refusal::Busy { before, .. } = self {
            body["before"] = json!(before);
        }
        (status, body.to_string())
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let (status, body) = self.in_words();
        let mut response = (status, [(header::CONTENT_TYPE, "application/json")], body).into_response();
        let headers = response.headers_mut();
        if let Some(seconds) = self.again() {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        // What is left of a request that was not read is not worth reading.
        if matches!(self, Refusal::TooLarge { .. } | Refusal::TooSlow | Refusal::Broken | Refusal::Encoded) {
            headers.insert(header::CONNECTION, HeaderValue::from_static("close"));
        }
        response
    }
}
