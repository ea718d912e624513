//! What stands behind a restriction, link by link, without a name: the row of evidence, what it says now, and the case behind it.

use crate::cases::standing::case_of;
use crate::control::restrictions::ground::{Row, proof_of, row_of};
use crate::control::restrictions::not_ground::{Unfounded, unfounded};
use crate::control::restrictions::record::Kept;
use crate::control::rules::edition_of;
use base::Moment;
use serde_json::{Value as Json, json};
use store::{Error, Query, Result, Scope, params};

pub(super) fn chain(query: &mut dyn Query, scope: &Scope, kept: &Kept, now: Moment) -> Result<Json> {
    let judged = kept.ground(query, now)?;
    let row = row_of(query, &kept.evidence, now)?;
    let says = row.map(|row| says(query, row, scope.kept.reads(kept.disease.as_deref()))).transpose()?;
    let marks = query.rows(
        "SELECT restriction, why, at FROM control_restriction_mark WHERE evidence = $1 ORDER BY at, restriction",
        params![&kept.evidence],
    )?;
    let marks = marks
        .iter()
        .map(|row| Ok(json!({ "restriction": row.text(0)?, "why": row.text(1)?, "at": row.int(2)? })))
        .collect::<Result<Vec<_>>>()?;
    Ok(json!({
        "id": kept.evidence, "proof": proof_of(&kept.evidence), "holds": judged.is_ok(),
        "why_not": judged.err().map(words_of), "says": says, "index": kept.index, "exposure": kept.exposure,
        "marks": marks,
    }))
}

/// What a row says. Of a disease somebody does not read, neither the disease is told nor the number of a case.
fn says(query: &mut dyn Query, row: Row, reads: bool) -> Result<Json> {
    Ok(match row {
        Row::Case(case) => json!({
            "classification": case.classification, "disease": case.disease.filter(|_| reads), "outcome": case.outcome,
            "changed": case.changed,
        }),
        Row::Contact(contact) => {
            let source = contact.source_case.map(|case| case_of(query, case)).transpose()?.flatten();
            let source = source.map(|case| {
                json!({
                    "id": case.id, "case_no": reads.then_some(case.case_no), "classification": case.classification,
                    "disease": case.disease.filter(|_| reads),
                })
            });
            json!({
                "class": contact.class, "status": contact.status, "last_exposure": contact.last_exposure,
                "changed": contact.changed, "source": source,
            })
        }
        Row::Visit(visit) => json!({
            "place": visit.place.map(|(territory, _)| territory), "first": visit.first, "last": visit.last,
            "changed": visit.changed,
        }),
        Row::Zone(zone) => {
            let level = edition_of(&zone.protocol).ok().and_then(|(_, zones)| zones.level(&zone.level));
            json!({
                "zone": zone.name, "since": zone.since, "released": zone.released,
                "level": level.map(|level| json!({ "id": level.id, "zh": level.zh, "en": level.en })),
            })
        }
        Row::Worker(_, duty) => json!({ "due": duty.due, "group": duty.group }),
        Row::Course(course) => json!({ "ended": course.ended, "owes_since": course.owes_since }),
    })
}

/// The same sentence a proposal on this row would be refused with.
fn words_of(why: Unfounded) -> Json {
    match unfounded(why) {
        Error::Refused(refusal) => json!({ "code": refusal.code, "zh": refusal.zh, "en": refusal.en }),
        other => json!({ "code": "record.missing", "zh": other.to_string(), "en": other.to_string() }),
    }
}

/// Rows of the journal about any of these, with their hashes: what `quell journal verify --rows` compares.
pub(super) fn rows_about(query: &mut dyn Query, records: &[&str]) -> Result<Vec<Json>> {
    let mut told = std::collections::BTreeMap::new();
    for record in records {
        let sql = "SELECT j.seq, j.hash, j.change, j.at, j.actor, j.territory, j.basis FROM journal_about a \
                   JOIN journal j ON j.seq = a.seq WHERE a.record = $1 ORDER BY j.seq LIMIT 200";
        for row in query.rows(sql, params![*record])? {
            let seq = row.int(0)?;
            told.insert(
                seq,
                json!({
                    "seq": seq, "hash": row.text(1)?, "change": row.text(2)?, "at": row.int(3)?, "actor": row.text(4)?,
                    "territory": row.text(5)?, "basis": row.text(6)?,
                }),
            );
        }
    }
    Ok(told.into_values().collect())
}
