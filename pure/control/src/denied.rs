//! Why something may not be, in both languages, each ending with what to do.

/// `code` is stable and tells programs; the words tell people.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{en}")]
pub struct Denied {
    pub code: &'static str,
    pub field: Option<&'static str>,
    pub en: String,
    pub zh: String,
}

impl Denied {
    pub fn of(code: &'static str, en: impl Into<String>, zh: impl Into<String>) -> Denied {
        Denied { code, field: None, en: en.into(), zh: zh.into() }
    }

    #[must_use]
    pub fn at(mut self, field: &'static str) -> Denied {
        self.field = Some(field);
        self
    }
}
