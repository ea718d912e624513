//! Registered visits out of a table, row by row: created, updated, skipped because the sender said the same before, or failed with
//! its reason and what to do.

use super::changes::{Became, RegisterVisits, RegisteredRow, demand_sense, refused_visit};
use super::{Registration, Wall};
use crate::people::Identity;
use crate::refuse::invalid;
use crate::trace::Place;
use crate::trace::fence::places::{Named, named};
use crate::trace::run::{Run, Vehicle};
use crate::trace::wall::day_in;
use base::{Id, Moment, Territory};
use exchange::{Caps, Choice, Source};
use linelist::Cell;
use serde_json::{Value as Json, json};
use std::collections::BTreeMap;
use store::{Actor, Db, Query, Refusal, Result, Sealed, random_bits};

pub(super) struct Sending<'a> {
    pub kind: Registration,
    pub name: &'a str,
    pub dry: bool,
}

/// What the columns may be called.
const COLUMNS: [(&str, &[&str]); 10] = [
    ("place", &["place", "场所", "场所名称", "place_name"]),
    ("from", &["from", "came", "到达时间", "扫码时间", "time"]),
    ("to", &["to", "left", "离开时间"]),
    ("name", &["name", "姓名"]),
    ("telephone", &["telephone", "phone", "电话", "手机号", "联系电话"]),
    ("id_number", &["id_number", "证件号", "证件号码", "身份证号"]),
    ("vehicle", &["vehicle", "交通工具"]),
    ("number", &["number", "车次", "航班", "班次"]),
    ("day", &["day", "date", "日期", "乘车日期"]),
    ("territory", &["territory", "地区", "行政区划"]),
];

/// Rows that are one change: its journal row names them all.
const BLOCK: usize = 250;

/// As it stands in the file.
struct Line {
    row: u64,
    cells: BTreeMap<&'static str, Cell>,
}

impl Line {
    fn text(&self, field: &str) -> String {
        self.cells.get(field).map(|cell| cell.text().trim().to_owned()).unwrap_or_default()
    }

    fn said(&self, field: &str) -> Option<String> {
        Some(self.text(field)).filter(|text| !text.is_empty())
    }
}

type Failed = (&'static str, store::Error);

/// A row that is good, and where it belongs.
struct Good {
    row: u64,
    territory: Territory,
    visit: RegisteredRow,
}

pub(super) fn take(db: &Db, actor: &Actor, now: Moment, sending: &Sending<'_>, bytes: &[u8]) -> Result<Json> {
    let lines = lines_of(sending.name, bytes)?;
    let rows = lines.len();
    let (asking, kind) = (actor.clone(), sending.kind);
    let (good, mut failed) = db.read_now(move |reader| looked(reader, &asking, kind, &lines, now))?;
    let mut account: BTreeMap<&str, usize> =
        [("created", 0), ("updated", 0), ("skipped", 0)].into_iter().collect();
    if sending.dry {
        // Whether a person was registered before is not told to whoever only tries: every good row could be new.
        account.insert("created", good.len());
    } else {
        for block in good.chunks(BLOCK) {
            for (one, became) in block.iter().zip(send(db, actor, now, block)?) {
                match became {
                    Ok(Became::Created) => *account.entry("created").or_default() += 1,
                    Ok(Became::Updated) => *account.entry("updated").or_default() += 1,
                    Ok(Became::Skipped) => *account.entry("skipped").or_default() += 1,
                    Err(refusal) => failed.push(told(one.row, "place", &refusal)),
                }
            }
        }
    }
    failed.sort_by_key(|one| one["row"].as_u64());
    let accounted: usize = account.values().sum::<usize>() + failed.len();
    assert_eq!(accounted, rows, "every row is accounted for");
    Ok(json!({
        "rows": rows, "created": account["created"], "updated": account["updated"], "skipped": account["skipped"],
        "failed": failed.len(), "failures": failed, "dry_run": sending.dry,
    }))
}

type Outcome = std::result::Result<Became, Box<Refusal>>;

/// A block is one change. When something in it is refused after all, its rows go one by one, so that only that one fails.
fn send(db: &Db, actor: &Actor, now: Moment, block: &[Good]) -> Result<Vec<Outcome>> {
    match send_together(db, actor, now, block) {
        Err(store::Error::Refused(refusal)) if block.len() == 1 => Ok(vec![Err(refusal)]),
        Err(store::Error::Refused(_)) => {
            let mut outcomes = Vec::new();
            for one in block.chunks(1) {
                outcomes.extend(send(db, actor, now, one)?);
            }
            Ok(outcomes)
        }
        together => Ok(together?.into_iter().map(Ok).collect()),
    }
}

fn send_together(db: &Db, actor: &Actor, now: Moment, block: &[Good]) -> Result<Vec<Became>> {
    let change = RegisterVisits {
        id: Id::from_bits(random_bits()),
        territory: Territory::narrowest_of(block.iter().map(|one| &one.territory)),
        rows: block.iter().map(|one| one.visit.clone()).collect(),
    };
    db.apply_now(actor, now, change)
}

fn told(row: u64, field: &str, refusal: &Refusal) -> Json {
    let field = refusal.field.as_deref().unwrap_or(field);
    json!({ "row": row, "field": field, "code": refusal.code, "en": refusal.en, "zh": refusal.zh })
}

fn lines_of(name: &str, bytes: &[u8]) -> Result<Vec<Line>> {
    let unreadable =
        |fault: exchange::FileError| invalid("trace.file", "file", fault.to_string(), fault.zh());
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
    let has = |field: &str| places.iter().any(|(known, _)| *known == field);
    if !has("from")
        || !(has("place") || has("number"))
        || !(has("name") || has("telephone") || has("id_number"))
    {
        return Err(invalid(
            "trace.column",
            "file",
            "the table has no columns for who, where and when; name its columns name, telephone or id_number, place (or vehicle, number, day), from and, if known, to",
            "表中缺少人员、场所或时间列；请将列命名为 name、telephone 或 id_number，place（或 vehicle、number、day），from，如有再加 to",
        ));
    }
    let mut lines = Vec::new();
    for row in file.rows() {
        let row = row.map_err(unreadable)?;
        if row.cells.iter().all(Cell::is_blank) {
            continue;
        }
        let cells = places
            .iter()
            .filter_map(|(field, at)| row.cells.get(*at).map(|cell| (*field, cell.clone())))
            .collect();
        lines.push(Line { row: row.number, cells });
    }
    Ok(lines)
}

fn looked(
    query: &mut dyn Query,
    actor: &Actor,
    kind: Registration,
    lines: &[Line],
    now: Moment,
) -> Result<(Vec<Good>, Vec<Json>)> {
    let places = named(query, &actor.scope)?;
    let (mut good, mut failed) = (Vec::new(), Vec::new());
    for line in lines {
        match look(actor, kind, &places, line, now) {
            Ok(one) => good.push(one),
            Err((field, store::Error::Refused(refusal))) => failed.push(told(line.row, field, &refusal)),
            Err((_, fault)) => return Err(fault),
        }
    }
    Ok((good, failed))
}

fn look(
    actor: &Actor,
    kind: Registration,
    places: &Named,
    line: &Line,
    now: Moment,
) -> std::result::Result<Good, Failed> {
    let identity = Identity {
        name: line.said("name"),
        id_number: line.said("id_number"),
        phone: line.said("telephone"),
        address: None,
    };
    if identity.is_empty() {
        let en = "nobody is named; give a name, a telephone or an identity number, or leave the row out";
        return Err((
            "name",
            invalid("trace.nobody", "name", en, "未写明人员；请填写姓名、电话或证件号码，或删去该行"),
        ));
    }
    let from = when(line, "from")?.ok_or_else(|| ("from", no_time("from")))?;
    let to = when(line, "to")?;
    demand_sense(from, to, Wall::at(now)).map_err(|fault| ("to", fault))?;
    let mut visit = RegisteredRow {
        visit: Id::from_bits(random_bits()),
        subject: Id::from_bits(random_bits()),
        identity: Some(Sealed::Open(identity)),
        kind,
        place: None,
        ride: None,
        territory: None,
        from,
        to,
    };
    let territory = match line.said("place") {
        Some(name) => {
            let (place, territory) = place_of(places, &name).map_err(|fault| ("place", fault))?;
            visit.place = Some(place);
            territory
        }
        None => {
            let (ride, territory) = ride_of(actor, line, from)?;
            visit.ride = Some(ride);
            visit.territory = Some(territory.clone());
            territory
        }
    };
    Ok(Good { row: line.row, territory, visit })
}

fn when(line: &Line, field: &'static str) -> std::result::Result<Option<Wall>, Failed> {
    match line.cells.get(field).filter(|cell| !cell.is_blank()) {
        None => Ok(None),
        Some(cell) => Wall::in_cell(cell).map(Some).ok_or_else(|| (field, no_time(field))),
    }
}

fn no_time(field: &str) -> store::Error {
    let en = "this is no day with a time; write it as 2022-02-20 18:30";
    invalid("trace.time", field, en, "时间无法识别；请写作 2022-02-20 18:30")
}

fn place_of(places: &Named, name: &str) -> Result<(Id<Place>, Territory)> {
    match places.get(name).map(Vec::as_slice) {
        Some([place]) => Ok(place.clone()),
        Some(_) => Err(invalid(
            "trace.two_places",
            "place",
            "two places bear this name; write the place's id instead",
            "有两个场所同名；请改写场所编号",
        )),
        None => Err(invalid(
            "trace.no_place",
            "place",
            "no place of this name is registered here; register it first, or correct the name",
            "此处没有该名称的场所；请先登记场所或更正名称",
        )),
    }
}

fn ride_of(actor: &Actor, line: &Line, from: Wall) -> std::result::Result<(Run, Territory), Failed> {
    let vehicle = line.text("vehicle");
    let kind: Vehicle = vehicle.parse().map_err(|fault: cases::UnknownWord| {
        let zh = "请写明交通工具：train、flight、coach、taxi、ship 或 other";
        ("vehicle", invalid("trace.vehicle", "vehicle", fault.to_string(), zh))
    })?;
    let day = match line.cells.get("day").filter(|cell| !cell.is_blank()) {
        None => from.day(),
        Some(cell) => day_in(cell).ok_or_else(|| {
            let en = "this is no date that means one day; write it as 2022-02-20";
            ("day", invalid("filter.day", "day", en, "日期无法识别或不唯一；请写作 2022-02-20"))
        })?,
    };
    let ride = Run { kind, number: line.text("number"), day };
    if ride.plain().number.is_empty() {
        return Err(("number", refused_visit("number")));
    }
    let territory = match line.said("territory") {
        None => actor.scope.territory.clone(),
        Some(path) => path.parse().map_err(|fault: base::TerritoryError| {
            ("territory", invalid("filter.territory", "territory", fault.to_string(), "地区代码无效"))
        })?,
    };
    if !actor.scope.reaches(&territory) {
        let refusal = actor.scope.demand_territory(&territory).expect_err("it is not reached");
        return Err(("territory", refusal.into()));
    }
    Ok((ride, territory))
}
