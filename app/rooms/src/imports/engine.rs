//! The one engine: a dry run and an import are the same pass over the file; only the import sends its changes.

mod case_rows;
mod contact_rows;
mod link_rows;
mod links;
mod survey;

use crate::cases::{Case, Event, List};
use crate::imports::Import;
use crate::imports::account::{Action, Report, found};
use crate::imports::changes::{FinishImport, ImportRows, KeptCase, KeptContact, StartImport};
use crate::imports::lists::{ChosenList, choose_list};
use crate::imports::settle::Ground;
use crate::people::Subject;
use crate::regions::Atlas;
use base::{Id, Moment, Territory};
use exchange::{File, FileError};
use linelist::{Drafted, Drafter, ListKind, Mapping, Problem, Question, Severity};
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use store::{Actor, Change, Db, Error, Query, Scope, Sealed, params, random_bits};

/// Rows that travel in one change: few enough that another writer waits milliseconds, many enough that the journal is short.
const CHUNK: usize = 500;

/// Where the rows go, and who sends them.
#[derive(Debug, Clone)]
pub struct Target {
    pub import: Id<Import>,
    /// The file's name.
    pub name: String,
    /// SHA-256 of the file.
    pub hash: String,
    pub event: Option<Id<Event>>,
    /// Where a record goes whose place nobody knows.
    pub territory: Territory,
    pub actor: Actor,
}

#[derive(Debug, thiserror::Error)]
pub enum Fault {
    #[error("{0}")]
    File(#[from] FileError),
    #[error("{0}")]
    Store(#[from] Error),
    #[error("cancelled; what was written before is undone with the import")]
    Cancelled,
    #[error("{}", .0.iter().map(|question| question.en.as_str()).collect::<Vec<_>>().join("\n"))]
    Unanswered(Vec<Question>),
}

#[derive(Debug, Default)]
pub struct Progress {
    pub done: AtomicU64,
    pub total: AtomicU64,
    pub cancel: AtomicBool,
}

pub struct Engine<'a> {
    pub db: &'a Db,
    pub atlas: Arc<Atlas>,
    pub file: &'a File,
    pub mapping: &'a Mapping,
    pub target: &'a Target,
    pub progress: &'a Progress,
    pub clock: fn() -> Moment,
    /// How the file was opened, for going on after a crash.
    pub choice: serde_json::Value,
}

/// What is known of a record before this file, enough to see at a glance that a row says nothing new.
#[derive(Debug, Clone)]
struct Known {
    record: String,
    subject: Id<Subject>,
    /// Not within the reach of whoever imports; then the row fails before anything is compared.
    beyond: bool,
    territory: Territory,
    mark: Option<String>,
}

/// One pass over the file.
struct Pass<'a> {
    engine: &'a Engine<'a>,
    dry: bool,
    ground: Ground,
    report: Report,
    known: HashMap<String, Known>,
    /// Rows that an interrupted run of this import has written already.
    written: HashMap<(u64, String), Action>,
    cases: Vec<KeptCase>,
    contacts: Vec<KeptContact>,
    wanted: Vec<links::Wanted>,
    unnumbered: HashMap<String, u32>,
}

impl Engine<'_> {
    /// Goes through the whole file and says what an import would do. Nothing is written.
    pub fn check(&self) -> Result<Report, Fault> {
        self.pass(true)
    }

    /// Imports. Interrupted, it can be called again with the same target and goes on where it stopped.
    pub fn apply(&self) -> Result<Report, Fault> {
        self.pass(false)
    }

    fn pass(&self, dry: bool) -> Result<Report, Fault> {
        let questions = self.mapping.questions();
        if !questions.is_empty() {
            return Err(Fault::Unanswered(questions));
        }
        let survey = survey::survey(self)?;
        self.progress.total.store(survey.rows, Ordering::Relaxed);
        self.progress.done.store(0, Ordering::Relaxed);
        let list = self.choose(&survey, dry)?;
        let mut pass = self.open_pass(dry, &list, &survey)?;
        match self.mapping.kind {
            ListKind::Cases => case_rows::run(&mut pass, &survey)?,
            ListKind::Contacts => contact_rows::run(&mut pass, &survey)?,
            ListKind::Links => link_rows::run(&mut pass)?,
        }
        pass.close()
    }

    /// The list of an interrupted run stands; otherwise the file's numbers and people tell.
    fn choose(&self, survey: &survey::Survey, dry: bool) -> Result<ChosenList, Fault> {
        let (event, likeness) = (self.target.event, survey.likeness.clone());
        let stem = self.target.name.rsplit(['/', '\\']).next().unwrap_or_default();
        let name = stem.split('.').next().unwrap_or(stem).to_owned();
        let contacts = self.mapping.kind == ListKind::Contacts;
        let (import, scope) = (self.target.import, self.target.actor.scope.clone());
        let begun = self.db.read_now(move |reader| {
            let row = reader.first(
                "SELECT l.id, l.name FROM imports_import i JOIN cases_list l ON l.id = i.list WHERE i.id = $1",
                params![import],
            )?;
            match row {
                Some(row) => Ok((Some((row.read(0)?, row.text(1)?)), None)),
                None => {
                    let fresh = Id::from_bits(random_bits());
                    Ok((None, Some(choose_list(reader, &scope, event, &likeness, &name, contacts, fresh)?)))
                }
            }
        })?;
        let list = match begun {
            (Some((id, name)), _) => return Ok(ChosenList { id, name, is_new: false, numbers_clash: false }),
            (None, Some(chosen)) => chosen,
            (None, None) => unreachable!("one of the two is always given"),
        };
        if !dry {
            self.start(&list)?;
        }
        Ok(list)
    }

    fn send<C: Change>(&self, change: C) -> Result<C::Out, Fault> {
        Ok(self.db.apply_now(&self.target.actor, (self.clock)(), change)?)
    }

    fn start(&self, list: &ChosenList) -> Result<(), Fault> {
        self.send(StartImport {
            id: Id::from_bits(random_bits()),
            import: self.target.import,
            territory: self.target.territory.clone(),
            name: self.target.name.clone(),
            hash: self.target.hash.clone(),
            kind: kind_word(self.mapping.kind).to_owned(),
            event: self.target.event,
            list: list.id,
            list_name: list.name.clone(),
            list_is_new: list.is_new,
            mapping: serde_json::to_value(self.mapping).unwrap_or_default(),
            choice: self.choice.clone(),
        })
    }

    fn open_pass(&self, dry: bool, list: &ChosenList, survey: &survey::Survey) -> Result<Pass<'_>, Fault> {
        let (list_id, import, event) = (list.id, self.target.import, self.target.event);
        let contacts = self.mapping.kind == ListKind::Contacts;
        let scope = self.target.actor.scope.clone();
        let (known, written, disease) = self.db.read_now(move |reader| {
            Ok((
                known_rows(reader, &scope, list_id, contacts)?,
                written_rows(reader, import)?,
                event_disease(reader, event)?,
            ))
        })?;
        let defaults = &self.mapping.defaults;
        let ground = Ground {
            atlas: self.atlas.clone(),
            territory: self.target.territory.clone(),
            event,
            list: list_id,
            disease: defaults.disease.clone().or(disease),
            classification: defaults.classification,
            now: (self.clock)(),
        };
        let mut report = self.empty_report(dry, list);
        if list.numbers_clash {
            let told = format!(
                "another list has these numbers for other people; this file is kept as a list of its own, `{}`: choose an event if it belongs to one",
                list.name
            );
            report.problem(found(0, "case_no", "", "list.numbers_clash", Severity::Info, told));
        }
        for problem in survey.notes.iter().chain(&self.file.notes).chain(&self.mapping.notes) {
            report.problem(problem.clone());
        }
        Ok(Pass {
            engine: self,
            dry,
            ground,
            report,
            known,
            written,
            cases: Vec::new(),
            contacts: Vec::new(),
            wanted: Vec::new(),
            unnumbered: HashMap::new(),
        })
    }

    fn empty_report(&self, dry: bool, list: &ChosenList) -> Report {
        let mapping: BTreeMap<String, String> = self
            .mapping
            .columns
            .iter()
            .filter_map(|column| column.field.map(|field| (column.header.clone(), field.word())))
            .collect();
        Report {
            import: Some(self.target.import.to_string()),
            file: self.target.name.clone(),
            kind: kind_word(self.mapping.kind).to_owned(),
            dry_run: dry,
            format: self.file.format.word().to_owned(),
            encoding: self.file.encoding.clone(),
            header_row: self.file.header_row,
            mapping,
            recognised: self.mapping.recognised.clone(),
            event: self.target.event.map(|event| event.to_string()),
            list: Some(list.name.clone()),
            ..Report::default()
        }
    }
}

pub fn kind_word(kind: ListKind) -> &'static str {
    match kind {
        ListKind::Cases => "cases",
        ListKind::Contacts => "contacts",
        ListKind::Links => "links",
    }
}

fn known_rows(
    query: &mut dyn Query,
    scope: &Scope,
    list: Id<List>,
    contacts: bool,
) -> store::Result<HashMap<String, Known>> {
    let sql = if contacts {
        "SELECT k.contact_no, k.id, k.subject, k.territory, k.said_mark, coalesce(s.disease, e.disease) \
         FROM cases_contact k LEFT JOIN cases_case s ON s.id = k.source_case \
         LEFT JOIN cases_event e ON e.id = k.event WHERE k.list = $1"
    } else {
        "SELECT case_no, id, subject, territory, said_mark, disease FROM cases_case WHERE list = $1"
    };
    let mut known = HashMap::new();
    query.each(sql, params![list], &mut |row| {
        let (territory, disease): (Territory, _) = (row.read(3)?, row.opt_text(5)?);
        let beyond = !scope.territory.holds(&territory) || !scope.kept.reads(disease.as_deref());
        known.insert(
            row.text(0)?,
            Known { record: row.text(1)?, subject: row.read(2)?, beyond, territory, mark: row.opt_text(4)? },
        );
        Ok(())
    })?;
    Ok(known)
}

fn written_rows(query: &mut dyn Query, import: Id<Import>) -> store::Result<HashMap<(u64, String), Action>> {
    let mut written = HashMap::new();
    query.each(
        "SELECT line, side, action FROM imports_row WHERE import = $1",
        params![import],
        &mut |row| {
            if let Some(action) = Action::of(&row.text(2)?) {
                written.insert((row.int(0)?.unsigned_abs(), row.text(1)?), action);
            }
            Ok(())
        },
    )?;
    Ok(written)
}

fn event_disease(query: &mut dyn Query, event: Option<Id<Event>>) -> store::Result<Option<String>> {
    let Some(event) = event else { return Ok(None) };
    let row = query.first("SELECT disease FROM cases_event WHERE id = $1", params![event])?;
    Ok(row.map(|row| row.opt_text(0)).transpose()?.flatten())
}

impl Pass<'_> {
    /// Reads every row of the file by the mapping. Blank and unusable rows are accounted for here; the rest goes to `each`.
    fn each_row(
        &mut self,
        mut each: impl FnMut(&mut Self, Drafted) -> Result<(), Fault>,
    ) -> Result<(), Fault> {
        let engine = self.engine;
        let mut drafter = Drafter::new(engine.mapping, &engine.file.columns);
        for row in engine.file.rows() {
            if engine.progress.cancel.load(Ordering::Relaxed) {
                return Err(Fault::Cancelled);
            }
            let row = row?;
            let mut drafted = drafter.draft(row.number, &row.cells);
            for problem in drafted.problems.drain(..) {
                self.report.problem(problem);
            }
            engine.progress.done.fetch_add(1, Ordering::Relaxed);
            if drafted.blank {
                self.report.count(Action::Skipped);
                self.report.problem(found(
                    row.number,
                    "",
                    "",
                    "row.blank",
                    Severity::Info,
                    "the row is empty or a comment; nothing to do".to_owned(),
                ));
            } else if drafted.draft.is_none() {
                self.report.count(Action::Failed);
            } else {
                each(self, drafted)?;
            }
        }
        Ok(())
    }

    /// The number of a record without one: the same row gets the same next time, and a second like it another.
    fn number_for(&mut self, said: &linelist::Said, who: Option<&crate::people::Identity>) -> String {
        let told = match who {
            Some(identity) => serde_json::to_string(identity),
            None => serde_json::to_string(said),
        };
        let mark = self.engine.db.vault().mark("unnumbered row", &told.unwrap_or_default());
        let short: String = mark.chars().filter(char::is_ascii_alphanumeric).take(10).collect();
        let seen = self.unnumbered.entry(short.clone()).or_default();
        *seen += 1;
        if *seen == 1 { format!("~{short}") } else { format!("~{short}-{seen}") }
    }

    fn mark(&self, said: &linelist::Said) -> String {
        self.engine.db.vault().mark("row", &serde_json::to_string(said).unwrap_or_default())
    }

    /// A number that stands for a record beyond the importing person's reach: neither where nor what it is, is told.
    fn beyond(&mut self, row: u64, known: &Known) -> bool {
        if known.beyond {
            let told =
                "this number belongs to a record you do not reach; send the row to its department".to_owned();
            self.report.problem(found(row, "", "", "record.beyond", Severity::Error, told));
        }
        known.beyond
    }

    /// Nothing is written outside the importing person's territory.
    fn outside(&mut self, row: u64, territory: &Territory) -> bool {
        let outside = !self.engine.target.actor.scope.territory.holds(territory);
        if outside {
            let told = format!(
                "{territory} lies outside your territory {}; send the row to the department there",
                self.engine.target.actor.scope.territory
            );
            self.report.problem(found(row, "", territory.path(), "territory.outside", Severity::Error, told));
        }
        outside
    }

    fn send_rows(&mut self) -> Result<(), Fault> {
        let (cases, contacts) = (std::mem::take(&mut self.cases), std::mem::take(&mut self.contacts));
        if self.dry || (cases.is_empty() && contacts.is_empty()) {
            return Ok(());
        }
        self.engine.send(ImportRows {
            id: Id::from_bits(random_bits()),
            import: self.engine.target.import,
            territory: self.engine.target.territory.clone(),
            cases,
            contacts,
        })
    }

    fn close(mut self) -> Result<Report, Fault> {
        self.send_rows()?;
        links::run(&mut self)?;
        self.report.problems.sort_by_key(|problem| problem.row);
        assert!(self.report.adds_up(), "an import accounts for every row");
        if !self.dry {
            let mut summary = self.report.clone();
            // What stays on record names nobody: numbers and codes only.
            summary.problems = Vec::new();
            summary.changes = Vec::new();
            self.engine.send(FinishImport {
                id: Id::from_bits(random_bits()),
                import: self.engine.target.import,
                territory: self.engine.target.territory.clone(),
                state: "done".to_owned(),
                report: serde_json::to_value(&summary).unwrap_or_default(),
                full: Some(Sealed::Open(self.report.clone())),
            })?;
        }
        Ok(self.report)
    }

    fn problem(&mut self, problem: Problem) {
        self.report.problem(problem);
    }
}

fn id_of(record: &str) -> Result<Id<Case>, Fault> {
    record.parse().map_err(|fault: base::IdError| Fault::Store(Error::Shape(fault.to_string())))
}
