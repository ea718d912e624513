//! What tracing reads of an event's cases, links and contacts: numbers and days, by handle.

use crate::cases::ContactStatus;
use crate::cases::http::said_context;
use crate::cases::views::filter::Filter;
use crate::people::Subject;
use base::{Day, Id, Moment};
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

/// A new case, and when its person was first registered as a contact.
pub(crate) struct FoundCase {
    pub id: String,
    /// Of the result, or failing that of the report, the curve, or the record itself.
    pub day: Day,
    pub contact_since: Option<Day>,
}

pub(crate) fn found_cases(
    query: &mut dyn Query,
    scope: &Scope,
    filter: &Filter,
    offset_minutes: i32,
) -> Result<Vec<FoundCase>> {
    let (first, past) = filter.territory_within(scope)?.range();
    let became = query.rows(
        "SELECT became_case, min(created) FROM cases_contact WHERE territory >= $1 AND territory < $2 \
         AND became_case IS NOT NULL GROUP BY became_case",
        &[first.into(), past.into()],
    )?;
    let became: BTreeMap<String, i64> =
        became.iter().map(|row| Ok((row.text(0)?, row.int(1)?))).collect::<Result<_>>()?;
    let conditions = filter.conditions_of_all(scope, false)?;
    let sql = format!(
        "SELECT c.id, coalesce(c.result, c.report, c.curve_day), c.created, \
         (SELECT min(k.created) FROM cases_contact k WHERE k.subject = c.subject) \
         FROM cases_case c WHERE {} AND c.classification <> 'discarded'",
        conditions.sql
    );
    let day = |at: i64| Moment(at).day_at_offset(offset_minutes);
    let mut found = Vec::new();
    query.each(&sql, &conditions.params, &mut |row| {
        let known = [row.opt_int(3)?, became.get(&row.text(0)?).copied()].into_iter().flatten().min();
        found.push(FoundCase {
            id: row.text(0)?,
            day: row.opt_read(1)?.unwrap_or(day(row.int(2)?)),
            contact_since: known.map(day),
        });
        Ok(())
    })?;
    Ok(found)
}

/// A contact, and what became of them: a case, nothing, or still watched.
pub(crate) struct FollowedContact {
    pub id: String,
    pub class: String,
    pub fell_ill: Option<bool>,
    /// The case they met.
    pub source: Option<String>,
    pub last_exposure: Option<Day>,
}

pub(crate) fn followed_contacts(
    query: &mut dyn Query,
    scope: &Scope,
    filter: &Filter,
) -> Result<Vec<FollowedContact>> {
    let conditions = filter.conditions_of_all(scope, true)?;
    let sql = format!(
        "SELECT coalesce(k.class, 'unclassified'), k.status, CASE WHEN k.became_case IS NULL THEN 0 ELSE 1 END, \
         k.id, k.source_case, k.last_exposure FROM cases_contact k WHERE {}",
        conditions.sql
    );
    let mut contacts = Vec::new();
    query.each(&sql, &conditions.params, &mut |row| {
        let status: ContactStatus = row.read(1)?;
        let fell_ill = match status {
            ContactStatus::BecameCase => Some(true),
            _ if row.int(2)? != 0 => Some(true),
            ContactStatus::Released => Some(false),
            ContactStatus::Watched => None,
        };
        let source = row.opt_text(4)?;
        let (class, last_exposure) = (row.text(0)?, row.opt_read(5)?);
        contacts.push(FollowedContact { id: row.text(3)?, class, fell_ill, source, last_exposure });
        Ok(())
    })?;
    Ok(contacts)
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
