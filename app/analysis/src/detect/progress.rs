//! How far a long run has come, for a person at a terminal.
//!
//! Deliberately absent: anything in a pipe or a log, where a moving line is noise.

use std::io::{IsTerminal, Write};
use std::sync::atomic::{AtomicUsize, Ordering};

const WIDTH: usize = 30;
/// Fewer are done before anybody could read the bar.
const WORTH_A_BAR: usize = 20;

pub struct Progress {
    all: usize,
    done: AtomicUsize,
    shown: bool,
}

impl Progress {
    pub fn of(all: usize) -> Progress {
        let shown = all >= WORTH_A_BAR && std::io::stderr().is_terminal();
        Progress { all, done: AtomicUsize::new(0), shown }
    }

    pub fn step(&self) {
        self.advance(1);
    }

    /// From any thread.
    pub fn advance(&self, steps: usize) {
        let before = self.done.fetch_add(steps, Ordering::Relaxed);
        let done = before + steps;
        // A hundred lines however many series there are.
        let line_every = self.all.div_ceil(100).max(1);
        if self.shown && (before / line_every != done / line_every || done == self.all) {
            let _ = std::io::stderr().write_all(line(done, self.all).as_bytes());
        }
    }
}

fn line(done: usize, all: usize) -> String {
    let full = WIDTH * done / all;
    let end = if done == all { "\r\u{1b}[2K" } else { "" };
    format!("\r[{}{}] {done} of {all}{end}", "#".repeat(full), " ".repeat(WIDTH - full))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bar_fills_and_is_wiped_away() {
        assert_eq!(line(1, 3), format!("\r[{}{}] 1 of 3", "#".repeat(10), " ".repeat(20)));
        assert!(line(3, 3).ends_with("\r\u{1b}[2K"));
    }
}
