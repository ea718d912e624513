//! What people read of those who are followed; always through a Scope. None of it names anybody.

mod counts;
mod editions;
mod list;
mod person;
mod preview;
mod waiting;

pub use counts::{CountsAsked, counts};
pub use editions::{DifferenceAsked, LengthAsked, editions, editions_apart, length};
pub use list::{FollowedAsked, followed_list};
pub use person::followed_person;
pub use preview::{PreviewAsked, preview};
pub use waiting::{WaitingAsked, waiting};

fn stated(text: &Option<String>) -> Option<&str> {
    text.as_deref().map(str::trim).filter(|text| !text.is_empty())
}
