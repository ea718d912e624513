//! Rows that are cases: new ones are made, known ones take over what is said differently.

use crate::cases::http::said_context;
use crate::cases::{CaseRecord, case_columns};
use crate::imports::account::{Action, RowChange, found};
use crate::imports::changes::{CaseBefore, KeptCase};
use crate::imports::engine::links::Wanted;
use crate::imports::engine::survey::Survey;
use crate::imports::engine::{CHUNK, Fault, Known, Pass, id_of};
use crate::imports::pieces::{Repetition, add, compare};
use crate::imports::settle::{differences, identity_changed, identity_of};
use crate::people::open_identity_of;
use linelist::{CaseDraft, Draft, Said, Severity};
use std::collections::{BTreeMap, HashMap};
use store::{Query, Sealed, Vault, params};

/// A case as one or several rows describe it.
pub struct Described {
    pub line: u64,
    /// Which part of the row it is, for undo: `case`, `case from`, `case to`.
    pub side: &'static str,
    pub number: String,
    pub draft: CaseDraft,
    /// Further rows that speak of the same case, and what becomes of each when the case does.
    pub others: Vec<u64>,
}

pub fn run(pass: &mut Pass<'_>, survey: &Survey) -> Result<(), Fault> {
    let mut block: Vec<Described> = Vec::new();
    let mut several: BTreeMap<String, Described> = BTreeMap::new();
    pass.each_row(|pass, drafted| {
        let Some(Draft::Case(draft)) = drafted.draft else { return Ok(()) };
        let number = match &draft.case_no {
            Some(number) => number.clone(),
            None => pass.number_for(&draft.said, identity_of(&draft.person).as_ref()),
        };
        let described = Described { line: drafted.row, side: "case", number, draft, others: Vec::new() };
        if survey.repeated.contains(&described.number) {
            gather(pass, &mut several, described);
        } else {
            block.push(described);
        }
        if block.len() >= CHUNK {
            keep(pass, std::mem::take(&mut block), true)?;
        }
        Ok(())
    })?;
    keep(pass, block, true)?;
    let mut several: Vec<Described> = several.into_values().collect();
    several.sort_by_key(|described| described.line);
    while !several.is_empty() {
        let rest = several.split_off(several.len().min(CHUNK));
        keep(pass, std::mem::replace(&mut several, rest), true)?;
    }
    Ok(())
}

/// A number that stands on several rows: pieces are added to the first, repetitions and contradictions are told.
fn gather(pass: &mut Pass<'_>, several: &mut BTreeMap<String, Described>, row: Described) {
    let Some(first) = several.get_mut(&row.number) else {
        several.insert(row.number.clone(), row);
        return;
    };
    match compare(&first.draft, &row.draft) {
        Repetition::Piece => {
            add(&mut first.draft, &row.draft);
            first.others.push(row.line);
            let told =
                format!("a further row about {}; what it adds was added to row {}", row.number, first.line);
            pass.problem(found(row.line, "case_no", &row.number, "row.continuation", Severity::Info, told));
        }
        Repetition::Same => {
            pass.report.count(Action::Skipped);
            let told = format!("the same as row {}; nothing to do", first.line);
            pass.problem(found(row.line, "case_no", &row.number, "row.repeated", Severity::Info, told));
        }
        Repetition::Contradiction => {
            pass.report.count(Action::Failed);
            let told = format!(
                "the number {} stands on row {} for somebody else, or with other facts; give one of the two another number, or delete the wrong row",
                row.number, first.line
            );
            pass.problem(found(row.line, "case_no", &row.number, "case_no.duplicate", Severity::Error, told));
        }
    }
}

/// A record as it stands, opened.
struct Standing {
    record: CaseRecord,
    said: Said,
    sealed: Option<String>,
    mark: Option<String>,
}

/// Keeps a block of cases; `counts` when each is a row of its own.
pub fn keep(
    pass: &mut Pass<'_>,
    block: Vec<Described>,
    counts: bool,
) -> Result<HashMap<String, Action>, Fault> {
    let standing = load(pass, &block)?;
    let mut actions = HashMap::new();
    for described in block {
        let action = keep_one(pass, &described, standing.get(&described.number))?;
        if counts {
            pass.report.count(action);
            let further = if action == Action::Created { Action::Updated } else { action };
            described.others.iter().for_each(|_| pass.report.count(further));
        }
        actions.insert(described.number, action);
    }
    if pass.cases.len() >= CHUNK {
        pass.send_rows()?;
    }
    Ok(actions)
}

fn keep_one(
    pass: &mut Pass<'_>,
    described: &Described,
    standing: Option<&Standing>,
) -> Result<Action, Fault> {
    let mark = pass.mark(&described.draft.said);
    let Some(known) = pass.known.get(&described.number).cloned() else {
        return create(pass, described, mark);
    };
    // Before anything is compared: what differs would tell what the other department wrote.
    if pass.beyond(described.line, &known) {
        return Ok(Action::Failed);
    }
    let wanted = Wanted::of(described, id_of(&known.record)?, known.territory.clone());
    let Some(standing) = standing else {
        pass.wanted.extend(wanted);
        return Ok(pass
            .written
            .get(&(described.line, described.side.to_owned()))
            .copied()
            .unwrap_or(Action::Unchanged));
    };
    let changed = differences(&standing.said, &described.draft.said);
    if changed.is_empty() {
        pass.wanted.extend(wanted);
        return Ok(Action::Unchanged);
    }
    let mut record = standing.record.clone();
    let mut problems = Vec::new();
    pass.ground.amend_case(described.line, &mut record, &described.draft, &changed, &mut problems);
    problems.into_iter().for_each(|problem| pass.problem(problem));
    if pass.outside(described.line, &record.territory) {
        return Ok(Action::Failed);
    }
    let rewrites =
        changed.iter().any(|change| change.field == "infected_by" || change.field == "source_text");
    pass.wanted.extend(
        Wanted::of(described, record.id, record.territory.clone()).map(|wanted| wanted.rewriting(rewrites)),
    );
    let mut said = standing.said.clone();
    said.extend(described.draft.said.clone());
    let identity = identity_changed(&changed).then(|| identity_of(&described.draft.person)).flatten();
    let identity = match identity {
        Some(identity) => Some(merged_identity(pass, &known, identity)?),
        None => None,
    };
    pass.report.change(RowChange { row: described.line, case_no: described.number.clone(), fields: changed });
    pass.cases.push(KeptCase {
        line: described.line,
        side: described.side.to_owned(),
        said: Sealed::Open(said),
        mark,
        identity: identity.map(Sealed::Open),
        before: Some(Sealed::Open(CaseBefore {
            case: standing.record.clone(),
            said: standing.sealed.clone(),
            mark: standing.mark.clone(),
        })),
        reclassified: record.classification != standing.record.classification,
        case: record,
    });
    Ok(Action::Updated)
}

/// Columns the file does not have keep what an earlier edition said.
fn merged_identity(
    pass: &Pass<'_>,
    known: &Known,
    told: crate::people::Identity,
) -> Result<crate::people::Identity, Fault> {
    let subject = known.subject;
    let was = pass.engine.db.read_now(move |reader| open_identity_of(reader, subject))?.unwrap_or_default();
    Ok(crate::people::Identity {
        name: told.name.or(was.name),
        id_number: told.id_number.or(was.id_number),
        phone: told.phone.or(was.phone),
        address: told.address.or(was.address),
    })
}

fn create(pass: &mut Pass<'_>, described: &Described, mark: String) -> Result<Action, Fault> {
    let mut problems = Vec::new();
    let record = pass.ground.new_case(described.line, &described.number, &described.draft, &mut problems);
    problems.into_iter().for_each(|problem| pass.problem(problem));
    if pass.outside(described.line, &record.territory) {
        return Ok(Action::Failed);
    }
    pass.known.insert(
        described.number.clone(),
        Known {
            record: record.id.to_string(),
            subject: record.subject,
            beyond: false,
            territory: record.territory.clone(),
            mark: Some(mark.clone()),
        },
    );
    pass.wanted.extend(Wanted::of(described, record.id, record.territory.clone()));
    pass.cases.push(KeptCase {
        line: described.line,
        side: described.side.to_owned(),
        said: Sealed::Open(described.draft.said.clone()),
        mark,
        identity: identity_of(&described.draft.person).map(Sealed::Open),
        before: None,
        reclassified: false,
        case: record,
    });
    Ok(Action::Created)
}

/// Opens the records whose row is not, mark for mark, the one that was imported last.
fn load(pass: &Pass<'_>, block: &[Described]) -> Result<HashMap<String, Standing>, Fault> {
    let mut asked: Vec<(String, Known)> = Vec::new();
    for described in block {
        if let Some(known) = pass.known.get(&described.number)
            && known.mark.as_deref() != Some(pass.mark(&described.draft.said).as_str())
        {
            asked.push((described.number.clone(), known.clone()));
        }
    }
    if asked.is_empty() {
        return Ok(HashMap::new());
    }
    Ok(pass.engine.db.read_now(move |reader| {
        let mut standing = HashMap::new();
        let sql = format!("SELECT {}, c.said, c.said_mark FROM cases_case c WHERE c.id = $1", case_columns());
        for (number, known) in asked {
            let Some(row) = reader.first(&sql, params![&known.record])? else { continue };
            let sealed = row.opt_text(20)?;
            let key = Vault::key_of(reader, &known.subject.to_string())?;
            let said = match (&sealed, key) {
                (Some(sealed), Some(key)) => key.open(&said_context(known.subject), sealed)?,
                _ => Said::new(),
            };
            standing.insert(
                number,
                Standing { record: CaseRecord::of(&row)?, said, sealed, mark: row.opt_text(21)? },
            );
        }
        Ok(standing)
    })?)
}
