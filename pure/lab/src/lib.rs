//! The testing room's thinking, in two halves. Pooled tests: what a way of mixing costs, whom it misses and whom it holds; what the
//! pools of a day say of the prevalence; which size to use tomorrow. And a laboratory's day: tubes, plates, runs and their calls.
//!
//! Deliberately absent: clocks, tables and people's names. A person is a mark, a moment is given, and what follows is told.

mod advice;
mod array;
mod assay;
mod batch_counts;
mod blaker;
mod books;
mod by_risk;
mod call;
mod campaign;
mod capacity;
mod clocks;
mod compatibility;
mod difference;
mod dilution;
mod exact_strata;
mod grouped;
mod halving;
mod hierarchy;
mod honesty;
mod interval;
mod joined;
mod log_odds;
mod look_back;
mod people;
mod plan;
mod plate;
mod pool_class;
mod pool_results;
mod reconcile;
mod refusal;
mod registration;
mod run;
mod scheme;
mod shift;
mod short_of;
mod stages;
mod stop_rule;
mod taylor;
mod told;
mod tube;
mod wells;

pub use advice::{Advice, SizeOffered, advise};
pub use assay::Assay;
pub use books::{Books, Boxed, HandedOver, Plated, Received, Registered, Reported, RunRead};
pub use by_risk::{RiskPools, pool_by_risk, tests_of_pools};
pub use call::{Call, CallReason, Called, Reading, call_well};
pub use campaign::{
    Figure, Have, LabOffer, LabShare, Need, Pace, PlanRule, RoundPlan, Short, ZoneAsked, ZonePlan, plan_round,
};
pub use capacity::{Declared, OverCapacity, Within, over_capacity};
pub use clocks::{CodeEnd, CodeRule, CountsFrom, Extended, Outage, Stood, code_ends};
pub use compatibility::Compatibility;
pub use difference::{Difference, Discrepancy, How};
pub use dilution::{CtValues, Dilution};
pub use honesty::{Side, Standing, Tally, Turnaround, compare_laboratories, turnaround};
pub use interval::{IntervalMethod, PointMethod, Prevalence, estimate_prevalence};
pub use look_back::{Doubt, Doubtful, EarlierNegative, look_back};
pub use people::{Households, People};
pub use plan::{Offer, Wishes, compare_schemes, offer, two_stage_size};
pub use plate::{Content, PlateFault, PlateFormat, PlateMap, Well};
pub use pool_class::{AreaClass, Guide, PoolRule, PoolWhy, SampledAlone, Situation, pool_of, sampled_alone};
pub use pool_results::PoolResult;
pub use reconcile::{ReconcileRule, Reconciliation, reconcile};
pub use refusal::LabError;
pub use registration::{Member, MergeRefused, Merged, Registration, TubeConflict, merge_registrations};
pub use run::{
    ControlFault, Judged, NotReady, Reader, Run, WellCall, check_controls, propose_calls, report_ready,
};
pub use scheme::{Kind, MOST_IN_A_POOL, Performance, Scheme, perform, perform_as};
pub use shift::{Shift, StaffedHour, most_desks, staff_by_hour};
pub use short_of::ShortOf;
pub use stages::{StageCounts, Stages};
pub use stop_rule::{AreaSeen, Next, NotClean, RoundJudged, RoundSeen, StopAdvice, judge_rounds};
pub use told::{ToldRead, ToldResult, ToldStanding, ToldTube, judge_told, read_together};
pub use tube::{Barcode, BarcodeError, MoveRefused, TubeKind, TubeSize, TubeSizeError, TubeState};
