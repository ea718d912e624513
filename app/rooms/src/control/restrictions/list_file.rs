//! A list of restrictions out of a table. Each row names one person by handle and one row of evidence, and is judged like a proposal
//! typed by hand. Names are not read: not from any column. What is refused is told by row, and nothing of it is kept.

use super::changes::{OfferRestrictions, ProposeRestriction};
use super::{Offer, Restriction};
use crate::refuse::invalid;
use crate::regions::UTC_OFFSET_MINUTES;
use base::{Day, Id, Moment, Territory};
use exchange::{Caps, Choice, Source};
use linelist::Cell;
use packs::{RestrictionKind, RestrictionReason};
use serde_json::{Value as Json, json};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use store::{Actor, Db, Error, Permission, Refusal, Result, Sent};

/// What the columns may be called. There is none for a name, a number or a telephone.
const COLUMNS: [(&str, &[&str]); 7] = [
    ("subject", &["subject", "person", "人员编号"]),
    ("reason", &["reason", "事由"]),
    ("evidence", &["evidence", "依据", "依据编号"]),
    ("kind", &["kind", "restriction", "措施"]),
    ("article", &["article", "条文"]),
    ("begins", &["begins", "from", "开始"]),
    ("ends", &["ends", "until", "结束"]),
];

/// A county's contacts of a bad day. Longer lists come in parts, each with its evidence.
const MOST_ROWS: usize = 5_000;

pub(super) fn take(
    db: &Db,
    actor: &Actor,
    now: Moment,
    (offer, name): (Id<Offer>, &str),
    bytes: &[u8],
) -> Result<Json> {
    actor.scope.demand(Permission::RestrictPropose)?;
    let lines = lines_of(name, bytes)?;
    let (mut taken, mut failures) = (Vec::new(), Vec::new());
    let mut refused: BTreeMap<String, usize> = BTreeMap::new();
    for (place, line) in lines.iter().enumerate() {
        let outcome = line.proposal(offer, now).and_then(|change| {
            let restriction = change.restriction;
            db.apply_now(actor, now, change).map(|()| restriction)
        });
        match outcome {
            Ok(restriction) => taken.push(json!({ "row": line.row, "restriction": restriction })),
            Err(Error::Refused(refusal)) => {
                *refused.entry(refusal.code.clone()).or_default() += 1;
                failures.push(told(line.row, &refusal));
            }
            // What was taken before stays, and the same list sent again goes on from here.
            Err(fault) => return Err(fault),
        }
        debug_assert_eq!(taken.len() + failures.len(), place + 1);
    }
    assert_eq!(taken.len() + failures.len(), lines.len(), "every row is accounted for");
    let told = json!({ "rows": lines.len(), "taken": taken, "failures": failures });
    let change = OfferRestrictions {
        id: Id::from_bits(bits(offer, "offer", 0)),
        offer,
        territory: home(actor),
        rows: lines.len(),
        taken: taken.len(),
        refused,
    };
    db.apply_now(actor, now, change)?;
    Ok(told)
}

/// Where the attempt is on record: wherever whoever offered it works.
fn home(actor: &Actor) -> Territory {
    actor.scope.territory.clone()
}

fn told(row: u64, refusal: &Refusal) -> Json {
    json!({ "row": row, "field": refusal.field, "code": refusal.code, "en": refusal.en, "zh": refusal.zh })
}

struct Line {
    row: u64,
    cells: BTreeMap<&'static str, String>,
}

impl Line {
    fn said(&self, field: &str) -> Option<&str> {
        self.cells.get(field).map(|text| text.trim()).filter(|text| !text.is_empty())
    }

    fn proposal(&self, offer: Id<Offer>, now: Moment) -> Result<ProposeRestriction> {
        let row = self.row;
        let Some(subject) = self.said("subject").and_then(|text| text.parse().ok()) else {
            return Err(invalid(
                "restrict.row_person",
                "subject",
                format!(
                    "row {row} names nobody by handle; a name or a number restricts nobody: write the person's handle (subject_…) as it stands in their own record, and that record as evidence"
                ),
                format!(
                    "第 {row} 行没有人员编号；姓名或证件号不能作为限制对象：请填写其本人记录中的人员编号（subject_…），并以该记录为依据"
                ),
            ));
        };
        let Some(evidence) = self.said("evidence") else {
            return Err(invalid(
                "restrict.row_evidence",
                "evidence",
                format!(
                    "row {row} names no evidence; write the id of the case, contact, visit, zone or follow-up that says so of this person, or leave the row out"
                ),
                format!(
                    "第 {row} 行没有依据；请填写能证明此人情况的病例、接触者、行程、区域或随访编号，否则删除该行"
                ),
            ));
        };
        let reasons: Vec<&str> = RestrictionReason::ALL.iter().map(|one| one.word()).collect();
        let kinds: Vec<&str> = RestrictionKind::ALL.iter().map(|one| one.word()).collect();
        let reason: RestrictionReason = self.word("reason", &reasons)?;
        let kind: RestrictionKind = self.word("kind", &kinds)?;
        let article = self.said("article").ok_or_else(|| self.missing("article"))?;
        let ends = self.said("ends").ok_or_else(|| self.missing("ends"))?;
        let ends = moment(ends, true).ok_or_else(|| self.unreadable("ends"))?;
        let day = |at: Moment| at.day_at_offset(UTC_OFFSET_MINUTES);
        let begins = match self.said("begins") {
            Some(text) => moment(text, false).ok_or_else(|| self.unreadable("begins"))?,
            None => now,
        };
        Ok(ProposeRestriction {
            id: Id::<Sent>::from_bits(bits(offer, "change", row)),
            restriction: Id::<Restriction>::from_bits(bits(offer, "restriction", row)),
            subject,
            kind,
            reason,
            evidence: evidence.to_owned(),
            article: article.to_owned(),
            // Today, in a column of days, is now.
            begins: if begins < now && day(begins) == day(now) { now } else { begins },
            ends,
            offer: Some(offer),
            holder: None,
        })
    }

    /// What stands there is not told again: it may be a name.
    fn word<W: std::str::FromStr>(&self, field: &'static str, known: &[&str]) -> Result<W> {
        let text = self.said(field).ok_or_else(|| self.missing(field))?;
        text.parse().map_err(|_| {
            invalid(
                "restrict.row_word",
                field,
                format!(
                    "row {}: `{field}` is no word of the list; choose one of: {}",
                    self.row,
                    known.join(", ")
                ),
                format!("第 {} 行“{field}”不在词表内；可选：{}", self.row, known.join("、")),
            )
        })
    }

    fn missing(&self, field: &str) -> Error {
        invalid(
            "restrict.row_missing",
            field,
            format!("row {}: `{field}` is empty; fill it in", self.row),
            format!("第 {} 行“{field}”为空；请填写", self.row),
        )
    }

    fn unreadable(&self, field: &str) -> Error {
        invalid(
            "restrict.row_time",
            field,
            format!("row {}: `{field}` is no time; write 2022-02-28 or 2022-02-28T16:00:00Z", self.row),
            format!("第 {} 行“{field}”不是时间；请写作 2022-02-28 或 2022-02-28T16:00:00Z", self.row),
        )
    }
}

/// An instant; or a day, from its beginning or to its end.
fn moment(text: &str, to_its_end: bool) -> Option<Moment> {
    if let Ok(moment) = text.parse() {
        return Some(moment);
    }
    let day: Day = text.parse().ok()?;
    Some(Moment::start_of(day + i32::from(to_its_end), UTC_OFFSET_MINUTES))
}

/// The same row of the same list is the same proposal, however often it is sent.
fn bits(offer: Id<Offer>, what: &str, row: u64) -> u128 {
    let digest = Sha256::digest(format!("{offer}|{what}|{row}"));
    u128::from_le_bytes(digest[..16].try_into().expect("sixteen bytes"))
}

fn lines_of(name: &str, bytes: &[u8]) -> Result<Vec<Line>> {
    let unreadable =
        |fault: exchange::FileError| invalid("restrict.file", "file", fault.to_string(), fault.zh());
    let file = exchange::open(Source { name, bytes: bytes.into() }, &Choice::default(), &Caps::default())
        .map_err(unreadable)?;
    let places: Vec<(&'static str, usize)> = COLUMNS
        .iter()
        .filter_map(|(field, names)| {
            let at =
                file.columns.iter().position(|column| names.contains(&column.trim().to_lowercase().as_str()));
            at.map(|at| (*field, at))
        })
        .collect();
    let mut lines = Vec::new();
    for row in file.rows() {
        let row = row.map_err(unreadable)?;
        if row.cells.iter().all(Cell::is_blank) {
            continue;
        }
        if lines.len() == MOST_ROWS {
            return Err(invalid(
                "restrict.rows",
                "file",
                format!("the list has more than {MOST_ROWS} rows; send it in parts"),
                format!("名单超过 {MOST_ROWS} 行；请分批提交"),
            ));
        }
        let cells = places
            .iter()
            .filter_map(|(field, at)| row.cells.get(*at).map(|cell| (*field, cell.text().into_owned())))
            .collect();
        lines.push(Line { row: row.number, cells });
    }
    Ok(lines)
}
