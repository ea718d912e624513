//! Registered = received = run = reported: every difference, with its tubes and by one of six names.
//!
//! One fault has one name. What follows from a fault that is named already is not named again: the box of a lost tube is not also
//! miscounted, and a tube that was reported without a run is not also missing from the runs.
//!
//! Deliberately absent: who is to blame, and whether a tube exists; books are compared with books.

use crate::batch_counts::name_batches;
use crate::books::Books;
use crate::difference::{Difference, How};
use crate::joined::{Joined, Row};
use crate::stages::{Counting, Place, StageCounts, Stages};
use crate::wells::Wells;
use base::Moment;

/// From when on something that is not there is missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReconcileRule {
    /// The books are as they were then.
    pub as_of: Moment,
    pub receive_within_seconds: i64,
    pub report_within_seconds: i64,
    /// How long a tube may be in the laboratory before its registration has come from a phone without network.
    pub registration_grace_seconds: i64,
    /// By how much the clocks of a phone and a laboratory may differ.
    pub clock_tolerance_seconds: i64,
}

impl ReconcileRule {
    /// Received within 8 hours of the last swab, twice the 4 hours that are aimed at; reported within 12 hours of receipt; both
    /// limits are remembered rather than read (docs/sources.md#mass-testing). No grace, since a tube nobody registered is looked at
    /// best while it is there; ten minutes between two clocks.
    pub fn at(as_of: Moment) -> ReconcileRule {
        ReconcileRule {
            as_of,
            receive_within_seconds: 8 * 3600,
            report_within_seconds: 12 * 3600,
            registration_grace_seconds: 0,
            clock_tolerance_seconds: 600,
        }
    }

    fn is_past(&self, from: Moment, seconds: i64) -> bool {
        from.plus_seconds(seconds) < self.as_of
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reconciliation {
    pub counts: StageCounts,
    /// By kind and appearance, then by tube.
    pub differences: Vec<Difference>,
}

/// # Source
/// The checks that would have found the laboratories of 2021 and 2022 (docs/sources.md#laboratories-2022): wells used against
/// tubes received, raw runs against results, results against runs that were called.
///
/// # Panics
/// A record that names a tube, site, batch, laboratory or run beyond the numbers of the books.
pub fn reconcile(books: &Books<'_>, rule: &ReconcileRule) -> Reconciliation {
    let mut found = Vec::new();
    let joined = Joined::of(books, &mut found);
    let wells = Wells::of(books);
    wells.name_over_pooling(books, &joined, &mut found);
    for reported in books.reported.iter().filter(|reported| !reported.void) {
        wells.name_unrun(reported, &joined, &mut found);
    }
    let told_missing = name_batches(books, &joined, &mut found);
    let rows = (0..).zip(&joined.rows).zip(told_missing);
    let late: Vec<bool> =
        rows.map(|((tube, row), told)| name_stages(tube, row, rule, told, &mut found)).collect();
    found.sort_by(|a, b| a.how.kind().cmp(&b.how.kind()).then(a.how.cmp(&b.how)).then(a.tubes.cmp(&b.tubes)));
    // A box that was handed over twice is counted twice.
    found.dedup();
    let counts = count(books, &joined, &late, &found);
    Reconciliation { counts, differences: found }
}

/// What one tube's own stages say; true when it is lost.
fn name_stages(
    tube: u32,
    row: &Row,
    rule: &ReconcileRule,
    told_missing: bool,
    found: &mut Vec<Difference>,
) -> bool {
    let mut name = |how| found.push(row.difference(how, tube));
    if row.people > row.size {
        name(How::TooManyPeople { people: row.people, size: row.size });
    }
    if !row.is_registered() {
        let patience = rule.registration_grace_seconds;
        if row.is_reported() {
            name(How::ReportedUnregistered);
        } else if row.received().map_or(row.is_plated(), |since| rule.is_past(since, patience)) {
            name(How::ReceivedUnregistered);
        }
    }
    if row.is_plated() && !row.is_received() {
        name(How::PlatedUnreceived);
    }
    if row.is_rejected() && row.is_reported() {
        name(How::RejectedReported);
    }
    if let Some(how) = out_of_order(row, rule) {
        name(how);
    }
    match lost(row, rule) {
        Some(how) if !told_missing => {
            name(how);
            true
        }
        _ => told_missing,
    }
}

/// What nobody registered is put aside in the laboratory, and named already.
fn lost(row: &Row, rule: &ReconcileRule) -> Option<How> {
    if row.is_reported() || row.is_rejected() {
        return None;
    }
    match row.received() {
        Some(since) if row.is_registered() && rule.is_past(since, rule.report_within_seconds) => {
            Some(if row.is_plated() { How::NeverReported } else { How::NeverRun })
        }
        None if !row.is_plated() => {
            let since = row.sampled().or(row.boxed())?;
            rule.is_past(since, rule.receive_within_seconds).then_some(How::NeverReceived)
        }
        _ => None,
    }
}

/// Time runs one way. A result sooner than its call is named with the result.
fn out_of_order(row: &Row, rule: &ReconcileRule) -> Option<How> {
    let before = |at: Option<Moment>, tolerance: i64, then: Option<Moment>| {
        at.zip(then).is_some_and(|(at, then)| at.plus_seconds(tolerance) < then)
    };
    if before(row.received(), rule.clock_tolerance_seconds, row.sampled()) {
        Some(How::ReceivedBeforeSampling)
    } else if before(row.reported(), rule.clock_tolerance_seconds, row.sampled()) {
        Some(How::ReportedBeforeSampling)
    } else if before(row.reported(), 0, row.received()) {
        Some(How::ReportedBeforeReceipt)
    } else {
        None
    }
}

fn count(books: &Books<'_>, joined: &Joined<'_>, late: &[bool], found: &[Difference]) -> StageCounts {
    let mut differing = vec![false; books.tubes as usize];
    for tube in found.iter().flat_map(|difference| &difference.tubes) {
        differing[*tube as usize] = true;
    }
    let mut handed = vec![(None, None); books.batches as usize];
    for one in books.handed_over {
        handed[one.batch as usize] = (one.site, one.lab);
    }
    let mut counting = Counting::of(books.sites, books.batches, books.labs);
    for (row, (late, differing)) in joined.rows.iter().zip(late.iter().zip(differing)) {
        let arrived = row.is_received() || row.is_plated() || row.is_reported();
        if !(row.is_registered() || row.is_boxed() || arrived) {
            continue;
        }
        let first_seen = row.sampled().or(row.boxed()).or(row.received()).or(row.reported());
        let batch = row.put_into().or(row.out_of());
        let (site, lab) = batch.map_or((None, None), |batch| handed[batch as usize]);
        let run_lab = || row.run().and_then(|run| joined.read(run)).map(|run| run.lab);
        let place = Place {
            site: row.site().or(site),
            batch,
            lab: row.lab().or_else(run_lab).or(lab),
            hour: first_seen.map_or(0, |moment| moment.0.div_euclid(3_600_000)),
        };
        let in_laboratory = !late && row.is_received() && !row.is_rejected() && !row.is_reported();
        let one = Stages {
            registered: u64::from(row.is_registered()),
            boxed: u64::from(row.is_boxed()),
            received: u64::from(row.is_received()),
            rejected: u64::from(row.is_rejected()),
            run: u64::from(row.is_plated()),
            reported: u64::from(row.is_reported()),
            under_way: u64::from(!late && !arrived),
            in_laboratory: u64::from(in_laboratory),
            differing: u64::from(differing),
        };
        counting.count(&place, &one);
    }
    counting.finish()
}
