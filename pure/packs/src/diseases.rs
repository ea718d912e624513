//! All disease packs together: finding one by id, and by the words that line lists use.

use crate::fault::Check;
use crate::{Disease, Fault, Faults};
use base::Day;
use std::collections::BTreeMap;

#[derive(Debug, Clone, Default, PartialEq)]
pub struct Diseases {
    /// In order of id.
    packs: Vec<Disease>,
    /// Folded alias to positions in `packs`.
    words: BTreeMap<String, Vec<usize>>,
}

impl Diseases {
    /// Reads packs given as `(name, text)`.
    ///
    /// # Errors
    /// The faults of all packs together; also an id used twice, and a word claimed by two families.
    pub fn read<'a>(texts: impl IntoIterator<Item = (&'a str, &'a str)>) -> Result<Diseases, Faults> {
        let mut faults: Vec<Fault> = Vec::new();
        let mut packs: Vec<Disease> = Vec::new();
        for (name, text) in texts {
            match Disease::read(name, text) {
                Ok(disease) => packs.push(disease),
                Err(found) => faults.extend(found.0),
            }
        }
        packs.sort_by(|a, b| a.id.cmp(&b.id));
        let words = index_words(&packs);
        faults.extend(check_together(&packs, &words).0);
        if faults.is_empty() { Ok(Diseases { packs, words }) } else { Err(Faults(faults)) }
    }

    pub fn iter(&self) -> impl Iterator<Item = &Disease> {
        self.packs.iter()
    }

    pub fn by_id(&self, id: &str) -> Option<&Disease> {
        self.packs.iter().find(|disease| disease.id == id)
    }

    /// The diseases a word in a list may mean. `on`, the day of the case, narrows a family to the variants
    /// that were about then; several answers mean that the reader must choose.
    pub fn recognise(&self, word: &str, on: Option<Day>) -> Vec<&Disease> {
        let meant: Vec<&Disease> =
            self.words.get(&fold(word)).into_iter().flatten().map(|place| &self.packs[*place]).collect();
        let about = |disease: &&Disease| {
            on.is_none_or(|day| disease.circulated.as_ref().is_none_or(|span| span.holds(day)))
        };
        let narrowed: Vec<&Disease> = meant.iter().copied().filter(about).collect();
        if narrowed.is_empty() { meant } else { narrowed }
    }
}

fn index_words(packs: &[Disease]) -> BTreeMap<String, Vec<usize>> {
    let mut words: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for (place, disease) in packs.iter().enumerate() {
        let own = [&disease.id, &disease.zh, &disease.en];
        for word in own.into_iter().chain(&disease.aliases) {
            let places = words.entry(fold(word)).or_default();
            if places.last() != Some(&place) {
                places.push(place);
            }
        }
    }
    words
}

fn check_together(packs: &[Disease], words: &BTreeMap<String, Vec<usize>>) -> Faults {
    let mut check = Check::of("diseases");
    for pair in packs.windows(2).filter(|pair| pair[0].id == pair[1].id) {
        check.fault(
            &pair[0].id,
            "two packs have this id",
            "keep one, or give a variant its own id and a family",
        );
    }
    for (word, places) in words {
        let first = &packs[places[0]].family;
        if let Some(other) = places.iter().map(|place| &packs[*place]).find(|other| &other.family != first) {
            check.fault(
                &other.id,
                format!("the word `{word}` also belongs to {first}"),
                "take it out of one, or make both one family",
            );
        }
    }
    check.into_faults()
}

/// Case, spaces and joining marks do not tell diseases apart: `COVID 19`, `covid-19` and `Covid_19` are one
/// word. Go.Data writes its untranslated words behind a long prefix.
fn fold(word: &str) -> String {
    word.trim()
        .trim_start_matches("LNG_REFERENCE_DATA_CATEGORY_DISEASE_")
        .chars()
        .filter(|letter| {
            !letter.is_whitespace() && !matches!(letter, '-' | '_' | '.' | '（' | '）' | '(' | ')')
        })
        .flat_map(char::to_lowercase)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shipped;

    fn ids(word: &str, on: Option<&str>) -> Vec<String> {
        let diseases = shipped::diseases().unwrap();
        let on = on.map(|day| day.parse().unwrap());
        diseases.recognise(word, on).iter().map(|disease| disease.id.clone()).collect()
    }

    #[test]
    fn a_word_is_known_however_it_is_written() {
        for word in ["MEASLES", " measles ", "麻疹"] {
            assert_eq!(ids(word, None), ["measles"], "{word}");
        }
        assert!(ids("the grippe of the century", None).is_empty());
    }

    #[test]
    fn codes_of_sormas_and_godata_are_known() {
        assert_eq!(ids("EVD", None), ["ebola"]);
        assert_eq!(ids("LNG_REFERENCE_DATA_CATEGORY_DISEASE_EBOLA_VIRUS_DISEASE", None), ["ebola"]);
        assert_eq!(ids("LNG_REFERENCE_DATA_CATEGORY_DISEASE_2019_N_CO_V", None).len(), 3);
        assert_eq!(ids("CORONAVIRUS", None).len(), 3);
    }

    #[test]
    fn the_day_of_a_case_says_which_covid_is_meant_and_an_overlap_stays_open() {
        assert_eq!(ids("新冠肺炎", Some("2020-02-01")), ["covid-19-wild"]);
        assert_eq!(ids("COVID 19", Some("2021-08-01")), ["covid-19-delta"]);
        assert_eq!(ids("covid-19", Some("2022-02-20")), ["covid-19-delta", "covid-19-omicron"]);
        assert_eq!(ids("Delta", Some("2022-02-20")), ["covid-19-delta"]);
        assert_eq!(ids("Delta", Some("2024-02-20")), ["covid-19-delta"], "a named variant is believed");
    }

    #[test]
    fn a_pack_that_claims_another_diseases_word_is_refused() {
        let thief = include_str!("../../../packs/diseases/measles.toml")
            .replace("id = \"measles\"", "id = \"thief\"")
            .replace("aliases = [", "aliases = [\"Delta\", ");
        let texts = shipped::DISEASES.iter().copied().chain([("diseases/thief", thief.as_str())]);
        let refusal = Diseases::read(texts).unwrap_err().to_string();
        assert!(refusal.contains("the word `delta` also belongs to covid-19"), "{refusal}");
        assert!(refusal.contains("the word `麻疹` also belongs to measles"), "{refusal}");
    }
}
