//! Registered visits out of a table, row by row.

use super::changes::{RegisterVisits, RegisteredRow, demand_sense, refused_visit};
use super::{Registration, Wall};
use crate::people::Identity;
use crate::refuse::invalid;
use crate::sent_table::{Account, Column, Failed, Line, lines_of};
use crate::trace::Place;
use crate::trace::fence::places::{Named, named};
use crate::trace::run::{Run, Vehicle};
use base::{Id, Moment, Territory};
use serde_json::Value as Json;
use store::{Actor, Db, Query, Result, Sealed, random_bits};

pub(super) struct Sending<'a> {
    pub kind: Registration,
    pub name: &'a str,
    pub dry: bool,
}

/// What the columns may be called.
const COLUMNS: [Column; 10] = [
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

/// A visit that is good, and where it belongs.
type Good = (Territory, RegisteredRow);

pub(super) fn take(db: &Db, actor: &Actor, now: Moment, sending: &Sending<'_>, bytes: &[u8]) -> Result<Json> {
    let lines = lines_of(sending.name, bytes, &COLUMNS, demand_columns)?;
    let rows = lines.len();
    let (asking, kind) = (actor.clone(), sending.kind);
    let (good, mut account) = db.read_now(move |reader| looked(reader, &asking, kind, &lines, now))?;
    if sending.dry {
        account.would_create(good.len());
    } else {
        account.send(&good, "place", &mut |block| {
            let change = RegisterVisits {
                id: Id::from_bits(random_bits()),
                territory: Territory::narrowest_of(block.iter().map(|(_, (territory, _))| territory)),
                rows: block.iter().map(|(_, (_, visit))| visit.clone()).collect(),
            };
            db.apply_now(actor, now, change)
        })?;
    }
    Ok(account.told(rows, sending.dry))
}

fn demand_columns(has: &dyn Fn(&str) -> bool) -> Result<()> {
    let (who, place) = (has("name") || has("telephone") || has("id_number"), has("place") || has("number"));
    if who && place && has("from") {
        return Ok(());
    }
    Err(invalid(
        "trace.column",
        "file",
        "the table has no columns for who, where and when; name its columns name, telephone or id_number, place (or vehicle, number, day), from and, if known, to",
        "表中缺少人员、场所或时间列；请将列命名为 name、telephone 或 id_number，place（或 vehicle、number、day），from，如有再加 to",
    ))
}

fn looked(
    query: &mut dyn Query,
    actor: &Actor,
    kind: Registration,
    lines: &[Line],
    now: Moment,
) -> Result<(Vec<(u64, Good)>, Account)> {
    let places = named(query, &actor.scope)?;
    let (mut good, mut account) = (Vec::new(), Account::default());
    for line in lines {
        match look(actor, kind, &places, line, now) {
            Ok(one) => good.push((line.row, one)),
            Err(failed) => account.failed(line.row, failed)?,
        }
    }
    Ok((good, account))
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
    Ok((territory, visit))
}

fn when(line: &Line, field: &'static str) -> std::result::Result<Option<Wall>, Failed> {
    match line.cell(field) {
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
    let vehicle = line.said("vehicle").unwrap_or_default();
    let kind: Vehicle = vehicle.parse().map_err(|fault: cases::UnknownWord| {
        let zh = "请写明交通工具：train、flight、coach、taxi、ship 或 other";
        ("vehicle", invalid("trace.vehicle", "vehicle", fault.to_string(), zh))
    })?;
    let day = line.day("day")?.unwrap_or_else(|| from.day());
    let ride = Run { kind, number: line.said("number").unwrap_or_default(), day };
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
