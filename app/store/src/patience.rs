//! How long a question may take. A page that nobody could wait for must not keep a reading connection from all others. Work
//! that nobody waits for at a page (an import, the command line) takes the time it takes.

use crate::{Engine, Result};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// For a page. Ten times what the slowest page of a province takes.
pub(crate) const PAGE: Duration = Duration::from_secs(15);

/// SQLite asks after this many steps of its machine whether to go on; some tens of microseconds.
const STEPS: i32 = 10_000;

/// The moment at which the question on one connection is given up.
#[derive(Clone)]
pub(crate) struct Patience {
    since: Instant,
    ends_ms: Arc<AtomicU64>,
}

impl Patience {
    /// Watches over this connection from now on.
    pub fn over(engine: &mut Engine) -> Result<Patience> {
        let patience = Patience { since: Instant::now(), ends_ms: Arc::new(AtomicU64::new(u64::MAX)) };
        if let Engine::Sqlite(connection) = engine {
            let watched = patience.clone();
            connection.progress_handler(STEPS, Some(move || watched.is_over()))?;
        }
        Ok(patience)
    }

    /// A new question in a transaction of its own, which may take so long; or as long as it takes.
    pub fn begin(&self, engine: &mut Engine, most: Option<Duration>) -> Result<()> {
        let ends = most.map(|most| (self.since.elapsed() + most).as_millis());
        let ends = ends.and_then(|ends| u64::try_from(ends).ok()).unwrap_or(u64::MAX);
        self.ends_ms.store(ends, Ordering::Relaxed);
        // The server counts for each statement anew; a view has a handful of them. Zero is no limit.
        let each = most.unwrap_or_default().as_millis();
        engine.begin_reading(format!(
            "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SET LOCAL statement_timeout = {each}"
        ))
    }

    fn is_over(&self) -> bool {
        self.since.elapsed().as_millis() > u128::from(self.ends_ms.load(Ordering::Relaxed))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Error, params};

    const FOR_EVER: &str =
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n";

    fn gives_up(mut engine: Engine) {
        let patience = Patience::over(&mut engine).unwrap();
        patience.begin(&mut engine, Some(Duration::from_millis(50))).unwrap();
        assert!(matches!(engine.rows(FOR_EVER, params![]), Err(Error::TooLong)));
        let _ = engine.batch("ROLLBACK");
        patience.begin(&mut engine, None).unwrap();
        assert_eq!(engine.rows("SELECT 1", params![]).unwrap().len(), 1, "the connection goes on");
    }

    #[test]
    fn a_question_without_end_is_given_up_on_both_engines() {
        gives_up(Engine::Sqlite(rusqlite::Connection::open_in_memory().unwrap()));
        match std::env::var("QUELL_TEST_POSTGRES") {
            Ok(url) => gives_up(Engine::open_postgres(&url).unwrap()),
            Err(_) => println!("skipped: QUELL_TEST_POSTGRES is not set (run under tests/with-postgres.sh)"),
        }
    }
}
