//! A signed paper that something was erased: what and how many, why, when, and where in the journal; no name, no handle.
//! Whoever has the public key checks it without Quell's database.

use crate::people::Erasure;
use crate::refuse::missing;
use base::{Id, Moment, Territory};
use serde_json::{Map, Value as Json, json};
use store::{Permission, Query, Result, Row, Scope, Signer, params, signature_fits};

const KIND: &str = "quell deletion certificate 1";

const COLUMNS: &str = "e.id, e.territory, e.ground, e.clock, e.people, e.cases, e.contacts, e.notes, e.reports, e.second, \
     e.seq, e.at";

fn facts(row: &Row) -> Result<Json> {
    Ok(json!({
        "erasure": row.text(0)?, "territory": row.text(1)?, "ground": row.text(2)?, "clock": row.opt_text(3)?,
        "people": row.int(4)?, "cases_kept_without_words": row.int(5)?, "contacts_kept_without_words": row.int(6)?,
        "events_without_notes": row.int(7)?, "import_reports": row.int(8)?, "second_person": row.int(9)? != 0,
        "journal_row": row.int(10)?, "at": Moment(row.int(11)?).to_string(),
    }))
}

/// What was erased in a territory, the latest first.
pub fn erasures(query: &mut dyn Query, scope: &Scope) -> Result<Vec<Json>> {
    scope.demand(Permission::PrivacyOversee)?;
    let (first, past) = scope.territory.range();
    let sql = format!(
        "SELECT {COLUMNS} FROM people_erasure e WHERE e.territory >= $1 AND e.territory < $2 ORDER BY e.at DESC, e.id LIMIT 500"
    );
    query.rows(&sql, params![first, past])?.iter().map(facts).collect()
}

/// The certificate of one erasure. It says which wrapping keys of that time are still there: with one of them and a backup
/// from before, somebody could still open what was erased.
pub fn certificate(query: &mut dyn Query, scope: &Scope, erasure: Id<Erasure>) -> Result<Json> {
    scope.demand(Permission::PrivacyOversee)?;
    let sql = format!("SELECT {COLUMNS} FROM people_erasure e WHERE e.id = $1");
    let row = query.first(&sql, params![erasure])?.ok_or_else(|| missing("erasure", "销毁记录"))?;
    if !scope.territory.holds(&row.read::<Territory>(1)?) {
        return Err(missing("erasure", "销毁记录"));
    }
    let mut told = facts(&row)?;
    let (seq, at) = (row.int(10)?, Moment(row.int(11)?));
    let journal = query.first("SELECT hash FROM journal WHERE seq = $1", params![seq])?;
    told["kind"] = json!(KIND);
    told["journal_hash"] = json!(journal.map(|row| row.text(0)).transpose()?);
    let keys = query.vault().keys_made_before(at);
    told["complete_when_retired"] = json!(keys.iter().map(ToString::to_string).collect::<Vec<_>>());
    Ok(signed(told, &query.vault().signer("certificate")))
}

fn signed(mut told: Json, signer: &Signer) -> Json {
    told["public_key"] = json!(signer.public_key());
    told["signature"] = json!(signer.sign(&text_of(&told)));
    told
}

/// Keys in the order of the alphabet, no spaces: the same text however the file was laid out.
fn text_of(told: &Json) -> String {
    let Json::Object(fields) = told else { return String::new() };
    let sorted: std::collections::BTreeMap<&String, &Json> =
        fields.iter().filter(|(name, _)| *name != "signature").collect();
    serde_json::to_string(&sorted).unwrap_or_default()
}

/// What a file says, once its signature has been found to fit; the sentence otherwise says what is wrong.
pub fn verify_certificate(
    text: &str,
    issuer: Option<&str>,
) -> std::result::Result<Map<String, Json>, String> {
    let told: Json = serde_json::from_str(text)
        .map_err(|fault| format!("this is no certificate: {fault}; bring the file as it was issued"))?;
    if told["kind"] != KIND {
        return Err(format!("this is no deletion certificate; its kind should be `{KIND}`"));
    }
    let part = |name: &str| told[name].as_str().unwrap_or_default().to_owned();
    if !signature_fits(&part("public_key"), &part("signature"), &text_of(&told)) {
        return Err("the signature does not fit: the certificate was changed after it was issued".to_owned());
    }
    if issuer.is_some_and(|issuer| issuer != part("public_key")) {
        return Err("the certificate is whole, but another installation issued it".to_owned());
    }
    match told {
        Json::Object(fields) => Ok(fields),
        _ => Err("this is no certificate".to_owned()),
    }
}

/// The public half of the key that signs here, as a certificate names it.
pub fn certificate_key(vault: &store::Vault) -> String {
    vault.signer("certificate").public_key()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_certificate_is_read_by_anybody_and_changed_by_nobody() {
        let told = json!({ "kind": KIND, "people": 12, "ground": "purpose_ended", "clock": null });
        let issued = signed(told, &Signer::of([1; 32]));
        let text = serde_json::to_string_pretty(&issued).unwrap();
        let issuer = issued["public_key"].as_str().unwrap().to_owned();
        assert_eq!(verify_certificate(&text, Some(&issuer)).unwrap()["people"], 12);
        assert!(verify_certificate(&text.replace("12", "13"), None).is_err());
        assert!(verify_certificate(&text.replace("purpose_ended", "legal_demand"), None).is_err());
        let forged = signed(json!({ "kind": KIND, "people": 0 }), &Signer::of([2; 32])).to_string();
        assert!(
            verify_certificate(&forged, None).is_ok() && verify_certificate(&forged, Some(&issuer)).is_err()
        );
    }
}
