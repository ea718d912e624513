//! Rows that are contacts of cases.

use crate::cases::http::said_context;
use crate::cases::{Case, ContactRecord, contact_columns};
use crate::imports::account::{Action, RowChange, found};
use crate::imports::changes::{ContactBefore, KeptContact};
use crate::imports::engine::survey::Survey;
use crate::imports::engine::{CHUNK, Fault, Known, Pass, id_of, known_rows};
use crate::imports::lists::choose_list;
use crate::imports::settle::{differences, identity_changed, identity_of};
use base::Id;
use linelist::{ContactDraft, Draft, Said, Severity};
use std::collections::{BTreeSet, HashMap};
use store::{Query, Sealed, Vault, params, random_bits};

pub fn run(pass: &mut Pass<'_>, survey: &Survey) -> Result<(), Fault> {
    let sources = sources(pass, survey)?;
    let mut met: BTreeSet<String> = BTreeSet::new();
    pass.each_row(|pass, drafted| {
        let Some(Draft::Contact(draft)) = drafted.draft else { return Ok(()) };
        let number = match &draft.contact_no {
            Some(number) => number.clone(),
            None => pass.number_for(&draft.said, identity_of(&draft.person).as_ref()),
        };
        let action = if met.insert(number.clone()) {
            keep(pass, drafted.row, number, &draft, &sources)?
        } else {
            let told = format!(
                "the number {number} stands on an earlier row too; give one of the two another number"
            );
            pass.problem(found(
                drafted.row,
                "contact_no",
                &number,
                "contact_no.duplicate",
                Severity::Error,
                told,
            ));
            Action::Failed
        };
        pass.report.count(action);
        if pass.contacts.len() >= CHUNK {
            pass.send_rows()?;
        }
        Ok(())
    })
}

/// Case numbers to cases, in the list of which the named sources are members.
fn sources(pass: &Pass<'_>, survey: &Survey) -> Result<HashMap<String, Id<Case>>, Fault> {
    let (event, wanted) = (pass.engine.target.event, survey.sources.clone());
    let scope = pass.engine.target.actor.scope.clone();
    let known = pass.engine.db.read_now(move |reader| {
        let list = choose_list(reader, &scope, event, &wanted, "", false, Id::from_bits(random_bits()))?;
        known_rows(reader, &scope, list.id, false)
    })?;
    let within = known.into_iter().filter(|(_, known)| !known.beyond);
    within.map(|(number, known)| Ok((number, id_of(&known.record)?))).collect()
}

fn keep(
    pass: &mut Pass<'_>,
    line: u64,
    number: String,
    draft: &ContactDraft,
    sources: &HashMap<String, Id<Case>>,
) -> Result<Action, Fault> {
    let source = draft.source_case_no.as_ref().and_then(|no| sources.get(no)).copied();
    if let (Some(no), None) = (&draft.source_case_no, source) {
        let told = format!(
            "no case has the number {no}; the contact is kept: import the cases first, or correct the number"
        );
        pass.problem(found(line, "source_case_no", no, "contact.unknown_source", Severity::Warning, told));
    }
    let mark = pass.mark(&draft.said);
    let mut problems = Vec::new();
    let fresh = pass.ground.new_contact(line, &number, draft, source, &mut problems);
    let known = pass.known.get(&number).cloned();
    // Before anything is compared: what differs would tell what the other department wrote.
    if known.as_ref().is_some_and(|known| pass.beyond(line, known)) {
        return Ok(Action::Failed);
    }
    if known.as_ref().is_some_and(|known| known.mark.as_deref() == Some(mark.as_str())) {
        return Ok(pass.written.get(&(line, "contact".to_owned())).copied().unwrap_or(Action::Unchanged));
    }
    problems.into_iter().for_each(|problem| pass.problem(problem));
    if pass.outside(line, &fresh.territory) {
        return Ok(Action::Failed);
    }
    let Some(known) = known else {
        pass.known.insert(
            number,
            Known {
                record: fresh.id.to_string(),
                subject: fresh.subject,
                beyond: false,
                territory: fresh.territory.clone(),
                mark: Some(mark.clone()),
            },
        );
        pass.contacts.push(KeptContact {
            line,
            said: Sealed::Open(draft.said.clone()),
            mark,
            identity: identity_of(&draft.person).map(Sealed::Open),
            before: None,
            contact: fresh,
        });
        return Ok(Action::Created);
    };
    amend(pass, line, draft, &known, fresh, mark)
}

fn amend(
    pass: &mut Pass<'_>,
    line: u64,
    draft: &ContactDraft,
    known: &Known,
    fresh: ContactRecord,
    mark: String,
) -> Result<Action, Fault> {
    let (record, said, sealed, old_mark) = standing(pass, known)?;
    let changed = differences(&said, &draft.said);
    if changed.is_empty() {
        return Ok(Action::Unchanged);
    }
    let mut contact = record.clone();
    pass.ground.amend_contact(&mut contact, fresh, &changed);
    let identity = identity_changed(&changed).then(|| identity_of(&draft.person)).flatten();
    let mut told = said;
    told.extend(draft.said.clone());
    pass.report.change(RowChange { row: line, case_no: contact.contact_no.clone(), fields: changed });
    pass.contacts.push(KeptContact {
        line,
        said: Sealed::Open(told),
        mark,
        identity: identity.map(Sealed::Open),
        before: Some(Sealed::Open(ContactBefore { contact: record, said: sealed, mark: old_mark })),
        contact,
    });
    Ok(Action::Updated)
}

type Standing = (ContactRecord, Said, Option<String>, Option<String>);

fn standing(pass: &Pass<'_>, known: &Known) -> Result<Standing, Fault> {
    let known = known.clone();
    Ok(pass.engine.db.read_now(move |reader| {
        let sql =
            format!("SELECT {}, k.said, k.said_mark FROM cases_contact k WHERE k.id = $1", contact_columns());
        let row = reader.first(&sql, params![&known.record])?;
        let row = row.ok_or_else(|| crate::refuse::missing("contact", "密接者"))?;
        let sealed = row.opt_text(20)?;
        let key = Vault::key_of(reader, &known.subject.to_string())?;
        let said = match (&sealed, key) {
            (Some(sealed), Some(key)) => key.open(&said_context(known.subject), sealed)?,
            _ => Said::new(),
        };
        Ok((ContactRecord::of(&row)?, said, sealed, row.opt_text(21)?))
    })?)
}
