//! A file or a stretch of a connection, message by message.

use super::{charset, groups, signs::Signs};
use crate::lab_report::ReportCaps;
use crate::{Complaint, Place, Received, ReportFault};
use encoding_rs::{Encoding, UTF_16BE, UTF_16LE};
use linelist::Severity;
use std::borrow::Cow;
use std::ops::Range;

/// The messages of these bytes, in their order. Whatever stands between them is an item too, and refused: nothing is passed
/// over in silence.
pub fn messages<'a>(bytes: &'a [u8], caps: &ReportCaps) -> Messages<'a> {
    let (bytes, at) = match Encoding::for_bom(bytes) {
        Some((encoding, _)) if encoding == UTF_16LE || encoding == UTF_16BE => {
            (Cow::Owned(encoding.decode_with_bom_removal(bytes).0.into_owned().into_bytes()), 0)
        }
        Some((_, mark)) => (Cow::Borrowed(bytes), mark),
        None => (Cow::Borrowed(bytes), 0),
    };
    Messages {
        bytes,
        at,
        caps: caps.clone(),
        number: 0,
        in_batch: 0,
        batches: 0,
        trailers: [0; 2],
        complaints: Vec::new(),
    }
}

pub struct Messages<'a> {
    bytes: Cow<'a, [u8]>,
    at: usize,
    caps: ReportCaps,
    number: u64,
    in_batch: u64,
    batches: u64,
    /// BTS and FTS met so far.
    trailers: [u32; 2],
    complaints: Vec<Complaint>,
}

/// Segments end with CR; files that passed through editors have LF, connections put 0x0B and 0x1C around messages. None of
/// these bytes is part of a character in the encodings that come here.
pub fn ends_line(byte: u8) -> bool {
    matches!(byte, b'\r' | b'\n' | 0x0B | 0x1C)
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Line {
    Message,
    Head,
    BatchEnd,
    FileEnd,
    Other,
}

fn kind(line: &[u8]) -> Line {
    let parted = line.get(3).is_none_or(u8::is_ascii_punctuation);
    match line.get(..3) {
        Some(b"MSH") if parted && line.len() > 3 => Line::Message,
        Some(b"FHS" | b"BHS") if parted => Line::Head,
        Some(b"BTS") if parted => Line::BatchEnd,
        Some(b"FTS") if parted => Line::FileEnd,
        _ => Line::Other,
    }
}

impl Messages<'_> {
    /// What is wrong with the batch around the messages; complete when they have all been taken.
    pub fn complaints(&self) -> &[Complaint] {
        &self.complaints
    }

    /// The next line that is not blank.
    fn line(&mut self) -> Option<Range<usize>> {
        loop {
            let rest = self.bytes.get(self.at..).filter(|rest| !rest.is_empty())?;
            let length = rest.iter().position(|byte| ends_line(*byte)).unwrap_or(rest.len());
            let line = self.at..self.at + length;
            self.at = (line.end + 1).min(self.bytes.len());
            if !self.bytes[line.clone()].trim_ascii().is_empty() {
                return Some(line);
            }
        }
    }

    /// From the line that begins it to the line before the next one that begins or ends something.
    fn rest_of_it(&mut self, first: Range<usize>) -> Range<usize> {
        let mut end = first.end;
        loop {
            let before = self.at;
            match self.line() {
                Some(line) if kind(&self.bytes[line.clone()]) == Line::Other => end = line.end,
                Some(_) => {
                    self.at = before;
                    return first.start..end;
                }
                None => return first.start..end,
            }
        }
    }

    fn take(&mut self, span: Range<usize>, begins_well: bool) -> Received {
        self.number += 1;
        let refuse = |fault| Received {
            number: self.number,
            complaints: vec![Complaint { place: Place::Whole, severity: Severity::Error, fault }],
            ..Received::default()
        };
        if !begins_well {
            return refuse(ReportFault::NoMessage);
        }
        if span.len() > self.caps.message_bytes {
            return refuse(ReportFault::TooLong { cap: self.caps.message_bytes });
        }
        let decoded = charset::decode(&self.bytes[span]);
        let first = decoded.text.split(['\r', '\n']).next().unwrap_or_default();
        let mut received = match Signs::of_header(first, decoded.encoding) {
            Some(signs) => groups::read(&decoded.text, &signs, &self.caps),
            None => refuse(ReportFault::BadSeparators),
        };
        received.number = self.number;
        received.complaints.splice(0..0, decoded.complaints);
        received
    }

    fn trailer(&mut self, line: Range<usize>, name: &str, which: usize, found: u64) {
        self.trailers[which] += 1;
        let text = String::from_utf8_lossy(&self.bytes[line]).into_owned();
        let sign = text.chars().nth(3).unwrap_or('|');
        let said = text.split(sign).nth(1).unwrap_or_default().trim().to_owned();
        if !said.is_empty() && said.parse() != Ok(found) && self.complaints.len() < self.caps.complaints {
            self.complaints.push(Complaint {
                place: Place::Segment {
                    segment: name.to_owned(),
                    sequence: self.trailers[which],
                    field: 1,
                    repetition: 1,
                    component: 0,
                },
                severity: Severity::Warning,
                fault: ReportFault::CountDiffers { said, found },
            });
        }
    }
}

impl Iterator for Messages<'_> {
    type Item = Received;

    fn next(&mut self) -> Option<Received> {
        loop {
            let line = self.line()?;
            match kind(&self.bytes[line.clone()]) {
                Line::Message => {
                    self.in_batch += 1;
                    let span = self.rest_of_it(line);
                    return Some(self.take(span, true));
                }
                Line::Other => {
                    let span = self.rest_of_it(line);
                    return Some(self.take(span, false));
                }
                Line::Head => {}
                Line::BatchEnd => {
                    self.batches += 1;
                    let found = std::mem::take(&mut self.in_batch);
                    self.trailer(line, "BTS", 0, found);
                }
                Line::FileEnd => {
                    let found = std::mem::take(&mut self.batches);
                    self.trailer(line, "FTS", 1, found);
                }
            }
        }
    }
}
