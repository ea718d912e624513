//! Two lists about the same people: which records belong together, and on what they agree.
//!
//! It compares what it is given, letter for letter; making days and words comparable is the reader's work
//! before.

use crate::known_ids::without_zeros;
use serde::Serialize;
use std::{collections::BTreeMap, fmt, str::FromStr};

/// How an id of one list becomes an id of the other: `022000{n} = TJ{n}`. Numbers are compared without
/// leading zeros.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdRule {
    left: Template,
    right: Template,
}

/// What stands before and after the number.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Template {
    before: String,
    after: String,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is not an id rule; write both forms with {{n}} for the number, such as `022000{{n}} = TJ{{n}}`"
)]
pub struct IdRuleError(pub String);

impl FromStr for IdRule {
    type Err = IdRuleError;
    fn from_str(text: &str) -> Result<IdRule, IdRuleError> {
        let refuse = || IdRuleError(text.to_owned());
        let (left, right) = text.split_once('=').ok_or_else(refuse)?;
        let template = |side: &str| {
            let (before, after) = side.trim().split_once("{n}").ok_or_else(refuse)?;
            if after.contains("{n}") {
                return Err(refuse());
            }
            Ok(Template { before: before.to_owned(), after: after.to_owned() })
        };
        Ok(IdRule { left: template(left)?, right: template(right)? })
    }
}

impl fmt::Display for IdRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Template { before, after } = &self.left;
        write!(f, "{before}{{n}}{after} = {}{{n}}{}", self.right.before, self.right.after)
    }
}

impl Template {
    /// The number in the id, without leading zeros; `None` when the id has another form. Letters count
    /// without case.
    fn number(&self, id: &str) -> Option<String> {
        let id = id.trim().to_lowercase();
        let middle =
            id.strip_prefix(&self.before.to_lowercase())?.strip_suffix(&self.after.to_lowercase())?;
        let number = !middle.is_empty() && middle.bytes().all(|b| b.is_ascii_digit());
        number.then(|| without_zeros(middle).to_owned())
    }
}

/// One record: its id and what it says, field by field. A blank value says nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    pub id: String,
    pub fields: BTreeMap<String, String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Agreement {
    Agree,
    Differ,
    /// One of the two, or both, say nothing.
    Unknown,
}

/// A record of the left list and the record of the right list about the same person, by their places in the
/// lists.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Match {
    pub left: usize,
    pub right: usize,
    /// In the order of the fields asked for.
    pub agreement: Vec<Agreement>,
}

impl Match {
    /// Whether the two agree on all of the fields at these places.
    pub fn agrees_on(&self, places: &[usize]) -> bool {
        places.iter().all(|place| self.agreement[*place] == Agreement::Agree)
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FieldTally {
    pub field: String,
    pub agree: usize,
    pub differ: usize,
    pub unknown: usize,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Reconciliation {
    /// In the order of the left list.
    pub matches: Vec<Match>,
    /// Per field asked for, over all matches.
    pub fields: Vec<FieldTally>,
    /// Left records without a partner, ids of another form included.
    pub only_left: Vec<usize>,
    pub only_right: Vec<usize>,
    /// Left records whose partner an earlier left record has too: the left list repeats an id. They are
    /// matches as well.
    pub repeated_left: Vec<usize>,
    /// Right records that repeat the id of an earlier one; the earlier one is the partner.
    pub repeated_right: Vec<usize>,
}

/// Pairs the records of two lists by the rule and compares the named fields, present under the same name in
/// both.
pub fn reconcile(left: &[Record], right: &[Record], rule: &IdRule, fields: &[&str]) -> Reconciliation {
    let (partner, repeated_right) = partners(right, rule);
    let mut matches = Vec::new();
    let (mut only_left, mut repeated_left) = (Vec::new(), Vec::new());
    let mut taken = vec![false; right.len()];
    for (place, record) in left.iter().enumerate() {
        let Some(&other) = rule.left.number(&record.id).and_then(|number| partner.get(&number)) else {
            only_left.push(place);
            continue;
        };
        if std::mem::replace(&mut taken[other], true) {
            repeated_left.push(place);
        }
        let agreement = fields.iter().map(|field| compare(record, &right[other], field)).collect();
        matches.push(Match { left: place, right: other, agreement });
    }
    let only_right = (0..right.len())
        .filter(|place| !taken[*place] && repeated_right.binary_search(place).is_err())
        .collect();
    let fields = fields.iter().enumerate().map(|(place, field)| tally(field, place, &matches)).collect();
    Reconciliation { matches, fields, only_left, only_right, repeated_left, repeated_right }
}

/// The first record of each number, and the places of those that repeat one.
fn partners(right: &[Record], rule: &IdRule) -> (BTreeMap<String, usize>, Vec<usize>) {
    let mut first = BTreeMap::new();
    let mut repeated = Vec::new();
    for (place, record) in right.iter().enumerate() {
        let Some(number) = rule.right.number(&record.id) else { continue };
        if *first.entry(number).or_insert(place) != place {
            repeated.push(place);
        }
    }
    (first, repeated)
}

fn compare(left: &Record, right: &Record, field: &str) -> Agreement {
    let said = |record: &Record| {
        record.fields.get(field).map(|value| value.trim().to_lowercase()).filter(|value| !value.is_empty())
    };
    match (said(left), said(right)) {
        (Some(a), Some(b)) if a == b => Agreement::Agree,
        (Some(_), Some(_)) => Agreement::Differ,
        _ => Agreement::Unknown,
    }
}

fn tally(field: &str, place: usize, matches: &[Match]) -> FieldTally {
    let count = |what| matches.iter().filter(|m| m.agreement[place] == what).count();
    FieldTally {
        field: field.to_owned(),
        agree: count(Agreement::Agree),
        differ: count(Agreement::Differ),
        unknown: count(Agreement::Unknown),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(id: &str, age: &str, sex: &str) -> Record {
        let fields = [("age", age), ("sex", sex)].map(|(field, value)| (field.to_owned(), value.to_owned()));
        Record { id: id.to_owned(), fields: fields.into() }
    }

    #[test]
    fn records_meet_by_rule_and_are_compared_field_by_field() {
        let rule: IdRule = "022000{n} = TJ{n}".parse().unwrap();
        let notices = [
            record("022000001", "59", "female"),
            record("022000002", "", "male"),
            record("022000001", "60", "female"),
            record("0551", "9", "male"),
        ];
        let list =
            [record("TJ1", "59", "Female"), record("tj2", "57", "male"), record("TJ3", "68", "female")];
        let r = reconcile(&notices, &list, &rule, &["age", "sex"]);
        assert_eq!((r.matches.len(), r.matches[0].agrees_on(&[0, 1])), (3, true));
        assert_eq!((r.fields[0].agree, r.fields[0].differ, r.fields[0].unknown), (1, 1, 1));
        assert_eq!((r.only_left, r.only_right, r.repeated_left), (vec![3], vec![2], vec![2]));
    }

    #[test]
    fn a_rule_is_two_forms_with_one_number_each() {
        let rule: IdRule = " 022000{n}=TJ{n} ".parse().unwrap();
        assert_eq!(rule.to_string(), "022000{n} = TJ{n}");
        for text in ["TJ{n}", "a = b", "{n}{n} = {n}", ""] {
            assert!(text.parse::<IdRule>().is_err(), "{text}");
        }
    }
}
