//! A file from the shared data, opened, mapped and drafted as an import would.
#![allow(dead_code, reason = "each test program uses a part of it")]

use exchange::{Caps, Choice, Source, open};
use linelist::{
    CaseDraft, ColumnMapping, ContactDraft, Draft, Drafter, LinkDraft, Mapping, Problem, Profile, Severity,
    recognise,
};
use std::{collections::BTreeMap, path::PathBuf, sync::Arc};

pub struct Read {
    pub file: exchange::File,
    pub mapping: Mapping,
    pub cases: Vec<CaseDraft>,
    pub contacts: Vec<ContactDraft>,
    pub links: Vec<LinkDraft>,
    pub continued: usize,
    pub blank: usize,
    pub problems: Vec<Problem>,
}

/// `None`, with a printed line, when the shared data are not on this machine.
pub fn read(path: &str) -> Option<Read> {
    let shared = std::env::var("QUELL_SHARED")
        .map_or_else(|_| PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared"), PathBuf::from);
    let full = shared.join("data").join(path);
    let Ok(bytes) = std::fs::read(&full) else {
        println!("skipped: {} is not on this machine (QUELL_SHARED)", full.display());
        return None;
    };
    Some(read_bytes(path, bytes))
}

pub fn read_bytes(name: &str, bytes: Vec<u8>) -> Read {
    let source = Source { name, bytes: Arc::from(bytes) };
    let file = open(source, &Choice::default(), &Caps::default()).unwrap();
    let rows = || file.rows().map(|row| row.unwrap());
    let profile = Profile::of(&file.columns, rows().map(|row| row.cells));
    let mapping = recognise(&file.columns, &profile, None);
    let mut drafter = Drafter::new(&mapping, &file.columns);
    let (mut cases, mut contacts, mut links) = (Vec::new(), Vec::new(), Vec::new());
    let (mut continued, mut blank, mut problems) = (0, 0, Vec::new());
    for row in rows() {
        let drafted = drafter.draft(row.number, &row.cells);
        blank += usize::from(drafted.blank);
        continued += usize::from(drafted.continues.is_some());
        problems.extend(drafted.problems);
        match drafted.draft {
            Some(Draft::Case(case)) => cases.push(case),
            Some(Draft::Contact(contact)) => contacts.push(contact),
            Some(Draft::Link(link)) => links.push(link),
            None => {}
        }
    }
    Read { file, mapping, cases, contacts, links, continued, blank, problems }
}

impl Read {
    pub fn drafts(&self) -> usize {
        self.cases.len() + self.contacts.len() + self.links.len()
    }

    pub fn column(&self, header: &str) -> &ColumnMapping {
        self.mapping.columns.iter().find(|column| column.header == header).unwrap()
    }

    /// Cases that say something under this word.
    pub fn saying(&self, word: &str) -> usize {
        self.cases.iter().filter(|case| case.said.get(word).is_some_and(|said| !said.is_empty())).count()
    }

    pub fn errors(&self) -> usize {
        self.problems.iter().filter(|problem| problem.severity == Severity::Error).count()
    }

    /// Cases with a day of this kind.
    pub fn with(&self, kind: &str) -> usize {
        let kind = kind.parse().unwrap();
        self.cases.iter().filter(|case| case.dates.stated(kind).is_some()).count()
    }

    pub fn infected(&self) -> usize {
        self.cases.iter().filter(|case| !case.infectors.is_empty()).count()
    }

    pub fn codes(&self) -> BTreeMap<String, usize> {
        let mut codes = BTreeMap::new();
        for problem in &self.problems {
            *codes.entry(problem.code.clone()).or_insert(0) += 1;
        }
        codes
    }
}
