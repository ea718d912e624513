//! Which list a file is an edition of: the one that has most of its numbers and describes the same people.

use crate::cases::{Event, List};
use base::Id;
use std::collections::BTreeMap;
use store::{Query, Result, Scope, Value, params};

/// What a number stands for in a file or in a kept list, as far as two editions can be compared by it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Likeness {
    pub sex: Option<String>,
    /// Whole years.
    pub age: Option<i64>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChosenList {
    pub id: Id<List>,
    pub name: String,
    pub is_new: bool,
    /// Another list has these numbers for other people.
    pub numbers_clash: bool,
}

/// Half of the smaller list's numbers must be in both: editions grow, and a list that shares less is another one.
const SHARED: f64 = 0.5;
/// Of people with a stated sex and age in both, this share must agree; corrections are a few per cent.
const ALIKE: f64 = 0.7;
/// Fewer comparable people than this prove nothing.
const ENOUGH: usize = 5;

/// The kept list of which `file` is an edition, or a new one called `name`.
pub fn choose_list(
    query: &mut dyn Query,
    scope: &Scope,
    event: Option<Id<Event>>,
    file: &BTreeMap<String, Likeness>,
    name: &str,
    contacts: bool,
    fresh: Id<List>,
) -> Result<ChosenList> {
    let mut clash = false;
    for (list, shared) in lists_with(query, scope, event, file, contacts)? {
        let kept = likenesses(query, list, contacts)?;
        let smaller = kept.len().min(file.len());
        if (shared as f64) < SHARED * smaller as f64 {
            continue;
        }
        if same_people(file, &kept) {
            let row = query.first("SELECT name FROM cases_list WHERE id = $1", params![list])?;
            let name = row.map(|row| row.text(0)).transpose()?.unwrap_or_default();
            return Ok(ChosenList { id: list, name, is_new: false, numbers_clash: false });
        }
        clash = true;
    }
    Ok(ChosenList { id: fresh, name: name.to_owned(), is_new: true, numbers_clash: clash })
}

fn same_people(file: &BTreeMap<String, Likeness>, kept: &BTreeMap<String, Likeness>) -> bool {
    let mut comparable = 0;
    let mut alike = 0;
    for (number, here) in file {
        let Some(there) = kept.get(number) else { continue };
        let sexes = here.sex.as_ref().zip(there.sex.as_ref());
        let ages = here.age.zip(there.age);
        if sexes.is_none() && ages.is_none() {
            continue;
        }
        comparable += 1;
        // A year's difference is a birthday between two editions.
        let agree = sexes.is_none_or(|(a, b)| a == b) && ages.is_none_or(|(a, b)| (a - b).abs() <= 1);
        alike += usize::from(agree);
    }
    comparable < ENOUGH || alike as f64 >= ALIKE * comparable as f64
}

/// Lists of the same event (or of none) that share numbers with the file, the most first. Only rows within reach count:
/// nobody finds out by a file of their own which numbers another department uses.
fn lists_with(
    query: &mut dyn Query,
    scope: &Scope,
    event: Option<Id<Event>>,
    file: &BTreeMap<String, Likeness>,
    contacts: bool,
) -> Result<Vec<(Id<List>, i64)>> {
    let (table, number) = if contacts { ("cases_contact", "contact_no") } else { ("cases_case", "case_no") };
    let condition = if event.is_some() { "l.event = $1" } else { "l.event IS NULL AND $1 = ''" };
    let (first, past) = scope.territory.range();
    let mut shared: BTreeMap<Id<List>, i64> = BTreeMap::new();
    let numbers: Vec<&String> = file.keys().collect();
    for chunk in numbers.chunks(500) {
        let mut sql = format!(
            "SELECT r.list, count(*) FROM {table} r JOIN cases_list l ON l.id = r.list WHERE {condition} \
             AND r.territory >= $2 AND r.territory < $3 AND r.{number} IN ("
        );
        let mut params: Vec<Value> = vec![
            event.map(|event| event.to_string()).unwrap_or_default().into(),
            first.as_str().into(),
            past.as_str().into(),
        ];
        for (at, number) in chunk.iter().enumerate() {
            sql.push_str(&format!("{}${}", if at == 0 { "" } else { "," }, at + 4));
            params.push((*number).into());
        }
        sql.push_str(") GROUP BY r.list");
        for row in query.rows(&sql, &params)? {
            *shared.entry(row.read(0)?).or_default() += row.int(1)?;
        }
    }
    let mut shared: Vec<_> = shared.into_iter().collect();
    shared.sort_by_key(|(list, count)| (-count, *list));
    Ok(shared)
}

fn likenesses(query: &mut dyn Query, list: Id<List>, contacts: bool) -> Result<BTreeMap<String, Likeness>> {
    let sql = if contacts {
        "SELECT contact_no, sex, age FROM cases_contact WHERE list = $1"
    } else {
        "SELECT case_no, sex, age FROM cases_case WHERE list = $1"
    };
    let mut likenesses = BTreeMap::new();
    query.each(sql, params![list], &mut |row| {
        let age = row.opt_real(2)?.map(|age| age.floor() as i64);
        likenesses.insert(row.text(0)?, Likeness { sex: row.opt_text(1)?, age });
        Ok(())
    })?;
    Ok(likenesses)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn people(of: &[(&str, &str, i64)]) -> BTreeMap<String, Likeness> {
        of.iter()
            .map(|(no, sex, age)| {
                ((*no).to_owned(), Likeness { sex: Some((*sex).to_owned()), age: Some(*age) })
            })
            .collect()
    }

    #[test]
    fn two_lists_that_both_count_from_one_are_not_editions_of_each_other() {
        let ours = people(&[
            ("1", "male", 87),
            ("2", "male", 27),
            ("3", "female", 35),
            ("4", "female", 45),
            ("5", "female", 48),
        ]);
        let theirs = people(&[
            ("1", "male", 30),
            ("2", "male", 47),
            ("3", "male", 49),
            ("4", "female", 47),
            ("5", "female", 50),
        ]);
        assert!(!same_people(&ours, &theirs));
        let older = people(&[
            ("1", "male", 88),
            ("2", "male", 27),
            ("3", "female", 35),
            ("4", "female", 45),
            ("5", "female", 48),
        ]);
        assert!(same_people(&ours, &older));
    }
}
