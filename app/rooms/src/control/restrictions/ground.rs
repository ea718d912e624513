//! Whether a row truly says of this person what a restriction rests on. Asked when it is proposed, at each approval, and every time
//! anybody reads it: what the row does not say any more restricts nobody.

use super::homes::lives_in_area;
use super::not_ground::{Unfounded, unfounded};
use crate::cases::standing::{case_of, contact_of, is_recorded_in};
use crate::cases::{CaseRecord, ContactRecord, ContactStatus};
use crate::control::held::{closes_in, was_in_zone};
use crate::control::reach::{ZoneRecord, changed_at, split_off, zone_of};
use crate::entry::{Duty, duty_of};
use crate::followup::standing::{CourseStanding, course_standing};
use crate::people::{Subject, territory_of};
use crate::regions::UTC_OFFSET_MINUTES;
use crate::trace::standing::{VisitStanding, has_been_in, lives_in, visit_standing};
use base::{Day, Id, Moment, Named, Territory};
use cases::{Classification, ContactClass, Outcome};
use control::Unit;
use packs::{Proof, RestrictionReason, UnitKind};
use store::{Query, Result, Scope};

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
        "worker" => Proof::Roster,
        "course" => Proof::MissedItem,
        _ => return None,
    })
}

/// A row that evidence may name, as it stands.
pub(super) enum Row {
    Case(Box<CaseRecord>),
    Contact(Box<ContactRecord>),
    Visit(VisitStanding),
    Zone(Box<ZoneRecord>),
    Course(CourseStanding),
    /// Whose line of a roster it is.
    Worker(Id<Subject>, Duty),
}

pub(super) fn row_of(query: &mut dyn Query, evidence: &str, now: Moment) -> Result<Option<Row>> {
    let today = now.day_at_offset(UTC_OFFSET_MINUTES);
    Ok(match proof_of(evidence) {
        Some(Proof::Case) => found(evidence, |id| case_of(query, id))?.map(Box::new).map(Row::Case),
        Some(Proof::Contact) => found(evidence, |id| contact_of(query, id))?.map(Box::new).map(Row::Contact),
        Some(Proof::Visit) => found(evidence, |id| visit_standing(query, id))?.map(Row::Visit),
        Some(Proof::Zone) => found(evidence, |id| zone_of(query, id))?.map(Box::new).map(Row::Zone),
        Some(Proof::MissedItem) => found(evidence, |id| course_standing(query, id, today))?.map(Row::Course),
        Some(Proof::Roster) => {
            found(evidence, |id| duty_of(query, id))?.map(|(subject, duty)| Row::Worker(subject, duty))
        }
        None => None,
    })
}

fn found<I: Named, R>(evidence: &str, look: impl FnOnce(Id<I>) -> Result<Option<R>>) -> Result<Option<R>> {
    read(evidence).map_or(Ok(None), look)
}

/// What the row says now of this person, whoever asks.
pub(super) fn ground_of(
    query: &mut dyn Query,
    reason: RestrictionReason,
    evidence: &str,
    subject: Id<Subject>,
    now: Moment,
) -> Result<Judged> {
    match row_of(query, evidence, now)? {
        Some(Row::Case(case)) => Ok(of_case(&case, subject)),
        Some(Row::Contact(contact)) => of_contact(query, &contact, reason, subject),
        Some(Row::Visit(visit)) => of_visit(query, &visit, subject),
        Some(Row::Zone(zone)) => of_zone(query, &zone, subject),
        Some(Row::Course(course)) => Ok(of_course(course, subject)),
        Some(Row::Worker(whose, duty)) => Ok(of_worker(whose, duty, subject, now)),
        None if evidence.starts_with("registered_") => Ok(Err(Unfounded::CheckIn)),
        None => Ok(Err(Unfounded::Missing)),
    }
}

/// The same for somebody who must reach the row. What they do not reach, and what they do not read, is not there.
pub(super) fn ground_within(
    query: &mut dyn Query,
    scope: &Scope,
    reason: RestrictionReason,
    evidence: &str,
    subject: Id<Subject>,
    now: Moment,
) -> Result<Ground> {
    // Whose it is and how it stands is told of a row within reach only.
    let place = match row_of(query, evidence, now)? {
        Some(Row::Case(case)) => Some((case.territory, case.disease)),
        Some(Row::Contact(contact)) => {
            let disease = disease_behind(query, &contact)?;
            Some((contact.territory, disease))
        }
        Some(Row::Visit(visit)) => Some((visit.territory, None)),
        Some(Row::Zone(zone)) => Some((zone.territory, Some(zone.disease))),
        Some(Row::Course(course)) => Some((course.territory, course.disease)),
        Some(Row::Worker(_, duty)) => Some((duty.territory, None)),
        None => None,
    };
    let reached = place.is_some_and(|(territory, disease)| {
        scope.reaches(&territory) && scope.kept.reads(disease.as_deref())
    });
    if !reached && !evidence.starts_with("registered_") {
        return Err(unfounded(Unfounded::Missing));
    }
    ground_of(query, reason, evidence, subject, now)?.map_err(unfounded)
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
    let (Some((place, name)), Some(first), Some(last)) = (&visit.place, visit.first, visit.last) else {
        return Ok(Err(Unfounded::NoPlace));
    };
    let place = Unit::part(place.clone(), &[name], UnitKind::Building);
    if !was_in_zone(query, &place, (first, last))? {
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

/// A zone in force that closes people in, and a record of an investigation that this person lives there. A zone that is on longer than
/// the pack's days restricts the same person again once something has become of it since.
fn of_zone(query: &mut dyn Query, zone: &ZoneRecord, subject: Id<Subject>) -> Result<Judged> {
    let own = of_one_zone(query, zone, subject)?;
    if own.is_ok() {
        return Ok(own);
    }
    // Splitting lets nobody out: who lives in the part is as closed in as before, until the part is left.
    for part in split_off(query, zone.id)? {
        let judged = of_one_zone(query, &part, subject)?;
        if judged.is_ok() {
            return Ok(judged);
        }
    }
    Ok(own)
}

fn of_one_zone(query: &mut dyn Query, zone: &ZoneRecord, subject: Id<Subject>) -> Result<Judged> {
    if zone.released.is_some() {
        return Ok(Err(Unfounded::ZoneLeft));
    }
    if !closes_in(&zone.protocol, &zone.level) {
        return Ok(Err(Unfounded::ZoneOpen));
    }
    if !lives_in_area(query, subject, &zone.area)? {
        return Ok(Err(Unfounded::LivesElsewhere));
    }
    Ok(Ok(Ground {
        territory: zone.territory.clone(),
        disease: Some(zone.disease.clone()),
        index: None,
        exposure: None,
        changed: changed_at(query, zone.id)?,
    }))
}

/// A test of their own pathway was missed, and nobody took one since.
fn of_course(course: CourseStanding, subject: Id<Subject>) -> Judged {
    if course.subject != subject {
        return Err(Unfounded::NotTheirs);
    }
    if course.ended {
        return Err(Unfounded::FollowUpOver);
    }
    let changed = course.owes_since.ok_or(Unfounded::NothingOwed)?;
    Ok(Ground { territory: course.territory, disease: course.disease, index: None, exposure: None, changed })
}

/// The test their post asks for is overdue, by the edition of the pack of occupations.
fn of_worker(whose: Id<Subject>, duty: Duty, subject: Id<Subject>, now: Moment) -> Judged {
    if whose != subject {
        return Err(Unfounded::NotTheirs);
    }
    let today = now.day_at_offset(UTC_OFFSET_MINUTES);
    let due = duty.due.filter(|due| *due < today).ok_or(Unfounded::TestedInTime)?;
    let changed = Moment::start_of(due + 1, UTC_OFFSET_MINUTES);
    Ok(Ground { territory: duty.territory, disease: None, index: None, exposure: None, changed })
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
