//! How refusals and faults leave through HTTP: a stable code and two texts; never a name, never SQL.

use crate::access::refused::Denied;
use crate::load::{DoneWithout, Feature};
use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::json;
use store::{Error, Refusal, Status};

/// It comes back after half a minute of calm at the earliest.
const SWITCHED_OFF_SECONDS: u64 = 60;

pub type Reply<T> = Result<Json<T>, Failure>;

#[derive(Debug)]
pub enum Failure {
    Refused(Box<Refusal>),
    SignedOut,
    NoToken,
    TooMany {
        seconds: u64,
    },
    TooLarge {
        limit_mb: u64,
    },
    /// Done without while there is too much.
    SwitchedOff {
        feature: Feature,
    },
    /// Somebody else's machine did not do its part; the operator is told what, the person that the password stays.
    Elsewhere {
        what: String,
    },
    Fault(Error),
}

impl From<Error> for Failure {
    fn from(error: Error) -> Failure {
        match error {
            Error::Refused(refusal) => Failure::Refused(refusal),
            fault => Failure::Fault(fault),
        }
    }
}

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Failure {
        Failure::Refused(Box::new(refusal))
    }
}

pub fn not_signed_in() -> Failure {
    Failure::SignedOut
}

fn body(code: &str, en: &str, zh: &str, field: Option<&str>) -> Json<serde_json::Value> {
    Json(json!({ "code": code, "en": en, "zh": zh, "field": field }))
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        match self {
            Failure::Refused(refusal) => {
                let status = match refusal.status {
                    Status::Forbidden => StatusCode::FORBIDDEN,
                    Status::Missing => StatusCode::NOT_FOUND,
                    Status::Conflict => StatusCode::CONFLICT,
                    Status::Invalid => StatusCode::UNPROCESSABLE_ENTITY,
                };
                let told = body(&refusal.code, &refusal.en, &refusal.zh, refusal.field.as_deref());
                let mut response = (status, told).into_response();
                // A record that is not there may be one that lies outside: who tries many numbers is seen.
                if matches!(refusal.status, Status::Forbidden | Status::Missing) {
                    response.extensions_mut().insert(Denied(refusal.code.clone()));
                }
                response
            }
            Failure::SignedOut => {
                let told = body(
                    "access.signed_out",
                    "you are signed out; sign in again",
                    "您已退出；请重新登录",
                    None,
                );
                (StatusCode::UNAUTHORIZED, told).into_response()
            }
            Failure::NoToken => {
                let told = body(
                    "access.token",
                    "this token opens nothing: it is unknown, over or revoked; ask the administrator for another",
                    "该令牌无效：不存在、已到期或已吊销；请联系系统管理员",
                    None,
                );
                (StatusCode::UNAUTHORIZED, told).into_response()
            }
            Failure::TooMany { seconds } => {
                let en = format!("too many attempts; wait {seconds} seconds and try again");
                let told =
                    body("access.too_many", &en, &format!("尝试次数过多；请等待 {seconds} 秒后重试"), None);
                later(StatusCode::TOO_MANY_REQUESTS, seconds, told)
            }
            Failure::TooLarge { limit_mb } => {
                let en = format!(
                    "the file is larger than {limit_mb} MB; split it and send the parts one after the other"
                );
                let zh = format!("文件超过 {limit_mb} MB；请拆分后依次上传");
                (StatusCode::PAYLOAD_TOO_LARGE, body("import.too_large", &en, &zh, None)).into_response()
            }
            Failure::SwitchedOff { feature } => {
                let (en, zh) = feature.why();
                let told = body(
                    "service.switched_off",
                    &format!(
                        "switched off while there is too much to do: {en}; /public/status says since when, come again later"
                    ),
                    &format!("系统繁忙期间暂停：{zh}；详见 /public/status，请稍后再试"),
                    None,
                );
                let mut response = later(StatusCode::SERVICE_UNAVAILABLE, SWITCHED_OFF_SECONDS, told);
                response.extensions_mut().insert(DoneWithout);
                response
            }
            Failure::Elsewhere { what } => {
                eprintln!("quell: {what}");
                let told = body(
                    "access.provider_down",
                    "the provider does not answer as it should; try again in a minute, or sign in with the password",
                    "身份提供方未正常应答；请稍后重试，或使用密码登录",
                    None,
                );
                (StatusCode::BAD_GATEWAY, told).into_response()
            }
            Failure::Fault(Error::Full) => {
                let told = body(
                    "store.full",
                    "the disk is full, nothing was saved; free some space and try again",
                    "磁盘已满，未保存；请释放空间后重试",
                    None,
                );
                later(StatusCode::INSUFFICIENT_STORAGE, 30, told)
            }
            Failure::Fault(Error::TooLong) => {
                let told = body(
                    "store.too_long",
                    "this takes longer than a page may; narrow it by place, time or list and try again",
                    "查询耗时过长；请缩小地区、时间或名单范围后重试",
                    None,
                );
                later(StatusCode::SERVICE_UNAVAILABLE, 10, told)
            }
            Failure::Fault(Error::ReadOnly) => {
                let told = body(
                    "store.read_only",
                    "the disk takes no writes, nothing was saved; ask your administrator to make it writable and try again",
                    "磁盘不可写，未保存；请联系系统管理员恢复写入后重试",
                    None,
                );
                later(StatusCode::INSUFFICIENT_STORAGE, 30, told)
            }
            Failure::Fault(fault) => {
                // The operator sees the cause; the person at the screen sees that nothing was saved.
                eprintln!("quell: {fault}");
                let told = body(
                    "store.fault",
                    "something went wrong here and nothing was saved; try again, and tell your administrator if it stays",
                    "系统出错，未保存；请重试，如仍失败请告知系统管理员",
                    None,
                );
                (StatusCode::INTERNAL_SERVER_ERROR, told).into_response()
            }
        }
    }
}

fn later(status: StatusCode, seconds: u64, told: Json<serde_json::Value>) -> Response {
    let mut response = (status, told).into_response();
    if let Ok(value) = HeaderValue::from_str(&seconds.to_string()) {
        response.headers_mut().insert(header::RETRY_AFTER, value);
    }
    response
}

/// An address that does not fit is refused by the library in its own words, which repeat what was sent: that may be a name.
/// The answer says the same of all of them.
pub(crate) async fn unrepeated(response: Response) -> Response {
    let plain = response
        .headers()
        .get(header::CONTENT_TYPE)
        .is_some_and(|kind| kind.as_bytes().starts_with(b"text/plain"));
    if !response.status().is_client_error() || !plain {
        return response;
    }
    let told = body(
        "request.address",
        "this address or what came with it cannot be read; open the page again and follow its links",
        "地址或随附内容无法读取；请重新打开页面",
        None,
    );
    (response.status(), told).into_response()
}
