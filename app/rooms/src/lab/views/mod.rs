//! Reads of the testing room. None of them names anybody.

mod bench;
mod boxes;
mod campaigns;
mod for_zones;
mod holds;
mod honesty;
mod outages;
mod plan;
mod pools;
mod posts;
mod round;
mod runs;
mod shifts;
mod shortages;
mod stop;
mod tube;

pub use bench::{BenchAsked, bench, laboratories};
pub use boxes::{BoxesAsked, boxes};
pub use campaigns::{CampaignsAsked, campaign, campaigns};
pub(crate) use for_zones::rounds_over;
pub use holds::{HoldsAsked, holds};
pub use honesty::round_laboratories;
pub use outages::outages;
pub use plan::{PlanAsked, plan};
pub use posts::{PostsAsked, posts};
pub use round::round_board;
pub use runs::{RunsAsked, assays, run, runs};
pub use shifts::post_shifts;
pub use shortages::{ShortagesAsked, shortages};
pub use tube::tube;
