//! Whoever is found positive alone becomes a case without anybody typing it: a task looks for them and reports each once.

use crate::access::reporter_of_positives;
use crate::cases::changes::ReportCase;
use crate::lab::changes::ReportFound;
use crate::lab::people::{Document, Envelope, Named, Swab, open};
use crate::people::Identity;
use crate::{App, House, packed};
use base::{Day, Id, Moment, StatedDay, Territory};
use cases::{Classification, DateKind, Dates, Found};
use sha2::{Digest, Sha256};
use std::time::Duration;
use store::{Query, Result, Sealed, Vault, params};

const LOOK: Duration = Duration::from_secs(2);
const PATIENCE: Duration = Duration::from_secs(30);

/// People looked at in one turn.
const TURN: i64 = 100;

/// For as long as the program runs.
pub async fn keep_reporting(house: App) {
    loop {
        let own = house.clone();
        let reported = tokio::task::spawn_blocking(move || report_found_now(&own)).await;
        let mut pause = LOOK;
        if let Ok(Err(fault)) = reported {
            eprintln!(
                "quell: somebody found positive is no case yet, and is reported again in half a minute: {fault}"
            );
            pause = PATIENCE;
        }
        tokio::time::sleep(pause).await;
    }
}

/// Everybody who was found and is no case yet. Returns how many became one.
pub fn report_found_now(house: &House) -> Result<usize> {
    let offset = house.places.utc_offset_minutes();
    let (mut reported, mut failed, mut last) = (0, None, (String::new(), -1));
    loop {
        let after = last.clone();
        let found = house.db.read_now(move |reader| positives(reader, &after))?;
        let Some(next) = found.last().map(|one| (one.tube.clone(), one.position)) else { break };
        last = next;
        for one in found {
            let today = house.now();
            let report =
                house.db.read_now(move |reader| report_of(reader, &one, today, offset)).and_then(|report| {
                    report.map_or(Ok(false), |report| {
                        house.db.apply_now(&reporter_of_positives(), house.now(), report)
                    })
                });
            // One that cannot be reported keeps nobody else from it.
            match report {
                Ok(is_new) => reported += usize::from(is_new),
                Err(fault) => failed = Some(fault),
            }
        }
    }
    failed.map_or(Ok(reported), Err)
}

/// Somebody behind a signal of whom it is known.
#[derive(Debug, Clone)]
struct Positive {
    tube: String,
    position: i64,
    territory: Territory,
    /// The tube in which they were alone, when they were sampled again.
    again: Option<String>,
}

fn positives(query: &mut dyn Query, after: &(String, i64)) -> Result<Vec<Positive>> {
    let sql = "SELECT barcode, position, territory, again FROM lab_hold WHERE state = 'confirmed' AND subject IS NULL \
               AND (barcode, position) > ($1, $2) ORDER BY barcode, position LIMIT $3";
    let rows = query.rows(sql, params![&after.0, after.1, TURN])?;
    rows.iter()
        .map(|row| {
            Ok(Positive {
                tube: row.text(0)?,
                position: row.int(1)?,
                territory: row.read(2)?,
                again: row.opt_text(3)?,
            })
        })
        .collect()
}

/// What is known of them, from the tube in which they were alone.
fn report_of(
    query: &mut dyn Query,
    one: &Positive,
    now: Moment,
    offset_minutes: i32,
) -> Result<Option<ReportFound>> {
    let sql = "SELECT t.people, t.sealed, t.sampled, t.reported, c.disease FROM lab_tube t \
               LEFT JOIN lab_round r ON r.id = t.round LEFT JOIN lab_campaign c ON c.id = r.campaign WHERE t.barcode = $1";
    let alone = one.again.as_deref().unwrap_or(&one.tube);
    let Some(row) = query.first(sql, params![alone])? else { return Ok(None) };
    let named = open(query, &row.json::<Vec<Swab>>(0)?, &row.json::<Vec<Envelope>>(1)?)?;
    let mut person = match &one.again {
        Some(_) => named.into_iter().next(),
        None => named.into_iter().find(|named| i64::from(named.position) == one.position),
    };
    // Whoever gave no name the second time gave one the first.
    if let (None, Some(_)) = (&person, &one.again) {
        let pool =
            query.first("SELECT people, sealed FROM lab_tube WHERE barcode = $1", params![&one.tube])?;
        if let Some(pool) = pool {
            let named = open(query, &pool.json::<Vec<Swab>>(0)?, &pool.json::<Vec<Envelope>>(1)?)?;
            person = named.into_iter().find(|named| i64::from(named.position) == one.position);
        }
    }
    let disease = row.opt_text(4)?;
    let day = |at: Moment| at.day_at_offset(offset_minutes);
    let result = row.opt_int(3)?.map(|at| day(Moment(at)));
    let mut dates = Dates::default();
    let mut state = |kind, on: Day| drop(dates.0.insert(kind, StatedDay::exact(on, "laboratory")));
    state(DateKind::Specimen, day(Moment(row.int(2)?)));
    state(DateKind::Report, day(now));
    if let Some(result) = result {
        state(DateKind::Result, result);
    }
    let born = person.as_ref().and_then(|person| person.born.parse::<Day>().ok());
    let id = |what: &str| bits_of(query.vault(), what, one);
    let (change, case, subject) = (id("change"), id("case"), id("subject"));
    Ok(Some(ReportFound {
        id: Id::from_bits(change),
        tube: one.tube.clone(),
        position: u8::try_from(one.position).unwrap_or(u8::MAX),
        report: ReportCase {
            id: Id::from_bits(change),
            case: Id::from_bits(case),
            subject: Id::from_bits(subject),
            event: None,
            case_no: None,
            classification: of_a_screening(disease.as_deref()),
            disease,
            territory: one.territory.clone(),
            identity: person.map(|person| Sealed::Open(identity_of(person))),
            sex: None,
            age: born.and_then(|born| age_on(born, result.unwrap_or_else(|| day(now)))),
            occupation: None,
            found: Some(if one.again.is_some() { Found::UnderCare } else { Found::Community }),
            outcome: None,
            dates,
        },
    }))
}

/// The same for two copies of the program, and nothing that tells the tube to whoever has no key.
fn bits_of(vault: &Vault, what: &str, one: &Positive) -> u128 {
    let mark = vault.mark("found positive", &format!("{what}|{}|{}", one.tube, one.position));
    let digest = Sha256::digest(mark);
    u128::from_be_bytes(digest[..16].try_into().expect("sixteen of thirty-two bytes"))
}

/// A guardian's number is the guardian's.
fn identity_of(person: Named) -> Identity {
    let given = |text: String| Some(text).filter(|text| !text.is_empty());
    let own = person.document != Some(Document::Guardian);
    Identity {
        name: given(person.name),
        id_number: given(person.number).filter(|_| own),
        phone: given(person.phone),
        address: None,
    }
}

fn age_on(born: Day, day: Day) -> Option<f64> {
    // A year of the Gregorian calendar.
    const YEAR_DAYS: f64 = 365.2425;
    let days = day.number() - born.number();
    (days >= 0).then(|| (f64::from(days) / YEAR_DAYS).floor()).filter(|age| *age <= 120.0)
}

/// A positive of a screening is probable where the disease's ladder has that step, and suspected where it has not: a physician
/// confirms, not this program.
fn of_a_screening(disease: Option<&str>) -> Classification {
    let ladder = packed::ladder(disease);
    let mut first = ladder.next(Classification::Suspected);
    if first.any(|step| step == Classification::Probable) {
        Classification::Probable
    } else {
        Classification::Suspected
    }
}
