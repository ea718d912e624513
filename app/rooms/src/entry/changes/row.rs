//! One line of a roster: sealed, taken for whom it is, and kept.

use super::in_loop::{wants_following, wants_no_following};
use super::{ToldBy, in_future, is_ahead};
use crate::entry::Worker;
use crate::lab::marks_of_number;
use crate::packed;
use crate::people::{Identity, Subject, Traits, keep_subject, seal_identity};
use crate::refuse::{exists, invalid, required};
use crate::sent_table::Became;
use base::{Day, Id, Territory};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use store::{Query, Result, Sealed, Tx, Value, Vault, params};

/// One line of a roster.
#[derive(Debug, Clone, Serialize, Deserialize, schemars::JsonSchema)]
pub struct RosterRow {
    /// Made by the sender. Of somebody with the same number on a roster of the county already, theirs is taken.
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
            self.mark = mark_of(tx.vault(), &self.territory, said);
            let number = said.id_number.as_deref().unwrap_or_default();
            self.known = marks_of_number(tx.vault(), number);
        }
        let known = match &self.mark {
            Some(mark) => tx.first(
                "SELECT id, subject, territory FROM entry_worker WHERE mark = $1 ORDER BY id LIMIT 1",
                params![mark],
            )?,
            None => None,
        };
        // Of somebody known here already what was said stays as it was.
        if let Some(row) = known
            && tx.actor.scope.reaches(&row.read(2)?)
        {
            self.worker = row.read(0)?;
            self.subject = row.read(1)?;
            self.identity = None;
        } else if let Some((worker, subject)) = self.mark.as_ref().and_then(|mark| seen.get(mark)) {
            self.worker = *worker;
            self.subject = *subject;
            self.identity = None;
        }
        if let Some(mark) = &self.mark {
            seen.insert(mark.clone(), (self.worker, self.subject));
        }
        seal_identity(tx, self.subject, &mut self.identity)
    }

    pub(super) fn keep(&self, tx: &mut Tx<'_>, by: ToldBy) -> Result<Became> {
        required("workplace", &self.workplace)?;
        self.demand_sense(tx)?;
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
            let (was_in, is_new_state) = (row.int(3)? != 0, (row.int(3)? != 0) != self.in_loop);
            let tested_now = tested.max(self.tested);
            let same = territory == self.territory
                && row.text(1)? == workplace
                && row.text(2)? == self.group
                && !is_new_state
                && tested_now == tested
                && row.opt_int(6)?.is_none();
            self.keep_known(tx)?;
            if same {
                return Ok(Became::Skipped);
            }
            let since = if is_new_state { self.since } else { since };
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

    fn demand_sense(&self, tx: &Tx<'_>) -> Result<()> {
        demand_group(&self.group)?;
        let ahead = |day: Day| is_ahead(tx, day);
        if ahead(self.since) || self.tested.is_some_and(ahead) {
            return Err(in_future("since"));
        }
        Ok(())
    }
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

/// The same number gives the same mark within a county, and nothing that can be read back.
fn mark_of(vault: &Vault, territory: &Territory, said: &Identity) -> Option<String> {
    let plain = |text: &str| {
        text.chars().filter(|letter| letter.is_alphanumeric()).collect::<String>().to_uppercase()
    };
    let number = said.id_number.as_deref().map(plain).filter(|text| !text.is_empty());
    let phone = said.phone.as_deref().map(plain).filter(|text| !text.is_empty());
    let name = said.name.as_deref().unwrap_or_default().trim().to_lowercase();
    let county = territory.at_depth(COUNTY);
    let text = number.or_else(|| phone.map(|phone| format!("{phone}|{name}")))?;
    Some(vault.mark(&format!("entry_worker|{county}"), &text))
}
