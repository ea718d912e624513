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

use crate::refuse::invalid;
use crate::surveillance::numbers::disease_of;
use base::{Day, Territory};
use store::{Result, Scope};

/// The part of the scope that is asked for; outside it there is nothing to see.
pub(super) fn place_within(scope: &Scope, asked: Option<&str>) -> Result<Territory> {
    let Some(asked) = asked.map(str::trim).filter(|text| !text.is_empty()) else {
        return Ok(scope.territory.clone());
    };
    let asked: Territory = asked.parse().map_err(|fault: base::TerritoryError| {
        invalid("filter.territory", "territory", fault.to_string(), "地区代码无效")
    })?;
    if asked.holds(&scope.territory) {
        return Ok(scope.territory.clone());
    }
    scope.demand_territory(&asked)?;
    Ok(asked)
}

pub(super) fn day_in(text: Option<&str>, field: &str) -> Result<Option<Day>> {
    let stated = text.map(str::trim).filter(|text| !text.is_empty());
    stated
        .map(|text| {
            text.parse().map_err(|fault: base::DayError| {
                let zh = format!("“{text}”不是日期，应写作 2022-02-21");
                invalid("filter.day", field, fault.to_string(), zh)
            })
        })
        .transpose()
}

/// Whether somebody may know of a signal or a series: one of a disease that is closed to them is not there.
pub(super) fn sees(scope: &Scope, subject: &str) -> bool {
    let disease = subject.strip_prefix("cases:").or_else(|| disease_of(subject));
    scope.kept.sees(disease)
}
