//! Early warning in use: sites that count, numbers with the moment they came, detectors that watch them, and signals that get
//! an answer.
//!
//! Deliberately absent: how unusual a number is; that is `pure/surveillance`.

pub mod changes;
mod file;
pub mod http;
pub mod numbers;
mod public;
mod reach;
pub mod views;
pub mod watch;

use base::{Day, Named, Territory};
use packs::Indicator;

macro_rules! named {
    ($($name:ident = $prefix:literal),+ $(,)?) => { $(
        pub struct $name;
        impl Named for $name {
            const PREFIX: &'static str = $prefix;
        }
    )+ };
}
named! { Site = "site", Signal = "signal", Tuning = "tuning", Assessment = "assessment" }

pub(crate) const SCHEMA: &str = include_str!("schema.sql");

/// The public's page asks which places have a site of its kind, whenever somebody opens it.
pub(crate) const KINDS: &str =
    "CREATE INDEX surveillance_site_kind ON surveillance_site (kind, territory, started, ended);";

/// Series are kept by county; a place above is the sum of its counties.
pub const COUNTY: usize = 3;

pub(crate) fn county_of(territory: &Territory) -> Territory {
    territory.at_depth(COUNTY)
}

/// Numbers that come later than this are kept and shown, and no longer change what is normal.
pub(crate) const LATEST_DAYS: i32 = 365;

/// How a number came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mark {
    OnTime,
    Late,
    /// Another number for the same period was there.
    Correction,
    /// The same number again: nothing is kept of it.
    Repeat,
    /// More than a year late: kept, and not counted.
    TooLate,
}

/// A number of a site as it is written down.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Version {
    pub value: f64,
    pub of: Option<f64>,
    pub mark: Mark,
}

impl Mark {
    pub fn word(self) -> &'static str {
        match self {
            Mark::OnTime => "on_time",
            Mark::Late => "late",
            Mark::Correction => "correction",
            Mark::Repeat => "repeat",
            Mark::TooLate => "too_late",
        }
    }

    /// Of a first number.
    fn of(indicator: &Indicator, day: Day, today: Day, is_late: bool) -> Mark {
        let over = indicator.cadence.begins(day) + indicator.cadence.days();
        if today - over > LATEST_DAYS {
            Mark::TooLate
        } else if is_late {
            Mark::Late
        } else {
            Mark::OnTime
        }
    }
}
