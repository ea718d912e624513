//! One connection to PostgreSQL. A trip to the server costs more than most of what is asked there, so what nobody waits for travels
//! with the next question: the server takes one after the other, and answers all of it at once.

use crate::{Error, Result, Row, Value};
use futures_util::TryStreamExt;
use futures_util::future::{join, join_all};
use std::collections::BTreeMap;
use std::pin::pin;
use tokio::runtime::Runtime;
use tokio_postgres::{Client, Statement};

pub struct Postgres {
    client: Client,
    /// Carries the connection while something is asked. Nothing else runs on it.
    runtime: Runtime,
    /// Prepared statements by text: the client does not keep them itself.
    prepared: BTreeMap<String, Statement>,
    waiting: Vec<Waiting>,
}

/// What is written and has not been sent yet.
struct Waiting {
    statement: Statement,
    params: Vec<Value>,
}

/// Past this many distinct texts a connection's statements are forgotten.
const STATEMENTS: usize = 256;

/// More than this is sent without a question: whoever prepares more need not wait until the server begins.
const MOST_WAITING: usize = 24;

type Answer<T> = std::result::Result<T, tokio_postgres::Error>;

impl Postgres {
    pub(crate) fn open(url: &str) -> Result<Postgres> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|fault| Error::Setup(format!("no connection to PostgreSQL: {fault}")))?;
        let client = crate::wire::connect(url, &runtime)?;
        let mut postgres = Postgres { client, runtime, prepared: BTreeMap::new(), waiting: Vec::new() };
        postgres
            .say("SET synchronous_commit = on; SET timezone = 'UTC'; SET standard_conforming_strings = on")?;
        Ok(postgres)
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.client.is_closed()
    }

    /// For what the engine has no words for: a client and what carries it. Nothing is waiting then.
    pub(crate) fn client(&mut self) -> Result<(&Client, &Runtime)> {
        self.settle()?;
        Ok((&self.client, &self.runtime))
    }

    fn prepared(&mut self, sql: &str) -> Result<Statement> {
        if let Some(statement) = self.prepared.get(sql) {
            return Ok(statement.clone());
        }
        let statement = self.runtime.block_on(self.client.prepare(sql))?;
        if self.prepared.len() >= STATEMENTS {
            self.prepared.clear();
        }
        self.prepared.insert(sql.to_owned(), statement.clone());
        Ok(statement)
    }

    /// Sends what waits and what is asked for in this order, in one trip. What failed first is told: whatever came after it in a
    /// transaction failed for that.
    fn after_waiting<'a, T>(&'a mut self, asked: impl AsyncFnOnce(&'a Client) -> Answer<T>) -> Result<T> {
        let waiting = std::mem::take(&mut self.waiting);
        let client = &self.client;
        let sent = join_all(waiting.iter().map(|one| one.sent(client)));
        let (sent, answer) = self.runtime.block_on(join(sent, asked(client)));
        for one in sent {
            one?;
        }
        Ok(answer?)
    }

    /// Everything that was written has been taken by the server, or this says why not.
    pub(crate) fn settle(&mut self) -> Result<()> {
        if self.waiting.is_empty() { Ok(()) } else { self.after_waiting(async |_| Ok(())) }
    }

    pub(crate) fn rows(&mut self, sql: &str, params: &[Value]) -> Result<Vec<Row>> {
        let statement = self.prepared(sql)?;
        self.after_waiting(async |client| all_rows(client, &statement, params).await)?
            .iter()
            .map(Row::of_postgres)
            .collect()
    }

    /// Several questions in one trip.
    pub(crate) fn together(&mut self, questions: &[(&str, &[Value])]) -> Result<Vec<Vec<Row>>> {
        let statements: Vec<Statement> =
            questions.iter().map(|(sql, _)| self.prepared(sql)).collect::<Result<_>>()?;
        let answers = self.after_waiting(async |client| {
            let asked = statements
                .iter()
                .zip(questions)
                .map(|(statement, (_, params))| all_rows(client, statement, params));
            join_all(asked).await.into_iter().collect::<Answer<Vec<_>>>()
        })?;
        answers.iter().map(|rows| rows.iter().map(Row::of_postgres).collect()).collect()
    }

    /// Row by row as they come, none kept.
    pub(crate) fn each(
        &mut self,
        sql: &str,
        params: &[Value],
        each: &mut dyn FnMut(Row) -> Result<()>,
    ) -> Result<()> {
        let statement = self.prepared(sql)?;
        let mut rows = pin!(self.after_waiting(async |client| client.query_raw(&statement, params).await)?);
        while let Some(row) = self.runtime.block_on(rows.try_next())? {
            each(Row::of_postgres(&row)?)?;
        }
        Ok(())
    }

    pub(crate) fn run(&mut self, sql: &str, params: &[Value]) -> Result<u64> {
        let statement = self.prepared(sql)?;
        self.after_waiting(async |client| client.execute_raw(&statement, params).await)
    }

    /// Travels with the next question.
    pub(crate) fn put(&mut self, sql: &str, params: &[Value]) -> Result<()> {
        let statement = self.prepared(sql)?;
        self.waiting.push(Waiting { statement, params: params.to_vec() });
        if self.waiting.len() >= MOST_WAITING { self.settle() } else { Ok(()) }
    }

    /// Statements without parameters or answers. What waits to be sent when it is taken back is not sent at all.
    pub(crate) fn say(&mut self, words: &str) -> Result<()> {
        if words.starts_with("ROLLBACK") {
            self.waiting.clear();
        }
        self.after_waiting(async |client| client.batch_execute(words).await)
    }
}

impl Waiting {
    async fn sent(&self, client: &Client) -> Answer<u64> {
        client.execute_raw(&self.statement, &self.params).await
    }
}

async fn all_rows(
    client: &Client,
    statement: &Statement,
    params: &[Value],
) -> Answer<Vec<tokio_postgres::Row>> {
    client.query_raw(statement, params).await?.try_collect().await
}
