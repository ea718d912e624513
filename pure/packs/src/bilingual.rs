//! A word of a pack and how people read it in both languages.

use crate::fault::Check;
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bilingual {
    pub id: String,
    pub zh: String,
    pub en: String,
}

impl Bilingual {
    pub(crate) fn check(&self, check: &mut Check<'_>, list: &str) {
        check.said(&self.id, &format!("{list}.id"));
        check.said(&self.zh, &format!("{list}.{}.zh", self.id));
        check.said(&self.en, &format!("{list}.{}.en", self.id));
    }
}
