//! The files of `quell chains` as evidence.

use super::settings::Settings;
use crate::account::RowAccount;
use crate::column_days::ColumnDays;
use crate::series_file::number;
use crate::table::{Column, Table};
use std::collections::BTreeMap;
use trace::reconstruction::{Contacts, Distances, Evidence, NamedSource};

/// Cases by place, with the names they have in the list.
pub struct Cases {
    pub names: Vec<String>,
    pub evidence: Evidence,
}

pub fn read(
    table: &Table,
    contacts: Option<&Table>,
    distances: Option<&Table>,
    settings: &Settings,
) -> Result<Cases, String> {
    let mut cases = read_days(table, settings)?;
    let places: BTreeMap<String, usize> =
        cases.names.iter().enumerate().map(|(place, name)| (name.to_lowercase(), place)).collect();
    let place = |name: &str| places.get(&name.trim().to_lowercase()).copied();
    read_sources(table, settings, &place, &mut cases.evidence)?;
    if let Some(contacts) = contacts {
        cases.evidence.contacts = Some(read_contacts(contacts, settings, &place)?);
    }
    if let Some(distances) = distances {
        cases.evidence.distances = Some(read_distances(distances, settings, cases.names.len(), &place)?);
    }
    Ok(cases)
}

/// A case without a day cannot be placed in a chain; a repeated number would be two people.
fn read_days(table: &Table, settings: &Settings) -> Result<Cases, String> {
    let (id, date) = (table.column(&settings.id)?, table.column(&settings.date)?);
    let days = ColumnDays::of(table, date, None)?;
    let mut account = RowAccount::of(table);
    let mut cases = Cases { names: Vec::new(), evidence: Evidence::default() };
    let mut seen = std::collections::BTreeSet::new();
    for row in table.rows() {
        let Some(name) = row.says(id) else {
            account.left_out("no case number", format!("row {}", row.number));
            continue;
        };
        if seen.contains(&name.to_lowercase()) {
            account.left_out("case number repeated", format!("row {} {name}", row.number));
            continue;
        }
        match days.day(row) {
            Ok(Some(day)) => {
                seen.insert(name.to_lowercase());
                account.used();
                cases.names.push(name.to_owned());
                cases.evidence.days.push(day.number());
            }
            Ok(None) => account.left_out("no day", format!("row {} {name}", row.number)),
            Err(why) => account.left_out("a day that cannot be read", why),
        }
    }
    account.print("cases");
    account.refuse_nothing("cases")?;
    Ok(cases)
}

/// The columns of sources and imports may be absent. Sources that are not on the list are told and left out: they may be
/// people nobody has listed yet.
fn read_sources(
    table: &Table,
    settings: &Settings,
    place: &impl Fn(&str) -> Option<usize>,
    evidence: &mut Evidence,
) -> Result<(), String> {
    let id = table.column(&settings.id)?;
    let has = |name: &str| table.names().iter().any(|column| column.eq_ignore_ascii_case(name));
    let optional = |name: &str| -> Result<Option<Column>, String> {
        if has(name) { table.column(name).map(Some) } else { Ok(None) }
    };
    let (source, imported) = (optional(&settings.source)?, optional(&settings.imported)?);
    let mut done = vec![false; evidence.days.len()];
    let mut strangers = Vec::new();
    for row in table.rows() {
        let Some(case) = row.says(id).and_then(place) else { continue };
        // Of a repeated number the first row was used.
        if std::mem::replace(&mut done[case], true) {
            continue;
        }
        if let Some(said) = imported.and_then(|column| row.says(column))
            && ["yes", "y", "true", "1", "是"].contains(&said.to_lowercase().as_str())
        {
            evidence.imported.push(case);
        }
        let Some(named) = source.and_then(|column| row.says(column)) else { continue };
        for name in named.split([';', '；', '、', ',']).map(str::trim).filter(|name| !name.is_empty()) {
            match place(name) {
                Some(source) if source != case => {
                    evidence.named.push(NamedSource { case, source, reliability: settings.reliability });
                }
                _ => strangers.push(format!("row {} {name}", row.number)),
            }
        }
    }
    if let Some(first) = strangers.first() {
        eprintln!(
            "{} named sources are not on the list (the first: {first}); add them, or leave them to the model",
            strangers.len()
        );
    }
    Ok(())
}

fn read_contacts(
    table: &Table,
    settings: &Settings,
    place: &impl Fn(&str) -> Option<usize>,
) -> Result<Contacts, String> {
    let (from, to) = (table.column("from")?, table.column("to")?);
    let mut account = RowAccount::of(table);
    let mut contacts = Contacts { records: Vec::new(), directed: settings.directed_contacts };
    for row in table.rows() {
        match (place(row.cell(from)), place(row.cell(to))) {
            (Some(a), Some(b)) if a != b => {
                account.used();
                contacts.records.push((a, b));
            }
            (Some(_), Some(_)) => account.left_out("contact with oneself", format!("row {}", row.number)),
            _ => account.left_out("somebody not on the list", format!("row {}", row.number)),
        }
    }
    account.print("contacts");
    Ok(contacts)
}

fn read_distances(
    table: &Table,
    settings: &Settings,
    cases: usize,
    place: &impl Fn(&str) -> Option<usize>,
) -> Result<Distances, String> {
    let genome_length = settings.genome_length.ok_or(
        "`genome_length` is missing; set it in --config: the number of sites that were compared for the distances",
    )?;
    let id = table.column(&settings.id)?;
    let columns: Vec<(Column, usize)> = table
        .names()
        .iter()
        .filter_map(|name| Some((name, place(name)?)))
        .map(|(name, other)| Ok((table.column(name)?, other)))
        .collect::<Result<_, String>>()?;
    let mut account = RowAccount::of(table);
    let mut sites: Vec<Vec<Option<u32>>> = vec![vec![None; cases]; cases];
    for row in table.rows() {
        let Some(case) = row.says(id).and_then(place) else {
            account.left_out("somebody not on the list", format!("row {}", row.number));
            continue;
        };
        account.used();
        for (column, other) in &columns {
            let Some(told) = number(table, row, *column)? else { continue };
            if told < 0.0 || told.fract() != 0.0 || told >= genome_length as f64 {
                return Err(format!(
                    "row {}, column `{}`: {told} is no number of differing sites below {genome_length}; mend it",
                    row.number,
                    table.name(*column)
                ));
            }
            sites[case][*other] = Some(told as u32);
        }
    }
    account.print("sequences");
    Ok(Distances { genome_length, sites })
}
