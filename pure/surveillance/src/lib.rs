//! Early warning: series of counts in, scored points out. One file per detector; scans over space and time; what the
//! reproduction number is now; what has happened and is not yet reported.
//!
//! Deliberately absent: where series come from and who answers a signal.

mod back_projection;
mod bayes;
mod beginnings;
mod categorical_cusum;
mod cohort_reproduction;
mod compatibility;
mod count_scores;
mod cusum;
mod draws_of_r;
mod ears;
mod endemic_epidemic;
mod endemic_epidemic_likelihood;
mod farrington_1996;
mod farrington_bound;
mod farrington_counts;
mod farrington_flexible;
mod farrington_model;
mod farrington_stages;
mod final_size;
mod fixed_value;
mod forecast;
pub mod fusion;
mod glr_negative_binomial;
mod glr_poisson;
mod growth;
mod incidence;
mod instantaneous_reproduction;
pub mod methods;
mod moving_percentile;
mod nowcast;
mod outbreak_end;
mod paired_binary_cusum;
mod plausible;
mod recent_sum;
mod reference_points;
mod reporting_triangle;
mod restarting;
mod rki;
mod rogerson;
mod run_length;
mod same_season;
pub mod scan;
mod scored;
mod seasonal_mean;
mod serial_interval_distribution;
mod series;
mod space_time_cluster;
mod threshold_table;
mod uncertain_interval;
mod watch;
mod weighted_interval_score;

pub use back_projection::{
    BackProjection, BackProjectionError, BackProjectionRule, Infections, estimate_infections,
};
pub use bayes::Bayes;
pub use categorical_cusum::{Kinds, Sum, detect_changed_shares, smallest_alarming};
pub use cohort_reproduction::{CohortReproduction, WindowCohort, estimate_cohort_reproduction};
pub use compatibility::Compatibility;
pub use count_scores::{CountScores, score_count};
pub use cusum::{Centre, Cusum, Estimated, Transformation};
pub use ears::{Ears, EarsBound, EarsMethod};
pub use endemic_epidemic::{
    Component, Effect, EndemicEpidemic, EndemicEpidemicError, EndemicEpidemicFit, Family, Part, Places,
    Regressor,
};
pub use farrington_1996::Farrington1996Config;
pub use farrington_bound::PowerTransformation;
pub use farrington_flexible::{
    FarringtonConfigError, FarringtonDetail, FarringtonFlexibleConfig, ThresholdMethod,
};
pub use final_size::{FinalSizeError, Group, final_size};
pub use fixed_value::FixedValue;
pub use forecast::{
    ForecastError, ForecastRule, ForecastScore, ForecastStep, HUB_LEVELS, forecast_counts, score_forecasts,
};
pub use glr_negative_binomial::GlrNegativeBinomial;
pub use glr_poisson::{Change, Direction, GlrPoisson, Returned};
pub use growth::{Fitted, Growth, GrowthError, Time, estimate_growth};
pub use incidence::{Incidence, IncidenceError, Window};
pub use instantaneous_reproduction::{
    REPRODUCTION_PROBABILITIES, Reproduction, ReproductionPrior, WindowReproduction,
    estimate_instantaneous_reproduction, estimate_reproduction_of_uncertain_interval, infectious_pressure,
};
pub use moving_percentile::MovingPercentile;
pub use nowcast::{
    CountChances, CountPrior, Nowcast, NowcastError, NowcastMethod, NowcastRule, NowcastStep,
    estimate_nowcast,
};
pub use outbreak_end::{Infecting, OutbreakEndError, probability_of_end};
pub use paired_binary_cusum::{PairedBinaryCusum, PairedSums};
pub use plausible::usual_range;
pub use reporting_triangle::{DelayCounts, LeftOut, ReportingTriangle, Span, TriangleError};
pub use rki::Rki;
pub use rogerson::{Limit, Rogerson};
pub use run_length::{Addend, RunLength, binomial_ratios, estimate_run_length, poisson_mean_run_length};
pub use scored::{Detector, Doubt, Scored};
pub use seasonal_mean::SeasonalMean;
pub use serial_interval_distribution::{SerialIntervalDistribution, SerialIntervalError};
pub use series::{Series, SeriesError};
pub use space_time_cluster::{Cluster, SpaceTimeCluster};
pub use threshold_table::{KnownTable, Rung, ThresholdTable};
pub use uncertain_interval::{Between, RangeError, possible_intervals};
pub use watch::{Watch, Watching};
pub use weighted_interval_score::{IntervalScore, weighted_interval_score};
