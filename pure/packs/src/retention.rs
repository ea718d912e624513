//! The retention pack: how long what tells who somebody is may be kept, and for which purpose.

use crate::fault::{Check, read_toml};
use crate::{Faults, Roles, Tag};
use base::Day;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Retention {
    pub version: String,
    pub clocks: Vec<Clock>,
}

/// What a clock is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kept {
    Contact,
    Case,
    Notes,
    Report,
    Export,
    /// A registered visit, and who is known by visits alone.
    Visit,
    /// Who is in a tube of a screening.
    Swab,
    /// Who a result is about that a laboratory told of somebody in no tube.
    Told,
    /// Who stood on a roster of a monitored occupation, and nowhere else.
    Roster,
    /// Note and proof of a task that is about no person.
    Task,
}

/// The fact from which a clock runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Start {
    LastExposure,
    EventEnded,
    ImportDone,
    ExportMade,
    VisitEnded,
    TubeReported,
    ResultReceived,
    RosterLeft,
    TaskEnded,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Clock {
    pub id: String,
    pub zh: String,
    pub en: String,
    pub purpose: String,
    pub what: Kept,
    pub starts: Start,
    pub keep_days: u16,
    /// So many days after it was recorded, of what never came to that fact.
    #[serde(default)]
    pub unstarted_days: Option<u16>,
    /// So many days before, the data officer is told.
    pub warn_days: u16,
    /// Runs by itself; otherwise a data officer and a second person run it.
    pub automatic: bool,
    pub why_zh: String,
    pub why_en: String,
    pub tag: Tag,
}

impl Clock {
    /// What started on this day or before has run out on `today`.
    pub fn cut(&self, today: Day) -> Day {
        today - i32::from(self.keep_days)
    }

    pub fn runs_out(&self, started: Day) -> Day {
        started + i32::from(self.keep_days)
    }
}

impl Retention {
    /// # Errors
    /// Everything that is wrong with the pack, each with its key and a remedy.
    pub fn read(text: &str, roles: &Roles) -> Result<Retention, Faults> {
        let retention: Retention = read_toml(PACK, text)?;
        let mut check = Check::of(PACK);
        let (mut ids, mut kinds) = (BTreeSet::new(), BTreeSet::new());
        for clock in &retention.clocks {
            let key = |field: &str| format!("clocks.{}.{field}", clock.id);
            for (field, text) in
                [("zh", &clock.zh), ("en", &clock.en), ("why_zh", &clock.why_zh), ("why_en", &clock.why_en)]
            {
                check.said(text, &key(field));
            }
            check.unless(ids.insert(&clock.id), &key("id"), "appears twice", "keep one of the two");
            check.unless(
                kinds.insert(clock.what),
                &key("what"),
                "has two clocks",
                "one clock decides; take one away",
            );
            check.unless(
                roles.purpose(&clock.purpose).is_some(),
                &key("purpose"),
                "is not a purpose of the roles pack",
                "name one that is",
            );
            let fits = match clock.what {
                Kept::Contact => clock.starts == Start::LastExposure,
                Kept::Case | Kept::Notes => clock.starts == Start::EventEnded,
                Kept::Report => clock.starts == Start::ImportDone,
                Kept::Export => clock.starts == Start::ExportMade,
                Kept::Visit => clock.starts == Start::VisitEnded,
                Kept::Swab => clock.starts == Start::TubeReported,
                Kept::Told => clock.starts == Start::ResultReceived,
                Kept::Roster => clock.starts == Start::RosterLeft,
                Kept::Task => clock.starts == Start::TaskEnded,
            };
            check.unless(fits, &key("starts"), "does not fit what is kept", "see the shipped pack");
            check.unless(clock.keep_days > 0, &key("keep_days"), "is 0", "keep it for at least a day");
            let unstarted = clock.unstarted_days.unwrap_or(clock.keep_days);
            let of_swabs = clock.unstarted_days.is_some() == (clock.what == Kept::Swab);
            check.unless(
                of_swabs && unstarted >= clock.keep_days,
                &key("unstarted_days"),
                "belongs to swabs alone, and is no shorter than `keep_days`",
                "see the shipped pack",
            );
        }
        check.finish(retention)
    }

    pub fn clock(&self, id: &str) -> Option<&Clock> {
        self.clocks.iter().find(|clock| clock.id == id)
    }

    pub fn of(&self, what: Kept) -> Option<&Clock> {
        self.clocks.iter().find(|clock| clock.what == what)
    }
}

const PACK: &str = "retention/retention";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shipped;

    #[test]
    fn a_contact_is_forgotten_forty_four_days_after_the_last_exposure() {
        let retention = shipped::retention().unwrap();
        let clock = retention.of(Kept::Contact).unwrap();
        let exposed = Day::of(2022, 2, 19).unwrap();
        let out = clock.runs_out(exposed);
        assert_eq!(out.to_string(), "2022-04-04");
        assert_eq!(clock.cut(out), exposed);
    }

    #[test]
    fn a_clock_for_no_purpose_is_refused() {
        let text = shipped::RETENTION.replace("purpose = \"follow_up\"", "purpose = \"curiosity\"");
        let refusal = Retention::read(&text, &shipped::roles().unwrap()).unwrap_err().to_string();
        assert!(refusal.contains("clocks.contact_identity.purpose"), "{refusal}");
    }

    #[test]
    fn two_clocks_about_one_thing_are_refused() {
        let text = shipped::RETENTION.replace("what = \"notes\"", "what = \"case\"");
        assert!(Retention::read(&text, &shipped::roles().unwrap()).is_err());
    }
}
