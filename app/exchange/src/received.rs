//! What became of what was sent, message by message, and which of it had been sent before.

use crate::Complaint;
use crate::lab_report::{LabReport, MessageHead, MessageKey};
use linelist::Severity;
use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};

/// What became of one message.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Received {
    /// Which of the file, from 1.
    pub number: u64,
    /// `None` when not even its sender can be told.
    pub head: Option<MessageHead>,
    pub reports: Vec<LabReport>,
    /// Reports that could not be read.
    pub refused: usize,
    pub complaints: Vec<Complaint>,
    /// Complaints beyond those that are kept.
    pub further_complaints: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    Accepted,
    /// Some of its reports were, and some were not.
    InPart,
    Refused,
}

impl Received {
    pub fn verdict(&self) -> Verdict {
        match (self.reports.is_empty(), self.refused > 0) {
            (true, _) => Verdict::Refused,
            (false, true) => Verdict::InPart,
            (false, false) => Verdict::Accepted,
        }
    }

    pub fn errors(&self) -> impl Iterator<Item = &Complaint> {
        self.complaints.iter().filter(|complaint| complaint.severity == Severity::Error)
    }
}

/// A message of our own, and what its receiver may miss in it.
#[derive(Debug, Clone, PartialEq)]
pub struct Written {
    pub text: String,
    pub complaints: Vec<Complaint>,
}

/// Of one file or one connection; what came on other days the database knows.
#[derive(Debug, Default)]
pub struct Seen(HashMap<MessageKey, u64>);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Recognised {
    New,
    /// The same message again: to be acknowledged, and nothing else.
    Again,
    /// Its number is one the sender has used, with something else in it. Somebody has to look.
    OtherContent,
}

impl Seen {
    /// A message without a head has no number to know it by.
    pub fn meet(&mut self, message: &Received) -> Recognised {
        let Some(head) = &message.head else { return Recognised::New };
        let told = content(message);
        match self.0.insert(head.key(), told) {
            None => Recognised::New,
            Some(before) if before == told => Recognised::Again,
            Some(before) => {
                self.0.insert(head.key(), before);
                Recognised::OtherContent
            }
        }
    }

    pub fn len(&self) -> usize {
        self.0.len()
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// What is told, without when it was sent: a message sent again may carry a new time.
fn content(message: &Received) -> u64 {
    let mut hasher = DefaultHasher::new();
    for report in &message.reports {
        (&report.patient, &report.order, &report.specimens, &report.results, &report.answers)
            .hash(&mut hasher);
    }
    message.refused.hash(&mut hasher);
    hasher.finish()
}
