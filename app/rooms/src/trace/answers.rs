//! What becomes of an answer when somebody else has answered since: merged by words where the two do not touch, else both kept.

use crate::packed;
use crate::refuse::invalid;
use base::Day;
use packs::{AnswerKind, FormQuestion};
use serde_json::Value as Json;
use store::Result;
use trace::merge_words;

/// What stands after somebody wrote.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Written {
    /// It says what stands already.
    Same,
    Stands(Json),
    Merged(Json),
    /// What stood goes on standing, and these words beside it.
    Aside,
}

/// `base` is what the writer saw, `stands` what stands now, `mine` what they wrote.
pub(crate) fn written(kind: AnswerKind, base: &Json, stands: &Json, mine: &Json) -> Written {
    if mine == stands || mine == base {
        return Written::Same;
    }
    if stands == base {
        return Written::Stands(mine.clone());
    }
    let words = |value: &Json| match value {
        Json::Null => Some(String::new()),
        Json::String(text) => Some(text.clone()),
        _ => None,
    };
    let texts = matches!(kind, AnswerKind::LongText | AnswerKind::Text);
    let merged = (words(base), words(mine), words(stands));
    match merged {
        (Some(base), Some(mine), Some(stands)) if texts => merge_words(&base, &mine, &stands)
            .map_or(Written::Aside, |text| Written::Merged(Json::String(text))),
        _ => Written::Aside,
    }
}

pub(crate) fn says_something(value: &Json) -> bool {
    match value {
        Json::Null => false,
        Json::String(text) => !text.trim().is_empty(),
        Json::Array(all) => !all.is_empty(),
        _ => true,
    }
}

/// Longer texts are no answers; a page of dense writing has some 5,000 characters.
const LONGEST: usize = 50_000;

/// The question, when what was answered is an answer to it. Nothing at all always is: it takes an answer back.
pub(crate) fn demand_answer(question: &str, value: &Json) -> Result<&'static FormQuestion> {
    let Some(known) = packed::interviews().question(question) else {
        return Err(invalid(
            "trace.question",
            "question",
            "there is no such question in the forms; load the page again",
            "表单中没有该问题；请重新加载页面",
        ));
    };
    if value.is_null() || fits(known, value) {
        return Ok(known);
    }
    let (en, zh) = expected(known.kind);
    Err(invalid(
        "trace.answer",
        "value",
        format!("this is no answer here; {en}"),
        format!("答案格式不符；{zh}"),
    ))
}

fn fits(question: &FormQuestion, value: &Json) -> bool {
    let is_choice =
        |value: &Json| value.as_str().is_some_and(|id| question.choices.iter().any(|choice| choice.id == id));
    match question.kind {
        AnswerKind::Text | AnswerKind::LongText => value.as_str().is_some_and(|text| text.len() <= LONGEST),
        AnswerKind::Number => value.as_f64().is_some_and(f64::is_finite),
        AnswerKind::Day => value.as_str().is_some_and(|text| text.parse::<Day>().is_ok()),
        AnswerKind::Moment => {
            value.as_str().is_some_and(|text| crate::trace::wall::minutes_of("value", text).is_ok())
        }
        AnswerKind::YesNoUnknown => {
            value.as_str().is_some_and(|word| ["yes", "no", "unknown"].contains(&word))
        }
        AnswerKind::Choice => is_choice(value),
        AnswerKind::Choices => value.as_array().is_some_and(|all| all.iter().all(is_choice)),
    }
}

fn expected(kind: AnswerKind) -> (&'static str, &'static str) {
    match kind {
        AnswerKind::Text | AnswerKind::LongText => ("write words, at most 50,000 bytes", "请填写文字"),
        AnswerKind::Number => ("write a number", "请填写数字"),
        AnswerKind::Day => ("write a day such as 2022-02-20", "请填写日期，如 2022-02-20"),
        AnswerKind::Moment => {
            ("write a day and time such as 2022-02-20T18:30", "请填写日期时间，如 2022-02-20T18:30")
        }
        AnswerKind::YesNoUnknown => ("answer yes, no or unknown", "请选择是、否或不详"),
        AnswerKind::Choice | AnswerKind::Choices => {
            ("choose among the choices of the question", "请从选项中选择")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn nobody_loses_a_word() {
        let long = AnswerKind::LongText;
        let check = |kind, base: Json, stands: Json, mine: Json, expected: Written| {
            assert_eq!(written(kind, &base, &stands, &mine), expected, "{base} {stands} {mine}");
        };
        check(long, json!(null), json!(null), json!("a"), Written::Stands(json!("a")));
        check(
            long,
            json!("one two"),
            json!("one two three"),
            json!("zero one two"),
            Written::Merged(json!("zero one two three")),
        );
        check(long, json!("one"), json!("two"), json!("three"), Written::Aside);
        check(long, json!("one"), json!("two"), json!("two"), Written::Same);
        check(long, json!("one"), json!("two"), json!("one"), Written::Same);
        check(AnswerKind::Number, json!(1), json!(2), json!(3), Written::Aside);
        check(AnswerKind::Choices, json!(["a"]), json!(["a"]), json!([]), Written::Stands(json!([])));
    }

    #[test]
    fn an_answer_fits_its_question() {
        for (question, good, bad) in [
            ("first_symptom_day", json!("2022-02-18"), json!("yesterday")),
            ("household_size", json!(3), json!("three")),
            ("symptoms", json!(["fever", "cough"]), json!(["tired"])),
            ("travelled", json!("no"), json!("perhaps")),
            ("isolated_at", json!("2022-02-20T18:30"), json!("2022-02-20")),
            ("moves_told", json!("market, then home"), json!(7)),
        ] {
            assert!(demand_answer(question, &good).is_ok(), "{question}");
            assert!(demand_answer(question, &bad).is_err(), "{question}");
            assert!(demand_answer(question, &Json::Null).is_ok(), "an answer can be taken back");
        }
        assert!(demand_answer("shoe_size", &json!(41)).is_err());
    }
}
