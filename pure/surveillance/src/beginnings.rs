//! Where a change may have begun: of all steps of a chart, those that can still turn out the best beginning.
//!
//! A chart's steps are cut into segments, each from one such beginning to the next. A beginning that others will beat whatever
//! comes is given up, and its segment joins the one before, so few are left of a quiet year. Deliberately absent: how much
//! a change since some beginning explains; each chart has its own.
//!
//! # Source
//! Romano, Eckley, Fearnhead and Rigaill 2023, Journal of Machine Learning Research 24(81): which beginnings to give up; Ward, Romano,
//! Eckley and Fearnhead 2024, doi:10.1007/s11222-024-10416-1: the same beginnings for other distributions than the normal, and an
//! upper bound before each search. Means that differ from step to step are our own extension; the tests search every window.

use std::collections::VecDeque;

/// What a segment of steps adds up to. Sums are made forwards from each beginning and never by subtraction, so that a quiet segment
/// after a large one loses no digit.
pub(crate) trait Sum: Copy {
    fn add(&mut self, other: &Self);
}

/// When a beginning is given up.
pub(crate) trait GivesUp<S> {
    /// A change over this segment explains nothing, in whatever strength. What follows is explained as well by one that begins
    /// after the segment.
    fn explains_nothing(&self, segment: &S) -> bool;

    /// In whatever strength, a change that began with `before`, or one that begins after `segment`, explains at least as much as one
    /// that began between the two. Only asked where no beginning grows too old.
    fn is_bridged(&self, before: &S, segment: &S) -> bool;
}

/// Which beginnings are looked at.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Look {
    /// So many steps must follow before a step is looked at as a beginning.
    pub unseen: usize,
    /// The last step less the beginning is at most so much; `None` looks back to the last alarm.
    pub back: Option<usize>,
}

#[derive(Debug, Clone, Copy, PartialEq)]
struct Segment<S> {
    steps: usize,
    sum: S,
}

/// The beginnings of a chart's steps so far, the one being looked at not yet among them.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Beginnings<S> {
    /// The oldest first.
    segments: VecDeque<Segment<S>>,
    /// The last steps, which are not looked at as beginnings yet.
    young: VecDeque<S>,
}

impl<S> Default for Beginnings<S> {
    fn default() -> Beginnings<S> {
        Beginnings { segments: VecDeque::new(), young: VecDeque::new() }
    }
}

impl<S: Sum> Beginnings<S> {
    /// Every beginning with a step that ends it, from the youngest: how many steps since, and what they add up to.
    pub(crate) fn each(&self, look: Look, end: S, mut tell: impl FnMut(usize, &S)) {
        if self.young.len() < look.unseen {
            return;
        }
        let (mut steps, mut sum) = (1 + self.young.len(), end);
        self.young.iter().for_each(|step| sum.add(step));
        let within = |steps: usize| look.back.is_none_or(|back| steps <= back.saturating_add(1));
        if within(steps) {
            tell(steps, &sum);
        }
        for segment in self.segments.iter().rev() {
            steps += segment.steps;
            if !within(steps) {
                break;
            }
            sum.add(&segment.sum);
            tell(steps, &sum);
        }
    }

    /// Takes in a step that has been looked at.
    pub(crate) fn take(&mut self, look: Look, step: S, rule: &impl GivesUp<S>) {
        self.young.push_back(step);
        if self.young.len() <= look.unseen {
            return;
        }
        let old_enough = self.young.pop_front();
        self.segments.extend(old_enough.map(|sum| Segment { steps: 1, sum }));
        self.give_up(look, rule);
        if let Some(back) = look.back {
            // The next step is one more.
            while !self.segments.is_empty() && self.steps() > back {
                self.segments.pop_front();
            }
        }
    }

    fn give_up(&mut self, look: Look, rule: &impl GivesUp<S>) {
        while let Some(last) = self.segments.pop_back() {
            let before = self.segments.back_mut();
            // The bridge falls when its older end does.
            let bridged = look.back.is_none()
                && before.as_ref().is_some_and(|before| rule.is_bridged(&before.sum, &last.sum));
            if !(bridged || rule.explains_nothing(&last.sum)) {
                self.segments.push_back(last);
                return;
            }
            if let Some(before) = before {
                before.steps += last.steps;
                before.sum.add(&last.sum);
            }
        }
    }

    /// Steps since the oldest beginning.
    pub(crate) fn steps(&self) -> usize {
        self.young.len() + self.segments.iter().map(|segment| segment.steps).sum::<usize>()
    }
}
