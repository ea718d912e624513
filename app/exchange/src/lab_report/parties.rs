//! People, organisations and numbers with whoever gave them.

use crate::stated_time::CivilDate;
use serde::{Deserialize, Serialize};

/// Who gives numbers: by a name, by a number of their own, or both.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Authority {
    pub name: Option<String>,
    pub id: Option<String>,
    /// What kind of number `id` is: `ISO`, `CLIA` …
    pub kind: Option<String>,
}

impl Authority {
    pub fn is_blank(&self) -> bool {
        self.name.is_none() && self.id.is_none() && self.kind.is_none()
    }
}

/// A number of an order, a specimen or a device.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct EntityId {
    pub id: Option<String>,
    pub authority: Authority,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct PatientId {
    pub id: Option<String>,
    pub authority: Authority,
    /// HL7 table 0203, as it came: `MR`, `PI`, `NI` …
    pub kind: Option<String>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Patient {
    pub identifiers: Vec<PatientId>,
    pub names: Vec<PersonName>,
    pub birth: Option<CivilDate>,
    pub sex: Option<Sex>,
    pub telecoms: Vec<Telecom>,
    pub addresses: Vec<Address>,
    pub notes: Vec<String>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct PersonName {
    pub family: Option<String>,
    pub given: Option<String>,
    pub further: Option<String>,
    pub prefix: Option<String>,
    pub suffix: Option<String>,
    /// HL7 table 0200, as it came: `L` legal, `A` alias …
    pub kind: Option<String>,
}

/// Administrative sex as reported.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Sex {
    Female,
    Male,
    Other,
    Unknown,
    /// Another word, as it came.
    Said(String),
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Telecom {
    pub kind: TelecomKind,
    pub value: String,
    /// HL7 table 0201, as it came: `PRN`, `WPN` …
    pub used_as: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TelecomKind {
    Phone,
    Email,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Address {
    pub lines: Vec<String>,
    pub district: Option<String>,
    pub city: Option<String>,
    pub state: Option<String>,
    pub postcode: Option<String>,
    pub country: Option<String>,
    /// HL7 table 0190, as it came: `H` home, `B` firm …
    pub kind: Option<String>,
}

impl Address {
    pub fn is_blank(&self) -> bool {
        *self == Address::default()
    }
}

/// A laboratory or a place of care.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Organisation {
    pub name: Option<String>,
    pub id: Option<String>,
    pub authority: Authority,
    pub address: Option<Address>,
    pub phone: Option<String>,
}

/// Who ordered the test.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Provider {
    pub id: Option<String>,
    pub authority: Authority,
    pub family: Option<String>,
    pub given: Option<String>,
    pub phone: Option<String>,
}
