//! Detectors at work: one new step costs that step, not the history again.
//!
//! A memory belongs to one series as it was reported. What was learnt from a count is not unlearnt when the count changes:
//! whoever corrects a step says so ([`Watching::corrected`]), and the steps are gone through again. Deliberately absent: noticing
//! corrections that nobody tells of.

use crate::{Detector, Scored, Series};
use std::ops::Range;

/// A detector that can be stepped. Begun at `from` and stepped to `t`, it tells of `t` what [`Detector::detect`] tells of it over
/// a range that begins at `from`: no approximation.
pub trait Watch: Detector {
    /// What it must remember beside the series itself.
    type Memory;

    /// Learns from the steps before `from`.
    fn learn(&self, series: &Series, from: usize) -> Self::Memory;

    /// Scores step `t`, the one after the last one scored, and remembers it. Only steps up to `t` are looked at.
    fn advance(&self, memory: &mut Self::Memory, series: &Series, t: usize) -> Scored;

    /// Goes back to what was learnt, as if no step had been looked at.
    fn forget(&self, memory: &mut Self::Memory);

    /// Remembers steps that need no score.
    fn go_through(&self, memory: &mut Self::Memory, series: &Series, steps: Range<usize>) {
        for t in steps {
            self.advance(memory, series, t);
        }
    }

    /// Works out what can be known of step `t` before it is there, so that it only has to be compared when it comes. Nothing is
    /// lost without it: `advance` does then what was not prepared.
    fn prepare(&self, _memory: &mut Self::Memory, _series: &Series, _t: usize) {}
}

/// A detector that looks at the series and nothing else.
pub(crate) trait Forgetful: Detector {}

impl<D: Forgetful> Watch for D {
    type Memory = ();

    fn learn(&self, _: &Series, _: usize) {}

    fn forget(&self, (): &mut ()) {}

    fn go_through(&self, (): &mut (), _: &Series, _: Range<usize>) {}

    fn advance(&self, (): &mut (), series: &Series, t: usize) -> Scored {
        self.detect(series, t..t + 1)[0]
    }
}

/// All steps of a range in turn, which is what a detector with a memory means by detecting.
pub(crate) fn run<W: Watch>(watch: &W, series: &Series, range: Range<usize>) -> Vec<Scored> {
    let mut memory = watch.learn(series, range.start);
    range.map(|t| watch.advance(&mut memory, series, t)).collect()
}

/// A detector's place in one series. A step that is delivered twice is not there the second time, and several that come late are
/// taken in their order.
#[derive(Debug, Clone, PartialEq)]
pub struct Watching<M> {
    memory: M,
    /// The first step watched; those before were learnt from.
    from: usize,
    next: usize,
}

impl<M> Watching<M> {
    /// Learns from the steps before `from` and goes through the others that are there. A place beyond the end is the end.
    pub fn begin<W: Watch<Memory = M>>(watch: &W, series: &Series, from: usize) -> Watching<M> {
        let next = series.len();
        let from = from.min(next);
        let mut memory = watch.learn(series, from);
        watch.go_through(&mut memory, series, from..next);
        Watching { memory, from, next }
    }

    /// The score of the next step, as soon as the series has it; `None` until then. The series is the one begun with, grown at its
    /// end.
    pub fn step<W: Watch<Memory = M>>(&mut self, watch: &W, series: &Series) -> Option<Scored> {
        let t = self.next;
        (t < series.len()).then(|| {
            self.next += 1;
            watch.advance(&mut self.memory, series, t)
        })
    }

    /// The score of the next step as it stands, without taking it: the day is not over, and more records of it may come.
    pub fn look<W: Watch<Memory = M>>(&self, watch: &W, series: &Series) -> Option<Scored>
    where
        M: Clone,
    {
        let mut memory = self.memory.clone();
        (self.next < series.len()).then(|| watch.advance(&mut memory, series, self.next))
    }

    /// Makes the next step ready, for when there is time.
    pub fn prepare<W: Watch<Memory = M>>(&mut self, watch: &W, series: &Series) {
        watch.prepare(&mut self.memory, series, self.next);
    }

    /// The count of step `t` has changed, as a late record changes it: goes through the watched steps again. Where `t` was learnt
    /// from, all is learnt again.
    pub fn corrected<W: Watch<Memory = M>>(&mut self, watch: &W, series: &Series, t: usize) {
        if t >= self.next {
            return;
        }
        let taken = self.from..self.next;
        if taken.contains(&t) {
            watch.forget(&mut self.memory);
        } else {
            self.memory = watch.learn(series, self.from);
        }
        watch.go_through(&mut self.memory, series, taken);
    }
}
