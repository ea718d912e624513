//! Writes of the trace room, one file for each kind of thing.

mod answers;
mod interviews;
mod places;
mod visits;

pub(crate) use answers::answer_context;
pub use answers::{AnswerQuestion, Answered, SettleAnswer};
pub use interviews::{FinishForm, Form, OpenInterview};
pub use places::{AmendPlace, RegisterPlace};
pub use visits::{AddVisit, AmendVisit, RemoveVisit, VisitKept, VisitNote};
