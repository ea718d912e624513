//! The testing room's thinking, in two halves. Pooled tests: what a way of mixing costs, whom it misses and whom it holds; what the
//! pools of a day say of the prevalence; which size to use tomorrow. And a laboratory's day: tubes, plates, runs and their calls.
//!
//! Deliberately absent: clocks, tables and people's names. A person is a mark, a moment is given, and what follows is told.

mod advice;
mod array;
mod assay;
mod blaker;
mod by_risk;
mod call;
mod compatibility;
mod dilution;
mod halving;
mod hierarchy;
mod interval;
mod log_odds;
mod people;
mod plan;
mod plate;
mod pool_results;
mod refusal;
mod registration;
mod run;
mod scheme;
mod taylor;
mod tube;

pub use advice::{Advice, SizeOffered, advise};
pub use assay::Assay;
pub use by_risk::{RiskPools, pool_by_risk, tests_of_pools};
pub use call::{Call, CallReason, Called, Reading, call_well};
pub use compatibility::Compatibility;
pub use dilution::{CtValues, Dilution};
pub use interval::{IntervalMethod, PointMethod, Prevalence, estimate_prevalence};
pub use people::{Households, People};
pub use plan::{Offer, Wishes, compare_schemes, offer, two_stage_size};
pub use plate::{Content, PlateFault, PlateFormat, PlateMap, Well};
pub use pool_results::PoolResult;
pub use refusal::LabError;
pub use registration::{Member, MergeRefused, Merged, Registration, TubeConflict, merge_registrations};
pub use run::{
    ControlFault, Judged, NotReady, Reader, Run, WellCall, check_controls, propose_calls, report_ready,
};
pub use scheme::{Kind, MOST_IN_A_POOL, Performance, Scheme, perform, perform_as};
pub use tube::{Barcode, BarcodeError, MoveRefused, TubeKind, TubeSize, TubeSizeError, TubeState};
