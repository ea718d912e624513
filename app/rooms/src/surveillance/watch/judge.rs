//! From evidence to signals: the streams of each team together, its budget, and what its list holds already.

use super::line::{Axis, Line, Lines, SPOKEN};
use crate::access::watchman;
use crate::packed;
use crate::surveillance::Signal;
use crate::surveillance::changes::{Found, RenewSignal, TakeUpSignal};
use crate::surveillance::numbers::described;
use base::{Day, Id, Moment, Territory};
use packs::Cadence;
use serde_json::{Value as Json, json};
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};
use store::{Db, Query, Result, params, random_bits};
use surveillance::fusion::{FuseRule, Fused, Neighbours, Reason, Standing, Stream, fuse};

/// Teams whose lists may have changed.
pub type Teams = BTreeSet<Territory>;

/// Steps that are still spoken of: numbers of the day before yesterday come today.
fn recent(cadence: Cadence) -> usize {
    match cadence {
        Cadence::Day => 4,
        Cadence::Week => 2,
    }
}

/// Steps over which a team's list is followed, so that what it has spent is known.
const FOLLOWED: usize = 91;

/// A stream whose corrected p-value is at most this is loud: grades count such streams.
const LOUD: f64 = 0.05;

/// What a team should look at.
#[derive(Debug, Clone)]
pub(super) struct Unusual {
    pub territory: Territory,
    pub subject: String,
    pub origin: &'static str,
    /// It begins or is clearly louder; otherwise it is known to last.
    pub asks: bool,
    pub found: Found,
}

pub(super) fn neighbours() -> Neighbours {
    let regions = packed::shanxi();
    Neighbours::of(regions.iter().flat_map(|region| {
        regions
            .neighbours(region.code())
            .filter_map(|code| Some((region.territory.clone(), regions.by_code(code)?.territory.clone())))
    }))
}

/// One team's lines of one cadence, together.
pub(super) fn unusual_for(team: &Territory, per_week: f64, axis: &Axis, lines: &Lines) -> Vec<Unusual> {
    let own: Vec<&Line> = lines
        .all
        .iter()
        .filter(|((cadence, _, county), _)| {
            *cadence == axis.cadence && lines.settings.team(county).0 == *team
        })
        .map(|(_, line)| line)
        .collect();
    let mut all = reached(&own, axis);
    let streams: Vec<Stream> = own.iter().filter_map(|line| line.stream(&lines.settings)).collect();
    if streams.is_empty() {
        return all;
    }
    let weeks_a_step = f64::from(axis.cadence.days()) / 7.0;
    let rule = FuseRule { budget: per_week * weeks_a_step, ..FuseRule::default() };
    let spoken = axis.spoken().len();
    let fused = fuse(&streams, &neighbours(), &rule, spoken - FOLLOWED.min(spoken)..spoken);
    let latest = spoken - recent(axis.cadence).min(spoken);
    let least_steps = packed::signals().least_once_in_days / f64::from(axis.cadence.days());
    let listed = |one: &&surveillance::fusion::Signal| {
        one.t >= latest
            && one.standing != Standing::Waits
            && one.told_by.is_none()
            && one.once_in_steps >= least_steps
    };
    for signal in fused.signals.iter().filter(listed) {
        let (subject, territory) = fused.units[signal.unit].clone();
        let loud = signal.reasons.iter().filter(|reason| reason.corrected <= LOUD).count();
        let grade = packed::signals().graded(signal.sure, loud);
        let evidence = evidence_of(signal, &fused, &streams, &own, axis);
        all.push(Unusual {
            territory,
            subject,
            origin: "fusion",
            asks: signal.standing.is_listed(),
            found: Found {
                grade: grade.id.clone(),
                day: axis.day(axis.spoken().start + signal.t),
                sure: signal.sure,
                evidence,
            },
        });
    }
    all
}

/// Rules without a probability, such as one case: they are not weighed against anything and cost no budget.
fn reached(lines: &[&Line], axis: &Axis) -> Vec<Unusual> {
    let spoken = axis.spoken();
    let latest = spoken.len() - recent(axis.cadence).min(spoken.len());
    let mut all = Vec::new();
    for line in lines {
        let Some(described) = described(&line.indicator) else { continue };
        for t in (latest..spoken.len()).filter(|t| line.reached[*t]) {
            let step = spoken.start + t;
            let observed = line.counts[step];
            all.push(Unusual {
                territory: line.county.clone(),
                subject: super::line::subject_of(&line.indicator, described),
                origin: "rule",
                asks: true,
                found: Found {
                    // By rule: nobody can say how sure, and everybody has to look.
                    grade: packed::signals().graded(0.94, 1).id.clone(),
                    day: axis.day(step),
                    sure: 0.94,
                    evidence: json!({
                        "day": axis.day(step), "cadence": axis.cadence, "once_in_days": null, "sure": null,
                        "streams": [{ "indicator": line.indicator, "territory": line.county, "detector": line.way,
                                      "settings": line.method, "steps": 1, "observed": observed, "expected": null,
                                      "usual": null, "p": null, "corrected": null, "weight": 1.0 }],
                        "pack_version": packed::signals().version,
                        "indicators_version": packed::indicators().version,
                        "program_version": env!("CARGO_PKG_VERSION"),
                    }),
                },
            });
        }
    }
    all
}

fn evidence_of(
    signal: &surveillance::fusion::Signal,
    fused: &Fused,
    streams: &[Stream],
    own: &[&Line],
    axis: &Axis,
) -> Json {
    let told = |reason: &Reason| {
        let stream = &streams[reason.stream];
        let line = own.iter().find(|line| line.indicator == stream.name && line.county == stream.territory);
        let said = &reason.evidence;
        json!({
            "indicator": stream.name, "territory": stream.territory, "detector": stream.detector,
            "settings": line.and_then(|line| line.method.clone()), "steps": said.steps, "observed": said.observed,
            "expected": said.expected, "usual": said.usual, "p": said.p, "corrected": reason.corrected,
            "weight": stream.weight,
        })
    };
    json!({
        "day": axis.day(axis.spoken().start + signal.t), "cadence": axis.cadence,
        "streams": signal.reasons.iter().map(told).collect::<Vec<_>>(),
        "sure": signal.sure, "p": signal.p, "weight": signal.weight, "threshold": signal.threshold,
        "once_in_days": signal.once_in_steps * f64::from(axis.cadence.days()),
        "kin": signal.kin.map(|kin| fused.units[kin].1.clone()),
        "pack_version": packed::signals().version, "indicators_version": packed::indicators().version,
        "program_version": env!("CARGO_PKG_VERSION"),
    })
}

/// What stands on the list about a thing in a place, or was answered lately.
struct Known {
    id: Id<Signal>,
    grade: String,
    is_open: bool,
    raised: Moment,
    last_day: Day,
    closed: Option<Moment>,
}

/// Puts on the list what is not there yet. Returns how many signals are new.
pub(super) fn put_on_list(db: &Db, unusual: Vec<Unusual>, now: Moment) -> Result<usize> {
    let mut strongest: BTreeMap<(String, Territory), Unusual> = BTreeMap::new();
    for one in unusual {
        let key = (one.subject.clone(), one.territory.clone());
        let rank = |one: &Unusual| (packed::signals().rank(&one.found.grade), !one.asks, -one.found.sure);
        match strongest.get(&key) {
            Some(known) if rank(known) <= rank(&one) => {}
            _ => {
                strongest.insert(key, one);
            }
        }
    }
    let mut raised = 0;
    for ((subject, territory), one) in strongest {
        let (about, place) = (subject.clone(), territory.clone());
        let known = db.read_now(move |reader| known_of(reader, &about, &place))?;
        match known {
            Some(known) if known.is_open => {
                if is_louder(&known, &one.found, now) {
                    let renew =
                        RenewSignal { id: Id::from_bits(random_bits()), signal: known.id, found: one.found };
                    db.apply_now(&watchman(), now, renew)?;
                }
            }
            Some(known) if !one.asks || answered_lately(&known, &one.found, now) => {}
            _ => {
                let signal = Id::from_bits(bits_of(&subject, &territory, one.found.day));
                let take = TakeUpSignal {
                    id: Id::from_bits(bits_of(&format!("{subject} sent"), &territory, one.found.day)),
                    signal,
                    territory,
                    subject,
                    origin: one.origin.to_owned(),
                    found: one.found,
                };
                match db.apply_now(&watchman(), now, take) {
                    Ok(()) => raised += 1,
                    // Another copy of the program was faster, or it was raised for this day before.
                    Err(store::Error::Refused(refusal)) if refusal.code == "record.exists" => {}
                    Err(fault) => return Err(fault),
                }
            }
        }
    }
    Ok(raised)
}

fn known_of(query: &mut dyn Query, subject: &str, territory: &Territory) -> Result<Option<Known>> {
    let sql = "SELECT id, grade, is_open, raised, last_day, closed FROM surveillance_signal \
               WHERE territory = $1 AND subject = $2 AND origin <> 'person' ORDER BY is_open DESC, raised DESC LIMIT 1";
    let row = query.first(sql, params![territory, subject])?;
    row.map(|row| {
        Ok(Known {
            id: row.read(0)?,
            grade: row.text(1)?,
            is_open: row.int(2)? != 0,
            raised: Moment(row.int(3)?),
            last_day: row.read(4)?,
            closed: row.opt_int(5)?.map(Moment),
        })
    })
    .transpose()
}

const A_DAY: i64 = 86_400;

fn quiet_seconds() -> i64 {
    i64::from(packed::signals().quiet_days) * A_DAY
}

fn is_graver(found: &Found, known: &Known) -> bool {
    packed::signals().rank(&found.grade) < packed::signals().rank(&known.grade)
}

/// A higher grade is said at once; that it lasts, once the quiet days are over.
fn is_louder(known: &Known, found: &Found, now: Moment) -> bool {
    let lasts = found.day > known.last_day && now > known.raised.plus_seconds(quiet_seconds());
    is_graver(found, known)
        || (lasts && found.day - known.last_day >= i32::from(packed::signals().quiet_days))
}

/// Who has just answered is not asked the same again, unless it got graver.
fn answered_lately(known: &Known, found: &Found, now: Moment) -> bool {
    let Some(closed) = known.closed else { return false };
    !is_graver(found, known) && (now < closed.plus_seconds(quiet_seconds()) || found.day <= known.last_day)
}

/// The same signal of the same day has the same id wherever it is found.
fn bits_of(subject: &str, territory: &Territory, day: Day) -> u128 {
    let digest = Sha256::digest(format!("{subject}|{territory}|{day}"));
    u128::from_be_bytes(digest[..16].try_into().expect("sixteen of thirty-two bytes"))
}

const _: () = assert!(FOLLOWED <= SPOKEN);
