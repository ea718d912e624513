//! A question to the database, and the transaction a change is applied in.

use crate::{Actor, Engine, Result, Row, Scope, Value, Vault};
use base::Moment;
use std::collections::BTreeSet;

/// Anything that can answer a query: a reader or a transaction.
pub trait Query {
    fn rows(&mut self, sql: &str, params: &[Value]) -> Result<Vec<Row>>;

    /// Calls `each` for every row without keeping them; for exports.
    fn each(&mut self, sql: &str, params: &[Value], each: &mut dyn FnMut(Row) -> Result<()>) -> Result<()>;

    fn vault(&self) -> &Vault;

    fn first(&mut self, sql: &str, params: &[Value]) -> Result<Option<Row>> {
        Ok(self.rows(sql, params)?.into_iter().next())
    }

    /// Several questions that need nothing of each other's answers: PostgreSQL is asked them in one trip.
    fn together(&mut self, questions: &[(&str, &[Value])]) -> Result<Vec<Vec<Row>>>;

    fn count(&mut self, sql: &str, params: &[Value]) -> Result<i64> {
        self.first(sql, params)?.map_or(Ok(0), |row| row.int(0))
    }
}

/// A connection lent for reading.
pub struct Reader<'a> {
    pub(crate) engine: &'a mut Engine,
    pub(crate) vault: &'a Vault,
}

impl Query for Reader<'_> {
    fn rows(&mut self, sql: &str, params: &[Value]) -> Result<Vec<Row>> {
        self.engine.rows(sql, params)
    }
    fn each(&mut self, sql: &str, params: &[Value], each: &mut dyn FnMut(Row) -> Result<()>) -> Result<()> {
        self.engine.each(sql, params, each)
    }
    fn together(&mut self, questions: &[(&str, &[Value])]) -> Result<Vec<Vec<Row>>> {
        self.engine.together(questions)
    }
    fn vault(&self) -> &Vault {
        self.vault
    }
}

/// The transaction of one change: who does it and at what moment stands beside the connection. There is no other clock.
pub struct Tx<'a> {
    pub(crate) engine: &'a mut Engine,
    pub(crate) vault: &'a Vault,
    pub actor: &'a Actor,
    pub at: Moment,
    pub(crate) known: &'a mut Known,
}

/// What a commit knows of the journal, so that its changes need not each ask: whoever commits holds the chain alone.
#[derive(Default)]
pub(crate) struct Known {
    /// The last row and its hash.
    pub last: Option<(i64, String)>,
    /// Of this commit's changes, those the journal has never seen.
    pub fresh: BTreeSet<String>,
}

impl Query for Tx<'_> {
    fn rows(&mut self, sql: &str, params: &[Value]) -> Result<Vec<Row>> {
        self.engine.rows(sql, params)
    }
    fn each(&mut self, sql: &str, params: &[Value], each: &mut dyn FnMut(Row) -> Result<()>) -> Result<()> {
        self.engine.each(sql, params, each)
    }
    fn together(&mut self, questions: &[(&str, &[Value])]) -> Result<Vec<Vec<Row>>> {
        self.engine.together(questions)
    }
    fn vault(&self) -> &Vault {
        self.vault
    }
}

/// So few rows are one statement, whatever their number: a single change must not make the trip twice.
pub(crate) const FEW: usize = 8;

impl Tx<'_> {
    /// What follows from a change by itself may lie further than whoever made it reaches: that part is applied with another reach, in
    /// their name. Nothing of what they asked for may be in it unlooked at.
    pub fn reaching<T>(&mut self, scope: Scope, part: impl FnOnce(&mut Tx<'_>) -> Result<T>) -> Result<T> {
        let actor = Actor { id: self.actor.id.clone(), scope };
        part(&mut Tx {
            engine: &mut *self.engine,
            vault: self.vault,
            actor: &actor,
            at: self.at,
            known: &mut *self.known,
        })
    }

    /// Returns how many rows were touched.
    pub fn run(&mut self, sql: &str, params: &[Value]) -> Result<u64> {
        self.engine.run(sql, params)
    }

    /// Writes what is sure to be taken (it was looked at before, or says what to do on conflict) and whose number of rows nobody needs:
    /// to PostgreSQL it travels with the next question, and what was wrong with it is told there, or before the change stands.
    pub fn put(&mut self, sql: &str, params: &[Value]) -> Result<()> {
        self.engine.put(sql, params)
    }

    /// Many rows into one table, a few statements: `head` is `INSERT INTO t (a, b)`, `tail` an `ON CONFLICT …` or empty.
    pub fn insert_many(&mut self, head: &str, width: usize, rows: &[Vec<Value>], tail: &str) -> Result<()> {
        // 32,766 parameters is SQLite's limit and PostgreSQL's is 65,535; powers of two keep few distinct statements.
        let mut most = 128;
        while most * width > 8_000 {
            most /= 2;
        }
        let mut rest = rows;
        while !rest.is_empty() {
            let mut take = most;
            while take > rest.len() {
                take /= 2;
            }
            if rest.len() <= FEW {
                take = rest.len();
            }
            let (now, later) = rest.split_at(take);
            rest = later;
            let mut sql = format!("{head} VALUES ");
            for row in 0..take {
                sql.push_str(if row == 0 { "(" } else { ",(" });
                for column in 0..width {
                    let separator = if column == 0 { "" } else { "," };
                    sql.push_str(&format!("{separator}${}", row * width + column + 1));
                }
                sql.push(')');
            }
            sql.push(' ');
            sql.push_str(tail);
            let params: Vec<Value> = now.iter().flatten().cloned().collect();
            self.engine.put(&sql, &params)?;
        }
        Ok(())
    }
}
