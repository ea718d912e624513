//! The open database: one writer, a few readers, the vault, and word of what was committed.

use crate::archive::{self, Manifest, Progress};
use crate::change::{Applied, Pending};
use crate::log_keeper::LogKeeper;
use crate::patience::{self, Patience};
use crate::writer::{self, Job};
use crate::{Actor, Change, Engine, Error, Migration, Reader, Result, Vault, migrate, params, priority};
use base::Moment;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, mpsc};
use std::time::Duration;
use tokio::sync::oneshot;

/// Where a database is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// A folder with `quell.db` and `keys/master.key`.
    Folder(PathBuf),
    /// A PostgreSQL URL, and the folder that holds `keys/master.key`.
    Postgres { url: String, keys: PathBuf },
}

const DATABASE: &str = "quell.db";

/// More readers than cores: a long export or scan must not keep a page waiting.
const READERS: usize = 4;

type View = Box<dyn FnOnce(Result<&mut Reader<'_>>) + Send>;

struct Question {
    /// How long it may take; `None`: as long as it takes.
    most: Option<Duration>,
    view: View,
}

#[derive(Clone)]
pub struct Db {
    place: Place,
    vault: Arc<Vault>,
    writer: mpsc::Sender<Job>,
    readers: mpsc::Sender<Question>,
    /// For a few rows by their key, which must not wait behind long questions.
    finder: mpsc::Sender<Question>,
    committed: tokio::sync::watch::Sender<u64>,
}

impl Place {
    pub(crate) fn open(&self, writes: bool) -> Result<Engine> {
        match self {
            Place::Folder(folder) => Engine::open_sqlite(&folder.join(DATABASE), writes),
            Place::Postgres { url, .. } => Engine::open_postgres(url),
        }
    }

    /// `None`: a server keeps it.
    fn database_file(&self) -> Option<PathBuf> {
        match self {
            Place::Folder(folder) => Some(folder.join(DATABASE)),
            Place::Postgres { .. } => None,
        }
    }

    /// The folder beside the database: the embedded one lies in it.
    pub fn folder(&self) -> PathBuf {
        match self {
            Place::Folder(folder) => folder.clone(),
            Place::Postgres { keys, .. } => keys.parent().map(PathBuf::from).unwrap_or_default(),
        }
    }

    /// Where checkpoints of the journal are kept when nobody says where else.
    pub fn checkpoints(&self) -> PathBuf {
        self.folder().join("checkpoints.log")
    }

    pub fn keys(&self) -> PathBuf {
        match self {
            Place::Folder(folder) => folder.join("keys"),
            Place::Postgres { keys, .. } => keys.clone(),
        }
    }
}

impl Db {
    /// Opens, or makes when new, and brings the tables up to date.
    pub fn open(place: Place, migrations: &[Migration]) -> Result<Db> {
        let key_file = place.keys().join("master.key");
        Db::open_with_key(place, &key_file, migrations)
    }

    /// The same with a key file that lies elsewhere, such as on another disk.
    pub fn open_with_key(place: Place, key_file: &Path, migrations: &[Migration]) -> Result<Db> {
        if let Place::Folder(folder) = &place {
            std::fs::create_dir_all(folder).map_err(|fault| {
                Error::Setup(format!("cannot make the folder {}: {fault}", folder.display()))
            })?;
        }
        let mut engine = place.open(true)?;
        let fresh = is_fresh(&mut engine)?;
        let vault = Arc::new(Vault::at(key_file, fresh)?);
        migrate::migrate(&mut engine, &vault, migrations)?;
        let again = place.clone();
        let log_keeper = place.database_file().map(|file| LogKeeper::start(&file)).transpose()?;
        let writer = writer::start(engine, vault.clone(), move || again.open(true), log_keeper);
        let readers = start_readers(&place, &vault, READERS)?;
        let finder = start_readers(&place, &vault, 1)?;
        Ok(Db { place, vault, writer, readers, finder, committed: tokio::sync::watch::Sender::new(0) })
    }

    pub fn place(&self) -> &Place {
        &self.place
    }

    pub fn vault(&self) -> &Vault {
        &self.vault
    }

    /// Changes whenever this process has committed something.
    pub fn committed(&self) -> tokio::sync::watch::Receiver<u64> {
        self.committed.subscribe()
    }

    fn send<C: Change>(&self, actor: &Actor, at: Moment, change: C) -> oneshot::Receiver<Result<C::Out>> {
        // The queue forgets the type; the reply gets it back through a shared cell that only one side touches at a time.
        let cell = Arc::new(Mutex::new(Pending { change, out: None }));
        let committed = self.committed.clone();
        let held = cell.clone();
        let (reply, receiver) = writer::reply_into(move |_, result| {
            result?;
            committed.send_modify(|count| *count += 1);
            let mut pending = held.lock().map_err(|_| Error::Closed)?;
            pending.out.take().ok_or(Error::Closed)
        });
        let job = Job { work: Box::new(Shared(cell)), actor: actor.clone(), at, reply };
        // A closed writer drops the job and with it the reply, which the receiver reports.
        let _ = self.writer.send(job);
        receiver
    }

    /// Applies a change and answers after it is durable.
    pub async fn apply<C: Change>(&self, actor: &Actor, at: Moment, change: C) -> Result<C::Out> {
        self.send(actor, at, change).await.unwrap_or(Err(Error::Closed))
    }

    /// The same for a thread that may wait.
    pub fn apply_now<C: Change>(&self, actor: &Actor, at: Moment, change: C) -> Result<C::Out> {
        self.send(actor, at, change).blocking_recv().unwrap_or(Err(Error::Closed))
    }

    fn ask<T: Send + 'static>(
        &self,
        readers: &mpsc::Sender<Question>,
        most: Option<Duration>,
        view: impl FnOnce(&mut Reader<'_>) -> Result<T> + Send + 'static,
    ) -> oneshot::Receiver<Result<T>> {
        let (sender, receiver) = oneshot::channel();
        let view = Box::new(move |reader: Result<&mut Reader<'_>>| {
            // Whoever asked may have left while the question waited.
            if !sender.is_closed() {
                let _ = sender.send(reader.and_then(view));
            }
        });
        let _ = readers.send(Question { most, view });
        receiver
    }

    pub async fn read<T: Send + 'static>(
        &self,
        view: impl FnOnce(&mut Reader<'_>) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        self.ask(&self.readers, Some(patience::PAGE), view).await.unwrap_or(Err(Error::Closed))
    }

    /// Who is asking: a look at a few rows by their key, on a connection that does nothing else. With many pages waiting,
    /// a case can still be reported.
    pub async fn find<T: Send + 'static>(
        &self,
        view: impl FnOnce(&mut Reader<'_>) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        self.ask(&self.finder, Some(patience::PAGE), view).await.unwrap_or(Err(Error::Closed))
    }

    pub fn read_now<T: Send + 'static>(
        &self,
        view: impl FnOnce(&mut Reader<'_>) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        self.ask(&self.readers, None, view).blocking_recv().unwrap_or(Err(Error::Closed))
    }

    /// Reads on a connection of its own, on the calling thread: for exports that take minutes.
    pub fn read_long<T>(&self, view: impl FnOnce(&mut Reader<'_>) -> Result<T>) -> Result<T> {
        let mut engine = self.place.open(false)?;
        engine.batch(snapshot(&engine))?;
        let answer = view(&mut Reader { engine: &mut engine, vault: &self.vault });
        engine.batch("ROLLBACK")?;
        answer
    }

    /// Everything, from one snapshot, into one file, while the database is in use.
    pub fn backup(&self, to: &Path, at: Moment, told: &mut dyn FnMut(Progress<'_>)) -> Result<Manifest> {
        archive::write(&mut self.place.open(false)?, to, at, told)
    }
}

/// A change shared between the queue and the reply.
struct Shared<C: Change>(Arc<Mutex<Pending<C>>>);

impl<C: Change> Applied for Shared<C> {
    /// Of a change that broke off half way nothing is known: it is asked for, and fails there.
    fn id(&self) -> String {
        self.0.lock().map(|pending| pending.id()).unwrap_or_default()
    }
    fn run(&mut self, tx: &mut crate::Tx<'_>) -> Result<()> {
        self.0.lock().map_err(|_| Error::Closed)?.run(tx)
    }
}

fn is_fresh(engine: &mut Engine) -> Result<bool> {
    let sql = if engine.is_postgres() {
        "SELECT count(*) FROM information_schema.tables WHERE table_name = 'people_key' AND table_schema = current_schema()"
    } else {
        "SELECT count(*) FROM sqlite_master WHERE name = 'people_key'"
    };
    Ok(engine.rows(sql, params![])?.first().map_or(Ok(0), |row| row.int(0))? == 0)
}

fn open_to_read(place: &Place) -> Result<(Engine, Patience)> {
    let mut engine = place.open(false)?;
    let patience = Patience::over(&mut engine)?;
    Ok((engine, patience))
}

fn start_readers(place: &Place, vault: &Arc<Vault>, threads: usize) -> Result<mpsc::Sender<Question>> {
    let (sender, questions) = mpsc::channel::<Question>();
    let questions = Arc::new(Mutex::new(questions));
    for _ in 0..threads {
        let (mut engine, mut patience) = open_to_read(place)?;
        let (questions, vault, place) = (questions.clone(), vault.clone(), place.clone());
        std::thread::Builder::new()
            .name("reader".to_owned())
            .spawn(move || {
                priority::after_the_writer();
                loop {
                    let next = match questions.lock() {
                        Ok(queue) => queue.recv(),
                        Err(_) => return,
                    };
                    let Ok(question) = next else { return };
                    if engine.is_closed() {
                        match open_to_read(&place) {
                            Ok(again) => (engine, patience) = again,
                            Err(fault) => {
                                (question.view)(Err(fault));
                                continue;
                            }
                        }
                    }
                    answer(&mut engine, &patience, &vault, question);
                }
            })
            .map_err(|fault| Error::Setup(format!("no thread for reading: {fault}")))?;
    }
    Ok(sender)
}

fn snapshot(engine: &Engine) -> &'static str {
    if engine.is_postgres() { "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY" } else { "BEGIN" }
}

/// One question, one snapshot: all its queries see the same moment.
fn answer(engine: &mut Engine, patience: &Patience, vault: &Vault, question: Question) {
    let Question { most, view } = question;
    if let Err(fault) = patience.begin(engine, most) {
        return view(Err(fault));
    }
    // A view that fails on something unexpected fails alone; the connection and its thread serve the next one.
    let _ = catch_unwind(AssertUnwindSafe(|| view(Ok(&mut Reader { engine: &mut *engine, vault }))));
    let _ = engine.mark("ROLLBACK");
}
