//! Early warning: series of counts in, scored points out. One file per detector; scans over space and time; what the
//! reproduction number is now; what has happened and is not yet reported.
//!
//! Deliberately absent: where series come from and who answers a signal.

mod compatibility;
mod cusum;
mod glr_negative_binomial;
mod glr_poisson;
mod restarting;
mod scored;
mod seasonal_mean;
mod series;

pub use compatibility::Compatibility;
pub use cusum::{Centre, Cusum, Estimated, Transformation};
pub use glr_negative_binomial::GlrNegativeBinomial;
pub use glr_poisson::{Change, Direction, GlrPoisson, Returned};
pub use scored::{Detector, Doubt, Scored};
pub use seasonal_mean::SeasonalMean;
pub use series::{Series, SeriesError};
