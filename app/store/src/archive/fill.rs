//! Rows into empty tables, as fast as each engine takes them.

use super::{Manifest, Part, cells, check::damaged};
use crate::{Engine, Error, Result, Value, params};
use std::fs::File;
use std::io::{BufReader, Read, Seek, SeekFrom};
use std::path::Path;
use std::pin::pin;
use tokio_postgres::binary_copy::BinaryCopyInWriter;
use tokio_postgres::types::{ToSql, Type};

pub(super) fn fill(engine: &mut Engine, file: &Path, manifest: &Manifest) -> Result<()> {
    let told = |fault: std::io::Error| damaged(file, &fault.to_string());
    let indexes = put_indexes_aside(engine)?;
    let mut open = BufReader::with_capacity(1024 * 1024, File::open(file).map_err(told)?);
    open.seek(SeekFrom::Start(super::BEGINS.len() as u64)).map_err(told)?;
    for part in &manifest.parts {
        let mut rows = Rows { from: open.by_ref().take(part.bytes), columns: part.columns.len(), file };
        // The steps have been written by the migrations themselves.
        if part.table == "store_migration" {
            std::io::copy(&mut rows.from, &mut std::io::sink()).map_err(told)?;
            continue;
        }
        has_the_columns(engine, part)?;
        engine.batch(&format!("DELETE FROM {}", part.table))?;
        let count = match engine {
            Engine::Sqlite(connection) => insert(connection, part, &mut rows)?,
            Engine::Postgres(_) => copy(engine, part, &mut rows)?,
        };
        if count != part.rows {
            return Err(damaged(file, &format!("`{}` has {count} rows, not {}", part.table, part.rows)));
        }
    }
    indexes.iter().try_for_each(|sql| engine.batch(sql))
}

struct Rows<'a, R> {
    from: std::io::Take<R>,
    columns: usize,
    file: &'a Path,
}

impl<R: std::io::BufRead> Rows<'_, R> {
    fn next(&mut self, row: &mut Vec<Value>) -> Result<bool> {
        row.clear();
        if self.from.limit() == 0 {
            return Ok(false);
        }
        for _ in 0..self.columns {
            row.push(cells::take(&mut self.from).map_err(|fault| damaged(self.file, &fault.to_string()))?);
        }
        Ok(true)
    }
}

/// A newer table has the columns of an older one, but not the other way round.
fn has_the_columns(engine: &mut Engine, part: &Part) -> Result<()> {
    let here = super::write::columns(engine, &part.table)?;
    if part.columns.iter().all(|column| here.contains(column)) {
        return Ok(());
    }
    Err(Error::Setup(format!(
        "the table `{}` of this backup has columns that this program does not know; use the version that wrote it",
        part.table
    )))
}

fn insert<R: std::io::BufRead>(
    connection: &rusqlite::Connection,
    part: &Part,
    rows: &mut Rows<'_, R>,
) -> Result<u64> {
    let places: Vec<String> = (1..=part.columns.len()).map(|at| format!("?{at}")).collect();
    let sql =
        format!("INSERT INTO {} ({}) VALUES ({})", part.table, part.columns.join(", "), places.join(", "));
    let mut statement = connection.prepare(&sql)?;
    let (mut row, mut count) = (Vec::new(), 0);
    while rows.next(&mut row)? {
        statement.execute(rusqlite::params_from_iter(&row))?;
        count += 1;
    }
    Ok(count)
}

fn copy<R: std::io::BufRead>(engine: &mut Engine, part: &Part, rows: &mut Rows<'_, R>) -> Result<u64> {
    let Engine::Postgres(postgres) = engine else { return Err(Error::Closed) };
    let (client, runtime) = postgres.client()?;
    let columns = part.columns.join(", ");
    let shape = runtime.block_on(client.prepare(&format!("SELECT {columns} FROM {}", part.table)))?;
    let types: Vec<Type> = shape.columns().iter().map(|column| column.type_().clone()).collect();
    let copy = format!("COPY {} ({columns}) FROM STDIN BINARY", part.table);
    let sink = runtime.block_on(client.copy_in(&copy))?;
    let mut writer = pin!(BinaryCopyInWriter::new(sink, &types));
    let (mut row, mut count) = (Vec::new(), 0);
    while rows.next(&mut row)? {
        let values: Vec<&(dyn ToSql + Sync)> = row.iter().map(|value| value as &(dyn ToSql + Sync)).collect();
        runtime.block_on(writer.as_mut().write(&values))?;
        count += 1;
    }
    runtime.block_on(writer.finish())?;
    Ok(count)
}

/// An index built once over all rows costs a fraction of one kept through every insert. Gives the statements that make
/// them again.
fn put_indexes_aside(engine: &mut Engine) -> Result<Vec<String>> {
    let sql = if engine.is_postgres() {
        "SELECT i.indexname::text, i.indexdef FROM pg_indexes i WHERE i.schemaname = current_schema() AND NOT EXISTS \
         (SELECT 1 FROM pg_constraint c WHERE c.conname = i.indexname AND c.connamespace = current_schema()::regnamespace)"
    } else {
        "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL"
    };
    let mut again = Vec::new();
    for row in engine.rows(sql, params![])? {
        engine.batch(&format!("DROP INDEX {}", row.text(0)?))?;
        again.push(row.text(1)?);
    }
    Ok(again)
}
