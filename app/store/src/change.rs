//! A write is a named value: who may, on what basis, what happens.

use crate::{Error, Result, Tx};
use base::{Id, Named, Territory};
use serde::{Serialize, de::DeserializeOwned};

macro_rules! closed {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $word:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        pub enum $name { $($(#[$vdoc])* $variant),+ }
        impl $name {
            pub const ALL: &'static [$name] = &[$($name::$variant),+];
            pub const fn word(self) -> &'static str { match self { $($name::$variant => $word),+ } }
            pub fn of(word: &str) -> Option<$name> { $name::ALL.iter().copied().find(|known| known.word() == word) }
        }
    };
}

closed! {
    /// What a role may do. Few, in plain words; `packs/roles` says which role has which.
    Permission {
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
        /// Everybody who is signed in: their own session and password.
        OwnAccount = "own.account",
    }
}

closed! {
    /// The rule of law or procedure a change rests on. Articles are cited in the packs; this is their short name.
    Basis {
        CaseReport = "case_report",
        Investigation = "investigation",
        OutbreakResponse = "outbreak_response",
        LineListImport = "line_list_import",
        AccessAdministration = "access_administration",
        FirstRun = "first_run",
        IdentityOpening = "identity_opening",
        Reference = "reference",
        BreakGlass = "break_glass",
        PersonMatching = "person_matching",
        PrivacyProtection = "privacy_protection",
        PublicInformation = "public_information",
        RecordKeeping = "record_keeping",
        Surveillance = "surveillance",
        ScreeningOrder = "screening_order",
        GradedControl = "graded_control",
        LaboratoryTesting = "laboratory_testing",
        TaskOrder = "task_order",
        PersonalRestriction = "personal_restriction",
    }
}

/// The id the caller makes for a change; sending it twice does it once.
pub struct Sent;
impl Named for Sent {
    const PREFIX: &'static str = "change";
}

pub trait Change: Serialize + DeserializeOwned + Send + 'static {
    const NAME: &'static str;
    const NEEDS: Permission;
    const BASIS: Basis;
    type Out: Serialize + DeserializeOwned + Send + 'static;

    fn id(&self) -> Id<Sent>;

    /// Where it happens: must lie inside the actor's territory. Existing records are looked up, never believed.
    fn territory(&self, tx: &mut Tx<'_>) -> Result<Territory>;

    /// Ids this change is about, for the journal of a record.
    fn about(&self) -> Vec<String> {
        Vec::new()
    }

    /// Turns names and identifiers into ciphertext, before anything is written. What only an open key can tell is looked
    /// up here and kept in the change: its row must be enough to apply it again.
    fn seal(&mut self, _tx: &mut Tx<'_>) -> Result<()> {
        Ok(())
    }

    /// What it writes follows from itself and from what changes before it wrote, and from nothing else: no clock but
    /// `tx.at`, no chance, no file. So the tables can be made again from the journal.
    fn apply(&self, tx: &mut Tx<'_>) -> Result<Self::Out>;
}

/// A change and its outcome, with the types forgotten so that one queue carries all of them.
pub(crate) trait Applied: Send {
    fn id(&self) -> String;
    fn run(&mut self, tx: &mut Tx<'_>) -> Result<()>;
}

pub(crate) struct Pending<C: Change> {
    pub change: C,
    pub out: Option<C::Out>,
}

impl<C: Change> Applied for Pending<C> {
    fn id(&self) -> String {
        self.change.id().to_string()
    }
    fn run(&mut self, tx: &mut Tx<'_>) -> Result<()> {
        self.out = Some(crate::journal::apply(&mut self.change, tx)?);
        Ok(())
    }
}

pub(crate) fn to_json<T: Serialize>(value: &T) -> Result<String> {
    serde_json::to_string(value).map_err(|fault| Error::Shape(fault.to_string()))
}
