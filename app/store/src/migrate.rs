//! One migration text for both engines, applied in order, each once, each remembered with its hash.

use crate::{Engine, Error, Query, Reader, Result, Vault, erased, journal, params};

/// SQL in SQLite's words (`INTEGER`, `REAL`, `TEXT`, `BLOB`, `STRICT`); never edited after release, only followed.
#[derive(Debug, Clone, Copy)]
pub struct Migration {
    pub name: &'static str,
    pub sql: &'static str,
}

const OWN: [Migration; 2] = [
    Migration { name: "store-1", sql: journal::SCHEMA },
    Migration { name: "store-erased-1", sql: erased::SCHEMA },
];

pub(crate) fn migrate(engine: &mut Engine, vault: &Vault, migrations: &[Migration]) -> Result<()> {
    if engine.is_postgres() {
        // Two copies of the program starting together must not both create the tables.
        engine.batch("BEGIN; SELECT pg_advisory_xact_lock(727272)")?;
    } else {
        engine.batch("BEGIN IMMEDIATE")?;
    }
    let done = inside(engine, vault, &steps(migrations));
    engine.batch(if done.is_ok() { "COMMIT" } else { "ROLLBACK" })?;
    done
}

/// The store's own steps, then the rooms'.
pub(crate) fn steps(migrations: &[Migration]) -> Vec<Migration> {
    OWN.iter().chain(migrations).copied().collect()
}

pub(crate) fn hash(migration: &Migration) -> String {
    journal::hex_digest(&[migration.sql])
}

pub(crate) fn newer(step: &str) -> Error {
    Error::Setup(format!(
        "this database was written by a newer Quell (it has `{step}`); use that version or a newer one"
    ))
}

pub(crate) fn differs(step: &str) -> Error {
    Error::Setup(format!(
        "the step `{step}` of the database differs from this program's; restore a backup or use the program that made it"
    ))
}

/// Inside the caller's transaction: all steps that are missing, or none.
pub(crate) fn inside(engine: &mut Engine, vault: &Vault, steps: &[Migration]) -> Result<()> {
    let postgres = engine.is_postgres();
    engine.batch(&translated(
        "CREATE TABLE IF NOT EXISTS store_migration (name TEXT PRIMARY KEY, hash TEXT NOT NULL) STRICT",
        postgres,
    ))?;
    let applied = Reader { engine, vault }.rows("SELECT name, hash FROM store_migration", params![])?;
    for row in &applied {
        let name = row.text(0)?;
        if !steps.iter().any(|step| step.name == name) {
            return Err(newer(&name));
        }
    }
    for step in steps {
        let hash = hash(step);
        match applied.iter().find(|row| row.text(0).is_ok_and(|name| name == step.name)) {
            Some(row) if row.text(1)? == hash => {}
            Some(_) => return Err(differs(step.name)),
            None => {
                engine.batch(&translated(step.sql, postgres))?;
                let remember = "INSERT INTO store_migration (name, hash) VALUES ($1, $2)";
                engine.run(remember, params![step.name, &hash])?;
            }
        }
    }
    Ok(())
}

/// Word by word: PostgreSQL sorts text by bytes like SQLite does, because territories are ranges of text.
fn translated(sql: &str, postgres: bool) -> String {
    if !postgres {
        return sql.to_owned();
    }
    // SQLite keeps such a table as the tree of its key alone, one write a row instead of two; PostgreSQL has no such thing.
    sql.replace(", WITHOUT ROWID", "")
        .split_inclusive(|c: char| !c.is_ascii_alphabetic())
        .map(|piece| {
            let word = piece.trim_end_matches(|c: char| !c.is_ascii_alphabetic());
            let instead = match word {
                "INTEGER" => "BIGINT",
                "REAL" => "DOUBLE PRECISION",
                "TEXT" => "TEXT COLLATE \"C\"",
                "BLOB" => "BYTEA",
                "STRICT" => "",
                other => other,
            };
            format!("{instead}{}", &piece[word.len()..])
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::translated;

    #[test]
    fn one_text_serves_both_engines() {
        let sql = "CREATE TABLE t (a TEXT NOT NULL, b INTEGER, c REAL, d BLOB) STRICT, WITHOUT ROWID;";
        assert_eq!(translated(sql, false), sql);
        assert_eq!(
            translated(sql, true),
            "CREATE TABLE t (a TEXT COLLATE \"C\" NOT NULL, b BIGINT, c DOUBLE PRECISION, d BYTEA) ;"
        );
    }
}
