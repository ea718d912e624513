//! The first look at a whole file: how many rows, which numbers, which of them more than once, and enough about the people
//! to tell which list this is an edition of.

use crate::imports::engine::{Engine, Fault};
use crate::imports::lists::Likeness;
use linelist::{CaseDraft, Draft, Drafter, Person, Problem};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::Ordering;

#[derive(Debug, Default)]
pub struct Survey {
    pub rows: u64,
    pub likeness: BTreeMap<String, Likeness>,
    pub repeated: BTreeSet<String>,
    /// Numbers of cases that a list of contacts names as sources.
    pub sources: BTreeMap<String, Likeness>,
    pub notes: Vec<Problem>,
}

pub fn survey(engine: &Engine<'_>) -> Result<Survey, Fault> {
    let mut survey = Survey::default();
    let mut drafter = Drafter::new(engine.mapping, &engine.file.columns);
    for row in engine.file.rows() {
        if engine.progress.cancel.load(Ordering::Relaxed) {
            return Err(Fault::Cancelled);
        }
        let row = row?;
        survey.rows += 1;
        match drafter.draft(row.number, &row.cells).draft {
            Some(Draft::Case(case)) => survey.meet_case(&case, true),
            Some(Draft::Contact(contact)) => {
                if let Some(number) = contact.contact_no {
                    survey.meet(number, &contact.person, true);
                }
                if let Some(source) = contact.source_case_no {
                    survey.sources.insert(source, Likeness::default());
                }
            }
            Some(Draft::Link(link)) => {
                survey.meet_case(&link.infector, false);
                survey.meet_case(&link.infectee, false);
            }
            None => {}
        }
    }
    Ok(survey)
}

impl Survey {
    fn meet_case(&mut self, case: &CaseDraft, once: bool) {
        if let Some(number) = case.case_no.clone() {
            self.meet(number, &case.person, once);
        }
    }

    fn meet(&mut self, number: String, person: &Person, once: bool) {
        if self.likeness.contains_key(&number) {
            if once {
                self.repeated.insert(number);
            }
            return;
        }
        let age = person.age_years.map(|age| age.floor() as i64);
        self.likeness.insert(number, Likeness { sex: person.sex.map(|sex| sex.to_string()), age });
    }
}
