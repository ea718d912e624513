//! What a case is: its dates, its classification as a state machine, how it was found, and the four earlies as delays.
//!
//! Deliberately absent: who may change what (access) and where it is kept (store).

mod annex2;
mod classification;
mod dates;
mod earlies;
mod emergency_grade;
mod seven_one_seven;
mod words;

pub use annex2::{Annex2, Annex2Conclusion, Annex2Disease, Annex2Question};
pub use classification::{Classification, IllegalStep, Ladder};
pub use dates::{DateKind, Dates};
pub use earlies::{Delay, DelaySummary, Early, Limits, summarise};
pub use emergency_grade::{EmergencyFacts, EmergencyGrade, EmergencyKind, emergency_grade};
pub use seven_one_seven::{Fact, Milestone, SevenOneSeven};
pub use words::{ContactClass, Evidence, ExposureKind, Found, Outcome, Sex, UnknownWord};
