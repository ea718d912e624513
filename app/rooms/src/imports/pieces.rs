//! Rows about the same case within one file: further pieces of it, plain repetitions, or two people under one number.

use linelist::{CaseDraft, Person, Place, Said};

/// What a later row with a known number is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Repetition {
    /// It says the same again.
    Same,
    /// It contradicts nothing and adds something.
    Piece,
    /// It describes another person, or the same one differently.
    Contradiction,
}

/// Compares a later row with the case as it stands so far.
pub fn compare(so_far: &CaseDraft, row: &CaseDraft) -> Repetition {
    if so_far.said == row.said {
        return Repetition::Same;
    }
    let contradicts = row.said.iter().any(|(field, text)| {
        let known = so_far.said.get(field).map(String::as_str).unwrap_or_default();
        is_fact(field) && !text.is_empty() && !known.is_empty() && known != text
    });
    if contradicts { Repetition::Contradiction } else { Repetition::Piece }
}

/// A column without a field (journeys, events, remarks) may say something else on every row of the same case.
fn is_fact(field: &str) -> bool {
    !field.starts_with("column:") && field != "source_text"
}

/// Adds what a further row says; nothing that is known is overwritten.
pub fn add(so_far: &mut CaseDraft, row: &CaseDraft) {
    add_person(&mut so_far.person, &row.person);
    if so_far.residence == Place::default() {
        so_far.residence = row.residence.clone();
    }
    if so_far.notified == Place::default() {
        so_far.notified = row.notified.clone();
    }
    for (kind, stated) in &row.dates.0 {
        so_far.dates.0.entry(*kind).or_insert_with(|| stated.clone());
    }
    so_far.disease = so_far.disease.take().or_else(|| row.disease.clone());
    so_far.classification = so_far.classification.or(row.classification);
    so_far.outcome = so_far.outcome.or(row.outcome);
    so_far.found = so_far.found.or(row.found);
    for infector in &row.infectors {
        if !so_far.infectors.iter().any(|known| known.case_no == infector.case_no) {
            so_far.infectors.push(infector.clone());
        }
    }
    add_said(&mut so_far.said, &row.said);
}

fn add_person(so_far: &mut Person, row: &Person) {
    let text = |known: &mut Option<String>, new: &Option<String>| {
        if known.is_none() {
            known.clone_from(new);
        }
    };
    text(&mut so_far.name, &row.name);
    text(&mut so_far.id_number, &row.id_number);
    text(&mut so_far.phone, &row.phone);
    text(&mut so_far.address, &row.address);
    text(&mut so_far.age_band, &row.age_band);
    text(&mut so_far.occupation, &row.occupation);
    so_far.sex = so_far.sex.or(row.sex);
    so_far.age_years = so_far.age_years.or(row.age_years);
    if so_far.birth.is_none() {
        so_far.birth.clone_from(&row.birth);
    }
}

/// What another row said in the same column stands beside it as `column:events (2)`, `(3)`, ….
fn add_said(so_far: &mut Said, row: &Said) {
    for (field, text) in row.iter().filter(|(_, text)| !text.is_empty()) {
        match so_far.get(field).map(String::as_str) {
            None | Some("") => {
                so_far.insert(field.clone(), text.clone());
            }
            Some(known) if known == text => {}
            Some(_) => {
                let mut number = 2;
                while so_far.get(&format!("{field} ({number})")).is_some_and(|known| known != text) {
                    number += 1;
                }
                so_far.insert(format!("{field} ({number})"), text.clone());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn case(said: &[(&str, &str)]) -> CaseDraft {
        CaseDraft {
            said: said.iter().map(|(field, text)| ((*field).to_owned(), (*text).to_owned())).collect(),
            ..CaseDraft::default()
        }
    }

    #[test]
    fn a_row_with_another_journey_is_a_piece_and_one_with_another_age_a_contradiction() {
        let first = case(&[("age", "59"), ("column:journey", "train")]);
        assert_eq!(compare(&first, &case(&[("age", ""), ("column:journey", "bus")])), Repetition::Piece);
        assert_eq!(
            compare(&first, &case(&[("age", "31"), ("column:journey", "bus")])),
            Repetition::Contradiction
        );
        assert_eq!(compare(&first, &first.clone()), Repetition::Same);
    }

    #[test]
    fn every_journey_of_a_case_is_kept() {
        let mut so_far = case(&[("column:journey", "train")]);
        add(&mut so_far, &case(&[("column:journey", "bus")]));
        add(&mut so_far, &case(&[("column:journey", "ferry")]));
        add(&mut so_far, &case(&[("column:journey", "bus")]));
        let texts: Vec<&str> = so_far.said.values().map(String::as_str).collect();
        assert_eq!(texts, ["train", "bus", "ferry"]);
    }
}
