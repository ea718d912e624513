//! What people read of places, interviews, exposures and lists; always through a Scope.

mod history;
mod interview_page;
mod interviews;
mod pack;
mod places;
mod visits;

pub use history::history;
pub use interview_page::interview_page;
pub use interviews::{InterviewsAsked, interviews};
pub use pack::pack;
pub use places::{PlacesAsked, places};

fn stated(text: &Option<String>) -> Option<&str> {
    text.as_deref().map(str::trim_start).filter(|text| !text.trim().is_empty())
}
