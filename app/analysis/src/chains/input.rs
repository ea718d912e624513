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
    places: BTreeMap<String, usize>,
}

impl Cases {
    /// Without regard to capital letters and blanks around it.
    pub fn place(&self, name: &str) -> Option<usize> {
        self.places.get(&name.trim().to_lowercase()).copied()
    }
}

pub fn read(
    table: &Table,
    contacts: Option<&Table>,
    distances: Option<&Table>,
    settings: &Settings,
) -> Result<Cases, String> {
    let mut cases = read_days(table, settings)?;
    read_sources(table, settings, &mut cases)?;
    if let Some(contacts) = contacts {
        cases.evidence.contacts = Some(read_contacts(contacts, settings, &cases)?);
    }
    if let Some(distances) = distances {
        cases.evidence.distances = Some(read_distances(distances, settings, &cases)?);
    }
    Ok(cases)
}

/// A case without a day cannot be placed in a chain; a repeated number would be two people.
fn read_days(table: &Table, settings: &Settings) -> Result<Cases, String> {
    let (id, date) = (table.column(&settings.id)?, table.column(&settings.date)?);
    let days = ColumnDays::of(table, date, None)?;
    let mut account = RowAccount::of(table);
    let mut cases = Cases { names: Vec::new(), evidence: Evidence::default(), places: BTreeMap::new() };
    for row in table.rows() {
        let Some(name) = row.says(id) else {
            account.left_out("no case number", format!("row {}", row.number));
            continue;
        };
        if cases.place(name).is_some() {
            account.left_out("case number repeated", format!("row {} {name}", row.number));
            continue;
        }
        match days.day(row) {
            Ok(Some(day)) => {
                account.used();
                cases.places.insert(name.trim().to_lowercase(), cases.names.len());
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
fn read_sources(table: &Table, settings: &Settings, cases: &mut Cases) -> Result<(), String> {
    let id = table.column(&settings.id)?;
    let (source, imported) = (table.optional(&settings.source)?, table.optional(&settings.imported)?);
    let mut done = vec![false; cases.names.len()];
    let mut strangers = Vec::new();
    for row in table.rows() {
        let Some(case) = row.says(id).and_then(|name| cases.place(name)) else { continue };
        // Of a repeated number the first row was used.
        if std::mem::replace(&mut done[case], true) {
            continue;
        }
        if let Some(said) = imported.and_then(|column| row.says(column))
            && ["yes", "y", "true", "1", "是"].contains(&said.to_lowercase().as_str())
        {
            cases.evidence.imported.push(case);
        }
        let Some(named) = source.and_then(|column| row.says(column)) else { continue };
        for name in named.split([';', '；', '、', ',']).map(str::trim).filter(|name| !name.is_empty()) {
            match cases.place(name) {
                Some(source) if source != case => {
                    let reliability = settings.reliability;
                    cases.evidence.named.push(NamedSource { case, source, reliability });
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

fn read_contacts(table: &Table, settings: &Settings, cases: &Cases) -> Result<Contacts, String> {
    let (from, to) = (table.column("from")?, table.column("to")?);
    let mut account = RowAccount::of(table);
    let mut contacts = Contacts { records: Vec::new(), directed: settings.directed_contacts };
    for row in table.rows() {
        match (cases.place(row.cell(from)), cases.place(row.cell(to))) {
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

fn read_distances(table: &Table, settings: &Settings, cases: &Cases) -> Result<Distances, String> {
    let genome_length = settings.genome_length.ok_or(
        "`genome_length` is missing; set it in --config: the number of sites that were compared for the distances",
    )?;
    let id = table.column(&settings.id)?;
    let columns: Vec<(Column, usize)> = table
        .names()
        .iter()
        .filter_map(|name| Some((name, cases.place(name)?)))
        .map(|(name, other)| Ok((table.column(name)?, other)))
        .collect::<Result<_, String>>()?;
    let mut account = RowAccount::of(table);
    let mut sites: Vec<Vec<Option<u32>>> = vec![vec![None; cases.names.len()]; cases.names.len()];
    for row in table.rows() {
        let Some(case) = row.says(id).and_then(|name| cases.place(name)) else {
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
