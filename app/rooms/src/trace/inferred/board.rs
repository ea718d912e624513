//! Which samples are being drawn, and which are done. One at a time, on a thread of its own: pages must not wait for it, and two
//! at once would each take twice as long.

use super::model::{Drawn, Known, draw};
use base::Moment;
use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, PoisonError};

/// Events that are looked at now; older answers are drawn again when somebody asks.
const KEPT: usize = 16;

#[derive(Clone, Default)]
pub(crate) struct Board(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    done: VecDeque<(Arc<Known>, Outcome)>,
    running: Option<(Arc<Known>, Moment)>,
}

/// What came of it, or why nothing could.
pub(super) type Outcome = Arc<Result<Drawn, String>>;

pub(super) enum Standing {
    Done(Outcome),
    /// Since when.
    Running(Moment),
    /// Another event is drawn first.
    Waiting,
}

impl Board {
    /// The answer for exactly this knowledge; begins to draw it when nobody has and nothing else is drawn.
    pub(super) fn ask(&self, known: Known, now: Moment) -> Standing {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, outcome)) = state.done.iter().find(|(done, _)| **done == known) {
            return Standing::Done(outcome.clone());
        }
        match &state.running {
            Some((running, since)) if **running == known => return Standing::Running(*since),
            Some(_) => return Standing::Waiting,
            None => {}
        }
        let known = Arc::new(known);
        state.running = Some((known.clone(), now));
        let board = self.clone();
        let begun = std::thread::Builder::new().name("inferred".to_owned()).spawn(move || board.work(known));
        if begun.is_err() {
            state.running = None;
            return Standing::Waiting;
        }
        Standing::Running(now)
    }

    fn work(&self, known: Arc<Known>) {
        let drawn = catch_unwind(AssertUnwindSafe(|| draw(&known)));
        let outcome =
            drawn.unwrap_or_else(|_| Err("the model broke off; tell your administrator".to_owned()));
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        state.running = None;
        state.done.push_front((known, Arc::new(outcome)));
        state.done.truncate(KEPT);
    }
}
