//! What can go wrong at the door, and how it is told: a refusal for the person at the screen, a fault for the operator.

use serde::{Deserialize, Serialize};

pub type Result<T, E = Error> = std::result::Result<T, E>;

/// How a refusal answers over HTTP.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Status {
    Forbidden,
    Missing,
    Conflict,
    Invalid,
}

/// A rule said no. Both texts end with what to do; neither holds a name or SQL.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refusal {
    /// Stable, `room.reason`; never reused for something else.
    pub code: String,
    pub status: Status,
    pub en: String,
    pub zh: String,
    pub field: Option<String>,
}

impl Refusal {
    pub fn new(status: Status, code: &str, en: impl Into<String>, zh: impl Into<String>) -> Refusal {
        Refusal { code: code.to_owned(), status, en: en.into(), zh: zh.into(), field: None }
    }

    #[must_use]
    pub fn field(mut self, field: &str) -> Refusal {
        self.field = Some(field.to_owned());
        self
    }
}

#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("{}", .0.en)]
    Refused(Box<Refusal>),
    #[error("the database did not answer as expected: {0}")]
    Sqlite(rusqlite::Error),
    #[error("the database did not answer as expected: {0}")]
    Postgres(tokio_postgres::Error),
    #[error("the question took too long and was given up; ask for less at a time")]
    TooLong,
    #[error("the disk is full; free some space, writing resumes by itself")]
    Full,
    #[error("the disk takes no writes (read-only); nothing was saved: make it writable and send it again")]
    ReadOnly,
    #[error("a row does not have the expected shape: {0}")]
    Shape(String),
    #[error("a sealed value cannot be opened: {0}")]
    Seal(&'static str),
    #[error("the database is closing")]
    Closed,
    #[error("{0}")]
    Setup(String),
}

impl From<tokio_postgres::Error> for Error {
    fn from(fault: tokio_postgres::Error) -> Error {
        use tokio_postgres::error::SqlState;
        match fault.code() {
            Some(code) if *code == SqlState::DISK_FULL => Error::Full,
            Some(code) if *code == SqlState::READ_ONLY_SQL_TRANSACTION => Error::ReadOnly,
            Some(code) if *code == SqlState::QUERY_CANCELED => Error::TooLong,
            _ => Error::Postgres(fault),
        }
    }
}

impl From<Refusal> for Error {
    fn from(refusal: Refusal) -> Error {
        Error::Refused(Box::new(refusal))
    }
}

impl From<rusqlite::Error> for Error {
    fn from(fault: rusqlite::Error) -> Error {
        match fault.sqlite_error_code() {
            Some(rusqlite::ErrorCode::OperationInterrupted) => Error::TooLong,
            _ => Error::Sqlite(fault),
        }
    }
}

impl Error {
    /// A key that had to be new was there already.
    pub(crate) fn is_duplicate(&self) -> bool {
        match self {
            Error::Sqlite(rusqlite::Error::SqliteFailure(fault, _)) => {
                matches!(
                    fault.extended_code,
                    rusqlite::ffi::SQLITE_CONSTRAINT_PRIMARYKEY | rusqlite::ffi::SQLITE_CONSTRAINT_UNIQUE
                )
            }
            Error::Postgres(fault) => {
                fault.code() == Some(&tokio_postgres::error::SqlState::UNIQUE_VIOLATION)
            }
            _ => false,
        }
    }

    pub fn refusal(&self) -> Option<&Refusal> {
        if let Error::Refused(refusal) = self { Some(refusal) } else { None }
    }
}
