//! Identifiers with whoever gave them, and the names that entries of our own bundles have.

use super::datatypes::{CodeableConcept, Coding, Identifier, Reference};
use super::words::said;
use crate::lab_report::{Authority, EntityId};

const KINDS_OF_NUMBERS: &str = "http://terminology.hl7.org/CodeSystem/v2-0203";
const KINDS_OF_AUTHORITIES: &str = "http://terminology.hl7.org/CodeSystem/v2-0301";
const NAMED: &str = "urn:x-hl7v2:";
/// Where a program is that has no address: R4 asks for one.
pub const NOWHERE: &str = "urn:x-hl7v2:nowhere";

/// The address of an authority, when it has a number.
pub fn address(authority: &Authority) -> Option<String> {
    let id = authority.id.as_ref()?;
    Some(match authority.kind.as_deref() {
        Some("ISO") => format!("urn:oid:{id}"),
        Some("UUID") => format!("urn:uuid:{id}"),
        Some("URI") => id.clone(),
        kind => format!("{NAMED}{}:{id}", kind.unwrap_or_default()),
    })
}

/// The number and its kind behind an address.
pub fn authority_of(address: &str) -> (Option<String>, Option<String>) {
    let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    for (scheme, kind) in [("urn:oid:", "ISO"), ("urn:uuid:", "UUID")] {
        if let Some(id) = address.strip_prefix(scheme) {
            return (some(id), some(kind));
        }
    }
    match address.strip_prefix(NAMED).and_then(|rest| rest.split_once(':')) {
        Some((kind, id)) => (some(id), some(kind)),
        None => (some(address), Some("URI".to_owned())),
    }
}

pub fn identifier(id: Option<&String>, authority: &Authority, kind: Option<&str>) -> Identifier {
    // Without a number of its own an authority can still be of a kind: laboratories have a CLIA number, and no more is said.
    let kind = kind.map(|kind| (KINDS_OF_NUMBERS, kind));
    let of_authority = authority.kind.as_deref().filter(|_| authority.id.is_none());
    let kinds = [kind, of_authority.map(|kind| (KINDS_OF_AUTHORITIES, kind))];
    let coding: Vec<Coding> =
        kinds.into_iter().flatten().map(|(system, code)| coding(system, code)).collect();
    Identifier {
        r#type: (!coding.is_empty()).then_some(CodeableConcept { coding, text: None }),
        system: address(authority),
        value: id.cloned(),
        assigner: authority
            .name
            .clone()
            .map(|display| Reference { display: Some(display), ..Reference::default() }),
    }
}

pub fn coding(system: &str, code: &str) -> Coding {
    Coding { system: Some(system.to_owned()), code: Some(code.to_owned()), ..Coding::default() }
}

/// The value, its authority, and the kind of number it is.
pub fn parts(identifier: &Identifier) -> (Option<String>, Authority, Option<String>) {
    let of_system = |system: &str| {
        let codings = identifier.r#type.iter().flat_map(|kind| &kind.coding);
        codings
            .filter(|coding| coding.system.as_deref() == Some(system))
            .find_map(|coding| coding.code.clone())
    };
    let (id, kind) = said(identifier.system.as_ref()).map_or((None, None), |system| authority_of(&system));
    let authority = Authority {
        name: said(identifier.assigner.as_ref().and_then(|assigner| assigner.display.as_ref())),
        kind: kind.or_else(|| of_system(KINDS_OF_AUTHORITIES)),
        id,
    };
    (said(identifier.value.as_ref()), authority, of_system(KINDS_OF_NUMBERS))
}

pub fn entity(identifier: &Identifier) -> Option<EntityId> {
    let (id, authority, _) = parts(identifier);
    let entity = EntityId { id, authority };
    (entity != EntityId::default()).then_some(entity)
}

/// Of several numbers the one of this kind; failing that, the first that is not said to be of the `other` kind.
pub fn entity_of_kind(identifiers: &[Identifier], wanted: &str, other: &str) -> Option<EntityId> {
    let of = |word: &str| identifiers.iter().find(|one| parts(one).2.as_deref() == Some(word));
    let unsaid = || identifiers.iter().find(|one| parts(one).2.as_deref() != Some(other));
    of(wanted).or_else(unsaid).and_then(entity)
}

/// The name of an entry: the same message has the same names each time it is written (RFC 9562 version 8, FNV-1a inside).
pub fn full_url(sender: &str, message: &str, kind: &str, number: usize) -> String {
    let mut hash: u128 = 0x6c62_272e_07bb_0142_62b8_2175_6295_c58d;
    let number = number.to_string();
    for text in [sender, message, kind, number.as_str()] {
        for byte in text.bytes().chain([0xFF]) {
            hash ^= u128::from(byte);
            hash = hash.wrapping_mul(0x0000_0000_0100_0000_0000_0000_0000_013B);
        }
    }
    let versioned = (hash & !(0xF << 76) & !(0x3 << 62)) | (0x8 << 76) | (0x2 << 62);
    let digits = format!("{versioned:032x}");
    format!(
        "urn:uuid:{}-{}-{}-{}-{}",
        &digits[..8],
        &digits[8..12],
        &digits[12..16],
        &digits[16..20],
        &digits[20..]
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_authority_comes_back_from_its_address() {
        for (id, kind, written) in [
            ("2.16.840.1", Some("ISO"), "urn:oid:2.16.840.1"),
            ("https://lab.example.org", Some("URI"), "https://lab.example.org"),
            ("05D9", Some("CLIA"), "urn:x-hl7v2:CLIA:05D9"),
            ("7", None, "urn:x-hl7v2::7"),
        ] {
            let kind = kind.map(str::to_owned);
            let authority = Authority { name: None, id: Some(id.to_owned()), kind: kind.clone() };
            assert_eq!(address(&authority).as_deref(), Some(written));
            assert_eq!(authority_of(written), (Some(id.to_owned()), kind));
        }
    }

    #[test]
    fn entries_have_names_that_are_uuids_and_differ() {
        let one = full_url("LAB", "1", "Patient", 1);
        assert_eq!(one, full_url("LAB", "1", "Patient", 1));
        assert!(one != full_url("LAB", "1", "Patient", 2) && one != full_url("LAB1", "", "Patient", 1));
        assert_eq!((one.len(), &one[23..24]), (45, "8"));
        assert!("89ab".contains(&one[28..29]));
    }
}
