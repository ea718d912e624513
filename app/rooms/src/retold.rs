//! Every change there is, by name: from this list the tables are made again from the journal. A change that is missing
//! here is found by a test, and so is one that does not write the same twice.

use crate::access::{changes as access, delegation, glass, levels, looks, second_person, standing};
use crate::briefing::changes as briefing;
use crate::cases::changes as cases;
use crate::imports::{changes as imports, undo};
use crate::journal;
use crate::lab::changes as lab;
use crate::people;
use crate::regions::changes as regions;
use crate::surveillance::changes as surveillance;
use crate::trace::changes as trace;
use crate::trace::fence::changes as fence;
use store::{LeftOut, Retold};

macro_rules! retold {
    ($($change:ty),+ $(,)?) => {
        pub const RETOLD: &[Retold] = &[$(Retold::of::<$change>()),+];
    };
}

retold! {
    access::FirstRun,
    access::CreateAccount,
    access::SetAccount,
    access::ResetPassword,
    access::ChangeOwnPassword,
    access::SignIn,
    access::ProveAgain,
    access::SetSession,
    access::NoteSeen,
    access::NoteFailures,
    access::NoteRefusals,
    access::EndSession,
    access::EndOtherSessions,
    access::EndSessions,
    access::EnrolTotp,
    access::ConfirmTotp,
    access::RenewRecovery,
    access::RemoveTotp,
    access::ResetSecondFactor,
    access::CreateToken,
    access::RevokeToken,
    access::AddPasskey,
    access::NamePasskey,
    access::RemovePasskey,
    access::TakePasskeys,
    access::UsePasskey,
    access::DoubtPasskey,
    access::LinkProvider,
    access::UnlinkProvider,
    access::LinkAccount,
    access::UnlinkAccount,
    access::UseProvider,
    second_person::AskSecondPerson,
    second_person::AnswerAsk,
    levels::SetDiseaseAccess,
    levels::NameForDisease,
    glass::BreakGlass,
    glass::EndGlass,
    glass::JudgeGlass,
    looks::Look,
    delegation::LendRole,
    delegation::EndLending,
    standing::SwitchSession,
    people::OpenIdentity,
    people::TurnKey,
    people::ErasePeople,
    people::SetHold,
    people::ExportIdentities,
    people::FetchExport,
    people::ExportRows,
    people::LinkPeople,
    people::PartPeople,
    people::LookUpPerson,
    people::MarkPeople,
    journal::SeeCheckpoint,
    regions::ImportRegions,
    regions::ForgetRegions,
    cases::OpenEvent,
    cases::AmendEvent,
    cases::CloseEvent,
    cases::AddNote,
    cases::AddPlace,
    cases::AddFigure,
    cases::ReportCase,
    cases::AmendCase,
    cases::ClassifyCase,
    cases::AddContact,
    cases::AmendContact,
    cases::LinkCases,
    cases::UnlinkCases,
    briefing::PublishBulletin,
    briefing::WithdrawBulletin,
    cases::SetMilestone,
    surveillance::RegisterSite,
    surveillance::AmendSite,
    surveillance::LinkReporter,
    surveillance::UnlinkReporter,
    surveillance::ReportNumbers,
    surveillance::TellSymptoms,
    surveillance::ChooseMethod,
    surveillance::SetBudget,
    surveillance::NoteRun,
    surveillance::RaiseSignal,
    surveillance::TakeUpSignal,
    surveillance::RenewSignal,
    surveillance::AnswerSignal,
    surveillance::MergeSignal,
    surveillance::TuneStreams,
    surveillance::RevertTuning,
    surveillance::Assess,
    trace::RegisterPlace,
    trace::AmendPlace,
    trace::RegisterGoods,
    trace::AmendGoods,
    fence::DraftFence,
    fence::PublishFence,
    fence::WithdrawFence,
    fence::RegisterVisit,
    fence::RegisterVisits,
    fence::RunFence,
    fence::OpenFence,
    fence::InviteToTest,
    fence::TellInvitation,
    trace::OpenInterview,
    trace::AnswerQuestion,
    trace::SettleAnswer,
    trace::FinishForm,
    trace::AddVisit,
    trace::AddVisits,
    trace::AmendVisit,
    trace::RemoveVisit,
    trace::AddExposure,
    trace::ClassifyExposure,
    trace::HandOverContacts,
    trace::AcknowledgeList,
    trace::ReturnContact,
    trace::TellContactState,
    lab::PlanCampaign,
    lab::EndCampaign,
    lab::OpenRound,
    lab::EndRound,
    lab::OpenPost,
    lab::ClosePost,
    lab::RegisterLaboratory,
    lab::AmendLaboratory,
    lab::RegisterTube,
    lab::PackBox,
    lab::HandOverBox,
    lab::ReceiveTubes,
    lab::FillPlate,
    lab::VoidRun,
    lab::ReadRun,
    lab::CallWell,
    lab::ReportRun,
    lab::TellHold,
    lab::OpenHeld,
    lab::LayDownSwabs,
    lab::MergeSwabs,
    lab::ForgetSwabs,
    lab::ReportFound,
    imports::StartImport,
    imports::ImportRows,
    imports::ImportLinks,
    imports::FinishImport,
    imports::RememberMapping,
    undo::UndoImport,
}

macro_rules! left_out {
    ($($table:literal $(. $column:literal)?: $why:literal),+ $(,)?) => {
        /// What the journal does not hold, so that it cannot be made again from it.
        pub const LEFT_OUT: &[LeftOut] =
            &[$(LeftOut { table: $table, column: left_out!(@ $($column)?), why: $why }),+];
    };
    (@) => { None };
    (@ $column:literal) => { Some($column) };
}

left_out! {
    "people_key": "keys are never in the journal: a rebuild takes over those that still exist",
    "access_session": "a session is its token, which only its browser has: told again it opens to nobody",
    "access_token"."hash": "a token is its secret, which only the other system has: told again it opens to nobody",
    "access_account"."password": "no password is in the journal, not even its hash; it is set anew",
    "imports_import"."full_report": "as large as the file it speaks of; counts and codes are in `report`",
}
