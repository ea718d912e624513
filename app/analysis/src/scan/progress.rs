//! How far a long run has come, on a terminal only.

use std::io::{IsTerminal, Write};
use std::sync::atomic::{AtomicUsize, Ordering};

pub struct Bar {
    of: usize,
    done: AtomicUsize,
    what: &'static str,
    shown: bool,
}

const CELLS: usize = 30;

impl Bar {
    pub fn of(of: usize, what: &'static str) -> Bar {
        Bar { of, done: AtomicUsize::new(0), what, shown: std::io::stderr().is_terminal() && of > 0 }
    }

    /// From any thread.
    pub fn add(&self, more: usize) {
        let before = self.done.fetch_add(more, Ordering::Relaxed);
        let now = before + more;
        // Only when a cell fills: a terminal is slower than a replicate.
        if self.shown && before * CELLS / self.of != now * CELLS / self.of {
            let full = (now * CELLS / self.of).min(CELLS);
            let (full, rest) = ("#".repeat(full), "·".repeat(CELLS - full));
            // Whoever closed standard error does not want it.
            let _ = write!(std::io::stderr().lock(), "\r{full}{rest} {now}/{} {}", self.of, self.what);
        }
    }

    pub fn end(&self) {
        if self.shown {
            eprintln!();
        }
    }
}
