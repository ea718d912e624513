//! The door for laboratories' messages: read and sealed here, on a thread that nobody waits for; written in few changes.

use super::answer::{self, Spoken};
use super::changes::{TakeMessages, Verdict, stored};
use super::outside::{self, Person};
use super::own::is_own;
use super::told::{Clocks, ToldMessage, cut, kept, name_of};
use crate::App;
use crate::lab::Laboratory;
use crate::lab::reach::laboratory_within;
use crate::refuse::invalid;
use base::Id;
use exchange::lab_report::ReportCaps;
use exchange::{Complaint, Place, Received, ReportFault};
use futures_util::future::join_all;
use linelist::Severity;
use serde_json::Value as Json;
use std::collections::BTreeMap;
use std::io::Read;
use store::{Actor, Error, Permission, Query, Result, params, random_bits};

/// Most messages of one request, and what it may unpack to.
pub(super) const MOST: usize = 4_000;
pub(super) const LARGEST: u64 = 8_000_000;
/// So many go into one change.
const TOGETHER: usize = 250;
/// A number longer than this is no number (HL7 version 2 has 20 places for it, later ones 199).
const LONGEST_CONTROL: usize = 199;
/// Complaints of one message that are kept for those who look later.
const KEPT: usize = 20;

/// What is sent back, in the sender's language or as a list.
pub(super) struct Answered {
    pub spoken: Spoken,
    pub all: Vec<Received>,
    pub verdicts: Vec<Verdict>,
}

impl Answered {
    pub(super) fn as_list(&self) -> Json {
        answer::listed(&self.all, &self.verdicts)
    }
}

pub(super) fn unpacked(body: &[u8], packed: bool) -> Result<Vec<u8>> {
    let mut plain = Vec::new();
    let read = if packed {
        flate2::read::GzDecoder::new(body).take(LARGEST + 1).read_to_end(&mut plain)
    } else {
        body.take(LARGEST + 1).read_to_end(&mut plain)
    };
    if read.is_err() || plain.len() as u64 > LARGEST {
        return Err(too_much());
    }
    Ok(plain)
}

fn too_much() -> Error {
    invalid(
        "lab.messages_unreadable",
        "body",
        format!("send HL7 version 2 or FHIR, at most {MOST} messages and 8 MB at once, plain or as gzip"),
        format!("请发送 HL7 2.x 或 FHIR 消息，每次最多 {MOST} 条、8 MB，可用 gzip 压缩"),
    )
}

/// One message as it was read, and as it goes into the journal.
struct Item {
    received: Received,
    told: ToldMessage,
}

pub(super) async fn take(
    house: &App,
    actor: &Actor,
    laboratory: Id<Laboratory>,
    body: axum::body::Bytes,
    packed: bool,
) -> Result<Answered> {
    actor.scope.demand(Permission::LabWork)?;
    let scope = actor.scope.clone();
    house.db.find(move |reader| laboratory_within(reader, &scope, laboratory)).await?;
    let (own, lab) = (house.clone(), laboratory.to_string());
    let (spoken, items) = aside(move || read(&own, &lab, &unpacked(&body, packed)?)).await?;
    let asked: Vec<(String, Vec<Vec<String>>)> = items
        .iter()
        .map(|item| {
            (item.told.id.clone(), item.told.reports.iter().map(|one| one.specimens.clone()).collect())
        })
        .collect();
    let known = house.db.read(move |reader| look_up(reader, &asked)).await?;
    let own = house.clone();
    let (items, changes, verdicts) = aside(move || sealed(&own, laboratory, items, known)).await?;
    let verdicts = write(house, actor, changes, verdicts).await?;
    let all =
        items.iter().zip(&verdicts).map(|(one, verdict)| answer::judged(one, verdict, spoken)).collect();
    Ok(Answered { spoken, all, verdicts })
}

async fn aside<T: Send + 'static>(work: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
    tokio::task::spawn_blocking(work).await.map_err(|_| Error::Closed)?
}

pub(super) fn offset(house: &App) -> i16 {
    i16::try_from(house.places.utc_offset_minutes()).unwrap_or_default()
}

fn read(house: &App, laboratory: &str, body: &[u8]) -> Result<(Spoken, Vec<Item>)> {
    let first: Vec<u8> = body.iter().copied().skip_while(u8::is_ascii_whitespace).take(16).collect();
    let spoken = Spoken::of(&String::from_utf8_lossy(&first));
    let all = spoken.read(body, &ReportCaps::default(), MOST + 1);
    if all.is_empty() || all.len() > MOST {
        return Err(too_much());
    }
    let clocks = Clocks(offset(house));
    let items = all.into_iter().map(|received| item(house, laboratory, spoken, &clocks, received)).collect();
    Ok((spoken, items))
}

fn item(house: &App, laboratory: &str, spoken: Spoken, clocks: &Clocks, mut received: Received) -> Item {
    let vault = house.db.vault();
    let error = |what: &str| {
        let fault = ReportFault::Missing { what: what.to_owned() };
        Complaint { place: Place::Whole, severity: Severity::Error, fault }
    };
    if received.head.as_ref().is_some_and(|head| head.id.chars().count() > LONGEST_CONTROL) {
        received.complaints.insert(0, error("a number of at most 199 characters (MSH-10)"));
        received.refused += received.reports.len();
        received.reports.clear();
    }
    let mut reports = Vec::with_capacity(received.reports.len());
    let mut nobodys = 0;
    received.reports.retain(|report| {
        let told = clocks.told(report, laboratory, vault);
        let is_somebodys = told.person || !told.specimens.is_empty();
        if is_somebodys {
            reports.push(told);
        } else {
            nobodys += 1;
        }
        is_somebodys
    });
    if nobodys > 0 {
        received.complaints.insert(0, error("the tube's barcode (SPM-2) or the patient (PID)"));
        received.refused += nobodys;
    }
    let contents: Vec<&str> = reports.iter().map(|one| one.content.as_str()).collect();
    let head = received.head.as_ref();
    let mode = head.map_or("P", |head| head.mode.letter());
    let content = format!("{mode}|{}|{}", received.refused, contents.join("|"));
    let id = match head {
        Some(head) => serde_json::json!([laboratory, head.sender, head.id]).to_string(),
        // Without a number only what is wrong with it tells it from others.
        None => serde_json::json!([laboratory, received.complaints]).to_string(),
    };
    let told = ToldMessage {
        id: vault.mark("lab message", &id),
        content: vault.mark("lab message content", &content),
        sender: head.map(|head| name_of(&head.sender)).unwrap_or_default(),
        control: head.map(|head| cut(&head.id, LONGEST_CONTROL)).unwrap_or_default(),
        mode: mode.to_owned(),
        format: spoken.word().to_owned(),
        own: head.is_some_and(|head| is_own(&head.sender, vault)),
        refused: received.refused,
        reports,
        complaints: received.complaints.iter().take(KEPT).map(kept).collect(),
    };
    Item { received, told }
}

/// What is known of each message: whether it came before, and which of its reports are about a tube.
struct Known {
    before: Option<(String, Verdict)>,
    is_tubes: Vec<bool>,
}

fn look_up(query: &mut dyn Query, asked: &[(String, Vec<Vec<String>>)]) -> Result<Vec<Known>> {
    let mut known = Vec::with_capacity(asked.len());
    for (id, reports) in asked {
        let before = stored(query, id)?;
        let mut is_tubes = Vec::with_capacity(reports.len());
        for specimens in reports {
            let mut found = false;
            for specimen in specimens {
                let sql = "SELECT seq FROM lab_tube WHERE barcode = $1";
                found = found || (before.is_none() && query.first(sql, params![specimen])?.is_some());
            }
            is_tubes.push(found);
        }
        known.push(Known { before, is_tubes });
    }
    Ok(known)
}

type Pending = Vec<Option<Verdict>>;

/// One change, and the places of its messages among all that came.
type Placed = (Vec<usize>, TakeMessages);

/// Whom a report is about is sealed unless it is about a tube. What came before is answered and not written.
fn sealed(
    house: &App,
    laboratory: Id<Laboratory>,
    items: Vec<Item>,
    known: Vec<Known>,
) -> Result<(Vec<Received>, Vec<Placed>, Pending)> {
    let (vault, day) = (house.db.vault(), house.now().day_at_offset(house.places.utc_offset_minutes()));
    let mut changes: Vec<Placed> = Vec::new();
    let (mut all, mut verdicts) = (Vec::with_capacity(items.len()), Vec::with_capacity(items.len()));
    for (at, (Item { received, mut told }, known)) in items.into_iter().zip(known).enumerate() {
        let before = known.before.filter(|(content, _)| *content == told.content);
        verdicts.push(before.map(|(_, verdict)| verdict));
        if verdicts[at].is_none() {
            let mut keys = BTreeMap::new();
            let is_real = told.mode == "P" && !told.own;
            if !is_real {
                // Of a test nothing is kept but that it came.
                told.reports.iter_mut().for_each(|report| {
                    report.results.clear();
                    report.answers.clear();
                });
            }
            for (number, report) in told.reports.iter_mut().enumerate() {
                if !is_real || !report.person || known.is_tubes.get(number) == Some(&true) {
                    continue;
                }
                let owner = format!("outside_{:032x}", random_bits());
                let (envelope, wrapped) =
                    outside::seal(vault, &owner, &Person::of(&received.reports[number]))?;
                report.envelope = Some(envelope);
                keys.insert(owner, wrapped);
            }
            match changes.last_mut().filter(|(places, _)| places.len() < TOGETHER) {
                Some((places, change)) => {
                    places.push(at);
                    change.messages.push(told);
                    change.keys.extend(keys);
                }
                None => {
                    let id = Id::from_bits(random_bits());
                    let change = TakeMessages { id, laboratory, day, messages: vec![told], keys };
                    changes.push((vec![at], change));
                }
            }
        }
        all.push(received);
    }
    Ok((all, changes, verdicts))
}

async fn write(
    house: &App,
    actor: &Actor,
    changes: Vec<Placed>,
    mut verdicts: Pending,
) -> Result<Vec<Verdict>> {
    let now = house.now();
    let sent = changes
        .into_iter()
        .map(async |(places, change)| house.db.apply(actor, now, change).await.map(|told| (places, told)));
    for answered in join_all(sent).await {
        let (places, told) = answered?;
        for (place, verdict) in places.into_iter().zip(told) {
            verdicts[place] = Some(verdict.0);
        }
    }
    Ok(verdicts.into_iter().flatten().collect())
}
