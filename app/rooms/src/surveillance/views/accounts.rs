//! What became of signals: how many were outbreaks, and how long answers took.

use super::{day_in, place_within, sees};
use crate::packed;
use crate::regions::UTC_OFFSET_MINUTES;
use base::{Moment, Territory};
use serde::Deserialize;
use serde_json::{Value as Json, json};
use stats::{median, wilson};
use std::collections::BTreeMap;
use store::{Permission, Query, Result, Scope, params};

#[derive(Debug, Clone, Default, Deserialize, schemars::JsonSchema)]
pub struct AccountsAsked {
    #[serde(default)]
    pub territory: Option<String>,
    #[serde(default)]
    pub from: Option<String>,
    #[serde(default)]
    pub to: Option<String>,
    /// `subject` (when nothing is said), `detector` or `territory`.
    #[serde(default)]
    pub by: Option<String>,
}

#[derive(Debug, Default)]
struct Account {
    raised: i64,
    answered: i64,
    closed: i64,
    outbreaks: i64,
    not_outbreaks: i64,
    data_faults: i64,
    verified: Vec<f64>,
    field: Vec<f64>,
    ended: Vec<f64>,
    /// Answered before the hours of their grade were over, among those whose hours are over or that were answered.
    in_time: i64,
    due: i64,
}

pub fn accounts(query: &mut dyn Query, scope: &Scope, asked: &AccountsAsked, now: Moment) -> Result<Json> {
    scope.demand(Permission::SignalsRead)?;
    let place = place_within(scope, asked.territory.as_deref())?;
    let today = now.day_at_offset(UTC_OFFSET_MINUTES);
    let to = day_in(asked.to.as_deref(), "to")?.unwrap_or(today).min(today);
    let from = day_in(asked.from.as_deref(), "from")?.unwrap_or(to - 364);
    let (first, past) = place.range();
    let begin = Moment::start_of(from, UTC_OFFSET_MINUTES);
    let end = Moment::start_of(to + 1, UTC_OFFSET_MINUTES);
    let by = asked.by.as_deref().unwrap_or("subject");
    let detector = if by == "detector" { "evidence" } else { "''" };
    let sql = format!(
        "SELECT territory, subject, state, outcome, raised, verified, field, closed, grade, {detector} FROM surveillance_signal \
         WHERE territory >= $1 AND territory < $2 AND raised + 0 >= $3 AND raised + 0 < $4 AND origin <> 'person'"
    );
    let mut all: BTreeMap<String, Account> = BTreeMap::new();
    let mut total = Account::default();
    query.each(&sql, params![first, past, begin, end], &mut |row| {
        let subject = row.text(1)?;
        if !sees(scope, &subject) {
            return Ok(());
        }
        let territory: Territory = row.read(0)?;
        let key = match by {
            "territory" => territory.at_depth((place.depth() + 1).min(territory.depth())).path().to_owned(),
            "detector" => {
                let evidence: Json = row.json(9)?;
                evidence["streams"][0]["detector"].as_str().unwrap_or("–").to_owned()
            }
            _ => subject,
        };
        let (state, outcome, raised) = (row.text(2)?, row.opt_text(3)?, row.int(4)?);
        let hours = |at: Option<i64>| at.map(|at| (at - raised) as f64 / 3_600_000.0);
        let (verified, field, closed) =
            (hours(row.opt_int(5)?), hours(row.opt_int(6)?), hours(row.opt_int(7)?));
        let limit = packed::signals()
            .grade(&row.text(8)?)
            .map_or(f64::INFINITY, |grade| f64::from(grade.verify_hours));
        let first_answer = verified.or(closed);
        let age = (now.0 - raised) as f64 / 3_600_000.0;
        for account in [all.entry(key).or_default(), &mut total] {
            account.raised += 1;
            account.answered += i64::from(state != "raised");
            account.closed += i64::from(closed.is_some());
            match outcome.as_deref() {
                Some("outbreak") => account.outbreaks += 1,
                Some("not_outbreak") => account.not_outbreaks += 1,
                Some("data_fault") => account.data_faults += 1,
                _ => {}
            }
            account.verified.extend(first_answer);
            account.in_time += i64::from(first_answer.is_some_and(|hours| hours <= limit));
            account.due += i64::from(first_answer.is_some() || age > limit);
            account.field.extend(field);
            account.ended.extend(closed);
        }
        Ok(())
    })?;
    let rows: Vec<Json> = all.iter_mut().map(|(key, account)| account.told(key)).collect();
    Ok(json!({ "from": from, "to": to, "by": by, "rows": rows, "total": total.told("") }))
}

impl Account {
    fn told(&mut self, key: &str) -> Json {
        json!({
            "key": key, "raised": self.raised, "answered": self.answered, "closed": self.closed, "outbreaks": self.outbreaks,
            "not_outbreaks": self.not_outbreaks, "data_faults": self.data_faults, "ppv": interval(self.outbreaks, self.closed),
            "median_hours": { "verified": median(&mut self.verified), "field": median(&mut self.field),
                              "closed": median(&mut self.ended) },
            "within_deadline": interval(self.in_time, self.due),
        })
    }
}

fn interval(n: i64, of: i64) -> Json {
    let bounds = (of > 0).then(|| wilson(n.unsigned_abs(), of.unsigned_abs(), 0.95));
    json!({ "n": n, "of": of, "low": bounds.map(|both| both.0), "high": bounds.map(|both| both.1) })
}
