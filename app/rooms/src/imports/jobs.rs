//! Imports that are being prepared or are running: they can be left, returned to, cancelled, and resumed after a crash.

use crate::access::{Account, actor_of};
use crate::cases::Event;
use crate::imports::changes::RememberMapping;
use crate::imports::undo::{UndoImport, Undone};
use crate::imports::{Engine, Fault, Import, Progress, Report, Target};
use crate::live::News;
use crate::{App, House};
use base::{Id, Territory};
use exchange::{Caps, Choice, File, FileError, Source};
use linelist::{Mapping, Profile, recognise};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Instant;
use store::{Actor, Query, Result, params, random_bits};

/// Rows a mapping is guessed from: enough to meet every spelling that matters.
const PROFILED: usize = 20_000;

#[derive(Default)]
pub struct Jobs(Mutex<BTreeMap<String, Arc<Job>>>);

pub struct Job {
    pub id: Id<Import>,
    pub actor: Actor,
    pub name: String,
    pub bytes: Arc<[u8]>,
    pub hash: String,
    pub progress: Progress,
    state: Mutex<State>,
}

pub struct State {
    pub stage: Stage,
    pub choice: Choice,
    pub mapping: Mapping,
    pub profile: Profile,
    pub facts: FileFacts,
    pub event: Option<Id<Event>>,
    pub territory: Territory,
    pub remember: bool,
    pub report: Option<Report>,
    pub undone: Option<Undone>,
    pub error: Option<String>,
    pub since: Instant,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    Mapping,
    Checking,
    Checked,
    Applying,
    Done,
    Undoing,
    Undone,
    Failed,
    Cancelled,
}

impl Stage {
    pub fn word(self) -> &'static str {
        match self {
            Stage::Mapping => "mapping",
            Stage::Checking => "checking",
            Stage::Checked => "checked",
            Stage::Applying => "applying",
            Stage::Done => "done",
            Stage::Undoing => "undoing",
            Stage::Undone => "undone",
            Stage::Failed => "failed",
            Stage::Cancelled => "cancelled",
        }
    }
}

/// What the wizard shows of the file.
#[derive(Debug, Clone)]
pub struct FileFacts {
    pub format: &'static str,
    pub encoding: Option<String>,
    pub delimiter: Option<char>,
    pub sheet: Option<String>,
    pub sheets: Vec<String>,
    pub header_row: Option<u64>,
    pub columns: Vec<String>,
}

impl FileFacts {
    fn of(file: &File) -> FileFacts {
        FileFacts {
            format: file.format.word(),
            encoding: file.encoding.clone(),
            delimiter: file.delimiter,
            sheet: file.sheet.clone(),
            sheets: file.sheets.clone(),
            header_row: file.header_row,
            columns: file.columns.clone(),
        }
    }
}

pub fn hash_of(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Opens a file and guesses what its columns mean.
pub fn look(name: &str, bytes: &Arc<[u8]>, choice: &Choice) -> Result<(File, Profile), FileError> {
    let file = exchange::open(Source { name, bytes: bytes.clone() }, choice, &Caps::default())?;
    let mut profile = Profile::new(file.columns.len());
    for row in file.rows().take(PROFILED) {
        profile.see(&row?.cells);
    }
    Ok((file, profile))
}

/// The mapping a person made for a file with the same columns, if there is one.
pub fn remembered(query: &mut dyn Query, columns: &[String]) -> Result<Option<Mapping>> {
    let fingerprint = linelist::fingerprint(columns);
    let row =
        query.first("SELECT mapping FROM imports_mapping WHERE fingerprint = $1", params![fingerprint])?;
    row.map(|row| row.json(0)).transpose()
}

impl Job {
    pub fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    /// A file just uploaded: opened, profiled, its columns recognised or remembered.
    pub fn open(
        house: &House,
        actor: Actor,
        name: String,
        bytes: Arc<[u8]>,
        event: Option<Id<Event>>,
    ) -> Result<Job, Fault> {
        let choice = Choice::default();
        let (file, profile) = look(&name, &bytes, &choice)?;
        let columns = file.columns.clone();
        let kept = house.db.read_now(move |reader| remembered(reader, &columns))?;
        let mapping = match kept {
            Some(mut mapping) => {
                mapping.recognised = Some("remembered".to_owned());
                mapping
            }
            None => recognise(&file.columns, &profile, None),
        };
        let territory = house.home_of(&actor);
        Ok(Job {
            id: Id::from_bits(random_bits()),
            hash: hash_of(&bytes),
            state: Mutex::new(State {
                stage: Stage::Mapping,
                choice,
                mapping,
                profile,
                facts: FileFacts::of(&file),
                event,
                territory,
                remember: true,
                report: None,
                undone: None,
                error: None,
                since: Instant::now(),
            }),
            actor,
            name,
            bytes,
            progress: Progress::default(),
        })
    }

    /// Another sheet, header row, encoding or delimiter: the file is looked at again.
    pub fn reopen(&self, choice: Choice) -> Result<(), Fault> {
        let (file, profile) = look(&self.name, &self.bytes, &choice)?;
        let mut state = self.state();
        state.mapping = recognise(&file.columns, &profile, None);
        state.facts = FileFacts::of(&file);
        state.profile = profile;
        state.choice = choice;
        state.report = None;
        state.stage = Stage::Mapping;
        Ok(())
    }

    /// Goes through the file, dry or for good, on the calling thread.
    pub fn run(&self, house: &House, dry: bool) -> Result<Report, Fault> {
        let (choice, mapping, event, territory) = {
            let state = self.state();
            (state.choice.clone(), state.mapping.clone(), state.event, state.territory.clone())
        };
        let file = exchange::open(
            Source { name: &self.name, bytes: self.bytes.clone() },
            &choice,
            &Caps::default(),
        )?;
        let target = Target {
            import: self.id,
            name: self.name.clone(),
            hash: self.hash.clone(),
            event,
            territory,
            actor: self.actor.clone(),
        };
        let engine = Engine {
            db: &house.db,
            atlas: house.places.now(),
            file: &file,
            mapping: &mapping,
            target: &target,
            progress: &self.progress,
            clock: House::clock,
            choice: serde_json::to_value(&choice).unwrap_or_default(),
        };
        if dry { engine.check() } else { engine.apply() }
    }
}

impl Jobs {
    pub fn add(&self, job: Arc<Job>) {
        let mut jobs = self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        // A finished job's file is not needed any more; the database has its account.
        if jobs.len() >= 32 {
            jobs.retain(|_, job| {
                !matches!(job.state().stage, Stage::Done | Stage::Undone | Stage::Cancelled | Stage::Failed)
            });
        }
        jobs.insert(job.id.to_string(), job);
    }

    pub fn get(&self, id: Id<Import>) -> Option<Arc<Job>> {
        self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner).get(&id.to_string()).cloned()
    }

    pub fn waiting(&self, actor: &str) -> Vec<Arc<Job>> {
        let jobs = self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        jobs.values().filter(|job| job.actor.id == actor).cloned().collect()
    }
}

/// Starts a stage in the background; the page is told when it changes.
pub fn start(house: &App, job: &Arc<Job>, stage: Stage) {
    {
        let mut state = job.state();
        state.stage = stage;
        state.error = None;
        state.since = Instant::now();
    }
    job.progress.cancel.store(false, Ordering::Relaxed);
    let (house, job) = (house.clone(), job.clone());
    std::thread::spawn(move || {
        let next = match stage {
            Stage::Applying => apply(&house, &job),
            _ => check(&house, &job),
        };
        job.state().stage = next;
        let state = next.word().to_owned();
        house.live.tell(News::Import { owner: job.actor.id.clone(), id: job.id.to_string(), state });
    });
}

fn check(house: &House, job: &Job) -> Stage {
    match job.run(house, true) {
        Ok(report) => {
            job.state().report = Some(report);
            Stage::Checked
        }
        Err(Fault::Cancelled) => Stage::Mapping,
        Err(fault) => failed(job, &fault),
    }
}

fn apply(house: &House, job: &Job) -> Stage {
    if let Err(fault) = keep_upload(house, job) {
        return failed(job, &Fault::Store(fault));
    }
    let outcome = job.run(house, false);
    let stage = match outcome {
        Ok(report) => {
            remember(house, job);
            job.state().report = Some(report);
            Stage::Done
        }
        Err(Fault::Cancelled) => {
            // Half an import helps nobody: what was written is taken back.
            let undo = UndoImport::of(job.id, "cancelled".to_owned());
            let _ = house.db.apply_now(&job.actor, house.now(), undo);
            Stage::Cancelled
        }
        Err(fault) => failed(job, &fault),
    };
    drop_upload(house, job.id);
    stage
}

fn failed(job: &Job, fault: &Fault) -> Stage {
    job.state().error = Some(fault.to_string());
    Stage::Failed
}

fn remember(house: &House, job: &Job) {
    let (wanted, mapping, columns) = {
        let state = job.state();
        (
            state.remember,
            serde_json::to_value(&state.mapping).unwrap_or_default(),
            state.facts.columns.clone(),
        )
    };
    if wanted {
        let fingerprint = linelist::fingerprint(&columns);
        let change = RememberMapping { id: Id::from_bits(random_bits()), fingerprint, mapping };
        let _ = house.db.apply_now(&job.actor, house.now(), change);
    }
}

/// The uploaded file, sealed, until its import is done: a crash in the middle must not ask the person for it again.
fn upload_file(house: &House, import: Id<Import>) -> PathBuf {
    house.db.place().uploads().join(import.to_string())
}

fn keep_upload(house: &House, job: &Job) -> Result<()> {
    let file = upload_file(house, job.id);
    let refuse = |fault: std::io::Error| store::Error::Setup(format!("the upload cannot be kept: {fault}"));
    if let Some(folder) = file.parent() {
        std::fs::create_dir_all(folder).map_err(refuse)?;
    }
    let sealed = house.db.vault().seal_bytes(&job.id.to_string(), &job.bytes);
    // Whole or not at all: half a file could not be opened by whoever takes the import up again.
    let half = file.with_extension("half");
    std::fs::write(&half, sealed).and_then(|()| std::fs::rename(&half, &file)).map_err(refuse)
}

fn drop_upload(house: &House, import: Id<Import>) {
    let _ = std::fs::remove_file(upload_file(house, import));
}

/// Imports that were running when the program stopped go on where they stopped.
pub async fn resume(house: &App) -> Result<()> {
    let stopped = house
        .db
        .read(|reader| {
            reader.rows(
                "SELECT id, name, event, territory, mapping, choice, by_whom FROM imports_import WHERE state = 'applying' \
                 ORDER BY at LIMIT 100",
                params![],
            )
        })
        .await?;
    for row in stopped {
        let id: Id<Import> = row.read(0)?;
        // An import from the command line is resumed by running the same command again.
        let Ok(sealed) = std::fs::read(upload_file(house, id)) else { continue };
        let bytes: Arc<[u8]> = match house.db.vault().open_bytes(&id.to_string(), &sealed) {
            Ok(bytes) => bytes.into(),
            Err(fault) => {
                eprintln!("quell: {id} cannot go on, bring its file again: {fault}");
                continue;
            }
        };
        let by = row.text(6)?;
        let account = house.db.read(move |reader| crate::access::account_by_id(reader, &by)).await?;
        let Some(account) = account else { continue };
        let job = stopped_job(
            id,
            row.text(1)?,
            bytes,
            &account,
            (row.opt_read(2)?, row.read(3)?),
            (row.json(4)?, row.json(5)?),
        );
        if let Ok(job) = job {
            let job = Arc::new(job);
            house.jobs.add(job.clone());
            start(house, &job, Stage::Applying);
        }
    }
    Ok(())
}

fn stopped_job(
    id: Id<Import>,
    name: String,
    bytes: Arc<[u8]>,
    account: &Account,
    (event, territory): (Option<Id<Event>>, Territory),
    (mapping, choice): (Mapping, Choice),
) -> Result<Job, FileError> {
    let (file, profile) = look(&name, &bytes, &choice)?;
    Ok(Job {
        id,
        actor: actor_of(account, "outbreak_response"),
        hash: hash_of(&bytes),
        state: Mutex::new(State {
            stage: Stage::Applying,
            choice,
            mapping,
            profile,
            facts: FileFacts::of(&file),
            event,
            territory,
            remember: false,
            report: None,
            undone: None,
            error: None,
            since: Instant::now(),
        }),
        name,
        bytes,
        progress: Progress::default(),
    })
}
