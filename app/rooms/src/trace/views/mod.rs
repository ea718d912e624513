//! What people read of places, interviews, exposures and lists; always through a Scope.

mod board;
mod candidates;
mod counting;
mod exposures;
mod goods;
mod handovers;
mod history;
mod interview_page;
mod interviews;
mod overlaps;
mod pack;
mod places;
mod visits;

pub use board::{BoardAsked, board};
pub use exposures::{ExposuresAsked, exposures};
pub use goods::{GoodsAsked, goods};
pub use handovers::{ListsAsked, list_page, lists};
pub use history::history;
pub use interview_page::interview_page;
pub use interviews::{InterviewsAsked, interviews};
pub use overlaps::{OverlapsAsked, overlaps};
pub use pack::pack;
pub use places::{PlacesAsked, places};
pub use visits::{VisitsAsked, visits};

fn stated(text: &Option<String>) -> Option<&str> {
    text.as_deref().map(str::trim_start).filter(|text| !text.trim().is_empty())
}
