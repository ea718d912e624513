//! The signals pack: grades of a signal, what each asks of people and by when, and why a signal may be no outbreak.

use crate::fault::{Check, read_toml};
use crate::{Bilingual, Faults};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Signals {
    pub version: String,
    /// Signals a team can check in a week.
    pub budget_per_week: f64,
    /// Days for which an open signal is not raised again.
    pub quiet_days: u16,
    /// What chance alone shows more often is not raised, however much of the budget is left.
    pub least_once_in_days: f64,
    /// The gravest first.
    pub grades: Vec<SignalGrade>,
    pub reasons: Vec<Bilingual>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SignalGrade {
    pub id: String,
    pub zh: String,
    pub en: String,
    /// The least probability, at most, that something is there.
    pub sure: f64,
    /// In so many streams at once.
    pub streams: usize,
    pub verify_hours: u16,
    pub field_hours: u16,
    pub close_days: u16,
    pub steps_zh: Vec<String>,
    pub steps_en: Vec<String>,
}

impl Signals {
    /// # Errors
    /// Everything that is wrong with the pack, each with its key and a remedy.
    pub fn read(text: &str) -> Result<Signals, Faults> {
        let pack: Signals = read_toml(PACK, text)?;
        let mut check = Check::of(PACK);
        let mut seen = BTreeSet::new();
        for grade in &pack.grades {
            let key = |field: &str| format!("grades.{}.{field}", grade.id);
            check.unless(seen.insert(&grade.id), &key("id"), "appears twice", "keep one of the two");
            check.said(&grade.zh, &key("zh"));
            check.said(&grade.en, &key("en"));
            check.unless(
                (0.0..1.0).contains(&grade.sure),
                &key("sure"),
                "is no probability below 1",
                "write one from 0 to 0.99",
            );
            check.unless(
                grade.verify_hours <= grade.field_hours && grade.field_hours <= grade.close_days * 24,
                &key("field_hours"),
                "does not lie between verifying and closing",
                "verify first, then the field, then close",
            );
            check.unless(
                !grade.steps_zh.is_empty() && grade.steps_zh.len() == grade.steps_en.len(),
                &key("steps_zh"),
                "and steps_en differ in number",
                "say every step in both languages",
            );
        }
        check.unless(
            pack.grades.last().is_some_and(|last| last.sure == 0.0 && last.streams <= 1),
            "grades",
            "have no last one that fits every signal",
            "let the last ask for sure = 0.0 and one stream",
        );
        check.unless(
            pack.budget_per_week > 0.0 && pack.budget_per_week.is_finite(),
            "budget_per_week",
            "is no number of signals",
            "write how many a team can check in a week",
        );
        check.unless(
            pack.least_once_in_days >= 0.0 && pack.least_once_in_days.is_finite(),
            "least_once_in_days",
            "is no number of days",
            "write how rarely chance alone must show it, such as 14",
        );
        for reason in &pack.reasons {
            reason.check(&mut check, "reasons");
        }
        check.finish(pack)
    }

    pub fn grade(&self, id: &str) -> Option<&SignalGrade> {
        self.grades.iter().find(|grade| grade.id == id)
    }

    /// How grave: 0 is the gravest.
    pub fn rank(&self, id: &str) -> usize {
        self.grades.iter().position(|grade| grade.id == id).unwrap_or(self.grades.len())
    }

    /// The grade of a signal of which one is so sure, in so many loud streams.
    pub fn graded(&self, sure: f64, streams: usize) -> &SignalGrade {
        let fits = |grade: &&SignalGrade| sure >= grade.sure && streams >= grade.streams;
        self.grades.iter().find(fits).unwrap_or(&self.grades[self.grades.len() - 1])
    }

    pub fn reason(&self, id: &str) -> Option<&Bilingual> {
        self.reasons.iter().find(|reason| reason.id == id)
    }
}

const PACK: &str = "surveillance/signals";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shipped;

    #[test]
    fn what_is_sure_in_three_streams_is_red_and_what_is_doubtful_is_blue() {
        let pack = shipped::signals().unwrap();
        let grade = |sure, streams| pack.graded(sure, streams).id.clone();
        assert_eq!(grade(0.99, 3), "red");
        assert_eq!(grade(0.99, 2), "orange");
        assert_eq!(grade(0.99, 1), "yellow");
        assert_eq!(grade(0.3, 4), "blue");
        assert!(pack.rank("red") < pack.rank("blue"));
    }

    #[test]
    fn a_pack_whose_last_grade_leaves_signals_out_is_refused() {
        let text = shipped::SIGNALS.replace("sure = 0.0\n", "sure = 0.5\n");
        assert!(Signals::read(&text).unwrap_err().to_string().contains("fits every signal"));
    }
}
