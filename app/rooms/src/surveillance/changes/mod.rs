//! Writes of the surveillance room, one file for each kind of thing.

mod assessments;
mod reports;
mod settings;
mod signals;
mod sites;
mod symptoms;
mod tuning;

pub(crate) use assessments::reasons_context;
pub use assessments::{Answers, Assess};
pub use reports::{Kept, Number, ReportNumbers, Reported, Stated};
pub(crate) use reports::{OneNumber, demand_own, keep_version, recent_values};
pub use settings::{ChooseMethod, NoteRun, SetBudget};
pub use signals::{AnswerSignal, Found, MergeSignal, RaiseSignal, RenewSignal, TakeUpSignal, answer_context};
pub use sites::{AmendSite, LinkReporter, RegisterSite, UnlinkReporter};
pub use symptoms::TellSymptoms;
pub use tuning::{RevertTuning, TuneStreams};
