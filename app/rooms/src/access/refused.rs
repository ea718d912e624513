//! What was refused to whom, so that somebody who tries every door is seen. Written down by itself: whose request, which kind
//! of refusal and how often; not what was asked for, which may name somebody.

use crate::access::changes::NoteRefusals;
use crate::access::house_itself;
use crate::{App, House};
use axum::extract::Request;
use axum::http::request::Parts;
use axum::middleware::Next;
use axum::response::Response;
use base::{Id, Moment};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use store::random_bits;

/// One row a minute is enough to see it, and too little to fill the journal with.
const GATHERED_SECONDS: i64 = 60;
/// Kinds of refusal of all accounts in one row.
const MOST: usize = 1_000;

/// The code of a refusal that concerns what somebody may do or reach, put on its answer by `reply`.
#[derive(Clone)]
pub(crate) struct Denied(pub String);

/// Filled in by whoever finds out who asks.
#[derive(Clone, Default)]
struct Asker(Arc<OnceLock<(App, String)>>);

#[derive(Default)]
pub(crate) struct Refusals(Mutex<Gathered>);

#[derive(Default)]
struct Gathered {
    since: Moment,
    times: BTreeMap<(String, String), i64>,
}

impl Refusals {
    fn gathered(&self) -> MutexGuard<'_, Gathered> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn add(&self, who: String, code: String, now: Moment) {
        let mut all = self.gathered();
        if all.times.is_empty() {
            all.since = now;
        }
        let kind = (who, code);
        if all.times.len() < MOST || all.times.contains_key(&kind) {
            *all.times.entry(kind).or_default() += 1;
        }
    }

    /// What should be written now; empty most of the time.
    fn due(&self, now: Moment) -> Vec<(String, String, i64)> {
        let mut all = self.gathered();
        if all.times.is_empty() || all.since.plus_seconds(GATHERED_SECONDS) > now {
            return Vec::new();
        }
        std::mem::take(&mut all.times).into_iter().map(|((who, code), times)| (who, code, times)).collect()
    }
}

/// It is now known who asks: an account, or the token of another system.
pub(crate) fn asked_by(parts: &Parts, house: &App, who: &str) {
    if let Some(Asker(asker)) = parts.extensions.get() {
        let _ = asker.set((house.clone(), who.to_owned()));
    }
}

pub(crate) async fn counted(mut request: Request, next: Next) -> Response {
    let asker = Asker::default();
    request.extensions_mut().insert(asker.clone());
    let response = next.run(request).await;
    if let (Some(Denied(code)), Some((house, who))) = (response.extensions().get(), asker.0.get()) {
        house.refusals.add(who.clone(), code.clone(), house.now());
    }
    response
}

/// Writes down what was refused, if it is time. A failure is no reason to answer differently.
pub(crate) async fn keep_refusals(house: &House) {
    let refused = house.refusals.due(house.now());
    if !refused.is_empty() {
        let change = NoteRefusals { id: Id::from_bits(random_bits()), refused };
        let _ = house.db.apply(&house_itself(), house.now(), change).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refusals_of_a_minute_are_written_together() {
        let (refusals, began) = (Refusals::default(), Moment(0));
        for second in 0..3 {
            refusals.add("account_1".to_owned(), "access.not_allowed".to_owned(), began.plus_seconds(second));
        }
        assert!(refusals.due(began.plus_seconds(59)).is_empty());
        assert_eq!(
            refusals.due(began.plus_seconds(60)),
            [("account_1".to_owned(), "access.not_allowed".to_owned(), 3)]
        );
        assert!(refusals.due(began.plus_seconds(600)).is_empty(), "once");
    }
}
