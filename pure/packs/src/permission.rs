//! The doors of the system. A closed list: a door exists because code stands behind it.

use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

macro_rules! permissions {
    ($($variant:ident = $word:literal),+ $(,)?) => {
        /// What each one opens, in words, is in `packs/roles/roles.toml`.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
        pub enum Permission { $(#[serde(rename = $word)] $variant),+ }

        impl Permission {
            pub const ALL: &'static [Permission] = &[$(Permission::$variant),+];

            pub fn word(self) -> &'static str {
                match self { $(Permission::$variant => $word),+ }
            }
        }
    };
}

permissions! {
    SituationRead = "situation.read",
    CasesRead = "cases.read",
    CasesWrite = "cases.write",
    ContactsRead = "contacts.read",
    ContactsWrite = "contacts.write",
    EventsWrite = "events.write",
    TasksRead = "tasks.read",
    TasksWork = "tasks.work",
    TasksManage = "tasks.manage",
    EntryRoster = "entry.roster",
    IdentityOpen = "identity.open",
    ImportsRun = "imports.run",
    DataExport = "data.export",
    AccountsManage = "accounts.manage",
    JournalRead = "journal.read",
    RegionsWrite = "regions.write",
    IdentityApprove = "identity.approve",
    IdentityExport = "identity.export",
    GlassBreak = "glass.break",
    PeopleLink = "people.link",
    PeopleErase = "people.erase",
    PrivacyOversee = "privacy.oversee",
    BulletinPublish = "bulletin.publish",
    ReportsWrite = "reports.write",
    SignalsRead = "signals.read",
    SignalsAnswer = "signals.answer",
    SurveillanceManage = "surveillance.manage",
    FencePublish = "fence.publish",
    FenceOpen = "fence.open",
    LabCollect = "lab.collect",
    LabWork = "lab.work",
    LabManage = "lab.manage",
    LabRead = "lab.read",
    FollowupRead = "followup.read",
    FollowupWrite = "followup.write",
    FollowupRelease = "followup.release",
    ControlRead = "control.read",
    ControlPropose = "control.propose",
    ControlDecide = "control.decide",
    ControlApprove = "control.approve",
    RestrictPropose = "restrict.propose",
    RestrictApprove = "restrict.approve",
    RestrictAppeal = "restrict.appeal",
    RestrictAudit = "restrict.audit",
    PermitsApply = "permits.apply",
}

impl fmt::Display for Permission {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

impl FromStr for Permission {
    type Err = cases::UnknownWord;
    fn from_str(text: &str) -> Result<Permission, cases::UnknownWord> {
        Permission::ALL.iter().copied().find(|permission| permission.word() == text).ok_or_else(|| {
            cases::UnknownWord {
                what: "permission",
                found: text.to_owned(),
                allowed: Permission::ALL.iter().map(|p| p.word()).collect::<Vec<_>>().join(", "),
            }
        })
    }
}
