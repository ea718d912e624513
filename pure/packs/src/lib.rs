//! Packs: the facts and rules that are data. Diseases, roles and regions are read from text and checked
//! before anybody decides by them.
//!
//! Deliberately absent: opening files. `app/` reads a department's own packs; the ones Quell comes with are
//! in [`shipped`].

mod access_level;
mod assays;
mod bilingual;
mod delay;
mod disease;
mod diseases;
mod fault;
mod forms;
mod gatherings;
mod indicators;
mod instruments;
mod interviews;
mod laws;
mod measures;
mod message_codes;
mod occupations;
mod permission;
mod protocols;
mod provenance;
mod region;
mod region_file;
mod regions;
mod restrictions;
mod result_codes;
mod retention;
mod roles;
pub mod shipped;
mod signals;
mod tasks;
mod zones;

pub use access_level::AccessLevel;
pub use assays::{AssayRule, Assays, ControlKind, ControlRule, InternalControl, Reads, Target};
pub use bilingual::Bilingual;
pub use delay::{Delay, Distribution};
pub use disease::{ClassCn, Disease, EarlyLimit, Infectious, Number, Reporting, Span};
pub use diseases::Diseases;
pub use fault::{Fault, Faults};
pub use forms::{AnswerKind, FormKind, FormQuestion, FormSection, InterviewForm, ShownIf};
pub use gatherings::{Activity, Capacity, CrowdPriors, GatheringRules};
pub use indicators::{Adds, Cadence, Denominator, Indicator, Indicators, PUBLIC, Source, Symptom};
pub use instruments::{Answered, Instrument, Instruments, Question};
pub use interviews::{Interviews, PlaceKind};
pub use laws::{Approval, Article, GovernmentLevel, LawText, Laws, Numbering, class_on};
pub use measures::{
    Catalogue, Economy, MeasureFiles, MeasureKind, Measures, Output, PolicyIndicator, PolicyLevel, Prior,
    Vocabulary,
};
pub use message_codes::{MessageCodes, ResultCode, TestCode};
pub use occupations::{Interval, Occupation, Occupations};
pub use permission::Permission;
pub use protocols::{
    CaseRelease, Category, Cited, Confidence, ContactRule, CountedFrom, Criterion, DayOne, Difference,
    ExposureWord, FollowUp, GENERIC, NotMoved, NotMovedWho, Pathway, Phase, Protocol, Protocols, RePositive,
    RePositiveDo, ReportClock, Swab, Transition, Unless, WatchPlace, difference,
};
pub use provenance::Tag;
pub use region::{Level, Region};
pub use regions::{FormerName, LevelName, Located, Regions, Zone};
pub use restrictions::{
    AlarmRule, AppealRule, AuditRule, KindWords, LimitFrom, Proof, ReasonRule, RestrictionArticle,
    RestrictionKind, RestrictionReason, Restrictions, Undecided,
};
pub use result_codes::{Observed, ResultCodes};
pub use retention::{Clock, Kept, Retention, Start};
pub use roles::{Door, Purpose, Role, Roles, Separation};
pub use signals::{SignalGrade, Signals};
pub use tasks::{Rung, TaskKind, TaskKinds, Tell};
pub use zones::{
    CountRule, DrawnBy, EnterRule, FindEffect, FindEffects, LeaveRule, SpreadRisk, StayKind, StopRounds,
    UnitKind, ZoneLevel, ZoneScheme,
};
