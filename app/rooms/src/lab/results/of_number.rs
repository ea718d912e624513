//! What the laboratory has of somebody whose document is known: for those who follow them, by the house itself, never for a reader.

use super::look_up::{Found, State, follow_holds, tubes_of};
use crate::lab::people::{Document, Named, mark};
use crate::packed;
use base::Moment;
use store::{Query, Result, params};

/// One sample, as it stands for this person and not for the others of its tube.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Sampled {
    pub barcode: String,
    pub at: Moment,
    pub disease: Option<String>,
    pub became: Became,
    /// The lowest Ct of this person's own well: of the tube they were alone in where that decided for a pool.
    pub ct: Option<f64>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Became {
    /// No result yet, or a signal of a pool whose people are being sampled again.
    Waiting,
    Negative,
    Positive,
    /// Rejected, lost, or it told nothing: somebody has to be sampled again.
    Nothing,
}

/// A swab without a result so long after it was taken is as if it had not been: chilled, it keeps three days (docs/sources.md#cdc-specimens),
/// so that by then it is lost, or no longer worth testing. A result that comes after all counts.
const LOST_HOURS: i64 = 72;

/// Samples of a person with this number since a moment, the oldest first. Of whose number the kind of document is not written down,
/// each kind is tried.
pub(crate) fn samples_of(
    query: &mut dyn Query,
    number: &str,
    since: Moment,
    now: Moment,
) -> Result<Vec<Sampled>> {
    let mut found: Vec<Found> = Vec::new();
    for document in [Document::IdCard, Document::Passport, Document::Other] {
        let named = Named { document: Some(document), number: number.to_owned(), ..Named::default() };
        let Some(who) = mark(query.vault(), &named) else { return Ok(Vec::new()) };
        found.extend(tubes_of(query, &who, since)?);
    }
    follow_holds(query, &mut found)?;
    found.sort_by(|one, other| (one.sampled(), &one.barcode).cmp(&(other.sampled(), &other.barcode)));
    let mut samples = Vec::with_capacity(found.len());
    for one in found {
        let became = match one.state {
            State::Waiting if one.sampled() < now.plus_seconds(-LOST_HOURS * 3_600) => Became::Nothing,
            State::Waiting => Became::Waiting,
            State::Negative | State::Cleared => Became::Negative,
            State::Positive => Became::Positive,
            State::Again { .. } if one.due.is_some() => Became::Waiting,
            State::Again { .. } => Became::Nothing,
        };
        let ct = match became {
            Became::Positive => lowest_ct(query, one.alone.as_ref().unwrap_or(&one.barcode))?,
            _ => None,
        };
        let disease = disease_of(query, &one.barcode)?;
        samples.push(Sampled { at: one.sampled(), barcode: one.barcode, disease, became, ct });
    }
    Ok(samples)
}

fn disease_of(query: &mut dyn Query, barcode: &str) -> Result<Option<String>> {
    let sql = "SELECT c.disease FROM lab_tube t JOIN lab_round r ON r.id = t.round JOIN lab_campaign c ON c.id = r.campaign \
               WHERE t.barcode = $1";
    query.first(sql, params![barcode])?.map(|row| row.text(0)).transpose()
}

/// Of the run that its result is from; a pool's curve is nobody's, and the internal control is no target of the disease.
fn lowest_ct(query: &mut dyn Query, barcode: &str) -> Result<Option<f64>> {
    let sql = "SELECT w.cts, r.assay FROM lab_tube t JOIN lab_run r ON r.id = t.run \
               JOIN lab_well w ON w.run = t.run AND w.barcode = t.barcode WHERE t.barcode = $1 AND t.filled = 1";
    let Some(row) = query.first(sql, params![barcode])? else { return Ok(None) };
    if row.opt_text(0)?.is_none() {
        return Ok(None);
    }
    let cycles: Vec<(String, Option<f64>)> = row.json(0)?;
    let Some(assay) = packed::assays().by_id(&row.text(1)?) else { return Ok(None) };
    let of_the_disease = |told: &str| {
        assay.targets.iter().any(|target| target.id == told || target.also.iter().any(|name| name == told))
    };
    let told = cycles.iter().filter(|(target, _)| of_the_disease(target)).filter_map(|(_, ct)| *ct);
    Ok(told.min_by(f64::total_cmp))
}
