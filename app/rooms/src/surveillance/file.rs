//! Numbers of sites out of a table, row by row: kept, the same as before, or refused with its reason.

use crate::refuse::invalid;
use crate::regions::UTC_OFFSET_MINUTES;
use crate::surveillance::changes::{Number, OneNumber, ReportNumbers, Stated, demand_own};
use crate::surveillance::reach::{SITE_COLUMNS, SiteRecord};
use crate::surveillance::{Mark, Site};
use base::{Day, Id, Moment};
use exchange::{Caps, Choice, Source};
use linelist::{Cell, DateRule, Written};
use serde_json::{Value as Json, json};
use std::collections::BTreeMap;
use store::{Actor, Db, Query, Refusal, Result, Status, Value, random_bits};

/// What the columns may be called.
const COLUMNS: [(&str, &[&str]); 5] = [
    ("site", &["site", "哨点", "哨点名称", "site_name"]),
    ("indicator", &["indicator", "指标"]),
    ("day", &["day", "date", "日期", "week"]),
    ("value", &["value", "count", "数值", "人数"]),
    ("of", &["of", "denominator", "总数", "分母"]),
];

/// As it stands in the file.
struct Line {
    row: u64,
    site: String,
    indicator: String,
    /// Unless it is no day, or two.
    day: Option<Day>,
    number: Number,
}

/// A number that is good, and what is sent for it.
struct Good {
    row: u64,
    site: Id<Site>,
    indicator: String,
    day: Day,
    number: Number,
    mark: Mark,
}

pub fn take(db: &Db, actor: &Actor, now: Moment, name: &str, bytes: &[u8], dry: bool) -> Result<Json> {
    let lines = lines_of(name, bytes)?;
    let rows = lines.len();
    let asking = actor.clone();
    let (good, mut refused) = db.read_now(move |reader| looked(reader, &asking, &lines, now))?;
    let mut account = Account::default();
    for block in good.chunks(BLOCK) {
        let outcomes = if dry { vec![None; block.len()] } else { send(db, actor, now, block)? };
        for (one, refusal) in block.iter().zip(outcomes) {
            match refusal {
                Some(refusal) => refused.push(told(one.row, "value", &refusal)),
                None if one.mark == Mark::Repeat => account.same += 1,
                None => {
                    account.kept += 1;
                    account.corrected += usize::from(one.mark == Mark::Correction);
                    account.late += usize::from(one.mark == Mark::Late || one.mark == Mark::TooLate);
                }
            }
        }
    }
    refused.sort_by_key(|one| one["row"].as_u64());
    assert_eq!(account.kept + account.same + refused.len(), rows, "every row is accounted for");
    Ok(json!({
        "rows": rows, "kept": account.kept, "same": account.same, "corrected": account.corrected, "late": account.late,
        "refused": refused, "dry": dry,
    }))
}

/// Rows that wait for one commit together.
const BLOCK: usize = 256;

/// In the order of the file; `None` for each that was kept.
fn send(db: &Db, actor: &Actor, now: Moment, block: &[Good]) -> Result<Vec<Option<Box<Refusal>>>> {
    let sent = block.iter().map(|one| {
        let change = ReportNumbers {
            id: Id::from_bits(random_bits()),
            site: one.site,
            day: one.day,
            numbers: BTreeMap::from([(one.indicator.clone(), one.number.clone())]),
            // A table is history or was looked at as a whole; its odd numbers are told, not held back.
            confirmed: vec![one.indicator.clone()],
        };
        db.apply(actor, now, change)
    });
    let outcomes = tokio::runtime::Handle::current().block_on(futures_util::future::join_all(sent));
    outcomes
        .into_iter()
        .map(|outcome| match outcome {
            Ok(_) => Ok(None),
            Err(store::Error::Refused(refusal)) => Ok(Some(refusal)),
            Err(fault) => Err(fault),
        })
        .collect()
}

#[derive(Default)]
struct Account {
    kept: usize,
    same: usize,
    corrected: usize,
    late: usize,
}

fn told(row: u64, field: &str, refusal: &Refusal) -> Json {
    json!({ "row": row, "field": field, "code": refusal.code, "en": refusal.en, "zh": refusal.zh })
}

fn lines_of(name: &str, bytes: &[u8]) -> Result<Vec<Line>> {
    let unreadable =
        |fault: exchange::FileError| invalid("surveillance.file", "file", fault.to_string(), fault.zh());
    let file = exchange::open(Source { name, bytes: bytes.into() }, &Choice::default(), &Caps::default())
        .map_err(unreadable)?;
    let place = |wanted: &str| {
        let names = COLUMNS.iter().find(|(field, _)| *field == wanted).map_or(&[][..], |(_, names)| *names);
        file.columns.iter().position(|column| names.contains(&column.trim().to_lowercase().as_str()))
    };
    let needed = |wanted: &str| {
        place(wanted).ok_or_else(|| {
            invalid(
                "surveillance.column",
                wanted,
                format!("the table has no column `{wanted}`; name its columns site, indicator, day, value and, if known, of"),
                format!("表中没有“{wanted}”列；请将列命名为 site、indicator、day、value，如有总数再加 of"),
            )
        })
    };
    let (site, indicator, day, value) =
        (needed("site")?, needed("indicator")?, needed("day")?, needed("value")?);
    let of = place("of");
    let mut lines = Vec::new();
    for row in file.rows() {
        let row = row.map_err(unreadable)?;
        if row.cells.iter().all(Cell::is_blank) {
            continue;
        }
        let text =
            |column: usize| row.cells.get(column).map(|cell| cell.text().into_owned()).unwrap_or_default();
        let stated = |column: usize| match row.cells.get(column) {
            Some(Cell::Number(number)) => Stated::Number(*number),
            cell => Stated::Words(cell.map(|cell| cell.text().into_owned()).unwrap_or_default()),
        };
        let of = of.filter(|of| row.cells.get(*of).is_some_and(|cell| !cell.is_blank()));
        lines.push(Line {
            row: row.number,
            site: text(site),
            indicator: text(indicator),
            day: row.cells.get(day).and_then(day_in_cell),
            number: Number { value: stated(value), of: of.map(stated) },
        });
    }
    Ok(lines)
}

/// A date in any spelling of a line list that names one day and leaves no doubt which.
fn day_in_cell(cell: &Cell) -> Option<Day> {
    // Local midnight written as UTC belongs to the next day here.
    let rule = DateRule { zone_minutes: Some(UTC_OFFSET_MINUTES), ..DateRule::default() };
    let stated = rule.read(&Written::in_cell(cell)?).ok()?;
    stated.until.is_none().then_some(stated.day)
}

/// Every row against the store and the rows before it.
fn looked(
    query: &mut dyn Query,
    actor: &Actor,
    lines: &[Line],
    now: Moment,
) -> Result<(Vec<Good>, Vec<Json>)> {
    let sites = sites_of(query, actor)?;
    let (mut good, mut refused) = (Vec::new(), Vec::new());
    let mut before: BTreeMap<(Id<Site>, String, Day), Number> = BTreeMap::new();
    for line in lines {
        match look(query, actor, &sites, line, now) {
            Ok(mut one) => {
                let key = (one.site, one.indicator.clone(), one.day);
                match before.get(&key) {
                    Some(known) if *known == one.number => one.mark = Mark::Repeat,
                    Some(_) => one.mark = Mark::Correction,
                    None => {}
                }
                before.insert(key, one.number.clone());
                good.push(one);
            }
            Err((field, store::Error::Refused(refusal))) => refused.push(told(line.row, field, &refusal)),
            Err((_, fault)) => return Err(fault),
        }
    }
    Ok((good, refused))
}

/// By id and by name; a name that two sites bear is not decided.
fn sites_of(query: &mut dyn Query, actor: &Actor) -> Result<BTreeMap<String, Vec<SiteRecord>>> {
    let (first, past) = actor.scope.territory.range();
    let sql = format!(
        "SELECT {SITE_COLUMNS} FROM surveillance_site s WHERE s.territory >= $1 AND s.territory < $2"
    );
    let mut sites: BTreeMap<String, Vec<SiteRecord>> = BTreeMap::new();
    for row in query.rows(&sql, &[Value::from(first), Value::from(past)])? {
        let site = SiteRecord::of(&row)?;
        sites.entry(site.name.clone()).or_default().push(site.clone());
        sites.entry(site.id.to_string()).or_default().push(site);
    }
    Ok(sites)
}

fn look(
    query: &mut dyn Query,
    actor: &Actor,
    sites: &BTreeMap<String, Vec<SiteRecord>>,
    line: &Line,
    now: Moment,
) -> std::result::Result<Good, (&'static str, store::Error)> {
    let site = match sites.get(line.site.trim()).map(Vec::as_slice) {
        Some([site]) => site,
        Some(_) => {
            let refusal = Refusal::new(
                Status::Invalid,
                "surveillance.two_sites",
                "two sites bear this name; write the site's id instead",
                "有两个哨点同名；请改写哨点编号",
            );
            return Err(("site", refusal.into()));
        }
        None => return Err(("site", crate::refuse::missing("site", "哨点"))),
    };
    demand_own(query, actor, site).map_err(|fault| ("site", fault))?;
    let day = line.day.ok_or_else(|| {
        let en = "this is no date that means one day; write it as 2022-02-21";
        ("day", invalid("filter.day", "day", en, "日期无法识别或不唯一；请写作 2022-02-21"))
    })?;
    let one =
        OneNumber { site, indicator: line.indicator.trim(), day, number: &line.number, confirmed: true };
    let looked = one.look(query, now).map_err(|fault| {
        let field = match fault.refusal().map(|refusal| refusal.code.as_str()) {
            Some("surveillance.not_asked") => "indicator",
            Some("surveillance.future" | "surveillance.closed") => "day",
            Some("surveillance.more_than_all") => "of",
            _ => "value",
        };
        (field, fault)
    })?;
    Ok(Good {
        row: line.row,
        site: site.id,
        indicator: looked.kept.indicator,
        day: looked.kept.day,
        number: line.number.clone(),
        mark: looked.kept.mark,
    })
}
