//! Numbers an outbreak team reads aloud: proportions with their doubt, summaries, curves, intervals between
//! onsets.
//!
//! Deliberately absent: where the numbers come from (files, tables) and how they are drawn.

mod beta;
mod censored_delay;
mod cholesky;
mod convergence;
mod counts;
mod delay;
mod epicurve;
mod gamma;
mod gamma_quantiles;
mod near_mean;
mod newton;
mod normal;
mod offspring;
mod proportion;
mod saddle;
mod serial;
mod simplex;
mod special;
mod student;
mod summary;
mod two_by_two;

pub use beta::{beta_cdf, beta_quantile};
pub use censored_delay::{
    CensoredDelayFit, CensoredFitError, DelayFamily, Quantity, Windows, estimate_censored_delay,
};
pub use cholesky::Cholesky;
pub use convergence::{Convergence, convergence};
pub use counts::{
    negative_binomial_cdf, negative_binomial_probability, negative_binomial_quantile,
    negative_binomial_survival, poisson_cdf, poisson_probability, poisson_quantile, poisson_survival,
};
pub use delay::{DelayFit, Estimate, FitError, Shape, delay_probability, estimate_truncated_delay};
pub use epicurve::{Bin, Curve, CurveError, Interval, IntervalError, epicurve};
pub use gamma::{chi_square_survival, gamma_cdf, gamma_quantile, gamma_survival};
pub use gamma_quantiles::GammaQuantiles;
pub use newton::{Slope, Summit, climb};
pub use normal::{normal_cdf, normal_quantile};
pub use offspring::{Offspring, OffspringIntervals, estimate_offspring, offspring_intervals};
pub use proportion::{clopper_pearson, wilson};
pub use serial::{OnsetPair, SerialInterval, serial_interval};
pub use special::gamma_shares;
pub use student::{student_quantile, student_tail, student_two_sided};
pub use summary::{Summary, median, quantile, summarise};
pub use two_by_two::{Exactness, Ratio, TwoByTwo};
