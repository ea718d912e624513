//! Findings that travel with a result. Imperfect input is normal: an answer carries its doubts instead of failing.

use serde::Serialize;

/// One doubt: a stable code for machines, and a sentence for people that says what to do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Note {
    pub code: &'static str,
    pub message: String,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Notes(Vec<Note>);

impl Notes {
    pub fn add(&mut self, code: &'static str, message: impl Into<String>) {
        self.0.push(Note { code, message: message.into() });
    }

    pub fn iter(&self) -> impl Iterator<Item = &Note> {
        self.0.iter()
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn has(&self, code: &str) -> bool {
        self.0.iter().any(|note| note.code == code)
    }
}
