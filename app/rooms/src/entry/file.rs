//! A roster out of a table, row by row.

use super::Worker;
use super::changes::{EnrolWorkers, RosterRow, by_name_alone, demand_group};
use crate::packed;
use crate::people::Identity;
use crate::refuse::invalid;
use crate::regions::Atlas;
use crate::sent_table::{Account, Column, Failed, Line, lines_of};
use base::{Day, Id, Moment, Territory};
use serde_json::Value as Json;
use std::collections::BTreeSet;
use store::{Actor, Db, Result, Sealed, random_bits};

pub(super) struct Sending<'a> {
    pub name: &'a str,
    pub dry: bool,
    pub today: Day,
}

/// What the columns may be called.
const COLUMNS: [Column; 9] = [
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

pub(super) fn take(
    db: &Db,
    actor: &Actor,
    atlas: &Atlas,
    now: Moment,
    sending: &Sending<'_>,
    bytes: &[u8],
) -> Result<Json> {
    let lines = lines_of(sending.name, bytes, &COLUMNS, demand_columns)?;
    let (mut good, mut account) = (Vec::new(), Account::default());
    let mut names = BTreeSet::new();
    for line in &lines {
        let row = look(actor, atlas, line, sending.today)
            .and_then(|row| row.demand_sense(now).map(|()| row).map_err(|fault| ("since", fault)))
            .and_then(|row| told_apart(row, &mut names));
        match row {
            Ok(row) => good.push((line.row, row)),
            Err(failed) => account.failed(line.row, failed)?,
        }
    }
    if sending.dry {
        account.would_create(good.len());
    } else {
        account.send(&good, "name", &mut |block| {
            let change = EnrolWorkers {
                id: Id::from_bits(random_bits()),
                territory: Territory::narrowest_of(block.iter().map(|(_, row)| &row.territory)),
                rows: block.iter().map(|(_, row)| row.clone()).collect(),
            };
            db.apply_now(actor, now, change)
        })?;
    }
    Ok(account.told(lines.len(), sending.dry))
}

fn demand_columns(has: &dyn Fn(&str) -> bool) -> Result<()> {
    if has("name") && has("workplace") && has("group") {
        return Ok(());
    }
    Err(invalid(
        "entry.column",
        "file",
        "the table has no columns for who, where and as what; name its columns name, workplace and group",
        "表中缺少姓名、单位或类别列；请将列命名为 name、workplace、group",
    ))
}

fn look(actor: &Actor, atlas: &Atlas, line: &Line, today: Day) -> std::result::Result<RosterRow, Failed> {
    let name = line.said("name").ok_or_else(|| {
        let en = "nobody is named; write the name, or leave the row out";
        ("name", invalid("entry.nobody", "name", en, "未写明姓名；请填写姓名或删去该行"))
    })?;
    let workplace = line.said("workplace").ok_or_else(|| {
        let en = "the workplace is empty; fill it in";
        ("workplace", invalid("field.required", "workplace", en, "单位为空；请填写"))
    })?;
    let told = line.said("group").unwrap_or_default();
    let group = packed::occupations()
        .groups
        .iter()
        .find(|group| [&group.id, &group.zh, &group.en].iter().any(|known| known.eq_ignore_ascii_case(&told)))
        .map_or(told, |group| group.id.clone());
    demand_group(&group).map_err(|fault| ("group", fault))?;
    let in_loop = match line.said("loop").map(|text| text.to_lowercase()).as_deref() {
        None | Some("0" | "no" | "n" | "false" | "否") => false,
        Some("1" | "yes" | "y" | "true" | "是") => true,
        Some(_) => {
            let en = "write yes or no";
            return Err(("loop", invalid("entry.loop", "loop", en, "是否闭环请填写是或否")));
        }
    };
    let territory = match line.said("territory") {
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
            id_number: line.said("id_number"),
            phone: line.said("telephone"),
            address: None,
        })),
        territory,
        workplace,
        group,
        in_loop,
        since: line.day("since")?.unwrap_or(today),
        tested: line.day("tested")?,
        mark: None,
        known: Vec::new(),
    })
}

/// Of whom only name and workplace are said is known again by them, so two of the same name would become one.
fn told_apart(
    row: RosterRow,
    names: &mut BTreeSet<(Territory, String)>,
) -> std::result::Result<RosterRow, Failed> {
    if by_name_alone(&row).is_none_or(|name| names.insert(name)) {
        return Ok(row);
    }
    let en = "somebody of this name and workplace stands further up, and neither has a number; add a number or a telephone";
    let zh = "表中已有同单位同名人员，且均无证件号和电话；请补充证件号或电话";
    Err(("name", invalid("entry.same_name", "name", en, zh)))
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
