//! Reads of the testing room. None of them names anybody.

mod bench;
mod campaigns;
mod holds;
mod honesty;
mod outages;
mod plan;
mod posts;
mod round;
mod runs;
mod stop;
mod tube;

pub use bench::{BenchAsked, bench, laboratories};
pub use campaigns::{CampaignsAsked, campaign, campaigns};
pub use holds::{HoldsAsked, holds};
pub use honesty::round_laboratories;
pub use outages::outages;
pub use plan::{PlanAsked, plan};
pub use posts::posts;
pub use round::round_board;
pub use runs::{RunsAsked, assays, run, runs};
pub use tube::tube;
