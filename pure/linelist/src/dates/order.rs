//! The order in which a column writes day, month and year.

use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// How a column of days is written. Only `Dmy`, `Mdy` and `Ymd` change how a cell is read; the others
/// describe columns whose cells say by themselves what they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DateFormat {
    Ymd,
    Dmy,
    Mdy,
    /// Days counted by a spreadsheet from 1900.
    Serial,
    /// Instants with a zone, such as `2020-01-20T16:00:00.000Z`.
    Instant,
    /// Month names or Chinese characters.
    Words,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a date format; use one of: ymd, dmy, mdy, serial, instant, words")]
pub struct DateFormatError(pub String);

impl DateFormat {
    pub const ALL: [DateFormat; 6] = [
        DateFormat::Ymd,
        DateFormat::Dmy,
        DateFormat::Mdy,
        DateFormat::Serial,
        DateFormat::Instant,
        DateFormat::Words,
    ];

    pub fn word(self) -> &'static str {
        match self {
            DateFormat::Ymd => "ymd",
            DateFormat::Dmy => "dmy",
            DateFormat::Mdy => "mdy",
            DateFormat::Serial => "serial",
            DateFormat::Instant => "instant",
            DateFormat::Words => "words",
        }
    }
}

impl fmt::Display for DateFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

impl FromStr for DateFormat {
    type Err = DateFormatError;
    fn from_str(text: &str) -> Result<DateFormat, DateFormatError> {
        DateFormat::ALL
            .into_iter()
            .find(|format| format.word() == text)
            .ok_or_else(|| DateFormatError(text.to_owned()))
    }
}
