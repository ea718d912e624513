//! A message as a tree: the patients, below each the orders, below each what was observed and from which specimen.

use super::{elements, fields::Segment, order, signs::Signs};
use crate::complaint::Finds;
use crate::lab_report::{MessageHead, Mode, Party, Patient, ReportCaps};
use crate::{Complaint, Place, Received, ReportFault};
use linelist::Severity;
use std::collections::BTreeMap;

/// An observation with the remarks below it.
pub struct Observed<'a> {
    pub segment: Segment<'a>,
    pub notes: Vec<String>,
}

/// One ORDER_OBSERVATION.
pub struct Group<'a> {
    pub common: Option<Segment<'a>>,
    pub request: Segment<'a>,
    pub notes: Vec<String>,
    pub observed: Vec<Observed<'a>>,
    pub specimens: Vec<(Segment<'a>, Vec<Observed<'a>>)>,
    /// Something of it could not be read.
    pub broken: bool,
}

/// Where the next segment belongs.
struct Tree<'a, 'c> {
    caps: &'c ReportCaps,
    finds: Finds,
    head: &'c MessageHead,
    received: Received,
    patient: Option<Patient>,
    /// The patient's own segments could not be read: nothing below them can be told of anybody.
    patient_broken: bool,
    waiting: Option<Segment<'a>>,
    group: Option<Group<'a>>,
}

pub fn read(text: &str, signs: &Signs, caps: &ReportCaps) -> Received {
    let finds = Finds::new(caps.complaints);
    let mut lines = text
        .split(|sign: char| u8::try_from(sign).is_ok_and(super::messages::ends_line))
        .filter(|line| !line.trim().is_empty());
    let first = lines.next().unwrap_or_default();
    let mut received = Received::default();
    let Some(header) = Segment::read(first, signs) else {
        let fault = ReportFault::BadSeparators;
        received.complaints.push(Complaint { place: Place::Whole, severity: Severity::Error, fault });
        return received;
    };
    let (head, finds) = read_header(&header, finds);
    received.head = head.clone();
    let Some(head) = head.filter(|_| !finds.failed) else {
        (received.complaints, received.further_complaints) = (finds.kept, finds.further);
        return received;
    };
    let mut tree = Tree {
        caps,
        finds,
        head: &head,
        received,
        patient: None,
        patient_broken: false,
        waiting: None,
        group: None,
    };
    let mut last = header.place();
    let mut met: BTreeMap<&str, u32> = BTreeMap::new();
    for (line, count) in lines.zip(1..) {
        if count > caps.segments {
            let fault = ReportFault::TooMany { what: "segments".to_owned(), cap: caps.segments };
            return tree.refuse(fault);
        }
        match Segment::read(line, signs) {
            Some(mut segment) => {
                let sequence = met.entry(segment.id).or_default();
                *sequence += 1;
                segment.sequence = *sequence;
                last = segment.place();
                tree.put(segment);
            }
            None => tree.broken_line(&last),
        }
    }
    tree.end()
}

fn read_header(header: &Segment<'_>, mut finds: Finds) -> (Option<MessageHead>, Finds) {
    let missing = |what: &str| ReportFault::Missing { what: what.to_owned() };
    let party = |application: u16, facility: u16| Party {
        application: elements::authority(header.field(application)),
        facility: elements::authority(header.field(facility)),
    };
    let (sender, receiver) = (party(3, 4), party(5, 6));
    let id = header.field(10).component(1).unwrap_or_default();
    if id.is_empty() {
        finds.error(header.field(10), missing("the message's number (MSH-10)"));
    }
    if sender == Party::default() {
        finds.error(header.field(3), missing("the sender (MSH-3, MSH-4)"));
    }
    let kind = header.field(9);
    if kind.component(1).as_deref() != Some("ORU") || kind.component(2).as_deref() != Some("R01") {
        finds.error(
            kind,
            ReportFault::OtherKind { found: kind.raw().to_owned(), wanted: "ORU^R01".to_owned() },
        );
    }
    let version = header.field(12).component(1).unwrap_or_default();
    if !version.is_empty() && !version.starts_with("2.") {
        finds.error(header.field(12), ReportFault::OtherKind { found: version, wanted: "2.5.1".to_owned() });
    }
    let letter = header.field(11).component(1);
    let mode = letter.as_deref().and_then(Mode::of_letter);
    match (letter, mode) {
        (None, _) => finds.error(header.field(11), missing("P, T or D (MSH-11)")),
        // Taken for production it might be told to somebody who does not exist.
        (Some(said), None) => finds
            .error(header.field(11), ReportFault::OtherKind { found: said, wanted: "P, T or D".to_owned() }),
        _ => {}
    }
    let sent = elements::time(header.field(7), 1, &mut finds);
    let head = MessageHead { id, sender, receiver, mode: mode.unwrap_or(Mode::Debugging), sent };
    let told = head != MessageHead { mode: head.mode, ..MessageHead::default() };
    (told.then_some(head), finds)
}

impl<'a> Tree<'a, '_> {
    fn put(&mut self, segment: Segment<'a>) {
        if !self.fits(&segment) {
            self.fail_here();
            return;
        }
        match segment.id {
            "PID" => {
                self.close();
                self.finds.take_failed();
                self.patient = Some(elements::patient(&segment, &mut self.finds));
                self.patient_broken = self.finds.take_failed();
            }
            "ORC" => {
                self.close();
                self.waiting = Some(segment);
            }
            "OBR" => {
                let common = self.waiting.take();
                self.close();
                self.group = Some(Group {
                    common,
                    request: segment,
                    notes: Vec::new(),
                    observed: Vec::new(),
                    specimens: Vec::new(),
                    broken: false,
                });
            }
            "OBX" => match &mut self.group {
                Some(group) => {
                    let seen = Observed { segment, notes: Vec::new() };
                    match group.specimens.last_mut() {
                        Some((_, of_specimen)) => of_specimen.push(seen),
                        None => group.observed.push(seen),
                    }
                }
                None => self.out_of_place(&segment),
            },
            "SPM" => match &mut self.group {
                Some(group) => group.specimens.push((segment, Vec::new())),
                None => self.out_of_place(&segment),
            },
            "NTE" => self.note(&segment),
            "MSH" | "FHS" | "BHS" | "BTS" | "FTS" => self.out_of_place(&segment),
            // Kin, visits, software, timing and the sender's own segments say nothing that is asked for here.
            _ => {}
        }
    }

    fn note(&mut self, segment: &Segment<'a>) {
        let told = segment.field(3).repetitions().filter_map(|line| line.whole());
        let text = told.collect::<Vec<_>>().join("\n");
        if text.is_empty() {
            return;
        }
        match (&mut self.group, &mut self.patient) {
            (Some(group), _) => match group.specimens.last_mut() {
                Some((_, observed)) => {
                    if let Some(last) = observed.last_mut() {
                        last.notes.push(text);
                    } else {
                        group.notes.push(text);
                    }
                }
                None => match group.observed.last_mut() {
                    Some(last) => last.notes.push(text),
                    None => group.notes.push(text),
                },
            },
            (None, Some(patient)) => patient.notes.push(text),
            (None, None) => {}
        }
    }

    fn fits(&mut self, segment: &Segment<'_>) -> bool {
        let caps = self.caps;
        let fault = if segment.width() > caps.fields {
            ReportFault::TooMany { what: "fields".to_owned(), cap: caps.fields }
        } else if segment.longest_field() > caps.field_bytes {
            ReportFault::TooLong { cap: caps.field_bytes }
        } else if (1..=segment.width()).any(|number| {
            u16::try_from(number).is_ok_and(|number| segment.field(number).many() > caps.repetitions)
        }) {
            ReportFault::TooMany { what: "repetitions".to_owned(), cap: caps.repetitions }
        } else {
            return true;
        };
        self.finds.add(Complaint { place: segment.place(), severity: Severity::Error, fault });
        false
    }

    fn out_of_place(&mut self, segment: &Segment<'_>) {
        let fault = ReportFault::OutOfPlace;
        self.finds.add(Complaint { place: segment.place(), severity: Severity::Error, fault });
        self.fail_here();
    }

    /// What cannot be read takes with it the smallest whole it may have belonged to.
    fn fail_here(&mut self) {
        self.finds.take_failed();
        match &mut self.group {
            Some(group) if self.waiting.is_none() => group.broken = true,
            Some(_) => {}
            None => self.patient_broken = true,
        }
    }

    fn broken_line(&mut self, after: &Place) {
        let place = after.clone();
        let fault = ReportFault::NotASegment;
        self.finds.add(Complaint { place, severity: Severity::Error, fault });
        self.fail_here();
    }

    fn close(&mut self) {
        let Some(group) = self.group.take() else { return };
        self.finds.take_failed();
        let report = order::read(&group, self.head, self.patient.as_ref(), &mut self.finds);
        let failed = self.finds.take_failed();
        if failed || group.broken || self.patient_broken {
            self.received.refused += 1;
        } else {
            self.received.reports.push(report);
        }
    }

    fn end(mut self) -> Received {
        self.close();
        if self.received.reports.is_empty() && self.received.refused == 0 {
            return self.refuse(ReportFault::NoResults);
        }
        (self.received.complaints, self.received.further_complaints) = (self.finds.kept, self.finds.further);
        self.received
    }

    /// The message as a whole: none of its reports is to be believed.
    fn refuse(mut self, fault: ReportFault) -> Received {
        self.received.refused += self.received.reports.len() + usize::from(self.group.is_some());
        self.received.reports.clear();
        self.finds.kept.insert(0, Complaint { place: Place::Whole, severity: Severity::Error, fault });
        (self.received.complaints, self.received.further_complaints) = (self.finds.kept, self.finds.further);
        self.received
    }
}
