//! Data types of version 2 that say who and which: HD, EI, CX, XPN, XAD, XTN, XON, XCN, CWE, TS.

use super::fields::{Field, Segment};
use crate::ReportFault;
use crate::complaint::Finds;
use crate::lab_report::{
    Address, Authority, CodeSystem, Coded, Coding, EntityId, Organisation, Patient, PatientId, PersonName,
    Provider, Sex, Telecom, TelecomKind,
};
use crate::stated_time::{CivilDate, StatedTime};

pub fn authority(field: Field<'_>) -> Authority {
    Authority { name: field.component(1), id: field.component(2), kind: field.component(3) }
}

fn authority_in(field: Field<'_>, component: usize) -> Authority {
    authority_from(field, component, 1)
}

fn authority_from(field: Field<'_>, component: usize, first: usize) -> Authority {
    Authority {
        name: field.sub(component, first),
        id: field.sub(component, first + 1),
        kind: field.sub(component, first + 2),
    }
}

pub fn entity(field: Field<'_>) -> Option<EntityId> {
    let authority = Authority { name: field.component(2), id: field.component(3), kind: field.component(4) };
    known(EntityId { id: field.component(1), authority })
}

/// EIP: placer and filler of a specimen are components, their parts are sub-components.
pub fn entity_in(field: Field<'_>, component: usize) -> Option<EntityId> {
    known(EntityId { id: field.sub(component, 1), authority: authority_from(field, component, 2) })
}

fn known(entity: EntityId) -> Option<EntityId> {
    (entity != EntityId::default()).then_some(entity)
}

pub fn time(field: Field<'_>, component: usize, finds: &mut Finds) -> Option<StatedTime> {
    let said = field.component(component)?;
    let read = StatedTime::from_digits(&said);
    if read.is_none() {
        finds.doubt(field, ReportFault::BadTime { said });
    }
    read
}

pub fn coded(field: Field<'_>) -> Coded {
    let coding = |code, text, system, version| Coding {
        code: field.component(code),
        text: field.component(text),
        system: field.component(system).map(|name| CodeSystem::of_name(&name)),
        version: field.component(version),
    };
    let codings = [coding(1, 2, 3, 7), coding(4, 5, 6, 8)];
    Coded {
        codings: codings.into_iter().filter(|coding| !coding.is_blank()).collect(),
        text: field.component(9),
    }
}

pub fn coded_each(field: Field<'_>) -> Vec<Coded> {
    field.repetitions().map(coded).filter(|coded| !coded.is_blank()).collect()
}

/// OBX-8, which in version 2.5.1 is a bare code of table 0078, and in later guides a code like any other.
pub fn interpretations(field: Field<'_>) -> Vec<Coded> {
    let mut all = coded_each(field);
    for interpretation in &mut all {
        if let [coding] = &mut interpretation.codings[..]
            && coding.system.is_none()
            && coding.text.is_none()
        {
            coding.system = Some(CodeSystem::Hl7Table("0078".to_owned()));
        }
    }
    all
}

pub fn patient(segment: &Segment<'_>, finds: &mut Finds) -> Patient {
    let identifiers: Vec<PatientId> = segment
        .field(3)
        .repetitions()
        .map(|field| PatientId {
            id: field.component(1),
            authority: authority_in(field, 4),
            kind: field.component(5),
        })
        .filter(|identifier| *identifier != PatientId::default())
        .collect();
    let names: Vec<PersonName> = segment.field(5).repetitions().map(name).collect();
    let names: Vec<PersonName> = names.into_iter().filter(|name| *name != PersonName::default()).collect();
    if identifiers.is_empty() && names.is_empty() {
        let what = "a number or a name of the patient (PID-3, PID-5)".to_owned();
        finds.doubt(segment.field(3), ReportFault::Missing { what });
    }
    Patient {
        identifiers,
        names,
        birth: birth(segment.field(7), finds),
        sex: sex(segment.field(8)),
        telecoms: [13, 14]
            .into_iter()
            .flat_map(|number| segment.field(number).repetitions().filter_map(telecom))
            .collect(),
        addresses: segment.field(11).repetitions().filter_map(address).collect(),
        notes: Vec::new(),
    }
}

fn name(field: Field<'_>) -> PersonName {
    PersonName {
        family: field.component(1),
        given: field.component(2),
        further: field.component(3),
        suffix: field.component(4),
        prefix: field.component(5),
        kind: field.component(7),
    }
}

/// A day by the calendar. Some systems add a midnight, which says nothing.
fn birth(field: Field<'_>, finds: &mut Finds) -> Option<CivilDate> {
    let said = field.component(1)?;
    let read = StatedTime::from_digits(&said).map(|time| time.date);
    if read.is_none() {
        finds.doubt(field, ReportFault::BadTime { said });
    }
    read
}

fn sex(field: Field<'_>) -> Option<Sex> {
    Some(match field.component(1)?.as_str() {
        "F" => Sex::Female,
        "M" => Sex::Male,
        "O" => Sex::Other,
        "U" => Sex::Unknown,
        other => Sex::Said(other.to_owned()),
    })
}

/// XTN: whole in component 12 or (of old) 1, in pieces in 5 to 8, or an e-mail address in 4.
pub fn telecom(field: Field<'_>) -> Option<Telecom> {
    let used_as = field.component(2);
    if let Some(value) = field.component(4) {
        return Some(Telecom { kind: TelecomKind::Email, value, used_as });
    }
    let value = field.component(12).or_else(|| pieces(field)).or_else(|| field.component(1))?;
    Some(Telecom { kind: TelecomKind::Phone, value, used_as })
}

fn pieces(field: Field<'_>) -> Option<String> {
    let local = field.component(7)?;
    let country = field.component(5).map(|code| format!("+{}", code.trim_start_matches('+')));
    let extension = field.component(8).map(|digits| format!("ext. {digits}"));
    let all = [country, field.component(6), Some(local), extension];
    Some(all.into_iter().flatten().collect::<Vec<_>>().join(" "))
}

pub fn address(field: Field<'_>) -> Option<Address> {
    let address = Address {
        lines: [field.component(1), field.component(2)].into_iter().flatten().collect(),
        city: field.component(3),
        state: field.component(4),
        postcode: field.component(5),
        country: field.component(6),
        kind: field.component(7),
        district: field.component(8).or_else(|| field.component(9)),
    };
    (!address.is_blank()).then_some(address)
}

/// XON, with the address and the telephone that stand in fields of their own.
pub fn organisation(
    name: Field<'_>,
    address_field: Option<Field<'_>>,
    phone: Option<Field<'_>>,
) -> Option<Organisation> {
    let organisation = Organisation {
        name: name.component(1),
        id: name.component(10).or_else(|| name.component(3)),
        authority: authority_in(name, 6),
        address: address_field.and_then(|field| address(field.first())),
        phone: phone.and_then(|field| telecom(field.first())).map(|telecom| telecom.value),
    };
    (organisation != Organisation::default()).then_some(organisation)
}

/// XCN.
pub fn provider(field: Field<'_>, phone: Field<'_>) -> Option<Provider> {
    let provider = Provider {
        id: field.component(1),
        family: field.component(2),
        given: field.component(3),
        authority: authority_in(field, 9),
        phone: telecom(phone.first()).map(|telecom| telecom.value),
    };
    (provider != Provider::default()).then_some(provider)
}
