//! Interview forms: which questions are asked, what may be answered, and which answers make a form complete.

use crate::fault::Check;
use crate::{Bilingual, Diseases};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InterviewForm {
    pub id: FormKind,
    pub zh: String,
    pub en: String,
    pub due_hours: u16,
    pub sections: Vec<FormSection>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FormKind {
    Core,
    Full,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FormSection {
    pub id: String,
    pub zh: String,
    pub en: String,
    /// Asked only for these; for all when it is empty.
    #[serde(default)]
    pub diseases: Vec<String>,
    pub questions: Vec<FormQuestion>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FormQuestion {
    pub id: String,
    pub kind: AnswerKind,
    /// Counts for a form to be complete.
    #[serde(default)]
    pub needed: bool,
    pub zh: String,
    pub en: String,
    #[serde(default)]
    pub help_zh: Option<String>,
    #[serde(default)]
    pub help_en: Option<String>,
    #[serde(default)]
    pub choices: Vec<Bilingual>,
    #[serde(default)]
    pub shown_if: Option<ShownIf>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AnswerKind {
    Text,
    LongText,
    Number,
    Day,
    Moment,
    YesNoUnknown,
    Choice,
    Choices,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ShownIf {
    pub question: String,
    pub is: String,
}

impl InterviewForm {
    /// The questions asked for a disease.
    pub fn asked_for<'a>(&'a self, disease: Option<&str>) -> impl Iterator<Item = &'a FormQuestion> {
        let fits = move |section: &&FormSection| {
            section.diseases.is_empty()
                || disease.is_some_and(|disease| section.diseases.iter().any(|one| one == disease))
        };
        self.sections.iter().filter(fits).flat_map(|section| &section.questions)
    }
}

/// Everything that is wrong with the forms of a pack.
pub(crate) fn check_forms(forms: &[InterviewForm], diseases: &Diseases, check: &mut Check<'_>) {
    let kinds: Vec<FormKind> = forms.iter().map(|form| form.id).collect();
    check.unless(
        kinds == [FormKind::Core, FormKind::Full],
        "forms",
        "are not the core and the full one",
        "keep one form `core` and one `full`, in this order",
    );
    let mut asked: BTreeMap<&str, &FormQuestion> = BTreeMap::new();
    for form in forms {
        let word = if form.id == FormKind::Core { "core" } else { "full" };
        check.said(&form.zh, &format!("forms.{word}.zh"));
        check.said(&form.en, &format!("forms.{word}.en"));
        check.unless(form.due_hours > 0, "forms.due_hours", "is 0", "say within how many hours it is due");
        for section in &form.sections {
            check.said(&section.zh, &format!("forms.sections.{}.zh", section.id));
            check.said(&section.en, &format!("forms.sections.{}.en", section.id));
            for disease in section.diseases.iter().filter(|id| diseases.by_id(id).is_none()) {
                check.fault(
                    &format!("forms.sections.{}.diseases", section.id),
                    format!("`{disease}` is no disease pack"),
                    "name one of packs/diseases",
                );
            }
            for question in &section.questions {
                question.check(&asked, check);
                asked.insert(&question.id, question);
            }
        }
    }
}

impl FormQuestion {
    fn check(&self, before: &BTreeMap<&str, &FormQuestion>, check: &mut Check<'_>) {
        let key = |field: &str| format!("forms.questions.{}.{field}", self.id);
        check.unless(
            !before.contains_key(self.id.as_str()),
            &key("id"),
            "is asked twice",
            "answers are kept by this word; give one of the two another",
        );
        check.said(&self.zh, &key("zh"));
        check.said(&self.en, &key("en"));
        let chosen = matches!(self.kind, AnswerKind::Choice | AnswerKind::Choices);
        check.unless(
            chosen != self.choices.is_empty(),
            &key("choices"),
            "do not fit the kind of answer",
            "give choices to a choice, and to nothing else",
        );
        self.choices.iter().for_each(|choice| choice.check(check, &key("choices")));
        check.unless(
            !self.needed || self.shown_if.is_none(),
            &key("needed"),
            "counts, and is not always shown",
            "take away `needed` or `shown_if`",
        );
        if let Some(shown_if) = &self.shown_if {
            let asked = before.get(shown_if.question.as_str());
            check.unless(
                asked.is_some(),
                &key("shown_if"),
                "names no question asked before it",
                "name one that stands above",
            );
            check.unless(
                asked.is_none_or(|asked| asked.can_be(&shown_if.is)),
                &key("shown_if"),
                "waits for an answer that question cannot have",
                "write `yes`, `no` or `unknown`, or the id of one of its choices",
            );
        }
    }

    /// Whether an answer is of the kind asked for, so far as the kind says which there are.
    fn can_be(&self, answer: &str) -> bool {
        match self.kind {
            AnswerKind::YesNoUnknown => ["yes", "no", "unknown"].contains(&answer),
            AnswerKind::Choice | AnswerKind::Choices => self.choices.iter().any(|choice| choice.id == answer),
            _ => !answer.is_empty(),
        }
    }
}
