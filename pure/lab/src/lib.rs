//! Pooled tests: what a way of mixing costs, whom it misses and whom it holds; what the pools of a day say of the prevalence;
//! which size to use tomorrow.
//!
//! Deliberately absent: tubes, runs and results of people. A laboratory's day is kept elsewhere; here it is only calculated.

mod advice;
mod array;
mod assay;
mod blaker;
mod by_risk;
mod compatibility;
mod dilution;
mod hierarchy;
mod interval;
mod people;
mod plan;
mod pool_results;
mod refusal;
mod scheme;
mod taylor;

pub use advice::{Advice, SizeOffered, advise};
pub use assay::Assay;
pub use by_risk::{RiskPools, pool_by_risk, tests_of_pools};
pub use compatibility::Compatibility;
pub use dilution::{CtValues, Dilution};
pub use interval::{IntervalMethod, PointMethod, Prevalence, estimate_prevalence};
pub use people::{Households, People};
pub use plan::{Offer, Wishes, compare_schemes, offer, two_stage_size};
pub use pool_results::PoolResult;
pub use refusal::LabError;
pub use scheme::{Kind, MOST_IN_A_POOL, Performance, Scheme, perform, perform_as};
