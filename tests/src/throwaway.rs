//! A database that lasts for one scene.

use std::path::{Path, PathBuf};
use store::{Place, random_bits};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Engine {
    Sqlite,
    Postgres,
}

/// Removed with everything in it when it goes out of scope, also when the scene fails.
pub struct Throwaway {
    pub folder: PathBuf,
    postgres: Option<Cluster>,
    tampered: std::cell::Cell<bool>,
}

/// A database of our own in somebody's cluster.
struct Cluster {
    /// Where databases are made and dropped.
    front: String,
    database: String,
}

impl Throwaway {
    /// `None`: this engine is not here; why has been printed.
    pub fn make(engine: Engine) -> Option<Throwaway> {
        let name = format!("quell_scene_{:016x}", random_bits() as u64);
        let postgres = match engine {
            Engine::Sqlite => None,
            Engine::Postgres => Some(Cluster::with_database(&name)?),
        };
        let folder = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&folder).expect("a folder for the scene");
        Some(Throwaway { folder, postgres, tampered: std::cell::Cell::new(false) })
    }

    pub fn place(&self) -> Place {
        match &self.postgres {
            None => Place::Folder(self.folder.clone()),
            Some(cluster) => Place::Postgres { url: cluster.url(), keys: self.folder.join("keys") },
        }
    }

    /// Runs SQL past Quell, as somebody would who holds the disk or the database server.
    pub fn tamper(&self, sql: &str) {
        self.tampered.set(true);
        match &self.postgres {
            None => {
                let file = self.folder.join("quell.db");
                rusqlite::Connection::open(file).and_then(|disk| disk.execute_batch(sql)).expect("tampering");
            }
            Some(cluster) => ask(&cluster.url(), |client| client.batch_execute(sql)),
        }
    }

    pub fn was_tampered_with(&self) -> bool {
        self.tampered.get()
    }

    /// Every value of every row of every table, as text.
    pub fn every_value(&self) -> Vec<(String, String)> {
        match &self.postgres {
            None => every_sqlite_value(&self.folder.join("quell.db")).expect("the tables can be read"),
            Some(cluster) => ask(&cluster.url(), every_postgres_value),
        }
    }

    /// Every row of these columns as one text, in an order of its own.
    pub fn rows(&self, table: &str, columns: &[String]) -> Vec<String> {
        let mut rows = match &self.postgres {
            None => {
                let all: Vec<String> = columns.iter().map(|name| format!("quote({name})")).collect();
                self.texts(&format!("SELECT {} FROM {table}", all.join(" || ',' || ")))
            }
            Some(_) => {
                let all: Vec<String> =
                    columns.iter().map(|name| format!("quote_nullable({name}::text)")).collect();
                self.texts(&format!("SELECT {} FROM {table}", all.join(" || ',' || ")))
            }
        };
        rows.sort();
        rows
    }

    /// Every table with its columns.
    pub fn tables(&self) -> Vec<(String, Vec<String>)> {
        let tables = self.texts(if self.postgres.is_none() {
            "SELECT name FROM sqlite_master WHERE type = 'table' AND substr(name, 1, 7) <> 'sqlite_' ORDER BY 1"
        } else {
            "SELECT table_name::text FROM information_schema.tables WHERE table_schema = 'public' ORDER BY 1"
        });
        let columns = |table: &String| {
            self.texts(&if self.postgres.is_none() {
                format!("SELECT name FROM pragma_table_info('{table}') ORDER BY cid")
            } else {
                format!(
                    "SELECT column_name::text FROM information_schema.columns \
                     WHERE table_schema = 'public' AND table_name = '{table}' ORDER BY ordinal_position"
                )
            })
        };
        tables.iter().map(|table| (table.clone(), columns(table))).collect()
    }

    fn texts(&self, sql: &str) -> Vec<String> {
        match &self.postgres {
            None => {
                let read = |disk: rusqlite::Connection| {
                    let mut rows = disk.prepare(sql)?;
                    let texts = rows.query_map([], |row| row.get(0))?;
                    texts.collect::<rusqlite::Result<Vec<String>>>()
                };
                rusqlite::Connection::open(self.folder.join("quell.db")).and_then(read).expect("rows")
            }
            Some(cluster) => ask(&cluster.url(), |client| {
                Ok(client.query(sql, &[])?.iter().map(|row| row.get(0)).collect())
            }),
        }
    }

    /// Everything that lies in the scene's folder (database, log, uploads, keys, backups), and for PostgreSQL the pages and
    /// the log of its server, as they lie on the disk.
    pub fn raw_files(&self) -> Vec<(PathBuf, Vec<u8>)> {
        let mut files = Vec::new();
        every_file(&self.folder, &mut files);
        if let Some(cluster) = &self.postgres {
            let told = ask(&cluster.url(), |client| {
                client.batch_execute("CHECKPOINT")?;
                let sql = "SELECT current_setting('data_directory') || '/base/' || oid::text, \
                           current_setting('data_directory') || '/pg_wal' FROM pg_database WHERE datname = current_database()";
                client.query_one(sql, &[])
            });
            let before = files.len();
            for folder in [told.get::<_, String>(0), told.get::<_, String>(1)] {
                every_file(Path::new(&folder), &mut files);
            }
            if files.len() == before {
                println!("skipped: the files of the PostgreSQL server cannot be read from here");
            }
        }
        files
    }
}

fn every_file(folder: &Path, files: &mut Vec<(PathBuf, Vec<u8>)>) {
    let entries = std::fs::read_dir(folder).into_iter().flatten();
    for path in entries.filter_map(|entry| entry.ok().map(|entry| entry.path())) {
        if path.is_dir() {
            every_file(&path, files);
        } else if let Ok(bytes) = std::fs::read(&path) {
            files.push((path, bytes));
        }
    }
}

impl Drop for Throwaway {
    fn drop(&mut self) {
        if let Some(cluster) = &self.postgres {
            let drop = format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", cluster.database);
            ask(&cluster.front, |client| client.batch_execute(&drop));
        }
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

impl Cluster {
    fn with_database(name: &str) -> Option<Cluster> {
        let Ok(front) = std::env::var("QUELL_TEST_POSTGRES") else {
            println!("skipped: QUELL_TEST_POSTGRES is not set (run under tests/with-postgres.sh)");
            return None;
        };
        let create = format!("CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C'");
        ask(&front, |client| client.batch_execute(&create));
        Some(Cluster { front, database: name.to_owned() })
    }

    fn url(&self) -> String {
        let (server, _) = self.front.rsplit_once('/').expect("postgres://user@host:port/database");
        format!("{server}/{}", self.database)
    }
}

/// On a thread of its own: the client waits, and must not do so where futures run.
fn ask<T: Send>(
    url: &str,
    question: impl FnOnce(&mut postgres::Client) -> Result<T, postgres::Error> + Send,
) -> T {
    std::thread::scope(|scope| {
        let asked = scope.spawn(|| {
            let mut client = postgres::Client::connect(url, postgres::NoTls)?;
            question(&mut client)
        });
        asked.join().expect("the question was asked").expect("PostgreSQL answers")
    })
}

fn every_sqlite_value(file: &Path) -> rusqlite::Result<Vec<(String, String)>> {
    let disk = rusqlite::Connection::open(file)?;
    let mut tables = disk.prepare("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")?;
    let tables: Vec<String> = tables.query_map([], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?;
    let mut values = Vec::new();
    for table in tables {
        let mut rows = disk.prepare(&format!("SELECT * FROM \"{table}\""))?;
        let columns = rows.column_count();
        let mut rows = rows.query([])?;
        while let Some(row) = rows.next()? {
            for column in 0..columns {
                let text = match row.get_ref(column)? {
                    rusqlite::types::ValueRef::Text(text) => String::from_utf8_lossy(text).into_owned(),
                    rusqlite::types::ValueRef::Blob(bytes) => String::from_utf8_lossy(bytes).into_owned(),
                    rusqlite::types::ValueRef::Integer(number) => number.to_string(),
                    rusqlite::types::ValueRef::Real(number) => number.to_string(),
                    rusqlite::types::ValueRef::Null => continue,
                };
                values.push((table.clone(), text));
            }
        }
    }
    Ok(values)
}

/// A whole row as one text: for PostgreSQL a row has a text form of its own.
fn every_postgres_value(client: &mut postgres::Client) -> Result<Vec<(String, String)>, postgres::Error> {
    let tables = client.query(
        "SELECT table_name FROM information_schema.tables WHERE table_schema = current_schema() ORDER BY table_name",
        &[],
    )?;
    let mut values = Vec::new();
    for table in tables {
        let table: String = table.get(0);
        for row in client.query(&format!("SELECT one::text FROM \"{table}\" AS one"), &[])? {
            values.push((table.clone(), row.get(0)));
        }
    }
    Ok(values)
}
