//! Refusals every room needs, in both languages, each ending with what to do.

use store::{Error, Refusal, Status};

pub fn missing(what_en: &str, what_zh: &str) -> Error {
    Refusal::new(
        Status::Missing,
        "record.missing",
        format!("there is no such {what_en} here; it may lie outside your territory: check the address or ask its department"),
        format!("此处没有该{what_zh}；可能不在您的辖区内，请检查地址或联系所属部门"),
    )
    .into()
}

pub fn exists(what_en: &str, what_zh: &str) -> Error {
    Refusal::new(
        Status::Conflict,
        "record.exists",
        format!("this {what_en} exists already; open it instead of making it again"),
        format!("该{what_zh}已存在；请直接打开"),
    )
    .into()
}

pub fn invalid(code: &str, field: &str, en: impl Into<String>, zh: impl Into<String>) -> Error {
    Refusal::new(Status::Invalid, code, en, zh).field(field).into()
}

pub fn required(field: &str, value: &str) -> Result<(), Error> {
    if value.trim().is_empty() {
        return Err(invalid(
            "field.required",
            field,
            format!("`{field}` is empty; fill it in"),
            format!("“{field}”为空；请填写"),
        ));
    }
    Ok(())
}
