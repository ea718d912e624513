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

/// What has not been sent yet.
enum Waiting {
    Write(Statement, Vec<Value>),
    Begin(String),
}

/// Past this many distinct texts a connection's statements are forgotten.
const STATEMENTS: usize = 256;

/// More than this is sent without a question: whoever prepares more need not wait until the server begins. Few enough that `join_all`
/// keeps its order by going through them one after the other (up to 30).
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
        self.waiting.push(Waiting::Write(statement, params.to_vec()));
        if self.waiting.len() >= MOST_WAITING { self.settle() } else { Ok(()) }
    }

    /// A transaction begins with its first question, and not before.
    pub(crate) fn begin(&mut self, words: String) {
        self.waiting.push(Waiting::Begin(words));
    }

    /// Statements without parameters or answers. What waits to be sent when it is taken back is not sent at all.
    pub(crate) fn say(&mut self, words: &str) -> Result<()> {
        if words.starts_with("ROLLBACK") {
            let mut unsent = std::mem::take(&mut self.waiting).into_iter();
            if unsent.any(|one| matches!(one, Waiting::Begin(_))) {
                return Ok(());
            }
        }
        self.after_waiting(async |client| client.batch_execute(words).await)
    }
}

impl Waiting {
    async fn sent(&self, client: &Client) -> Answer<()> {
        match self {
            Waiting::Write(statement, params) => client.execute_raw(statement, params).await.map(|_| ()),
            Waiting::Begin(words) => client.batch_execute(words).await,
        }
    }
}

async fn all_rows(
    client: &Client,
    statement: &Statement,
    params: &[Value],
) -> Answer<Vec<tokio_postgres::Row>> {
    client.query_raw(statement, params).await?.try_collect().await
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::params;

    fn opened() -> Option<Postgres> {
        let Ok(url) = std::env::var("QUELL_TEST_POSTGRES") else {
            println!("skipped: QUELL_TEST_POSTGRES is not set (run under tests/with-postgres.sh)");
            return None;
        };
        Some(Postgres::open(&url).unwrap())
    }

    fn numbers(postgres: &mut Postgres) -> Vec<i64> {
        let rows = postgres.rows("SELECT n FROM noted ORDER BY n", params![]).unwrap();
        rows.iter().map(|row| row.int(0).unwrap()).collect()
    }

    #[test]
    fn what_was_put_and_is_wrong_is_told_before_it_stands_and_taken_back_alone() {
        let Some(mut postgres) = opened() else { return };
        let insert = "INSERT INTO noted (n) VALUES ($1)";
        postgres.say("CREATE TEMP TABLE noted (n BIGINT PRIMARY KEY)").unwrap();
        postgres.say("BEGIN; SAVEPOINT change").unwrap();
        postgres.put(insert, params![1]).unwrap();
        postgres.put(insert, params![2]).unwrap();
        assert_eq!(numbers(&mut postgres), [1, 2], "a question sees what was put before it");
        postgres.put(insert, params![3]).unwrap();
        postgres.say("RELEASE change; SAVEPOINT change").unwrap();

        postgres.put(insert, params![4]).unwrap();
        postgres.put(insert, params![1]).unwrap();
        let wrong = postgres.say("RELEASE change; SAVEPOINT change").unwrap_err();
        assert!(wrong.is_duplicate(), "{wrong}: the first fault is told, not what follows from it");
        postgres.say("ROLLBACK TO change").unwrap();

        postgres.put(insert, params![5]).unwrap();
        postgres.say("ROLLBACK TO change").unwrap();
        for n in 10..10 + 3 * MOST_WAITING as i64 {
            postgres.put(insert, params![n]).unwrap();
        }
        postgres.say("COMMIT").unwrap();
        let stand: Vec<i64> = (1..=3).chain(10..10 + 3 * MOST_WAITING as i64).collect();
        assert_eq!(numbers(&mut postgres), stand);
    }

    #[test]
    fn a_transaction_in_which_nothing_was_asked_was_never_begun() {
        let Some(mut postgres) = opened() else { return };
        let in_one = |postgres: &mut Postgres| {
            postgres.rows("SHOW transaction_read_only", params![]).unwrap()[0].text(0).unwrap() == "on"
        };
        postgres.begin("BEGIN READ ONLY".to_owned());
        postgres.say("ROLLBACK").unwrap();
        assert!(!in_one(&mut postgres));
        postgres.begin("BEGIN READ ONLY".to_owned());
        assert!(in_one(&mut postgres));
        postgres.say("ROLLBACK").unwrap();
        assert!(!in_one(&mut postgres));
    }

    #[test]
    fn many_questions_in_one_trip_are_answered_in_their_order() {
        let Some(mut postgres) = opened() else { return };
        let numbers: Vec<[Value; 1]> = (0..500_i64).map(|n| [n.into()]).collect();
        let asked: Vec<(&str, &[Value])> =
            numbers.iter().map(|n| ("SELECT $1::bigint + 1", &n[..])).collect();
        let answers = postgres.together(&asked).unwrap();
        let told: Vec<i64> = answers.iter().map(|rows| rows[0].int(0).unwrap()).collect();
        assert_eq!(told, (1..=500).collect::<Vec<i64>>());
        let wrong = postgres
            .together(&[("SELECT 1::bigint", params![]), ("SELECT 1::bigint / $1::bigint", params![0])]);
        assert!(wrong.is_err());
        assert_eq!(
            postgres.rows("SELECT 2::bigint", params![]).unwrap()[0].int(0).unwrap(),
            2,
            "the connection goes on"
        );
    }
}
