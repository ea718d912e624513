//! One thing that was observed, and what was found.

use super::{Coded, EntityId, Organisation};
use crate::stated_time::{CivilDate, Clock, StatedTime};
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct LabResult {
    pub test: Coded,
    /// Tells apart results of one test in one report.
    pub part: Option<String>,
    pub value: Value,
    pub interpretation: Vec<Coded>,
    pub reference_range: Option<String>,
    pub status: Option<ResultStatus>,
    pub observed: Option<StatedTime>,
    pub analysed: Option<StatedTime>,
    /// Methods and test kits.
    pub methods: Vec<Coded>,
    pub instrument: Option<EntityId>,
    pub lab: Option<Organisation>,
    pub notes: Vec<String>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Value {
    /// Nothing was found, or nothing is told.
    #[default]
    Absent,
    Coded(Coded),
    Quantity {
        /// `<`, `<=`, `>`, `>=` … as it came.
        comparator: Option<String>,
        number: Number,
        unit: Option<Coded>,
    },
    /// Two numbers: a titre `1:128`, a range `1-2`, a ratio `1/2`.
    Pair {
        comparator: Option<String>,
        first: Number,
        between: String,
        second: Number,
        unit: Option<Coded>,
    },
    Text(String),
    Date(CivilDate),
    TimeOfDay {
        clock: Clock,
        offset_minutes: Option<i16>,
    },
    Time(StatedTime),
    /// A kind of value that is not read here, as it came.
    Unread {
        kind: String,
        raw: String,
    },
}

/// A decimal number with the digits it was written with: 24.60 says more than 24.6.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Number(String);

impl Number {
    /// `None` when it is no decimal number. A comma is no decimal point: it may part thousands.
    pub fn read(text: &str) -> Option<Number> {
        let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        let all = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        if !all(whole) || !all(fraction) || digits.trim_matches('.').is_empty() || text.len() > 40 {
            return None;
        }
        let sign = if text.starts_with('-') { "-" } else { "" };
        let whole = match whole.trim_start_matches('0') {
            "" => "0",
            digits => digits,
        };
        let point = if fraction.is_empty() { "" } else { "." };
        Some(Number(format!("{sign}{whole}{point}{fraction}")))
    }

    pub fn text(&self) -> &str {
        &self.0
    }

    pub fn value(&self) -> f64 {
        self.0.parse().unwrap_or(f64::NAN)
    }
}

impl TryFrom<String> for Number {
    type Error = String;
    fn try_from(text: String) -> Result<Number, String> {
        Number::read(&text).ok_or_else(|| format!("`{text}` is no number; write one such as 24.6"))
    }
}

impl From<Number> for String {
    fn from(number: Number) -> String {
        number.0
    }
}

/// HL7 tables 0085 and 0123, as far as they say the same.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ResultStatus {
    Final,
    Preliminary,
    Corrected,
    /// No result can be had.
    NotObtained,
    Deleted,
    /// The result belonged to another patient or specimen.
    Wrong,
    /// Another letter, as it came.
    Said(String),
}

impl ResultStatus {
    pub fn of_letter(letter: &str) -> ResultStatus {
        match letter {
            "F" => ResultStatus::Final,
            "P" => ResultStatus::Preliminary,
            "C" => ResultStatus::Corrected,
            "X" => ResultStatus::NotObtained,
            "D" => ResultStatus::Deleted,
            "W" => ResultStatus::Wrong,
            other => ResultStatus::Said(other.to_owned()),
        }
    }

    pub fn letter(&self) -> &str {
        match self {
            ResultStatus::Final => "F",
            ResultStatus::Preliminary => "P",
            ResultStatus::Corrected => "C",
            ResultStatus::NotObtained => "X",
            ResultStatus::Deleted => "D",
            ResultStatus::Wrong => "W",
            ResultStatus::Said(letter) => letter,
        }
    }

    /// Is a result with this status one to act upon?
    pub fn stands(&self) -> bool {
        matches!(self, ResultStatus::Final | ResultStatus::Corrected)
    }
}
