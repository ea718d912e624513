//! May a zone be left? Every criterion of the edition, ticked or missing, with the day on which it can be met at the earliest.

use crate::{Area, How};
use base::Day;
use packs::{FindEffect, LeaveRule, ZoneLevel, ZoneScheme};
use serde::{Deserialize, Serialize};

/// A zone as it stands, with what happened in it.
#[derive(Debug, Clone, PartialEq)]
pub struct ZoneSeen {
    pub level: String,
    /// The day on which it was set to this level.
    pub since: Day,
    /// It was lowered into this level from a stricter one.
    pub after_higher: bool,
    pub finds: Vec<FindInside>,
    pub rounds: Vec<RoundHeld>,
    /// Absent where nobody has said anything of contacts.
    pub contacts: Option<ContactsSeen>,
    /// Places of stricter levels in the same county.
    pub above: AboveSeen,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct FindInside {
    pub day: Day,
    pub id: String,
    pub how: How,
}

/// Everybody inside once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoundHeld {
    pub began: Day,
    /// Absent while results are outstanding.
    pub ended: Option<Day>,
    pub people: u64,
    pub with_result: u64,
    pub positives_community: u64,
    /// Positive or grey tubes whose people have not been sampled singly to the end.
    pub unresolved: u64,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ContactsSeen {
    /// The last day on which a contact from here was exposed; absent where there is no contact.
    pub last_exposure: Option<Day>,
    /// Contacts who have no negative result yet.
    pub without_result: u32,
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AboveSeen {
    pub places: u32,
    /// When the last of them can be left, if that is known.
    pub last_leaves: Option<Day>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Missing {
    /// So many days have not passed yet.
    Days,
    /// Contacts have no negative result.
    ContactsOpen,
    /// Nobody has said anything of contacts.
    ContactsUnknown,
    /// No round is old enough to count, or the last is too long ago.
    NoRound,
    RoundNotEnded,
    RoundCoverage,
    RoundFound,
    RoundUnresolved,
    /// A cluster lies within the days.
    Cluster,
    /// A stricter place is left in the county.
    Above,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Criterion {
    pub kind: &'static str,
    pub met: bool,
    pub missing: Vec<Missing>,
    /// Since when it is met, or when it can be met at the earliest; absent where nobody can say.
    pub on: Option<Day>,
    /// What the edition wants: days, and for a round the share of people and within how many days.
    pub days: Option<u16>,
    pub within_days: Option<u16>,
    pub coverage: Option<f64>,
    /// What there is: days that have passed, the share of the last round, contacts without a result, places above.
    pub have: Option<f64>,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Leave {
    /// The day from which days are counted.
    pub clock: Day,
    /// The find that set it; absent where it is the day the level was set.
    pub clock_find: Option<String>,
    pub criteria: Vec<Criterion>,
    pub ready: bool,
    /// The day proposed for leaving it: when the last criterion can be met.
    pub on: Option<Day>,
    /// The level it goes to; absent: what the rest of the county is, or nothing.
    pub to: Option<String>,
}

/// The day from which a zone's days are counted, and the find that set it.
pub fn clock<'a>(scheme: &ZoneScheme, zone: &'a ZoneSeen, today: Day) -> (Day, Option<&'a FindInside>) {
    let last = zone
        .finds
        .iter()
        .filter(|find| find.day <= today && find.how.effect(&scheme.finds) == FindEffect::Reset)
        .max();
    match last {
        Some(find) if find.day >= zone.since => (find.day, Some(find)),
        _ => (zone.since, None),
    }
}

/// The level it is raised to at once, for somebody found inside since it was set. `known`: of whom people knew when they set it; it was set
/// for them, and they raise it no further.
pub fn promotion<'a>(
    scheme: &'a ZoneScheme,
    zone: &ZoneSeen,
    known: &[String],
    today: Day,
) -> Option<(&'a str, String)> {
    let level = scheme.level(&zone.level)?;
    let up = level.on_find.as_deref().filter(|up| scheme.is_stricter(up, &zone.level))?;
    let counts = |find: &&FindInside| {
        (zone.since..=today).contains(&find.day) && find.how.effect(&scheme.finds) == FindEffect::Reset
    };
    let find = zone.finds.iter().filter(counts).filter(|find| !known.contains(&find.id)).max()?;
    Some((up, find.id.clone()))
}

/// Every criterion of the level. Absent where the edition does not know the level.
pub fn leave(scheme: &ZoneScheme, zone: &ZoneSeen, today: Day) -> Option<Leave> {
    let level = scheme.level(&zone.level)?;
    let (clock, find) = clock(scheme, zone, today);
    let look = Look { scheme, zone, clock, today };
    let days_met = rules_of(level, zone.after_higher).iter().filter_map(|rule| look.days_met(rule)).max();
    let criteria: Vec<Criterion> =
        rules_of(level, zone.after_higher).iter().map(|rule| look.criterion(rule, days_met)).collect();
    let ready = criteria.iter().all(|one| one.met);
    let known = criteria.iter().all(|one| one.on.is_some());
    let on = criteria.iter().filter_map(|one| one.on).max().filter(|_| known);
    let to = level.to.clone().filter(|to| scheme.level(to).is_some_and(|to| !to.rest_of_county));
    Some(Leave { clock, clock_find: find.map(|find| find.id.clone()), criteria, ready, on, to })
}

fn rules_of(level: &ZoneLevel, after_higher: bool) -> &[LeaveRule] {
    if after_higher && !level.leave_after_higher.is_empty() {
        &level.leave_after_higher
    } else {
        &level.leave
    }
}

struct Look<'a> {
    scheme: &'a ZoneScheme,
    zone: &'a ZoneSeen,
    clock: Day,
    today: Day,
}

impl Look<'_> {
    /// When a criterion of days alone is met.
    fn days_met(&self, rule: &LeaveRule) -> Option<Day> {
        match rule {
            LeaveRule::DaysClean { days, .. } => Some(self.clock + i32::from(*days)),
            LeaveRule::ContactsAge { days, .. } => {
                Some(self.zone.contacts.as_ref()?.last_exposure? + i32::from(*days))
            }
            _ => None,
        }
    }

    fn criterion(&self, rule: &LeaveRule, days_met: Option<Day>) -> Criterion {
        let mut told = Criterion {
            kind: rule.word(),
            met: false,
            missing: Vec::new(),
            on: None,
            days: None,
            within_days: None,
            coverage: None,
            have: None,
        };
        match rule {
            LeaveRule::DaysClean { days, .. } => {
                let on = self.clock + i32::from(*days);
                (told.days, told.on) = (Some(*days), Some(on));
                told.have = Some(f64::from((self.today - self.clock).max(0)));
                if self.today < on {
                    told.missing.push(Missing::Days);
                }
            }
            LeaveRule::ContactsAge { days, .. } => self.contacts(*days, &mut told),
            LeaveRule::FullRound { from_day, within_days, coverage, .. } => {
                (told.days, told.within_days, told.coverage) =
                    (Some(*from_day), Some(*within_days), Some(*coverage));
                self.round(*from_day, *within_days, *coverage, days_met, &mut told);
            }
            LeaveRule::NoCluster { days, .. } => self.no_cluster(*days, &mut told),
            LeaveRule::AboveGone { .. } => {
                told.have = Some(f64::from(self.zone.above.places));
                if self.zone.above.places == 0 {
                    told.on = Some(self.zone.since.max(self.clock));
                } else {
                    told.on = self.zone.above.last_leaves.map(|day| day.max(self.today));
                    told.missing.push(Missing::Above);
                }
            }
        }
        told.met = told.missing.is_empty();
        told
    }

    fn contacts(&self, days: u16, told: &mut Criterion) {
        told.days = Some(days);
        let Some(contacts) = &self.zone.contacts else {
            told.missing.push(Missing::ContactsUnknown);
            return;
        };
        told.have = Some(f64::from(contacts.without_result));
        let past = contacts.last_exposure.map_or(self.zone.since, |last| last + i32::from(days));
        if self.today < past {
            told.missing.push(Missing::Days);
        }
        if contacts.without_result > 0 {
            told.missing.push(Missing::ContactsOpen);
            told.on = Some(past.max(self.today));
        } else {
            told.on = Some(past);
        }
    }

    /// The last round that was held to its end and found nobody; a later one undoes it only by what it found. One begun before the
    /// clock's day says nothing of what came after.
    fn round(
        &self,
        from_day: u16,
        within_days: u16,
        coverage: f64,
        days_met: Option<Day>,
        told: &mut Criterion,
    ) {
        let first = self.clock + i32::from(from_day);
        let mut held: Vec<&RoundHeld> = self
            .zone
            .rounds
            .iter()
            .filter(|round| round.began >= first && round.began <= self.today)
            .collect();
        held.sort_by_key(|round| (round.began, round.ended.is_none(), round.ended));
        let unfit = |round: &RoundHeld| self.unfit(round, within_days, coverage);
        let found = held.iter().rposition(|round| round.positives_community + round.unresolved > 0);
        let clean = held.iter().rposition(|round| unfit(round).is_empty());
        let judged = match (clean, found) {
            (Some(clean), found) if found < Some(clean) => Some(clean),
            (_, Some(found)) => Some(found),
            (_, None) => held.len().checked_sub(1),
        };
        let judged = judged.map(|at| held[at]);
        told.have = judged.map(|round| share(round).min(1.0));
        told.missing = judged.map_or(vec![Missing::NoRound], unfit);
        told.on = match judged.filter(|_| told.missing.is_empty()) {
            Some(round) => round.ended,
            // A round held in time for the other criteria is met with them; one that is late is met today at the earliest.
            None => Some(days_met.unwrap_or(first).max(first).max(self.today)),
        };
    }

    /// What keeps a round from counting.
    fn unfit(&self, round: &RoundHeld, within_days: u16, coverage: f64) -> Vec<Missing> {
        let mut missing = Vec::new();
        match round.ended.filter(|ended| *ended <= self.today) {
            None => missing.push(Missing::RoundNotEnded),
            Some(ended) if self.today - ended > i32::from(within_days) => missing.push(Missing::NoRound),
            Some(_) => {}
        }
        if round.positives_community > 0 {
            missing.push(Missing::RoundFound);
        }
        if round.unresolved > 0 {
            missing.push(Missing::RoundUnresolved);
        }
        if share(round) < coverage {
            missing.push(Missing::RoundCoverage);
        }
        missing
    }

    fn no_cluster(&self, days: u16, told: &mut Criterion) {
        told.days = Some(days);
        let size = self.scheme.counts.as_ref().map_or(2, |rule| rule.cluster) as usize;
        let mut counted: Vec<Day> = self
            .zone
            .finds
            .iter()
            .filter(|find| find.day <= self.today && find.how.effect(&self.scheme.finds) == FindEffect::Reset)
            .map(|find| find.day)
            .collect();
        counted.sort_unstable();
        // The cluster is over when fewer than its size lie within the days: when the last but so many has passed.
        let on = counted.iter().rev().nth(size - 1).map_or(self.zone.since, |day| *day + i32::from(days));
        told.on = Some(on.max(self.zone.since));
        told.have = Some(counted.iter().filter(|day| self.today - **day < i32::from(days)).count() as f64);
        if self.today < on {
            told.missing.push(Missing::Cluster);
        }
    }
}

fn share(round: &RoundHeld) -> f64 {
    if round.people == 0 { 0.0 } else { round.with_result as f64 / round.people as f64 }
}

/// Two zones in force that claim one place, if there are any.
pub fn claimed<'a, T>(zones: &'a [(T, Area)], wanted: &Area) -> Option<(&'a T, crate::Unit, crate::Unit)> {
    zones.iter().find_map(|(zone, area)| {
        let shared = wanted.shared_with(area)?;
        Some((zone, shared.own.clone(), shared.other.clone()))
    })
}
