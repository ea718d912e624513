//! Writers that are known to lose. A harness that finds nothing lost with these finds nothing.

use crate::database::{Cluster, Database};
use crate::dice::Dice;
use crate::ground::Ground;
use rusqlite::Connection;
use std::collections::HashSet;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

const TABLE: &str = "CREATE TABLE written (id TEXT PRIMARY KEY)";

#[derive(Debug, Default)]
pub struct Lost {
    pub cycles: u64,
    pub acknowledged: u64,
    pub lost: u64,
}

impl Lost {
    fn add(&mut self, acknowledged: &[String], there: Result<Vec<String>, String>) {
        let there: HashSet<String> = there.unwrap_or_default().into_iter().collect();
        self.cycles += 1;
        self.acknowledged += acknowledged.len() as u64;
        self.lost += acknowledged.iter().filter(|id| !there.contains(*id)).count() as u64;
    }
}

/// SQLite in WAL with this `synchronous`, under power cuts.
pub fn sqlite_cut(room: &Path, synchronous: &str, cycles: u64, dice: &mut Dice) -> Result<Lost, String> {
    let mut lost = Lost::default();
    for _ in 0..cycles {
        let ground = Ground::ext4(room)?;
        let file = ground.path().join("plain.db");
        let disk = Connection::open(&file).map_err(|fault| fault.to_string())?;
        let setup = format!("PRAGMA journal_mode = WAL; PRAGMA synchronous = {synchronous}; {TABLE}");
        disk.execute_batch(&setup).map_err(|fault| fault.to_string())?;
        ground.settle()?;
        let disk = Mutex::new(disk);
        let insert = "INSERT INTO written VALUES (?1)";
        let acknowledged =
            until_cut(&ground, dice, |id| disk.lock().is_ok_and(|disk| disk.execute(insert, [id]).is_ok()))?;
        drop(disk);
        ground.comes_back()?;
        lost.add(&acknowledged, Database::Sqlite { file }.texts("SELECT id FROM written"));
    }
    Ok(lost)
}

/// PostgreSQL with `synchronous_commit = off`, under power cuts or with its server killed.
pub fn postgres_off(
    programs: &Path,
    room: &Path,
    cut: bool,
    cycles: u64,
    dice: &mut Dice,
) -> Result<Lost, String> {
    let ground = if cut { Ground::ext4(room)? } else { Ground::folder(room)? };
    let mut database = Database::Postgres(Cluster::make(programs, &ground.path().join("postgres"))?);
    let mut lost = Lost::default();
    for cycle in 0..cycles {
        let Database::Postgres(cluster) = &mut database else { return Err("no cluster".to_owned()) };
        let mut client = cluster.connect().map_err(|fault| fault.to_string())?;
        let table =
            format!("DROP TABLE IF EXISTS written; {TABLE}; CHECKPOINT; SET synchronous_commit = off");
        client.batch_execute(&table).map_err(|fault| fault.to_string())?;
        ground.settle()?;
        let mut write = |id: &str| client.execute("INSERT INTO written VALUES ($1)", &[&id]).is_ok();
        let acknowledged = if cut {
            until_cut(&ground, dice, write)?
        } else {
            let some = 40 + dice.below(100);
            (0..some).map(|at| format!("{cycle}-{at}")).take_while(|id| write(id)).collect()
        };
        drop(client);
        cluster.killed();
        ground.comes_back()?;
        cluster.start()?;
        lost.add(&acknowledged, database.texts("SELECT id FROM written"));
    }
    drop(database);
    Ok(lost)
}

/// Writes until the power goes; what was acknowledged.
fn until_cut(
    ground: &Ground,
    dice: &mut Dice,
    mut write: impl FnMut(&str) -> bool + Send,
) -> Result<Vec<String>, String> {
    let (over, acknowledged) = (AtomicBool::new(false), Mutex::new(Vec::new()));
    let switch = ground.switch()?;
    let after = Duration::from_millis(100 + dice.below(400));
    let cut = std::thread::scope(|scope| {
        scope.spawn(|| {
            for at in 0.. {
                let id = format!("w{at}");
                if !write(&id) || over.load(Ordering::SeqCst) {
                    return;
                }
                acknowledged.lock().expect("the ledger").push(id);
            }
        });
        std::thread::sleep(after);
        over.store(true, Ordering::SeqCst);
        switch.cut()
    });
    cut?;
    acknowledged.into_inner().map_err(|_| "the ledger".to_owned())
}

/// A writer that acknowledges first and commits later, killed.
pub fn early_killed(room: &Path, cycles: u64, dice: &mut Dice) -> Result<Lost, String> {
    let ground = Ground::folder(room)?;
    let mut lost = Lost::default();
    for cycle in 0..cycles {
        let file = ground.path().join(format!("early-{cycle}.db"));
        let here = std::env::current_exe().map_err(|fault| fault.to_string())?;
        let mut writer = Command::new(here)
            .arg("write-early")
            .arg(&file)
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|fault| fault.to_string())?;
        let out = writer.stdout.take().ok_or("its output is not piped")?;
        let some = 60 + dice.below(100) as usize;
        let acknowledged: Vec<String> =
            BufReader::new(out).lines().map_while(Result::ok).take(some).collect();
        let _ = writer.kill();
        let _ = writer.wait();
        lost.add(&acknowledged, Database::Sqlite { file }.texts("SELECT id FROM written"));
    }
    Ok(lost)
}

/// The program of [`early_killed`].
pub fn write_early(file: &Path) -> rusqlite::Result<()> {
    let disk = Connection::open(file)?;
    disk.execute_batch(&format!("PRAGMA journal_mode = WAL; {TABLE}; BEGIN"))?;
    let mut out = std::io::stdout();
    for at in 0.. {
        disk.execute("INSERT INTO written VALUES (?1)", [format!("w{at}")])?;
        if writeln!(out, "w{at}").and_then(|()| out.flush()).is_err() {
            break;
        }
        if at % 50 == 49 {
            disk.execute_batch("COMMIT; BEGIN")?;
        }
    }
    Ok(())
}
