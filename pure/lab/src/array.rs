//! Squares pooled by rows and by columns, with or without the whole square in one pool first.
//!
//! Deliberately absent: households. In a square those who live together stand in different rows and columns, and count here as
//! strangers; what their likeness does to a row and a column that cross elsewhere is left out.
//!
//! # Source
//! Kim, Hudgens, Dreyfuss, Westreich and Pilcher 2007 (docs/sources.md#kim-2007), there for mixes that show everybody.

use crate::assay::Assay;
use crate::people::People;
use crate::scheme::Outcome;

/// A square in which each person is shown by their row and by their column with probability `shown`.
struct Square<'a> {
    assay: &'a Assay,
    side: usize,
    shown: f64,
}

impl Square<'_> {
    /// A line is negative, though it crosses a shown person elsewhere perhaps; one of its people is known not to be shown.
    fn line_negative(&self) -> f64 {
        let nobody = ((self.side - 1) as f64 * (-self.shown).ln_1p()).exp();
        1.0 - self.assay.positive(1.0 - nobody)
    }

    /// Chance of being tested alone, for somebody whom both lines show.
    fn alone_when_shown(&self) -> f64 {
        let sensitivity = self.assay.sensitivity();
        let missed = 1.0 - sensitivity;
        let across = self.shown * missed + (1.0 - self.shown) * self.line_negative();
        let no_line_across = sensitivity * missed * across.powf((self.side - 1) as f64);
        sensitivity * sensitivity + 2.0 * no_line_across
    }

    /// The same for somebody whom neither shows.
    fn alone_when_not_shown(&self) -> f64 {
        let (sensitivity, others) = (self.assay.sensitivity(), (self.side - 1) as f64);
        let negative = self.line_negative();
        let silent = (1.0 - self.shown) * negative;
        let across = self.shown * (1.0 - sensitivity) + silent;
        let (any, none) = (across.powf(others), silent.powf(others));
        let no_line_across = negative * (sensitivity * (any - none) + self.assay.false_positive() * none);
        (1.0 - negative).powi(2) + 2.0 * no_line_across
    }
}

pub(crate) fn array(side: usize, people: &People, assay: &Assay) -> Outcome {
    let p = people.prevalence();
    let seen = assay.shown_in(side);
    let square = Square { assay, side, shown: p * seen };
    let (shown, not_shown) = (square.alone_when_shown(), square.alone_when_not_shown());
    let infected = seen * shown + (1.0 - seen) * not_shown;
    let alone = p * infected + (1.0 - p) * not_shown;
    Outcome {
        tests: 2.0 / side as f64 + alone,
        found_infected: assay.sensitivity() * infected,
        found_well: assay.false_positive() * not_shown,
        held: alone,
        waits_for_sample: alone,
        waits_for_reading: 0.0,
    }
}

pub(crate) fn master_array(side: usize, people: &People, assay: &Assay) -> Outcome {
    let p = people.prevalence();
    let all = side * side;
    let (seen, seen_by_all) = (assay.shown_in(side), assay.shown_in(all));
    let square = Square { assay, side, shown: p * seen };
    // When the whole shows nobody, lines can only show those too weak for the whole.
    let weak = Square { assay, side, shown: p * (seen - seen_by_all) / (1.0 - p * seen_by_all) };
    let silent = |people: usize| (people as f64 * (-p * seen_by_all).ln_1p()).exp();
    let (sensitivity, contrast) = (assay.sensitivity(), assay.contrast());
    let others = silent(all - 1);
    let by_whole = sensitivity * square.alone_when_shown();
    let by_line = by_whole - contrast * others * weak.alone_when_shown();
    let by_none =
        sensitivity * square.alone_when_not_shown() - contrast * others * weak.alone_when_not_shown();
    let infected = seen_by_all * by_whole + (seen - seen_by_all) * by_line + (1.0 - seen) * by_none;
    let alone = p * infected + (1.0 - p) * by_none;
    let first = assay.positive(1.0 - silent(all));
    Outcome {
        tests: 1.0 / all as f64 + 2.0 / side as f64 * first + alone,
        found_infected: sensitivity * infected,
        found_well: assay.false_positive() * by_none,
        held: first,
        waits_for_sample: first + alone,
        waits_for_reading: 0.0,
    }
}
