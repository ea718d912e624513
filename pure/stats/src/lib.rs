//! Numbers an outbreak team reads aloud: proportions with their doubt, summaries, curves, intervals between
//! onsets.
//!
//! Deliberately absent: where the numbers come from (files, tables) and how they are drawn.

mod delay;
mod epicurve;
mod normal;
mod offspring;
mod proportion;
mod serial;
mod simplex;
mod special;
mod student;
mod summary;

pub use delay::{DelayFit, Estimate, FitError, Shape, estimate_truncated_delay};
pub use epicurve::{Bin, Curve, CurveError, Interval, IntervalError, epicurve};
pub use normal::{normal_cdf, normal_quantile};
pub use offspring::{Offspring, estimate_offspring};
pub use proportion::wilson;
pub use serial::{OnsetPair, SerialInterval, serial_interval};
pub use student::student_quantile;
pub use summary::{Summary, quantile, summarise};
