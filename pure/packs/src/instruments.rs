//! The questions of instruments that assessors go through, in both languages.

use crate::fault::{Check, read_toml};
use crate::{Bilingual, Faults};
use cases::{Annex2Conclusion, Annex2Disease, Annex2Question, EmergencyGrade, EmergencyKind};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Instruments {
    pub version: String,
    pub annex2: Instrument,
    pub grade: Instrument,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Instrument {
    pub questions: Vec<Question>,
    pub conclusions: Vec<Bilingual>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Answered {
    Bool,
    Number,
    Choice,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Question {
    pub id: String,
    pub kind: Answered,
    pub zh: String,
    pub en: String,
    #[serde(default)]
    pub help_zh: String,
    #[serde(default)]
    pub help_en: String,
    #[serde(default)]
    pub choices: Vec<Bilingual>,
}

impl Instruments {
    /// # Errors
    /// Everything that is wrong with the pack: what the code decides by must be asked, in both languages.
    pub fn read(text: &str) -> Result<Instruments, Faults> {
        let pack: Instruments = read_toml(PACK, text)?;
        let mut check = Check::of(PACK);
        pack.annex2.check("annex2", &mut check);
        pack.grade.check("grade", &mut check);
        let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<BTreeSet<_>>();
        let questions: Vec<&str> = Annex2Question::ALL.iter().map(|one| one.word()).collect();
        let diseases: Vec<&str> = Annex2Disease::ALL.iter().map(|one| one.word()).collect();
        let kinds: Vec<&str> = EmergencyKind::ALL.iter().map(|one| one.word()).collect();
        let grades: Vec<&str> = EmergencyGrade::ALL.iter().map(|one| one.word()).chain(["none"]).collect();
        let conclusions: Vec<&str> = Annex2Conclusion::ALL.iter().map(|one| one.word()).collect();
        for (key, said, known) in [
            ("annex2.questions", pack.annex2.asked(), words(&[&["disease"], &questions[..]].concat())),
            ("annex2.questions.disease.choices", pack.annex2.choices("disease"), words(&diseases)),
            ("annex2.conclusions", ids(&pack.annex2.conclusions), words(&conclusions)),
            ("grade.questions.kind.choices", pack.grade.choices("kind"), words(&kinds)),
            ("grade.conclusions", ids(&pack.grade.conclusions), words(&grades)),
        ] {
            check.unless(
                said == known,
                key,
                "are not the ones that are decided by",
                "compare with the shipped pack",
            );
        }
        check.finish(pack)
    }

    pub fn by_id(&self, id: &str) -> Option<&Instrument> {
        match id {
            "annex2" => Some(&self.annex2),
            "grade" => Some(&self.grade),
            _ => None,
        }
    }
}

impl Instrument {
    fn check(&self, name: &str, check: &mut Check<'_>) {
        for question in &self.questions {
            let key = |field: &str| format!("{name}.questions.{}.{field}", question.id);
            check.said(&question.zh, &key("zh"));
            check.said(&question.en, &key("en"));
            check.unless(
                (question.kind == Answered::Choice) != question.choices.is_empty(),
                &key("choices"),
                "do not fit the kind of answer",
                "give choices to a choice, and to nothing else",
            );
            question.choices.iter().for_each(|choice| choice.check(check, &key("choices")));
        }
        self.conclusions.iter().for_each(|one| one.check(check, &format!("{name}.conclusions")));
    }

    fn asked(&self) -> BTreeSet<String> {
        self.questions.iter().map(|question| question.id.clone()).collect()
    }

    fn choices(&self, question: &str) -> BTreeSet<String> {
        self.questions.iter().find(|one| one.id == question).map(|one| ids(&one.choices)).unwrap_or_default()
    }

    pub fn conclusion(&self, id: &str) -> Option<&Bilingual> {
        self.conclusions.iter().find(|one| one.id == id)
    }
}

fn ids(all: &[Bilingual]) -> BTreeSet<String> {
    all.iter().map(|one| one.id.clone()).collect()
}

const PACK: &str = "surveillance/instruments";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shipped;

    #[test]
    fn every_question_that_is_decided_by_is_asked_in_both_languages() {
        let pack = shipped::instruments().unwrap_or_else(|faults| panic!("{faults}"));
        assert_eq!(pack.annex2.questions.len(), 5);
        assert!(pack.grade.conclusion("III").unwrap().zh.contains("市级"));
    }

    #[test]
    fn a_pack_that_leaves_a_question_out_is_refused() {
        let text = shipped::INSTRUMENTS.replace("id = \"unusual\"", "id = \"odd\"");
        assert!(Instruments::read(&text).unwrap_err().to_string().contains("annex2.questions"));
    }
}
