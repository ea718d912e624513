//! Who shared a place and a time with visits of cases, and how strongly.

use super::{Minute, Stay, VisitIndex};
use base::Day;

/// A stay of a case, and when the case fell ill or, without signs, was sampled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CaseVisit {
    pub stay: Stay,
    pub onset: Option<Day>,
}

/// For how many minutes after one person has left another still counts as having met what was left behind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum GapRule {
    Everywhere(u32),
    /// By number of the place; places past the end have a gap of 0.
    ByPlace(Vec<u32>),
}

impl GapRule {
    fn minutes(&self, place: u32) -> u32 {
        match self {
            GapRule::Everywhere(minutes) => *minutes,
            GapRule::ByPlace(minutes) => minutes.get(place as usize).copied().unwrap_or(0),
        }
    }
}

/// In which direction infection is looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Looking {
    /// Whom the case may have infected: those there with the case, or within the gap after it left.
    Onward,
    /// Who may have infected the case: those there with it, or gone less than the gap before it came.
    Back,
}

/// One person at one place with, or a little after or before, one case.
///
/// Times are minutes; what is not known of the ends of both stays is carried: surely together, at most together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Exposure {
    pub case: u32,
    pub contact: u32,
    pub place: u32,
    /// From when they can first have shared the place, or the second can first have come.
    pub from: Minute,
    pub surely_minutes: u32,
    pub at_most_minutes: u32,
    /// Least time between the leaving of the one and the coming of the other; 0 when they may have met.
    pub apart_minutes: u32,
    /// Days from the case's onset to `from`; negative before it.
    pub day_of_illness: Option<i32>,
}

/// Every exposure to every case visit, in the order of the case visits; nobody is exposed to themselves. Touching counts: who came
/// in the minute the other left is told with 0 minutes together.
pub fn shared_stays(
    visits: &VisitIndex,
    case_visits: &[CaseVisit],
    gaps: &GapRule,
    looking: Looking,
) -> Vec<Exposure> {
    let mut exposures = Vec::new();
    for case in case_visits {
        let gap = gaps.minutes(case.stay.place);
        let (from, to) = window(&case.stay, gap, looking);
        visits.each_possible(case.stay.place, from, to, |number| {
            if visits.subject(number) != case.stay.subject {
                exposures.push(exposure(case, &visits.stay(number, case.stay.place)));
            }
        });
    }
    exposures
}

/// When another must have been there to count.
pub(super) fn window(stay: &Stay, gap: u32, looking: Looking) -> (Minute, Minute) {
    match looking {
        Looking::Onward => (stay.earliest, Minute(stay.latest.0.saturating_add(gap))),
        Looking::Back => (Minute(stay.earliest.0.saturating_sub(gap)), stay.latest),
    }
}

pub(super) fn exposure(case: &CaseVisit, other: &Stay) -> Exposure {
    let stay = &case.stay;
    let (from, to) = (stay.earliest.max(other.earliest), stay.latest.min(other.latest));
    let surely = stay.surely().zip(other.surely());
    Exposure {
        case: stay.subject,
        contact: other.subject,
        place: stay.place,
        from,
        surely_minutes: surely.map_or(0, |(a, b)| a.1.min(b.1).saturating_sub(a.0.max(b.0))),
        at_most_minutes: to.0.saturating_sub(from.0),
        apart_minutes: from.0.saturating_sub(to.0),
        day_of_illness: case.onset.map(|onset| from.day() - onset),
    }
}
