//! Texts of law as data: which article, in which text, in force on which days, and what it asks of whoever orders by it.

use crate::fault::Check;
use crate::{ClassCn, Confidence, Disease, Level};
use base::{Day, Territory};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LawText {
    pub id: String,
    pub zh: String,
    pub en: String,
    #[serde(default, deserialize_with = "crate::disease::civil_day")]
    pub from: Option<Day>,
    /// The last day on which it is in force.
    #[serde(default, deserialize_with = "crate::disease::civil_day")]
    pub to: Option<Day>,
    pub numbering: Numbering,
    pub source: String,
    pub confidence: Confidence,
    pub articles: Vec<Article>,
}

impl LawText {
    pub fn in_force_on(&self, day: Day) -> bool {
        self.from.is_none_or(|from| from <= day) && self.to.is_none_or(|to| day <= to)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Numbering {
    Verified,
    /// The text is in force, but nobody has seen the numbers of its articles: they are cited by what they are about.
    NotVerified,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Article {
    pub id: String,
    pub zh: String,
    pub en: String,
    pub says_zh: String,
    pub says_en: String,
    /// The lowest government that may decide by it.
    pub level: GovernmentLevel,
    pub approval: Approval,
    /// Binds nobody before it is announced.
    pub announce: bool,
    /// Classes of disease it is for; empty: any. A disease managed as a higher class counts as that class.
    pub classes: Vec<ClassCn>,
    pub source: String,
    pub confidence: Confidence,
}

/// What the next upper government has to do with an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Approval {
    None,
    /// It is told at once; when it refuses, the measure is lifted at once.
    AtOnce,
    /// Nothing happens until it has said yes.
    Before,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GovernmentLevel {
    Province,
    Prefecture,
    County,
}

impl GovernmentLevel {
    pub fn depth(self) -> usize {
        self as usize + 1
    }

    /// Whether the government of this territory is of this level or above it.
    pub fn reached_by(self, government: &Territory) -> bool {
        government.depth() <= self.depth()
    }

    pub fn level(self) -> Level {
        match self {
            GovernmentLevel::Province => Level::Province,
            GovernmentLevel::Prefecture => Level::Prefecture,
            GovernmentLevel::County => Level::County,
        }
    }
}

/// The class a disease is treated as on a day; none when nothing was in force.
pub fn class_on(disease: &Disease, day: Day) -> Option<ClassCn> {
    let rule = disease.reporting.iter().find(|rule| {
        rule.from.is_none_or(|from| from <= day) && rule.until.is_none_or(|until| day <= until)
    })?;
    Some(rule.managed_as.unwrap_or(rule.class_cn))
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Laws {
    pub version: String,
    pub texts: Vec<LawText>,
}

impl Laws {
    /// `cn-idl-2004/42`.
    pub fn find(&self, citation: &str) -> Option<(&LawText, &Article)> {
        let (text, article) = citation.split_once('/')?;
        let text = self.texts.iter().find(|one| one.id == text)?;
        Some((text, text.articles.iter().find(|one| one.id == article)?))
    }

    pub(crate) fn check(&self, check: &mut Check<'_>) {
        let mut texts = BTreeSet::new();
        for text in &self.texts {
            let key = |field: &str| format!("texts.{}.{field}", text.id);
            check.unless(texts.insert(&text.id), &key("id"), "appears twice", "keep one of the two");
            for (field, said) in [("zh", &text.zh), ("en", &text.en), ("source", &text.source)] {
                check.said(said, &key(field));
            }
            check.unless(
                text.from.is_some(),
                &key("from"),
                "is missing",
                "write the day from which it is in force",
            );
            if let (Some(from), Some(to)) = (text.from, text.to) {
                check.unless(
                    from <= to,
                    &key("to"),
                    "ends before it begins",
                    "write the last day on which it was in force",
                );
            }
            let mut articles = BTreeSet::new();
            for article in &text.articles {
                let key = |field: &str| format!("texts.{}.articles.{}.{field}", text.id, article.id);
                check.unless(
                    articles.insert(&article.id),
                    &key("id"),
                    "appears twice",
                    "keep one of the two",
                );
                check.unless(
                    !article.id.is_empty() && !article.id.contains('/'),
                    &key("id"),
                    "is no name of an article",
                    "write its number or a word, without a slash",
                );
                for (field, said) in [
                    ("zh", &article.zh),
                    ("en", &article.en),
                    ("says_zh", &article.says_zh),
                    ("says_en", &article.says_en),
                    ("source", &article.source),
                ] {
                    check.said(said, &key(field));
                }
            }
        }
    }
}
