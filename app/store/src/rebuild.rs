//! The tables made again from the journal alone, and compared with those there are. What a change wrote must follow from
//! its row and from the rows before it; the few columns of which that is not true are named with a reason.

use crate::change::to_json;
use crate::tx::Known;
use crate::{
    Actor, Change, Engine, Entry, Error, Migration, Place, Query, Reader, Result, Row, Scope, Tx, Value,
    Vault, journal, migrate, params,
};
use base::Moment;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::mpsc;

/// A change as the journal knows it: a name, and how its row is applied again.
#[derive(Clone, Copy)]
pub struct Retold {
    pub name: &'static str,
    again: fn(&str, &mut Tx<'_>) -> Result<String>,
}

impl Retold {
    pub const fn of<C: Change>() -> Retold {
        Retold { name: C::NAME, again: again::<C> }
    }
}

/// Neither permission nor territory is asked for: that was done when the row was written. Nothing is sealed again.
fn again<C: Change>(body: &str, tx: &mut Tx<'_>) -> Result<String> {
    let change: C = serde_json::from_str(body)
        .map_err(|fault| Error::Shape(format!("its row does not read as that change ({fault})")))?;
    let out = change.apply(tx)?;
    to_json(&out)
}

/// What the journal does not hold, and why.
#[derive(Debug, Clone, Copy)]
pub struct LeftOut {
    pub table: &'static str,
    /// The whole table, when none is named.
    pub column: Option<&'static str>,
    pub why: &'static str,
}

/// A row that could not be told again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Untold {
    pub seq: i64,
    pub change: String,
    pub why: String,
}

/// Where the tables made again differ from those there are. Values are not told: they may be about people.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Difference {
    pub table: String,
    pub key: String,
    pub what: What,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum What {
    /// The journal tells of it, and it is not in the tables.
    Missing,
    /// It is in the tables, and no journal row wrote it.
    Unexplained,
    /// These columns hold something else than the journal says.
    Other(Vec<String>),
}

impl std::fmt::Display for Difference {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.what {
            What::Missing => {
                write!(f, "{} {}: the journal tells of it, the table does not have it", self.table, self.key)
            }
            What::Unexplained => write!(f, "{} {}: no row of the journal wrote it", self.table, self.key),
            What::Other(columns) => {
                write!(f, "{} {}: differs from the journal in {}", self.table, self.key, columns.join(", "))
            }
        }
    }
}

/// A new database into which the journal is told.
pub struct Rebuild {
    engine: Engine,
    retold: BTreeMap<&'static str, Retold>,
    pub rows: i64,
    pub untold: Vec<Untold>,
    /// The last row told, and its hash.
    pub reached: (i64, String),
}

impl Rebuild {
    pub fn in_memory(vault: &Vault, migrations: &[Migration], retold: &[Retold]) -> Result<Rebuild> {
        Rebuild::begin(Engine::Sqlite(rusqlite::Connection::open_in_memory()?), vault, migrations, retold)
    }

    /// In a file that is only worth something when the rebuilding has ended: nothing is synced before [`Rebuild::end`].
    pub fn in_file(
        file: &Path,
        vault: &Vault,
        migrations: &[Migration],
        retold: &[Retold],
    ) -> Result<Rebuild> {
        let engine = Engine::open_sqlite(file, true)?;
        if let Engine::Sqlite(connection) = &engine {
            connection.pragma_update(None, "synchronous", "OFF")?;
        }
        Rebuild::begin(engine, vault, migrations, retold)
    }

    fn begin(
        mut engine: Engine,
        vault: &Vault,
        migrations: &[Migration],
        retold: &[Retold],
    ) -> Result<Rebuild> {
        migrate::migrate(&mut engine, vault, migrations)?;
        Rebuild::over(engine, vault, retold)
    }

    /// A database that was restored from a backup, to go on from there.
    pub fn onto(place: &Place, vault: &Vault, retold: &[Retold]) -> Result<Rebuild> {
        Rebuild::over(place.open(true)?, vault, retold)
    }

    fn over(mut engine: Engine, vault: &Vault, retold: &[Retold]) -> Result<Rebuild> {
        engine.batch("BEGIN")?;
        let sql = "SELECT seq, hash FROM journal ORDER BY seq DESC LIMIT 1";
        let last = Reader { engine: &mut engine, vault }.first(sql, params![])?;
        let reached = match last {
            Some(row) => (row.int(0)?, row.text(1)?),
            None => (0, String::new()),
        };
        let retold = retold.iter().map(|change| (change.name, *change)).collect();
        Ok(Rebuild { engine, retold, rows: 0, untold: Vec::new(), reached })
    }

    /// The whole journal, or its part up to a moment, with the keys that still exist: what was erased stays shut.
    pub fn follow(&mut self, from: &mut Reader<'_>, until: Option<Moment>) -> Result<()> {
        let vault = from.vault;
        self.copy_keys(from)?;
        journal::each_entry(from, 0, &mut |entry| {
            if until.is_none_or(|until| entry.at <= until) { self.tell(vault, &entry) } else { Ok(()) }
        })?;
        // A subject that was forgotten and came back has a key again, which an earlier row has just destroyed here.
        self.copy_keys(from)
    }

    /// Tells a row that comes after those that are here; of those it only sees that they are the same journal's.
    pub fn continues(&mut self, vault: &Vault, entry: &Entry) -> Result<()> {
        let (seq, hash) = &self.reached;
        if entry.seq < *seq {
            return Ok(());
        }
        let follows = if entry.seq == *seq {
            entry.hash == *hash
        } else {
            entry.seq == seq + 1 && entry.hash == entry.hash_after(hash)
        };
        if !follows {
            return Err(Error::Setup(format!(
                "row {} of this journal does not follow row {seq} of the backup: it is another journal, or rows between are missing",
                entry.seq
            )));
        }
        if entry.seq > *seq { self.tell(vault, entry) } else { Ok(()) }
    }

    /// The keys that exist there and not here.
    pub fn copy_keys(&mut self, from: &mut Reader<'_>) -> Result<()> {
        let sql = "INSERT INTO people_key (owner, wrapped) VALUES ($1, $2) ON CONFLICT (owner) DO NOTHING";
        from.each("SELECT owner, wrapped FROM people_key", params![], &mut |row| {
            self.engine.run(sql, &row.0).map(|_| ())
        })
    }

    /// Applies one row again and keeps it as it stands. A row that cannot be applied is noted, and the next one follows.
    pub fn tell(&mut self, vault: &Vault, entry: &Entry) -> Result<()> {
        let territory = entry.territory.parse().unwrap_or_default();
        let scope = Scope::as_recorded(territory, &entry.purpose);
        let actor = Actor { id: entry.actor.clone(), scope };
        self.engine.batch("SAVEPOINT told")?;
        let mut tx =
            Tx { engine: &mut self.engine, vault, actor: &actor, at: entry.at, known: &mut Known::default() };
        let outcome = match self.retold.get(entry.change.as_str()) {
            Some(change) => (change.again)(&entry.body, &mut tx),
            None => Err(Error::Setup("this program knows no change of that name".to_owned())),
        };
        let why = match outcome {
            Ok(out) => (out != entry.out).then(|| "it answers otherwise than it did".to_owned()),
            Err(fault) => {
                self.engine.batch("ROLLBACK TO told")?;
                Some(fault.to_string())
            }
        };
        self.engine.batch("RELEASE told")?;
        if let Some(why) = why {
            self.untold.push(Untold { seq: entry.seq, change: entry.change.clone(), why });
        }
        self.rows += 1;
        self.reached = (entry.seq, entry.hash.clone());
        journal::keep(
            &mut Tx {
                engine: &mut self.engine,
                vault,
                actor: &actor,
                at: entry.at,
                known: &mut Known::default(),
            },
            entry,
        )
    }

    /// Makes what was told durable.
    pub fn end(mut self) -> Result<()> {
        self.engine.batch("COMMIT")?;
        if let Engine::Sqlite(connection) = &self.engine {
            connection.pragma_update(None, "synchronous", "FULL")?;
        }
        if self.engine.is_postgres() { Ok(()) } else { self.engine.batch("PRAGMA wal_checkpoint(TRUNCATE)") }
    }

    /// Every table, row by row, against those of `with`.
    pub fn compare(&mut self, with: &mut Reader<'_>, left_out: &[LeftOut]) -> Result<Vec<Difference>> {
        let mut differences = Vec::new();
        for table in self.tables()? {
            let whole = left_out.iter().any(|left| left.table == table && left.column.is_none());
            if whole || table == "store_migration" {
                continue;
            }
            let columns = self.columns(&table, left_out)?;
            compare_table(&mut self.engine, with, &table, &columns, &mut differences)?;
        }
        Ok(differences)
    }

    pub fn tables(&mut self) -> Result<Vec<String>> {
        let sql =
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name";
        self.engine.rows(sql, params![])?.iter().map(|row| row.text(0)).collect()
    }

    /// Key first, then what is compared.
    pub fn columns(&mut self, table: &str, left_out: &[LeftOut]) -> Result<Columns> {
        let sql = format!("SELECT name, pk FROM pragma_table_info('{table}') ORDER BY pk = 0, pk, cid");
        let mut columns = Columns { names: Vec::new(), keys: 0 };
        for row in self.engine.rows(&sql, params![])? {
            let name = row.text(0)?;
            if row.int(1)? > 0 {
                columns.keys += 1;
            } else if left_out.iter().any(|left| left.table == table && left.column == Some(name.as_str())) {
                continue;
            }
            columns.names.push(name);
        }
        Ok(columns)
    }
}

#[derive(Debug, Clone)]
pub struct Columns {
    pub names: Vec<String>,
    pub keys: usize,
}

/// Two sorted streams side by side; one of them read by a thread of its own, so that neither is held in memory.
fn compare_table(
    rebuilt: &mut Engine,
    with: &mut Reader<'_>,
    table: &str,
    columns: &Columns,
    differences: &mut Vec<Difference>,
) -> Result<()> {
    let keys = if columns.keys == 0 { &columns.names } else { &columns.names[..columns.keys] };
    let sql = format!("SELECT {} FROM {table} ORDER BY {}", columns.names.join(", "), keys.join(", "));
    let (sender, told) = mpsc::sync_channel::<Row>(1_024);
    std::thread::scope(|scope| {
        let text = &sql;
        let telling = scope.spawn(move || {
            rebuilt.each(text, params![], &mut |row| sender.send(row).map_err(|_| Error::Closed))
        });
        let mut zip =
            Zip { table, columns, keys: keys.len(), told: &told, next: told.recv().ok(), differences };
        with.each(&sql, params![], &mut |row| {
            zip.meets(&row);
            Ok(())
        })?;
        zip.ends();
        telling.join().map_err(|_| Error::Closed)?
    })
}

struct Zip<'a> {
    table: &'a str,
    columns: &'a Columns,
    keys: usize,
    told: &'a mpsc::Receiver<Row>,
    next: Option<Row>,
    differences: &'a mut Vec<Difference>,
}

impl Zip<'_> {
    fn meets(&mut self, there: &Row) {
        loop {
            let Some(told) = &self.next else { return self.note(there, What::Unexplained) };
            match order(&told.0[..self.keys], &there.0[..self.keys]) {
                std::cmp::Ordering::Less => {
                    let missing = told.clone();
                    self.note(&missing, What::Missing);
                    self.next = self.told.recv().ok();
                }
                std::cmp::Ordering::Greater => return self.note(there, What::Unexplained),
                std::cmp::Ordering::Equal => {
                    let other = self.columns.names.iter().zip(told.0.iter().zip(&there.0));
                    let other: Vec<String> = other
                        .filter(|(_, (told, there))| told != there)
                        .map(|(name, _)| name.clone())
                        .collect();
                    if !other.is_empty() {
                        self.note(there, What::Other(other));
                    }
                    self.next = self.told.recv().ok();
                    return;
                }
            }
        }
    }

    fn ends(&mut self) {
        while let Some(missing) = self.next.take() {
            self.note(&missing, What::Missing);
            self.next = self.told.recv().ok();
        }
    }

    fn note(&mut self, row: &Row, what: What) {
        let key: Vec<String> = row.0[..self.keys].iter().map(shown).collect();
        self.differences.push(Difference { table: self.table.to_owned(), key: key.join(" "), what });
    }
}

fn shown(value: &Value) -> String {
    match value {
        Value::Text(text) => text.clone(),
        Value::Int(number) => number.to_string(),
        Value::Real(number) => number.to_string(),
        Value::Bytes(_) => "(bytes)".to_owned(),
        Value::Null => "(nothing)".to_owned(),
    }
}

fn order(one: &[Value], other: &[Value]) -> std::cmp::Ordering {
    let rank = |value: &Value| match value {
        Value::Null => 0,
        Value::Int(_) | Value::Real(_) => 1,
        Value::Text(_) => 2,
        Value::Bytes(_) => 3,
    };
    let pair = |(one, other): (&Value, &Value)| match (one, other) {
        (Value::Int(a), Value::Int(b)) => a.cmp(b),
        (Value::Real(a), Value::Real(b)) => a.total_cmp(b),
        (Value::Text(a), Value::Text(b)) => a.cmp(b),
        (Value::Bytes(a), Value::Bytes(b)) => a.cmp(b),
        (a, b) => rank(a).cmp(&rank(b)),
    };
    one.iter().zip(other).map(pair).find(|order| order.is_ne()).unwrap_or(std::cmp::Ordering::Equal)
}
