//! Rows that are links: one infector, one infectee, with or without facts about both.

use crate::imports::account::{Action, found};
use crate::imports::engine::case_rows::{Described, keep};
use crate::imports::engine::links::{self, Pair};
use crate::imports::engine::{CHUNK, Fault, Pass, id_of};
use crate::imports::pieces::{Repetition, add, compare};
use crate::imports::settle::identity_of;
use cases::Evidence;
use linelist::{CaseDraft, Draft, Severity};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// One row: who infected whom.
struct Row {
    line: u64,
    from: String,
    to: String,
    evidence: Evidence,
    relation: Option<String>,
}

pub fn run(pass: &mut Pass<'_>) -> Result<(), Fault> {
    let mut rows: Vec<Row> = Vec::new();
    let mut people: BTreeMap<String, Described> = BTreeMap::new();
    pass.each_row(|pass, drafted| {
        let Some(Draft::Link(link)) = drafted.draft else { return Ok(()) };
        let line = drafted.row;
        let from = meet(pass, &mut people, line, "case from", link.infector);
        let to = meet(pass, &mut people, line, "case to", link.infectee);
        let relation = link.relation.or(link.setting);
        rows.push(Row { line, from, to, evidence: link.evidence.unwrap_or(Evidence::Named), relation });
        Ok(())
    })?;
    let actions = keep_people(pass, people)?;
    for action in actions.values() {
        *pass.report.cases.entry(action.word().to_owned()).or_default() += 1;
    }
    pass.send_rows()?;
    keep_pairs(pass, rows, &actions)
}

/// The same person stands on many rows: what is said first stands, blanks are filled, contradictions are told.
fn meet(
    pass: &mut Pass<'_>,
    people: &mut BTreeMap<String, Described>,
    line: u64,
    side: &'static str,
    draft: CaseDraft,
) -> String {
    let number = match &draft.case_no {
        Some(number) => number.clone(),
        None => pass.number_for(&draft.said, identity_of(&draft.person).as_ref()),
    };
    match people.get_mut(&number) {
        None => {
            let described = Described { line, side, number: number.clone(), draft, others: Vec::new() };
            people.insert(number.clone(), described);
        }
        Some(first) => {
            if compare(&first.draft, &draft) == Repetition::Contradiction {
                let fields = contradictions(&first.draft, &draft);
                let told = format!(
                    "row {} says otherwise about {number} ({fields}); what the earlier row says stands: correct the wrong one",
                    first.line
                );
                pass.problem(found(line, "case_no", &number, "case.contradiction", Severity::Warning, told));
            }
            add(&mut first.draft, &draft);
        }
    }
    number
}

fn contradictions(first: &CaseDraft, later: &CaseDraft) -> String {
    let differ = later.said.iter().filter(|(field, text)| {
        let known = first.said.get(*field).map(String::as_str).unwrap_or_default();
        !text.is_empty() && !known.is_empty() && known != text.as_str() && !field.starts_with("column:")
    });
    differ.map(|(field, _)| field.as_str()).collect::<Vec<_>>().join(", ")
}

fn keep_people(
    pass: &mut Pass<'_>,
    people: BTreeMap<String, Described>,
) -> Result<HashMap<String, Action>, Fault> {
    let mut people: Vec<Described> = people.into_values().collect();
    people.sort_by_key(|described| (described.line, described.side));
    let mut actions = HashMap::new();
    while !people.is_empty() {
        let rest = people.split_off(people.len().min(CHUNK));
        actions.extend(keep(pass, std::mem::replace(&mut people, rest), false)?);
    }
    Ok(actions)
}

fn keep_pairs(pass: &mut Pass<'_>, rows: Vec<Row>, actions: &HashMap<String, Action>) -> Result<(), Fault> {
    let existing = links::existing(pass)?;
    let mut met: BTreeSet<(String, String)> = BTreeSet::new();
    let mut pairs = Vec::new();
    for row in rows {
        let action = one_pair(pass, &row, actions, &existing, &mut met, &mut pairs)?;
        pass.report.count(action);
    }
    links::send(pass, pairs, Vec::new(), links::Gone::default())
}

fn one_pair(
    pass: &mut Pass<'_>,
    row: &Row,
    actions: &HashMap<String, Action>,
    existing: &links::Existing,
    met: &mut BTreeSet<(String, String)>,
    pairs: &mut Vec<Pair>,
) -> Result<Action, Fault> {
    let told = |number: &str| actions.get(number).copied().unwrap_or(Action::Failed);
    if row.from == row.to {
        let message = format!("{} cannot have infected itself; correct one of the two numbers", row.from);
        pass.problem(found(row.line, "", &row.from, "link.itself", Severity::Error, message));
        return Ok(Action::Failed);
    }
    if told(&row.from) == Action::Failed || told(&row.to) == Action::Failed {
        return Ok(Action::Failed);
    }
    if !met.insert((row.from.clone(), row.to.clone())) {
        let message = format!("{} and {} are linked by an earlier row; nothing to do", row.from, row.to);
        pass.problem(found(row.line, "", &row.to, "link.repeated", Severity::Info, message));
        return Ok(Action::Skipped);
    }
    let (Some(from), Some(to)) = (pass.known.get(&row.from).cloned(), pass.known.get(&row.to).cloned())
    else {
        return Ok(Action::Failed);
    };
    let (from_id, to_id) = (id_of(&from.record)?, id_of(&to.record)?);
    if let Some(kept) = existing.get(&(from_id, to_id)) {
        pass.report.links.unchanged += 1;
        if let Some(action) = pass.written.get(&(row.line, format!("link {}", kept.id))) {
            return Ok(*action);
        }
        let updated = told(&row.from) == Action::Updated || told(&row.to) == Action::Updated;
        let told_otherwise = row.relation.is_some() && row.relation != kept.relation;
        if told_otherwise {
            pairs.push(Pair::of(row.line, from_id, to_id, to.territory, row.evidence, row.relation.clone()));
        }
        return Ok(if updated || told_otherwise { Action::Updated } else { Action::Unchanged });
    }
    pass.report.links.created += 1;
    pairs.push(Pair::of(row.line, from_id, to_id, to.territory, row.evidence, row.relation.clone()));
    Ok(Action::Created)
}
