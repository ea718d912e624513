//! One `DiagnosticReport`, with all that hangs on it, as a report.

use super::datatypes::Reference;
use super::links::Links;
use super::resources::{Component, DiagnosticReport, Observation, ServiceRequest, Specimen};
use super::{ids, parties, values, words};
use crate::complaint::Finds;
use crate::lab_report::questions::is_question;
use crate::lab_report::{
    EntityId, LabReport, LabResult, MessageHead, Order, Patient, ReportedSpecimen, Value,
};
use crate::{Complaint, Place, Received, ReportFault};
use linelist::Severity;
use std::collections::{BTreeMap, BTreeSet};

/// Panels within panels; more is a circle.
const DEEPEST: usize = 8;

pub fn read_all(links: &Links<'_>, head: &MessageHead, finds: &mut Finds, received: &mut Received) {
    let focused = focused(links);
    for at in links.of_kind("DiagnosticReport") {
        finds.take_failed();
        let report = Reader { links, focused: &focused, finds, subject: None }.report(at, head);
        match report.filter(|_| !finds.take_failed()) {
            Some(report) => received.reports.push(report),
            None => received.refused += 1,
        }
    }
    for at in links.of_kind("Observation").filter(|at| !links.is_used(*at)) {
        let fault = ReportFault::Unreferenced { kind: "Observation".to_owned() };
        finds.doubt(links.place(at, ""), fault);
    }
    if received.reports.is_empty() && received.refused == 0 {
        finds.error(Place::Whole, ReportFault::Missing { what: "DiagnosticReport".to_owned() });
    }
}

/// Observations whose focus is a specimen, by that specimen.
fn focused(links: &Links<'_>) -> BTreeMap<usize, Vec<usize>> {
    let mut focused: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for at in links.of_kind("Observation") {
        let Ok(observation) = links.read::<Observation>(at) else { continue };
        let focus = observation.focus.iter().filter_map(|focus| focus.reference.as_deref());
        for found in focus.filter_map(|focus| links.find(at, focus)) {
            if links.kind(found) == "Specimen" {
                focused.entry(found).or_default().push(at);
            }
        }
    }
    focused
}

struct Reader<'r, 'a> {
    links: &'r Links<'a>,
    focused: &'r BTreeMap<usize, Vec<usize>>,
    finds: &'r mut Finds,
    /// Whom the report is about.
    subject: Option<usize>,
}

impl Reader<'_, '_> {
    /// Where a reference leads, to a resource of this kind. What is needed and not there is an error.
    fn follow(
        &mut self,
        from: usize,
        field: &str,
        reference: &Reference,
        kind: &str,
        severity: Severity,
    ) -> Option<usize> {
        let target = words::said(reference.reference.as_ref())?;
        let place = self.links.place(from, field);
        match self.links.find(from, &target) {
            Some(at) if kind.is_empty() || self.links.kind(at) == kind => Some(at),
            Some(at) => {
                let (found, wanted) = (self.links.kind(at).to_owned(), kind.to_owned());
                let fault = ReportFault::WrongResource { reference: target, found, wanted };
                self.finds.add(Complaint { place, severity, fault });
                None
            }
            None => {
                self.finds.add(Complaint {
                    place,
                    severity,
                    fault: ReportFault::Dangling { reference: target },
                });
                None
            }
        }
    }

    fn read<T: super::resources::Kind + serde::de::DeserializeOwned>(&mut self, at: usize) -> Option<T> {
        self.links.read::<T>(at).map_err(|complaint| self.finds.add(complaint)).ok()
    }

    fn report(mut self, at: usize, head: &MessageHead) -> Option<LabReport> {
        let report: DiagnosticReport = self.read(at)?;
        let patient = self.patient(at, report.subject.as_ref());
        let mut read = LabReport {
            message: head.clone(),
            patient,
            order: self.order(at, &report),
            ..LabReport::default()
        };
        let mut met = BTreeSet::new();
        for reference in &report.based_on {
            self.request(at, reference, &mut read, &mut met);
        }
        for reference in &report.specimen {
            if let Some(found) = self.follow(at, "specimen", reference, "Specimen", Severity::Error) {
                read.specimens.extend(self.specimen(found));
            }
        }
        for reference in &report.result {
            if let Some(found) = self.follow(at, "result", reference, "Observation", Severity::Error) {
                let results = self.results(found, 0, &mut met);
                let (answers, results): (Vec<_>, Vec<_>) =
                    results.into_iter().partition(|result| is_question(&result.test));
                read.answers.extend(answers);
                read.results.extend(results);
            }
        }
        if read.results.is_empty() && read.answers.is_empty() && !self.finds.failed {
            self.finds.error(self.links.place(at, "result"), ReportFault::NoResults);
        }
        Some(read)
    }

    fn patient(&mut self, at: usize, subject: Option<&Reference>) -> Option<Patient> {
        let subject = subject?;
        let found = self.follow(at, "subject", subject, "", Severity::Error)?;
        self.subject = Some(found);
        // A surface, goods or waste water is no person.
        if self.links.kind(found) != "Patient" {
            return None;
        }
        let patient = self.read(found)?;
        Some(parties::patient(&patient, &self.links.place(found, "birthDate"), self.finds))
    }

    fn order(&mut self, at: usize, report: &DiagnosticReport) -> Order {
        let place = |field: &str| self.links.place(at, field);
        let (effective, issued, status) = (place("effectiveDateTime"), place("issued"), place("status"));
        let from_period = || {
            let period = report.effective_period.as_ref();
            (
                period.and_then(|period| period.start.as_ref()),
                period.and_then(|period| period.beside_start.as_ref()),
            )
        };
        let (value, beside) = match (&report.effective_date_time, &report.beside_effective) {
            (None, None) => from_period(),
            (value, beside) => (value.as_ref(), beside.as_ref()),
        };
        Order {
            filler: ids::entity_of_kind(&report.identifier, "FILL", "PLAC"),
            test: words::coded(report.code.as_ref()),
            status: words::status(report.status.as_deref(), &report.extension, "OBR-25", &status, self.finds),
            collected: words::time(value, beside, &effective, self.finds),
            reported: words::time(report.issued.as_ref(), report.beside_issued.as_ref(), &issued, self.finds),
            ..Order::default()
        }
    }

    /// Who ordered it, by which number, and what they answered when they did.
    fn request(&mut self, at: usize, reference: &Reference, read: &mut LabReport, met: &mut BTreeSet<usize>) {
        let Some(found) = self.follow(at, "basedOn", reference, "", Severity::Warning) else { return };
        if self.links.kind(found) != "ServiceRequest" {
            return;
        }
        let Some(request) = self.read::<ServiceRequest>(found) else { return };
        let order = &mut read.order;
        order.placer =
            order.placer.take().or_else(|| ids::entity_of_kind(&request.identifier, "PLAC", "FILL"));
        order.notes.extend(request.note.iter().filter_map(|note| words::said(note.text.as_ref())));
        if let Some(requester) = &request.requester
            && let Some(who) = self.follow(found, "requester", requester, "", Severity::Warning)
        {
            let (provider, facility) = parties::requester(self.links, who, self.finds);
            read.order.provider = read.order.provider.take().or(provider);
            read.order.facility = read.order.facility.take().or(facility);
        }
        for information in &request.supporting_info {
            let Some(answer) = self.follow(found, "supportingInfo", information, "", Severity::Warning)
            else {
                continue;
            };
            if self.links.kind(answer) == "Observation" {
                let answers = self.results(answer, 0, met);
                read.answers.extend(answers);
            }
        }
    }

    fn specimen(&mut self, at: usize) -> Option<ReportedSpecimen> {
        let specimen: Specimen = self.read(at)?;
        let place = |field: &str| self.links.place(at, field);
        let (collected, received) = (place("collection"), place("receivedTime"));
        let collection = specimen.collection.unwrap_or_default();
        let period = collection.collected_period.unwrap_or_default();
        let start = words::time(
            collection.collected_date_time.as_ref(),
            collection.beside_collected.as_ref(),
            &collected,
            self.finds,
        );
        let mut read = ReportedSpecimen {
            placer: ids::entity_of_kind(&specimen.identifier, "PLAC", "FILL"),
            filler: specimen.accession_identifier.as_ref().and_then(ids::entity).or_else(|| {
                let filler =
                    specimen.identifier.iter().find(|one| ids::parts(one).2.as_deref() == Some("FILL"));
                filler.and_then(ids::entity)
            }),
            kind: words::coded(specimen.r#type.as_ref()),
            collected: start.or_else(|| {
                words::time(period.start.as_ref(), period.beside_start.as_ref(), &collected, self.finds)
            }),
            collected_until: words::time(
                period.end.as_ref(),
                period.beside_end.as_ref(),
                &collected,
                self.finds,
            ),
            received: words::time(
                specimen.received_time.as_ref(),
                specimen.beside_received.as_ref(),
                &received,
                self.finds,
            ),
            observations: Vec::new(),
        };
        read.observations = self.about_specimen(at);
        Some(read)
    }

    fn about_specimen(&mut self, specimen: usize) -> Vec<LabResult> {
        let all = self.focused.get(&specimen).cloned().unwrap_or_default();
        let mut met = BTreeSet::new();
        all.into_iter()
            .flat_map(|at| {
                self.links.use_it(at);
                self.results(at, 0, &mut met)
            })
            .collect()
    }

    /// An observation, its components and its members.
    fn results(&mut self, at: usize, depth: usize, met: &mut BTreeSet<usize>) -> Vec<LabResult> {
        // Told once: an answer that is also listed as a result, or a circle.
        if !met.insert(at) {
            return Vec::new();
        }
        if depth > DEEPEST {
            let fault = ReportFault::TooMany { what: "panels within panels".to_owned(), cap: DEEPEST };
            self.finds.error(self.links.place(at, "hasMember"), fault);
            return Vec::new();
        }
        let Some(observation) = self.read::<Observation>(at) else { return Vec::new() };
        self.same_patient(at, &observation);
        let whole = self.result(at, &observation);
        let parts = observation.component.iter().enumerate();
        let parts: Vec<LabResult> = parts.map(|(number, part)| self.part(at, number, part, &whole)).collect();
        let is_panel =
            whole.value == Value::Absent && !(parts.is_empty() && observation.has_member.is_empty());
        let mut results = if is_panel { Vec::new() } else { vec![whole] };
        results.extend(parts);
        for member in &observation.has_member {
            if let Some(found) = self.follow(at, "hasMember", member, "Observation", Severity::Error) {
                results.extend(self.results(found, depth + 1, met));
            }
        }
        results
    }

    /// What a component says is told of the same specimen by the same laboratory as the whole.
    fn part(&mut self, at: usize, number: usize, part: &Component, whole: &LabResult) -> LabResult {
        let part = Observation::from(part);
        let place = self.links.place(at, &format!("component[{number}]"));
        let test = words::coded(part.code.as_ref());
        if test.is_blank() {
            let what = "what was observed (component.code)".to_owned();
            self.finds.error(place.clone(), ReportFault::Missing { what });
        }
        LabResult {
            test,
            value: values::read(&part, &place, self.finds),
            interpretation: part.interpretation.iter().map(|one| words::coded(Some(one))).collect(),
            reference_range: part.reference_range.first().and_then(|one| words::said(one.text.as_ref())),
            ..whole.clone()
        }
    }

    /// A result that is about somebody else than its report must not be told to either.
    fn same_patient(&mut self, at: usize, observation: &Observation) {
        let Some(subject) = &observation.subject else { return };
        let found = self.follow(at, "subject", subject, "", Severity::Error);
        if let (Some(found), Some(subject)) = (found, self.subject)
            && found != subject
        {
            self.finds.error(self.links.place(at, "subject"), ReportFault::OtherPatient);
        }
    }

    fn result(&mut self, at: usize, observation: &Observation) -> LabResult {
        let place = |field: &str| self.links.place(at, field);
        let (effective, issued, status, value) =
            (place("effectiveDateTime"), place("issued"), place("status"), place("value"));
        let test = words::coded(observation.code.as_ref());
        if test.is_blank() {
            let what = "what was observed (Observation.code)".to_owned();
            self.finds.error(self.links.place(at, "code"), ReportFault::Missing { what });
        }
        let further = words::all_kept(&observation.extension, "OBX-17");
        let further = further.filter_map(|one| one.value_codeable_concept.as_ref());
        let methods = observation.method.iter().chain(further).map(|one| words::coded(Some(one)));
        let period = observation.effective_period.clone().unwrap_or_default();
        let observed = words::time(
            observation.effective_date_time.as_ref().or(period.start.as_ref()),
            observation.beside_effective.as_ref().or(period.beside_start.as_ref()),
            &effective,
            self.finds,
        );
        LabResult {
            test,
            part: words::was_kept(&observation.extension, "OBX-4"),
            value: values::read(observation, &value, self.finds),
            interpretation: observation.interpretation.iter().map(|one| words::coded(Some(one))).collect(),
            reference_range: observation
                .reference_range
                .first()
                .and_then(|one| words::said(one.text.as_ref())),
            status: words::status(
                observation.status.as_deref(),
                &observation.extension,
                "OBX-11",
                &status,
                self.finds,
            ),
            observed,
            analysed: words::time(
                observation.issued.as_ref(),
                observation.beside_issued.as_ref(),
                &issued,
                self.finds,
            ),
            methods: methods.filter(|method| !method.is_blank()).collect(),
            instrument: self.instrument(at, observation),
            lab: self.lab(at, observation),
            notes: observation.note.iter().filter_map(|note| words::said(note.text.as_ref())).collect(),
        }
    }

    fn instrument(&mut self, at: usize, observation: &Observation) -> Option<EntityId> {
        let reference = observation.device.as_ref()?;
        let found = self.follow(at, "device", reference, "Device", Severity::Warning)?;
        let device: super::resources::Device = self.read(found)?;
        let name = || device.device_name.iter().find_map(|name| words::said(name.name.as_ref()));
        device.identifier.first().and_then(ids::entity).or_else(|| {
            let id = Some(name()?);
            Some(EntityId { id, ..EntityId::default() })
        })
    }

    fn lab(&mut self, at: usize, observation: &Observation) -> Option<crate::lab_report::Organisation> {
        let reference = observation.performer.first()?;
        let found = self.follow(at, "performer", reference, "", Severity::Warning)?;
        parties::organisation_at(self.links, found, self.finds)
    }
}
