//! What a laboratory says about one order, whatever the paper it was written on: who said it, of whom, from which
//! specimens, and what was found. Codes stay as they came; what they mean is decided elsewhere, and so is what follows.

mod coded;
mod limits;
mod parties;
pub(crate) mod questions;
mod results;

pub use coded::{CodeSystem, Coded, Coding};
pub use limits::ReportCaps;
pub use parties::{
    Address, Authority, EntityId, Organisation, Patient, PatientId, PersonName, Provider, Sex, Telecom,
    TelecomKind,
};
pub use results::{LabResult, Number, ResultStatus, Value};

use crate::stated_time::StatedTime;
use serde::{Deserialize, Serialize};

/// One order of one patient, or of a thing that is no person (surface, goods, waste water).
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct LabReport {
    pub message: MessageHead,
    pub patient: Option<Patient>,
    pub order: Order,
    pub specimens: Vec<ReportedSpecimen>,
    pub results: Vec<LabResult>,
    /// What was asked when the test was ordered (has symptoms, works in health care …). Never results.
    pub answers: Vec<LabResult>,
}

/// The message it came in, which may hold several reports.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct MessageHead {
    /// Unique for its sender.
    pub id: String,
    pub sender: Party,
    pub receiver: Party,
    pub mode: Mode,
    pub sent: Option<StatedTime>,
}

/// A program and the house it stands in.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Party {
    pub application: Authority,
    pub facility: Authority,
}

/// HL7 table 0103: what a message is for. Only production is about people who exist.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    #[default]
    Production,
    Training,
    Debugging,
}

impl Mode {
    pub fn letter(self) -> &'static str {
        match self {
            Mode::Production => "P",
            Mode::Training => "T",
            Mode::Debugging => "D",
        }
    }

    pub fn of_letter(letter: &str) -> Option<Mode> {
        [Mode::Production, Mode::Training, Mode::Debugging].into_iter().find(|mode| mode.letter() == letter)
    }
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Order {
    /// The number of whoever ordered the test.
    pub placer: Option<EntityId>,
    /// The laboratory's own number.
    pub filler: Option<EntityId>,
    pub test: Coded,
    pub status: Option<ResultStatus>,
    pub collected: Option<StatedTime>,
    pub reported: Option<StatedTime>,
    pub provider: Option<Provider>,
    pub facility: Option<Organisation>,
    pub notes: Vec<String>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct ReportedSpecimen {
    pub placer: Option<EntityId>,
    pub filler: Option<EntityId>,
    pub kind: Coded,
    pub collected: Option<StatedTime>,
    pub collected_until: Option<StatedTime>,
    pub received: Option<StatedTime>,
    /// What was seen of the specimen itself.
    pub observations: Vec<LabResult>,
}

/// What makes a message the same message: who sent it, and the number they gave it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct MessageKey {
    pub sender: Party,
    pub id: String,
}

impl MessageHead {
    pub fn key(&self) -> MessageKey {
        MessageKey { sender: self.sender.clone(), id: self.id.clone() }
    }
}

impl LabReport {
    /// Does it take back what was reported before? The order is corrected and every result of it deleted.
    pub fn withdraws(&self) -> bool {
        self.order.status == Some(ResultStatus::Corrected)
            && !self.results.is_empty()
            && self.results.iter().all(|result| result.status == Some(ResultStatus::Deleted))
    }
}
