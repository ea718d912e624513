//! What one account may have at work at the same time, and how fast it may ask: a hundred windows, or a program of
//! somebody's that runs wild, must not take the house from everybody else.

use crate::pace::Pace;
use crate::reply::Failure;
use axum::body::{Body, HttpBody};
use axum::extract::Request;
use axum::http::{Method, request::Parts};
use axum::middleware::Next;
use axum::response::Response;
use base::Moment;
use futures_util::StreamExt;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Questions of one account at once; a browser has six connections.
const READS: usize = 6;

/// Live pages of one account: two browsers full.
const STREAMS: usize = 12;

/// A window that loads while another does waits for its turn rather than showing an error.
const PATIENCE: Duration = Duration::from_secs(5);

/// Requests a second of one account; ten seconds' worth may come at once.
const RATE: u32 = 500;

pub(crate) struct Turns {
    pace: Pace<String>,
    desks: Mutex<HashMap<String, Desk>>,
}

#[derive(Clone)]
struct Desk {
    reads: Arc<Semaphore>,
    streams: Arc<Semaphore>,
}

/// The turn a request has taken, kept where its answer can find it.
#[derive(Clone, Default)]
struct Turn(Arc<Mutex<Option<OwnedSemaphorePermit>>>);

impl Turns {
    pub fn new(rate: Option<u32>) -> Turns {
        let rate = rate.unwrap_or(RATE);
        Turns { pace: Pace::new(rate, rate.saturating_mul(10)), desks: Mutex::default() }
    }

    fn desk(&self, account: &str) -> Desk {
        let mut desks = self.desks.lock().unwrap_or_else(PoisonError::into_inner);
        if desks.len() > 10_000 {
            desks.retain(|_, desk| {
                desk.reads.available_permits() < READS || desk.streams.available_permits() < STREAMS
            });
        }
        let empty =
            || Desk { reads: Arc::new(Semaphore::new(READS)), streams: Arc::new(Semaphore::new(STREAMS)) };
        desks.entry(account.to_owned()).or_insert_with(empty).clone()
    }

    /// A request of this account begins. Writes take no turn: each is a few milliseconds of the one writer's.
    pub async fn take(&self, account: &str, parts: &Parts, now: Moment) -> Result<(), Failure> {
        self.pace.asks(account.to_owned(), now).map_err(|seconds| Failure::TooMany { seconds })?;
        let uploads = parts.uri.path() == "/api/imports";
        if parts.method != Method::GET && !uploads {
            return Ok(());
        }
        let desk = self.desk(account);
        let turn = if parts.uri.path() == "/api/live" {
            desk.streams.try_acquire_owned().ok()
        } else {
            let waiting = tokio::time::timeout(PATIENCE, desk.reads.acquire_owned()).await;
            waiting.ok().and_then(Result::ok)
        };
        let turn = turn.ok_or(Failure::TooMany { seconds: 5 })?;
        if let Some(Turn(place)) = parts.extensions.get() {
            *place.lock().unwrap_or_else(PoisonError::into_inner) = Some(turn);
        }
        Ok(())
    }
}

/// Keeps the turn until the answer has left. One whose length is known lies in memory already and costs nobody anything.
pub(crate) async fn kept(mut request: Request, next: Next) -> Response {
    let turn = Turn::default();
    request.extensions_mut().insert(turn.clone());
    let response = next.run(request).await;
    if response.body().size_hint().exact().is_some() {
        return response;
    }
    response.map(|body| {
        Body::from_stream(body.into_data_stream().map(move |block| {
            let _kept = &turn;
            block
        }))
    })
}
