//! Reads of the testing room. None of them names anybody.

mod bench;
mod campaigns;
mod posts;
mod round;
mod tube;

pub use bench::{BenchAsked, bench, laboratories};
pub use campaigns::{CampaignsAsked, campaign, campaigns};
pub use posts::posts;
pub use round::round_board;
pub use tube::tube;
