//! Candidate links: what each case's text says about its source, for a person to confirm.

use crate::known_ids::KnownIds;
use crate::mentions::{Form, mentions};
use crate::relation::Relation;
use base::Day;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// One case and the words about where the infection came from.
#[derive(Debug, Clone, Copy)]
pub struct Telling<'a> {
    pub case_no: &'a str,
    pub text: &'a str,
    pub onset: Option<Day>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Candidate {
    pub infectee: String,
    pub infector: String,
    /// Whether the infector is on the list.
    pub listed: bool,
    pub relation: Option<Relation>,
    pub form: Form,
    pub infector_onset: Option<Day>,
    pub infectee_onset: Option<Day>,
    /// The one of several named infectors whom [`earliest_named_infector`] chooses.
    pub earliest: bool,
    /// The words it was read from.
    pub said: String,
}

/// Every pair the texts name, in the order of the list; each pair once, in its surest form. A case that names
/// itself names nobody. Two cases that name each other give two candidates: the text says they belong
/// together, not who was first.
pub fn candidate_links(tellings: &[Telling], ids: &KnownIds) -> Vec<Candidate> {
    let onsets: BTreeMap<&str, Option<Day>> = tellings.iter().map(|t| (t.case_no.trim(), t.onset)).collect();
    tellings.iter().flat_map(|telling| candidates_of(telling, ids, &onsets)).collect()
}

fn candidates_of(telling: &Telling, ids: &KnownIds, onsets: &BTreeMap<&str, Option<Day>>) -> Vec<Candidate> {
    let infectee = telling.case_no.trim();
    let mut named = mentions(telling.text, ids);
    // Stable, so that among equally sure forms the first in the text stays first.
    named.sort_by_key(|mention| mention.form);
    let mut seen = BTreeSet::from([infectee.to_lowercase()]);
    named.retain(|mention| seen.insert(mention.case_no.to_lowercase()));
    named.sort_by_key(|mention| mention.span.start);
    let mut candidates: Vec<Candidate> = named
        .into_iter()
        .map(|mention| Candidate {
            infectee: infectee.to_owned(),
            infector_onset: onsets.get(mention.case_no.as_str()).copied().flatten(),
            infector: mention.case_no,
            listed: mention.listed,
            relation: mention.relation,
            form: mention.form,
            infectee_onset: telling.onset,
            earliest: false,
            said: telling.text.trim().to_owned(),
        })
        .collect();
    let chosen = earliest_named_infector(candidates.iter().map(|c| c.infector_onset));
    if let Some(chosen) = chosen {
        candidates[chosen].earliest = true;
    }
    candidates
}

/// Which of several named infectors to take when one must be taken: the one who fell ill first; among equals,
/// and when no onset is known, the one named first. Takes their onsets in the order of the text, gives the
/// place of the chosen.
///
/// # Source
/// The rule under which the Tianjin list of 135 cases gives 56 intervals with mean 4.64 and SD 4.51 days. It
/// is a convention, not a finding: the interval it gives is an upper bound among those named, because an
/// earlier onset is a longer interval. Tindale et al. 2020, eLife 9:e57149, doi:10.7554/eLife.57149 avoid the
/// choice with a mixture model.
pub fn earliest_named_infector(onsets: impl IntoIterator<Item = Option<Day>>) -> Option<usize> {
    let onsets = onsets.into_iter().enumerate();
    onsets.min_by_key(|(place, onset)| (onset.is_none(), *onset, *place)).map(|(place, _)| place)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn telling<'a>(case_no: &'a str, onset: Option<&str>, text: &'a str) -> Telling<'a> {
        Telling { case_no, text, onset: onset.map(|day| day.parse().unwrap()) }
    }

    #[test]
    fn of_two_named_infectors_the_one_who_fell_ill_first_is_chosen() {
        let list = [
            telling("TJ2", Some("2020-01-18"), "Wuhan"),
            telling("TJ6", Some("2020-01-14"), "train"),
            telling("TJ47", Some("2020-01-23"), "coworkers of cases TJ2 TJ6"),
        ];
        let links = candidate_links(&list, &KnownIds::new(["TJ2", "TJ6", "TJ47"]));
        let chosen: Vec<(&str, bool)> = links.iter().map(|c| (c.infector.as_str(), c.earliest)).collect();
        assert_eq!(chosen, [("TJ2", false), ("TJ6", true)]);
        assert_eq!(links[0].relation, Some(Relation::Coworker));
    }

    #[test]
    fn a_case_named_twice_is_one_candidate_and_a_case_naming_itself_is_none() {
        let list = [telling("TJ1", None, "case TJ1, contact of case 2, see TJ2"), telling("TJ2", None, "")];
        let links = candidate_links(&list, &KnownIds::new(["TJ1", "TJ2"]));
        assert_eq!((links.len(), links[0].infector.as_str(), links[0].form), (1, "TJ2", Form::Full));
    }

    #[test]
    fn an_infector_without_an_onset_is_chosen_only_when_nobody_has_one() {
        let day = |n| Day::from_number(n);
        assert_eq!(earliest_named_infector([None, day(5), day(4), day(4)]), Some(2));
        assert_eq!(earliest_named_infector([None, None]), Some(0));
        assert_eq!(earliest_named_infector([]), None);
    }
}
