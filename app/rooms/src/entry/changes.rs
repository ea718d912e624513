//! Every write of the rosters.

use crate::entry::Worker;
use crate::lab::marks_of_number;
use crate::packed;
use crate::people::{Identity, Subject, Traits, keep_subject, seal_identity};
use crate::refuse::{exists, invalid, missing, required};
use crate::tasks::{Closing, Errand, Source, wants};
use base::{Day, Id, Territory};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use store::{Basis, Change, Permission, Query, Result, Sealed, Sent, Tx, Value, Vault, params};

cases::words! {
    /// By whom a test was told.
    ToldBy, "way in which a test is told" {
        Hand = "hand",
        File = "file",
        /// A laboratory reported it.
        Laboratory = "laboratory",
    }
}

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

/// What became of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Became {
    Created,
    Updated,
    Skipped,
}

const COUNTY: usize = 3;

/// Who was told of in earlier rows of this block, which are not kept yet.
type Seen = BTreeMap<String, (Id<Worker>, Id<Subject>)>;

impl RosterRow {
    fn seal(&mut self, tx: &mut Tx<'_>, seen: &mut Seen) -> Result<()> {
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

    fn keep(&self, tx: &mut Tx<'_>, by: ToldBy) -> Result<Became> {
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

/// A day that is over nowhere on earth yet.
fn is_ahead(tx: &Tx<'_>, day: Day) -> bool {
    const FURTHEST_EAST_MINUTES: i32 = 14 * 60;
    day > tx.at.day_at_offset(FURTHEST_EAST_MINUTES)
}

fn in_future(field: &str) -> store::Error {
    invalid("entry.future", field, "this day has not come yet; mend the date", "日期尚未到来；请更正")
}

pub(super) fn demand_group(group: &str) -> Result<()> {
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

fn wants_following(
    tx: &mut Tx<'_>,
    worker: Id<Worker>,
    subject: Id<Subject>,
    territory: &Territory,
    day: Day,
) -> Result<()> {
    tx.run(
        "INSERT INTO entry_leaving (worker, day, territory, subject, told) VALUES ($1, $2, $3, $4, $5) \
         ON CONFLICT (worker, day) DO NOTHING",
        params![worker, day, territory, subject, tx.at],
    )?;
    let errand = Errand { subject: Some(subject), ..Errand::of("follow_leaver", day) };
    wants(tx, of_leaving(&worker.to_string()), territory, &[errand], Closing::SourceEnded)
}

/// Whoever is in the loop again is tested there.
fn wants_no_following(tx: &mut Tx<'_>, worker: Id<Worker>, territory: &Territory) -> Result<()> {
    wants(tx, of_leaving(&worker.to_string()), territory, &[], Closing::SourceEnded)
}

fn of_leaving(worker: &str) -> Source<'_> {
    Source { room: "entry", record: worker }
}

/// Somebody stands on a roster from now on.
#[derive(Debug, Serialize, Deserialize, schemars::JsonSchema)]
pub struct EnrolWorker {
    pub id: Id<Sent>,
    #[serde(flatten)]
    pub row: RosterRow,
}

impl Change for EnrolWorker {
    const NAME: &'static str = "enrol worker";
    const NEEDS: Permission = Permission::EntryRoster;
    const BASIS: Basis = Basis::RecordKeeping;
    type Out = Became;

    fn id(&self) -> Id<Sent> {
        self.id
    }
    fn territory(&self, _tx: &mut Tx<'_>) -> Result<Territory> {
        Ok(self.row.territory.clone())
    }
    fn about(&self) -> Vec<String> {
        vec![self.row.worker.to_string(), self.row.subject.to_string()]
    }
    fn seal(&mut self, tx: &mut Tx<'_>) -> Result<()> {
        self.row.seal(tx, &mut Seen::new())
    }
    fn apply(&self, tx: &mut Tx<'_>) -> Result<Became> {
        self.row.keep(tx, ToldBy::Hand)
    }
}

/// A block of a file.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EnrolWorkers {
    pub id: Id<Sent>,
    /// That holds all of them.
    pub territory: Territory,
    pub rows: Vec<RosterRow>,
}

impl Change for EnrolWorkers {
    const NAME: &'static str = "enrol workers";
    const NEEDS: Permission = Permission::EntryRoster;
    const BASIS: Basis = Basis::RecordKeeping;
    type Out = Vec<Became>;

    fn id(&self) -> Id<Sent> {
        self.id
    }
    fn territory(&self, _tx: &mut Tx<'_>) -> Result<Territory> {
        Ok(self.territory.clone())
    }
    fn about(&self) -> Vec<String> {
        self.rows.iter().map(|row| row.subject.to_string()).collect()
    }
    fn seal(&mut self, tx: &mut Tx<'_>) -> Result<()> {
        let mut seen = Seen::new();
        self.rows.iter_mut().try_for_each(|row| row.seal(tx, &mut seen))
    }
    fn apply(&self, tx: &mut Tx<'_>) -> Result<Vec<Became>> {
        self.rows.iter().map(|row| row.keep(tx, ToldBy::File)).collect()
    }
}

fn worker_in_reach(tx: &mut Tx<'_>, worker: Id<Worker>) -> Result<(Territory, Id<Subject>, bool)> {
    let sql = "SELECT territory, subject, in_loop FROM entry_worker WHERE id = $1 AND struck IS NULL";
    let row = tx.first(sql, params![worker])?;
    let found =
        row.map(|row| Ok::<_, store::Error>((row.read(0)?, row.read(1)?, row.int(2)? != 0))).transpose()?;
    let scope = &tx.actor.scope;
    found
        .filter(|(territory, _, _): &(Territory, Id<Subject>, bool)| scope.reaches(territory))
        .ok_or_else(|| missing("worker", "从业人员"))
}

/// They were tested.
#[derive(Debug, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TellWorkerTest {
    pub id: Id<Sent>,
    pub worker: Id<Worker>,
    pub day: Day,
}

impl Change for TellWorkerTest {
    const NAME: &'static str = "tell worker test";
    const NEEDS: Permission = Permission::EntryRoster;
    const BASIS: Basis = Basis::RecordKeeping;
    type Out = ();

    fn id(&self) -> Id<Sent> {
        self.id
    }
    fn territory(&self, tx: &mut Tx<'_>) -> Result<Territory> {
        Ok(worker_in_reach(tx, self.worker)?.0)
    }
    fn about(&self) -> Vec<String> {
        vec![self.worker.to_string()]
    }
    fn apply(&self, tx: &mut Tx<'_>) -> Result<()> {
        worker_in_reach(tx, self.worker)?;
        if is_ahead(tx, self.day) {
            return Err(in_future("day"));
        }
        keep_test(tx, self.worker, self.day, ToldBy::Hand)
    }
}

/// An earlier test that is told later changes nothing.
fn keep_test(tx: &mut Tx<'_>, worker: Id<Worker>, day: Day, by: ToldBy) -> Result<()> {
    tx.run(
        "UPDATE entry_worker SET tested = $2, told_by = $3 WHERE id = $1 AND struck IS NULL AND (tested IS NULL OR tested < $2)",
        params![worker, day, by.word()],
    )?;
    Ok(())
}

/// When somebody was sampled last with a result.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TestRead {
    pub worker: Id<Worker>,
    pub day: Day,
}

/// Laboratories reported on people of a roster; sent by the house's clockwork.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReadTests {
    pub id: Id<Sent>,
    pub territory: Territory,
    pub tests: Vec<TestRead>,
}

impl Change for ReadTests {
    const NAME: &'static str = "read tests";
    const NEEDS: Permission = Permission::EntryRoster;
    const BASIS: Basis = Basis::RecordKeeping;
    type Out = ();

    fn id(&self) -> Id<Sent> {
        self.id
    }
    fn territory(&self, _tx: &mut Tx<'_>) -> Result<Territory> {
        Ok(self.territory.clone())
    }
    fn about(&self) -> Vec<String> {
        self.tests.iter().map(|test| test.worker.to_string()).collect()
    }
    fn apply(&self, tx: &mut Tx<'_>) -> Result<()> {
        self.tests.iter().try_for_each(|test| keep_test(tx, test.worker, test.day, ToldBy::Laboratory))
    }
}

/// They go into the closed loop or out of it. Whoever leaves one is to be followed.
#[derive(Debug, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SetLoop {
    pub id: Id<Sent>,
    pub worker: Id<Worker>,
    pub in_loop: bool,
    pub day: Day,
}

impl Change for SetLoop {
    const NAME: &'static str = "set loop";
    const NEEDS: Permission = Permission::EntryRoster;
    const BASIS: Basis = Basis::RecordKeeping;
    type Out = ();

    fn id(&self) -> Id<Sent> {
        self.id
    }
    fn territory(&self, tx: &mut Tx<'_>) -> Result<Territory> {
        Ok(worker_in_reach(tx, self.worker)?.0)
    }
    fn about(&self) -> Vec<String> {
        vec![self.worker.to_string()]
    }
    fn apply(&self, tx: &mut Tx<'_>) -> Result<()> {
        let (territory, subject, was_in) = worker_in_reach(tx, self.worker)?;
        if is_ahead(tx, self.day) {
            return Err(in_future("day"));
        }
        if was_in == self.in_loop {
            return Ok(());
        }
        tx.run(
            "UPDATE entry_worker SET in_loop = $2, since = $3 WHERE id = $1",
            params![self.worker, self.in_loop, self.day],
        )?;
        if was_in {
            return wants_following(tx, self.worker, subject, &territory, self.day);
        }
        wants_no_following(tx, self.worker, &territory)
    }
}

/// They do not work there any more.
#[derive(Debug, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct StrikeWorker {
    pub id: Id<Sent>,
    pub worker: Id<Worker>,
    pub day: Day,
}

impl Change for StrikeWorker {
    const NAME: &'static str = "strike worker";
    const NEEDS: Permission = Permission::EntryRoster;
    const BASIS: Basis = Basis::RecordKeeping;
    type Out = ();

    fn id(&self) -> Id<Sent> {
        self.id
    }
    fn territory(&self, tx: &mut Tx<'_>) -> Result<Territory> {
        Ok(worker_in_reach(tx, self.worker)?.0)
    }
    fn about(&self) -> Vec<String> {
        vec![self.worker.to_string()]
    }
    fn apply(&self, tx: &mut Tx<'_>) -> Result<()> {
        let (territory, subject, was_in) = worker_in_reach(tx, self.worker)?;
        if is_ahead(tx, self.day) {
            return Err(in_future("day"));
        }
        tx.run(
            "UPDATE entry_worker SET struck = $2, in_loop = 0 WHERE id = $1",
            params![self.worker, tx.at],
        )?;
        if was_in { wants_following(tx, self.worker, subject, &territory, self.day) } else { Ok(()) }
    }
}
