//! What tracing reads of an event's cases, links and contacts: numbers and days, by handle.

use crate::cases::views::filter::Filter;
use base::Day;
use cases::Evidence;
use std::collections::BTreeSet;
use store::{Permission, Query, Result, Scope};

/// A case as chains are drawn from it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct TracedCase {
    pub id: String,
    pub case_no: String,
    /// Onset, or failing that the next known date.
    pub day: Option<Day>,
    pub onset: Option<Day>,
    pub isolation: Option<Day>,
    pub disease: Option<String>,
}

/// Cases in the scope that were not discarded, by handle; one more than `most` when there are more.
pub(crate) fn traced_cases(
    query: &mut dyn Query,
    scope: &Scope,
    filter: &Filter,
    most: usize,
) -> Result<Vec<TracedCase>> {
    scope.demand(Permission::CasesRead)?;
    let conditions = filter.conditions_of_all(scope, false)?;
    let sql = format!(
        "SELECT c.id, c.case_no, c.curve_day, c.onset, c.isolation, c.disease FROM cases_case c \
         WHERE {} AND c.classification <> 'discarded' ORDER BY c.id LIMIT {}",
        conditions.sql,
        most + 1
    );
    let case = |row: &store::Row| {
        Ok(TracedCase {
            id: row.text(0)?,
            case_no: row.text(1)?,
            day: row.opt_read(2)?,
            onset: row.opt_read(3)?,
            isolation: row.opt_read(4)?,
            disease: row.opt_text(5)?,
        })
    };
    query.rows(&sql, &conditions.params)?.iter().map(case).collect()
}

/// Who somebody says infected whom, among these cases: from, to, and why they say so.
pub(crate) fn traced_links(
    query: &mut dyn Query,
    scope: &Scope,
    filter: &Filter,
    among: &BTreeSet<&str>,
) -> Result<Vec<(String, String, Evidence)>> {
    let (first, past) = filter.territory_within(scope)?.range();
    let sql = "SELECT from_case, to_case, evidence FROM cases_link WHERE territory >= $1 AND territory < $2 ORDER BY id";
    let mut links = Vec::new();
    query.each(sql, &[first.into(), past.into()], &mut |row| {
        let (from, to) = (row.text(0)?, row.text(1)?);
        if among.contains(from.as_str()) && among.contains(to.as_str()) {
            links.push((from, to, row.read(2)?));
        }
        Ok(())
    })?;
    Ok(links)
}

/// A contact of one case who became another, among these cases.
pub(crate) fn traced_contacts(
    query: &mut dyn Query,
    scope: &Scope,
    filter: &Filter,
    among: &BTreeSet<&str>,
) -> Result<Vec<(String, String)>> {
    let (first, past) = filter.territory_within(scope)?.range();
    let sql = "SELECT k.source_case, k.became_case FROM cases_contact k WHERE k.territory >= $1 AND k.territory < $2 \
               AND k.source_case IS NOT NULL AND k.became_case IS NOT NULL ORDER BY k.id";
    let mut pairs = Vec::new();
    query.each(sql, &[first.into(), past.into()], &mut |row| {
        let (from, to) = (row.text(0)?, row.text(1)?);
        if from != to && among.contains(from.as_str()) && among.contains(to.as_str()) {
            pairs.push((from, to));
        }
        Ok(())
    })?;
    Ok(pairs)
}
