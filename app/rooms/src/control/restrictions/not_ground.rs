//! Why a row is no ground for a restriction, in words; each ends with what to do.

use crate::refuse::{invalid, missing};
use packs::RestrictionReason;
use store::{Error, Refusal, Status};

/// Why a row is no ground.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unfounded {
    /// There is none, or it is not for whoever asks.
    Missing,
    NotTheirs,
    CaseDiscarded,
    CaseOver,
    NotClose,
    NotSecondary,
    Released,
    NoSource,
    SourceDiscarded,
    VisitRemoved,
    CheckIn,
    NoPlace,
    NoArea,
    ZoneLeft,
    ZoneOpen,
    LivesElsewhere,
    FollowUpOver,
    NothingOwed,
    TestedInTime,
}

pub(super) fn unfounded(why: Unfounded) -> Error {
    let (code, en, zh) = match why {
        Unfounded::Missing => return missing("record of evidence", "依据记录"),
        Unfounded::NotTheirs => (
            "restrict.not_theirs",
            "this record is about somebody else; name one that concerns this very person, or do not restrict them",
            "该记录不是此人的；请提供确与此人有关的记录，否则不得限制",
        ),
        Unfounded::CaseDiscarded => (
            "restrict.discarded",
            "this case was excluded, so it restricts nobody; look at its classification",
            "该病例已排除，不能作为依据；请查看其分类",
        ),
        Unfounded::CaseOver => (
            "restrict.case_over",
            "this case has its outcome, so it restricts nobody any more; look at the record",
            "该病例已有转归，不能再作为依据；请查看记录",
        ),
        Unfounded::NotClose => (
            "restrict.not_close",
            "the record does not say that they were a close contact; classify the exposure first, or choose the reason it supports",
            "该记录未判定为密切接触者；请先判定暴露，或选择相符的事由",
        ),
        Unfounded::NotSecondary => (
            "restrict.not_secondary",
            "the record does not say that they were a contact of a contact; choose the reason it supports",
            "该记录未判定为次密接；请选择相符的事由",
        ),
        Unfounded::Released => (
            "restrict.released",
            "this contact was released, so it restricts nobody; look at the record",
            "该接触者已解除，不能作为依据；请查看记录",
        ),
        Unfounded::NoSource => (
            "restrict.no_source",
            "nobody's case stands behind this contact, so it is a name on a list; link it to the case they met",
            "该接触者未关联任何病例，只是名单上的一个名字；请先关联其接触的病例",
        ),
        Unfounded::SourceDiscarded => (
            "restrict.source_discarded",
            "the case they met was excluded, so they are no contact; look at that case",
            "其接触的病例已排除，不再是接触者；请查看该病例",
        ),
        Unfounded::VisitRemoved => (
            "restrict.visit_removed",
            "this stay was taken out of the interview; name one that stands",
            "该行程已从调查中删除；请提供有效记录",
        ),
        Unfounded::CheckIn => (
            "restrict.check_in",
            "a check-in at a place invites to a test and restricts nobody; ask the person, and name what they told",
            "场所码登记只用于提示检测，不能据以限制个人；请开展调查并以其陈述为依据",
        ),
        Unfounded::NoPlace => (
            "restrict.no_place",
            "the stay names no registered place, or no time; complete it in the interview",
            "该行程没有登记场所或时间；请在调查中补全",
        ),
        Unfounded::NoArea => (
            "restrict.no_area",
            "no zone held that place at that time, so having been there restricts nobody; look at the stay's place and days, and at the zones",
            "该处当时不在划定的区域内，不能据以限制；请核对行程的地点、时间与区域",
        ),
        Unfounded::ZoneLeft => (
            "restrict.zone_left",
            "this zone was left, so it restricts nobody any more; look at the zone",
            "该区域已解除，不能再作为依据；请查看该区域",
        ),
        Unfounded::ZoneOpen => (
            "restrict.zone_open",
            "this level closes nobody in, so it restricts nobody; look at the zone",
            "该级别不限制人员出入，不能作为依据；请查看该区域",
        ),
        Unfounded::LivesElsewhere => (
            "restrict.lives_elsewhere",
            "no record of an investigation says that this person lives in the zone; write down where they live first, or do not restrict them",
            "没有调查记录表明此人居住在该区域内；请先登记其住处，否则不得限制",
        ),
        Unfounded::FollowUpOver => (
            "restrict.follow_up_over",
            "this follow-up is over, so nothing of it is owed; look at the follow-up",
            "该随访已结束，不存在应做未做的检测；请查看随访记录",
        ),
        Unfounded::TestedInTime => (
            "restrict.tested_in_time",
            "the test of this post is not overdue, so it keeps nobody off it; look at the roster",
            "该岗位检测未逾期，不能据以限制；请查看岗位名册",
        ),
        Unfounded::NothingOwed => (
            "restrict.nothing_owed",
            "no test is owed here: none was missed, or one was taken since; look at the follow-up",
            "没有应做未做的检测：未曾漏检，或此后已检测；请查看随访记录",
        ),
    };
    Refusal::new(Status::Invalid, code, en, zh).field("evidence").into()
}

/// What a reason does not rest on.
pub(super) fn wrong_proof(reason: RestrictionReason, allowed: &[&str]) -> Error {
    invalid(
        "restrict.wrong_evidence",
        "evidence",
        format!(
            "the reason `{reason}` rests on a row of: {}; name its id, never a text or a list",
            allowed.join(", ")
        ),
        format!("事由“{reason}”须以下列记录为依据：{}；请填写其编号，不接受文字或名单", allowed.join("、")),
    )
}
