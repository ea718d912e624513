//! Why somebody may not, in both languages, each ending with what to do.

use crate::refuse::invalid;
use control::{BadTerm, Unfit};
use store::{Error, Refusal, Status};

pub(super) fn unfit(why: Unfit) -> Error {
    let (status, code, en, zh) = match why {
        Unfit::NoOrganisation => (
            Status::Forbidden,
            "restrict.no_organisation",
            "your account states no organisation, so nobody can tell whether it is another one; ask an administrator to write it down",
            "您的账号未填写单位，无法判断是否为不同单位；请系统管理员补充",
        ),
        Unfit::OwnProposal => (
            Status::Forbidden,
            "restrict.own_proposal",
            "nobody decides about their own proposal; let somebody of another organisation decide",
            "不能审批自己的申请；请由其他单位人员审批",
        ),
        Unfit::OwnApproval => (
            Status::Forbidden,
            "restrict.own_approval",
            "you approved this already; the second approval, and an appeal, need somebody of another organisation",
            "您已批准；第二人批准与申诉须由其他单位人员处理",
        ),
        Unfit::ProposersOrganisation => (
            Status::Forbidden,
            "restrict.same_organisation",
            "you are of the organisation that proposed it, and it may not agree with itself; let somebody of another organisation decide",
            "您与申请人同属一个单位，不能自行批准；请由其他单位人员审批",
        ),
        Unfit::ApproversOrganisation => (
            Status::Forbidden,
            "restrict.same_organisation",
            "somebody of your organisation has approved it; the two approvals and the appeal come from different organisations",
            "贵单位已有人批准；两次批准与申诉须来自不同单位",
        ),
        Unfit::NotWaiting => (
            Status::Conflict,
            "restrict.not_waiting",
            "this has both its approvals already; reload the page",
            "该限制已完成两人批准；请刷新页面",
        ),
        Unfit::Over => (
            Status::Conflict,
            "restrict.over",
            "this is over and restricts nobody; propose a new one with new evidence if it is still needed",
            "该限制已结束；如仍需要，请以新的依据重新申请",
        ),
        Unfit::EvidenceGone => (
            Status::Conflict,
            "restrict.evidence_gone",
            "the evidence does not say so any more, so there is nothing to approve; look at the record it rests on",
            "所依据的记录已不成立，无法批准；请查看该记录",
        ),
        Unfit::NotApproved => (
            Status::Conflict,
            "restrict.not_approved",
            "this is only proposed and restricts nobody yet; there is nothing to appeal against",
            "该限制尚未批准，未对任何人生效；无需申诉",
        ),
        Unfit::AppealOpen => (
            Status::Conflict,
            "restrict.appeal_open",
            "an appeal is open already; wait for its answer",
            "已有申诉正在处理；请等待结果",
        ),
        Unfit::NoAppeal => (
            Status::Conflict,
            "restrict.no_appeal",
            "no appeal is open here; reload the page",
            "没有待处理的申诉；请刷新页面",
        ),
    };
    Refusal::new(status, code, en, zh).into()
}

pub(super) fn bad_term(why: BadTerm) -> Error {
    match why {
        BadTerm::BeginsInThePast => invalid(
            "restrict.begins",
            "begins",
            "nothing restricts anybody backwards in time; let it begin now or later",
            "限制不得溯及既往；请从现在或以后开始",
        ),
        BadTerm::EndsBeforeItBegins => invalid(
            "restrict.ends",
            "ends",
            "it would be over before it begins; give it an end that is to come, or leave it",
            "结束时间早于开始时间或已过；请更正，或不再申请",
        ),
        BadTerm::TooLong(latest) => invalid(
            "restrict.too_long",
            "ends",
            format!(
                "for this reason and on this evidence it ends at {latest} at the latest; choose an earlier end"
            ),
            format!("按该事由与依据，最迟于 {latest} 结束；请提前结束时间"),
        ),
        BadTerm::NoExposure => invalid(
            "restrict.no_exposure",
            "evidence",
            "the record states no last day of exposure, and the longest time is counted from it; write that day into the record first",
            "该记录没有末次暴露日期，无法计算最长期限；请先补全",
        ),
    }
}
