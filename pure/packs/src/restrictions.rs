//! The pack of restrictions on a person: closed reasons, the evidence each needs, its longest time, its articles, and the words the
//! person reads.
//!
//! Deliberately absent: whether a certain restriction may be; that is `control::restriction`.

use crate::fault::{Check, read_toml};
use crate::{Confidence, Faults};
use base::Day;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::fmt::Display;

cases::words! {
    /// Why somebody is restricted. There is no other reason, and none of them is free text.
    RestrictionReason, "reason of a restriction" {
        Case = "case", Contact = "contact", Secondary = "secondary", Travel = "travel", Zone = "zone",
        Occupational = "occupational", MissedTest = "missed_test",
    }
}

cases::words! {
    /// The kind of row a reason rests on.
    Proof, "kind of evidence for a restriction" {
        Case = "case", Contact = "contact",
        /// A stay somebody told of in their own interview. A check-in is none: it invites to a test and restricts nobody.
        Visit = "visit",
        Zone = "zone",
        /// Somebody on the roster of a monitored occupation.
        Roster = "roster",
        /// A test of a pathway that was due and not done.
        MissedItem = "missed_item",
    }
}

cases::words! {
    /// What is ordered.
    RestrictionKind, "kind of restriction" {
        Home = "home", CentralIsolation = "central_isolation", RedCode = "red_code", YellowCode = "yellow_code",
        NoTravel = "no_travel", OffWork = "off_work",
    }
}

cases::words! {
    /// From when the longest time is counted.
    LimitFrom, "start of the longest time" { Begins = "begins", Exposure = "exposure" }
}

cases::words! {
    /// What becomes of a restriction whose appeal nobody decided in time.
    Undecided, "outcome of an undecided appeal" { Suspend = "suspend", Stand = "stand" }
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Restrictions {
    pub version: String,
    pub kinds: Vec<KindWords>,
    pub articles: Vec<RestrictionArticle>,
    pub reasons: Vec<ReasonRule>,
    pub proposals: ProposalRule,
    pub appeals: AppealRule,
    pub audit: AuditRule,
    pub alarms: AlarmRule,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KindWords {
    pub id: RestrictionKind,
    pub zh: String,
    pub en: String,
    pub says_zh: String,
    pub says_en: String,
}

/// An article of a certain text of a law.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RestrictionArticle {
    pub id: String,
    pub zh: String,
    pub en: String,
    pub from: Day,
    #[serde(default)]
    pub until: Option<Day>,
    pub source: String,
    pub confidence: Confidence,
}

impl RestrictionArticle {
    pub fn in_force(&self, day: Day) -> bool {
        self.from <= day && self.until.is_none_or(|until| day <= until)
    }
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReasonRule {
    pub id: RestrictionReason,
    pub zh: String,
    pub en: String,
    pub rule_zh: String,
    pub rule_en: String,
    pub evidence: BTreeSet<Proof>,
    pub kinds: BTreeSet<RestrictionKind>,
    pub articles: BTreeSet<String>,
    /// Never longer than this.
    pub days: u16,
    pub from: LimitFrom,
    pub source: String,
    pub confidence: Confidence,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProposalRule {
    pub hours: u32,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AppealRule {
    pub hours: u32,
    pub undecided: Undecided,
    pub source: String,
    pub confidence: Confidence,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AuditRule {
    pub percent: u32,
    pub least: usize,
    pub most: usize,
    pub source: String,
    pub confidence: Confidence,
}

/// How much of one thing, within how many days, is shown to the auditor.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AlarmRule {
    pub days: u16,
    /// Restrictions of one proposer that one approver approved.
    pub pair: usize,
    /// Restrictions that go back to one case.
    pub index: usize,
    /// Hours of the clock on the wall.
    pub night_from: u8,
    pub night_until: u8,
    /// Rows of a list that were refused.
    pub refused: usize,
    pub source: String,
    pub confidence: Confidence,
}

const PACK: &str = "restrictions/restrictions";

/// Longer than any edition of any protocol.
const MOST_DAYS: u16 = 60;

impl Restrictions {
    /// # Errors
    /// Everything that is wrong with the pack, each with its key and a remedy.
    pub fn read(text: &str) -> Result<Restrictions, Faults> {
        let pack: Restrictions = read_toml(PACK, text)?;
        let mut check = Check::of(PACK);
        check.said(&pack.version, "version");
        pack.check_kinds(&mut check);
        pack.check_articles(&mut check);
        whole(
            &mut check,
            "reasons",
            RestrictionReason::ALL,
            &pack.reasons.iter().map(|one| one.id).collect::<Vec<_>>(),
        );
        for reason in &pack.reasons {
            pack.check_reason(reason, &mut check);
        }
        pack.check_clocks(&mut check);
        check.finish(pack)
    }

    pub fn reason(&self, id: RestrictionReason) -> &ReasonRule {
        self.reasons.iter().find(|rule| rule.id == id).expect("a pack that was read has every reason")
    }

    pub fn kind(&self, id: RestrictionKind) -> &KindWords {
        self.kinds.iter().find(|kind| kind.id == id).expect("a pack that was read has every kind")
    }

    pub fn article(&self, id: &str) -> Option<&RestrictionArticle> {
        self.articles.iter().find(|article| article.id == id)
    }

    fn check_kinds(&self, check: &mut Check<'_>) {
        whole(check, "kinds", RestrictionKind::ALL, &self.kinds.iter().map(|one| one.id).collect::<Vec<_>>());
        for kind in &self.kinds {
            for (field, text) in
                [("zh", &kind.zh), ("en", &kind.en), ("says_zh", &kind.says_zh), ("says_en", &kind.says_en)]
            {
                check.said(text, &format!("kinds.{}.{field}", kind.id));
            }
        }
    }

    fn check_articles(&self, check: &mut Check<'_>) {
        let mut seen = BTreeSet::new();
        for article in &self.articles {
            let key = |field: &str| format!("articles.{}.{field}", article.id);
            check.unless(seen.insert(&article.id), &key("id"), "appears twice", "keep one of the two");
            for (field, text) in [("zh", &article.zh), ("en", &article.en), ("source", &article.source)] {
                check.said(text, &key(field));
            }
            check.unless(
                article.until.is_none_or(|until| article.from <= until),
                &key("until"),
                "lies before `from`",
                "exchange the two days, or leave `until` out",
            );
        }
    }

    fn check_reason(&self, reason: &ReasonRule, check: &mut Check<'_>) {
        let key = |field: &str| format!("reasons.{}.{field}", reason.id);
        for (field, text) in [
            ("zh", &reason.zh),
            ("en", &reason.en),
            ("rule_zh", &reason.rule_zh),
            ("rule_en", &reason.rule_en),
            ("source", &reason.source),
        ] {
            check.said(text, &key(field));
        }
        let (unproved, idle) = (reason.evidence.is_empty(), reason.kinds.is_empty());
        check.unless(
            !unproved,
            &key("evidence"),
            "names no evidence",
            "name the kind of row this reason rests on",
        );
        check.unless(!idle, &key("kinds"), "orders nothing", "name what may be ordered for this reason");
        check.unless(
            !reason.articles.is_empty(),
            &key("articles"),
            "rests on no article",
            "name one of [[articles]]",
        );
        for article in reason.articles.iter().filter(|id| self.article(id).is_none()) {
            check.fault(
                &key("articles"),
                format!("names `{article}`, which is no article of this pack"),
                "add it to [[articles]] with its text and its days, or name another",
            );
        }
        check.unless(
            (1..=MOST_DAYS).contains(&reason.days),
            &key("days"),
            "is no longest time",
            "write 1 to 60 days: nothing is without an end",
        );
    }

    fn check_clocks(&self, check: &mut Check<'_>) {
        for (key, hours) in [("proposals.hours", self.proposals.hours), ("appeals.hours", self.appeals.hours)]
        {
            check.unless((1..=168).contains(&hours), key, "is no clock", "write 1 to 168 hours");
        }
        let audit = &self.audit;
        check.unless((1..=100).contains(&audit.percent), "audit.percent", "is no share", "write 1 to 100");
        check.unless(
            (1..=audit.most).contains(&audit.least),
            "audit.least",
            "is none, or more than `most`",
            "write at least 1: a day on which nothing is looked at is a day on which anything goes",
        );
        let alarms = &self.alarms;
        check.unless(alarms.days > 0, "alarms.days", "is none", "write at least 1");
        for (key, hour) in [("night_from", alarms.night_from), ("night_until", alarms.night_until)] {
            check.unless(hour < 24, &format!("alarms.{key}"), "is no hour", "write 0 to 23");
        }
        for (key, text) in
            [("appeals", &self.appeals.source), ("audit", &audit.source), ("alarms", &alarms.source)]
        {
            check.said(text, &format!("{key}.source"));
        }
    }
}

/// Every word of a closed list, each once.
fn whole<W: Copy + PartialEq + Display>(check: &mut Check<'_>, list: &str, all: &[W], there: &[W]) {
    for word in all {
        let times = there.iter().filter(|one| *one == word).count();
        let key = format!("{list}.{word}");
        check.unless(
            times > 0,
            &key,
            "is missing",
            "add it: the list is closed, and the code asks for each of it",
        );
        check.unless(times < 2, &key, "appears twice", "keep one of the two");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shipped;

    #[test]
    fn the_shipped_pack_is_sound() {
        let pack = shipped::restrictions().unwrap_or_else(|faults| panic!("{faults}"));
        assert_eq!((pack.appeals.hours, pack.appeals.undecided), (24, Undecided::Suspend));
        let contact = pack.reason(RestrictionReason::Contact);
        assert_eq!((contact.days, contact.from), (21, LimitFrom::Exposure));
        let day = |text: &str| text.parse::<Day>().unwrap();
        let article = pack.article("cn-idl-2013-39").unwrap();
        assert!(article.in_force(day("2022-06-14")) && !article.in_force(day("2025-09-01")));
    }

    #[test]
    fn every_reason_has_an_article_on_every_day_since_2013() {
        let pack = shipped::restrictions().unwrap();
        for reason in &pack.reasons {
            for day in ["2020-01-25", "2022-06-14", "2025-08-31", "2025-09-01", "2026-11-26"] {
                let day = day.parse().unwrap();
                let there =
                    reason.articles.iter().filter_map(|id| pack.article(id)).any(|one| one.in_force(day));
                assert!(there, "{} on {day}", reason.id);
            }
        }
    }

    fn refused(from: &str, to: &str) -> String {
        assert!(shipped::RESTRICTIONS.contains(from), "{from}");
        Restrictions::read(&shipped::RESTRICTIONS.replacen(from, to, 1)).unwrap_err().to_string()
    }

    #[test]
    fn a_wrong_pack_says_what_is_wrong_and_what_to_do() {
        for (from, to, says) in [
            ("id = \"case\"", "id = \"stability\"", "line "),
            ("evidence = [\"case\"]", "evidence = []", "names no evidence"),
            ("days = 28", "days = 0", "nothing is without an end"),
            (
                "articles = [\"cn-idl-2013-39\", \"cn-idl-2025-isolation\"]",
                "articles = []",
                "rests on no article",
            ),
            ("id = \"cn-idl-2013-42\"", "id = \"cn-idl-2013-43\"", "which is no article of this pack"),
            ("undecided = \"suspend\"", "undecided = \"wait\"", "line "),
            ("least = 5", "least = 0", "a day on which anything goes"),
            ("until = \"2025-08-31\"", "until = \"2012-08-31\"", "exchange the two days"),
        ] {
            let refusal = refused(from, to);
            assert!(refusal.contains(says), "{from} → {to}: {refusal}");
        }
    }

    #[test]
    fn a_reason_left_out_is_missed() {
        let text = shipped::RESTRICTIONS;
        let (start, end) =
            (text.find("[[reasons]]\nid = \"missed_test\"").unwrap(), text.find("# A proposal").unwrap());
        let without = format!("{}{}", &text[..start], &text[end..]);
        let refusal = Restrictions::read(&without).unwrap_err().to_string();
        assert!(refusal.contains("reasons.missed_test") && refusal.contains("is missing"), "{refusal}");
    }
}
