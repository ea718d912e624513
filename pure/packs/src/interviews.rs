//! The interview pack: the forms, the places people tell of, and who says so.

use crate::fault::{Check, read_toml};
use crate::forms::check_forms;
use crate::{Bilingual, Diseases, Faults, FormKind, FormQuestion, InterviewForm};
use cases::ExposureKind;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Interviews {
    pub version: String,
    pub place_kinds: Vec<PlaceKind>,
    pub sources: Vec<Bilingual>,
    /// The core, then the whole.
    pub forms: Vec<InterviewForm>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlaceKind {
    pub id: String,
    pub zh: String,
    pub en: String,
    /// Assumed until somebody says otherwise; absent where it may be either.
    #[serde(default)]
    pub indoors: Option<bool>,
    /// What two people who met there are proposed to have had.
    pub exposure: ExposureKind,
}

impl Interviews {
    /// # Errors
    /// Everything that is wrong with the pack, each with its key and a remedy.
    pub fn read(text: &str, diseases: &Diseases) -> Result<Interviews, Faults> {
        let pack: Interviews = read_toml(PACK, text)?;
        let mut check = Check::of(PACK);
        let mut seen = BTreeSet::new();
        for kind in &pack.place_kinds {
            let key = |field: &str| format!("place_kinds.{}.{field}", kind.id);
            check.unless(seen.insert(&kind.id), &key("id"), "appears twice", "keep one of the two");
            check.said(&kind.zh, &key("zh"));
            check.said(&kind.en, &key("en"));
        }
        for source in &pack.sources {
            source.check(&mut check, "sources");
        }
        for needed in ["self", "other"] {
            let known =
                pack.sources.iter().map(|one| &one.id).chain(pack.place_kinds.iter().map(|one| &one.id));
            check.unless(
                known.into_iter().any(|id| id == needed),
                needed,
                "is named nowhere",
                "keep the source `self` and the kind of place `other`",
            );
        }
        check_forms(&pack.forms, diseases, &mut check);
        check.finish(pack)
    }

    pub fn form(&self, kind: FormKind) -> Option<&InterviewForm> {
        self.forms.iter().find(|form| form.id == kind)
    }

    /// A question of either form.
    pub fn question(&self, id: &str) -> Option<&FormQuestion> {
        let questions =
            self.forms.iter().flat_map(|form| &form.sections).flat_map(|section| &section.questions);
        questions.into_iter().find(|question| question.id == id)
    }

    pub fn place_kind(&self, id: &str) -> Option<&PlaceKind> {
        self.place_kinds.iter().find(|kind| kind.id == id)
    }

    pub fn source(&self, id: &str) -> Option<&Bilingual> {
        self.sources.iter().find(|source| source.id == id)
    }
}

const PACK: &str = "interviews/interviews";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shipped;

    fn read(text: &str) -> Result<Interviews, Faults> {
        Interviews::read(text, &shipped::diseases().unwrap())
    }

    #[test]
    fn a_restaurant_is_indoors_and_a_market_may_be_either() {
        let pack = shipped::interviews().unwrap_or_else(|faults| panic!("{faults}"));
        assert_eq!(pack.place_kind("restaurant").unwrap().indoors, Some(true));
        assert_eq!(pack.place_kind("market").unwrap().indoors, None);
        assert!(pack.source("camera").is_some());
    }

    #[test]
    fn meals_are_asked_of_cholera_and_not_of_measles() {
        let pack = shipped::interviews().unwrap();
        let full = pack.form(FormKind::Full).unwrap();
        let asked = |disease| full.asked_for(Some(disease)).any(|question| question.id == "meals_told");
        assert!(asked("cholera") && !asked("measles"));
        assert!(
            pack.form(FormKind::Core).unwrap().asked_for(None).filter(|question| question.needed).count()
                >= 8
        );
    }

    #[test]
    fn a_question_asked_twice_or_shown_by_nothing_is_refused() {
        for (from, to, words) in [
            ("id = \"mask_worn\"", "id = \"symptoms\"", "symptoms.id is asked twice"),
            ("question = \"travelled\"", "question = \"strolled\"", "travelled_how.shown_if"),
            (
                "question = \"symptoms\", is = \"other\"",
                "question = \"symptoms\", is = \"othr\"",
                "an answer that question cannot have",
            ),
            (
                "question = \"travelled\", is = \"yes\"",
                "question = \"travelled\", is = \"Yes\"",
                "an answer that question cannot have",
            ),
            ("diseases = [\"cholera\"", "diseases = [\"colera\"", "`colera` is no disease pack"),
            ("id = \"full\"", "id = \"core\"", "one form `core`"),
        ] {
            let text = shipped::INTERVIEWS.replacen(from, to, 1);
            let refusal = read(&text).unwrap_err().to_string().replace(": is asked", " is asked");
            assert!(refusal.contains(words), "{refusal}");
        }
    }

    #[test]
    fn a_pack_that_names_a_kind_of_place_twice_is_refused() {
        let text = shipped::INTERVIEWS.replacen("id = \"school\"", "id = \"home\"", 1);
        let refusal = read(&text).unwrap_err().to_string();
        assert!(refusal.contains("place_kinds.home.id"), "{refusal}");
    }
}
