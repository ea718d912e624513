//! What tracing reads of an event's cases, links and contacts: numbers and days, by handle.

use crate::cases::http::said_context;
use crate::cases::views::filter::Filter;
use crate::people::Subject;
use base::{Day, Id};
use cases::Evidence;
use std::collections::{BTreeMap, BTreeSet};
use store::{Permission, Query, Result, Scope, Vault};

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

/// A new case, and whether somebody had registered the person as a contact before.
pub(crate) struct Found {
    /// Of the result, or failing that of the report or the curve.
    pub day: Option<Day>,
    pub known_before: bool,
}

pub(crate) fn found_cases(query: &mut dyn Query, scope: &Scope, filter: &Filter) -> Result<Vec<Found>> {
    let (first, past) = filter.territory_within(scope)?.range();
    let became = query.rows(
        "SELECT became_case, min(created) FROM cases_contact WHERE territory >= $1 AND territory < $2 \
         AND became_case IS NOT NULL GROUP BY became_case",
        &[first.into(), past.into()],
    )?;
    let became: BTreeMap<String, i64> =
        became.iter().map(|row| Ok((row.text(0)?, row.int(1)?))).collect::<Result<_>>()?;
    let conditions = filter.conditions_of_all(scope, false)?;
    // A contact of a list that came with its cases is as old as they are.
    let sql = format!(
        "SELECT c.id, coalesce(c.result, c.report, c.curve_day), c.created, \
         (SELECT min(k.created) FROM cases_contact k WHERE k.subject = c.subject) \
         FROM cases_case c WHERE {} AND c.classification <> 'discarded'",
        conditions.sql
    );
    let mut found = Vec::new();
    query.each(&sql, &conditions.params, &mut |row| {
        let (created, as_subject) = (row.int(2)?, row.opt_int(3)?);
        let registered = [as_subject, became.get(&row.text(0)?).copied()].into_iter().flatten().min();
        found.push(Found {
            day: row.opt_read(1)?,
            known_before: registered.is_some_and(|registered| registered <= created),
        });
        Ok(())
    })?;
    Ok(found)
}

/// How many contacts of each class there are, and how many became cases.
pub(crate) fn contacts_by_class(
    query: &mut dyn Query,
    scope: &Scope,
    filter: &Filter,
) -> Result<BTreeMap<String, (u64, u64)>> {
    let conditions = filter.conditions_of_all(scope, true)?;
    let sql = format!(
        "SELECT coalesce(k.class, 'unclassified'), count(*), count(k.became_case) FROM cases_contact k WHERE {} GROUP BY k.class",
        conditions.sql
    );
    let rows = query.rows(&sql, &conditions.params)?;
    rows.iter()
        .map(|row| Ok((row.text(0)?, (row.int(1)?.unsigned_abs(), row.int(2)?.unsigned_abs()))))
        .collect()
}

/// What a list's row said of where a case was infected; opened in memory, and not to leave it.
pub(crate) struct Told {
    pub id: String,
    pub case_no: String,
    pub onset: Option<Day>,
    pub text: String,
}

/// Of cases in the scope that came out of a list, in the order of their numbers; those whose words were erased say nothing.
pub(crate) fn told_sources(
    query: &mut dyn Query,
    scope: &Scope,
    filter: &Filter,
    most: usize,
) -> Result<Vec<Told>> {
    scope.demand(Permission::CasesRead)?;
    let conditions = filter.conditions_of_all(scope, false)?;
    let sql = format!(
        "SELECT c.id, c.case_no, c.onset, c.subject, c.said FROM cases_case c WHERE {} AND c.classification <> 'discarded' \
         ORDER BY c.case_no, c.id LIMIT {}",
        conditions.sql,
        most + 1
    );
    let mut told = Vec::new();
    for row in query.rows(&sql, &conditions.params)? {
        let subject: Id<Subject> = row.read(3)?;
        let text = match row.opt_text(4)? {
            Some(said) => source_text(query, subject, &said)?,
            None => String::new(),
        };
        told.push(Told { id: row.text(0)?, case_no: row.text(1)?, onset: row.opt_read(2)?, text });
    }
    Ok(told)
}

fn source_text(query: &mut dyn Query, subject: Id<Subject>, said: &str) -> Result<String> {
    let Some(key) = Vault::key_of(query, &subject.to_string())? else { return Ok(String::new()) };
    let mut said: BTreeMap<String, String> = key.open(&said_context(subject), said)?;
    Ok(said.remove("source_text").unwrap_or_default())
}
