//! What comes in the address of a page: a place within somebody's reach, a day.

use crate::refuse::invalid;
use base::{Day, Territory};
use store::{Result, Scope};

/// The part of the scope that is asked for; outside it there is nothing to see.
pub(crate) fn place_within(scope: &Scope, asked: Option<&str>) -> Result<Territory> {
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

pub(crate) fn day_in(text: Option<&str>, field: &str) -> Result<Option<Day>> {
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
