//! What stands behind a restriction, link by link, without a name: the row of evidence, what it says now, and the case behind it.

use crate::cases::standing::{case_of, contact_of};
use crate::control::restrictions::ground::{Unfounded, proof_of, unfounded};
use crate::control::restrictions::record::Kept;
use packs::Proof;
use serde_json::{Value as Json, json};
use store::{Error, Query, Result, params};

pub(super) fn chain(query: &mut dyn Query, kept: &Kept) -> Result<Json> {
    let judged = kept.ground(query)?;
    let says = match proof_of(&kept.evidence) {
        Some(Proof::Case) => {
            match kept.evidence.parse().ok().map(|id| case_of(query, id)).transpose()?.flatten() {
                Some(case) => json!({
                    "classification": case.classification, "disease": case.disease, "outcome": case.outcome,
                    "changed": case.changed,
                }),
                None => Json::Null,
            }
        }
        Some(Proof::Contact) => {
            match kept.evidence.parse().ok().map(|id| contact_of(query, id)).transpose()?.flatten() {
                Some(contact) => {
                    let source = contact.source_case.map(|case| case_of(query, case)).transpose()?.flatten();
                    json!({
                        "class": contact.class, "status": contact.status, "last_exposure": contact.last_exposure,
                        "changed": contact.changed, "source": source.map(|case| json!({
                            "id": case.id, "case_no": case.case_no, "classification": case.classification,
                            "disease": case.disease,
                        })),
                    })
                }
                None => Json::Null,
            }
        }
        _ => Json::Null,
    };
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
