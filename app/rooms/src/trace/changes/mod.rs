//! Writes of the trace room, one file for each kind of thing.

mod answers;
mod exposures;
mod goods;
mod handovers;
mod interviews;
mod many_visits;
mod origin;
mod places;
mod visits;

pub(crate) use answers::answer_context;
pub use answers::{AnswerQuestion, Answered, SettleAnswer};
pub(crate) use exposures::exposure_context;
pub use exposures::{AddExposure, AddedExposure, ClassifyExposure, FoundBy, NewContact};
pub use goods::{AmendGoods, RegisterGoods};
pub use handovers::{AcknowledgeList, HandOverContacts, ReturnContact, TellContactState};
pub(crate) use handovers::{note_context as list_note_context, return_context};
pub use interviews::{FinishForm, Form, OpenInterview};
pub use many_visits::{AddVisits, LeftOutVisit, ToldVisit, VisitsKept};
pub use places::{AmendPlace, RegisterPlace};
pub use visits::{AddVisit, AmendVisit, RemoveVisit, VisitKept, VisitNote};
