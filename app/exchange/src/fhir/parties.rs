//! People and organisations, both ways.

use super::datatypes::{Address as FhirAddress, ContactPoint, HumanName};
use super::links::Links;
use super::resources::{Organization, Patient as FhirPatient, Practitioner, PractitionerRole};
use super::words::{ADDRESSES, NAMES, TELECOMS, kept, paired, said, unpaired, was_kept};
use super::{ids, words};
use crate::complaint::Finds;
use crate::lab_report::{
    Address, Authority, Organisation, Patient, PatientId, PersonName, Provider, Sex, Telecom, TelecomKind,
};
use crate::{Complaint, Place, ReportFault};
use linelist::Severity;

pub fn patient(patient: &FhirPatient, birth_place: &Place, finds: &mut Finds) -> Patient {
    let identifiers = patient.identifier.iter().map(|identifier| {
        let (id, authority, kind) = ids::parts(identifier);
        PatientId { id, authority, kind }
    });
    let birth_said = said(patient.birth_date.as_ref());
    let birth = birth_said.as_ref().and_then(|said| said.parse().ok());
    if let (Some(said), None) = (birth_said, birth) {
        finds.doubt(birth_place.clone(), ReportFault::BadTime { said });
    }
    Patient {
        identifiers: identifiers.filter(|one| *one != PatientId::default()).collect(),
        names: patient.name.iter().map(name).filter(|name| *name != PersonName::default()).collect(),
        birth,
        sex: words::sex(patient.gender.as_deref(), &patient.extension),
        telecoms: patient.telecom.iter().filter_map(telecom).collect(),
        addresses: patient.address.iter().filter_map(address).collect(),
        notes: words::all_kept(&patient.extension, "NTE")
            .filter_map(|one| said(one.value_string.as_ref()))
            .collect(),
    }
}

pub fn patient_out(patient: &Patient, id: String) -> FhirPatient {
    let mut extension = Vec::new();
    if let Some(Sex::Said(word)) = &patient.sex {
        extension.push(kept("PID-8", word));
    }
    extension.extend(patient.notes.iter().map(|note| kept("NTE", note)));
    FhirPatient {
        resource_type: "Patient".to_owned(),
        id: Some(id),
        extension,
        identifier: patient
            .identifiers
            .iter()
            .map(|one| ids::identifier(one.id.as_ref(), &one.authority, one.kind.as_deref()))
            .collect(),
        name: patient.names.iter().map(name_out).collect(),
        telecom: patient.telecoms.iter().map(telecom_out).collect(),
        gender: patient.sex.as_ref().map(|sex| words::sex_word(sex).to_owned()),
        birth_date: patient.birth.map(|birth| birth.to_string()),
        address: patient.addresses.iter().map(address_out).collect(),
    }
}

fn name(name: &HumanName) -> PersonName {
    let given: Vec<&String> = name.given.iter().filter(|part| !part.trim().is_empty()).collect();
    let further = given.get(1..).unwrap_or_default().iter().map(|part| part.as_str()).collect::<Vec<_>>();
    let parts = PersonName {
        family: said(name.family.as_ref()),
        given: given.first().map(|part| (*part).clone()),
        further: (!further.is_empty()).then(|| further.join(" ")),
        prefix: said(name.prefix.first()),
        suffix: said(name.suffix.first()),
        kind: None,
    };
    if parts == PersonName::default() {
        // A name that nobody has taken apart.
        return PersonName { family: said(name.text.as_ref()), ..parts };
    }
    let kind = was_kept(&name.extension, "XPN.7").or_else(|| unpaired(&NAMES, name.r#use.as_deref()));
    PersonName { kind, ..parts }
}

fn name_out(name: &PersonName) -> HumanName {
    let (r#use, extension) = word_out(&NAMES, name.kind.as_deref(), "XPN.7");
    HumanName {
        extension,
        r#use,
        text: None,
        family: name.family.clone(),
        given: [&name.given, &name.further].into_iter().flatten().cloned().collect(),
        prefix: name.prefix.iter().cloned().collect(),
        suffix: name.suffix.iter().cloned().collect(),
    }
}

fn word_out(
    table: &[(&'static str, &'static str)],
    word: Option<&str>,
    field: &str,
) -> (Option<String>, Vec<super::datatypes::Extension>) {
    match (paired(table, word), word) {
        (Some(partner), _) => (Some(partner.to_owned()), Vec::new()),
        (None, Some(word)) => (None, vec![kept(field, word)]),
        (None, None) => (None, Vec::new()),
    }
}

fn telecom(contact: &ContactPoint) -> Option<Telecom> {
    let kind = match contact.system.as_deref() {
        Some("email") => TelecomKind::Email,
        Some("phone" | "sms") | None => TelecomKind::Phone,
        Some(_) => return None,
    };
    let used_as =
        was_kept(&contact.extension, "XTN.2").or_else(|| unpaired(&TELECOMS, contact.r#use.as_deref()));
    Some(Telecom { kind, value: said(contact.value.as_ref())?, used_as })
}

fn telecom_out(telecom: &Telecom) -> ContactPoint {
    let (r#use, extension) = word_out(&TELECOMS, telecom.used_as.as_deref(), "XTN.2");
    let system = match telecom.kind {
        TelecomKind::Phone => "phone",
        TelecomKind::Email => "email",
    };
    ContactPoint { extension, system: Some(system.to_owned()), value: Some(telecom.value.clone()), r#use }
}

fn phone_out(value: Option<&String>) -> Vec<ContactPoint> {
    let phone = value.map(|value| ContactPoint {
        system: Some("phone".to_owned()),
        value: Some(value.clone()),
        ..ContactPoint::default()
    });
    phone.into_iter().collect()
}

fn phone(contacts: &[ContactPoint]) -> Option<String> {
    contacts.iter().filter_map(telecom).find(|one| one.kind == TelecomKind::Phone).map(|one| one.value)
}

fn address(address: &FhirAddress) -> Option<Address> {
    let mut lines: Vec<String> =
        address.line.iter().filter(|line| !line.trim().is_empty()).cloned().collect();
    let told = Address {
        city: said(address.city.as_ref()),
        district: said(address.district.as_ref()),
        state: said(address.state.as_ref()),
        postcode: said(address.postal_code.as_ref()),
        country: said(address.country.as_ref()),
        ..Address::default()
    };
    if lines.is_empty() && told.is_blank() {
        lines.extend(said(address.text.as_ref()));
    }
    let kind =
        was_kept(&address.extension, "XAD.7").or_else(|| unpaired(&ADDRESSES, address.r#use.as_deref()));
    let told = Address { lines, kind, ..told };
    (!told.is_blank()).then_some(told)
}

fn address_out(address: &Address) -> FhirAddress {
    let (r#use, extension) = word_out(&ADDRESSES, address.kind.as_deref(), "XAD.7");
    FhirAddress {
        extension,
        r#use,
        text: None,
        line: address.lines.clone(),
        city: address.city.clone(),
        district: address.district.clone(),
        state: address.state.clone(),
        postal_code: address.postcode.clone(),
        country: address.country.clone(),
    }
}

fn organisation(organization: &Organization) -> Option<Organisation> {
    let (id, authority, _) = organization.identifier.first().map(ids::parts).unwrap_or_default();
    let read = Organisation {
        name: said(organization.name.as_ref()),
        id,
        authority,
        address: organization.address.first().and_then(address),
        phone: phone(&organization.telecom),
    };
    (read != Organisation::default()).then_some(read)
}

pub fn organisation_out(organisation: &Organisation, id: String) -> Organization {
    let numbered = organisation.id.is_some() || !organisation.authority.is_blank();
    Organization {
        resource_type: "Organization".to_owned(),
        id: Some(id),
        identifier: numbered
            .then(|| ids::identifier(organisation.id.as_ref(), &organisation.authority, None))
            .into_iter()
            .collect(),
        name: organisation.name.clone(),
        telecom: phone_out(organisation.phone.as_ref()),
        address: organisation.address.iter().map(address_out).collect(),
        ..Organization::default()
    }
}

/// The house a message comes from or goes to: its number is of the kind its own authority says.
pub fn house_out(house: &Authority) -> Organisation {
    Organisation {
        name: house.name.clone(),
        id: house.id.clone(),
        authority: Authority { kind: house.kind.clone(), ..Authority::default() },
        ..Organisation::default()
    }
}

/// The organisation here, or the one of the role here.
pub fn organisation_at(links: &Links<'_>, at: usize, finds: &mut Finds) -> Option<Organisation> {
    match links.kind(at) {
        "Organization" => read::<Organization>(links, at, finds).as_ref().and_then(organisation),
        "PractitionerRole" => {
            let role = read::<PractitionerRole>(links, at, finds)?;
            let house = follow(links, at, role.organization?.reference, finds)?;
            let of_role = links.kind(house) == "Organization";
            of_role
                .then(|| read::<Organization>(links, house, finds))
                .flatten()
                .as_ref()
                .and_then(organisation)
        }
        _ => None,
    }
}

fn read<T: super::resources::Kind + serde::de::DeserializeOwned>(
    links: &Links<'_>,
    at: usize,
    finds: &mut Finds,
) -> Option<T> {
    let doubted = |complaint| finds.add(Complaint { severity: Severity::Warning, ..complaint });
    links.read::<T>(at).map_err(doubted).ok()
}

fn follow(links: &Links<'_>, from: usize, reference: Option<String>, finds: &mut Finds) -> Option<usize> {
    let reference = said(reference.as_ref())?;
    let found = links.find(from, &reference);
    if found.is_none() {
        finds.doubt(links.place(from, ""), ReportFault::Dangling { reference });
    }
    found
}

/// Who ordered a test, and the house they did it for.
pub fn requester(
    links: &Links<'_>,
    at: usize,
    finds: &mut Finds,
) -> (Option<Provider>, Option<Organisation>) {
    match links.kind(at) {
        "Practitioner" => (practitioner(links, at, None, finds), None),
        "Organization" => (None, organisation_at(links, at, finds)),
        "PractitionerRole" => {
            let Some(role) = read::<PractitionerRole>(links, at, finds) else { return (None, None) };
            let who = role
                .practitioner
                .and_then(|reference| follow(links, at, reference.reference, finds))
                .filter(|who| links.kind(*who) == "Practitioner");
            let provider = who.and_then(|who| practitioner(links, who, phone(&role.telecom), finds));
            (provider, organisation_at(links, at, finds))
        }
        _ => (None, None),
    }
}

fn practitioner(
    links: &Links<'_>,
    at: usize,
    phone_of_role: Option<String>,
    finds: &mut Finds,
) -> Option<Provider> {
    let practitioner = read::<Practitioner>(links, at, finds)?;
    let (id, authority, _) = practitioner.identifier.first().map(ids::parts).unwrap_or_default();
    let name = practitioner.name.first().map(name).unwrap_or_default();
    let provider = Provider {
        id,
        authority,
        family: name.family,
        given: name.given,
        phone: phone(&practitioner.telecom).or(phone_of_role),
    };
    (provider != Provider::default()).then_some(provider)
}

pub fn practitioner_out(provider: &Provider, id: String) -> Practitioner {
    let name = PersonName {
        family: provider.family.clone(),
        given: provider.given.clone(),
        ..PersonName::default()
    };
    let numbered = provider.id.is_some() || !provider.authority.is_blank();
    Practitioner {
        resource_type: "Practitioner".to_owned(),
        id: Some(id),
        identifier: numbered
            .then(|| ids::identifier(provider.id.as_ref(), &provider.authority, None))
            .into_iter()
            .collect(),
        name: (name != PersonName::default()).then(|| name_out(&name)).into_iter().collect(),
        telecom: phone_out(provider.phone.as_ref()),
        ..Practitioner::default()
    }
}
