//! A report as ORU^R01 of version 2.5.1, in the form public health laboratories report by (usage R of the profile).

pub mod parts;

use crate::lab_report::questions::{asks_only, is_question};
use crate::lab_report::{LabReport, LabResult, ReportedSpecimen, ResultStatus, Value};
use crate::{Complaint, Place, ReportFault, Written};
use linelist::Severity;
use parts::{Line, coded, each_coded, entity, organisation, provider, told};

const PROFILE: &str = "PHLabReport-NoAck^phLabResultsELRv251^2.16.840.1.113883.9.11^ISO";

pub fn write(report: &LabReport) -> Written {
    let mut out = Out::default();
    out.header(report);
    out.software();
    out.patient(report);
    out.order(report);
    let only_asked = asks_only(&report.order.test);
    let results = report.results.iter().map(|result| (result, false));
    let answers = report.answers.iter().map(|answer| (answer, true));
    for ((observed, is_answer), number) in results.chain(answers).zip(1..) {
        // Said only where the code alone would be taken for the other thing: version 2.5.1 ends at OBX-25.
        let by_code = only_asked || is_question(&observed.test);
        let role = match (is_answer, by_code) {
            (true, false) => "QST",
            (false, true) => "RSLT",
            _ => "",
        };
        out.observed(observed, number, role);
    }
    for (specimen, number) in report.specimens.iter().zip(1..) {
        out.specimen(specimen, number);
    }
    if report.specimens.is_empty() {
        out.missing("SPM", 1, 0, "the specimen (SPM)");
    }
    Written { text: out.text, complaints: out.complaints }
}

/// Messages put together into one file, with their count at its end.
pub fn batch(messages: &[String]) -> String {
    let mut file = "FHS|^~\\&\rBHS|^~\\&\r".to_owned();
    for message in messages {
        file.push_str(message);
    }
    file.push_str(&format!("BTS|{}\rFTS|1\r", messages.len()));
    file
}

#[derive(Default)]
struct Out {
    text: String,
    complaints: Vec<Complaint>,
    observations: u32,
}

impl Out {
    fn put(&mut self, line: Line) {
        self.text.push_str(&line.finished());
        self.text.push('\r');
    }

    fn complain(&mut self, segment: &str, sequence: u32, field: u16, fault: ReportFault) {
        let place =
            Place::Segment { segment: segment.to_owned(), sequence, field, repetition: 1, component: 0 };
        self.complaints.push(Complaint { place, severity: Severity::Warning, fault });
    }

    fn missing(&mut self, segment: &str, sequence: u32, field: u16, what: &str) {
        self.complain(segment, sequence, field, ReportFault::Missing { what: what.to_owned() });
    }

    fn header(&mut self, report: &LabReport) {
        let head = &report.message;
        let mut line = parts::header(&head.sender, &head.receiver, head.sent, &head.id, head.mode);
        line.put(9, "ORU^R01^ORU_R01".to_owned());
        line.put(15, "NE".to_owned());
        line.put(16, "NE".to_owned());
        line.put(21, PROFILE.to_owned());
        let required = [
            (3, "the sending program (MSH-3)"),
            (4, "the sending laboratory (MSH-4)"),
            (5, "the receiving program (MSH-5)"),
            (6, "the receiving house (MSH-6)"),
            (7, "when it was sent (MSH-7)"),
            (10, "the message's number (MSH-10)"),
        ];
        for (field, what) in required.into_iter().filter(|(field, _)| line.is_blank(*field)) {
            self.missing("MSH", 1, field, what);
        }
        self.put(line);
    }

    fn software(&mut self) {
        let mut line = Line::new("SFT");
        line.put(1, "Quell".to_owned());
        line.put(2, env!("CARGO_PKG_VERSION").to_owned());
        line.put(3, "quell".to_owned());
        line.put(4, env!("CARGO_PKG_VERSION").to_owned());
        self.put(line);
    }

    fn patient(&mut self, report: &LabReport) {
        let Some(patient) = &report.patient else { return self.missing("PID", 1, 0, "the patient (PID)") };
        let mut line = Line::new("PID");
        line.put(1, "1".to_owned());
        line.put(3, parts::repeated(patient.identifiers.iter().map(parts::patient_id)));
        line.put(5, parts::repeated(patient.names.iter().map(parts::name)));
        line.put(7, patient.birth.map(|day| day.digits()).unwrap_or_default());
        line.put(8, patient.sex.as_ref().map(parts::sex).unwrap_or_default());
        line.put(11, parts::repeated(patient.addresses.iter().map(parts::address)));
        line.put(13, parts::repeated(patient.telecoms.iter().map(parts::telecom)));
        let required = [(3, "a number of the patient (PID-3)"), (11, "the patient's address (PID-11)")];
        for (field, what) in required.into_iter().filter(|(field, _)| line.is_blank(*field)) {
            self.missing("PID", 1, field, what);
        }
        self.put(line);
        self.notes(&patient.notes);
    }

    fn order(&mut self, report: &LabReport) {
        let order = &report.order;
        let (placer, filler) = (entity(order.placer.as_ref()), entity(order.filler.as_ref()));
        let provider_phone = order.provider.as_ref().and_then(|provider| provider.phone.as_deref());
        let mut common = Line::new("ORC");
        common.put(1, "RE".to_owned());
        common.put(2, placer.clone());
        common.put(3, filler.clone());
        common.put(12, provider(order.provider.as_ref()));
        common.put(14, provider_phone.map(parts::work_phone).unwrap_or_default());
        common.put(21, organisation(order.facility.as_ref()));
        if let Some(facility) = &order.facility {
            common.put(22, facility.address.as_ref().map(parts::address).unwrap_or_default());
            common.put(23, facility.phone.as_deref().map(parts::work_phone).unwrap_or_default());
        }
        self.put(common);
        let mut line = Line::new("OBR");
        line.put(1, "1".to_owned());
        line.put(2, placer);
        line.put(3, filler);
        line.put(4, coded(&order.test));
        line.put(7, told(order.collected));
        line.put(16, provider(order.provider.as_ref()));
        line.put(17, provider_phone.map(parts::work_phone).unwrap_or_default());
        line.put(22, told(order.reported));
        line.put(25, order.status.as_ref().map(letter).unwrap_or_default());
        if line.is_blank(4) {
            self.missing("OBR", 1, 4, "the test that was ordered (OBR-4)");
        }
        self.put(line);
        self.notes(&order.notes);
    }

    fn notes(&mut self, notes: &[String]) {
        for (note, number) in notes.iter().zip(1..) {
            let mut line = Line::new("NTE");
            line.put(1, u32::to_string(&number));
            line.put(2, "L".to_owned());
            line.put(3, parts::plain(note));
            self.put(line);
        }
    }

    fn observed(&mut self, observed: &LabResult, number: u32, role: &str) {
        self.observations += 1;
        let sequence = self.observations;
        let (kind, value, unit) = parts::value(&observed.value);
        let mut line = Line::new("OBX");
        line.put(1, number.to_string());
        line.put(2, kind);
        line.put(3, coded(&observed.test));
        line.put(4, observed.part.as_deref().map(parts::plain).unwrap_or_default());
        line.put(5, value);
        line.put(6, unit.map(coded).unwrap_or_default());
        line.put(7, observed.reference_range.as_deref().map(parts::plain).unwrap_or_default());
        line.put(8, parts::interpretations(&observed.interpretation));
        line.put(11, observed.status.as_ref().map(letter).unwrap_or_default());
        line.put(14, told(observed.observed));
        line.put(15, observed.lab.as_ref().map(parts::producer).unwrap_or_default());
        line.put(17, each_coded(&observed.methods));
        line.put(18, entity(observed.instrument.as_ref()));
        line.put(19, told(observed.analysed));
        line.put(23, organisation(observed.lab.as_ref()));
        let lab_address = observed.lab.as_ref().and_then(|lab| lab.address.as_ref());
        line.put(24, lab_address.map(parts::address).unwrap_or_default());
        line.put(29, role.to_owned());
        if line.is_blank(3) {
            self.missing("OBX", sequence, 3, "what was observed (OBX-3)");
        }
        let silent = matches!(
            observed.status,
            Some(ResultStatus::NotObtained | ResultStatus::Deleted | ResultStatus::Wrong)
        );
        if line.is_blank(5) && !silent {
            self.missing("OBX", sequence, 5, "the value (OBX-5)");
        }
        let coded_values = match &observed.value {
            Value::Coded(coded) => Some(coded),
            _ => None,
        };
        if [Some(&observed.test), coded_values].into_iter().flatten().any(|coded| coded.codings.len() > 2) {
            let fault = ReportFault::TooMany { what: "codes of one thing".to_owned(), cap: 2 };
            self.complain("OBX", sequence, 3, fault);
        }
        self.put(line);
        self.notes(&observed.notes);
    }

    fn specimen(&mut self, specimen: &ReportedSpecimen, number: u32) {
        let mut line = Line::new("SPM");
        line.put(1, number.to_string());
        line.put(2, parts::specimen_ids(specimen));
        line.put(4, coded(&specimen.kind));
        line.put(17, parts::joined(&[told(specimen.collected), told(specimen.collected_until)]));
        line.put(18, told(specimen.received));
        let required =
            [(2, "a number of the specimen (SPM-2)"), (17, "when the specimen was taken (SPM-17)")];
        for (field, what) in required.into_iter().filter(|(field, _)| line.is_blank(*field)) {
            self.missing("SPM", number, field, what);
        }
        self.put(line);
        for (observed, number) in specimen.observations.iter().zip(1..) {
            self.observed(observed, number, "");
        }
    }
}

fn letter(status: &ResultStatus) -> String {
    parts::plain(status.letter())
}
