//! A report as a message bundle of R4, in the shape public health receivers take: a header, where it comes from, and the
//! report with everything it refers to.

use super::datatypes::{
    Annotation, CodeableConcept, Extension, Identifier, Meta, Period, Reference, ReferenceRange,
};
use super::ids::{address, coding, full_url, identifier};
use super::resources::{
    Agent, Bundle, Collection, Destination, Device, DiagnosticReport, Entry, MessageHeader, Observation,
    PractitionerRole, Provenance, ServiceRequest, Source, Specimen,
};
use super::words::{concept, concept_unless_blank, instant_out, kept, status_beside, status_word, time_out};
use super::{ids, parties, values};
use crate::lab_report::{Authority, EntityId, LabReport, LabResult, Organisation, ReportedSpecimen};
use crate::{Complaint, Place, ReportFault, Written};
use linelist::Severity;
use serde::Serialize;
use std::collections::BTreeMap;

pub fn write(report: &LabReport) -> Written {
    let mut out = Out::new(report);
    let subject =
        report.patient.as_ref().map(|patient| out.add("Patient", |id| parties::patient_out(patient, id)));
    let sender = out.house(&report.message.sender.facility);
    let receiver = out.house(&report.message.receiver.facility);
    let diagnostic = out.promised("DiagnosticReport");
    let specimens: Vec<Reference> =
        report.specimens.iter().map(|one| out.specimen(one, subject.as_ref())).collect();
    let first = specimens.first().cloned();
    let results: Vec<Reference> = report
        .results
        .iter()
        .map(|result| out.observation(result, subject.as_ref(), first.as_ref(), Role::Result))
        .collect();
    let answers: Vec<Reference> = report
        .answers
        .iter()
        .map(|answer| out.observation(answer, subject.as_ref(), None, Role::Answer))
        .collect();
    let request = out.request(report, subject.as_ref(), sender.as_ref(), &specimens, answers);
    out.diagnostic_report(report, &diagnostic, subject, sender.as_ref(), request, specimens, results);
    let provenance = out.provenance(report, &diagnostic, sender.as_ref());
    out.message_header(report, sender, receiver, [Some(diagnostic), provenance]);
    out.finished(report)
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Role {
    Result,
    Answer,
    OfSpecimen,
}

struct Out<'r> {
    sender: String,
    message: &'r str,
    counts: BTreeMap<&'static str, usize>,
    entries: Vec<(&'static str, Entry)>,
    houses: Vec<(Organisation, Reference)>,
    devices: Vec<(EntityId, Reference)>,
    complaints: Vec<Complaint>,
}

/// The order of entries: the header must be first, what is referred to follows what refers to it.
const ORDER: [&str; 11] = [
    "MessageHeader",
    "Provenance",
    "DiagnosticReport",
    "Patient",
    "Organization",
    "Practitioner",
    "PractitionerRole",
    "ServiceRequest",
    "Specimen",
    "Device",
    "Observation",
];

impl<'r> Out<'r> {
    fn new(report: &'r LabReport) -> Out<'r> {
        let parts = [&report.message.sender.application, &report.message.sender.facility];
        let sender: Vec<String> =
            parts.iter().flat_map(|party| [&party.name, &party.id]).flatten().cloned().collect();
        Out {
            sender: sender.join("\u{1F}"),
            message: &report.message.id,
            counts: BTreeMap::new(),
            entries: Vec::new(),
            houses: Vec::new(),
            devices: Vec::new(),
            complaints: Vec::new(),
        }
    }

    fn missing(&mut self, path: &str, what: &str) {
        self.complaints.push(Complaint {
            place: Place::Path { path: path.to_owned() },
            severity: Severity::Warning,
            fault: ReportFault::Missing { what: what.to_owned() },
        });
    }

    /// The name of an entry that is still to be made.
    fn promised(&mut self, kind: &'static str) -> Reference {
        let count = self.counts.entry(kind).or_default();
        *count += 1;
        let url = full_url(&self.sender, self.message, kind, *count);
        Reference { reference: Some(url), display: None }
    }

    fn add<T: Serialize>(&mut self, kind: &'static str, make: impl FnOnce(String) -> T) -> Reference {
        let name = self.promised(kind);
        self.put(kind, &name, make);
        name
    }

    fn put<T: Serialize>(&mut self, kind: &'static str, name: &Reference, make: impl FnOnce(String) -> T) {
        let url = name.reference.clone().unwrap_or_default();
        let id = url.trim_start_matches("urn:uuid:").to_owned();
        let resource = serde_json::value::to_raw_value(&make(id)).ok();
        self.entries.push((kind, Entry { full_url: Some(url), resource }));
    }

    fn organisation(&mut self, organisation: &Organisation) -> Reference {
        if let Some((_, name)) = self.houses.iter().find(|(known, _)| known == organisation) {
            return name.clone();
        }
        let name = self.add("Organization", |id| parties::organisation_out(organisation, id));
        self.houses.push((organisation.clone(), name.clone()));
        name
    }

    fn house(&mut self, house: &Authority) -> Option<Reference> {
        (!house.is_blank()).then(|| self.organisation(&parties::house_out(house)))
    }

    fn device(&mut self, instrument: &EntityId) -> Reference {
        if let Some((_, name)) = self.devices.iter().find(|(known, _)| known == instrument) {
            return name.clone();
        }
        let name = self.add("Device", |id| Device {
            resource_type: "Device".to_owned(),
            id: Some(id),
            identifier: vec![identifier(instrument.id.as_ref(), &instrument.authority, None)],
            ..Device::default()
        });
        self.devices.push((instrument.clone(), name.clone()));
        name
    }

    fn specimen(&mut self, specimen: &ReportedSpecimen, subject: Option<&Reference>) -> Reference {
        let name = self.promised("Specimen");
        for observed in &specimen.observations {
            self.observation(observed, subject, Some(&name), Role::OfSpecimen);
        }
        let (received_time, beside_received) = time_out(specimen.received);
        let collection = match (specimen.collected, specimen.collected_until) {
            (None, None) => None,
            (from, None) => {
                let (collected_date_time, beside_collected) = time_out(from);
                Some(Collection { collected_date_time, beside_collected, ..Collection::default() })
            }
            (from, until) => {
                let ((start, beside_start), (end, beside_end)) = (time_out(from), time_out(until));
                let period = Period { start, beside_start, end, beside_end };
                Some(Collection { collected_period: Some(period), ..Collection::default() })
            }
        };
        let subject = subject.cloned();
        self.put("Specimen", &name, |id| Specimen {
            resource_type: "Specimen".to_owned(),
            id: Some(id),
            identifier: numbers([(&specimen.placer, "PLAC"), (&specimen.filler, "FILL")]),
            r#type: concept_unless_blank(&specimen.kind),
            subject,
            received_time,
            beside_received,
            collection,
            ..Specimen::default()
        });
        name
    }

    fn observation(
        &mut self,
        observed: &LabResult,
        subject: Option<&Reference>,
        specimen: Option<&Reference>,
        role: Role,
    ) -> Reference {
        let performer = observed.lab.as_ref().map(|lab| self.organisation(lab));
        let device = observed.instrument.as_ref().map(|instrument| self.device(instrument));
        let (effective_date_time, beside_effective) = time_out(observed.observed);
        let (issued, beside_issued) = instant_out(observed.analysed);
        let mut extension = status_beside(observed.status.as_ref(), "OBX-11");
        extension.extend(observed.part.as_deref().map(|part| kept("OBX-4", part)));
        extension.extend(observed.methods.iter().skip(1).map(|method| Extension {
            url: "urn:x-hl7v2:OBX-17".to_owned(),
            value_codeable_concept: Some(concept(method)),
            ..Extension::default()
        }));
        let laboratory = coding("http://terminology.hl7.org/CodeSystem/observation-category", "laboratory");
        let category =
            (role == Role::Result).then(|| CodeableConcept { coding: vec![laboratory], text: None });
        let mut observation = Observation {
            resource_type: "Observation".to_owned(),
            extension,
            status: Some(status_word(observed.status.as_ref()).to_owned()),
            category: category.into_iter().collect(),
            code: concept_unless_blank(&observed.test),
            subject: subject.cloned(),
            focus: specimen.filter(|_| role == Role::OfSpecimen).cloned().into_iter().collect(),
            effective_date_time,
            beside_effective,
            issued,
            beside_issued,
            performer: performer.into_iter().collect(),
            interpretation: observed.interpretation.iter().map(concept).collect(),
            note: annotations(&observed.notes),
            method: observed.methods.first().map(concept),
            specimen: specimen.filter(|_| role == Role::Result).cloned(),
            device,
            reference_range: observed
                .reference_range
                .iter()
                .map(|text| ReferenceRange { text: Some(text.clone()) })
                .collect(),
            ..Observation::default()
        };
        values::write(&observed.value, &mut observation);
        if observed.test.is_blank() {
            self.missing("Observation.code", "what was observed");
        }
        self.add("Observation", |id| Observation { id: Some(id), ..observation })
    }

    fn request(
        &mut self,
        report: &LabReport,
        subject: Option<&Reference>,
        lab: Option<&Reference>,
        specimens: &[Reference],
        answers: Vec<Reference>,
    ) -> Reference {
        let order = &report.order;
        let practitioner = order
            .provider
            .as_ref()
            .map(|provider| self.add("Practitioner", |id| parties::practitioner_out(provider, id)));
        let organization = order.facility.as_ref().map(|facility| self.organisation(facility));
        let requester = (practitioner.is_some() || organization.is_some()).then(|| {
            self.add("PractitionerRole", |id| PractitionerRole {
                resource_type: "PractitionerRole".to_owned(),
                id: Some(id),
                practitioner,
                organization,
                ..PractitionerRole::default()
            })
        });
        self.add("ServiceRequest", |id| ServiceRequest {
            resource_type: "ServiceRequest".to_owned(),
            id: Some(id),
            identifier: numbers([(&order.placer, "PLAC"), (&None, "FILL")]),
            status: Some("completed".to_owned()),
            intent: Some("order".to_owned()),
            code: concept_unless_blank(&order.test),
            subject: subject.cloned(),
            requester,
            performer: lab.cloned().into_iter().collect(),
            specimen: specimens.to_vec(),
            supporting_info: answers,
            note: annotations(&order.notes),
            ..ServiceRequest::default()
        })
    }

    #[expect(clippy::too_many_arguments, reason = "each is one reference of the resource")]
    fn diagnostic_report(
        &mut self,
        report: &LabReport,
        name: &Reference,
        subject: Option<Reference>,
        lab: Option<&Reference>,
        request: Reference,
        specimen: Vec<Reference>,
        result: Vec<Reference>,
    ) {
        if subject.is_none() {
            self.missing("DiagnosticReport.subject", "the patient");
        }
        if report.order.test.is_blank() {
            self.missing("DiagnosticReport.code", "the test that was ordered");
        }
        let order = &report.order;
        let (effective_date_time, beside_effective) = time_out(order.collected);
        let (issued, beside_issued) = instant_out(order.reported);
        let laboratory = coding("http://terminology.hl7.org/CodeSystem/v2-0074", "LAB");
        self.put("DiagnosticReport", name, |id| DiagnosticReport {
            resource_type: "DiagnosticReport".to_owned(),
            id: Some(id),
            extension: status_beside(order.status.as_ref(), "OBR-25"),
            identifier: numbers([(&None, "PLAC"), (&order.filler, "FILL")]),
            based_on: vec![request],
            status: Some(status_word(order.status.as_ref()).to_owned()),
            category: vec![CodeableConcept { coding: vec![laboratory], text: None }],
            code: concept_unless_blank(&order.test),
            subject,
            effective_date_time,
            beside_effective,
            issued,
            beside_issued,
            performer: lab.cloned().into_iter().collect(),
            specimen,
            result,
            ..DiagnosticReport::default()
        });
    }

    /// Left out when nobody said when the message was sent: FHIR asks for the instant.
    fn provenance(
        &mut self,
        report: &LabReport,
        target: &Reference,
        sender: Option<&Reference>,
    ) -> Option<Reference> {
        let recorded = instant_out(report.message.sent).0?;
        let who = sender?.clone();
        Some(self.add("Provenance", |id| Provenance {
            resource_type: "Provenance".to_owned(),
            id: Some(id),
            target: vec![target.clone()],
            recorded: Some(recorded),
            agent: vec![Agent { who: Some(who) }],
            ..Provenance::default()
        }))
    }

    fn message_header(
        &mut self,
        report: &LabReport,
        sender: Option<Reference>,
        receiver: Option<Reference>,
        focus: [Option<Reference>; 2],
    ) {
        if sender.is_none() {
            self.missing("MessageHeader.sender", "the sending laboratory");
        }
        let head = &report.message;
        let endpoint = |party: &Authority| Some(address(party).unwrap_or_else(|| ids::NOWHERE.to_owned()));
        let destination = Destination {
            name: head.receiver.application.name.clone(),
            endpoint: endpoint(&head.receiver.application),
            receiver,
        };
        let mode = coding("http://terminology.hl7.org/CodeSystem/v2-0103", head.mode.letter());
        let event = coding("http://terminology.hl7.org/CodeSystem/v2-0003", "R01");
        self.add("MessageHeader", |id| MessageHeader {
            resource_type: "MessageHeader".to_owned(),
            id: Some(id),
            meta: Some(Meta { tag: vec![mode] }),
            event_coding: Some(event),
            destination: vec![destination],
            sender,
            source: Some(Source {
                name: head.sender.application.name.clone(),
                software: Some("quell".to_owned()),
                version: Some(env!("CARGO_PKG_VERSION").to_owned()),
                endpoint: endpoint(&head.sender.application),
            }),
            focus: focus.into_iter().flatten().collect(),
            ..MessageHeader::default()
        });
    }

    fn finished(mut self, report: &LabReport) -> Written {
        if report.message.id.is_empty() {
            self.missing("Bundle.identifier", "the number of the message");
        }
        let place = |kind: &str| ORDER.iter().position(|known| *known == kind).unwrap_or(ORDER.len());
        self.entries.sort_by_key(|(kind, _)| place(kind));
        let (timestamp, beside_timestamp) = instant_out(report.message.sent);
        let id = &report.message.id;
        let bundle = Bundle {
            resource_type: "Bundle".to_owned(),
            identifier: (!id.is_empty()).then(|| Identifier {
                system: id.starts_with("urn:").then(|| "urn:ietf:rfc:3986".to_owned()),
                value: Some(id.clone()),
                ..Identifier::default()
            }),
            r#type: Some("message".to_owned()),
            timestamp,
            beside_timestamp,
            entry: self.entries.into_iter().map(|(_, entry)| entry).collect(),
            ..Bundle::default()
        };
        // Texts, numbers and lists of them: there is nothing in it that JSON cannot say.
        let text = serde_json::to_string(&bundle).unwrap_or_default();
        Written { text, complaints: self.complaints }
    }
}

fn numbers(all: [(&Option<EntityId>, &str); 2]) -> Vec<Identifier> {
    let known = all.into_iter().filter_map(|(entity, kind)| Some((entity.as_ref()?, kind)));
    known.map(|(entity, kind)| identifier(entity.id.as_ref(), &entity.authority, Some(kind))).collect()
}

fn annotations(notes: &[String]) -> Vec<Annotation> {
    notes.iter().map(|note| Annotation { text: Some(note.clone()) }).collect()
}
