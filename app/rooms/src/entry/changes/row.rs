//! One line of a roster: sealed, taken for whom it is, and kept.

use super::in_loop::{wants_following, wants_no_following};
use super::{ToldBy, in_future, is_ahead};
use crate::entry::Worker;
use crate::lab::marks_of_number;
use crate::packed;
use crate::people::{Identity, Subject, Traits, keep_subject, seal_identity};
use crate::refuse::{exists, invalid, required};
use crate::sent_table::Became;
use base::{Day, Id, Moment, Territory};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use store::{Query, Result, Sealed, Tx, Value, Vault, params};

/// One line of a roster.
#[derive(Debug, Clone, Serialize, Deserialize, schemars::JsonSchema)]
pub struct RosterRow {
    /// Made by the sender. Of somebody who is known on a roster of the county already, theirs is taken.
    pub worker: Id<Worker>,
    pub subject: Id<Subject>,
    #[serde(default)]
    pub identity: Option<Sealed<Identity>>,
    pub territory: Territory,
    pub workplace: String,
    /// Of the occupations pack.
    pub group: String,
    pub in_loop: bool,
    pub since: Day,
    #[serde(default)]
    pub tested: Option<Day>,
    /// What the number is known by; made here and never believed.
    #[serde(default)]
    #[schemars(skip)]
    pub mark: Option<String>,
    /// Under what the testing room knows it; made here and never believed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(skip)]
    pub known: Vec<String>,
}

const COUNTY: usize = 3;

/// Who was told of in earlier rows of this block, which are not kept yet.
pub(super) type Seen = BTreeMap<String, (Id<Worker>, Id<Subject>)>;

impl RosterRow {
    pub(super) fn seal(&mut self, tx: &mut Tx<'_>, seen: &mut Seen) -> Result<()> {
        self.mark = None;
        self.known.clear();
        if let Some(Sealed::Open(said)) = &self.identity {
            if said.name.as_deref().is_none_or(|name| name.trim().is_empty()) {
                return Err(invalid(
                    "entry.nobody",
                    "identity.name",
                    "nobody is named; write the name, or leave the row out",
                    "未写明姓名；请填写姓名或删去该行",
                ));
            }
            self.mark = Some(mark_of(tx.vault(), &self.territory, &self.workplace, said));
            let number = said.id_number.as_deref().unwrap_or_default();
            self.known = marks_of_number(tx.vault(), number);
        }
        let known = match &self.mark {
            Some(mark) => known_in_reach(tx, mark)?.or_else(|| seen.get(mark).copied()),
            None => None,
        };
        // Of somebody known here already what was said stays as it was.
        if let Some((worker, subject)) = known {
            self.worker = worker;
            self.subject = subject;
            self.identity = None;
        }
        if let Some(mark) = &self.mark {
            seen.insert(mark.clone(), (self.worker, self.subject));
        }
        seal_identity(tx, self.subject, &mut self.identity)
    }

    pub(super) fn keep(&self, tx: &mut Tx<'_>, by: ToldBy) -> Result<Became> {
        required("workplace", &self.workplace)?;
        self.demand_sense(tx.at)?;
        let known = tx.first(
            "SELECT territory, workplace, grp, in_loop, since, tested, struck, subject FROM entry_worker WHERE id = $1",
            params![self.worker],
        )?;
        let workplace = self.workplace.trim();
        if let Some(row) = known {
            let territory: Territory = row.read(0)?;
            if !tx.actor.scope.reaches(&territory) {
                return Err(exists("worker", "从业人员"));
            }
            let (tested, since): (Option<Day>, Day) = (row.opt_read(5)?, row.read(4)?);
            let (was_in, was_struck) = (row.int(3)? != 0, row.opt_int(6)?.is_some());
            let is_new_state = was_in != self.in_loop;
            let tested_now = tested.max(self.tested);
            let same = territory == self.territory
                && row.text(1)? == workplace
                && row.text(2)? == self.group
                && !is_new_state
                && tested_now == tested
                && !was_struck;
            self.keep_known(tx)?;
            if same {
                return Ok(Became::Skipped);
            }
            // Whoever comes back to the work begins anew: nobody asked to test them while they were away.
            let since = if is_new_state || was_struck { self.since } else { since };
            tx.run(
                "UPDATE entry_worker SET territory = $2, workplace = $3, grp = $4, in_loop = $5, since = $6, tested = $7, \
                 told_by = CASE WHEN $8 = 1 THEN $9 ELSE told_by END, struck = NULL WHERE id = $1",
                params![
                    self.worker,
                    &self.territory,
                    workplace,
                    &self.group,
                    self.in_loop,
                    since,
                    tested_now,
                    tested_now != tested,
                    by.word()
                ],
            )?;
            match (was_in, self.in_loop) {
                (true, false) => {
                    wants_following(tx, self.worker, row.read(7)?, &self.territory, self.since)?;
                }
                (false, true) => wants_no_following(tx, self.worker, &self.territory)?,
                _ => {}
            }
            return Ok(Became::Updated);
        }
        if self.identity.is_none() {
            return Err(invalid(
                "entry.nobody",
                "identity.name",
                "nobody is named; write the name, or leave the row out",
                "未写明姓名；请填写姓名或删去该行",
            ));
        }
        let traits = Traits { sex: None, age: None, on: self.since };
        keep_subject(tx, self.subject, &self.territory, self.identity.as_ref(), traits)?;
        tx.run(
            "INSERT INTO entry_worker (id, territory, workplace, grp, subject, mark, in_loop, since, tested, told_by, struck, added) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, NULL, $11)",
            params![
                self.worker,
                &self.territory,
                workplace,
                &self.group,
                self.subject,
                self.mark.as_deref(),
                self.in_loop,
                self.since,
                self.tested,
                self.tested.map(|_| by.word()),
                tx.at
            ],
        )?;
        self.keep_known(tx)?;
        Ok(Became::Created)
    }

    fn keep_known(&self, tx: &mut Tx<'_>) -> Result<()> {
        let rows: Vec<Vec<Value>> =
            self.known.iter().map(|who| vec![self.worker.into(), who.into()]).collect();
        let again = "ON CONFLICT (worker, who) DO NOTHING";
        tx.insert_many("INSERT INTO entry_known (worker, who)", 2, &rows, again)
    }

    /// What can be told of the row alone, when it is only looked at and when it is kept.
    pub(in crate::entry) fn demand_sense(&self, at: Moment) -> Result<()> {
        demand_group(&self.group)?;
        for (field, day) in [("since", Some(self.since)), ("tested", self.tested)] {
            if day.is_some_and(|day| is_ahead(at, day)) {
                return Err(in_future(field));
            }
        }
        Ok(())
    }
}

/// The first who is known by it and whom the sender reaches: whoever was enrolled elsewhere in the county hides nobody.
fn known_in_reach(tx: &mut Tx<'_>, mark: &str) -> Result<Option<(Id<Worker>, Id<Subject>)>> {
    let sql = "SELECT id, subject, territory FROM entry_worker WHERE mark = $1 ORDER BY id";
    for row in tx.rows(sql, params![mark])? {
        if tx.actor.scope.reaches(&row.read(2)?) {
            return Ok(Some((row.read(0)?, row.read(1)?)));
        }
    }
    Ok(None)
}

pub(in crate::entry) fn demand_group(group: &str) -> Result<()> {
    if packed::occupations().group(group).is_some() {
        return Ok(());
    }
    Err(invalid(
        "entry.group",
        "group",
        "there is no such occupation in the pack; choose one of its list",
        "职业包中没有该类别；请从列表中选择",
    ))
}

/// The same number gives the same mark within a county, and nothing that can be read back. Where there is none, telephone and name do;
/// where there is no telephone either, workplace and name.
fn mark_of(vault: &Vault, territory: &Territory, workplace: &str, said: &Identity) -> String {
    let county = county_of(territory);
    let by_telephone = || plain(&said.phone).map(|phone| format!("{phone}|{}", small(&said.name)));
    let text = plain(&said.id_number).or_else(by_telephone);
    let text = text.unwrap_or_else(|| workplace_and_name(workplace, said));
    vault.mark(&format!("entry_worker|{county}"), &text)
}

/// What somebody of whom neither number nor telephone is said is known by: in one table, nobody else may be.
pub(in crate::entry) fn by_name_alone(row: &RosterRow) -> Option<(Territory, String)> {
    let Some(Sealed::Open(said)) = &row.identity else { return None };
    let alone = plain(&said.id_number).or_else(|| plain(&said.phone)).is_none();
    alone.then(|| (county_of(&row.territory), workplace_and_name(&row.workplace, said)))
}

fn county_of(territory: &Territory) -> Territory {
    territory.at_depth(COUNTY)
}

/// No telephone begins so.
fn workplace_and_name(workplace: &str, said: &Identity) -> String {
    format!("|{}|{}", workplace.trim().to_lowercase(), small(&said.name))
}

fn plain(text: &Option<String>) -> Option<String> {
    let letters = text.as_deref()?.chars().filter(|letter| letter.is_alphanumeric());
    let text = letters.collect::<String>().to_uppercase();
    (!text.is_empty()).then_some(text)
}

fn small(name: &Option<String>) -> String {
    name.as_deref().unwrap_or_default().trim().to_lowercase()
}
