//! The case numbers a list gives, and what its numbers look like.

use std::collections::{BTreeMap, BTreeSet};

/// Learnt from the list alone: `TJ1`, `TJ2`, … teach that a case here is "TJ and a number".
/// Letters count without their case, numbers without leading zeros: `tj07` is `TJ7`.
#[derive(Debug, Clone, Default)]
pub struct KnownIds {
    ids: Vec<String>,
    exact: BTreeMap<String, usize>,
    /// By prefix and number, both folded.
    numbered: BTreeMap<(String, String), usize>,
    /// Folded prefix to the prefix as written, for those that at least two ids share or that stand alone.
    prefixes: BTreeMap<String, Prefix>,
    /// Number to the ids that end in it.
    by_number: BTreeMap<String, BTreeSet<usize>>,
    /// In characters.
    longest_prefix: usize,
}

#[derive(Debug, Clone)]
struct Prefix {
    written: String,
    ids: usize,
}

impl KnownIds {
    pub fn new<S: AsRef<str>>(ids: impl IntoIterator<Item = S>) -> KnownIds {
        let mut known = KnownIds::default();
        for id in ids {
            known.learn(id.as_ref().trim());
        }
        known
    }

    fn learn(&mut self, id: &str) {
        if id.is_empty() || self.exact.contains_key(&folded(id)) {
            return;
        }
        let place = self.ids.len();
        self.ids.push(id.to_owned());
        self.exact.insert(folded(id), place);
        let Some((prefix, number)) = split_number(id) else { return };
        self.numbered.entry((folded(prefix), number.clone())).or_insert(place);
        self.by_number.entry(number).or_default().insert(place);
        if !prefix.is_empty() {
            self.longest_prefix = self.longest_prefix.max(folded(prefix).chars().count());
            let entry = self.prefixes.entry(folded(prefix));
            entry.or_insert_with(|| Prefix { written: prefix.to_owned(), ids: 0 }).ids += 1;
        }
    }

    /// The id as the list writes it.
    pub fn exactly(&self, written: &str) -> Option<&str> {
        self.exact.get(&folded(written)).map(|place| self.ids[*place].as_str())
    }

    /// The prefix as the list writes it, with the number of ids that share it.
    pub(crate) fn prefix(&self, written: &str) -> Option<(&str, usize)> {
        self.prefixes.get(&folded(written)).map(|prefix| (prefix.written.as_str(), prefix.ids))
    }

    /// In characters.
    pub(crate) fn longest_prefix(&self) -> usize {
        self.longest_prefix
    }

    pub(crate) fn numbered(&self, prefix: &str, number: &str) -> Option<&str> {
        let key = (folded(prefix), without_zeros(number).to_owned());
        self.numbered.get(&key).map(|place| self.ids[*place].as_str())
    }

    /// The one id that ends in this number. Two provinces that both have a case 3 give no answer.
    pub(crate) fn only_one_numbered(&self, number: &str) -> Option<&str> {
        let places = self.by_number.get(without_zeros(number))?;
        (places.len() == 1).then(|| places.first().map(|place| self.ids[*place].as_str())).flatten()
    }

    /// What a number would be called here when no case has it: the prefix all ids share, or the bare number.
    pub(crate) fn only_prefix(&self) -> Option<&str> {
        match self.prefixes.len() {
            0 => Some(""),
            1 => self.prefixes.values().next().map(|prefix| prefix.written.as_str()),
            _ => None,
        }
    }
}

fn folded(text: &str) -> String {
    text.to_lowercase()
}

pub(crate) fn without_zeros(number: &str) -> &str {
    let rest = number.trim_start_matches('0');
    if rest.is_empty() && !number.is_empty() { "0" } else { rest }
}

/// `TJ07` → (`TJ`, `7`). A prefix that itself holds digits counts only before a separator (`2022-TJ-5`): the
/// letters and digits of a random id such as `f547d6` mean nothing.
fn split_number(id: &str) -> Option<(&str, String)> {
    let prefix = id.trim_end_matches(|c: char| c.is_ascii_digit());
    let number = &id[prefix.len()..];
    let separated = prefix.ends_with(|c: char| !c.is_alphanumeric());
    if number.is_empty() || (prefix.contains(|c: char| c.is_ascii_digit()) && !separated) {
        return None;
    }
    Some((prefix, without_zeros(number).to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_teaches_its_prefix_and_forgives_zeros_and_case() {
        let known = KnownIds::new(["TJ1", "TJ2", "TJ13"]);
        assert_eq!(known.numbered("tj", "0013"), Some("TJ13"));
        assert_eq!(known.exactly("tj2"), Some("TJ2"));
        assert_eq!(known.only_prefix(), Some("TJ"));
        assert_eq!(known.only_one_numbered("2"), Some("TJ2"));
    }

    #[test]
    fn a_number_two_places_share_names_nobody() {
        let known = KnownIds::new(["hefei-3", "suzhou-3", "suzhou-4"]);
        assert_eq!((known.only_one_numbered("3"), known.only_one_numbered("4")), (None, Some("suzhou-4")));
        assert_eq!(known.only_prefix(), None);
    }

    #[test]
    fn a_random_id_teaches_no_prefix() {
        let known = KnownIds::new(["f547d6", "d1fafd"]);
        assert_eq!(known.prefix("f547d").map(|p| p.1), None);
        assert_eq!(known.exactly("F547D6"), Some("f547d6"));
    }
}
