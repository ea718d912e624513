//! The tasks pack: kinds of task with their clocks and questions, why one could not be done, and who is told when it is late.

use crate::fault::{Check, read_toml};
use crate::{AnswerKind, Bilingual, Cited, Faults, FormQuestion};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TaskKinds {
    pub version: String,
    /// Why a task could not be done; the list is closed.
    pub reasons: Vec<Bilingual>,
    /// Who is told when a task is late, one after another.
    pub ladder: Vec<Rung>,
    pub kinds: Vec<TaskKind>,
}

/// One step up.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rung {
    /// Reached when so much of the task's own time has passed beyond its deadline.
    pub late_share: f64,
    pub tell: Tell,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Tell {
    Lead,
    LevelAbove,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TaskKind {
    pub id: String,
    pub zh: String,
    pub en: String,
    /// Within which it is done, from its opening.
    pub hours: Cited<u16>,
    /// What is asked when it is done.
    #[serde(default)]
    pub questions: Vec<FormQuestion>,
    /// A photograph belongs to it; its hash is kept, never the picture.
    #[serde(default)]
    pub photo: bool,
}

const PACK: &str = "tasks/tasks";

impl TaskKinds {
    /// # Errors
    /// Everything that is wrong with the pack, each with its key and a remedy.
    pub fn read(text: &str) -> Result<TaskKinds, Faults> {
        let pack: TaskKinds = read_toml(PACK, text)?;
        let mut check = Check::of(PACK);
        check.said(&pack.version, "version");
        check.unless(!pack.reasons.is_empty(), "reasons", "is empty", "say why a task may not be done");
        let mut ids = BTreeSet::new();
        for reason in &pack.reasons {
            let key = format!("reasons.{}", reason.id);
            check.said(&reason.zh, &format!("{key}.zh"));
            check.said(&reason.en, &format!("{key}.en"));
            check.unless(ids.insert(&reason.id), &key, "appears twice", "keep one of the two");
        }
        check.unless(!pack.ladder.is_empty(), "ladder", "is empty", "say who is told when a task is late");
        let mut before = 0.0;
        for (number, rung) in pack.ladder.iter().enumerate() {
            let key = format!("ladder.{number}");
            let rises = rung.late_share.is_finite() && rung.late_share >= before;
            check.unless(rises, &key, "comes before the rung below it", "let `late_share` rise from 0");
            before = rung.late_share;
            check.unless(
                rung.tell == Tell::LevelAbove || number == 0,
                &key,
                "tells the lead above the first rung",
                "tell the lead first, then the levels above",
            );
        }
        let mut ids = BTreeSet::new();
        for kind in &pack.kinds {
            let key = format!("kinds.{}", kind.id);
            check.said(&kind.zh, &format!("{key}.zh"));
            check.said(&kind.en, &format!("{key}.en"));
            check.unless(ids.insert(&kind.id), &key, "appears twice", "keep one of the two");
            let lasts = (1..=24 * 14).contains(&kind.hours.value);
            check.unless(lasts, &format!("{key}.hours"), "is not within 1 hour and 14 days", "mend it");
            check.said(&kind.hours.source, &format!("{key}.hours.source"));
            questions(&mut check, &key, kind);
        }
        check.finish(pack)
    }

    pub fn kind(&self, id: &str) -> Option<&TaskKind> {
        self.kinds.iter().find(|kind| kind.id == id)
    }

    pub fn reason(&self, id: &str) -> Option<&Bilingual> {
        self.reasons.iter().find(|reason| reason.id == id)
    }
}

fn questions(check: &mut Check<'_>, key: &str, kind: &TaskKind) {
    let mut asked = BTreeSet::new();
    for question in &kind.questions {
        let key = format!("{key}.questions.{}", question.id);
        check.said(&question.zh, &format!("{key}.zh"));
        check.said(&question.en, &format!("{key}.en"));
        check.unless(asked.insert(&question.id), &key, "is asked twice", "keep one of the two");
        let on_a_stairwell = matches!(
            question.kind,
            AnswerKind::Text | AnswerKind::Number | AnswerKind::YesNoUnknown | AnswerKind::Choice
        );
        check.unless(
            on_a_stairwell,
            &key,
            "is more than a thumb answers",
            "ask for text, number, yes_no_unknown or choice",
        );
        let chooses = question.kind == AnswerKind::Choice;
        check.unless(
            chooses != question.choices.is_empty(),
            &format!("{key}.choices"),
            "do not fit its kind",
            "list choices for a choice and for nothing else",
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shipped;

    #[test]
    fn the_shipped_kinds_have_the_clocks_of_the_protocols() {
        let pack = shipped::tasks().unwrap();
        let hours: BTreeSet<u16> = pack.kinds.iter().map(|kind| kind.hours.value).collect();
        for clock in [2, 4, 12, 24] {
            assert!(hours.contains(&clock), "no kind is due within {clock} h");
        }
        assert_eq!(pack.ladder[0].tell, Tell::Lead);
        assert!(pack.kind("check_in").is_some() && pack.reason("nobody_there").is_some());
    }

    #[test]
    fn what_is_wrong_is_told_with_its_key() {
        let told = |from: &str, to: &str| {
            let text = shipped::TASKS.replacen(from, to, 1);
            assert_ne!(text, shipped::TASKS, "{from} stands in the pack");
            TaskKinds::read(&text).unwrap_err().to_string()
        };
        assert!(told("late_share = 0.5", "late_share = -1.0").contains("ladder.1"));
        assert!(told("value = 2,", "value = 0,").contains(".hours"));
        assert!(told("id = \"nobody_there\"", "id = \"refused\"").contains("appears twice"));
        assert!(told("kind = \"yes_no_unknown\"", "kind = \"choices\"").contains("thumb"));
    }
}
