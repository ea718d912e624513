//! What people read of sites, numbers and signals; always through a Scope.

mod accounts;
mod assessments;
mod completeness;
mod pack;
mod reporting;
mod series;
mod signals;
mod sites;
mod tuning;

pub use accounts::{AccountsAsked, accounts};
pub use assessments::{AssessmentsAsked, assessments};
pub use completeness::{CompletenessAsked, completeness};
pub use pack::pack;
pub use reporting::own_sites;
pub use series::{SeriesAsked, series};
pub use signals::{SignalsAsked, signal_page, signals};
pub use sites::{SitesAsked, site_page, sites};
pub use tuning::{TuningAsked, tuning};

pub(super) use crate::asked::{day_in, place_within};
use crate::surveillance::numbers::disease_of;
use store::Scope;

/// Whether somebody may know of a signal or a series: one of a disease that is closed to them is not there.
pub(super) fn sees(scope: &Scope, subject: &str) -> bool {
    let disease = subject.strip_prefix("cases:").or_else(|| disease_of(subject));
    scope.kept.sees(disease)
}
