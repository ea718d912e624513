//! What became of the swabs of whoever holds a secret. Asked by key alone: probes of the index, then the tubes themselves.

use crate::lab::indexing::LAYERED_SWABS;
use crate::lab::outages::{PublicOutage, standing_still};
use crate::lab::people::{Envelope, Named, Swab, known_holder, open};
use crate::packed;
use base::{Moment, Territory};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64URL;
use lab::{Call, CodeEnd, CodeRule, CountsFrom, Extended, code_ends};
use serde_json::{Value as Json, json};
use sha2::{Digest, Sha256};
use store::{Query, Result, Row, params};

const DAYS: i64 = 14;
/// More tubes than anybody fills in two weeks.
const MOST: i64 = 60;

/// What a tube means for one of its people, never for the others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum State {
    Waiting,
    Negative,
    /// Something is being looked at again; whoever it is, is sampled again. Held until then or not.
    Again {
        held: bool,
    },
    /// Was held, and is free.
    Cleared,
    /// Their own sample, alone in its tube.
    Positive,
}

impl State {
    fn word(self) -> &'static str {
        match self {
            State::Waiting => "waiting",
            State::Negative => "negative",
            State::Again { .. } => "again",
            State::Cleared => "cleared",
            State::Positive => "positive",
        }
    }
}

pub(super) struct Found {
    seq: i64,
    pub barcode: String,
    territory: Territory,
    swab: Swab,
    reported: Option<Moment>,
    pub state: State,
    pub due: Option<Moment>,
    /// The tube in which they were alone, where it decided for this one.
    pub alone: Option<String>,
    ends: Option<CodeEnd>,
}

impl Found {
    pub fn sampled(&self) -> Moment {
        Moment(self.swab.at)
    }
}

/// What is told to whoever holds one secret, and what their code is to say when there may be one.
pub struct Told {
    pub tubes: Vec<Json>,
    pub(super) code: Option<(usize, ToSign)>,
}

pub(super) struct ToSign {
    pub name: String,
    pub number_ending: Option<String>,
    pub loinc: &'static str,
    pub laboratory: String,
    pub sampled: Moment,
    pub reported: Moment,
    pub ends: Moment,
}

pub(super) fn rule() -> CodeRule {
    let pack = packed::result_codes();
    CodeRule {
        from: if pack.from.value == "report" { CountsFrom::Report } else { CountsFrom::Sampling },
        hours: pack.hours.value,
        owed_within_hours: pack.owed_within_hours.value,
        after_outage_hours: pack.after_outage_hours.value,
        longest_extension_hours: pack.longest_extension_hours.value,
    }
}

/// What a sampling site was told of a secret.
pub fn known_by(secret: &str) -> String {
    BASE64URL.encode(Sha256::digest(secret.as_bytes()))
}

/// Nothing found and nothing there yet are the same answer. With `codes`, the newest negative has one, unless its person is held.
pub fn look_up(
    query: &mut dyn Query,
    secret: &str,
    codes: bool,
    outages: &[PublicOutage],
    now: Moment,
) -> Result<Told> {
    let holder = known_by(secret);
    let since = now.plus_seconds(-DAYS * 86_400);
    let mut found = tubes_of(query, &known_holder(&holder), since)?;
    follow_holds(query, &mut found)?;
    found.sort_by_key(|one| (std::cmp::Reverse(one.swab.at), one.seq));
    end_each(&mut found, outages, now);
    let code = match newest_negative(&found, now).filter(|_| codes) {
        Some(at) => to_sign(query, &found[at])?.map(|code| (at, code)),
        None => None,
    };
    Ok(Told { tubes: found.iter().map(told).collect(), code })
}

const TUBE: &str = "t.seq, t.barcode, t.kind, t.people, t.rejected, t.result, t.reported, t.territory";

/// By what the index knows somebody by: what their code is known by, or the mark of a document.
pub(super) fn tubes_of(query: &mut dyn Query, who: &str, since: Moment) -> Result<Vec<Found>> {
    let sql = format!(
        "SELECT {TUBE} FROM {LAYERED_SWABS} CROSS JOIN lab_tube t \
         WHERE s.layer = y.layer AND t.seq = s.tube AND s.who = $1 AND t.sampled >= $2 ORDER BY t.sampled DESC LIMIT $3"
    );
    let mut found: Vec<Found> = Vec::new();
    for row in query.rows(&sql, params![who, since, MOST])? {
        // While layers are merged a swab may stand in two of them.
        let seq = row.int(0)?;
        if found.iter().any(|one| one.seq == seq) {
            continue;
        }
        found.extend(read(&row, |swab| swab.known_by().any(|(known, _)| known == who))?);
    }
    Ok(found)
}

fn read(row: &Row, is_theirs: impl Fn(&Swab) -> bool) -> Result<Option<Found>> {
    let people: Vec<Swab> = row.json(3)?;
    let alone = people.len() == 1;
    let Some(swab) = people.into_iter().find(is_theirs) else { return Ok(None) };
    if row.text(2)? != "people" {
        return Ok(None);
    }
    let reported: Option<Moment> = row.opt_int(6)?.map(Moment);
    let result = row.opt_text(5)?;
    let state = match (row.opt_text(4)?, reported, result.as_deref()) {
        (Some(_), ..) => State::Again { held: false },
        (None, Some(_), Some(result)) => meaning(result, alone),
        _ => State::Waiting,
    };
    let (seq, barcode) = (row.int(0)?, row.text(1)?);
    let territory = row.read(7)?;
    Ok(Some(Found { seq, barcode, territory, swab, reported, state, due: None, alone: None, ends: None }))
}

fn meaning(result: &str, alone: bool) -> State {
    match result.parse::<Call>() {
        Ok(Call::Negative) => State::Negative,
        Ok(Call::Positive) if alone => State::Positive,
        Ok(call) => State::Again { held: call.holds_people() },
        Err(_) => State::Again { held: false },
    }
}

/// Whoever was held is free, or is not, by a tube of their own; it counts as theirs although another number may stand on it.
pub(super) fn follow_holds(query: &mut dyn Query, found: &mut Vec<Found>) -> Result<()> {
    for at in 0..found.len() {
        if !matches!(found[at].state, State::Again { .. }) {
            continue;
        }
        let sql = "SELECT state, due, again, ended FROM lab_hold WHERE barcode = $1 AND position = $2";
        let place = i64::from(found[at].swab.position);
        let Some(row) = query.first(sql, params![&found[at].barcode, place])? else { continue };
        let state = row.text(0)?;
        if row.opt_int(3)?.is_none() {
            found[at].state = State::Again { held: state == "held" };
            found[at].due = row.opt_int(1)?.map(Moment);
        } else if state == "released" {
            found[at].state = State::Cleared;
        } else if state == "confirmed" {
            found[at].state = State::Positive;
        }
        let Some(again) = row.opt_text(2)? else { continue };
        found[at].alone = Some(again.clone());
        if !found.iter().any(|one| one.barcode == again) {
            let sql = format!("SELECT {TUBE} FROM lab_tube t WHERE t.barcode = $1");
            if let Some(row) = query.first(&sql, params![again])? {
                found.extend(read(&row, |_| true)?);
            }
        }
    }
    Ok(())
}

/// Until when each negative holds, and until when each waiting result is owed. Newest first.
fn end_each(found: &mut [Found], outages: &[PublicOutage], now: Moment) {
    let rule = rule();
    let mut next: Option<Moment> = None;
    for one in found.iter_mut() {
        match (one.state, one.reported) {
            (State::Negative, Some(reported)) => {
                let still = standing_still(outages, &one.territory);
                one.ends = Some(code_ends(&rule, one.sampled(), reported, next, &still, now));
                next = None;
            }
            (State::Waiting, _) => {
                one.due = Some(one.sampled().plus_seconds(i64::from(rule.owed_within_hours) * 3600));
                next = Some(one.sampled());
            }
            _ => {}
        }
    }
}

/// A code is for the newest negative that still holds, as long as nobody waits for its person to be sampled again.
fn newest_negative(found: &[Found], now: Moment) -> Option<usize> {
    if found.iter().any(|one| one.state == State::Again { held: true }) {
        return None;
    }
    let at = found.iter().position(|one| matches!(one.state, State::Negative | State::Positive))?;
    let ends = found[at].ends?.ends;
    (ends > now).then_some(at)
}

/// The name is opened for whoever holds the secret of this very swab, and leaves as its ends. Without one there is no code:
/// it would be anybody's.
fn to_sign(query: &mut dyn Query, found: &Found) -> Result<Option<ToSign>> {
    let (Some(reported), Some(end)) = (found.reported, found.ends) else {
        return Ok(None);
    };
    // Of a run here, or of a laboratory that told of it by message.
    let sql = "SELECT t.sealed, r.assay, l.name, p.test FROM lab_tube t LEFT JOIN lab_run r ON r.id = t.run AND t.told IS NULL \
               LEFT JOIN lab_report p ON p.seq = t.told LEFT JOIN lab_laboratory l ON l.id = coalesce(p.lab, r.lab) \
               WHERE t.seq = $1";
    let Some(row) = query.first(sql, params![found.seq])? else { return Ok(None) };
    let loinc = match (row.opt_text(1)?, row.opt_text(3)?) {
        (Some(assay), _) => packed::result_codes().loinc(&assay),
        (None, Some(test)) => packed::message_codes().loinc_of(&test),
        (None, None) => None,
    };
    let Some(loinc) = loinc else { return Ok(None) };
    let envelopes: Vec<Envelope> = row.json(0)?;
    let named: Option<Named> = open(query, std::slice::from_ref(&found.swab), &envelopes)?.pop();
    let Some(named) = named else { return Ok(None) };
    let Some(name) = super::masked::masked_name(&named.name) else { return Ok(None) };
    Ok(Some(ToSign {
        name,
        number_ending: super::masked::number_ending(&named),
        loinc,
        laboratory: row.opt_text(2)?.unwrap_or_default(),
        sampled: found.sampled(),
        reported,
        ends: end.ends,
    }))
}

fn told(found: &Found) -> Json {
    let end = found.ends.as_ref();
    let extended = end.and_then(|end| end.extended).map(|why| match why {
        Extended::LateResult { .. } => "late_result",
        Extended::NextResultOverdue { .. } => "next_result_overdue",
        Extended::Outage { .. } => "outage",
    });
    json!({
        "sampled": found.swab.at, "reported": found.reported, "state": found.state.word(), "due": found.due,
        "ends": end.map(|end| end.ends), "extended": extended, "code": null,
    })
}
