//! One door for every write: `POST /api/changes/<name>`. The list below is the permission table and the API's list of writes.

use crate::App;
use crate::access::{Signed, changes as access, delegation, glass, levels, second_person};
use crate::briefing::changes as briefing;
use crate::cases::changes as cases;
use crate::control::changes as control;
use crate::control::measures::changes as measures;
use crate::control::permits::changes as permits;
use crate::control::restrictions::changes as restrictions;
use crate::document::Document;
use crate::entry::changes as entry;
use crate::followup::changes as followup;
use crate::lab::changes as lab;
use crate::lab::messages;
use crate::people;
use crate::regions::changes as regions;
use crate::reply::{Failure, Reply};
use crate::surveillance::changes as surveillance;
use crate::tasks::changes as tasks;
use crate::trace::changes as trace;
use crate::trace::fence::changes as fence;
use axum::body::Bytes;
use axum::extract::State;
use axum::routing::post;
use axum::{Json, Router};
use serde_json::{Value, json};
use store::{Change, Refusal, Status};

/// What a write needs and rests on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Door {
    pub name: &'static str,
    pub needs: &'static str,
    pub basis: &'static str,
}

macro_rules! doors {
    ($($change:ty),+ ; recently proved: $($guarded:ty),+ $(,)?) => {
        /// Writes that come in through `/api/changes`, as they are.
        pub const DOORS: &[Door] = &[$(door::<$change>(),)+ $(door::<$guarded>()),+];

        pub(crate) fn router() -> Router<App> {
            Router::new()
                $(.route(&path_of::<$change>(), post(send::<$change>)))+
                $(.route(&path_of::<$guarded>(), post(send_if_recent::<$guarded>)))+
        }

        /// The same writes in the API's document.
        pub(crate) fn described(api: &mut Document) {
            $(api.change::<$change>(door::<$change>());)+
            $(api.change::<$guarded>(door::<$guarded>());)+
        }
    };
}

const fn door<C: Change>() -> Door {
    Door { name: C::NAME, needs: C::NEEDS.word(), basis: C::BASIS.word() }
}

doors! {
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
    people::PartPeople,
    second_person::AskSecondPerson,
    access::NamePasskey,
    glass::EndGlass,
    delegation::EndLending,
    regions::ForgetRegions,
    crate::people::SetHold,
    briefing::PublishBulletin,
    briefing::WithdrawBulletin,
    surveillance::RegisterSite,
    surveillance::AmendSite,
    surveillance::LinkReporter,
    surveillance::UnlinkReporter,
    surveillance::ReportNumbers,
    surveillance::ChooseMethod,
    surveillance::SetBudget,
    surveillance::RaiseSignal,
    surveillance::AnswerSignal,
    surveillance::MergeSignal,
    surveillance::TuneStreams,
    surveillance::RevertTuning,
    surveillance::Assess,
    cases::SetMilestone,
    trace::RegisterPlace,
    trace::AmendPlace,
    trace::RegisterGoods,
    trace::AmendGoods,
    fence::DraftFence,
    fence::PublishFence,
    fence::WithdrawFence,
    fence::RegisterVisit,
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
    lab::PlanShift,
    lab::AmendShift,
    lab::TellShortage,
    lab::AnswerShortage,
    lab::RegisterLaboratory,
    lab::AmendLaboratory,
    lab::PackBox,
    lab::HandOverBox,
    lab::ReceiveTubes,
    lab::FillPlate,
    lab::VoidRun,
    lab::ReadRun,
    lab::CallWell,
    lab::ReportRun,
    lab::TellHold,
    followup::PutOnPathway,
    followup::AssignFollowUp,
    followup::TellCheck,
    followup::TellNotSeen,
    followup::TellTest,
    followup::TellTestResult,
    followup::TakeBackTest,
    followup::MoveFollowed,
    followup::ExemptFollowed,
    followup::ReleaseFollowed,
    followup::EndFollowUp,
    followup::SwitchEdition,
    messages::MapLabCode,
    messages::SettleReport,
    messages::LinkOutside,
    tasks::OpenTask,
    tasks::AcknowledgeTask,
    tasks::StartTask,
    tasks::FinishTask,
    tasks::GiveUpTask,
    tasks::HandOverTask,
    tasks::TakeOverTask,
    tasks::HandBackTask,
    tasks::AssignTask,
    tasks::CancelTask,
    tasks::FormTeam,
    tasks::AmendTeam,
    entry::EnrolWorker,
    entry::TellWorkerTest,
    entry::SetLoop,
    entry::StrikeWorker,
    restrictions::ProposeRestriction,
    restrictions::DeclineRestriction,
    restrictions::LiftRestriction,
    restrictions::TellRestriction,
    restrictions::AppealRestriction,
    restrictions::JudgeRestriction,
    control::AddStay,
    control::RemoveStay,
    control::ProposeZone,
    control::DecideZone,
    control::AmendZone,
    control::ReleaseZone,
    control::SplitZone,
    control::NoteRound,
    control::NoteContacts,
    control::AcknowledgeOverride,
    measures::ProposeMeasure,
    measures::DecideMeasure,
    measures::ApproveMeasure,
    measures::RefuseMeasure,
    measures::AnnounceMeasure,
    measures::ExtendMeasure,
    measures::LiftMeasure,
    measures::ReviewMeasure,
    measures::TellEffect,
    permits::ApplyPermit,
    permits::WithdrawPermit,
    permits::DecidePermit,
    access::EndSession,
    access::EndOtherSessions,
    access::EndSessions,
    access::RevokeToken;
    recently proved:
    access::SetAccount,
    levels::SetDiseaseAccess,
    levels::NameForDisease,
    second_person::AnswerAsk,
    access::ResetSecondFactor,
    access::TakePasskeys,
    access::UnlinkAccount,
    restrictions::ApproveRestriction,
    restrictions::DecideAppeal,
    glass::JudgeGlass,
    delegation::LendRole,
}

fn path_of<C: Change>() -> String {
    format!("/api/changes/{}", C::NAME.replace(' ', "-"))
}

async fn send<C: Change>(State(house): State<App>, signed: Signed, body: Bytes) -> Reply<Value> {
    let change: C = read(&body)?;
    let out = house.db.apply(&signed.actor, house.now(), change).await?;
    Ok(Json(json!({ "out": out })))
}

/// The same for what hands out rights: whoever sends it has shown lately who they are.
async fn send_if_recent<C: Change>(State(house): State<App>, signed: Signed, body: Bytes) -> Reply<Value> {
    signed.actor.scope.demand(C::NEEDS)?;
    signed.recent(&house)?;
    send::<C>(State(house), signed, body).await
}

/// A character that no text has and no database of ours keeps alike: one takes it, the other breaks off.
fn no_character(body: &[u8]) -> bool {
    let written = br"\u0000";
    body.windows(written.len()).enumerate().any(|(at, found)| {
        // After an odd number of backslashes it is a backslash and a word.
        found == written && body[..at].iter().rev().take_while(|byte| **byte == b'\\').count() % 2 == 0
    })
}

/// A body that does not fit says where and what was expected, and never what stood there: that may be a name.
pub(crate) fn read<T: serde::de::DeserializeOwned>(body: &[u8]) -> Result<T, Failure> {
    if no_character(body) {
        return Err(Refusal::new(
            Status::Invalid,
            "request.no_character",
            "a text in the request holds U+0000, which is no character; take it out and send it again",
            "请求文本含有 U+0000（非字符）；请删除后重新发送",
        )
        .into());
    }
    serde_json::from_slice(body).map_err(|fault: serde_json::Error| {
        let said = fault.to_string();
        let expected = if said.starts_with("missing field") {
            said
        } else {
            let place = format!("line {} column {}", fault.line(), fault.column());
            match said.rfind(", expected ") {
                Some(at) => said[at + 2..].to_owned(),
                None => format!("at {place} stands something else than was expected"),
            }
        };
        Refusal::new(
            Status::Invalid,
            "request.unreadable",
            format!("the request cannot be read: {expected}; correct that field"),
            format!("请求无法读取：{expected}；请更正该字段"),
        )
        .into()
    })
}
