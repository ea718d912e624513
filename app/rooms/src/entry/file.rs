//! A roster out of a table, row by row: created, updated, skipped because nothing is new, or failed with its reason and what to do.

use super::Worker;
use super::changes::{Became, EnrolWorkers, RosterRow, demand_group};
use crate::packed;
use crate::people::Identity;
use crate::refuse::invalid;
use crate::regions::Atlas;
use crate::trace::day_in_cell;
use base::Moment;
use base::{Day, Id, Territory};
use exchange::{Caps, Choice, Source};
use linelist::Cell;
use serde_json::{Value as Json, json};
use std::collections::BTreeMap;
use store::{Actor, Db, Refusal, Result, Sealed, random_bits};

pub(super) struct Sending<'a> {
    pub name: &'a str,
    pub dry: bool,
    pub today: Day,
}

/// What the columns may be called.
const COLUMNS: [(&str, &[&str]); 9] = [
    ("name", &["name", "姓名"]),
    ("id_number", &["id_number", "证件号", "证件号码", "身份证号"]),
    ("telephone", &["telephone", "phone", "电话", "手机号", "联系电话"]),
    ("workplace", &["workplace", "单位", "工作单位", "从业单位"]),
    ("group", &["group", "occupation", "类别", "人员类别", "岗位"]),
    ("loop", &["loop", "in_loop", "闭环", "是否闭环"]),
    ("since", &["since", "起始日期", "闭环日期"]),
    ("tested", &["tested", "last_test", "最近检测", "最近采样日期", "检测日期"]),
    ("territory", &["territory", "地区", "行政区划"]),
];

/// Rows that are one change: its journal row names them all.
const BLOCK: usize = 250;

type Failed = (&'static str, store::Error);

pub(super) fn take(
    db: &Db,
    actor: &Actor,
    atlas: &Atlas,
    now: Moment,
    sending: &Sending<'_>,
    bytes: &[u8],
) -> Result<Json> {
    let lines = lines_of(sending.name, bytes)?;
    let rows = lines.len();
    let (mut good, mut failed) = (Vec::new(), Vec::new());
    for (number, line) in &lines {
        match look(actor, atlas, line, sending.today) {
            Ok(row) => good.push((*number, row)),
            Err((field, store::Error::Refused(refusal))) => failed.push(told(*number, field, &refusal)),
            Err((_, fault)) => return Err(fault),
        }
    }
    let mut account = BTreeMap::from([("created", 0), ("updated", 0), ("skipped", 0)]);
    if sending.dry {
        // Whether a person stands on a roster is not told to whoever only tries: every good row could be new.
        account.insert("created", good.len());
    } else {
        for block in good.chunks(BLOCK) {
            for ((number, _), became) in block.iter().zip(send(db, actor, now, block)?) {
                let word = match became {
                    Ok(Became::Created) => "created",
                    Ok(Became::Updated) => "updated",
                    Ok(Became::Skipped) => "skipped",
                    Err(refusal) => {
                        failed.push(told(*number, "name", &refusal));
                        continue;
                    }
                };
                *account.entry(word).or_default() += 1;
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
fn send(db: &Db, actor: &Actor, now: Moment, block: &[(u64, RosterRow)]) -> Result<Vec<Outcome>> {
    let change = EnrolWorkers {
        id: Id::from_bits(random_bits()),
        territory: Territory::narrowest_of(block.iter().map(|(_, row)| &row.territory)),
        rows: block.iter().map(|(_, row)| row.clone()).collect(),
    };
    match db.apply_now(actor, now, change) {
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

fn told(row: u64, field: &str, refusal: &Refusal) -> Json {
    let field = refusal.field.as_deref().unwrap_or(field);
    json!({ "row": row, "field": field, "code": refusal.code, "en": refusal.en, "zh": refusal.zh })
}

type Line = BTreeMap<&'static str, Cell>;

fn lines_of(name: &str, bytes: &[u8]) -> Result<Vec<(u64, Line)>> {
    let unreadable =
        |fault: exchange::FileError| invalid("entry.file", "file", fault.to_string(), fault.zh());
    let file = exchange::open(Source { name, bytes: bytes.into() }, &Choice::default(), &Caps::default())
        .map_err(unreadable)?;
    let places: Vec<(&'static str, usize)> = COLUMNS
        .iter()
        .filter_map(|(field, names)| {
            let is_it = |column: &String| names.contains(&column.trim().to_lowercase().as_str());
            file.columns.iter().position(is_it).map(|at| (*field, at))
        })
        .collect();
    let has = |field: &str| places.iter().any(|(known, _)| *known == field);
    if !(has("name") && has("workplace") && has("group")) {
        return Err(invalid(
            "entry.column",
            "file",
            "the table has no columns for who, where and as what; name its columns name, workplace and group",
            "表中缺少姓名、单位或类别列；请将列命名为 name、workplace、group",
        ));
    }
    let mut lines = Vec::new();
    for row in file.rows() {
        let row = row.map_err(unreadable)?;
        if row.cells.iter().all(Cell::is_blank) {
            continue;
        }
        let cells =
            places.iter().filter_map(|(field, at)| row.cells.get(*at).map(|cell| (*field, cell.clone())));
        lines.push((row.number, cells.collect()));
    }
    Ok(lines)
}

fn said(line: &Line, field: &str) -> Option<String> {
    line.get(field).map(|cell| cell.text().trim().to_owned()).filter(|text| !text.is_empty())
}

fn look(actor: &Actor, atlas: &Atlas, line: &Line, today: Day) -> std::result::Result<RosterRow, Failed> {
    let name = said(line, "name").ok_or_else(|| {
        let en = "nobody is named; write the name, or leave the row out";
        ("name", invalid("entry.nobody", "name", en, "未写明姓名；请填写姓名或删去该行"))
    })?;
    let workplace = said(line, "workplace").ok_or_else(|| {
        let en = "the workplace is empty; fill it in";
        ("workplace", invalid("field.required", "workplace", en, "单位为空；请填写"))
    })?;
    let told = said(line, "group").unwrap_or_default();
    let group = packed::occupations()
        .groups
        .iter()
        .find(|group| [&group.id, &group.zh, &group.en].iter().any(|known| known.eq_ignore_ascii_case(&told)))
        .map_or(told, |group| group.id.clone());
    demand_group(&group).map_err(|fault| ("group", fault))?;
    let in_loop = match said(line, "loop").map(|text| text.to_lowercase()).as_deref() {
        None | Some("0" | "no" | "n" | "false" | "否") => false,
        Some("1" | "yes" | "y" | "true" | "是") => true,
        Some(_) => {
            let en = "write yes or no";
            return Err(("loop", invalid("entry.loop", "loop", en, "是否闭环请填写是或否")));
        }
    };
    let territory = match said(line, "territory") {
        None => actor.scope.territory.clone(),
        Some(text) => territory_of(atlas, &text).map_err(|fault| ("territory", fault))?,
    };
    if !actor.scope.reaches(&territory) {
        let refusal = actor.scope.demand_territory(&territory).expect_err("it is not reached");
        return Err(("territory", refusal.into()));
    }
    Ok(RosterRow {
        worker: Id::<Worker>::from_bits(random_bits()),
        subject: Id::from_bits(random_bits()),
        identity: Some(Sealed::Open(Identity {
            name: Some(name),
            id_number: said(line, "id_number"),
            phone: said(line, "telephone"),
            address: None,
        })),
        territory,
        workplace,
        group,
        in_loop,
        since: day(line, "since")?.unwrap_or(today),
        tested: day(line, "tested")?,
        mark: None,
        known: Vec::new(),
    })
}

fn territory_of(atlas: &Atlas, text: &str) -> Result<Territory> {
    let known = atlas.by_code(text).cloned();
    known.map_or_else(
        || {
            text.parse().map_err(|fault: base::TerritoryError| {
                invalid("filter.territory", "territory", fault.to_string(), "地区代码无效")
            })
        },
        Ok,
    )
}

fn day(line: &Line, field: &'static str) -> std::result::Result<Option<Day>, Failed> {
    match line.get(field).filter(|cell| !cell.is_blank()) {
        None => Ok(None),
        Some(cell) => day_in_cell(cell).map(Some).ok_or_else(|| {
            let en = "this is no date that means one day; write it as 2022-02-20";
            (field, invalid("filter.day", field, en, "日期无法识别或不唯一；请写作 2022-02-20"))
        }),
    }
}
