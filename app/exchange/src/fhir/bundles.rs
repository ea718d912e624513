//! Bundles, one or many: a file with one, or one a line.

use super::{datatypes::Reference, ids, resources::Organization, resources::PractitionerRole, words};
use super::{
    links, links::Links, report, resources::Bundle, resources::Composition, resources::MessageHeader,
};
use crate::complaint::Finds;
use crate::lab_report::{Authority, MessageHead, Mode, Party, ReportCaps};
use crate::{Complaint, Place, Received, ReportFault};
use linelist::Severity;
use serde_json::value::RawValue;

/// The bundles of these bytes, in their order; one that is broken is an item too, and refused.
pub fn bundles<'a>(bytes: &'a [u8], caps: &ReportCaps) -> Bundles<'a> {
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    Bundles { bytes, at: 0, number: 0, caps: caps.clone() }
}

pub struct Bundles<'a> {
    bytes: &'a [u8],
    at: usize,
    number: u64,
    caps: ReportCaps,
}

impl Iterator for Bundles<'_> {
    type Item = Received;

    fn next(&mut self) -> Option<Received> {
        let blank = self.bytes.get(self.at..)?.iter().take_while(|byte| byte.is_ascii_whitespace()).count();
        self.at += blank;
        let rest = &self.bytes[self.at..];
        if rest.is_empty() {
            return None;
        }
        self.number += 1;
        let mut values = serde_json::Deserializer::from_slice(rest).into_iter::<&RawValue>();
        let mut received = match values.next() {
            Some(Ok(raw)) => {
                self.at += values.byte_offset();
                read(raw, &self.caps)
            }
            Some(Err(error)) => {
                let before = self.bytes[..self.at].iter().filter(|byte| **byte == b'\n').count();
                self.at += next_beginning(rest);
                let (line, column) = (error.line() + before, error.column());
                // It ends with its place, counted from the beginning of this bundle.
                let told = error.to_string();
                let reason = told.split(" at line ").next().unwrap_or_default().to_owned();
                refuse(ReportFault::BadJson { line, column, reason })
            }
            None => return None,
        };
        received.number = self.number;
        Some(received)
    }
}

/// After a broken bundle: the next line that begins one.
fn next_beginning(rest: &[u8]) -> usize {
    rest.windows(2).position(|pair| pair == b"\n{").map_or(rest.len(), |at| at + 1)
}

fn refuse(fault: ReportFault) -> Received {
    Received {
        complaints: vec![Complaint { place: Place::Whole, severity: Severity::Error, fault }],
        ..Received::default()
    }
}

fn read(raw: &RawValue, caps: &ReportCaps) -> Received {
    if raw.get().len() > caps.message_bytes {
        return refuse(ReportFault::TooLong { cap: caps.message_bytes });
    }
    let bundle = match serde_json::from_str::<Bundle>(raw.get()) {
        Ok(bundle) => bundle,
        Err(error) => {
            let (kind, reason) = ("Bundle".to_owned(), error.to_string());
            return refuse(ReportFault::BadResource { kind, reason });
        }
    };
    if bundle.resource_type != "Bundle" {
        let found =
            if bundle.resource_type.is_empty() { "something else".to_owned() } else { bundle.resource_type };
        return refuse(ReportFault::OtherKind { found, wanted: "Bundle".to_owned() });
    }
    let mut finds = Finds::new(caps.complaints);
    let contained = links::contained(&bundle);
    let mut received = Received::default();
    if let Some(links) = Links::of(&bundle, &contained, caps, &mut finds) {
        let head = read_head(&bundle, &links, &mut finds);
        received.head = (head != MessageHead::default()).then(|| head.clone());
        if finds.take_failed() {
            received.refused = links.of_kind("DiagnosticReport").count();
        } else {
            report::read_all(&links, &head, &mut finds, &mut received);
        }
    }
    (received.complaints, received.further_complaints) = (finds.kept, finds.further);
    received
}

fn read_head(bundle: &Bundle, links: &Links<'_>, finds: &mut Finds) -> MessageHead {
    let at_path = |path: &str| Place::Path { path: path.to_owned() };
    let number = bundle.identifier.as_ref().and_then(|one| words::said(one.value.as_ref()));
    let id = number.or_else(|| words::said(bundle.id.as_ref())).unwrap_or_default();
    if id.is_empty() {
        let what = "the number of the message (Bundle.identifier)".to_owned();
        finds.error(at_path("Bundle.identifier"), ReportFault::Missing { what });
    }
    let sent = words::time(
        bundle.timestamp.as_ref(),
        bundle.beside_timestamp.as_ref(),
        &at_path("Bundle.timestamp"),
        finds,
    );
    let mut head = MessageHead { id, sent, ..MessageHead::default() };
    let header = links.of_kind("MessageHeader").next();
    match (bundle.r#type.as_deref(), header) {
        (_, Some(at)) => read_message_header(at, links, &mut head, finds),
        (Some("message"), None) => {
            let what = "MessageHeader".to_owned();
            finds.error(at_path("Bundle.entry[0]"), ReportFault::Missing { what });
        }
        (_, None) => read_without_header(links, &mut head, finds),
    }
    if head.sender == Party::default() {
        let what = "the sender (MessageHeader.sender, Composition.custodian or DiagnosticReport.performer)"
            .to_owned();
        finds.error(Place::Whole, ReportFault::Missing { what });
    }
    head
}

fn read_message_header(at: usize, links: &Links<'_>, head: &mut MessageHead, finds: &mut Finds) {
    let header: MessageHeader = match links.read(at) {
        Ok(header) => header,
        Err(complaint) => return finds.add(complaint),
    };
    let event = header.event_coding.as_ref().and_then(|event| event.code.clone()).unwrap_or_default();
    if !matches!(event.as_str(), "R01" | "") {
        let fault = ReportFault::OtherKind { found: event, wanted: "R01".to_owned() };
        finds.error(links.place(at, "eventCoding"), fault);
    }
    if let Some(source) = &header.source {
        head.sender.application = application(source.name.as_ref(), source.endpoint.as_ref());
    }
    if let Some(facility) = header.sender.as_ref() {
        head.sender.facility = facility_of(facility, at, links, finds);
    }
    if let Some(destination) = header.destination.first() {
        head.receiver.application = application(destination.name.as_ref(), destination.endpoint.as_ref());
        if let Some(receiver) = &destination.receiver {
            head.receiver.facility = facility_of(receiver, at, links, finds);
        }
    }
    let tags = header.meta.iter().flat_map(|meta| &meta.tag);
    let mode = tags
        .filter(|tag| tag.system.as_deref() == Some("http://terminology.hl7.org/CodeSystem/v2-0103"))
        .find_map(|tag| tag.code.clone());
    // R4 has no field for the mode; who says none sends what is meant.
    match mode.as_deref().map(Mode::of_letter) {
        None => {}
        Some(Some(mode)) => head.mode = mode,
        Some(None) => {
            let fault =
                ReportFault::OtherKind { found: mode.unwrap_or_default(), wanted: "P, T or D".to_owned() };
            finds.error(links.place(at, "meta.tag"), fault);
        }
    }
}

fn application(name: Option<&String>, endpoint: Option<&String>) -> Authority {
    let nowhere = ids::NOWHERE.to_owned();
    let (id, kind) = words::said(endpoint.filter(|endpoint| **endpoint != nowhere))
        .map_or((None, None), |endpoint| ids::authority_of(&endpoint));
    Authority { name: words::said(name), id, kind }
}

/// An organisation, or the one somebody works for.
fn facility_of(reference: &Reference, from: usize, links: &Links<'_>, finds: &mut Finds) -> Authority {
    let named = || Authority { name: words::said(reference.display.as_ref()), ..Authority::default() };
    let Some(target) = words::said(reference.reference.as_ref()) else { return named() };
    let Some(at) = links.find(from, &target) else {
        finds.doubt(links.place(from, ""), ReportFault::Dangling { reference: target });
        return named();
    };
    let at = match links.kind(at) {
        "PractitionerRole" => links
            .read::<PractitionerRole>(at)
            .ok()
            .and_then(|role| links.find(at, role.organization?.reference.as_deref()?)),
        _ => Some(at),
    };
    let Some(at) = at.filter(|at| links.kind(*at) == "Organization") else { return named() };
    match links.read::<Organization>(at) {
        Ok(organization) => {
            let (id, authority, _) = organization.identifier.first().map(ids::parts).unwrap_or_default();
            let kind = authority.kind.filter(|_| authority.id.is_none());
            Authority { name: words::said(organization.name.as_ref()), id, kind }
        }
        Err(complaint) => {
            finds.add(Complaint { severity: Severity::Warning, ..complaint });
            named()
        }
    }
}

/// A document, or resources that were only put together.
fn read_without_header(links: &Links<'_>, head: &mut MessageHead, finds: &mut Finds) {
    let composition = links.of_kind("Composition").next();
    if let Some(at) = composition {
        match links.read::<Composition>(at) {
            Ok(composition) => {
                let who = composition.custodian.into_iter().chain(composition.author);
                for reference in who {
                    if head.sender == Party::default() {
                        head.sender.facility = facility_of(&reference, at, links, finds);
                    }
                }
                let place = links.place(at, "date");
                head.sent = head.sent.or_else(|| words::time(composition.date.as_ref(), None, &place, finds));
            }
            Err(complaint) => finds.add(complaint),
        }
    }
    for at in links.of_kind("DiagnosticReport") {
        if head.sender == Party::default()
            && let Ok(report) = links.read::<super::resources::DiagnosticReport>(at)
        {
            for reference in &report.performer {
                if head.sender == Party::default() {
                    head.sender.facility = facility_of(reference, at, links, finds);
                }
            }
        }
    }
}
