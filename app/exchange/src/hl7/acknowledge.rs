//! What the sender is answered: ACK^R01, with one ERR for each complaint, so that their own people can mend it.

use super::write::parts::{Line, header, joined, plain};
use crate::lab_report::{MessageHead, Mode, Party};
use crate::stated_time::StatedTime;
use crate::{Complaint, Place, Received, Verdict};
use linelist::Severity;

/// `id` is a number of our own for this answer, `at` the moment it is sent.
pub fn acknowledge(received: &Received, from: &Party, id: &str, at: StatedTime) -> String {
    let unknown = MessageHead { mode: Mode::Production, ..MessageHead::default() };
    let head = received.head.as_ref().unwrap_or(&unknown);
    let mut first = header(from, &head.sender, Some(at), id, head.mode);
    first.put(9, "ACK^R01^ACK".to_owned());
    let mut verdict = Line::new("MSA");
    let word = match received.verdict() {
        Verdict::Accepted => "AA",
        Verdict::InPart => "AE",
        Verdict::Refused => "AR",
    };
    verdict.put(1, word.to_owned());
    verdict.put(2, plain(&head.id));
    let errors = received.complaints.iter().map(error);
    let lines = [first, verdict].into_iter().chain(errors);
    lines.map(|line| line.finished() + "\r").collect()
}

fn error(complaint: &Complaint) -> Line {
    let (condition, words) = complaint.fault.condition();
    let mut line = Line::new("ERR");
    if let Place::Segment { segment, sequence, field, repetition, component } = &complaint.place {
        let number = |number: u32| if number == 0 { String::new() } else { number.to_string() };
        let repetition = if *field == 0 { 0 } else { u32::from(*repetition) };
        let parts = [
            plain(segment),
            number(*sequence),
            number(u32::from(*field)),
            number(repetition),
            number(u32::from(*component)),
        ];
        line.put(2, joined(&parts));
    }
    line.put(3, joined(&[condition.to_owned(), words.to_owned(), "HL70357".to_owned()]));
    let severity = match complaint.severity {
        Severity::Error => "E",
        Severity::Warning => "W",
        Severity::Info => "I",
    };
    line.put(4, severity.to_owned());
    line.put(5, joined(&[complaint.fault.code().to_owned(), String::new(), "99QUELL".to_owned()]));
    line.put(8, plain(&complaint.to_string()));
    line
}
