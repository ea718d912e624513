//! What people read of those who are followed; always through a Scope. None of it names anybody.

mod counts;
mod day;
mod editions;
mod list;
mod person;
mod preview;
mod waiting;

pub use counts::{CountsAsked, counts};
pub use day::{DayAsked, day};
pub use editions::{DifferenceAsked, LengthAsked, editions, editions_apart, length};
pub(super) use list::asked_today;
pub use list::{FollowedAsked, followed_list};
pub use person::followed_person;
pub use preview::{PreviewAsked, preview};
pub use waiting::{WaitingAsked, waiting};

fn stated(text: &Option<String>) -> Option<&str> {
    text.as_deref().map(str::trim).filter(|text| !text.is_empty())
}
