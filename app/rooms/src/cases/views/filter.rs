//! Which rows a list shows: the scope's territory first, then what the reader asks for.

use crate::asked::{day_in, place_within};
use crate::cases::reach::unread;
use base::{Day, Territory};
use serde::Deserialize;
use store::{Query, Result, Scope, Value};

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Order {
    #[default]
    Report,
    Onset,
}

/// As it comes in the address of a page.
#[derive(Debug, Clone, Default, Deserialize, schemars::JsonSchema)]
pub struct Filter {
    #[serde(default)]
    pub event: Option<String>,
    #[serde(default)]
    pub list: Option<String>,
    #[serde(default)]
    pub territory: Option<String>,
    #[serde(default)]
    pub classification: Option<String>,
    #[serde(default)]
    pub found: Option<String>,
    #[serde(default)]
    pub status: Option<String>,
    #[serde(default)]
    pub q: Option<String>,
    #[serde(default)]
    pub from: Option<String>,
    #[serde(default)]
    pub to: Option<String>,
    #[serde(default)]
    pub order: Order,
    #[serde(default)]
    pub after: Option<String>,
    #[serde(default)]
    pub limit: Option<usize>,
}

/// Conditions joined by AND, with the values they speak of.
pub(crate) struct Conditions {
    pub sql: String,
    pub params: Vec<Value>,
}

/// Below this many rows in reach the territory index is read and sorted; above, the day index is read in order.
/// 5,000 rows sort in about 3 ms, and a share of 5,000 among a million is met within a page's worth of index.
const FEW: i64 = 5_000;

impl Filter {
    pub fn limit(&self) -> usize {
        self.limit.unwrap_or(100).clamp(1, 500)
    }

    /// What narrows the list, as in its address: for whoever reads later what was asked for.
    pub fn told(&self) -> String {
        let parts = [
            ("classification", &self.classification),
            ("event", &self.event),
            ("found", &self.found),
            ("from", &self.from),
            ("list", &self.list),
            ("q", &self.q),
            ("status", &self.status),
            ("territory", &self.territory),
            ("to", &self.to),
        ];
        let told = parts.iter().filter_map(|(name, text)| Some(format!("{name}={}", Filter::stated(text)?)));
        told.collect::<Vec<_>>().join("&")
    }

    fn stated(text: &Option<String>) -> Option<&str> {
        text.as_deref().map(str::trim).filter(|text| !text.is_empty())
    }

    /// The part of the scope the reader asks for; outside it there is nothing to see.
    pub fn territory_within(&self, scope: &Scope) -> Result<Territory> {
        place_within(scope, self.territory.as_deref())
    }

    /// The period that is asked for, first and last day.
    pub(crate) fn days(&self) -> Result<(Option<Day>, Option<Day>)> {
        Ok((day_in(self.from.as_deref(), "from")?, day_in(self.to.as_deref(), "to")?))
    }

    /// Conditions of a page in order, on a case `c` or a contact `k`: the territory is kept out of the index when many rows
    /// are in reach.
    pub(crate) fn conditions(
        &self,
        query: &mut dyn Query,
        scope: &Scope,
        contacts: bool,
    ) -> Result<Conditions> {
        let table = if contacts { "cases_contact" } else { "cases_case" };
        let territory = self.territory_within(scope)?;
        let (first, past) = territory.range();
        let few = territory.depth() > 0
            && {
                let sql = format!(
                    "SELECT count(*) FROM (SELECT 1 AS one FROM {table} WHERE territory >= $1 AND territory < $2 LIMIT {FEW}) AS few"
                );
                query.count(&sql, &[first.into(), past.into()])? < FEW
            };
        self.joined(scope, contacts, few)
    }

    /// Conditions of a count over everything in reach: all those rows are read, so the territory's index serves best.
    pub(crate) fn conditions_of_all(&self, scope: &Scope, contacts: bool) -> Result<Conditions> {
        self.joined(scope, contacts, true)
    }

    fn joined(&self, scope: &Scope, contacts: bool, by_territory: bool) -> Result<Conditions> {
        let alias = if contacts { "k" } else { "c" };
        let (first, past) = self.territory_within(scope)?.range();
        let mut found = Conditions { sql: String::new(), params: vec![first.into(), past.into()] };
        // An expression instead of the column keeps the planner on the day index.
        let column =
            if by_territory { format!("{alias}.territory") } else { format!("({alias}.territory || '')") };
        found.sql = format!("{column} >= $1 AND {column} < $2");
        found.sql.push_str(&unread(scope, contacts, &mut found.params));
        let wanted: &[(&str, &Option<String>)] = if contacts {
            &[
                ("event", &self.event),
                ("list", &self.list),
                ("class", &self.classification),
                ("status", &self.status),
            ]
        } else {
            &[
                ("event", &self.event),
                ("list", &self.list),
                ("classification", &self.classification),
                ("found", &self.found),
            ]
        };
        for (column, value) in wanted {
            if let Some(value) = Filter::stated(value) {
                found.add(&format!("{alias}.{column} ="), value);
            }
        }
        if let Some(prefix) = Filter::stated(&self.q) {
            let number = if contacts { "contact_no" } else { "case_no" };
            found.add(&format!("{alias}.{number} >="), prefix);
            found.add(&format!("{alias}.{number} <"), &format!("{prefix}\u{10ffff}"));
        }
        let day = self.day_column(contacts);
        if let Some(from) = day_in(self.from.as_deref(), "from")? {
            found.add(&format!("{alias}.{day} >="), &from.to_string());
        }
        if let Some(to) = day_in(self.to.as_deref(), "to")? {
            // A row without any day stands before all days in the order of the list, and is not of that time for it.
            found.sql.push_str(&format!(" AND {alias}.{day} > ''"));
            found.add(&format!("{alias}.{day} <="), &to.to_string());
        }
        Ok(found)
    }

    pub(crate) fn day_column(&self, contacts: bool) -> &'static str {
        match self.order {
            Order::Onset if !contacts => "curve_day",
            _ => "sort_day",
        }
    }

    /// The row after which the next page starts, written by [`cursor`].
    pub(crate) fn after(&self) -> Option<(&str, &str)> {
        self.after.as_deref()?.split_once('|')
    }
}

impl Conditions {
    pub fn add(&mut self, condition: &str, value: &str) {
        self.params.push(value.into());
        self.sql.push_str(&format!(" AND {condition} ${}", self.params.len()));
    }
}

pub(crate) fn cursor(day: &str, id: &str) -> String {
    format!("{day}|{id}")
}
