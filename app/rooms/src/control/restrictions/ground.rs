//! Whether a row truly says of this person what a restriction rests on. Asked when it is proposed, at each approval, and every time
//! anybody reads it: what the row does not say any more restricts nobody.

use crate::cases::standing::{case_of, contact_of, is_recorded_in};
use crate::cases::{CaseRecord, ContactRecord, ContactStatus};
use crate::people::{Subject, territory_of};
use crate::refuse::{invalid, missing};
use crate::trace::standing::{VisitStanding, has_been_in, lives_in, visit_standing};
use base::{Day, Id, Moment, Named, Territory};
use cases::{Classification, ContactClass, Outcome};
use packs::{Proof, RestrictionReason};
use store::{Error, Query, Refusal, Result, Scope, Status};

/// What a row says for a restriction.
#[derive(Debug, Clone)]
pub(super) struct Ground {
    pub territory: Territory,
    pub disease: Option<String>,
    /// The case behind it, when it is not the person's own.
    pub index: Option<String>,
    /// The last day of exposure it states.
    pub exposure: Option<Day>,
    /// When it last changed: the same row restricts the same person again only after that.
    pub changed: Moment,
}

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
}

pub(super) type Judged = std::result::Result<Ground, Unfounded>;

/// By its first word: what kind of row an id stands for.
pub(super) fn proof_of(evidence: &str) -> Option<Proof> {
    let kind = evidence.split_once('_').map_or("", |(kind, _)| kind);
    Some(match kind {
        "case" => Proof::Case,
        "contact" => Proof::Contact,
        // A check-in is no evidence; it is told so below, in its own words.
        "visit" | "registered" => Proof::Visit,
        "zone" => Proof::Zone,
        "roster" => Proof::Roster,
        "item" => Proof::MissedItem,
        _ => return None,
    })
}

/// What the row says now of this person, whoever asks.
pub(super) fn ground_of(
    query: &mut dyn Query,
    reason: RestrictionReason,
    evidence: &str,
    subject: Id<Subject>,
) -> Result<Judged> {
    match proof_of(evidence) {
        Some(Proof::Case) => match read(evidence).map(|case| case_of(query, case)).transpose()?.flatten() {
            Some(case) => Ok(of_case(&case, subject)),
            None => Ok(Err(Unfounded::Missing)),
        },
        Some(Proof::Contact) => {
            match read(evidence).map(|contact| contact_of(query, contact)).transpose()?.flatten() {
                Some(contact) => of_contact(query, &contact, reason, subject),
                None => Ok(Err(Unfounded::Missing)),
            }
        }
        Some(Proof::Visit) if evidence.starts_with("registered_") => Ok(Err(Unfounded::CheckIn)),
        Some(Proof::Visit) => {
            match read(evidence).map(|visit| visit_standing(query, visit)).transpose()?.flatten() {
                Some(visit) => of_visit(query, &visit, subject),
                None => Ok(Err(Unfounded::Missing)),
            }
        }
        Some(Proof::Zone | Proof::Roster | Proof::MissedItem) | None => Ok(Err(Unfounded::Missing)),
    }
}

/// The same for somebody who must reach the row. What they do not reach, and what they do not read, is not there.
pub(super) fn ground_within(
    query: &mut dyn Query,
    scope: &Scope,
    reason: RestrictionReason,
    evidence: &str,
    subject: Id<Subject>,
) -> Result<Ground> {
    // Whose it is and how it stands is told of a row within reach only.
    let Some((territory, disease)) = place_of(query, evidence)? else {
        return Err(unfounded(if evidence.starts_with("registered_") {
            Unfounded::CheckIn
        } else {
            Unfounded::Missing
        }));
    };
    if !scope.reaches(&territory) || !scope.kept.reads(disease.as_deref()) {
        return Err(unfounded(Unfounded::Missing));
    }
    ground_of(query, reason, evidence, subject)?.map_err(unfounded)
}

/// Where a row lies and of which disease it is, whatever it says.
fn place_of(query: &mut dyn Query, evidence: &str) -> Result<Option<(Territory, Option<String>)>> {
    Ok(match proof_of(evidence) {
        Some(Proof::Case) => read(evidence)
            .map(|case| case_of(query, case))
            .transpose()?
            .flatten()
            .map(|case| (case.territory, case.disease)),
        Some(Proof::Contact) => {
            match read(evidence).map(|contact| contact_of(query, contact)).transpose()?.flatten() {
                Some(contact) => {
                    let disease = disease_behind(query, &contact)?;
                    Some((contact.territory, disease))
                }
                None => None,
            }
        }
        Some(Proof::Visit) => read(evidence)
            .map(|visit| visit_standing(query, visit))
            .transpose()?
            .flatten()
            .map(|visit| (visit.territory, None)),
        Some(Proof::Zone | Proof::Roster | Proof::MissedItem) | None => None,
    })
}

fn read<T: Named>(evidence: &str) -> Option<Id<T>> {
    evidence.parse().ok()
}

fn of_case(case: &CaseRecord, subject: Id<Subject>) -> Judged {
    if case.subject != subject {
        return Err(Unfounded::NotTheirs);
    }
    if case.classification == Classification::Discarded {
        return Err(Unfounded::CaseDiscarded);
    }
    if matches!(case.outcome, Some(Outcome::Recovered | Outcome::Died)) {
        return Err(Unfounded::CaseOver);
    }
    Ok(Ground {
        territory: case.territory.clone(),
        disease: case.disease.clone(),
        index: None,
        exposure: None,
        changed: case.changed,
    })
}

/// A contact is one of somebody: without a case in force behind it, a record of a contact is a name on a list.
fn of_contact(
    query: &mut dyn Query,
    contact: &ContactRecord,
    reason: RestrictionReason,
    subject: Id<Subject>,
) -> Result<Judged> {
    if contact.subject != subject {
        return Ok(Err(Unfounded::NotTheirs));
    }
    let unfounded = match (reason, contact.class) {
        (RestrictionReason::Contact, Some(ContactClass::Close)) => None,
        (RestrictionReason::Secondary, Some(ContactClass::Secondary)) => None,
        (RestrictionReason::Secondary, _) => Some(Unfounded::NotSecondary),
        _ => Some(Unfounded::NotClose),
    };
    // Whoever has become a case meanwhile was a contact, and is no freer for it.
    let unfounded = unfounded.or((contact.status == ContactStatus::Released).then_some(Unfounded::Released));
    if let Some(unfounded) = unfounded {
        return Ok(Err(unfounded));
    }
    let Some(source) = contact.source_case else { return Ok(Err(Unfounded::NoSource)) };
    let Some(source) = case_of(query, source)? else { return Ok(Err(Unfounded::NoSource)) };
    if source.classification == Classification::Discarded {
        return Ok(Err(Unfounded::SourceDiscarded));
    }
    Ok(Ok(Ground {
        territory: contact.territory.clone(),
        disease: source.disease,
        index: Some(source.id.to_string()),
        exposure: contact.last_exposure,
        changed: contact.changed,
    }))
}

fn disease_behind(query: &mut dyn Query, contact: &ContactRecord) -> Result<Option<String>> {
    let Some(source) = contact.source_case else { return Ok(None) };
    Ok(case_of(query, source)?.and_then(|source| source.disease))
}

/// A stay they told of themselves, in a place that was under control then.
fn of_visit(query: &mut dyn Query, visit: &VisitStanding, subject: Id<Subject>) -> Result<Judged> {
    if visit.subject != subject {
        return Ok(Err(Unfounded::NotTheirs));
    }
    if visit.removed {
        return Ok(Err(Unfounded::VisitRemoved));
    }
    let (Some(place), Some(first), Some(last)) = (&visit.place, visit.first, visit.last) else {
        return Ok(Err(Unfounded::NoPlace));
    };
    if !super::areas::at_risk(query, place, (first, last))? {
        return Ok(Err(Unfounded::NoArea));
    }
    Ok(Ok(Ground {
        territory: visit.territory.clone(),
        disease: None,
        index: None,
        exposure: Some(last),
        changed: visit.changed,
    }))
}

/// Nothing of this person is known in the territory: neither do they belong there, nor live or stay there as far as anybody told, and
/// the evidence itself does not count.
pub(super) fn is_stranger(
    query: &mut dyn Query,
    subject: Id<Subject>,
    territory: &Territory,
    evidence: &str,
) -> Result<bool> {
    let county = territory.at_depth(territory.depth().min(3));
    let (first, past) = county.range();
    let range = (first.as_str(), past.as_str());
    if let Some(contact) = read(evidence)
        && lives_in(query, contact)?.is_some_and(|home| !county.holds(&home))
    {
        return Ok(true);
    }
    let home = territory_of(query, subject)?;
    Ok(!county.holds(&home)
        && !has_been_in(query, subject, range)?
        && !is_recorded_in(query, subject, range)?)
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
            "no area of high or medium risk held that place at that time, so having been there restricts nobody",
            "该处当时不在中高风险区内，不能据以限制；请核对区域与时间",
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
