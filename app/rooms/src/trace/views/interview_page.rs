//! One interview with everything that was said in it, for whoever asks the person.

use super::exposures::exposures_of;
use super::interviews::row_of;
use super::visits::visits_of;
use crate::access::http::{names, told};
use crate::cases::reach::case_within;
use crate::trace::Interview;
use crate::trace::changes::answer_context;
use crate::trace::goods::goods_within;
use crate::trace::interview::{InterviewRecord, interview_within};
use base::{Day, Id, Moment};
use serde_json::{Map, Value as Json, json};
use store::{Error, Permission, Query, Result, Row, Scope, SubjectKey, Vault, params};
use trace::look_back;

pub fn interview_page(query: &mut dyn Query, scope: &Scope, id: Id<Interview>, now: Moment) -> Result<Json> {
    // What a person said is for those who ask, not for everybody who may count contacts.
    scope.demand(Permission::ContactsWrite)?;
    let interview = interview_within(query, scope, id)?;
    let key = Vault::key_of(query, &interview.subject.to_string())?;
    let mut page = row_of(&interview);
    page["answers"] = Json::Object(answers_of(query, &interview, key.as_ref())?);
    let legs = visits_of(query, scope, id, interview.subject, key.as_ref(), None)?;
    page["legs_left_off"] =
        json!(if legs.next.is_some() { interview.visits - legs.visits.len() as i64 } else { 0 });
    (page["legs"], page["legs_next"]) = (json!(legs.visits), json!(legs.next));
    page["exposures"] = json!(exposures_of(query, scope, id)?);
    let (from, until) = infectious(query, scope, &interview)?;
    if let Some(goods) = interview.goods {
        page["positive_on"] = json!(goods_within(query, scope, goods)?.positive_on);
    }
    page["infectious_from"] = json!(from);
    page["until"] = json!(until);
    page["now"] = json!(now.to_string());
    Ok(page)
}

/// From when to when contacts of this case count, by the edition the interview was opened with.
fn infectious(
    query: &mut dyn Query,
    scope: &Scope,
    interview: &InterviewRecord,
) -> Result<(Option<Day>, Option<Day>)> {
    let Some(case) = interview.case else { return Ok((None, None)) };
    // A case that has moved out of reach since shows no days here.
    let Ok(case) = case_within(query, scope, case) else { return Ok((None, None)) };
    let isolated = case.dates.isolated_day();
    Ok(case.dates.illness_day().map_or((None, isolated), |began| {
        let (from, until) = look_back(interview.rules(), began, isolated);
        (Some(from), until)
    }))
}

pub(super) fn open_value(
    key: Option<&SubjectKey>,
    interview: &InterviewRecord,
    question: &str,
    sealed: &str,
) -> Result<Json> {
    match key.map(|key| key.open(&answer_context(interview.subject, question), sealed)) {
        None | Some(Err(Error::Seal(_))) => Ok(Json::Null),
        Some(value) => value,
    }
}

fn answers_of(
    query: &mut dyn Query,
    interview: &InterviewRecord,
    key: Option<&SubjectKey>,
) -> Result<Map<String, Json>> {
    // The last version of every answer, and those that stand beside one.
    let sql = "SELECT a.question, a.seq, a.said, a.stands, a.aside, a.at, a.by_whom FROM trace_answer a \
               WHERE a.interview = $1 AND (a.aside = 1 OR a.seq = \
               (SELECT max(b.seq) FROM trace_answer b WHERE b.interview = $1 AND b.question = a.question)) \
               ORDER BY a.question, a.seq DESC";
    let rows = query.rows(sql, params![interview.id])?;
    let people = names(query, rows.iter().map(|row| row.text(6)).collect::<Result<Vec<_>>>()?)?;
    let by = |row: &Row| Ok::<_, Error>(people.get(&row.text(6)?).cloned());
    let mut answers: Map<String, Json> = Map::new();
    for row in &rows {
        let question = row.text(0)?;
        if !answers.contains_key(&question) {
            let value = open_value(key, interview, &question, &row.text(3)?)?;
            let head = json!({ "value": value, "seq": row.int(1)?, "at": told(row.int(5)?), "by": by(row)?, "other": [] });
            answers.insert(question.clone(), head);
        }
        if row.int(4)? == 1 {
            let value = open_value(key, interview, &question, &row.text(2)?)?;
            let other = json!({ "value": value, "at": told(row.int(5)?), "by": by(row)? });
            if let Some(others) = answers[&question]["other"].as_array_mut() {
                others.push(other);
            }
        }
    }
    Ok(answers)
}
